//! Owns where requests come in: members, calls and parameters whose values somebody else chose.

use tree_sitter::Node;

use crate::source::language::Language;

use super::call::Call;
use super::java;
use super::value::{Tag, Value, clean};
use super::walk::Walk;

/// Is the member `name` of `object` a part of a request? If so, what it is harmless for.
#[must_use]
pub fn member<'t>(walk: &Walk<'t>, object: Node<'t>, name: &str) -> Option<u8> {
    let text = walk.text(object);
    let last = text.rsplit(['.', '>']).next().unwrap_or(text);
    let (whole, own) = match walk.language {
        Language::Python => (
            matches!(last, "request" | "req")
                && matches!(
                    name,
                    "args"
                        | "form"
                        | "values"
                        | "cookies"
                        | "headers"
                        | "json"
                        | "data"
                        | "files"
                        | "GET"
                        | "POST"
                        | "META"
                        | "COOKIES"
                        | "FILES"
                        | "query_params"
                        | "path_params"
                        | "query_string"
                        | "query"
                        | "match_info"
                        | "params"
                ),
            matches!(last, "request" | "req")
                && matches!(name, "full_path" | "url" | "referrer" | "path"),
        ),
        Language::JavaScript | Language::TypeScript | Language::Tsx => (
            matches!(last, "req" | "request" | "ctx" | "event")
                && matches!(
                    name,
                    "query"
                        | "body"
                        | "params"
                        | "headers"
                        | "cookies"
                        | "queryStringParameters"
                        | "pathParameters"
                        | "rawBody"
                )
                || last == "location"
                    && matches!(name, "search" | "hash")
                    && !text.contains("props")
                || (last == "document" && name == "referrer"),
            matches!(last, "req" | "request") && matches!(name, "url" | "originalUrl"),
        ),
        Language::Go => (
            matches!(last, "r" | "req" | "request" | "Request")
                && matches!(name, "Form" | "PostForm" | "Header" | "Body"),
            matches!(last, "r" | "req" | "request" | "Request")
                && matches!(name, "URL" | "RequestURI"),
        ),
        _ => (false, false),
    };
    // The request's own address leads back to where it came from.
    (whole || own).then_some(if own { clean::URL } else { 0 })
}

/// Does the call give a part of a request?
#[must_use]
pub fn call(walk: &Walk<'_>, call: &Call<'_>) -> bool {
    let object = call.path.rsplit('.').nth(1).unwrap_or_default();
    match walk.language {
        Language::Python => {
            // No attacker writes where somebody came from, but for a page of their own.
            if matches!(
                call.at(0).and_then(|arg| arg.value.whole()),
                Some("Referer" | "HTTP_REFERER" | "Host")
            ) {
                return false;
            }
            matches!(object, "request" | "req")
                && call.named(&["get_json", "get_data", "json", "body", "form", "read"])
                || call.is(&["request.headers.get", "flask.request.args.get"])
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            let header = call
                .at(0)
                .and_then(|arg| arg.value.whole())
                .unwrap_or_default();
            if matches!(
                header.to_ascii_lowercase().as_str(),
                "referrer" | "referer" | "host"
            ) {
                return false;
            }
            matches!(object, "req" | "request" | "ctx")
                && call.named(&["get", "header", "param", "query"])
                || call.is(&["URLSearchParams.get"])
        }
        Language::Go => {
            let request = matches!(object, "r" | "req" | "request" | "Request");
            let context = matches!(object, "c" | "ctx");
            request
                && call.named(&[
                    "FormValue",
                    "PostFormValue",
                    "PathValue",
                    "UserAgent",
                    "Referer",
                ])
                || context
                    && call.named(&[
                        "Query",
                        "Param",
                        "PostForm",
                        "DefaultQuery",
                        "DefaultPostForm",
                        "QueryParam",
                        "FormValue",
                        "GetHeader",
                        "Params",
                        "FormFile",
                    ])
                || call.is(&[
                    "mux.Vars",
                    "chi.URLParam",
                    "r.URL.Query",
                    "req.URL.Query",
                    "Request.URL.Query",
                ])
        }
        Language::Java => {
            let lower = object.to_ascii_lowercase();
            let tagged = call.receiver.is_some_and(|value| value.tag == Tag::Request);
            // What a browser calls a file that it sends is up to whoever sends it.
            call.named(&["getOriginalFilename", "getSubmittedFileName"])
                || (lower.ends_with("request") || lower == "req" || tagged)
                    && call.named(&[
                        "getParameter",
                        "getHeader",
                        "getHeaders",
                        "getQueryString",
                        "getCookies",
                        "getParameterValues",
                        "getParameterMap",
                        "getParameterNames",
                        "getHeaderNames",
                        "getPathInfo",
                        "getRequestURI",
                        "getRequestURL",
                        "getReader",
                        "getInputStream",
                    ])
        }
        _ => false,
    }
}

