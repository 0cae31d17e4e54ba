//! Owns what is given up and answered again in one file: a table that takes the place of another, a view of the old name.

use std::collections::BTreeSet;

use super::super::catalog::relation::RelKind;
use super::super::catalog::{Key, Oid};
use super::super::fold::Fold;
use super::super::lints::Hit;

/// A name that a relation in use gave up.
#[derive(Clone, Debug)]
pub struct GivenUp {
    pub(super) name: Key,
    /// Its new name; `None` when it was dropped.
    pub(super) to: Option<Key>,
    pub(super) hit: Hit,
}

/// A column that was dropped.
#[derive(Clone, Debug)]
pub struct Dropped {
    pub(super) table: Option<Oid>,
    pub(super) name: String,
    pub(super) hit: Hit,
}

/// A column that got another name.
#[derive(Clone, Debug)]
pub struct Renamed {
    /// The bare name of its table.
    pub(super) table: String,
    pub(super) from: String,
    pub(super) hit: Hit,
}

/// Names that were given up, and taken.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub(super) given_up: Vec<GivenUp>,
    /// Names that relations got by being renamed.
    pub(super) taken: BTreeSet<Key>,
    pub(super) dropped: Vec<Dropped>,
    pub(super) renamed: Vec<Renamed>,
    /// Names that columns got by being renamed.
    pub(super) taken_columns: BTreeSet<(Oid, String)>,
}

impl Names {
    pub(super) fn extend(&mut self, more: Self) {
        self.given_up.extend(more.given_up);
        self.taken.extend(more.taken);
        self.dropped.extend(more.dropped);
        self.renamed.extend(more.renamed);
        self.taken_columns.extend(more.taken_columns);
    }

    /// What is to say at the end of the file.
    pub(super) fn settle(self, fold: &Fold) -> Vec<Hit> {
        let free: BTreeSet<Key> = self.given_up.iter().map(|one| one.name.clone()).collect();
        let mut hits = Vec::new();
        for GivenUp { name, to, mut hit } in self.given_up {
            let oid = fold.catalog.named(&name.0, &name.1);
            let answer = oid.and_then(|oid| fold.catalog.relation(oid));
            let replaced = self.taken.contains(&name)
                || answer.is_some_and(|relation| relation.kind == RelKind::View);
            match (to, answer) {
                (Some(_), Some(_)) => continue,
                // It takes the place of another.
                (Some(to), None) if free.contains(&to) => continue,
                (None, Some(_)) if replaced => continue,
                (None, Some(_)) => {
                    hit.headline =
                        format!("{} is dropped and made anew: its rows are lost", hit.object);
                }
                (Some(_), None) => hit.headline.push_str(&functions(fold, &name.1, None)),
                (None, None) => {}
            }
            hits.push(hit);
        }
        for Renamed {
            table,
            from,
            mut hit,
        } in self.renamed
        {
            let named = functions(fold, &table, Some(&from));
            hit.headline.push_str(&named);
            hits.push(hit);
        }
        for Dropped {
            table,
            name,
            mut hit,
        } in self.dropped
        {
            let relation = table.and_then(|oid| fold.catalog.relation(oid));
            if let (Some(oid), Some(_)) = (table, relation.and_then(|found| found.column(&name))) {
                if self.taken_columns.contains(&(oid, name.clone())) {
                    continue;
                }
                hit.headline = format!(
                    "{}.{name} is dropped and made anew: its values are lost",
                    hit.object
                );
            }
            hits.push(hit);
        }
        hits
    }
}

/// Functions whose text still names the table, and the column: they do not follow a new name.
fn functions(fold: &Fold, table: &str, column: Option<&str>) -> String {
    let all = fold.catalog.functions.values().filter(|function| {
        let text = &function.source;
        has_word(text, table) && column.is_none_or(|column| has_word(text, column))
    });
    let named: BTreeSet<String> = all
        .map(|function| format!("{}.{}", function.schema, function.name))
        .collect();
    if named.is_empty() {
        return String::new();
    }
    let named: Vec<String> = named.into_iter().collect();
    format!(", in {} too", named.join(", "))
}

/// Does the text hold the name as a word of its own?
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |byte: Option<u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
    };
    let bytes = text.as_bytes();
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at).copied());
            !is_part(before) && !is_part(bytes.get(at + name.len()).copied())
        })
}
