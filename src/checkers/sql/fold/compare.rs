//! Owns which types no operator of the server compares: a policy or a view with such a comparison is refused.

use super::super::catalog::Catalog;
use super::super::catalog::builtin;
use super::super::catalog::kinds::{Kind, Ty};
use super::super::parse::expr::{Body, Expr, Name, TypeName};
use super::scope::Scope;

/// Types that compare with each other.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Family {
    Uuid,
    Text,
    Number,
    Bool,
    Json,
    Jsonb,
    Time,
    Bytes,
    Enum(String),
}

/// What an expression sees.
pub(super) struct Sight<'a> {
    pub catalog: &'a Catalog,
    pub path: &'a [String],
    pub scopes: &'a [Vec<Scope>],
}

/// The operators that compare two values of one type.
const COMPARISONS: [&str; 6] = ["=", "<>", "<", ">", "<=", ">="];

impl Sight<'_> {
    /// The comparison in an expression that the server has no operator for, itself only; `None` where a type is not known.
    pub(super) fn clash(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Binary(op, left, right) if COMPARISONS.contains(&op.as_str()) => {
                self.pair(left, op, right)
            }
            Expr::InList(left, all, _) => all.iter().find_map(|one| self.pair(left, "=", one)),
            Expr::Quantified(op, left, right, _) if COMPARISONS.contains(&op.as_str()) => {
                let list = self.ty(right).filter(|ty| ty.array)?;
                let element = Ty {
                    array: false,
                    ..list
                };
                self.differ(&self.ty(left)?, op, &element)
            }
            _ => None,
        }
    }

    fn pair(&self, left: &Expr, op: &str, right: &Expr) -> Option<String> {
        self.differ(&self.ty(left)?, op, &self.ty(right)?)
    }

    fn differ(&self, left: &Ty, op: &str, right: &Ty) -> Option<String> {
        let (a, b) = (self.family(left)?, self.family(right)?);
        (a != b || a == Family::Json).then(|| {
            format!(
                "operator does not exist: {} {op} {}",
                left.shown(),
                right.shown()
            )
        })
    }

    fn family(&self, ty: &Ty) -> Option<Family> {
        if ty.array {
            return None;
        }
        if ty.schema != "pg_catalog" {
            let key = (ty.schema.clone(), ty.name.clone());
            return match self.catalog.kinds.get(&key) {
                Some(Kind::Enum(_)) => Some(Family::Enum(ty.shown())),
                _ => None,
            };
        }
        Some(match ty.name.as_str() {
            "uuid" => Family::Uuid,
            "text" | "varchar" | "bpchar" | "name" => Family::Text,
            "int2" | "int4" | "int8" | "numeric" | "float4" | "float8" => Family::Number,
            "bool" => Family::Bool,
            "json" => Family::Json,
            "jsonb" => Family::Jsonb,
            "timestamptz" | "timestamp" | "date" => Family::Time,
            "bytea" => Family::Bytes,
            _ => return None,
        })
    }

    /// The type of an expression, where it is sure. A constant in quotes takes any.
    fn ty(&self, expr: &Expr) -> Option<Ty> {
        match expr {
            Expr::Column(name) => self.column(name),
            Expr::Cast(_, ty) => written(ty),
            Expr::Number(number) if number.bytes().all(|b| b.is_ascii_digit()) => {
                Some(Ty::system("int4"))
            }
            Expr::Bool(_) => Some(Ty::system("bool")),
            Expr::Call(call) if !call.grammar => {
                let found = self.catalog.functions_named(&call.name, self.path);
                let [only] = found.as_slice() else {
                    return None;
                };
                let (ty, set) = only.returns.clone()?;
                (!set && only.extension.is_none()).then_some(ty)
            }
            Expr::Binary(op, left, _) => {
                let document = self.ty(left).filter(|ty| ty.is("json") || ty.is("jsonb"))?;
                match op.as_str() {
                    "->>" | "#>>" => Some(Ty::system("text")),
                    "->" | "#>" => Some(document),
                    _ => None,
                }
            }
            Expr::Scalar(query) => match &query.body {
                Body::Select(select) if select.from.is_empty() => match select.targets.as_slice() {
                    [(target, _)] => self.ty(target),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    fn column(&self, name: &Name) -> Option<Ty> {
        let (table, column) = match name.as_slice() {
            [column] => (None, column),
            [.., table, column] => (Some(table), column),
            [] => return None,
        };
        for scope in self.scopes.iter().rev().flatten() {
            if table.is_some_and(|table| *table != scope.alias) {
                continue;
            }
            // What has columns that nobody knows may have this one.
            let columns = scope.columns.as_ref()?;
            if columns.contains(column) {
                return self.catalog.column_type(scope.oid?, column);
            }
        }
        None
    }
}

/// A written type of the server.
fn written(ty: &TypeName) -> Option<Ty> {
    match ty.name.as_slice() {
        [name] if builtin::is_type(name) && !ty.of_column => Some(Ty {
            array: ty.dimensions > 0,
            ..Ty::system(name)
        }),
        _ => None,
    }
}
