//! Owns the tokens of PostgreSQL: what the server's scanner and psql tell apart. Knows no statement.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word without quotes: a keyword or a name that folds to lower case.
    Word,
    /// A name in double quotes.
    Quoted,
    /// A string in single quotes, its prefix (`E`, `U&`, `B`, `X`, `N`) included.
    Text,
    /// A string in dollar quotes.
    Dollar,
    /// A number.
    Number,
    /// `$1`.
    Param,
    /// An operator, and `:=`, `=>`.
    Op,
    /// One of `( ) [ ] , ; . :` and `::`.
    Mark,
    /// A command of psql, to the end of its line.
    Meta,
    /// A string or a comment without an end, or a byte that starts nothing.
    Broken,
}

/// A token and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: u32,
    /// The byte behind it.
    pub end: u32,
}

/// Reads tokens one after the other, in linear time.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Is a backslash a command of psql? Not so inside a function's body.
    meta: bool,
}

impl<'a> Lexer<'a> {
    /// A lexer of a script, which psql could read.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            meta: true,
        }
    }

    /// A lexer of a function's body.
    #[must_use]
    pub const fn of_body(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            meta: false,
        }
    }

    /// Where the next token is looked for.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Goes on from another place.
    pub const fn jump(&mut self, at: usize) {
        self.at = at;
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// The byte behind the first `end` from `from` on.
    fn behind(&self, from: usize, end: &[u8]) -> Option<usize> {
        let rest = self.bytes().get(from..)?;
        let found = memchr_all(rest, end)?;
        Some(from + found + end.len())
    }

    /// Skips white space and comments. `false` when a comment has no end.
    fn skip(&mut self) -> bool {
        loop {
            match self.peek(0) {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.at += 1,
                0xef if self.bytes()[self.at..].starts_with(b"\xef\xbb\xbf") => self.at += 3,
                b'-' if self.peek(1) == b'-' => {
                    self.at = self.behind(self.at, b"\n").unwrap_or(self.bytes().len());
                }
                b'/' if self.peek(1) == b'*' => {
                    if !self.skip_block() {
                        return false;
                    }
                }
                _ => return true,
            }
        }
    }

    /// Skips a comment in `/* */`, which may hold others.
    fn skip_block(&mut self) -> bool {
        let mut depth = 0_u32;
        while self.at < self.bytes().len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return true;
                    }
                }
                _ => self.at += 1,
            }
        }
        false
    }

    fn while_word(&mut self) {
        while is_word(self.peek(0)) {
            self.at += 1;
        }
    }

    /// Ends a text in quotes of this kind; two in a row stand for one.
    fn quoted(&mut self, quote: u8, escapes: bool) -> bool {
        self.at += 1;
        let bytes = self.bytes();
        while let Some(&byte) = bytes.get(self.at) {
            self.at += 1;
            if byte == b'\\' && escapes {
                self.at += 1;
            } else if byte == quote {
                if self.peek(0) != quote {
                    return true;
                }
                self.at += 1;
            }
        }
        self.at = self.at.min(bytes.len());
        false
    }

    fn text(&mut self, escapes: bool) -> Kind {
        if self.quoted(b'\'', escapes) {
            Kind::Text
        } else {
            Kind::Broken
        }
    }

    /// A string in dollar quotes; `None` where the dollar starts none.
    fn dollar(&mut self) -> Option<Kind> {
        let bytes = self.bytes();
        let start = self.at;
        let mut end = start + 1;
        if bytes.get(end).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        while bytes.get(end).is_some_and(|&b| is_word(b) && b != b'$') {
            end += 1;
        }
        if bytes.get(end) != Some(&b'$') {
            return None;
        }
        let tag = &bytes[start..=end];
        let Some(behind) = self.behind(end + 1, tag) else {
            self.at = bytes.len();
            return Some(Kind::Broken);
        };
        self.at = behind;
        Some(Kind::Dollar)
    }

    /// Takes digits with single underscores between them; `false` where there is none.
    fn digits(&mut self, is: impl Fn(u8) -> bool) -> bool {
        let start = self.at;
        loop {
            if is(self.peek(0)) {
                self.at += 1;
            } else if self.at > start && self.peek(0) == b'_' && is(self.peek(1)) {
                self.at += 2;
            } else {
                return self.at > start;
            }
        }
    }

    fn number(&mut self) -> Kind {
        let decimal = |byte: u8| byte.is_ascii_digit();
        let based = if self.peek(0) == b'0' {
            self.peek(1)
        } else {
            0
        };
        let is = match based {
            b'x' | b'X' => Some((|byte: u8| byte.is_ascii_hexdigit()) as fn(u8) -> bool),
            b'o' | b'O' => Some((|byte: u8| matches!(byte, b'0'..=b'7')) as fn(u8) -> bool),
            b'b' | b'B' => Some((|byte: u8| matches!(byte, b'0' | b'1')) as fn(u8) -> bool),
            _ => None,
        };
        if let Some(is) = is {
            self.at += 2;
            if self.peek(0) == b'_' {
                self.at += 1;
            }
            if !self.digits(is) {
                self.while_word();
                return Kind::Broken;
            }
        } else {
            self.digits(decimal);
            if self.peek(0) == b'.' && self.peek(1) != b'.' {
                self.at += 1;
                self.digits(decimal);
            }
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if matches!(self.peek(0), b'e' | b'E') && self.peek(1 + sign).is_ascii_digit() {
                self.at += 1 + sign;
                self.digits(decimal);
            }
        }
        self.ended(Kind::Number)
    }

    /// Something with a digit at its end: what goes on like a word is neither.
    fn ended(&mut self, kind: Kind) -> Kind {
        if is_word(self.peek(0)) && self.peek(0) != b'$' {
            self.while_word();
            return Kind::Broken;
        }
        kind
    }

    fn op(&mut self) -> Kind {
        let start = self.at;
        while is_op(self.peek(0)) {
            let comment = matches!((self.peek(0), self.peek(1)), (b'-', b'-') | (b'/', b'*'));
            if comment {
                break;
            }
            self.at += 1;
        }
        // Several characters end in a sign only where one of them is in no operator of standard SQL: `a=-1`.
        let bytes = self.bytes();
        let special = |b: &u8| {
            matches!(
                b,
                b'~' | b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'|' | b'`' | b'?'
            )
        };
        if !bytes[start..self.at].iter().any(special) {
            while self.at > start + 1 && matches!(bytes[self.at - 1], b'+' | b'-') {
                self.at -= 1;
            }
        }
        Kind::Op
    }

    fn one(&mut self, kind: Kind, length: usize) -> Kind {
        self.at += length;
        kind
    }

    fn scan(&mut self) -> Kind {
        let (byte, next) = (self.peek(0), self.peek(1));
        match byte {
            b'\'' => self.text(false),
            b'e' | b'E' if next == b'\'' => {
                self.at += 1;
                self.text(true)
            }
            b'b' | b'B' | b'x' | b'X' | b'n' | b'N' if next == b'\'' => {
                self.at += 1;
                self.text(false)
            }
            b'u' | b'U' if next == b'&' && matches!(self.peek(2), b'\'' | b'"') => {
                let quote = self.peek(2);
                self.at += 2;
                match (self.quoted(quote, false), quote) {
                    (false, _) => Kind::Broken,
                    (true, b'"') => Kind::Quoted,
                    (true, _) => Kind::Text,
                }
            }
            b'"' => {
                let start = self.at;
                let whole = self.quoted(b'"', false) && self.at > start + 2;
                if whole { Kind::Quoted } else { Kind::Broken }
            }
            b'$' => match self.dollar() {
                Some(kind) => kind,
                None if next.is_ascii_digit() => {
                    self.at += 1;
                    self.digits(|byte| byte.is_ascii_digit());
                    self.ended(Kind::Param)
                }
                None => self.one(Kind::Broken, 1),
            },
            b'0'..=b'9' => self.number(),
            b'.' if next.is_ascii_digit() => {
                self.at += 1;
                self.number()
            }
            b'.' if next == b'.' => self.one(Kind::Op, 2),
            b':' if next == b':' => self.one(Kind::Mark, 2),
            b':' if next == b'=' => self.one(Kind::Op, 2),
            b'(' | b')' | b'[' | b']' | b',' | b';' | b'.' | b':' => self.one(Kind::Mark, 1),
            b'\\' if self.meta => {
                let rest = &self.bytes()[self.at..];
                let line = rest.iter().position(|&b| b == b'\n');
                self.one(Kind::Meta, line.unwrap_or(rest.len()))
            }
            _ if is_op(byte) => self.op(),
            _ if is_word(byte) && byte != b'$' => {
                self.while_word();
                Kind::Word
            }
            _ => self.one(Kind::Broken, 1),
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let ended = self.skip();
        if self.at >= self.bytes().len() && ended {
            return None;
        }
        let start = self.at;
        if !ended {
            self.at = self.bytes().len();
            return Some(Token {
                kind: Kind::Broken,
                start: place(start.saturating_sub(1)),
                end: place(self.at),
            });
        }
        let kind = self.scan();
        Some(Token {
            kind,
            start: place(start),
            end: place(self.at),
        })
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

const fn is_op(byte: u8) -> bool {
    matches!(
        byte,
        b'+' | b'-'
            | b'*'
            | b'/'
            | b'<'
            | b'>'
            | b'='
            | b'~'
            | b'!'
            | b'@'
            | b'#'
            | b'%'
            | b'^'
            | b'&'
            | b'|'
            | b'`'
            | b'?'
    )
}

/// Where `needle` is first found.
fn memchr_all(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(found) = hay.get(from..)?.iter().position(|&b| b == first) {
        if hay[from + found..].starts_with(needle) {
            return Some(from + found);
        }
        from += found + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expected: &str) {
        let seen: Vec<String> = Lexer::new(sql)
            .map(|t| format!("{:?}:{}", t.kind, &sql[t.start as usize..t.end as usize]))
            .collect();
        assert_eq!(seen.join(" "), expected);
    }

    #[test]
    fn tokens() {
        check(
            "select a.b::int",
            "Word:select Word:a Mark:. Word:b Mark::: Word:int",
        );
        check(
            "'it''s' E'a\\'b' \"x\"\"y\"",
            "Text:'it''s' Text:E'a\\'b' Quoted:\"x\"\"y\"",
        );
        check(
            "$$a;b$$ $t$ $$ $t$ $1",
            "Dollar:$$a;b$$ Dollar:$t$ $$ $t$ Param:$1",
        );
        check(
            "a->>'b' -- c\n/* /* x */ */ <= 1.5e-3",
            "Word:a Op:->> Text:'b' Op:<= Number:1.5e-3",
        );
        check("\\connect x\nselect", "Meta:\\connect x Word:select");
        check("'open", "Broken:'open");
        assert_eq!(
            Lexer::new("/* open").map(|t| t.kind).last(),
            Some(Kind::Broken)
        );
        check("1..2 a:=b", "Number:1 Op:.. Number:2 Word:a Op::= Word:b");
    }
}
