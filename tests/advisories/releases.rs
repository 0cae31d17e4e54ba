//! Releases that were taken back or came out too lately: by registries on this machine, by a file, and by nobody.

use super::Machine;
use super::server::{Answer, Server};

const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
"": {"name": "app", "version": "1.0.0", "dependencies": {"@s/new": "1", "old": "1"}},
"node_modules/@s/new": {"version": "1.0.0"},
"node_modules/old": {"version": "1.0.0", "dependencies": {"deep": "1"}},
"node_modules/deep": {"version": "0.1.0"}}}"#;

fn gates(options: &str) -> String {
    format!(
        "version: 1
gates:
  settled-releases:
    component: dependencies
    level: mandatory
    stages: [ci]
    checks:
      - releases: {options}
    criteria:
      withdrawn_releases: 0
      young_releases: 0
"
    )
}

fn told(version: &str, offered: bool, day: &str) -> Answer {
    let offered = if offered { version } else { "9.9.9" };
    let body = format!(
        r#"{{"versions": {{"{offered}": {{}}}}, "time": {{"{version}": "{day}T10:00:00.000Z"}}}}"#
    );
    Answer::Whole(body.into_bytes(), Vec::new())
}

#[test]
fn registries_and_files_tell_of_releases() {
    let machine = Machine::new("package-lock.json", LOCK);
    machine.repo.write("qgate.yaml", gates("{}"));
    machine.gate(3, &["nobody tells of 3 releases", "online: true"]);

    let server = Server::start();
    server.put("/@s%2fnew", told("1.0.0", true, "2026-11-28"));
    server.put("/old", told("1.0.0", true, "2026-11-24"));
    server.put("/deep", told("0.1.0", false, "2026-01-01"));
    let online = format!(
        "{{ online: true, registries: {{ npm: '{}' }} }}",
        server.url
    );
    machine.repo.write("qgate.yaml", gates(&online));
    machine.gate(
        1,
        &[
            "@s/new 1.0.0 came out 3 days ago, fewer than 7",
            "deep 0.1.0 was taken back: unpublished",
            "package-lock.json:5",
            "registries asked for 3 releases",
        ],
    );
    let older = online.replace("online", "minimum_age: 2d, withdrawn: false, online");
    machine.repo.write("qgate.yaml", gates(&older));
    machine.gate(0, &[]);

    // A file, made while the registry was there, tells it without a network.
    let registry = format!("npm={}", server.url);
    for name in ["@s%2fnew", "old", "deep"] {
        let newest = br#"{"version": "1.0.0"}"#.to_vec();
        server.put(
            &format!("/{name}/latest"),
            Answer::Whole(newest, Vec::new()),
        );
    }
    let write = [
        "deps",
        "outdated",
        "--online",
        "--releases",
        "--registry",
        &registry,
        "--write",
        "versions.json",
        "package-lock.json",
    ];
    machine.check(&write, 0, &["0 of 2 packages"]);
    // An answer that is none is not a pass.
    server.put("/deep", Answer::Status(404));
    machine.repo.write("qgate.yaml", gates(&older));
    machine.gate(
        3,
        &["nothing is told of deep (npm): the registry does not have it"],
    );
    drop(server);
    let file = gates("{ versions: versions.json }");
    machine.repo.write("qgate.yaml", file);
    machine.gate(
        1,
        &[
            "deep 0.1.0 was taken back",
            "@s/new 1.0.0 came out 3 days ago",
        ],
    );
    let bad = gates("{ ecosystems: [npn] }");
    machine.repo.write("qgate.yaml", bad);
    machine.check(
        &["run", "--stage", "ci"],
        2,
        &["the ecosystem `npn` is not known"],
    );
}
