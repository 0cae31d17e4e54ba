//! The world: disk, git, processes, network, terminal. The only floor that touches it.

pub mod terminal;
