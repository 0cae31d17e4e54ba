//! Owns what a `DO` block does: static statements are run, loops over known values too; what is made at run time is doubted.

use super::super::parse::body::{Block, Step};
use super::super::parse::expr::Expr;
use super::super::parse::script::What;
use super::super::parse::split;
use super::super::parse::statement::Statement;
use super::super::parse::token::Lexer;
use super::{Done, Doubt, Fail, Fold, Values};

/// A value of a variable: a text, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One.
    Text(String),
    /// An array.
    List(Vec<String>),
}

/// Why steps ended.
enum End {
    /// All were run.
    Done,
    /// `RETURN`.
    Return,
}

impl Fold {
    /// Runs a block as one statement: all of it, or nothing.
    pub(super) fn block(&mut self, block: &Block) -> Done {
        if block.unread {
            let what = "a block that is not followed".to_owned();
            self.doubt(what, vec![Doubt::Everything]);
            return Ok(());
        }
        let before = self.catalog.clone();
        let path = self.session.clone();
        let mut values = Values::new();
        let done = self.run_block(block, &mut values, false).map(|_| ());
        if done.is_err() {
            self.catalog = before;
            self.session = path;
        }
        done
    }

    fn run_block(
        &mut self,
        block: &Block,
        values: &mut Values,
        guarded: bool,
    ) -> Result<End, Fail> {
        for (name, _, value) in &block.variables {
            if let Some(value) = value.as_ref().and_then(|value| evaluate(value, values)) {
                values.insert(name.clone(), value);
            }
        }
        if block.handlers.is_empty() {
            return self.steps(&block.steps, values, guarded);
        }
        let before = self.catalog.clone();
        match self.steps(&block.steps, values, guarded) {
            Err(_) => {
                self.catalog = before;
                let steps = block.handlers.first().map_or(&[][..], |(_, steps)| steps);
                self.steps(steps, values, guarded)
            }
            ended => ended,
        }
    }

    fn steps(&mut self, steps: &[Step], values: &mut Values, guarded: bool) -> Result<End, Fail> {
        for step in steps {
            if let End::Return = self.run_step(step, values, guarded)? {
                return Ok(End::Return);
            }
        }
        Ok(End::Done)
    }

    fn run_step(&mut self, step: &Step, values: &mut Values, guarded: bool) -> Result<End, Fail> {
        match step {
            Step::Sql(statement, into) => {
                for name in into {
                    values.remove(name);
                }
                let done = self.apply(statement);
                // Behind a condition that nobody evaluates here, a failure says that it did not hold.
                if !guarded {
                    done?;
                }
            }
            Step::Execute(command, using, _) => self.execute(command, using, values, guarded)?,
            Step::Assign(name, value) => match evaluate(value, values) {
                Some(value) => {
                    values.insert(name.clone(), value);
                }
                None => {
                    values.remove(name);
                }
            },
            Step::If(arms, other) => {
                for (condition, steps) in arms {
                    match Self::holds(condition, values) {
                        Some(false) => {}
                        Some(true) => return self.steps(steps, values, guarded),
                        None => {
                            self.steps(steps, &mut values.clone(), true)?;
                        }
                    }
                }
                if arms
                    .iter()
                    .all(|(condition, _)| Self::holds(condition, values) == Some(false))
                {
                    return self.steps(other, values, guarded);
                }
                self.steps(other, &mut values.clone(), true)?;
            }
            Step::ForEach(name, array, steps) => {
                if let Some(Value::List(all)) = evaluate(array, values) {
                    for item in all {
                        values.insert(name.clone(), Value::Text(item));
                        if let End::Return = self.steps(steps, values, guarded)? {
                            return Ok(End::Return);
                        }
                    }
                } else {
                    values.remove(name);
                    self.steps(steps, values, true)?;
                }
            }
            Step::ForQuery(names, query, steps) => {
                if let Some(all) = literal_rows(query, values) {
                    let name = names.first().cloned().unwrap_or_default();
                    let column = super::scope::figure(&Expr::Column(vec![name.clone()]));
                    let _ = column;
                    for item in all {
                        values.insert(name.clone(), Value::Text(item));
                        if let End::Return = self.steps(steps, values, guarded)? {
                            return Ok(End::Return);
                        }
                    }
                } else {
                    for name in names {
                        values.remove(name);
                    }
                    self.steps(steps, values, true)?;
                }
            }
            Step::Loop(steps) => {
                self.steps(steps, values, true)?;
            }
            Step::Block(block) => {
                self.run_block(block, values, guarded)?;
            }
            Step::Raise => {
                if !guarded {
                    return Err(Fail::Wrong("the block raises an exception".to_owned()));
                }
            }
            Step::Return(_) => {
                if !guarded {
                    return Ok(End::Return);
                }
            }
            Step::Perform(query) => {
                let statement = Statement::Query(query.clone());
                let done = self.apply(&statement);
                if !guarded {
                    done?;
                }
            }
            Step::Nothing => {}
            Step::Unread(word) => {
                let what = format!("`{word}` in a block is not understood");
                self.doubt(what, vec![Doubt::Everything]);
            }
        }
        Ok(End::Done)
    }

