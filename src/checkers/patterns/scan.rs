//! Owns the search in one file: what each rule finds in it, by content alone.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

use ast_grep_core::matcher::MatcherExt;
use serde::{Deserialize, Serialize};
use tree_sitter::{QueryCursor, QueryCursorOptions, StreamingIterator, Tree};

use crate::check::options::Pattern;
use crate::model::place::Span;
use crate::source::file::{PARSE_LIMIT, SourceFile, anchor, parse};
use crate::source::language::Language;
use crate::source::script;

use super::code::{self, Document};
use super::compiled::{Code, Compiled};
use super::options::{Rule, Within, Written};

/// At most so many matches of a rule in a file are kept.
const MOST: usize = 1_000;

/// Trees deeper than this are not compared where a name stands twice in a pattern.
const DEEPEST: usize = 1_000;

/// Nodes with more children than this are not looked into by a pattern with two lists.
const WIDEST: usize = 20_000;

/// A text of at most so many characters is put into a message.
const LONGEST: usize = 60;

/// What was found in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The matches, by rule and place.
    pub hits: Vec<Hit>,
    /// What could not be looked into, and why.
    pub unread: Vec<String>,
    /// Is it neither text nor binary?
    pub is_odd: bool,
}

/// One match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The number of the rule.
    pub rule: u32,
    /// Where.
    pub span: Span,
    /// What identifies it.
    pub anchor: String,
    /// The message, with what `$X` matched.
    pub message: String,
}

/// What is found, before it is a hit.
struct Found {
    range: Range<usize>,
    /// What names stand for.
    names: BTreeMap<String, String>,
}

impl Facts {
    /// Looks at a file; `None` when there is nothing to tell.
    pub fn of(file: &SourceFile, rules: &[Rule]) -> Option<Self> {
        let mut facts = Self::default();
        if file.is_binary() {
            return None;
        }
        let Some(text) = file.text() else {
            facts.is_odd = true;
            return Some(facts);
        };
        let mut script = None;
        for (number, rule) in rules.iter().enumerate() {
            let language = file.language();
            if !fits(rule, language) {
                continue;
            }
            let found = if rule.written.regex.is_some() && rule.written.within == Within::All {
                Ok(words(rule, std::slice::from_ref(&(0..text.len())), text))
            } else if let Some(Language::Vue | Language::Svelte) = language {
                let script = script.get_or_insert_with(|| Script::of(file.bytes()));
                match script {
                    Some(script) if script.is_for(&rule.written) => {
                        look(rule, script.language, &script.text, &script.tree)
                    }
                    Some(_) => Ok(Vec::new()),
                    None => Err(too_much(file)),
                }
            } else {
                match (language, file.tree()) {
                    (Some(language), Some(tree)) => look(rule, language, text, tree),
                    _ => Err(too_much(file)),
                }
            };
            match found {
                Ok(found) => facts.keep(number, rule, found, file),
                Err(why) => {
                    let why = format!("{}: {why}", rule.id);
                    facts.unread.push(why);
                }
            }
        }
        (facts != Self::default()).then_some(facts)
    }

    fn keep(&mut self, number: usize, rule: &Rule, mut found: Vec<Found>, file: &SourceFile) {
        found.sort_by_key(|found| (found.range.start, found.range.end));
        if found.len() > MOST {
            let more = found.len() - MOST;
            self.unread
                .push(format!("{}: {more} more matches than are kept", rule.id));
            found.truncate(MOST);
        }
        for found in found {
            let span = file.span(found.range);
            self.hits.push(Hit {
                rule: u32::try_from(number).unwrap_or(u32::MAX),
                span,
                anchor: anchor(file.line(span.start.line)),
                message: message(&rule.written.message, &found.names),
            });
        }
    }
}

fn too_much(file: &SourceFile) -> &'static str {
    if file.bytes().len() > PARSE_LIMIT {
        "too large to parse"
    } else {
        "too intricate to parse"
    }
}

/// The scripts of a component.
struct Script {
    language: Language,
    text: String,
    tree: Tree,
}

impl Script {
    fn of(bytes: &[u8]) -> Option<Self> {
        let (language, text) = script::of(bytes);
        let tree = parse(language, &text)?;
        let text = String::from_utf8(text).ok()?;
        Some(Self {
            language,
            text,
            tree,
        })
    }

    /// Is a rule meant for scripts of this language?
    fn is_for(&self, written: &Written) -> bool {
        written.dialects().contains(&self.language)
    }
}

