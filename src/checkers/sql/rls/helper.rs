//! Owns the rules on the functions that policies call, and on those that run with their owner's rights.

use std::collections::BTreeSet;

use super::super::catalog::Oid;
use super::super::catalog::relation::{Policy, Relation};
use super::super::catalog::routine::Function;
use super::super::fold::scope;
use super::super::parse::expr::{Body, Call, Expr};
use super::super::parse::statement::Statement;
use super::body::Code;
use super::condition::functions;
use super::gather::{Gather, takes};
use super::{Rls, lints, of_policy};

impl Rls<'_> {
    /// What is to be said of the functions in a policy.
    pub(super) fn helpers(&mut self, relation: &Relation, policy: &Policy) {
        let mut calls = Vec::new();
        // What is checked is what is written: few rows, and not those of a whole table.
        if let Some(expr) = &policy.using {
            per_row(expr, &mut calls);
        }
        let mut said = BTreeSet::new();
        for call in calls {
            let all = self.catalog.functions_named(&call.name, &policy.path);
            let Some(function) = all
                .into_iter()
                .find(|function| takes(function, call.args.len()))
            else {
                continue;
            };
            let name = format!("{}.{}", function.schema, function.name);
            if function.origin.file.is_none()
                || function.extension.is_some()
                || !said.insert(name.clone())
            {
                continue;
            }
            if function.volatility == 'v' && !is_inlined(function) {
                let entry = self.volatile.entry(function.oid).or_default();
                entry.push(of_policy(relation, policy));
            } else if self.known.helpers.contains(&name) && !call.args.iter().any(has_column) {
                let says = format!("calls {name} for each row anew");
                self.on_policy("rls_helper_per_row", relation, policy, &says);
            }
        }
        for oid in functions(policy) {
            let function = self.catalog.functions.get(&oid);
            if function.is_some_and(|f| f.volatility == 'i' && f.origin.file.is_some()) {
                let entry = self.immutable.entry(oid).or_default();
                entry.push(of_policy(relation, policy));
            }
        }
    }

    /// What is to be said of the functions themselves, whatever number of policies calls them.
    pub(super) fn called(&mut self) {
        let catalog = self.catalog;
        let named = |oid: &Oid| {
            let function = catalog.functions.get(oid)?;
            let name = format!(
                "{}.{}({})",
                function.schema,
                function.name,
                function.identity()
            );
            Some((function, name))
        };
        for (oid, policies) in std::mem::take(&mut self.volatile) {
            let Some((function, name)) = named(&oid) else {
                continue;
            };
            let by = by(&policies);
            let headline = format!("{name} is VOLATILE, and {by} for each row anew");
            self.hit(
                "rls_policy_function_volatile",
                name,
                headline,
                function.origin,
            );
        }
        for (oid, policies) in std::mem::take(&mut self.immutable) {
            let Some((function, name)) = named(&oid) else {
                continue;
            };
            let read = Gather::of_function(catalog, function);
            if read.is_some_and(|read| read.asks_caller() || !read.relations.is_empty()) {
                let by = by(&policies);
                let headline = format!(
                    "{name} is IMMUTABLE and reads what changes, and {by}: one caller's answer may be given to another"
                );
                self.hit(
                    "rls_immutable_reads_session",
                    name,
                    headline,
                    function.origin,
                );
            }
        }
    }

    /// Functions that run with their owner's rights.
    pub(super) fn definers(&mut self) {
        let catalog = self.catalog;
        for function in catalog.functions.values() {
            let own = function.origin.file.is_some() && function.extension.is_none();
            if !own || !function.definer || lints::is_platform(&function.schema) {
                continue;
            }
            let path = function
                .settings
                .iter()
                .find(|(name, _)| name == "search_path");
            let Some((_, path)) = path else { continue };
            let last = path
                .split(',')
                .next_back()
                .map_or("", |part| part.trim().trim_matches(['"', '\'']));
            // With an empty path every name in the body is qualified, or the function does not work at all.
            if last == "pg_temp" || last.is_empty() {
                continue;
            }
            let Some(named) = Gather::of_function(catalog, function) else {
                continue;
            };
            if let Some(bare) = named.bare.iter().find(|name| !name.starts_with("pg_")) {
                let object = format!(
                    "{}.{}({})",
                    function.schema,
                    function.name,
                    function.identity()
                );
                let headline =
                    format!("{object} looks for {bare} among its caller's temporary tables first");
                self.hit("secdef_pg_temp", object, headline, function.origin);
            }
        }
    }
}

/// Which policies call a function, in words: the first one, and how many more.
fn by(policies: &[String]) -> String {
    let all: BTreeSet<&String> = policies.iter().collect();
    let first = all.first().map_or("", |first| first.as_str());
    match all.len() {
        0 | 1 => format!("the policy `{first}` calls it"),
        n => format!("{n} policies call it, first `{first}`"),
    }
}

/// The calls that run for each row: those outside of a query that has no source.
fn per_row<'e>(expr: &'e Expr, found: &mut Vec<&'e Call>) {
    if let Expr::Call(call) = expr
        && !call.grammar
    {
        found.push(call);
    }
    let mut queries = Vec::new();
    let mut below = Vec::new();
    scope::children(expr, &mut |child| below.push(child), &mut |query| {
        queries.push(query);
    });
    for child in below {
        per_row(child, found);
    }
    for query in queries {
        if let Body::Select(select) = &query.body
            && !select.from.is_empty()
        {
            select
                .condition
                .iter()
                .for_each(|expr| per_row(expr, found));
        }
    }
}

fn has_column(expr: &Expr) -> bool {
    if matches!(expr, Expr::Column(_)) {
        return true;
    }
    let mut found = false;
    scope::children(expr, &mut |child| found |= has_column(child), &mut |_| {});
    found
}

/// Does the planner put the function's body in the place of the call? One expression in SQL without a query.
fn is_inlined(function: &Function) -> bool {
    if function.language != "sql" || function.definer || !function.settings.is_empty() {
        return false;
    }
    let Some(code) = Code::of(function) else {
        return false;
    };
    match code.statements.as_slice() {
        [Statement::Query(query)] => {
            matches!(&query.body, Body::Select(select) if select.from.is_empty() && !select.targets.iter().any(|(target, _)| has_query(target)))
        }
        _ => false,
    }
}

fn has_query(expr: &Expr) -> bool {
    let mut found = false;
    let mut below = Vec::new();
    scope::children(expr, &mut |child| below.push(child), &mut |_| found = true);
    found || below.into_iter().any(has_query)
}
