//! Owns the checker `text-threats`: text that deceives people, terminals, loaders or agents. Hidden characters are `text`'s.

mod agent;
mod hit;
mod letters;
mod markdown;
mod yaml;

use serde::{Deserialize, Serialize};

use crate::base::words;
use crate::check::options::{Glob, Size};
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::class::is_for_agents;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::FileMeta;

use hit::{Facts, Kind};

static YAML_CODE: Rule = rule!("yaml-code-tag", High, "2026-11", ["CWE-502", "A08:2025"]);
static YAML_BOMB: Rule = rule!("yaml-bomb", High, "2026-11", ["CWE-776"]);
static HIDDEN: Rule = rule!("hidden-instruction", High, "2026-11", ["CWE-1427"]);
static OVERRIDE: Rule = rule!("agent-override", Medium, "2026-11", ["CWE-1427"]);
static THEFT: Rule = rule!("agent-theft", Medium, "2026-11", ["CWE-1427", "CWE-200"]);
static SCRIPT_LINK: Rule = rule!("script-link", Medium, "2026-11", ["CWE-79"]);
static MISMATCH: Rule = rule!("link-mismatch", Medium, "2026-11", ["CWE-451"]);
static IMAGE: Rule = rule!("image-data", Medium, "2026-11", ["CWE-200"]);
static MIXED: Rule = rule!("mixed-script-word", Medium, "2026-11", ["CWE-1007"]);
static ESCAPE: Rule = rule!("terminal-escape", Medium, "2026-11", ["CWE-150"]);
static DUPLICATE: Rule = rule!("yaml-duplicate-key", Medium, "2026-11", ["CWE-694"]);

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Larger files are not looked into; the report counts them.
    pub max_size: Size,
    /// Further files that agents take their instructions from.
    pub agent_files: Vec<Glob>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_size: Size(2_000_000),
            agent_files: Vec::new(),
        }
    }
}

/// A configured check.
pub struct TextThreats(Options);

impl Checker for TextThreats {
    const NAME: &'static str = "text-threats";
    const SUMMARY: &'static str =
        "text that deceives people, terminals, YAML loaders or coding agents";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[
        &YAML_CODE,
        &YAML_BOMB,
        &HIDDEN,
        &OVERRIDE,
        &THEFT,
        &SCRIPT_LINK,
        &MISMATCH,
        &IMAGE,
        &MIXED,
        &ESCAPE,
        &DUPLICATE,
    ];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "hidden_text",
            &["hidden-instruction"],
            "comments that give orders to agents",
        ),
        Metric::counts(
            "agent_threats",
            &[
                "hidden-instruction",
                "agent-override",
                "agent-theft",
                "image-data",
            ],
            "what turns an agent against whoever asks it",
        ),
        Metric::counts(
            "unsafe_yaml",
            &["yaml-code-tag", "yaml-bomb", "yaml-duplicate-key"],
            "YAML that a loader should refuse",
        ),
        Metric::counts(
            "deceptive_text",
            &[
                "mixed-script-word",
                "link-mismatch",
                "script-link",
                "terminal-escape",
            ],
            "words, links and sequences that are not what they look like",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        let class = file.class;
        file.is_file()
            && file.size <= self.0.max_size.0
            && !(class.vendored || class.minified || class.lock || is_translation(file))
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        if file.is_binary() || file.class().generated {
            return None;
        }
        let text = file.text()?;
        let mut facts = Facts::default();
        letters::mixed(file, text, &mut facts);
        letters::escapes(file, text, &mut facts);
        match file.language() {
            Some(Language::Yaml) => yaml::check(file, text, &mut facts),
            Some(Language::Markdown) => {
                markdown::check(file, &markdown::without_code(text), &mut facts);
            }
            _ => {}
        }
        // Whether it is for agents, its path tells, and that is known later.
        if matches!(
            file.language(),
            None | Some(Language::Markdown | Language::Yaml | Language::Json)
        ) {
            agent::check(file, text, &mut facts);
        }
        (facts.no_yaml || facts.more > 0 || !facts.hits.is_empty()).then_some(facts)
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let mut no_yaml = 0;
        for Observed { file, facts } in files {
            let Some(facts) = facts else { continue };
            no_yaml += usize::from(facts.no_yaml);
            let for_agents = is_for_agents(&file.path)
                || self
                    .0
                    .agent_files
                    .iter()
                    .any(|glob| glob.matches(&file.path));
            for hit in &facts.hits {
                let only_agents = matches!(
                    hit.kind,
                    Kind::AgentOverride
                        | Kind::AgentTheft
                        | Kind::HiddenInstruction
                        | Kind::ImageData
                );
                if only_agents && !for_agents {
                    continue;
                }
                let place = Place::Part(file.path.clone(), hit.span);
                let (rule, help) = rule_of(hit.kind);
                evidence.findings.push(
                    Finding::new(rule, place, &hit.headline, help)
                        .anchored(hit.anchor.clone())
                        .graded(hit.severity),
                );
            }
            if facts.more > 0 {
                evidence.partial(format!(
                    "{}: {} more findings than are kept; exclude the file if it is data",
                    file.path, facts.more
                ));
            }
        }
        let large = |meta: &&FileMeta| meta.is_file() && meta.size > self.0.max_size.0;
        let large = cx.tree.files().iter().filter(large).count();
        for (count, what) in [
            (no_yaml, "not judged as YAML: they are none"),
            (large, "too large to be looked into"),
        ] {
            if count > 0 {
                evidence
                    .notes
                    .push(format!("{} {what}", words::count(count, "file")));
            }
        }
        Ok(evidence)
    }

    fn globs(&self) -> Vec<&Glob> {
        self.0.agent_files.iter().collect()
    }
}

/// Is it a catalog of translated texts, where all scripts are at home?
fn is_translation(file: &FileMeta) -> bool {
    let folders: [&[u8]; 6] = [
        b"locale",
        b"locales",
        b"i18n",
        b"l10n",
        b"translations",
        b"lang",
    ];
    matches!(
        file.path.extension(),
        Some(b"po" | b"pot" | b"xlf" | b"arb")
    ) || file.path.parts().any(|part| folders.contains(&part))
}

const fn rule_of(kind: Kind) -> (&'static Rule, &'static str) {
    match kind {
        Kind::MixedScripts => (&MIXED, "write the word in one script"),
        Kind::TerminalEscape => (
            &ESCAPE,
            "remove it, or write it as an escape of the language: \\x1b",
        ),
        Kind::YamlCode => (
            &YAML_CODE,
            "write plain data, and load YAML with a safe loader",
        ),
        Kind::YamlBomb => (
            &YAML_BOMB,
            "remove the aliases, and bound what a loader expands",
        ),
        Kind::YamlDuplicate => (&DUPLICATE, "keep one of them"),
        Kind::ScriptLink => (&SCRIPT_LINK, "link to a page"),
        Kind::LinkMismatch => (&MISMATCH, "let the text say where the link leads"),
        Kind::ImageData => (&IMAGE, "use an address without places to be filled in"),
        Kind::AgentOverride => (
            &OVERRIDE,
            "remove it, or say openly what the agent should do",
        ),
        Kind::AgentTheft => (&THEFT, "remove it; find out who wrote it"),
        Kind::HiddenInstruction => (&HIDDEN, "remove it, or write it where people read it"),
    }
}
