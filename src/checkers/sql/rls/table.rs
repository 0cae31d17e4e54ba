//! Owns the rules on a table: whom its row-level security binds, and for which commands there is a policy.

use std::collections::BTreeMap;

use super::super::catalog::relation::{Policy, Relation};
use super::super::catalog::{Catalog, acl};
use super::super::deparse;
use super::super::parse::statement::Command;
use super::logic::{Caller, Logic, Reading};
use super::{Rls, conditions, of_policy, who};

impl Rls<'_> {
    /// What is to be said of a table and of its policies together.
    pub(super) fn table(&mut self, relation: &Relation) {
        self.forced(relation);
        self.partition(relation);
        self.writable(relation);
        self.published(relation);
        if !relation.rls {
            return;
        }
        self.same(relation);
        self.only_restrictive(relation);
        self.gaps(relation);
        for policy in &relation.policies {
            let free = |role: &String| who::is_free(self.catalog, role);
            if !policy.roles.is_empty() && policy.roles.iter().all(free) {
                let says = format!(
                    "is for {} alone, whom row-level security never binds: it has no effect",
                    policy.roles.join(", ")
                );
                self.on_policy("rls_bypass_role_policy", relation, policy, &says);
            }
        }
    }

    fn forced(&mut self, relation: &Relation) {
        let table = relation.shown();
        if relation.force && !relation.rls {
            let headline =
                format!("{table} forces row-level security, but it is off: the word has no effect");
            self.on_table("rls_force_without_enable", relation, headline);
        }
        let Some(role) = &self.known.app_role else {
            return;
        };
        // Who only may become the owner is told of by the membership.
        let owns = *role == relation.owner;
        if relation.rls && !relation.force && owns && !who::is_free(self.catalog, role) {
            let headline = format!(
                "{table} belongs to {role}, the application's role: its policies are not asked"
            );
            self.on_table("rls_not_forced", relation, headline);
        }
    }

    /// May callers use the command on it? Their names.
    fn callers_with(&self, relation: &Relation, command: Command) -> Vec<&str> {
        who::callers(self.catalog)
            .into_iter()
            .filter(|role| who::may(self.catalog, role, relation, command))
            .collect()
    }

    /// A partition that can be used past its parent.
    fn partition(&mut self, relation: &Relation) {
        if !relation.partition || relation.rls || !self.is_served(&relation.schema) {
            return;
        }
        let parent = relation
            .parents
            .iter()
            .filter_map(|oid| self.catalog.relation(*oid))
            .find(|parent| parent.rls);
        let Some(parent) = parent else { return };
        let used = who::COMMANDS
            .into_iter()
            .any(|command| !self.callers_with(relation, command).is_empty());
        if used {
            let headline = format!(
                "{} is a partition of {} without row-level security of its own: used by its name, it asks no policy",
                relation.shown(),
                parent.shown()
            );
            self.on_table("rls_partition_child", relation, headline);
        }
    }

    /// Rows that can be written though they cannot be read.
    fn writable(&mut self, relation: &Relation) {
        let said = [
            "rls_disabled_in_public",
            "rls_partition_child",
            "rls_force_without_enable",
            "policy_exists_rls_disabled",
        ];
        if relation.rls
            || !who::has_api(self.catalog)
            || !self.is_served(&relation.schema)
            || self.has_said(&said, &relation.shown())
        {
            return;
        }
        let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for command in [Command::Insert, Command::Update, Command::Delete] {
            for role in self.callers_with(relation, command) {
                by.entry(role).or_default().push(who::shown(command));
            }
        }
        if by.is_empty() {
            return;
        }
        let all: Vec<String> = by
            .iter()
            .map(|(role, commands)| format!("{role} {}", commands.join(", ")))
            .collect();
        let headline = format!(
            "{} is open to writing by the API, and row-level security is off: {}",
            relation.shown(),
            all.join("; ")
        );
        self.on_table("rls_insert_exposed_no_rls", relation, headline);
    }

    fn published(&mut self, relation: &Relation) {
        let said = [
            "rls_disabled_in_public",
            "rls_partition_child",
            "rls_force_without_enable",
        ];
        let sent = self
            .catalog
            .publications
            .get("supabase_realtime")
            .is_some_and(|tables| {
                tables
                    .as_ref()
                    .is_none_or(|tables| tables.contains(&relation.oid))
            });
        let read = !self.callers_with(relation, Command::Select).is_empty();
        if sent
            && !relation.rls
            && read
            && who::has_api(self.catalog)
            && !self.has_said(&said, &relation.shown())
        {
            let headline = format!(
                "{} is sent to every listener, and row-level security is off",
                relation.shown()
            );
            self.on_table("realtime_published_no_rls", relation, headline);
        }
    }

    /// Policies that say the same.
    fn same(&mut self, relation: &Relation) {
        let mut first: BTreeMap<Said, &Policy> = BTreeMap::new();
        for policy in &relation.policies {
            let said = said(policy);
            match first.get(&said) {
                Some(other) => {
                    let says = format!("says what `{}` says", other.name);
                    self.on_policy("duplicate_policy", relation, policy, &says);
                }
                None => {
                    first.insert(said, policy);
                }
            }
        }
    }

    /// Policies that restrict what nothing allows.
    fn only_restrictive(&mut self, relation: &Relation) {
        for policy in relation.policies.iter().filter(|policy| !policy.permissive) {
            let logic = Logic {
                catalog: self.catalog,
                relation,
                path: &policy.path,
                caller: Caller::Anyone,
                roles: false,
                reading: Reading::AtMost,
                inside: false,
            };
            // What is never true denies on purpose.
            let denies = conditions(policy).all(|expr| !logic.outcomes(expr).can_hold());
            let allowed = relation
                .policies
                .iter()
                .filter(|other| other.permissive)
                .any(|other| {
                    let commands = other.command == policy.command
                        || other.command == Command::All
                        || policy.command == Command::All;
                    commands && meet(self.catalog, other, policy)
                });
            if !denies
                && !allowed
                && !self.has_said(&["rls_only_restrictive"], &of_policy(relation, policy))
            {
                self.on_policy(
                    "rls_only_restrictive",
                    relation,
                    policy,
                    "only restricts, and no policy allows anything to its roles: nobody gets a row",
                );
            }
        }
    }

    /// Rights that no policy lets a role use.
    fn gaps(&mut self, relation: &Relation) {
        if !relation.policies.iter().any(|policy| policy.permissive)
            || !self.is_served(&relation.schema)
        {
            return;
        }
        let usual = self
            .catalog
            .first_acl(&relation.owner, &relation.schema, "tables");
        let mut gaps = Vec::new();
        for role in who::callers(self.catalog) {
            if !who::is_bound(self.catalog, relation, role) {
                continue;
            }
            let has = |command| {
                let (allow, _) = who::asked(self.catalog, relation, role, command);
                !allow.is_empty()
            };
            let own = |command| {
                let direct = relation.acl.of(role);
                direct.has(who::right(command)) && !usual.of(role).has(who::right(command))
            };
            let all = own(Command::Select)
                && own(Command::Insert)
                && own(Command::Update)
                && own(Command::Delete)
                && relation.acl.of(role) == acl::Rights::all("tables");
            let used = who::COMMANDS.into_iter().any(has);
            for command in who::COMMANDS {
                // What is granted by the word ALL is not granted for a purpose.
                if used && !all && own(command) && !has(command) {
                    gaps.push(format!(
                        "{role} may {} and no policy lets it",
                        who::shown(command)
                    ));
                }
            }
            let changes: Vec<&str> = [Command::Update, Command::Delete]
                .into_iter()
                .filter(|command| has(*command) && who::may(self.catalog, role, relation, *command))
                .map(who::shown)
                .collect();
            // A policy for everybody is meant for those who can read; for one of them that is enough.
            let named = relation.policies.iter().any(|policy| {
                policy.permissive
                    && matches!(policy.command, Command::Update | Command::Delete)
                    && policy.roles.iter().any(|other| other == role)
            });
            let reads = relation
                .policies
                .iter()
                .any(|policy| policy.permissive && who::is_for(policy, Command::Select));
            if !changes.is_empty() && !has(Command::Select) && (named || !reads) {
                gaps.push(format!(
                    "{role} has a policy for {} and none for SELECT: no row is found to change",
                    changes.join(", ")
                ));
            }
        }
        if !gaps.is_empty() {
            let headline = format!("{}: {}", relation.shown(), gaps.join("; "));
            self.on_table("rls_command_gap", relation, headline);
        }
    }
}

/// What a policy says, without its name.
type Said = (bool, Command, Vec<String>, String, String);

/// What a policy says, to compare two.
pub(super) fn said(policy: &Policy) -> Said {
    let mut roles = policy.roles.clone();
    roles.sort();
    let print = |expr: Option<&_>| expr.map(deparse::expr).unwrap_or_default();
    (
        policy.permissive,
        policy.command,
        roles,
        print(policy.using.as_ref()),
        print(policy.check.as_ref()),
    )
}

/// Is there a role that both policies are for?
fn meet(catalog: &Catalog, a: &Policy, b: &Policy) -> bool {
    if a.roles.is_empty() || b.roles.is_empty() {
        return true;
    }
    let of = |policy: &Policy, role: &str| who::applies(catalog, policy, role);
    a.roles.iter().any(|role| of(b, role)) || b.roles.iter().any(|role| of(a, role))
}
