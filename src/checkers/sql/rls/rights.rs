//! Owns the rules on rights beside policies: what a role may become, what new objects give away, whom a policy's own query leaves out.

use std::collections::{BTreeMap, BTreeSet};

use super::super::catalog::relation::{Relation, Use};
use super::super::catalog::{Oid, acl};
use super::super::parse::statement::Command;
use super::{Rls, lints, of_policy, who};

impl Rls<'_> {
    /// Rights of roles, and default rights.
    pub(super) fn rights(&mut self) {
        self.memberships();
        self.defaults();
        self.leaned_on();
        self.unreadable();
    }

    fn memberships(&mut self) {
        let catalog = self.catalog;
        let mut low: BTreeSet<&str> = who::callers(catalog).into_iter().collect();
        let bound = |relation: &&Relation| relation.rls && !relation.policies.is_empty();
        let owners: BTreeSet<&str> = catalog
            .relations
            .values()
            .map(AsRef::as_ref)
            .filter(bound)
            .filter(|relation| !relation.force && !lints::is_platform(&relation.schema))
            .map(|relation| relation.owner.as_str())
            .collect();
        if !who::has_api(catalog) {
            low.retain(|role| !owners.contains(role));
        }
        low.extend(self.known.app_role.as_deref());
        for (pair, origin) in &catalog.membership_origins {
            let (member, above) = pair;
            let still = catalog
                .roles
                .get(member)
                .is_some_and(|role| role.member_of.contains(above));
            if !still || origin.file.is_none() {
                continue;
            }
            // The member may stand lower still: whoever may become it.
            let lower = low
                .iter()
                .find(|role| **role == member || who::becomes(catalog, role).contains(member));
            let Some(lower) = lower else { continue };
            let mut reached = who::becomes(catalog, above);
            reached.insert(above.clone());
            let free = reached.iter().find(|role| who::is_free(catalog, role));
            let owner = reached
                .iter()
                .find(|role| owners.contains(role.as_str()) && !low.contains(role.as_str()));
            if let Some(free) = free {
                let headline =
                    format!("{lower} may become {free}, whom row-level security does not bind");
                self.hit(
                    "rls_bypass_membership",
                    format!("{member} in {above}"),
                    headline,
                    *origin,
                );
            } else if let Some(owner) = owner {
                let headline = format!(
                    "{lower} may become {owner}, who owns tables with policies and is not bound by them"
                );
                self.hit(
                    "rls_owner_membership",
                    format!("{member} in {above}"),
                    headline,
                    *origin,
                );
            }
        }
    }

    fn defaults(&mut self) {
        let catalog = self.catalog;
        for ((key, role), origin) in &catalog.default_origins {
            let (owner, schema, object) = key;
            let held = catalog
                .defaults
                .get(key)
                .map(|acl| acl.of(role))
                .unwrap_or_default();
            let low = role.is_empty() || role == "anon";
            let wanted = if *object == "tables" || *object == "sequences" {
                acl::SELECT
            } else {
                acl::EXECUTE
            };
            let writes = [acl::INSERT, acl::UPDATE, acl::DELETE]
                .iter()
                .any(|right| held.has(*right));
            if !low
                || origin.file.is_none()
                || *object == "sequences"
                || *object == "types"
                || *object == "schemas"
            {
                continue;
            }
            if held.has(wanted) || *object == "tables" && writes {
                let to = if role.is_empty() { "everybody" } else { role };
                let place = if schema.is_empty() {
                    "every schema".to_owned()
                } else {
                    format!("the schema {schema}")
                };
                let headline =
                    format!("{to} gets rights on all new {object} of {owner} in {place}");
                self.hit(
                    "default_priv_public",
                    format!("{owner}.{schema}.{object}.{role}"),
                    headline,
                    *origin,
                );
            }
        }
    }

    /// A table that a policy trusts and callers may write.
    fn leaned_on(&mut self) {
        let catalog = self.catalog;
        let said = [
            "rls_disabled_in_public",
            "policy_exists_rls_disabled",
            "rls_insert_exposed_no_rls",
            "rls_force_without_enable",
            "rls_partition_child",
        ];
        let mut found: BTreeMap<Oid, (&str, Vec<String>)> = BTreeMap::new();
        for relation in catalog.sorted().into_iter().filter(|relation| relation.rls) {
            for policy in relation
                .policies
                .iter()
                .filter(|policy| policy.origin.file.is_some())
            {
                for used in &policy.uses {
                    let Use::Relation(oid) = used else { continue };
                    let Some(table) = who::table(catalog, *oid) else {
                        continue;
                    };
                    if table.rls
                        || table.external
                        || table.temporary
                        || self.has_said(&said, &table.shown())
                    {
                        continue;
                    }
                    let writes = who::callers(catalog).into_iter().find(|role| {
                        who::applies(catalog, policy, role)
                            && [Command::Insert, Command::Update, Command::Delete]
                                .into_iter()
                                .any(|command| who::may(catalog, role, table, command))
                    });
                    if let Some(role) = writes {
                        let entry = found.entry(*oid).or_insert_with(|| (role, Vec::new()));
                        entry.1.push(of_policy(relation, policy));
                    }
                }
            }
        }
        for (oid, (role, policies)) in found {
            let Some(table) = catalog.relation(oid) else {
                continue;
            };
            let headline = format!(
                "{} may be written by {role}, its row-level security is off, and the policy `{}` trusts it",
                table.shown(),
                policies.first().map_or("", String::as_str)
            );
            self.on_table("rls_cross_table_unprotected", table, headline);
        }
    }

    /// A table that a policy reads and its own roles may not: each query of theirs fails.
    fn unreadable(&mut self) {
        let catalog = self.catalog;
        let mut hits = Vec::new();
        for relation in catalog.sorted().into_iter().filter(|relation| relation.rls) {
            for policy in relation
                .policies
                .iter()
                .filter(|policy| policy.origin.file.is_some())
            {
                let asked = |role: &&str| {
                    who::applies(catalog, policy, role)
                        && who::is_bound(catalog, relation, role)
                        && who::COMMANDS.into_iter().any(|command| {
                            who::is_for(policy, command)
                                && who::may(catalog, role, relation, command)
                        })
                };
                let roles: Vec<&str> = who::callers(catalog).into_iter().filter(asked).collect();
                for used in &policy.uses {
                    let Use::Relation(oid) = used else { continue };
                    let Some(table) = catalog.relation(*oid).filter(|table| !table.external) else {
                        continue;
                    };
                    let refused = roles
                        .iter()
                        .find(|role| !who::may(catalog, role, table, Command::Select));
                    if let Some(role) = refused {
                        hits.push((
                            relation,
                            policy,
                            format!(
                                "reads {}, which {role} may not read: each of its queries fails",
                                table.shown()
                            ),
                        ));
                        break;
                    }
                }
            }
        }
        for (relation, policy, says) in hits {
            self.on_policy("rls_policy_unreadable", relation, policy, &says);
        }
    }
}
