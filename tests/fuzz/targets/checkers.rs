//! Any bytes as a file of each language, through every checker that needs nothing but the tree.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use qgate::check::nowhere;
use qgate::check::registry::Check;
use qgate::source::memory::MemoryTree;

/// The checkers with their default options.
static CHECKS: LazyLock<Vec<Arc<dyn Check>>> = LazyLock::new(|| {
    let text = qgate::config::yaml::text("options", b"{}", false).expect("it is text");
    let options = qgate::config::yaml::parse(&text).expect("it is YAML");
    let pure = ["text", "files", "terminal-output", "commits"];
    let checkers = pure.map(|name| qgate::checkers::find(name).expect("there is one"));
    let made = checkers.map(|checker| (checker.build)(&options, &mut Vec::new()));
    made.into_iter().map(|check| check.expect("it needs no option")).collect()
});

const NAMES: [&str; 12] = [
    "a.sh",
    "a.py",
    "a.yml",
    "a.md",
    "a.json",
    "a.txt",
    "a",
    "Makefile",
    "Dockerfile",
    ".gitignore",
    ".github/workflows/a.yml",
    "action.yml",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((which, content)) = bytes.split_first() else {
        return;
    };
    let name = NAMES[usize::from(*which) % NAMES.len()];
    let tree = MemoryTree::new([(name, content)]);
    for check in CHECKS.iter() {
        let _ = nowhere::conclude(check.as_ref(), &tree);
    }
    // The content as a name.
    let tree = MemoryTree::new([(content, b"")]);
    for check in CHECKS.iter() {
        let _ = nowhere::conclude(check.as_ref(), &tree);
    }
});
