//! Owns the rules on row-level security beyond those of a live database's lints. One cause gives one finding: what a lint says
//! already is left out, and a lint that says less gives way.

mod body;
mod column;
mod condition;
mod gather;
mod helper;
mod logic;
mod names;
pub mod recursion;
mod rights;
mod setting;
mod table;
mod tenant;
mod view;
mod who;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalog::relation::{Policy, RelKind, Relation};
use super::catalog::{Catalog, Oid, Origin};
use super::lints::{self, Hit};
use super::parse::expr::Expr;

/// What is known of the application beside its migrations.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Known {
    /// The role that the application connects as, where it is none of the API's: judges `rls-not-forced` and its memberships.
    pub app_role: Option<String>,
    /// Functions, as `schema.name`, that need asking once for each query: judges `rls-helper-per-row`.
    pub helpers: Vec<String>,
    /// The column that tells tenants apart: judges the rules `tenant-*`.
    pub tenant_column: Option<String>,
}

/// What the rules look at, and what they found.
#[derive(Debug)]
struct Rls<'a> {
    catalog: &'a Catalog,
    exposed: &'a [String],
    known: &'a Known,
    /// What lints said before.
    said: Vec<Hit>,
    hits: Vec<Hit>,
    told: Told,
    /// Functions that run for each row, with the policies that call them.
    volatile: BTreeMap<Oid, Vec<String>>,
    /// Functions that the planner may run once, with the policies that call them.
    immutable: BTreeMap<Oid, Vec<String>>,
}

/// Adds what the rules find to what the lints found.
pub fn add(catalog: &Catalog, exposed: &[String], known: &Known, hits: &mut Vec<Hit>) {
    let mut rls = Rls {
        catalog,
        exposed,
        known,
        told: Told::of(hits),
        said: std::mem::take(hits),
        hits: Vec::new(),
        volatile: BTreeMap::new(),
        immutable: BTreeMap::new(),
    };
    for hit in recursion::all(catalog) {
        rls.push(hit);
    }
    for relation in catalog.sorted() {
        if Rls::is_own(relation) {
            rls.table(relation);
            rls.tenant(relation);
            rls.columns(relation);
        }
        rls.view(relation);
        if !relation.rls {
            continue;
        }
        for policy in &relation.policies {
            // What the platform brings is not for the migrations to mend.
            if policy.origin.file.is_some() && relation.extension.is_none() {
                rls.condition(relation, policy);
                rls.helpers(relation, policy);
                rls.settings(relation, policy);
            }
        }
    }
    rls.rights();
    rls.definers();
    rls.called();
    let Rls {
        mut said,
        hits: found,
        ..
    } = rls;
    let told = Told::of(&found);
    let tables = catalog
        .relations
        .values()
        .map(|table| (table.shown(), &**table));
    let tables: BTreeMap<String, &Relation> = tables.collect();
    said.retain(|hit| !gives_way(hit, &told) && !is_only_doubled(&tables, hit, &told));
    *hits = said;
    hits.extend(found);
}

