//! Any bytes through each reader of coverage reports, the union and the matching of paths: no panic, never more covered than there is,
//! and a report with itself tells of the same lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qgate::checkers::coverage::model::Totals;
use qgate::checkers::coverage::paths::Files;
use qgate::checkers::coverage::read::{self, Format, Report};
use qgate::checkers::coverage::set::Union;
use qgate::source::memory::MemoryTree;

fn check(report: &Report, tree: &MemoryTree) {
    let files = Files::new(tree, "/r", &[]);
    let mut once = Union::default();
    once.add(report.clone(), Some(&files));
    let mut twice = Union::default();
    twice.add(report.clone(), Some(&files));
    twice.add(report.clone(), Some(&files));
    assert_eq!(once.all_totals(), twice.all_totals());
    let Totals { lines, branches, functions, statements } = once.all_totals();
    for count in [lines, branches, functions, statements] {
        assert!(count.covered <= count.total);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let tree = MemoryTree::new([("src/a.py", ""), ("lib/src/a.py", ""), ("b.go", ""), ("go.mod", "module m\n")]);
    let format = Format::ALL[usize::from(*first) % Format::ALL.len()];
    for report in [read::read_as(format, rest, 1 << 24), read::read(bytes, 1 << 24)].into_iter().flatten() {
        check(&report, &tree);
    }
});
