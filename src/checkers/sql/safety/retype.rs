//! Owns which changes of a column's type leave the rows as they are.

use super::super::catalog::kinds::Kind;
use super::super::catalog::relation::Column;
use super::super::fold::Fold;
use super::super::parse::expr::{Expr, TypeName};

/// What a change of type does to the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Free,
    /// All are written anew, or looked at.
    Rewrites,
}

/// What the change of a column to a type does.
pub fn change(fold: &Fold, column: &Column, to: &TypeName, using: Option<&Expr>) -> Change {
    let plain = using.is_none_or(|using| is_column(using, &column.name));
    let new = fold.written_type(to);
    let old = &column.ty;
    let free = plain && old.array == new.array && {
        let (from, to_name) = (old.name.as_str(), new.name.as_str());
        let same = from == to_name && (old.schema == new.schema);
        let system = |name: &str| name != "citext";
        let known = old.schema == "pg_catalog" || !system(from);
        let known = known && (new.schema == "pg_catalog" || !system(to_name));
        if same {
            fits(from, &column.modifiers, &to.modifiers)
        } else if let Some(Kind::Domain(base)) = fold
            .catalog
            .kinds
            .get(&(old.schema.clone(), old.name.clone()))
        {
            *base == new && to.modifiers.is_empty()
        } else {
            known && to.modifiers.is_empty() && is_coercible(from, to_name)
        }
    };
    if free { Change::Free } else { Change::Rewrites }
}

/// The column itself, maybe cast.
fn is_column(using: &Expr, column: &str) -> bool {
    match using {
        Expr::Column(name) => name.last().is_some_and(|last| last == column),
        Expr::Cast(inner, _) => is_column(inner, column),
        _ => false,
    }
}

/// Types whose values are stored alike, so that the server only takes them for another.
fn is_coercible(from: &str, to: &str) -> bool {
    match from {
        "varchar" => matches!(to, "text" | "citext"),
        "text" => matches!(to, "varchar" | "citext"),
        "citext" | "xml" => matches!(to, "text" | "varchar"),
        "cidr" => to == "inet",
        "bit" => to == "varbit",
        "int4" => to == "oid",
        "oid" => to == "int4",
        _ => false,
    }
}

/// Do all values of a type with the old modifiers fit the new ones as they are?
fn fits(name: &str, old: &[String], new: &[String]) -> bool {
    if old == new {
        return true;
    }
    let number = |all: &[String], at: usize| all.get(at).and_then(|text| text.parse::<i64>().ok());
    match name {
        "varchar" | "varbit" => match (number(old, 0), number(new, 0)) {
            (_, None) => new.is_empty(),
            (Some(old), Some(new)) => new >= old,
            (None, Some(_)) => false,
        },
        "numeric" => {
            if new.is_empty() {
                return true;
            }
            let scale = |all: &[String]| number(all, 1).unwrap_or(0);
            match (number(old, 0), number(new, 0)) {
                (Some(before), Some(now)) => scale(old) == scale(new) && now >= before,
                _ => false,
            }
        }
        "interval" => new.is_empty(),
        "timestamp" | "timestamptz" | "time" | "timetz" => {
            let digits = |all: &[String]| number(all, 0).unwrap_or(6);
            digits(new) >= digits(old)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::catalog::kinds::Ty;
    use super::*;

    fn check(from: (&str, &[&str]), to: (&str, &[&str]), expected: Change) {
        let text = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
        let column = Column {
            name: "c".to_owned(),
            ty: Ty::system(from.0),
            modifiers: text(from.1),
            ..Column::default()
        };
        let new = TypeName {
            name: vec![to.0.to_owned()],
            modifiers: text(to.1),
            ..TypeName::default()
        };
        let found = change(&Fold::new(), &column, &new, None);
        assert_eq!(found, expected, "{from:?} -> {to:?}");
    }

    // As PostgreSQL 15 does it: a new relfilenode or none.
    #[test]
    fn what_is_stored_alike_is_free() {
        use Change::{Free, Rewrites};
        check(("varchar", &["20"]), ("varchar", &["50"]), Free);
        check(("varchar", &["20"]), ("varchar", &["10"]), Rewrites);
        check(("varchar", &["20"]), ("varchar", &[]), Free);
        check(("varchar", &[]), ("varchar", &["20"]), Rewrites);
        check(("varchar", &["20"]), ("text", &[]), Free);
        check(("text", &[]), ("varchar", &[]), Free);
        check(("text", &[]), ("varchar", &["20"]), Rewrites);
        check(("bpchar", &["3"]), ("text", &[]), Rewrites);
        check(("numeric", &["10", "2"]), ("numeric", &["12", "2"]), Free);
        check(
            ("numeric", &["10", "2"]),
            ("numeric", &["12", "3"]),
            Rewrites,
        );
        check(("numeric", &["10", "2"]), ("numeric", &[]), Free);
        check(("numeric", &[]), ("numeric", &["10"]), Rewrites);
        check(("timestamp", &["3"]), ("timestamp", &["6"]), Free);
        check(("timestamp", &["6"]), ("timestamp", &["3"]), Rewrites);
        check(("timestamp", &[]), ("timestamptz", &[]), Rewrites);
        check(("int4", &[]), ("int8", &[]), Rewrites);
        check(("int4", &[]), ("int4", &[]), Free);
        check(("json", &[]), ("jsonb", &[]), Rewrites);
        check(("interval", &["3"]), ("interval", &[]), Free);
        check(("bit", &["3"]), ("varbit", &[]), Free);
        check(("varbit", &[]), ("bit", &[]), Rewrites);
        check(("cidr", &[]), ("inet", &[]), Free);
        check(("inet", &[]), ("cidr", &[]), Rewrites);
    }
}
