//! The examples are what they say: as they stand they pass, and with one thing broken the right gate fails.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::Repo;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the example is there") {
        let entry = entry.expect("it can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}

/// Runs qgate on the example, with `content` written to `file`, and expects an exit code and, if a gate is to fail, its
/// name behind its outcome.
fn check(example: &str, broken: Option<(&str, &str)>, args: &[&str], code: i32, says: &str) {
    let repo = Repo::new();
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(example),
        &repo.path(),
    );
    repo.commit("the example as it stands");
    if let Some((file, content)) = broken {
        repo.write(file, content);
    }
    let output = support::hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")))
        .arg("run")
        .args(args)
        .current_dir(repo.path())
        .env_remove("CI")
        .env("XDG_CACHE_HOME", repo.path().with_extension("cache"))
        .output()
        .expect("qgate can be started");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(
        output.status.code(),
        Some(code),
        "{example} {args:?}
{text}"
    );
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(folded.contains(says), "`{says}` is not said:\n{text}");
}

#[test]
fn every_example_is_run_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the examples are there")
        .map(|entry| entry.expect("it can be read"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["small-site", "tested-script", "two-services"]);
}

#[test]
fn tested_script() {
    check("tested-script", None, &[], 0, "PASS tests");
    check(
        "tested-script",
        Some(("greet.sh", "printf 'Bye\\n'\n")),
        &[],
        1,
        "tests_failed is 2, required == 0",
    );
    check(
        "tested-script",
        Some((
            "tests/run.sh",
            "mkdir -p reports; echo '<testsuite/>' > reports/junit.xml\n",
        )),
        &[],
        3,
        "no test",
    );
    check(
        "tested-script",
        Some(("tests/run.sh", "exit 0\n")),
        &[],
        3,
        "reports/junit.xml",
    );
}

#[test]
fn small_site() {
    check("small-site", None, &[], 0, "PASS pages");
    check(
        "small-site",
        Some(("pages/draft.psd", "8BPS")),
        &[],
        1,
        "pages/draft.psd",
    );
    check(
        "small-site",
        Some(("pages/index.html", "")),
        &[],
        1,
        "pages/index.html",
    );
    check(
        "small-site",
        Some(("pages/site.css", &"/* padding */".repeat(2_000))),
        &[],
        1,
        "pages/site.css",
    );
}

#[test]
fn two_services() {
    let slow = (
        "services/api/latency.json",
        "{\"p95\": 200, \"errors\": 0.02}",
    );
    let large = ("services/web/build.txt", "total 2000 KB\n");
    check("two-services", None, &[], 0, "PASS");
    check(
        "two-services",
        Some(slow),
        &[],
        1,
        "p95_latency is 200ms, required < 200ms",
    );
    check(
        "two-services",
        Some(large),
        &["--env", "production"],
        1,
        "bundle_size is 2MB, required < 2MB",
    );
    check(
        "two-services",
        Some(large),
        &["--env", "development"],
        0,
        "WARN web-size",
    );
    check(
        "two-services",
        Some((
            "services/api/latency.json",
            "{\"p95\": \"fast\", \"errors\": 0}",
        )),
        &[],
        3,
        "/p95",
    );
}
