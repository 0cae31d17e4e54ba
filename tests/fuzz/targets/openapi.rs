//! Any bytes as a description of an API, in YAML and in JSON, alone and beside a file that it may refer to.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use qgate::check::nowhere;
use qgate::check::registry::Check;
use qgate::source::memory::MemoryTree;

static CHECK: LazyLock<Arc<dyn Check>> = LazyLock::new(|| {
    let text = qgate::config::yaml::text("options", b"{paths: ['api.*']}", false).expect("it is text");
    let options = qgate::config::yaml::parse(&text).expect("it is YAML");
    let checker = qgate::checkers::find("openapi").expect("there is one");
    (checker.build)(&options, &mut Vec::new()).expect("good options")
});

fuzz_target!(|bytes: &[u8]| {
    let Some((which, content)) = bytes.split_first() else {
        return;
    };
    let name = if which % 2 == 0 { "api.yaml" } else { "api.json" };
    // The second half is another file.
    let (one, other) = content.split_at(usize::from(*which).min(content.len()));
    for files in [vec![(name, content)], vec![(name, other), ("b.yaml", one)]] {
        let _ = nowhere::conclude(CHECK.as_ref(), &MemoryTree::new(files));
    }
});
