//! Owns the tests of bills of materials: what is in them, and that they hold together.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Bill, Head, cyclonedx, spdx};
use crate::checkers::dependencies::locks::{self, Alone, Format};
use crate::checkers::dependencies::vulnerabilities::survey::Lock;

const CARGO: &str = r#"version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = ["a", "ours"]

[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
dependencies = ["b"]

[[package]]
name = "b"
version = "2.0.0"
source = "git+https://me:secret@git.example/b?rev=12#12ab"

[[package]]
name = "ours"
version = "0.2.0"
"#;

const NPM: &str = r#"{"lockfileVersion": 3, "packages": {
"": {"name": "web", "version": "3.0.0", "dependencies": {"@s/a": "1"}, "devDependencies": {"t": "1"}},
"node_modules/@s/a": {"version": "1.0.0", "resolved": "https://me:secret@npm.example/@s/a/-/a-1.0.0.tgz?key=1",
"integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "license": "MIT/Apache-2.0", "dependencies": {"c": "1"}},
"node_modules/c": {"version": "1.0.0", "license": "SEE LICENSE IN x", "optional": true},
"node_modules/t": {"version": "1.0.0", "dev": true, "license": "LicenseRef-ours OR MIT", "dependencies": {"c": "1"}},
"node_modules/t/node_modules/c": {"version": "1.0.0", "dev": true},
"node_modules/absent": {"optional": true}}}"#;

const REQUIREMENTS: &str = "x_y==1.0\nunpinned>=2\n";

fn locks(files: &[(&str, &str)]) -> Vec<Lock> {
    let read = |(path, text): &(&str, &str)| {
        let format = Format::of_path(path).expect("a lockfile");
        let inventory =
            locks::read(format, path, text.as_bytes(), &Alone).expect("it is understood");
        Lock {
            path: (*path).to_owned(),
            inventory,
        }
    };
    files.iter().map(read).collect()
}

fn bill(files: &[(&str, &str)], dev: bool) -> Bill {
    let head = Head {
        name: "project".to_owned(),
        version: None,
        created: 1_796_083_200,
    };
    let locks = locks(files);
    let bill = Bill::new(head, &locks, dev, &|_, package| package.licence.clone());
    let own = locks[0]
        .inventory
        .packages
        .iter()
        .find(|package| package.is_own());
    match (own, &*locks) {
        (Some(own), [lock]) if own.name == "web" => bill.rooted(lock, own),
        _ => bill,
    }
}

fn texts<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(|entry| entry[key].as_str()).collect()
}

/// Edges name what is there, and nothing is there twice.
fn holds_together(text: &str) {
    assert!(text.is_ascii() && !text.contains("secret"), "{text}");
    let value: Value = serde_json::from_str(text).expect("it is JSON");
    let (ids, edges): (Vec<&str>, Vec<&str>) = if value["components"].is_array() {
        let root = value["metadata"]["component"]["bom-ref"].as_str();
        let entries = value["dependencies"].as_array().expect("they are told");
        let to = entries
            .iter()
            .flat_map(|entry| entry["dependsOn"].as_array().into_iter().flatten());
        let mut edges: Vec<&str> = to.filter_map(Value::as_str).collect();
        edges.extend(texts(&value["dependencies"], "ref"));
        let ids = texts(&value["components"], "bom-ref");
        (ids.into_iter().chain(root).collect(), edges)
    } else {
        let mut edges = texts(&value["relationships"], "spdxElementId");
        edges.extend(texts(&value["relationships"], "relatedSpdxElement"));
        edges.retain(|id| *id != "NOASSERTION" && *id != "SPDXRef-DOCUMENT");
        (texts(&value["packages"], "SPDXID"), edges)
    };
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len(), "{ids:?}");
    for edge in edges {
        assert!(known.contains(edge), "{edge}");
    }
}

#[test]
fn cyclonedx_of_a_workspace() {
    let text = cyclonedx(&bill(&[("Cargo.lock", CARGO)], true));
    holds_together(&text);
    insta::assert_snapshot!("cyclonedx", text);
}

#[test]
fn spdx_of_a_project() {
    let text = spdx(&bill(&[("web/package-lock.json", NPM)], true));
    holds_together(&text);
    insta::assert_snapshot!("spdx", text);
}

#[test]
fn several_lockfiles_are_one_bill() {
    let files = [
        ("Cargo.lock", CARGO),
        ("requirements.txt", REQUIREMENTS),
        ("web/package-lock.json", NPM),
    ];
    let bill = bill(&files, true);
    for text in [cyclonedx(&bill), spdx(&bill)] {
        holds_together(&text);
        for name in [
            "pkg:cargo/a@1.0.0",
            "pkg:npm/%40s/a@1.0.0",
            "pkg:pypi/x-y@1.0",
            "pkg:pypi/unpinned",
        ] {
            assert!(text.contains(name), "{name}\n{text}");
        }
        assert!(!text.contains("absent"), "{text}");
    }
    assert_eq!(
        bill.incomplete,
        ["requirements.txt: 1 package without an exact version, such as unpinned: lock them"]
    );
}

#[test]
fn without_developers() {
    let bill = bill(&[("package-lock.json", NPM)], false);
    let value: Value = serde_json::from_str(&cyclonedx(&bill)).expect("it is JSON");
    assert_eq!(texts(&value["components"], "name"), ["a", "c"]);
    assert_eq!(value["metadata"]["component"]["version"], "3.0.0");
    // What is optional here and for developers there is optional.
    assert_eq!(value["components"][1]["scope"], "optional");
}

#[test]
fn only_the_content_tells_the_number() {
    let number = |name: &str, text: &str| {
        let bill = bill(&[(name, text)], true);
        let value: Value = serde_json::from_str(&cyclonedx(&bill)).expect("it is JSON");
        value["serialNumber"]
            .as_str()
            .expect("it has one")
            .to_owned()
    };
    let one = number("Cargo.lock", CARGO);
    assert_eq!(one, number("Cargo.lock", CARGO));
    assert_ne!(one, number("Cargo.lock", &CARGO.replace("0.2.0", "0.2.1")));
    assert_eq!(one.len(), "urn:uuid:".len() + 36);
    assert_eq!(&one[23..24], "8", "{one}");
}
