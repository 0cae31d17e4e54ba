//! Owns inline waivers: comments `qgate:ignore RULE reason=... until=YYYY-MM-DD` in a file, and which line each is about.
//! Knows no rule and no date.

use serde::{Deserialize, Serialize};

use super::file::SourceFile;
use super::language::Language;

/// What opens a waiver; `-file` behind it makes it one of the whole file.
const MARKER: &str = "qgate:ignore";

/// More waivers than these in one file are not read.
const MOST: usize = 10_000;

/// A waiver in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ignore {
    /// The line of the comment.
    pub line: u32,
    /// The column of the marker.
    pub column: u32,
    /// The line that it is about: its own, or the next one when nothing else stands on its own. `None`: the whole file.
    pub target: Option<u32>,
    /// The rules.
    pub rules: Vec<String>,
    /// Why; empty when it does not say.
    pub reason: String,
    /// The last day, as it was written; empty when it does not say.
    pub until: String,
    /// Who answers for it; empty when it does not say.
    pub owner: String,
}

/// The waivers of a file, in order.
#[must_use]
pub fn of(file: &SourceFile) -> Vec<Ignore> {
    let has_any = memchr::memmem::find(file.bytes(), MARKER.as_bytes()).is_some();
    if !has_any || file.is_binary() {
        return Vec::new();
    }
    let mut found: Vec<Ignore> = Vec::new();
    // Waivers that stand alone and wait for the line that they are about.
    let mut waiting: Vec<usize> = Vec::new();
    for (number, line) in file.lines() {
        let line = String::from_utf8_lossy(line);
        let comment = comment(&line, file.language());
        let Some((before, text)) = comment else {
            if !line.trim().is_empty() {
                for at in waiting.drain(..) {
                    found[at].target = Some(number);
                }
            }
            continue;
        };
        if found.len() == MOST {
            break;
        }
        let stands_alone = before.trim().is_empty();
        let mut ignore = read(text);
        let marker = line.len() - text.len() - MARKER.len();
        ignore.line = number;
        ignore.column = u32::try_from(line[..marker].chars().count() + 1).unwrap_or(u32::MAX);
        if !text.starts_with("-file") {
            ignore.target = Some(number);
            if stands_alone {
                waiting.push(found.len());
            }
        }
        found.push(ignore);
    }
    found
}

/// What stands before the comment, and what stands behind the marker in it, if this line has one: a comment sign of the
/// language right before the marker, and not within a text.
fn comment(line: &str, language: Option<Language>) -> Option<(&str, &str)> {
    let at = line.find(MARKER)?;
    let text = &line[at + MARKER.len()..];
    let is_word = text
        .chars()
        .next()
        .is_none_or(|c| c.is_whitespace() || c == '-');
    let head = line[..at].trim_end();
    let sign = signs(language).iter().find(|sign| head.ends_with(**sign))?;
    let before = &head[..head.len() - sign.len()];
    let is_alone = before.trim().is_empty();
    // A lone `*` or `-` continues a comment or begins a list; elsewhere it is something else.
    let is_sign = *sign != "*" || is_alone;
    (is_word && is_sign && !is_in_text(before, language)).then_some((before, text))
}

const HASH: &[&str] = &["#"];
const SLASHES: &[&str] = &["//", "/*", "*"];
const MARKUP: &[&str] = &["<!--"];
const ANY: &[&str] = &["//", "/*", "*", "#", "<!--", "--", ";", "%"];

/// What opens a comment in a language.
const fn signs(language: Option<Language>) -> &'static [&'static str] {
    use Language as L;
    match language {
        Some(
            L::Bash
            | L::Dockerfile
            | L::Makefile
            | L::Perl
            | L::Python
            | L::Ruby
            | L::Toml
            | L::Yaml,
        ) => HASH,
        Some(
            L::C
            | L::Cpp
            | L::CSharp
            | L::Css
            | L::Go
            | L::Java
            | L::JavaScript
            | L::Json
            | L::Kotlin
            | L::Rust
            | L::Swift
            | L::Tsx
            | L::TypeScript,
        ) => SLASHES,
        Some(L::Php | L::Terraform) => &["//", "/*", "*", "#"],
        Some(L::Html | L::Markdown | L::Xml) => MARKUP,
        Some(L::Sql) => &["--", "/*", "*"],
        Some(L::Svelte | L::Vue) => &["//", "/*", "*", "<!--"],
        None => ANY,
    }
}

