//! Owns what the tests of all readers share: an inventory as lines of text.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Alone, Beside, Format, read};
use crate::checkers::dependencies::inventory::{Inventory, RemarkKind, SourceKind};

/// Files in memory.
struct Files<'a>(BTreeMap<&'a str, &'a str>);

impl Beside for Files<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(path).map(|text| text.as_bytes().to_vec()))
    }
}

/// The first line is the version. Then for each package: the line (with its file, when it is an included one), the name, the
/// version (`-` for none), and what else is known of it.
fn told(inventory: &Inventory) -> String {
    let mut lines = vec![inventory.version.clone()];
    for package in &inventory.packages {
        let mut line = String::new();
        if package.file > 0 {
            line += &format!("{}:", inventory.files[package.file]);
        }
        let version = package.version.as_deref().unwrap_or("-");
        line += &format!("{} {} {version}", package.span.start.line, package.name);
        let mut say = |text: String| line += &format!(" {text}");
        if package.source.kind != SourceKind::Registry {
            say(format!("{:?}", package.source.kind).to_lowercase());
        }
        package.source.url.iter().for_each(|url| say(url.clone()));
        package
            .source
            .commit
            .iter()
            .for_each(|commit| say(format!("@{commit}")));
        package
            .alias
            .iter()
            .for_each(|alias| say(format!("as {alias}")));
        package
            .requirement
            .iter()
            .for_each(|asked| say(format!("asked {asked}")));
        for hash in &package.hashes {
            say(format!("{}:{}", hash.algorithm, hash.value));
        }
        package
            .licence
            .iter()
            .for_each(|licence| say(format!("licence {licence}")));
        package
            .deprecated
            .iter()
            .for_each(|why| say(format!("deprecated {why}")));
        let flags = [
            (package.dev == Some(true), "dev"),
            (package.direct == Some(true), "direct"),
            (package.optional, "optional"),
            (package.bundled, "bundled"),
            (package.install_script, "script"),
        ];
        flags
            .iter()
            .filter(|(holds, _)| *holds)
            .for_each(|(_, flag)| say((*flag).to_owned()));
        if !package.needs.is_empty() {
            say(">".to_owned());
        }
        for &id in &package.needs {
            say(inventory.packages[id].name.clone());
        }
        lines.push(line);
    }
    for remark in &inventory.remarks {
        let kind = match remark.kind {
            RemarkKind::Lost => "lost",
            RemarkKind::Unlisted => "unlisted",
            RemarkKind::ExtraIndex => "index",
            RemarkKind::TrustedHost => "trusted",
        };
        lines.push(format!(
            "{} {kind}: {}",
            remark.span.start.line, remark.text
        ));
    }
    lines.join("\n")
}

/// Reads a lockfile of this name and says what is in it; see [`told`].
pub(super) fn check(name: &str, content: &str, expected: &str) {
    check_beside(name, content, &[], expected);
}

/// The same, with files around it.
pub(super) fn check_beside(name: &str, content: &str, files: &[(&str, &str)], expected: &str) {
    let format = Format::of_path(name).expect("the name tells the format");
    let files = Files(files.iter().copied().collect());
    match read(format, name, content.as_bytes(), &files) {
        Ok(inventory) => assert_eq!(told(&inventory), expected, "{content}"),
        Err(why) => panic!("{why} {:?}: {content}", why.at),
    }
}

/// What no lockfile looks like, and what almost looks like one.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let near = "(lockfileVersion|packages|package|dependencies|require|name|version|specs|GEM|module|__metadata|metadata|hex|=>|==|true|[\\[\\]{}<>():;,=\"'@/#%. \n\\-_a-z0-9\u{e9}\t]){0,60}";
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        near.prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in texts()) {
        for &format in Format::ALL {
            if let Ok(inventory) = read(format, "x", &bytes, &Alone) {
                let _ = inventory.ways();
                told(&inventory);
            }
        }
    }
}