/// What was said of which object.
#[derive(Debug, Default)]
struct Told(BTreeMap<String, Vec<&'static str>>);

impl Told {
    fn of(hits: &[Hit]) -> Self {
        let mut told = Self::default();
        for hit in hits {
            told.add(hit);
        }
        told
    }

    fn add(&mut self, hit: &Hit) {
        self.0.entry(hit.object.clone()).or_default().push(hit.lint);
    }

    /// Was one of these lints said of the object?
    fn has(&self, lints: &[&str], object: &str) -> bool {
        self.0
            .get(object)
            .is_some_and(|told| told.iter().any(|lint| lints.contains(lint)))
    }
}

/// Lints that say less than a rule says of the same object.
fn gives_way(hit: &Hit, told: &Told) -> bool {
    let better: &[&str] = match hit.lint {
        "rls_policy_always_true" => &["rls_check_true_using_strict"],
        "rls_disabled_in_public" => &["rls_partition_child", "rls_force_without_enable"],
        "policy_exists_rls_disabled" => &["rls_force_without_enable"],
        _ => return false,
    };
    told.has(better, &hit.object)
}

/// Are there several policies for a command only because one of them is there twice?
fn is_only_doubled(tables: &BTreeMap<String, &Relation>, hit: &Hit, told: &Told) -> bool {
    let doubled = |relation: &Relation, policy: &Policy| {
        told.has(&["duplicate_policy"], &of_policy(relation, policy))
    };
    let Some((table, command)) = hit.object.split_once(": ") else {
        return false;
    };
    if hit.lint != "multiple_permissive_policies" {
        return false;
    }
    let Some(relation) = tables.get(table) else {
        return false;
    };
    let left: Vec<&Policy> = relation
        .policies
        .iter()
        .filter(|policy| policy.permissive && !doubled(relation, policy))
        .filter(|policy| {
            let own = who::shown(policy.command);
            own == command || own == "ALL"
        })
        .collect();
    // For no role more than one is left.
    let mut seen = std::collections::BTreeSet::new();
    !left.iter().any(|policy| {
        policy.roles.is_empty() && left.len() > 1
            || policy.roles.iter().any(|role| !seen.insert(role))
    })
}

/// For whom row-level security was judged, in one line.
#[must_use]
pub fn model(catalog: &Catalog, known: &Known) -> String {
    let mut callers: Vec<&str> = who::callers(catalog);
    callers.extend(known.app_role.as_deref());
    callers.dedup();
    let free: Vec<&str> = catalog
        .roles
        .keys()
        .map(String::as_str)
        .filter(|role| who::is_free(catalog, role))
        .collect();
    let bound = if callers.is_empty() {
        "no role of the migrations".to_owned()
    } else {
        callers.join(", ")
    };
    format!(
        "row-level security is judged for callers with the roles {bound}; it does not bind {}, nor the owner of a table that does not force it",
        free.join(", ")
    )
}

impl Rls<'_> {
    /// Is it a table that migrations made, outside of the platform's schemas?
    fn is_own(relation: &Relation) -> bool {
        matches!(relation.kind, RelKind::Table | RelKind::Partitioned)
            && !lints::is_platform(&relation.schema)
            && relation.extension.is_none()
            && !relation.temporary
            && !relation.external
    }

    /// Does the API serve the schema? Without an API everything is served.
    fn is_served(&self, schema: &str) -> bool {
        !who::has_api(self.catalog) || self.exposed.iter().any(|exposed| exposed == schema)
    }

    /// Did a lint or a rule say it of the object already?
    fn has_said(&self, lints: &[&str], object: &str) -> bool {
        self.told.has(lints, object)
    }

    fn push(&mut self, hit: Hit) {
        self.told.add(&hit);
        self.hits.push(hit);
    }

    fn hit(&mut self, lint: &'static str, object: String, headline: String, origin: Origin) {
        let key = format!("{lint}_{}", object.replace(": ", "_").replace('.', "_"));
        self.push(Hit {
            lint,
            key,
            object,
            headline,
            origin,
        });
    }

    fn on_table(&mut self, lint: &'static str, relation: &Relation, headline: String) {
        self.hit(lint, relation.shown(), headline, relation.origin);
    }

    fn on_policy(&mut self, lint: &'static str, relation: &Relation, policy: &Policy, says: &str) {
        let table = relation.shown();
        let headline = format!("the policy `{}` of {table} {says}", policy.name);
        self.hit(lint, of_policy(relation, policy), headline, policy.origin);
    }
}

/// Is a condition true for every row and every caller?
#[must_use]
pub fn always(catalog: &Catalog, relation: &Relation, policy: &Policy, expr: &Expr) -> bool {
    let logic = logic::Logic {
        catalog,
        relation,
        path: &policy.path,
        caller: logic::Caller::Anyone,
        roles: false,
        reading: logic::Reading::AtMost,
        inside: false,
    };
    logic.outcomes(expr).must_hold()
}

/// A policy, as hits name it.
fn of_policy(relation: &Relation, policy: &Policy) -> String {
    format!("{}: {}", relation.shown(), policy.name)
}

/// The conditions of a policy.
fn conditions(policy: &Policy) -> impl Iterator<Item = &Expr> {
    policy.using.iter().chain(&policy.check)
}

/// The parts of which one is enough.
fn branches(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Or(all) => all.iter().flat_map(branches).collect(),
        other => vec![other],
    }
}
