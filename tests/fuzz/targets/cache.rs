//! Any bytes as a cache entry: raw, and behind a good seal and head; a miss or facts, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qgate::base::digest::Digest;
use qgate::engine::Store;
use qgate::engine::cache::{Cache, FactKey};
use qgate::source::memory::MemoryTree;
use qgate::source::tree::{Identity, SourceTree as _};

/// What every entry of this build starts with: the format, and the build `b`.
const HEAD: &[u8] = &[1, 1, b'b'];

struct Stored(Vec<u8>);

impl Store for Stored {
    fn load(&self, _: &str) -> Option<Vec<u8>> {
        Some(self.0.clone())
    }

    fn save(&self, _: &str, _: &[u8]) {}
}

fn ask(entry: Vec<u8>) {
    let store = Stored(entry);
    let cache = Cache::open(Some(&store), "b", 1 << 60);
    let identity = Identity::Blob("a".to_owned());
    let tree = MemoryTree::new([("a", "")]).with("a", |file| file.identity = identity);
    let file = &tree.files()[0];
    let digest = Digest::of(b"");
    let _ = cache.digest(file);
    let bucket = cache.bucket(digest);
    let key = FactKey::new(digest, file.language, file.class);
    let _ = bucket.get(key);
    cache.close([(file, digest)], [(digest, bucket)]);
}

fuzz_target!(|bytes: &[u8]| {
    ask(bytes.to_vec());
    let mut sealed = [HEAD, bytes].concat();
    let seal = Digest::of(&sealed);
    sealed.extend_from_slice(seal.as_bytes());
    ask(sealed);
});
