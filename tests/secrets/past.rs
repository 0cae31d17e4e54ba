//! History as it really is: secrets that went, moved, came by a merge, or hang on a tag alone. Which commit brought each?

use std::process::Command;

use qgate::checkers::secrets::kinds;

use crate::generator::{Seed, token};
use crate::support::{Repo, hermetic};

/// Each place that `qgate secrets scan --history` names: the path and the commit behind `@`, if one is named.
fn places(repo: &Repo) -> Vec<String> {
    let mut command = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")));
    command.args(["secrets", "scan", "--history", "--format", "json", "."]);
    let output = command.current_dir(repo.path()).output();
    let output = output.expect("qgate can be started");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|problem| panic!("{problem}: {}", String::from_utf8_lossy(&output.stderr)));
    let findings = told["findings"].as_array().expect("findings");
    let path = |finding: &serde_json::Value| finding["path"].as_str().map(str::to_owned);
    findings.iter().filter_map(path).collect()
}

#[test]
fn each_secret_is_told_with_the_commit_that_brought_it() {
    let kind = kinds::all().find(|kind| !kind.rare).expect("there is one");
    let mut seed = Seed(7);
    let mut text = || format!("setting = \"{}\"\n", token(kind, &mut seed));
    let repo = Repo::new();
    repo.write("a.py", "x = 1\n").commit("first");
    repo.write("old name.py", text());
    let went = repo.commit("brings one");
    repo.git(&["mv", "old name.py", "moved.py"]);
    repo.commit("moves it");
    repo.remove("moved.py").commit("removes it");
    // Only the merge itself has this one.
    repo.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    repo.write("b.py", "y = 1\n").commit("beside");
    repo.git(&["checkout", "-q", "-"]);
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repo.write("merged.py", text());
    let merged = repo.commit("merges");
    repo.remove("merged.py").commit("removes that, too");
    // No commit has this one: a tag may name a tree.
    repo.write("loose.py", text()).git(&["add", "loose.py"]);
    let tree = repo.git(&["write-tree"]);
    repo.git(&["rm", "-q", "-f", "loose.py"]);
    repo.git(&["tag", "loose", tree.trim()]);

    let mut places = places(&repo);
    places.sort();
    let short = |id: &str| id.trim()[..12].to_owned();
    let expected = [
        "loose.py@history".to_owned(),
        format!("merged.py@{}", short(&merged)),
        format!("old name.py@{}", short(&went)),
    ];
    assert_eq!(places, expected);
}
