//! Owns lists of findings: worst first, capped, help said once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::base::ascii::escape;
use crate::base::words::count;
use crate::model::finding::{Finding, Standing};

use super::Page;

/// The least room that a headline needs beside its place; with less it stands below it.
const LEAST_ROOM: usize = 30;

/// Writes findings and gives how many were left out: at most `most` (0: every one), and no rule takes more than half of
/// them where there are several.
pub fn write(findings: &[&Finding], most: usize, out: &mut Page) -> usize {
    let mut sorted = findings.to_vec();
    sorted.sort_by(|a, b| order(a).cmp(&order(b)));
    let limit = if most == 0 { usize::MAX } else { most };
    let one_rule = sorted.windows(2).all(|pair| pair[0].rule == pair[1].rule);
    let of_one = if one_rule { limit } else { limit.div_ceil(2) };
    let mut of_rule: BTreeMap<&str, usize> = BTreeMap::new();
    let mut helped: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut shown = 0;
    for finding in &sorted {
        let seen = of_rule.entry(&finding.rule).or_default();
        if *seen >= of_one || shown >= limit {
            continue;
        }
        *seen += 1;
        shown += 1;
        one(finding, out);
        if !finding.help.is_empty() && helped.insert((&finding.rule, &finding.help)) {
            out.line(
                &format!("help: {}", escape(&finding.help)),
                "      ",
                "        ",
            );
        }
    }
    let left = sorted.len() - shown;
    if left > 0 {
        out.line(
            &format!("and {}", count(left, "more finding")),
            "  ",
            "    ",
        );
    }
    left
}

/// By severity, the worst first, then by place, rule and text: a total order.
fn order(finding: &Finding) -> impl Ord + use<'_> {
    (
        Reverse(finding.severity),
        &finding.place,
        &finding.rule,
        &finding.headline,
        &finding.fingerprint,
    )
}

/// One finding. Its place is never broken, so that it can be clicked or pasted.
pub fn one(finding: &Finding, out: &mut Page) {
    let place = format!("  {}:", finding.place);
    let what = format!(
        "{}: {} [{}]{}",
        finding.severity,
        escape(&finding.headline),
        escape(&finding.rule),
        match finding.standing {
            Standing::Counts => "",
            Standing::OnBase | Standing::InBaseline => " (known)",
            Standing::Waived(_) => " (waived)",
        }
    );
    if place.len() + LEAST_ROOM > out.width {
        out.text.push_str(&place);
        out.text.push('\n');
        out.line(&what, "      ", "      ");
    } else {
        out.line(&what, &format!("{place} "), "      ");
    }
}
