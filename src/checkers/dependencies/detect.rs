//! Owns what of a tree is a lockfile, and which manifests have none. Looks at paths only.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::source::tree::FileMeta;

use super::locks::Format;
use super::manifest::Manifest;

/// What of a tree has to do with dependencies.
#[derive(Debug, Default)]
pub struct Survey<'a> {
    /// The lockfiles, by path.
    pub locks: Vec<(&'a FileMeta, Format)>,
    /// Manifests for which one does: in their folder, or one above.
    pub locked: Vec<(&'a FileMeta, Manifest)>,
    /// Manifests for which none does: each with those of its kind in folders below, which a lockfile beside it would hold for
    /// as well.
    pub unlocked: Vec<(Manifest, Vec<&'a FileMeta>)>,
    /// Folders that hold lockfiles of several kinds for the same manifest: the lockfiles, at least two.
    pub doubled: Vec<Vec<&'a FileMeta>>,
}

/// Is it a lockfile or a manifest that a check should look at? Not one that came with somebody else's code, nor one that
/// is input of a test.
#[must_use]
pub fn is_wanted(file: &FileMeta) -> bool {
    let fixtures: [&[u8]; 5] = [
        b"fixtures",
        b"__fixtures__",
        b"test-fixtures",
        b"testdata",
        b"test_data",
    ];
    file.is_file()
        && !file.class.vendored
        && !file.path.parts().any(|part| fixtures.contains(&part))
        && (format_of(&file.path).is_some() || manifest_of(&file.path).is_some())
}

/// The format of a lockfile, by its path.
#[must_use]
pub fn format_of(path: &RepoPath) -> Option<Format> {
    Format::of_path(std::str::from_utf8(path.as_bytes()).ok()?)
}

fn manifest_of(path: &RepoPath) -> Option<Manifest> {
    Manifest::of_name(std::str::from_utf8(path.name()).ok()?)
}

/// The folder that a file lies in.
#[must_use]
pub fn folder_of(path: &RepoPath) -> &[u8] {
    let bytes = path.as_bytes();
    let end = bytes.iter().rposition(|&b| b == b'/').unwrap_or(0);
    &bytes[..end]
}

/// Looks through files that are wanted: see [`is_wanted`].
#[must_use]
pub fn survey<'a>(files: impl Iterator<Item = &'a FileMeta>) -> Survey<'a> {
    let mut survey = Survey::default();
    let mut manifests = Vec::new();
    let mut folders: BTreeMap<&[u8], Vec<(&FileMeta, Format)>> = BTreeMap::new();
    for file in files {
        if let Some(format) = format_of(&file.path) {
            folders
                .entry(folder_of(&file.path))
                .or_default()
                .push((file, format));
        }
        if let Some(manifest) = manifest_of(&file.path) {
            manifests.push((file, manifest));
        }
    }
    for locks in folders.values() {
        survey.locks.extend(effective(locks));
        let several: Vec<&FileMeta> = effective(locks)
            .filter(|(_, format)| Manifest::Npm.is_locked_by(*format))
            .map(|(file, _)| file)
            .collect();
        let both = |of: &[Format]| {
            let found = locks.iter().filter(|(_, format)| of.contains(format));
            found.map(|(file, _)| *file).collect::<Vec<_>>()
        };
        let python = both(&[
            Format::PoetryLock,
            Format::UvLock,
            Format::PdmLock,
            Format::PipfileLock,
        ]);
        survey.doubled.extend(
            [several, python]
                .into_iter()
                .filter(|found| found.len() > 1),
        );
    }
    survey.locks.sort_by_key(|(file, _)| &file.path);
    let is_locked = |folder: &[u8], manifest: Manifest| {
        let locks = folders.get(folder).into_iter().flatten();
        locks
            .clone()
            .any(|(_, format)| manifest.is_locked_by(*format))
    };
    manifests.sort_by_key(|(file, _)| folder_of(&file.path).len());
    let mut tops: BTreeMap<(&[u8], Manifest), usize> = BTreeMap::new();
    for (file, manifest) in manifests {
        let above = || folders_above(&file.path);
        if above().any(|folder| is_locked(folder, manifest)) {
            survey.locked.push((file, manifest));
        } else if let Some(&top) = above().find_map(|folder| tops.get(&(folder, manifest))) {
            survey.unlocked[top].1.push(file);
        } else {
            tops.insert((folder_of(&file.path), manifest), survey.unlocked.len());
            survey.unlocked.push((manifest, vec![file]));
        }
    }
    survey
}

/// The folder of a file, and those above it up to the root.
fn folders_above(path: &RepoPath) -> impl Iterator<Item = &[u8]> {
    let folder = folder_of(path);
    let ends = (0..=folder.len()).rev();
    let ends = ends.filter(|&end| end == 0 || end == folder.len() || folder[end] == b'/');
    ends.map(|end| &folder[..end])
}

/// The lockfiles of a folder that count: a shrinkwrap wins over the lockfile beside it.
fn effective<'a, 'f>(
    locks: &'f [(&'a FileMeta, Format)],
) -> impl Iterator<Item = (&'a FileMeta, Format)> + 'f {
    let is = |file: &FileMeta, name: &[u8]| file.path.name() == name;
    let shrinkwrapped = locks
        .iter()
        .any(|(file, _)| is(file, b"npm-shrinkwrap.json"));
    let all = locks.iter().copied();
    all.filter(move |(file, _)| !(shrinkwrapped && is(file, b"package-lock.json")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::memory::MemoryTree;
    use crate::source::tree::SourceTree as _;

    fn check(paths: &[&str], locks: &str, unlocked: &str, doubled: usize) {
        let tree = MemoryTree::new(paths.iter().map(|path| (*path, "")));
        let found = survey(tree.files().iter().filter(|file| is_wanted(file)));
        let told = |files: Vec<&FileMeta>| {
            let paths = files.iter().map(|file| file.path.to_string());
            paths.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            told(found.locks.iter().map(|(file, _)| *file).collect()),
            locks
        );
        let tops = found.unlocked.iter().map(|(_, files)| files[0]);
        assert_eq!(told(tops.collect()), unlocked);
        assert_eq!(found.doubled.len(), doubled, "{paths:?}");
    }

    #[test]
    fn lockfiles_and_manifests_of_a_tree() {
        check(
            &[
                "Cargo.lock",
                "Cargo.toml",
                "crates/a/Cargo.toml",
                "web/package.json",
                "web/npm-shrinkwrap.json",
                "web/package-lock.json",
                "web/node_modules/x/package-lock.json",
                "web/node_modules/x/package.json",
                "tests/fixtures/yarn.lock",
                "py/pyproject.toml",
                "app/App.csproj",
                "py/inner/pyproject.toml",
                "requirements/dev.txt",
            ],
            "Cargo.lock requirements/dev.txt web/npm-shrinkwrap.json",
            "py/pyproject.toml app/App.csproj",
            0,
        );
        check(
            &[
                "package.json",
                "package-lock.json",
                "yarn.lock",
                "a/poetry.lock",
                "a/uv.lock",
            ],
            "a/poetry.lock a/uv.lock package-lock.json yarn.lock",
            "",
            2,
        );
    }
}
