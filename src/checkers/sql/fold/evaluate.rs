//! Owns what an expression in a block is worth, as far as the simulated catalog tells. What it cannot tell is unknown.

use std::cell::Cell;

use super::super::catalog::relation::RelKind;
use super::super::parse::expr::{Call, Expr, Name, TypeName};
use super::super::parse::words::quote;
use super::ask::Row;
use super::operators::{any, binary, is, negated, texts};
use super::system::{kind, namespace, role};
use super::value::{self, Value, Values};
use super::{Fail, Fold};

/// What is known where an expression stands.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// Variables.
    pub values: &'a Values,
    /// The rows of the queries around it, the innermost last.
    pub rows: &'a [Row],
    /// How many more rows may be looked at.
    pub left: &'a Cell<usize>,
}

impl Env<'_> {
    /// Takes note of rows that are looked at; `false` where that is too many.
    pub fn looks_at(&self, rows: usize) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(rows));
        rows <= left
    }
}

/// A value, or the failure that the server ends in.
pub type Found = Result<Value, Fail>;

impl Fold {
    /// What an expression is worth.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
    pub(super) fn evaluate(&self, expr: &Expr, env: Env<'_>) -> Found {
        Ok(match expr {
            Expr::Null => Value::Null,
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Number(number) => match number.parse() {
                Ok(number) => Value::Number(number),
                Err(_) => Value::Text(number.clone()),
            },
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Column(name) => column(name, env),
            Expr::Cast(inner, ty) => {
                let value = self.evaluate(inner, env)?;
                self.cast(value, ty)?
            }
            Expr::Collate(inner, _) => self.evaluate(inner, env)?,
            Expr::And(all) => self.junction(all, env, false)?,
            Expr::Or(all) => self.junction(all, env, true)?,
            Expr::Not(inner) => match self.evaluate(inner, env)? {
                Value::Bool(value) => Value::Bool(!value),
                Value::Null => Value::Null,
                _ => Value::Unknown,
            },
            Expr::Is(inner, test, not) => is(&self.evaluate(inner, env)?, *test, *not),
            Expr::Distinct(left, right, not) => {
                let (left, right) = (self.evaluate(left, env)?, self.evaluate(right, env)?);
                let distinct = match (&left, &right) {
                    (Value::Unknown, _) | (_, Value::Unknown) => None,
                    (Value::Null, Value::Null) => Some(false),
                    (Value::Null, _) | (_, Value::Null) => Some(true),
                    _ => value::same(&left, &right).map(|same| !same),
                };
                Value::truth(distinct.map(|distinct| distinct != *not))
            }
            Expr::Binary(op, left, right) => {
                let (left, right) = (self.evaluate(left, env)?, self.evaluate(right, env)?);
                binary(op, left.single(), right.single())
            }
            Expr::Unary(op, inner) => match (op.as_str(), self.evaluate(inner, env)?) {
                ("-", Value::Number(number)) => {
                    number.checked_neg().map_or(Value::Unknown, Value::Number)
                }
                _ => Value::Unknown,
            },
            Expr::InList(left, all, not) => {
                let left = self.evaluate(left, env)?.single();
                let mut items = Vec::new();
                for item in all {
                    items.push(self.evaluate(item, env)?.single());
                }
                negated(any(&left, &items, "="), *not)
            }
            Expr::InQuery(left, query, not) => {
                let left = self.evaluate(left, env)?.single();
                match self.ask(query, env)? {
                    Some(rows) => negated(any(&left, &singles(rows), "="), *not),
                    None => Value::Unknown,
                }
            }
            Expr::Quantified(op, left, right, all) => {
                self.quantified(op, left, right, *all, env)?
            }
            Expr::Exists(query) => Value::truth(self.exists(query, env)?),
            Expr::Scalar(query) => match self.ask(query, env)? {
                Some(rows) if rows.len() > 1 => {
                    return Err(Fail::Wrong(
                        "a query in an expression gives several rows".to_owned(),
                    ));
                }
                Some(mut rows) => rows
                    .pop()
                    .map_or(Value::Null, |row| Value::Record(row).single()),
                None => Value::Unknown,
            },
            Expr::ArrayOf(query) => self
                .ask(query, env)?
                .map_or(Value::Unknown, |rows| Value::List(singles(rows))),
            Expr::Array(all) => {
                let mut items = Vec::new();
                for item in all {
                    items.push(self.evaluate(item, env)?.single());
                }
                Value::List(items)
            }
            Expr::Case(operand, arms, other) => {
                self.case(operand.as_deref(), arms, other.as_deref(), env)?
            }
            Expr::Field(inner, name) => match self.evaluate(inner, env)? {
                Value::Record(all) => field(&all, name),
                _ => Value::Unknown,
            },
            Expr::Index(inner, at) => match (self.evaluate(inner, env)?, at.as_slice()) {
                (Value::List(all), [at]) => match self.evaluate(at, env)? {
                    Value::Number(at) => {
                        let found = usize::try_from(at - 1)
                            .ok()
                            .and_then(|at| all.get(at).cloned());
                        found.unwrap_or(Value::Null)
                    }
                    _ => Value::Unknown,
                },
                _ => Value::Unknown,
            },
            Expr::Between(value, low, high, not) => {
                let value = self.evaluate(value, env)?;
                let (low, high) = (self.evaluate(low, env)?, self.evaluate(high, env)?);
                match (value, low, high) {
                    (Value::Number(value), Value::Number(low), Value::Number(high)) => {
                        Value::Bool((low <= value && value <= high) != *not)
                    }
                    _ => Value::Unknown,
                }
            }
            Expr::Call(call) => self.called_value(call, env)?,
            Expr::Param(_) | Expr::Default | Expr::Row(_) => Value::Unknown,
        })
    }

