//! Owns the limits of functions: which value each rule looks at, and how a finding says it.

use serde::{Deserialize, Serialize};

use crate::model::rule::Rule;
use crate::rule;

use super::measure::Function;
use super::options::Options;

pub(super) static COGNITIVE: Rule = rule!("cognitive-complexity", Medium, "2026-11");
pub(super) static CYCLOMATIC: Rule = rule!("cyclomatic-complexity", Medium, "2026-11");
pub(super) static LONG_FUNCTION: Rule = rule!("long-function", Low, "2026-11");
pub(super) static LONG_FILE: Rule = rule!("long-file", Low, "2026-11");
pub(super) static DEEP_NESTING: Rule = rule!("deep-nesting", Low, "2026-11");
pub(super) static MANY_PARAMETERS: Rule = rule!("many-parameters", Low, "2026-11");
pub(super) static MANY_RETURNS: Rule = rule!("many-returns", Low, "2026-11");
pub(super) static COMPLEX_CONDITION: Rule = rule!("complex-condition", Low, "2026-11");

/// What is limited of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Limit {
    /// Its cognitive complexity.
    Cognitive,
    /// Its cyclomatic number.
    Cyclomatic,
    /// Its lines of code.
    Lines,
    /// How deep its control structures nest.
    Nesting,
    /// Its parameters.
    Parameters,
    /// Its `return` statements.
    Returns,
    /// The boolean operators of its largest expression.
    Operators,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Cognitive,
        Self::Cyclomatic,
        Self::Lines,
        Self::Nesting,
        Self::Parameters,
        Self::Returns,
        Self::Operators,
    ];

    /// Its rule.
    #[must_use]
    pub const fn rule(self) -> &'static Rule {
        match self {
            Self::Cognitive => &COGNITIVE,
            Self::Cyclomatic => &CYCLOMATIC,
            Self::Lines => &LONG_FUNCTION,
            Self::Nesting => &DEEP_NESTING,
            Self::Parameters => &MANY_PARAMETERS,
            Self::Returns => &MANY_RETURNS,
            Self::Operators => &COMPLEX_CONDITION,
        }
    }

    /// The largest value of a function that is no finding.
    #[must_use]
    pub const fn most(self, options: &Options, is_constructor: bool) -> u32 {
        match self {
            Self::Parameters if is_constructor && !options.strict => options.constructor_parameters,
            Self::Cognitive => options.cognitive,
            Self::Cyclomatic => options.cyclomatic,
            Self::Lines => options.function_lines,
            Self::Nesting => options.nesting,
            Self::Parameters => options.parameters,
            Self::Returns => options.returns,
            Self::Operators => options.operators,
        }
    }

    /// The value of a function; `None` where the limit does not hold for it: what wraps a module, or the tests of a file, is
    /// long, and takes what the caller of a closure gives it.
    #[must_use]
    pub const fn value(self, function: &Function) -> Option<u32> {
        match self {
            Self::Cognitive => Some(function.cognitive),
            Self::Cyclomatic => Some(function.cyclomatic),
            Self::Lines | Self::Parameters if function.is_closure => None,
            Self::Lines => Some(function.own_nloc),
            Self::Nesting => Some(function.nesting),
            Self::Parameters => Some(function.parameters),
            Self::Returns => Some(function.returns),
            Self::Operators => Some(function.condition),
        }
    }

    /// The value of a function that is judged: without what owners of code call harmless, unless the check is strict.
    #[must_use]
    pub const fn judged(self, function: &Function, options: &Options) -> Option<u32> {
        if matches!(self, Self::Returns) && options.returns == 0 {
            return None;
        }
        if options.strict {
            return self.value(function);
        }
        match self {
            // Many paths and little to follow: a flat list of cases.
            Self::Cyclomatic if function.cognitive < function.cyclomatic => None,
            Self::Parameters if function.is_closure => None,
            Self::Parameters => Some(function.asked),
            // What is in sight as a whole has no way out that a reader could miss.
            Self::Returns if function.own_nloc <= options.function_lines / 4 * 3 => None,
            Self::Returns => Some(function.deep_returns),
            Self::Operators => Some(function.questions.0),
            _ => self.value(function),
        }
    }

    /// What a finding says.
    #[must_use]
    pub fn headline(self, name: &str, value: u32, most: u32, is_strict: bool) -> String {
        match self {
            Self::Cognitive => {
                format!("the cognitive complexity of `{name}` is {value}, more than {most}")
            }
            Self::Cyclomatic => {
                format!("the cyclomatic complexity of `{name}` is {value}, more than {most}")
            }
            Self::Lines => format!("`{name}` has {value} lines of code, more than {most}"),
            Self::Nesting => {
                format!("control structures in `{name}` nest {value} deep, more than {most}")
            }
            Self::Parameters => {
                let which = if is_strict {
                    ""
                } else {
                    " that each call must give"
                };
                format!("`{name}` takes {value} parameters{which}, more than {most}")
            }
            Self::Returns => {
                let which = if is_strict { "places" } else { "nested places" };
                format!("`{name}` returns in {value} {which}, more than {most}")
            }
            Self::Operators => {
                let which = if is_strict {
                    ""
                } else {
                    " between unlike questions"
                };
                format!(
                    "a condition in `{name}` has {value} boolean operators{which}, more than {most}"
                )
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::Cognitive => {
                "leave early, or move what nests deepest into a function with a name"
            }
            Self::Cyclomatic => "move cases into a table, or parts into functions with a name",
            Self::Lines => "move parts into functions with a name",
            Self::Nesting => "leave early, or move the inner part into a function with a name",
            Self::Parameters => "put those that belong together into one value",
            Self::Returns => "bring cases together, or split the function",
            Self::Operators => "give parts of the condition names",
        }
    }
}
