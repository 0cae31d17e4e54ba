//! Owns the marks in the comments of examples that say which findings are expected.

/// What opens a comment in some language.
const OPENERS: [&str; 8] = ["#", "//", "--", "/*", "<!--", ";", "%", "rem"];

/// The marks of a text: the 1-based line and the rule of each, in order.
pub(super) fn of(content: &[u8]) -> Vec<(u32, String)> {
    let mut marks = Vec::new();
    for (number, line) in (1..).zip(content.split(|&byte| byte == b'\n')) {
        let line = String::from_utf8_lossy(line);
        for (word, offset) in [("expect: ", 0), ("expect-next: ", 1)] {
            if let Some(rules) = behind(&line, word) {
                marks.extend(rules.map(|rule| (number + offset, rule.to_owned())));
            }
        }
    }
    marks
}

/// The rules that stand behind `word`, if a comment opens right before it.
fn behind<'a>(line: &'a str, word: &str) -> Option<impl Iterator<Item = &'a str>> {
    let at = line.find(word)?;
    let before = line[..at].trim_end().to_ascii_lowercase();
    if !OPENERS.iter().any(|opener| before.ends_with(opener)) {
        return None;
    }
    let list = &line[at + word.len()..];
    let is_end = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || " ,-".contains(c));
    let list = &list[..list.find(is_end).unwrap_or(list.len())];
    let rules = list.split(',').map(|rule| {
        let rule = rule.trim_start();
        let rule = &rule[..rule.find(' ').unwrap_or(rule.len())];
        rule.trim_end_matches('-')
    });
    Some(rules.filter(|rule| !rule.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let marks = of(text.as_bytes());
        let shown: Vec<String> = marks
            .iter()
            .map(|(line, rule)| format!("{line} {rule}"))
            .collect();
        assert_eq!(shown.join(", "), expected, "{text}");
    }

    #[test]
    fn marks() {
        check("x = 1  # expect: a-b", "1 a-b");
        check("\n<!-- expect: a-b, c -->", "2 a-b, 2 c");
        check("/* expect: a */ x", "1 a");
        check("-- expect-next: a\nselect", "2 a");
        check("as we expect: nothing", "");
        check("# we expect: nothing", "");
    }
}
