//! Owns what is kept of a file: the sums over its functions, and those that are over a limit, with what makes them so.

use serde::{Deserialize, Serialize};

use crate::model::place::Span;
use crate::source::file::{PARSE_LIMIT, SourceFile, parse};
use crate::source::language::Language;
use crate::source::{bundle, header, script};

use super::limit::Limit;
use super::measure::{Function, Increment, Measures, Settings, is_measured, measure};
use super::options::Options;

/// At most so many findings of a file are kept.
const MOST: usize = 2_000;

/// At most so many increments of a finding are told.
const TOLD: usize = 10;

/// A line longer than this on the average, in bytes, is one that nobody writes.
const LONG_LINE: usize = 300;

/// What is observed in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// How many functions it has.
    pub functions: u32,
    /// The sum of their cyclomatic numbers.
    pub cyclomatic: u64,
    /// The sum of their cognitive complexities.
    pub cognitive: u64,
    /// The largest value of each limit, in the order of [`Limit::ALL`].
    pub largest: [u32; Limit::ALL.len()],
    /// Lines of code.
    pub nloc: u32,
    /// The functions that are over a limit.
    pub over: Vec<Over>,
    /// How many were not kept.
    pub more: usize,
    /// Had it syntax that the grammar does not know?
    pub is_flawed: bool,
    /// Why it was not measured.
    pub unread: Option<Unread>,
}

/// A function that is over a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Over {
    /// Which limit.
    pub limit: Limit,
    /// The function.
    pub name: String,
    /// Where it is.
    pub span: Span,
    /// The value that is judged.
    pub value: u32,
    /// The largest that is no finding.
    pub most: u32,
    /// What adds most to it, in words; empty where that says nothing.
    pub parts: String,
}

/// Why a file was not measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unread {
    /// It is larger than what is parsed.
    Large,
    /// The parser gave up.
    Intricate,
    /// A tool made it.
    Generated,
    /// It is a bundle: its lines are longer than anybody writes, or it has the marks of one.
    Packed,
    /// It is not in a language that is measured.
    Foreign,
}

impl Unread {
    /// Why, in words.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Large => "too large to parse",
            Self::Intricate => "too intricate to parse",
            Self::Generated => "made by a tool, not measured",
            Self::Packed => "that nobody writes (bundles), not measured",
            Self::Foreign => "not in a language that is measured",
        }
    }
}

/// Is a file of this language measured, as a whole or in its scripts?
#[must_use]
pub fn is_read(language: Language) -> bool {
    is_measured(language) || matches!(language, Language::Vue | Language::Svelte)
}

/// Measures a file.
///
/// # Errors
/// Says why it cannot be measured.
pub fn read(file: &SourceFile, settings: Settings) -> Result<Measures, Unread> {
    let language = file.language().filter(|language| is_read(*language));
    let language = language.ok_or(Unread::Foreign)?;
    let given_up = || {
        if file.bytes().len() > PARSE_LIMIT {
            Unread::Large
        } else {
            Unread::Intricate
        }
    };
    let measures = if is_measured(language) {
        let tree = file.tree().ok_or_else(given_up)?;
        match header::as_cpp(language, tree, file.bytes()) {
            Some(tree) => measure(Language::Cpp, &tree, file.bytes(), settings),
            None => measure(language, tree, file.bytes(), settings),
        }
    } else {
        let (language, bytes) = script::of(file.bytes());
        let tree = parse(language, &bytes).ok_or_else(given_up)?;
        measure(language, &tree, &bytes, settings)
    };
    measures.ok_or(Unread::Foreign)
}

/// Are its lines longer than anybody writes, or does it say that a tool put it together?
fn is_packed(language: Option<Language>, bytes: &[u8]) -> bool {
    let lines = memchr::memchr_iter(b'\n', bytes).count() + 1;
    let is_script = matches!(language, Some(Language::JavaScript));
    bytes.len() > 5_000 && bytes.len() / lines > LONG_LINE || is_script && bundle::is_bundle(bytes)
}

impl Facts {
    /// Looks at a file; `None` when there is nothing to tell.
    #[must_use]
    pub fn of(file: &SourceFile, options: &Options) -> Option<Self> {
        file.language().filter(|language| is_read(*language))?;
        let unread = |why| {
            Some(Self {
                unread: Some(why),
                ..Self::default()
            })
        };
        if file.class().generated {
            return unread(Unread::Generated);
        }
        if file.class().minified || is_packed(file.language(), file.bytes()) {
            return unread(Unread::Packed);
        }
        match read(file, options.settings()) {
            Ok(measures) => Some(Self::taken(&measures, file, options)),
            Err(why) => unread(why),
        }
    }

    fn taken(measures: &Measures, file: &SourceFile, options: &Options) -> Self {
        let mut facts = Self {
            nloc: measures.nloc,
            is_flawed: measures.is_flawed,
            ..Self::default()
        };
        let judged = measures.functions.iter();
        for function in judged.filter(|function| options.tests || !function.is_test) {
            facts.functions += 1;
            facts.cyclomatic += u64::from(function.cyclomatic);
            facts.cognitive += u64::from(function.cognitive);
            for (at, limit) in Limit::ALL.into_iter().enumerate() {
                let Some(value) = limit.value(function) else {
                    continue;
                };
                facts.largest[at] = facts.largest[at].max(value);
                let most = limit.most(options, function.is_constructor);
                let judged = limit
                    .judged(function, options)
                    .filter(|judged| *judged > most);
                let Some(value) = judged else {
                    continue;
                };
                if facts.over.len() == MOST {
                    facts.more += 1;
                    continue;
                }
                facts.over.push(Over {
                    limit,
                    name: function.name.clone(),
                    span: file.span(function.bytes.clone()),
                    value,
                    most,
                    parts: parts(limit, function),
                });
            }
        }
        facts
    }
}

/// What makes a value, where the function alone does not show it: the largest increments in the order of their lines, or the
/// whole of which a part is judged.
fn parts(limit: Limit, function: &Function) -> String {
    match limit {
        Limit::Parameters if function.asked != function.parameters => {
            return format!("it takes {} in all", function.parameters);
        }
        Limit::Returns if function.deep_returns != function.returns => {
            return format!("it returns in {} places in all", function.returns);
        }
        Limit::Operators => {
            return format!("the condition begins in line {}", function.questions.1);
        }
        _ => {}
    }
    let adds = |increment: &Increment| match limit {
        Limit::Cognitive => increment.cognitive,
        Limit::Cyclomatic => increment.cyclomatic,
        _ => 0,
    };
    let mut all: Vec<&Increment> = function.increments.iter().filter(|i| adds(i) > 0).collect();
    all.sort_by_key(|increment| std::cmp::Reverse(adds(increment)));
    let left = all.len().saturating_sub(TOLD);
    all.truncate(TOLD);
    all.sort_by_key(|increment| increment.line);
    let told = all.iter().map(|increment| {
        let (line, what) = (increment.line, increment.what);
        format!("line {line} +{} {what}", adds(increment))
    });
    let mut told: Vec<String> = told.collect();
    if left > 0 {
        told.push(format!("{left} more"));
    }
    if told.is_empty() {
        return String::new();
    }
    format!("it comes from {}", told.join(", "))
}
