//! Owns the cursor over a statement's tokens, and the bound on how deep anything may nest. Knows no statement.

use std::cell::OnceCell;

use super::expr::Name;
use super::script::Unread;
use super::token::{Kind, Token};
use super::words;

/// Nothing that nests deeper than this is read. Measured to be safe on a thread with a stack of 2 MiB in an unoptimised
/// build.
pub const DEEPEST: usize = 100;

/// What was read is no tree higher than this: a chain of operators is read without nesting, and is as high as it is long.
const HIGHEST: usize = 400;

/// What was read, or why it could not be.
pub type Read<T> = Result<T, Unread>;

/// A cursor over the tokens of one statement.
#[derive(Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    height: usize,
    pairs: OnceCell<Vec<usize>>,
}

impl<'a> Cursor<'a> {
    /// A cursor for a body within this statement: what it nests counts on top of what is nested already.
    #[must_use]
    pub const fn deeper(text: &'a str, tokens: &'a [Token], depth: usize) -> Self {
        Self {
            text,
            tokens,
            at: 0,
            depth,
            height: 0,
            pairs: OnceCell::new(),
        }
    }

    /// How deep the cursor is nested.
    pub const fn depth(&self) -> usize {
        self.depth
    }

    /// Runs `read` one level deeper, and holds what it gives to the bound.
    pub fn nest<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEEPEST {
            return Err(Unread::Deep);
        }
        let before = std::mem::replace(&mut self.height, 0);
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        self.grow()?;
        self.height = self.height.max(before);
        result
    }

    /// What is being read has one level more.
    pub fn grow(&mut self) -> Read<()> {
        self.height += 1;
        if self.height > HIGHEST {
            return Err(Unread::Deep);
        }
        Ok(())
    }

    /// The token `ahead` of the cursor.
    pub fn token(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    /// The text of a token.
    pub fn slice(&self, token: Token) -> &'a str {
        self.text
            .get(token.start as usize..token.end as usize)
            .unwrap_or_default()
    }

    /// The text of the token at a mark; empty at the end.
    pub fn slice_at(&self, mark: usize) -> &'a str {
        self.tokens.get(mark).map_or("", |token| self.slice(*token))
    }

    /// The text of the token `ahead`; empty at the end.
    pub fn peek(&self, ahead: usize) -> &'a str {
        self.token(ahead).map_or("", |token| self.slice(token))
    }

    /// The kind of the token `ahead`.
    pub fn kind(&self, ahead: usize) -> Option<Kind> {
        self.token(ahead).map(|token| token.kind)
    }

    /// Where the cursor stands, to come back.
    pub const fn mark(&self) -> usize {
        self.at
    }

    /// Goes back.
    pub const fn back(&mut self, mark: usize) {
        self.at = mark;
    }

    /// Goes on by one token.
    pub const fn bump(&mut self) {
        self.at += 1;
    }

    /// Is everything read?
    pub const fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The byte at which the cursor stands.
    pub fn offset(&self) -> u32 {
        match self.token(0) {
            Some(token) => token.start,
            None => self.tokens.last().map_or(0, |token| token.end),
        }
    }

    /// The text from a mark to the cursor.
    pub fn since(&self, mark: usize) -> &'a str {
        let (Some(first), Some(last)) = (
            self.tokens.get(mark),
            self.at.checked_sub(1).and_then(|at| self.tokens.get(at)),
        ) else {
            return "";
        };
        self.text
            .get(first.start as usize..last.end as usize)
            .unwrap_or_default()
    }

    /// Something else was expected here.
    pub fn wrong<T>(&self, expected: &str) -> Read<T> {
        Err(Unread::Syntax(expected.to_owned(), self.offset()))
    }

    /// Is the token `ahead` this keyword?
    pub fn is_at(&self, ahead: usize, word: &str) -> bool {
        self.token(ahead).is_some_and(|token| {
            token.kind == Kind::Word && self.slice(token).eq_ignore_ascii_case(word)
        })
    }

    /// Is this keyword next?
    pub fn is(&self, word: &str) -> bool {
        self.is_at(0, word)
    }

    /// Is one of these keywords next?
    pub fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Takes the keyword, if it is next.
    pub fn eat(&mut self, word: &str) -> bool {
        let there = self.is(word);
        self.at += usize::from(there);
        there
    }

    /// Takes all of these keywords, or none.
    pub fn eat_all(&mut self, words: &[&str]) -> bool {
        let there = words
            .iter()
            .enumerate()
            .all(|(ahead, word)| self.is_at(ahead, word));
        if there {
            self.at += words.len();
        }
        there
    }

    /// Takes one of these keywords, and says which.
    pub fn eat_any<'w>(&mut self, words: &[&'w str]) -> Option<&'w str> {
        let found = words.iter().copied().find(|word| self.is(word))?;
        self.at += 1;
        Some(found)
    }

    /// Takes the keyword; it must be next.
    pub fn expect(&mut self, word: &str) -> Read<()> {
        if self.eat(word) {
            Ok(())
        } else {
            self.wrong(word)
        }
    }

    /// Is this mark or operator next?
    pub fn at_sign(&self, sign: &str) -> bool {
        self.sign_at(0, sign)
    }

    /// Is the token `ahead` this mark or operator?
    pub fn sign_at(&self, ahead: usize, sign: &str) -> bool {
        self.token(ahead).is_some_and(|token| {
            matches!(token.kind, Kind::Mark | Kind::Op) && self.slice(token) == sign
        })
    }

    /// Takes the mark or operator, if it is next.
    pub fn sign(&mut self, sign: &str) -> bool {
        let there = self.at_sign(sign);
        self.at += usize::from(there);
        there
    }

    /// Takes the mark or operator; it must be next.
    pub fn expect_sign(&mut self, sign: &str) -> Read<()> {
        if self.sign(sign) {
            Ok(())
        } else {
            self.wrong(sign)
        }
    }

    /// Skips to the parenthesis that closes the one behind the cursor's last token, and takes it.
    pub fn skip_closed(&mut self) -> Read<()> {
        let mut open = 1_usize;
        while let Some(token) = self.token(0) {
            self.at += 1;
            if token.kind == Kind::Mark {
                match self.slice(token) {
                    "(" | "[" => open += 1,
                    ")" | "]" => open -= 1,
                    _ => {}
                }
                if open == 0 {
                    return Ok(());
                }
            }
        }
        self.wrong(")")
    }

    /// How far behind the opening parenthesis `ahead` the one stands that closes it.
    pub fn closing(&self, ahead: usize) -> usize {
        let pairs = self.pairs.get_or_init(|| self.paired());
        let at = self.at + ahead;
        pairs.get(at).map_or(0, |end| end.saturating_sub(at))
    }

    /// For each opening parenthesis the place of the one that closes it.
    fn paired(&self) -> Vec<usize> {
        let mut pairs = vec![self.tokens.len(); self.tokens.len()];
        let mut open = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            if token.kind == Kind::Mark {
                match self.slice(*token) {
                    "(" => open.push(at),
                    ")" => {
                        if let Some(start) = open.pop() {
                            pairs[start] = at;
                        }
                    }
                    _ => {}
                }
            }
        }
        pairs
    }

    /// Skips to the end of the statement.
    pub const fn skip_rest(&mut self) {
        self.at = self.tokens.len();
    }

    /// What `read` reads, again and again, between commas.
    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut all = vec![read(self)?];
        while self.sign(",") {
            all.push(read(self)?);
        }
        Ok(all)
    }

    /// As [`Cursor::list`], in parentheses.
    pub fn closed_list<T>(&mut self, read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        self.expect_sign("(")?;
        let all = self.list(read)?;
        self.expect_sign(")")?;
        Ok(all)
    }

    /// Names of columns in parentheses, if they are next.
    pub fn columns(&mut self) -> Read<Vec<String>> {
        if self.at_sign("(") {
            self.closed_list(Self::ident)
        } else {
            Ok(Vec::new())
        }
    }

    /// Could a name be next?
    pub fn is_ident(&self) -> bool {
        match self.kind(0) {
            Some(Kind::Quoted) => true,
            Some(Kind::Word) => !words::is_no_column(self.peek(0)),
            _ => false,
        }
    }

    /// A name.
    pub fn ident(&mut self) -> Read<String> {
        if self.is_ident() {
            self.label()
        } else {
            self.wrong("a name")
        }
    }

    /// A word that may be a keyword, or a quoted name.
    pub fn label(&mut self) -> Read<String> {
        let Some(token) = self.token(0) else {
            return self.wrong("a name");
        };
        let name = match token.kind {
            Kind::Word => self.slice(token).to_ascii_lowercase(),
            Kind::Quoted => unquoted(self.slice(token)),
            _ => return self.wrong("a name"),
        };
        self.at += 1;
        self.escape_word(token);
        Ok(truncated(name))
    }

    /// `UESCAPE`, behind what begins with `U&`.
    fn escape_word(&mut self, token: Token) {
        let unicode = self.slice(token).as_bytes().get(1) == Some(&b'&');
        if unicode && self.is("uescape") && self.kind(1) == Some(Kind::Text) {
            self.at += 2;
        }
    }

    /// A name, maybe qualified.
    pub fn name(&mut self) -> Read<Name> {
        let mut name = vec![self.ident()?];
        self.qualified(&mut name)?;
        Ok(name)
    }

    /// A name that may be a word that names functions and types only.
    pub fn function_name(&mut self) -> Read<Name> {
        if self.kind(0) == Some(Kind::Word) && words::is_reserved(self.peek(0)) {
            return self.wrong("a name");
        }
        let mut name = vec![self.label()?];
        self.qualified(&mut name)?;
        Ok(name)
    }

    fn qualified(&mut self, name: &mut Name) -> Read<()> {
        while self.at_sign(".") && !self.sign_at(1, "*") {
            self.at += 1;
            name.push(self.label()?);
            if name.len() > 8 {
                return self.wrong("a shorter name");
            }
        }
        Ok(())
    }

    /// A role: a name, `public`, or one of the words for the current one.
    pub fn role(&mut self) -> Read<String> {
        self.eat("group");
        if self.is_any(&["current_user", "session_user", "current_role"]) {
            return self.label();
        }
        self.ident()
    }

    /// A string.
    pub fn string(&mut self) -> Read<String> {
        let Some(token) = self.token(0) else {
            return self.wrong("a string");
        };
        let text = match token.kind {
            Kind::Text | Kind::Dollar => super::literal::value(self.slice(token)),
            _ => return self.wrong("a string"),
        };
        self.at += 1;
        self.escape_word(token);
        let mut text = text;
        // Strings on lines of their own are one.
        let mut end = token.end;
        let adjacent = |next: &Token| token.kind == Kind::Text && next.kind == Kind::Text;
        while let Some(next) = self.token(0).filter(adjacent) {
            let between = self.text.get(end as usize..next.start as usize);
            if !between
                .is_some_and(|between| between.contains(['\n', '\r']) && !between.contains("/*"))
            {
                break;
            }
            text.push_str(&super::literal::value(self.slice(next)));
            end = next.end;
            self.at += 1;
        }
        Ok(text)
    }

    /// Is a string next?
    pub fn is_string(&self) -> bool {
        matches!(self.kind(0), Some(Kind::Text | Kind::Dollar))
    }

    /// `IF EXISTS`, if it is next.
    pub fn if_exists(&mut self) -> bool {
        self.eat_all(&["if", "exists"])
    }

    /// `IF NOT EXISTS`, if it is next.
    pub fn if_not_exists(&mut self) -> bool {
        self.eat_all(&["if", "not", "exists"])
    }

    /// `CASCADE` or `RESTRICT`, if one is next: is it the first?
    pub fn cascade(&mut self) -> bool {
        self.eat_any(&["cascade", "restrict"]) == Some("cascade")
    }
}

/// The name in double quotes.
fn unquoted(text: &str) -> String {
    let inner = text
        .find('"')
        .and_then(|at| text.get(at + 1..text.len().saturating_sub(1)))
        .unwrap_or_default();
    inner.replace("\"\"", "\"")
}

/// A name cut to the 63 bytes that the server keeps.
#[must_use]
pub fn truncated(mut name: String) -> String {
    if name.len() > 63 {
        let mut end = 63;
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name.truncate(end);
    }
    name
}
