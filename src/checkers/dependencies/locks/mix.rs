//! Owns `mix.lock`, which is a map of tuples in Elixir.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};

use super::text::Text;
use super::{Beside, Unread, dedup, lost};

/// Deeper nesting than this is no lockfile.
const DEEPEST: usize = 64;

pub(super) fn read(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let mut reader = Reader {
        text: text.as_str(),
        at: 0,
    };
    let flaw =
        |reader: &Reader<'_>| Unread::new("it is no map of tuples").at(text.point(reader.at));
    let Some(Term::List(entries)) = reader.term(0) else {
        return Err(flaw(&reader));
    };
    if reader.token().is_some() {
        return Err(flaw(&reader));
    }
    let mut inventory = Inventory {
        declared_empty: true,
        ..Inventory::default()
    };
    let mut apps: BTreeMap<&str, Id> = BTreeMap::new();
    let mut wants = Vec::new();
    for entry in &entries {
        let Term::Pair(key, range, value) = entry else {
            return Err(flaw(&reader));
        };
        let at = text.span(range.clone());
        let Some(package) = package(key, value, at) else {
            lost(
                &mut inventory,
                at,
                format!("the entry of `{key}` is not understood"),
            );
            continue;
        };
        let id = inventory.packages.len();
        inventory.packages.push(package);
        apps.insert(key, id);
        if let Term::List(items) = &**value {
            wants.extend(items.get(5).map(|wanted| (id, wanted)));
        }
    }
    for (id, wanted) in wants {
        let needs = names(wanted).filter_map(|name| apps.get(name).copied());
        let needs: Vec<Id> = needs.collect();
        let package = &mut inventory.packages[id];
        package.needs = needs;
        dedup(&mut package.needs);
    }
    Ok(inventory)
}

fn package(key: &str, value: &Term<'_>, at: crate::model::place::Span) -> Option<Package> {
    let Term::List(items) = value else {
        return None;
    };
    let word = |at: usize| match items.get(at) {
        Some(Term::Word(word)) => Some(*word),
        _ => None,
    };
    let mut package = Package::new(Ecosystem::Hex, key, None, at);
    match word(0)? {
        "hex" => {
            word(1)?.clone_into(&mut package.name);
            package.version = Some(word(2)?.to_owned());
            // The digest of the archive itself came later than that of its content.
            let sums = [word(3), word(7)].into_iter().flatten();
            package.hashes = sums.map(|sum| Hash::read(sum, "sha256")).collect();
            let repository = word(6).filter(|name| *name != "hexpm");
            package.source.url = repository.map(str::to_owned);
        }
        "git" => {
            package.source = Source::at(SourceKind::Git, word(1)?);
            package.source.commit = word(2).map(str::to_owned);
        }
        _ => return None,
    }
    package.alias = (package.name != key).then(|| key.to_owned());
    Some(package)
}

