//! Any bytes as a gate file: a plan, or problems in plain ASCII.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qgate::config::{GateFiles, Request, load, render};

struct One<'a>(&'a [u8]);

impl GateFiles for One<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok((path == "qgate.yaml").then(|| self.0.to_vec()))
    }
}

fn plain(text: &str) {
    let plain = text.bytes().all(|b| b == b'\n' || (0x20..=0x7e).contains(&b));
    assert!(plain, "{text:?}");
}

fuzz_target!(|bytes: &[u8]| {
    if let Err(problems) = load(&Request::default(), &One(bytes), &|_| None) {
        assert!(!problems.is_empty());
        plain(&render(&problems));
    }
});
