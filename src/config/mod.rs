//! Gate files: from YAML to a plan, with every problem of every file in one report. Reads no disk.

pub mod diagnostic;
pub mod plan;
pub mod yaml;
