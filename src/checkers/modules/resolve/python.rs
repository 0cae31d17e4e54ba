//! Owns where names of Python lead: relative dots, packages with and without `__init__.py`, `src` layouts.

use std::collections::{BTreeSet, HashMap};

use crate::checkers::modules::facts::Import;

use super::Read;
use super::paths::{Paths, folder, name, upward};

/// Names that the standard library takes before a file beside the script is looked at, or that a folder without
/// `__init__.py` often has files of.
const STANDARD: &[&str] = &[
    "abc",
    "argparse",
    "array",
    "ast",
    "asyncio",
    "base64",
    "bisect",
    "builtins",
    "calendar",
    "cmd",
    "code",
    "codecs",
    "collections",
    "concurrent",
    "configparser",
    "contextlib",
    "copy",
    "csv",
    "ctypes",
    "dataclasses",
    "datetime",
    "decimal",
    "dis",
    "email",
    "enum",
    "errno",
    "filecmp",
    "fractions",
    "functools",
    "gc",
    "getpass",
    "gettext",
    "glob",
    "gzip",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "http",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "json",
    "keyword",
    "linecache",
    "locale",
    "logging",
    "math",
    "mimetypes",
    "multiprocessing",
    "numbers",
    "operator",
    "os",
    "pathlib",
    "pickle",
    "pkgutil",
    "platform",
    "pprint",
    "profile",
    "queue",
    "random",
    "re",
    "resource",
    "secrets",
    "select",
    "selectors",
    "shelve",
    "shlex",
    "shutil",
    "signal",
    "site",
    "socket",
    "sqlite3",
    "ssl",
    "stat",
    "statistics",
    "string",
    "struct",
    "subprocess",
    "symbol",
    "sys",
    "tempfile",
    "test",
    "textwrap",
    "threading",
    "time",
    "timeit",
    "token",
    "tokenize",
    "tomllib",
    "trace",
    "traceback",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "xml",
    "zipfile",
    "zlib",
];

/// The folders from which names count, and the modules and packages that lie directly in them.
pub struct Roots {
    roots: BTreeSet<String>,
    tops: HashMap<String, BTreeSet<String>>,
}

/// What a name leads to.
#[derive(Clone, Copy, PartialEq)]
enum Found {
    Module(usize),
    /// A package without a file of its own.
    Folder,
}

impl Roots {
    /// Each folder that holds a package, and each that holds a project.
    pub fn new(files: &[Read<'_>], paths: &Paths<'_>) -> Self {
        let mut roots = BTreeSet::from([String::new()]);
        let mut seen = BTreeSet::new();
        for file in files {
            let own = folder(file.path);
            if !is_python(file.path) || !seen.insert(own) {
                continue;
            }
            let outer = upward(own).find(|at| !is_package(at, paths));
            roots.extend(outer.map(str::to_owned));
            for at in upward(own) {
                let has = |file: &str| paths.has_file(&below(at, file));
                if has("pyproject.toml") || has("setup.py") || has("setup.cfg") {
                    roots.insert(at.to_owned());
                    let src = below(at, "src");
                    if paths.has_folder(&src) {
                        roots.insert(src);
                    }
                }
            }
        }
        let mut tops: HashMap<String, BTreeSet<String>> = HashMap::new();
        for file in files.iter().filter(|file| is_python(file.path)) {
            let own = folder(file.path);
            let (at, top) = match name(file.path).split('.').next() {
                Some("__init__") => (folder(own), name(own)),
                Some(stem) => (own, stem),
                None => continue,
            };
            if roots.contains(at) {
                let all = tops.entry(top.to_owned()).or_default();
                all.insert(at.to_owned());
            }
        }
        Self { roots, tops }
    }

    /// The modules that an import leads to.
    pub fn resolve(&self, from: &str, import: &Import, paths: &Paths<'_>) -> Vec<usize> {
        let dots = import.target.bytes().take_while(|b| *b == b'.').count();
        let dotted = &import.target[dots..];
        if dots > 0 {
            let mut at = folder(from);
            for _ in 1..dots {
                if at.is_empty() {
                    return Vec::new();
                }
                at = folder(at);
            }
            return take(at, dotted, import, paths);
        }
        let first = dotted.split('.').next().unwrap_or(dotted);
        let own = folder(from);
        // A script finds what lies beside it; a module of a package does not.
        let is_script = !is_package(own, paths) && STANDARD.binary_search(&first).is_err();
        let near = upward(own)
            .filter(|at| (*at == own && is_script) || (*at != own && self.roots.contains(*at)));
        let near: Vec<(&str, Found)> = near
            .filter_map(|root| Some((root, look(root, first, paths)?)))
            .collect();
        let is_module = |(_, found): &&(&str, Found)| matches!(found, Found::Module(_));
        // A package with a file of its own comes before one without, wherever it lies.
        if let Some((root, _)) = near.iter().find(is_module).or_else(|| near.first()) {
            return take(root, dotted, import, paths);
        }
        if STANDARD.binary_search(&first).is_ok() {
            return Vec::new();
        }
        let far = self.tops.get(first).into_iter().flatten();
        let mut far = far.filter(|root| !is_within(own, root));
        match (far.next(), far.next()) {
            (Some(root), None) => take(root, dotted, import, paths),
            _ => Vec::new(),
        }
    }
}

/// The modules that a name and what is taken of it lead to, from a folder.
fn take(root: &str, dotted: &str, import: &Import, paths: &Paths<'_>) -> Vec<usize> {
    // What is not there (an extension, a name that is made) belongs to the nearest that is.
    let mut whole = String::from(root);
    let mut nearest = look_at(root, paths);
    let mut is_whole = true;
    for part in dotted.split('.').filter(|part| !part.is_empty()) {
        whole = below(&whole, part);
        let Some(found) = find(&whole, paths) else {
            is_whole = false;
            break;
        };
        nearest = Some(found);
    }
    let own = match nearest {
        Some(Found::Module(at)) => vec![at],
        _ => Vec::new(),
    };
    if import.names.is_empty() || !is_whole {
        return own;
    }
    let mut found = Vec::new();
    for name in &import.names {
        match find(&below(&whole, name), paths) {
            Some(Found::Module(at)) => found.push(at),
            _ => found.extend(own.iter().copied()),
        }
    }
    found
}

fn look(root: &str, first: &str, paths: &Paths<'_>) -> Option<Found> {
    find(&below(root, first), paths)
}

/// The package that a folder is.
fn look_at(folder: &str, paths: &Paths<'_>) -> Option<Found> {
    let init = below(folder, "__init__.py");
    paths.module(&init).map(Found::Module)
}

/// The module or package at a path without its ending.
fn find(path: &str, paths: &Paths<'_>) -> Option<Found> {
    let init = ["/__init__.py", ".py", "/__init__.pyi", ".pyi"];
    let module = init
        .iter()
        .find_map(|end| paths.module(&format!("{path}{end}")));
    module
        .map(Found::Module)
        .or_else(|| paths.has_folder(path).then_some(Found::Folder))
}

fn is_package(folder: &str, paths: &Paths<'_>) -> bool {
    !folder.is_empty() && paths.has_file(&below(folder, "__init__.py"))
}

/// Is it a file of Python, by its name?
fn is_python(path: &str) -> bool {
    let ends = [".py", ".pyi", ".pyw"];
    ends.iter().any(|end| path.ends_with(end))
}

fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path == folder
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

pub(super) fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(STANDARD.is_sorted());
        assert!(is_within("a/b", "a"));
        assert!(!is_within("ab", "a"));
    }
}
