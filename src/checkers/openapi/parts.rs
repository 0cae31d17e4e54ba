//! Owns what schemas say of arrays and objects: their items, their properties.

use std::collections::HashSet;

use super::bundle::Node;
use super::shape::SINCE31;
use super::tree::{Id, Kind};
use super::value::{All, DEEPEST, Judge, MOST_STEPS, Side, Value, Verdict, Way};

impl Judge<'_> {
    pub(super) fn list(
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

    pub(super) fn map(
        &self,
        value: Value<'_>,
        schema: Node,
        way: &Way<'_>,
        depth: usize,
    ) -> Verdict {
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
}
