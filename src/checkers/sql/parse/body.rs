//! Owns the model of PL/pgSQL bodies: what runs under which condition. Expressions inside are kept as far as rules need.

use serde::{Deserialize, Serialize};

use super::expr::{Expr, Query, TypeName};
use super::statement::Statement;

/// A block, or a body that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Variables: name, type, value.
    pub variables: Vec<(String, TypeName, Option<Expr>)>,
    /// What runs.
    pub steps: Vec<Step>,
    /// The handlers of `EXCEPTION`: conditions and what runs then.
    pub handlers: Vec<(Vec<String>, Vec<Step>)>,
    /// Not all of it was understood: a language other than PL/pgSQL, or a syntax error.
    pub unread: bool,
}

/// A step of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// A statement of SQL. The flag says that it gives values to variables (`INTO`).
    Sql(Box<Statement>, Vec<String>),
    /// `EXECUTE`: the expression that makes the statement, what `USING` gives, what `INTO` names.
    Execute(Expr, Vec<Expr>, Vec<String>),
    /// `x := value`.
    Assign(String, Expr),
    /// `IF`: pairs of condition and steps, then `ELSE`. `CASE` is told so too.
    If(Vec<(Expr, Vec<Step>)>, Vec<Step>),
    /// A loop over a query: variables, query, steps.
    ForQuery(Vec<String>, Box<Query>, Vec<Step>),
    /// A loop over an array: variable, array, steps.
    ForEach(String, Expr, Vec<Step>),
    /// Any other loop: steps.
    Loop(Vec<Step>),
    /// A block within.
    Block(Box<Block>),
    /// `RAISE EXCEPTION`; other levels are [`Step::Nothing`].
    Raise,
    /// `EXIT`, or `CONTINUE` where the flag is not set, and its condition; one with a label has a condition that nobody knows.
    Leave(bool, Option<Expr>),
    /// `RETURN`, with its value.
    Return(Option<Expr>),
    /// `PERFORM`.
    Perform(Box<Query>),
    /// What changes nothing.
    Nothing,
    /// What could not be read; its first word.
    Unread(String),
}

impl Block {
    /// Was all of it understood?
    #[must_use]
    pub fn is_read(&self) -> bool {
        !self.unread
            && are_read(&self.steps)
            && self.handlers.iter().all(|(_, steps)| are_read(steps))
    }
}

fn are_read(steps: &[Step]) -> bool {
    steps.iter().all(|step| match step {
        Step::Unread(_) => false,
        Step::If(arms, other) => arms.iter().all(|(_, steps)| are_read(steps)) && are_read(other),
        Step::ForQuery(_, _, steps) | Step::ForEach(_, _, steps) | Step::Loop(steps) => {
            are_read(steps)
        }
        Step::Block(block) => block.is_read(),
        _ => true,
    })
}

impl Block {
    /// A variable that steps of a `DO` block give a value to, and that nothing declares: the server refuses that.
    #[must_use]
    pub fn undeclared(&self) -> Option<&str> {
        self.undeclared_in(&mut vec!["found"])
    }

    fn undeclared_in<'a>(&'a self, known: &mut Vec<&'a str>) -> Option<&'a str> {
        let before = known.len();
        known.extend(self.variables.iter().map(|(name, ..)| name.as_str()));
        let handlers = self.handlers.iter().map(|(_, steps)| steps);
        let mut all = std::iter::once(&self.steps).chain(handlers);
        let found = all.find_map(|steps| undeclared(steps, known));
        known.truncate(before);
        found
    }
}

fn undeclared<'a>(steps: &'a [Step], known: &mut Vec<&'a str>) -> Option<&'a str> {
    steps.iter().find_map(|step| match step {
        Step::Assign(name, _) => unknown(name, known),
        Step::ForEach(name, _, steps) => unknown(name, known).or_else(|| undeclared(steps, known)),
        Step::ForQuery(names, _, steps) => {
            let name = names.iter().find_map(|name| unknown(name, known));
            name.or_else(|| undeclared(steps, known))
        }
        Step::Sql(_, names) | Step::Execute(_, _, names) => {
            names.iter().find_map(|name| unknown(name, known))
        }
        Step::If(arms, other) => {
            let inner = arms.iter().find_map(|(_, steps)| undeclared(steps, known));
            inner.or_else(|| undeclared(other, known))
        }
        Step::Loop(steps) => undeclared(steps, known),
        Step::Block(block) => block.undeclared_in(known),
        _ => None,
    })
}

/// The name, where it is neither known nor one behind a label.
fn unknown<'a>(name: &'a str, known: &[&str]) -> Option<&'a str> {
    let base = name.split(['.', '[']).next().unwrap_or(name);
    (!name.contains('.') && !known.contains(&base)).then_some(name)
}
