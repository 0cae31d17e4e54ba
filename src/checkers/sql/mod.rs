//! Owns the checker `sql`: migrations, what they leave behind, and who may do what there.

pub mod parse;
pub mod sources;
