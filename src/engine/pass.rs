//! Owns the file pass: every file that some check wants is looked up in the cache, or read once and shown to all of
//! them. Runs on all cores; a panic is the fault of the check that panicked, at the file that it happened at.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::base::digest::Digest;
use crate::base::progress::Progress;
use crate::check::options::Glob;
use crate::check::registry::Check;
use crate::config::plan::Plan;
use crate::source::file::SourceFile;
use crate::source::tree::{FileMeta, SourceTree};

use super::Watch;
use super::cache::{Bucket, Cache, FactKey};

/// A check's place in the plan: gate and check.
pub type Position = (usize, usize);

/// What the pass observed for all checks.
#[derive(Default)]
pub struct Observations {
    /// By gate and check position in the plan.
    pub checks: BTreeMap<Position, CheckObservations>,
    /// What was observed for the rider, in every file that some check wanted.
    pub rider: CheckObservations,
    /// Files whose facts all came from the cache.
    pub cached: usize,
    /// Files that were read.
    pub read: usize,
    /// The pass did not reach every file.
    pub stopped: bool,
}

/// What was observed for one check.
#[derive(Default)]
pub struct CheckObservations {
    /// Index into the tree's files, and facts.
    pub files: Vec<(usize, Arc<[u8]>)>,
    /// Files that the check wanted and that could not be read.
    pub unreadable: Vec<String>,
    /// Files at which the check panicked.
    pub panicked: Vec<String>,
}

/// One observation to make: several checks with equal options share it.
struct Observer<'p> {
    check: &'p Arc<dyn Check>,
    bucket: Bucket,
}

struct Asker<'p> {
    position: Position,
    observer: usize,
    check: &'p Arc<dyn Check>,
    exclude: &'p [Glob],
}

enum Seen {
    Facts(Arc<[u8]>),
    Panicked,
}

/// What came of one file.
#[derive(Default)]
struct FileResult {
    /// The askers that wanted it.
    wanted: Vec<usize>,
    /// By observer.
    seen: Vec<Option<Seen>>,
    digest: Option<Digest>,
    unreadable: Option<String>,
    read: bool,
    stopped: bool,
}

/// The rider's place, which no check of a plan has.
const RIDER: Position = (usize::MAX, usize::MAX);

/// Runs the pass over `tree` for the checks of `plan` that are selected. A `rider` looks into every file that some of them
/// wants, and into no other.
pub fn observe(
    plan: &Plan,
    tree: &dyn SourceTree,
    cache: Cache<'_>,
    watch: &dyn Watch,
    progress: &dyn Progress,
    rider: Option<&Arc<dyn Check>>,
    select: impl Fn(Position) -> bool,
) -> Observations {
    let (mut askers, mut observers) = askers(plan, &cache, select);
    if let Some(rider) = rider {
        askers.push(Asker {
            position: RIDER,
            observer: observers.len(),
            check: rider,
            exclude: &[],
        });
        observers.push(Observer {
            check: rider,
            bucket: cache.bucket(rider.key()),
        });
    }
    let files = tree.files();
    let done = AtomicUsize::new(0);
    let results: Vec<FileResult> = files
        .par_iter()
        .map(|file| {
            let count = done.fetch_add(1, Ordering::Relaxed);
            if count.is_multiple_of(256) {
                progress.at(count, files.len(), "files");
            }
            if watch.interrupted()
                || plan
                    .deadline
                    .is_some_and(|deadline| watch.elapsed() > deadline)
            {
                return FileResult {
                    stopped: true,
                    ..FileResult::default()
                };
            }
            one_file(file, plan, tree, &cache, &askers, &observers)
        })
        .collect();
    let mut found = collect(files, &askers, &results);
    found.rider = found.checks.remove(&RIDER).unwrap_or_default();
    let digests = files
        .iter()
        .zip(&results)
        .filter_map(|(file, result)| Some((file, result.digest?)));
    let buckets = observers
        .into_iter()
        .map(|observer| (observer.check.key(), observer.bucket));
    cache.close(digests, buckets);
    found
}

