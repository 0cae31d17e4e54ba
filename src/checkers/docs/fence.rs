//! Owns blocks of code in a page: can what says that it is JSON, YAML or TOML be read as such?

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use crate::source::yaml::Document;

/// Longer blocks are not read, in bytes.
const LONGEST: usize = 256 * 1024;

/// What people write in an example for what they leave out or fill in: it is no flaw.
static SKETCH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\.\.\.|\x{2026}|<[A-Za-z][^>\n]*>|\{\{|\{%|\$\{|(?m)^\s*(//|#|/\*|[-+]\s)|//|/\*|\\[x+]|\\u\{")
        .expect("the pattern is right")
});

/// Why the code cannot be read in its language; `None` where it can, or is a sketch.
#[must_use]
pub fn problem(language: &str, code: &str) -> Option<String> {
    if code.len() > LONGEST || code.trim().is_empty() {
        return None;
    }
    let short = |text: String| text.lines().next().unwrap_or_default().trim().to_owned();
    match language {
        "json" if !SKETCH.is_match(code) => {
            let begins = code.trim_start().starts_with(['{', '[']);
            let problem = json(code).filter(|_| begins)?;
            Some(format!("this is no JSON: {}", short(problem)))
        }
        "yaml" | "yml"
            if !code.contains("...")
                && !code.contains("{{")
                && !code.contains("{%")
                && !code.contains('\u{2026}') =>
        {
            let problem = Document::all(code).err()?;
            Some(format!("this is no YAML: {}", short(problem)))
        }
        "toml" if !code.contains("...") && !code.contains("{{") && !code.contains('\u{2026}') => {
            let problem = toml::from_str::<toml::Table>(code).err()?;
            Some(format!(
                "this is no TOML: {}",
                short(problem.message().to_owned())
            ))
        }
        _ => None,
    }
}

/// Why the values cannot be read: one, or several one behind the other, with commas between them or without; the last one may be cut off
/// behind a comma.
fn json(code: &str) -> Option<String> {
    let mut rest = code;
    loop {
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        if rest.is_empty() {
            return None;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Nothing>();
        match values.next()? {
            Ok(_) => rest = &rest[values.byte_offset()..],
            Err(why) if why.is_eof() && rest.trim_end().ends_with([',', '{', '[']) => return None,
            Err(why) => {
                let what = why.to_string();
                let what = what.split(" at line ").next().unwrap_or_default();
                let before = code.len() - rest.len();
                let line = code[..before].matches('\n').count() + why.line();
                return Some(format!("{what} in its line {line}"));
            }
        }
    }
}

/// Any value; nothing of it is kept, and nothing is nested without a bound.
struct Nothing;

impl<'de> Deserialize<'de> for Nothing {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: &str, code: &str, wrong: bool) {
        assert_eq!(
            problem(language, code).is_some(),
            wrong,
            "{language} {code}"
        );
    }

    #[test]
    fn code_is_read() {
        check("json", "{\"a\": 1}", false);
        check("json", "{\"a\": 1,}", true);
        check("json", "{\"a\": 1, ...}", false);
        check("json", "{\"a\": 1} // why", false);
        check("json", "{\"a\": <value>}", false);
        check("json", "\"a\": 1", false);
        check("json", "{\"a\": 1}\n{\"a\": 2}\n", false);
        check("json", "{\"a\": 1},\n{\"a\": 2},\n", false);
        check("json", "{\"a\": [1],\n", false);
        check("json", "{\"a\": [1]\n", true);
        check("json", "{\"a\": 1}\n{\"a\" 2}\n", true);
        check("json", "{\"a\": \"\\xff\"}", false);
        check("json", "{\"a\": \"\\d\"}", true);
        check("yaml", "a: [", true);
        check("yaml", "a: 1\n---\nb: 2", false);
        check("toml", "a = 1", false);
        check("toml", "a = ", true);
        check("python", "a = ", false);
    }
}
