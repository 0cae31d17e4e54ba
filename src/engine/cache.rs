//! Owns the cache: content digests under file identities, and facts under content. A torn, foreign or newer entry is a
//! miss, never an answer: each entry ends in a digest of itself and starts with the format and the build.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::path::RepoPath;
use crate::source::class::PathClass;
use crate::source::language::Language;
use crate::source::tree::{FileMeta, Identity};

use super::Store;

/// Raised whenever the layout of entries changes.
const FORMAT: u32 = 1;

/// A cache that grew beyond this many entries of a kind begins anew: branches come and go, and nothing else takes old ones
/// out.
const MOST_ENTRIES: usize = 500_000;

/// Clocks of file systems tick as rarely as every 2 seconds (FAT); most tick every few milliseconds.
const COARSE_TICK: i128 = 2_000_000_000;
const FINE_TICK: i128 = 20_000_000;

/// What facts depend on besides the check: content, language by name and class by path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FactKey([u8; 16]);

impl FactKey {
    /// The key of a file's facts.
    #[must_use]
    pub fn new(content: Digest, language: Option<Language>, class: PathClass) -> Self {
        let told = postcard::to_stdvec(&(language, class)).expect("plain data");
        let digest = Digest::of_parts([&content.as_bytes()[..], &told]);
        let mut key = [0; 16];
        key.copy_from_slice(&digest.as_bytes()[..16]);
        Self(key)
    }
}

/// The facts of one check, by content.
#[derive(Default)]
pub struct Bucket {
    known: HashMap<FactKey, Vec<u8>>,
    fresh: Mutex<HashMap<FactKey, Vec<u8>>>,
}

impl Bucket {
    /// The cached facts; `None` is a miss.
    #[must_use]
    pub fn get(&self, key: FactKey) -> Option<&[u8]> {
        self.known.get(&key).map(Vec::as_slice)
    }

    /// Keeps facts for the next run.
    pub fn put(&self, key: FactKey, facts: &[u8]) {
        self.fresh
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, facts.to_vec());
    }
}

/// Content digests of a work tree's files and of git's objects.
#[derive(Default, Serialize, Deserialize)]
struct Digests {
    files: HashMap<RepoPath, (Identity, Digest)>,
    blobs: HashMap<String, Digest>,
}

/// The cache of one run.
pub struct Cache<'a> {
    store: Option<&'a dyn Store>,
    build: String,
    started: i128,
    digests: Digests,
}

impl<'a> Cache<'a> {
    /// Opens the cache. Without a store it remembers nothing. `build` names the program: facts of another one are
    /// misses. `started` is when the tree was surveyed, in nanoseconds since the epoch.
    #[must_use]
    pub fn open(store: Option<&'a dyn Store>, build: &str, started: i128) -> Self {
        let mut cache = Self {
            store,
            build: build.to_owned(),
            started,
            digests: Digests::default(),
        };
        cache.digests = cache.load("digests").unwrap_or_default();
        cache
    }

    fn load<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let bytes = self.store?.load(name)?;
        let (body, seal) = bytes.split_last_chunk::<32>()?;
        if Digest::of(body).as_bytes() != seal {
            return None;
        }
        let (head, rest): ((u32, String), &[u8]) = postcard::take_from_bytes(body).ok()?;
        if head != (FORMAT, self.build.clone()) {
            return None;
        }
        postcard::from_bytes(rest).ok()
    }

    fn save<T: Serialize>(&self, name: &str, value: &T) {
        let Some(store) = self.store else { return };
        let head = postcard::to_stdvec(&(FORMAT, &self.build)).expect("plain data");
        let mut bytes = postcard::to_extend(value, head).expect("plain data");
        let seal = Digest::of(&bytes);
        bytes.extend_from_slice(seal.as_bytes());
        store.save(name, &bytes);
    }

    /// The content digest that the file's identity proves; `None`: read it.
    #[must_use]
    pub fn digest(&self, file: &FileMeta) -> Option<Digest> {
        match &file.identity {
            Identity::Blob(id) => self.digests.blobs.get(id).copied(),
            Identity::Stat { .. } => {
                let (identity, digest) = self.digests.files.get(&file.path)?;
                (*identity == file.identity).then_some(*digest)
            }
            Identity::None => None,
        }
    }

    /// The facts of the check with this key.
    #[must_use]
    pub fn bucket(&self, check: Digest) -> Bucket {
        Bucket {
            known: self.load(&bucket_name(check)).unwrap_or_default(),
            fresh: Mutex::default(),
        }
    }

    /// Keeps what this run learned: the digest of each file seen, and for each check its fresh facts.
    pub fn close<'f>(
        mut self,
        seen: impl IntoIterator<Item = (&'f FileMeta, Digest)>,
        buckets: impl IntoIterator<Item = (Digest, Bucket)>,
    ) {
        if self.store.is_none() {
            return;
        }
        if self.digests.files.len() + self.digests.blobs.len() > MOST_ENTRIES {
            self.digests = Digests::default();
        }
        let mut changed = false;
        for (file, digest) in seen {
            changed |= self.learn(file, digest);
        }
        if changed {
            self.save("digests", &self.digests);
        }
        for (check, bucket) in buckets {
            let fresh = bucket
                .fresh
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner);
            if !fresh.is_empty() {
                let mut all = bucket.known;
                if all.len() > MOST_ENTRIES {
                    all.clear();
                }
                all.extend(fresh);
                self.save(&bucket_name(check), &all);
            }
        }
    }

    fn learn(&mut self, file: &FileMeta, digest: Digest) -> bool {
        match &file.identity {
            Identity::Blob(id) => self.digests.blobs.insert(id.clone(), digest).is_none(),
            Identity::Stat {
                modified, changed, ..
            } if self.is_racy(*modified) || self.is_racy(*changed) => {
                self.digests.files.remove(&file.path).is_some()
            }
            Identity::Stat { .. } => {
                let entry = (file.identity.clone(), digest);
                if self.digests.files.get(&file.path) == Some(&entry) {
                    return false;
                }
                self.digests.files.insert(file.path.clone(), entry);
                true
            }
            Identity::None => false,
        }
    }

    /// Changed so shortly before the survey that a second change could leave the same time stamp: such a file is read
    /// again next time, as git does with racily clean entries.
    fn is_racy(&self, stamp: i128) -> bool {
        let tick = if stamp % 1_000_000_000 == 0 {
            COARSE_TICK
        } else {
            FINE_TICK
        };
        stamp + tick >= self.started
    }
}

