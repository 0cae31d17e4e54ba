//! Owns where a link leads: from the page that it stands in, over the files of the tree. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::path::RepoPath;
use crate::source::tree::{EntryKind, FileMeta};

/// The files of a tree, as links see them.
pub struct Files<'a> {
    /// Every file, and whether it can be looked into: a link or a submodule cannot.
    paths: BTreeMap<&'a [u8], bool>,
    /// Every folder.
    folders: BTreeSet<&'a [u8]>,
    /// Files and folders in lower case, with how they are really written.
    lower: BTreeMap<Vec<u8>, &'a [u8]>,
    /// Folders of sites whose generator makes addresses of its own.
    sites: BTreeSet<&'a [u8]>,
    /// Folders that hold all pages of a book: what leads out of them leads to a neighbour of the book on its server.
    books: BTreeSet<&'a [u8]>,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// At this file.
    File(Vec<u8>),
    /// At something whose inside nobody sees: a folder, a submodule, something behind a link.
    Unseen,
    /// Out of the repository, or to an address that a site makes: nobody here can know.
    Outside,
    /// Nowhere. A file that differs in case only is named.
    Nowhere(Option<Vec<u8>>),
}

/// Files of generators of sites. What lies beside or below them gets addresses from them.
const GENERATORS: [&str; 20] = [
    "_config.yaml",
    "_config.yml",
    "_toc.yml",
    "antora.yml",
    "astro.config.mjs",
    "astro.config.ts",
    "book.json",
    "book.toml",
    "conf.py",
    "docs.json",
    "docusaurus.config.js",
    "docusaurus.config.mjs",
    "docusaurus.config.ts",
    "hugo.toml",
    "hugo.yaml",
    "mint.json",
    "mkdocs.yaml",
    "mkdocs.yml",
    "properdocs.yml",
    "zensical.toml",
];

/// Folders of generators.
const GENERATOR_FOLDERS: [&[u8]; 2] = [b".vitepress", b".vuepress"];

/// What an address may leave out.
const ENDINGS: [&str; 8] = [
    "",
    ".md",
    ".mdx",
    ".markdown",
    ".html",
    ".rst",
    ".adoc",
    ".qmd",
];

/// The page of a folder.
const INDEXES: [&str; 7] = [
    "README.md",
    "readme.md",
    "index.md",
    "index.mdx",
    "_index.md",
    "index.html",
    "Readme.md",
];

impl<'a> Files<'a> {
    /// The files of a tree.
    #[must_use]
    pub fn new(all: &'a [FileMeta]) -> Self {
        let mut files = Self {
            paths: BTreeMap::new(),
            folders: BTreeSet::from([&b""[..]]),
            lower: BTreeMap::new(),
            sites: BTreeSet::new(),
            books: BTreeSet::new(),
        };
        for meta in all {
            let path = meta.path.as_bytes();
            files
                .paths
                .insert(path, matches!(meta.kind, EntryKind::File { .. }));
            files.lower.insert(path.to_ascii_lowercase(), path);
            let mut folder = parent(path);
            while !folder.is_empty() && files.folders.insert(folder) {
                files.lower.insert(folder.to_ascii_lowercase(), folder);
                folder = parent(folder);
            }
            let folder = parent(path);
            if GENERATORS
                .iter()
                .any(|name| name.as_bytes() == meta.path.name())
            {
                files.sites.insert(folder);
            }
            if GENERATOR_FOLDERS.contains(&name(folder)) {
                files.sites.insert(parent(folder));
            }
        }
        let is_hugo = |folder: &&&[u8]| {
            files
                .folders
                .contains(joined(folder, b"content").unwrap_or_default().as_slice())
        };
        let configs = all.iter().filter(|meta| meta.path.name() == b"config.toml");
        let folders: Vec<&[u8]> = configs.map(|meta| parent(meta.path.as_bytes())).collect();
        files.sites.extend(folders.iter().filter(is_hugo));
        let is_book = |folder: &&[u8]| {
            let config = [parent(folder), b"/book.toml"].concat();
            let config = config.strip_prefix(b"/").unwrap_or(&config);
            name(folder) == b"src" && files.paths.contains_key(config)
        };
        let tables = all.iter().filter(|meta| meta.path.name() == b"SUMMARY.md");
        let books: Vec<&[u8]> = tables
            .map(|meta| parent(meta.path.as_bytes()))
            .filter(is_book)
            .collect();
        files.books.extend(books);
        files
    }

