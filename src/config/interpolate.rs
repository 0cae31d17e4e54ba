//! Owns `${NAME}` and `${NAME:-default}` in the values of a gate. Keys are never touched.

use crate::base::node::{Kind, Node, Origin, Problem};

/// Replaces variables in all values below `node`. `$${` stands for `${`. An unquoted value that comes out as a whole
/// number, `true` or `false` is one. What was put in is added to `used`, by name.
pub fn interpolate(
    node: &mut Node,
    variable: &dyn Fn(&str) -> Option<String>,
    used: &mut Vec<(String, String)>,
    problems: &mut Vec<Problem>,
) {
    match &mut node.kind {
        Kind::Str(text) if text.contains("${") => {
            match expand(text, &node.origin, variable, used) {
                Ok(text) => node.kind = typed(text, &node.origin),
                Err(problem) => problems.push(problem),
            }
        }
        Kind::Seq(items) => {
            for item in items {
                interpolate(item, variable, used, problems);
            }
        }
        Kind::Map(entries) => {
            for (_, value) in entries {
                interpolate(value, variable, used, problems);
            }
        }
        _ => {}
    }
}

/// Was this value written with a variable in it?
#[must_use]
pub fn is_interpolated(origin: &Origin) -> bool {
    let written = origin.text.text.get(origin.span.clone());
    written.is_some_and(|written| written.contains("${"))
}

fn typed(text: String, origin: &Origin) -> Kind {
    let written = origin.text.text.get(origin.span.clone()).unwrap_or("");
    if written.starts_with(['"', '\'', '|', '>']) {
        return Kind::Str(text);
    }
    match (text.as_str(), text.parse()) {
        ("true" | "false", _) => Kind::Bool(text == "true"),
        (_, Ok(n)) => Kind::Int(n),
        _ => Kind::Str(text),
    }
}

fn expand(
    text: &str,
    origin: &Origin,
    variable: &dyn Fn(&str) -> Option<String>,
    used: &mut Vec<(String, String)>,
) -> Result<String, Problem> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            out.push_str(&rest[..at]);
            out.push('{');
            rest = &rest[at + 2..];
            continue;
        }
        out.push_str(&rest[..at]);
        let inside = &rest[at + 2..];
        let (reference, behind) = inside.split_once('}').unwrap_or(("", ""));
        let (name, default) = match reference.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (reference, None),
        };
        if !is_name(name) {
            return Err(Problem::new(
                origin,
                "`${` without the name of a variable",
                "write `${NAME}` or `${NAME:-default}`; a plain `${` is written `$${`",
            ));
        }
        let value = variable(name).filter(|value| !value.is_empty() || default.is_none());
        match (value, default) {
            (Some(value), _) => {
                out.push_str(&value);
                used.push((name.to_owned(), value));
            }
            (None, Some(default)) => out.push_str(default),
            (None, None) => {
                return Err(Problem::new(
                    origin,
                    format!("the environment variable `{name}` is not set"),
                    format!(
                        "set it, give a default as `${{{name}:-...}}`, or name it in the gate's `requires`"
                    ),
                ));
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::node::Text;

    fn check(input: &str, expected: &str) {
        let origin = Origin {
            text: Arc::new(Text {
                name: "x".to_owned(),
                text: input.to_owned(),
                built_in: false,
            }),
            span: 0..input.len(),
        };
        let mut node = Node {
            origin,
            kind: Kind::Str(input.to_owned()),
        };
        let mut problems = Vec::new();
        let variable = |name: &str| match name {
            "HOST" => Some("h.test".to_owned()),
            "N" => Some("3".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        interpolate(&mut node, &variable, &mut Vec::new(), &mut problems);
        let shown = match problems.first() {
            Some(problem) => problem.message.clone(),
            None => format!("{:?}", node.kind),
        };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn values() {
        check("${HOST}/health", "Str(\"h.test/health\")");
        check("http://${NONE:-local}:${N}", "Str(\"http://local:3\")");
        check("${EMPTY:-x}", "Str(\"x\")");
        check("${N}", "Int(3)");
        check("$${N} $${", "Str(\"${N} ${\")");
        check("${NONE}", "the environment variable `NONE` is not set");
        check("${x%y}", "`${` without the name of a variable");
        check("${", "`${` without the name of a variable");
        check("$5 {}", "Str(\"$5 {}\")");
    }
}
