//! Owns the checker `text`: what no text file should hold, whatever its language. Looks at bytes only, in linear time.

mod conflict;
mod hidden;
mod hit;
mod lines;
mod pem;
pub mod threats;
mod unicode;

use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;
use crate::base::words;
use crate::check::options::{Glob, Size};
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::{Rule, Severity};
use crate::rule;
use crate::source::class::is_for_agents;
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

use hit::{Facts, Hits, Kind};

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Files that must be plain ASCII: turns the rule `non-ascii` on for them.
    pub ascii: Vec<Glob>,
    /// Larger files are not looked into; the report counts them.
    pub max_size: Size,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ascii: Vec::new(),
            max_size: Size(100_000_000),
        }
    }
}

/// A configured check.
#[derive(Debug)]
pub struct Text(Options);

static NON_ASCII: Rule = rule!("non-ascii", Medium, "2026-11");
static BIDI_CONTROL: Rule = rule!("bidi-control", High, "2026-11");
static INVISIBLE_CHARACTER: Rule = rule!("invisible-character", Medium, "2026-11");
static MERGE_CONFLICT: Rule = rule!("merge-conflict-marker", High, "2026-11");
static PRIVATE_KEY: Rule = rule!("private-key-header", Critical, "2026-11");
static TRAILING_WHITESPACE: Rule = rule!("trailing-whitespace", Info, "2026-11");
static MISSING_FINAL_NEWLINE: Rule = rule!("missing-final-newline", Info, "2026-11");
static MIXED_LINE_ENDINGS: Rule = rule!("mixed-line-endings", Low, "2026-11");

impl Checker for Text {
    const NAME: &'static str = "text";
    const SUMMARY: &'static str =
        "conflict markers, private keys, hidden characters, line ends, and plain ASCII where asked";
    const REVISION: u32 = 5;
    const RULES: &'static [&'static Rule] = &[
        &BIDI_CONTROL,
        &INVISIBLE_CHARACTER,
        &MERGE_CONFLICT,
        &PRIVATE_KEY,
        &NON_ASCII,
        &MIXED_LINE_ENDINGS,
        &TRAILING_WHITESPACE,
        &MISSING_FINAL_NEWLINE,
    ];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "merge_conflicts",
            &["merge-conflict-marker"],
            "merge conflicts that were committed",
        ),
        Metric::counts(
            "private_keys",
            &["private-key-header"],
            "private keys in PEM form",
        ),
        Metric::counts(
            "hidden_characters",
            &["bidi-control", "invisible-character"],
            "lines with characters that nobody sees",
        ),
        Metric::counts(
            "whitespace_issues",
            &[
                "trailing-whitespace",
                "missing-final-newline",
                "mixed-line-endings",
            ],
            "lines and files with untidy line ends",
        ),
        Metric::counts(
            "non_ascii_lines",
            &["non-ascii"],
            "lines with other characters than ASCII, where the option `ascii` asks",
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
        file.is_file() && file.size <= self.0.max_size.0
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        if file.is_binary() {
            return Some(Facts::Binary);
        }
        let mut hits = Hits::default();
        conflict::scan(file, &mut hits);
        pem::scan(file, &mut hits);
        // A format of bytes whose head is text, such as PDF, has neither lines nor characters.
        let is_text = !file.bytes().contains(&0) || file.text().is_some();
        if is_text {
            // Code is looked into whatever its bytes: foreign ones in a comment must not hide what follows.
            hits.foreign = file.language().is_none() && is_foreign(file.bytes());
            lines::scan(file, !self.0.ascii.is_empty(), &mut hits);
            if !hits.foreign {
                hidden::scan(file, &mut hits);
            }
        }
        hits.facts()
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let (mut binary, mut foreign) = (0, 0);
        for Observed { file, facts } in files {
            let Some(facts) = facts else { continue };
            let Facts::Text(hits) = facts else {
                binary += 1;
                continue;
            };
            foreign += usize::from(hits.foreign);
            let ascii = self.0.ascii.iter().any(|glob| glob.matches(&file.path));
            let verbatim = is_verbatim(&file.path);
            let shows = |kind| match kind {
                Kind::NonAscii => ascii,
                Kind::Trailing | Kind::NoFinalNewline | Kind::MixedEnds => !verbatim,
                _ => true,
            };
            for hit in hits.shown.iter().filter(|hit| shows(hit.kind)) {
                let place = match hit.span {
                    Some(span) => Place::Part(file.path.clone(), span),
                    None => Place::File(file.path.clone()),
                };
                let finding = Finding::new(
                    rule_of(hit.kind),
                    place,
                    headline(hit.kind, &hit.detail),
                    help(hit.kind),
                );
                // An agent reads what its owner does not see.
                let severity = match hit.kind {
                    Kind::Bidi | Kind::Invisible if is_for_agents(&file.path) => {
                        hit.severity.max(Severity::Medium)
                    }
                    _ => hit.severity,
                };
                let mut finding = finding.anchored(hit.anchor.clone()).graded(severity);
                if hit.kind == Kind::Trailing {
                    finding = finding.mended_by("");
                }
                evidence.findings.push(finding);
            }
            for (&kind, &count) in hits.more.iter().filter(|(kind, _)| shows(**kind)) {
                let rule = rule_of(kind).id;
                evidence.partial(format!(
                    "{}: {rule}: {count} more than the {} that are kept; exclude the file if it is data",
                    file.path,
                    hit::MOST
                ));
            }
        }
        let large = |meta: &&FileMeta| meta.is_file() && meta.size > self.0.max_size.0;
        let large = cx.tree.files().iter().filter(large).count();
        if binary > 0 {
            let files = words::count(binary, "binary file");
            evidence.notes.push(format!("{files} not looked into"));
        }
        if foreign > 0 {
            let files = words::count(foreign, "file");
            evidence.notes.push(format!(
                "{files} not in UTF-8: no hidden characters and line ends looked for"
            ));
        }
        if large > 0 {
            let files = words::count(large, "file");
            evidence
                .notes
                .push(format!("{files} over {} not looked into", self.0.max_size));
        }
        Ok(evidence)
    }

    /// Without the option the rule looks at nothing; a criterion on it would hold for nothing, so there is no metric then.
    fn gives(&self, metric: &str) -> bool {
        metric != "non_ascii_lines" || !self.0.ascii.is_empty()
    }

    fn globs(&self) -> Vec<&Glob> {
        self.0.ascii.iter().collect()
    }
}

