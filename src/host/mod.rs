//! The world: disk, git, processes, network, terminal. The only floor that touches it.

pub mod http;
pub mod interrupt;
pub mod programs;
pub mod runtime;
pub mod surroundings;
pub mod terminal;
