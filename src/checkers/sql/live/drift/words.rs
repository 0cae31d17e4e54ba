//! Owns the words for what is compared.

use super::super::super::catalog::Catalog;
use super::super::super::catalog::acl::{self, Rights};
use super::super::super::catalog::relation::{Con, ConKind, Index, RelKind};
use super::super::super::parse::statement::Command;

pub(super) const fn kind(kind: RelKind) -> &'static str {
    match kind {
        RelKind::Table => "the table",
        RelKind::Partitioned => "the partitioned table",
        RelKind::View => "the view",
        RelKind::MaterializedView => "the materialized view",
        RelKind::Foreign => "the foreign table",
        RelKind::Sequence => "the sequence",
    }
}

pub(super) const fn command(command: Command) -> &'static str {
    match command {
        Command::All => "all",
        Command::Select => "select",
        Command::Insert => "insert",
        Command::Update => "update",
        Command::Delete => "delete",
    }
}

pub(super) fn roles(all: &[String]) -> String {
    let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        "public".to_owned()
    } else {
        all.join(", ")
    }
}

/// An index in words.
pub(super) fn index(index: &Index) -> String {
    let keys: Vec<&str> = index
        .keys
        .iter()
        .map(|key| if key.is_empty() { "(expression)" } else { key })
        .collect();
    let mut text = format!(
        "{}{} ({})",
        if index.unique { "unique " } else { "" },
        index.method,
        keys.join(", ")
    );
    if index.condition.is_some() {
        text.push_str(" with a condition");
    }
    text
}

/// A constraint in words.
pub(super) fn con(con: &Con, catalog: &Catalog) -> String {
    let columns = con.columns.join(", ");
    match con.kind {
        ConKind::Primary => format!("a primary key ({columns})"),
        ConKind::Unique => format!("unique ({columns})"),
        ConKind::Check => "a check".to_owned(),
        ConKind::Exclude => "an exclusion".to_owned(),
        ConKind::Foreign => {
            let target = con.target.as_ref().and_then(|(oid, columns, _)| {
                let table = catalog.relation(*oid)?.shown();
                Some(format!("{table} ({})", columns.join(", ")))
            });
            let mut text = format!("a foreign key ({columns})");
            if let Some(target) = target {
                text.push_str(&format!(" to {target}"));
            }
            if !con.on_delete.is_empty() {
                text.push_str(&format!(" on delete {}", con.on_delete));
            }
            text
        }
    }
}

pub(super) fn rights(rights: Rights) -> String {
    let names = acl::NAMES.iter().filter(|(_, right)| rights.has(*right));
    let names: Vec<&str> = names.map(|(name, _)| *name).collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}
