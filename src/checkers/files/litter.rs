//! Owns the rule on litter in the root: what tools leave behind there.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::model::rule::Severity;
use crate::source::tree::{EntryKind, Tracking};

use super::ROOT_LITTER;
use super::options::Litter;

/// A name that is litter, in lower case: `*` at the start or the end stands for anything, `/` at the end for a folder.
struct Name(&'static str, What);

#[derive(Clone, Copy)]
enum What {
    Tests,
    Logs,
    Python,
    Node,
    Database,
    Build,
    Editor,
    System,
    Ci,
    Backup,
    /// May be there on purpose: info where only tracked files count.
    Perhaps(&'static str),
}

use What::{Backup, Build, Ci, Database, Editor, Logs, Node, Perhaps, Python, System, Tests};

static NAMES: &[Name] = &[
    Name("pytest-of-*", Tests),
    Name(".coverage", Tests),
    Name(".coverage.*", Tests),
    Name("htmlcov/", Tests),
    Name(".pytest_cache", Tests),
    Name("vale-results.json", Logs),
    Name(".vale-cache", Logs),
    Name("env_audit.log", Logs),
    Name("env_audit.json", Logs),
    Name("diagnostics.log", Logs),
    Name("gh_cli.log", Logs),
    Name("audit.md", Perhaps("the output of an audit")),
    Name("test.db", Database),
    Name("*.db-journal", Database),
    Name("*.sqlite", Database),
    Name("*.sqlite3", Database),
    Name("config_backups/", Backup),
    Name("__pycache__", Python),
    Name(".tox/", Python),
    Name("*.pyc", Python),
    Name("*.pyo", Python),
    Name("*.pyd", Python),
    Name(".python", Python),
    Name(".mypy_cache", Python),
    Name("*.egg-info/", Python),
    Name(".eggs/", Python),
    Name("build/", Perhaps("the output of a build")),
    Name("dist/", Perhaps("the output of a build")),
    Name("node_modules", Node),
    Name("npm-debug.log*", Node),
    Name("yarn-*.log*", Node),
    Name(".npm", Node),
    Name(".yarn", Perhaps("a folder of a package manager")),
    Name("*.o", Build),
    Name("*.so", Build),
    Name("*.dylib", Build),
    Name("*.dll", Build),
    Name("target/", Perhaps("the output of a build")),
    Name("cmake-build-*/", Build),
    Name(".idea/", Editor),
    Name(".vscode/settings.json", Perhaps("settings of an editor")),
    Name("*.swp", Editor),
    Name("*.swo", Editor),
    Name("*~", Editor),
    Name("thumbs.db", System),
    Name(".ds_store", System),
    Name("desktop.ini", System),
    Name("junit.xml", Ci),
    Name("coverage.xml", Ci),
    Name("test-results.xml", Ci),
    Name("*.bak", Backup),
    Name("*.backup", Backup),
    Name("*.orig", Backup),
];

impl What {
    const fn label(self) -> &'static str {
        match self {
            Tests => "left by a test run",
            Logs => "a log or a report",
            Python => "made by Python tools",
            Node => "made by Node tools",
            Database => "a database",
            Build => "the output of a build",
            Editor => "made by an editor",
            System => "made by the system's file browser",
            Ci => "a report for CI",
            Backup => "a backup",
            Perhaps(label) => label,
        }
    }
}

impl Name {
    /// Does it match this name, in lower case?
    fn matches(&self, name: &[u8], folder: bool) -> bool {
        let (pattern, only_folder) = match self.0.strip_suffix('/') {
            Some(pattern) => (pattern, true),
            None => (self.0, false),
        };
        (folder || !only_folder) && glob(pattern.as_bytes(), name)
    }
}

/// Matches a pattern with any number of `*`, each within a name; at most two are in use.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.iter().position(|&b| b == b'*') {
        None => pattern == name,
        Some(star) => {
            let Some(rest) = name.strip_prefix(&pattern[..star]) else {
                return false;
            };
            let tail = &pattern[star + 1..];
            tail.is_empty() || (0..=rest.len()).any(|skip| glob(tail, &rest[skip..]))
        }
    }
}