    /// `AND`, or `OR` where `wins` is true.
    fn junction(&self, all: &[Expr], env: Env<'_>, wins: bool) -> Found {
        let (mut unknown, mut null) = (false, false);
        for one in all {
            match self.evaluate(one, env)? {
                Value::Bool(value) if value == wins => return Ok(Value::Bool(wins)),
                Value::Bool(_) => {}
                Value::Null => null = true,
                _ => unknown = true,
            }
        }
        Ok(match (unknown, null) {
            (true, _) => Value::Unknown,
            (_, true) => Value::Null,
            _ => Value::Bool(!wins),
        })
    }

    fn quantified(&self, op: &str, left: &Expr, right: &Expr, all: bool, env: Env<'_>) -> Found {
        let left = self.evaluate(left, env)?.single();
        let items = match right {
            Expr::Scalar(query) => self.ask(query, env)?.map(singles),
            right => match self.evaluate(right, env)? {
                Value::List(all) => Some(all),
                Value::Text(text) => value::elements(&text),
                _ => None,
            },
        };
        let Some(items) = items else {
            return Ok(Value::Unknown);
        };
        Ok(match (op, all) {
            ("<>", true) => negated(any(&left, &items, "="), true),
            (op, false) => any(&left, &items, op),
            _ => Value::Unknown,
        })
    }

    fn case(
        &self,
        operand: Option<&Expr>,
        arms: &[(Expr, Expr)],
        other: Option<&Expr>,
        env: Env<'_>,
    ) -> Found {
        let operand = match operand {
            Some(operand) => Some(self.evaluate(operand, env)?),
            None => None,
        };
        for (condition, result) in arms {
            let condition = self.evaluate(condition, env)?;
            let holds = match &operand {
                Some(operand) => binary("=", operand.clone(), condition),
                None => condition,
            };
            match holds {
                Value::Bool(true) => return self.evaluate(result, env),
                Value::Bool(false) | Value::Null => {}
                _ => return Ok(Value::Unknown),
            }
        }
        other.map_or(Ok(Value::Null), |other| self.evaluate(other, env))
    }

    fn cast(&self, value: Value, ty: &TypeName) -> Found {
        let value = value.single();
        let name = ty.name.last().map_or("", String::as_str);
        if ty.of_column || value.is_unknown() || value == Value::Null {
            return Ok(value);
        }
        if ty.dimensions > 0 {
            return Ok(match value {
                Value::Text(text) => value::elements(&text).map_or(Value::Unknown, Value::List),
                Value::List(all) => Value::List(all),
                _ => Value::Unknown,
            });
        }
        Ok(match (name, value) {
            ("regclass", Value::Text(text)) => self.regclass(&text, true)?,
            ("regtype", Value::Text(text)) => self.regtype(&text, true)?,
            ("regnamespace", Value::Text(text)) => {
                if !self.catalog.schemas.contains_key(&text)
                    && !self.lenient
                    && !text.starts_with("pg_")
                {
                    return Err(Fail::Missing(format!("schema {text}")));
                }
                namespace(&text)
            }
            ("regrole", Value::Text(text)) => role(&text),
            ("text" | "name" | "varchar", value) => match &value {
                Value::Bool(truth) => Value::text(if *truth { "true" } else { "false" }),
                value => value.printed().map_or(Value::Unknown, Value::Text),
            },
            ("bool", Value::Text(text)) => Value::truth(value::parsed(&text)),
            ("int4" | "int8" | "int2", Value::Text(text)) => {
                text.trim().parse().map_or(Value::Unknown, Value::Number)
            }
            ("char", Value::Text(text)) if text.len() <= 1 => Value::Text(text),
            (
                "regclass" | "regprocedure" | "regproc" | "regtype" | "regnamespace" | "regrole"
                | "oid",
                value @ Value::Object(..),
            )
            | ("int4" | "int8" | "int2", value @ Value::Number(_))
            | ("bool", value @ Value::Bool(_)) => value,
            _ => Value::Unknown,
        })
    }

