//! Advisory data and the gate on it: every way in which other tools were seen to say "nothing found" without having looked must
//! end in "unknown" here, and no failed update may hurt what is there.

#[path = "advisories/api.rs"]
mod api;
#[path = "advisories/known.rs"]
mod known;
#[path = "advisories/outdated.rs"]
mod outdated;
#[path = "advisories/releases.rs"]
mod releases;
#[path = "advisories/server.rs"]
mod server;
mod support;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use server::{Answer, Server};
use support::{Repo, hermetic};

/// 2026-12-01.
const TODAY: &str = "1796083200";

const GATES: &str = "\
version: 1
gates:
  dependencies:
    component: dependencies
    level: mandatory
    stages: [ci]
    checks:
      - vulnerabilities: {}
    criteria:
      vulnerabilities: 0
";

const CARGO_LOCK: &str = "\
version = 4

[[package]]
name = \"bad\"
version = \"1.0.0\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"

[[package]]
name = \"good\"
version = \"1.0.0\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
";

const NPM_LOCK: &str = r#"{
  "name": "app", "version": "1.0.0", "lockfileVersion": 3,
  "packages": {
    "": { "name": "app", "version": "1.0.0", "dependencies": { "lodash": "4.17.15" } },
    "node_modules/lodash": { "version": "4.17.15", "resolved": "https://registry.npmjs.org/lodash/-/lodash-4.17.15.tgz", "integrity": "sha512-8xOcRHvCjnocdS5cpwXQXVzmmh5e5+saE2QGoeQmbKmRS6J3VQppPOIt0MnmE+4xlZoumy0GPG0D0MVIQbNA1A==" }
  }
}
"#;

/// A machine: a repository, and a folder for advisories that is empty at first.
struct Machine {
    repo: Repo,
}

impl Machine {
    fn new(lock: &str, text: &str) -> Self {
        let repo = Repo::new();
        repo.write("qgate.yaml", GATES).write(lock, text);
        repo.commit("all");
        Self { repo }
    }

    fn store(&self) -> PathBuf {
        self.repo.at(".git/advisories")
    }

    /// Exit code, and all that was said.
    fn qgate(&self, args: &[&str]) -> (i32, String) {
        let output = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")))
            .args(args)
            .env("QGATE_ADVISORIES", self.store())
            .env("SOURCE_DATE_EPOCH", TODAY)
            .env("QGATE_WIDTH", "1000")
            .current_dir(self.repo.path())
            .output()
            .expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        assert!(text.is_ascii(), "plain ASCII");
        (
            output.status.code().expect("no signal"),
            String::from_utf8(text).expect("plain ASCII"),
        )
    }

    /// Runs, and wants this exit code and these words.
    fn check(&self, args: &[&str], code: i32, words: &[&str]) {
        let (found, text) = self.qgate(args);
        assert_eq!(found, code, "{args:?}\n{text}");
        for word in words {
            assert!(text.contains(word), "`{word}` is not in {args:?}\n{text}");
        }
    }

    fn gate(&self, code: i32, words: &[&str]) {
        self.check(&["run", "--stage", "ci", "--verbose"], code, words);
    }

    fn index(&self) -> Option<Vec<u8>> {
        std::fs::read(self.store().join("crates.io.qadv")).ok()
    }
}

/// A record on `bad` (or another name), of this day.
fn record(id: &str, name: &str, day: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "{day}T00:00:00Z", "affected": [{{
            "package": {{"ecosystem": "crates.io", "name": "{name}"}},
            "ranges": [{{"type": "GIT", "events": [{{"introduced": "0"}}]}},
                       {{"type": "SEMVER", "events": [{{"fixed": "1.0.1"}}, {{"introduced": "0.0.0-0"}}]}}]}}]}}"#
    )
}

