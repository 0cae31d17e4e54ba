//! Owns the scan of git's history: every version of every file once, in batches, and only what the tree itself does not have.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::base::path::RepoPath;
use crate::check::options::Glob;
use crate::check::ports::{Blob, Depth, Git};
use crate::model::fault::Fault;
use crate::source::class::PathClass;
use crate::source::language::Language;

use super::hit::{Facts, Hit};
use super::own::Ready;

/// A secret of the past.
#[derive(Clone, Debug)]
pub struct Past {
    /// The commit that brought it first; empty when none tells.
    pub commit: String,
    /// Its path there.
    pub path: RepoPath,
    /// The secret.
    pub hit: Hit,
}

/// What is known already: kind and bits of the secrets of the tree.
pub type Known = BTreeSet<(String, String)>;

/// The key under which a secret is known.
#[must_use]
pub fn key(hit: &Hit) -> (String, String) {
    (hit.kind.clone(), hit.bits.clone())
}

/// Scans the history.
///
/// # Errors
/// When git cannot tell it.
pub fn scan(
    git: &dyn Git,
    ready: &Ready,
    largest: u64,
    allowed: &[Glob],
    mut known: Known,
) -> Result<(Vec<Past>, Depth), Fault> {
    let mut found: Vec<(usize, Past)> = Vec::new();
    let look = |blob: &Blob| {
        let path = &blob.path;
        if allowed.iter().any(|glob| glob.matches(path)) {
            return None;
        }
        let language = Language::of_path(path).or_else(|| Language::of_content(&blob.content));
        let class = PathClass::of_path(path).refined(&blob.content);
        Facts::of(&blob.content, language, class, ready)
    };
    let mut take = |batch: Vec<Blob>| {
        // This thread waits for the pool; it is none of its workers.
        let facts: Vec<Option<Facts>> = batch.par_iter().map(look).collect();
        for (blob, facts) in batch.into_iter().zip(facts) {
            for hit in facts.into_iter().flat_map(|facts| facts.hits) {
                let past = Past {
                    commit: blob.commit.as_deref().unwrap_or_default().to_owned(),
                    path: blob.path.clone(),
                    hit,
                };
                found.push((blob.order, past));
            }
        }
    };
    let depth = git.blobs(largest, &mut take)?;
    // A secret that stands in many versions is told once, in the first.
    found.sort_by_key(|(order, past)| (*order, past.hit.span.start));
    let told = found.into_iter().map(|(_, past)| past);
    let mut told: Vec<Past> = told.filter(|past| known.insert(key(&past.hit))).collect();
    told.sort_by(|a, b| {
        (&a.path, &a.commit, a.hit.span.start).cmp(&(&b.path, &b.commit, b.hit.span.start))
    });
    Ok((told, depth))
}
