//! Owns the way from a path in a report to a file of the repository: as it stands, by the module that it belongs to, or by its
//! longest end that one file alone has. Reads no disk.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::path::RepoPath;
use crate::source::tree::SourceTree;

use super::ends::{Ends, normal};
use super::read::{Name, Report};

/// Folders of other people's code, wherever they lie: a file in one of them is none of the repository's.
const OUTSIDE: &[&str] = &[
    "/site-packages/",
    "/dist-packages/",
    "/node_modules/",
    "/.cargo/registry/",
    "/.cargo/git/",
    "/rustc/",
    "/rustlib/src/",
    "/usr/include/",
    "/usr/lib/",
    "/usr/local/lib/",
    "/go/pkg/mod/",
    "/.m2/repository/",
    "/.gem/",
];

/// What a path of a report is in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This file. `folded`: with other capital letters.
    File {
        /// The file.
        path: RepoPath,
        /// Are its capital letters others?
        folded: bool,
    },
    /// One of several files; nobody knows which.
    Ambiguous,
    /// No file.
    Unmatched,
    /// No file, but one of other people's code.
    Outside,
}

/// The files of a repository, by the ends of their paths.
pub struct Files<'a> {
    root: Vec<String>,
    tree: &'a dyn SourceTree,
    /// What a path starts with that is to be taken away.
    strip: Vec<String>,
    /// Modules of Go: their path, and the folder that they are in.
    modules: Vec<(String, String)>,
    ends: Ends<'a>,
    folded: Ends<'a>,
}

impl<'a> Files<'a> {
    /// The files of `tree`, whose root folder is `root`. `strip`: what a path may start with that is to be taken away.
    #[must_use]
    pub fn new(tree: &'a dyn SourceTree, root: &str, strip: &[String]) -> Self {
        Self {
            root: normal(root).1,
            tree,
            strip: strip.to_vec(),
            modules: modules(tree),
            ends: Ends::new(tree, false),
            folded: Ends::new(tree, true),
        }
    }

    fn file(&self, parts: &[impl AsRef<str>]) -> Option<RepoPath> {
        let text: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
        let path = RepoPath::new(text.join("/"))?;
        let known = self.tree.find(&path)?;
        known.is_file().then_some(path)
    }

    /// Finds the files of a whole report, in the order of its names.
    #[must_use]
    pub fn find_all(&self, report: &Report) -> Vec<Found> {
        let names: Vec<&Name> = report.files.keys().collect();
        let first: Vec<Try> = names
            .iter()
            .map(|name| self.find(name, &report.roots))
            .collect();
        // What the others told of the folders of the machine that wrote the report tells where the rest lies.
        let mut moves: BTreeMap<Move, usize> = BTreeMap::new();
        for one in &first {
            if let Some(way) = &one.way {
                *moves.entry(way.clone()).or_default() += 1;
            }
        }
        let mut moves: Vec<(Move, usize)> = moves.into_iter().collect();
        moves.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        moves.truncate(50);
        let mut all: Vec<(Found, usize)> = Vec::new();
        for (one, name) in first.into_iter().zip(&names) {
            let found = match one.found {
                Found::File { .. } => one.found,
                left => self.moved(name, &report.roots, &moves).unwrap_or(left),
            };
            all.push((found, one.depth));
        }
        one_name_each(&mut all);
        all.into_iter().map(|(found, _)| found).collect()
    }

    /// The ways that a name may be meant: below each folder that the report names, and as it stands.
    fn readings(&self, name: &Name, roots: &[String]) -> Vec<(bool, Vec<String>)> {
        let mut path = name.path.as_str();
        let stripped = self.strip.iter().find_map(|strip| path.strip_prefix(strip));
        path = stripped.unwrap_or(path);
        let (absolute, parts) = normal(path);
        if absolute {
            return vec![(true, parts)];
        }
        let mut readings = Vec::new();
        for root in roots {
            let (absolute, mut folder) = normal(root);
            folder.extend(parts.iter().cloned());
            readings.push((absolute, folder));
        }
        readings.push((false, parts));
        readings
    }

