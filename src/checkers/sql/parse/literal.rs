//! Owns the values of string literals: quotes, escapes and dollar quotes resolved.

/// The value of a string as it stands in the text.
#[must_use]
pub fn value(text: &str) -> String {
    if let Some(rest) = text.strip_prefix('$') {
        let tag = rest.find('$').map_or(0, |at| at + 2);
        return text
            .get(tag..text.len().saturating_sub(tag))
            .unwrap_or_default()
            .to_owned();
    }
    let Some(quote) = text.find('\'') else {
        return String::new();
    };
    let inner = text
        .get(quote + 1..text.len().saturating_sub(1))
        .unwrap_or_default();
    match text.as_bytes().first() {
        Some(b'e' | b'E') => escaped(inner),
        _ => inner.replace("''", "'"),
    }
}

/// A string with C-like escapes.
fn escaped(inner: &str) -> String {
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\'' {
            chars.next_if_eq(&'\'');
            value.push('\'');
            continue;
        }
        if c != '\\' {
            value.push(c);
            continue;
        }
        let digits = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>, radix, most| {
            let mut code = 0;
            for _ in 0..most {
                let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else {
                    break;
                };
                code = code * radix + digit;
                chars.next();
            }
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
        };
        match chars.next() {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('r') => value.push('\r'),
            Some('b') => value.push('\u{8}'),
            Some('f') => value.push('\u{c}'),
            Some('x') => value.push(digits(&mut chars, 16, 2)),
            Some('u') => value.push(digits(&mut chars, 16, 4)),
            Some('U') => value.push(digits(&mut chars, 16, 8)),
            Some(c @ '0'..='7') => {
                let first = c.to_digit(8).unwrap_or_default();
                let mut code = first;
                for _ in 0..2 {
                    let Some(digit) = chars.peek().and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    code = code * 8 + digit;
                    chars.next();
                }
                value.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(c) => value.push(c),
            None => {}
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn values() {
        for (text, expected) in [
            ("'it''s'", "it's"),
            ("E'a\\n\\x41\\101\\''", "a\nAA'"),
            ("$x$a$b$x$", "a$b"),
            ("$$$$", ""),
            ("'", ""),
            ("B'01'", "01"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }
}
