//! Owns what the body of a function runs: its statements and its expressions, as far as they can be read. Knows no rule.

use super::super::catalog::routine::Function;
use super::super::parse::body::{Block, Step};
use super::super::parse::expr::Expr;
use super::super::parse::script::What;
use super::super::parse::statement::Statement;
use super::super::parse::{plpgsql, split};
use crate::model::place::Span;

/// What a body runs.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// Its statements.
    pub statements: Vec<Statement>,
    /// Expressions that stand outside of a statement: conditions, values.
    pub exprs: Vec<Expr>,
    /// Something in it was not read, or is made at run time.
    pub part: bool,
}

impl Code {
    /// The code of a function; `None` where its language is not read here.
    #[must_use]
    pub fn of(function: &Function) -> Option<Self> {
        let mut code = Self::default();
        match function.language.as_str() {
            "sql" => {
                let script = split::script(&function.source, |_| Span::at(1, 1));
                for piece in script.pieces {
                    match piece.what {
                        What::Statement(statement) => code.statements.push(*statement),
                        What::Meta(_) | What::Unread(_) => code.part = true,
                    }
                }
            }
            "plpgsql" => code.block(plpgsql::block(&function.source, 0)),
            _ => return None,
        }
        Some(code)
    }

    fn block(&mut self, block: Block) {
        self.part |= block.unread;
        let values = block
            .variables
            .into_iter()
            .filter_map(|(_, _, value)| value);
        self.exprs.extend(values);
        self.steps(block.steps);
        for (_, steps) in block.handlers {
            self.steps(steps);
        }
    }

    fn steps(&mut self, steps: Vec<Step>) {
        for step in steps {
            match step {
                Step::Sql(statement, _) => self.statements.push(*statement),
                Step::Execute(command, using, _) => {
                    self.part = true;
                    self.exprs.push(command);
                    self.exprs.extend(using);
                }
                Step::Assign(_, value) => self.exprs.push(value),
                Step::If(arms, other) => {
                    for (condition, steps) in arms {
                        self.exprs.push(condition);
                        self.steps(steps);
                    }
                    self.steps(other);
                }
                Step::ForQuery(_, query, steps) => {
                    self.statements.push(Statement::Query(query));
                    self.steps(steps);
                }
                Step::ForEach(_, array, steps) => {
                    self.exprs.push(array);
                    self.steps(steps);
                }
                Step::Loop(steps) => self.steps(steps),
                Step::Block(block) => self.block(*block),
                Step::Return(value) => self.exprs.extend(value),
                Step::Perform(query) => self.statements.push(Statement::Query(query)),
                Step::Leave(_, condition) => self.exprs.extend(condition),
                Step::Raise | Step::Nothing => {}
                Step::Unread(_) => self.part = true,
            }
        }
    }
}
