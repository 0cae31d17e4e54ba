//! Owns the question whether a line of output looks like one of somebody who was looking for a mistake.

/// Names whose values are shown on purpose.
const SHOWN: [&str; 37] = [
    "answer", "banner", "buf", "buffer", "code", "content", "contents", "data", "doc", "docs",
    "err", "error", "help", "html", "json", "line", "lines", "log", "message", "messages", "msg",
    "out", "output", "prompt", "report", "response", "result", "results", "row", "s", "stdout",
    "str", "summary", "table", "text", "usage", "version",
];

/// Texts that say nothing but where the program is.
const HERE: [&str; 22] = [
    "a",
    "aaa",
    "asdf",
    "b",
    "bar",
    "bbb",
    "blah",
    "debug",
    "debugging",
    "foo",
    "got here",
    "here",
    "hi",
    "i am here",
    "in here",
    "lol",
    "test",
    "testing",
    "wtf",
    "x",
    "xxx",
    "yo",
];

/// Do these arguments, as they are written, show what a value is, or that the program came here?
pub fn is_probe(arguments: &[&str]) -> bool {
    let arguments: Vec<&str> = arguments.iter().map(|argument| argument.trim()).collect();
    match arguments[..] {
        [only] => {
            if let Some(said) = said(only) {
                let inner = said
                    .trim_matches(|c: char| !c.is_alphanumeric())
                    .to_ascii_lowercase();
                return HERE.contains(&inner.as_str())
                    || said.starts_with("DEBUG")
                    || (is_formatted(only) && shows_name(said));
            }
            is_inspection(only)
        }
        [label, ref values @ ..] if !values.is_empty() => {
            let Some(label) = said(label) else {
                return false;
            };
            label.starts_with("DEBUG") || (values.len() == 1 && is_label(label, values[0]))
        }
        _ => false,
    }
}

/// What a text says: without its quotes.
fn said(argument: &str) -> Option<&str> {
    let text = argument.trim_start_matches(['f', '$', 'r', 'F']);
    let quote = text
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(quote)).then_some(inner)
}

fn is_formatted(argument: &str) -> bool {
    argument.starts_with(['f', 'F'])
}

/// `{x=}` of Python, which is there for this.
fn shows_name(text: &str) -> bool {
    text.contains("=}") || text.contains("=!r}")
}

/// A call that shows what something is made of.
fn is_inspection(argument: &str) -> bool {
    let calls = ["type(", "vars(", "dir(", "locals(", "globals(", "id("];
    calls
        .iter()
        .any(|call| argument.starts_with(call) && argument.ends_with(')'))
}

/// Is the label but the name of the value: `"x:", x`?
fn is_label(label: &str, value: &str) -> bool {
    let bare = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.collect::<String>().to_ascii_lowercase()
    };
    let is_path = value
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$'));
    let label = bare(label);
    is_path && !label.is_empty() && bare(value) == label && !SHOWN.contains(&label.as_str())
}

#[cfg(test)]
mod tests {
    use super::is_probe;

    fn check(arguments: &[&str], expected: bool) {
        assert_eq!(is_probe(arguments), expected, "{arguments:?}");
    }

    #[test]
    fn probes() {
        check(&["'here'"], true);
        check(&["\">>> HERE <<<\""], true);
        check(&["f'{x=}'"], true);
        check(&["'count:', count"], false);
        check(&["'count:'", "count"], true);
        check(&["'self.count ='", "self.count"], true);
        check(&["'DEBUG ok'", "a", "b"], true);
        check(&["type(x)"], true);
        check(&["'Listening on'", "port"], false);
        check(&["message"], false);
        check(&["'error:'", "error"], false);
        check(&[], false);
    }
}
