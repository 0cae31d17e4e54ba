//! Any text as the migrations of a Supabase project: parsed, folded, and judged by every rule, in both modes.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use qgate::check::nowhere;
use qgate::check::registry::Check;
use qgate::source::memory::MemoryTree;

fn check(options: &str) -> Arc<dyn Check> {
    let text = qgate::config::yaml::text("options", options.as_bytes(), false).expect("it is text");
    let options = qgate::config::yaml::parse(&text).expect("it is YAML");
    let checker = qgate::checkers::find("sql").expect("there is one");
    (checker.build)(&options, &mut Vec::new()).expect("these are its options")
}

static CHECKS: LazyLock<[Arc<dyn Check>; 2]> =
    LazyLock::new(|| [check("{mode: exact, profile: legacy}"), check("{mode: precise, profile: '2026'}")]);

fuzz_target!(|bytes: &[u8]| {
    // What stands behind a zero byte is the next migration.
    let (first, second) = match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &b""[..]),
    };
    let tree = MemoryTree::new([
        ("supabase/migrations/20260101000000_a.sql", first),
        ("supabase/migrations/20260102000000_b.sql", second),
    ]);
    for check in CHECKS.iter() {
        let _ = nowhere::conclude(check.as_ref(), &tree);
    }
});
