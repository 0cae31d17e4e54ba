//! Owns the lints on policies.

use std::collections::BTreeMap;

use super::super::catalog::relation::{Policy, RelKind, Relation};
use super::super::deparse;
use super::super::parse::expr::Expr;
use super::super::parse::statement::Command;
use super::View;

impl View<'_> {
    /// What policies say, and what they leave open.
    pub(super) fn policies(&mut self) {
        for relation in self.catalog.sorted() {
            let schema = &relation.schema;
            let platform = Self::is_platform(schema);
            if relation.rls && (!platform || schema == "realtime") {
                self.initplan(relation);
            }
            if platform {
                continue;
            }
            self.user_metadata(relation);
            if relation.kind != RelKind::Table {
                continue;
            }
            if relation.rls {
                self.always_true(relation);
            }
            if relation.extension.is_some() {
                continue;
            }
            self.several(relation);
            let table = &relation.name;
            if !relation.rls && !relation.policies.is_empty() {
                let key = format!("policy_exists_rls_disabled_{schema}_{table}");
                let headline =
                    format!("{schema}.{table} has policies, but row-level security is off");
                self.hit(
                    "policy_exists_rls_disabled",
                    key,
                    relation.shown(),
                    headline,
                    relation.origin,
                );
            }
            if relation.rls && relation.policies.is_empty() {
                let key = format!("rls_enabled_no_policy_{schema}_{table}");
                let headline = format!("{schema}.{table} has row-level security on and no policy");
                self.hit(
                    "rls_enabled_no_policy",
                    key,
                    relation.shown(),
                    headline,
                    relation.origin,
                );
            }
        }
        self.buckets();
    }

    fn initplan(&mut self, relation: &Relation) {
        for policy in &relation.policies {
            let per_row = conditions(policy).any(|expr| is_per_row(&deparse::expr(expr)));
            if per_row {
                let (schema, table, name) = (&relation.schema, &relation.name, &policy.name);
                let key = format!("auth_rls_init_plan_{schema}_{table}_{name}");
                let headline = format!(
                    "the policy `{name}` of {schema}.{table} asks who the caller is for each row anew"
                );
                let object = format!("{schema}.{table}: {name}");
                self.hit("auth_rls_initplan", key, object, headline, policy.origin);
            }
        }
    }

    fn user_metadata(&mut self, relation: &Relation) {
        for policy in &relation.policies {
            let reads = conditions(policy).map(deparse::expr).any(|text| {
                like(&text, &["auth.jwt()", "user_metadata"])
                    || like(
                        &text,
                        &[
                            "current_setting(",
                            "request.jwt.claims",
                            ")",
                            "user_metadata",
                        ],
                    )
            });
            if reads {
                let (schema, table, name) = (&relation.schema, &relation.name, &policy.name);
                let key = format!("rls_references_user_metadata_{schema}_{table}_{name}");
                let headline = format!(
                    "the policy `{name}` of {schema}.{table} trusts user_metadata, which users write"
                );
                let object = format!("{schema}.{table}: {name}");
                self.hit(
                    "rls_references_user_metadata",
                    key,
                    object,
                    headline,
                    policy.origin,
                );
            }
        }
    }

    fn always_true(&mut self, relation: &Relation) {
        for policy in relation.policies.iter().filter(|policy| policy.permissive) {
            let low = policy.roles.is_empty()
                || policy
                    .roles
                    .iter()
                    .any(|role| role == "anon" || role == "authenticated");
            if low && is_always_true(policy) {
                let (schema, table, name) = (&relation.schema, &relation.name, &policy.name);
                let key = format!("rls_policy_always_true_{schema}_{table}_{name}");
                let headline =
                    format!("the policy `{name}` of {schema}.{table} lets everybody change rows");
                let object = format!("{schema}.{table}: {name}");
                self.hit(
                    "rls_policy_always_true",
                    key,
                    object,
                    headline,
                    policy.origin,
                );
            }
        }
    }

    fn several(&mut self, relation: &Relation) {
        let mut seen: BTreeMap<(&str, &str), Vec<&Policy>> = BTreeMap::new();
        for policy in relation.policies.iter().filter(|policy| policy.permissive) {
            for (role, _) in self
                .catalog
                .roles
                .iter()
                .filter(|(name, role)| !role.bypass && !is_hidden(name))
            {
                if policy.roles.is_empty() || policy.roles.contains(role) {
                    for command in commands(policy.command) {
                        seen.entry((role, command)).or_default().push(policy);
                    }
                }
            }
        }
        for ((role, command), policies) in seen.into_iter().filter(|(_, all)| all.len() > 1) {
            let (schema, table) = (&relation.schema, &relation.name);
            let key = format!("multiple_permissive_policies_{schema}_{table}_{role}_{command}");
            let names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
            let headline = format!(
                "{schema}.{table} has several permissive policies for {command} by {role}: {}",
                names.join(", ")
            );
            let object = format!("{schema}.{table}: {role} {command}");
            let last = policies.iter().map(|policy| policy.origin).max();
            self.hit(
                "multiple_permissive_policies",
                key,
                object,
                headline,
                last.unwrap_or(relation.origin),
            );
        }
    }

    fn buckets(&mut self) {
        let path = ["storage".to_owned()];
        let found = self
            .catalog
            .find_relation(&vec!["objects".to_owned()], &path);
        let Some(objects) = found.and_then(|oid| self.catalog.relation(oid)) else {
            return;
        };
        let public = self
            .catalog
            .buckets
            .iter()
            .filter(|(_, bucket)| bucket.public);
        for id in public.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            let lists = objects.policies.iter().find(|policy| {
                let roles = &policy.roles;
                policy.permissive
                    && matches!(policy.command, Command::Select | Command::All)
                    && (roles.is_empty()
                        || roles
                            .iter()
                            .any(|role| role == "anon" || role == "authenticated"))
                    && lists_all(policy.using.as_ref(), &id)
            });
            if let Some(policy) = lists {
                let key = format!("public_bucket_allows_listing_{id}");
                let headline = format!(
                    "everybody may list the public bucket {id} by the policy `{}`",
                    policy.name
                );
                self.hit(
                    "public_bucket_allows_listing",
                    key,
                    format!("bucket {id}"),
                    headline,
                    policy.origin,
                );
            }
        }
    }
}

