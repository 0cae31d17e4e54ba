//! Owns the lints without what is known to be wrong in them: false findings left out, misses found.

use std::collections::BTreeMap;

use super::catalog::Catalog;
use super::catalog::relation::{Policy, RelKind, Relation};
use super::fold::scope;
use super::lints::{self, Hit};
use super::mended;
use super::parse::expr::{Body, Expr, Query};
use super::parse::statement::{Command, Object};
use super::rls;

/// All that is said of a catalog, sorted.
#[must_use]
pub fn all(catalog: &Catalog, exposed: &[String], known: &rls::Known) -> Vec<Hit> {
    let mut hits = lints::all(catalog, exposed);
    mended::mend(catalog, exposed, &mut hits);
    // What is judged anew here, by the expressions themselves and not by their print.
    let anew = [
        "auth_rls_initplan",
        "rls_policy_always_true",
        "multiple_permissive_policies",
    ];
    let several: Vec<Hit> = hits
        .iter()
        .filter(|hit| hit.lint == "multiple_permissive_policies")
        .cloned()
        .collect();
    hits.retain(|hit| !anew.contains(&hit.lint) && !is_aggregate(catalog, hit));
    hits.extend(by_command(&several));
    for relation in catalog.sorted() {
        policies(catalog, relation, &mut hits);
    }
    rls::add(catalog, exposed, known, &mut hits);
    hits.sort();
    hits
}

/// An aggregate takes no setting: nobody could mend it.
fn is_aggregate(catalog: &Catalog, hit: &Hit) -> bool {
    let named = |object: &str| {
        catalog.functions.values().any(|function| {
            function.object == Object::Aggregate
                && object
                    == format!(
                        "{}.{}({})",
                        function.schema,
                        function.name,
                        function.identity()
                    )
        })
    };
    hit.lint == "function_search_path_mutable" && named(&hit.object)
}

/// One finding for a table and a command, whatever number of roles it is for.
fn by_command(hits: &[Hit]) -> Vec<Hit> {
    let mut grouped: BTreeMap<(String, String), (Hit, Vec<String>)> = BTreeMap::new();
    for hit in hits {
        let Some((table, rest)) = hit.object.split_once(": ") else {
            continue;
        };
        let Some((role, command)) = rest.rsplit_once(' ') else {
            continue;
        };
        let key = (table.to_owned(), command.to_owned());
        let entry = grouped
            .entry(key)
            .or_insert_with(|| (hit.clone(), Vec::new()));
        entry.1.push(role.to_owned());
    }
    let told = |((table, command), (mut hit, roles)): ((String, String), (Hit, Vec<String>))| {
        hit.key = format!(
            "multiple_permissive_policies_{}_{command}",
            table.replace('.', "_")
        );
        hit.object = format!("{table}: {command}");
        let names = hit
            .headline
            .rsplit_once(": ")
            .map_or("", |(_, names)| names)
            .to_owned();
        hit.headline = format!(
            "{table} has several permissive policies for {command} ({names}), for the roles {}",
            roles.join(", ")
        );
        hit
    };
    grouped.into_iter().map(told).collect()
}

fn policies(catalog: &Catalog, relation: &Relation, hits: &mut Vec<Hit>) {
    if !relation.rls || !matches!(relation.kind, RelKind::Table | RelKind::Partitioned) {
        return;
    }
    let skipped = lints::is_platform(&relation.schema) && relation.schema != "realtime";
    if skipped || relation.extension.is_some() {
        return;
    }
    for policy in &relation.policies {
        let (schema, table, name) = (&relation.schema, &relation.name, &policy.name);
        let object = format!("{schema}.{table}: {name}");
        if policy.using.iter().chain(&policy.check).any(is_per_row) {
            hits.push(Hit {
                lint: "auth_rls_initplan",
                key: format!("auth_rls_init_plan_{schema}_{table}_{name}"),
                object: object.clone(),
                headline: format!("the policy `{name}` of {schema}.{table} asks who the caller is for each row anew"),
                origin: policy.origin,
            });
        }
        let low = |role: &String| {
            role == "anon" || role == "authenticated" || !catalog.roles.contains_key("anon")
        };
        let reaches = policy.roles.is_empty() || policy.roles.iter().any(low);
        if policy.permissive && reaches && opens_writes(catalog, relation, policy) {
            hits.push(Hit {
                lint: "rls_policy_always_true",
                key: format!("rls_policy_always_true_{schema}_{table}_{name}"),
                object,
                headline: format!(
                    "the policy `{name}` of {schema}.{table} lets everybody change rows"
                ),
                origin: policy.origin,
            });
        }
    }
}

/// Is the caller asked for outside a query that runs once?
fn is_per_row(expr: &Expr) -> bool {
    if let Expr::Call(call) = expr {
        let name: Vec<&str> = call.name.iter().map(String::as_str).collect();
        let asks = matches!(
            name.as_slice(),
            ["auth", "uid" | "jwt" | "role" | "email"]
                | ["current_setting"]
                | ["pg_catalog", "current_setting"]
        );
        if asks {
            return true;
        }
    }
    let mut found = false;
    let mut queries = Vec::new();
    scope::children(
        expr,
        &mut |child| found |= is_per_row(child),
        &mut |query| queries.push(query),
    );
    found || queries.into_iter().any(query_is_per_row)
}

/// A query without a source runs once, before all rows.
fn query_is_per_row(query: &Query) -> bool {
    match &query.body {
        Body::Select(select) => {
            if select.from.is_empty() {
                return false;
            }
            let targets = select.targets.iter().map(|(target, _)| target);
            targets
                .chain(&select.condition)
                .chain(&select.rest)
                .any(is_per_row)
        }
        Body::Set(all) => all.iter().any(query_is_per_row),
        _ => false,
    }
}

/// May rows be changed without any condition?
fn opens_writes(catalog: &Catalog, relation: &Relation, policy: &Policy) -> bool {
    let holds =
        |expr: Option<&Expr>| expr.is_some_and(|expr| rls::always(catalog, relation, policy, expr));
    let (using, check) = (policy.using.as_ref(), policy.check.as_ref());
    match policy.command {
        Command::Select => false,
        Command::Insert => check.is_none() || holds(check),
        Command::Delete => using.is_none() || holds(using),
        Command::Update | Command::All => using.is_none() || holds(using) || holds(check),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::script::What;
    use super::super::parse::split;
    use super::super::parse::statement::Statement;
    use super::*;
    use crate::model::place::Span;

    /// The policy's condition asks for each row.
    fn check(condition: &str, per_row: bool) {
        let sql = format!("create policy p on t using ({condition})");
        let script = split::script(&sql, |_| Span::at(1, 1));
        let What::Statement(statement) = &script.pieces[0].what else {
            panic!("{condition} is read");
        };
        let Statement::CreatePolicy(policy) = &**statement else {
            panic!("it is a policy");
        };
        let using = policy.using.as_ref().expect("it has a condition");
        assert_eq!(is_per_row(using), per_row, "{condition}");
    }

    #[test]
    fn conditions() {
        check("auth.uid() = id", true);
        check("(select auth.uid()) = id", false);
        check("(select auth.jwt() ->> 'org') = org", false);
        check("(select auth.uid()::text) = id", false);
        check("next_auth.uid() = id", false);
        check("(select auth.uid()) = id or auth.uid() = other", true);
        check("exists (select 1 from m where m.u = auth.uid())", true);
        check(
            "exists (select 1 from m where m.u = (select auth.uid()))",
            false,
        );
    }
}
