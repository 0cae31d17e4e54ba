//! Owns rows that a rule asks for: the buckets of the storage service.

use super::super::parse::expr::{Body, Change, Expr};
use super::Fold;

impl Fold {
    /// Follows a change of buckets; other data is of no interest.
    pub(super) fn change(&mut self, change: &Change) {
        let table: Vec<&str> = change.table.iter().map(String::as_str).collect();
        if table != ["storage", "buckets"] {
            return;
        }
        match change.verb.as_str() {
            "insert" => self.insert(change),
            "update" => {
                let public = change
                    .sets
                    .iter()
                    .find(|(name, _)| name == "public")
                    .map(|(_, value)| truth(value));
                let ids = ids(change.condition.as_ref());
                if let Some(public) = public {
                    match ids {
                        Some(ids) => {
                            for id in ids
                                .iter()
                                .filter(|id| self.catalog.buckets.contains_key(*id))
                                .cloned()
                                .collect::<Vec<_>>()
                            {
                                self.bucket(&id, public);
                            }
                        }
                        None if change.condition.is_none() => {
                            for bucket in self.catalog.buckets.values_mut() {
                                bucket.public = public.unwrap_or(bucket.public);
                            }
                        }
                        None => {}
                    }
                }
            }
            "delete" => match ids(change.condition.as_ref()) {
                Some(ids) => self.catalog.buckets.retain(|id, _| !ids.contains(id)),
                None if change.condition.is_none() => self.catalog.buckets.clear(),
                None => {}
            },
            _ => {}
        }
    }

    fn insert(&mut self, change: &Change) {
        let Some(query) = &change.source else { return };
        let rows: Vec<Vec<&Expr>> = match &query.body {
            Body::Values(rows) => rows.iter().map(|row| row.iter().collect()).collect(),
            Body::Select(select) => vec![select.targets.iter().map(|(target, _)| target).collect()],
            _ => return,
        };
        let columns: Vec<&str> = if change.columns.is_empty() {
            vec!["id", "name", "owner", "created_at", "updated_at", "public"]
        } else {
            change.columns.iter().map(String::as_str).collect()
        };
        for row in rows {
            let value = |name: &str| {
                let at = columns.iter().position(|column| *column == name)?;
                row.get(at).copied()
            };
            let Some(id) = value("id").and_then(text) else {
                continue;
            };
            let public = value("public").and_then(truth);
            if !self.catalog.buckets.contains_key(&id) {
                self.bucket(&id, Some(public.unwrap_or(false)));
            } else if change.on_conflict == Some(true) {
                let set = change.sets.iter().find(|(name, _)| name == "public");
                let new = match set.map(|(_, value)| value) {
                    Some(Expr::Column(name))
                        if name.first().is_some_and(|first| first == "excluded") =>
                    {
                        Some(public.unwrap_or(false))
                    }
                    Some(value) => truth(value),
                    None => None,
                };
                self.bucket(&id, new);
            }
        }
    }
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Text(text) => Some(text.clone()),
        Expr::Cast(inner, _) => text(inner),
        _ => None,
    }
}

fn truth(value: &Expr) -> Option<bool> {
    match value {
        Expr::Bool(value) => Some(*value),
        Expr::Cast(inner, _) => truth(inner),
        Expr::Text(text) => Some(matches!(text.as_str(), "t" | "true" | "yes" | "on" | "1")),
        _ => None,
    }
}

/// The ids that a condition names.
fn ids(condition: Option<&Expr>) -> Option<Vec<String>> {
    let is_id = |expr: &Expr| matches!(expr, Expr::Column(name) if matches!(name.last().map(String::as_str), Some("id" | "name")));
    match condition? {
        Expr::Binary(op, left, right) if op == "=" && is_id(left) => Some(vec![text(right)?]),
        Expr::InList(left, all, false) if is_id(left) => all.iter().map(text).collect(),
        Expr::Quantified(op, left, right, false) if op == "=" && is_id(left) => match &**right {
            Expr::Array(all) => all.iter().map(text).collect(),
            _ => None,
        },
        _ => None,
    }
}
