//! Owns what an expression, a query or a body names: relations with what is done to them, functions, texts, columns.

use std::collections::BTreeSet;

use super::super::catalog::routine::Function;
use super::super::catalog::{Catalog, Oid};
use super::super::fold::scope;
use super::super::parse::expr::{Body, Expr, From, Name, Query};
use super::super::parse::statement::{Command, Statement};
use super::body::Code;

/// The search path of a session that says nothing else.
pub const USUAL: [&str; 2] = ["public", "extensions"];

/// What was named.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Relations, and what is done to them.
    pub relations: BTreeSet<(Oid, Command)>,
    /// Functions that statements made.
    pub functions: BTreeSet<Oid>,
    /// All calls by name, those of the grammar too.
    pub calls: BTreeSet<Name>,
    /// The last part of each column.
    pub columns: BTreeSet<String>,
    /// Texts.
    pub texts: BTreeSet<String>,
    /// Relations without a schema, those of `WITH` left out.
    pub bare: BTreeSet<String>,
    /// Something was not found or not read.
    pub part: bool,
}

impl Named {
    /// Is the caller asked for by name?
    #[must_use]
    pub fn asks_caller(&self) -> bool {
        self.calls.iter().any(is_caller)
    }
}

/// Is it a call that says who the caller is?
#[must_use]
pub fn is_caller(name: &Name) -> bool {
    let name: Vec<&str> = name.iter().map(String::as_str).collect();
    matches!(
        name.as_slice(),
        ["auth", "uid" | "jwt" | "role" | "email"]
            | ["pg_catalog", "current_setting"]
            | ["current_setting" | "current_user" | "session_user" | "user" | "current_role"]
    )
}

/// Reads names along a search path.
#[derive(Debug)]
pub struct Gather<'a> {
    catalog: &'a Catalog,
    path: Vec<String>,
    with: Vec<String>,
    /// What was found so far.
    pub named: Named,
}

impl<'a> Gather<'a> {
    /// A reader.
    #[must_use]
    pub fn new(catalog: &'a Catalog, path: Vec<String>) -> Self {
        Self {
            catalog,
            path,
            with: Vec::new(),
            named: Named::default(),
        }
    }

    /// What a function's body names; `None` where its language is not read.
    #[must_use]
    pub fn of_function(catalog: &'a Catalog, function: &Function) -> Option<Named> {
        let code = Code::of(function)?;
        let mut gather = Self::new(catalog, path_of(function));
        gather.named.part = code.part;
        for statement in &code.statements {
            gather.statement(statement);
        }
        for expr in &code.exprs {
            gather.expr(expr);
        }
        Some(gather.named)
    }

    /// What an expression names.
    #[must_use]
    pub fn of_expr(catalog: &'a Catalog, path: &[String], expr: &Expr) -> Named {
        let mut gather = Self::new(catalog, path.to_vec());
        gather.expr(expr);
        gather.named
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Query(query) | Statement::CreateTableAs(_, _, _, _, Some(query)) => {
                self.query(query);
            }
            Statement::Call(expr) => self.expr(expr),
            Statement::Bulk(change) => self.relation(&change.table, verb(&change.verb)),
            _ => self.named.part = true,
        }
    }

    /// Reads an expression.
    pub fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Call(call) => {
                self.named.calls.insert(call.name.clone());
                if !call.grammar {
                    let found = self.catalog.functions_named(&call.name, &self.path);
                    let fits = found
                        .iter()
                        .filter(|function| takes(function, call.args.len()));
                    self.named
                        .functions
                        .extend(fits.map(|function| function.oid));
                }
            }
            Expr::Column(name) => {
                self.named
                    .columns
                    .insert(name.last().cloned().unwrap_or_default());
            }
            Expr::Text(text) => {
                self.named.texts.insert(text.clone());
            }
            _ => {}
        }
        let mut below = Vec::new();
        let mut queries = Vec::new();
        scope::children(expr, &mut |child| below.push(child), &mut |query| {
            queries.push(query);
        });
        for child in below {
            self.expr(child);
        }
        for query in queries {
            self.query(query);
        }
    }

    /// Reads a query.
    pub fn query(&mut self, query: &Query) {
        let names = self.with.len();
        if query.recursive {
            let all = query.with.iter().map(|(name, _)| name.clone());
            self.with.extend(all);
        }
        for (name, inner) in &query.with {
            self.query(inner);
            self.with.push(name.clone());
        }
        match &query.body {
            Body::Select(select) => {
                select.from.iter().for_each(|from| self.from(from));
                let targets = select.targets.iter().map(|(target, _)| target);
                let all = targets.chain(&select.condition).chain(&select.rest);
                all.for_each(|expr| self.expr(expr));
            }
            Body::Values(rows) => rows.iter().flatten().for_each(|expr| self.expr(expr)),
            Body::Set(all) => all.iter().for_each(|inner| self.query(inner)),
            Body::Change(change) => {
                self.relation(&change.table, verb(&change.verb));
                change.from.iter().for_each(|from| self.from(from));
                change.source.iter().for_each(|query| self.query(query));
                let sets = change.sets.iter().map(|(_, expr)| expr);
                let all = sets.chain(&change.condition).chain(&change.rest);
                all.for_each(|expr| self.expr(expr));
            }
        }
        query.tail.iter().for_each(|expr| self.expr(expr));
        self.with.truncate(names);
    }

    fn from(&mut self, from: &From) {
        match from {
            From::Relation(name, ..) => self.relation(name, Command::Select),
            From::Query(query, ..) => self.query(query),
            From::Function(calls, ..) => calls.iter().for_each(|call| self.expr(call)),
            From::Join(left, right, condition, ..) => {
                self.from(left);
                self.from(right);
                if let Some(on) = condition {
                    self.expr(on);
                }
            }
        }
    }

    fn relation(&mut self, name: &Name, command: Command) {
        if let [bare] = name.as_slice() {
            if self.with.contains(bare) {
                return;
            }
            self.named.bare.insert(bare.clone());
        }
        match self.catalog.find_relation(name, &self.path) {
            Some(oid) => {
                self.named.relations.insert((oid, command));
            }
            None => self.named.part |= !Catalog::is_system(name),
        }
    }
}

fn verb(verb: &str) -> Command {
    match verb {
        "insert" => Command::Insert,
        "update" | "merge" => Command::Update,
        "delete" => Command::Delete,
        _ => Command::Select,
    }
}

/// The path along which a function finds its names.
#[must_use]
pub fn path_of(function: &Function) -> Vec<String> {
    let own = function
        .settings
        .iter()
        .find(|(name, _)| name == "search_path");
    match own {
        Some((_, value)) => value
            .split(',')
            .map(|part| part.trim().trim_matches(['"', '\'']).to_owned())
            .filter(|part| !part.is_empty())
            .collect(),
        None => USUAL.iter().map(|schema| (*schema).to_owned()).collect(),
    }
}

/// Can a function be called with so many arguments?
#[must_use]
pub fn takes(function: &Function, count: usize) -> bool {
    use super::super::parse::statement::Mode;
    let given = function
        .args
        .iter()
        .filter(|arg| super::super::catalog::routine::is_input(arg.mode));
    let all = given.clone().count();
    let needed = given
        .clone()
        .filter(|arg| !arg.default && arg.mode != Mode::Variadic)
        .count();
    let more = given.clone().any(|arg| arg.mode == Mode::Variadic);
    needed <= count && (count <= all || more)
}
