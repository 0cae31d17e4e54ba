//! Owns front matter: the block of data at the head of a page.

use serde::Deserialize;

/// What stands at the head of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Front {
    /// How many bytes it takes; 0 where there is none.
    pub length: usize,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

/// Reads the head of a page, behind a byte order mark.
#[must_use]
pub fn read(text: &str) -> Front {
    let first = text.lines().next().unwrap_or_default();
    let fence = first.trim_end();
    if fence != "---" && fence != "+++" {
        return Front::default();
    }
    let start = line_end(text, 0);
    let mut at = start;
    while at < text.len() {
        let end = line_end(text, at);
        let line = text[at..end].trim_end();
        if line == fence || fence == "---" && line == "..." {
            let data = &text[start..at];
            return Front {
                length: end,
                problem: if is_data(data, fence) {
                    problem(data, fence)
                } else {
                    None
                },
            };
        }
        at = end;
    }
    // A line across the page, or a block that is never closed: that is text.
    Front::default()
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |n| from + n + 1)
}

/// Is it data, and no text between two lines across the page? Its first line says so. What a template fills in is not known.
fn is_data(data: &str, fence: &str) -> bool {
    let line = data
        .lines()
        .find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let mark = if fence == "---" { ':' } else { '=' };
    let has_key = line
        .and_then(|line| line.split_once(mark))
        .is_some_and(|(key, _)| {
            let key = key.trim().trim_matches(['"', '\'']);
            !key.is_empty()
                && key
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
        });
    has_key && !data.contains("{{") && !data.contains("{%")
}

fn problem(data: &str, fence: &str) -> Option<String> {
    let short = |text: String| text.lines().next().unwrap_or_default().trim().to_owned();
    if fence == "+++" {
        return toml::from_str::<toml::Table>(data)
            .err()
            .map(|problem| short(problem.message().to_owned()));
    }
    let read: Result<Ignored, _> = serde_yaml::from_str(data);
    read.err().map(|problem| short(problem.to_string()))
}

/// Any mapping.
#[derive(Deserialize)]
struct Ignored {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, length: usize, wrong: bool) {
        let front = read(text);
        assert_eq!(
            (front.length, front.problem.is_some()),
            (length, wrong),
            "{text:?} {front:?}"
        );
    }

    #[test]
    fn heads_of_pages() {
        check("---\na: 1\n---\ntext", 13, false);
        check("---\r\na: 1\r\n...\r\ntext", 16, false);
        check("---\na: 1\na: 2\n---\n", 18, true);
        check("---\na: [\n---\n", 13, true);
        check("---\na:\tb: c\n---\n", 16, true);
        check("+++\na = 1\n+++\n", 14, false);
        check("+++\na = 1\na = 2\n+++\n", 20, true);
        check("---\n\nA line across, and text: more.\n\n---\n", 41, false);
        check("---\ntitle: {{ name }}\n---\n", 26, false);
        check("---\nnever closed: 1\n", 0, false);
        check("text\n---\na: [\n---\n", 0, false);
        check("---\n---\n", 8, false);
    }
}
