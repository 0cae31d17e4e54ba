//! Lockfiles of every format, ranges, answers of registries, files with newest versions: nothing panics, and every bill of
//! materials is plain ASCII.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qgate::checkers::dependencies::inventory::Ecosystem;
use qgate::checkers::dependencies::locks::{self, Alone, Format};
use qgate::checkers::dependencies::outdated::latest::Latest;
use qgate::checkers::dependencies::outdated::{registry, step};
use qgate::checkers::dependencies::sbom::{self, Bill, Head};
use qgate::checkers::dependencies::versions::range::{self, Bounds};
use qgate::checkers::dependencies::vulnerabilities::survey::Lock;

fuzz_target!(|data: &[u8]| {
    let Some((&kind, rest)) = data.split_first() else {
        return;
    };
    let format = Format::ALL[usize::from(kind) % Format::ALL.len()];
    let name = format.names()[0];
    if let Ok(inventory) = locks::read(format, name, rest, &Alone) {
        let lock = Lock { path: name.to_owned(), inventory };
        let head = Head { name: "project".to_owned(), version: None, created: 0 };
        let bill = Bill::new(head, &[lock], true, &|_, package| package.licence.clone());
        assert!(sbom::cyclonedx(&bill).is_ascii() && sbom::spdx(&bill).is_ascii());
    }
    let _ = Latest::read(rest);
    let ecosystem = Ecosystem::ALL[usize::from(kind) % Ecosystem::ALL.len()];
    let _ = registry::latest(ecosystem, "a", rest);
    if let Ok(text) = std::str::from_utf8(rest) {
        let (left, right) = text.split_once('\n').unwrap_or((text, "1.0.0"));
        let _ = range::allows(ecosystem, left, right);
        let _ = Bounds::read(left).map(|bounds| bounds.hold(ecosystem, right));
        let _ = step::behind(ecosystem, left, right);
        let _ = registry::url(ecosystem, "https://r.example", left);
    }
});