/// The names of what is needed: the first word of each tuple of a list.
fn names<'t>(list: &'t Term<'t>) -> impl Iterator<Item = &'t str> {
    let items = match list {
        Term::List(items) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(|item| match item {
        Term::List(parts) => match parts.first() {
            Some(Term::Word(name)) => Some(*name),
            _ => None,
        },
        _ => None,
    })
}

/// A term: only as much as lockfiles use.
enum Term<'t> {
    /// A text, an atom or a number.
    Word(&'t str),
    /// A list, a tuple or a map.
    List(Vec<Self>),
    /// A key with its value, and where the key stands.
    Pair(&'t str, Range<usize>, Box<Self>),
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// A token: a bracket or a comma by itself, else a word; a key's colon or arrow is part of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Mark(u8),
    Word(&'t str),
    Key(&'t str),
}

impl<'t> Reader<'t> {
    fn space(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(b) = bytes.get(self.at) {
            if *b == b'#' {
                let rest = &bytes[self.at..];
                self.at += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
            } else if b.is_ascii_whitespace() {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    fn token(&mut self) -> Option<Token<'t>> {
        self.space();
        let text = self.text;
        let rest = text.get(self.at..)?;
        match rest.bytes().next()? {
            b'%' if rest.starts_with("%{") => {
                self.at += 2;
                Some(Token::Mark(b'{'))
            }
            b @ (b'{' | b'}' | b'[' | b']' | b',') => {
                self.at += 1;
                Some(Token::Mark(b))
            }
            b'"' => {
                let word = rest[1..].split_once('"')?.0;
                self.at += word.len() + 2;
                Some(self.key_or_word(word))
            }
            b':' if rest.starts_with(":\"") => {
                let word = rest[2..].split_once('"')?.0;
                self.at += word.len() + 3;
                Some(Token::Word(word))
            }
            b':' => {
                self.at += 1;
                self.bare().map(Token::Word)
            }
            _ => {
                let word = self.bare()?;
                Some(self.key_or_word(word))
            }
        }
    }

    fn bare(&mut self) -> Option<&'t str> {
        let text = self.text;
        let rest = &text[self.at..];
        let is_part =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '?' | '!' | '@');
        let word = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        self.at += word.len();
        (!word.is_empty()).then_some(word)
    }

    fn key_or_word(&mut self, word: &'t str) -> Token<'t> {
        if self.text[self.at..].starts_with(':') {
            self.at += 1;
            return Token::Key(word);
        }
        let back = self.at;
        self.space();
        if self.text[self.at..].starts_with("=>") {
            self.at += 2;
            return Token::Key(word);
        }
        self.at = back;
        Token::Word(word)
    }

    fn term(&mut self, depth: usize) -> Option<Term<'t>> {
        self.space();
        let start = self.at;
        match self.token()? {
            Token::Word(word) => Some(Term::Word(word)),
            Token::Key(key) => {
                let range = start..start + key.len() + 2;
                if depth >= DEEPEST {
                    return None;
                }
                Some(Term::Pair(key, range, Box::new(self.term(depth + 1)?)))
            }
            Token::Mark(open @ (b'{' | b'[')) if depth < DEEPEST => {
                let close = if open == b'{' { b'}' } else { b']' };
                let mut items = Vec::new();
                loop {
                    let back = self.at;
                    if self.token()? == Token::Mark(close) {
                        return Some(Term::List(items));
                    }
                    self.at = back;
                    items.push(self.term(depth + 1)?);
                    match self.token()? {
                        Token::Mark(b',') => {}
                        Token::Mark(mark) if mark == close => return Some(Term::List(items)),
                        _ => return None,
                    }
                }
            }
            Token::Mark(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn tuples_of_all_shapes() {
        check(
            "mix.lock",
            r#"%{
  # comment
  "a": {:hex, :a, "1.0.0", "0a", [:mix], [{:b, "~> 1.0", [hex: :b_real, repo: "hexpm", optional: false]}], "hexpm", "0b"},
  "b" => {:hex, :b_real, "1.2.0-rc.1", "0c", [:make, :mix], [], "org"},
  g: {:git, "https://example.com/g.git", "0123456789abcdef", [branch: "main"]},
  "x": {:path, "y"},
}
"#,
            "
3 a 1.0.0 sha256:0a sha256:0b > b_real
4 b_real 1.2.0-rc.1 org as b sha256:0c
5 g - git https://example.com/g.git @0123456789abcdef
6 lost: the entry of `x` is not understood",
        );
        check("mix.lock", "%{}\n", "");
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for bad in [
            "",
            "%{",
            "%{\"a\": {:hex",
            "%{} x",
            "%{\"a\": }",
            "%{1}",
            "%{\"a",
            "%{,}",
            "%{\"a\": \u{e9}",
        ] {
            fails("mix.lock", bad, "no map of tuples");
        }
        fails("mix.lock", &"[".repeat(100_000), "no map of tuples");
        fails("mix.lock", &"a: ".repeat(100_000), "no map of tuples");
    }
}
