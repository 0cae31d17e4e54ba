//! Owns the seeded violations: each active check is shown the failing examples of its rules' pages, in memory. A check
//! that finds none of them judges nothing.

use super::{Line, State};
use crate::check::nowhere;
use crate::check::page::Page;
use crate::check::registry::Check;
use crate::config::plan::{Plan, PlannedCheck, RuleSetting};
use crate::model::evidence::Completeness;
use crate::model::rule::Rule;

/// As many rules are named; of more only the number is told.
const NAMED: usize = 3;

/// Does a rule still bite?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bite {
    Bites,
    /// The configured check sees nothing in the example.
    Silent,
    /// The gate files turned it off.
    Off,
    /// No example can be shown without the outside world.
    NotSeeded,
}

/// A line for each check that can be shown an example.
pub fn lines(plan: &Plan) -> Vec<Line> {
    let mut lines = Vec::new();
    for planned in &plan.gates {
        for check in &planned.checks {
            let of = format!("{}.{}", planned.gate.id, check.name);
            lines.extend(line(&of, &planned.gate.id, check));
        }
    }
    lines
}

/// `None` when there is no example that could be shown.
fn line(of: &str, gate: &str, check: &PlannedCheck) -> Option<Line> {
    let rules = check.check.rules();
    let bites: Vec<(&str, Bite)> = rules
        .iter()
        .map(|rule| (rule.id, bite(check, rule)))
        .collect();
    let with = |wanted: Bite| -> Vec<&str> {
        let of_kind = bites.iter().filter(|(_, bite)| *bite == wanted);
        of_kind.map(|(id, _)| *id).collect()
    };
    let biting = with(Bite::Bites).len();
    let mut what = format!(
        "bite: {of} finds the planted examples of {biting} of {} rules",
        rules.len()
    );
    // Where a rule is left that only the outside world can show, nobody knows here whether the check bites.
    let unknown = !with(Bite::NotSeeded).is_empty();
    let nothing_shown = with(Bite::Silent).is_empty() && with(Bite::Off).is_empty();
    if biting == 0 && (unknown || nothing_shown) {
        return None;
    }
    for (kind, words) in [
        (Bite::Silent, "not with these options"),
        (Bite::Off, "off"),
        (Bite::NotSeeded, "needs the outside world"),
    ] {
        let ids = with(kind);
        match ids.len() {
            0 => {}
            1..=NAMED => what.push_str(&format!("; {words}: {}", ids.join(", "))),
            many => what.push_str(&format!("; {words}: {many}")),
        }
    }
    let cure = || format!("look at its options with `qgate explain config {gate}`");
    Some(if biting == 0 {
        Line::new(State::Fail, what, cure())
    } else {
        Line::pass(what)
    })
}

fn bite(check: &PlannedCheck, rule: &Rule) -> Bite {
    if check.rules.get(rule.id) == Some(&RuleSetting::Off) {
        return Bite::Off;
    }
    let Ok(page) = Page::parse(rule.page) else {
        return Bite::NotSeeded;
    };
    let examples = page
        .failing
        .iter()
        .filter(|example| !example.files.is_empty());
    let shown: Vec<Option<bool>> = examples
        .map(|example| finds(&*check.check, &example.tree(), rule))
        .collect();
    if shown.contains(&Some(true)) {
        Bite::Bites
    } else if shown.is_empty() || shown.contains(&None) || page.needs_outside_world() {
        Bite::NotSeeded
    } else {
        Bite::Silent
    }
}

/// `None` when the check cannot know without the outside world.
fn finds(
    check: &dyn Check,
    tree: &dyn crate::source::tree::SourceTree,
    rule: &Rule,
) -> Option<bool> {
    let evidence = nowhere::conclude(check, tree).ok()?;
    let found = evidence.findings.iter().any(|found| found.rule == rule.id);
    let knows = !matches!(evidence.completeness, Completeness::Partial(_));
    (found || knows).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{GateFiles, Request, load};

    struct One(&'static str);

    impl GateFiles for One {
        fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
            Ok((path == "qgate.yaml").then(|| self.0.as_bytes().to_vec()))
        }
    }

    fn check(config: &'static str, state: State, part: &str) {
        let plan = load(&Request::default(), &One(config), &|_| None);
        let Ok(plan) = plan else {
            panic!("the configuration is valid");
        };
        let lines = lines(&plan);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0].state, state, "{lines:?}");
        assert!(lines[0].what.contains(part), "{lines:?}");
    }

    #[test]
    fn a_check_that_no_longer_bites_is_told() {
        check(
            "version: 1\ngates:\n  t:\n    checks:\n      - text: {}\n",
            State::Pass,
            "bite: t.text finds the planted examples of",
        );
        check(
            "version: 1\nrules: { bidi-control: off }\ngates:\n  t:\n    checks:\n      - text: {}\n",
            State::Pass,
            "off: bidi-control",
        );
        check(
            "version: 1\ngates:\n  t:\n    checks:\n      - text: { max_size: 1B }\n",
            State::Fail,
            "bite: t.text finds the planted examples of 0 of",
        );
    }
}