    /// Does a generator of a site make addresses for this page?
    #[must_use]
    pub fn is_in_site(&self, page: &RepoPath) -> bool {
        let mut folder = page.as_bytes();
        while !folder.is_empty() {
            folder = parent(folder);
            if self.sites.contains(folder) {
                return true;
            }
        }
        false
    }

    /// The end of a link to `target`, the part before `?` and `#`, decoded, in `page`. Links from the root are looked up in `root`.
    #[must_use]
    pub fn end(&self, page: &RepoPath, target: &[u8], root: Option<&RepoPath>) -> End {
        let folder = parent(page.as_bytes());
        if let Some(rest) = target.strip_prefix(b"/") {
            let from = root.map_or(
                &b""[..],
                |root| if root.in_root() { root.as_bytes() } else { b"" },
            );
            // What a site serves as it is lies in a folder of its own.
            let ends = ["", "public/", "static/"].map(|served| {
                let target = [served.as_bytes(), rest].concat();
                joined(from, &target).map(|path| self.look(&path))
            });
            let found = ends
                .iter()
                .flatten()
                .find(|end| !matches!(end, End::Nowhere(_)));
            return match (found, &ends[0]) {
                (Some(end), _) => end.clone(),
                (None, Some(end)) if root.is_some() => end.clone(),
                _ => End::Outside,
            };
        }
        let Some(path) = joined(folder, target) else {
            return End::Outside;
        };
        let end = self.look(&path);
        if !matches!(end, End::Nowhere(_)) || !self.is_in_site(page) {
            return end;
        }
        if let Some(book) = self.book(page) {
            let is_inside = path
                .strip_prefix(book)
                .is_some_and(|rest| rest.starts_with(b"/"));
            return if is_inside { end } else { End::Outside };
        }
        // A page that is served as a folder is one level deeper.
        let stem = page.as_bytes();
        let stem = &stem[..stem.len() - page.extension().map_or(0, |ending| ending.len() + 1)];
        match joined(stem, target).map(|path| self.look(&path)) {
            // A page that the generator makes.
            Some(End::Nowhere(None)) if is_html(target) => End::Outside,
            Some(End::Nowhere(_)) => end,
            Some(served) => served,
            None => End::Outside,
        }
    }

    /// The folder of the pages of the book in which this page is.
    fn book(&self, page: &RepoPath) -> Option<&[u8]> {
        let mut folder = parent(page.as_bytes());
        while !folder.is_empty() {
            if let Some(book) = self.books.get(folder) {
                return Some(book);
            }
            folder = parent(folder);
        }
        None
    }

    fn look(&self, path: &[u8]) -> End {
        if path.is_empty() {
            return self.index(path);
        }
        if let Some(is_file) = self.paths.get(path) {
            return if *is_file {
                End::File(path.to_vec())
            } else {
                End::Unseen
            };
        }
        if self.folders.contains(path) {
            return self.index(path);
        }
        // Behind a link or in a submodule nobody looks.
        let mut folder = parent(path);
        while !folder.is_empty() {
            if self.paths.contains_key(folder) {
                return End::Unseen;
            }
            folder = parent(folder);
        }
        let stem = path
            .strip_suffix(b".html")
            .or_else(|| path.strip_suffix(b".htm"))
            .unwrap_or(path);
        for ending in ENDINGS {
            let path = [stem, ending.as_bytes()].concat();
            if self.paths.get(path.as_slice()) == Some(&true) {
                return End::File(path);
            }
        }
        if stem != path && self.folders.contains(stem) {
            return self.index(stem);
        }
        if stem.ends_with(b"/index") {
            let end = self.index(parent(stem));
            if matches!(end, End::File(_)) {
                return end;
            }
        }
        let lower = path.to_ascii_lowercase();
        End::Nowhere(self.lower.get(&lower).map(|real| real.to_vec()))
    }

    /// The page of a folder.
    fn index(&self, folder: &[u8]) -> End {
        for name in INDEXES {
            let path = if folder.is_empty() {
                name.as_bytes().to_vec()
            } else {
                [folder, b"/", name.as_bytes()].concat()
            };
            if self.paths.get(path.as_slice()) == Some(&true) {
                return End::File(path);
            }
        }
        End::Unseen
    }
}

