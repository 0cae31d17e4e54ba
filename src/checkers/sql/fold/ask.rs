//! Owns the rows that a query in a block gives, where it asks for nothing but the simulated catalog, arrays and literals.

use std::rc::Rc;

use super::super::parse::expr::{Body, Expr, From, Query, Select};
use super::evaluate::Env;
use super::scope::figure;
use super::value::Value;
use super::{Fail, Fold};

/// The rows that stand behind the names of a `FROM`, one of each.
pub type Row = Vec<Part>;

/// A row under its alias.
#[derive(Clone, Debug)]
pub struct Part {
    /// The alias.
    pub alias: Rc<str>,
    /// Its columns.
    pub columns: Rc<[(String, Value)]>,
    /// Are there columns that are not known by name?
    pub open: bool,
}

/// What a query gives: columns by name; `None`: nobody knows.
pub type Answer = Result<Option<Vec<Vec<(String, Value)>>>, Fail>;

impl Fold {
    /// The rows of a query.
    pub(super) fn ask(&self, query: &Query, env: Env<'_>) -> Answer {
        if !query.with.is_empty() {
            return Ok(None);
        }
        let mut rows = match &query.body {
            Body::Select(select) => match self.selected(select, env)? {
                Some(rows) => rows,
                None => return Ok(None),
            },
            Body::Values(all) => {
                let mut rows = Vec::new();
                for values in all {
                    let mut row = Vec::new();
                    for (at, value) in values.iter().enumerate() {
                        row.push((format!("column{}", at + 1), self.evaluate(value, env)?));
                    }
                    rows.push(row);
                }
                rows
            }
            _ => return Ok(None),
        };
        // Only a query without a limit gives all its rows; an order changes nothing of which they are.
        let limit = query
            .tail
            .iter()
            .any(|expr| matches!(expr, Expr::Number(_) | Expr::Param(_)));
        if limit && rows.len() > 1 {
            return Ok(None);
        }
        if let Body::Select(select) = &query.body
            && select.distinct
        {
            let mut seen: Vec<Vec<(String, Value)>> = Vec::new();
            for row in rows {
                if row.iter().any(|(_, value)| value.is_unknown()) {
                    return Ok(None);
                }
                if !seen.contains(&row) {
                    seen.push(row);
                }
            }
            rows = seen;
        }
        Ok(Some(rows))
    }

    /// Does a query give a row? It may be sure of one and unsure of others.
    pub(super) fn exists(&self, query: &Query, env: Env<'_>) -> Result<Option<bool>, Fail> {
        let Body::Select(select) = &query.body else {
            return Ok(self.ask(query, env)?.map(|rows| !rows.is_empty()));
        };
        if !query.with.is_empty()
            || grouped(select)
            || query
                .tail
                .iter()
                .any(|expr| matches!(expr, Expr::Number(n) if n == "0"))
        {
            return Ok(None);
        }
        let Some(found) = self.combined(select, env)? else {
            return Ok(None);
        };
        let mut unsure = false;
        for row in found {
            match self.meets(select, &row, env)? {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => unsure = true,
            }
        }
        Ok((!unsure).then_some(false))
    }

    fn meets(&self, select: &Select, row: &Row, env: Env<'_>) -> Result<Option<bool>, Fail> {
        let Some(condition) = &select.condition else {
            return Ok(Some(true));
        };
        Ok(
            match self.evaluate(
                condition,
                Env {
                    rows: &within(row, env),
                    ..env
                },
            )? {
                Value::Bool(value) => Some(value),
                Value::Null => Some(false),
                _ => None,
            },
        )
    }

    fn selected(&self, select: &Select, env: Env<'_>) -> Answer {
        let many = select.targets.iter().any(|(target, _)| gives_rows(target));
        if many
            && (select.targets.len() > 1 || !select.from.is_empty() || select.condition.is_some())
        {
            return Ok(None);
        }
        let Some(found) = self.combined(select, env)? else {
            return Ok(None);
        };
        let mut kept = Vec::new();
        for row in found {
            match self.meets(select, &row, env)? {
                Some(true) => kept.push(row),
                Some(false) => {}
                None => return Ok(None),
            }
        }
        if grouped(select) {
            return self.aggregated(select, &kept, env);
        }
        let mut rows = Vec::new();
        for row in &kept {
            rows.push(self.targets(select, row, env)?);
        }
        Ok(Some(rows))
    }

