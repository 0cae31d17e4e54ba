//! Owns the lints on keys, indexes and columns.

use std::collections::BTreeMap;

use super::super::catalog::relation::{ConKind, RelKind};
use super::super::parse::words::quote;
use super::View;

/// Types that keep an upgrade of the server from going through.
const REG_TYPES: [&str; 8] = [
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
];

impl View<'_> {
    /// Keys without an index, tables without a key, indexes that are there twice, columns of doubtful types.
    #[expect(clippy::too_many_lines, reason = "one paragraph for each lint")]
    pub(super) fn keys(&mut self) {
        for relation in self.catalog.sorted() {
            let (schema, table) = (&relation.schema, &relation.name);
            let is_table = matches!(
                relation.kind,
                RelKind::Table | RelKind::Partitioned | RelKind::Foreign
            );
            let own = !Self::is_platform(schema) && relation.extension.is_none();
            if own && is_table {
                for con in relation
                    .constraints
                    .iter()
                    .filter(|con| con.kind == ConKind::Foreign)
                {
                    let covered = relation
                        .indexes
                        .iter()
                        .any(|index| index.keys.starts_with(&con.columns));
                    if !covered {
                        let key = format!(
                            "unindexed_foreign_keys_{}_{table}_{}",
                            quote(schema),
                            con.name
                        );
                        let object = format!("{schema}.{table}.{}", con.name);
                        let headline = format!(
                            "the foreign key {} of {schema}.{table} has no index",
                            con.name
                        );
                        self.hit("unindexed_foreign_keys", key, object, headline, con.origin);
                    }
                }
            }
            if own
                && relation.kind == RelKind::Table
                && relation.primary().is_none()
                && !relation.external
            {
                let key = format!("no_primary_key_{schema}_{table}");
                let headline = format!("{schema}.{table} has no primary key");
                self.hit(
                    "no_primary_key",
                    key,
                    relation.shown(),
                    headline,
                    relation.origin,
                );
            }
            if own && matches!(relation.kind, RelKind::Table | RelKind::MaterializedView) {
                let mut same: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
                for index in &relation.indexes {
                    same.entry(&index.signature).or_default().push(&index.name);
                }
                for mut names in same.into_values().filter(|names| names.len() > 1) {
                    names.sort_unstable();
                    let shown: Vec<String> = names.iter().map(|name| element(name)).collect();
                    let key = format!("duplicate_index_{schema}_{table}_{{{}}}", shown.join(","));
                    let headline = format!(
                        "{schema}.{table} has the same index several times: {}",
                        names.join(", ")
                    );
                    // One that nobody needs for a constraint can go.
                    let mut all: Vec<_> = relation
                        .indexes
                        .iter()
                        .filter(|index| names.contains(&index.name.as_str()))
                        .collect();
                    all.sort_by_key(|index| (!index.constraint, &index.name));
                    let found = all.last();
                    let origin = found.map_or(relation.origin, |index| index.origin);
                    self.hit("duplicate_index", key, relation.shown(), headline, origin);
                }
            }
            if schema != "pgsodium" {
                for column in &relation.columns {
                    if REG_TYPES.iter().any(|name| column.ty.is(name)) {
                        let key = format!("unsupported_reg_types_{schema}_{table}_{}", column.name);
                        let object = format!("{schema}.{table}.{}", column.name);
                        let headline = format!(
                            "the column {} of {schema}.{table} has the type {}",
                            column.name, column.ty.name
                        );
                        self.hit(
                            "unsupported_reg_types",
                            key,
                            object,
                            headline,
                            relation.origin,
                        );
                    }
                }
            }
            for con in relation
                .constraints
                .iter()
                .filter(|con| con.kind == ConKind::Foreign)
            {
                let Some((target, _, by)) = &con.target else {
                    continue;
                };
                let Some(target) = self
                    .catalog
                    .relation(*target)
                    .filter(|target| target.schema == "auth")
                else {
                    continue;
                };
                if target
                    .indexes
                    .iter()
                    .any(|index| index.name == *by && index.unique && !index.primary)
                {
                    let key = format!("fkey_to_auth_unique_{schema}_{table}_{}", con.name);
                    let object = format!("{schema}.{table}.{}", con.name);
                    let headline = format!(
                        "the foreign key {} of {schema}.{table} leans on a unique index of auth",
                        con.name
                    );
                    self.hit("fkey_to_auth_unique", key, object, headline, con.origin);
                }
            }
        }
        self.extensions();
    }

    fn extensions(&mut self) {
        let in_public = self
            .catalog
            .extensions
            .iter()
            .filter(|(name, schema)| *schema == "public" && *name != "plpgsql");
        let names: Vec<String> = in_public.map(|(name, _)| name.clone()).collect();
        for name in names {
            let key = format!("extension_in_public_{name}");
            let headline = format!("the extension {name} is in the schema public");
            let origin = self.catalog.extension_origins.get(&name).copied();
            let origin = origin.unwrap_or(super::super::catalog::Origin {
                file: None,
                span: crate::model::place::Span::at(1, 1),
            });
            self.hit("extension_in_public", key, name, headline, origin);
        }
    }
}

/// An element of an array as the server prints it.
fn element(name: &str) -> String {
    let plain = !name.is_empty()
        && !name.eq_ignore_ascii_case("null")
        && !name.contains(|c: char| {
            matches!(c, '{' | '}' | ',' | '"' | '\\') || c.is_ascii_whitespace()
        });
    if plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
