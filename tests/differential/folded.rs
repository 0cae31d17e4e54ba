//! Owns what qgate says of a set without a database: the folded catalog and the findings of the mode `exact`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::hermetic;

fn qgate(args: &[&str], set: &Path) -> String {
    let output = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")))
        .arg("sql")
        .args(args)
        .arg(set)
        .output()
        .expect("qgate can be run");
    let stderr = String::from_utf8_lossy(&output.stderr);
    // Findings make exit code 1; what is undecided makes 3.
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{stderr}");
    String::from_utf8(output.stdout).expect("plain ASCII")
}

/// The folded catalog. Where it says that it does not know the type of a view's column, the live one's is taken: which type an expression
/// has, qgate does not work out.
pub fn catalog(set: &Path, live: &Value) -> Value {
    let said = qgate(&["show", "--profile", "legacy", "--format", "json"], set);
    let said: Value = serde_json::from_str(&said).expect("JSON");
    let mut said = said["sets"][0].clone();
    for table in said["tables"].as_array_mut().expect("a list") {
        let all = live["tables"].as_array().expect("a list").iter();
        let same =
            |other: &&Value| other["schema"] == table["schema"] && other["name"] == table["name"];
        let is_view = table["kind"] == "view" || table["kind"] == "matview";
        let Some(live) = all.clone().find(same).filter(|_| is_view) else {
            continue;
        };
        let columns = table["columns"].as_array_mut().expect("a list");
        for (column, live) in columns
            .iter_mut()
            .zip(live["columns"].as_array().expect("a list"))
        {
            if column["type"] == "unknown" {
                column["type"] = live["type"].clone();
            }
        }
    }
    said
}

/// The findings: those that are sure, and those that are tagged undecided.
pub fn keys(set: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let said = qgate(
        &[
            "lint",
            "--mode",
            "exact",
            "--profile",
            "legacy",
            "--format",
            "keys",
        ],
        set,
    );
    let mut sure = BTreeSet::new();
    let mut undecided = BTreeSet::new();
    for line in said.lines() {
        let mut columns = line.split('\t');
        let lint = columns.next().expect("a lint");
        let key = columns.next().expect("a key");
        let finding = format!("{lint}\t{key}");
        match columns.next() {
            None => sure.insert(finding),
            Some(tag) => {
                assert_eq!(tag, "undecided", "{line}");
                undecided.insert(finding)
            }
        };
    }
    (sure, undecided)
}
