//! Owns what a rule looks for, read once for each language: a pattern of code or a query.

use std::fmt;
use std::sync::Arc;

use ast_grep_core::Pattern;
use tree_sitter::Query;

use crate::source::language::Language;

use super::code;
use super::options::Written;

/// What a rule looks for in one language.
#[derive(Clone)]
pub enum Compiled {
    /// Code.
    Code(Arc<Code>),
    /// A query, and the number of the capture at which findings stand.
    Query(Arc<Query>, u32),
}

/// Code, and what must or must not be around it.
pub struct Code {
    /// What it is.
    pub pattern: Pattern,
    /// What it must not be.
    pub not: Option<Pattern>,
    /// What it must stand in.
    pub inside: Option<Pattern>,
    /// What it must not stand in.
    pub outside: Option<Pattern>,
    /// Does a name stand for the same at two places?
    pub repeats: bool,
    /// Are there two lists of any length in it?
    pub has_lists: bool,
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code(_) => "code",
            Self::Query(..) => "query",
        })
    }
}

impl Compiled {
    /// Reads what a rule looks for; `None` for a regular expression.
    ///
    /// # Errors
    /// Says what is wrong, and what to do.
    pub fn new(written: &Written, language: Language) -> Result<Option<Self>, String> {
        if let Some(text) = &written.query {
            return query(written, text, language).map(Some);
        }
        let Some(text) = &written.pattern else {
            return Ok(None);
        };
        let keyed = |key: &'static str| move |problem: String| format!("`{key}`: {problem}");
        let pattern = code::pattern(language, text, written.selector.as_deref());
        let pattern = pattern.map_err(keyed("pattern"))?;
        let other = |key: &'static str, text: &Option<String>| {
            let read = |text: &String| code::pattern(language, text, None).map_err(keyed(key));
            text.as_ref().map(read).transpose()
        };
        let known = pattern.defined_vars();
        for name in written.conditions.keys().chain(written.unless.keys()) {
            if !known.contains(name.as_str()) {
                return Err(format!(
                    "there is no `${name}` in the pattern: write it there, or take the condition out"
                ));
            }
        }
        Ok(Some(Self::Code(Arc::new(Code {
            not: other("not", &written.not)?,
            inside: other("inside", &written.inside)?,
            outside: other("outside", &written.outside)?,
            repeats: repeats(text) || written.not.as_deref().is_some_and(repeats),
            has_lists: text.matches("$$$").count() > 1,
            pattern,
        }))))
    }
}

fn query(written: &Written, text: &str, language: Language) -> Result<Compiled, String> {
    let name = language.name();
    let grammar = language
        .grammar()
        .ok_or_else(|| format!("`{name}` is not parsed"))?;
    let query = Query::new(&grammar, text).map_err(|problem| {
        let (row, column) = (problem.row + 1, problem.column + 1);
        let what = problem.message.lines().next().unwrap_or_default();
        format!("`query`: line {row}, column {column}: the grammar of {name} has no such thing, or it is no query: {what}")
    })?;
    let names = query.capture_names();
    let at = names.iter().position(|name| *name == "match").unwrap_or(0);
    if names.is_empty() {
        return Err("`query` captures nothing: put `@match` behind what is meant".to_owned());
    }
    for name in written.conditions.keys().chain(written.unless.keys()) {
        if !names.contains(&name.as_str()) {
            return Err(format!(
                "the query has no capture `@{name}`: add it, or take the condition out"
            ));
        }
    }
    let at = u32::try_from(at).unwrap_or(0);
    Ok(Compiled::Query(Arc::new(query), at))
}

/// Does a `$NAME` stand twice in it?
fn repeats(text: &str) -> bool {
    let mut names: Vec<&str> = text
        .split('$')
        .skip(1)
        .filter_map(|rest| {
            let end =
                rest.find(|c: char| !(c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit()));
            let name = &rest[..end.unwrap_or(rest.len())];
            (!name.is_empty() && !name.starts_with('_')).then_some(name)
        })
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    names.len() < all
}
