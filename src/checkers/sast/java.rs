//! Owns what the library of Java makes of values: texts, files, requests and answers, objects that a function makes for itself.

use super::call::Call;
use super::value::{Origin, Part, Tag, Value, clean};
use super::walk::Walk;

/// The name of a type without its package and its parameters: `java.util.Map<String, Object>` is a `Map`.
#[must_use]
pub fn type_name(text: &str) -> &str {
    let plain = text.split(['<', '[']).next().unwrap_or(text).trim_end();
    let name = plain.rsplit('.').next().unwrap_or(plain);
    name.trim()
}

/// A path without the package in front of its type: `java.nio.file.Files.copy` is `Files.copy`.
#[must_use]
pub fn unpacked(path: &str) -> &str {
    let mut rest = path;
    for steps in 0..12 {
        if rest.starts_with(|c: char| c.is_ascii_uppercase()) {
            return if steps >= 2 { rest } else { path };
        }
        match rest.split_once('.') {
            Some((head, tail)) if head.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
                rest = tail;
            }
            _ => return path,
        }
    }
    path
}

/// Is it a call of a constructor?
#[must_use]
pub fn creates(call: &Call<'_>) -> bool {
    call.node.kind() == "object_creation_expression"
}

/// Does a name, of a type or a variable, name a request?
#[must_use]
pub fn is_request_type(name: &str) -> bool {
    matches!(
        type_name(name),
        "HttpServletRequest" | "ServletRequest" | "HttpServletRequestWrapper"
    )
}

/// Everything but being decoded again.
const ENCODED: u8 =
    clean::SHELL | clean::HTML | clean::PATH | clean::URL | clean::QUERY | clean::REGEX;

/// What a function of a library makes its first argument harmless for; 0 where it makes it what it was.
fn coded(call: &Call<'_>) -> Option<u8> {
    let decoder = call.path.ends_with("ecoder().decode");
    let encoder = call.path.ends_with("ncoder().encode");
    Some(match call.name {
        "decode" if decoder || call.is(&["URLDecoder.decode", "Base64.decode", "Hex.decode"]) => 0,
        "decodeBase64" | "parseBase64Binary" | "decodeBuffer" | "decodeFromURL"
        | "decodeForHTML" | "unescapeHtml" | "unescapeHtml3" | "unescapeHtml4" | "htmlUnescape"
        | "unescapeXml" | "unescapeJava" | "canonicalize" => 0,
        "encode" if encoder => ENCODED,
        "encodeBase64"
        | "encodeBase64String"
        | "encodeBase64URLSafe"
        | "encodeBase64URLSafeString"
        | "encodeToString"
        | "encodeForBase64"
        | "printBase64Binary"
        | "encodeHexString"
        | "encodeHex" => ENCODED,
        "encodeForSQL" | "encodeForLDAP" | "encodeForDN" | "encodeForXPath" | "filterEncode"
        | "nameEncode" => clean::QUERY,
        "encodeForHTML"
        | "encodeForHTMLAttribute"
        | "encodeForJavaScript"
        | "encodeForCSS"
        | "encodeForXML"
        | "encodeForXMLAttribute"
        | "escapeXml"
        | "escapeXml10"
        | "escapeXml11"
        | "escapeHtml"
        | "escapeHtml3"
        | "escapeHtml4"
        | "htmlEscape"
        | "htmlEscapeDecimal"
        | "htmlEscapeHex"
        | "escapeEcmaScript"
        | "escapeJavaScript"
        | "javaScriptEscape"
        | "forHtml"
        | "forHtmlContent"
        | "forHtmlAttribute"
        | "forJavaScript"
        | "forXml" => clean::HTML,
        "encodeForOS" => clean::SHELL,
        "encodeForURL" | "encodeUriComponent" => clean::URL | clean::HTML | clean::PATH,
        "encode" if call.is(&["URLEncoder.encode", "UriUtils.encode"]) => {
            clean::URL | clean::HTML | clean::PATH
        }
        _ => return None,
    })
}

/// Methods of any text or collection that give a number, or a yes or no.
const COUNTS: &[&str] = &[
    "length",
    "size",
    "equals",
    "equalsIgnoreCase",
    "compareTo",
    "compareToIgnoreCase",
    "lastIndexOf",
    "indexOf",
    "contains",
    "containsKey",
    "containsValue",
    "matches",
    "startsWith",
    "endsWith",
    "isBlank",
    "hasMoreElements",
    "hasNext",
    "isPresent",
    "getIntHeader",
    "getDateHeader",
    "getContentLength",
    "ordinal",
    "intValue",
    "longValue",
    "doubleValue",
];

