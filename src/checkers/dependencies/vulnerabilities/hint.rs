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

/// What the manifests that each lockfile holds for ask for, by the lockfile's path. Only an explanation: what cannot be read is left
/// out.
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
        // A manifest is held by the lockfile that is nearest above it.
        let folder = detect::folder_of(&file.path);
        let holds = |manifest: &FileMeta, kind: Manifest| {
            let of_kind = survey
                .locks
                .iter()
                .filter(|(_, format)| kind.is_locked_by(*format));
            let above = of_kind
                .map(|(lock, _)| detect::folder_of(&lock.path))
                .filter(|above| lies_in(&manifest.path, above));
            kind.is_locked_by(format) && above.max_by_key(|above| above.len()) == Some(folder)
        };
        let held = survey
            .locked
            .iter()
            .filter(|(manifest, kind)| holds(manifest, *kind));
        let mut asked = Asked::new();
        for (manifest, kind) in held {
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

fn lies_in(path: &RepoPath, folder: &[u8]) -> bool {
    let rest = path.as_bytes().strip_prefix(folder);
    rest.is_some_and(|rest| folder.is_empty() || rest.first() == Some(&b'/'))
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

/// What stands in the way of raising a package from one version to another, or that nothing does. Empty where no manifest
/// tells: one that does not allow the version that is there asks for another copy.
#[must_use]
pub fn hint(ecosystem: Ecosystem, asked: &[(String, String)], have: &str, version: &str) -> String {
    let mut allowed = Vec::new();
    for (manifest, range) in asked {
        if range::allows(ecosystem, range, have) != Some(true) {
            continue;
        }
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
            assert_eq!(hint(Ecosystem::Npm, &asked, "1.1.0", "1.2.5"), expected);
        };
        check(&["^1.1.0"], ", which `^1.1.0` in 0.json allows");
        check(
            &["^1.1.0", "~1.1"],
            ", which needs a wider range than `~1.1` in 1.json",
        );
        check(&["^2.0.0"], "");
        check(&["latest"], "");
        check(&[], "");
    }
}