    /// A statement that is made at run time: run where its text is known, doubted where not.
    fn execute(&mut self, command: &Expr, _: &[Expr], values: &Values, guarded: bool) -> Done {
        if let Some(Value::Text(text)) = evaluate(command, values) {
            let tokens: Vec<_> = Lexer::of_body(&text).collect();
            for part in tokens
                .split(|token| text.get(token.start as usize..token.end as usize) == Some(";"))
            {
                if part.is_empty() {
                    continue;
                }
                if let What::Statement(statement) = split::one(&text, part, 50) {
                    let done = self.apply(&statement);
                    if !guarded {
                        done?;
                    }
                } else {
                    let what = "a statement that is made at run time is not read".to_owned();
                    self.doubt(what, vec![Doubt::Everything]);
                }
            }
            return Ok(());
        }
        let doubts = doubts(command);
        if !doubts.is_empty() {
            self.doubt(
                "EXECUTE of a text that is made at run time".to_owned(),
                doubts,
            );
        }
        Ok(())
    }

    /// Does a condition hold? `None`: nobody knows.
    fn holds(condition: &Expr, values: &Values) -> Option<bool> {
        match condition {
            Expr::Bool(value) => Some(*value),
            Expr::Not(inner) => Some(!Self::holds(inner, values)?),
            Expr::And(all) => {
                let all: Vec<_> = all.iter().map(|inner| Self::holds(inner, values)).collect();
                if all.contains(&Some(false)) {
                    Some(false)
                } else {
                    all.into_iter().all(|one| one == Some(true)).then_some(true)
                }
            }
            Expr::Or(all) => {
                let all: Vec<_> = all.iter().map(|inner| Self::holds(inner, values)).collect();
                if all.contains(&Some(true)) {
                    Some(true)
                } else {
                    all.into_iter()
                        .all(|one| one == Some(false))
                        .then_some(false)
                }
            }
            Expr::Binary(op, left, right) if op == "=" || op == "<>" => {
                let (Value::Text(left), Value::Text(right)) =
                    (evaluate(left, values)?, evaluate(right, values)?)
                else {
                    return None;
                };
                Some((left == right) == (op == "="))
            }
            _ => None,
        }
    }
}