/// Shapes of a megabyte, each of which would take long if some part of it were looked at again for each other part.
#[test]
#[expect(clippy::too_many_lines, reason = "a table of shapes")]
fn hostile_shapes_take_little_time() {
    let many = |head: &str, one: &dyn Fn(usize) -> String, tail: &str| {
        let body: String = (0..8_000).map(one).collect();
        format!("{head}{body}{tail}")
    };
    let key = "node_modules/a/".repeat(60);
    let shapes = [
        (
            "Cargo.lock",
            many(
                "",
                &|n| format!("[[package]]\nname=\"a\"\nversion=\"{n}\"\ndependencies=[\"a\"]\n"),
                "",
            ),
        ),
        (
            "package-lock.json",
            many(
                &format!("{{\"lockfileVersion\":3,\"packages\":{{\"{key}b\":{{\"dependencies\":{{"),
                &|n| format!("\"c{n}\":\"1\","),
                "}}}}",
            ),
        ),
        (
            "package-lock.json",
            many(
                "{\"lockfileVersion\":3,\"packages\":{",
                &|n| format!("\"node_modules/{n}\":{{}},"),
                "}}",
            ),
        ),
        (
            "pnpm-lock.yaml",
            many(
                "lockfileVersion: '9.0'\npackages:\n",
                &|n| format!("  a@{n}.0.0(b@1):\n    dependencies: {{a: {n}.0.0}}\n"),
                "",
            ),
        ),
        (
            "yarn.lock",
            many(
                "# yarn lockfile v1\n",
                &|n| format!("a@{n}, a@x{n}:\n  version \"{n}\"\n"),
                "",
            ),
        ),
        (
            "yarn.lock",
            many(
                "__metadata:\n  version: 8\n",
                &|n| format!("a@npm:{n}:\n  resolution: a@npm:{n}\n  dependencies: {{a: {n}}}\n"),
                "",
            ),
        ),
        (
            "requirements.txt",
            many("", &|n| format!("a=={n} # via a\n"), ""),
        ),
        (
            "requirements.txt",
            many("a==1 \\\n", &|_| "--hash=sha256:0 \\\n".to_owned(), ""),
        ),
        (
            "poetry.lock",
            many(
                "",
                &|n| {
                    format!(
                        "[[package]]\nname=\"a\"\nversion=\"{n}\"\n[package.dependencies]\na=\"*\"\n"
                    )
                },
                "[metadata]\n",
            ),
        ),
        (
            "uv.lock",
            many(
                "version = 1\n",
                &|n| {
                    format!(
                        "[[package]]\nname=\"a\"\nversion=\"{n}\"\ndependencies=[{{name=\"a\"}}]\n"
                    )
                },
                "",
            ),
        ),
        (
            "go.mod",
            many(
                "module m\n",
                &|n| format!("require a v{n}\nreplace a v{n} => b v{n}\n"),
                "",
            ),
        ),
        (
            "Gemfile.lock",
            many(
                "GEM\n  specs:\n",
                &|n| format!("    a ({n})\n      a\n"),
                "",
            ),
        ),
        (
            "composer.lock",
            many(
                "{\"packages\":[",
                &|n| format!("{{\"name\":\"a\",\"version\":\"{n}\",\"require\":{{\"a\":\"1\"}}}},"),
                "]}",
            ),
        ),
        (
            "pom.xml",
            many(
                "<project><properties><a>${b}${b}${b}</a><b>${a}${a}</b></properties><dependencies>",
                &|n| {
                    format!(
                        "<dependency><groupId>g{n}</groupId><artifactId>a</artifactId><version>${{a}}</version></dependency>"
                    )
                },
                "</dependencies></project>",
            ),
        ),
        (
            "mix.lock",
            many(
                "%{",
                &|n| format!("\"a{n}\": {{:hex, :a, \"{n}\", \"\", [], [{{:a1}}]}},"),
                "}",
            ),
        ),
    ];
    for (name, text) in shapes {
        let format = Format::of_path(name).expect("the name tells the format");
        let started = std::time::Instant::now();
        let read = read(format, name, text.as_bytes(), &Alone);
        assert!(
            read.is_ok_and(|inventory| inventory.ways().to(0).len() < 3),
            "{name}"
        );
        let took = started.elapsed();
        assert!(took.as_secs() < 10, "{name}: {took:?}");
    }
}

/// A lockfile of this name must be refused, for a reason that has these words.
pub(super) fn fails(name: &str, content: &str, why: &str) {
    let format = Format::of_path(name).expect("the name tells the format");
    let found = read(format, name, content.as_bytes(), &Files(BTreeMap::new()));
    let found = found.map(|inventory| told(&inventory)).expect_err(content);
    assert!(found.what.contains(why), "{found} instead of {why}");
}