/// Is most of what is beyond ASCII no UTF-8? Then it is bytes, or text in another encoding, and a character that
/// seems to be there is none.
fn is_foreign(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    bad > good
}

/// Is its white space not the author's to choose: input or output of a test, or a licence, which is copied as it is?
fn is_verbatim(path: &RepoPath) -> bool {
    const FOLDERS: [&[u8]; 7] = [
        b"fixtures",
        b"__fixtures__",
        b"test-fixtures",
        b"testdata",
        b"test_data",
        b"snapshots",
        b"__snapshots__",
    ];
    let name = path.name().to_ascii_uppercase();
    let licences: [&[u8]; 3] = [b"LICENSE", b"LICENCE", b"COPYING"];
    licences.iter().any(|start| name.starts_with(start))
        || path.extension() == Some(b"snap")
        || path.parts().any(|part| FOLDERS.contains(&part))
}

const fn rule_of(kind: Kind) -> &'static Rule {
    match kind {
        Kind::NonAscii => &NON_ASCII,
        Kind::Bidi => &BIDI_CONTROL,
        Kind::Invisible => &INVISIBLE_CHARACTER,
        Kind::Conflict => &MERGE_CONFLICT,
        Kind::PrivateKey => &PRIVATE_KEY,
        Kind::Trailing => &TRAILING_WHITESPACE,
        Kind::NoFinalNewline => &MISSING_FINAL_NEWLINE,
        Kind::MixedEnds => &MIXED_LINE_ENDINGS,
    }
}

fn headline(kind: Kind, detail: &str) -> String {
    match kind {
        Kind::NonAscii => format!("not plain ASCII: {detail}"),
        Kind::Bidi => format!("characters that turn the reading direction: {detail}"),
        Kind::Invisible => format!("invisible characters: {detail}"),
        Kind::Conflict => detail.to_owned(),
        Kind::PrivateKey => format!("a private key: {detail}"),
        Kind::Trailing => "white space at the end of the line".to_owned(),
        Kind::NoFinalNewline => "the last line has no line end".to_owned(),
        Kind::MixedEnds => format!("line ends of two kinds: {detail}"),
    }
}

const fn help(kind: Kind) -> &'static str {
    match kind {
        Kind::NonAscii => "write it in ASCII, or as an escape of the language",
        Kind::Bidi => "remove them, or write them as escapes of the language",
        Kind::Invisible => "remove them; retype the line if it was copied from elsewhere",
        Kind::Conflict => "resolve the conflict and remove its markers",
        Kind::PrivateKey => {
            "revoke the key, remove it from the history, and keep its successor in a secret store"
        }
        Kind::Trailing => "remove it",
        Kind::NoFinalNewline => "end the file with a line feed",
        Kind::MixedEnds => "convert the file to one kind, and say which in .gitattributes",
    }
}
