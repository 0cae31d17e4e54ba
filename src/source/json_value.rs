//! Owns a JSON value as readers of reports ask it: what is not there, or something else, is `None`. Knows no format.

use super::json::{Document, Id};

/// A value in a document.
#[derive(Clone, Copy, Debug)]
pub struct Json<'d> {
    document: &'d Document<'d>,
    id: Id,
}

impl<'d> Json<'d> {
    /// The whole document.
    #[must_use]
    pub const fn root(document: &'d Document<'d>) -> Self {
        Self {
            document,
            id: document.root(),
        }
    }

    const fn at(self, id: Id) -> Self {
        Self {
            document: self.document,
            id,
        }
    }

    /// The value at a key.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        Some(self.at(self.document.get(self.id, key)?))
    }

    /// Is there something at the key other than `null`?
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|value| value.document.word(value.id) != Some("null"))
    }

    /// The text at a key; empty where there is none.
    #[must_use]
    pub fn text(self, key: &str) -> &'d str {
        self.document.text_at(self.id, key).unwrap_or_default()
    }

    /// The value itself as text.
    #[must_use]
    pub fn as_text(self) -> Option<&'d str> {
        self.document.text(self.id)
    }

    /// The value itself as a finite number.
    #[must_use]
    pub fn as_number(self) -> Option<f64> {
        let word = self.document.word(self.id)?;
        word.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The word or text as written: for parameters.
    #[must_use]
    pub fn plain(self) -> Option<&'d str> {
        self.as_text().or_else(|| self.document.word(self.id))
    }

    /// The finite number at a key.
    #[must_use]
    pub fn number(self, key: &str) -> Option<f64> {
        self.get(key)?.as_number()
    }

    /// The whole number at a key.
    #[must_use]
    pub fn whole(self, key: &str) -> Option<u64> {
        self.document.word(self.get(key)?.id)?.parse().ok()
    }

    /// `true` or `false` at a key.
    #[must_use]
    pub fn truth(self, key: &str) -> Option<bool> {
        match self.document.word(self.get(key)?.id)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The items of a list; none where it is none.
    pub fn items(self) -> impl Iterator<Item = Self> {
        self.document
            .items(self.id)
            .iter()
            .map(move |&id| self.at(id))
    }

    /// The entries of a map; none where it is none.
    pub fn entries(self) -> impl Iterator<Item = (&'d str, Self)> {
        let entries = self.document.entries(self.id).iter();
        entries.map(move |&(key, value)| {
            let key = self.document.text(key).unwrap_or_default();
            (key, self.at(value))
        })
    }

    /// The items of the list at a key; none where there is none.
    pub fn list(self, key: &str) -> impl Iterator<Item = Self> {
        self.get(key).into_iter().flat_map(Self::items)
    }

    /// The entries of the map at a key; none where there is none.
    pub fn map(self, key: &str) -> impl Iterator<Item = (&'d str, Self)> {
        self.get(key).into_iter().flat_map(Self::entries)
    }

    /// Is it a map?
    #[must_use]
    pub fn is_map(self) -> bool {
        self.document.is_map(self.id)
    }

    /// The numbers of the list at a key; `None` when something else stands among them.
    #[must_use]
    pub fn numbers(self, key: &str) -> Option<Vec<f64>> {
        self.list(key).map(Self::as_number).collect()
    }

    /// The entries of the map at a key as `a=1,b=2`.
    #[must_use]
    pub fn params(self, key: &str) -> String {
        let shown = self
            .map(key)
            .filter_map(|(name, value)| Some(format!("{name}={}", value.plain()?)));
        shown.collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked() {
        let text = r#"{"a": [1, 2.5, "x"], "b": {"c": null, "d": true, "e": "9"}, "n": 1e999, "w": 7, "l": [1, 2]}"#;
        let document = Document::parse(text).expect("good JSON");
        let root = Json::root(&document);
        assert_eq!(root.whole("w"), Some(7));
        assert_eq!(root.number("n"), None);
        assert_eq!(root.numbers("a"), None);
        assert_eq!(root.numbers("l"), Some(vec![1.0, 2.0]));
        assert_eq!(root.numbers("nowhere"), Some(Vec::new()));
        let b = root.get("b").expect("a map");
        assert!(!b.has("c") && b.has("d"));
        assert_eq!(
            (b.truth("d"), b.truth("e"), b.text("e")),
            (Some(true), None, "9")
        );
        assert_eq!(root.params("b"), "c=null,d=true,e=9");
        assert_eq!(root.list("a").count(), 3);
        assert_eq!(root.map("a").count(), 0);
    }
}