/// Methods that give the same text, or one that is as foreign.
const SAME: &[&str] = &[
    "toString",
    "trim",
    "strip",
    "intern",
    "clone",
    "toCharArray",
    "getBytes",
];

/// Constructors whose object hands on what they are given.
const WRAPS: &[&str] = &[
    "InputStreamReader",
    "BufferedReader",
    "BufferedInputStream",
    "Scanner",
    "DataInputStream",
    "StringTokenizer",
];

/// The value of a call, where the language tells it.
#[must_use]
pub fn result<'t>(walk: &Walk<'t>, call: &Call<'t>) -> Option<Value<'t>> {
    let first = call.at(0).map(|arg| arg.value);
    if let Some(what) = coded(call) {
        let value = first.or(call.receiver)?;
        return Some(if what == 0 && value.origin > Origin::Literal {
            Value {
                clean: 0,
                tame: 0,
                text: None,
                tail: None,
                ..value
            }
        } else {
            value.cleaned(what)
        });
    }
    text(walk, call, first)
        .or_else(|| object(call))
        .or_else(|| made(walk, call))
}

/// What methods of texts make.
fn text<'t>(walk: &Walk<'t>, call: &Call<'t>, first: Option<Value<'t>>) -> Option<Value<'t>> {
    let second = call.at(1).map(|arg| arg.value);
    if creates(call) && call.named(&["StringBuilder", "StringBuffer"]) {
        let sized = first.is_none_or(|first| first.number.is_some());
        return Some(if sized {
            Value::literal("")
        } else {
            first.unwrap_or_default()
        });
    }
    let receiver = call.receiver?;
    if COUNTS.contains(&call.name) {
        return Some(Value::safe());
    }
    match call.name {
        "charAt" => Some(match (receiver.whole(), first.and_then(|at| at.number)) {
            (Some(text), Some(at)) => {
                part(text, at, at.checked_add(1)?).map_or_else(Value::safe, Value::literal)
            }
            _ => Value::safe(),
        }),
        "substring" if receiver.whole().is_some() => {
            let text = receiver.whole()?;
            let from = first?.number?;
            let to = match second {
                Some(to) => to.number?,
                None => i64::try_from(text.len()).ok()?,
            };
            part(text, from, to).map(Value::literal)
        }
        // What stands behind the last dot is an ending.
        "substring"
            if second.is_none()
                && call.at(0).is_some_and(|at| {
                    let text = walk.text(at.node);
                    text.contains("lastIndexOf(\".\")") || text.contains("lastIndexOf('.')")
                }) =>
        {
            Some(receiver.cleaned(clean::PATH))
        }
        "getExtension" | "getBaseName" => Some(first?.cleaned(clean::PATH)),
        "concat" => Some(Value::joined(&[Part::Value(receiver), Part::Value(first?)])),
        "insert" if call.args.len() == 2 => Some(Value::joined(&[
            Part::Value(second?),
            Part::Value(receiver),
        ])),
        name if SAME.contains(&name) => match first {
            // `Float.toString(x)`, `Arrays.toString(x)`
            Some(first) if name == "toString" => Some(first),
            _ if receiver.origin != Origin::Dynamic || receiver.built => Some(receiver),
            _ => None,
        },
        // A name that lies under a default: the default is what it is when nobody says otherwise.
        "getProperty" | "getOrDefault" if second.is_some_and(|second| second.is_fixed()) => {
            let from = if receiver.origin == Origin::Input {
                receiver
            } else {
                Value::dynamic()
            };
            Some(Value {
                table: None,
                ..from.or(second?)
            })
        }
        // Only of a file is its name without a folder.
        "getName" if call.args.is_empty() && receiver.tag != Tag::File => {
            (receiver.origin == Origin::Input).then_some(receiver)
        }
        "split" if receiver.origin == Origin::Input => Some(receiver),
        _ => None,
    }
}

fn part(text: &str, from: i64, to: i64) -> Option<&str> {
    text.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
}

