//! Owns the progress port: how long work says where it is. Knows no terminal.

/// Told of progress. Called from any thread, often: it must be cheap and must never fail.
pub trait Progress: Sync {
    /// `done` of `total` steps are done, and `what` is under way. `total` is 0 when nobody knows how many there are.
    fn at(&self, done: usize, total: usize, what: &str);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _done: usize, _total: usize, _what: &str) {}
}
