//! A pack of a team that joins several families: coverage of unit and integration tests and of one language, vulnerabilities with
//! documented exceptions, and the lines of the change. Each criterion is seen to hold and to break.

mod support;

use std::process::Command;

use support::{Repo, hermetic};

/// 2026-12-01, where the advisories are of the day before.
const TODAY: &str = "1796083200";

const PACK: &str = "\
version: 1
gates:
  tested:
    title: Unit and integration tests run what is written
    component: test_coverage
    level: mandatory
    stages: [ci]
    checks:
      - coverage: { reports: [out/unit.info] }
        as: unit
      - coverage: { reports: [out/integration.info] }
        as: integration
    criteria:
      unit.line_coverage: '>= 95%'
      unit.branch_coverage: '>= 85%'
      integration.line_coverage: '>= 90%'
  typescript:
    title: All of the TypeScript runs in tests
    component: test_coverage
    level: mandatory
    stages: [ci]
    paths: ['web/**/*.ts']
    checks:
      - coverage: { reports: [out/unit.info], only: ['web/**/*.ts'] }
    criteria:
      line_coverage: '>= 100%'
  vulnerabilities:
    title: No grave vulnerability, and fewer than three of medium severity without an exception
    component: dependencies
    level: mandatory
    stages: [ci]
    checks:
      - vulnerabilities: {}
    criteria:
      critical_vulnerabilities: 0
      high_vulnerabilities: 0
      medium_vulnerabilities: '< 3'
";

const LOCK: &str = "\
version = 4

[[package]]
name = \"bad\"
version = \"1.0.0\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
";

/// A machine with a repository that passes.
struct Team(Repo);

impl Team {
    fn new() -> Self {
        let team = Self(Repo::new());
        let repo = &team.0;
        repo.write(
            ".gitignore",
            "/out/\n/db/\n.qgate/\n!.qgate/exemptions.yaml\n",
        );
        repo.write("packs/team.yaml", PACK);
        repo.write("qgate.yaml", "version: 1\nextends: [packs/team.yaml]\n");
        repo.write("src/a.py", "x = 1\n".repeat(20));
        repo.write("web/b.ts", "let x = 1;\n".repeat(4));
        repo.write("Cargo.lock", LOCK);
        repo.commit("feat: all");
        team.report("unit", 20, 4).report("integration", 18, 4);
        team.advisories(2);
        team
    }

    /// A report in which so many of the 20 lines of `a.py` and of the 4 of `b.ts` ran.
    fn report(&self, name: &str, python: usize, web: usize) -> &Self {
        let lines = |all: usize, ran: usize| -> String {
            let lines = (1..=all).map(|line| format!("DA:{line},{}\n", usize::from(line <= ran)));
            lines.collect()
        };
        let text = format!(
            "SF:src/a.py\n{}BRDA:1,0,0,1\nBRDA:1,0,1,{}\nend_of_record\nSF:web/b.ts\n{}end_of_record\n",
            lines(20, python),
            usize::from(python == 20),
            lines(4, web)
        );
        self.0.write(format!("out/{name}.info"), text);
        self
    }

    /// Advisories of medium severity on the package in the lockfile.
    fn advisories(&self, count: usize) {
        for n in 1..=count {
            let record = format!(
                r#"{{"id": "X-{n}", "modified": "2026-11-30T00:00:00Z", "severity": [{{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"}}], "affected": [{{"package": {{"ecosystem": "crates.io", "name": "bad"}}, "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0.0.0-0"}}]}}]}}]}}"#
            );
            self.0.write(format!("db/X-{n}.json"), record);
        }
        let update = [
            "advisories",
            "update",
            "--subset",
            "--ecosystem",
            "crates.io",
            "--from",
            "db",
        ];
        let (code, said) = self.qgate(&update);
        assert_eq!(code, 0, "{said}");
    }

    fn qgate(&self, args: &[&str]) -> (i32, String) {
        let output = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")))
            .args(args)
            .env("QGATE_ADVISORIES", self.0.at(".git/advisories"))
            .env("SOURCE_DATE_EPOCH", TODAY)
            .env("QGATE_WIDTH", "1000")
            .current_dir(self.0.path())
            .output()
            .expect("it runs");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).expect("plain ASCII");
        (output.status.code().expect("no signal"), said)
    }

    #[track_caller]
    fn check(&self, code: i32, says: &str) {
        let (found, said) = self.qgate(&["run", "--stage", "ci", "--verbose"]);
        assert_eq!(found, code, "{said}");
        assert!(said.contains(says), "it does not say `{says}`\n{said}");
    }
}

#[test]
fn all_of_it_holds() {
    Team::new().check(0, "3 passed");
}

#[test]
fn unit_and_integration_tests_have_floors_of_their_own() {
    let team = Team::new();
    team.report("unit", 18, 4);
    team.check(1, "unit.line_coverage is 91.66");
    team.check(1, "unit.branch_coverage is 50%, required >= 85%");
    team.report("unit", 20, 4).report("integration", 17, 4);
    team.check(1, "integration.line_coverage is 87.5%, required >= 90%");
    team.0.remove("out/integration.info");
    team.check(3, "there is no report at `out/integration.info`");
}

#[test]
fn one_language_has_a_floor_of_its_own() {
    let team = Team::new();
    team.report("unit", 20, 3);
    team.check(1, "line_coverage is 75%, required >= 100%");
}