    fn find(&self, name: &Name, roots: &[String]) -> Try {
        let readings = self.readings(name, roots);
        let exact = |path: RepoPath| Try {
            found: Found::File {
                path,
                folded: false,
            },
            depth: usize::MAX,
            way: None,
        };
        let last = readings.len() - 1;
        for (nth, (absolute, parts)) in readings.iter().enumerate() {
            let inside = parts.strip_prefix(self.root.as_slice());
            if let Some(path) = inside
                .filter(|_| *absolute)
                .and_then(|inside| self.file(inside))
            {
                return exact(path);
            }
            let known = (!absolute).then(|| self.file(parts)).flatten();
            // Below a folder of another machine the end of the path decides; where there is none, the path as it stands.
            if let Some(path) = known.filter(|_| nth < last || last == 0) {
                return exact(path);
            }
        }
        if let Some(path) = readings.last().and_then(|(_, parts)| self.in_module(parts)) {
            return exact(path);
        }
        let outside = |path: &str| {
            OUTSIDE
                .iter()
                .any(|folder| format!("/{path}/").contains(folder))
        };
        if readings.iter().all(|(_, parts)| outside(&parts.join("/"))) {
            return Try::of(Found::Outside);
        }
        let mut tries = readings
            .iter()
            .map(|(_, parts)| self.by_end(parts, name, &self.ends));
        let mut best = tries.next().unwrap_or_else(|| Try::of(Found::Unmatched));
        for other in tries {
            let better = !best.found.is_file() || other.depth > best.depth;
            if other.found.is_file() && better {
                best = other;
            }
        }
        // A relative path that is one of the repository, although the folders that the report names lead nowhere.
        if !best.found.is_file()
            && let Some((false, parts)) = readings.last()
            && let Some(path) = self.file(parts)
        {
            return exact(path);
        }
        if best.found == Found::Unmatched {
            for (_, parts) in &readings {
                let other = self.by_end(parts, name, &self.folded);
                if let Found::File { path, .. } = other.found {
                    let found = Found::File { path, folded: true };
                    return Try { found, ..other };
                }
            }
        }
        best
    }

    /// The file of a path that begins with a Go module's.
    fn in_module(&self, parts: &[String]) -> Option<RepoPath> {
        let path = parts.join("/");
        let mut all = self.modules.iter().filter_map(|(module, folder)| {
            let rest = path.strip_prefix(module.as_str())?.strip_prefix('/')?;
            let whole = format!("{folder}{rest}");
            let whole: Vec<&str> = whole.split('/').collect();
            Some((module.len(), self.file(&whole)?))
        });
        let first = all.next()?;
        let longest = all.fold(
            first,
            |best, other| if other.0 > best.0 { other } else { best },
        );
        Some(longest.1)
    }

    /// The one file that shares the longest end with the path: its name and at least one folder.
    fn by_end(&self, parts: &[String], name: &Name, ends: &Ends<'_>) -> Try {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (depth, only) = ends.longest(&parts);
        if depth < 2 {
            return Try::of(Found::Unmatched);
        }
        let Some(file) = only else {
            let found = self.in_report_module(&parts, depth, name);
            let found = found.map(|path| Found::File {
                path,
                folded: ends.folds,
            });
            return Try {
                depth,
                ..Try::of(found.unwrap_or(Found::Ambiguous))
            };
        };
        let whole = file.parts().count();
        let way = if whole == depth && parts.len() > depth {
            Some(Move::Away(own(&parts[..parts.len() - depth])))
        } else if parts.len() == depth && whole > depth {
            let folders = file.parts().take(whole - depth);
            let folders = folders.map(|part| String::from_utf8_lossy(part).into_owned());
            Some(Move::Below(folders.collect()))
        } else {
            None
        };
        let found = Found::File {
            path: file.clone(),
            folded: ends.folds,
        };
        Try {
            found,
            depth,
            way: way.filter(|_| !ends.folds),
        }
    }

