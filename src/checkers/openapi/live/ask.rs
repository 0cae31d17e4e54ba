//! Owns what a running service is asked: requests made of operations, with values from the gate file or from the description's own
//! examples. Sends nothing.

use std::collections::BTreeMap;

use crate::checkers::openapi::bundle::{Bundle, Node};
use crate::checkers::openapi::examples::is_json;
use crate::checkers::openapi::operations::{Operation, parameters};
use crate::checkers::openapi::shape::{V2, Versions};
use crate::checkers::openapi::tree::Kind;

/// What is asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// With the query, percent-encoded.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

/// What the gate file says of a request.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// Values of parameters by name; the first map that has one counts.
    pub values: [&'a BTreeMap<String, String>; 2],
    pub body: Option<&'a str>,
    pub content_type: Option<&'a str>,
}

/// The request for an operation.
///
/// # Errors
/// Says what it lacks.
pub fn question(
    bundle: &Bundle,
    version: Versions,
    operation: &Operation<'_>,
    given: Given<'_>,
) -> Result<Question, String> {
    let mut question = Question {
        path: operation.path.to_owned(),
        ..Question::default()
    };
    let mut query = Vec::new();
    let mut cookies = Vec::new();
    let all =
        parameters(bundle, operation).ok_or_else(|| "its parameters cannot be read".to_owned())?;
    for ((place, name), (node, _)) in all {
        let own = given.values.iter().find_map(|values| values.get(name));
        let needed = place == "path" || bundle.says(node, "required");
        if own.is_none() && !needed {
            continue;
        }
        if matches!(place, "body" | "formData") {
            continue;
        }
        let values = match own {
            Some(text) => vec![text.clone()],
            None => example(bundle, node)
                .and_then(|value| texts(bundle, value))
                .ok_or_else(|| format!("no value is known for `{name}` in {place}"))?,
        };
        match place {
            "path" => {
                let joined: Vec<String> = values.iter().map(|value| encoded(value)).collect();
                let joined = joined.join(",");
                if joined.is_empty() {
                    return Err(format!("the value of `{name}` in the path is empty"));
                }
                question.path = question.path.replace(&format!("{{{name}}}"), &joined);
            }
            "query" => {
                let apart = bundle
                    .get(node, "explode")
                    .is_none_or(|explode| matches!(bundle.kind(explode), Kind::Flag(true)))
                    && version & V2 == 0;
                let name = encoded(name);
                let values: Vec<String> = values.iter().map(|value| encoded(value)).collect();
                if apart {
                    query.extend(values.iter().map(|value| format!("{name}={value}")));
                } else {
                    query.push(format!("{name}={}", values.join(",")));
                }
            }
            "header" => {
                let ignored = ["accept", "content-type", "authorization"];
                if !ignored.contains(&name.to_ascii_lowercase().as_str()) {
                    question.headers.push((name.to_owned(), values.join(",")));
                }
            }
            "cookie" => cookies.push(format!("{name}={}", values.join(","))),
            other => {
                return Err(format!(
                    "`{name}` goes into `{other}`, which is not known here"
                ));
            }
        }
    }
    if question.path.contains(['{', '}']) {
        return Err("a name in its path is not declared".to_owned());
    }
    if !query.is_empty() {
        question.path = format!("{}?{}", question.path, query.join("&"));
    }
    if !cookies.is_empty() {
        question
            .headers
            .push(("cookie".to_owned(), cookies.join("; ")));
    }
    accept(bundle, operation, &mut question);
    body(bundle, version, operation, given, &mut question)?;
    Ok(question)
}

/// Asks for JSON where it is documented: nothing else is judged by a schema.
fn accept(bundle: &Bundle, operation: &Operation<'_>, question: &mut Question) {
    let mut all = Vec::new();
    if let Some(Ok(responses)) = bundle.follow_at(operation.node, "responses") {
        for (status, _, response) in bundle.entries(responses) {
            if !status.starts_with('2') && status != "default" {
                continue;
            }
            let Ok(response) = bundle.follow(response) else {
                continue;
            };
            let Some(Ok(content)) = bundle.follow_at(response, "content") else {
                continue;
            };
            for (media, ..) in bundle.entries(content) {
                if !all.contains(&media) {
                    all.push(media);
                }
            }
        }
    }
    let json: Vec<&str> = all.iter().copied().filter(|media| is_json(media)).collect();
    let wanted = match (json.is_empty(), all.is_empty()) {
        (false, _) => json.join(", "),
        (true, false) => all.join(", "),
        (true, true) => "application/json, */*".to_owned(),
    };
    question.headers.push(("accept".to_owned(), wanted));
}

