//! From a plan to a report: one pass over the files, conclusions in lanes, judgement. Touches the world only through
//! ports; knows no YAML and no output format.

pub mod approval;
pub mod cache;
pub mod criteria;
pub mod ignores;
pub mod judge;
pub mod lanes;
pub mod ledger;
pub mod newness;
pub mod pass;
pub mod ratchet;
pub mod run;
pub mod score;
pub mod settle;
mod standing;
mod twins;

use std::time::Duration;

/// Time and interruption, as the host tells them.
pub trait Watch: Sync {
    /// Time since the run began.
    fn elapsed(&self) -> Duration;

    /// Was the run interrupted?
    fn interrupted(&self) -> bool;
}

/// Cache entries by name.
pub trait Store: Sync {
    /// The entry; `None` when there is none or it cannot be read.
    fn load(&self, name: &str) -> Option<Vec<u8>>;

    /// Keeps an entry, atomically. A cache that cannot be written is only slower.
    fn save(&self, name: &str, bytes: &[u8]);
}

#[cfg(test)]
mod tests;
