//! Owns what manifests say of a repair: does what the project asks for allow the version that has it?

use std::collections::BTreeMap;

use super::survey::Lock;
use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::checkers::dependencies::detect;
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::locks::Format;
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::manifest::Manifest;
use crate::checkers::dependencies::versions::range;
use crate::source::tree::FileMeta;

/// No manifest is larger than this.
const LARGEST: u64 = 16 << 20;

/// What manifests beside a lockfile ask for: by normal name, the manifest and the range.
pub type Asked = BTreeMap<String, Vec<(String, String)>>;

/// What the manifests beside each lockfile ask for, by the lockfile's path. Only an explanation: what cannot be read is left out.
#[must_use]
pub fn asked(
    survey: &detect::Survey<'_>,
    locks: &[(&FileMeta, Lock)],
    cx: &Cx<'_>,
) -> BTreeMap<String, Asked> {
    let formats: BTreeMap<&RepoPath, Format> = survey
        .locks
        .iter()
        .map(|(file, format)| (&file.path, *format))
        .collect();
    let mut all = BTreeMap::new();
    for (file, lock) in locks {
        let Some(&format) = formats.get(&file.path) else {
            continue;
        };
        let beside = survey.locked.iter().filter(|(other, manifest)| {
            manifest.is_locked_by(format)
                && detect::folder_of(&other.path) == detect::folder_of(&file.path)
        });
        let mut asked = Asked::new();
        for (manifest, kind) in beside {
            for (name, range) in ranges(manifest, *kind, cx).into_iter().flatten() {
                let name = format.ecosystem().normal(&name);
                asked
                    .entry(name)
                    .or_default()
                    .push((manifest.path.to_string(), range));
            }
        }
        all.insert(lock.path.clone(), asked);
    }
    all
}

/// Names and ranges of a manifest.
fn ranges(file: &FileMeta, kind: Manifest, cx: &Cx<'_>) -> Option<Vec<(String, String)>> {
    if file.size > LARGEST {
        return None;
    }
    let text = Text::new(&cx.tree.read(file).ok()?)?;
    let asked = kind.asked(&text).ok()?.into_iter();
    Some(
        asked
            .filter_map(|one| Some((one.name, one.range?)))
            .collect(),
    )
}

/// What stands in the way of raising a package to a version, or that nothing does. Empty where no manifest tells.
#[must_use]
pub fn hint(ecosystem: Ecosystem, asked: &[(String, String)], version: &str) -> String {
    let mut allowed = Vec::new();
    for (manifest, range) in asked {
        match range::allows(ecosystem, range, version) {
            Some(false) => {
                return format!(", which needs a wider range than `{range}` in {manifest}");
            }
            Some(true) => allowed.push((manifest, range)),
            None => return String::new(),
        }
    }
    let first = allowed.first();
    first.map_or_else(String::new, |(manifest, range)| {
        format!(", which `{range}` in {manifest} allows")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_manifests() {
        let check = |ranges: &[&str], expected: &str| {
            let asked = |(at, range): (usize, &&str)| (format!("{at}.json"), (*range).to_owned());
            let asked: Vec<_> = ranges.iter().enumerate().map(asked).collect();
            assert_eq!(hint(Ecosystem::Npm, &asked, "1.2.5"), expected);
        };
        check(&["^1.2.3"], ", which `^1.2.3` in 0.json allows");
        check(
            &["^1.2.3", "~1.1"],
            ", which needs a wider range than `~1.1` in 1.json",
        );
        check(&["latest"], "");
        check(&[], "");
    }
}
