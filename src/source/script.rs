//! Owns the scripts of Vue and Svelte files: all else becomes blanks, so that every line and column stays what it is.

use super::language::Language;

/// The language of the scripts in a component, and its text with nothing but them.
#[must_use]
pub fn of(bytes: &[u8]) -> (Language, Vec<u8>) {
    let mut language = Language::JavaScript;
    let blank = |byte: &u8| {
        if matches!(byte, b'\n' | b'\r') {
            *byte
        } else {
            b' '
        }
    };
    let mut text: Vec<u8> = bytes.iter().map(blank).collect();
    let mut at = 0;
    while let Some(open) = find(bytes, at, b"<script") {
        at = open + b"<script".len();
        if !matches!(bytes.get(at), Some(b'>' | b' ' | b'\t' | b'\r' | b'\n')) {
            continue;
        }
        let Some(start) = find(bytes, at, b">").map(|end| end + 1) else {
            break;
        };
        let end = find(bytes, start, b"</script").unwrap_or(bytes.len());
        let tag = String::from_utf8_lossy(&bytes[at..start]).replace(['"', '\'', ' '], "");
        if tag.contains("lang=tsx") || tag.contains("lang=jsx") {
            language = Language::Tsx;
        } else if tag.contains("lang=ts") || tag.contains("lang=typescript") {
            language = Language::TypeScript;
        }
        text[start..end].copy_from_slice(&bytes[start..end]);
        at = end;
    }
    (language, text)
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, what).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, language: Language, expected: &str) {
        let (found, script) = of(text.as_bytes());
        assert_eq!(found, language, "{text}");
        assert_eq!(String::from_utf8(script).expect("it is text"), expected);
    }

    #[test]
    fn all_but_scripts_is_blank() {
        check(
            "<a>\n<script>\nx\n</script>\n<b>",
            Language::JavaScript,
            "   \n        \nx\n         \n   ",
        );
        check(
            "<script lang=\"ts\">x",
            Language::TypeScript,
            "                  x",
        );
        check("<scripty>x", Language::JavaScript, "          ");
        check("<script", Language::JavaScript, "       ");
    }
}