/// How a thing in the root stands to git.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Ignored,
    Untracked,
    Tracked,
}

/// Looks for litter.
///
/// # Errors
/// When the root cannot be read, where what git ignores counts.
pub fn check(litter: Litter, cx: &Cx<'_>, evidence: &mut Evidence) -> Result<(), Fault> {
    if litter == Litter::Off {
        return Ok(());
    }
    // By path from the root, and whether it is a folder.
    let mut things: BTreeMap<(RepoPath, bool), Standing> = BTreeMap::new();
    let mut add = |path: &[u8], folder, standing| {
        let path = RepoPath::new(path).expect("a part of a path is one");
        let held = things.entry((path, folder)).or_insert(standing);
        *held = standing.max(*held);
    };
    for meta in cx.tree.files() {
        let standing = match meta.tracking {
            Tracking::Tracked => Standing::Tracked,
            Tracking::Untracked | Tracking::NoGit => Standing::Untracked,
        };
        let path = meta.path.as_bytes();
        if litter == Litter::Tracked && is_kept_by_yarn(path) {
            continue;
        }
        match path.iter().position(|&b| b == b'/') {
            None => add(path, meta.kind == EntryKind::Submodule, standing),
            Some(slash) => {
                add(&path[..slash], true, standing);
                if !path[slash + 1..].contains(&b'/') {
                    add(path, false, standing);
                }
            }
        }
    }
    if litter == Litter::All {
        for artifact in cx.ports.artifacts.root()? {
            add(artifact.path.as_bytes(), artifact.folder, Standing::Ignored);
        }
    }
    for ((path, folder), standing) in things {
        let name = path.as_bytes().to_ascii_lowercase();
        let Some(found) = NAMES.iter().find(|pattern| pattern.matches(&name, folder)) else {
            continue;
        };
        let slash = if folder { "/" } else { "" };
        let headline = format!("litter in the root: `{path}{slash}`, {}", found.1.label());
        let (severity, help) = match standing {
            Standing::Tracked => (
                Severity::Medium,
                "remove it from git (`git rm -r --cached`) and list it in .gitignore",
            ),
            Standing::Untracked => (Severity::Low, "remove it, or list it in .gitignore"),
            Standing::Ignored => (
                Severity::Medium,
                "remove it; let the tool that makes it write below `logs/`",
            ),
        };
        let on_purpose = matches!(found.1, Perhaps(_)) && litter == Litter::Tracked;
        let severity = if on_purpose { Severity::Info } else { severity };
        let finding = Finding::new(&ROOT_LITTER, Place::File(path), headline, help);
        evidence
            .findings
            .push(finding.anchored(found.0).graded(severity));
    }
    Ok(())
}

/// Does Yarn itself, from version 2 on, ask that the file be committed?
fn is_kept_by_yarn(path: &[u8]) -> bool {
    const FOLDERS: [&[u8]; 6] = [
        b"cache",
        b"patches",
        b"plugins",
        b"releases",
        b"sdks",
        b"versions",
    ];
    let Some(rest) = path.strip_prefix(b".yarn/") else {
        return false;
    };
    let folder = rest.split(|&b| b == b'/').next().unwrap_or_default();
    folder.len() < rest.len() && FOLDERS.contains(&folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, folder: bool, expected: bool) {
        let found = NAMES
            .iter()
            .any(|pattern| pattern.matches(name.as_bytes(), folder));
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn names() {
        check("pytest-of-me", true, true);
        check(".coverage.host.1", false, true);
        check(".coveragerc", false, false);
        check("yarn-debug.log.1", false, true);
        check("cmake-build-debug", true, true);
        check("cmake-build-debug", false, false);
        // A trailing slash means a folder; it does not mean never.
        check("build", true, true);
        check("build", false, false);
        check("node_modules", true, true);
        check(".tox", true, true);
        check("notes~", false, true);
        check("rebuild", true, false);
        assert!(
            NAMES
                .iter()
                .all(|name| name.0 == name.0.to_ascii_lowercase())
        );
    }
}
