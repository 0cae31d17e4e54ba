//! Owns the walk over a description by the tables of the specification: what must be there, what may, and of which type. Each
//! object is entered once for each part that it plays, whatever refers to it, so that circles end.

use std::collections::{BTreeMap, HashSet};

use super::bundle::{Bundle, Lost, Node};
use super::demands;
use super::hit::{Hits, Kind};
use super::keywords::SCHEMA;
use super::objects::{
    DOCUMENT, HEADER, MEDIA_TYPE, OPERATION, PARAMETER, PARAMETER_2, PATH_ITEM, RESPONSE,
};
use super::shape::{Object, Rest, SINCE31, Shape, V2, V3, Versions};
use super::tree;

static ITEM: Shape = Shape::Ref(&PATH_ITEM);

/// The number of a step on the way from the root.
pub(super) type Trail = u32;

/// A step on the way from the root.
enum Step {
    Key(Node),
    Item(usize),
    /// Here a reference led, by its text.
    By(Node),
}

/// What is to be looked at.
pub(super) struct Task {
    pub(super) node: Node,
    pub(super) shape: &'static Shape,
    /// The key that it stands behind.
    pub(super) at: Node,
    pub(super) trail: Trail,
    /// Is it a part of a schema?
    pub(super) schema: bool,
}

/// An object that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub node: Node,
    /// The key that it stands behind.
    pub at: Node,
    trail: Trail,
}

/// What the walk saw.
pub struct Walk<'a> {
    pub bundle: &'a Bundle,
    pub version: Versions,
    pub hits: Hits,
    pub schemas: Vec<Seen>,
    pub operations: Vec<Seen>,
    /// Objects that examples stand in.
    pub carriers: Vec<(Seen, &'static Object)>,
    trails: Vec<(Trail, Step)>,
    pub(super) open: Vec<Task>,
    entered: HashSet<(Node, usize)>,
    pub(super) misplaced: BTreeMap<(u32, &'static str), (Node, usize)>,
}

/// Walks over a whole description.
#[must_use]
pub fn walk(bundle: &Bundle, version: Versions) -> Walk<'_> {
    static ROOT: Shape = Shape::Object(&DOCUMENT);
    let root = bundle.root();
    let mut walk = Walk {
        bundle,
        version,
        hits: Hits::default(),
        schemas: Vec::new(),
        operations: Vec::new(),
        carriers: Vec::new(),
        trails: Vec::new(),
        open: Vec::new(),
        entered: HashSet::new(),
        misplaced: BTreeMap::new(),
    };
    let first = bundle.entries(root).next().map_or(root, |(_, key, _)| key);
    walk.open.push(Task {
        node: root,
        shape: &ROOT,
        at: first,
        trail: Trail::MAX,
        schema: false,
    });
    while let Some(task) = walk.open.pop() {
        walk.look(&task);
    }
    walk.tell_misplaced();
    walk.duplicates();
    walk
}

