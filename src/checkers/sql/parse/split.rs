//! Owns how a script is parted into statements, as psql does it: strings, comments, bodies, its own commands, and the data
//! behind `COPY ... FROM stdin`.

use super::cursor::Cursor;
use super::read;
use super::script::{Piece, Script, Unread, What};
use super::statement::Statement;
use super::token::{Kind, Lexer, Token};

/// Parts and reads a script. `span` makes a place of a range of bytes.
pub fn script(
    text: &str,
    span: impl Fn(std::ops::Range<usize>) -> crate::model::place::Span,
) -> Script {
    let mut pieces = Vec::new();
    let mut lexer = Lexer::new(text);
    let mut tokens: Vec<Token> = Vec::new();
    let mut push = |tokens: &[Token], what: Option<What>| {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return;
        };
        pieces.push(Piece {
            span: span(first.start as usize..last.end as usize),
            bytes: (first.start, last.end),
            what: what.unwrap_or_else(|| one(text, tokens, 0)),
        });
    };
    let mut state = Bounds::default();
    while let Some(token) = lexer.next() {
        match token.kind {
            Kind::Meta => {
                let said = slice(text, token).to_owned();
                // `\\g` and its kin run what stands before them, as a semicolon does.
                if said.starts_with("\\g") {
                    push(&tokens, None);
                    tokens.clear();
                    state = Bounds::default();
                }
                push(&[token], Some(What::Meta(said)));
            }
            Kind::Mark if slice(text, token) == ";" && state.is_outside() => {
                push(&tokens, None);
                if is_copy_in(text, &tokens) {
                    lexer.jump(behind_data(text, lexer.at()));
                }
                tokens.clear();
                state = Bounds::default();
            }
            _ => {
                state.see(text, token);
                tokens.push(token);
            }
        }
    }
    push(&tokens, None);
    Script { pieces }
}

fn slice(text: &str, token: Token) -> &str {
    text.get(token.start as usize..token.end as usize)
        .unwrap_or_default()
}

/// Where a semicolon ends no statement: in parentheses, and in a body of the standard.
#[derive(Debug, Default)]
struct Bounds {
    words: usize,
    routine: bool,
    open: u32,
    begun: u32,
}

impl Bounds {
    const fn is_outside(&self) -> bool {
        self.open == 0 && self.begun == 0
    }

    fn see(&mut self, text: &str, token: Token) {
        match token.kind {
            Kind::Mark => match slice(text, token) {
                "(" => self.open += 1,
                ")" => self.open = self.open.saturating_sub(1),
                _ => {}
            },
            Kind::Word => {
                let word = slice(text, token);
                let is = |other: &str| word.eq_ignore_ascii_case(other);
                self.words += 1;
                self.routine |= self.words <= 4 && (is("function") || is("procedure"));
                if self.routine && self.open == 0 {
                    if is("begin") || (self.begun > 0 && is("case")) {
                        self.begun += 1;
                    } else if self.begun > 0 && is("end") {
                        self.begun -= 1;
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_copy_in(text: &str, tokens: &[Token]) -> bool {
    let is = |token: &Token, word: &str| {
        token.kind == Kind::Word && slice(text, *token).eq_ignore_ascii_case(word)
    };
    tokens.first().is_some_and(|first| is(first, "copy"))
        && tokens
            .windows(2)
            .any(|pair| is(&pair[0], "from") && is(&pair[1], "stdin"))
}

/// The byte behind the data that ends with a line `\.`; the data starts on the next line.
fn behind_data(text: &str, from: usize) -> usize {
    let mut at = text
        .get(from..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |line| from + line + 1);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let end = rest.find('\n').map_or(rest.len(), |line| line + 1);
        at += end;
        if rest[..end].trim_end_matches(['\r', '\n']) == "\\." {
            break;
        }
    }
    at
}

/// Reads the tokens of one statement.
#[must_use]
pub fn one(text: &str, tokens: &[Token], depth: usize) -> What {
    if tokens.iter().any(|token| token.kind == Kind::Broken) {
        let open = tokens
            .iter()
            .find(|token| token.kind == Kind::Broken)
            .is_some_and(|token| {
                let text = slice(text, *token);
                let start = text
                    .trim_start_matches(['e', 'E', 'u', 'U', '&', 'b', 'B', 'x', 'X', 'n', 'N']);
                text.len() > 1 && text != "\"\"" && start.starts_with(['\'', '"', '$', '/'])
            });
        let first = tokens.iter().find(|token| token.kind == Kind::Broken);
        let at = first.map_or(0, |token| token.start);
        return What::Unread(if open {
            Unread::Open
        } else {
            Unread::Syntax("something that PostgreSQL knows".to_owned(), at)
        });
    }
    let mut cursor = Cursor::deeper(text, tokens, depth);
    let result = read::statement(&mut cursor).and_then(|statement| {
        if cursor.is_done() {
            Ok(statement)
        } else {
            cursor.wrong("the end of the statement")
        }
    });
    match result {
        Ok(statement) => What::Statement(Box::new(statement)),
        Err(why) => What::Unread(why),
    }
}

/// The statements of a body in SQL, and whether all of it was understood.
#[must_use]
pub fn body(text: &str, depth: usize) -> (Vec<Statement>, bool) {
    let tokens: Vec<Token> = Lexer::of_body(text).collect();
    let mut all = true;
    let mut statements = Vec::new();
    for part in tokens.split(|token| token.kind == Kind::Mark && slice(text, *token) == ";") {
        if part.is_empty() {
            continue;
        }
        match one(text, part, depth + 1) {
            What::Statement(statement) => statements.push(*statement),
            _ => all = false,
        }
    }
    (statements, all)
}