fn askers<'p>(
    plan: &'p Plan,
    cache: &Cache<'_>,
    select: impl Fn(Position) -> bool,
) -> (Vec<Asker<'p>>, Vec<Observer<'p>>) {
    let (mut askers, mut observers) = (Vec::new(), Vec::new());
    let mut known: BTreeMap<Digest, usize> = BTreeMap::new();
    for (g, gate) in plan
        .gates
        .iter()
        .enumerate()
        .filter(|(_, gate)| gate.unset.is_empty())
    {
        for (c, planned) in gate
            .checks
            .iter()
            .enumerate()
            .filter(|(c, _)| select((g, *c)))
        {
            let key = planned.check.key();
            let observer = *known.entry(key).or_insert_with(|| {
                observers.push(Observer {
                    check: &planned.check,
                    bucket: cache.bucket(key),
                });
                observers.len() - 1
            });
            askers.push(Asker {
                position: (g, c),
                observer,
                check: &planned.check,
                exclude: &planned.exclude,
            });
        }
    }
    (askers, observers)
}

fn one_file(
    file: &FileMeta,
    plan: &Plan,
    tree: &dyn SourceTree,
    cache: &Cache<'_>,
    askers: &[Asker<'_>],
    observers: &[Observer<'_>],
) -> FileResult {
    let mut result = FileResult::default();
    if !file.is_file() || plan.exclude.iter().any(|glob| glob.matches(&file.path)) {
        return result;
    }
    let wants = |asker: &Asker<'_>| {
        asker.position != RIDER
            && asker.check.wants(file)
            && !asker.exclude.iter().any(|glob| glob.matches(&file.path))
    };
    result.wanted = (0..askers.len()).filter(|&at| wants(&askers[at])).collect();
    if result.wanted.is_empty() {
        return result;
    }
    let last = askers.len() - 1;
    if askers[last].position == RIDER {
        result.wanted.push(last);
    }
    result.seen.resize_with(observers.len(), || None);
    let asked: Vec<usize> = result
        .wanted
        .iter()
        .map(|&at| askers[at].observer)
        .collect();

    result.digest = cache.digest(file);
    if let Some(digest) = result.digest {
        let key = FactKey::new(digest, file.language, file.class);
        for &at in &asked {
            result.seen[at] = observers[at]
                .bucket
                .get(key)
                .map(|facts| Seen::Facts(facts.into()));
        }
        if asked.iter().all(|&at| result.seen[at].is_some()) {
            return result;
        }
    }
    let bytes = match tree.read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            result.unreadable = Some(error.to_string());
            result.digest = None;
            return result;
        }
    };
    result.read = true;
    let digest = Digest::of(&bytes);
    result.digest = Some(digest);
    let key = FactKey::new(digest, file.language, file.class);
    let source = SourceFile::new(bytes, file.language, file.class);
    for &at in &asked {
        result.seen[at] = Some(observe_one(&observers[at], key, &source));
    }
    result
}

fn observe_one(observer: &Observer<'_>, key: FactKey, source: &SourceFile) -> Seen {
    if let Some(facts) = observer.bucket.get(key) {
        return Seen::Facts(facts.into());
    }
    match catch_unwind(AssertUnwindSafe(|| observer.check.observe(source))) {
        Ok(facts) => {
            observer.bucket.put(key, &facts);
            Seen::Facts(facts.into())
        }
        Err(_) => Seen::Panicked,
    }
}

fn collect(files: &[FileMeta], askers: &[Asker<'_>], results: &[FileResult]) -> Observations {
    let mut found = Observations::default();
    for asker in askers {
        found
            .checks
            .insert(asker.position, CheckObservations::default());
    }
    for (at, result) in results.iter().enumerate() {
        found.stopped |= result.stopped;
        found.read += usize::from(result.read);
        found.cached +=
            usize::from(!result.read && !result.wanted.is_empty() && result.unreadable.is_none());
        for &wanted in &result.wanted {
            let asker = &askers[wanted];
            let check = found.checks.entry(asker.position).or_default();
            match (&result.unreadable, &result.seen[asker.observer]) {
                (Some(why), _) => check.unreadable.push(why.clone()),
                (None, Some(Seen::Facts(facts))) => check.files.push((at, Arc::clone(facts))),
                (None, Some(Seen::Panicked) | None) => {
                    check.panicked.push(files[at].path.to_string());
                }
            }
        }
    }
    found
}
