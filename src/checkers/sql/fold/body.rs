//! Owns what a `DO` block does: its steps are run on the simulated catalog. Where a condition or a text is not known, what may
//! follow from it is doubted.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::super::parse::body::{Block, Step};
use super::super::parse::expr::Expr;
use super::super::parse::script::What;
use super::super::parse::split;
use super::super::parse::statement::Statement;
use super::super::parse::token::Lexer;
use super::evaluate::Env;
use super::value::{self, Value, Values};
use super::{Done, Doubt, Fail, Fold};

/// No block runs more steps than this.
const MOST: usize = 20_000;

/// The queries of all blocks of a history look at no more rows than this.
const ROWS: usize = 1_000_000;

/// Those of one block at no more than this.
const ROWS_OF_ONE: usize = 200_000;

/// Why steps ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// All were run.
    Done,
    /// `RETURN`.
    Return,
    /// `EXIT`.
    Exit,
    /// `CONTINUE`.
    Next,
}

/// A block that is run.
#[derive(Clone, Debug, Default)]
struct Frame {
    values: Values,
    /// Behind a condition that nobody evaluates here: a failure then says that it did not hold.
    guarded: bool,
    steps: usize,
    /// How many more rows its queries may look at.
    left: Cell<usize>,
}

impl Frame {
    fn env(&self) -> Env<'_> {
        Env {
            values: &self.values,
            rows: &[],
            left: &self.left,
        }
    }

    fn set(&mut self, name: &str, value: Value) {
        let base = name.split(['.', '[']).next().unwrap_or(name);
        if base == name {
            self.values.insert(name.to_owned(), value);
        } else {
            self.values.remove(base);
        }
    }

    /// Nobody knows any more what these hold.
    fn forget(&mut self, names: &BTreeSet<String>) {
        for name in names {
            self.values.remove(name);
        }
        self.values.remove("found");
    }
}

impl Fold {
    /// Runs a block as one statement: all of it, or nothing.
    pub(super) fn block(&mut self, block: &Block) -> Done {
        if block.unread {
            let what = "a block that is not followed".to_owned();
            self.doubt(what, vec![Doubt::Everything]);
            return Ok(());
        }
        if let Some(name) = block.undeclared() {
            return Err(Fail::Wrong(format!("the variable {name} is not declared")));
        }
        let before = self.catalog.clone();
        let path = self.session.clone();
        let first = ROWS_OF_ONE.min(ROWS.saturating_sub(self.looked));
        let mut frame = Frame {
            left: Cell::new(first),
            ..Frame::default()
        };
        let done = self.run_block(block, &mut frame).map(|_| ());
        self.looked += first - frame.left.get();
        if done.is_err() {
            self.catalog = before;
            self.session = path;
        }
        done
    }

    fn run_block(&mut self, block: &Block, frame: &mut Frame) -> Result<End, Fail> {
        for (name, kind, value) in &block.variables {
            let mut value = match value {
                Some(value) => self.worth(value, frame)?,
                None => Value::Null,
            };
            if kind.dimensions > 0
                && let Value::Text(text) = &value
            {
                value = value::elements(text).map_or(Value::Unknown, Value::List);
            }
            frame.values.insert(name.clone(), value);
        }
        if block.handlers.is_empty() {
            return self.steps(&block.steps, frame);
        }
        let before = self.catalog.clone();
        match self.steps(&block.steps, frame) {
            Err(fail) => {
                let handler = block
                    .handlers
                    .iter()
                    .find(|(names, _)| handles(names, &fail));
                let Some((_, steps)) = handler else {
                    return Err(fail);
                };
                self.catalog = before;
                frame.forget(&assigned(&block.steps));
                self.steps(steps, frame)
            }
            ended => ended,
        }
    }

    fn steps(&mut self, steps: &[Step], frame: &mut Frame) -> Result<End, Fail> {
        for step in steps {
            frame.steps += 1;
            if frame.steps > MOST {
                let what = "a block that runs too long to be followed".to_owned();
                self.doubt(what, vec![Doubt::Everything]);
                return Ok(End::Return);
            }
            let end = self.run_step(step, frame)?;
            if end != End::Done {
                return Ok(end);
            }
        }
        Ok(End::Done)
    }

