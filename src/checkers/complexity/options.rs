//! Owns what a gate file can say of complexity: the limit of each rule, and how is counted.

use serde::{Deserialize, Serialize};

use super::measure::Settings;

/// The options of the check. Each limit is the largest value that is no finding.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The cognitive complexity of a function.
    pub cognitive: u32,
    /// The cyclomatic number of a function.
    pub cyclomatic: u32,
    /// Lines of code in a function, without the named functions in it: neither blank nor comment alone.
    pub function_lines: u32,
    /// Lines of code in a file: neither blank nor comment alone.
    pub file_lines: u32,
    /// How deep control structures nest.
    pub nesting: u32,
    /// The parameters of a function that each call must give in order, its receiver aside.
    pub parameters: u32,
    /// The same of a constructor.
    pub constructor_parameters: u32,
    /// The `return` statements with a result that stand two deep in control structures or deeper, in a function that has more than
    /// three quarters of `function_lines`; 0 does not look at them.
    pub returns: u32,
    /// The boolean operators of one expression; a list of alike questions has one.
    pub operators: u32,
    /// Are values judged as they are measured: each parameter, `return` and operator, and functions that are one flat list of cases?
    pub strict: bool,
    /// Does a nested function with a name also add its cognitive complexity to the function around it?
    pub nested: Nested,
    /// Does `?` of Rust count for the cyclomatic number?
    pub question_marks: bool,
    /// Are docstrings of Python lines of code?
    pub docstrings: bool,
    /// Are tests, fixtures and examples judged, too?
    pub tests: bool,
}

/// What a nested function with a name is to the one around it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Nested {
    /// A function of its own.
    #[default]
    Separate,
    /// A function of its own, whose cognitive complexity also counts there, nested.
    Add,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cognitive: 15,
            cyclomatic: 15,
            function_lines: 80,
            file_lines: 1_000,
            nesting: 4,
            parameters: 6,
            constructor_parameters: 10,
            returns: 0,
            operators: 4,
            strict: false,
            nested: Nested::Separate,
            question_marks: false,
            docstrings: true,
            tests: false,
        }
    }
}

impl Options {
    /// How is counted.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            nested_adds: self.nested == Nested::Add,
            propagation: self.question_marks,
            skip_docstrings: !self.docstrings,
        }
    }
}