/// Does a rule look at files of this language?
pub fn fits(rule: &Rule, language: Option<Language>) -> bool {
    let written = &rule.written;
    if written.languages.is_empty() {
        return true;
    }
    let Some(language) = language else {
        return false;
    };
    let named = written.languages.iter().any(|name| name.0 == language);
    let is_component = matches!(language, Language::Vue | Language::Svelte);
    let mut dialects = written.dialects().into_iter();
    let holds_scripts = is_component
        && dialects.any(|one| matches!(one, Language::JavaScript | Language::TypeScript));
    named || written.dialects().contains(&language) || holds_scripts
}

fn look(
    rule: &Rule,
    language: Language,
    text: &str,
    tree: &Tree,
) -> Result<Vec<Found>, &'static str> {
    if rule.written.regex.is_some() {
        let parts = parts(tree, rule.written.within, text.len());
        return Ok(words(rule, &parts, text));
    }
    let compiled = rule.compiled.iter().find(|(known, _)| *known == language);
    match compiled {
        Some((_, Compiled::Code(code))) => {
            if code.repeats || code.has_lists {
                let shape = Shape::of(tree);
                if code.repeats && shape.depth > DEEPEST {
                    return Err("it nests too deep for a pattern with a name that stands twice");
                }
                if code.has_lists && shape.width > WIDEST {
                    return Err("its lists are too long for a pattern with two lists");
                }
            }
            let document = code::of_tree(language, text, tree);
            Ok(matches(&rule.written, code, &document))
        }
        Some((_, Compiled::Query(query, at))) => queried(&rule.written, query, *at, text, tree),
        None => Ok(Vec::new()),
    }
}

/// How deep a tree is, and the most children that a node has.
struct Shape {
    depth: usize,
    width: usize,
}

impl Shape {
    fn of(tree: &Tree) -> Self {
        let mut shape = Self { depth: 0, width: 0 };
        let mut cursor = tree.walk();
        loop {
            shape.depth = shape.depth.max(cursor.depth() as usize);
            shape.width = shape.width.max(cursor.node().child_count() as usize);
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return shape;
                }
            }
        }
    }
}

/// Where code stands in.
struct Around(Vec<(usize, usize)>);

impl Around {
    fn of(pattern: &ast_grep_core::Pattern, document: &Document) -> Self {
        let root = document.root();
        let ranges = root.find_all(pattern).map(|found| found.range());
        let mut ranges: Vec<(usize, usize)> =
            ranges.map(|range| (range.start, range.end)).collect();
        ranges.sort_unstable();
        // For each start, how far the farthest of all that begin no later reaches.
        let mut farthest = 0;
        for range in &mut ranges {
            farthest = farthest.max(range.1);
            range.1 = farthest;
        }
        Self(ranges)
    }

    /// Does one begin no later and end no earlier, and is larger?
    fn holds(&self, range: &Range<usize>) -> bool {
        let reaches =
            |until: usize, end: usize| until.checked_sub(1).is_some_and(|at| self.0[at].1 >= end);
        let earlier = self.0.partition_point(|(start, _)| *start < range.start);
        let no_later = self.0.partition_point(|(start, _)| *start <= range.start);
        reaches(earlier, range.end) || reaches(no_later, range.end + 1)
    }
}

fn matches(written: &Written, code: &Code, document: &Document) -> Vec<Found> {
    let around = |pattern: &Option<ast_grep_core::Pattern>| {
        pattern
            .as_ref()
            .map(|pattern| Around::of(pattern, document))
    };
    let (inside, outside) = (around(&code.inside), around(&code.outside));
    let root = document.root();
    let mut all = Vec::new();
    for found in root.find_all(&code.pattern) {
        let range = found.range();
        let is_not = code.not.as_ref();
        if is_not.is_some_and(|not| not.match_node(found.get_node().clone()).is_some())
            || inside.as_ref().is_some_and(|around| !around.holds(&range))
            || outside.as_ref().is_some_and(|around| around.holds(&range))
        {
            continue;
        }
        let names = found.get_env();
        let text = |name: &str| {
            let one = names.get_match(name).map(|node| node.text().into_owned());
            one.or_else(|| {
                let many = names.get_multiple_matches(name);
                let (first, last) = (many.first()?, many.last()?);
                let source = &found.get_node().get_doc().src;
                source
                    .get(first.range().start..last.range().end)
                    .map(str::to_owned)
            })
        };
        let mut meant = BTreeMap::new();
        for name in code.pattern.defined_vars() {
            meant.insert(name.to_owned(), text(name).unwrap_or_default());
        }
        if holds(written, &meant) {
            all.push(Found {
                range,
                names: meant,
            });
        }
    }
    all
}

