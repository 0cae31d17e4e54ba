//! Any bytes as what git prints: a diff, a list of files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qgate::host::worktree::listing;
use qgate::host::{git, trees};
use qgate::source::tree::Tracking;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((diff, _)) = git::patch::parse(bytes) {
        for file in diff.files.values() {
            assert!(file.lines.iter().all(|lines| lines.start < lines.end));
        }
    }
    for tracking in [Tracking::Tracked, Tracking::Untracked] {
        let _ = listing::parse(bytes, tracking).map(|files| files.len());
    }
    for record in trees::records(bytes) {
        let _ = trees::halves(record).map(|(words, path)| (words.len(), path.to_string()));
    }
});
