//! The world: disk, git, processes, network, clock, terminal: implementations of the ports, and the only home of tokio.
//! Knows no gate and no checker.

pub mod advisories;
pub mod advisory_source;
pub mod artifacts;
pub mod beside;
pub mod cache;
pub mod checkout;
pub mod database;
pub mod download;
pub mod facts;
pub mod gate_files;
pub mod git;
pub mod hooks;
pub mod http;
pub mod interrupt;
pub mod load;
pub mod machine;
pub mod programs;
pub mod regular;
pub mod runtime;
pub mod sizes;
pub mod store;
pub mod surroundings;
pub mod terminal;
pub mod trees;
mod usage;
pub mod watch;
pub mod worktree;
