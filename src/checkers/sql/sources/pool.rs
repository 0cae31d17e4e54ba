//! Owns the SQL files that no migration set has claimed yet, and what the path of a file tells about its role.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::path::RepoPath;
use crate::source::tree::FileMeta;

use super::content::Content;
use super::names;
use super::{PassedOver, Reader};

const ARCHIVE: &[&str] = &[
    "archive",
    "archived",
    "archives",
    "old",
    "obsolete",
    "deprecated",
    "backup",
    "backups",
    "bak",
    "unused",
    "disabled",
    "trash",
    "attic",
];

const TEST: &[&str] = &[
    "test",
    "tests",
    "testing",
    "testdata",
    "e2e",
    "spec",
    "specs",
    "fixture",
    "fixtures",
    "example",
    "examples",
    "sample",
    "samples",
    "mock",
    "mocks",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "sqltest",
    "testmigration",
    "snapshots",
];

const VENDORED: &[&str] = &[
    "vendor",
    "vendored",
    "node_modules",
    "third_party",
    "third-party",
    "bower_components",
];

/// Why a folder is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aside {
    /// Somebody else's code.
    Vendored,
    /// Tests, fixtures, examples.
    Test,
    /// Put away.
    Archive,
}

impl Aside {
    const fn why(self) -> &'static str {
        match self {
            Self::Vendored => "vendored code",
            Self::Test => "tests, fixtures or examples",
            Self::Archive => "put away, by the name of the folder",
        }
    }
}

/// The first part of a folder's path that puts it aside: the reason, and the path up to that part.
pub fn aside(dir: &str) -> Option<(Aside, &str)> {
    let mut end = 0;
    for part in dir.split('/') {
        end += part.len();
        let known = [
            (VENDORED.contains(&part), Aside::Vendored),
            (names::has_word(part, TEST), Aside::Test),
            (names::has_word(part, ARCHIVE), Aside::Archive),
        ];
        if let Some((_, aside)) = known.into_iter().find(|(is, _)| *is) {
            return Some((aside, &dir[..end]));
        }
        end += 1;
    }
    None
}

/// The folder and the name of a path. The folder of a file in the root is empty.
pub fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// `dir/name`.
pub fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() {
        name.to_owned()
    } else {
        format!("{dir}/{name}")
    }
}

/// Is `path` inside `dir`, or `dir` itself?
pub fn within(path: &str, dir: &str) -> bool {
    dir.is_empty()
        || path
            .strip_prefix(dir)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// One SQL file.
#[derive(Clone, Debug)]
pub struct Sql {
    /// Its path.
    pub path: RepoPath,
    /// Its folder.
    pub dir: String,
    /// Its name.
    pub name: String,
    /// What its content tells; `None` when it could not be read.
    pub content: Option<Content>,
}

impl Sql {
    /// The name without `.sql`.
    pub fn stem(&self) -> &str {
        names::stem(&self.name).unwrap_or(&self.name)
    }

    /// The number at the head of the name.
    pub fn number(&self) -> &str {
        names::digits(&self.name)
    }

    /// Does its name say that it fills tables with first rows?
    pub fn is_seed(&self) -> bool {
        let seed = &["seed", "seeds", "seeder", "seeders"];
        let last = split(&self.dir).1;
        (self.number().is_empty() && names::has_word(self.stem(), seed))
            || names::has_word(last, seed)
    }

    /// Does the content fit the question? A file that could not be read fits none.
    pub fn is(&self, question: impl Fn(&Content) -> bool) -> bool {
        self.content.as_ref().is_some_and(question)
    }
}

/// What has not been claimed.
pub struct Pool<'a> {
    /// The SQL files that are left, sorted by path.
    pub sql: Vec<Sql>,
    /// SQL files put aside by their folder.
    pub aside: BTreeMap<String, (Aside, Vec<RepoPath>)>,
    /// Every other file, by path.
    side: BTreeMap<String, &'a FileMeta>,
    reader: &'a mut dyn Reader,
}

