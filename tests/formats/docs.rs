//! Owns the truth of `docs/formats.md`: every sample in it is part of a report.

use super::{NAMES, render, sample};

#[test]
fn the_samples_of_the_documentation_are_real() {
    let page = include_str!("../../docs/formats.md");
    let mut shown = 0;
    for section in page.split("\n## ").skip(1) {
        let name = section.split('`').nth(1).unwrap_or_default();
        if !NAMES.contains(&name) {
            continue;
        }
        let real = render(name, &sample::report());
        let mut parts = section.split("```").skip(1).step_by(2);
        for block in parts.by_ref() {
            let (language, text) = block.split_once('\n').expect("a fence is a line");
            if language == "yaml" || language == "sh" {
                continue;
            }
            shown += 1;
            assert!(
                real.contains(text.trim_end()),
                "not in {name}:\n{text}\n\n{real}"
            );
        }
    }
    assert!(shown >= 7, "{shown}");
}
