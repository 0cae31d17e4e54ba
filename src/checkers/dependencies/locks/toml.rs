//! Owns TOML as the readers ask it: tables whose texts know their places.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::place::Span;

use super::Unread;
use super::text::Text;

pub(in super::super) type Table<'a> = DeTable<'a>;
pub(in super::super) type Value<'a> = Spanned<DeValue<'a>>;

pub(in super::super) fn parse(text: &Text) -> Result<Spanned<Table<'_>>, Unread> {
    DeTable::parse(text.as_str()).map_err(|error| Unread {
        what: format!("it is no TOML: {}", error.message()),
        at: error.span().map(|range| text.point(range.start)),
    })
}

pub(in super::super) fn table_at<'t, 'a>(table: &'t Table<'a>, key: &str) -> Option<&'t Table<'a>> {
    table.get(key)?.get_ref().as_table()
}

pub(in super::super) fn text_at<'t>(table: &'t Table<'_>, key: &str) -> Option<&'t str> {
    table.get(key)?.get_ref().as_str()
}

/// A whole number, or a text.
pub(in super::super) fn word_at<'t>(table: &'t Table<'_>, key: &str) -> Option<&'t str> {
    let value = table.get(key)?.get_ref();
    let number = || value.as_integer().map(toml::de::DeInteger::as_str);
    let float = || value.as_float().map(toml::de::DeFloat::as_str);
    value.as_str().or_else(number).or_else(float)
}

pub(in super::super) fn is_true(table: &Table<'_>, key: &str) -> bool {
    table.get(key).and_then(|value| value.get_ref().as_bool()) == Some(true)
}

/// The items of a list; none when it is no list.
pub(in super::super) fn items<'t, 'a>(table: &'t Table<'a>, key: &str) -> &'t [Value<'a>] {
    let list = table.get(key).and_then(|value| value.get_ref().as_array());
    list.map_or(&[], |list| list)
}

/// The tables of a list; what else is in it is left out.
pub(in super::super) fn tables<'t, 'a>(
    table: &'t Table<'a>,
    key: &str,
) -> impl Iterator<Item = &'t Table<'a>> {
    items(table, key)
        .iter()
        .filter_map(|item| item.get_ref().as_table())
}

/// The texts of a list.
pub(in super::super) fn texts<'t>(
    table: &'t Table<'_>,
    key: &str,
) -> impl Iterator<Item = &'t str> {
    items(table, key)
        .iter()
        .filter_map(|item| item.get_ref().as_str())
}

/// The name of a package, and where it stands.
pub(in super::super) fn name<'t>(
    text: &Text,
    entry: &'t Table<'_>,
) -> Result<(&'t str, Span), Unread> {
    let value = entry
        .get("name")
        .ok_or_else(|| Unread::new("a package has no name"))?;
    let at = text.span(value.span());
    let name = value.get_ref().as_str();
    let name = name.filter(|name| !name.is_empty());
    name.map(|name| (name, at))
        .ok_or_else(|| Unread::new("a package has no name").at(at.start))
}
