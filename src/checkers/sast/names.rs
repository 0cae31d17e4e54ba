//! Owns what names and literals tell by themselves, and which names imports give.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::source::language::Language;

use super::kind::Kind;
use super::walk::Walk;

/// Is it the name of a constant, as every language here writes them?
#[must_use]
pub fn is_constant(name: &str) -> bool {
    name.len() > 1
        && name.bytes().any(|b| b.is_ascii_uppercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// The words of a name: `passwordHash`, `password_hash` and `PASSWORD_HASH` have the same two.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            lower = false;
            continue;
        }
        if words.is_empty() || (c.is_uppercase() && lower) {
            words.push(String::new());
        }
        lower = !c.is_uppercase();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Does one of the name's words belong to these?
#[must_use]
pub fn has_word(name: &str, wanted: &[&str]) -> bool {
    words(name)
        .iter()
        .any(|word| wanted.contains(&word.as_str()))
}

/// Where the text between the quotes of a literal begins and ends.
#[must_use]
pub fn quotes(text: &str) -> (usize, usize) {
    let open = text.find(['"', '\'', '`']).filter(|at| {
        text[..*at]
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '#')
    });
    let Some(open) = open else {
        return (0, text.len());
    };
    let body = &text[open..];
    let width = if body.len() >= 6 && (body.starts_with("\"\"\"") || body.starts_with("'''")) {
        3
    } else {
        1
    };
    let end = text.trim_end_matches('#').len().saturating_sub(width);
    let from = open + width;
    if from <= end && text.is_char_boundary(end) {
        (from, end)
    } else {
        (from.min(text.len()), from.min(text.len()))
    }
}

/// A literal number.
#[must_use]
pub fn number(text: &str) -> Option<i64> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let plain = plain.trim_end_matches(['L', 'l', 'n']);
    let lower = plain.to_ascii_lowercase();
    if let Some(octal) = lower.strip_prefix("0o") {
        return i64::from_str_radix(octal, 8).ok();
    }
    if let Some(hex) = lower.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok();
    }
    if plain.len() > 1 && plain.starts_with('0') && plain.bytes().all(|b| b.is_ascii_digit()) {
        return i64::from_str_radix(plain, 8).ok();
    }
    plain
        .trim_end_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .ok()
}

/// An operation on two numbers; a comparison gives 1 or 0.
#[must_use]
pub fn fold(operator: &str, a: i64, b: i64) -> Option<i64> {
    match operator {
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        "/" | "//" => a.checked_div(b),
        "%" => a.checked_rem(b),
        "|" => Some(a | b),
        "<<" => a.checked_shl(u32::try_from(b).ok()?),
        ">" => Some(i64::from(a > b)),
        "<" => Some(i64::from(a < b)),
        ">=" => Some(i64::from(a >= b)),
        "<=" => Some(i64::from(a <= b)),
        "==" | "===" => Some(i64::from(a == b)),
        "!=" | "!==" => Some(i64::from(a != b)),
        _ => None,
    }
}

/// Is it a program that runs a text as commands?
#[must_use]
pub fn is_shell(text: &str) -> bool {
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    matches!(
        name,
        "sh" | "bash"
            | "zsh"
            | "dash"
            | "ksh"
            | "ash"
            | "cmd"
            | "cmd.exe"
            | "powershell"
            | "powershell.exe"
            | "pwsh"
    )
}

/// Is it the flag behind which a shell takes a text?
#[must_use]
pub fn is_shell_flag(text: &str) -> bool {
    matches!(
        text,
        "-c" | "/c" | "/C" | "-lc" | "-ec" | "-xc" | "-Command" | "-command" | "-ic"
    )
}

/// Does a function of this name look whether its argument is good?
#[must_use]
pub fn is_check(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [
        "startswith",
        "hasprefix",
        "starts_with",
        "endswith",
        "hassuffix",
        "contains",
        "includes",
        "match",
        "isalnum",
        "isdigit",
        "isalpha",
        "isnumeric",
        "isdecimal",
        "is_relative_to",
        "has",
        "indexof",
        "isabs",
        "test",
        "strip_prefix",
        "islocal",
        "equals",
    ]
    .contains(&lower.as_str())
        || [
            "valid",
            "is_safe",
            "issafe",
            "allowed",
            "check",
            "verify",
            "sanitize",
            "is_allowed",
            "isallowed",
            "whitelist",
            "permitted",
            "fullmatch",
            "matches",
        ]
        .iter()
        .any(|part| lower.contains(part))
}

/// Does a call's value stand for what it was called on, so that its path goes on: `require("x")`, `promisify(exec)`?
#[must_use]
pub fn keeps_path(path: &str) -> bool {
    path.contains("getRuntime()") || path.contains("require") || path.ends_with("URL.Query()")
}