    /// The relation that a text names: unknown where it is none, or a failure.
    fn regclass(&self, text: &str, must: bool) -> Found {
        let Some(name) = named(text) else {
            return Ok(Value::Unknown);
        };
        if let Some(oid) = self.catalog.find_relation(&name, &self.session.path) {
            return Ok(self.object_of(oid));
        }
        if let Some(oid) = self.catalog.find(&name, &self.session.path) {
            let index = name.last().cloned().unwrap_or_default();
            return Ok(Value::Object(format!("index {oid}.{index}"), quote(&index)));
        }
        self.absent(&name, must, "relation")
    }

    /// What a name is worth that nothing here made.
    fn absent(&self, name: &Name, must: bool, what: &str) -> Found {
        let system = super::super::catalog::Catalog::is_system(name);
        let platform = matches!(name.as_slice(), [schema, _] if !matches!(schema.as_str(), "public") && self.is_crowded(schema));
        if system || platform || self.lenient {
            return Ok(Value::Unknown);
        }
        if must {
            return Err(Fail::Missing(format!("{what} {}", name.join("."))));
        }
        Ok(Value::Null)
    }

    /// Does the platform or an extension fill the schema?
    fn is_crowded(&self, schema: &str) -> bool {
        matches!(
            schema,
            "auth"
                | "storage"
                | "realtime"
                | "extensions"
                | "graphql"
                | "vault"
                | "cron"
                | "net"
                | "pgmq"
        ) || self
            .catalog
            .extensions
            .values()
            .any(|other| other == schema)
    }

    fn regtype(&self, text: &str, must: bool) -> Found {
        let Some(name) = named(text) else {
            return Ok(Value::Unknown);
        };
        let schemas: Vec<&str> = match name.as_slice() {
            [_] => self.session.path.iter().map(String::as_str).collect(),
            [schema, _] => vec![schema.as_str()],
            _ => return Ok(Value::Unknown),
        };
        let last = name.last().cloned().unwrap_or_default();
        for schema in schemas {
            let row = self
                .catalog
                .named(schema, &last)
                .and_then(|oid| self.catalog.relation(oid));
            let row = row.is_some_and(|row| row.name == last && row.kind != RelKind::Sequence);
            if row
                || self
                    .catalog
                    .kinds
                    .contains_key(&(schema.to_owned(), last.clone()))
            {
                return Ok(kind(schema, &last, &quote(&last)));
            }
        }
        if name.len() == 1 && super::super::catalog::builtin::is_type(&last) {
            return Ok(kind("pg_catalog", &last, &last));
        }
        self.absent(&name, must, "type")
    }

