//! Owns cache entries on disk: one file for each, written atomically, never more than a cache.

use std::path::PathBuf;

use super::store;
use crate::engine::Store;

/// A folder of cache entries. It is made when the first entry is written.
pub struct Folder(pub PathBuf);

impl Store for Folder {
    fn load(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(name)).ok()
    }

    fn save(&self, name: &str, bytes: &[u8]) {
        if let Err(problem) = store::write_atomic(&self.0.join(name), bytes) {
            tracing::warn!(%problem, name, "the cache cannot be written");
        }
    }
}
