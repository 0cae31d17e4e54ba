//! Owns the reading of Python: the literal text that `print`, `sys.stdout.write` and `sys.stderr.write` print. Knows no
//! file and no rule text.

use tree_sitter::{Node, Tree};

use super::hit::{Found, Hit, Kind};

/// Reads a parsed module.
pub fn read(tree: &Tree, text: &[u8]) -> Found {
    let mut hits = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        match node.kind() {
            "call" => call(node, text, &mut hits),
            "print_statement" => {
                let printed = named_children(node);
                judge(node, printed, text, &mut hits);
            }
            _ => {}
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                hits.sort_unstable();
                return Found {
                    hits,
                    has_errors: tree.root_node().has_error(),
                    unread: false,
                };
            }
        }
    }
}

fn named_children(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk()).collect()
}

fn bytes<'a>(node: Node<'_>, text: &'a [u8]) -> &'a [u8] {
    &text[node.byte_range()]
}

fn field<'a>(node: Node<'_>, name: &str, text: &'a [u8]) -> &'a [u8] {
    node.child_by_field_name(name)
        .map_or(&b""[..], |child| bytes(child, text))
}

fn call(node: Node<'_>, text: &[u8], hits: &mut Vec<Hit>) {
    let prints = matches!(
        field(node, "function", text),
        b"print" | b"builtins.print" | b"sys.stdout.write" | b"sys.stderr.write"
    );
    let Some(arguments) = node.child_by_field_name("arguments") else {
        return;
    };
    if !prints {
        return;
    }
    let mut printed = Vec::new();
    for argument in named_children(arguments) {
        if argument.kind() != "keyword_argument" {
            printed.push(argument);
            continue;
        }
        match field(argument, "name", text) {
            b"file"
                if !matches!(
                    field(argument, "value", text),
                    b"sys.stdout" | b"sys.stderr" | b"None"
                ) =>
            {
                return;
            }
            b"sep" | b"end" => printed.extend(argument.child_by_field_name("value")),
            _ => {}
        }
    }
    judge(node, printed, text, hits);
}

/// Looks for a character beyond ASCII in what is printed literally. Not looked at: names, subscripts, comparisons and
/// the arguments of other calls, which need not be printed.
fn judge(statement: Node<'_>, mut printed: Vec<Node<'_>>, text: &[u8], hits: &mut Vec<Hit>) {
    let mut parts = Vec::new();
    while let Some(node) = printed.pop() {
        match node.kind() {
            "string" => string(node, text, &mut printed, &mut parts),
            "call" => method(node, text, &mut printed),
            "conditional_expression" => {
                let children = named_children(node);
                printed.extend(children.first().into_iter().chain(children.get(2)));
            }
            "named_expression" => printed.extend(node.child_by_field_name("value")),
            "concatenated_string"
            | "parenthesized_expression"
            | "binary_operator"
            | "boolean_operator"
            | "list"
            | "tuple"
            | "set"
            | "list_splat"
            | "expression_list" => printed.extend(named_children(node)),
            _ => {}
        }
    }
    if let Some(&part) = parts.iter().min() {
        hits.push(Hit {
            statement: statement.start_byte(),
            part,
            kind: Kind::PrintNonAscii,
        });
    }
}

/// `"text".upper()`, `"{}".format(x)`, `"-".join(list)`: the text is printed.
fn method<'t>(call: Node<'t>, text: &[u8], printed: &mut Vec<Node<'t>>) {
    let Some(function) = call.child_by_field_name("function") else {
        return;
    };
    if function.kind() != "attribute" {
        return;
    }
    let name = field(function, "attribute", text);
    if !matches!(name, b"encode" | b"isascii" | b"startswith" | b"endswith") {
        printed.extend(function.child_by_field_name("object"));
    }
    if matches!(name, b"format" | b"join")
        && let Some(arguments) = call.child_by_field_name("arguments")
    {
        printed.extend(named_children(arguments));
    }
}

/// The literal parts of a string; the expressions of an f-string are printed too.
fn string<'t>(node: Node<'t>, text: &[u8], printed: &mut Vec<Node<'t>>, parts: &mut Vec<usize>) {
    let prefix = node.child(0).map_or(&b""[..], |start| bytes(start, text));
    if prefix.iter().any(|b| b"bB".contains(b)) {
        return;
    }
    let raw = prefix.iter().any(|b| b"rR".contains(b));
    let mut at = node.start_byte();
    let mut literal = |from: usize, to: usize| {
        let found = text.get(from..to).and_then(|text| non_ascii(text, raw));
        parts.extend(found.map(|offset| from + offset));
    };
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        if child.kind() != "interpolation" {
            continue;
        }
        literal(at, child.start_byte());
        at = child.end_byte();
        printed.extend(child.child_by_field_name("expression"));
        if let Some(format) = named_children(child)
            .into_iter()
            .find(|part| part.kind() == "format_specifier")
        {
            literal(format.start_byte(), format.end_byte());
        }
    }
    literal(at, node.end_byte());
}

/// Where the first character beyond ASCII stands, written out or, unless `raw`, as an escape.
fn non_ascii(text: &[u8], raw: bool) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            byte if !byte.is_ascii() => return Some(at),
            b'\\' if !raw => {
                if escapes_to_non_ascii(&text[at + 1..]) {
                    return Some(at);
                }
                at += 2;
            }
            _ => at += 1,
        }
    }
    None
}

/// Is what follows a backslash the escape of a character beyond ASCII: `u2705`, `xe9`, `351`, `N{BULLET}`?
fn escapes_to_non_ascii(rest: &[u8]) -> bool {
    let (radix, from, most) = match rest.first() {
        Some(b'u') => (16, 1, 4),
        Some(b'U') => (16, 1, 8),
        Some(b'x') => (16, 1, 2),
        Some(b'0'..=b'7') => (8, 0, 3),
        // Names of ASCII characters are not worth a table: nobody writes a letter that way.
        Some(b'N') => return rest.get(1) == Some(&b'{'),
        _ => return false,
    };
    let digits = rest[from..].iter().take(most);
    let digits = digits.map_while(|&b| char::from(b).to_digit(radix));
    digits.fold(0_u32, |value, digit| value.saturating_mul(radix) + digit) > 0x7f
}