fn zip(records: &[(&str, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in records {
        zip.start_file(*name, options).expect("in memory");
        zip.write_all(text.as_bytes()).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

fn good_zip() -> Vec<u8> {
    zip(&[
        ("X-1.json", record("X-1", "bad", "2026-11-30")),
        ("X-2.json", record("X-2", "other", "2026-11-30")),
    ])
}

const UPDATE: [&str; 5] = [
    "advisories",
    "update",
    "--subset",
    "--ecosystem",
    "crates.io",
];

fn update<'a>(more: &[&'a str]) -> Vec<&'a str> {
    UPDATE.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn without_data_nothing_is_green() {
    // npm audit --offline said "found 0 vulnerabilities" of this lockfile; another tool "no issues found".
    let npm = Machine::new("package-lock.json", NPM_LOCK);
    npm.gate(
        3,
        &[
            "advisories for npm: there are none on this machine",
            "qgate advisories update",
        ],
    );
    npm.check(
        &["deps", "audit", "package-lock.json"],
        3,
        &["there are none"],
    );
    npm.check(&["advisories", "status"], 3, &["no advisories"]);

    // cargo-audit loaded 0 advisories of an empty folder, and passed.
    let cargo = Machine::new("Cargo.lock", CARGO_LOCK);
    cargo.repo.write("db/crates/.keep", "");
    cargo.check(
        &update(&["--from", "db"]),
        3,
        &["there is no advisory in it"],
    );
    cargo.check(
        &["deps", "audit", "--advisories", "db", "Cargo.lock"],
        3,
        &["no advisory in it"],
    );
    cargo.gate(3, &["there are none"]);
}

#[test]
fn old_data_is_never_green_however_new_the_files_are() {
    // cargo-audit said nothing of data that was 91 days old; cargo-deny took the time of the copy for that of the data.
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    machine
        .repo
        .write("db/X-2.json", record("X-2", "other", "2026-09-01"));
    machine.check(
        &update(&["--from", "db"]),
        0,
        &["1 advisories on 1 packages, of 2026-09-01"],
    );
    machine.gate(3, &["the data is 91 days old, more than 7"]);
    machine.check(&["advisories", "status"], 3, &["cannot be relied on"]);
    machine.check(
        &["advisories", "status", "--max-age", "91d"],
        0,
        &["can be relied on"],
    );
    let audit = ["deps", "audit", "Cargo.lock"];
    machine.check(&audit, 3, &["the data is 91 days old"]);
    let forever = GATES.replace("{}", "{ max_age: never }");
    machine.repo.write("qgate.yaml", forever);
    machine.gate(0, &["advisories of any age are believed"]);
    // Data from after today: the clock or the data is wrong.
    machine.check(
        &update(&["--from", "db", "--as-of", "2026-12-24"]),
        3,
        &["after today"],
    );
}

#[test]
fn a_bad_record_is_told_and_hides_no_other() {
    // A peer dropped such records without a word; another refused the whole database.
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    for at in 0..300 {
        let id = format!("Y-{at}");
        machine
            .repo
            .write(format!("db/{id}.json"), record(&id, "other", "2026-11-30"));
    }
    machine
        .repo
        .write("db/X-0.json", "{ \"id\": \"X-0\", \"affected\": [");
    machine
        .repo
        .write("db/X-1.json", record("X-1", "bad", "2026-11-30"));
    machine
        .repo
        .write("db/again/X-1.json", record("X-1", "bad", "2026-11-30"));
    machine.check(
        &update(&["--from", "db"]),
        0,
        &["1 bad records", "bad: X-0.json"],
    );
    machine.check(&["advisories", "status"], 0, &["bad: X-0.json"]);
    // The range of commits that stands first hides nothing either.
    machine.gate(1, &["bad 1.0.0 is vulnerable by X-1", "raise bad to 1.0.1"]);
    // Too many of them, and the data is not taken.
    for at in 0..3 {
        machine.repo.write(format!("db/Z-{at}.json"), "{");
    }
    let before = machine.index();
    machine.check(
        &update(&["--from", "db"]),
        3,
        &["records could not be read", "what is here stays"],
    );
    assert_eq!(machine.index(), before);
}

#[test]
fn data_that_lacks_what_everybody_knows_is_not_taken() {
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    machine
        .repo
        .write("db/X-1.json", record("X-1", "bad", "2026-11-30"));
    let whole = ["advisories", "update", "--from", "db"];
    machine.check(&whole, 3, &["no advisory for smallvec", "--subset"]);
    assert_eq!(machine.index(), None);
    // What is there but only for another ecosystem is not there.
    machine.check(&update(&["--from", "db"]), 0, &[]);
    let npm = [
        "advisories",
        "update",
        "--subset",
        "--ecosystem",
        "npm",
        "--from",
        "db",
    ];
    machine.check(&npm, 3, &["the source has no advisory of this ecosystem"]);
    // Far fewer than before.
    for at in 0..9 {
        let id = format!("Y-{at}");
        machine
            .repo
            .write(format!("many/{id}.json"), record(&id, "bad", "2026-11-30"));
    }
    machine.check(&update(&["--from", "many"]), 0, &[]);
    let before = machine.index();
    machine.check(
        &update(&["--from", "db"]),
        3,
        &["it has 1 records, and what is here has 9"],
    );
    assert_eq!(machine.index(), before);
    machine.check(&update(&["--from", "db", "--fewer"]), 0, &[]);
}

#[test]
fn an_update_over_http() {
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    let server = Server::start();
    let zip = good_zip();
    let etag = [
        ("etag", "\"1\"".to_owned()),
        ("last-modified", "Tue, 01 Dec 2026 00:00:00 GMT".to_owned()),
    ];
    server.put("/crates.io/all.zip", Answer::Whole(zip, etag.to_vec()));
    let mirror = update(&["--from", &server.url]);
    // The time of a mirror's file is not that of the data.
    machine.check(
        &mirror,
        0,
        &["crates.io: 2 advisories on 2 packages, of 2026-11-30"],
    );
    machine.check(&mirror, 0, &["no change at the source"]);
    machine.check(&["advisories", "verify"], 0, &["whole and right"]);
    machine.gate(1, &["bad 1.0.0 is vulnerable by X-1"]);
}

#[test]
fn a_failed_update_leaves_what_is_there() {
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    let server = Server::start();
    let zip = good_zip();
    server.put("/crates.io/all.zip", Answer::Whole(zip.clone(), Vec::new()));
    let args = update(&["--from", &server.url, "--patience", "1"]);
    machine.check(&args, 0, &[]);
    let before = machine.index();
    let wrong = "AAAAAAAAAAAAAAAAAAAAAA==";
    let sha = format!("sha-256=:{}:", "A".repeat(43) + "=");
    let mut torn = zip.clone();
    torn[45] ^= 1;
    let cases = [
        (Answer::Status(404), "404"),
        (Answer::Status(500), "status 500"),
        (Answer::Half(zip.clone()), "all.zip"),
        (
            Answer::Whole(zip[..zip.len() / 2].to_vec(), Vec::new()),
            "no whole zip archive",
        ),
        (Answer::Whole(torn, Vec::new()), "could not be read"),
        (
            Answer::Whole(
                zip.clone(),
                vec![("x-goog-hash", format!("crc32c=AAAAAA==,md5={wrong}"))],
            ),
            "md5 checksum",
        ),
        (
            Answer::Whole(zip.clone(), vec![("repr-digest", sha)]),
            "SHA-256 checksum",
        ),
        (Answer::Drip(zip.clone()), "too slowly"),
        (
            Answer::To("https://example.com/all.zip".to_owned()),
            "redirects to another host, example.com",
        ),
        (
            Answer::To("/crates.io/all.zip".to_owned()),
            "redirects too often",
        ),
        (Answer::Huge(5 << 30), "too large"),
        (
            Answer::Whole(b"<!doctype html><p>Sign in".to_vec(), Vec::new()),
            "web page",
        ),
        (Answer::Whole(Vec::new(), Vec::new()), "empty"),
    ];
    for (answer, words) in cases {
        server.put("/crates.io/all.zip", answer);
        machine.check(&args, 3, &["failed", words, "what is here stays", "help:"]);
        assert_eq!(machine.index(), before, "{words}");
    }
    // A checksum beside the archive.
    server.put("/crates.io/all.zip", Answer::Whole(zip, Vec::new()));
    server.put(
        "/crates.io/all.zip.sha256",
        Answer::Whole("0".repeat(64).into_bytes(), Vec::new()),
    );
    machine.check(&args, 3, &["its SHA-256 is not the one in"]);
    assert_eq!(machine.index(), before);
    // Nobody answers, and plain HTTP to another machine is not even tried.
    machine.check(&update(&["--from", "http://127.0.0.1:1"]), 3, &["failed"]);
    machine.check(
        &update(&["--from", "http://example.com"]),
        3,
        &["plain HTTP"],
    );

    // The same failures where nothing was there before: the mandatory gate is unknown.
    let bare = Machine::new("Cargo.lock", CARGO_LOCK);
    server.put("/crates.io/all.zip", Answer::Status(404));
    bare.check(&args, 3, &["404"]);
    bare.gate(3, &["there are none on this machine"]);
}

#[test]
fn a_damaged_index_is_unknown() {
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    machine
        .repo
        .write("db/X-2.json", record("X-2", "other", "2026-11-30"));
    machine.check(&update(&["--from", "db"]), 0, &[]);
    machine.gate(0, &[]);
    let whole = machine.index().expect("it is there");
    let path = machine.store().join("crates.io.qadv");
    for at in [0, 30, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, &bytes).expect("it can be written");
        machine.gate(3, &["advisories for crates.io: "]);
        machine.check(&["advisories", "verify"], 3, &[]);
        std::fs::write(&path, &whole[..at]).expect("it can be written");
        machine.gate(3, &["advisories for crates.io: "]);
    }
}

#[test]
fn a_bundle_goes_to_a_machine_without_network() {
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    machine
        .repo
        .write("db/X-1.json", record("X-1", "bad", "2026-11-30"));
    let npm = record("X-3", "left-pad", "2026-11-30").replace("crates.io", "npm");
    machine.repo.write("db/X-3.json", npm);
    let make = [
        "advisories",
        "update",
        "--subset",
        "--from",
        "db",
        "--bundle",
        "b.qadv",
    ];
    machine.check(&make, 0, &["written"]);
    assert_eq!(machine.index(), None);
    machine.check(
        &["deps", "audit", "--advisories", "b.qadv", "Cargo.lock"],
        1,
        &["X-1", "vulnerability 1"],
    );
    machine.check(
        &["advisories", "update", "--from", "b.qadv"],
        0,
        &["crates.io: ", "npm: "],
    );
    machine.gate(1, &["X-1"]);
}

#[test]
fn ignores_end() {
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    machine
        .repo
        .write("db/X-1.json", record("X-1", "bad", "2026-11-30"));
    machine.check(&update(&["--from", "db"]), 0, &[]);
    let check = |ignore: &str, code: i32, words: &[&str]| {
        let gates = GATES.replace("{}", &format!("{{ ignore: [{{ {ignore} }}] }}"));
        machine.repo.write("qgate.yaml", gates);
        machine.gate(code, words);
    };
    check(
        "id: X-1, reason: r, until: 2026-12-01",
        0,
        &["ignored until 2026-12-01: bad 1.0.0"],
    );
    // Whoever reads any report sees it, not only whoever asks for more.
    let gates = GATES.replace(
        "{}",
        "{ ignore: [{ id: X-1, reason: nobody calls it, owner: ann, until: 2026-12-01 }] }",
    );
    machine.repo.write("qgate.yaml", gates);
    for format in [
        "text",
        "json",
        "sarif",
        "junit",
        "github",
        "gitlab",
        "azure",
        "checkstyle",
        "markdown",
    ] {
        let words = ["X-1 in bad 1.0.0", "nobody calls it", "ann", "2026-12-01"];
        machine.check(&["run", "--stage", "ci", "--format", format], 0, &words);
    }
    check(
        "id: X-1, reason: r, until: 2026-11-30",
        1,
        &["expired on 2026-11-30"],
    );
    check(
        "id: X-1, reason: r, until_fixed: true",
        1,
        &["a fixed version is out"],
    );
    check(
        "id: X-1, package: good, reason: r, until: 2026-12-01",
        1,
        &["names nothing"],
    );
    check("id: X-1, reason: r", 2, &["needs either `until"]);
    check("id: X-1, until: 2026-12-01", 2, &["needs a `reason`"]);
    check("id: X-1, reason: r, until: soon", 2, &["is no day"]);
}

#[test]
fn only_what_a_change_brings_in() {
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    machine
        .repo
        .write("db/X-1.json", record("X-1", "bad", "2026-11-30"));
    machine
        .repo
        .write("db/X-2.json", record("X-2", "worse", "2026-11-30"));
    machine.check(&update(&["--from", "db"]), 0, &[]);
    machine.repo.write(
        "qgate.yaml",
        GATES.replace("    checks:", "    scope: new\n    checks:"),
    );
    let base = machine.repo.commit("gates");
    let run = ["run", "--stage", "ci", "--base", base.as_str()];
    machine
        .repo
        .write("Cargo.lock", CARGO_LOCK.replace("good", "fine"));
    machine.repo.commit("nothing bad");
    machine.check(&run, 0, &[]);
    machine
        .repo
        .write("Cargo.lock", CARGO_LOCK.replace("good", "worse"));
    machine.repo.commit("worse");
    machine.check(&run, 1, &["worse 1.0.0 is vulnerable by X-2"]);
}

#[test]
fn the_manifest_says_whether_a_repair_fits() {
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    machine
        .repo
        .write("db/X-1.json", record("X-1", "bad", "2026-11-30"));
    machine.check(&update(&["--from", "db"]), 0, &[]);
    let manifest =
        |range: &str| format!("[package]\nname = \"app\"\n[dependencies]\nbad = \"{range}\"\n");
    // A member of the workspace, and another project below it.
    machine.repo.write("member/Cargo.toml", manifest("1"));
    machine.repo.write("other/Cargo.lock", "version = 4\n");
    machine.repo.write("other/Cargo.toml", manifest("=1.0.0"));
    machine.gate(
        1,
        &["raise bad to 1.0.1, which `1` in member/Cargo.toml allows"],
    );
    machine.repo.write("member/Cargo.toml", manifest("=1.0.0"));
    machine.gate(
        1,
        &["which needs a wider range than `=1.0.0` in member/Cargo.toml"],
    );
    machine.repo.write("member/Cargo.toml", manifest("2"));
    machine.gate(1, &["raise bad to 1.0.1"]);
}

#[test]
fn the_library_of_go_is_judged_by_the_version_that_is_told() {
    let machine = Machine::new("go.mod", "module example.com/own\n\ngo 1.21\n");
    let of_go = |text: String| text.replace("crates.io", "Go");
    machine
        .repo
        .write("db/X-1.json", of_go(record("X-1", "stdlib", "2026-11-30")));
    let args = [
        "advisories",
        "update",
        "--subset",
        "--ecosystem",
        "Go",
        "--from",
        "db",
    ];
    machine.check(&args, 0, &[]);
    machine.gate(0, &[]);
    let gate = |version: &str, code: i32, words: &[&str]| {
        let gates = GATES.replace("{}", &format!("{{ go_version: '{version}' }}"));
        machine.repo.write("qgate.yaml", gates);
        machine.gate(code, words);
    };
    gate(
        "1.0.0",
        1,
        &["go.mod:3", "stdlib 1.0.0 is vulnerable by X-1"],
    );
    gate("go.mod", 0, &["2 packages of Go asked"]);
    gate("1.22.3", 0, &[]);
    let audit = ["deps", "audit", "--go-version", "1.0.0", "go.mod"];
    machine.check(&audit, 1, &["X-1"]);
}