/// Do the conditions hold of what names stand for?
fn holds(written: &Written, names: &BTreeMap<String, String>) -> bool {
    let is = |(name, pattern): (&String, &Pattern)| {
        names
            .get(name)
            .is_some_and(|text| pattern.regex().is_match(text))
    };
    written.conditions.iter().all(is) && !written.unless.iter().any(is)
}

fn queried(
    written: &Written,
    query: &tree_sitter::Query,
    at: u32,
    text: &str,
    tree: &Tree,
) -> Result<Vec<Found>, &'static str> {
    // Steps, not time, so that the answer is the same on every machine.
    let mut steps = 0_usize;
    let budget = 10_000 + text.len() / 4;
    let mut go_on = |_: &tree_sitter::QueryCursorState| {
        steps += 1;
        if steps > budget {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(10_000);
    let mut all = Vec::new();
    {
        let options = QueryCursorOptions::new().progress_callback(&mut go_on);
        let mut found =
            cursor.matches_with_options(query, tree.root_node(), text.as_bytes(), options);
        while let Some(one) = found.next() {
            let mut names = BTreeMap::new();
            let mut range = None;
            for capture in one.captures() {
                let name = query.capture_names()[capture.index as usize];
                let part = text.get(capture.node.byte_range()).unwrap_or_default();
                names
                    .entry(name.to_owned())
                    .or_insert_with(|| part.to_owned());
                if capture.index == at {
                    range.get_or_insert(capture.node.byte_range());
                }
            }
            if let Some(range) = range
                && holds(written, &names)
                && all.len() <= MOST * 2
            {
                all.push(Found { range, names });
            }
        }
    }
    if cursor.did_exceed_match_limit() || steps > budget {
        return Err("the query takes too many steps here");
    }
    all.dedup_by(|a, b| a.range == b.range);
    Ok(all)
}

/// The parts of a file that are comments, strings, or neither.
fn parts(tree: &Tree, within: Within, length: usize) -> Vec<Range<usize>> {
    let mut marked: Vec<(Range<usize>, Within)> = Vec::new();
    let mut cursor = tree.walk();
    'all: loop {
        let node = cursor.node();
        let kind = node.kind();
        let what = if kind.contains("comment") {
            Some(Within::Comments)
        } else if node.is_named() && is_string(kind) {
            Some(Within::Strings)
        } else {
            None
        };
        if let Some(what) = what {
            marked.push((node.byte_range(), what));
        } else if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'all;
            }
        }
    }
    if within != Within::Code {
        let wanted = marked.into_iter().filter(|(_, what)| *what == within);
        return wanted.map(|(range, _)| range).collect();
    }
    let mut parts = Vec::new();
    let mut at = 0;
    for (range, _) in marked {
        parts.push(at..range.start);
        at = range.end;
    }
    parts.push(at..length);
    parts
}

/// Is a node of this kind a string as a whole?
fn is_string(kind: &str) -> bool {
    kind.contains("string") && !kind.ends_with("_type") && !kind.contains("concatenated")
        || matches!(
            kind,
            "char_literal" | "rune_literal" | "character_literal" | "heredoc_body"
        )
}

/// What a regular expression finds in parts of a text.
fn words(rule: &Rule, parts: &[Range<usize>], text: &str) -> Vec<Found> {
    let Some(pattern) = &rule.regex else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for part in parts {
        let Some(within) = text.get(part.clone()) else {
            continue;
        };
        for found in pattern.captures_iter(within) {
            let Some(whole) = found.get(0) else { continue };
            if all.len() > MOST * 2 {
                return all;
            }
            let names = pattern.capture_names().flatten();
            let names = names.filter_map(|name| {
                let text = found.name(name)?.as_str().to_owned();
                Some((name.to_owned(), text))
            });
            all.push(Found {
                range: part.start + whole.start()..part.start + whole.end(),
                names: names.collect(),
            });
        }
    }
    all
}

/// The message of a rule, `$X` in it replaced.
fn message(written: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = written;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let behind = rest[at..].trim_start_matches('$');
        let end = behind.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let name = &behind[..end.unwrap_or(behind.len())];
        match names.get(name) {
            Some(text) => out.push_str(&short(text)),
            None => out.push_str(&rest[at..rest.len() - behind.len() + name.len()]),
        }
        rest = &behind[name.len()..];
    }
    out.push_str(rest);
    out
}

fn short(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let kept: String = line.chars().take(LONGEST).collect();
    format!("{kept}...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        let names = BTreeMap::from([("X".to_owned(), "a\n  + b".to_owned())]);
        assert_eq!(
            message("no $X for $5, $Y or $$$X", &names),
            "no a + b for $5, $Y or a + b"
        );
    }
}
