//! Any bytes as a tool's report, through a configured check whose tool prints them.
#![no_main]

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use qgate::check::context::{Cx, LazyChange};
use qgate::check::nowhere;
use qgate::check::ports::{Finished, Ports, Programs, Request};
use qgate::check::registry::Check;
use qgate::model::fault::{Fault, FaultKind};
use qgate::source::memory::MemoryTree;

const OPTIONS: [&str; 5] = [
    "{run: [tool], sarif: stdout}",
    "{run: [tool], junit: stdout}",
    "{run: [tool], checkstyle: stdout}",
    "{run: [tool], json: {from: stdout, metrics: {n: {pointer: /a/0/n, better: lower}}}}",
    "{run: [tool], regex: {from: stdout, pattern: '(?<file>[^:]*):(?<line>[0-9]+)(?<message>.*)'}}",
];

static CHECKS: LazyLock<Vec<Arc<dyn Check>>> = LazyLock::new(|| {
    let command = qgate::checkers::find("command").expect("there is one");
    let make = |options: &&str| {
        let text = qgate::config::yaml::text("options", options.as_bytes(), false);
        let node = qgate::config::yaml::parse(&text.expect("it is text")).expect("it is YAML");
        let mut problems = Vec::new();
        let check = (command.build)(&node, &mut problems);
        check.unwrap_or_else(|| panic!("{options}: {}", qgate::config::render(&problems)))
    };
    OPTIONS.iter().map(make).collect()
});

/// A tool that prints the bytes.
struct Printer<'a>(&'a [u8]);

impl Programs for Printer<'_> {
    fn find(&self, name: &str) -> Option<PathBuf> {
        Some(PathBuf::from("/bin").join(name))
    }

    fn run(&self, _: &Request) -> Result<Finished, Fault> {
        Ok(Finished {
            code: Some(0),
            signal: None,
            stdout: self.0.to_vec(),
            stderr: Vec::new(),
            truncated: false,
            log: None,
            wall: Duration::ZERO,
        })
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((which, report)) = bytes.split_first() else {
        return;
    };
    let check = &CHECKS[usize::from(*which) % CHECKS.len()];
    let tree = MemoryTree::new([("src/a.py", "a\n")]);
    let printer = Printer(report);
    let missing = Fault::new(FaultKind::Missing, "there is no base", "name one");
    let change = LazyChange::unknown(missing);
    let cx = Cx {
        waivers: &[],
        tree: &tree,
        change: &change,
        ports: Ports {
            programs: &printer,
            ..nowhere::ports()
        },
        timeout: Duration::from_secs(1),
        label: "fuzz",
    };
    if let Ok(evidence) = check.conclude(&[], &cx) {
        for finding in &evidence.findings {
            assert!(finding.headline.chars().count() <= 400, "{}", finding.headline);
            let _ = finding.place.to_string();
        }
    }
});
