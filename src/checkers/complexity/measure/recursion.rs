//! Owns direct recursion: whether a call is one of the function that it stands in. Only a call by the function's own name
//! that goes to the same object or type, with as many arguments as it takes where names can be overloaded, is one.

use std::ops::Range;

use tree_sitter::Node;

use crate::source::language::Language;

use super::walk::Frame;

/// The type a function belongs to, or the receiver in Go, and its bare name.
#[must_use]
pub fn told_apart(
    language: Language,
    node: Node<'_>,
    bytes: &[u8],
    owner: Option<String>,
    own: &str,
) -> (Option<String>, String) {
    let split = |separator: &str| {
        let (owner, bare) = own.rsplit_once(separator)?;
        let owner = owner.rsplit_once(separator).map_or(owner, |(_, last)| last);
        Some((Some(owner.to_owned()), bare.to_owned()))
    };
    let parts = match language {
        Language::Go => {
            let receiver = node.child_by_field_name("receiver");
            let receiver = receiver.and_then(|list| list.named_child(0));
            let receiver = receiver.and_then(|one| one.child_by_field_name("name"));
            let receiver = receiver
                .and_then(|name| text(name, bytes))
                .map(str::to_owned);
            let bare = own.rsplit_once('.').map_or(own, |(_, bare)| bare);
            let is_method = node.kind() == "method_declaration";
            let receiver = receiver.or_else(|| is_method.then(String::new));
            Some((receiver, bare.to_owned()))
        }
        Language::C | Language::Cpp => split("::"),
        Language::JavaScript | Language::TypeScript | Language::Tsx => own
            .rsplit_once('.')
            .map(|(owner, bare)| (Some(owner.to_owned()), bare.to_owned())),
        Language::Kotlin => split("."),
        _ => None,
    };
    parts.unwrap_or_else(|| (owner, own.to_owned()))
}

fn text<'b>(node: Node<'_>, bytes: &'b [u8]) -> Option<&'b str> {
    std::str::from_utf8(bytes.get(node.byte_range())?).ok()
}

/// The name of a shell's command.
#[must_use]
pub fn command<'b>(node: Node<'_>, bytes: &'b [u8]) -> Option<&'b str> {
    text(node.child_by_field_name("name")?, bytes)
}

/// Is the first argument of a shell's command a number?
#[must_use]
pub fn is_numbered(node: Node<'_>, bytes: &[u8]) -> bool {
    node.child_by_field_name("argument")
        .and_then(|argument| bytes.get(argument.byte_range()))
        .is_some_and(|text| !text.is_empty() && text.iter().all(u8::is_ascii_digit))
}

/// Where the name of what is called stands.
#[must_use]
pub fn callee(language: Language, node: Node<'_>) -> Option<Range<usize>> {
    let field = match language {
        Language::Java | Language::Bash => "name",
        Language::Ruby => "method",
        Language::Kotlin => return Some(node.named_child(0)?.byte_range()),
        _ => "function",
    };
    let callee = node.child_by_field_name(field)?;
    let range = callee.byte_range();
    (range.len() <= 60).then_some(range)
}

/// What a call is made on, if on anything, and its name.
fn parts<'b>(
    language: Language,
    node: Node<'_>,
    bytes: &'b [u8],
) -> Option<(Option<&'b str>, &'b str)> {
    let field = |node: Node<'_>, name: &str| {
        node.child_by_field_name(name)
            .and_then(|node| text(node, bytes))
    };
    let (object, name) = match language {
        Language::Java => (field(node, "object"), field(node, "name")),
        Language::Ruby => (field(node, "receiver"), field(node, "method")),
        Language::Bash => (None, command(node, bytes)),
        Language::Php if node.kind() == "member_call_expression" => {
            (field(node, "object"), field(node, "name"))
        }
        Language::Php if node.kind() == "scoped_call_expression" => {
            (field(node, "scope"), field(node, "name"))
        }
        _ => {
            let mut callee = match language {
                Language::Kotlin => node.named_child(0)?,
                _ => node.child_by_field_name("function")?,
            };
            if callee.kind() == "generic_function" {
                callee = callee.child_by_field_name("function")?;
            }
            let (object, name) = match callee.kind() {
                "attribute" => ("object", "attribute"),
                "member_expression" => ("object", "property"),
                "selector_expression" => ("operand", "field"),
                "field_expression" if language == Language::Rust => ("value", "field"),
                "field_expression" => ("argument", "field"),
                "scoped_identifier" => ("path", "name"),
                "qualified_identifier" => ("scope", "name"),
                "member_access_expression" => ("expression", "name"),
                "navigation_expression" => {
                    let (first, last) = (callee.named_child(0)?, callee.named_child(1)?);
                    return Some((text(first, bytes), text(last, bytes)?));
                }
                "identifier" | "name" => return Some((None, text(callee, bytes)?)),
                _ => return None,
            };
            (field(callee, object), field(callee, name))
        }
    };
    Some((object, name?))
}

/// Is it a call of the function that it stands in?
#[must_use]
pub fn is_of_itself(language: Language, node: Node<'_>, bytes: &[u8], frame: &Frame) -> bool {
    let Some((object, name)) = parts(language, node, bytes) else {
        return false;
    };
    if name != frame.name {
        return false;
    }
    let owner = frame.owner.as_deref();
    // Where a bare name inside a type may mean its method.
    let is_bare = matches!(
        language,
        Language::Java | Language::CSharp | Language::C | Language::Cpp | Language::Kotlin
    ) || matches!(language, Language::Ruby | Language::Bash);
    let goes_to_itself = match (object, owner) {
        (None, None) => true,
        (None, Some(_)) => is_bare,
        (Some(object), None) => language == Language::Ruby && object == "self",
        (Some(object), Some(owner)) => {
            object == owner && !owner.is_empty()
                || match language {
                    Language::Python => matches!(object, "self" | "cls"),
                    Language::Rust => matches!(object, "self" | "Self"),
                    Language::Php => matches!(object, "$this" | "self" | "static"),
                    Language::Ruby => object == "self",
                    Language::Go => false,
                    _ => object == "this",
                }
        }
    };
    goes_to_itself && fits(language, node, frame)
}

/// Has the call as many arguments as the function takes? Asked only where names can be overloaded.
fn fits(language: Language, node: Node<'_>, frame: &Frame) -> bool {
    if !matches!(
        language,
        Language::Java | Language::CSharp | Language::Cpp | Language::Kotlin
    ) {
        return true;
    }
    let mut arguments = 0;
    let mut count = |list: Node<'_>| {
        let mut cursor = list.walk();
        let all = list.named_children(&mut cursor);
        let all = all.filter(|child| !child.kind().ends_with("comment"));
        arguments += u32::try_from(all.count()).unwrap_or(u32::MAX);
    };
    if language == Language::Kotlin {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "value_arguments" | "annotated_lambda" => count(child),
                _ => {}
            }
        }
    } else if let Some(list) = node.child_by_field_name("arguments") {
        count(list);
    }
    arguments >= frame.arity.least && frame.arity.most.is_none_or(|most| arguments <= most)
}
