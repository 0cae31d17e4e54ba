//! Owns operands that are the same on both sides. The text tells where that may be, the tree whether it is.

use std::ops::Range;

use tree_sitter::Tree;

use crate::source::language::Language;

use super::facts::{Kind, Sink};

/// The longest operand that is looked at, in bytes.
const LONGEST: usize = 200;

/// Looks for them, outside of modules of tests.
pub fn look(language: Language, tree: &Tree, tests: &[Range<usize>], sink: &mut Sink<'_>) {
    if language == Language::Bash {
        return;
    }
    let bytes = sink.file.bytes();
    let mut from = 0;
    while let Some(found) = next_sign(bytes.get(from..).unwrap_or_default()) {
        let start = from + found;
        let length = bytes[start..]
            .iter()
            .take(4)
            .take_while(|b| b"=!<>&|".contains(b))
            .count();
        from = start + length.max(1);
        let operator = start..start + length;
        let what = match &bytes[operator.clone()] {
            b"=" => Kind::SelfAssignment,
            b"==" | b"===" | b"<" | b">" | b"<=" | b">=" | b"&&" | b"||" => Kind::SelfComparison,
            _ => continue,
        };
        let Some((left, right)) = operands(bytes, &operator) else {
            continue;
        };
        if tests.iter().any(|range| range.contains(&start)) {
            continue;
        }
        if is_proved(language, tree, bytes, what, (&left, &operator, &right)) {
            let name = String::from_utf8_lossy(&bytes[left.clone()]).into_owned();
            sink.add(what, left.start..right.end, name);
        }
    }
}

fn next_sign(bytes: &[u8]) -> Option<usize> {
    let one = memchr::memchr3(b'=', b'<', b'>', bytes);
    let two = memchr::memchr2(b'&', b'|', &bytes[..one.unwrap_or(bytes.len())]);
    two.or(one)
}

const fn is_of_operand(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b'@') || byte >= 0x80
}

/// What stands on both sides, if it is the same: names with dots between them.
fn operands(bytes: &[u8], operator: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let is_blank = |b: &&u8| matches!(b, b' ' | b'\t');
    let before = &bytes[..operator.start];
    let end = before.len() - before.iter().rev().take_while(is_blank).count();
    let length = before[..end]
        .iter()
        .rev()
        .take(LONGEST)
        .take_while(|b| is_of_operand(**b))
        .count();
    let left = end - length..end;
    let behind = &bytes[operator.end..];
    let start = operator.end + behind.iter().take_while(is_blank).count();
    let right = start..start + length;
    let text = bytes.get(left.clone())?;
    let is_name = !text.first()?.is_ascii_digit() && text.first() != Some(&b'.');
    let ends = bytes
        .get(right.end)
        .is_none_or(|b| !is_of_operand(*b) && *b != b'(' && *b != b'[');
    (is_name && ends && bytes.get(right.clone())? == text).then_some((left, right))
}

/// Does the tree say so, too?
fn is_proved(
    language: Language,
    tree: &Tree,
    bytes: &[u8],
    kind: Kind,
    (left, operator, right): (&Range<usize>, &Range<usize>, &Range<usize>),
) -> bool {
    let name = &bytes[left.clone()];
    if kind == Kind::SelfAssignment && !may_be_assigned(language, bytes, left, name) {
        return false;
    }
    let root = tree.root_node();
    let Some(token) = root.descendant_for_byte_range(operator.start, operator.end) else {
        return false;
    };
    let Some(node) = token.parent().filter(|node| !node.has_error()) else {
        return false;
    };
    if node.byte_range() != (left.start..right.end) {
        return false;
    }
    if kind == Kind::SelfComparison {
        return matches!(
            node.kind(),
            "binary_expression" | "comparison_operator" | "boolean_operator" | "binary"
        );
    }
    let is_assignment = matches!(
        node.kind(),
        "assignment" | "assignment_expression" | "assignment_statement"
    );
    // `new A { Name = Name, }` sets a member of what is made, and a parameter has a default.
    let is_part = node.parent().is_some_and(|around| {
        ["initializer", "parameter", "argument"]
            .iter()
            .any(|part| around.kind().contains(part))
    });
    // Outside of functions of Python it takes a name from further out into the class or the module.
    let in_function = || {
        let mut at = node.parent();
        while let Some(around) = at {
            match around.kind() {
                "function_definition" => return true,
                "class_definition" => return false,
                _ => at = around.parent(),
            }
        }
        false
    };
    is_assignment && !is_part && (language != Language::Python || in_function())
}

/// May it be an assignment to what it reads? Where an attribute may run code, it is none of a name alone.
fn may_be_assigned(language: Language, bytes: &[u8], left: &Range<usize>, name: &[u8]) -> bool {
    let before = bytes[..left.start]
        .iter()
        .rev()
        .find(|b| !matches!(b, b' ' | b'\t'));
    let begins = matches!(before, None | Some(b'\n' | b';' | b'{' | b'}' | b')'));
    let is_plain = !name.contains(&b'.');
    let is_member = matches!(
        language,
        Language::Java | Language::Go | Language::Rust | Language::C
    );
    begins && (is_plain || is_member)
}