/// What the objects of requests, answers and files are.
fn object<'t>(call: &Call<'t>) -> Option<Value<'t>> {
    let all = || {
        let values = call.args.iter().map(|arg| arg.value);
        values.reduce(Value::or).unwrap_or_else(Value::dynamic)
    };
    if creates(call) {
        return match call.name {
            "File" => Some(all().tagged(Tag::File)),
            "ProcessBuilder" => Some(Value::dynamic().tagged(Tag::Program)),
            name if WRAPS.contains(&name) => Some(all()),
            _ if call.args.iter().any(|arg| arg.value.tag == Tag::Request) => {
                Some(Value::dynamic().tagged(Tag::Request))
            }
            _ => None,
        };
    }
    let object = call.path.rsplit('.').nth(1).unwrap_or_default();
    match call.name {
        "getWriter" => Some(Value::dynamic().tagged(Tag::Answer)),
        "getOutputStream" if object.to_ascii_lowercase().contains("resp") => {
            Some(Value::dynamic().tagged(Tag::Answer))
        }
        "getSession" => Some(Value::dynamic().tagged(Tag::Session)),
        "get" if call.is(&["Paths.get"]) => Some(all().tagged(Tag::File)),
        "of" if call.is(&["Path.of"]) => Some(all().tagged(Tag::File)),
        "resolve" | "toPath" | "toFile" | "toAbsolutePath" | "getCanonicalFile" | "normalize"
            if call.receiver.is_some_and(|value| value.tag == Tag::File) =>
        {
            let receiver = call.receiver?;
            Some(if call.args.is_empty() {
                receiver
            } else {
                receiver.or(all()).tagged(Tag::File)
            })
        }
        _ => None,
    }
}

/// Words of methods that bring in what does not stand in the source.
const READS: &[&str] = &[
    "read", "next", "receive", "fetch", "load", "query", "execute", "request", "param", "header",
    "cookie", "input", "prompt", "env", "property", "console", "http", "context", "session",
    "user", "find", "lookup", "select", "download", "poll", "take",
];

/// What objects give that the function made itself: of nothing but literals they make nothing foreign; a foreign text they hand on.
fn made<'t>(walk: &Walk<'t>, call: &Call<'t>) -> Option<Value<'t>> {
    let literal = call
        .args
        .iter()
        .all(|arg| arg.value.origin == Origin::Literal && arg.value.tag == Tag::None);
    let lower = call.path.to_ascii_lowercase();
    let reads = READS.iter().any(|word| lower.contains(word));
    if creates(call) {
        return literal
            .then(|| Value::dynamic().tagged(Tag::Made))
            .filter(|_| !known(call.name));
    }
    let object = call.object?;
    let of_type = {
        let text = walk.text(object);
        !text.contains('(')
            && type_name(text).starts_with(|c: char| c.is_ascii_uppercase())
            && !super::names::is_constant(type_name(text))
    };
    if of_type {
        return match call.args.is_empty() {
            _ if reads || !literal || known_static(call) => None,
            true => Some(Value::dynamic().tagged(Tag::Made)),
            false => Some(Value::safe().tagged(Tag::Made)),
        };
    }
    let receiver = call.receiver?;
    if receiver.tag == Tag::Request {
        let asks = [
            "param", "header", "cookie", "query", "body", "field", "form",
        ];
        let name = call.name.to_ascii_lowercase();
        return asks
            .iter()
            .any(|word| name.contains(word))
            .then(Value::input);
    }
    if receiver.tag != Tag::Made || receiver.origin > Origin::Dynamic {
        return None;
    }
    match &call.args[..] {
        [_, ..] if literal && !reads => Some(Value::safe()),
        [one] if one.value.origin == Origin::Input && becomes_text(walk, call) => Some(Value {
            table: None,
            tag: Tag::None,
            ..one.value
        }),
        _ => None,
    }
}

/// Constructors that mean something to a rule, by themselves.
fn known(name: &str) -> bool {
    name.contains("Random")
        || name.contains("Stream")
        || name.contains("Reader")
        || matches!(name, "String" | "URL" | "URI" | "Date")
}

/// Functions of types that mean something to a rule, by themselves.
fn known_static(call: &Call<'_>) -> bool {
    ["Random", "Math.", "Runtime.", "Paths.", "Path.", "Command"]
        .iter()
        .any(|name| call.path.starts_with(name))
}

/// Is what the call gives declared as a text?
fn becomes_text<'t>(walk: &Walk<'t>, call: &Call<'t>) -> bool {
    let declared = call
        .node
        .parent()
        .filter(|parent| parent.kind() == "variable_declarator")
        .and_then(|parent| parent.parent());
    declared
        .and_then(|declared| walk.field(declared, &["type"]))
        .is_some_and(|kind| type_name(walk.text(kind)) == "String")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_packages() {
        assert_eq!(type_name("java.util.Map<String, a.B>"), "Map");
        assert_eq!(type_name("Random"), "Random");
        assert_eq!(unpacked("java.nio.file.Files.copy"), "Files.copy");
        assert_eq!(unpacked("java.lang.Math.random"), "Math.random");
        assert_eq!(unpacked("request.getSession"), "request.getSession");
        assert_eq!(unpacked("a.b().C.d"), "a.b().C.d");
        assert_eq!(unpacked(""), "");
    }
}
