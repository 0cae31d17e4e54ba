//! Owns whether a value is as a schema says: yes, no and where, or nobody can tell. Asks no network; every walk is bounded.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::bundle::{Bundle, Lost, Node};
use super::schemas::number;
use super::shape::{SINCE31, Versions};
use super::tree::{Id, Kind, Tree};

/// How deep schemas and values are followed into each other.
pub(super) const DEEPEST: usize = 120;

/// The most steps for one value.
pub(super) const MOST_STEPS: usize = 2_000_000;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Good,
    /// Where, as a JSON pointer into the value (empty for all of it), and what is wrong there.
    Bad(String, String),
    /// Why nobody can tell.
    Open(String),
}

/// Which way a value goes: what must be there differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// From the service: what is write-only need not be there.
    Response,
    /// Either way: neither what is read-only nor what is write-only need be there.
    Either,
}

/// A value.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    pub tree: &'a Tree,
    pub id: Id,
}

impl<'a> Value<'a> {
    pub(super) const fn at(self, id: Id) -> Self {
        Self { id, ..self }
    }

    pub(super) fn kind(self) -> &'a Kind {
        self.tree.kind(self.id)
    }
}

/// Judges values by the schemas of a description.
pub struct Judge<'a> {
    pub(super) bundle: &'a Bundle,
    pub(super) version: Versions,
    pub(super) side: Side,
    pub(super) steps: Cell<usize>,
    patterns: RefCell<HashMap<String, Option<regex::Regex>>>,
}

/// The way into a value.
#[derive(Clone, Copy)]
pub(super) enum Way<'w> {
    Root,
    Key(&'w Way<'w>, &'w str),
    Item(&'w Way<'w>, usize),
}

impl Way<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Key(parent, key) => {
                let key = key.replace('~', "~0").replace('/', "~1");
                format!("{}/{key}", parent.pointer())
            }
            Self::Item(parent, number) => format!("{}/{number}", parent.pointer()),
        }
    }

    pub(super) fn bad(&self, what: impl Into<String>) -> Verdict {
        Verdict::Bad(self.pointer(), what.into())
    }
}

impl<'a> Judge<'a> {
    #[must_use]
    pub fn new(bundle: &'a Bundle, version: Versions, side: Side) -> Self {
        Self {
            bundle,
            version,
            side,
            steps: Cell::new(0),
            patterns: RefCell::default(),
        }
    }

    /// Is the value as the schema says?
    #[must_use]
    pub fn judge(&self, value: Value<'_>, schema: Node) -> Verdict {
        self.steps.set(0);
        self.schema(value, schema, &Way::Root, 0)
    }

    pub(super) fn schema(
        &self,
        value: Value<'_>,
        schema: Node,
        way: &Way<'_>,
        depth: usize,
    ) -> Verdict {
        self.steps.set(self.steps.get() + 1);
        if depth > DEEPEST {
            return Verdict::Open("its schemas are nested too deep".to_owned());
        }
        if self.steps.get() > MOST_STEPS {
            return Verdict::Open("it takes too many steps".to_owned());
        }
        match self.bundle.kind(schema) {
            Kind::Flag(true) => return Verdict::Good,
            Kind::Flag(false) => return way.bad("must not be there"),
            Kind::Map(_) => {}
            _ => return Verdict::Open("its schema is none".to_owned()),
        }
        let mut all = All::default();
        if let Some(reference) = self.bundle.get(schema, "$ref") {
            let target = match self.bundle.text(reference) {
                Some(text) => self.bundle.resolve(schema.file, text),
                None => Err(Lost::NoText),
            };
            all.add(if let Ok(target) = target {
                self.schema(value, target, way, depth + 1)
            } else {
                let text = self.bundle.text(reference).unwrap_or_default();
                Verdict::Open(format!("the reference `{text}` is not followed"))
            });
            if self.version & SINCE31 == 0 {
                return all.verdict();
            }
        }
        if let Some(key) = self.unknown(schema) {
            all.add(Verdict::Open(format!(
                "the keyword `{key}` is not judged here"
            )));
        }
        if matches!(value.kind(), Kind::Null) && self.nullable(schema) {
            return all.verdict();
        }
        all.add(self.types(value, schema, way));
        if all.is_bad() {
            return all.verdict();
        }
        all.add(self.one_of_these(value, schema, way));
        match value.kind() {
            Kind::Number(text) => all.add(self.number(text, schema, way)),
            Kind::Text(text) => all.add(self.text(text, schema, way)),
            Kind::List(items) => all.add(self.list(value, items, schema, way, depth)),
            Kind::Map(_) => all.add(self.map(value, schema, way, depth)),
            Kind::Null | Kind::Flag(_) => {}
        }
        if !all.is_bad() {
            all.add(self.combined(value, schema, way, depth));
        }
        all.verdict()
    }

