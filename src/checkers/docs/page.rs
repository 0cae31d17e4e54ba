//! Owns what is kept of a Markdown page: its links that stay in the repository, its anchors, and what is wrong with it by itself.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use pulldown_cmark::{
    BrokenLink, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd,
};
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::model::place::Span;
use crate::source::file::{SourceFile, anchor};

use super::fence;
use super::front;
use super::html::{self, Said};
use super::slug::Slugs;
use super::tokens;

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Links and pictures that lead into the repository, in order.
    pub links: Vec<Link>,
    /// Texts that refer to a label which nothing defines.
    pub labels: Vec<Link>,
    /// Labels that are defined and not used.
    pub unused: Vec<Link>,
    /// Every anchor at which a link may end.
    pub anchors: BTreeSet<String>,
    /// Is a part of it made elsewhere, so that it may have anchors that nobody sees here?
    pub is_made: bool,
    /// What is wrong with its front matter, its headings and its code.
    pub flaws: Vec<Flaw>,
    /// Has it a block of code?
    pub has_code: bool,
    /// About how many tokens it is for a language model.
    pub tokens: u32,
}

/// Where something leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The target as written, or the label.
    pub target: String,
    /// Where it stands.
    pub span: Span,
    /// What tells it when lines move.
    pub anchor: String,
}

/// Something wrong in a page by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaw {
    /// What it is.
    pub kind: FlawKind,
    /// Where it is.
    pub span: Span,
    /// What is wrong, in words.
    pub what: String,
    /// What tells it when lines move.
    pub anchor: String,
}

/// What a flaw is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FlawKind {
    /// The front matter cannot be read.
    FrontMatter,
    /// A heading leaves a level out.
    Heading,
    /// A block of code cannot be read in its language.
    Fence,
}

/// Larger pages are not looked into, in bytes.
pub const LARGEST: usize = 4 * 1024 * 1024;

/// Ids that a page gives itself in the ways of several tools: `{#id}`, `{: #id}`, `{:#id .class}`.
static IDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{:?\s*#([^}\s]+)[^}\n]*\}").expect("the pattern is right"));

/// Parts that are made elsewhere: includes of several tools, templates, imported pages, macros.
static MADE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?m)--8<--|\{\{#|\{%|\{\{[<%]|^[`:]{3,}\{(?:include|eval-rst|toctree|auto)|^:::\s*include|^\s*import\s.*from\s|^#?include::|@include|<!--\s*include",
    )
    .expect("the pattern is right")
});

impl Page {
    /// Reads a page; `None` when it is too large, or no text.
    #[must_use]
    pub fn of(file: &SourceFile) -> Option<Self> {
        let text = file.text().filter(|text| text.len() <= LARGEST)?;
        Some(Reader::new(file, text).read())
    }
}

