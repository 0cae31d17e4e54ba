//! Owns how bodies in PL/pgSQL are read: blocks, branches, loops, and the statements of SQL among them.

use std::borrow::Cow;

use super::body::{Block, Step};
use super::cursor::{Cursor, DEEPEST, Read};
use super::expr::{Expr, TypeName};
use super::read_expr::{expr, exprs};
use super::read_query::{query, value};
use super::read_type::type_name;
use super::script::{Unread, What};
use super::split;
use super::token::{Kind, Lexer, Token};

/// Reads a body. What is no PL/pgSQL gives a block that is marked as unread.
#[must_use]
pub fn block(text: &str, depth: usize) -> Block {
    let tokens: Vec<Token> = Lexer::of_body(text).collect();
    let unread = Block {
        unread: true,
        ..Block::default()
    };
    if tokens.iter().any(|token| token.kind == Kind::Broken) {
        return unread;
    }
    let mut reader = Reader {
        text,
        tokens: &tokens,
        c: Cursor::deeper(text, &tokens, depth + 1),
    };
    match reader.block() {
        Ok(block) if reader.c.is_done() => block,
        _ => unread,
    }
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    c: Cursor<'a>,
}

/// The words that end a list of steps.
const ENDS: [&str; 5] = ["end", "else", "elsif", "elseif", "exception"];

