//! Owns the rules on what a policy's condition says: that it is always true, true for nobody's sake, or asks the wrong thing.

use std::collections::BTreeSet;

use super::super::catalog::relation::{Policy, Relation, Use};
use super::super::catalog::{Catalog, Oid};
use super::super::parse::expr::{Body, Expr, Query};
use super::super::parse::statement::Command;
use super::gather::{Gather, Named};
use super::logic::{self, Caller, Logic, Outcomes, Reading};
use super::names::{Names, Site};
use super::{Rls, branches, conditions, of_policy, who};

/// Roles that a token may name, beside those that are in the catalog.
const TOKEN_ROLES: [&str; 4] = ["anon", "authenticated", "service_role", "supabase_admin"];

impl<'a> Rls<'a> {
    fn logic<'b>(
        &self,
        relation: &'b Relation,
        policy: &'b Policy,
        caller: Caller,
        reading: Reading,
    ) -> Logic<'b>
    where
        'a: 'b,
    {
        Logic {
            catalog: self.catalog,
            relation,
            path: &policy.path,
            caller,
            roles: false,
            reading,
            inside: false,
        }
    }

    /// What the conditions of a policy say.
    pub(super) fn condition(&mut self, relation: &Relation, policy: &Policy) {
        let object = of_policy(relation, policy);
        self.check_true(relation, policy);
        self.inverted(relation, policy);
        self.role_typo(relation, policy);
        self.uncorrelated(relation, policy);
        self.user_metadata(relation, policy);
        let open = [
            "rls_policy_always_true",
            "rls_check_true_using_strict",
            "rls_inverted_auth",
            "public_bucket_allows_listing",
        ];
        if self.has_said(&open, &object) {
            return;
        }
        self.self_compared(relation, policy);
        if self.has_said(&["rls_tautology"], &object) {
            return;
        }
        self.tautology(relation, policy);
        self.signed_in(relation, policy);
        self.anon_write(relation, policy);
        self.bucket(relation, policy);
        self.own_column(relation, policy);
    }

    fn always(&self, relation: &Relation, policy: &Policy, expr: &Expr) -> bool {
        super::always(self.catalog, relation, policy, expr)
    }

    /// `WITH CHECK (true)` beside a condition that restricts.
    fn check_true(&mut self, relation: &Relation, policy: &Policy) {
        let (Some(using), Some(check)) = (&policy.using, &policy.check) else {
            return;
        };
        if policy.permissive
            && self.reaches_somebody(policy)
            && self.always(relation, policy, check)
            && !self.always(relation, policy, using)
        {
            self.on_policy(
                "rls_check_true_using_strict",
                relation,
                policy,
                "lets a row be changed into anything: USING restricts, WITH CHECK does not",
            );
        }
    }

    /// Is the policy for a role that it binds?
    fn reaches_somebody(&self, policy: &Policy) -> bool {
        policy.roles.is_empty()
            || policy
                .roles
                .iter()
                .any(|role| !who::is_free(self.catalog, role))
    }

    /// May somebody who has not signed in be asked by it?
    fn reaches_nobody(&self, policy: &Policy) -> bool {
        if who::has_api(self.catalog) {
            who::applies(self.catalog, policy, "anon")
        } else {
            self.reaches_somebody(policy)
        }
    }

    fn inverted(&mut self, relation: &Relation, policy: &Policy) {
        if !policy.permissive || !self.reaches_nobody(policy) {
            return;
        }
        let logic = self.logic(relation, policy, Caller::Nobody, Reading::AtMost);
        let is = |expr: &Expr| {
            logic::asks_caller(expr)
                && logic.outcomes(expr).must_hold()
                && !self.always(relation, policy, expr)
        };
        if conditions(policy).any(is) {
            self.on_policy(
                "rls_inverted_auth",
                relation,
                policy,
                "is true for a caller who has not signed in",
            );
        }
    }

    /// A column beside itself: often the name of the outer table is missing.
    fn self_compared(&mut self, relation: &Relation, policy: &Policy) {
        let mut found = None;
        for expr in conditions(policy) {
            let mut names = Names::of(self.catalog, &policy.path, relation);
            names.walk(expr, &mut |expr, names| {
                let Expr::Binary(op, left, right) = expr else {
                    return;
                };
                let (Expr::Column(a), Expr::Column(b)) = (&**left, &**right) else {
                    return;
                };
                let same = names.site(a) == names.site(b) && names.site(a) != Site::Unknown;
                if op == "=" && same && a.last() == b.last() {
                    found = Some((a.join("."), b.join(".")));
                }
            });
        }
        if let Some((a, b)) = found {
            let says = format!("compares a column with itself: {a} = {b} is the same column twice");
            self.on_policy("rls_tautology", relation, policy, &says);
        }
    }

    fn tautology(&mut self, relation: &Relation, policy: &Policy) {
        let is = |expr: &Expr| !is_literal(expr) && self.always(relation, policy, expr);
        if policy.permissive && self.reaches_somebody(policy) && conditions(policy).any(is) {
            self.on_policy(
                "rls_tautology",
                relation,
                policy,
                "has a condition that is always true",
            );
        }
    }

    fn signed_in(&mut self, relation: &Relation, policy: &Policy) {
        if !policy.permissive || !self.reaches_somebody(policy) {
            return;
        }
        let mut logic = self.logic(relation, policy, Caller::Somebody, Reading::AtMost);
        logic.roles = true;
        let is = |expr: &Expr| logic::asks_caller(expr) && logic.outcomes(expr).must_hold();
        if conditions(policy).any(is) {
            self.on_policy(
                "rls_authenticated_only_check",
                relation,
                policy,
                "asks only whether the caller has signed in",
            );
        }
    }

    fn role_typo(&mut self, relation: &Relation, policy: &Policy) {
        if !who::has_api(self.catalog) {
            return;
        }
        let mut wrong: BTreeSet<String> = BTreeSet::new();
        for expr in conditions(policy) {
            let mut names = Names::of(self.catalog, &policy.path, relation);
            names.walk(expr, &mut |expr, _| {
                let texts: Vec<&Expr> = match expr {
                    Expr::Binary(op, left, right) if op == "=" || op == "<>" => {
                        if is_role(left) {
                            vec![right]
                        } else if is_role(right) {
                            vec![left]
                        } else {
                            Vec::new()
                        }
                    }
                    Expr::InList(left, all, _) if is_role(left) => all.iter().collect(),
                    Expr::Quantified(_, left, right, _) if is_role(left) => match &**right {
                        Expr::Array(all) => all.iter().collect(),
                        _ => Vec::new(),
                    },
                    _ => Vec::new(),
                };
                wrong.extend(texts.into_iter().filter_map(text).map(str::to_owned));
            });
        }
        wrong.retain(|role| {
            !self.catalog.roles.contains_key(role) && !TOKEN_ROLES.contains(&role.as_str())
        });
        if let Some(role) = wrong.first() {
            let says = format!(
                "compares the caller's database role with `{role}`, and no role is called so"
            );
            self.on_policy("rls_role_typo", relation, policy, &says);
        }
    }

    /// A query of which only the rows that are there count, whoever asks.
    fn uncorrelated(&mut self, relation: &Relation, policy: &Policy) {
        if !policy.permissive || !self.reaches_somebody(policy) {
            return;
        }
        let is = |expr: &&Expr| match expr {
            Expr::Exists(query) => self.is_uncorrelated(relation, policy, expr, query),
            _ => false,
        };
        if conditions(policy).flat_map(branches).any(|expr| is(&expr)) {
            self.on_policy(
                "rls_uncorrelated_exists",
                relation,
                policy,
                "asks only whether another table has a row, neither for this row nor for this caller",
            );
        }
    }

    fn is_uncorrelated(
        &self,
        relation: &Relation,
        policy: &Policy,
        expr: &Expr,
        query: &Query,
    ) -> bool {
        let mut bound = false;
        let mut names = Names::of(self.catalog, &policy.path, relation);
        names.walk(expr, &mut |expr, names| {
            if let Expr::Column(name) = expr
                && name.last().is_none_or(|last| last != "*")
            {
                bound |= !matches!(names.site(name), Site::Table(depth, ..) if depth > 0);
            }
        });
        let inside = Gather::of_expr(self.catalog, &policy.path, expr);
        let plain = matches!(&query.body, Body::Select(select) if !select.from.is_empty());
        plain
            && !bound
            && !inside.part
            && inside.functions.is_empty()
            && inside.calls.iter().all(|name| is_pure(name))
            && inside.relations.iter().all(|(oid, _)| self.is_open(*oid))
    }

    /// Are all rows of it there for everybody?
    fn is_open(&self, oid: Oid) -> bool {
        who::table(self.catalog, oid).is_some_and(|table| !table.rls && !table.external)
    }

    /// Metadata that users write, read in another way than the lint looks for.
    fn user_metadata(&mut self, relation: &Relation, policy: &Policy) {
        let object = of_policy(relation, policy);
        if self.has_said(&["rls_references_user_metadata"], &object) {
            return;
        }
        let direct = conditions(policy)
            .map(|expr| Gather::of_expr(self.catalog, &policy.path, expr))
            .any(|named| trusts(self.catalog, &named));
        if direct {
            self.on_policy(
                "rls_user_metadata_any",
                relation,
                policy,
                "trusts metadata that users write themselves",
            );
            return;
        }
        let mut open: Vec<Oid> = functions(policy);
        let mut seen = BTreeSet::new();
        while let Some(oid) = open.pop() {
            let Some(function) = self
                .catalog
                .functions
                .get(&oid)
                .filter(|_| seen.insert(oid))
            else {
                continue;
            };
            let Some(named) = Gather::of_function(self.catalog, function) else {
                continue;
            };
            if trusts(self.catalog, &named) {
                let says = format!(
                    "calls {}.{}, which trusts metadata that users write themselves",
                    function.schema, function.name
                );
                self.on_policy("rls_user_metadata_any", relation, policy, &says);
                return;
            }
            open.extend(named.functions);
        }
    }

    /// A condition that somebody without an account can meet, where rows are changed.
    fn anon_write(&mut self, relation: &Relation, policy: &Policy) {
        let catalog = self.catalog;
        if !who::has_api(catalog)
            || !policy.permissive
            || !who::applies(catalog, policy, "anon")
            || !self.is_served(&relation.schema)
        {
            return;
        }
        let named = policy.roles.iter().any(|role| role == "anon");
        let can = |expr: Option<&Expr>, of: &Policy| {
            let mut logic = self.logic(relation, of, Caller::Nobody, Reading::ForSure);
            logic.roles = true;
            expr.is_none_or(|expr| logic.outcomes(expr).can_hold())
        };
        let changed = |command: Command, of: &Policy| match command {
            Command::Insert => can(of.check.as_ref().or(of.using.as_ref()), of),
            Command::Delete => can(of.using.as_ref(), of),
            _ => can(of.using.as_ref(), of) && can(of.check.as_ref().or(of.using.as_ref()), of),
        };
        let open = |command: Command| {
            let (_, restrict) = who::asked(catalog, relation, "anon", command);
            who::is_for(policy, command)
                && who::may(catalog, "anon", relation, command)
                // Who names anon for INSERT alone means it.
                && !(named && policy.command == Command::Insert)
                && changed(command, policy)
                && restrict.into_iter().all(|other| changed(command, other))
        };
        let commands: Vec<&str> = [Command::Insert, Command::Update, Command::Delete]
            .into_iter()
            .filter(|command| open(*command))
            .map(who::shown)
            .collect();
        if !commands.is_empty() {
            let says = format!(
                "lets callers without an account {} rows",
                commands.join(", ")
            );
            self.on_policy("rls_anon_write", relation, policy, &says);
        }
    }

    /// A policy on stored objects that is for every bucket.
    fn bucket(&mut self, relation: &Relation, policy: &Policy) {
        if relation.shown() != "storage.objects"
            || !policy.permissive
            || !self.reaches_somebody(policy)
        {
            return;
        }
        let mut bound = false;
        for expr in conditions(policy) {
            let named = Gather::of_expr(self.catalog, &policy.path, expr);
            // Own objects are one's own in every bucket; what a function asks is its own affair.
            let tells = ["bucket_id", "owner", "owner_id"];
            bound |= tells.iter().any(|column| named.columns.contains(*column));
            let other = |oid: &Oid| {
                self.catalog
                    .functions
                    .get(oid)
                    .is_some_and(|f| f.schema != "storage" && f.schema != "auth")
            };
            bound |= named.functions.iter().any(other);
            let logic = self.logic(relation, policy, Caller::Anyone, Reading::AtMost);
            bound |= !logic.outcomes(expr).can_hold();
        }
        let said = self
            .said
            .iter()
            .any(|hit| hit.lint == "public_bucket_allows_listing" && hit.origin == policy.origin);
        if !bound && !said {
            self.on_policy(
                "storage_policy_no_bucket",
                relation,
                policy,
                "is for the objects of every bucket",
            );
        }
    }

    /// A condition that does not look at the row.
    fn own_column(&mut self, relation: &Relation, policy: &Policy) {
        let Some(using) = policy.using.as_ref().filter(|_| policy.permissive) else {
            return;
        };
        let told = [
            "rls_authenticated_only_check",
            "rls_uncorrelated_exists",
            "rls_anon_write",
            "rls_role_typo",
            "rls_user_metadata_any",
            "storage_policy_no_bucket",
        ];
        if self.has_said(&told, &of_policy(relation, policy)) || !self.reaches_somebody(policy) {
            return;
        }
        let mut seen = false;
        let mut names = Names::of(self.catalog, &policy.path, relation);
        names.walk(using, &mut |expr, names| {
            if let Expr::Column(name) = expr {
                seen |= !matches!(names.site(name), Site::Table(depth, ..) if depth > 0);
            }
        });
        let logic = self.logic(relation, policy, Caller::Anyone, Reading::AtMost);
        let outcomes: Outcomes = logic.outcomes(using);
        let inside = Gather::of_expr(self.catalog, &policy.path, using);
        // A function may ask for the caller, and so do the policies of a table that is read.
        let asks = inside.part
            || !inside.functions.is_empty()
            || !inside.calls.iter().all(|name| is_pure(name))
            || !inside.relations.iter().all(|(oid, _)| self.is_open(*oid));
        if !seen && !asks && outcomes.can_hold() && !outcomes.must_hold() {
            self.on_policy(
                "rls_no_own_column",
                relation,
                policy,
                "looks neither at the row nor at the caller",
            );
        }
    }
}