/// Does a decorator make a function one that answers requests?
#[must_use]
pub fn is_route(decorator: &str) -> bool {
    let head = decorator.split('(').next().unwrap_or_default();
    let quoted = decorator.contains("\"/") || decorator.contains("'/");
    let name = head.rsplit('.').next().unwrap_or_default();
    head.contains('.')
        && (name == "route"
            || quoted
                && matches!(
                    name,
                    "get" | "post" | "put" | "delete" | "patch" | "websocket" | "head" | "options"
                ))
}

/// Does a function answer requests by its form alone?
#[must_use]
pub fn is_handler(walk: &Walk<'_>, _node: Node<'_>) -> bool {
    walk.handler && walk.language != Language::Python
}

/// What a parameter of a function brings.
#[must_use]
pub fn parameter<'t>(walk: &Walk<'t>, node: Node<'t>) -> Value<'t> {
    let text = walk.text(node);
    let kind = node
        .child_by_field_name("type")
        .map_or("", |kind| walk.text(kind).trim_start_matches([':', ' ']));
    if is_number(kind) {
        return Value::safe();
    }
    match walk.language {
        Language::Python if walk.handler => {
            let name = text.split([':', '=']).next().unwrap_or_default().trim();
            let plain = kind.is_empty() || kind.contains("str");
            let own = matches!(
                name,
                "self" | "cls" | "request" | "req" | "app" | "session" | "db"
            );
            if plain && !own && !text.contains("Depends") {
                // A part of a route's path holds no slash.
                return Value::input().cleaned(if kind.is_empty() { clean::PATH } else { 0 });
            }
            Value::dynamic()
        }
        Language::Java => {
            let request = [
                "@RequestParam",
                "@PathVariable",
                "@RequestBody",
                "@RequestHeader",
                "@CookieValue",
                "@QueryParam",
                "@PathParam",
                "@FormParam",
                "@HeaderParam",
            ];
            let plain = matches!(
                kind,
                "String" | "String[]" | "List<String>" | "Map<String, String>" | "Optional<String>"
            );
            if plain && request.iter().any(|mark| text.contains(mark)) {
                // A part of a route's path holds no slash.
                let part = text.contains("@PathVariable") || text.contains("@PathParam");
                Value::input().cleaned(if part { clean::PATH } else { 0 })
            } else if java::is_request_type(kind) {
                Value::dynamic().tagged(Tag::Request)
            } else if java::type_name(kind) == "HttpSession" {
                Value::dynamic().tagged(Tag::Session)
            } else {
                Value::dynamic()
            }
        }
        Language::Rust => {
            let kind = kind
                .trim_start_matches("web::")
                .trim_start_matches("axum::extract::");
            if ["Path<", "Query<", "Json<", "Form<"]
                .iter()
                .any(|name| kind.starts_with(name))
            {
                Value::input()
            } else {
                Value::dynamic()
            }
        }
        _ => Value::dynamic(),
    }
}

/// Is it a type whose values are numbers or yes and no?
#[must_use]
pub fn is_number(kind: &str) -> bool {
    let kind = kind.trim_start_matches("Optional[").trim_end_matches(']');
    let kind = kind.trim_start_matches(['*', '&']);
    matches!(
        kind,
        "int"
            | "float"
            | "bool"
            | "number"
            | "boolean"
            | "bigint"
            | "Integer"
            | "Long"
            | "long"
            | "short"
            | "double"
            | "Double"
            | "Boolean"
            | "Float"
            | "Short"
            | "Byte"
            | "byte"
            | "char"
            | "Character"
            | "UUID"
            | "uuid.UUID"
            | "Uuid"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "f32"
            | "f64"
            | "int8"
            | "int16"
            | "int32"
            | "int64"
            | "uint"
            | "uint8"
            | "uint16"
            | "uint32"
            | "uint64"
            | "float32"
            | "float64"
            | "int | None"
    )
}

/// Is it a module of tests inside of a file of Rust?
#[must_use]
pub fn is_test_module<'t>(walk: &Walk<'t>, node: Node<'t>) -> bool {
    marked(walk, node, "cfg(test")
}

/// Is it a test inside of a file of Rust?
#[must_use]
pub fn is_test_function<'t>(walk: &Walk<'t>, node: Node<'t>) -> bool {
    walk.language == Language::Rust && marked(walk, node, "test]")
}

fn marked<'t>(walk: &Walk<'t>, node: Node<'t>, mark: &str) -> bool {
    let mut before = node.prev_named_sibling();
    while let Some(sibling) = before {
        match sibling.kind() {
            "attribute_item" if walk.text(sibling).contains(mark) => return true,
            "attribute_item" | "line_comment" | "block_comment" => {}
            _ => return false,
        }
        before = sibling.prev_named_sibling();
    }
    false
}
