//! Owns whether a value is as a schema says: yes, no and where, or nobody can tell. Asks no network; every walk is bounded.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};

use super::bundle::{Bundle, Lost, Node};
use super::schemas::number;
use super::shape::{SINCE31, Versions};
use super::tree::{Id, Kind, Tree};

/// How deep schemas and values are followed into each other.
const DEEPEST: usize = 120;

/// The most steps for one value.
const MOST_STEPS: usize = 2_000_000;

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
    const fn at(self, id: Id) -> Self {
        Self { id, ..self }
    }

    fn kind(self) -> &'a Kind {
        self.tree.kind(self.id)
    }
}

/// Judges values by the schemas of a description.
pub struct Judge<'a> {
    bundle: &'a Bundle,
    version: Versions,
    side: Side,
    steps: Cell<usize>,
    patterns: RefCell<HashMap<String, Option<regex::Regex>>>,
}

/// The way into a value.
#[derive(Clone, Copy)]
enum Way<'w> {
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

    fn bad(&self, what: impl Into<String>) -> Verdict {
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

    fn schema(&self, value: Value<'_>, schema: Node, way: &Way<'_>, depth: usize) -> Verdict {
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
            all.add(match target {
                Ok(target) => self.schema(value, target, way, depth + 1),
                Err(_) => {
                    let text = self.bundle.text(reference).unwrap_or_default();
                    Verdict::Open(format!("the reference `{text}` is not followed"))
                }
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

    fn shown(&self, node: Node) -> String {
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

    fn same(&self, a: Value<'_>, b: Value<'_>, depth: usize) -> bool {
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

    fn bound(&self, schema: Node, key: &str) -> Option<f64> {
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

    fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        let mut known = self.patterns.borrow_mut();
        let regex = known
            .entry(pattern.to_owned())
            .or_insert_with(|| super::pattern::compile(pattern));
        regex.as_ref().map(|regex| regex.is_match(text))
    }

    #[expect(clippy::cast_precision_loss, reason = "no value has 2^52 parts")]
    fn counted(
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

    fn list(
        &self,
        value: Value<'_>,
        items: &[Id],
        schema: Node,
        way: &Way<'_>,
        depth: usize,
    ) -> Verdict {
        if let Some(verdict) =
            self.counted(items.len(), ("minItems", "maxItems"), "items", schema, way)
        {
            return verdict;
        }
        let mut all = All::default();
        if self.bundle.says(schema, "uniqueItems") {
            let mut known = HashSet::new();
            for (number, &item) in items.iter().enumerate() {
                let Some(text) = self.written(value.at(item)) else {
                    all.add(Verdict::Open("it takes too many steps".to_owned()));
                    break;
                };
                if !known.insert(text) {
                    return Way::Item(way, number).bad("stands in the list a second time");
                }
            }
        }
        let mut first = 0;
        if self.version & SINCE31 != 0
            && let Some(list) = self.bundle.get(schema, "prefixItems")
        {
            let schemas: Vec<Node> = self.bundle.items(list).collect();
            first = schemas.len();
            for (number, (&item, schema)) in items.iter().zip(schemas).enumerate() {
                all.add(self.schema(value.at(item), schema, &Way::Item(way, number), depth + 1));
            }
        }
        if let Some(inner) = self.bundle.get(schema, "items") {
            for (number, &item) in items.iter().enumerate().skip(first) {
                all.add(self.schema(value.at(item), inner, &Way::Item(way, number), depth + 1));
                if all.is_bad() {
                    return all.verdict();
                }
            }
        }
        if self.version & SINCE31 != 0
            && let Some(inner) = self.bundle.get(schema, "contains")
        {
            all.add(self.contains(value, items, inner, schema, way, depth));
        }
        all.verdict()
    }

    #[expect(clippy::cast_precision_loss, reason = "no list has 2^52 items")]
    fn contains(
        &self,
        value: Value<'_>,
        items: &[Id],
        inner: Node,
        schema: Node,
        way: &Way<'_>,
        depth: usize,
    ) -> Verdict {
        let (mut good, mut open) = (0_usize, None);
        for &item in items {
            match self.schema(value.at(item), inner, way, depth + 1) {
                Verdict::Good => good += 1,
                Verdict::Open(why) => open = Some(why),
                Verdict::Bad(..) => {}
            }
        }
        if let Some(why) = open {
            return Verdict::Open(why);
        }
        let least = self.bound(schema, "minContains").unwrap_or(1.0);
        let most = self.bound(schema, "maxContains").unwrap_or(f64::INFINITY);
        if (good as f64) < least || (good as f64) > most {
            return way.bad(format!(
                "has {good} items as `contains` says, and must have from {least} to {most}"
            ));
        }
        Verdict::Good
    }

    /// The value as one text that is the same for equal values.
    fn written(&self, value: Value<'_>) -> Option<String> {
        let mut text = String::new();
        self.write(value, &mut text, 0).then_some(text)
    }

    fn write(&self, value: Value<'_>, text: &mut String, depth: usize) -> bool {
        self.steps.set(self.steps.get() + 1);
        if depth > DEEPEST || self.steps.get() > MOST_STEPS {
            return false;
        }
        match value.kind() {
            Kind::Null => text.push('n'),
            Kind::Flag(flag) => text.push(if *flag { 't' } else { 'f' }),
            Kind::Number(number) => match number.parse::<f64>() {
                Ok(plain) if plain.abs() < 9e15 => text.push_str(&plain.to_string()),
                _ => text.push_str(number),
            },
            Kind::Text(inner) => text.push_str(&format!("{inner:?}")),
            Kind::List(items) => {
                text.push('[');
                for &item in items {
                    if !self.write(value.at(item), text, depth + 1) {
                        return false;
                    }
                    text.push(',');
                }
                text.push(']');
            }
            Kind::Map(_) => {
                let mut entries = value.tree.entries(value.id).to_vec();
                entries.sort_by_key(|&(key, _)| value.tree.key(key));
                text.push('{');
                for (key, inner) in entries {
                    text.push_str(&format!("{:?}:", value.tree.key(key)));
                    if !self.write(value.at(inner), text, depth + 1) {
                        return false;
                    }
                    text.push(',');
                }
                text.push('}');
            }
        }
        true
    }

    fn map(&self, value: Value<'_>, schema: Node, way: &Way<'_>, depth: usize) -> Verdict {
        let entries = value.tree.entries(value.id);
        let keys = ("minProperties", "maxProperties");
        if let Some(verdict) = self.counted(entries.len(), keys, "properties", schema, way) {
            return verdict;
        }
        let properties = self.bundle.get(schema, "properties");
        let mut all = All::default();
        if let Some(list) = self.bundle.get(schema, "required") {
            for name in self
                .bundle
                .items(list)
                .filter_map(|item| self.bundle.text(item))
            {
                if value.tree.get(value.id, name).is_none() && !self.is_spared(properties, name) {
                    return way.bad(format!("lacks `{name}`"));
                }
            }
        }
        let newer = self.version & SINCE31 != 0;
        let patterns = self
            .bundle
            .get(schema, "patternProperties")
            .filter(|_| newer);
        let names = self.bundle.get(schema, "propertyNames").filter(|_| newer);
        let others = self.bundle.get(schema, "additionalProperties");
        for &(key, inner) in entries {
            let name = value.tree.key(key);
            let here = Way::Key(way, name);
            let mut known = false;
            if let Some(schema) =
                properties.and_then(|properties| self.bundle.get(properties, name))
            {
                known = true;
                all.add(self.schema(value.at(inner), schema, &here, depth + 1));
            }
            if let Some(patterns) = patterns {
                for (pattern, _, schema) in self.bundle.entries(patterns) {
                    match self.matches(pattern, name) {
                        Some(true) => {
                            known = true;
                            all.add(self.schema(value.at(inner), schema, &here, depth + 1));
                        }
                        Some(false) => {}
                        None => {
                            known = true;
                            all.add(Verdict::Open(format!(
                                "the pattern `{pattern}` cannot be run here"
                            )));
                        }
                    }
                }
            }
            if let Some(schema) = names {
                all.add(self.schema(value.at(key), schema, &here, depth + 1));
            }
            if let Some(others) = others.filter(|_| !known) {
                if matches!(self.bundle.kind(others), Kind::Flag(false)) {
                    all.add(here.bad("is a property that the schema does not have"));
                } else {
                    all.add(self.schema(value.at(inner), others, &here, depth + 1));
                }
            }
            if all.is_bad() {
                return all.verdict();
            }
        }
        if newer {
            all.add(self.dependent(value, schema, way, depth));
        }
        all.verdict()
    }

    /// Need a required property not be there, because it goes the other way only?
    fn is_spared(&self, properties: Option<Node>, name: &str) -> bool {
        let Some(property) = properties.and_then(|properties| self.bundle.get(properties, name))
        else {
            return false;
        };
        let property = self.bundle.follow(property).unwrap_or(property);
        self.bundle.says(property, "writeOnly")
            || (self.side == Side::Either && self.bundle.says(property, "readOnly"))
    }

    fn dependent(&self, value: Value<'_>, schema: Node, way: &Way<'_>, depth: usize) -> Verdict {
        let mut all = All::default();
        if let Some(map) = self.bundle.get(schema, "dependentRequired") {
            for (name, _, list) in self.bundle.entries(map) {
                if value.tree.get(value.id, name).is_none() {
                    continue;
                }
                for needed in self
                    .bundle
                    .items(list)
                    .filter_map(|item| self.bundle.text(item))
                {
                    if value.tree.get(value.id, needed).is_none() {
                        return way.bad(format!("has `{name}`, and lacks `{needed}`"));
                    }
                }
            }
        }
        if let Some(map) = self.bundle.get(schema, "dependentSchemas") {
            for (name, _, inner) in self.bundle.entries(map) {
                if value.tree.get(value.id, name).is_some() {
                    all.add(self.schema(value, inner, way, depth + 1));
                }
            }
        }
        all.verdict()
    }

    /// `allOf` and its like.
    fn combined(&self, value: Value<'_>, schema: Node, way: &Way<'_>, depth: usize) -> Verdict {
        let mut all = All::default();
        let list = |key| {
            let list = self.bundle.get(schema, key);
            list.map(|list| self.bundle.items(list).collect::<Vec<Node>>())
        };
        for inner in list("allOf").unwrap_or_default() {
            all.add(self.schema(value, inner, way, depth + 1));
        }
        if let Some(any) = list("anyOf") {
            all.add(self.any(value, &any, way, depth));
        }
        if let Some(one) = list("oneOf") {
            all.add(self.one(value, &one, way, depth));
        }
        if let Some(not) = self.bundle.get(schema, "not") {
            all.add(match self.schema(value, not, way, depth + 1) {
                Verdict::Good => way.bad("is as `not` says"),
                Verdict::Bad(..) => Verdict::Good,
                open @ Verdict::Open(_) => open,
            });
        }
        if self.version & SINCE31 != 0 {
            if let Some(condition) = self.bundle.get(schema, "if") {
                let branch = match self.schema(value, condition, way, depth + 1) {
                    Verdict::Good => Ok(self.bundle.get(schema, "then")),
                    Verdict::Bad(..) => Ok(self.bundle.get(schema, "else")),
                    Verdict::Open(why) => Err(why),
                };
                match branch {
                    Ok(Some(branch)) => all.add(self.schema(value, branch, way, depth + 1)),
                    Ok(None) => {}
                    Err(why) => all.add(Verdict::Open(why)),
                }
            }
            if let Some(rest) = self.bundle.get(schema, "unevaluatedProperties")
                && matches!(value.kind(), Kind::Map(_))
                && !all.is_bad()
            {
                all.add(self.unevaluated(value, schema, rest, way, depth));
            }
        }
        all.verdict()
    }

    fn any(&self, value: Value<'_>, any: &[Node], way: &Way<'_>, depth: usize) -> Verdict {
        let mut first = None;
        let mut open = None;
        for &inner in any {
            match self.schema(value, inner, way, depth + 1) {
                Verdict::Good => return Verdict::Good,
                Verdict::Open(why) => open = Some(why),
                bad @ Verdict::Bad(..) => {
                    first.get_or_insert(bad);
                }
            }
        }
        match (open, first) {
            (Some(why), _) => Verdict::Open(why),
            (None, Some(bad)) if any.len() == 1 => bad,
            (None, Some(Verdict::Bad(at, what))) => Verdict::Bad(
                at,
                format!(
                    "{what} (by the first of {} in `anyOf`, none of which holds)",
                    any.len()
                ),
            ),
            (None, _) => Verdict::Good,
        }
    }

    fn one(&self, value: Value<'_>, one: &[Node], way: &Way<'_>, depth: usize) -> Verdict {
        let mut first = None;
        let mut open = None;
        let mut good = 0;
        for &inner in one {
            match self.schema(value, inner, way, depth + 1) {
                Verdict::Good => good += 1,
                Verdict::Open(why) => open = Some(why),
                bad @ Verdict::Bad(..) => {
                    first.get_or_insert(bad);
                }
            }
        }
        if good > 1 {
            return way.bad(format!(
                "is as {good} of {} in `oneOf` say, and must be as one says",
                one.len()
            ));
        }
        match (open, good, first) {
            (Some(why), _, _) => Verdict::Open(why),
            (None, 1, _) => Verdict::Good,
            (None, _, Some(bad)) if one.len() == 1 => bad,
            (None, _, Some(Verdict::Bad(at, what))) => Verdict::Bad(
                at,
                format!(
                    "{what} (by the first of {} in `oneOf`, none of which holds)",
                    one.len()
                ),
            ),
            (None, _, _) => Verdict::Good,
        }
    }

    fn unevaluated(
        &self,
        value: Value<'_>,
        schema: Node,
        rest: Node,
        way: &Way<'_>,
        depth: usize,
    ) -> Verdict {
        let mut known = BTreeSet::new();
        if let Err(why) = self.evaluated(value, schema, &mut known, depth) {
            return Verdict::Open(why);
        }
        let mut all = All::default();
        for &(key, inner) in value.tree.entries(value.id) {
            let name = value.tree.key(key);
            if known.contains(name) {
                continue;
            }
            let here = Way::Key(way, name);
            if matches!(self.bundle.kind(rest), Kind::Flag(false)) {
                return here.bad("is a property that no schema here has");
            }
            all.add(self.schema(value.at(inner), rest, &here, depth + 1));
        }
        all.verdict()
    }

    /// The properties that a schema, and those that it combines, have looked at.
    fn evaluated<'v>(
        &self,
        value: Value<'v>,
        schema: Node,
        known: &mut BTreeSet<&'v str>,
        depth: usize,
    ) -> Result<(), String> {
        self.steps.set(self.steps.get() + 1);
        if depth > DEEPEST || self.steps.get() > MOST_STEPS {
            return Err("it takes too many steps".to_owned());
        }
        if let Some(reference) = self.bundle.text_at(schema, "$ref") {
            let target = self.bundle.resolve(schema.file, reference);
            let target =
                target.map_err(|_| format!("the reference `{reference}` is not followed"))?;
            self.evaluated(value, target, known, depth + 1)?;
        }
        let properties = self.bundle.get(schema, "properties");
        let patterns = self.bundle.get(schema, "patternProperties");
        let others = self.bundle.get(schema, "additionalProperties").is_some();
        for &(key, _) in value.tree.entries(value.id) {
            let name = value.tree.key(key);
            let named =
                properties.is_some_and(|properties| self.bundle.get(properties, name).is_some());
            let matched = patterns.is_some_and(|patterns| {
                let mut all = self.bundle.entries(patterns);
                all.any(|(pattern, ..)| self.matches(pattern, name) == Some(true))
            });
            if others || named || matched {
                known.insert(name);
            }
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            let Some(list) = self.bundle.get(schema, key) else {
                continue;
            };
            for inner in self.bundle.items(list) {
                self.evaluated_by(value, inner, known, depth)?;
            }
        }
        let branches = match self.bundle.get(schema, "if") {
            None => vec![],
            Some(condition) => match self.schema(value, condition, &Way::Root, depth + 1) {
                Verdict::Good => vec![Some(condition), self.bundle.get(schema, "then")],
                Verdict::Bad(..) => vec![self.bundle.get(schema, "else")],
                Verdict::Open(why) => return Err(why),
            },
        };
        for branch in branches.into_iter().flatten() {
            self.evaluated_by(value, branch, known, depth)?;
        }
        if let Some(map) = self.bundle.get(schema, "dependentSchemas") {
            for (name, _, inner) in self.bundle.entries(map) {
                if value.tree.get(value.id, name).is_some() {
                    self.evaluated_by(value, inner, known, depth)?;
                }
            }
        }
        Ok(())
    }

    /// As [`Judge::evaluated`], of a schema that counts only when it holds.
    fn evaluated_by<'v>(
        &self,
        value: Value<'v>,
        inner: Node,
        known: &mut BTreeSet<&'v str>,
        depth: usize,
    ) -> Result<(), String> {
        match self.schema(value, inner, &Way::Root, depth + 1) {
            Verdict::Good => self.evaluated(value, inner, known, depth + 1),
            Verdict::Bad(..) => Ok(()),
            Verdict::Open(why) => Err(why),
        }
    }
}

/// Several verdicts that must all be good: the first bad one, else what is open.
#[derive(Default)]
struct All {
    bad: Option<Verdict>,
    open: Option<Verdict>,
}

impl All {
    fn add(&mut self, verdict: Verdict) {
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

    const fn is_bad(&self) -> bool {
        self.bad.is_some()
    }

    fn verdict(self) -> Verdict {
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