/// The conditions of a policy.
fn conditions(policy: &Policy) -> impl Iterator<Item = &Expr> {
    policy.using.iter().chain(&policy.check)
}

/// Does a text hold the parts in this order?
fn like(text: &str, parts: &[&str]) -> bool {
    let mut rest = text;
    parts.iter().all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

/// Does a condition ask for the caller outside a query of its own? Each condition is looked at alone.
fn is_per_row(text: &str) -> bool {
    let lower = text.to_lowercase();
    let calls = ["auth.uid()", "auth.jwt()", "auth.role()", "auth.email()"];
    calls
        .iter()
        .any(|call| text.contains(call) && !lower.contains(&format!("select {call}")))
        || like(text, &["current_setting(", ")"])
            && !like(&lower, &["select current_setting(", ")"])
}

/// Roles of the server and of the platform, as `LIKE 'pg_%'` and `LIKE 'supabase%admin'` take them.
fn is_hidden(role: &str) -> bool {
    role.len() >= 3 && role.starts_with("pg")
        || role.starts_with("supabase") && role.ends_with("admin")
}

const fn commands(command: Command) -> &'static [&'static str] {
    match command {
        Command::All => &["SELECT", "INSERT", "UPDATE", "DELETE"],
        Command::Select => &["SELECT"],
        Command::Insert => &["INSERT"],
        Command::Update => &["UPDATE"],
        Command::Delete => &["DELETE"],
    }
}

/// Is a condition literally true?
fn is_true(expr: Option<&Expr>) -> bool {
    let text = expr.map(deparse::expr).unwrap_or_default().to_lowercase();
    let text = text.replace([' ', '\n', '\t'], "");
    ["true", "(true)", "1=1", "(1=1)"].contains(&text.as_str())
}

fn is_always_true(policy: &Policy) -> bool {
    let (using, check) = (policy.using.as_ref(), policy.check.as_ref());
    let changes = matches!(
        policy.command,
        Command::Update | Command::Delete | Command::All
    );
    let by_using = changes && (is_true(using) || using.is_none());
    let by_check = is_true(check)
        || check.is_none() && policy.command == Command::Insert
        || check.is_none()
            && matches!(policy.command, Command::Update | Command::All)
            && is_true(using);
    by_using || by_check
}

/// May all objects of the bucket be listed?
fn lists_all(using: Option<&Expr>, id: &str) -> bool {
    match using {
        None => true,
        Some(expr) if is_true(Some(expr)) => true,
        Some(Expr::Binary(op, left, right)) if op == "=" => {
            let own = matches!(&**left, Expr::Column(name) if name.last().is_some_and(|last| last == "bucket_id"));
            own && match &**right {
                Expr::Text(text) => text == id,
                Expr::Cast(inner, _) => matches!(&**inner, Expr::Text(text) if text == id),
                _ => false,
            }
        }
        Some(_) => false,
    }
}