    /// A keyword that says something, and that is not known here.
    fn unknown(&self, schema: Node) -> Option<&'static str> {
        if self.version & SINCE31 == 0 {
            return None;
        }
        let known = [
            "$dynamicRef",
            "$recursiveRef",
            "unevaluatedItems",
            "dependencies",
        ];
        let has = |key: &&&str| self.bundle.get(schema, key).is_some();
        known.iter().find(has).copied().or_else(|| {
            let dialect = self.bundle.text_at(schema, "$schema")?;
            let ours = dialect.contains("2020-12") || dialect.contains("spec.openapis.org/oas");
            (!ours).then_some("$schema")
        })
    }

    /// Before 3.1 a schema says by a word of its own that null will do.
    fn nullable(&self, schema: Node) -> bool {
        self.version & SINCE31 == 0
            && (self.bundle.says(schema, "nullable") || self.bundle.says(schema, "x-nullable"))
    }

    fn types(&self, value: Value<'_>, schema: Node, way: &Way<'_>) -> Verdict {
        let Some(wanted) = self.bundle.get(schema, "type") else {
            return Verdict::Good;
        };
        let names: Vec<&str> = match self.bundle.text(wanted) {
            Some(name) => vec![name],
            None => self
                .bundle
                .items(wanted)
                .filter_map(|item| self.bundle.text(item))
                .collect(),
        };
        let is = |name: &str| match (name, value.kind()) {
            ("null", Kind::Null)
            | ("boolean", Kind::Flag(_))
            | ("number", Kind::Number(_))
            | ("string", Kind::Text(_))
            | ("array", Kind::List(_))
            | ("object", Kind::Map(_))
            | ("file", _) => true,
            ("integer", Kind::Number(text)) => text
                .parse::<f64>()
                .is_ok_and(|number| number.fract() == 0.0),
            _ => false,
        };
        if names.iter().any(|name| is(name)) {
            return Verdict::Good;
        }
        let shown = match value.kind() {
            Kind::Number(text) if names.contains(&"integer") => text.to_string(),
            _ => value.tree.named(value.id).to_owned(),
        };
        let article = |name: &&str| match *name {
            "null" => "null".to_owned(),
            "integer" | "array" | "object" => format!("an {name}"),
            name => format!("a {name}"),
        };
        let wanted: Vec<String> = names.iter().map(article).collect();
        way.bad(format!("is {shown}, and must be {}", wanted.join(" or ")))
    }

    /// `enum` and `const`.
    fn one_of_these(&self, value: Value<'_>, schema: Node, way: &Way<'_>) -> Verdict {
        if let Some(list) = self.bundle.get(schema, "enum") {
            let mut items = self.bundle.items(list);
            if !items.any(|item| self.equal(value, item)) {
                let all: Vec<String> = self
                    .bundle
                    .items(list)
                    .take(8)
                    .map(|item| self.shown(item))
                    .collect();
                let more = if self.bundle.items(list).nth(8).is_some() {
                    ", ..."
                } else {
                    ""
                };
                return way.bad(format!("is none of {}{more}", all.join(", ")));
            }
        }
        if self.version & SINCE31 != 0
            && let Some(only) = self.bundle.get(schema, "const")
            && !self.equal(value, only)
        {
            return way.bad(format!("is not {}", self.shown(only)));
        }
        Verdict::Good
    }

    pub(super) fn shown(&self, node: Node) -> String {
        match self.bundle.kind(node) {
            Kind::Text(text) => format!("`{}`", text.chars().take(40).collect::<String>()),
            Kind::Number(text) => text.to_string(),
            Kind::Flag(flag) => flag.to_string(),
            Kind::Null => "null".to_owned(),
            Kind::List(_) => "an array".to_owned(),
            Kind::Map(_) => "an object".to_owned(),
        }
    }

    fn equal(&self, value: Value<'_>, node: Node) -> bool {
        let other = Value {
            tree: self.bundle.tree(node),
            id: node.id,
        };
        self.same(value, other, 0)
    }

    pub(super) fn same(&self, a: Value<'_>, b: Value<'_>, depth: usize) -> bool {
        self.steps.set(self.steps.get() + 1);
        if depth > DEEPEST || self.steps.get() > MOST_STEPS {
            return false;
        }
        match (a.kind(), b.kind()) {
            (Kind::Null, Kind::Null) => true,
            (Kind::Flag(a), Kind::Flag(b)) => a == b,
            (Kind::Text(a), Kind::Text(b)) => a == b,
            (Kind::Number(a), Kind::Number(b)) => same_number(a, b),
            (Kind::List(x), Kind::List(y)) => {
                x.len() == y.len()
                    && x.iter()
                        .zip(y)
                        .all(|(&x, &y)| self.same(a.at(x), b.at(y), depth + 1))
            }
            (Kind::Map(_), Kind::Map(_)) => {
                let entries = a.tree.entries(a.id);
                entries.len() == b.tree.entries(b.id).len()
                    && entries.iter().all(|&(key, value)| {
                        let other = b.tree.get(b.id, a.tree.key(key));
                        other.is_some_and(|other| self.same(a.at(value), b.at(other), depth + 1))
                    })
            }
            _ => false,
        }
    }

    pub(super) fn bound(&self, schema: Node, key: &str) -> Option<f64> {
        number(self.bundle, schema, key)
    }

    fn number(&self, text: &str, schema: Node, way: &Way<'_>) -> Verdict {
        let Ok(value) = text.parse::<f64>() else {
            return Verdict::Open(format!("the number {text} is not read"));
        };
        let older = self.version & SINCE31 == 0;
        if let Some(least) = self.bound(schema, "minimum") {
            if value < least {
                return way.bad(format!("is {text}, and must be at least {least}"));
            }
            if older && self.bundle.says(schema, "exclusiveMinimum") && value <= least {
                return way.bad(format!("is {text}, and must be above {least}"));
            }
        }
        if let Some(most) = self.bound(schema, "maximum") {
            if value > most {
                return way.bad(format!("is {text}, and must be at most {most}"));
            }
            if older && self.bundle.says(schema, "exclusiveMaximum") && value >= most {
                return way.bad(format!("is {text}, and must be below {most}"));
            }
        }
        if !older {
            if let Some(least) = self
                .bound(schema, "exclusiveMinimum")
                .filter(|&least| value <= least)
            {
                return way.bad(format!("is {text}, and must be above {least}"));
            }
            if let Some(most) = self
                .bound(schema, "exclusiveMaximum")
                .filter(|&most| value >= most)
            {
                return way.bad(format!("is {text}, and must be below {most}"));
            }
        }
        if let Some(step) = self.bound(schema, "multipleOf").filter(|&step| step > 0.0) {
            let times = value / step;
            if (times - times.round()).abs() > 1e-9 * times.abs().max(1.0) {
                return way.bad(format!("is {text}, and must be a multiple of {step}"));
            }
        }
        Verdict::Good
    }

    fn text(&self, text: &str, schema: Node, way: &Way<'_>) -> Verdict {
        let length = text.chars().count();
        if let Some(verdict) = self.counted(
            length,
            ("minLength", "maxLength"),
            "characters",
            schema,
            way,
        ) {
            return verdict;
        }
        match self.bundle.text_at(schema, "pattern") {
            Some(pattern) => match self.matches(pattern, text) {
                Some(true) => Verdict::Good,
                Some(false) => way.bad(format!("does not match `{pattern}`")),
                None => Verdict::Open(format!("the pattern `{pattern}` cannot be run here")),
            },
            None => Verdict::Good,
        }
    }

    pub(super) fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        let mut known = self.patterns.borrow_mut();
        let regex = known
            .entry(pattern.to_owned())
            .or_insert_with(|| super::pattern::compile(pattern));
        regex.as_ref().map(|regex| regex.is_match(text))
    }

    #[expect(clippy::cast_precision_loss, reason = "no value has 2^52 parts")]
    pub(super) fn counted(
        &self,
        count: usize,
        keys: (&str, &str),
        what: &str,
        schema: Node,
        way: &Way<'_>,
    ) -> Option<Verdict> {
        if let Some(least) = self
            .bound(schema, keys.0)
            .filter(|&least| (count as f64) < least)
        {
            return Some(way.bad(format!(
                "has {count} {what}, and must have at least {least}"
            )));
        }
        let most = self
            .bound(schema, keys.1)
            .filter(|&most| count as f64 > most)?;
        Some(way.bad(format!("has {count} {what}, and must have at most {most}")))
    }
}

/// Several verdicts that must all be good: the first bad one, else what is open.
#[derive(Default)]
pub(super) struct All {
    bad: Option<Verdict>,
    open: Option<Verdict>,
}

impl All {
    pub(super) fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Good => {}
            Verdict::Bad(..) => {
                self.bad.get_or_insert(verdict);
            }
            Verdict::Open(_) => {
                self.open.get_or_insert(verdict);
            }
        }
    }

    pub(super) const fn is_bad(&self) -> bool {
        self.bad.is_some()
    }

    pub(super) fn verdict(self) -> Verdict {
        self.bad.or(self.open).unwrap_or(Verdict::Good)
    }
}

fn same_number(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (a.parse::<i128>(), b.parse::<i128>()) {
        (Ok(a), Ok(b)) => a == b,
        _ => {
            matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a.to_bits() == b.to_bits())
        }
    }
}
