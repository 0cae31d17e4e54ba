//! Owns the tests of `commits` over scripted histories.

use std::time::Duration;

use crate::check::context::{Base, LazyChange};
use crate::check::nowhere::{self, Nowhere};
use crate::check::ports::{Git, Surroundings};
use crate::model::evidence::Completeness;
use crate::model::fault::FaultKind;
use crate::source::diff::Diff;
use crate::source::memory::MemoryTree;

use super::*;

/// A repository as git tells it.
struct Told {
    branch: Option<&'static str>,
    /// Parents and message of each new commit.
    commits: Vec<(usize, &'static str)>,
    ci: bool,
    base: bool,
    unborn: bool,
}

impl Git for Told {
    fn commits(&self, _: Option<&str>, _: &str) -> Result<Vec<Commit>, Fault> {
        let commit = |(n, (parents, message)): (usize, &(usize, &str))| Commit {
            id: format!("{n:040}"),
            parents: vec![String::new(); *parents],
            message: (*message).to_owned(),
        };
        Ok(self.commits.iter().enumerate().map(commit).collect())
    }

    fn has_commits(&self) -> Result<bool, Fault> {
        Ok(!self.unborn)
    }

    fn branches(&self) -> Result<Vec<String>, Fault> {
        Ok(self.branch.map(str::to_owned).into_iter().collect())
    }

    fn config(&self, _: &str) -> Result<Option<String>, Fault> {
        Ok(None)
    }
}

impl Surroundings for Told {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "CI" && self.ci).then(|| "true".to_owned())
    }

    fn today(&self) -> jiff::civil::Date {
        Nowhere.today()
    }

    fn root(&self) -> std::path::PathBuf {
        Nowhere.root()
    }
}

