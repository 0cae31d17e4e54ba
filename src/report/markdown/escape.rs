//! Owns foreign text in Markdown: it shows as it is, and cannot be a link, a mention, HTML, or the end of a table's cell.

use std::fmt::Write as _;

use crate::base::ascii;

/// Behind these a zero-width space keeps a code-hosting site from seeing a mention (`@`), a reference (`#`, `!`, `~`,
/// `%`, `$`, `&`), a link or an emoji (`:`). References are looked up in the page that the Markdown has become, so a
/// character reference alone does not stop them.
const REFERRERS: &str = "@#!~%$&:";

/// One line of foreign text, plain ASCII: what is not becomes an escape as everywhere in qgate, and every character that
/// Markdown gives a meaning becomes a character reference.
#[must_use]
pub fn text(foreign: &str) -> String {
    let plain = ascii::escape(foreign);
    let mut out = String::with_capacity(plain.len() * 2);
    let mut chars = plain.chars().peekable();
    let mut before = [' '; 3];
    while let Some(c) = chars.next() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '&' | '#' | '+' | '!'
            | '|' | '~' | '@' | ':' | '$' | '^' | '=' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            _ => out.push(c),
        }
        let next = chars.peek().copied().unwrap_or(' ');
        let refers = REFERRERS.contains(c) && next != ' ';
        let is_www = c.eq_ignore_ascii_case(&'w') && next == '.' && {
            let w = |c: char| c.eq_ignore_ascii_case(&'w');
            w(before[1]) && w(before[2])
        };
        if refers || is_www {
            out.push_str("&#8203;");
        }
        before = [before[1], before[2], c];
    }
    out
}

/// At most `most` characters of foreign text, escaped; what is cut is marked.
#[must_use]
pub fn short(foreign: &str, most: usize) -> String {
    match foreign.char_indices().nth(most) {
        Some((at, _)) => format!("{}...", text(&foreign[..at])),
        None => text(foreign),
    }
}

/// Text for an HTML comment or an identifier in a URL: letters, digits, `.`, `_` and lone `-` stay, all else is `%xx`.
#[must_use]
pub fn identifier(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_second = byte == b'-' && out.ends_with('-');
        if byte.is_ascii_alphanumeric() || (b"._-".contains(&byte) && !is_second) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(given: &str, expected: &str) {
        assert_eq!(text(given), expected);
    }

    #[test]
    fn nothing_is_special() {
        check("a b-c.d/e (f), g", "a b-c.d/e (f), g");
        check("a|b\n`c`", "a&#124;b&#92;n&#96;c&#96;");
        check("@user", "&#64;&#8203;user");
        check("[x](http://y)", "&#91;x&#93;(http&#58;&#8203;//y)");
        check("www.x.y", "www&#8203;.x.y");
        check("<b>\u{17c}", "&#60;b&#62;&#92;u&#123;17c&#125;");
        assert_eq!(short("abcdef", 3), "abc...");
        assert_eq!(identifier("pre-push -->"), "pre-push%20-%2D%3E");
    }

    proptest! {
        #[test]
        fn only_harmless_bytes_are_left(given: String) {
            let out = text(&given);
            let mut rest = out.as_str();
            while let Some(at) = rest.find('&') {
                prop_assert!(!rest[..at].contains(|c| !is_harmless(c)), "{out}");
                let end = rest[at..].find(';').expect("a reference ends");
                prop_assert!(rest[at + 1..at + end].starts_with('#'));
                rest = &rest[at + end + 1..];
            }
            prop_assert!(!rest.contains(|c| !is_harmless(c)), "{out}");
        }
    }

    fn is_harmless(c: char) -> bool {
        c.is_ascii_alphanumeric() || " \"%'(),-./;?".contains(c)
    }
}
