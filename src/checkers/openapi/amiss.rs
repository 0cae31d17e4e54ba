//! Owns how the walk tells what is amiss: wrong types, unknown fields, keys that stand twice, references out of place.

use super::bundle::Node;
use super::hit::Kind;
use super::shape::{ALL, Field, Object, SINCE31, Shape, V2, V3, V30, V31};
use super::walk::{Task, Walk};

impl Walk<'_> {
    pub(super) fn wrong(&mut self, task: &Task, wanted: &str) {
        if self.bundle.get(task.node, "$ref").is_some() {
            let part = match task.shape {
                Shape::List(_) | Shape::Filled(_) => "a list",
                _ => "a value",
            };
            self.misplaced(task, part);
            return;
        }
        let kind = if task.schema || is_schema(task.shape) {
            Kind::Schema
        } else {
            Kind::Invalid
        };
        let is = self.bundle.tree(task.node).named(task.node.id);
        let way = self.way(task.trail);
        self.hit(
            kind,
            task.at,
            format!("{way} is {is}, and must be {wanted}"),
        );
    }

    /// A reference where the specification has none: told once for each file and part, and followed all the same.
    pub(super) fn misplaced(&mut self, task: &Task, part: &'static str) {
        let at = self.bundle.key_of(task.node, "$ref").unwrap_or(task.at);
        let (first, count) = self
            .misplaced
            .entry((task.node.file, part))
            .or_insert((at, 0));
        *count += 1;
        if self.bundle.place(at).start < self.bundle.place(*first).start {
            *first = at;
        }
        if let Some(target) = self.follow(task) {
            self.open.push(target);
        }
    }

    pub(super) fn tell_misplaced(&mut self) {
        for ((_, part), (at, count)) in std::mem::take(&mut self.misplaced) {
            let more = match count {
                1 => String::new(),
                2 => ", here and at one more place of this file".to_owned(),
                count => format!(", here and at {} more places of this file", count - 1),
            };
            let what = match part {
                "a list" | "a map" | "a value" => part.to_owned(),
                object => format!("an object that is no Reference Object ({object})"),
            };
            self.hit(
                Kind::Misplaced,
                at,
                format!("a reference stands in place of {what}{more}"),
            );
        }
    }

    pub(super) fn unknown(&mut self, task: &Task, object: &Object, key: Node, name: &str) {
        let elsewhere: Option<&Field> = object.field(name, ALL);
        let why = match elsewhere {
            Some(field) if self.version & V3 != 0 && field.versions & V3 == 0 => {
                "it is of Swagger 2.0".to_owned()
            }
            Some(field) if self.version < V31 && field.versions & (V30 | V31) == V31 => {
                "it is there since OpenAPI 3.1".to_owned()
            }
            Some(field) if self.version & V2 != 0 && field.versions & V30 != 0 => {
                "it is there since OpenAPI 3.0".to_owned()
            }
            Some(field) if field.versions & SINCE31 != 0 => {
                "it is there since OpenAPI 3.2".to_owned()
            }
            Some(_) => "OpenAPI 3.1 has it no more".to_owned(),
            None => "an extension begins with `x-`".to_owned(),
        };
        let way = self.way(task.trail);
        let kind = if object.name == "Schema" {
            Kind::Schema
        } else {
            Kind::Invalid
        };
        self.hit(
            kind,
            key,
            format!(
                "the {} Object at {way} has no field `{name}`: {why}",
                object.name
            ),
        );
    }

    /// Keys that stand twice in one object.
    pub(super) fn duplicates(&mut self) {
        for file in 0..self.bundle.files.len() {
            let file = u32::try_from(file).unwrap_or(u32::MAX);
            let twice = self.bundle.files[file as usize].tree.twice.clone();
            for id in twice {
                let node = Node { file, id };
                let name = self.bundle.tree(node).key(id).to_owned();
                self.hit(
                    Kind::Invalid,
                    node,
                    format!("the key `{name}` stands here a second time"),
                );
            }
        }
    }
}

const fn is_schema(shape: &Shape) -> bool {
    matches!(
        shape,
        Shape::Schema
            | Shape::SchemaOrFlag
            | Shape::SchemaOrList
            | Shape::Exclusive
            | Shape::Type
            | Shape::Dependencies
    )
}