/// Reads one page.
struct Reader<'a> {
    file: &'a SourceFile,
    text: &'a str,
    page: Page,
    slugs: Slugs,
    /// The heading that is being read: its level and where it begins, and its text without and with what pictures say.
    heading: Option<(HeadingLevel, usize, String, String)>,
    /// How many pictures the text that is being read is in.
    pictures: usize,
    /// The level of the heading before.
    before: Option<HeadingLevel>,
    /// The block of HTML that is being read.
    block: Option<Range<usize>>,
    /// The block of code that is being read: its language, and its parts.
    fence: Option<(String, usize, String)>,
    /// Labels that links and pictures name.
    used: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn new(file: &'a SourceFile, text: &'a str) -> Self {
        Self {
            file,
            text,
            page: Page::default(),
            slugs: Slugs::default(),
            heading: None,
            pictures: 0,
            before: None,
            block: None,
            fence: None,
            used: BTreeSet::new(),
        }
    }

    fn read(mut self) -> Page {
        let mark = if self.text.starts_with('\u{feff}') {
            3
        } else {
            0
        };
        let front = front::read(&self.text[mark..]);
        if let Some(problem) = front.problem {
            let span = self.file.span(mark..mark + 3);
            self.flaw(FlawKind::FrontMatter, span, problem);
        }
        let start = mark + front.length;
        let body = &self.text[start..];
        for id in IDS.captures_iter(body).filter_map(|found| found.get(1)) {
            self.slugs.id(id.as_str());
        }
        let mut labels: Vec<(String, Range<usize>)> = Vec::new();
        let mut undefined = |link: BrokenLink<'_>| -> Option<(CowStr<'_>, CowStr<'_>)> {
            if is_meant(body, &link) {
                labels.push((link.reference.to_string(), link.span));
            }
            None
        };
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS;
        let parser = Parser::new_with_broken_link_callback(body, options, Some(&mut undefined));
        let events = parser.into_offset_iter();
        let defined: Vec<(String, Range<usize>)> = events
            .reference_definitions()
            .iter()
            .filter(|(label, definition)| is_definition(label, &definition.dest))
            .map(|(label, definition)| (label.to_owned(), definition.span.clone()))
            .collect();
        let events: Vec<(Event<'_>, Range<usize>)> = events.collect();
        self.page.is_made = MADE.is_match(&without_code(body, &events));
        for (event, range) in events {
            self.event(event, range.start + start..range.end + start);
        }
        for (label, range) in defined {
            if !self.used.contains(&folded(&label)) {
                let link = self.link(label, range.start + start..range.end + start);
                self.page.unused.push(link);
            }
        }
        self.page.unused.sort_by_key(|label| label.span.start.line);
        labels.sort_by_key(|(_, range)| range.start);
        labels.dedup();
        for (label, range) in labels {
            let link = self.link(label, range.start + start..range.end + start);
            self.page.labels.push(link);
        }
        self.page.anchors = self.slugs.all;
        self.page.tokens = tokens::estimate(self.text);
        self.page
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.heading = Some((level, range.start, String::new(), String::new()));
            }
            Event::End(TagEnd::Heading(level)) => self.end_heading(level),
            Event::Start(Tag::Image {
                dest_url,
                link_type,
                id,
                ..
            }) => {
                self.pictures += 1;
                self.used.insert(folded(&id));
                self.target(&dest_url, link_type, range);
            }
            Event::End(TagEnd::Image) => self.pictures = self.pictures.saturating_sub(1),
            Event::Start(Tag::Link {
                dest_url,
                link_type,
                id,
                ..
            }) => {
                self.used.insert(folded(&id));
                self.target(&dest_url, link_type, range);
            }
            Event::Start(Tag::HtmlBlock) => self.block = Some(range),
            Event::End(TagEnd::HtmlBlock) => {
                if let Some(block) = self.block.take() {
                    self.html(block);
                }
            }
            Event::InlineHtml(_) => self.html(range),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let language = info
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .next()
                    .unwrap_or_default();
                self.page.has_code = true;
                // A block that says that it is written in another way than its language has it.
                let is_other = info
                    .split_ascii_whitespace()
                    .skip(1)
                    .any(|word| word == "escaped");
                if !is_other {
                    self.fence = Some((language.to_ascii_lowercase(), range.start, String::new()));
                }
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => self.page.has_code = true,
            Event::End(TagEnd::CodeBlock) => self.end_fence(),
            Event::FootnoteReference(name) => self.slugs.id(&format!("fnref-{name}")),
            Event::Start(Tag::FootnoteDefinition(name)) => {
                self.slugs.id(&format!("fn-{name}"));
                self.slugs.id(&format!("fn{name}"));
            }
            Event::Text(text) | Event::Code(text) => self.say(&text),
            Event::SoftBreak | Event::HardBreak => self.say(" "),
            _ => {}
        }
    }

    fn say(&mut self, said: &str) {
        if let Some((_, _, plain, all)) = &mut self.heading {
            if self.pictures == 0 {
                plain.push_str(said);
            }
            all.push_str(said);
        }
        if let Some((_, _, code)) = &mut self.fence {
            code.push_str(said);
        }
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let Some((_, start, plain, all)) = self.heading.take() else {
            return;
        };
        self.slugs.heading(&plain, &all);
        let before = self.before.replace(level);
        if let Some(before) = before.filter(|before| level as usize > *before as usize + 1) {
            let point = self.file.point(start);
            let what = format!(
                "a heading of level {} stands below one of level {}",
                level as usize, before as usize
            );
            self.flaw(
                FlawKind::Heading,
                Span {
                    start: point,
                    end: point,
                },
                what,
            );
        }
    }

    fn end_fence(&mut self) {
        let Some((language, start, code)) = self.fence.take() else {
            return;
        };
        if let Some(problem) = fence::problem(&language, &code) {
            let point = self.file.point(start);
            self.flaw(
                FlawKind::Fence,
                Span {
                    start: point,
                    end: point,
                },
                problem,
            );
        }
    }

    fn html(&mut self, range: Range<usize>) {
        let start = range.start;
        let mut targets = Vec::new();
        html::read(&self.text[range], |said| match said {
            Said::Id(id) => self.slugs.id(id),
            Said::Heading(text) => self.slugs.heading(&text, &text),
            Said::Target(target, at) => targets.push((target.replace("&amp;", "&"), start + at)),
        });
        for (target, at) in targets {
            self.keep(&target, at..at);
        }
    }

    fn target(&mut self, target: &str, kind: LinkType, range: Range<usize>) {
        if !matches!(kind, LinkType::Email | LinkType::Autolink) {
            self.keep(target, range);
        }
    }

    fn keep(&mut self, target: &str, range: Range<usize>) {
        if is_local(target) {
            let link = self.link(target.to_owned(), range);
            self.page.links.push(link);
        }
    }

    fn link(&self, target: String, range: Range<usize>) -> Link {
        let span = self.file.span(range.start..range.start);
        Link {
            anchor: anchor(format!("link to {target}").as_bytes()),
            target,
            span,
        }
    }

    fn flaw(&mut self, kind: FlawKind, span: Span, what: String) {
        let anchor = anchor(self.file.line(span.start.line));
        self.page.flaws.push(Flaw {
            kind,
            span,
            what,
            anchor,
        });
    }
}

