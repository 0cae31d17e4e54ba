//! Owns what calls make of the collections of Java: what is put in, what is taken out, what others may have changed.

use super::{Call, Kind, Origin, Tag, Value, Walk, names};
use crate::checkers::sast::java;
use crate::checkers::sast::table::Table;

/// Collections that begin empty.
const EMPTY: &[&str] = &[
    "ArrayList",
    "LinkedList",
    "Vector",
    "Stack",
    "HashMap",
    "LinkedHashMap",
    "TreeMap",
    "Hashtable",
    "ConcurrentHashMap",
    "HashSet",
    "LinkedHashSet",
    "TreeSet",
    "Properties",
];

impl<'t> Walk<'t> {
    /// The value of a call that makes a collection, changes it or takes from it.
    pub(super) fn collection(&mut self, call: &Call<'t>) -> Option<Value<'t>> {
        let values = || call.args.iter().map(|arg| arg.value);
        if self.inside > 0 && java::creates(call) && EMPTY.contains(&call.name) {
            return values()
                .all(|value| value.number.is_some())
                .then(|| self.collected(Value::number(None), Some(Table::new(self.loops))));
        }
        if call.is(&["Arrays.asList", "List.of"]) {
            let table = values().try_fold(Table::new(self.loops), |table, value| {
                table.with(None, value)
            });
            let whole = values().fold(Value::number(None), Value::or);
            let tag = shell(&values().collect::<Vec<_>>());
            return Some(self.collected(Value { tag, ..whole }, table));
        }
        let receiver = call.receiver?;
        let object = call
            .object
            .filter(|object| self.kind(*object) == Kind::Name)?;
        let table = receiver
            .table
            .and_then(|id| self.tables.get(usize::try_from(id).ok()?))
            .cloned();
        if table.is_none() && !matches!(receiver.tag, Tag::Container | Tag::ShellText) {
            return None;
        }
        let here = table.clone().filter(|table| table.loops == self.loops);
        if let Some(value) = taken(call, here.as_ref(), receiver) {
            return Some(value);
        }
        let (after, more) = changed(call, here)?;
        let whole = receiver.or(more);
        let tag = match (receiver.tag, after.as_ref()) {
            (Tag::ShellText, _) => Tag::ShellText,
            (_, Some(after)) => shell(&after.values()),
            _ => receiver.tag,
        };
        let whole = Value {
            tag,
            text: None,
            tail: None,
            number: None,
            ..whole
        };
        let value = self.collected(whole, after);
        self.set(self.text(object), value);
        Some(match call.name {
            "remove" => table.map_or(receiver, |table| table.all()),
            _ => Value::safe(),
        })
    }

    /// A collection with what is known of it.
    fn collected(&mut self, whole: Value<'t>, table: Option<Table<'t>>) -> Value<'t> {
        let id = table.and_then(|table| {
            let id = u32::try_from(self.tables.len()).ok()?;
            self.tables.push(table);
            Some(id)
        });
        let tag = match (id, whole.tag) {
            (None, Tag::None) => Tag::Container,
            (_, tag) => tag,
        };
        Value {
            table: id,
            tag,
            ..whole
        }
    }

    /// Who is handed a collection may change it.
    pub(super) fn hand_over(&mut self, call: &Call<'t>) {
        if java::creates(call) || call.named(&["println", "print", "info", "debug", "addAll"]) {
            return;
        }
        for arg in &call.args {
            if arg.value.table.is_some() && self.kind(arg.node) == Kind::Name {
                let value = Value {
                    table: None,
                    tag: Tag::Container,
                    ..Value::dynamic().or(arg.value)
                };
                self.set(self.text(arg.node), value);
            }
        }
    }
}

/// The literal text that an argument is.
fn key<'t>(call: &Call<'t>) -> Option<&'t str> {
    let arg = call.at(0)?;
    arg.value
        .whole()
        .filter(|_| arg.value.origin == Origin::Literal)
}

