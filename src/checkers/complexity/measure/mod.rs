//! Owns the measure of functions: cyclomatic and cognitive complexity, size and shape, each with the increments that make
//! it, by the tables of `docs/complexity.md`. Pure; knows no limit and no finding.

mod add;
mod body;
pub mod class;
mod failure;
mod functions;
mod kinds;
mod lines;
mod name;
mod parameters;
mod questions;
mod recursion;
mod shape;
mod signature;
#[cfg(test)]
mod tests;
mod walk;

use crate::source::language::Language;

use class::Table;

/// How a file is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Does a nested function with a name add its cognitive complexity to the function around it, too?
    pub nested_adds: bool,
    /// Does an operator that hands an error on (`?` in Rust) count for the cyclomatic number?
    pub propagation: bool,
    /// Are the docstrings of Python no code?
    pub skip_docstrings: bool,
}

/// What one function, or the code outside of all functions, measures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Function {
    /// The qualified name: `Type.method`, `mod::name`, `outer.inner`.
    pub name: String,
    /// Has it no name of its own?
    pub is_closure: bool,
    /// Does it stand in a module of tests, within a file that is none?
    pub is_test: bool,
    /// Where it stands in the text.
    pub bytes: std::ops::Range<usize>,
    /// Its first line, from 1.
    pub line: u32,
    /// Its last line.
    pub end_line: u32,
    /// The cyclomatic number.
    pub cyclomatic: u32,
    /// The cognitive complexity.
    pub cognitive: u32,
    /// Lines with code: neither blank nor comment alone.
    pub nloc: u32,
    /// Of these, lines that are not in a nested function with a name.
    pub own_nloc: u32,
    /// How deep control structures nest.
    pub nesting: u32,
    /// How many parameters it takes, the receiver aside.
    pub parameters: u32,
    /// Of these, how many each call must give in order, where it is the function that decides what it takes.
    pub asked: u32,
    /// Does it make a value of its type?
    pub is_constructor: bool,
    /// How many `return` statements it has, those of closures aside.
    pub returns: u32,
    /// Of these, how many return a result at least two deep in control structures.
    pub deep_returns: u32,
    /// How many boolean operators the largest expression has.
    pub condition: u32,
    /// How many of them ask something new, and the first line of the expression that has most of these.
    pub questions: (u32, u32),
    /// What the two numbers are made of, in the order of the text.
    pub increments: Vec<Increment>,
    /// First and last lines of the functions with names in it.
    inner: Vec<(u32, u32)>,
}

impl Function {
    /// Physical lines, from the first to the last.
    #[must_use]
    pub const fn lines(&self) -> u32 {
        self.end_line + 1 - self.line
    }
}

/// A part of the numbers of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Increment {
    /// The line, from 1.
    pub line: u32,
    /// What stands there.
    pub what: &'static str,
    /// What it adds to the cyclomatic number.
    pub cyclomatic: u32,
    /// What it adds to the cognitive complexity.
    pub cognitive: u32,
    /// How much of the latter is for its nesting; `None` where nesting does not count.
    pub nesting: Option<u32>,
}

/// What a file measures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// The functions, in the order of their first lines.
    pub functions: Vec<Function>,
    /// The code outside of all functions. Its cyclomatic number starts at 0.
    pub outside: Function,
    /// Lines of the file with code.
    pub nloc: u32,
    /// Lines of the file.
    pub lines: u32,
    /// Had it syntax that the grammar does not know?
    pub is_flawed: bool,
}

impl Measures {
    /// The cyclomatic number of the file: the sum over its functions and the code outside.
    #[must_use]
    pub fn cyclomatic(&self) -> u32 {
        self.sum(|function| function.cyclomatic)
    }

    /// The cognitive complexity of the file: the sum over its functions and the code outside.
    #[must_use]
    pub fn cognitive(&self) -> u32 {
        self.sum(|function| function.cognitive)
    }

    fn sum(&self, of: impl Fn(&Function) -> u32) -> u32 {
        self.functions.iter().map(&of).sum::<u32>() + of(&self.outside)
    }
}

/// Is anything measured in this language?
#[must_use]
pub fn is_measured(language: Language) -> bool {
    kinds::of(language).is_some()
}

/// Measures a file that was parsed; `None` for a language that is not measured.
#[must_use]
pub fn measure(
    language: Language,
    tree: &tree_sitter::Tree,
    bytes: &[u8],
    settings: Settings,
) -> Option<Measures> {
    let table = Table::of(language)?;
    Some(walk::walk(table, tree, bytes, settings))
}
