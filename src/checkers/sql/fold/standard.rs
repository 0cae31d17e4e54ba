//! Owns the rows of `information_schema`, as the simulated catalog fills them.

use super::super::catalog::Oid;
use super::super::catalog::relation::{ConKind, RelKind, Relation};
use super::super::catalog::routine::Function;
use super::super::parse::statement::Object;
use super::Fold;
use super::system::{PLATFORM, Row, text};
use super::value::Value;

impl Fold {
    /// The rows of the standard's views.
    pub(super) fn standard_rows(&self, name: &str) -> Option<Vec<Row>> {
        let relations = self.catalog.relations.values().map(AsRef::as_ref);
        let relations = relations.filter(|relation: &&Relation| {
            !relation.temporary && relation.kind != RelKind::Sequence
        });
        let mut rows: Vec<Row> = match name {
            "tables" => {
                let shown = relations.filter(|relation| relation.kind != RelKind::MaterializedView);
                shown
                    .map(|relation| {
                        with_place(relation, vec![("table_type", text(table_type(relation)))])
                    })
                    .collect()
            }
            "views" => {
                let views = relations.filter(|relation| relation.kind == RelKind::View);
                views
                    .map(|relation| with_place(relation, Vec::new()))
                    .collect()
            }
            "columns" => {
                let shown = relations.filter(|relation| relation.kind != RelKind::MaterializedView);
                shown.flat_map(standard_columns).collect()
            }
            "table_constraints" => relations.flat_map(standard_constraints).collect(),
            "triggers" => relations
                .flat_map(|relation| {
                    let row = |(name, _): &(String, Option<Oid>)| -> Row {
                        vec![
                            ("trigger_schema", text(&relation.schema)),
                            ("event_object_schema", text(&relation.schema)),
                            ("event_object_table", text(&relation.name)),
                            ("trigger_name", text(name)),
                        ]
                    };
                    relation.triggers.iter().map(row).collect::<Vec<_>>()
                })
                .collect(),
            "schemata" => {
                let row = |row: Row| {
                    row.into_iter()
                        .filter(|(name, _)| *name == "nspname")
                        .map(|(_, name)| ("schema_name", name))
                        .collect()
                };
                return Some(self.namespaces().into_iter().map(row).collect());
            }
            "routines" => self
                .catalog
                .functions
                .values()
                .filter(|function| function.object != Object::Aggregate)
                .map(|function| standard_routine(function))
                .collect(),
            _ => return None,
        };
        let (schema, named) = match name {
            "routines" => ("routine_schema", "routine_name"),
            "triggers" => ("trigger_schema", "trigger_name"),
            "table_constraints" => ("table_schema", "constraint_name"),
            _ => ("table_schema", "table_name"),
        };
        for platform in PLATFORM {
            let mut row = vec![(schema, text(platform)), (named, Value::Foreign)];
            if name == "table_constraints" {
                row.push(("table_name", Value::Foreign));
            }
            rows.push(row);
        }
        Some(rows)
    }
}

fn with_place(relation: &Relation, more: Row) -> Row {
    let mut row = vec![
        ("table_schema", text(&relation.schema)),
        ("table_name", text(&relation.name)),
    ];
    row.extend(more);
    row
}

const fn table_type(relation: &Relation) -> &'static str {
    match relation.kind {
        RelKind::View => "VIEW",
        RelKind::Foreign => "FOREIGN",
        _ => "BASE TABLE",
    }
}

fn standard_columns(relation: &Relation) -> Vec<Row> {
    let row = |column: &super::super::catalog::relation::Column| {
        let ty = &column.ty;
        let plain = ty.schema == "pg_catalog" && ty.name != "unknown";
        let kind = match (ty.array, plain) {
            (true, _) => text("ARRAY"),
            (false, true) => Value::Text(ty.shown()),
            (false, false) => Value::Unknown,
        };
        let udt = if ty.array || ty.name == "unknown" {
            Value::Unknown
        } else {
            text(&ty.name)
        };
        with_place(
            relation,
            vec![
                ("column_name", text(&column.name)),
                (
                    "is_nullable",
                    text(if column.not_null { "NO" } else { "YES" }),
                ),
                ("data_type", kind),
                ("udt_name", udt),
            ],
        )
    };
    let mut rows: Vec<Row> = relation.columns.iter().map(row).collect();
    if relation.external {
        rows.push(with_place(relation, vec![("column_name", Value::Unknown)]));
    }
    rows
}

fn standard_constraints(relation: &Relation) -> Vec<Row> {
    let row = |con: &super::super::catalog::relation::Con| {
        let kind = match con.kind {
            ConKind::Primary => "PRIMARY KEY",
            ConKind::Unique => "UNIQUE",
            ConKind::Foreign => "FOREIGN KEY",
            ConKind::Check => "CHECK",
            ConKind::Exclude => return None,
        };
        Some(with_place(
            relation,
            vec![
                ("constraint_schema", text(&relation.schema)),
                ("constraint_name", text(&con.name)),
                ("constraint_type", text(kind)),
            ],
        ))
    };
    relation.constraints.iter().filter_map(row).collect()
}

fn standard_routine(function: &Function) -> Row {
    let kind = if function.object == Object::Procedure {
        "PROCEDURE"
    } else {
        "FUNCTION"
    };
    vec![
        ("routine_schema", text(&function.schema)),
        ("routine_name", text(&function.name)),
        ("specific_schema", text(&function.schema)),
        ("routine_type", text(kind)),
        (
            "security_type",
            text(if function.definer {
                "DEFINER"
            } else {
                "INVOKER"
            }),
        ),
    ]
}
