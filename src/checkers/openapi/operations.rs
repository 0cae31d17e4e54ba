//! Owns what is judged of operations and paths: parameters of paths, ids, security, and what is documented.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::bundle::{Bundle, Node};
use super::hit::Kind;
use super::shape::V2;
use super::walk::Walk;

/// The most parameters and the like that are looked at, whatever refers to whatever.
const MOST_STEPS: usize = 5_000_000;

/// The methods, in the order in which operations are told.
pub const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// An operation at a path.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    pub path: &'a str,
    pub method: &'a str,
    /// The path item.
    pub item: Node,
    pub node: Node,
    /// The key of its method.
    pub at: Node,
}

impl Operation<'_> {
    /// `GET /pets`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method.to_ascii_uppercase(), self.path)
    }
}

/// All operations at paths.
#[must_use]
pub fn all(bundle: &Bundle) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    let Some(Ok(paths)) = bundle.follow_at(bundle.root(), "paths") else {
        return operations;
    };
    for (path, _, value) in bundle.entries(paths) {
        if !path.starts_with('/') {
            continue;
        }
        let Ok(item) = bundle.follow(value) else {
            continue;
        };
        // A path item may refer to another one and add to it.
        for holder in [value, item] {
            for (method, at, node) in bundle.entries(holder) {
                // No reference belongs here; many tools follow one all the same.
                let node = bundle.follow(node).unwrap_or(node);
                if METHODS.contains(&method) {
                    operations.push(Operation {
                        path,
                        method,
                        item,
                        node,
                        at,
                    });
                }
            }
            if value == item {
                break;
            }
        }
    }
    operations
}

/// Parameters by place and name: what each is at last, and where it is listed.
pub type Parameters<'a> = BTreeMap<(&'a str, &'a str), (Node, Node)>;

/// The parameters of an operation, those of its path too.
#[must_use]
pub fn parameters<'a>(bundle: &'a Bundle, operation: &Operation<'_>) -> Option<Parameters<'a>> {
    let mut all = BTreeMap::new();
    for holder in [operation.item, operation.node] {
        let Some(list) = bundle.follow_at(holder, "parameters") else {
            continue;
        };
        let list = list.ok()?;
        for listed in bundle.items(list) {
            // What is not known may be any parameter.
            let node = bundle.follow(listed).ok()?;
            let place = bundle.text_at(node, "in")?;
            let name = bundle.text_at(node, "name")?;
            all.insert((place, name), (node, listed));
        }
    }
    Some(all)
}

/// Judges all paths and operations.
pub fn judge(walk: &mut Walk<'_>) {
    let operations = all(walk.bundle);
    templates(walk);
    path_parameters(walk, &operations);
    ids(walk);
    security(walk);
}

/// The names in the braces of a path; an error where the braces do not fit.
fn names(path: &str) -> Result<Vec<&str>, ()> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some(open) = rest.find(['{', '}']) {
        if rest.as_bytes()[open] == b'}' {
            return Err(());
        }
        let inner = &rest[open + 1..];
        let end = inner.find(['{', '}', '/']).ok_or(())?;
        if inner.as_bytes()[end] != b'}' || end == 0 {
            return Err(());
        }
        names.push(&inner[..end]);
        rest = &inner[end + 1..];
    }
    Ok(names)
}

/// Braces that do not fit, and paths that differ in the names in their braces only.
fn templates(walk: &mut Walk<'_>) {
    let bundle = walk.bundle;
    let Some(Ok(paths)) = bundle.follow_at(bundle.root(), "paths") else {
        return;
    };
    let mut known: HashMap<String, &str> = HashMap::new();
    for (path, key, _) in bundle.entries(paths) {
        if !path.starts_with('/') {
            continue;
        }
        let Ok(names) = names(path) else {
            walk.hit(
                Kind::Invalid,
                key,
                format!("the braces of the path `{path}` do not fit together"),
            );
            continue;
        };
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(**name)) {
            walk.hit(
                Kind::Invalid,
                key,
                format!("the path `{path}` has the name `{twice}` twice"),
            );
        }
        let plain = without_names(path);
        match known.get(&plain) {
            Some(&other) if other != path => walk.hit(
                Kind::AmbiguousPath,
                key,
                format!(
                    "the path `{path}` is the same as `{other}`: only the names in braces differ"
                ),
            ),
            Some(_) => {}
            None => {
                known.insert(plain, path);
            }
        }
    }
}

fn without_names(path: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                plain.push(c);
            }
            '}' => {
                inside = false;
                plain.push(c);
            }
            _ if inside => {}
            c => plain.push(c),
        }
    }
    plain
}