/// Does it lead into the repository, as far as its form tells? What a template fills in is not known.
fn is_local(target: &str) -> bool {
    let scheme = target
        .split([':', '/', '?', '#'])
        .next()
        .unwrap_or_default();
    let has_scheme = target[scheme.len()..].starts_with(':')
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let is_filled_in = ["{", "<%", "%("].iter().any(|mark| target.contains(mark));
    // `@` and `~` are folders of bundlers.
    let is_elsewhere = ["//", "@", "~"]
        .iter()
        .any(|start| target.starts_with(start));
    !(target.is_empty() || has_scheme || is_elsewhere || is_filled_in)
}

/// Is it meant as a link to a label: `[text][label]` or `[label][]`, and no `a[i][j]`?
fn is_meant(body: &str, link: &BrokenLink<'_>) -> bool {
    let is_full = matches!(
        link.link_type,
        LinkType::Reference | LinkType::ReferenceUnknown
    );
    let is_collapsed = matches!(
        link.link_type,
        LinkType::Collapsed | LinkType::CollapsedUnknown
    );
    let before = body[..link.span.start].chars().next_back();
    let follows_word =
        before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ']' | ')' | '>' | '$'));
    let label: &str = &link.reference;
    let is_index = label.chars().count() < 2
        || label
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | ',' | '-' | '+' | ' '));
    // The parser takes `[text]\[label]` for a link.
    let source = &body[link.span.clone()];
    let is_escaped = source.contains("\\][") || source.contains("]\\[");
    (is_full || is_collapsed)
        && !follows_word
        && !is_index
        && !is_escaped
        && !label.contains(['{', '"', '\''])
}

/// A label as it is compared.
fn folded(label: &str) -> String {
    let words: Vec<&str> = label.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Is it a definition of a label, and no comment in the form of one: `[//]: # (text)`?
fn is_definition(label: &str, target: &str) -> bool {
    let is_comment =
        matches!(target, "" | "#") || label.starts_with("//") || label.starts_with("comment");
    !is_comment && !label.starts_with('^')
}

/// The text without its blocks of code; those that include something are kept.
fn without_code(body: &str, events: &[(Event<'_>, Range<usize>)]) -> String {
    let mut kept = String::with_capacity(body.len());
    let mut at = 0;
    for (event, range) in events {
        let Event::Start(Tag::CodeBlock(kind)) = event else {
            continue;
        };
        if matches!(kind, CodeBlockKind::Fenced(info) if info.starts_with('{')) || range.start < at
        {
            continue;
        }
        kept.push_str(&body[at..range.start]);
        kept.push('\n');
        at = range.end;
    }
    kept.push_str(&body[at..]);
    kept
}
