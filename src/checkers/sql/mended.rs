//! Owns what is known to be wrong in the lints on tables, keys and indexes: false findings left out, misses found.

use std::collections::BTreeSet;

use super::catalog::relation::{Con, ConKind, Index, RelKind, Relation};
use super::catalog::{Catalog, acl};
use super::lints::{self, Hit};
use super::parse::expr::{Expr, Test};

/// Types that keep an upgrade of the server from going through, in arrays too.
const REG_TYPES: [&str; 8] = [
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
];

/// Mends what the lints said.
pub fn mend(catalog: &Catalog, exposed: &[String], hits: &mut Vec<Hit>) {
    hits.retain(|hit| hit.lint != "unindexed_foreign_keys");
    let mut closed = BTreeSet::new();
    for relation in catalog.sorted() {
        if lints::is_platform(&relation.schema) || relation.extension.is_some() {
            continue;
        }
        keys(relation, hits);
        doubled(relation, hits);
        arrays(relation, hits);
        parents(catalog, exposed, relation, hits);
        if is_closed(catalog, relation) {
            closed.insert(relation.shown());
        }
    }
    hits.retain(|hit| hit.lint != "rls_enabled_no_policy" || !closed.contains(&hit.object));
}

/// Foreign keys that no index serves. The server looks for all columns of the key at once, by equality.
fn keys(relation: &Relation, hits: &mut Vec<Hit>) {
    if !matches!(
        relation.kind,
        RelKind::Table | RelKind::Partitioned | RelKind::Foreign
    ) {
        return;
    }
    let (schema, table) = (&relation.schema, &relation.name);
    for con in &relation.constraints {
        if con.kind != ConKind::Foreign || relation.indexes.iter().any(|index| serves(index, con)) {
            continue;
        }
        let by_name = |index: &&Index| index.keys.starts_with(&con.columns);
        let why = match relation.indexes.iter().find(by_name) {
            Some(index) if index.condition.is_some() => format!(
                " that holds all rows: {} has a condition of its own",
                index.name
            ),
            Some(index) => format!(
                " that serves it: {} is of the kind {}",
                index.name, index.method
            ),
            None => String::new(),
        };
        hits.push(Hit {
            lint: "unindexed_foreign_keys",
            key: format!(
                "unindexed_foreign_keys_{}_{table}_{}",
                super::parse::words::quote(schema),
                con.name
            ),
            object: format!("{schema}.{table}.{}", con.name),
            headline: format!(
                "the foreign key {} of {schema}.{table} has no index{why}",
                con.name
            ),
            origin: con.origin,
        });
    }
}

/// Can the server find the rows of a key by the index? A hash knows one column, a tree the first ones in any order.
fn serves(index: &Index, con: &Con) -> bool {
    let first: BTreeSet<&String> = index.keys.iter().take(con.columns.len()).collect();
    let wanted: BTreeSet<&String> = con.columns.iter().collect();
    let kind = match index.method.as_str() {
        "" | "btree" => true,
        "hash" => con.columns.len() == 1,
        _ => false,
    };
    kind && first == wanted
        && index
            .condition
            .as_ref()
            .is_none_or(|condition| follows(condition, con))
}

/// Does the condition of an index hold wherever the key has a value?
fn follows(condition: &Expr, con: &Con) -> bool {
    match condition {
        Expr::Is(inner, Test::Null, true) => {
            matches!(&**inner, Expr::Column(name) if name.last().is_some_and(|last| con.columns.contains(last)))
        }
        Expr::And(all) => all.iter().all(|part| follows(part, con)),
        _ => false,
    }
}

