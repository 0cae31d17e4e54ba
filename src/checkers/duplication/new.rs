//! Owns `new_duplication`: how much of the code that came since the base stands elsewhere too.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::evidence::Evidence;
use crate::model::metric::Value;
use crate::model::number::Number;
use crate::model::quantity::{Dimension, Quantity};
use crate::source::diff::Diff;
use crate::source::tree::FileMeta;

use super::facts::Code;
use super::lines::Lines;

/// Measures it. Lines that were elsewhere before are not new; where no line of code is, the share is 0, and a note says so.
pub fn measure(
    read: &[(&FileMeta, &Code)],
    duplicated: &BTreeMap<usize, BTreeSet<u32>>,
    diff: &Diff,
    evidence: &mut Evidence,
) {
    let (mut new, mut copied) = (0_u64, 0_u64);
    for (at, (file, code)) in read.iter().enumerate() {
        let Some(change) = diff.files.get(&file.path) else {
            continue;
        };
        let lines = Lines::of(code);
        let is_in = |ranges: &[std::ops::Range<u32>], line| {
            ranges.iter().any(|range| range.contains(&line))
        };
        lines.each(0, usize::MAX, |line| {
            if is_in(&change.lines, line) && !is_in(&change.moved, line) {
                new += 1;
                copied += u64::from(
                    duplicated
                        .get(&at)
                        .is_some_and(|lines| lines.contains(&line)),
                );
            }
        });
    }
    let share = Value::ratio(copied, new).unwrap_or_else(|| {
        evidence
            .notes
            .push("no line of code is new since the base".to_owned());
        Value::Plain(Quantity {
            number: Number::ZERO,
            dimension: Dimension::Share,
        })
    });
    evidence.measure("new_duplication", share);
}
