//! The words of qgate as types: quantities, findings, evidence, gates, outcomes, score, report. No I/O, no YAML.

pub mod baseline;
pub mod criterion;
pub mod evidence;
pub mod fault;
pub mod finding;
pub mod formula;
pub mod gate;
pub mod metric;
pub mod number;
pub mod outcome;
pub mod place;
pub mod quantity;
pub mod report;
pub mod rule;
pub mod trace;
pub mod waiver;
