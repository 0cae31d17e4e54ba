//! Owns collections that a function makes: which value lies in which place, or under which name. Knows no syntax.

use super::value::Value;

/// At most so many entries are known apart.
const MOST: usize = 24;

/// What is known of a collection.
#[derive(Clone, Debug, Default)]
pub struct Table<'t> {
    entries: Vec<(Option<&'t str>, Value<'t>)>,
    /// In how many loops it was made.
    pub loops: usize,
}

impl<'t> Table<'t> {
    /// One that is empty.
    #[must_use]
    pub fn new(loops: usize) -> Self {
        Self {
            entries: Vec::new(),
            loops,
        }
    }

    /// With a value more, at the end or at a place; `None` when that cannot be known.
    #[must_use]
    pub fn with(mut self, at: Option<i64>, value: Value<'t>) -> Option<Self> {
        let at = match at {
            Some(at) => usize::try_from(at).ok()?,
            None => self.entries.len(),
        };
        (self.entries.len() < MOST && at <= self.entries.len()).then(|| {
            self.entries.insert(at, (None, value));
            self
        })
    }

    /// With another value in a place.
    #[must_use]
    pub fn replaced(mut self, at: i64, value: Value<'t>) -> Option<Self> {
        self.entries.get_mut(usize::try_from(at).ok()?)?.1 = value;
        Some(self)
    }

    /// Without the value in a place.
    #[must_use]
    pub fn without(mut self, at: i64) -> Option<Self> {
        let at = usize::try_from(at).ok()?;
        (at < self.entries.len()).then(|| {
            self.entries.remove(at);
            self
        })
    }

    /// With a value under a name.
    #[must_use]
    pub fn put(mut self, name: &'t str, value: Value<'t>) -> Option<Self> {
        self.entries.retain(|(key, _)| *key != Some(name));
        (self.entries.len() < MOST).then(|| {
            self.entries.push((Some(name), value));
            self
        })
    }

    /// Without what lies under a name.
    #[must_use]
    pub fn dropped(mut self, name: &str) -> Self {
        self.entries.retain(|(key, _)| *key != Some(name));
        self
    }

    /// What lies in a place.
    #[must_use]
    pub fn at(&self, at: i64) -> Option<Value<'t>> {
        let (_, value) = self.entries.get(usize::try_from(at).ok()?)?;
        Some(*value)
    }

    /// What lies at the end.
    #[must_use]
    pub fn last(&self) -> Option<Value<'t>> {
        self.entries.last().map(|(_, value)| *value)
    }

    /// What lies under a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Value<'t>> {
        let found = self.entries.iter().find(|(key, _)| *key == Some(name));
        found.map(|(_, value)| *value)
    }

    /// All that lies in it, in order.
    #[must_use]
    pub fn values(&self) -> Vec<Value<'t>> {
        self.entries.iter().map(|(_, value)| *value).collect()
    }

    /// All that lies in it, as one.
    #[must_use]
    pub fn all(&self) -> Value<'t> {
        let whole = self
            .entries
            .iter()
            .fold(Value::number(None), |all, (_, value)| all.or(*value));
        Value {
            table: None,
            ..whole
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::sast::value::Origin;

    fn check(table: Option<Table<'_>>, at: i64, expected: Option<Origin>) {
        let found = table.and_then(|table| table.at(at));
        assert_eq!(found.map(|value| value.origin), expected);
    }

    #[test]
    fn places() {
        let list = || {
            Table::new(0)
                .with(None, Value::literal("a"))
                .and_then(|list| list.with(None, Value::input()))
                .expect("room for two")
        };
        check(Some(list()), 0, Some(Origin::Literal));
        check(Some(list()), 1, Some(Origin::Input));
        check(Some(list()), 2, None);
        check(list().without(0), 0, Some(Origin::Input));
        check(list().without(2), 0, None);
        check(list().with(Some(0), Value::input()), 0, Some(Origin::Input));
        check(list().with(Some(3), Value::input()), 0, None);
        check(list().replaced(1, Value::safe()), 1, Some(Origin::Safe));
        assert_eq!(list().all().origin, Origin::Input);
        let many = (0..MOST).try_fold(Table::new(0), |list, _| list.with(None, Value::safe()));
        assert!(many.is_some_and(|many| many.with(None, Value::safe()).is_none()));
    }

    #[test]
    fn names() {
        let map = Table::new(0)
            .put("a", Value::input())
            .and_then(|map| map.put("b", Value::safe()))
            .and_then(|map| map.put("a", Value::literal("x")))
            .expect("room for two");
        let origin = |name| map.named(name).map(|value| value.origin);
        assert_eq!(origin("a"), Some(Origin::Literal));
        assert_eq!(origin("b"), Some(Origin::Safe));
        assert_eq!(origin("c"), None);
        assert!(map.dropped("b").named("b").is_none());
    }
}