/// Each name in a path is a parameter, and each parameter of the path is a name in it.
fn path_parameters(walk: &mut Walk<'_>, operations: &[Operation<'_>]) {
    let bundle = walk.bundle;
    let mut steps = 0;
    let mut told: BTreeSet<(Node, &str)> = BTreeSet::new();
    for operation in operations {
        let Ok(names) = names(operation.path) else {
            continue;
        };
        let Some(all) = parameters(bundle, operation) else {
            continue;
        };
        steps += all.len() + names.len();
        if steps > MOST_STEPS {
            walk.hits
                .unread
                .push("it has too many parameters to look at each".to_owned());
            return;
        }
        for name in &names {
            if !all.contains_key(&("path", *name)) {
                walk.hit(
                    Kind::PathParameter,
                    operation.at,
                    format!(
                        "{} declares no parameter `{name}` in path",
                        operation.name()
                    ),
                );
            }
        }
        for (&(place, name), &(node, listed)) in &all {
            if place != "path" || names.contains(&name) || !told.insert((listed, operation.path)) {
                continue;
            }
            let at = if bundle.place(listed).is_empty() {
                node
            } else {
                listed
            };
            walk.hit(
                Kind::PathParameter,
                at,
                format!(
                    "the path `{}` has no `{{{name}}}`, which is declared for it",
                    operation.path
                ),
            );
        }
    }
}

/// No id stands twice.
fn ids(walk: &mut Walk<'_>) {
    let bundle = walk.bundle;
    let mut known: HashMap<&str, Node> = HashMap::new();
    let mut operations = walk.operations.clone();
    operations.sort_by_key(|seen| (seen.node.file, bundle.place(seen.at).start));
    for seen in operations {
        let Some(id) = bundle.text_at(seen.node, "operationId") else {
            continue;
        };
        if known
            .insert(id, seen.node)
            .is_some_and(|other| other != seen.node)
        {
            let at = bundle.key_of(seen.node, "operationId").unwrap_or(seen.at);
            walk.hit(
                Kind::OperationId,
                at,
                format!("the operationId `{id}` is another operation's already"),
            );
        }
    }
}

/// Every scheme that is asked for is defined.
fn security(walk: &mut Walk<'_>) {
    let bundle = walk.bundle;
    let root = bundle.root();
    let schemes = if walk.version & V2 != 0 {
        bundle.get(root, "securityDefinitions")
    } else {
        bundle
            .get(root, "components")
            .and_then(|components| bundle.get(components, "securitySchemes"))
    };
    let operations: Vec<Node> = walk.operations.iter().map(|seen| seen.node).collect();
    let mut looked_at = BTreeSet::new();
    for holder in std::iter::once(root).chain(operations) {
        let Some(list) = bundle
            .get(holder, "security")
            .filter(|list| looked_at.insert(*list))
        else {
            continue;
        };
        for requirement in bundle.items(list) {
            for (name, key, _) in bundle.entries(requirement) {
                let defined = schemes.is_some_and(|schemes| bundle.get(schemes, name).is_some());
                // Since 3.2 the name may be a URI.
                let uri = walk.version >= super::shape::V32 && name.contains(['/', '#', ':']);
                if !defined && !uri {
                    walk.hit(
                        Kind::Security,
                        key,
                        format!("the security scheme `{name}` is not defined"),
                    );
                }
            }
        }
    }
}

/// What of an operation is not documented; nothing when it is.
#[must_use]
pub fn undocumented(bundle: &Bundle, operation: &Operation<'_>, two: bool) -> Vec<String> {
    let mut lacks = Vec::new();
    let told = |node: Node| {
        ["summary", "description"].iter().any(|key| {
            bundle
                .text_at(node, key)
                .is_some_and(|text| !text.trim().is_empty())
        })
    };
    if !told(operation.node) && !told(operation.item) {
        lacks.push("a summary or a description".to_owned());
    }
    let mut good = false;
    if let Some(Ok(responses)) = bundle.follow_at(operation.node, "responses") {
        for (status, _, value) in bundle.entries(responses) {
            if status.starts_with("x-") {
                continue;
            }
            good |= status == "default" || !status.starts_with(['4', '5']);
            let Ok(response) = bundle.follow(value) else {
                continue;
            };
            let text = bundle.text_at(response, "description");
            if text.is_none_or(|text| text.trim().is_empty()) {
                lacks.push(format!("a description of the response {status}"));
            }
            if two {
                let answer = status == "200" && operation.method == "get";
                if answer && bundle.get(response, "schema").is_none() {
                    lacks.push(format!("a schema of the response {status}"));
                }
                continue;
            }
            match bundle.follow_at(response, "content") {
                Some(Ok(content)) => {
                    for (media, _, value) in bundle.entries(content) {
                        let media_type = bundle.follow(value);
                        let has = |node: Node, key| bundle.get(node, key).is_some();
                        if media_type
                            .is_ok_and(|node| !has(node, "schema") && !has(node, "itemSchema"))
                        {
                            lacks.push(format!("a schema of {media} in the response {status}"));
                        }
                    }
                }
                None if status == "200" && operation.method == "get" => {
                    lacks.push(format!("the content of the response {status}"));
                }
                None | Some(Err(_)) => {}
            }
        }
    }
    if !good {
        lacks.push("a response to a request that succeeds".to_owned());
    }
    lacks
}