    fn targets(
        &self,
        select: &Select,
        row: &Row,
        env: Env<'_>,
    ) -> Result<Vec<(String, Value)>, Fail> {
        let mut all = Vec::new();
        let rows = within(row, env);
        for (target, alias) in &select.targets {
            match target {
                Expr::Column(name) if name.last().is_some_and(|last| last == "*") => {
                    let wanted =
                        |part: &&Part| name.len() == 1 || name[name.len() - 2] == *part.alias;
                    all.extend(
                        row.iter()
                            .filter(wanted)
                            .flat_map(|part| part.columns.to_vec()),
                    );
                }
                Expr::Call(call) if call.name.last().is_some_and(|name| name == "unnest") => {
                    // Its rows were made in the place of those of `FROM`.
                    all.extend(row.iter().flat_map(|part| part.columns.to_vec()));
                }
                target => {
                    let name = alias.clone().unwrap_or_else(|| figure(target));
                    all.push((
                        name,
                        self.evaluate(target, Env { rows: &rows, ..env })?.single(),
                    ));
                }
            }
        }
        Ok(all)
    }

    /// `count(*)` and `array_agg(x)` over all rows.
    fn aggregated(&self, select: &Select, kept: &[Row], env: Env<'_>) -> Answer {
        if !select.rest.is_empty() {
            return Ok(None);
        }
        let mut row = Vec::new();
        for (target, alias) in &select.targets {
            let mut inner = target;
            while let Expr::Cast(below, _) = inner {
                inner = below;
            }
            let Expr::Call(call) = inner else {
                return Ok(None);
            };
            let name = alias.clone().unwrap_or_else(|| figure(target));
            let value = match (call.name.last().map(String::as_str), call.args.as_slice()) {
                (Some("count"), []) if call.star && call.extra.is_empty() => {
                    i64::try_from(kept.len()).map_or(Value::Unknown, Value::Number)
                }
                (Some("array_agg"), [of]) => {
                    let mut all = Vec::new();
                    for row in kept {
                        all.push(self.evaluate(
                            of,
                            Env {
                                rows: &within(row, env),
                                ..env
                            },
                        )?);
                    }
                    if all.is_empty() {
                        Value::Null
                    } else {
                        Value::List(all)
                    }
                }
                _ => Value::Unknown,
            };
            row.push((name, value));
        }
        Ok(Some(vec![row]))
    }

    /// All combinations of the rows that stand in `FROM`.
    fn combined(&self, select: &Select, env: Env<'_>) -> Result<Option<Vec<Row>>, Fail> {
        let mut all: Vec<Row> = vec![Vec::new()];
        for from in &select.from {
            let mut next = Vec::new();
            for row in &all {
                let Some(more) = self.rows_of(from, row, env)? else {
                    return Ok(None);
                };
                if !env.looks_at(more.len()) {
                    return Ok(None);
                }
                next.extend(
                    more.into_iter()
                        .map(|part| [row.as_slice(), &part].concat()),
                );
            }
            all = next;
        }
        // `SELECT unnest(...)` gives a row for each element.
        if let [(Expr::Call(call), alias)] = select.targets.as_slice()
            && call.name.last().is_some_and(|name| name == "unnest")
            && select.from.is_empty()
        {
            let name = alias.clone().unwrap_or_else(|| "unnest".to_owned());
            return self.unnested(&call.args, "", &name, env);
        }
        Ok(Some(all))
    }

    fn unnested(
        &self,
        args: &[Expr],
        alias: &str,
        column: &str,
        env: Env<'_>,
    ) -> Result<Option<Vec<Row>>, Fail> {
        let [array] = args else { return Ok(None) };
        let part = |value: Value| {
            vec![Part {
                alias: alias.into(),
                columns: Rc::new([(column.to_owned(), value)]),
                open: false,
            }]
        };
        Ok(match self.evaluate(array, env)? {
            Value::List(all) => Some(all.into_iter().map(part).collect()),
            Value::Null => Some(Vec::new()),
            _ => None,
        })
    }

