//! `qgate` answers one question about a repository: may this change go on?
//!
//! The floors, from the ground up; each may use its own and those before it: `base`, `model`, `source`, `check`,
//! `checkers`, `config`, `engine`, `report`, `host`, `cli`. See `docs/architecture.md`.

pub mod base;
pub mod check;
pub mod checkers;
pub mod cli;
pub mod config;
pub mod engine;
pub mod history;
pub mod host;
pub mod model;
pub mod report;
pub mod source;
