//! Owns the view of a YAML document that rules look at: values with their places, merge keys followed.

use std::ops::Range;

use crate::source::yaml::{Document, Id};

/// A document with its text.
#[derive(Clone, Copy)]
pub struct Yaml<'a> {
    document: &'a Document,
    text: &'a str,
}

impl<'a> Yaml<'a> {
    #[must_use]
    pub const fn new(document: &'a Document, text: &'a str) -> Self {
        Self { document, text }
    }

    /// The entry at `key`, or at that key of what `<<` brings in.
    fn entry(&self, node: Id, key: &str) -> Option<(Id, Id)> {
        let find = |node: Id| {
            let entries = self.document.entries(node);
            entries
                .iter()
                .copied()
                .find(|&(k, _)| self.document.text(k) == Some(key))
        };
        find(node).or_else(|| {
            let merged = self.document.get(node, "<<")?;
            let all = self.document.items(merged);
            find(merged).or_else(|| all.iter().find_map(|&node| find(node)))
        })
    }

    /// The value at `key`.
    #[must_use]
    pub fn get(&self, node: Id, key: &str) -> Option<Id> {
        self.entry(node, key).map(|(_, value)| value)
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn at(&self, node: Id, keys: &[&str]) -> Option<Id> {
        keys.iter().try_fold(node, |node, key| self.get(node, key))
    }

    /// The text at `key`.
    #[must_use]
    pub fn text_at(&self, node: Id, key: &str) -> Option<&'a str> {
        self.document.text(self.get(node, key)?)
    }

    /// The switch at `key`.
    #[must_use]
    pub fn flag(&self, node: Id, key: &str) -> Option<bool> {
        match self.text_at(node, key)? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// The text of a node.
    #[must_use]
    pub fn text(&self, node: Id) -> Option<&'a str> {
        self.document.text(node)
    }

    /// The items of a list.
    #[must_use]
    pub fn items(&self, node: Id) -> &'a [Id] {
        self.document.items(node)
    }

    /// The items of the list at `key`.
    #[must_use]
    pub fn list(&self, node: Id, key: &str) -> &'a [Id] {
        self.get(node, key)
            .map_or(&[], |list| self.document.items(list))
    }

    /// The texts of the list at `key`.
    pub fn texts(&self, node: Id, key: &str) -> impl Iterator<Item = (Id, &'a str)> {
        let document = self.document;
        self.list(node, key)
            .iter()
            .filter_map(move |&id| Some((id, document.text(id)?)))
    }

    /// The entries of a map.
    #[must_use]
    pub fn entries(&self, node: Id) -> &'a [(Id, Id)] {
        self.document.entries(node)
    }

    /// The place of a node: a scalar's own, of anything else that of its first scalar.
    #[must_use]
    pub fn range(&self, node: Id) -> Range<usize> {
        let mut node = node;
        // A list in a list in a list: nobody writes more, and an alias can close a circle.
        for _ in 0..8 {
            if let Some(region) = self.document.region(node, self.text) {
                let at = region.place(0);
                let line = self.text[at.min(self.text.len())..]
                    .lines()
                    .next()
                    .unwrap_or_default();
                return at..at + region.text().len().min(line.len());
            }
            let first = self.document.entries(node).first().map(|entry| entry.0);
            match first.or_else(|| self.document.items(node).first().copied()) {
                Some(first) => node = first,
                None => break,
            }
        }
        0..0
    }

    /// The place of the key.
    #[must_use]
    pub fn range_of(&self, node: Id, key: &str) -> Range<usize> {
        self.entry(node, key)
            .map_or(0..0, |(key, _)| self.range(key))
    }
}
