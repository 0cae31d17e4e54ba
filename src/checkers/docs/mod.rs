//! Owns the checker `docs`: whether pages lead where they say, and can be read.

mod documents;
mod fence;
mod front;
mod html;
mod links;
mod options;
mod page;
mod resolve;
mod slug;
mod tokens;
mod xml;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric};
use crate::model::place::{Place, Span};
use crate::model::quantity::Dimension;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::file::{SourceFile, anchor};
use crate::source::language::Language;
use crate::source::tree::FileMeta;

use options::Options;
use page::{Flaw, FlawKind, Page};

static BROKEN_LINK: Rule = rule!("broken-link", Medium, "2026-11");
static BROKEN_ANCHOR: Rule = rule!("broken-anchor", Low, "2026-11");
static UNDEFINED_LABEL: Rule = rule!("undefined-label", Low, "2026-11");
static UNUSED_LABEL: Rule = rule!("unused-label", Info, "2026-11");
static INVALID_FRONT_MATTER: Rule = rule!("invalid-front-matter", Medium, "2026-11");
static SKIPPED_HEADING: Rule = rule!("skipped-heading-level", Info, "2026-11");
static INVALID_CODE_BLOCK: Rule = rule!("invalid-code-block", Low, "2026-11");
static INVALID_XML: Rule = rule!("invalid-xml", Medium, "2026-12");

/// What is observed in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Facts {
    /// A Markdown page.
    Page(Page),
    /// The ids of an HTML page.
    Html(Vec<String>),
    /// Where a file is no XML, and why; what anchors it.
    Xml(Option<(Span, String, String)>),
    /// The tokens of a prompt that is no page.
    Prompt(u32),
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
    const REVISION: u32 = 2;
    const RULES: &'static [&'static Rule] = &[
        &BROKEN_LINK,
        &BROKEN_ANCHOR,
        &UNDEFINED_LABEL,
        &UNUSED_LABEL,
        &INVALID_FRONT_MATTER,
        &SKIPPED_HEADING,
        &INVALID_CODE_BLOCK,
        &INVALID_XML,
        &documents::MISSING_README,
        &documents::MISSING_CHANGELOG,
        &documents::CHANGELOG_NOT_UPDATED,
        &documents::README_WITHOUT_EXAMPLE,
        &documents::LARGE_PROMPT,
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
        Metric::counts(
            "changelog_not_updated",
            &["changelog-not-updated"],
            "changes of code without one of the changelog; with the option `changelog_with_change` only",
        ),
        Metric::counts(
            "invalid_xml",
            &["invalid-xml"],
            "files of XML and SVG that are not well-formed",
        ),
        Metric::counts(
            "large_prompts",
            &["large-prompt"],
            "prompts with more tokens than allowed",
        ),
        Metric::measured(
            "command_examples",
            Dimension::Share,
            Better::Higher,
            "READMEs of packages that have an example; with the option `examples` only",
        ),
        Metric::measured(
            "prompt_tokens",
            Dimension::Count,
            Better::Lower,
            "the tokens of the largest prompt, as they are estimated",
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
        let is_page = matches!(
            file.language,
            Some(Language::Markdown | Language::Html | Language::Xml)
        ) || file.path.extension() == Some(b"svg");
        file.is_file()
            && (is_page || documents::is_prompt(&file.path, &self.options.prompts))
            && !(file.class.vendored || file.class.generated)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        match file.language() {
            Some(Language::Markdown) => Some(Page::of(file).map_or(Facts::Unread, Facts::Page)),
            Some(Language::Html) => html_page(file),
            Some(Language::Xml) => Some(xml_file(file)),
            // A picture: nothing else without a language begins so.
            None if file.bytes().trim_ascii_start().starts_with(b"<") => Some(xml_file(file)),
            _ => {
                let text = file.text().filter(|text| text.len() <= page::LARGEST);
                Some(text.map_or(Facts::Unread, |text| Facts::Prompt(tokens::estimate(text))))
            }
        }
    }

    fn lane(&self) -> Lane {
        if self.options.changelog_with_change {
            Lane::Waits
        } else {
            Lane::Pure
        }
    }

    fn gives(&self, metric: &str) -> bool {
        match metric {
            "changelog_not_updated" => self.options.changelog_with_change,
            "command_examples" => self.options.examples,
            _ => true,
        }
    }

    fn globs(&self) -> Vec<&crate::check::options::Glob> {
        self.options.prompts.files.iter().collect()
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
                Some(Facts::Xml(Some((span, what, anchor))))
                    if !file.class.test || self.options.tests =>
                {
                    let place = Place::Part(file.path.clone(), *span);
                    let headline = format!("this is no XML: {what}");
                    let help = "mend it: who reads it stops here";
                    evidence.findings.push(
                        Finding::new(&INVALID_XML, place, headline, help).anchored(anchor.clone()),
                    );
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
        documents::look(&self.options, cx.tree, &mut evidence);
        documents::prompts(files, &self.options.prompts, &mut evidence);
        if self.options.examples {
            documents::examples(files, cx.tree, &mut evidence);
        }
        if self.options.changelog_with_change {
            documents::changelog_of_change(cx, &mut evidence)?;
        }
        Ok(evidence)
    }
}

fn html_page(file: &SourceFile) -> Option<Facts> {
    let text = file.text().filter(|text| text.len() <= page::LARGEST)?;
    let mut ids = Vec::new();
    html::read(text, |said| {
        if let html::Said::Id(id) = said {
            ids.push(id.to_owned());
        }
    });
    Some(Facts::Html(ids))
}

/// A text in another encoding than UTF-8 is not looked into: XML may be in any.
fn xml_file(file: &SourceFile) -> Facts {
    let text = file.text().filter(|text| text.len() <= page::LARGEST);
    let problem = text.and_then(xml::problem);
    Facts::Xml(problem.map(|problem| {
        let span = file.span(problem.at..problem.at);
        (span, problem.what, anchor(file.line(span.start.line)))
    }))
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
