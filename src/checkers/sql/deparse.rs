//! Owns expressions as the server prints them, as far as rules look at the print: calls, constants, parentheses.

use super::parse::expr::{Body, Expr, From, Query, Select, Test, TypeName};
use super::parse::words::quote;

/// An expression.
#[must_use]
pub fn expr(expr: &Expr) -> String {
    let mut text = String::new();
    put(expr, &mut text);
    text
}

fn list(all: &[Expr], separator: &str, text: &mut String) {
    for (n, one) in all.iter().enumerate() {
        if n > 0 {
            text.push_str(separator);
        }
        put(one, text);
    }
}

fn name(parts: &[String]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| {
            if part == "*" {
                part.clone()
            } else {
                quote(part)
            }
        })
        .collect();
    parts.join(".")
}

fn type_name(ty: &TypeName) -> String {
    let mut text = match ty.name.as_slice() {
        [name] => super::catalog::builtin::shown(name)
            .unwrap_or(name)
            .to_owned(),
        all => name(all),
    };
    if ty.dimensions > 0 {
        text.push_str("[]");
    }
    text
}

fn constant(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

#[expect(clippy::too_many_lines, reason = "one arm for each kind")]
fn put(expr: &Expr, text: &mut String) {
    match expr {
        Expr::Null => text.push_str("NULL"),
        Expr::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Expr::Number(number) if number.starts_with('-') => text.push_str(&format!("'{number}'")),
        Expr::Number(number) => text.push_str(number),
        Expr::Text(value) => {
            text.push_str(&constant(value));
            text.push_str("::text");
        }
        Expr::Param(param) => text.push_str(param),
        Expr::Default => text.push_str("DEFAULT"),
        Expr::Column(parts) => text.push_str(&name(parts)),
        Expr::Call(call) => {
            let bare = call.args.is_empty() && call.grammar && !call.star;
            if call.grammar {
                text.push_str(&call.name.join(".").to_uppercase());
            } else {
                let parts = call
                    .name
                    .strip_prefix(&["pg_catalog".to_owned()][..])
                    .unwrap_or(&call.name);
                text.push_str(&name(parts));
            }
            if bare {
                return;
            }
            text.push('(');
            if call.star {
                text.push('*');
            }
            list(&call.args, ", ", text);
            text.push(')');
            if !call.extra.is_empty() {
                text.push_str(" (");
                list(&call.extra, ", ", text);
                text.push(')');
            }
        }
        Expr::Cast(inner, ty) => match &**inner {
            // A constant of a type that is known is folded when it is read.
            Expr::Text(value) if ty.name == ["bool"] && ty.dimensions == 0 => {
                let value = value.trim().to_lowercase();
                let holds = !value.is_empty()
                    && ["true", "yes", "on", "1"]
                        .iter()
                        .any(|word| word.starts_with(&value))
                    && value != "o";
                text.push_str(if holds { "true" } else { "false" });
            }
            Expr::Text(value) => text.push_str(&format!("{}::{}", constant(value), type_name(ty))),
            Expr::Null => text.push_str(&format!("NULL::{}", type_name(ty))),
            inner => {
                text.push('(');
                put(inner, text);
                text.push_str(&format!(")::{}", type_name(ty)));
            }
        },
        Expr::Unary(op, inner) => {
            text.push_str(&format!("({op} "));
            put(inner, text);
            text.push(')');
        }
        Expr::Binary(op, left, right) => {
            text.push('(');
            put(left, text);
            text.push_str(&format!(" {op} "));
            put(right, text);
            text.push(')');
        }
        Expr::And(all) => {
            text.push('(');
            list(all, " AND ", text);
            text.push(')');
        }
        Expr::Or(all) => {
            text.push('(');
            list(all, " OR ", text);
            text.push(')');
        }
        Expr::Not(inner) => {
            text.push_str("(NOT ");
            put(inner, text);
            text.push(')');
        }
        Expr::Is(inner, what, not) => {
            text.push('(');
            put(inner, text);
            text.push_str(if *not { " IS NOT " } else { " IS " });
            text.push_str(match what {
                Test::Null => "NULL",
                Test::True => "TRUE",
                Test::False => "FALSE",
                Test::Unknown => "UNKNOWN",
                Test::Other => "DOCUMENT",
            });
            text.push(')');
        }
        Expr::Distinct(left, right, not) => {
            text.push_str(if *not { "(NOT (" } else { "(" });
            put(left, text);
            text.push_str(" IS DISTINCT FROM ");
            put(right, text);
            text.push_str(if *not { "))" } else { ")" });
        }
        Expr::InList(inner, all, not) => {
            text.push('(');
            put(inner, text);
            text.push_str(if *not {
                " <> ALL (ARRAY["
            } else {
                " = ANY (ARRAY["
            });
            list(all, ", ", text);
            text.push_str("]))");
        }
        Expr::InQuery(inner, inside, not) => {
            text.push_str(if *not { "(NOT (" } else { "(" });
            put(inner, text);
            text.push_str(" IN ( ");
            query(inside, text);
            text.push_str(if *not { ")))" } else { "))" });
        }
        Expr::Between(inner, low, high, not) => {
            text.push_str("((");
            put(inner, text);
            text.push_str(if *not { " < " } else { " >= " });
            put(low, text);
            text.push_str(if *not { ") OR (" } else { ") AND (" });
            put(inner, text);
            text.push_str(if *not { " > " } else { " <= " });
            put(high, text);
            text.push_str("))");
        }
        Expr::Quantified(op, left, right, all) => {
            text.push('(');
            put(left, text);
            text.push_str(&format!(" {op} {} (", if *all { "ALL" } else { "ANY" }));
            match &**right {
                Expr::Scalar(inside) => {
                    text.push(' ');
                    query(inside, text);
                }
                right => put(right, text),
            }
            text.push_str("))");
        }
        Expr::Exists(inside) => {
            text.push_str("(EXISTS ( ");
            query(inside, text);
            text.push_str("))");
        }
        Expr::Scalar(inside) => {
            text.push_str("( ");
            query(inside, text);
            text.push(')');
        }
        Expr::ArrayOf(inside) => {
            text.push_str("ARRAY( ");
            query(inside, text);
            text.push(')');
        }
        Expr::Array(all) => {
            text.push_str("ARRAY[");
            list(all, ", ", text);
            text.push(']');
        }
        Expr::Row(all) => {
            text.push_str("ROW(");
            list(all, ", ", text);
            text.push(')');
        }
        Expr::Case(operand, arms, other) => {
            text.push_str("CASE ");
            if let Some(operand) = operand {
                put(operand, text);
            }
            for (condition, result) in arms {
                text.push_str(" WHEN ");
                put(condition, text);
                text.push_str(" THEN ");
                put(result, text);
            }
            if let Some(other) = other {
                text.push_str(" ELSE ");
                put(other, text);
            }
            text.push_str(" END");
        }
        Expr::Field(inner, field) => {
            text.push('(');
            put(inner, text);
            text.push_str(&format!(").{field}"));
        }
        Expr::Index(inner, all) => {
            text.push('(');
            put(inner, text);
            text.push_str(")[");
            list(all, ":", text);
            text.push(']');
        }
        Expr::Collate(inner, collation) => {
            text.push('(');
            put(inner, text);
            text.push_str(&format!(" COLLATE {})", name(collation)));
        }
    }
}

/// A query.
pub fn query(query_: &Query, text: &mut String) {
    for (n, (alias, inner)) in query_.with.iter().enumerate() {
        text.push_str(if n == 0 { "WITH " } else { ", " });
        text.push_str(&format!("{} AS ( ", quote(alias)));
        query(inner, text);
        text.push_str(") ");
    }
    match &query_.body {
        Body::Select(inner) => select(inner, text),
        Body::Values(rows) => {
            text.push_str("VALUES ");
            for row in rows {
                list(row, ", ", text);
            }
        }
        Body::Set(all) => {
            for (n, inner) in all.iter().enumerate() {
                if n > 0 {
                    text.push_str(" UNION ");
                }
                query(inner, text);
            }
        }
        Body::Change(_) => text.push_str("CHANGE"),
    }
    if !query_.tail.is_empty() {
        text.push_str(" ORDER BY ");
        list(&query_.tail, ", ", text);
    }
}

fn select(inner: &Select, text: &mut String) {
    text.push_str("SELECT ");
    for (n, (target, alias)) in inner.targets.iter().enumerate() {
        if n > 0 {
            text.push_str(", ");
        }
        put(target, text);
        if let Some(alias) = alias {
            text.push_str(&format!(" AS {}", quote(alias)));
        }
    }
    for (n, one) in inner.from.iter().enumerate() {
        text.push_str(if n == 0 { " FROM " } else { ", " });
        from(one, text);
    }
    if let Some(condition) = &inner.condition {
        text.push_str(" WHERE ");
        put(condition, text);
    }
    if !inner.rest.is_empty() {
        text.push_str(" GROUP BY ");
        list(&inner.rest, ", ", text);
    }
}

fn from(one: &From, text: &mut String) {
    match one {
        From::Relation(relation, alias, _) => {
            text.push_str(&name(relation));
            if let Some(alias) = alias {
                text.push_str(&format!(" {}", quote(alias)));
            }
        }
        From::Query(inner, alias, _) => {
            text.push_str("( ");
            query(inner, text);
            text.push_str(&format!(
                ") {}",
                quote(alias.as_deref().unwrap_or_default())
            ));
        }
        From::Function(calls, alias, _) => {
            list(calls, ", ", text);
            if let Some(alias) = alias {
                text.push_str(&format!(" {}", quote(alias)));
            }
        }
        From::Join(left, right, condition, ..) => {
            text.push('(');
            from(left, text);
            text.push_str(" JOIN ");
            from(right, text);
            if let Some(condition) = condition {
                text.push_str(" ON ");
                put(condition, text);
            }
            text.push(')');
        }
    }
}