impl Reader<'_> {
    fn label(&mut self) -> Read<()> {
        if self.c.sign("<<") {
            self.c.label()?;
            self.c.expect_sign(">>")?;
        }
        Ok(())
    }

    /// Runs `read` one level deeper.
    fn nest<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let depth = self.c.depth();
        if depth >= DEEPEST {
            return Err(Unread::Deep);
        }
        let mut inner = Reader {
            text: self.text,
            tokens: self.tokens,
            c: Cursor::deeper(self.text, self.tokens, depth + 1),
        };
        inner.c.back(self.c.mark());
        let result = read(&mut inner);
        self.c.back(inner.c.mark());
        result
    }

    fn block(&mut self) -> Read<Block> {
        let mut block = Block::default();
        self.label()?;
        while self.c.sign("#") || self.c.at_sign("#") {
            // A directive of the compiler: `#variable_conflict use_column`.
            self.c.bump();
            self.c.bump();
        }
        if self.c.eat("declare") {
            while !self.c.is("begin") {
                if self.c.eat("declare") {
                    continue;
                }
                self.declaration(&mut block)?;
            }
        }
        self.c.expect("begin")?;
        block.steps = self.steps()?;
        if self.c.eat("exception") {
            while self.c.eat("when") {
                let mut conditions = Vec::new();
                loop {
                    let mut name = self.c.label()?;
                    if name == "sqlstate" {
                        name = self.c.string()?;
                    }
                    conditions.push(name);
                    if !self.c.eat("or") {
                        break;
                    }
                }
                self.c.expect("then")?;
                block.handlers.push((conditions, self.steps()?));
            }
        }
        self.c.expect("end")?;
        if !self.c.at_sign(";") && !self.c.is_done() {
            self.c.label()?;
        }
        self.c.sign(";");
        Ok(block)
    }

    fn declaration(&mut self, block: &mut Block) -> Read<()> {
        let name = self.c.label()?;
        if self.c.eat("alias") || (0..3).any(|ahead| self.c.is_at(ahead, "cursor")) {
            block
                .variables
                .push((name, TypeName::default(), Some(Expr::Default)));
            return self.skip_statement();
        }
        self.c.eat("constant");
        let kind = variable_type(&mut self.c)?;
        if self.c.eat("collate") {
            self.c.name()?;
        }
        self.c.eat_all(&["not", "null"]);
        let value = if self.c.eat("default") || self.c.sign(":=") || self.c.sign("=") {
            Some(value(&mut self.c)?)
        } else {
            None
        };
        self.c.expect_sign(";")?;
        block.variables.push((name, kind, value));
        Ok(())
    }

    /// Where the semicolon of the statement here stands.
    fn end(&self) -> usize {
        let mut at = self.c.mark();
        let mut open = 0_usize;
        while let Some(token) = self.tokens.get(at) {
            if token.kind == Kind::Mark {
                match self.c.slice(*token) {
                    "(" | "[" => open += 1,
                    ")" | "]" => open = open.saturating_sub(1),
                    ";" if open == 0 => return at,
                    _ => {}
                }
            }
            at += 1;
        }
        at
    }

    fn skip_statement(&mut self) -> Read<()> {
        let end = self.end();
        self.c.back(end);
        self.c.expect_sign(";")
    }

    /// Where the first of these words stands outside of parentheses; the end of the statement where none does.
    fn place_of(&self, words: &[&str]) -> usize {
        let mut open = 0_usize;
        let mut at = self.c.mark();
        while let Some(token) = self.tokens.get(at) {
            let text = self.c.slice(*token);
            match (token.kind, text) {
                (Kind::Mark, "(" | "[") => open += 1,
                (Kind::Mark, ")" | "]") => open = open.saturating_sub(1),
                (Kind::Mark, ";") if open == 0 => return at,
                (Kind::Word | Kind::Op, _)
                    if open == 0 && words.iter().any(|word| text.eq_ignore_ascii_case(word)) =>
                {
                    return at;
                }
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// Reads all that stands before one of these words: the server parts it so before it looks into it.
    fn before<T>(
        &mut self,
        words: &[&str],
        read: impl FnOnce(&mut Cursor<'_>) -> Read<T>,
    ) -> Read<T> {
        let (from, end) = (self.c.mark(), self.place_of(words));
        let tokens = self.tokens.get(from..end).unwrap_or_default();
        let mut inner = Cursor::deeper(self.text, tokens, self.c.depth());
        let found = read(&mut inner)?;
        if !inner.is_done() {
            return inner.wrong(words.first().copied().unwrap_or(";"));
        }
        self.c.back(end);
        Ok(found)
    }

    fn steps(&mut self) -> Read<Vec<Step>> {
        self.nest(|reader| {
            let mut steps = Vec::new();
            while !reader.c.is_done() && !reader.c.is_any(&ENDS) && !reader.c.is("when") {
                steps.push(reader.step()?);
            }
            Ok(steps)
        })
    }

    fn step(&mut self) -> Read<Step> {
        self.label()?;
        let word = self.c.peek(0).to_ascii_lowercase();
        let assigns = self.c.sign_at(1, ":=")
            || self.c.sign_at(1, "=")
            || self.c.sign_at(1, "[")
            || self.c.sign_at(1, ".");
        if assigns && self.c.kind(0) != Some(Kind::Mark) {
            return self.simple(Self::assignment);
        }
        match word.as_str() {
            "if" => self.branch(),
            "case" => self.case(),
            "for" => self.for_loop(),
            "foreach" => self.for_each(),
            "while" => {
                self.c.bump();
                self.before(&["loop"], value)?;
                Ok(Step::Loop(self.body_of_loop()?))
            }
            "loop" => Ok(Step::Loop(self.body_of_loop()?)),
            "declare" | "begin" => {
                let block = self.nest(Self::block)?;
                Ok(Step::Block(Box::new(block)))
            }
            "execute" => self.simple(Self::execute),
            "perform" => self.simple(|reader| Ok(Step::Perform(Box::new(query(&mut reader.c)?)))),
            "return" => self.simple(Self::give_back),
            "raise" => self.simple(Self::raise),
            "exit" | "continue" => self.simple(Self::leave),
            "get" | "fetch" => self.simple(Self::fetched),
            "null" | "open" | "move" | "close" | "assert" => {
                self.skip_statement()?;
                Ok(Step::Nothing)
            }
            _ => self.sql(&word),
        }
    }

    /// Reads one step that ends at its semicolon; where that fails, the step is unread and the block goes on.
    fn simple(&mut self, read: impl FnOnce(&mut Self) -> Read<Step>) -> Read<Step> {
        let word = self.c.peek(0).to_ascii_lowercase();
        let end = self.end();
        let step = read(self);
        let step = match step {
            Ok(step) if self.c.mark() == end => step,
            _ => Step::Unread(word),
        };
        self.c.back(end);
        self.c.expect_sign(";")?;
        Ok(step)
    }

    fn assignment(&mut self) -> Read<Step> {
        let mut name = self.c.label()?;
        while self.c.sign(".") {
            name = format!("{name}.{}", self.c.label()?);
        }
        while self.c.sign("[") {
            self.c.skip_closed()?;
            name.push_str("[]");
        }
        if !self.c.sign(":=") {
            self.c.expect_sign("=")?;
        }
        Ok(Step::Assign(name, value(&mut self.c)?))
    }

    fn leave(&mut self) -> Read<Step> {
        let exit = self.c.is("exit");
        self.c.bump();
        let labelled = !self.c.at_sign(";") && !self.c.is("when");
        if labelled {
            self.c.label()?;
        }
        let condition = if self.c.eat("when") {
            Some(value(&mut self.c)?)
        } else {
            None
        };
        Ok(Step::Leave(
            exit,
            if labelled {
                Some(Expr::Default)
            } else {
                condition
            },
        ))
    }

    /// `GET DIAGNOSTICS x = ...`, `FETCH ... INTO x`: nobody knows what the variables hold then.
    fn fetched(&mut self) -> Read<Step> {
        let mut steps = Vec::new();
        let end = self.end();
        let (mut before, mut behind_into) = ("", false);
        while self.c.mark() < end {
            let word = self.c.peek(0);
            behind_into |= word.eq_ignore_ascii_case("into");
            let given = behind_into && !word.eq_ignore_ascii_case("into")
                || matches!(self.c.peek(1), "=" | ":=");
            if given && self.c.kind(0) != Some(Kind::Mark) && before != "." {
                steps.push(Step::Assign(self.c.label()?, Expr::Default));
            } else {
                self.c.bump();
            }
            before = word;
        }
        Ok(Step::Block(Box::new(Block {
            steps,
            ..Block::default()
        })))
    }

    /// `RAISE level 'text', values USING ...`: as many values as the text has places.
    fn raise(&mut self) -> Read<Step> {
        self.c.bump();
        let quiet = self
            .c
            .eat_any(&["notice", "warning", "info", "log", "debug"])
            .is_some();
        self.c.eat("exception");
        if self.c.is_string() {
            let text = self.c.string()?;
            let places = text.replace("%%", "").matches('%').count();
            let mut values = 0;
            while self.c.sign(",") {
                expr(&mut self.c)?;
                values += 1;
            }
            if values != places {
                return self.c.wrong("as many values as there are places");
            }
        }
        let end = self.end();
        self.c.back(end);
        Ok(if quiet { Step::Nothing } else { Step::Raise })
    }

    fn execute(&mut self) -> Read<Step> {
        self.c.bump();
        let command = self.before(&["into", "using", "loop"], value)?;
        let mut into = Vec::new();
        let mut using = Vec::new();
        loop {
            if self.c.eat("into") {
                self.c.eat("strict");
                into = self.c.list(variable)?;
            } else if self.c.eat("using") {
                using = self.before(&["into", "loop"], exprs)?;
            } else {
                return Ok(Step::Execute(command, using, into));
            }
        }
    }

    fn give_back(&mut self) -> Read<Step> {
        self.c.bump();
        if self.c.at_sign(";") {
            return Ok(Step::Return(None));
        }
        if self.c.eat("next") {
            if !self.c.at_sign(";") {
                value(&mut self.c)?;
            }
            return Ok(Step::Nothing);
        }
        if self.c.eat("query") {
            if self.c.is("execute") {
                return self.execute();
            }
            return Ok(Step::Perform(Box::new(query(&mut self.c)?)));
        }
        Ok(Step::Return(Some(value(&mut self.c)?)))
    }

    fn branch(&mut self) -> Read<Step> {
        self.c.bump();
        let mut arms = Vec::new();
        let mut other = Vec::new();
        loop {
            let condition = self.before(&["then"], value)?;
            self.c.expect("then")?;
            arms.push((condition, self.steps()?));
            if self.c.eat("elsif") || self.c.eat("elseif") {
                continue;
            }
            if self.c.eat("else") {
                other = self.steps()?;
            }
            self.c.expect("end")?;
            self.c.expect("if")?;
            self.c.expect_sign(";")?;
            return Ok(Step::If(arms, other));
        }
    }

    fn case(&mut self) -> Read<Step> {
        self.c.bump();
        let operand = if self.c.is("when") {
            None
        } else {
            Some(self.before(&["when"], value)?)
        };
        let mut arms = Vec::new();
        while self.c.eat("when") {
            let values = self.before(&["then"], exprs)?;
            self.c.expect("then")?;
            let condition = match &operand {
                Some(operand) => Expr::InList(Box::new(operand.clone()), values, false),
                None => values.into_iter().next().unwrap_or(Expr::Null),
            };
            arms.push((condition, self.steps()?));
        }
        let other = if self.c.eat("else") {
            self.steps()?
        } else {
            Vec::new()
        };
        self.c.expect("end")?;
        self.c.expect("case")?;
        self.c.expect_sign(";")?;
        Ok(Step::If(arms, other))
    }

    fn body_of_loop(&mut self) -> Read<Vec<Step>> {
        self.c.expect("loop")?;
        let steps = self.steps()?;
        self.c.expect("end")?;
        self.c.expect("loop")?;
        if !self.c.at_sign(";") {
            self.c.label()?;
        }
        self.c.expect_sign(";")?;
        Ok(steps)
    }

    fn for_loop(&mut self) -> Read<Step> {
        self.c.bump();
        let names = self.c.list(variable)?;
        self.c.expect("in")?;
        self.c.eat("reverse");
        if self.c.is("execute") {
            self.execute()?;
            return Ok(Step::Loop(self.body_of_loop()?));
        }
        let numbers = self.c.slice_at(self.place_of(&["..", "loop"])) == "..";
        if numbers {
            self.before(&[".."], value)?;
            self.c.expect_sign("..")?;
            self.before(&["by", "loop"], value)?;
            if self.c.eat("by") {
                self.before(&["loop"], value)?;
            }
            // The variable is the loop's own.
            let kind = TypeName {
                name: vec!["int4".to_owned()],
                ..TypeName::default()
            };
            let own = names
                .into_iter()
                .map(|name| (name, kind.clone(), Some(Expr::Default)));
            return Ok(Step::Block(Box::new(Block {
                variables: own.collect(),
                steps: vec![Step::Loop(self.body_of_loop()?)],
                ..Block::default()
            })));
        }
        let cursor = matches!(self.c.kind(0), Some(Kind::Word | Kind::Quoted))
            && (self.c.is_at(1, "loop") || self.c.sign_at(1, "("))
            && !self.c.is("values");
        if cursor {
            self.before(&["loop"], expr)?;
            return Ok(Step::Loop(self.body_of_loop()?));
        }
        let found = self.before(&["loop"], query)?;
        let steps = self.body_of_loop()?;
        Ok(Step::ForQuery(names, Box::new(found), steps))
    }

    fn for_each(&mut self) -> Read<Step> {
        self.c.bump();
        let name = self.c.name()?.join(".");
        if self.c.eat("slice") {
            self.c.bump();
        }
        self.c.expect("in")?;
        self.c.expect("array")?;
        let array = self.before(&["loop"], value)?;
        Ok(Step::ForEach(name, array, self.body_of_loop()?))
    }

    /// A statement of SQL. Where it gives values to variables, the server takes that out before it reads the rest.
    fn sql(&mut self, word: &str) -> Read<Step> {
        let from = self.c.mark();
        let end = self.end();
        let tokens = self.tokens.get(from..end).unwrap_or_default();
        let parted = without_into(self.text, tokens, word);
        self.c.back(end);
        self.c.expect_sign(";")?;
        let Ok((tokens, into)) = parted else {
            return Ok(Step::Unread(word.to_owned()));
        };
        Ok(match split::one(self.text, &tokens, self.c.depth() + 1) {
            What::Statement(statement) => Step::Sql(statement, into),
            _ => Step::Unread(word.to_owned()),
        })
    }
}

/// The tokens of a statement without `INTO` and its variables, and the variables.
fn without_into<'t>(
    text: &str,
    tokens: &'t [Token],
    first: &str,
) -> Read<(Cow<'t, [Token]>, Vec<String>)> {
    let mut c = Cursor::deeper(text, tokens, 0);
    let mut found: Option<(usize, usize, Vec<String>)> = None;
    let mut before = "";
    while !c.is_done() {
        let named = ["insert", "merge"]
            .iter()
            .any(|word| before.eq_ignore_ascii_case(word));
        if !c.is("into") || named || first == "import" {
            before = c.peek(0);
            c.bump();
            continue;
        }
        if found.is_some() {
            return c.wrong("INTO only once");
        }
        let start = c.mark();
        c.bump();
        c.eat("strict");
        let into = c.list(variable)?;
        found = Some((start, c.mark(), into));
        before = "";
    }
    Ok(match found {
        None => (Cow::Borrowed(tokens), Vec::new()),
        Some((start, end, into)) => {
            let rest = [&tokens[..start], &tokens[end..]].concat();
            (Cow::Owned(rest), into)
        }
    })
}

/// A variable, or a field or element of one.
fn variable(c: &mut Cursor<'_>) -> Read<String> {
    let mut name = c.function_name()?.join(".");
    while c.sign("[") {
        c.skip_closed()?;
        name.push_str("[]");
    }
    Ok(name)
}

/// The type of a variable, `%ROWTYPE` too.
fn variable_type(c: &mut Cursor<'_>) -> Read<TypeName> {
    let mut kind = type_name(c)?;
    if c.at_sign("%") && c.is_at(1, "rowtype") {
        c.bump();
        c.bump();
        kind.modifiers = vec!["rowtype".to_owned()];
        while c.sign("[") {
            c.skip_closed()?;
        }
    }
    Ok(kind)
}