#[test]
fn medium_vulnerabilities_are_few_but_for_documented_exceptions() {
    let team = Team::new();
    team.advisories(3);
    team.check(1, "medium_vulnerabilities is 3, required < 3");
    let (_, said) = team.qgate(&["run", "--stage", "ci", "--format", "json"]);
    let json = &said[..said.rfind('}').map_or(0, |at| at + 1)];
    let json: serde_json::Value = serde_json::from_str(json).expect("it is JSON");
    let fingerprint = find(&json, "fingerprint").expect("a finding has one");
    let documented = format!(
        "version: 1\nexemptions:\n  - fingerprint: \"{fingerprint}\"\n    reason: \"not reachable from here, OPS-7\"\n    owner: \"ann\"\n    expires: 2026-12-20\n"
    );
    team.0.write(".qgate/exemptions.yaml", &documented);
    team.0.commit("chore: an exception");
    team.check(0, "not reachable from here, OPS-7");
    // One whose day is over excepts nothing.
    team.0.write(
        ".qgate/exemptions.yaml",
        documented.replace("2026-12-20", "2026-11-20"),
    );
    team.0.commit("chore: too late");
    team.check(1, "medium_vulnerabilities is 3, required < 3");
}

/// The first text at this key, however deep.
fn find(json: &serde_json::Value, key: &str) -> Option<String> {
    match json {
        serde_json::Value::Object(entries) => {
            let own = entries
                .get(key)
                .and_then(|value| value.as_str())
                .map(str::to_owned);
            own.or_else(|| entries.values().find_map(|value| find(value, key)))
        }
        serde_json::Value::Array(items) => items.iter().find_map(|item| find(item, key)),
        _ => None,
    }
}

/// A repository that extends a pack, on a machine whose tools are these scripts.
#[cfg(unix)]
fn with_tools(pack: &str, files: &[(&str, &str)], tools: &[(&str, &str)]) -> Repo {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = Repo::new();
    repo.write(
        "qgate.yaml",
        format!("version: 1\nextends: [recommended, {pack}]\n"),
    );
    repo.write(".gitignore", "/.qgate/\n/bin/\n");
    for (path, text) in files {
        repo.write(path, text);
    }
    for (name, script) in tools {
        let path = format!("bin/{name}");
        repo.write(&path, format!("#!/bin/sh\n{script}\n"));
        let runs = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(repo.at(&path), runs).expect("the mode can be set");
    }
    repo.commit("feat: all");
    repo
}

/// What a run of these gates says.
#[cfg(unix)]
fn said(repo: &Repo, gates: &[&str]) -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")));
    command.args(["run", "--stage", "ci", "--verbose"]);
    for gate in gates {
        command.args(["--gate", gate]);
    }
    let output = command
        .env("PATH", format!("{}:{path}", repo.at("bin").display()))
        .env("SOURCE_DATE_EPOCH", TODAY)
        .env("QGATE_WIDTH", "1000")
        .current_dir(repo.path())
        .output()
        .expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8(said).expect("plain ASCII")
}

#[cfg(unix)]
#[test]
fn tools_of_a_language_join_the_report() {
    let sarif = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "ruff"}}, "results": [{"ruleId": "F401", "level": "error", "message": {"text": "unused"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "app/a.py"}, "region": {"startLine": 1, "startColumn": 8}}}]}]}]}"#;
    let tests = r#"<testsuites><testsuite name="t" tests="2" failures="1"><testcase classname="t" name="a"/><testcase classname="t" name="b"><failure message="no"/></testcase></testsuite></testsuites>"#;
    let repo = with_tools(
        "python",
        &[("app/a.py", "import os\n")],
        &[
            ("ruff", &format!("echo '{sarif}'; exit 1")),
            ("black", "echo 'would reformat app/a.py' >&2; exit 1"),
            (
                "mypy",
                "echo 'app/a.py:1:3: error: Bad type  [return-value]'; exit 1",
            ),
            (
                "pytest",
                &format!("mkdir -p .qgate/cache; echo '{tests}' > .qgate/cache/pytest.xml; exit 1"),
            ),
        ],
    );
    let gates = [
        "python-lint",
        "python-format",
        "python-types",
        "python-tests",
    ];
    let said = said(&repo, &gates);
    for part in [
        "app/a.py:1:8: high: unused [ruff/F401]",
        "app/a.py: low: would reformat [black/finding]",
        "app/a.py:1:3: high: Bad type [mypy/return-value]",
        "tests_failed is 1, required == 0",
        "4 failed",
    ] {
        assert!(said.contains(part), "it does not say `{part}`\n{said}");
    }
}

#[cfg(unix)]
#[test]
fn tools_of_an_absent_language_are_not_asked_for() {
    let repo = with_tools("python, node, rust, go", &[("a.txt", "x\n")], &[]);
    let said = said(&repo, &["python-lint", "node-types", "rust-lint", "go-vet"]);
    assert!(said.contains("no file matches the gate's paths"), "{said}");
    assert!(!said.contains("FAIL"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_pipeline_holds_an_architecture() {
    let repo = with_tools(
        "pipeline",
        &[
            ("app/__init__.py", ""),
            ("app/a.py", "from app import b\n"),
            ("app/b.py", "from app import a\n"),
        ],
        &[],
    );
    let circle = said(&repo, &["architecture", "maintainability"]);
    for part in [
        "circular_dependencies is 1, required == 0",
        "coupling is 0.333, required < 0.3",
    ] {
        assert!(circle.contains(part), "it does not say `{part}`\n{circle}");
    }
}
