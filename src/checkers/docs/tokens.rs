//! Owns the estimate of how many tokens a text is for a language model. It is an estimate: each model has a vocabulary of its own.

/// How many letters a token has at most, on the average of words that are longer.
const LETTERS: usize = 6;

/// How many digits a token has at most.
const DIGITS: usize = 3;

/// How many equal signs in a row are one token.
const SIGNS: usize = 4;

/// The estimate: a word of up to six letters is one token, with the blank before it, a longer one another for each six; three digits are one, four equal
/// signs in a row, a row of line feeds, blanks that indent; every other sign and every character beyond ASCII is one.
#[must_use]
pub fn estimate(text: &str) -> u32 {
    let mut tokens = 0_usize;
    let mut chars = text.chars().peekable();
    while let Some(first) = chars.next() {
        let is_same = |next: &char| match first {
            'a'..='z' | 'A'..='Z' => next.is_ascii_alphabetic(),
            '0'..='9' => next.is_ascii_digit(),
            '\n' | '\r' => matches!(next, '\n' | '\r'),
            ' ' | '\t' => matches!(next, ' ' | '\t'),
            _ => *next == first && first.is_ascii(),
        };
        let mut length = 1_usize;
        while chars.next_if(is_same).is_some() {
            length += 1;
        }
        tokens += match first {
            'a'..='z' | 'A'..='Z' => length.div_ceil(LETTERS),
            '0'..='9' => length.div_ceil(DIGITS),
            '\n' | '\r' => 1,
            ' ' | '\t' => usize::from(length > 1),
            _ if first.is_ascii() => length.div_ceil(SIGNS),
            _ => 1,
        };
    }
    u32::try_from(tokens).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::estimate;

    #[test]
    fn estimates() {
        assert_eq!(estimate(""), 0);
        assert_eq!(estimate("write the tests"), 3);
        assert_eq!(estimate("documentation 12345"), 5);
        assert_eq!(estimate("a\n\n    b --------"), 6);
        assert_eq!(estimate("\u{4f60}\u{597d}"), 2);
    }
}
