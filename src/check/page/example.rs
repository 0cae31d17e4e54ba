//! Owns the examples of rule pages: small trees with the findings that are expected in them.

use std::fmt::{self, Write as _};

use crate::base::ascii;
use crate::base::path::RepoPath;
use crate::model::quantity::Quantity;
use crate::source::memory::MemoryTree;
use crate::source::tree::{EntryKind, FileMeta, Tracking};

use super::{Fence, escape, marks};

/// A small tree with the findings that are expected in it.
#[derive(Clone, Debug, Default)]
pub struct Example {
    /// Its heading, or the section's.
    pub title: String,
    /// The check's options in YAML; the defaults when empty.
    pub options: String,
    /// Its files.
    pub files: Vec<ExampleFile>,
    /// The findings, sorted.
    pub expected: Vec<Expected>,
}

/// A file of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFile {
    /// Its path.
    pub path: RepoPath,
    /// Its content.
    pub content: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
    /// How it stands to git.
    pub tracking: Tracking,
    /// The size in bytes that its metadata tells, if not the content's.
    pub size: Option<u64>,
}

/// A finding that is expected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// Where.
    pub path: RepoPath,
    /// The line that it starts in; `None` for a finding at the file as a whole.
    pub line: Option<u32>,
    /// The rule's id.
    pub rule: String,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line} {}", self.path, self.rule),
            None => write!(f, "{} {}", self.path, self.rule),
        }
    }
}

impl Example {
    pub(super) fn named(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            ..Self::default()
        }
    }

    /// Has it anything in it?
    pub(super) const fn is_meant(&self) -> bool {
        !(self.files.is_empty() && self.expected.is_empty() && self.options.is_empty())
    }

    /// The tree, as checkers see it.
    #[must_use]
    pub fn tree(&self) -> MemoryTree {
        let contents = self
            .files
            .iter()
            .map(|file| (file.path.as_bytes(), file.content.as_slice()));
        let mut tree = MemoryTree::new(contents);
        for file in &self.files {
            tree = tree.with(file.path.as_bytes(), |meta: &mut FileMeta| {
                meta.kind = file.kind;
                meta.tracking = file.tracking;
                meta.size = file.size.unwrap_or(meta.size);
            });
        }
        tree
    }

    /// Adds a block. `rule` is the page's.
    pub(super) fn add(&mut self, fence: &Fence<'_>, rule: &str) -> Result<(), String> {
        let mut words = fence.info.split_ascii_whitespace();
        words.next();
        let mut block = Block::default();
        for word in words {
            block.take(word)?;
        }
        let mut content = String::new();
        for line in &fence.lines {
            content.push_str(line);
            content.push('\n');
        }
        let mut file = None;
        if let Some(path) = block.path {
            let bytes = if block.escaped {
                escape::decode(&content)?
            } else {
                content.into_bytes()
            };
            self.expect(&path, None, block.whole);
            for (line, rule) in block.lines.into_iter().chain(marks::of(&bytes)) {
                self.expect(&path, Some(line), vec![rule]);
            }
            file = Some(ExampleFile {
                content: if block.kind == EntryKind::Link {
                    bytes.strip_suffix(b"\n").unwrap_or(&bytes).to_vec()
                } else {
                    bytes
                },
                path,
                kind: block.kind,
                tracking: block.tracking,
                size: block.size,
            });
        } else if block.options {
            self.options.push_str(&content);
        }
        for (path, other) in block.paths {
            self.expect(&path, None, vec![other.unwrap_or_else(|| rule.to_owned())]);
        }
        if let Some(file) = file {
            if self.files.iter().any(|other| other.path == file.path) {
                return Err(format!("`{}` stands here twice", file.path));
            }
            self.files.push(file);
        }
        self.expected.sort();
        Ok(())
    }

    fn expect(&mut self, path: &RepoPath, line: Option<u32>, rules: Vec<String>) {
        self.expected.extend(rules.into_iter().map(|rule| Expected {
            path: path.clone(),
            line,
            rule,
        }));
    }
}

/// What the line that opens a block says.
struct Block {
    path: Option<RepoPath>,
    escaped: bool,
    options: bool,
    kind: EntryKind,
    tracking: Tracking,
    size: Option<u64>,
    whole: Vec<String>,
    lines: Vec<(u32, String)>,
    paths: Vec<(RepoPath, Option<String>)>,
}

impl Default for Block {
    fn default() -> Self {
        Self {
            path: None,
            escaped: false,
            options: false,
            kind: EntryKind::File { executable: false },
            tracking: Tracking::Tracked,
            size: None,
            whole: Vec::new(),
            lines: Vec::new(),
            paths: Vec::new(),
        }
    }
}

impl Block {
    fn take(&mut self, word: &str) -> Result<(), String> {
        match word.split_once('=') {
            None => match word {
                "escaped" => self.escaped = true,
                "options" => self.options = true,
                "untracked" => self.tracking = Tracking::Untracked,
                "executable" => self.kind = EntryKind::File { executable: true },
                "link" => self.kind = EntryKind::Link,
                "submodule" => self.kind = EntryKind::Submodule,
                _ => return Err(format!("unknown word `{word}`")),
            },
            Some(("file", text)) => self.path = Some(path(text)?),
            Some(("size", text)) => {
                let size = Quantity::parse(text).ok().and_then(Quantity::as_bytes);
                self.size = Some(size.ok_or_else(|| format!("`{text}` is not a size"))?);
            }
            Some(("expect", rules)) => self.whole.extend(rules.split(',').map(str::to_owned)),
            Some(("expect-line", text)) => {
                let (line, rule) = text
                    .split_once(':')
                    .and_then(|(line, rule)| Some((line.parse().ok()?, rule.to_owned())))
                    .ok_or("`expect-line` needs a line and a rule: 3:rule-id")?;
                self.lines.push((line, rule));
            }
            Some(("expect-path", text)) => {
                let (text, rule) = text
                    .split_once(':')
                    .map_or((text, None), |(path, rule)| (path, Some(rule.to_owned())));
                self.paths.push((path(text.trim_end_matches('/'))?, rule));
            }
            Some(_) => return Err(format!("unknown word `{word}`")),
        }
        Ok(())
    }
}

fn path(text: &str) -> Result<RepoPath, String> {
    RepoPath::new(escape::decode(text)?)
        .ok_or_else(|| format!("`{text}` is not a path inside the root"))
}

/// One line for messages of tests.
impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.options.is_empty() {
            parts.push(format!("options \"{}\"", ascii::escape(&self.options)));
        }
        for file in &self.files {
            let mut part = format!("{} \"{}\"", file.path, ascii::escape_bytes(&file.content));
            if file.tracking != Tracking::Tracked {
                let _ = write!(part, " {:?}", file.tracking);
            }
            if file.kind != (EntryKind::File { executable: false }) {
                let _ = write!(part, " {:?}", file.kind);
            }
            parts.push(part);
        }
        if !self.expected.is_empty() {
            let all: Vec<String> = self.expected.iter().map(Expected::to_string).collect();
            parts.push(format!("expects {}", all.join(", ")));
        }
        write!(f, "{}: {}", self.title, parts.join("; "))
    }
}