/// The rows of a query over literal values: `SELECT unnest(ARRAY[...])`, `VALUES`.
fn literal_rows(query: &super::super::parse::expr::Query, values: &Values) -> Option<Vec<String>> {
    use super::super::parse::expr::{Body, From};
    let unnested = |expr: &Expr| match expr {
        Expr::Call(call) if call.name.last().is_some_and(|name| name == "unnest") => {
            match evaluate(call.args.first()?, values)? {
                Value::List(all) => Some(all),
                Value::Text(_) => None,
            }
        }
        _ => None,
    };
    match &query.body {
        Body::Select(select) if select.condition.is_none() => {
            match (select.targets.as_slice(), select.from.as_slice()) {
                ([(target, _)], []) => unnested(target),
                ([(Expr::Column(_), _)], [From::Function(calls, ..)]) => unnested(calls.first()?),
                _ => None,
            }
        }
        Body::Values(rows) => rows
            .iter()
            .map(|row| match row.as_slice() {
                [Expr::Text(text)] => Some(text.clone()),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// The value of an expression, where it is known.
fn evaluate(expr: &Expr, values: &Values) -> Option<Value> {
    match expr {
        Expr::Text(text) => Some(Value::Text(text.clone())),
        Expr::Number(number) => Some(Value::Text(number.clone())),
        Expr::Cast(inner, ty) => match evaluate(inner, values)? {
            // `'{a,b}'::text[]`
            Value::Text(text) if ty.dimensions > 0 => {
                let inner = text.strip_prefix('{')?.strip_suffix('}')?;
                Some(Value::List(
                    inner
                        .split(',')
                        .map(|part| part.trim().trim_matches('"').to_owned())
                        .collect(),
                ))
            }
            value => Some(value),
        },
        Expr::Array(all) => {
            let all = all.iter().map(|item| match evaluate(item, values)? {
                Value::Text(text) => Some(text),
                Value::List(_) => None,
            });
            Some(Value::List(all.collect::<Option<_>>()?))
        }
        Expr::Column(name) => {
            values
                .get(&name.join("."))
                .cloned()
                .or_else(|| match name.as_slice() {
                    [record, _] => values.get(record).cloned(),
                    _ => None,
                })
        }
        Expr::Binary(op, left, right) if op == "||" => {
            let (Value::Text(left), Value::Text(right)) =
                (evaluate(left, values)?, evaluate(right, values)?)
            else {
                return None;
            };
            Some(Value::Text(left + &right))
        }
        Expr::Call(call) => {
            let mut args = Vec::new();
            for arg in &call.args {
                match evaluate(arg, values)? {
                    Value::Text(text) => args.push(text),
                    Value::List(_) => return None,
                }
            }
            let text = match call.name.last()?.as_str() {
                "format" => format(&args)?,
                "quote_ident" => super::super::parse::words::quote(args.first()?),
                "quote_literal" => format!("'{}'", args.first()?.replace('\'', "''")),
                "lower" => args.first()?.to_lowercase(),
                "upper" => args.first()?.to_uppercase(),
                "concat" => args.concat(),
                "replace" => args.first()?.replace(args.get(1)?.as_str(), args.get(2)?),
                "btrim" | "trim" => args.first()?.trim().to_owned(),
                _ => return None,
            };
            Some(Value::Text(text))
        }
        _ => None,
    }
}

/// `format('%I %L %s %1$I', ...)`.
fn format(args: &[String]) -> Option<String> {
    let (pattern, args) = args.split_first()?;
    let mut text = String::new();
    let mut next = 0;
    let mut rest = pattern.as_str();
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('%') {
            text.push('%');
            rest = behind;
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let mut which = next;
        if digits > 0 && rest[digits..].starts_with('$') {
            which = rest[..digits].parse::<usize>().ok()?.checked_sub(1)?;
            rest = &rest[digits + 1..];
        }
        next = which + 1;
        let value = args.get(which)?;
        match rest.bytes().next()? {
            b'I' => text.push_str(&super::super::parse::words::quote(value)),
            b'L' => text.push_str(&format!("'{}'", value.replace('\'', "''"))),
            b's' => text.push_str(value),
            _ => return None,
        }
        rest = &rest[1..];
    }
    text.push_str(rest);
    Some(text)
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