fn is_html(path: &[u8]) -> bool {
    path.ends_with(b".html") || path.ends_with(b".htm")
}

fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

fn parent(path: &[u8]) -> &[u8] {
    path.iter()
        .rposition(|byte| *byte == b'/')
        .map_or(&[], |at| &path[..at])
}

/// A path from a folder, with its dots resolved; `None` when it leads out of the root.
fn joined(folder: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = folder
        .split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

/// The parts of a target: the path without its query, and the fragment.
#[must_use]
pub fn split(target: &str) -> (String, Option<String>) {
    let (path, fragment) = match target.split_once('#') {
        Some((path, fragment)) => (path, Some(decoded(fragment))),
        None => (target, None),
    };
    let path = path.split('?').next().unwrap_or_default();
    (decoded(path), fragment)
}

/// A text with its percent signs decoded; as it is where that is no text.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |n: usize| {
            bytes
                .get(at + n)
                .and_then(|byte| (*byte as char).to_digit(16))
        };
        match (bytes[at], hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::memory::MemoryTree;
    use crate::source::tree::SourceTree;

    /// Where a link in a page of this tree leads, in words.
    fn check(files: &[&str], page: &str, target: &str, expected: &str) {
        let tree = MemoryTree::new(files.iter().map(|path| ((*path).to_owned(), Vec::new())));
        let page = RepoPath::new(page).expect("a path");
        let end = match Files::new(tree.files()).end(&page, target.as_bytes(), None) {
            End::File(path) => String::from_utf8_lossy(&path).into_owned(),
            End::Unseen => "unseen".to_owned(),
            End::Outside => "outside".to_owned(),
            End::Nowhere(None) => "nowhere".to_owned(),
            End::Nowhere(Some(real)) => format!("not {}", String::from_utf8_lossy(&real)),
        };
        assert_eq!(end, expected, "{page} -> {target}");
    }

    #[test]
    fn links_end() {
        let plain = [
            "README.md",
            "docs/a.md",
            "docs/b/index.md",
            "docs/c.html",
            "src/x.rs",
        ];
        check(&plain, "docs/a.md", "../README.md", "README.md");
        check(&plain, "docs/a.md", "b/", "docs/b/index.md");
        check(&plain, "docs/a.md", "../src", "unseen");
        check(&plain, "docs/a.md", "../../x", "outside");
        check(&plain, "docs/a.md", "A.md", "not docs/a.md");
        check(&plain, "docs/a.md", "d.html", "nowhere");
        check(&plain, "docs/a.md", "a.html", "docs/a.md");
        check(&plain, "docs/a.md", "/docs/c.html", "docs/c.html");
        check(&plain, "docs/a.md", "/guide", "outside");
    }

    #[test]
    fn links_of_sites_end() {
        let site = ["mkdocs.yml", "docs/a.md", "docs/b.md"];
        check(&site, "docs/a.md", "../b/", "docs/b.md");
        check(&site, "docs/a.md", "../c/", "nowhere");
        check(&site, "docs/a.md", "c.md", "nowhere");
        check(&site, "docs/a.md", "api.html", "outside");
        check(&["public/x.png", "a.md"], "a.md", "/x.png", "public/x.png");
    }

    #[test]
    fn links_of_books_end() {
        let book = ["book.toml", "src/SUMMARY.md", "src/a.md", "old/a.md"];
        check(&book, "src/a.md", "SUMMARY.html", "src/SUMMARY.md");
        check(&book, "src/a.md", "gone.html", "nowhere");
        check(&book, "src/a.md", "gone.md", "nowhere");
        check(&book, "src/a.md", "../std/index.html", "outside");
        check(&book, "old/a.md", "gone.html", "outside");
        check(&book, "old/a.md", "gone.md", "nowhere");
    }

    #[test]
    fn targets_have_parts() {
        assert_eq!(
            split("a%20b.md?x=1#c%C3%A9"),
            ("a b.md".to_owned(), Some("c\u{e9}".to_owned()))
        );
        assert_eq!(split("a%ff.md"), ("a%ff.md".to_owned(), None));
        assert_eq!(split("#"), (String::new(), Some(String::new())));
    }
}
