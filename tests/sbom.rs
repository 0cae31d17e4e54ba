//! Bills of materials as the command writes them, against the schemas that CycloneDX and SPDX publish.
//!
//! `QGATE_SBOM_SCHEMAS` names a folder with `bom-1.6.schema.json`, `spdx.schema.json`, `jsf-0.82.schema.json` (CycloneDX/specification,
//! `schema`) and `spdx-schema.json` (spdx/spdx-spec, v2.3, `schemas`). `QGATE_LOCKFILES` names a folder of lockfiles that are told too.

mod support;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{Repo, hermetic};

const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
"": {"name": "web", "version": "3.0.0", "dependencies": {"a": "1"}, "devDependencies": {"t": "1"}},
"node_modules/a": {"version": "1.0.0", "resolved": "https://npm.example/a/-/a-1.0.0.tgz",
"integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "license": "MIT OR Apache-2.0"},
"node_modules/t": {"version": "1.0.0", "dev": true, "license": "LicenseRef-ours", "dependencies": {"c": "1"}},
"node_modules/c": {"version": "1.0.0", "dev": true, "license": "SEE LICENSE IN LICENSE"}}}"#;

/// Exit code, standard output, standard error.
fn sbom(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")))
        .arg("sbom")
        .args(args)
        .current_dir(folder)
        .output()
        .expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("plain ASCII");
    let code = output.status.code().expect("no signal");
    (code, text(output.stdout), text(output.stderr))
}

fn bill(folder: &Path, args: &[&str]) -> Value {
    let (code, out, err) = sbom(folder, args);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).expect("it is JSON")
}

#[test]
fn a_commit_has_one_bill() {
    let repo = Repo::new();
    repo.write("package-lock.json", LOCK);
    repo.commit("all");
    let path = repo.path();
    let (_, first, _) = sbom(&path, &[]);
    let (_, again, _) = sbom(&path, &["."]);
    let (_, file, _) = sbom(&path, &["package-lock.json"]);
    assert!(first == again && first == file);
    let value = bill(&path, &[]);
    assert_eq!(value["metadata"]["component"]["name"], "web");
    let time = bill(&path, &["--created", "2026-12-01T00:00:00Z"]);
    assert_eq!(time["metadata"]["timestamp"], "2026-12-01T00:00:00Z");
    let named = bill(
        &path,
        &["--format", "spdx", "--name", "shop", "--release", "7"],
    );
    assert_eq!(named["name"], "shop");
    assert_eq!(named["packages"][0]["versionInfo"], "7");
}

#[test]
fn a_file_that_tells_something_else() {
    let repo = Repo::new();
    repo.write("package-lock.json", LOCK);
    repo.commit("all");
    let path = repo.path();
    for format in ["cyclonedx", "spdx"] {
        repo.write("package-lock.json", LOCK);
        let (code, _, err) = sbom(&path, &["--format", format, "--output", "bill.json"]);
        assert_eq!(code, 0, "{err}");
        let check = ["--format", format, "--check", "bill.json"];
        let later = [&check[..], &["--created", "2026-12-01T00:00:00Z"]].concat();
        assert_eq!(sbom(&path, &later).0, 0);
        repo.write(
            "package-lock.json",
            LOCK.replace("\"1.0.0\", \"resolved", "\"1.0.1\", \"resolved"),
        );
        let (code, _, err) = sbom(&path, &check);
        assert_eq!(code, 1, "{err}");
        assert!(err.contains("new: ") && err.contains("1.0.1"), "{err}");
    }
    repo.write("bill.json", "no");
    let (code, _, err) = sbom(&path, &["--check", "bill.json"]);
    assert_eq!(code, 2, "{err}");
}

