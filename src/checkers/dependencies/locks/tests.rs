//! Owns what the tests of all readers share: an inventory as lines of text.

use std::collections::BTreeMap;

use super::{Beside, Format, read};
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

/// A lockfile of this name must be refused, for a reason that has these words.
pub(super) fn fails(name: &str, content: &str, why: &str) {
    let format = Format::of_path(name).expect("the name tells the format");
    let found = read(format, name, content.as_bytes(), &Files(BTreeMap::new()));
    let found = found.map(|inventory| told(&inventory)).expect_err(content);
    assert!(found.what.contains(why), "{found} instead of {why}");
}
