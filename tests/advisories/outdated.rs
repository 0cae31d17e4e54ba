//! How far dependencies are behind: by registries on this machine, by a file, and by nobody.

use super::Machine;
use super::server::{Answer, Server};

const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
"": {"name": "app", "version": "1.0.0", "dependencies": {"@s/new": "1", "old": "1", "steps": "1"}},
"node_modules/@s/new": {"version": "1.0.0"},
"node_modules/old": {"version": "1.0.0", "dependencies": {"deep": "1"}},
"node_modules/steps": {"version": "1.0.0"},
"node_modules/deep": {"version": "0.1.0"}}}"#;

fn gates(options: &str) -> String {
    format!(
        "version: 1
gates:
  up-to-date:
    component: dependencies
    level: mandatory
    stages: [ci]
    checks:
      - outdated: {options}
    criteria:
      outdated_major: 0
"
    )
}

fn told(version: &str) -> Answer {
    Answer::Whole(
        format!(r#"{{"version": "{version}"}}"#).into_bytes(),
        Vec::new(),
    )
}

fn registry() -> Server {
    let server = Server::start();
    server.put("/@s%2fnew/latest", told("1.0.0"));
    server.put("/old/latest", told("2.1.0"));
    server.put("/steps/latest", told("1.0.9"));
    server
}

#[test]
fn nobody_is_asked_without_a_word() {
    let machine = Machine::new("package-lock.json", LOCK);
    machine.repo.write("qgate.yaml", gates("{}"));
    machine.gate(
        3,
        &[
            "nobody tells the newest versions of 3 packages",
            "online: true",
        ],
    );
    machine.check(
        &["deps", "outdated", "package-lock.json"],
        3,
        &["not known", "--online"],
    );
}

#[test]
fn registries_are_asked() {
    let machine = Machine::new("package-lock.json", LOCK);
    let server = registry();
    let online = format!(
        "{{ online: true, registries: {{ npm: '{}' }} }}",
        server.url
    );
    machine.repo.write("qgate.yaml", gates(&online));
    machine.gate(
        1,
        &[
            "old 1.0.0 is a major version behind 2.1.0",
            "package-lock.json:4",
            "outdated_major",
        ],
    );
    // The network may be forbidden; this machine is none.
    machine.check(&["run", "--stage", "ci", "--offline"], 1, &["old 1.0.0"]);
    // Everything that is no answer.
    for (answer, words) in [
        (Answer::Status(404), "the registry does not have it"),
        (Answer::Status(403), "status 403"),
        (Answer::Status(503), "status 503"),
        (
            Answer::Half(b"{\"version\": \"2.1.0\"}".to_vec()),
            "gave no answer",
        ),
        (
            Answer::Whole(b"<html>Sign in".to_vec(), Vec::new()),
            "not that of such a registry",
        ),
        (Answer::To("/steps/latest".to_owned()), "status 302"),
        (Answer::Huge(1), "gave no answer"),
    ] {
        server.put("/old/latest", answer);
        machine.gate(3, &[words, "old (npm)"]);
    }
    let skip = online.replace("} }", "}, skip: [old] }");
    machine.repo.write("qgate.yaml", gates(&skip));
    machine.gate(0, &[]);
    let nobody = "{ online: true, registries: { npm: 'http://127.0.0.1:1' } }";
    machine.repo.write("qgate.yaml", gates(nobody));
    machine.gate(3, &["gave no answer"]);
    let plain = "{ online: true, registries: { npm: 'http://npm.example' } }";
    machine.repo.write("qgate.yaml", gates(plain));
    machine.gate(3, &["over plain HTTP"]);
}

#[test]
fn a_file_tells_it_without_a_network() {
    let machine = Machine::new("package-lock.json", LOCK);
    let server = registry();
    let registry = format!("npm={}", server.url);
    let write = [
        "deps",
        "outdated",
        "--online",
        "--registry",
        &registry,
        "--write",
        "versions.json",
        "package-lock.json",
    ];
    machine.check(
        &write,
        1,
        &[
            "old 1.0.0: 2.1.0 is out (major)",
            "1.0.9 is out (patch, tolerated)",
            "1 of 3 packages",
        ],
    );
    drop(server);
    machine
        .repo
        .write("qgate.yaml", gates("{ versions: versions.json }"));
    machine.gate(
        1,
        &[
            "old 1.0.0 is a major version behind 2.1.0",
            "newest versions of 2026-12-01 by versions.json",
        ],
    );
    machine.repo.write(
        "qgate.yaml",
        gates("{ versions: versions.json, tolerate: nothing }"),
    );
    machine.gate(1, &["steps 1.0.0 is a patch version behind 1.0.9"]);
    let file = [
        "deps",
        "outdated",
        "--versions",
        "versions.json",
        "--format",
        "json",
        "package-lock.json",
    ];
    machine.check(&file, 1, &["\"newest\": \"2.1.0\"", "\"complete\": true"]);
    // What the file does not tell is not known, and neither is anything by an old file, or one that is none.
    machine.repo.write(
        "qgate.yaml",
        gates("{ versions: versions.json, all: true }"),
    );
    machine.gate(1, &["nobody tells the newest versions of 1 package"]);
    machine
        .repo
        .write("qgate.yaml", gates("{ versions: versions.json }"));
    let text = std::fs::read_to_string(machine.repo.at("versions.json")).expect("it is there");
    for (text, words) in [
        (
            text.replace("2026-12-01", "2026-11-01"),
            "30 days old, more than 7",
        ),
        (text.replace("2026-12-01", "2026-12-24"), "after today"),
        (
            text.replace("\"version\": 1", "\"version\": 2"),
            "version `2`",
        ),
        ("{".to_owned(), "versions.json: "),
    ] {
        machine.repo.write("versions.json", text);
        machine.gate(3, &[words]);
    }
    machine.repo.remove("versions.json");
    machine.gate(3, &["versions.json: "]);
}
