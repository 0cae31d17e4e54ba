//! Owns the expressions of GitHub workflows: the text between `${{` and `}}` as a tree. Knows no rule and no context.

use std::ops::Range;

/// The deepest nesting that is read.
const DEEPEST: usize = 40;
/// The most operators and dots of one expression.
const MOST_LINKS: usize = 1_000;

/// An expression. Names are kept as written; GitHub compares them without regard to case.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A string, its quotes taken away.
    Text(String),
    /// `github.event['x'].*`: a context, and what is taken of it.
    Path(Path),
    /// `contains(a, b)`, and what is taken of its result.
    Call(Call),
    /// `!a`
    Not(Box<Self>),
    /// `a == b`, and its like.
    Compare(&'static str, Box<Self>, Box<Self>),
    /// `a && b`
    And(Box<Self>, Box<Self>),
    /// `a || b`
    Or(Box<Self>, Box<Self>),
}

/// What is taken of a context.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The context.
    pub root: String,
    /// What is taken of it, part by part.
    pub parts: Vec<Part>,
    /// Where it begins.
    pub at: usize,
}

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Expr>,
    /// What is taken of the result.
    pub parts: Vec<Part>,
    /// Where it begins.
    pub at: usize,
}

/// One step into an object or a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// `.name`, `['name']`
    Name(String),
    /// `.*`, `[*]`
    All,
    /// `[0]`, `[matrix.x]`
    At(Box<Expr>),
}

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The byte offset in the expression.
    pub at: usize,
    /// What is wrong.
    pub what: String,
}

impl Path {
    /// `github.event.issue.title`, in lower case; a part that is no name is `*`.
    #[must_use]
    pub fn dotted(&self) -> String {
        let mut dotted = self.root.to_ascii_lowercase();
        for part in &self.parts {
            dotted.push('.');
            match part {
                Part::Name(name) => dotted.push_str(&name.to_ascii_lowercase()),
                Part::All | Part::At(_) => dotted.push('*'),
            }
        }
        dotted
    }

    /// The name of the part at `index`, if it is one.
    #[must_use]
    pub fn name(&self, index: usize) -> Option<&str> {
        match self.parts.get(index)? {
            Part::Name(name) => Some(name),
            Part::All | Part::At(_) => None,
        }
    }
}

impl Expr {
    /// Reads an expression, without the `${{` and `}}`.
    ///
    /// # Errors
    /// Says where the text leaves the grammar.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut parser = Parser {
            text,
            at: 0,
            depth: 0,
            links: 0,
        };
        let expr = parser.or()?;
        parser.blanks();
        match parser.rest().chars().next() {
            None => Ok(expr),
            Some('=') => Err(parser.problem("`=` is no operator; `==` compares")),
            Some('&') => Err(parser.problem("`&` is no operator; `&&` is")),
            Some('|') => Err(parser.problem("`|` is no operator; `||` is")),
            Some('+' | '-' | '/' | '%' | '?') => {
                Err(parser.problem("there is no arithmetic and no `? :` in expressions"))
            }
            Some(_) => Err(parser.problem("an operator is missing, or the text ends too late")),
        }
    }

    /// Calls `visit` with this expression and each one below it.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::Not(one) => one.walk(visit),
            Self::Compare(_, a, b) | Self::And(a, b) | Self::Or(a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            Self::Call(call) => {
                for argument in &call.arguments {
                    argument.walk(visit);
                }
                walk_parts(&call.parts, visit);
            }
            Self::Path(path) => walk_parts(&path.parts, visit),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => {}
        }
    }

    /// Is it the path `dotted`, written in lower case?
    #[must_use]
    pub fn is_path(&self, dotted: &str) -> bool {
        matches!(self, Self::Path(path) if path.dotted() == dotted)
    }
}

fn walk_parts<'a>(parts: &'a [Part], visit: &mut impl FnMut(&'a Expr)) {
    for part in parts {
        if let Part::At(index) = part {
            index.walk(visit);
        }
    }
}

/// The byte ranges of the `${{ ... }}` expressions in a text. A string may hold braces.
#[must_use]
pub fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("${{").map(|found| at + found) {
        let rest = &text[start + 3..];
        let Some(length) = closing(rest) else { break };
        at = start + 3 + length + 2;
        ranges.push(start..at);
    }
    ranges
}

