//! Owns a description with the files that it refers to, and what a reference names. Reads no file itself.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::tree::{Flaw, Id, Kind, Tree};

/// The most files that one description is made of.
const MOST_FILES: usize = 20_000;

/// The most bytes of all of them.
const MOST_BYTES: usize = 256 << 20;

/// The longest chain of references that refer to references.
const LONGEST_CHAIN: usize = 64;

/// A node of one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    pub file: u32,
    pub id: Id,
}

/// One file.
#[derive(Debug)]
pub struct File {
    /// From the root of the tree, with `/`; empty for a text without one.
    pub path: String,
    pub text: String,
    pub tree: Tree,
}

/// What is found at a path.
pub enum Read {
    Text(String),
    Missing,
    /// It is there, and cannot be read: why.
    Unread(String),
    /// Nobody knows yet.
    Later,
}

/// Why a reference leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It names something in the network: it is not asked.
    Remote,
    /// It names a file outside of the tree, or one that was not read: why.
    Unread(String),
    /// There is nothing of this name: what is missing.
    Nothing(String),
    /// It leads back to itself.
    Circle,
    /// It is no reference at all.
    NoText,
}

/// All files of a description. The first one is the description itself.
#[derive(Debug)]
pub struct Bundle {
    pub files: Vec<File>,
    by_path: BTreeMap<String, u32>,
    /// Files that are not here, and why.
    missing: BTreeMap<String, Lost>,
    /// Files that are no document, by their position, with their flaws.
    pub broken: Vec<(u32, Flaw)>,
    /// Nodes by the name that `$id` or `$anchor` gives them.
    named: HashMap<(u32, String), Node>,
    ids: HashMap<String, Node>,
    found: RefCell<HashMap<(u32, String), Result<Node, Lost>>>,
}

/// Why there is no bundle.
#[derive(Debug)]
pub enum Unbundled {
    /// The description itself is no document.
    Flaw(Flaw),
    /// Files are needed that nobody knows yet.
    Later,
}

impl Bundle {
    /// Reads a description and all that it refers to.
    ///
    /// # Errors
    /// When the description is no document, or other files are needed that cannot be had now.
    pub fn read(
        path: &str,
        text: &str,
        read: &mut dyn FnMut(&str) -> Read,
    ) -> Result<Self, Unbundled> {
        let tree = Tree::parse(text).map_err(Unbundled::Flaw)?;
        let mut bundle = Self {
            files: Vec::new(),
            by_path: BTreeMap::new(),
            missing: BTreeMap::new(),
            broken: Vec::new(),
            named: HashMap::new(),
            ids: HashMap::new(),
            found: RefCell::default(),
        };
        bundle.add(path.to_owned(), text.to_owned(), tree);
        let mut bytes = text.len();
        let mut next = 0;
        while next < bundle.files.len() {
            for wanted in bundle.needs(next) {
                if bundle.by_path.contains_key(&wanted) || bundle.missing.contains_key(&wanted) {
                    continue;
                }
                let lost = match read(&wanted) {
                    Read::Later => return Err(Unbundled::Later),
                    Read::Missing => Lost::Nothing(format!("there is no file {wanted}")),
                    Read::Unread(why) => Lost::Unread(format!("{wanted}: {why}")),
                    Read::Text(text) => {
                        bytes += text.len();
                        if bundle.files.len() >= MOST_FILES || bytes > MOST_BYTES {
                            Lost::Unread(format!("{wanted}: the description has too many files"))
                        } else {
                            match Tree::parse(&text) {
                                Ok(tree) => {
                                    bundle.add(wanted, text, tree);
                                    continue;
                                }
                                Err(flaw) => {
                                    let lost = Lost::Unread(format!("{wanted}: {}", flaw.what));
                                    let file = bundle.push(wanted.clone(), text, Tree::empty());
                                    bundle.broken.push((file, flaw));
                                    lost
                                }
                            }
                        }
                    }
                };
                bundle.missing.insert(wanted, lost);
            }
            next += 1;
        }
        Ok(bundle)
    }

