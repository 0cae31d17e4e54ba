//! Owns modules that nothing uses: neither an import, nor a mention in any text of the repository, nor a way in that is
//! known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::evidence::Evidence;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::source::language::Language;
use crate::source::tree::{FileMeta, SourceTree};

use super::UNREFERENCED_MODULE;
use super::map::{Known, Map};
use super::options::Options;
use super::ways::{is_way_in, stem};

/// A text larger than this, in bytes, is not looked into for names of modules.
const LARGEST: u64 = 2 << 20;

/// Looks for them; gives how many modules were judged.
pub fn find(
    map: &Map<'_>,
    options: &Options,
    tree: &dyn SourceTree,
    evidence: &mut Evidence,
) -> usize {
    let mut is_used = vec![false; map.files.len()];
    for (at, file) in map.files.iter().enumerate() {
        for lead in file.leads.iter().flatten().filter(|lead| **lead != at) {
            is_used[*lead] = true;
        }
    }
    for at in map.resolver.entries() {
        is_used[at] = true;
    }
    let open = open_folders(map);
    let packages = unused_packages(map, &is_used);
    let mut judged = 0;
    let mut left: Vec<usize> = Vec::new();
    for (at, file) in map.files.iter().enumerate() {
        let Some(path) = judged_path(file, options) else {
            continue;
        };
        let is_unused = match file.facts.language {
            Language::Java => continue,
            Language::Rust => map.resolver.crates.is_lost(at, path),
            Language::Go => {
                let folder = folder(path);
                if !format!("/{folder}/").contains("/internal/") || path.ends_with("_test.go") {
                    continue;
                }
                packages.get(folder) == Some(&at)
            }
            Language::Python if !map.resolver.is_in_package(path) => continue,
            _ if is_way_in(path, file.facts) || is_open(&open, path) => continue,
            _ => !is_used[at],
        };
        judged += 1;
        if is_unused {
            left.push(at);
        }
    }
    for at in unmentioned(map, left, tree) {
        let file = &map.files[at];
        let is_rust = file.facts.language == Language::Rust;
        let headline = match file.facts.language {
            Language::Rust => "no crate has this file: no `mod` names it, so it is not compiled",
            Language::Go => "no package imports this internal package, and none outside can",
            _ => "nothing imports this module, and no text of the repository names it",
        };
        let help = if is_rust {
            "name it with `mod`, or delete it"
        } else {
            "delete it; if something outside uses it, name it in `entries`"
        };
        let place = Place::File(file.meta.path.clone());
        let finding = Finding::new(&UNREFERENCED_MODULE, place, headline, help);
        evidence.findings.push(finding.anchored("unreferenced"));
    }
    judged
}

/// The path of a file that is judged.
fn judged_path<'a>(file: &Known<'a>, options: &Options) -> Option<&'a str> {
    file.module?;
    let class = file.meta.class;
    let is_entry = options
        .entries
        .iter()
        .any(|glob| glob.matches(&file.meta.path));
    if class.test || class.generated || class.docs || is_entry {
        return None;
    }
    std::str::from_utf8(file.meta.path.as_bytes()).ok()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Folders with a file that loads others by names that it computes.
fn open_folders(map: &Map<'_>) -> BTreeSet<String> {
    let loading = map.files.iter().filter(|file| file.facts.loads_by_name);
    let loading = loading.filter_map(|file| std::str::from_utf8(file.meta.path.as_bytes()).ok());
    loading.map(|path| folder(path).to_owned()).collect()
}

fn is_open(open: &BTreeSet<String>, path: &str) -> bool {
    let mut at = folder(path);
    loop {
        if open.contains(at) {
            return true;
        }
        if at.is_empty() {
            return false;
        }
        at = folder(at);
    }
}

/// The first file of each package of Go of which no file is imported from elsewhere.
fn unused_packages<'a>(map: &Map<'a>, is_used: &[bool]) -> BTreeMap<&'a str, usize> {
    let mut packages: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    for (at, file) in map.files.iter().enumerate() {
        let Ok(path) = std::str::from_utf8(file.meta.path.as_bytes()) else {
            continue;
        };
        if file.facts.language == Language::Go && !path.ends_with("_test.go") {
            let (_, used) = packages.entry(folder(path)).or_insert((at, false));
            *used |= is_used[at] || file.facts.is_entry;
        }
    }
    let unused = packages.into_iter().filter(|(_, (_, used))| !used);
    unused.map(|(folder, (at, _))| (folder, at)).collect()
}