    /// Of several files with the same end, the only one below a folder that is called like the report's module.
    fn in_report_module(&self, parts: &[&str], depth: usize, name: &Name) -> Option<RepoPath> {
        let module = name
            .module
            .rsplit('/')
            .next()
            .filter(|module| !module.is_empty())?;
        let tail: Vec<u8> = parts[parts.len() - depth..].join("/").into_bytes();
        let mut all = self.tree.files().iter().filter(|file| {
            let path = file.path.as_bytes();
            let before = path.strip_suffix(tail.as_slice());
            before.is_some_and(|before| before.ends_with(b"/"))
                && file.path.parts().any(|part| part == module.as_bytes())
        });
        let first = all.next()?;
        all.next().is_none().then(|| first.path.clone())
    }

    /// The file that the ways of the others lead to, when they all lead to one.
    fn moved(&self, name: &Name, roots: &[String], moves: &[(Move, usize)]) -> Option<Found> {
        let readings = self.readings(name, roots);
        let mut files: BTreeSet<RepoPath> = BTreeSet::new();
        for (_, parts) in &readings {
            for (way, _) in moves {
                let found = match way {
                    Move::Away(prefix) => parts
                        .strip_prefix(prefix.as_slice())
                        .and_then(|rest| self.file(rest)),
                    Move::Below(folders) => {
                        let whole: Vec<&String> = folders.iter().chain(parts).collect();
                        self.file(&whole)
                    }
                };
                files.extend(found);
            }
        }
        let path = files.pop_first()?;
        files.is_empty().then_some(Found::File {
            path,
            folded: false,
        })
    }
}

fn own(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|&part| part.to_owned()).collect()
}

/// What must be done to a path of the report to make it one of the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Move {
    /// Take these folders away.
    Away(Vec<String>),
    /// Put these folders before it.
    Below(Vec<String>),
}

/// One attempt at a name.
struct Try {
    found: Found,
    /// How many parts were the same.
    depth: usize,
    way: Option<Move>,
}

impl Try {
    const fn of(found: Found) -> Self {
        Self {
            found,
            depth: 0,
            way: None,
        }
    }
}

impl Found {
    const fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }
}

/// Two names of one report for the same file: the one that has more in common with it is meant.
fn one_name_each(all: &mut [(Found, usize)]) {
    let mut best: BTreeMap<RepoPath, usize> = BTreeMap::new();
    for (found, depth) in &*all {
        if let Found::File { path, .. } = found {
            let known = best.entry(path.clone()).or_default();
            *known = (*known).max(*depth);
        }
    }
    for (found, depth) in all {
        if let Found::File { path, .. } = found
            && best.get(path).is_some_and(|best| best > depth)
        {
            *found = Found::Unmatched;
        }
    }
}