/// Is the end of this within quotes, as far as one line can tell?
fn is_in_text(before: &str, language: Option<Language>) -> bool {
    use Language as L;
    let single = matches!(
        language,
        Some(L::Bash | L::JavaScript | L::Php | L::Python | L::Ruby | L::Tsx | L::TypeScript)
    );
    let bare = before
        .replace("\\\\", "")
        .replace("\\\"", "")
        .replace("\\'", "");
    let is_odd = |quote: char| bare.matches(quote).count() % 2 == 1;
    is_odd('"') || is_odd('`') || (single && is_odd('\''))
}

/// The keys of a waiver.
const KEYS: [&str; 3] = ["reason=", "until=", "owner="];

/// Reads what stands behind the marker. What is missing stays empty.
fn read(text: &str) -> Ignore {
    let text = text.strip_prefix("-file").unwrap_or(text).trim();
    let ends = ["-->", "*/", "#}", "%>"];
    let text = ends
        .iter()
        .find_map(|end| text.strip_suffix(end))
        .unwrap_or(text);
    let mut starts: Vec<(usize, &str)> = KEYS
        .iter()
        .filter_map(|key| Some((find_word(text, key)?, *key)))
        .collect();
    starts.sort_unstable();
    let rules = &text[..starts.first().map_or(text.len(), |(at, _)| *at)];
    let value = |key: &str| -> String {
        let Some(n) = starts.iter().position(|(_, own)| *own == key) else {
            return String::new();
        };
        let from = starts[n].0 + key.len();
        let to = starts.get(n + 1).map_or(text.len(), |(at, _)| *at);
        unquoted(text[from..to].trim()).to_owned()
    };
    let rules = rules
        .split([',', ' ', '\t'])
        .filter(|rule| !rule.is_empty());
    Ignore {
        line: 0,
        column: 0,
        target: None,
        rules: rules.map(str::to_owned).collect(),
        reason: value("reason="),
        until: value("until="),
        owner: value("owner="),
    }
}

/// Where a key stands: at the start or behind white space, and outside of double quotes.
fn find_word(text: &str, key: &str) -> Option<usize> {
    text.match_indices(key).map(|(at, _)| at).find(|&at| {
        let before = &text[..at];
        before.chars().next_back().is_none_or(char::is_whitespace)
            && before.matches('"').count().is_multiple_of(2)
    })
}

fn unquoted(text: &str) -> &str {
    let quoted = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::class::PathClass;

    fn check(language: Option<Language>, text: &str, expected: &str) {
        let file = SourceFile::new(text.as_bytes().to_vec(), language, PathClass::default());
        let shown: Vec<String> = of(&file)
            .into_iter()
            .map(|i| {
                let target = i.target.map_or("file".to_owned(), |line| line.to_string());
                let rules = i.rules.join("+");
                format!(
                    "{}:{} {target} {rules} ({}) {} {}",
                    i.line, i.column, i.reason, i.until, i.owner
                )
            })
            .collect();
        assert_eq!(shown.join("; "), expected, "{text}");
    }

    #[test]
    fn where_and_what() {
        use Language as L;
        check(
            Some(L::Python),
            "x = 1  # qgate:ignore a-b reason=old code, OPS-1 until=2026-12-01 owner=ann\n",
            "1:10 1 a-b (old code, OPS-1) 2026-12-01 ann",
        );
        check(
            Some(L::Rust),
            "// qgate:ignore a, b until=2026-12-01 reason=\"until=never\"\n\n  // qgate:ignore c\nfn f() {}\n",
            "1:4 4 a+b (until=never) 2026-12-01 ; 3:6 4 c ()  ",
        );
        check(
            Some(L::Markdown),
            "<!-- qgate:ignore a reason='x y' until=2026-12-01 -->\ntext `# qgate:ignore b`\n",
            "1:6 2 a (x y) 2026-12-01 ",
        );
        check(
            Some(L::Go),
            "/*\n * qgate:ignore-file a reason=x until=2026-12-01\n */\n",
            "2:4 file a (x) 2026-12-01 ",
        );
        check(None, "; qgate:ignore a\n", "1:3 1 a ()  ");
    }

    #[test]
    fn what_is_no_comment_is_no_waiver() {
        use Language as L;
        check(Some(L::Python), "s = '# qgate:ignore a'\n", "");
        check(Some(L::Rust), "let s = \"// qgate:ignore a\";\n", "");
        check(
            Some(L::Rust),
            "check(\"let s = \\\"// qgate:ignore a\\\";\");\n",
            "",
        );
        check(
            Some(L::Rust),
            "fn f<'a>() {} // qgate:ignore a\n",
            "1:18 1 a ()  ",
        );
        check(Some(L::Rust), "let x = 2 * qgate:ignore\n", "");
        check(Some(L::Python), "# qgate:ignored is a word\n", "");
        check(Some(L::Python), "the words qgate:ignore a\n", "");
    }
}