    fn rows_of(&self, from: &From, before: &Row, env: Env<'_>) -> Result<Option<Vec<Row>>, Fail> {
        match from {
            From::Relation(name, alias, columns) => {
                let own = self
                    .catalog
                    .find_relation(name, &self.session.path)
                    .is_some()
                    && name.len() == 1;
                let bucket = name.first().is_some_and(|schema| schema == "storage");
                let Some(rows) = self
                    .system_rows(name)
                    .filter(|_| (!own || bucket) && columns.is_empty())
                else {
                    return Ok(None);
                };
                let alias: Rc<str> = alias
                    .as_ref()
                    .or(name.last())
                    .map_or("", String::as_str)
                    .into();
                let part = |row: super::system::Row| {
                    vec![Part {
                        alias: alias.clone(),
                        columns: row
                            .into_iter()
                            .map(|(name, value)| (name.to_owned(), value))
                            .collect(),
                        open: true,
                    }]
                };
                Ok(Some(rows.into_iter().map(part).collect()))
            }
            From::Function(calls, alias, columns) => {
                let [Expr::Call(call)] = calls.as_slice() else {
                    return Ok(None);
                };
                if call.name.last().is_none_or(|name| name != "unnest") {
                    return Ok(None);
                }
                let alias = alias.clone().unwrap_or_else(|| "unnest".to_owned());
                let column = columns.first().cloned().unwrap_or_else(|| alias.clone());
                let rows = within(before, env);
                self.unnested(&call.args, &alias, &column, Env { rows: &rows, ..env })
            }
            From::Query(query, alias, columns) => {
                let rows = within(before, env);
                let Some(found) = self.ask(query, Env { rows: &rows, ..env })? else {
                    return Ok(None);
                };
                let part = |mut row: Vec<(String, Value)>| {
                    for (column, name) in row.iter_mut().zip(columns) {
                        column.0.clone_from(name);
                    }
                    vec![Part {
                        alias: alias.as_deref().unwrap_or_default().into(),
                        columns: row.into(),
                        open: false,
                    }]
                };
                Ok(Some(found.into_iter().map(part).collect()))
            }
            From::Join(left, right, Some(on), using, false) if using.is_empty() => {
                self.joined(left, right, on, before, env)
            }
            From::Join(..) => Ok(None),
        }
    }

    /// The rows of an inner join.
    fn joined(
        &self,
        left: &From,
        right: &From,
        on: &Expr,
        before: &Row,
        env: Env<'_>,
    ) -> Result<Option<Vec<Row>>, Fail> {
        let Some(left) = self.rows_of(left, before, env)? else {
            return Ok(None);
        };
        // A relation has the same rows whatever stands before it.
        let fixed = match right {
            From::Relation(..) => match self.rows_of(right, before, env)? {
                Some(rows) => Some(rows),
                None => return Ok(None),
            },
            _ => None,
        };
        let mut all = Vec::new();
        for one in left {
            let so_far = [before.as_slice(), &one].concat();
            let right = match &fixed {
                Some(rows) => rows.clone(),
                None => match self.rows_of(right, &so_far, env)? {
                    Some(rows) => rows,
                    None => return Ok(None),
                },
            };
            if !env.looks_at(right.len()) {
                return Ok(None);
            }
            for other in right {
                let row = [one.as_slice(), &other].concat();
                let whole = [before.as_slice(), &row].concat();
                match self.evaluate(
                    on,
                    Env {
                        rows: &within(&whole, env),
                        ..env
                    },
                )? {
                    Value::Bool(true) => all.push(row),
                    Value::Bool(false) | Value::Null => {}
                    _ => return Ok(None),
                }
            }
        }
        Ok(Some(all))
    }
}

/// The rows around, and this one as the innermost.
fn within(row: &Row, env: Env<'_>) -> Vec<Row> {
    let mut rows = env.rows.to_vec();
    rows.push(row.clone());
    rows
}

/// May it give more than one row, or none?
fn gives_rows(target: &Expr) -> bool {
    const KNOWN: [&str; 9] = [
        "unnest",
        "generate_series",
        "regexp_split_to_table",
        "regexp_matches",
        "string_to_table",
        "jsonb_array_elements",
        "jsonb_array_elements_text",
        "json_array_elements",
        "jsonb_object_keys",
    ];
    matches!(target, Expr::Call(call) if call.name.last().is_some_and(|name| KNOWN.contains(&name.as_str())))
}

/// Is it one row made of all?
fn grouped(select: &Select) -> bool {
    const KNOWN: [&str; 12] = [
        "count",
        "array_agg",
        "string_agg",
        "max",
        "min",
        "sum",
        "avg",
        "bool_and",
        "bool_or",
        "every",
        "json_agg",
        "jsonb_agg",
    ];
    let mut found = !select.rest.is_empty();
    for (target, _) in &select.targets {
        let mut open = vec![target];
        while let Some(expr) = open.pop() {
            found |= matches!(expr, Expr::Call(call) if call.name.last().is_some_and(|name| KNOWN.contains(&name.as_str())));
            super::scope::children(expr, &mut |child| open.push(child), &mut |_| {});
        }
    }
    found
}
