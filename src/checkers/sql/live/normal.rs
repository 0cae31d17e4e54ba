//! Owns the comparison of conditions: one as it was written, one as the server prints it. Both are brought to the words that
//! printing keeps: columns, functions, relations, operators and plain texts. What printing rewrites is left out.

use std::collections::BTreeSet;

use super::super::fold::scope::children;
use super::super::parse::expr::{Body, Expr, From, Query, Select, TypeName};

/// Functions that the server prints as grammar, or the other way round, depending on its version.
const REWRITTEN: [&str; 10] = [
    "btrim",
    "date_part",
    "extract",
    "ltrim",
    "overlay",
    "position",
    "rtrim",
    "substring",
    "timezone",
    "trim",
];

/// Texts that some types read as something else.
const SPECIAL: [&str; 13] = [
    "t",
    "f",
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "infinity",
    "now",
    "today",
    "tomorrow",
    "yesterday",
];

/// Do the two say something different?
pub fn differ(written: Option<&Expr>, printed: Option<&Expr>) -> bool {
    match (written, printed) {
        (None, None) => false,
        (Some(written), Some(printed)) => words(written) != words(printed),
        _ => true,
    }
}

fn words(expr: &Expr) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    put(expr, &mut found);
    found
}

fn is_bool(ty: &TypeName) -> bool {
    ty.name.last().is_some_and(|name| name == "bool")
}

fn put(expr: &Expr, found: &mut BTreeSet<String>) {
    let mut word = |word: &str| {
        found.insert(word.to_owned());
    };
    match expr {
        Expr::Column(name) => {
            if let Some(last) = name.last().filter(|last| *last != "*") {
                word(&format!("column {last}"));
            }
        }
        Expr::Call(call) => {
            let last = call.name.last().map(|name| name.to_lowercase());
            if let Some(last) = last.filter(|last| !REWRITTEN.contains(&last.as_str())) {
                word(&format!("call {last}"));
            }
        }
        Expr::Bool(value) => word(&value.to_string()),
        Expr::Cast(inner, ty) if is_bool(ty) => {
            if let Expr::Text(text) = &**inner {
                word(&text.to_lowercase().starts_with('t').to_string());
                return;
            }
        }
        Expr::Text(text) => {
            let plain = text
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.' | b'/'));
            let lower = text.to_lowercase();
            if plain && !text.is_empty() && !SPECIAL.contains(&lower.as_str()) {
                word(&format!("text {text}"));
            }
        }
        Expr::Binary(op, ..) | Expr::Quantified(op, ..) => {
            word(if op == "!=" { "<>" } else { op });
        }
        Expr::InList(_, _, not) => word(if *not { "<>" } else { "=" }),
        Expr::Between(.., not) => {
            for op in if *not {
                ["<", ">", "or"]
            } else {
                [">=", "<=", ">="]
            } {
                word(op);
            }
        }
        Expr::Or(_) => word("or"),
        Expr::Not(_) | Expr::InQuery(_, _, true) | Expr::Distinct(_, _, true) => word("not"),
        Expr::Is(_, what, not) => word(&format!("is {not} {what:?}")),
        Expr::Field(_, field) => word(&format!("field {field}")),
        _ => {}
    }
    let (mut below, mut queries) = (Vec::new(), Vec::new());
    children(expr, &mut |child| below.push(child), &mut |query| {
        queries.push(query);
    });
    for child in below {
        put(child, found);
    }
    let exists = matches!(expr, Expr::Exists(_));
    for query in queries {
        put_query(query, exists, found);
    }
}

/// What an `EXISTS` selects does not count, and the server prints `*` as columns.
fn put_query(query: &Query, exists: bool, found: &mut BTreeSet<String>) {
    for (_, inner) in &query.with {
        put_query(inner, false, found);
    }
    match &query.body {
        Body::Select(select) => put_select(select, exists, found),
        Body::Values(rows) => rows.iter().flatten().for_each(|value| put(value, found)),
        Body::Set(all) => all.iter().for_each(|inner| put_query(inner, exists, found)),
        Body::Change(_) => {}
    }
}

fn put_select(select: &Select, exists: bool, found: &mut BTreeSet<String>) {
    if !exists {
        for (target, _) in &select.targets {
            put(target, found);
        }
    }
    for from in &select.from {
        put_from(from, found);
    }
    for expr in select.condition.iter().chain(&select.rest) {
        put(expr, found);
    }
}

fn put_from(from: &From, found: &mut BTreeSet<String>) {
    match from {
        From::Relation(name, ..) => {
            if let Some(last) = name.last() {
                found.insert(format!("relation {last}"));
            }
        }
        From::Query(query, ..) => put_query(query, false, found),
        From::Function(calls, ..) => calls.iter().for_each(|call| put(call, found)),
        From::Join(left, right, condition, ..) => {
            put_from(left, found);
            put_from(right, found);
            if let Some(on) = condition {
                put(on, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::parse::script::What;
    use super::super::super::parse::split;
    use super::super::super::parse::statement::Statement;
    use super::*;
    use crate::model::place::Span;

    fn read(condition: &str) -> Expr {
        let sql = format!("create policy p on t using ({condition})");
        let script = split::script(&sql, |_| Span::at(1, 1));
        let What::Statement(statement) = &script.pieces[0].what else {
            panic!("{condition} is read");
        };
        let Statement::CreatePolicy(policy) = &**statement else {
            panic!("it is a policy");
        };
        policy.using.clone().expect("it has a condition")
    }

    fn check(written: &str, printed: &str, expected: bool) {
        let differ = differ(Some(&read(written)), Some(&read(printed)));
        assert_eq!(differ, expected, "{written} / {printed}");
    }

    #[test]
    fn conditions_as_they_are_printed() {
        check("auth.uid() = id", "(auth.uid() = id)", false);
        check(
            "state in ('a', 'b')",
            "(state = ANY (ARRAY['a'::text, 'b'::text]))",
            false,
        );
        check(
            "exists (select * from m where m.team = t.team)",
            "(EXISTS ( SELECT m.id, m.team FROM public.m WHERE (m.team = t.team)))",
            false,
        );
        check("n between 1 and 2", "((n >= 1) AND (n <= 2))", false);
        check(
            "at > now() - interval '24 hours'",
            "(at > (now() - '24:00:00'::interval))",
            false,
        );
        check("'t'", "true", true);
        check("auth.uid() = id", "true", true);
        check("auth.uid() = id", "(auth.uid() <> id)", true);
        check("auth.uid() = id", "(auth.uid() = other)", true);
        check("role = 'admin'", "(role = 'user'::text)", true);
        check("a = 1 and b", "((a = 1) OR b)", true);
    }
}
