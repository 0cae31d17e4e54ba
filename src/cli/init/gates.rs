//! Owns the gates that `qgate init` proposes, each as a block of YAML below `gates:`.

use crate::source::language::Language;

use super::found::Found;

/// What stands in the file when nothing was detected.
pub const EXAMPLE: &str = "\
# A gate of your own: any command, judged by its exit code.
# gates:
#   own-checks:
#     title: The checks of this project pass
#     level: mandatory
#     stages: [pre-push, ci, nightly]
#     checks:
#       - command: { run: [make, check] }
#     criteria:
#       command_succeeded: true
";

/// A test command that a repository most likely has.
struct Tests {
    id: &'static str,
    title: &'static str,
    run: &'static str,
    install: &'static str,
    /// Where it leaves a `JUnit` report; its exit code decides where it leaves none.
    junit: Option<&'static str>,
}

/// The gates for what was found.
pub fn of(found: &Found) -> Vec<String> {
    let tests = tests(found);
    tests.iter().map(test_gate).chain(coverage(found)).collect()
}

fn tests(found: &Found) -> Vec<Tests> {
    let mut tests = Vec::new();
    if found.tests(&[Language::Python]) {
        tests.push(Tests {
            id: "python-tests",
            title: "The Python tests pass",
            run: "pytest, --quiet, --junitxml=.qgate/logs/pytest.xml",
            install: "pip install pytest",
            junit: Some(".qgate/logs/pytest.xml"),
        });
    }
    let scripts = [
        Language::JavaScript,
        Language::TypeScript,
        Language::Tsx,
        Language::Vue,
        Language::Svelte,
    ];
    if found.has("package.json") && found.tests(&scripts) {
        let (run, install) = if found.has("pnpm-lock.yaml") {
            ("pnpm, test", "npm install --global pnpm && pnpm install")
        } else if found.has("yarn.lock") {
            ("yarn, test", "npm install --global yarn && yarn install")
        } else if found.has("bun.lock") || found.has("bun.lockb") {
            ("bun, run, test", "install bun, then `bun install`")
        } else {
            ("npm, test", "install Node.js, then `npm install`")
        };
        tests.push(Tests {
            id: "node-tests",
            title: "The tests of package.json pass",
            run,
            install,
            junit: None,
        });
    }
    if found.has("Cargo.toml") {
        tests.push(Tests {
            id: "rust-tests",
            title: "The Rust tests pass",
            run: "cargo, test, --quiet",
            install: "install Rust: https://rustup.rs",
            junit: None,
        });
    }
    if found.has("go.mod") {
        tests.push(Tests {
            id: "go-tests",
            title: "The Go tests pass",
            run: "go, test, ./...",
            install: "install Go: https://go.dev",
            junit: None,
        });
    }
    tests
}

fn test_gate(tests: &Tests) -> String {
    let Tests {
        id,
        title,
        run,
        install,
        junit,
    } = tests;
    let report = junit.map_or_else(String::new, |path| format!("\n          junit: {path}"));
    let criteria = match junit {
        Some(_) => "tests_failed: 0\n      tests_run: \">= 1\"",
        None => "command_succeeded: true",
    };
    format!(
        "  {id}:
    title: {title}
    component: test_coverage
    level: mandatory
    # Add pre-push to run them before each push as well.
    stages: [ci, nightly]
    checks:
      - command:
          run: [{run}]
          install: \"{install}\"{report}
        timeout: 15m
    criteria:
      {criteria}
"
    )
}

/// Coverage from the reports that lie here; git often ignores them.
fn coverage(found: &Found) -> Option<String> {
    let places = found.report_places();
    (!places.is_empty()).then(|| {
        let places: Vec<String> = places.iter().map(|glob| format!("{glob:?}")).collect();
        let places = places.join(", ");
        format!(
            "  line-coverage:
    title: Lines are covered by tests
    component: test_coverage
    # Make it mandatory when the numbers are ones to hold.
    level: advisory
    stages: [ci, nightly]
    checks:
      # Reads what the test run left behind; absent or older than the sources means unknown.
      - coverage: {{ reports: [{places}] }}
    criteria:
      line_coverage: \">= 80%\"
      # Of the lines that a change brings:
      # new_line_coverage: \">= 90%\"
"
        )
    })
}
