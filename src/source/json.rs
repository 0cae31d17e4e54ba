//! Owns JSON documents as checkers read them: a flat tree of nodes that know their places in the file. Comments and
//! trailing commas, which some tools write, are taken. Knows no schema.

use std::borrow::Cow;
use std::ops::Range;

/// The most nodes that are read; a document with more is refused.
const MOST_NODES: usize = 4_000_000;

/// The deepest nesting that is read.
const DEEPEST: usize = 512;

/// A document: its nodes, in the order they begin. The first one is the root.
#[derive(Debug)]
pub struct Document<'a> {
    nodes: Vec<Node<'a>>,
}

/// The number of a node in its document.
pub type Id = usize;

#[derive(Debug)]
struct Node<'a> {
    kind: Kind<'a>,
    range: Range<usize>,
}

#[derive(Debug)]
enum Kind<'a> {
    /// A number, `true`, `false` or `null`, as written.
    Word(&'a str),
    Str(Cow<'a, str>),
    Seq(Vec<Id>),
    Map(Vec<(Id, Id)>),
}

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Flaw {
    /// One line, lower case.
    pub what: &'static str,
    /// Where, in bytes.
    pub at: usize,
}

impl<'a> Document<'a> {
    /// Reads a text.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn parse(text: &'a str) -> Result<Self, Flaw> {
        let mut reader = Reader {
            text,
            at: 0,
            nodes: Vec::new(),
        };
        reader.all()?;
        Ok(Self {
            nodes: reader.nodes,
        })
    }

    /// The root node.
    #[must_use]
    pub const fn root(&self) -> Id {
        0
    }

    /// The value at `key`, if the node is a map that has it; the last one of several.
    #[must_use]
    pub fn get(&self, node: Id, key: &str) -> Option<Id> {
        let mut entries = self.entries(node).iter().rev();
        entries
            .find(|&&(k, _)| self.text(k) == Some(key))
            .map(|&(_, value)| value)
    }

    /// The text at `key`, if the node is a map that has one there.
    #[must_use]
    pub fn text_at(&self, node: Id, key: &str) -> Option<&str> {
        self.text(self.get(node, key)?)
    }

    /// Does the node say `true` at `key`?
    #[must_use]
    pub fn says(&self, node: Id, key: &str) -> bool {
        self.get(node, key)
            .is_some_and(|value| self.word(value) == Some("true"))
    }

    /// The entries, if the node is a map; else none.
    #[must_use]
    pub fn entries(&self, node: Id) -> &[(Id, Id)] {
        match &self.nodes[node].kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items, if the node is a list; else none.
    #[must_use]
    pub fn items(&self, node: Id) -> &[Id] {
        match &self.nodes[node].kind {
            Kind::Seq(items) => items,
            _ => &[],
        }
    }

    /// How many nodes there are: their numbers go from 0.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Is there no node? There always is one.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Is the node a list?
    #[must_use]
    pub fn is_list(&self, node: Id) -> bool {
        matches!(self.nodes[node].kind, Kind::Seq(_))
    }

    /// Is the node a map?
    #[must_use]
    pub fn is_map(&self, node: Id) -> bool {
        matches!(self.nodes[node].kind, Kind::Map(_))
    }

    /// The text, if the node is one.
    #[must_use]
    pub fn text(&self, node: Id) -> Option<&str> {
        match &self.nodes[node].kind {
            Kind::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The number, `true`, `false` or `null` that the node is, as written.
    #[must_use]
    pub fn word(&self, node: Id) -> Option<&'a str> {
        match self.nodes[node].kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Where the node stands, in bytes; quotes and brackets are part of it.
    #[must_use]
    pub fn range(&self, node: Id) -> Range<usize> {
        self.nodes[node].range.clone()
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    nodes: Vec<Node<'a>>,
}

/// A list or map that is not closed yet, and the key that waits for its value.
struct Open {
    id: Id,
    key: Option<Id>,
}

impl<'a> Reader<'a> {
    fn flaw<T>(&self, what: &'static str) -> Result<T, Flaw> {
        Err(Flaw { what, at: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips white space and comments.
    fn space(&mut self) -> Result<(), Flaw> {
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            match rest {
                [b' ' | b'\t' | b'\r' | b'\n', ..] => self.at += 1,
                [b'/', b'/', ..] => {
                    let end = rest.iter().position(|&b| b == b'\n');
                    self.at += end.unwrap_or(rest.len());
                }
                [b'/', b'*', ..] => match self.text[self.at + 2..].find("*/") {
                    Some(end) => self.at += end + 4,
                    None => return self.flaw("a comment does not end"),
                },
                _ => return Ok(()),
            }
        }
    }

    fn all(&mut self) -> Result<(), Flaw> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            self.space()?;
            if let Some(last) = open.last() {
                let map = matches!(self.nodes[last.id].kind, Kind::Map(_));
                let end = if map { b'}' } else { b']' };
                if self.peek() == Some(end) {
                    self.at += 1;
                    self.nodes[last.id].range.end = self.at;
                    open.pop();
                    self.after(&open)?;
                    if open.is_empty() {
                        return self.end();
                    }
                    continue;
                }
                if map {
                    let key = self.key()?;
                    if let Some(last) = open.last_mut() {
                        last.key = Some(key);
                    }
                }
            }
            let id = self.value()?;
            if let Some(last) = open.last_mut() {
                match (&mut self.nodes[last.id].kind, last.key.take()) {
                    (Kind::Seq(items), _) => items.push(id),
                    (Kind::Map(entries), Some(key)) => entries.push((key, id)),
                    _ => {}
                }
            }
            if matches!(self.nodes[id].kind, Kind::Seq(_) | Kind::Map(_)) {
                if open.len() >= DEEPEST {
                    return self.flaw("it is nested too deep");
                }
                open.push(Open { id, key: None });
                continue;
            }
            self.after(&open)?;
            if open.is_empty() {
                return self.end();
            }
        }
    }

    /// A comma, or the end of what is open, must follow a value.
    fn after(&mut self, open: &[Open]) -> Result<(), Flaw> {
        if open.is_empty() {
            return Ok(());
        }
        self.space()?;
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(())
            }
            Some(b'}' | b']') => Ok(()),
            Some(_) => self.flaw("a comma is missing"),
            None => self.flaw("it ends too early"),
        }
    }

    fn end(&mut self) -> Result<(), Flaw> {
        self.space()?;
        if self.at < self.text.len() {
            return self.flaw("something stands behind its end");
        }
        Ok(())
    }

    fn key(&mut self) -> Result<Id, Flaw> {
        if self.peek() != Some(b'"') {
            return self.flaw("a key is missing");
        }
        let key = self.string()?;
        self.space()?;
        if self.peek() != Some(b':') {
            return self.flaw("a colon is missing");
        }
        self.at += 1;
        self.space()?;
        Ok(key)
    }

    fn value(&mut self) -> Result<Id, Flaw> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => {
                self.at += 1;
                self.add(Kind::Map(Vec::new()), start)
            }
            Some(b'[') => {
                self.at += 1;
                self.add(Kind::Seq(Vec::new()), start)
            }
            Some(b'-' | b'0'..=b'9' | b'a'..=b'z') => {
                let rest = &self.text[start..];
                let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
                let word = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
                let number = word.starts_with(|c: char| c == '-' || c.is_ascii_digit());
                if !number && !matches!(word, "true" | "false" | "null") {
                    return self.flaw("an unknown word");
                }
                self.at += word.len();
                self.add(Kind::Word(word), start)
            }
            Some(_) => self.flaw("a value is missing"),
            None => self.flaw("it ends too early"),
        }
    }

    fn add(&mut self, kind: Kind<'a>, start: usize) -> Result<Id, Flaw> {
        if self.nodes.len() >= MOST_NODES {
            return self.flaw("it has too many values");
        }
        let range = start..self.at;
        self.nodes.push(Node { kind, range });
        Ok(self.nodes.len() - 1)
    }

    fn string(&mut self) -> Result<Id, Flaw> {
        let start = self.at;
        self.at += 1;
        let mut built: Option<String> = None;
        loop {
            let rest = &self.text[self.at..];
            let Some(end) = rest.find(['"', '\\']) else {
                return self.flaw("a text does not end");
            };
            let plain = &rest[..end];
            self.at += end + 1;
            if rest.as_bytes()[end] == b'"' {
                let text = match built {
                    None => Cow::Borrowed(plain),
                    Some(built) => Cow::Owned(built + plain),
                };
                return self.add(Kind::Str(text), start);
            }
            let text = built.get_or_insert_default();
            text.push_str(plain);
            let c = self.escape()?;
            built.get_or_insert_default().push(c);
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, Flaw> {
        let Some(b) = self.peek() else {
            return self.flaw("a text does not end");
        };
        if b == b'u' {
            self.at += 1;
            return self.unicode();
        }
        let c = match b {
            b'"' | b'\\' | b'/' => char::from(b),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            _ => return self.flaw("an unknown escape"),
        };
        self.at += 1;
        Ok(c)
    }

    /// The character of four hexadecimal digits, or of two times four; half of a pair is replaced.
    fn unicode(&mut self) -> Result<char, Flaw> {
        let first = self.four()?;
        let is_low = |unit: u32| (0xdc00..0xe000).contains(&unit);
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.four()?;
            if is_low(second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four(&mut self) -> Result<u32, Flaw> {
        let digits = self.text.get(self.at..self.at + 4);
        let all_hex = |text: &&str| text.bytes().all(|b| b.is_ascii_hexdigit());
        let Some(unit) = digits
            .filter(all_hex)
            .and_then(|text| u32::from_str_radix(text, 16).ok())
        else {
            return self.flaw("an escape has no four digits");
        };
        self.at += 4;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_places() {
        let text = "// c\n{\"a\": [1, true, /* x */ \"\\u00e9\\ud83d\\ude00\\n\",], \"b\": {\"c\": -1.5e3}, \"a\": 2,}\n";
        let document = Document::parse(text).expect("good JSON");
        let root = document.root();
        assert_eq!(document.entries(root).len(), 3);
        let first = document.entries(root)[0].1;
        let items = document.items(first);
        assert_eq!(document.word(items[0]), Some("1"));
        assert_eq!(document.text(items[2]), Some("\u{e9}\u{1f600}\n"));
        assert!(
            text[document.range(first)].starts_with('[')
                && text[document.range(first)].ends_with(']')
        );
        let b = document.get(root, "b").expect("it is there");
        assert!(document.is_map(b));
        assert_eq!(&text[document.range(b)], "{\"c\": -1.5e3}");
        assert_eq!(
            document.get(root, "a").and_then(|id| document.word(id)),
            Some("2")
        );
        assert!(!document.says(root, "a"));
    }

    #[test]
    fn what_is_not_json_is_an_error() {
        for bad in [
            "",
            "{",
            "[1",
            "[1 2]",
            "{\"a\" 1}",
            "{a: 1}",
            "\"x",
            "\"\\",
            "\"\\u12\u{e9}\"",
            "nul",
            "[1]]",
            "{\"a\":}",
            "/*",
            "[}",
            "{]",
            "{\"a\"}",
            "\u{feff}{}",
        ] {
            assert!(Document::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Document::parse(&"[".repeat(1_000_000)).is_err());
        assert!(Document::parse(&"{\"a\":".repeat(100_000)).is_err());
        assert!(Document::parse("\"\\ud800\"").is_ok_and(|d| d.text(0) == Some("\u{fffd}")));
    }
}
