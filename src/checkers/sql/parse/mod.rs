//! Owns the parser: a script becomes statements of a model of our own. Knows no catalog and no rule.

pub mod body;
mod cursor;
pub mod expr;
pub mod literal;
pub mod plpgsql;
mod read;
mod read_alter;
mod read_call;
mod read_create;
mod read_drop;
mod read_expr;
mod read_from;
mod read_function;
mod read_other;
mod read_query;
mod read_rights;
mod read_table;
mod read_type;
pub mod script;
pub mod split;
pub mod statement;
pub mod table;
pub mod token;
pub mod words;

#[cfg(test)]
mod tests;