/// Those of the modules that no text names.
fn unmentioned(map: &Map<'_>, left: Vec<usize>, tree: &dyn SourceTree) -> Vec<usize> {
    let (sure, left): (Vec<usize>, Vec<usize>) = left
        .into_iter()
        .partition(|at| matches!(map.files[*at].facts.language, Language::Rust | Language::Go));
    if left.is_empty() {
        return sure;
    }
    let path = |at: usize| String::from_utf8_lossy(map.files[at].meta.path.as_bytes()).into_owned();
    let mut names: HashMap<String, Vec<usize>> = HashMap::new();
    for &at in &left {
        names
            .entry(stem(&path(at)).to_owned())
            .or_default()
            .push(at);
    }
    let mut is_named: BTreeSet<usize> = BTreeSet::new();
    for file in tree.files().iter().filter(|file| may_name(file)) {
        let Ok(bytes) = tree.read(file) else { continue };
        let Ok(text) = std::str::from_utf8(&bytes) else {
            continue;
        };
        mentions(text, |word, is_quoted| {
            let Some(all) = names.get(word.last) else {
                return;
            };
            for &at in all {
                let whole = path(at);
                let is_itself = whole.as_bytes() == file.path.as_bytes();
                let parent = folder(&whole).rsplit('/').next().unwrap_or_default();
                let is_parent = word.before == Some(parent) && !parent.is_empty();
                if !is_itself && (is_parent || word.has_ending || is_quoted || word.is_path) {
                    is_named.insert(at);
                }
            }
        });
    }
    let left = left.into_iter().filter(|at| !is_named.contains(at));
    let mut all: Vec<usize> = sure.into_iter().chain(left).collect();
    all.sort_unstable();
    all
}

/// May a file name modules in a way that matters?
fn may_name(file: &FileMeta) -> bool {
    let class = file.class;
    file.is_file() && file.size <= LARGEST && !(class.vendored || class.lock || class.minified)
}

/// A word of a text that may name a module.
struct Word<'t> {
    /// What stands before the last part: `b` of `a.b.c`.
    before: Option<&'t str>,
    /// The last part, an ending taken away.
    last: &'t str,
    /// Had it the ending of a file of code?
    has_ending: bool,
    /// Is it part of a path with `/`?
    is_path: bool,
}

/// Gives each word that may name a module, and whether quotes stand around it.
fn mentions(text: &str, mut give: impl FnMut(&Word<'_>, bool)) {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b"_-./".contains(&b) || b >= 128;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !is_part(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_part(bytes[at]) {
            at += 1;
        }
        let word = text.get(start..at).unwrap_or_default();
        let quote = |b: Option<&u8>| b.is_some_and(|b| b"\"'`".contains(b));
        let is_quoted =
            quote(start.checked_sub(1).and_then(|at| bytes.get(at))) && quote(bytes.get(at));
        parts(word, |part| give(part, is_quoted));
    }
}

/// The ways in which a word may name a module: `pkg.mod:name`, `a/b.py`, `a.b.c` and all that it begins with.
fn parts(word: &str, mut give: impl FnMut(&Word<'_>)) {
    const ENDINGS: &[&str] = &[
        "py", "pyi", "js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte",
    ];
    let word = word.trim_matches(|c| matches!(c, '.' | '/' | '-'));
    let has_slash = word.contains('/');
    let mut before = None;
    for part in word
        .split('/')
        .filter(|part| !part.is_empty() && *part != "." && *part != "..")
    {
        let mut inner = part.split('.').peekable();
        let mut first = true;
        while let Some(last) = inner.next() {
            if last.is_empty() {
                continue;
            }
            let has_ending = inner.peek().is_some_and(|next| ENDINGS.contains(next));
            give(&Word {
                before,
                last,
                has_ending,
                is_path: has_slash && first,
            });
            before = Some(last);
            first = false;
        }
    }
}
