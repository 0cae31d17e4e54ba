//! Owns the checker `docs`: whether pages lead where they say, and can be read.

mod fence;
mod front;
mod html;
mod links;
mod options;
mod page;
mod resolve;
mod slug;

use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::{FileMeta, SourceTree};

use options::Options;
use page::{Flaw, FlawKind, Page};

static BROKEN_LINK: Rule = rule!("broken-link", Medium, "2026-11");
static BROKEN_ANCHOR: Rule = rule!("broken-anchor", Low, "2026-11");
static UNDEFINED_LABEL: Rule = rule!("undefined-label", Low, "2026-11");
static UNUSED_LABEL: Rule = rule!("unused-label", Info, "2026-11");
static INVALID_FRONT_MATTER: Rule = rule!("invalid-front-matter", Medium, "2026-11");
static SKIPPED_HEADING: Rule = rule!("skipped-heading-level", Info, "2026-11");
static INVALID_CODE_BLOCK: Rule = rule!("invalid-code-block", Low, "2026-11");
static MISSING_README: Rule = rule!("missing-readme", Low, "2026-11");
static MISSING_CHANGELOG: Rule = rule!("missing-changelog", Low, "2026-11");

/// What is observed in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Facts {
    /// A Markdown page.
    Page(Page),
    /// The ids of an HTML page.
    Html(Vec<String>),
    /// A page that is too large, or no text.
    Unread,
}

/// A configured check.
#[derive(Debug)]
pub struct Docs {
    options: Options,
    root: Option<RepoPath>,
}

impl Checker for Docs {
    const NAME: &'static str = "docs";
    const SUMMARY: &'static str =
        "pages whose links lead nowhere, or that cannot be read as they should";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[
        &BROKEN_LINK,
        &BROKEN_ANCHOR,
        &UNDEFINED_LABEL,
        &UNUSED_LABEL,
        &INVALID_FRONT_MATTER,
        &SKIPPED_HEADING,
        &INVALID_CODE_BLOCK,
        &MISSING_README,
        &MISSING_CHANGELOG,
    ];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "broken_links",
            &["broken-link", "broken-anchor", "undefined-label"],
            "links, pictures and labels of Markdown pages that lead nowhere",
        ),
        Metric::counts(
            "invalid_front_matter",
            &["invalid-front-matter"],
            "pages whose front matter cannot be read",
        ),
        Metric::counts(
            "invalid_code_blocks",
            &["invalid-code-block"],
            "blocks of JSON, YAML and TOML in pages that are none",
        ),
        Metric::counts(
            "skipped_heading_levels",
            &["skipped-heading-level"],
            "headings that leave a level out",
        ),
        Metric::counts(
            "unused_labels",
            &["unused-label"],
            "labels that a page defines and does not use",
        ),
        Metric::counts(
            "missing_documents",
            &["missing-readme", "missing-changelog"],
            "documents that are asked for and missing",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        let root = options.root.as_deref().map(|root| {
            RepoPath::new(root).ok_or_else(|| format!("`{root}` is not a path inside the root"))
        });
        Ok(Self {
            root: root.transpose()?,
            options,
        })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn wants(&self, file: &FileMeta) -> bool {
        file.is_file()
            && matches!(file.language, Some(Language::Markdown | Language::Html))
            && !(file.class.vendored || file.class.generated)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        if file.language() == Some(Language::Markdown) {
            return Some(Page::of(file).map_or(Facts::Unread, Facts::Page));
        }
        let text = file.text().filter(|text| text.len() <= page::LARGEST)?;
        let mut ids = Vec::new();
        html::read(text, |said| {
            if let html::Said::Id(id) = said {
                ids.push(id.to_owned());
            }
        });
        Some(Facts::Html(ids))
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        for Observed { file, facts } in files {
            match facts {
                Some(Facts::Page(page)) if self.judges(&file.path) => {
                    evidence
                        .findings
                        .extend(page.flaws.iter().map(|flaw| finding(&file.path, flaw)));
                }
                Some(Facts::Unread) if self.judges(&file.path) => {
                    evidence.partial(format!("{}: no text, or too large to read", file.path));
                }
                _ => {}
            }
        }
        links::check(
            files,
            cx.tree.files(),
            self.root.as_ref(),
            |path| self.judges(path),
            &mut evidence,
        );
        self.look_for_documents(cx.tree, &mut evidence);
        Ok(evidence)
    }
}

