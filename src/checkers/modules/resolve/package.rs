//! Owns the packages of npm that lie in the tree: what each is called, and what it exports.

use crate::source::json::{Document, Id};

/// What a package's manifest says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What each subpath leads to: `.`, `./a`, `./a/*`; as paths below the package, the likeliest first.
    pub exports: Vec<(String, Vec<String>)>,
    /// What its own names that begin with `#` lead to.
    pub imports: Vec<(String, Vec<String>)>,
    /// All files that it names.
    pub files: Vec<String>,
}

/// At most so many texts are taken of one entry.
const MOST: usize = 64;

impl Package {
    /// Reads a manifest; `None` when it is no JSON.
    pub fn read(text: &str) -> Option<Self> {
        let document = Document::parse(text).ok()?;
        let root = document.root();
        let mut package = Self {
            name: document
                .text_at(root, "name")
                .unwrap_or_default()
                .to_owned(),
            ..Self::default()
        };
        if let Some(exports) = document.get(root, "exports") {
            let entries = document.entries(exports);
            let has_paths = entries
                .iter()
                .any(|(key, _)| document.text(*key).is_some_and(|key| key.starts_with('.')));
            if has_paths {
                package.exports = mapped(&document, exports);
            } else {
                package.exports = vec![(".".to_owned(), texts(&document, exports))];
            }
        }
        let mut main = Vec::new();
        for key in [
            "source", "module", "main", "browser", "types", "typings", "svelte",
        ] {
            main.extend(document.get(root, key).map(|node| texts(&document, node)));
        }
        let main: Vec<String> = main.concat();
        match package.exports.iter_mut().find(|(key, _)| key == ".") {
            Some((_, targets)) => targets.extend(main),
            None => package.exports.push((".".to_owned(), main)),
        }
        if let Some(imports) = document.get(root, "imports") {
            package.imports = mapped(&document, imports);
        }
        let bin = document.get(root, "bin").map(|node| texts(&document, node));
        let named = package
            .exports
            .iter()
            .flat_map(|(_, targets)| targets.clone());
        package.files = named.chain(bin.unwrap_or_default()).collect();
        Some(package)
    }

    /// What a subpath of the package (`.`, `./a`) may lead to.
    pub fn targets(entries: &[(String, Vec<String>)], subpath: &str) -> Vec<String> {
        let exact = entries.iter().find(|(key, _)| key == subpath);
        if let Some((_, targets)) = exact {
            return targets.clone();
        }
        let with_star = entries.iter().filter_map(|(key, targets)| {
            let (start, end) = key.split_once('*')?;
            let rest = subpath.strip_prefix(start)?.strip_suffix(end)?;
            Some((start.len(), rest, targets))
        });
        with_star
            .max_by_key(|(length, ..)| *length)
            .map_or_else(Vec::new, |(_, rest, targets)| {
                targets
                    .iter()
                    .map(|target| target.replacen('*', rest, 1))
                    .collect()
            })
    }
}

fn mapped(document: &Document<'_>, node: Id) -> Vec<(String, Vec<String>)> {
    let entries = document.entries(node).iter();
    entries
        .filter_map(|&(key, value)| Some((document.text(key)?.to_owned(), texts(document, value))))
        .collect()
}

/// All texts in a node, in their order: the conditions of an export lead to one each.
fn texts(document: &Document<'_>, node: Id) -> Vec<String> {
    let mut waiting = vec![node];
    let mut found = Vec::new();
    while let Some(node) = waiting.pop() {
        if found.len() == MOST {
            break;
        }
        found.extend(document.text(node).map(str::to_owned));
        waiting.extend(document.items(node).iter().rev());
        waiting.extend(document.entries(node).iter().rev().map(|(_, value)| *value));
    }
    found
}