/// The Go modules of the tree.
fn modules(tree: &dyn SourceTree) -> Vec<(String, String)> {
    let files = tree
        .files()
        .iter()
        .filter(|file| file.path.name() == b"go.mod");
    let mut modules = Vec::new();
    for file in files
        .filter(|file| file.is_file() && file.size < 1 << 20)
        .take(500)
    {
        let Ok(content) = tree.read(file) else {
            continue;
        };
        let content = String::from_utf8_lossy(&content).into_owned();
        let module = content
            .lines()
            .find_map(|line| line.trim().strip_prefix("module "));
        if let Some(module) = module {
            let module = module.split("//").next().unwrap_or_default();
            let module = module.trim().trim_matches(['"', '`']).to_owned();
            let path = file.path.to_string();
            let folder = path.strip_suffix("go.mod").unwrap_or_default().to_owned();
            modules.push((module, folder));
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::coverage::model::FileCoverage;
    use crate::checkers::coverage::read::Format;
    use crate::source::memory::MemoryTree;

    /// Finds the names of a report with these folders in a tree; a name may have its module behind a space.
    fn check(tree: &[&str], roots: &[&str], names: &[(&str, &str)]) {
        let tree = tree.iter().map(|path| match *path {
            "go.mod" => ("go.mod", "module example.org/top // x\n"),
            path => (path, ""),
        });
        let tree = MemoryTree::new(tree);
        let files = Files::new(&tree, "/home/me/repo", &[]);
        let mut report = Report::empty(Format::Lcov);
        report.roots = roots.iter().map(|&root| root.to_owned()).collect();
        for (name, _) in names {
            let (path, module) = name.split_once(' ').unwrap_or((name, ""));
            let name = Name {
                path: path.to_owned(),
                module: module.to_owned(),
            };
            report.files.insert(name, FileCoverage::default());
        }
        let found = files.find_all(&report);
        let told: BTreeMap<String, String> = report
            .files
            .keys()
            .zip(found)
            .map(|(name, found)| {
                let told = match found {
                    Found::File { path, folded } => {
                        format!("{path}{}", if folded { " folded" } else { "" })
                    }
                    other => format!("{other:?}").to_lowercase(),
                };
                (
                    format!("{} {}", name.path, name.module).trim().to_owned(),
                    told,
                )
            })
            .collect();
        for (name, expected) in names {
            assert_eq!(
                told.get(*name).map(String::as_str),
                Some(*expected),
                "{name}"
            );
        }
    }

    #[test]
    fn as_they_stand() {
        let tree = ["src/a.py", "b.py", "lib/src/a.py"];
        check(&tree, &[], &[("src/a.py", "src/a.py")]);
        check(&tree, &[], &[("./src/../b.py", "b.py")]);
        check(&tree, &[], &[("/home/me/repo/b.py", "b.py")]);
        check(&tree, &[], &[("src\\a.py", "src/a.py")]);
        check(
            &tree,
            &["/home/me/repo/lib"],
            &[("src/a.py", "lib/src/a.py")],
        );
        check(&tree, &["/ci/other/lib"], &[("src/a.py", "lib/src/a.py")]);
        check(&tree, &["/nowhere"], &[("b.py", "b.py")]);
        check(
            &["go.mod", "main.go"],
            &[],
            &[("example.org/top/main.go", "main.go")],
        );
    }

    #[test]
    fn by_their_ends() {
        let tree = ["app/x/util.py", "lib/y/util.py", "lib/z/util.py", "top.py"];
        check(&tree, &[], &[("/ci/job/x/util.py", "app/x/util.py")]);
        check(&tree, &[], &[("D:\\a\\b\\y\\util.py", "lib/y/util.py")]);
        check(&tree, &[], &[("/ci/job/util.py", "unmatched")]);
        check(&tree, &[], &[("util.py", "unmatched")]);
        check(&tree, &[], &[("/ci/lib/q/util.py", "unmatched")]);
        check(
            &["a/x/u.py", "b/x/u.py"],
            &[],
            &[("/ci/x/u.py", "ambiguous")],
        );
        check(
            &["a/x/u.py", "b/x/u.py"],
            &[],
            &[("/ci/b/x/u.py", "b/x/u.py")],
        );
        check(&tree, &[], &[("/ci/X/Util.py", "app/x/util.py folded")]);
        check(&tree, &[], &[("/v/site-packages/x/util.py", "outside")]);
    }

    #[test]
    fn by_what_the_others_tell() {
        let tree = ["src/a.py", "src/m.py", "lib/src/m.py", "top.py"];
        let all = [
            ("/ci/7/src/a.py", "src/a.py"),
            ("/ci/7/src/m.py", "src/m.py"),
            ("/ci/7/top.py", "top.py"),
        ];
        check(&tree, &[], &all);
        check(
            &tree,
            &[],
            &all[1..2]
                .iter()
                .map(|(name, _)| (*name, "ambiguous"))
                .collect::<Vec<_>>(),
        );
        let tree = ["api/app/a.py", "api/setup.py"];
        check(
            &tree,
            &[],
            &[("app/a.py", "api/app/a.py"), ("setup.py", "api/setup.py")],
        );
    }

    #[test]
    fn by_their_module() {
        let tree = ["one/src/p/A.java", "two/src/p/A.java"];
        check(
            &tree,
            &[],
            &[
                ("p/A.java one", "one/src/p/A.java"),
                ("p/A.java two", "two/src/p/A.java"),
            ],
        );
        check(&tree, &[], &[("p/A.java", "ambiguous")]);
    }

    #[test]
    fn the_better_name_is_meant() {
        let tree = ["a/lib/util.py"];
        let names = [
            ("/x/a/lib/util.py", "a/lib/util.py"),
            ("/y/b/lib/util.py", "unmatched"),
        ];
        check(&tree, &[], &names);
    }
}
