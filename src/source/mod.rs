//! What is checked: trees of files, their languages and classes, each file read once and parsed at most once.
//! Knows no disk and no git: implementations of [`tree::SourceTree`] live in `host`.

pub mod bundle;
pub mod class;
pub mod diff;
pub mod expression;
pub mod file;
pub mod header;
pub mod ignore;
pub mod json;
pub mod json_value;
pub mod language;
pub mod memory;
pub mod moved;
pub mod region;
pub mod script;
pub mod tree;
pub mod workflow;
pub mod xml;
pub mod yaml;