    fn called_value(&self, call: &Call, env: Env<'_>) -> Found {
        if !call.extra.is_empty() || call.windowed || call.star {
            return Ok(Value::Unknown);
        }
        let name = match call.name.as_slice() {
            [name] => name.as_str(),
            [schema, name] if schema == "pg_catalog" => name.as_str(),
            _ => return Ok(Value::Unknown),
        };
        if name == "coalesce" {
            for arg in &call.args {
                match self.evaluate(arg, env)?.single() {
                    Value::Null => {}
                    value => return Ok(value),
                }
            }
            return Ok(Value::Null);
        }
        let mut args = Vec::new();
        for arg in &call.args {
            args.push(self.evaluate(arg, env)?.single());
        }
        Ok(match (name, args.as_slice()) {
            ("current_user" | "session_user" | "current_role", []) => {
                Value::text(&self.session.role)
            }
            ("current_schema", []) => self
                .session
                .path
                .first()
                .map_or(Value::Null, |schema| Value::text(schema)),
            ("format", [Value::Text(pattern), args @ ..]) => {
                value::format(pattern, args).map_or(Value::Unknown, Value::Text)
            }
            ("concat", args) => {
                let mut text = String::new();
                for arg in args {
                    match (arg.printed(), arg) {
                        (Some(printed), _) => text.push_str(&printed),
                        (None, Value::Null) => {}
                        _ => return Ok(Value::Unknown),
                    }
                }
                Value::Text(text)
            }
            ("nullif", [left, right]) => match value::same(left, right) {
                Some(true) => Value::Null,
                Some(false) => left.clone(),
                None => Value::Unknown,
            },
            (
                "quote_nullable" | "to_regclass" | "to_regtype" | "quote_ident" | "quote_literal",
                [Value::Null],
            ) => {
                if name == "quote_nullable" {
                    Value::text("NULL")
                } else {
                    Value::Null
                }
            }
            ("to_regclass", [Value::Text(text)]) => self.regclass(text, false)?,
            ("to_regtype", [Value::Text(text)]) => self.regtype(text, false)?,
            ("pg_get_function_identity_arguments", [Value::Object(id, _)]) => {
                let oid = id.strip_prefix("proc ").and_then(|oid| oid.parse().ok());
                let function = oid.and_then(|oid: u32| self.catalog.functions.get(&oid));
                function.map_or(Value::Unknown, |function| Value::Text(function.identity()))
            }
            ("cardinality" | "array_length", [Value::List(all), ..]) => match (name, all.len()) {
                ("array_length", 0) => Value::Null,
                (_, length) => i64::try_from(length).map_or(Value::Unknown, Value::Number),
            },
            ("array_append", [Value::List(all), one]) => {
                Value::List([all.as_slice(), std::slice::from_ref(one)].concat())
            }
            ("string_to_array", [Value::Text(text), Value::Text(mark)]) if !mark.is_empty() => {
                Value::List(text.split(mark.as_str()).map(Value::text).collect())
            }
            ("array_to_string", [Value::List(all), Value::Text(mark)]) => {
                let all: Option<Vec<String>> = all.iter().map(Value::printed).collect();
                all.map_or(Value::Unknown, |all| Value::Text(all.join(mark)))
            }
            (_, args) if args.contains(&Value::Null) => Value::Null,
            (_, args) => texts(name, args),
        })
    }
}

/// A column of a row around, else a variable.
fn column(name: &[String], env: Env<'_>) -> Value {
    match name {
        [name] => {
            for row in env.rows.iter().rev() {
                for part in row.iter().rev() {
                    if let Some((_, value)) = part.columns.iter().find(|(other, _)| other == name) {
                        return value.clone();
                    }
                }
                // A column of the server that is not modelled hides a variable.
                if row.iter().any(|part| part.open) && !env.values.contains_key(name) {
                    return Value::Unknown;
                }
            }
            env.values
                .get(name)
                .cloned()
                .unwrap_or(Value::Unknown)
                .single()
        }
        [.., alias, name] => {
            for row in env.rows.iter().rev() {
                if let Some(part) = row.iter().rev().find(|part| *part.alias == **alias) {
                    return field(&part.columns, name);
                }
            }
            match env.values.get(alias) {
                Some(Value::Record(all)) => field(all, name),
                Some(Value::Null) => Value::Null,
                _ => env
                    .values
                    .get(&format!("{alias}.{name}"))
                    .cloned()
                    .unwrap_or(Value::Unknown),
            }
        }
        [] => Value::Unknown,
    }
}

fn field(all: &[(String, Value)], name: &str) -> Value {
    let found = all.iter().find(|(other, _)| other == name);
    found.map_or(Value::Unknown, |(_, value)| value.clone())
}

fn singles(rows: Vec<Vec<(String, Value)>>) -> Vec<Value> {
    rows.into_iter()
        .map(|row| Value::Record(row).single())
        .collect()
}

/// The name that a text spells, as `regclass` reads it.
fn named(text: &str) -> Option<Name> {
    let mut name = Vec::new();
    let mut rest = text.trim();
    loop {
        let (part, behind) = if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"')?;
            (quoted[..end].to_owned(), &quoted[end + 1..])
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let word = &rest[..end];
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'$';
            if word.is_empty() || !word.bytes().all(plain) {
                return None;
            }
            (word.to_ascii_lowercase(), &rest[end..])
        };
        name.push(part);
        match behind.strip_prefix('.') {
            Some(more) => rest = more,
            None if behind.is_empty() => return Some(name),
            None => return None,
        }
    }
}