impl Walk<'_> {
    /// Keeps a hit at a node.
    pub fn hit(&mut self, kind: Kind, node: Node, headline: impl Into<String>) {
        self.hits.push(kind, self.bundle, node, headline);
    }

    /// The way to what was seen, as a JSON pointer.
    #[must_use]
    pub fn pointer(&self, seen: Seen) -> String {
        self.way(seen.trail)
    }

    pub(super) fn way(&self, trail: Trail) -> String {
        let mut parts = Vec::new();
        let mut base = "#".to_owned();
        let mut at = trail;
        while let Some((parent, step)) = self.trails.get(at as usize) {
            match step {
                Step::Key(key) => {
                    let name = self.bundle.tree(*key).key(key.id);
                    parts.push(name.replace('~', "~0").replace('/', "~1"));
                }
                Step::Item(number) => parts.push(number.to_string()),
                Step::By(text) => {
                    let text = self.bundle.text(*text).unwrap_or_default();
                    text.clone_into(&mut base);
                    if !base.contains('#') {
                        base.push('#');
                    }
                    break;
                }
            }
            at = *parent;
        }
        parts.push(base.trim_end_matches('/').to_owned());
        parts.reverse();
        parts.join("/")
    }

    fn step(&mut self, parent: Trail, step: Step) -> Trail {
        self.trails.push((parent, step));
        Trail::try_from(self.trails.len() - 1).unwrap_or(Trail::MAX)
    }

    fn push(&mut self, task: &Task, key: Node, value: Node, shape: &'static Shape) {
        let trail = self.step(task.trail, Step::Key(key));
        self.open.push(Task {
            node: value,
            shape,
            at: key,
            trail,
            schema: task.schema,
        });
    }

    fn look(&mut self, task: &Task) {
        let kind = self.bundle.kind(task.node);
        match task.shape {
            Shape::Any => {}
            Shape::Text => {
                if !matches!(kind, tree::Kind::Text(_)) {
                    self.wrong(task, "a string");
                }
            }
            Shape::Regex => match kind {
                tree::Kind::Text(text) => {
                    if let Err(why) = super::pattern::check(text) {
                        let way = self.way(task.trail);
                        self.hit(
                            Kind::Schema,
                            task.at,
                            format!("{way} is no regular expression: {why}"),
                        );
                    }
                }
                _ => self.wrong(task, "a string"),
            },
            Shape::Flag => {
                if !matches!(kind, tree::Kind::Flag(_)) {
                    self.wrong(task, "true or false");
                }
            }
            Shape::Number => {
                if !matches!(kind, tree::Kind::Number(_)) {
                    self.wrong(task, "a number");
                }
            }
            Shape::Whole => match kind {
                tree::Kind::Number(text) => {
                    let number = text.parse::<f64>().unwrap_or(-1.0);
                    if number < 0.0 || number.fract() != 0.0 {
                        let way = self.way(task.trail);
                        let text = format!("{way} is {text}, and must be a whole number from 0 on");
                        self.hit(Kind::Schema, task.at, text);
                    }
                }
                _ => self.wrong(task, "a whole number"),
            },
            Shape::Exclusive if self.version & SINCE31 == 0 => {
                if !matches!(kind, tree::Kind::Flag(_)) {
                    self.wrong(task, "true or false before 3.1");
                }
            }
            Shape::Exclusive => {
                if !matches!(kind, tree::Kind::Number(_)) {
                    self.wrong(task, "a number since 3.1");
                }
            }
            Shape::Word(words) => match self.bundle.text(task.node) {
                Some(word) if words.contains(&word) => {}
                Some(word) => {
                    let headline = format!(
                        "{} is `{word}`, and must be one of {}",
                        self.way(task.trail),
                        words.join(", ")
                    );
                    self.hit(Kind::Invalid, task.at, headline);
                }
                None => self.wrong(task, "a string"),
            },
            Shape::Type => demands::type_names(self, task.node, task.at, task.trail),
            Shape::List(inner) => self.list(task, inner, false),
            Shape::Filled(inner) => self.list(task, inner, true),
            Shape::Map(inner) => self.map(task, inner),
            Shape::Object(object) => self.object(task, object, false),
            Shape::Ref(object) => self.object(task, object, true),
            Shape::Schema => self.schema(task),
            Shape::SchemaOrFlag => {
                if !matches!(kind, tree::Kind::Flag(_)) {
                    self.schema(task);
                }
            }
            Shape::SchemaOrList => {
                if matches!(kind, tree::Kind::List(_)) {
                    self.list(task, &Shape::Schema, false);
                } else {
                    self.schema(task);
                }
            }
            Shape::Dependencies => {
                let entries: Vec<(Node, Node)> = self.entries(task.node);
                for (key, value) in entries {
                    if matches!(self.bundle.kind(value), tree::Kind::List(_)) {
                        self.push(task, key, value, &Shape::List(&Shape::Text));
                    } else {
                        self.push(task, key, value, &Shape::SchemaOrFlag);
                    }
                }
            }
        }
    }

    fn entries(&self, node: Node) -> Vec<(Node, Node)> {
        let entries = self.bundle.entries(node);
        entries.map(|(_, key, value)| (key, value)).collect()
    }

    fn list(&mut self, task: &Task, inner: &'static Shape, filled: bool) {
        if !matches!(self.bundle.kind(task.node), tree::Kind::List(_)) {
            self.wrong(task, "an array");
            return;
        }
        if !self.enter(task.node, std::ptr::from_ref(inner) as usize) {
            return;
        }
        let items: Vec<Node> = self.bundle.items(task.node).collect();
        if items.is_empty() && filled {
            let way = self.way(task.trail);
            self.hit(
                Kind::Schema,
                task.at,
                format!("{way} is empty, and must name something"),
            );
        }
        for (number, node) in items.into_iter().enumerate().rev() {
            let trail = self.step(task.trail, Step::Item(number));
            self.open.push(Task {
                node,
                shape: inner,
                // A map has no place of its own: its first key has.
                at: if self.bundle.place(node).is_empty() {
                    task.at
                } else {
                    node
                },
                trail,
                schema: task.schema,
            });
        }
    }

    fn map(&mut self, task: &Task, inner: &'static Shape) {
        if !self.bundle.tree(task.node).is_map(task.node.id) {
            self.wrong(task, "an object");
            return;
        }
        if !self.enter(task.node, std::ptr::from_ref(inner) as usize) {
            return;
        }
        if self.bundle.text_at(task.node, "$ref").is_some()
            && !matches!(inner, Shape::Text | Shape::Any)
        {
            self.misplaced(task, "a map");
            return;
        }
        for (key, value) in self.entries(task.node).into_iter().rev() {
            self.push(task, key, value, inner);
        }
    }

    fn enter(&mut self, node: Node, part: usize) -> bool {
        self.entered.insert((node, part))
    }

    /// What a reference names, or a hit where it names nothing.
    pub(super) fn follow(&mut self, task: &Task) -> Option<Task> {
        let reference = self.bundle.get(task.node, "$ref")?;
        let at = self.bundle.key_of(task.node, "$ref").unwrap_or(task.at);
        let text = self.bundle.text(reference).unwrap_or_default().to_owned();
        match self.bundle.follow(task.node) {
            Ok(node) => {
                let trail = self.step(task.trail, Step::By(reference));
                let first = self.bundle.entries(node).next().map(|(_, key, _)| key);
                return Some(Task {
                    node,
                    shape: task.shape,
                    at: first.unwrap_or(node),
                    trail,
                    schema: task.schema,
                });
            }
            Err(Lost::Remote) => self.hits.remote += 1,
            Err(Lost::Unread(why)) => self.hits.unread.push(why),
            Err(Lost::Nothing(why)) => {
                self.hit(
                    Kind::Reference,
                    at,
                    format!("`{text}` names nothing: {why}"),
                );
            }
            Err(Lost::Circle) => {
                self.hit(
                    Kind::Reference,
                    at,
                    format!("`{text}` leads back to itself"),
                );
            }
            Err(Lost::NoText) => {
                let way = self.way(task.trail);
                self.hit(Kind::Reference, at, format!("{way}/$ref is no string"));
            }
        }
        None
    }

    fn schema(&mut self, task: &Task) {
        if !self.bundle.tree(task.node).is_map(task.node.id) {
            let wanted = if self.version & SINCE31 == 0 {
                "a schema"
            } else {
                "a schema, or true or false"
            };
            if self.version & SINCE31 != 0
                && matches!(self.bundle.kind(task.node), tree::Kind::Flag(_))
            {
                return;
            }
            self.wrong(task, wanted);
            return;
        }
        if !self.enter(task.node, 1) {
            return;
        }
        if self.bundle.get(task.node, "$ref").is_some() {
            if let Some(target) = self.follow(task) {
                self.open.push(Task {
                    shape: &Shape::SchemaOrFlag,
                    ..target
                });
            }
            if self.version & SINCE31 == 0 {
                return;
            }
        }
        if let Some(dialect) = self.bundle.text_at(task.node, "$schema")
            && !dialect.contains("2020-12")
            && !dialect.contains("spec.openapis.org/oas")
        {
            let way = self.way(task.trail);
            self.hits
                .unread
                .push(format!("{way} is of another dialect: {dialect}"));
            return;
        }
        let seen = Seen {
            node: task.node,
            at: task.at,
            trail: task.trail,
        };
        self.schemas.push(seen);
        let task = Task {
            schema: true,
            ..*task
        };
        self.fields(&task, &SCHEMA);
    }

    fn object(&mut self, task: &Task, object: &'static Object, referable: bool) {
        if !self.bundle.tree(task.node).is_map(task.node.id) {
            self.wrong(task, "an object");
            return;
        }
        if !self.enter(task.node, std::ptr::from_ref(object) as usize) {
            return;
        }
        let has_own = object.field("$ref", self.version).is_some();
        if self.bundle.get(task.node, "$ref").is_some() {
            if !referable && !has_own {
                self.misplaced(task, object.name);
                return;
            }
            if let Some(target) = self.follow(task) {
                self.open.push(target);
            }
            if !has_own {
                return;
            }
        }
        let seen = Seen {
            node: task.node,
            at: task.at,
            trail: task.trail,
        };
        let is = |other: &'static Object| std::ptr::eq(object, other);
        if is(&OPERATION) {
            self.operations.push(seen);
        }
        if is(&PARAMETER) || is(&PARAMETER_2) || is(&HEADER) || is(&MEDIA_TYPE) || is(&RESPONSE) {
            self.carriers.push((seen, object));
        }
        self.fields(task, object);
        demands::of(self, seen, object);
    }

    fn fields(&mut self, task: &Task, object: &'static Object) {
        for (key, value) in self.entries(task.node).into_iter().rev() {
            let bundle = self.bundle;
            let name = bundle.tree(key).key(key.id);
            if let Some(field) = object.field(name, self.version) {
                self.push(task, key, value, &field.shape);
                continue;
            }
            let extension = name.starts_with("x-");
            match object.rest {
                _ if extension => {}
                Rest::Keywords if self.version & SINCE31 != 0 => {}
                Rest::Paths(shape) if name.starts_with('/') => self.push(task, key, value, shape),
                Rest::Statuses(shape) if self.is_status(name) => self.push(task, key, value, shape),
                Rest::Names(shape) => self.push(task, key, value, shape),
                Rest::Paths(_) => {
                    let headline = format!("the path `{name}` must begin with `/`");
                    self.hit(Kind::Invalid, key, headline);
                    self.push(task, key, value, &ITEM);
                }
                Rest::Statuses(_) => {
                    let way = self.way(task.trail);
                    let wanted = if self.version & V2 != 0 {
                        "or `default`"
                    } else {
                        "one such as 2XX, or `default`"
                    };
                    self.hit(
                        Kind::Invalid,
                        key,
                        format!(
                            "`{name}` at {way} is no status: it must be one such as 200, {wanted}"
                        ),
                    );
                }
                Rest::Extensions | Rest::Keywords => self.unknown(task, object, key, name),
            }
        }
        for field in object.fields {
            if field.needed & self.version != 0 && self.bundle.get(task.node, field.name).is_none()
            {
                let way = self.way(task.trail);
                self.hit(
                    Kind::Invalid,
                    task.at,
                    format!("the {} Object at {way} lacks `{}`", object.name, field.name),
                );
            }
        }
    }

    fn is_status(&self, name: &str) -> bool {
        let bytes = name.as_bytes();
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        match bytes {
            b"default" => true,
            [b'1'..=b'5', b'X', b'X'] => self.version & V3 != 0,
            [b'1'..=b'5', rest @ ..] => rest.len() == 2 && digits(rest),
            _ => false,
        }
    }
}