fn told(commits: &[&'static str]) -> Told {
    Told {
        branch: Some("topic"),
        commits: commits.iter().map(|message| (1, *message)).collect(),
        ci: false,
        base: true,
        unborn: false,
    }
}

fn conclude(options: Options, told: &Told) -> Result<Evidence, Fault> {
    let tree = MemoryTree::new([("a.md", "text\n")]);
    let base = || {
        let base = Base {
            commit: "0".repeat(40),
            name: "main".to_owned(),
        };
        let shallow = Fault::new(FaultKind::ShallowClone, "no history", "fetch it");
        if told.base { Ok(base) } else { Err(shallow) }
    };
    let change = LazyChange::new(base, |_| Ok(Diff::default()));
    let mut ports = nowhere::ports();
    ports.git = told;
    ports.surroundings = told;
    let cx = Cx {
        waivers: &[],
        tree: &tree,
        change: &change,
        ports,
        timeout: Duration::from_mins(1),
        label: "test",
    };
    Commits::new(options)
        .expect("the options fit together")
        .conclude(&[], &cx)
}

fn check(options: Options, told: &Told, expected: &[&str]) {
    let evidence = conclude(options, told).expect("the check can know");
    let found: Vec<String> = evidence
        .findings
        .iter()
        .map(|finding| {
            format!(
                "{} {}: {}",
                finding.severity, finding.place, finding.headline
            )
        })
        .collect();
    assert_eq!(found, expected);
}

fn style(style: Style) -> Options {
    Options {
        style,
        ..Options::default()
    }
}

#[test]
fn conventional_messages() {
    let good = [
        "feat: a thing",
        "fix(core)!: another\n\nBody.",
        "chore(deps): b",
        "revert: c",
        "Revert \"feat: a thing\"",
        "Merge branch 'main' into topic",
    ];
    check(style(Style::Conventional), &told(&good), &[]);
    let bad = told(&[
        "FEAT: x",
        "feat:x",
        "feature: x",
        "did things",
        "feat(): x",
        "fixup! feat: x",
        "feat: ",
    ]);
    check(
        style(Style::Conventional),
        &bad,
        &[
            "info commit 000000000000: the commit message `FEAT: x` has its type in the wrong case: write `feat`",
            "info commit 000000000000: the commit message `feat:x` has no subject behind a colon and a space",
            "info commit 000000000000: the commit message `feature: x` has an unknown type",
            "info commit 000000000000: the commit message `did things` has no type",
            "info commit 000000000000: the commit message `feat(): x` has a scope that is empty or not closed",
            "info commit 000000000000: the commit message `fixup! feat: x` waits to be folded into another commit",
            "info commit 000000000000: the commit message `feat:` has no subject behind a colon and a space",
        ],
    );
}

#[test]
fn every_bad_message_counts_not_only_the_first_or_the_last() {
    let evidence = conclude(
        style(Style::Upper),
        &told(&["bad one", "FEAT: good", "bad two", "WIP(x): good"]),
    );
    let evidence = evidence.expect("the check can know");
    assert_eq!(evidence.findings.len(), 2);
    assert!(
        evidence
            .findings
            .iter()
            .all(|finding| finding.severity == Severity::High)
    );
}

#[test]
fn merge_commits_are_told_by_their_parents() {
    let mut merge = told(&["whatever the forge wrote"]);
    merge.commits[0].0 = 2;
    check(style(Style::Upper), &merge, &[]);
}

#[test]
fn own_types_lengths_and_patterns() {
    let types = Options {
        types: vec!["OPS".to_owned()],
        max_subject: 12,
        ..style(Style::Upper)
    };
    check(
        types,
        &told(&["OPS: short", "FEAT: x", "OPS: thirteen."]),
        &[
            "high commit 000000000000: the commit message `FEAT: x` has an unknown type",
            "high commit 000000000000: the commit message `OPS: thirteen.` has a first line of 14 characters, over 12",
        ],
    );
    let pattern = Options {
        pattern: Pattern::new("^[A-Z]+-[0-9]+ ").ok(),
        ..style(Style::Pattern)
    };
    check(
        pattern,
        &told(&["ABC-1 x", "x"]),
        &["high commit 000000000000: the commit message `x` does not match the pattern"],
    );
    assert!(Commits::new(style(Style::Pattern)).is_err());
}

#[test]
fn the_protected_branch() {
    let options = || Options {
        protected: vec!["main".to_owned()],
        ..Options::default()
    };
    let on_main = |commits: &[&'static str], ci| Told {
        branch: Some("main"),
        ci,
        ..told(commits)
    };
    let found = "high branch main: a change is made on the protected branch `main`";
    check(options(), &on_main(&["x"], false), &[found]);
    check(options(), &on_main(&["x"], true), &[]);
    // A fresh clone stands on it, and nothing was changed.
    check(options(), &on_main(&[], false), &[]);
    check(options(), &told(&["x"]), &[]);
    let detached = Told {
        branch: None,
        ..told(&["x"])
    };
    check(options(), &detached, &[]);
}

#[test]
fn nothing_to_look_at_is_said_not_passed() {
    let only_history = |style| Options {
        style,
        protected: vec!["main".to_owned()],
        untracked: false,
        bypasses: false,
        ..Options::default()
    };
    let check = |told: &Told, expected: &str| {
        let evidence = conclude(only_history(Style::Upper), told).expect("the check can know");
        let expected = Completeness::NotApplicable(expected.to_owned());
        assert_eq!(evidence.completeness, expected);
    };
    check(&told(&[]), "no commits since main");
    let unborn = Told {
        base: false,
        unborn: true,
        ..told(&[])
    };
    check(&unborn, "there is no commit yet");
    let in_ci = Told {
        ci: true,
        ..told(&["x"])
    };
    let evidence = conclude(only_history(Style::Off), &in_ci).expect("the check can know");
    assert!(matches!(
        evidence.completeness,
        Completeness::NotApplicable(_)
    ));
}

#[test]
fn what_needs_the_base_cannot_pass_without_it() {
    let no_base = Told {
        base: false,
        ..told(&[])
    };
    let fault = conclude(style(Style::Conventional), &no_base).expect_err("the base is not known");
    assert_eq!(fault.kind, FaultKind::ShallowClone);
    // The other parts do not need it.
    check(Options::default(), &no_base, &[]);
}

#[test]
fn one_line_of_a_great_many_commands_is_one_finding() {
    let text = "git commit --no-verify;".repeat(20_000);
    let class = crate::source::class::PathClass::default();
    let file = SourceFile::new(text.into_bytes(), None, class);
    let check = Commits::new(Options::default()).expect("the defaults fit together");
    let facts = check.observe(&file).expect("there are commands in it");
    assert_eq!(facts.0.len(), 1);
}
