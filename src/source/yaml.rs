//! Owns YAML documents as checkers read them: a flat tree of nodes whose texts know their places in the file.
//! Knows no schema; gate files have their own reader.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, Span};

use super::region::Region;

/// The most nodes that are read; a document with more is refused.
const MOST_NODES: usize = 1_000_000;

/// A document: its nodes, in the order they begin. Aliases are resolved to the node they name.
#[derive(Debug, Default)]
pub struct Document {
    nodes: Vec<Kind>,
    root: Option<Id>,
    aliased: bool,
}

/// The number of a node in its document.
pub type Id = usize;

#[derive(Debug)]
enum Kind {
    Scalar(Scalar),
    Seq(Vec<Id>),
    Map(Vec<(Id, Id)>),
}

#[derive(Debug)]
struct Scalar {
    value: String,
    style: ScalarStyle,
    range: Range<usize>,
}

struct Open {
    id: Id,
    key: Option<Id>,
    map: bool,
}

impl Document {
    /// Reads the first document of a text. Nothing is expanded, so aliases cost nothing.
    ///
    /// # Errors
    /// Says what is wrong, with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self::read(text, 1)?.pop().unwrap_or_default())
    }

    /// Reads every document of a text; of an empty one the root is an empty scalar.
    ///
    /// # Errors
    /// Says what is wrong, with line and column.
    pub fn all(text: &str) -> Result<Vec<Self>, String> {
        Self::read(text, usize::MAX)
    }

    fn read(text: &str, most: usize) -> Result<Vec<Self>, String> {
        let mut done: Vec<Self> = Vec::new();
        let mut nodes = 0;
        let mut document = Self::default();
        let mut open: Vec<Open> = Vec::new();
        let mut anchors: BTreeMap<usize, Id> = BTreeMap::new();
        for next in Parser::new_from_str(text) {
            let (event, span) = next.map_err(|problem| problem.to_string())?;
            if nodes + document.nodes.len() > MOST_NODES {
                return Err("it has too many nodes".to_owned());
            }
            match event {
                Event::Scalar(value, style, anchor, _) => {
                    let range = bytes_of(&span, text);
                    let value = value.into_owned();
                    let id = document.add(Kind::Scalar(Scalar {
                        value,
                        style,
                        range,
                    }));
                    anchors.insert(anchor, id);
                    document.place(id, &mut open);
                }
                Event::SequenceStart(_, anchor, _) => {
                    let id = document.add(Kind::Seq(Vec::new()));
                    anchors.insert(anchor, id);
                    document.place(id, &mut open);
                    open.push(Open {
                        id,
                        key: None,
                        map: false,
                    });
                }
                Event::MappingStart(_, anchor, _) => {
                    let id = document.add(Kind::Map(Vec::new()));
                    anchors.insert(anchor, id);
                    document.place(id, &mut open);
                    open.push(Open {
                        id,
                        key: None,
                        map: true,
                    });
                }
                Event::Alias(anchor) => {
                    document.aliased = true;
                    if let Some(&id) = anchors.get(&anchor) {
                        document.place(id, &mut open);
                    }
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    open.pop();
                }
                Event::DocumentEnd => {
                    nodes += document.nodes.len();
                    done.push(std::mem::take(&mut document));
                    anchors.clear();
                    if done.len() == most {
                        break;
                    }
                }
                _ => {}
            }
        }
        done.retain(|document| document.root.is_some());
        Ok(done)
    }

    fn add(&mut self, kind: Kind) -> Id {
        self.nodes.push(kind);
        self.nodes.len() - 1
    }

    /// Hangs a node where the parser stands: as a key, a value, an item, or the root.
    fn place(&mut self, id: Id, open: &mut [Open]) {
        let Some(parent) = open.last_mut() else {
            self.root.get_or_insert(id);
            return;
        };
        match &mut self.nodes[parent.id] {
            Kind::Seq(items) => items.push(id),
            Kind::Map(entries) if parent.map => match parent.key.take() {
                None => parent.key = Some(id),
                Some(key) => entries.push((key, id)),
            },
            Kind::Map(_) | Kind::Scalar(_) => {}
        }
    }

    /// The root node; `None` for an empty document.
    #[must_use]
    pub const fn root(&self) -> Option<Id> {
        self.root
    }

    /// Does it use aliases? Then a walk over it may take more time than its length tells.
    #[must_use]
    pub const fn is_aliased(&self) -> bool {
        self.aliased
    }

    /// The value at `key`, if the node is a map that has it.
    #[must_use]
    pub fn get(&self, node: Id, key: &str) -> Option<Id> {
        self.entries(node)
            .iter()
            .find(|&&(k, _)| self.text(k) == Some(key))
            .map(|&(_, value)| value)
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn at(&self, node: Id, keys: &[&str]) -> Option<Id> {
        keys.iter().try_fold(node, |node, key| self.get(node, key))
    }

    /// The entries, if the node is a map; else none.
    #[must_use]
    pub fn entries(&self, node: Id) -> &[(Id, Id)] {
        match &self.nodes[node] {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items, if the node is a list; else none.
    #[must_use]
    pub fn items(&self, node: Id) -> &[Id] {
        match &self.nodes[node] {
            Kind::Seq(items) => items,
            _ => &[],
        }
    }

    /// The text, if the node is a scalar.
    #[must_use]
    pub fn text(&self, node: Id) -> Option<&str> {
        match &self.nodes[node] {
            Kind::Scalar(scalar) => Some(&scalar.value),
            _ => None,
        }
    }

    /// How many nodes there are: their numbers go from 0.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Is there no node?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Is the node a list?
    #[must_use]
    pub fn is_list(&self, node: Id) -> bool {
        matches!(self.nodes[node], Kind::Seq(_))
    }

    /// Is the node a scalar without quotes, whose type its text tells?
    #[must_use]
    pub fn is_plain(&self, node: Id) -> bool {
        matches!(&self.nodes[node], Kind::Scalar(scalar) if scalar.style == ScalarStyle::Plain)
    }

    /// The bytes of a scalar, quotes included.
    #[must_use]
    pub fn scalar_range(&self, node: Id) -> Option<Range<usize>> {
        match &self.nodes[node] {
            Kind::Scalar(scalar) => Some(scalar.range.clone()),
            _ => None,
        }
    }

    /// The text of a scalar with the place of each of its bytes; `source` is what the document was parsed from.
    #[must_use]
    pub fn region(&self, node: Id, source: &str) -> Option<Region> {
        match &self.nodes[node] {
            Kind::Scalar(scalar) => Some(scalar.region(source)),
            _ => None,
        }
    }

    /// The bytes of a node: a scalar's source, quotes included; of a list or map, those from its first scalar to its last. `None` when
    /// it holds no scalar.
    #[must_use]
    pub fn range(&self, node: Id) -> Option<Range<usize>> {
        let mut within: Option<Range<usize>> = None;
        // Aliases make a graph of the tree: each node is entered once. An alias's node stands elsewhere, and is not counted.
        let mut open = vec![node];
        let mut next = node;
        while let Some(id) = open.pop() {
            if id < next {
                continue;
            }
            next = id + 1;
            match &self.nodes[id] {
                Kind::Scalar(scalar) => {
                    let range = within.get_or_insert_with(|| scalar.range.clone());
                    range.end = range.end.max(scalar.range.end);
                }
                Kind::Seq(items) => open.extend(items.iter().rev()),
                Kind::Map(entries) => open.extend(entries.iter().rev().flat_map(|&(k, v)| [v, k])),
            }
        }
        within
    }

    /// Is a key no scalar? `{{ name }}` of a template reads as a map in a map.
    #[must_use]
    pub fn has_template(&self) -> bool {
        let is_odd = |&(key, _): &(Id, Id)| !matches!(self.nodes[key], Kind::Scalar(_));
        let mut maps = self.nodes.iter().filter_map(|kind| match kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        });
        maps.any(|entries| entries.iter().any(is_odd))
    }

    /// Every scalar with its place in the file: keys and values, each once.
    pub fn scalars(&self) -> impl Iterator<Item = (Id, &str)> {
        self.nodes
            .iter()
            .enumerate()
            .filter_map(|(id, kind)| match kind {
                Kind::Scalar(scalar) => Some((id, scalar.value.as_str())),
                _ => None,
            })
    }
}

fn bytes_of(span: &Span, text: &str) -> Range<usize> {
    let range = span.byte_range().unwrap_or(0..0);
    range.start.min(text.len())..range.end.min(text.len())
}

impl Scalar {
    /// Walks the value and its source side by side. A YAML scalar's source holds the value's characters in their order;
    /// only white space is folded or stripped, quotes are doubled, and escapes are written out.
    fn region(&self, source: &str) -> Region {
        let source = source.get(..self.range.end).unwrap_or(source);
        let quoted = match self.style {
            ScalarStyle::SingleQuoted => Some('\''),
            ScalarStyle::DoubleQuoted => Some('"'),
            _ => None,
        };
        let mut at = self.range.start + usize::from(quoted.is_some());
        let mut region = Region::starting(at);
        for c in self.value.chars() {
            if quoted == Some('"') {
                at = skip_joined_lines(source, at);
            }
            let here = |at: usize| source.get(at..).and_then(|rest| rest.chars().next());
            if !c.is_whitespace() {
                while here(at).is_some_and(char::is_whitespace) {
                    at += here(at).map_or(1, char::len_utf8);
                    if quoted == Some('"') {
                        at = skip_joined_lines(source, at);
                    }
                }
            }
            let Some(s) = here(at) else {
                if c.is_whitespace() {
                    region.push(c, at);
                    continue;
                }
                return Region::fixed(self.value.clone(), self.range.start);
            };
            region.push(c, at);
            if quoted == Some('"') && s == '\\' {
                at += escape_length(source, at);
            } else if s == c && Some(c) == quoted {
                at += 2;
            } else if s == c || (s.is_whitespace() && c.is_whitespace()) {
                at += s.len_utf8();
            } else if !c.is_whitespace() {
                return Region::fixed(self.value.clone(), self.range.start);
            }
        }
        region
    }
}

/// In double quotes, a backslash before a line end joins the lines.
fn skip_joined_lines(source: &str, mut at: usize) -> usize {
    while let Some(rest) = source.get(at..) {
        let Some(rest) = rest.strip_prefix('\\') else {
            break;
        };
        if !rest.starts_with(['\n', '\r']) {
            break;
        }
        at += 1 + rest.len() - rest.trim_start().len();
    }
    at
}

/// The length in bytes of the escape at `at`, its backslash included.
fn escape_length(source: &str, at: usize) -> usize {
    let bytes = source.as_bytes();
    match bytes.get(at + 1) {
        Some(b'x') => 4,
        Some(b'u') => {
            let high = bytes.get(at + 2..at + 4).unwrap_or_default();
            let pair = matches!(high, [b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B']);
            if pair { 12 } else { 6 }
        }
        Some(b'U') => 10,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each character of the value at `a` that is not white space, with the source from its place on.
    fn check(source: &str, value: &str, mark: &str, expected: &str) {
        let document = Document::parse(source).expect("good YAML");
        let root = document.root().expect("not empty");
        let node = document.get(root, "a").expect("it has the key");
        assert_eq!(document.text(node), Some(value));
        let region = document.region(node, source).expect("a scalar");
        assert_eq!(region.text(), value);
        let at = region.place(value.find(mark).expect("the mark is there"));
        let found: String = source[at..]
            .chars()
            .take(expected.chars().count())
            .collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn places_of_all_styles() {
        check("a: |\n  x\n\n  y=1\nb: c\n", "x\n\ny=1\n", "y=1", "y=1\nb");
        check("a: |\n\n \n  x\n  q\n", "\n\nx\nq\n", "q", "q\n");
        check("a: >-\n  x\n  y\n\n  z\n", "x y\nz", "z", "z\n");
        check("a: |2-\n    x\n   y\n", "  x\n y", "y", "y\n");
        check("a: x  y\n  z # c\n", "x  y z", "z", "z # c");
        check("a: 'it''s \n   q'\n", "it's q", "q", "q'");
        check(
            "a: \"\\u00e9\\t\\\n   x\\\"  \n   q\"\n",
            "\u{e9}\tx\" q",
            "q",
            "q\"",
        );
        check("a: \"\\ud83d\\ude00 q\"\n", "\u{1f600} q", "q", "q\"");
        check("b: &x hello\na: *x\n", "hello", "hello", "hello\n");
        check("a: |\r\n  x\r\n  y\r\n", "x\ny\n", "y", "y\r");
        check("a: !!str |\n  x\n", "x\n", "x", "x\n");
        check("{b: [1], a2: 3, a: x}", "x", "x", "x}");
    }

    #[test]
    fn what_is_not_yaml_is_an_error() {
        for bad in ["a: [", "a: *missing", "a:\n\t- b: c\n\t", "a: \"x"] {
            assert!(Document::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Document::parse(&"[".repeat(100_000)).is_err());
        assert!(Document::parse("").is_ok_and(|d| d.root().is_none()));
        assert!(Document::all("").is_ok_and(|all| all.is_empty()));
        let all = Document::all("a: 1\n---\n# none\n---\nb: 2\n...\n").expect("good YAML");
        let keys = all
            .iter()
            .filter_map(|d| d.root().map(|root| d.entries(root).len()));
        assert_eq!(keys.collect::<Vec<_>>(), [1, 0, 1]);
    }
}
