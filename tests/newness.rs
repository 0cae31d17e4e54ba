//! What is new, on generated repositories. The generator knows what it did, and with it the true state of each finding: known,
//! new or fixed.

mod support;

#[path = "newness/edits.rs"]
mod edits;
#[path = "newness/truth.rs"]
mod truth;
#[path = "newness/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::process::Command;

use edits::{ACTS, Act};
use support::{Repo, hermetic};
use truth::{Seen, Touched};
use world::{Dice, LARGEST, World};

/// So many worlds share a repository: git and qgate are started once for all of them.
const WORLDS: usize = 40;

fn qgate(repo: &Repo, args: &[&str]) -> String {
    let output = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")))
        .args(args)
        .current_dir(repo.path())
        .env("XDG_CACHE_HOME", repo.at(".git/test-cache"))
        .output()
        .expect("qgate can be run");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1)), "{args:?}: {code:?}: {stderr}");
    String::from_utf8(output.stdout).expect("it is ASCII")
}

/// The findings of a run.
fn seen(repo: &Repo, args: &[&str]) -> Seen {
    let report = qgate(repo, &[&["run", "--format", "json"], args].concat());
    let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
    let list = |value: &serde_json::Value| value.as_array().expect("a list").clone();
    let mut seen = Seen::new();
    for check in list(&report["body"]["gates"][0]["checks"]) {
        for finding in list(&check["findings"]) {
            let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
            let line = finding["place"]["line"].as_u64().unwrap_or(0);
            let spot = (
                text(&finding["rule"]),
                text(&finding["place"]["path"]),
                usize::try_from(line).expect("a line"),
            );
            seen.insert(spot, finding["known"] != true);
        }
    }
    seen
}

/// Which lines git says were added or changed.
fn touched(repo: &Repo, base: &str) -> Touched {
    let args = "-c core.quotePath=false diff -M --unified=0 --diff-algorithm=histogram";
    let args: Vec<&str> = args.split(' ').chain([base]).collect();
    let mut touched = Touched::new();
    let mut path = String::new();
    for line in repo.git(&args).lines() {
        if let Some(new) = line.strip_prefix("+++ b/") {
            new.clone_into(&mut path);
        } else if let Some(header) = line.strip_prefix("@@ -") {
            let new = header
                .split(['+', '@'])
                .nth(1)
                .expect("the new side")
                .trim();
            let (start, count) = new.split_once(',').unwrap_or((new, "1"));
            let start: usize = start.parse().expect("a line");
            let count: usize = count.parse().expect("a count");
            let lines = touched.entry(path.clone()).or_default();
            lines.extend(start..start + count);
        }
    }
    touched
}

fn write(repo: &Repo, worlds: &[World]) {
    for world in worlds {
        let folder = format!("w{}", world.number);
        if repo.at(&folder).exists() {
            repo.remove(&folder);
        }
        for (path, file) in &world.files {
            repo.write(path, file.bytes());
        }
    }
}

/// Makes worlds, edits each by so many acts, a single one in turn, and compares what is called new with the truth: against the base commit,
/// and against a baseline where no base is known.
fn check(seed: u64, count: usize) {
    let mut dice = Dice(seed);
    let repo = Repo::new();
    repo.write(
        "qgate.yaml",
        format!("version: 1\ngates:\n  only:\n    scope: new\n    checks:\n      - text: {{ ascii: ['w*/**'] }}\n      - terminal-output: {{}}\n      - files: {{ max_size: {LARGEST}B }}\n"),
    );
    let before: Vec<World> = (0..WORLDS).map(|n| World::new(n, &mut dice)).collect();
    write(&repo, &before);
    let base = repo.commit("base");
    let debt: usize = before.iter().map(|world| truth::spots(world).len()).sum();
    let told = qgate(&repo, &["baseline"]);
    assert!(
        told.contains(&format!(" {debt} findings,")),
        "{debt}: {told}"
    );

    let mut after = before.clone();
    let mut done: BTreeMap<usize, Vec<Act>> = BTreeMap::new();
    for world in &mut after {
        for _ in 0..count {
            let act = match count {
                1 => ACTS[world.number % ACTS.len()],
                _ => ACTS[dice.roll(ACTS.len())],
            };
            act.apply(world, &mut dice);
            done.entry(world.number).or_default().push(act);
        }
    }
    write(&repo, &after);
    repo.git(&["add", "-A", "--", ":!.qgate"]);
    if seed.is_multiple_of(2) {
        repo.git(&["commit", "-q", "--allow-empty", "-m", "head"]);
    }

    let by_baseline = seen(&repo, &[]);
    repo.remove(".qgate");
    let by_base = seen(&repo, &["--base", &base]);
    let mut spots: Vec<_> = after.iter().flat_map(truth::spots).collect();
    spots.sort();
    let all: Vec<_> = by_base.keys().cloned().collect();
    assert_eq!(all, spots, "seed {seed}");
    let touched = touched(&repo, &base);
    for (before, after) in before.iter().zip(&after) {
        let against = [(&by_base, Some(&touched)), (&by_baseline, None)];
        for (seen, touched) in against {
            let wrong = truth::wrong(before, after, seen, touched);
            let whom = touched.map_or("baseline", |_| "base");
            let done = &done[&after.number];
            assert!(
                wrong.is_empty(),
                "seed {seed}, {whom}, {done:?}:\n{}",
                wrong.join("\n")
            );
        }
    }
}

#[test]
fn each_kind_of_edit_alone() {
    for seed in 0..5 {
        check(seed, 1);
    }
}

#[test]
fn two_edits_together() {
    for seed in 100..105 {
        check(seed, 2);
    }
}

#[test]
fn many_edits_together() {
    for seed in 201..206 {
        check(seed, 6);
    }
}
