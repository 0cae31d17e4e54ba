//! The compact index of advisories: built once from OSV data, then looked into by package name.

pub mod build;
pub mod canary;
pub mod manifest;
pub mod segment;
pub mod zip;
