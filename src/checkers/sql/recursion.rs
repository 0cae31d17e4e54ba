//! Owns the rule on policies that ask for each other: PostgreSQL ends such a query with the error 42P17.

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::relation::{Policy, RelKind, Relation, Use};
use super::catalog::{Catalog, Oid};
use super::lints::Hit;
use super::parse::statement::Command;

/// Policies on a way that leads back to their own table.
pub fn all(catalog: &Catalog) -> Vec<Hit> {
    let mut hits = BTreeMap::new();
    for (role, found) in &catalog.roles {
        if found.bypass || found.superuser {
            continue;
        }
        let graph = graph(catalog, role);
        for relation in catalog.sorted().into_iter().filter(|relation| relation.rls) {
            for policy in relation
                .policies
                .iter()
                .filter(|policy| applies(policy, role))
            {
                let back = targets(catalog, policy).into_iter().any(|to| {
                    to == relation.oid && reads(policy) || leads_back(&graph, to, relation.oid)
                });
                if back {
                    hits.insert(
                        (relation.shown(), policy.name.clone()),
                        hit(relation, policy),
                    );
                }
            }
        }
    }
    hits.into_values().collect()
}

fn hit(relation: &Relation, policy: &Policy) -> Hit {
    let (table, name) = (relation.shown(), &policy.name);
    Hit {
        lint: "rls_recursion",
        key: format!("rls_recursion_{}_{}_{name}", relation.schema, relation.name),
        object: format!("{table}: {name}"),
        headline: format!(
            "the policy `{name}` of {table} reads a table whose policies lead back to {table}"
        ),
        origin: policy.origin,
    }
}

fn applies(policy: &Policy, role: &str) -> bool {
    policy.roles.is_empty() || policy.roles.iter().any(|other| other == role)
}

/// Is the policy asked when rows are read?
const fn reads(policy: &Policy) -> bool {
    matches!(policy.command, Command::Select | Command::All)
}

/// The tables under row-level security that a policy reads, through views that run with their reader's rights.
fn targets(catalog: &Catalog, policy: &Policy) -> BTreeSet<Oid> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Use> = policy.uses.iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(used) = open.pop() {
        let Use::Relation(oid) = used else { continue };
        let Some(relation) = catalog.relation(*oid).filter(|_| seen.insert(*oid)) else {
            continue;
        };
        if relation.kind == RelKind::View && relation.is_invoker() {
            open.extend(&relation.uses);
        } else if relation.rls {
            found.insert(*oid);
        }
    }
    found
}

/// Which tables reading a table leads to, for a role.
fn graph(catalog: &Catalog, role: &str) -> BTreeMap<Oid, BTreeSet<Oid>> {
    let tables = catalog.relations.values().filter(|relation| relation.rls);
    let edges = |relation: &Relation| {
        let policies = relation
            .policies
            .iter()
            .filter(|policy| reads(policy) && applies(policy, role));
        policies
            .flat_map(|policy| targets(catalog, policy))
            .collect()
    };
    tables
        .map(|relation| (relation.oid, edges(relation)))
        .collect()
}

/// Does a way lead from one table to the other?
fn leads_back(graph: &BTreeMap<Oid, BTreeSet<Oid>>, from: Oid, to: Oid) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for next in graph.get(&at).into_iter().flatten() {
            if *next == to {
                return true;
            }
            if seen.insert(*next) {
                open.push(*next);
            }
        }
    }
    false
}