/// A call that says nothing of the caller.
fn is_pure(name: &[String]) -> bool {
    const PURE: [&str; 14] = [
        "coalesce",
        "count",
        "current_date",
        "current_timestamp",
        "date_trunc",
        "length",
        "lower",
        "max",
        "min",
        "now",
        "nullif",
        "sum",
        "trim",
        "upper",
    ];
    name.last()
        .is_some_and(|last| PURE.contains(&last.as_str()))
}

/// Literally true, as people write it on purpose.
fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Bool(_) => true,
        Expr::Binary(_, a, b) => matches!((&**a, &**b), (Expr::Number(_), Expr::Number(_))),
        _ => false,
    }
}

/// The caller's role in the database, as a token tells it.
fn is_role(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => call.name == ["auth", "role"],
        Expr::Cast(inner, _) => is_role(inner),
        Expr::Binary(op, left, right) => {
            (op == "->>" || op == "->")
                && logic::is_claims(left)
                && matches!(&**right, Expr::Text(key) if key == "role")
        }
        Expr::Scalar(query) => match &query.body {
            Body::Select(select) if select.from.is_empty() => {
                matches!(select.targets.as_slice(), [(target, _)] if is_role(target))
            }
            _ => false,
        },
        _ => false,
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Text(text) => Some(text),
        Expr::Cast(inner, _) => text(inner),
        _ => None,
    }
}

/// The functions that a policy calls, and that statements made.
pub(super) fn functions(policy: &Policy) -> Vec<Oid> {
    let all = policy.uses.iter().filter_map(|used| match used {
        Use::Function(oid) => Some(*oid),
        _ => None,
    });
    all.collect()
}

fn trusts(catalog: &Catalog, named: &Named) -> bool {
    let users = named.relations.iter().any(|(oid, _)| {
        catalog
            .relation(*oid)
            .is_some_and(|relation| relation.shown() == "auth.users")
    });
    let column = users && named.columns.contains("raw_user_meta_data");
    let claims = named
        .calls
        .contains(&vec!["auth".to_owned(), "jwt".to_owned()])
        || named.texts.contains("request.jwt.claims");
    column || claims && named.texts.contains("user_metadata")
}