    /// Runs steps that may run or not.
    fn maybe(&mut self, steps: &[Step], frame: &mut Frame) -> Result<(), Fail> {
        if !frame.guarded {
            let touched: Vec<Doubt> = touched(steps).into_iter().collect();
            if !touched.is_empty() {
                let what = "whether a part of the block runs is not known".to_owned();
                self.remark(what, &touched);
            }
        }
        let mut inner = frame.clone();
        inner.guarded = true;
        let end = self.steps(steps, &mut inner)?;
        frame.steps = inner.steps;
        frame.left.set(inner.left.get());
        frame.forget(&assigned(steps));
        // What follows runs only where this did not leave.
        frame.guarded |= end != End::Done;
        Ok(())
    }

    /// Where a failure says only that a condition did not hold, it is none.
    fn settled<T: Default>(frame: &Frame, done: Result<T, Fail>) -> Result<T, Fail> {
        if frame.guarded {
            Ok(done.unwrap_or_default())
        } else {
            done
        }
    }

    fn run_step(&mut self, step: &Step, frame: &mut Frame) -> Result<End, Fail> {
        match step {
            Step::Sql(statement, into) => self.statement(statement, into, frame)?,
            Step::Execute(command, using, into) => self.execute(command, using, into, frame)?,
            Step::Assign(name, value) => {
                let value = self.worth(value, frame)?;
                frame.set(name, value);
            }
            Step::If(arms, other) => {
                let mut sure = true;
                for (condition, steps) in arms {
                    match self.holds(condition, frame)? {
                        Some(false) => {}
                        Some(true) if sure => return self.steps(steps, frame),
                        found => {
                            sure = false;
                            self.maybe(steps, frame)?;
                            if found == Some(true) {
                                return Ok(End::Done);
                            }
                        }
                    }
                }
                if sure {
                    return self.steps(other, frame);
                }
                self.maybe(other, frame)?;
            }
            Step::ForEach(name, array, steps) => match self.worth(array, frame)? {
                Value::List(all) => {
                    let rows = all
                        .into_iter()
                        .map(|item| vec![(name.clone(), item)])
                        .collect();
                    return self.each(std::slice::from_ref(name), rows, steps, frame);
                }
                Value::Null if !frame.guarded => {
                    return Err(Fail::Wrong("a loop over an array that is NULL".to_owned()));
                }
                _ => self.unsure(steps, frame)?,
            },
            Step::ForQuery(names, query, steps) => {
                let checked = self.check_body_query(query);
                Self::settled(frame, checked)?;
                let found = self.ask(query, frame.env());
                if let Some(rows) = Self::settled(frame, found)? {
                    return self.each(names, rows, steps, frame);
                }
                for name in names {
                    frame.values.remove(name);
                }
                self.unsure(steps, frame)?;
            }
            Step::Loop(steps) => self.unsure(steps, frame)?,
            Step::Block(block) => {
                let end = self.run_block(block, frame);
                return match end {
                    Err(_) if frame.guarded => Ok(End::Done),
                    end => end,
                };
            }
            Step::Raise => {
                if !frame.guarded {
                    return Err(Fail::Wrong("the block raises an exception".to_owned()));
                }
            }
            Step::Return(_) => return Ok(End::Return),
            Step::Leave(exit, condition) => {
                let holds = match condition {
                    Some(condition) => self.holds(condition, frame)?,
                    None => Some(true),
                };
                match holds {
                    Some(true) => return Ok(if *exit { End::Exit } else { End::Next }),
                    Some(false) => {}
                    None => frame.guarded = true,
                }
            }
            Step::Perform(query) => {
                let checked = self.check_body_query(query);
                Self::settled(frame, checked)?;
                let found = self.exists(query, frame.env());
                let found = Self::settled(frame, found)?;
                frame.values.insert("found".to_owned(), Value::truth(found));
                let done = self.apply(&Statement::Query(query.clone()));
                Self::settled(frame, done)?;
            }
            Step::Nothing => {}
            Step::Unread(word) => {
                let what = format!("`{word}` in a block is not understood");
                self.doubt(what, vec![Doubt::Everything]);
            }
        }
        Ok(End::Done)
    }

    /// A loop of which nobody knows how often it runs.
    fn unsure(&mut self, steps: &[Step], frame: &mut Frame) -> Result<(), Fail> {
        frame.forget(&assigned(steps));
        let guarded = frame.guarded;
        self.maybe(steps, frame)?;
        frame.guarded = guarded;
        Ok(())
    }