fn bucket_name(check: Digest) -> String {
    format!("facts-{}", check.short())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tree::{EntryKind, Tracking};
    use std::collections::BTreeMap;

    #[derive(Default)]
    struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

    impl Store for Memory {
        fn load(&self, name: &str) -> Option<Vec<u8>> {
            self.0
                .lock()
                .expect("no test panics here")
                .get(name)
                .cloned()
        }
        fn save(&self, name: &str, bytes: &[u8]) {
            self.0
                .lock()
                .expect("no test panics here")
                .insert(name.to_owned(), bytes.to_vec());
        }
    }

    const NOW: i128 = 2_000_000_000_000_000_123;
    const LONG_AGO: i128 = NOW - 60_000_000_000;

    fn file(modified: i128) -> FileMeta {
        let path = RepoPath::new("a").expect("inside");
        let identity = Identity::Stat {
            size: 1,
            modified,
            changed: modified,
            inode: 7,
        };
        FileMeta::new(
            path,
            EntryKind::File { executable: false },
            1,
            Tracking::Tracked,
            identity,
        )
    }

    fn filled(modified: i128) -> (Memory, FileMeta, FactKey, Digest) {
        let store = Memory::default();
        let (file, content, check) = (file(modified), Digest::of(b"content"), Digest::of(b"check"));
        let key = FactKey::new(content, None, PathClass::default());
        let cache = Cache::open(Some(&store), "build 1", NOW);
        let bucket = cache.bucket(check);
        bucket.put(key, b"facts");
        cache.close([(&file, content)], [(check, bucket)]);
        (store, file, key, check)
    }

    #[test]
    fn remembers_what_it_can_prove() {
        let (store, known, key, check) = filled(LONG_AGO);
        let again = Cache::open(Some(&store), "build 1", NOW);
        assert_eq!(again.digest(&known), Some(Digest::of(b"content")));
        assert_eq!(again.bucket(check).get(key), Some(&b"facts"[..]));
        assert_eq!(again.digest(&file(LONG_AGO + 1)), None);
    }

    #[test]
    fn a_racily_clean_file_is_read_again() {
        let whole_second = NOW / 1_000_000_000 * 1_000_000_000 - 1_000_000_000;
        for racy in [NOW - 1_000_000, NOW, NOW + 5, whole_second] {
            let (store, file, ..) = filled(racy);
            assert_eq!(
                Cache::open(Some(&store), "build 1", NOW).digest(&file),
                None,
                "{racy}"
            );
        }
    }

    #[test]
    fn a_torn_foreign_or_newer_entry_is_a_miss() {
        let (store, file, key, check) = filled(LONG_AGO);
        let answers = |build: &str| {
            let cache = Cache::open(Some(&store), build, NOW);
            (
                cache.digest(&file).is_some(),
                cache.bucket(check).get(key).is_some(),
            )
        };
        assert_eq!(answers("build 1"), (true, true));
        assert_eq!(answers("build 2"), (false, false));
        let names: Vec<String> = store.0.lock().expect("no panic").keys().cloned().collect();
        assert_eq!(names.len(), 2);
        for name in names {
            let whole = store.load(&name).expect("it was saved");
            for at in 0..whole.len() {
                store.save(&name, &whole[..at]);
                assert_ne!(answers("build 1"), (true, true), "cut at {at}");
                let mut torn = whole.clone();
                torn[at] ^= 0x40;
                store.save(&name, &torn);
                assert_ne!(answers("build 1"), (true, true), "torn at {at}");
            }
            store.save(&name, &whole);
        }
    }
}
