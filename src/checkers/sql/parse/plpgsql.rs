//! Owns how bodies in PL/pgSQL are read: blocks, branches, loops, and the statements of SQL among them.

use super::body::{Block, Step};
use super::cursor::{Cursor, DEEPEST, Read};
use super::expr::{Body, Expr, TypeName};
use super::read_expr::{expr, exprs};
use super::read_query::{self, query};
use super::read_type::type_name;
use super::script::{Unread, What};
use super::split;
use super::statement::Statement;
use super::token::{Kind, Lexer, Token};

/// Reads a body. What is no PL/pgSQL gives a block that is marked as unread.
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
        if self.c.eat("alias") || self.c.is("cursor") || self.c.is_at(1, "cursor") {
            return self.skip_statement();
        }
        self.c.eat("constant");
        let kind = variable_type(&mut self.c)?;
        if self.c.eat("collate") {
            self.c.name()?;
        }
        self.c.eat_all(&["not", "null"]);
        let value = if self.c.eat("default") || self.c.sign(":=") || self.c.sign("=") {
            Some(expr(&mut self.c)?)
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
                    "(" => open += 1,
                    ")" => open = open.saturating_sub(1),
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
                expr(&mut self.c)?;
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
            "raise" => {
                let level = self.c.peek(1).to_ascii_lowercase();
                self.skip_statement()?;
                let levels = ["notice", "warning", "info", "log", "debug"];
                Ok(if levels.contains(&level.as_str()) {
                    Step::Nothing
                } else {
                    Step::Raise
                })
            }
            "null" | "exit" | "continue" | "get" | "open" | "fetch" | "move" | "close"
            | "assert" => {
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
        // The value may go on like a query: `x := count(*) from t`.
        let value = expr(&mut self.c)?;
        if self.c.is_any(&["from", "where", "order", "limit"]) {
            let end = self.end();
            self.c.back(end);
            return Ok(Step::Assign(name, Expr::Default));
        }
        Ok(Step::Assign(name, value))
    }

    fn execute(&mut self) -> Read<Step> {
        self.c.bump();
        let command = expr(&mut self.c)?;
        let mut into = Vec::new();
        let mut using = Vec::new();
        loop {
            if self.c.eat("into") {
                self.c.eat("strict");
                into = self.c.list(|c| Ok(c.name()?.join(".")))?;
            } else if self.c.eat("using") {
                using = exprs(&mut self.c)?;
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
                expr(&mut self.c)?;
            }
            return Ok(Step::Nothing);
        }
        if self.c.eat("query") {
            if self.c.is("execute") {
                return self.execute();
            }
            return Ok(Step::Perform(Box::new(query(&mut self.c)?)));
        }
        let value = expr(&mut self.c)?;
        Ok(Step::Return(Some(value)))
    }

    fn branch(&mut self) -> Read<Step> {
        self.c.bump();
        let mut arms = Vec::new();
        let mut other = Vec::new();
        loop {
            let condition = expr(&mut self.c)?;
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
            Some(expr(&mut self.c)?)
        };
        let mut arms = Vec::new();
        while self.c.eat("when") {
            let values = exprs(&mut self.c)?;
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
        let names = self.c.list(|c| Ok(c.name()?.join(".")))?;
        self.c.expect("in")?;
        self.c.eat("reverse");
        let enclosed = self.c.at_sign("(") && {
            self.c.bump();
            let is = read_query::inside(&self.c);
            self.c.back(self.c.mark() - 1);
            is
        };
        if enclosed || read_query::starts(&self.c) {
            let found = query(&mut self.c)?;
            let steps = self.body_of_loop()?;
            return Ok(Step::ForQuery(names, Box::new(found), steps));
        }
        if self.c.is("execute") {
            self.execute()?;
            return Ok(Step::Loop(self.body_of_loop()?));
        }
        expr(&mut self.c)?;
        if self.c.sign("..") {
            expr(&mut self.c)?;
            if self.c.eat("by") {
                expr(&mut self.c)?;
            }
        }
        Ok(Step::Loop(self.body_of_loop()?))
    }

    fn for_each(&mut self) -> Read<Step> {
        self.c.bump();
        let name = self.c.name()?.join(".");
        if self.c.eat("slice") {
            self.c.bump();
        }
        self.c.expect("in")?;
        self.c.expect("array")?;
        let array = expr(&mut self.c)?;
        Ok(Step::ForEach(name, array, self.body_of_loop()?))
    }

    /// A statement of SQL.
    fn sql(&mut self, word: &str) -> Read<Step> {
        let from = self.c.mark();
        let end = self.end();
        let tokens = self.tokens.get(from..end).unwrap_or_default();
        let what = split::one(self.text, tokens, self.c.depth() + 1);
        self.c.back(end);
        self.c.expect_sign(";")?;
        Ok(match what {
            What::Statement(mut statement) => {
                let into = take_into(&mut statement);
                Step::Sql(statement, into)
            }
            _ => Step::Unread(word.to_owned()),
        })
    }
}

/// In a body `SELECT INTO` gives values to variables.
fn take_into(statement: &mut Statement) -> Vec<String> {
    if let Statement::Query(query) = statement
        && let Body::Select(select) = &mut query.body
        && let Some(into) = select.into.take()
    {
        return vec![into.join(".")];
    }
    Vec::new()
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