    /// Runs steps for each of the rows.
    fn each(
        &mut self,
        names: &[String],
        rows: Vec<Vec<(String, Value)>>,
        steps: &[Step],
        frame: &mut Frame,
    ) -> Result<End, Fail> {
        let found = !rows.is_empty();
        let guarded = frame.guarded;
        for row in rows {
            match names {
                [name] => frame.set(name, Value::Record(row)),
                names => {
                    for (name, (_, value)) in names.iter().zip(row) {
                        frame.set(name, value);
                    }
                }
            }
            match self.steps(steps, frame)? {
                End::Done | End::Next => {}
                End::Exit => break,
                End::Return => return Ok(End::Return),
            }
        }
        frame.guarded = guarded;
        frame.values.insert("found".to_owned(), Value::Bool(found));
        Ok(End::Done)
    }

    /// A statement of SQL, and the variables that it gives values to.
    fn statement(&mut self, statement: &Statement, into: &[String], frame: &mut Frame) -> Done {
        if let Statement::Query(query) = statement {
            let checked = self.check_body_query(query);
            Self::settled(frame, checked)?;
        }
        if !into.is_empty() {
            let rows = match statement {
                Statement::Query(query) => {
                    let found = self.ask(query, frame.env());
                    Self::settled(frame, found)?
                }
                _ => None,
            };
            give(into, rows, frame);
        }
        let done = self.apply(statement);
        Self::settled(frame, done)
    }

    /// A statement that is made at run time: run where its text is known, doubted where not.
    fn execute(
        &mut self,
        command: &Expr,
        using: &[Expr],
        into: &[String],
        frame: &mut Frame,
    ) -> Done {
        for name in into {
            frame.values.remove(name);
        }
        let text = match self.worth(command, frame)?.single() {
            Value::Text(text) => text,
            Value::Null if !frame.guarded => {
                return Err(Fail::Wrong(
                    "a statement made at run time is NULL".to_owned(),
                ));
            }
            _ => {
                let doubts = doubts(command);
                if !doubts.is_empty() {
                    let what = "EXECUTE of a text that is made at run time".to_owned();
                    self.doubt(what, doubts);
                }
                return Ok(());
            }
        };
        let tokens: Vec<_> = Lexer::of_body(&text).collect();
        for part in
            tokens.split(|token| text.get(token.start as usize..token.end as usize) == Some(";"))
        {
            if part.is_empty() {
                continue;
            }
            let What::Statement(statement) = split::one(&text, part, 50) else {
                let what = "a statement that is made at run time is not read".to_owned();
                self.doubt(what, vec![Doubt::Everything]);
                continue;
            };
            if using.is_empty() {
                self.statement(&statement, into, frame)?;
            } else {
                let done = self.apply(&statement);
                Self::settled(frame, done)?;
            }
        }
        Ok(())
    }

    /// What an expression is worth; what it needs must be there.
    fn worth(&self, expr: &Expr, frame: &Frame) -> Result<Value, Fail> {
        let value = self
            .check_expr(expr, &[], true)
            .and_then(|()| self.evaluate(expr, frame.env()));
        match value {
            Err(_) if frame.guarded => Ok(Value::Unknown),
            value => value,
        }
    }

    /// Does a condition hold? `None`: nobody knows.
    fn holds(&self, condition: &Expr, frame: &Frame) -> Result<Option<bool>, Fail> {
        Ok(match self.worth(condition, frame)? {
            Value::Bool(value) => Some(value),
            Value::Null => Some(false),
            _ => None,
        })
    }
}

/// Gives the first row of a query to variables.
fn give(into: &[String], rows: Option<Vec<Vec<(String, Value)>>>, frame: &mut Frame) {
    let Some(rows) = rows.filter(|rows| rows.len() < 2) else {
        for name in into {
            frame.set(name, Value::Unknown);
        }
        frame.values.remove("found");
        return;
    };
    frame
        .values
        .insert("found".to_owned(), Value::Bool(!rows.is_empty()));
    let row = rows.into_iter().next();
    match (into, row) {
        ([name], Some(row)) => frame.set(name, Value::Record(row)),
        (names, Some(row)) => {
            for (name, (_, value)) in names.iter().zip(row) {
                frame.set(name, value);
            }
        }
        (names, None) => {
            for name in names {
                frame.set(name, Value::Null);
            }
        }
    }
}

