//! Owns what is known of a value in a condition: a constant, null or not, or in the dark. Claims and settings of a caller who has not
//! signed in are null, but for those that the key itself has.

use super::super::super::parse::expr::{Body, Expr};
use super::{Caller, FALSE, Logic, NULL, TRUE, is_aggregate};

/// Is it null?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Null {
    Yes,
    No,
    Maybe,
}

/// What is known of a value.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// What it is, where it is a constant.
    pub(super) text: Option<String>,
    pub(super) null: Null,
    /// Nobody can look into it.
    pub(super) dark: bool,
}

impl Value {
    pub(super) const fn of(null: Null) -> Self {
        Self {
            text: None,
            null,
            dark: false,
        }
    }

    pub(super) const fn dark() -> Self {
        Self {
            text: None,
            null: Null::Maybe,
            dark: true,
        }
    }

    pub(super) fn text(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            null: Null::No,
            dark: false,
        }
    }
}

impl Logic<'_> {
    pub(super) fn value(&self, expr: &Expr) -> Value {
        match expr {
            Expr::Null => Value::of(Null::Yes),
            Expr::Text(text) | Expr::Number(text) => Value::text(text),
            Expr::Bool(value) => Value::text(if *value { "true" } else { "false" }),
            Expr::Cast(inner, ty) => {
                let value = self.value(inner);
                // Texts of another type are compared as that type does.
                let same = ["text", "varchar", "uuid", "bool"];
                let keeps = ty
                    .name
                    .last()
                    .is_some_and(|name| same.contains(&name.as_str()));
                Value {
                    text: value
                        .text
                        .filter(|_| keeps || matches!(**inner, Expr::Text(_))),
                    ..value
                }
            }
            Expr::Column(name) => self.column(name),
            Expr::Call(call) => self.call(&call.name, &call.args, call.grammar),
            Expr::Binary(op, left, right)
                if op == "->>" || op == "->" || op == "#>>" || op == "#>" =>
            {
                self.member(left, right)
            }
            Expr::Binary(_, left, right) => Self::strict(&[self.value(left), self.value(right)]),
            Expr::Unary(_, inner) | Expr::Field(inner, _) | Expr::Collate(inner, _) => {
                Self::strict(&[self.value(inner)])
            }
            Expr::Index(inner, all) => {
                let mut values = vec![self.value(inner)];
                values.extend(all.iter().map(|one| self.value(one)));
                let mut value = Self::strict(&values);
                if value.null == Null::No {
                    value.null = Null::Maybe;
                }
                value
            }
            Expr::Scalar(query) => match &query.body {
                Body::Select(select) if select.from.is_empty() && select.condition.is_none() => {
                    let target = select.targets.first();
                    target.map_or(Value::of(Null::Yes), |(target, _)| self.value(target))
                }
                _ if is_aggregate(query) => Value::dark(),
                _ if self.rows(query).0 == FALSE => Value::of(Null::Yes),
                _ => Value::dark(),
            },
            Expr::Array(_) | Expr::Row(_) => Value::of(Null::No),
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Is(..) | Expr::Exists(_) => {
                let outcomes = self.outcomes(expr);
                Value {
                    text: match outcomes.0 {
                        TRUE => Some("true".to_owned()),
                        FALSE => Some("false".to_owned()),
                        _ => None,
                    },
                    null: match outcomes.0 {
                        NULL => Null::Yes,
                        other if other & NULL == 0 && other != 0 => Null::No,
                        _ => Null::Maybe,
                    },
                    dark: outcomes.0 == 0,
                }
            }
            _ => Value::dark(),
        }
    }

    fn column(&self, name: &[String]) -> Value {
        let own = match name {
            [_] => !self.inside,
            [.., table, _] => *table == self.relation.name,
            [] => false,
        };
        let column = name.last().and_then(|last| self.relation.column(last));
        match column.filter(|_| own) {
            Some(column) if column.not_null => Value::of(Null::No),
            _ => Value::of(Null::Maybe),
        }
    }

    /// A function that is null where an argument is.
    fn strict(values: &[Value]) -> Value {
        if values.iter().any(|value| value.null == Null::Yes) {
            return Value::of(Null::Yes);
        }
        Value {
            text: None,
            null: if values.iter().all(|value| value.null == Null::No) {
                Null::No
            } else {
                Null::Maybe
            },
            dark: values.iter().any(|value| value.dark),
        }
    }

    fn subject(&self) -> Value {
        match self.caller {
            Caller::Anyone => Value::dark(),
            Caller::Nobody => Value::of(Null::Yes),
            Caller::Somebody => Value::of(Null::No),
        }
    }

    fn role(&self) -> Value {
        match self.caller {
            Caller::Nobody if self.roles => Value::text("anon"),
            Caller::Somebody if self.roles => Value::text("authenticated"),
            _ => Value::dark(),
        }
    }

    fn call(&self, name: &[String], args: &[Expr], grammar: bool) -> Value {
        let name: Vec<&str> = name.iter().map(String::as_str).collect();
        match name.as_slice() {
            ["auth", "uid"] => self.subject(),
            ["auth", "email"] if self.caller == Caller::Nobody => Value::of(Null::Yes),
            ["auth", "role"] => self.role(),
            ["current_setting"] | ["pg_catalog", "current_setting"] => self.setting(args),
            ["coalesce"] if grammar => {
                let mut dark = false;
                for arg in args {
                    let value = self.value(arg);
                    dark |= value.dark;
                    match value.null {
                        Null::Yes => {}
                        Null::No if !dark => return value,
                        Null::No => {
                            return Value {
                                text: None,
                                null: Null::No,
                                dark,
                            };
                        }
                        Null::Maybe => dark = true,
                    }
                }
                Value {
                    text: None,
                    null: if dark { Null::Maybe } else { Null::Yes },
                    dark,
                }
            }
            ["nullif"] => match args.first().map(|arg| self.value(arg)) {
                Some(value) if value.null == Null::Yes => value,
                Some(value) => Value {
                    text: None,
                    null: if value.null == Null::No && value.text.is_none() {
                        // A subject is never the empty text that it is compared with.
                        Null::No
                    } else {
                        Null::Maybe
                    },
                    dark: value.dark,
                },
                None => Value::dark(),
            },
            ["now"] | ["pg_catalog", "now"] => Value::of(Null::No),
            [
                ..,
                "lower" | "upper" | "btrim" | "ltrim" | "rtrim" | "length" | "md5" | "left"
                | "right" | "substring" | "replace" | "split_part" | "regexp_replace"
                | "date_trunc" | "abs" | "array_length" | "cardinality",
            ]
            | ["storage", "foldername" | "filename" | "extension"] => {
                let values: Vec<Value> = args.iter().map(|arg| self.value(arg)).collect();
                let mut value = Self::strict(&values);
                if value.null == Null::No {
                    value.null = Null::Maybe;
                }
                value
            }
            _ => Value::dark(),
        }
    }

    fn setting(&self, args: &[Expr]) -> Value {
        let missing_ok = matches!(args.get(1), Some(Expr::Bool(true)));
        let name = match args.first() {
            Some(Expr::Text(name)) => name.as_str(),
            _ => return Value::dark(),
        };
        let claim = name.strip_prefix("request.jwt.claim.");
        match (self.caller, claim) {
            (_, Some("role") | None) if name == "role" || claim.is_some() => self.role(),
            (Caller::Nobody, _) if name == "request.jwt.claims" => Value::dark(),
            (Caller::Nobody, _) if missing_ok && name.contains('.') => Value::of(Null::Yes),
            (Caller::Somebody, _)
                if name.contains('.') && claim.is_none_or(|claim| claim == "sub") =>
            {
                Value::of(Null::No)
            }
            _ => Value::dark(),
        }
    }

    /// A member of a document: of the caller's claims, those that a key has are known.
    fn member(&self, left: &Expr, right: &Expr) -> Value {
        let key = match right {
            Expr::Text(key) => Some(key.trim_matches(['{', '}'])),
            _ => None,
        };
        if is_claims(left) {
            return match (key, self.caller) {
                (Some("role"), _) => self.role(),
                (Some("sub"), _) => self.subject(),
                (Some("iss" | "ref" | "iat" | "exp" | "aud") | None, _) => Value::dark(),
                (Some(_), Caller::Nobody) => Value::of(Null::Yes),
                (Some(_), _) => Value::dark(),
            };
        }
        let value = self.value(left);
        match value.null {
            Null::Yes => value,
            _ => Value {
                text: None,
                null: Null::Maybe,
                dark: value.dark,
            },
        }
    }
}

/// Is it all that a token says of the caller?
#[must_use]
pub fn is_claims(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => {
            let name: Vec<&str> = call.name.iter().map(String::as_str).collect();
            match name.as_slice() {
                ["auth", "jwt"] => true,
                ["current_setting"] => {
                    matches!(call.args.first(), Some(Expr::Text(name)) if name == "request.jwt.claims")
                }
                ["nullif" | "coalesce"] => call.args.first().is_some_and(is_claims),
                _ => false,
            }
        }
        Expr::Cast(inner, _) => is_claims(inner),
        Expr::Scalar(query) => match &query.body {
            Body::Select(select) if select.from.is_empty() => {
                matches!(select.targets.as_slice(), [(target, _)] if is_claims(target))
            }
            _ => false,
        },
        _ => false,
    }
}
