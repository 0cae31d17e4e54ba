//! Owns what schemas say by other schemas: all of them, any, one, none, under a condition, or for what nobody looked at.

use std::collections::BTreeSet;

use super::bundle::Node;
use super::shape::SINCE31;
use super::tree::Kind;
use super::value::{All, DEEPEST, Judge, MOST_STEPS, Value, Verdict, Way};

impl Judge<'_> {
    /// `allOf` and its like.
    pub(super) fn combined(
        &self,
        value: Value<'_>,
        schema: Node,
        way: &Way<'_>,
        depth: usize,
    ) -> Verdict {
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