/// Does a handler of these conditions take the failure?
fn handles(names: &[String], fail: &Fail) -> bool {
    names.iter().any(|name| {
        let name = name.to_ascii_lowercase();
        match fail {
            _ if name == "others" => true,
            Fail::Exists(_) => {
                name.starts_with("duplicate_") || name.starts_with("427") || name == "42P07"
            }
            Fail::Missing(_) => {
                name.starts_with("undefined_")
                    || name.starts_with("invalid_")
                    || name.starts_with("42")
            }
            Fail::Wrong(_) => !name.starts_with("duplicate_"),
        }
    })
}

/// What the steps may change in the catalog. What is made at run time is doubted where it is made.
fn touched(steps: &[Step]) -> BTreeSet<Doubt> {
    let mut all = BTreeSet::new();
    for step in steps {
        match step {
            Step::Sql(statement, _) => match **statement {
                Statement::Query(_) | Statement::Call(_) => {}
                ref statement => all.extend(Doubt::of(statement)),
            },
            Step::If(arms, other) => {
                all.extend(arms.iter().flat_map(|(_, steps)| touched(steps)));
                all.extend(touched(other));
            }
            Step::ForQuery(_, _, steps) | Step::ForEach(_, _, steps) | Step::Loop(steps) => {
                all.extend(touched(steps));
            }
            Step::Block(block) => all.extend(touched(&block.steps)),
            _ => {}
        }
    }
    all
}

/// The variables that steps give values to.
fn assigned(steps: &[Step]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut add = |name: &String| {
        all.insert(name.split(['.', '[']).next().unwrap_or(name).to_owned());
    };
    let mut open: Vec<&[Step]> = vec![steps];
    while let Some(steps) = open.pop() {
        for step in steps {
            match step {
                Step::Sql(_, names) | Step::Execute(_, _, names) => names.iter().for_each(&mut add),
                Step::Assign(name, _) => add(name),
                Step::If(arms, other) => {
                    open.extend(arms.iter().map(|(_, steps)| steps.as_slice()));
                    open.push(other);
                }
                Step::ForQuery(names, _, steps) => {
                    names.iter().for_each(&mut add);
                    open.push(steps);
                }
                Step::ForEach(name, _, steps) => {
                    add(name);
                    open.push(steps);
                }
                Step::Loop(steps) => open.push(steps),
                Step::Block(block) => {
                    open.push(&block.steps);
                    open.extend(block.handlers.iter().map(|(_, steps)| steps.as_slice()));
                }
                _ => {}
            }
        }
    }
    all
}

/// What a statement that is made at run time may change, by the words in its pattern.
fn doubts(command: &Expr) -> Vec<Doubt> {
    let mut words = String::new();
    literals(command, &mut words);
    let words = words.to_lowercase();
    let has = |word: &str| words.contains(word);
    let mut all = Vec::new();
    if has("policy") {
        all.push(Doubt::Policies);
    }
    if has("row level security") {
        all.push(Doubt::RowSecurity);
    }
    if has("grant") || has("revoke") {
        if has("function") || has("procedure") || has("routine") || has("execute") {
            all.push(Doubt::FunctionRights);
        } else if has("table") || has("select") || has(" on ") {
            all.push(Doubt::TableRights);
        }
    }
    if has("alter function")
        || has("create function")
        || has("replace function")
        || has("drop function")
    {
        all.push(Doubt::Functions);
    }
    if has("index") || has("constraint") {
        all.push(Doubt::Indexes);
    }
    let harmless = [
        "select",
        "insert",
        "update",
        "delete",
        "analyze",
        "notify",
        "comment on",
        "set ",
        "refresh",
    ];
    if all.is_empty()
        && !harmless
            .iter()
            .any(|word| words.trim_start().starts_with(word))
    {
        all.push(Doubt::Everything);
    }
    all
}

fn literals(expr: &Expr, found: &mut String) {
    if let Expr::Text(text) = expr {
        found.push_str(text);
        found.push(' ');
    }
    super::scope::children(expr, &mut |child| literals(child, found), &mut |_| {});
}