/// Is the first name of a path one that an import gave?
#[must_use]
pub fn root_is(path: &str, imports: &HashMap<&str, String>) -> bool {
    imports.values().any(|known| {
        path.strip_prefix(known.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The first literal text among a call's arguments.
#[must_use]
pub fn first_text<'t>(walk: &Walk<'t>, call: Node<'t>) -> &'t str {
    let arguments = walk.field(call, &["arguments"]);
    let first = arguments.and_then(|arguments| arguments.named_child(0));
    first
        .filter(|first| walk.kind(*first) == Kind::Text)
        .map_or("", |first| {
            let text = walk.text(first);
            let (from, to) = quotes(text);
            text.get(from..to).unwrap_or_default()
        })
}

/// Gives the names of a pattern the path of what they are taken from.
pub fn alias<'t>(
    walk: &Walk<'t>,
    target: Node<'t>,
    path: &str,
    imports: &mut HashMap<&'t str, String>,
) {
    match target.kind() {
        "identifier" => {
            imports.insert(walk.text(target), path.to_owned());
        }
        "object_pattern" => {
            for part in walk.parts(target) {
                match part.kind() {
                    "shorthand_property_identifier_pattern" => {
                        let name = walk.text(part);
                        imports.insert(name, format!("{path}.{name}"));
                    }
                    "pair_pattern" => {
                        let key = walk.field(part, &["key"]);
                        let value = walk.field(part, &["value"]);
                        if let Some((key, value)) = key.zip(value) {
                            let path = format!("{path}.{}", walk.text(key));
                            imports.insert(walk.text(value), path);
                        }
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// The names that an import gives.
pub fn import<'t>(walk: &Walk<'t>, node: Node<'t>, imports: &mut HashMap<&'t str, String>) {
    match walk.language {
        Language::Python => python(walk, node, imports),
        Language::Go => {
            let mut open = vec![node];
            while let Some(node) = open.pop() {
                if node.kind() != "import_spec" {
                    open.extend(walk.parts(node));
                    continue;
                }
                let Some(path) = walk.field(node, &["path"]) else {
                    continue;
                };
                let text = walk.text(path);
                let (from, to) = quotes(text);
                let path = text.get(from..to).unwrap_or_default();
                let mut names = path.rsplit('/');
                let last = names.next().unwrap_or(path);
                let version = last.len() < 4
                    && last.starts_with('v')
                    && last[1..].bytes().all(|b| b.is_ascii_digit());
                let last = if version {
                    names.next().unwrap_or(last)
                } else {
                    last
                };
                let name = node
                    .child_by_field_name("name")
                    .map_or(last, |name| walk.text(name));
                imports.insert(name, last.to_owned());
            }
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            script(walk, node, imports);
        }
        _ => {}
    }
}

fn python<'t>(walk: &Walk<'t>, node: Node<'t>, imports: &mut HashMap<&'t str, String>) {
    let module = walk.field(node, &["module_name"]);
    let mut cursor = node.walk();
    for name in node.children_by_field_name("name", &mut cursor) {
        let (path, own) = if name.kind() == "aliased_import" {
            let path = walk.field(name, &["name"]);
            let own = walk.field(name, &["alias"]);
            (path.unwrap_or(name), own.unwrap_or(name))
        } else {
            (name, name)
        };
        let path = walk.text(path);
        match module {
            Some(module) => {
                let module = walk.text(module);
                imports.insert(walk.text(own), format!("{module}.{path}"));
            }
            None if own.kind() == "identifier" => {
                imports.insert(walk.text(own), path.to_owned());
            }
            None => {
                let root = path.split('.').next().unwrap_or(path);
                imports.insert(root, root.to_owned());
            }
        }
    }
}

fn script<'t>(walk: &Walk<'t>, node: Node<'t>, imports: &mut HashMap<&'t str, String>) {
    let Some(source) = walk.field(node, &["source"]) else {
        return;
    };
    let text = walk.text(source);
    let (from, to) = quotes(text);
    let source = text.get(from..to).unwrap_or_default();
    let source = source.trim_start_matches("node:");
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match node.kind() {
            "import_specifier" => {
                let name = walk.field(node, &["name"]);
                let own = walk.field(node, &["alias"]).or(name);
                if let Some((name, own)) = name.zip(own) {
                    let path = format!("{source}.{}", walk.text(name));
                    imports.insert(walk.text(own), path);
                }
            }
            "identifier" => {
                imports.insert(walk.text(node), source.to_owned());
            }
            "import_statement" | "import_clause" | "named_imports" | "namespace_import" => {
                open.extend(walk.parts(node));
            }
            _ => {}
        }
    }
}
