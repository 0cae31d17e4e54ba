//! Owns layout: wrapping of escaped text. Escaped text is ASCII, so its width is its length.

/// Wraps a line to `width` columns at spaces; the first line starts with `first`, the others with `rest`. A word that
/// is wider than a line is broken, except for one thing: nothing is ever left out. Ends in a line feed.
#[must_use]
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut bare = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        if !bare && line.len() + 1 + word.len() > width {
            out.push_str(&line);
            out.push('\n');
            rest.clone_into(&mut line);
            bare = true;
        }
        while bare && line.len() + word.len() > width {
            let room = width.saturating_sub(line.len()).max(8).min(word.len());
            let (head, tail) = word.split_at(floor(word, room));
            line.push_str(head);
            word = tail;
            if word.is_empty() {
                break;
            }
            out.push_str(&line);
            out.push('\n');
            rest.clone_into(&mut line);
        }
        if !bare {
            line.push(' ');
        }
        line.push_str(word);
        bare = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
    out
}

/// The nearest character boundary at or below `at`, but never 0: layout must not panic on text that was not escaped.
fn floor(text: &str, at: usize) -> usize {
    let below = (1..=at).rev().find(|&n| text.is_char_boundary(n));
    below.unwrap_or_else(|| text.chars().next().map_or(0, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, width: usize, expected: &str) {
        assert_eq!(wrap(text, width, "- ", "  "), expected);
    }

    #[test]
    fn wraps_at_spaces_and_breaks_what_is_too_long() {
        check("one two three", 20, "- one two three\n");
        check("one two three", 10, "- one two\n  three\n");
        check(
            "a 0123456789abcdef b",
            12,
            "- a\n  0123456789\n  abcdef b\n",
        );
        check("", 10, "-\n");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_wide(text in "[ -~]{0,200}", width in 12_usize..60) {
            let wrapped = wrap(&text, width, "  ", "    ");
            prop_assert!(wrapped.lines().all(|line| line.len() <= width));
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&wrapped), letters(&text));
        }

        #[test]
        fn any_text_and_width_end(text: String, width in 0_usize..20) {
            prop_assert!(wrap(&text, width, "", "").ends_with('\n'));
        }
    }
}
