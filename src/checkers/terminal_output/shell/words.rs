//! Owns the words of a command: what the shell makes of quotes, escapes and expansions before `echo` sees them.
//! Knows no redirection.

use std::ops::Range;

use tree_sitter::Node;

/// What stands in the words of a command; each with the place where it first does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// A character beyond ASCII, written out or as an escape.
    pub non_ascii: Option<usize>,
    /// `$(...)` or backquotes.
    pub substitution: Option<usize>,
    /// `$x`, `${x}`, `$((x))` or `${{ x }}`.
    pub variable: Option<usize>,
    /// A line feed within quotes.
    pub line_feed: Option<usize>,
    /// A backslash sequence that some `echo` replaces.
    pub escape: Option<usize>,
}

/// A script: what is parsed, and what was written.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// With the `${{ }}` expressions masked.
    pub masked: &'a [u8],
    /// As written, of the same length.
    pub written: &'a [u8],
    /// The masked ranges, ascending.
    pub expressions: &'a [Range<usize>],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Double,
    Single,
    Ansi,
    /// The words inside `${x:-...}`: only their characters are looked at.
    Inner,
}

/// Looks into the words of a command. Commands inside `$(...)` are judged on their own.
pub fn look(words: &[Node<'_>], text: Text<'_>) -> Seen {
    let mut seen = Seen::default();
    for &word in words {
        look_into(word, text, &mut seen);
    }
    seen
}

fn look_into(word: Node<'_>, text: Text<'_>, seen: &mut Seen) {
    let range = word.byte_range();
    let first = text.expressions.partition_point(|e| e.end <= range.start);
    if let Some(expression) = text.expressions.get(first)
        && expression.start < range.end
    {
        mark(&mut seen.variable, expression.start.max(range.start));
    }
    // What surrounds the cursor's node: pushed on the way down, popped on the way up.
    let mut quotes = vec![Quote::None];
    let mut cursor = word.walk();
    loop {
        let node = cursor.node();
        let quote = quotes.last().copied().unwrap_or(Quote::None);
        let enter = match node.kind() {
            "command_substitution" => {
                mark(&mut seen.substitution, start_of(node, text));
                None
            }
            "process_substitution" => None,
            "simple_expansion" => {
                mark(&mut seen.variable, start_of(node, text));
                None
            }
            "expansion" | "arithmetic_expansion" => {
                mark(&mut seen.variable, start_of(node, text));
                Some(Quote::Inner)
            }
            "string" => {
                if quote != Quote::Inner {
                    double_quoted(node, text, seen);
                }
                Some(if quote == Quote::Inner {
                    quote
                } else {
                    Quote::Double
                })
            }
            "raw_string" => {
                literal(node.byte_range(), pick(quote, Quote::Single), text, seen);
                None
            }
            "ansi_c_string" => {
                let range = node.byte_range();
                literal(
                    range.start + 1..range.end,
                    pick(quote, Quote::Ansi),
                    text,
                    seen,
                );
                None
            }
            _ if node.child_count() == 0 => {
                // The text in double quotes was read as a whole: the tree leaves gaps in it.
                if quote != Quote::Double {
                    literal(node.byte_range(), quote, text, seen);
                }
                None
            }
            _ => Some(quote),
        };
        if let Some(quote) = enter
            && cursor.goto_first_child()
        {
            quotes.push(quote);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            quotes.pop();
        }
    }
}

const fn pick(around: Quote, own: Quote) -> Quote {
    match around {
        Quote::Inner => Quote::Inner,
        _ => own,
    }
}

/// The text between the expansions of a double-quoted string.
fn double_quoted(string: Node<'_>, text: Text<'_>, seen: &mut Seen) {
    let mut at = string.start_byte() + 1;
    let mut cursor = string.walk();
    for child in string.children(&mut cursor) {
        let expands = matches!(
            child.kind(),
            "simple_expansion" | "expansion" | "arithmetic_expansion" | "command_substitution"
        );
        if expands {
            literal(at..start_of(child, text), Quote::Double, text, seen);
            at = child.end_byte();
        }
    }
    literal(at..string.end_byte(), Quote::Double, text, seen);
}

/// Where a node begins: the grammar counts white space before an expansion to it.
fn start_of(node: Node<'_>, text: Text<'_>) -> usize {
    let range = node.byte_range();
    let blank = text.masked[range.clone()]
        .iter()
        .take_while(|b| b.is_ascii_whitespace());
    range.start + blank.count()
}

/// Reads literal text as the shell does.
fn literal(range: Range<usize>, quote: Quote, text: Text<'_>, seen: &mut Seen) {
    if range.is_empty() {
        return;
    }
    let bytes = &text.masked[range.clone()];
    if let Some(at) = text.written[range.clone()]
        .iter()
        .position(|b| !b.is_ascii())
    {
        mark(&mut seen.non_ascii, range.start + at);
    }
    if quote == Quote::Inner {
        return;
    }
    let mut at = 0;
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied();
        let place = range.start + at;
        match (bytes[at], quote) {
            (b'\n', Quote::Double | Quote::Single | Quote::Ansi) => {
                mark(&mut seen.line_feed, place);
                at += 1;
            }
            (b'\\', Quote::None | Quote::Double) => {
                let (stays, length) = match (next, quote) {
                    (Some(b'\\'), _) => (bytes.get(at + 2).copied(), 2),
                    (Some(b'\n' | b'"' | b'$' | b'`'), Quote::Double) | (Some(_), Quote::None) => {
                        (None, 2)
                    }
                    (other, _) => (other, 1),
                };
                escape(stays, &bytes[(at + length).min(bytes.len())..], place, seen);
                at += length;
            }
            (b'\\', Quote::Single) => {
                escape(next, &bytes[at + 1..], place, seen);
                at += 2;
            }
            (b'\\', Quote::Ansi) => {
                if !matches!(next, Some(b'\'' | b'"' | b'\\' | b'?')) {
                    escape(next, &bytes[at + 1..], place, seen);
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
}

/// A backslash that reaches `echo`, before the character `next`; `rest` begins with that character.
fn escape(next: Option<u8>, rest: &[u8], at: usize, seen: &mut Seen) {
    let Some(next) = next else { return };
    if b"abceEfnrtv0xuU\\".contains(&next) {
        mark(&mut seen.escape, at);
    }
    if escapes_to_non_ascii(rest) {
        mark(&mut seen.non_ascii, at);
    }
}

/// Is what follows a backslash the escape of a character or byte beyond ASCII: `u2705`, `xe2`, `342`, `0342`?
pub fn escapes_to_non_ascii(rest: &[u8]) -> bool {
    let Some(&kind) = rest.first() else {
        return false;
    };
    let (radix, most, from) = match kind {
        b'u' => (16, 4, 1),
        b'U' => (16, 8, 1),
        b'x' => (16, 2, 1),
        b'0' => (8, 3, 1),
        b'1'..=b'3' => (8, 3, 0),
        _ => return false,
    };
    let digits = rest[from..]
        .iter()
        .take(most)
        .map_while(|&b| char::from(b).to_digit(radix));
    digits.fold(0_u32, |value, digit| value.saturating_mul(radix) + digit) > 0x7f
}

const fn mark(place: &mut Option<usize>, at: usize) {
    if place.is_none() {
        *place = Some(at);
    }
}
