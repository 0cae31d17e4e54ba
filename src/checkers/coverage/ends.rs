//! Owns the tree of path ends: which files of a repository share how much of their end with a path.

use std::collections::HashMap;

use crate::base::path::RepoPath;
use crate::source::tree::SourceTree;

/// A tree of path parts, from the last one on.
pub struct Ends<'a> {
    nodes: Vec<Node<'a>>,
    /// Do capital letters not count?
    pub folds: bool,
}

#[derive(Default)]
struct Node<'a> {
    next: HashMap<Vec<u8>, usize>,
    /// How many files end so.
    count: usize,
    /// One of them.
    file: Option<&'a RepoPath>,
}

impl<'a> Ends<'a> {
    /// The files of a tree; `folds`: capital letters do not count.
    pub fn new(tree: &'a dyn SourceTree, folds: bool) -> Self {
        let mut ends = Self {
            nodes: vec![Node::default()],
            folds,
        };
        for file in tree.files().iter().filter(|file| file.is_file()) {
            let mut at = 0;
            for part in file.path.parts().rev() {
                let part = ends.part(part);
                let known = ends.nodes[at].next.get(&part).copied();
                at = known.unwrap_or_else(|| {
                    let next = ends.nodes.len();
                    ends.nodes[at].next.insert(part, next);
                    ends.nodes.push(Node::default());
                    next
                });
                ends.nodes[at].count += 1;
                ends.nodes[at].file = Some(&file.path);
            }
        }
        ends
    }

    fn part(&self, part: &[u8]) -> Vec<u8> {
        if self.folds {
            part.to_ascii_lowercase()
        } else {
            part.to_vec()
        }
    }

    /// How many parts the longest end has that this path shares with some file, and that file if it is the only one.
    pub fn longest(&self, parts: &[&str]) -> (usize, Option<&'a RepoPath>) {
        let (mut at, mut depth) = (0, 0);
        for part in parts.iter().rev() {
            let Some(&next) = self.nodes[at].next.get(&self.part(part.as_bytes())) else {
                break;
            };
            at = next;
            depth += 1;
        }
        let node = &self.nodes[at];
        (depth, node.file.filter(|_| node.count == 1))
    }
}

/// A path without what is only a way of writing: a scheme, a drive, `\`, `.` and `..`; and whether it is absolute.
pub fn normal(path: &str) -> (bool, Vec<String>) {
    let path = path.trim();
    let path = match path.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => rest,
        _ => path,
    };
    let path = path.replace('\\', "/");
    let mut rest = path.as_str();
    let mut absolute = rest.starts_with('/');
    if let [drive, b':', b'/', ..] = rest.as_bytes()
        && drive.is_ascii_alphabetic()
    {
        rest = &rest[2..];
        absolute = true;
    }
    let mut parts: Vec<String> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part.to_owned()),
        }
    }
    (absolute, parts)
}