/// What is taken out.
fn taken<'t>(call: &Call<'t>, table: Option<&Table<'t>>, whole: Value<'t>) -> Option<Value<'t>> {
    if !call.named(&[
        "get",
        "getFirst",
        "getLast",
        "firstElement",
        "lastElement",
        "elementAt",
        "peek",
        "getOrDefault",
        "getProperty",
    ]) {
        return None;
    }
    let unknown = Value {
        table: None,
        tag: Tag::None,
        text: None,
        tail: None,
        number: None,
        ..whole
    };
    let Some(table) = table else {
        return Some(unknown);
    };
    let at = call.at(0).and_then(|arg| arg.value.number);
    let found = match call.name {
        "getFirst" | "firstElement" => table.at(0),
        "getLast" | "lastElement" => table.last(),
        "peek" => None,
        _ => match (at, key(call)) {
            (Some(at), _) => table.at(at),
            (None, Some(name)) => match (table.named(name), call.at(1)) {
                (Some(found), _) => Some(found),
                (None, Some(other)) => Some(other.value),
                (None, None) => None,
            },
            _ => None,
        },
    };
    Some(found.unwrap_or(unknown))
}

/// What it is after a change, and what came in; `None` for a call that changes nothing.
fn changed<'t>(
    call: &Call<'t>,
    table: Option<Table<'t>>,
) -> Option<(Option<Table<'t>>, Value<'t>)> {
    let value = |at: usize| call.at(at).map_or_else(Value::default, |arg| arg.value);
    let number = call.at(0).and_then(|arg| arg.value.number);
    let none = Value::number(None);
    Some(match (call.name, call.args.len()) {
        ("add" | "addLast" | "addElement" | "offer" | "offerLast", 1) => {
            (table.and_then(|table| table.with(None, value(0))), value(0))
        }
        ("add", 2) => {
            let after = table.and_then(|table| table.with(Some(number?), value(1)));
            (after, value(1))
        }
        ("set", 2) => {
            let after = table.and_then(|table| table.replaced(number?, value(1)));
            (after, value(1))
        }
        ("put" | "setProperty" | "putIfAbsent", 2) => {
            let after = table.and_then(|table| match (key(call), call.name) {
                (Some(name), "put" | "setProperty") => table.put(name, value(1)),
                _ => None,
            });
            (
                after,
                value(1).or(Value {
                    tag: Tag::None,
                    ..value(0)
                }),
            )
        }
        ("remove", 1) => {
            let after = table.and_then(|table| match (number, key(call)) {
                (Some(at), _) => table.without(at),
                (None, Some(name)) if table.named(name).is_some() => Some(table.dropped(name)),
                _ => None,
            });
            (after, none)
        }
        ("clear", 0) => (table.map(|table| Table::new(table.loops)), none),
        (
            "push" | "addFirst" | "offerFirst" | "addAll" | "putAll" | "pop" | "poll" | "sort"
            | "removeIf" | "removeAll" | "retainAll" | "replaceAll" | "computeIfAbsent" | "compute"
            | "merge" | "load" | "remove",
            _,
        ) => {
            let all = call.args.iter().map(|arg| arg.value);
            let foreign = matches!(call.name, "load" | "compute" | "merge" | "computeIfAbsent");
            let more = all.fold(none, Value::or);
            let more = if foreign {
                more.or(Value::dynamic())
            } else {
                more
            };
            (None, more)
        }
        _ => return None,
    })
}

/// Is it the beginning of a command that runs a shell?
fn shell(values: &[Value<'_>]) -> Tag {
    let begins = |value: Option<&Value<'_>>, is: fn(&str) -> bool| {
        value.and_then(Value::whole).is_some_and(is)
    };
    if begins(values.first(), names::is_shell) && begins(values.get(1), names::is_shell_flag) {
        Tag::ShellText
    } else {
        Tag::None
    }
}
