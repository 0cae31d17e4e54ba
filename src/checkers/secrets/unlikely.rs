//! Owns values that stand behind the name of a secret and are another thing: a code of an error, an action, a drive, a pattern, a
//! digest. Knows the value and its name, and no rule.

use super::assign::Value;
use super::judge::Beside;
use super::names;

/// Is the value another thing than its name promises?
#[must_use]
pub fn is(bytes: &[u8], value: &Value, beside: Beside<'_>) -> bool {
    let Some(text) = bytes.get(value.range.clone()) else {
        return true;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    let bare = value.quote.is_none();
    let words = names::words(beside.name);
    is_code_of(text, &words)
        || is_action(text, beside.name)
        || is_drive(text)
        || is_pattern(bytes, value)
        || is_digest_of(text, &words)
        || (bare
            && (is_when(text, &words)
                || is_next(bytes, value.range.start, text)
                || is_put_together(text)))
}

/// The name of what was encrypted or hashed: who has it has nothing yet.
#[must_use]
pub fn is_sealed(name: &str) -> bool {
    let words = names::words(name);
    words
        .iter()
        .any(|word| matches!(word.as_str(), "encrypted" | "hashed" | "wrapped"))
}

/// `ERROR_WRONG_PASSWORD = 1323`.
fn is_code_of(text: &str, words: &[String]) -> bool {
    let tells = [
        "error",
        "errors",
        "err",
        "nerr",
        "nte",
        "status",
        "exception",
        "incorrect",
        "invalid",
        "wrong",
    ];
    text.bytes().all(|b| b.is_ascii_digit())
        && words.iter().any(|word| tells.contains(&word.as_str()))
}

/// `"ChangePassword": "iam:ChangePassword"`: the name again, behind the word it belongs to.
fn is_action(text: &str, name: &str) -> bool {
    let Some((_, last)) = text.rsplit_once([':', '.', '/']) else {
        return false;
    };
    let squeeze = |text: &str| -> String {
        let plain = text.chars().filter(char::is_ascii_alphanumeric);
        plain.map(|c| c.to_ascii_lowercase()).collect()
    };
    let (last, name) = (squeeze(last), squeeze(name));
    last.len() >= 6 && !last.bytes().all(|b| b.is_ascii_digit()) && name.ends_with(&last)
}

/// `C:\\`.
fn is_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic())
}

/// `~r/password: "postgres"/`: what a test looks for.
fn is_pattern(bytes: &[u8], value: &Value) -> bool {
    let closed = value.quote.is_some() && bytes.get(value.range.end + 1) == Some(&b'/');
    let low = value.range.start.saturating_sub(120);
    let before = bytes[low..value.range.start]
        .rsplit(|&b| b == b'\n')
        .next()
        .unwrap_or_default();
    closed
        && before.contains(&b'/')
        && !matches!(bytes.get(value.range.end + 2), Some(b'/' | b'*' | b'>'))
}

/// `PASSWORD_SHA256=9f86...`.
fn is_digest_of(text: &str, words: &[String]) -> bool {
    let has = |parts: &[&str]| {
        words
            .iter()
            .any(|word| parts.iter().any(|part| word.contains(part)))
    };
    matches!(text.len(), 32 | 40 | 64 | 96 | 128)
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && has(&["pass", "pwd"])
        && has(&["sha1", "sha256", "sha512", "md5", "hash", "digest"])
}

/// `update_password: on_create`.
fn is_when(text: &str, words: &[String]) -> bool {
    let verbs = ["update", "change", "reset"];
    words
        .first()
        .is_some_and(|word| verbs.contains(&word.as_str()))
        && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// `PASSWORD= FILTER=integration`: the value is empty, the next one follows.
fn is_next(bytes: &[u8], at: usize, text: &str) -> bool {
    let empty = bytes[..at].strip_suffix(b" ").is_some_and(|before| {
        let before = before.trim_ascii_end();
        before.ends_with(b"=") && !before.ends_with(b" =")
    });
    let named = text.split_once('=').is_some_and(|(name, behind)| {
        let letter = |b: u8| b.is_ascii_uppercase() || b == b'_';
        name.len() >= 3
            && !behind.is_empty()
            && name.bytes().all(|b| letter(b) || b.is_ascii_digit())
            && name.starts_with(|c: char| c.is_ascii_uppercase())
    });
    empty && named
}

/// `prefix$name` without quotes, letters alone: a shell puts the variable in.
fn is_put_together(text: &str) -> bool {
    text.split_once('$').is_some_and(|(head, name)| {
        let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
        name.len() >= 3 && letters(head) && letters(name)
    })
}

#[cfg(test)]
mod tests {
    use super::super::assign;
    use super::super::judge::Manner;
    use super::*;

    fn check(text: &str, expected: bool) {
        let at = text.to_ascii_lowercase().find("passw").expect("a name");
        let name = assign::name_around(text.as_bytes(), at);
        let value = assign::forward(text.as_bytes(), &name).expect("a value");
        let beside = Beside {
            name: &text[name],
            manner: Manner::Settings,
            language: None,
        };
        assert_eq!(is(text.as_bytes(), &value, beside), expected, "{text}");
    }

    #[test]
    fn other_things() {
        check("A.ERROR_WRONG_PASSWORD = 1323", true);
        check("\"ChangePassword\": \"iam:ChangePassword\"", true);
        check("oldpassword = 'C:\\\\'", true);
        check("[~r/password: \"postgres\"/, 1]", true);
        check("PASSWORD_MD5=9f86d081884c7d659a2feaa0c55ad015", true);
        check("update_password: on_create", true);
        check("PASSWORD= FILTER=a", true);
        check("password = super$ecret", true);
        check("password: \"iam:hunter2\"", false);
        check("password: 20384712", false);
        check("<a password=\"hunter2\"/>", false);
        check("password = Su9$per", false);
        check("PASSWORD=Ab=9x", false);
        check("PASSWORD=ABC9=x", false);
    }

    #[test]
    fn sealed() {
        assert!(is_sealed("encrypted_key"));
        assert!(is_sealed("hashedToken"));
        assert!(!is_sealed("encryption_key"));
    }
}
