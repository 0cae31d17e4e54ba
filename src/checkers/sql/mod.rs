//! Owns the checker `sql`: migrations, what they leave behind, and who may do what there.

pub mod catalog;
pub mod deparse;
pub mod fold;
pub mod lints;
pub mod md5;
pub mod parse;
pub mod platform;
pub mod sources;