impl<'a> Pool<'a> {
    /// Sorts the files.
    pub fn new(files: &'a [FileMeta], reader: &'a mut dyn Reader) -> Self {
        let mut pool = Self {
            sql: Vec::new(),
            aside: BTreeMap::new(),
            side: BTreeMap::new(),
            reader,
        };
        for meta in files.iter().filter(|meta| meta.is_file()) {
            let path = String::from_utf8_lossy(meta.path.as_bytes()).into_owned();
            let (dir, name) = split(&path);
            if names::stem(name).is_none() {
                pool.side.insert(path, meta);
                continue;
            }
            // The folder of a single migration is named after what it does: `..._remove_unused_index`.
            let of_one = matches!(name, "migration.sql" | "up.sql" | "down.sql");
            let judged = if of_one { split(dir).0 } else { dir };
            if let Some((aside, prefix)) = aside(judged) {
                let group = pool.aside.entry(prefix.to_owned());
                group
                    .or_insert_with(|| (aside, Vec::new()))
                    .1
                    .push(meta.path.clone());
                continue;
            }
            pool.sql.push(Sql {
                path: meta.path.clone(),
                dir: dir.to_owned(),
                name: name.to_owned(),
                content: pool.reader.sql(meta),
            });
        }
        pool.sql.sort_by(|a, b| a.path.cmp(&b.path));
        for (_, files) in pool.aside.values_mut() {
            files.sort();
        }
        pool
    }

    /// The folders that still hold SQL files.
    pub fn folders(&self) -> BTreeSet<String> {
        self.sql.iter().map(|sql| sql.dir.clone()).collect()
    }

    /// Takes out what fits.
    pub fn take(&mut self, fits: impl Fn(&Sql) -> bool) -> Vec<Sql> {
        let all = std::mem::take(&mut self.sql);
        let (taken, left) = all.into_iter().partition(fits);
        self.sql = left;
        taken
    }

    /// Takes out the SQL files directly in a folder.
    pub fn take_folder(&mut self, dir: &str) -> Vec<Sql> {
        self.take(|sql| sql.dir == dir)
    }

    /// The text of another file.
    pub fn text(&mut self, path: &str) -> Option<String> {
        let meta = self.side.get(path)?;
        let bytes = self.reader.text(meta)?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Is there such a file, other than SQL?
    pub fn has(&self, path: &str) -> bool {
        self.side.contains_key(path)
    }

    /// The path of another file.
    pub fn path(&self, path: &str) -> Option<RepoPath> {
        self.side.get(path).map(|meta| meta.path.clone())
    }

    /// The paths of all files other than SQL below a folder.
    pub fn below<'p>(&'p self, dir: &'p str) -> impl Iterator<Item = &'p str> {
        self.side
            .keys()
            .map(String::as_str)
            .filter(move |path| within(path, dir))
    }

    /// The nearest file of this name in a folder or above it, whose text fits.
    pub fn above(&mut self, dir: &str, name: &str, mut fits: impl FnMut(&str) -> bool) -> bool {
        let mut dir = dir;
        loop {
            let path = join(dir, name);
            if self.has(&path) && self.text(&path).is_some_and(|text| fits(&text)) {
                return true;
            }
            if dir.is_empty() {
                return false;
            }
            dir = split(dir).0;
        }
    }

    /// What was put aside, for the report.
    pub fn passed_over(&mut self) -> Vec<PassedOver> {
        std::mem::take(&mut self.aside)
            .into_iter()
            .map(|(root, (aside, files))| PassedOver {
                root,
                files,
                why: aside.why().to_owned(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let said =
            aside(input).map_or_else(String::new, |(aside, prefix)| format!("{aside:?} {prefix}"));
        assert_eq!(said, expected, "{input}");
    }

    #[test]
    fn roles_of_folders() {
        check("supabase/migrations", "");
        check("contest/latest/goldspec/migrations", "");
        check("docs/OBSOLETE/moved/migrations", "Archive docs/OBSOLETE");
        check(
            "supabase/migrations_for_old",
            "Archive supabase/migrations_for_old",
        );
        check(
            "src/integrationTest/resources/db",
            "Test src/integrationTest",
        );
        check("integration-test/supabase", "Test integration-test");
        check("web/node_modules/x/migrations", "Vendored web/node_modules");
        assert!(within("a/b", "a") && within("a", "a") && within("a", "") && !within("ab", "a"));
    }
}