    fn push(&mut self, path: String, text: String, tree: Tree) -> u32 {
        self.files.push(File { path, text, tree });
        u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX)
    }

    fn add(&mut self, path: String, text: String, tree: Tree) {
        let file = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        for id in 0..u32::try_from(tree.len()).unwrap_or(0) {
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(name) = tree.text_at(id, key) {
                    let name = (file, name.to_owned());
                    self.named.entry(name).or_insert(Node { file, id });
                }
            }
            if let Some(name) = tree.text_at(id, "$id") {
                let name = name.trim_end_matches('#').to_owned();
                self.ids.entry(name).or_insert(Node { file, id });
            }
        }
        self.by_path.insert(path.clone(), file);
        self.push(path, text, tree);
    }

    /// The files that a file's references name.
    fn needs(&self, file: usize) -> Vec<String> {
        let File { path, tree, .. } = &self.files[file];
        let mut needed = Vec::new();
        for id in 0..u32::try_from(tree.len()).unwrap_or(0) {
            let Some(text) = tree.text_at(id, "$ref") else {
                continue;
            };
            let (target, _) = text.split_once('#').unwrap_or((text, ""));
            if target.is_empty() || is_remote(target) || self.ids.contains_key(target) {
                continue;
            }
            if let Some(target) = beside(path, target) {
                needed.push(target);
            }
        }
        needed.sort();
        needed.dedup();
        needed
    }

    /// The node that is the description.
    #[must_use]
    pub fn root(&self) -> Node {
        Node {
            file: 0,
            id: self.files[0].tree.root(),
        }
    }

    /// The tree of a node.
    #[must_use]
    pub fn tree(&self, node: Node) -> &Tree {
        &self.files[node.file as usize].tree
    }

    #[must_use]
    pub fn kind(&self, node: Node) -> &Kind {
        self.tree(node).kind(node.id)
    }

    #[must_use]
    pub fn place(&self, node: Node) -> Range<usize> {
        self.tree(node).place(node.id)
    }

    /// The value at a key.
    #[must_use]
    pub fn get(&self, node: Node, key: &str) -> Option<Node> {
        let id = self.tree(node).get(node.id, key)?;
        Some(Node { id, ..node })
    }

    /// The key itself, where it stands.
    #[must_use]
    pub fn key_of(&self, node: Node, key: &str) -> Option<Node> {
        let (id, _) = self.tree(node).entry(node.id, key)?;
        Some(Node { id, ..node })
    }

    /// The text at a key.
    #[must_use]
    pub fn text_at(&self, node: Node, key: &str) -> Option<&str> {
        self.tree(node).text_at(node.id, key)
    }

    /// The node as text.
    #[must_use]
    pub fn text(&self, node: Node) -> Option<&str> {
        self.tree(node).text(node.id)
    }

    #[must_use]
    pub fn says(&self, node: Node, key: &str) -> bool {
        self.tree(node).says(node.id, key)
    }

    /// The entries of a map: key, its node, the value's node.
    pub fn entries(&self, node: Node) -> impl Iterator<Item = (&str, Node, Node)> {
        let tree = self.tree(node);
        tree.entries(node.id).iter().map(move |&(key, value)| {
            let at = |id| Node { id, ..node };
            (tree.key(key), at(key), at(value))
        })
    }

    /// The items of a list.
    pub fn items(&self, node: Node) -> impl Iterator<Item = Node> {
        let items = self.tree(node).items(node.id).iter();
        items.map(move |&id| Node { id, ..node })
    }

    /// What stands at a key in which a reference may stand: what it names.
    ///
    /// # Errors
    /// When the reference leads nowhere.
    pub fn follow_at(&self, node: Node, key: &str) -> Option<Result<Node, Lost>> {
        Some(self.follow(self.get(node, key)?))
    }

    /// The node itself, or what its reference names at last.
    ///
    /// # Errors
    /// When it leads nowhere.
    pub fn follow(&self, node: Node) -> Result<Node, Lost> {
        let mut node = node;
        for _ in 0..LONGEST_CHAIN {
            match self.get(node, "$ref") {
                None => return Ok(node),
                Some(reference) => {
                    let text = self.text(reference).ok_or(Lost::NoText)?;
                    node = self.resolve(reference.file, text)?;
                }
            }
        }
        Err(Lost::Circle)
    }

    /// What a reference in a file names.
    ///
    /// # Errors
    /// When it names nothing.
    pub fn resolve(&self, file: u32, text: &str) -> Result<Node, Lost> {
        let key = (file, text.to_owned());
        if let Some(known) = self.found.borrow().get(&key) {
            return known.clone();
        }
        let found = self.look_up(file, text);
        self.found.borrow_mut().insert(key, found.clone());
        found
    }

    fn look_up(&self, file: u32, text: &str) -> Result<Node, Lost> {
        let (target, fragment) = text.split_once('#').unwrap_or((text, ""));
        let base = if target.is_empty() {
            let id = self.files[file as usize].tree.root();
            Node { file, id }
        } else if let Some(&node) = self.ids.get(target) {
            node
        } else if is_remote(target) {
            return Err(Lost::Remote);
        } else {
            let outside = || Lost::Unread(format!("{target} lies outside of the tree"));
            let path = beside(&self.files[file as usize].path, target).ok_or_else(outside)?;
            let Some(&file) = self.by_path.get(&path) else {
                let lost = self.missing.get(&path).cloned();
                let nothing = || Lost::Nothing(format!("there is no file {path}"));
                return Err(lost.unwrap_or_else(nothing));
            };
            let id = self.files[file as usize].tree.root();
            Node { file, id }
        };
        let fragment = unescaped(fragment);
        if fragment.is_empty() {
            return Ok(base);
        }
        let Some(pointer) = fragment.strip_prefix('/') else {
            let named = self.named.get(&(base.file, fragment.clone())).copied();
            return named
                .ok_or_else(|| Lost::Nothing(format!("nothing has the anchor {fragment}")));
        };
        self.walk(base, pointer)
    }

    /// The node that a pointer names, its first `/` left out.
    fn walk(&self, base: Node, pointer: &str) -> Result<Node, Lost> {
        let mut node = base;
        let mut gone = String::new();
        for part in pointer.split('/') {
            let part = part.replace("~1", "/").replace("~0", "~");
            let tree = self.tree(node);
            let next = match tree.kind(node.id) {
                Kind::List(items) => part
                    .parse::<usize>()
                    .ok()
                    .and_then(|at| items.get(at).copied()),
                _ => tree.get(node.id, &part),
            };
            let Some(id) = next else {
                let place = if gone.is_empty() { "#" } else { &gone };
                return Err(Lost::Nothing(format!("there is no `{part}` at {place}")));
            };
            if gone.is_empty() {
                gone.push('#');
            }
            gone.push('/');
            gone.push_str(&part);
            node = Node { id, ..node };
        }
        Ok(node)
    }
}

/// Has the reference a scheme, or a host of its own?
fn is_remote(target: &str) -> bool {
    if target.starts_with("//") {
        return true;
    }
    let Some((scheme, _)) = target.split_once(':') else {
        return false;
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(is_word)
}

/// The path of a file that is named from another one; `None` outside of the tree.
fn beside(path: &str, target: &str) -> Option<String> {
    let target = unescaped(target.split('?').next().unwrap_or_default());
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    if let Some(rooted) = target.strip_prefix('/') {
        parts.clear();
        return Some(rooted.to_owned()).filter(|path| !path.is_empty());
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/")).filter(|path| !path.is_empty())
}

/// With `%41` as `A`.
fn unescaped(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3);
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = byte.filter(|_| bytes[at] == b'%') {
            plain.push(byte);
            at += 3;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}