/// Where the `}}` stands that is in no string; where strings are not closed, the first one.
fn closing(text: &str) -> Option<usize> {
    let first = text.find("}}")?;
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'}' if !quoted && text[at..].starts_with("}}") => return Some(at),
            _ => {}
        }
    }
    Some(first)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Operators so far.
    links: usize,
}

type Read<T> = Result<T, Problem>;

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn problem(&self, what: impl Into<String>) -> Problem {
        Problem {
            at: self.at,
            what: what.into(),
        }
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.problem("the expression is nested too deeply"));
        }
        let done = read(self);
        self.depth -= 1;
        done
    }

    fn or(&mut self) -> Read<Expr> {
        let mut left = self.and()?;
        while self.take("||") {
            self.linked()?;
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Read<Expr> {
        let mut left = self.comparison()?;
        while self.take("&&") {
            self.linked()?;
            left = Expr::And(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    /// Each operator may make the tree deeper, which is walked by calls.
    fn linked(&mut self) -> Read<()> {
        self.links += 1;
        if self.links > MOST_LINKS {
            return Err(self.problem("the expression has too many parts"));
        }
        Ok(())
    }

    fn comparison(&mut self) -> Read<Expr> {
        let mut left = self.unary()?;
        loop {
            let operators = ["==", "!=", "<=", ">=", "<", ">"];
            let Some(operator) = operators.into_iter().find(|sign| self.take(sign)) else {
                return Ok(left);
            };
            self.linked()?;
            left = Expr::Compare(operator, Box::new(left), Box::new(self.unary()?));
        }
    }

    fn unary(&mut self) -> Read<Expr> {
        self.blanks();
        if self.rest().starts_with('!') && !self.rest().starts_with("!=") {
            self.at += 1;
            return Ok(Expr::Not(Box::new(self.deeper(Self::unary)?)));
        }
        self.primary()
    }

    fn primary(&mut self) -> Read<Expr> {
        self.blanks();
        let start = self.at;
        match self.rest().chars().next() {
            None => Err(self.problem("the expression ends too early")),
            Some('(') => {
                self.at += 1;
                let inner = self.deeper(Self::or)?;
                if !self.take(")") {
                    return Err(self.problem("a `)` is missing"));
                }
                // GitHub takes members of calls and contexts only; of a group it takes them as well.
                self.parts()?;
                Ok(inner)
            }
            Some('\'') => self.string(),
            Some('"') => Err(self.problem("strings stand in single quotes")),
            Some('0'..='9' | '-' | '+' | '.') => self.number(),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.name();
                if self.take("(") {
                    let arguments = self.deeper(Self::arguments)?;
                    let parts = self.parts()?;
                    return Ok(Expr::Call(Call {
                        name,
                        arguments,
                        parts,
                        at: start,
                    }));
                }
                let parts = self.parts()?;
                Ok(match name.as_str() {
                    "true" if parts.is_empty() => Expr::Bool(true),
                    "false" if parts.is_empty() => Expr::Bool(false),
                    "null" if parts.is_empty() => Expr::Null,
                    "NaN" | "Infinity" if parts.is_empty() => Expr::Number(name),
                    _ => Expr::Path(Path {
                        root: name,
                        parts,
                        at: start,
                    }),
                })
            }
            Some('$') if self.rest().starts_with("${{") => {
                Err(self.problem("an expression stands in an expression"))
            }
            Some(_) => Err(self.problem("a value is missing here")),
        }
    }

    fn arguments(&mut self) -> Read<Vec<Expr>> {
        let mut arguments = Vec::new();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.or()?);
            if self.take(")") {
                return Ok(arguments);
            }
            if !self.take(",") {
                return Err(self.problem("a `,` or a `)` is missing"));
            }
        }
    }

    fn parts(&mut self) -> Read<Vec<Part>> {
        let mut parts = Vec::new();
        loop {
            if self.take(".") {
                self.linked()?;
                self.blanks();
                if self.take("*") {
                    parts.push(Part::All);
                    continue;
                }
                let name = self.name();
                if name.is_empty() {
                    return Err(self.problem("a name is missing behind the dot"));
                }
                parts.push(Part::Name(name));
            } else if self.take("[") {
                self.linked()?;
                self.blanks();
                let part = if self.take("*") {
                    Part::All
                } else {
                    match self.deeper(Self::or)? {
                        Expr::Text(name) => Part::Name(name),
                        index => Part::At(Box::new(index)),
                    }
                };
                if !self.take("]") {
                    return Err(self.problem("a `]` is missing"));
                }
                parts.push(part);
            } else {
                return Ok(parts);
            }
        }
    }

    fn name(&mut self) -> String {
        let rest = self.rest();
        let first = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        let length = if first {
            rest.find(ends).unwrap_or(rest.len())
        } else {
            0
        };
        self.at += length;
        rest[..length].to_owned()
    }

    fn string(&mut self) -> Read<Expr> {
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(end) = rest.find('\'') else {
                self.at = start;
                return Err(self.problem("the string is not closed"));
            };
            text.push_str(&rest[..end]);
            self.at += end + 1;
            if !self.rest().starts_with('\'') {
                return Ok(Expr::Text(text));
            }
            text.push('\'');
            self.at += 1;
        }
    }

    fn number(&mut self) -> Read<Expr> {
        let rest = self.rest();
        let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let digits = word.trim_start_matches(['-', '+']);
        let based = |prefix: &str, radix| {
            digits
                .strip_prefix(prefix)
                .is_some_and(|digits| u64::from_str_radix(digits, radix).is_ok())
        };
        let plain = digits.parse::<f64>().is_ok() || word == "-Infinity";
        if !(plain || based("0x", 16) || based("0o", 8)) {
            return Err(self.problem("this is no number"));
        }
        self.at += word.len();
        Ok(Expr::Number(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(expr: &Expr) -> String {
        match expr {
            Expr::Null => "null".to_owned(),
            Expr::Bool(value) => value.to_string(),
            Expr::Number(text) => text.clone(),
            Expr::Text(text) => format!("'{text}'"),
            Expr::Path(path) => path.dotted(),
            Expr::Call(call) => {
                let arguments: Vec<String> = call.arguments.iter().map(shown).collect();
                format!("{}({})", call.name, arguments.join(","))
            }
            Expr::Not(one) => format!("!{}", shown(one)),
            Expr::Compare(sign, a, b) => format!("({}{sign}{})", shown(a), shown(b)),
            Expr::And(a, b) => format!("({}&&{})", shown(a), shown(b)),
            Expr::Or(a, b) => format!("({}||{})", shown(a), shown(b)),
        }
    }

    fn check(text: &str, expected: &str) {
        let found = match Expr::parse(text) {
            Ok(expr) => shown(&expr),
            Err(problem) => format!("{}: {}", problem.at, problem.what),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn expressions() {
        check(" github.event['Issue'].title ", "github.event.issue.title");
        check("a && b || !c", "((a&&b)||!c)");
        check(
            "contains(github.event.*.labels, 'it''s') == true",
            "(contains(github.event.*.labels,'it's')==true)",
        );
        check("matrix[env.X][0] != -1.5e3", "(matrix.*.*!=-1.5e3)");
        check("(a || b) && 0xff", "((a||b)&&0xff)");
        check("success()", "success()");
        check("fromJSON(inputs.x).y", "fromJSON(inputs.x)");
        check(
            "github.event.pull_request.head.repo.full_name == github.repository && 'x' || ''",
            "(((github.event.pull_request.head.repo.full_name==github.repository)&&'x')||'')",
        );
    }

    #[test]
    fn problems() {
        check("", "0: the expression ends too early");
        check("a = 1", "2: `=` is no operator; `==` compares");
        check("a == \"x\"", "5: strings stand in single quotes");
        check(
            "a b",
            "2: an operator is missing, or the text ends too late",
        );
        check("f(a", "3: a `,` or a `)` is missing");
        check("a.", "2: a name is missing behind the dot");
        check("'x", "0: the string is not closed");
        check(
            "a + 1",
            "2: there is no arithmetic and no `? :` in expressions",
        );
        check("1x", "0: this is no number");
        for hostile in ["(", "!", "a[", "f(", "a.", "a||", "a==", "[", "'"] {
            assert!(Expr::parse(&hostile.repeat(99_999)).is_err());
        }
    }

    #[test]
    fn places_in_a_text() {
        assert_eq!(
            ranges("a ${{ x }} ${y} ${{ format('{0}}}', z) }}b ${{ open"),
            [2..10, 16..41]
        );
        assert_eq!(ranges("${{ it's }} ${{ b }}"), [0..11, 12..20]);
    }
}