#[test]
fn what_is_not_known_is_said() {
    let repo = Repo::new();
    repo.write("bun.lockb", "#!/usr/bin/env bun\n")
        .write("requirements.txt", "a==1\nb\n");
    let path = repo.path();
    let (code, out, err) = sbom(&path, &[]);
    assert_eq!((code, &*out), (3, ""), "{err}");
    assert!(
        err.contains("bun.lockb") && err.contains("nothing was written"),
        "{err}"
    );
    let (code, out, err) = sbom(&path, &["requirements.txt"]);
    assert_eq!(code, 3, "{err}");
    assert!(
        out.contains("\"incomplete\"") && err.contains("not complete"),
        "{err}"
    );
    let (code, _, err) = sbom(&path, &["nothing.txt"]);
    assert_eq!(code, 2, "{err}");
}

fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error is open");
}

struct Schemas {
    cyclonedx: jsonschema::Validator,
    spdx: jsonschema::Validator,
}

impl Schemas {
    fn open(folder: &Path) -> Self {
        let read = |name: &str| -> Value {
            let text = std::fs::read(folder.join(name)).expect("the schema is there");
            serde_json::from_slice(&text).expect("it is JSON")
        };
        let at = |name: &str| format!("http://cyclonedx.org/schema/{name}");
        let registry = jsonschema::Registry::new()
            .add(at("spdx.schema.json"), read("spdx.schema.json"))
            .and_then(|registry| {
                registry.add(at("jsf-0.82.schema.json"), read("jsf-0.82.schema.json"))
            })
            .and_then(jsonschema::RegistryBuilder::prepare)
            .expect("they are schemas");
        Self {
            cyclonedx: jsonschema::options()
                .should_validate_formats(true)
                .with_registry(&registry)
                .build(&read("bom-1.6.schema.json"))
                .expect("it is a schema"),
            spdx: jsonschema::options()
                .should_validate_formats(true)
                .build(&read("spdx-schema.json"))
                .expect("it is a schema"),
        }
    }

    fn check(&self, path: &Path, may_lack: bool) {
        let folder = path.parent().expect("it lies in a folder");
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("it is UTF-8");
        for (format, schema) in [("cyclonedx", &self.cyclonedx), ("spdx", &self.spdx)] {
            let (code, out, err) = sbom(folder, &[name, "--format", format]);
            assert!(
                code == 0 || code == 3 && may_lack,
                "{}: {err}",
                path.display()
            );
            let value: Value = serde_json::from_str(&out).expect("it is JSON");
            let problems: Vec<String> = schema
                .iter_errors(&value)
                .map(|problem| format!("{}: {problem}", problem.instance_path()))
                .collect();
            assert_eq!(problems, Vec::<String>::new(), "{}", path.display());
        }
    }
}

#[test]
fn bills_are_valid() {
    let Some(folder) = std::env::var_os("QGATE_SBOM_SCHEMAS").map(PathBuf::from) else {
        say(
            "not compared: bills of materials with their schemas: QGATE_SBOM_SCHEMAS names no folder",
        );
        return;
    };
    let schemas = Schemas::open(&folder);
    let repo = Repo::new();
    repo.write("package-lock.json", LOCK);
    schemas.check(&repo.at("package-lock.json"), false);
    // A schema that takes all proves nothing.
    let broken = serde_json::json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{ "name": "a" }] });
    assert!(!schemas.cyclonedx.is_valid(&broken));
    assert!(!schemas.spdx.is_valid(&serde_json::json!({ "SPDXID": "x" })));
    let Some(locks) = std::env::var_os("QGATE_LOCKFILES").map(PathBuf::from) else {
        say("not compared: bills of real lockfiles: QGATE_LOCKFILES names no folder of them");
        return;
    };
    let mut open = vec![locks];
    let mut checked = 0;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            let shown = path.to_str().expect("it is UTF-8");
            if path.is_dir() {
                open.push(path);
            } else if qgate::checkers::dependencies::locks::Format::of_path(shown).is_some()
                && !shown.contains("/requirements/")
            {
                schemas.check(&path, true);
                checked += 1;
            }
        }
    }
    assert!(checked > 0, "there are lockfiles");
}