/// Folders whose pages are input or output of a test.
const TESTS: [&[u8]; 12] = [
    b"test",
    b"tests",
    b"__tests__",
    b"testdata",
    b"test_data",
    b"test-data",
    b"fixtures",
    b"__fixtures__",
    b"test-fixtures",
    b"__snapshots__",
    b"snapshots",
    b"spec",
];

impl Docs {
    /// Is it a page for people, and no template whose links lead from elsewhere?
    fn judges(&self, path: &RepoPath) -> bool {
        let mut folders = path.parts();
        let name = folders.next_back().unwrap_or_default().to_ascii_uppercase();
        let is_test = path.parts().any(|part| TESTS.contains(&part));
        let is_template = path.as_bytes().windows(2).any(|two| two == b"{{")
            || name.starts_with(b"PULL_REQUEST_TEMPLATE")
            || name.starts_with(b"ISSUE_TEMPLATE")
            || folders.any(|part| {
                matches!(
                    part,
                    b"ISSUE_TEMPLATE" | b"PULL_REQUEST_TEMPLATE" | b"templates" | b"_templates"
                )
            });
        !is_template && (self.options.tests || !is_test)
    }

    fn look_for_documents(&self, tree: &dyn SourceTree, evidence: &mut Evidence) {
        let names = || {
            let root = tree.files().iter().filter(|file| file.path.in_root());
            root.map(|file| file.path.name().to_ascii_lowercase())
        };
        let has = |starts: &[&[u8]]| {
            names().any(|name| starts.iter().any(|start| name.starts_with(start)))
        };
        if tree.files().is_empty() {
            return;
        }
        if self.options.readme && !has(&[b"readme"]) {
            let help = "write a README that says what this is, how it is built and how it is used";
            evidence.findings.extend(missing(
                &MISSING_README,
                "README.md",
                "no README in the root",
                help,
            ));
        }
        if self.options.changelog
            && !has(&[
                b"changelog",
                b"changes",
                b"history",
                b"news",
                b"release_notes",
                b"releases",
            ])
        {
            let help = "write a changelog of what users see, newest first";
            evidence.findings.extend(missing(
                &MISSING_CHANGELOG,
                "CHANGELOG.md",
                "no changelog in the root",
                help,
            ));
        }
    }
}

fn missing(rule: &'static Rule, name: &str, headline: &str, help: &str) -> Option<Finding> {
    Some(Finding::new(
        rule,
        Place::File(RepoPath::new(name)?),
        headline,
        help,
    ))
}

fn finding(path: &RepoPath, flaw: &Flaw) -> Finding {
    let (rule, help) = match flaw.kind {
        FlawKind::FrontMatter => (
            &INVALID_FRONT_MATTER,
            "mend it: a page whose head cannot be read is left out or shown with its head as text",
        ),
        FlawKind::Heading => (
            &SKIPPED_HEADING,
            "use the next level, or lift the heading above",
        ),
        FlawKind::Fence => (
            &INVALID_CODE_BLOCK,
            "mend it, or mark the block as text if it is only a sketch",
        ),
    };
    let place = Place::Part(path.clone(), flaw.span);
    let headline = match flaw.kind {
        FlawKind::FrontMatter => format!("the front matter cannot be read: {}", flaw.what),
        FlawKind::Heading | FlawKind::Fence => flaw.what.clone(),
    };
    Finding::new(rule, place, headline, help).anchored(flaw.anchor.clone())
}
