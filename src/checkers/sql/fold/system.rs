//! Owns the rows that the server's own relations would hold: the simulated catalog as `pg_policies`, `pg_class` and their kin
//! show it.

use super::super::catalog::Oid;
use super::super::catalog::kinds::{Kind, Ty};
use super::super::catalog::relation::{ConKind, Policy, RelKind, Relation};
use super::super::catalog::routine::Function;
use super::super::parse::expr::Name;
use super::super::parse::statement::{Command, Object};
use super::super::parse::words::quote;
use super::Fold;
use super::value::Value;

/// A row: its columns by name.
pub type Row = Vec<(&'static str, Value)>;

/// Schemas that the platform fills with more than is modelled.
pub(super) const PLATFORM: [&str; 9] = [
    "pg_catalog",
    "information_schema",
    "auth",
    "storage",
    "realtime",
    "extensions",
    "graphql",
    "vault",
    "pgmq",
];

pub(super) fn text(text: &str) -> Value {
    Value::text(text)
}

fn yes(value: bool) -> Value {
    Value::Bool(value)
}

fn is_table(relation: &Relation) -> bool {
    matches!(relation.kind, RelKind::Table | RelKind::Partitioned)
}

impl Fold {
    /// The rows of a relation of the server; `None`: it is not modelled. The last ones stand for what the platform brings.
    pub(super) fn system_rows(&self, name: &Name) -> Option<Vec<Row>> {
        let bare = match name.as_slice() {
            [name] => name.as_str(),
            [schema, name] if schema == "pg_catalog" => name.as_str(),
            [schema, name] if schema == "information_schema" => return self.standard_rows(name),
            [schema, name] if schema == "storage" && name == "buckets" => {
                return Some(self.bucket_rows());
            }
            _ => return None,
        };
        let all = self
            .catalog
            .relations
            .values()
            .filter(|relation| !relation.temporary);
        let relations: Vec<&Relation> = all.map(AsRef::as_ref).collect();
        let each = |rows: &dyn Fn(&Relation) -> Vec<Row>| {
            relations
                .iter()
                .flat_map(|relation| rows(relation))
                .collect()
        };
        let mut rows: Vec<Row> = match bare {
            "pg_policies" => each(&|relation| {
                relation
                    .policies
                    .iter()
                    .map(|policy| shown_policy(relation, policy))
                    .collect()
            }),
            "pg_policy" => each(&|relation| {
                relation
                    .policies
                    .iter()
                    .map(|policy| self.policy(relation, policy))
                    .collect()
            }),
            "pg_tables" => each(&|relation| {
                if is_table(relation) {
                    vec![table(relation)]
                } else {
                    Vec::new()
                }
            }),
            "pg_views" => {
                each(&|relation| of_kind(relation, RelKind::View, "viewname", "viewowner"))
            }
            "pg_matviews" => each(&|relation| {
                of_kind(
                    relation,
                    RelKind::MaterializedView,
                    "matviewname",
                    "matviewowner",
                )
            }),
            "pg_sequences" => each(&|relation| {
                of_kind(relation, RelKind::Sequence, "sequencename", "sequenceowner")
            }),
            "pg_class" => each(&|relation| self.class(relation)),
            "pg_indexes" => each(&indexes),
            "pg_trigger" => each(&|relation| self.triggers(relation)),
            "pg_constraint" => each(&|relation| self.constraints(relation)),
            "pg_attribute" => each(&|relation| self.attributes(relation)),
            "pg_publication_tables" => self.published(),
            "pg_publication_rel" => self.published_relations(),
            "pg_proc" => self
                .catalog
                .functions
                .values()
                .map(|function| self.procedure(function))
                .collect(),
            "pg_namespace" => self.namespaces(),
            "pg_type" => self.types(),
            "pg_enum" => self.labels(),
            // These are known as a whole.
            "pg_extension" => return Some(self.extensions()),
            "pg_publication" => {
                let names = self.catalog.publications.keys();
                return Some(
                    names
                        .map(|name| vec![("pubname", text(name)), ("oid", publication(name))])
                        .collect(),
                );
            }
            "pg_event_trigger" => {
                let names = self.catalog.event_triggers.iter();
                return Some(
                    names
                        .map(|(name, event)| {
                            vec![("evtname", text(name)), ("evtevent", text(event))]
                        })
                        .collect(),
                );
            }
            "pg_roles" | "pg_authid" | "pg_user" => return Some(self.role_rows()),
            _ => return None,
        };
        rows.extend(self.foreign_rows(bare));
        Some(rows)
    }

    /// What stands for the rows of the platform: the schema is known, the names are none of ours.
    fn foreign_rows(&self, bare: &str) -> Vec<Row> {
        let schemas = PLATFORM.iter().filter(|schema| {
            matches!(**schema, "pg_catalog" | "information_schema")
                || self.catalog.schemas.contains_key(**schema)
        });
        let row = |schema: &&str| -> Option<Row> {
            let (space, named) = match bare {
                "pg_policies" | "pg_tables" => {
                    (("schemaname", text(schema)), ["tablename", "policyname"])
                }
                "pg_views" => (("schemaname", text(schema)), ["viewname", ""]),
                "pg_indexes" => (("schemaname", text(schema)), ["tablename", "indexname"]),
                "pg_class" => (("relnamespace", namespace(schema)), ["relname", "oid"]),
                "pg_proc" => (("pronamespace", namespace(schema)), ["proname", "oid"]),
                "pg_type" => (("typnamespace", namespace(schema)), ["typname", "oid"]),
                "pg_constraint" => (("connamespace", namespace(schema)), ["conname", "conrelid"]),
                "pg_trigger" => (("", Value::Unknown), ["tgname", "tgrelid"]),
                "pg_policy" => (("", Value::Unknown), ["polname", "polrelid"]),
                "pg_attribute" => (("", Value::Unknown), ["attname", "attrelid"]),
                "pg_enum" => (("", Value::Unknown), ["enumlabel", "enumtypid"]),
                _ => return None,
            };
            let mut row = vec![space];
            row.extend(
                named
                    .iter()
                    .filter(|name| !name.is_empty())
                    .map(|name| (*name, Value::Foreign)),
            );
            Some(row)
        };
        schemas.filter_map(row).collect()
    }

    /// The schemas whose objects are shown with their bare name.
    fn is_near(&self, schema: &str) -> bool {
        schema == "pg_catalog" || self.session.path.iter().any(|other| other == schema)
    }

    fn bare_or_qualified(&self, schema: &str, name: &str) -> String {
        if self.is_near(schema) {
            quote(name)
        } else {
            format!("{}.{}", quote(schema), quote(name))
        }
    }

    /// A relation as a value.
    pub(super) fn object_of(&self, oid: Oid) -> Value {
        match self.catalog.relation(oid) {
            Some(relation) => Value::Object(
                format!("class {oid}"),
                self.bare_or_qualified(&relation.schema, &relation.name),
            ),
            None => Value::Unknown,
        }
    }

    /// A function as a value, printed with its arguments.
    pub(super) fn object_of_function(&self, function: &Function) -> Value {
        let types: Vec<String> = function.signature().into_iter().map(Ty::shown).collect();
        let name = self.bare_or_qualified(&function.schema, &function.name);
        Value::Object(
            format!("proc {}", function.oid),
            format!("{name}({})", types.join(",")),
        )
    }

    fn policy(&self, relation: &Relation, policy: &Policy) -> Row {
        let command = match policy.command {
            Command::All => "*",
            Command::Select => "r",
            Command::Insert => "a",
            Command::Update => "w",
            Command::Delete => "d",
        };
        vec![
            ("polname", text(&policy.name)),
            ("polrelid", self.object_of(relation.oid)),
            ("polcmd", text(command)),
            ("polpermissive", yes(policy.permissive)),
            (
                "polqual",
                if policy.using.is_some() {
                    Value::Unknown
                } else {
                    Value::Null
                },
            ),
            (
                "polwithcheck",
                if policy.check.is_some() {
                    Value::Unknown
                } else {
                    Value::Null
                },
            ),
        ]
    }

    fn class(&self, relation: &Relation) -> Vec<Row> {
        let kind = match relation.kind {
            RelKind::Table => "r",
            RelKind::Partitioned => "p",
            RelKind::View => "v",
            RelKind::MaterializedView => "m",
            RelKind::Foreign => "f",
            RelKind::Sequence => "S",
        };
        let row = |oid: Value, name: &str, kind: &str| -> Row {
            vec![
                ("oid", oid),
                ("relname", text(name)),
                ("relnamespace", namespace(&relation.schema)),
                ("relkind", text(kind)),
                ("relrowsecurity", yes(relation.rls)),
                ("relforcerowsecurity", yes(relation.force)),
                ("relispartition", yes(relation.partition)),
                ("relowner", role(&relation.owner)),
            ]
        };
        let mut rows = vec![row(self.object_of(relation.oid), &relation.name, kind)];
        for index in &relation.indexes {
            let oid = Value::Object(
                format!("index {}.{}", relation.oid, index.name),
                self.bare_or_qualified(&relation.schema, &index.name),
            );
            rows.push(row(oid, &index.name, "i"));
        }
        rows
    }

    fn triggers(&self, relation: &Relation) -> Vec<Row> {
        let own = relation
            .triggers
            .iter()
            .map(|(name, _)| (text(name), false));
        let keys = relation
            .constraints
            .iter()
            .filter(|con| con.kind == ConKind::Foreign);
        let internal = keys.map(|_| (Value::Foreign, true));
        let row = |(name, internal): (Value, bool)| -> Row {
            vec![
                ("tgname", name),
                ("tgrelid", self.object_of(relation.oid)),
                ("tgisinternal", yes(internal)),
            ]
        };
        own.chain(internal).map(row).collect()
    }

    fn constraints(&self, relation: &Relation) -> Vec<Row> {
        let row = |con: &super::super::catalog::relation::Con| -> Row {
            vec![
                ("conname", text(&con.name)),
                ("conrelid", self.object_of(relation.oid)),
                ("connamespace", namespace(&relation.schema)),
                ("contype", text(letter(con.kind))),
                ("convalidated", yes(!con.not_valid)),
                (
                    "confrelid",
                    con.target
                        .as_ref()
                        .map_or(Value::Unknown, |(oid, ..)| self.object_of(*oid)),
                ),
            ]
        };
        relation.constraints.iter().map(row).collect()
    }

    fn attributes(&self, relation: &Relation) -> Vec<Row> {
        let row = |(number, column): (i64, &super::super::catalog::relation::Column)| -> Row {
            vec![
                ("attname", text(&column.name)),
                ("attrelid", self.object_of(relation.oid)),
                ("attnotnull", yes(column.not_null)),
                ("attisdropped", yes(false)),
                ("attnum_known", Value::Number(number)),
            ]
        };
        (1..).zip(&relation.columns).map(row).collect()
    }

    fn published(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (name, tables) in &self.catalog.publications {
            let listed = |relation: &&Relation| match tables {
                Some(tables) => tables.contains(&relation.oid),
                None => is_table(relation),
            };
            let all = self.catalog.relations.values().map(AsRef::as_ref);
            rows.extend(all.filter(listed).map(|relation| -> Row {
                vec![
                    ("pubname", text(name)),
                    ("schemaname", text(&relation.schema)),
                    ("tablename", text(&relation.name)),
                ]
            }));
        }
        rows
    }

    fn published_relations(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (name, tables) in &self.catalog.publications {
            for oid in tables.iter().flatten() {
                rows.push(vec![
                    ("prpubid", publication(name)),
                    ("prrelid", self.object_of(*oid)),
                ]);
            }
        }
        rows
    }

    fn procedure(&self, function: &Function) -> Row {
        let settings = function
            .settings
            .iter()
            .map(|(name, value)| Value::Text(format!("{name}={value}")));
        let settings: Vec<Value> = settings.collect();
        let kind = match function.object {
            Object::Procedure => "p",
            Object::Aggregate => "a",
            _ => "f",
        };
        vec![
            ("oid", self.object_of_function(function)),
            ("proname", text(&function.name)),
            ("pronamespace", namespace(&function.schema)),
            ("prosecdef", yes(function.definer)),
            ("prokind", text(kind)),
            ("proowner", role(&function.owner)),
            ("provolatile", text(&function.volatility.to_string())),
            (
                "proconfig",
                if settings.is_empty() {
                    Value::Null
                } else {
                    Value::List(settings)
                },
            ),
            (
                "prolang",
                Value::Object(
                    format!("language {}", function.language),
                    function.language.clone(),
                ),
            ),
            (
                "pronargs",
                Value::Number(i64::try_from(function.signature().len()).unwrap_or(-1)),
            ),
        ]
    }

    pub(super) fn namespaces(&self) -> Vec<Row> {
        let own = ["pg_catalog", "information_schema", "pg_toast"];
        let all = self.catalog.schemas.keys().map(String::as_str).chain(own);
        all.map(|name| -> Row { vec![("oid", namespace(name)), ("nspname", text(name))] })
            .collect()
    }

    fn types(&self) -> Vec<Row> {
        let row = |schema: &str, name: &str, letter: &str| -> Row {
            vec![
                (
                    "oid",
                    kind(schema, name, &self.bare_or_qualified(schema, name)),
                ),
                ("typname", text(name)),
                ("typnamespace", namespace(schema)),
                ("typtype", text(letter)),
            ]
        };
        let own = self.catalog.kinds.iter().map(|((schema, name), kind)| {
            let letter = match kind {
                Kind::Enum(_) => "e",
                Kind::Composite(_) => "c",
                Kind::Domain(_) => "d",
                Kind::Other(_) => "r",
            };
            row(schema, name, letter)
        });
        let rows = self
            .catalog
            .relations
            .values()
            .filter(|relation| relation.kind != RelKind::Sequence);
        own.chain(rows.map(|relation| row(&relation.schema, &relation.name, "c")))
            .collect()
    }

    fn labels(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for ((schema, name), of) in &self.catalog.kinds {
            if let Kind::Enum(labels) = of {
                let oid = kind(schema, name, &self.bare_or_qualified(schema, name));
                rows.extend(labels.iter().map(|label| -> Row {
                    vec![("enumlabel", text(label)), ("enumtypid", oid.clone())]
                }));
            }
        }
        rows
    }

    fn extensions(&self) -> Vec<Row> {
        let all = self.catalog.extensions.iter();
        all.map(|(name, schema)| -> Row {
            vec![("extname", text(name)), ("extnamespace", namespace(schema))]
        })
        .collect()
    }

    fn role_rows(&self) -> Vec<Row> {
        let row = |(name, found): (&String, &super::super::catalog::Role)| -> Row {
            vec![
                ("oid", role(name)),
                ("rolname", text(name)),
                ("usename", text(name)),
                ("rolbypassrls", yes(found.bypass)),
                ("rolsuper", yes(found.superuser)),
                ("rolinherit", yes(found.inherit)),
            ]
        };
        self.catalog.roles.iter().map(row).collect()
    }

    fn bucket_rows(&self) -> Vec<Row> {
        let row = |(id, bucket): (&String, &super::super::catalog::Bucket)| -> Row {
            vec![("id", text(id)), ("public", yes(bucket.public))]
        };
        self.catalog.buckets.iter().map(row).collect()
    }
}

fn shown_policy(relation: &Relation, policy: &Policy) -> Row {
    let command = match policy.command {
        Command::All => "ALL",
        Command::Select => "SELECT",
        Command::Insert => "INSERT",
        Command::Update => "UPDATE",
        Command::Delete => "DELETE",
    };
    let mut roles: Vec<Value> = policy.roles.iter().map(|role| text(role)).collect();
    if roles.is_empty() {
        roles.push(text("public"));
    }
    vec![
        ("schemaname", text(&relation.schema)),
        ("tablename", text(&relation.name)),
        ("policyname", text(&policy.name)),
        (
            "permissive",
            text(if policy.permissive {
                "PERMISSIVE"
            } else {
                "RESTRICTIVE"
            }),
        ),
        ("roles", Value::List(roles)),
        ("cmd", text(command)),
        (
            "qual",
            if policy.using.is_some() {
                Value::Unknown
            } else {
                Value::Null
            },
        ),
        (
            "with_check",
            if policy.check.is_some() {
                Value::Unknown
            } else {
                Value::Null
            },
        ),
    ]
}

fn table(relation: &Relation) -> Row {
    vec![
        ("schemaname", text(&relation.schema)),
        ("tablename", text(&relation.name)),
        ("tableowner", text(&relation.owner)),
        ("rowsecurity", yes(relation.rls)),
        ("hasindexes", Value::Unknown),
    ]
}

fn of_kind(
    relation: &Relation,
    kind: RelKind,
    name: &'static str,
    owner: &'static str,
) -> Vec<Row> {
    if relation.kind != kind {
        return Vec::new();
    }
    vec![vec![
        ("schemaname", text(&relation.schema)),
        (name, text(&relation.name)),
        (owner, text(&relation.owner)),
    ]]
}

fn indexes(relation: &Relation) -> Vec<Row> {
    let row = |index: &super::super::catalog::relation::Index| -> Row {
        vec![
            ("schemaname", text(&relation.schema)),
            ("tablename", text(&relation.name)),
            ("indexname", text(&index.name)),
        ]
    };
    relation.indexes.iter().map(row).collect()
}

const fn letter(kind: ConKind) -> &'static str {
    match kind {
        ConKind::Primary => "p",
        ConKind::Unique => "u",
        ConKind::Foreign => "f",
        ConKind::Check => "c",
        ConKind::Exclude => "x",
    }
}

/// A schema as a value.
pub fn namespace(name: &str) -> Value {
    Value::Object(format!("namespace {name}"), quote(name))
}

/// A role as a value.
pub fn role(name: &str) -> Value {
    Value::Object(format!("role {name}"), quote(name))
}

/// A type as a value.
pub fn kind(schema: &str, name: &str, shown: &str) -> Value {
    Value::Object(format!("type {schema}.{name}"), shown.to_owned())
}

fn publication(name: &str) -> Value {
    Value::Object(format!("publication {name}"), name.to_owned())
}
