//! Advisories in the OSV format: reading a record, what it says of one package, whether a version is affected, and which
//! advisories are one.

pub mod advisory;
pub mod affected;
pub mod group;
pub mod record;
pub mod rustsec;
#[cfg(test)]
mod tests;
