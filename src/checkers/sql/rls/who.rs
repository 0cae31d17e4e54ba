//! Owns who is meant: which roles row-level security binds, which policies are theirs, what they may do.

use std::collections::BTreeSet;

use super::super::catalog::acl::{self, Rights};
use super::super::catalog::relation::{Policy, Relation};
use super::super::catalog::{Catalog, Oid};
use super::super::parse::statement::Command;

/// Does row-level security never bind the role?
#[must_use]
pub fn is_free(catalog: &Catalog, role: &str) -> bool {
    catalog
        .roles
        .get(role)
        .is_some_and(|found| found.bypass || found.superuser)
}

/// Is the table's row-level security asked for a role?
#[must_use]
pub fn is_bound(catalog: &Catalog, relation: &Relation, role: &str) -> bool {
    let owns = catalog.acts_as(role).contains(&relation.owner);
    relation.rls && !is_free(catalog, role) && (relation.force || !owns)
}

/// Is the policy one of the role's?
#[must_use]
pub fn applies(catalog: &Catalog, policy: &Policy, role: &str) -> bool {
    if policy.roles.is_empty() {
        return true;
    }
    let acts = catalog.acts_as(role);
    policy.roles.iter().any(|other| acts.contains(other))
}

/// Is it there on a platform whose API has roles of its own?
#[must_use]
pub fn has_api(catalog: &Catalog) -> bool {
    catalog.roles.contains_key("anon") && catalog.roles.contains_key("authenticated")
}

/// Roles that the server or the platform brings for itself.
#[must_use]
pub fn is_inner(role: &str) -> bool {
    role.starts_with("pg_")
        || role.starts_with("pgsodium")
        || role.starts_with("supabase_")
        || ["pgbouncer", "dashboard_user", "authenticator", "postgres"].contains(&role)
}

/// The roles that callers have: those of the API, or those that migrations made and that row-level security binds.
#[must_use]
pub fn callers(catalog: &Catalog) -> Vec<&str> {
    if has_api(catalog) {
        return vec!["anon", "authenticated"];
    }
    let all = catalog.roles.keys().map(String::as_str);
    all.filter(|role| !is_inner(role) && !is_free(catalog, role))
        .collect()
}

/// The right that a command needs.
#[must_use]
pub const fn right(command: Command) -> Rights {
    match command {
        Command::Insert => acl::INSERT,
        Command::Update => acl::UPDATE,
        Command::Delete => acl::DELETE,
        Command::All | Command::Select => acl::SELECT,
    }
}

/// The four commands.
pub const COMMANDS: [Command; 4] = [
    Command::Select,
    Command::Insert,
    Command::Update,
    Command::Delete,
];

/// As people write it.
#[must_use]
pub const fn shown(command: Command) -> &'static str {
    match command {
        Command::All => "ALL",
        Command::Select => "SELECT",
        Command::Insert => "INSERT",
        Command::Update => "UPDATE",
        Command::Delete => "DELETE",
    }
}

/// Is the policy for the command?
#[must_use]
pub fn is_for(policy: &Policy, command: Command) -> bool {
    policy.command == command || policy.command == Command::All
}

/// May the role use the command on the relation, or on some column of it?
#[must_use]
pub fn may(catalog: &Catalog, role: &str, relation: &Relation, command: Command) -> bool {
    let wanted = right(command);
    catalog.may(role, relation, wanted)
        || relation
            .columns
            .iter()
            .any(|column| catalog.holds(role, "", &column.acl, wanted))
}

/// The roles that a role may become, itself left out.
#[must_use]
pub fn becomes(catalog: &Catalog, role: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open = vec![role.to_owned()];
    while let Some(name) = open.pop() {
        for above in catalog
            .roles
            .get(&name)
            .into_iter()
            .flat_map(|found| &found.member_of)
        {
            if above != role && all.insert(above.clone()) {
                open.push(above.clone());
            }
        }
    }
    all
}

/// The policies of a relation that a command of a role asks, those that allow first.
pub fn asked<'a>(
    catalog: &Catalog,
    relation: &'a Relation,
    role: &str,
    command: Command,
) -> (Vec<&'a Policy>, Vec<&'a Policy>) {
    let all = relation
        .policies
        .iter()
        .filter(|policy| is_for(policy, command) && applies(catalog, policy, role));
    all.partition(|policy| policy.permissive)
}

/// A table with the id.
#[must_use]
pub fn table(catalog: &Catalog, oid: Oid) -> Option<&Relation> {
    use super::super::catalog::relation::RelKind;
    catalog
        .relation(oid)
        .filter(|found| matches!(found.kind, RelKind::Table | RelKind::Partitioned))
}