/// An index that a unique one makes needless: the same columns in the same order, over all rows.
fn doubled(relation: &Relation, hits: &mut Vec<Hit>) {
    let plain = |index: &Index| {
        (index.method.is_empty() || index.method == "btree")
            && index.condition.is_none()
            && index.items.iter().all(|item| {
                item.class.is_none()
                    && item.collation.is_none()
                    && !item.descending
                    && item.nulls_first.is_none()
            })
            && index.keys.iter().all(|key| !key.is_empty())
    };
    let (schema, table) = (&relation.schema, &relation.name);
    for index in relation
        .indexes
        .iter()
        .filter(|index| !index.unique && index.include.is_empty() && plain(index))
    {
        let same = |other: &&Index| other.unique && plain(other) && other.keys == index.keys;
        let Some(other) = relation.indexes.iter().find(same) else {
            continue;
        };
        hits.push(Hit {
            lint: "duplicate_index",
            key: format!("duplicate_index_{schema}_{table}_{{{},{}}}", index.name, other.name),
            object: relation.shown(),
            headline: format!(
                "the index {} of {schema}.{table} has the columns of {}, which is unique: it is not needed",
                index.name, other.name
            ),
            origin: index.origin,
        });
    }
}

/// Columns with arrays of the types of which the lint knows only single values.
fn arrays(relation: &Relation, hits: &mut Vec<Hit>) {
    let (schema, table) = (&relation.schema, &relation.name);
    for column in relation.columns.iter().filter(|column| {
        column.ty.array
            && column.ty.schema == "pg_catalog"
            && REG_TYPES.contains(&column.ty.name.as_str())
    }) {
        hits.push(Hit {
            lint: "unsupported_reg_types",
            key: format!("unsupported_reg_types_{schema}_{table}_{}", column.name),
            object: format!("{schema}.{table}.{}", column.name),
            headline: format!(
                "the column {} of {schema}.{table} has the type {}[]",
                column.name, column.ty.name
            ),
            origin: relation.origin,
        });
    }
}

/// Parents of partitions are tables too: the lint looks at the leaves alone.
fn parents(catalog: &Catalog, exposed: &[String], relation: &Relation, hits: &mut Vec<Hit>) {
    let served = exposed.contains(&relation.schema);
    let read = ["anon", "authenticated"]
        .iter()
        .any(|role| catalog.roles.contains_key(*role) && catalog.selects(role, relation));
    if relation.kind != RelKind::Partitioned {
        return;
    }
    let (schema, table) = (&relation.schema, &relation.name);
    let mut hit = |lint: &'static str, headline: String| {
        hits.push(Hit {
            lint,
            key: format!("{lint}_{schema}_{table}"),
            object: relation.shown(),
            headline,
            origin: relation.origin,
        });
    };
    if served && read && !relation.rls {
        hit(
            "rls_disabled_in_public",
            format!("{schema}.{table} is open to the API, and row-level security is off"),
        );
        let secret = lints::sensitive(relation);
        if !secret.is_empty() {
            hit(
                "sensitive_columns_exposed",
                format!(
                    "{schema}.{table} is open to the API with {}",
                    secret.join(", ")
                ),
            );
        }
    }
    if !relation.rls && !relation.policies.is_empty() {
        hit(
            "policy_exists_rls_disabled",
            format!("{schema}.{table} has policies, but row-level security is off"),
        );
    }
    if relation.rls && relation.policies.is_empty() {
        hit(
            "rls_enabled_no_policy",
            format!("{schema}.{table} has row-level security on and no policy"),
        );
    }
}

/// Were the rights that callers get by themselves taken from them? Then that there is no policy is meant.
fn is_closed(catalog: &Catalog, relation: &Relation) -> bool {
    let usual = catalog.first_acl(&relation.owner, &relation.schema, "tables");
    let roles = ["anon", "authenticated"];
    let wanted = [acl::SELECT, acl::INSERT, acl::UPDATE, acl::DELETE];
    roles.iter().any(|role| usual.of(role).has(acl::SELECT))
        && roles.iter().all(|role| {
            wanted
                .iter()
                .all(|right| !catalog.may(role, relation, *right))
        })
}
