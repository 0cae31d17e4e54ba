//! Owns what is kept of a file: its tokens, packed, and where its lines of code are. Nothing of it depends on the options.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::source::file::{PARSE_LIMIT, SourceFile};

use super::tokens::{self, Class, Table, Token};

/// What is observed in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Facts {
    /// Code that was read.
    Code(Code),
    /// Code that was not read, and why.
    Left(Left),
}

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Left {
    /// A tool made it: its head says so.
    Generated,
    /// Its lines are longer than anybody writes.
    Packed,
    /// It is larger than what is parsed.
    Large,
    /// The parser gave up.
    Intricate,
}

/// The tokens of a file. The texts that differ stand once each, and the file is a list of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// For each text its class and the first eight bytes of its digest.
    texts: Vec<u8>,
    /// The numbers of the texts in order, as variable-length integers.
    tokens: Vec<u8>,
    /// Each line on which tokens begin: see [`Code::rows`].
    rows: Vec<u8>,
    /// How many lines hold code, imports included.
    pub lines: u32,
    /// Has it syntax that the grammar does not know?
    pub is_flawed: bool,
}

/// A line on which tokens begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its 1-based number.
    pub line: u32,
    /// How many tokens begin on it.
    pub tokens: u32,
    /// How many lines more the last of them goes on.
    pub more: u32,
}

/// The bytes of a text's entry.
const ENTRY: usize = 9;

/// A file whose mean line is longer than this, in bytes, is no code that somebody wrote.
const LONG_LINE: usize = 300;

impl Facts {
    /// Reads a file; `None` when there is no grammar for it.
    #[must_use]
    pub fn of(file: &SourceFile) -> Option<Self> {
        let table = Table::of(file.language()?)?;
        let class = file.class();
        if class.generated {
            return Some(Self::Left(Left::Generated));
        }
        let size = file.bytes().len();
        if class.minified || size > 2_000 && size / file.line_count().max(1) > LONG_LINE {
            return Some(Self::Left(Left::Packed));
        }
        if size > PARSE_LIMIT {
            return Some(Self::Left(Left::Large));
        }
        let Some(tree) = file.tree() else {
            return Some(Self::Left(Left::Intricate));
        };
        let mut packer = Packer::new(file.bytes());
        tokens::each(tree, table, |token| packer.take(token));
        let mut code = packer.finish();
        code.is_flawed = tree.root_node().has_error();
        (code.lines > 0).then_some(Self::Code(code))
    }
}

impl Code {
    /// The texts: class and digest.
    pub fn texts(&self) -> impl Iterator<Item = (Class, u64)> + '_ {
        self.texts.chunks_exact(ENTRY).map(|entry| {
            let digest: [u8; 8] = entry[1..].try_into().unwrap_or_default();
            (Class::from_code(entry[0]), u64::from_le_bytes(digest))
        })
    }

    /// At least as many as it has tokens, the mark between files counted in.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.tokens.len() + 1
    }

    /// The numbers of the texts, in order.
    pub fn tokens(&self) -> impl Iterator<Item = u32> + '_ {
        Numbers(&self.tokens)
    }

    /// The lines on which tokens begin, in order.
    pub fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        let mut numbers = Numbers(&self.rows);
        let mut line = 0;
        std::iter::from_fn(move || {
            line += numbers.next()?;
            let (tokens, more) = (numbers.next()?, numbers.next()?);
            Some(Row { line, tokens, more })
        })
    }
}

/// Integers of variable length.
struct Numbers<'a>(&'a [u8]);

impl Iterator for Numbers<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for shift in (0..32).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

fn push(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or_default());
}

/// Packs tokens as they come.
struct Packer<'a> {
    bytes: &'a [u8],
    known: HashMap<(Class, &'a [u8]), u32, RandomState>,
    code: Code,
    /// The row that is being filled.
    row: Option<Row>,
    /// The line of the row before it.
    before: u32,
    /// Lines up to this one are counted.
    counted: u32,
}

impl<'a> Packer<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            known: HashMap::default(),
            code: Code::default(),
            row: None,
            before: 0,
            counted: 0,
        }
    }

    fn take(&mut self, token: Token) {
        let text = &self.bytes[token.start..token.end];
        // Some grammars have the line end as a token.
        if text.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let (first, last) = (token.line.saturating_add(1), token.last.saturating_add(1));
        self.code.lines += (last + 1).saturating_sub(first.max(self.counted + 1));
        self.counted = self.counted.max(last);
        let Some(class) = token.class else { return };
        let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        let number = *self.known.entry((class, text)).or_insert(next);
        if number == next {
            self.code.texts.push(class.code());
            self.code
                .texts
                .extend_from_slice(&Digest::of(text).as_bytes()[..8]);
        }
        push(&mut self.code.tokens, number);
        match &mut self.row {
            Some(row) if row.line == first => {
                row.tokens += 1;
                row.more = last - first;
            }
            _ => {
                self.close();
                self.row = Some(Row {
                    line: first,
                    tokens: 1,
                    more: last - first,
                });
            }
        }
    }

    fn close(&mut self) {
        if let Some(row) = self.row.take() {
            for number in [row.line - self.before, row.tokens, row.more] {
                push(&mut self.code.rows, number);
            }
            self.before = row.line;
        }
    }

    fn finish(mut self) -> Code {
        self.close();
        self.code
    }
}