fn body(
    bundle: &Bundle,
    version: Versions,
    operation: &Operation<'_>,
    given: Given<'_>,
    question: &mut Question,
) -> Result<(), String> {
    if let Some(body) = given.body {
        let kind = given.content_type.unwrap_or("application/json");
        question.body = Some(body.to_owned());
        question
            .headers
            .push(("content-type".to_owned(), kind.to_owned()));
        return Ok(());
    }
    if version & V2 != 0 {
        return Ok(());
    }
    let Some(Ok(request)) = bundle.follow_at(operation.node, "requestBody") else {
        return Ok(());
    };
    let content = bundle.follow_at(request, "content").and_then(Result::ok);
    let medias = content
        .into_iter()
        .flat_map(|content| bundle.entries(content));
    for (media, _, value) in medias {
        let Ok(media_type) = bundle.follow(value) else {
            continue;
        };
        if is_json(media)
            && let Some(value) = example(bundle, media_type)
            && let Some(text) = json(bundle, value)
        {
            question.body = Some(text);
            question
                .headers
                .push(("content-type".to_owned(), media.to_owned()));
            return Ok(());
        }
    }
    if bundle.says(request, "required") {
        return Err("it needs a body, and there is no example of one in JSON".to_owned());
    }
    Ok(())
}

/// A value that a parameter or a media type gives itself.
fn example(bundle: &Bundle, node: Node) -> Option<Node> {
    let first_named = |node| {
        let map = bundle.get(node, "examples")?;
        let (_, _, first) = bundle.entries(map).next()?;
        let example = bundle.follow(first).ok()?;
        bundle
            .get(example, "value")
            .or_else(|| bundle.get(example, "dataValue"))
    };
    let of_schema = |schema: Node| {
        let first = |key| {
            bundle
                .get(schema, key)
                .and_then(|list| bundle.items(list).next())
        };
        bundle
            .get(schema, "example")
            .or_else(|| first("examples"))
            .or_else(|| bundle.get(schema, "default"))
            .or_else(|| bundle.get(schema, "const"))
            .or_else(|| first("enum"))
    };
    bundle
        .get(node, "example")
        .or_else(|| bundle.get(node, "x-example"))
        .or_else(|| first_named(node))
        .or_else(|| of_schema(bundle.follow_at(node, "schema")?.ok()?))
        // A parameter of Swagger 2.0 is its own schema.
        .or_else(|| of_schema(node))
}

/// A scalar as text, or each of a list of scalars.
fn texts(bundle: &Bundle, node: Node) -> Option<Vec<String>> {
    match bundle.kind(node) {
        Kind::Text(text) | Kind::Number(text) => Some(vec![text.to_string()]),
        Kind::Flag(flag) => Some(vec![flag.to_string()]),
        Kind::List(items) if !items.is_empty() => {
            let one = |item: Node| match bundle.kind(item) {
                Kind::List(_) => None,
                _ => texts(bundle, item)?.pop(),
            };
            bundle.items(node).map(one).collect()
        }
        _ => None,
    }
}

/// How deep a body is nested that is sent.
const DEEPEST: usize = 64;

/// The node as JSON.
fn json(bundle: &Bundle, node: Node) -> Option<String> {
    value(bundle, node, 0).map(|value| value.to_string())
}

fn value(bundle: &Bundle, node: Node, depth: usize) -> Option<serde_json::Value> {
    if depth > DEEPEST {
        return None;
    }
    Some(match bundle.kind(node) {
        Kind::Null => serde_json::Value::Null,
        Kind::Flag(flag) => (*flag).into(),
        Kind::Number(text) => serde_json::from_str(text).ok()?,
        Kind::Text(text) => text.to_string().into(),
        Kind::List(_) => bundle
            .items(node)
            .map(|item| value(bundle, item, depth + 1))
            .collect::<Option<Vec<_>>>()?
            .into(),
        Kind::Map(_) => bundle
            .entries(node)
            .map(|(key, _, inner)| Some((key.to_owned(), value(bundle, inner, depth + 1)?)))
            .collect::<Option<serde_json::Map<_, _>>>()?
            .into(),
    })
}

/// Percent-encoded but for what is unreserved.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
