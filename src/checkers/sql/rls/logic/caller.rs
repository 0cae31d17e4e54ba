//! Owns whether an expression asks for the caller at all.

use super::super::super::fold::scope;
use super::super::super::parse::expr::{Body, Expr, From, Query};

/// Is there anything in it that depends on the caller, as far as can be seen?
#[must_use]
pub fn asks_caller(expr: &Expr) -> bool {
    if let Expr::Call(call) = expr
        && super::super::gather::is_caller(&call.name)
    {
        return true;
    }
    let mut found = false;
    let mut queries = Vec::new();
    scope::children(
        expr,
        &mut |child| found |= asks_caller(child),
        &mut |query| {
            queries.push(query);
        },
    );
    found || queries.into_iter().any(query_asks)
}

fn query_asks(query: &Query) -> bool {
    let below = match &query.body {
        Body::Select(select) => {
            let targets = select.targets.iter().map(|(target, _)| target);
            targets
                .chain(&select.condition)
                .chain(&select.rest)
                .any(asks_caller)
                || select.from.iter().any(from_asks)
        }
        Body::Values(rows) => rows.iter().flatten().any(asks_caller),
        Body::Set(all) => all.iter().any(query_asks),
        Body::Change(_) => true,
    };
    below || query.with.iter().any(|(_, inner)| query_asks(inner))
}

fn from_asks(from: &From) -> bool {
    match from {
        From::Relation(..) => false,
        From::Query(query, ..) => query_asks(query),
        From::Function(calls, ..) => calls.iter().any(asks_caller),
        From::Join(left, right, on, ..) => {
            from_asks(left) || from_asks(right) || on.as_deref().is_some_and(asks_caller)
        }
    }
}
