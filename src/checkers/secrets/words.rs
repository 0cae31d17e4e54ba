//! Owns the texts that stand where a secret would and are none: placeholders, references to variables, sequences, values of
//! documentation. Knows no rule.

/// Words of a placeholder, wherever they stand in a value; compared in lower case.
const PLACEHOLDERS: &[&str] = &[
    "example",
    "sample",
    "placeholder",
    "dummy",
    "changeme",
    "change_me",
    "change-me",
    "changethis",
    "change_this",
    "replaceme",
    "replace_me",
    "replace-me",
    "replace_with",
    "replace-with",
    "replacewith",
    "your_",
    "your-",
    "<your",
    "yourpass",
    "yoursecret",
    "yourtoken",
    "yourkey",
    "yourapi",
    "your ",
    "my_secret",
    "mysecret_",
    "insert_",
    "insert-",
    "enter_",
    "enter-",
    "fill_in",
    "fillin",
    "fill-in",
    "todo",
    "fixme",
    "redacted",
    "censored",
    "masked",
    "omitted",
    "xxxx",
    "eby8vdm02xnocqfl",
    "_xxx",
    "-xxx",
    "....",
    "****",
    "____",
    "----",
    "goes_here",
    "goes-here",
    "goeshere",
    "_here",
    "-here",
    "not_a_secret",
    "not-a-secret",
    "notasecret",
    "notreal",
    "notareal",
    "not_real",
    "not-real",
    "not-a-real",
    "nosecret",
    "no-secret",
    "put_",
    "set_me",
    "set-me",
    "setme",
    "to_be_",
    "tbd",
    "abcdefgh",
    "12345678",
    "87654321",
    "01234567",
    "qwertyui",
    "asdfghjk",
    "deadbeef",
    "cafebabe",
    "aaaaaaaa",
    "foobar",
    "lorem",
    "ipsum",
];

/// Whole values that are none, in lower case.
const NOTHING: &[&str] = &[
    "",
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "empty",
    "string",
    "str",
    "text",
    "value",
    "default",
    "optional",
    "required",
    "unknown",
    "unset",
    "n/a",
    "na",
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "apikey",
    "api_key",
    "api-key",
    "user",
    "username",
    "email",
    "login",
    "name",
    "credentials",
    "credential",
    "auth",
    "bearer",
    "basic",
    "hidden",
    "number",
    "bool",
    "boolean",
    "int",
    "integer",
    "object",
    "array",
    "any",
    "void",
    "self",
    "this",
    "new",
    "old",
    "current",
    "confirm",
    "bytes",
    "char",
    "const",
    "var",
    "let",
    "static",
    "public",
    "private",
    "input",
    "prompt",
    "passphrase",
    "plain",
    "plaintext",
    "encrypted",
    "hashed",
    "hash",
    "sha256",
    "sha512",
    "md5",
    "scram-sha-256",
    "trust",
    "peer",
    "ident",
    "ldap",
    "kerberos",
    "oauth",
    "oauth2",
    "jwt",
    "file",
    "env",
    "vault",
    "keyring",
    "stdin",
    "ask",
    "inherit",
    "disabled",
    "enabled",
    "ok",
    "error",
    "fail",
    "invalid",
    "valid",
    "missing",
    "wrong",
    "bad",
    "good",
    "accesstoken",
    "access_token",
    "access-token",
    "client_secret",
    "refresh_token",
    "id_token",
    "authorization",
    "authorization_code",
    "client_credentials",
    "pw",
    "current-password",
    "new-password",
    "old_password",
    "new_password",
    "one-time-code",
    "off.",
    "testing",
    "newpassword",
    "oldpassword",
    "user_password",
    "userpassword",
    "the_password",
    "the password",
    "apitoken",
    "api_token",
    "authtoken",
    "auth_token",
    "secretkey",
    "secret_key",
    "sha1",
    "base64",
    "hex",
    "digest",
    "utf-8",
    "utf8",
    "utf-16",
    "ascii",
    "us-ascii",
    "latin1",
    "latin-1",
    "iso-8859-1",
];

/// What opens a reference to something that stands elsewhere.
const REFERENCES: &[&str] = &[
    "${",
    "$(",
    "{{",
    "}}",
    "<%",
    "%>",
    "#{",
    "%(",
    "%{",
    "@{",
    "$[",
    "[[",
    "<<",
    "env.",
    "env[",
    "env(",
    "getenv",
    "environ",
    "process.",
    "secrets.",
    "vars.",
    "var.",
    "local.",
    "data.",
    "config.",
    "vault:",
    "ref+",
    "arn:",
    "keyvault",
    "secretsmanager",
    "ssm:",
    "op://",
    "enc[",
    "{cipher}",
    "vault.",
    "{noop}",
    "!vault",
    "!ref",
    "!sub",
    "resolve:",
    "urn:",
    "os.",
    "self.",
    "this.",
    "args.",
    "params.",
    "request.",
    "options.",
];

fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// Does the value refer to something that stands elsewhere: a variable, a template, a vault?
#[must_use]
pub fn is_reference(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let first = lower.as_bytes().first().copied().unwrap_or(b' ');
    let last = lower.as_bytes().last().copied().unwrap_or(b' ');
    let wrapped = matches!(
        (first, last),
        (b'<', b'>')
            | (b'{', b'}')
            | (b'[', b']')
            | (b'%', b'%')
            | (b'(', b')')
            | (b'_', b'_')
            | (b'@', b'@')
            | (b'#', b'#')
    );
    // `$USER`, `$USER$HOST`.
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.'))
    };
    let variable = lower
        .strip_prefix('$')
        .is_some_and(|names| names.split('$').all(is_name))
        || shouts_variable(value);
    let format = matches!(
        lower.as_str(),
        "%s" | "%v" | "%q" | "%d" | "{}" | "?" | "%@" | "{0}" | "{1}" | ":password"
    );
    wrapped || variable || format || has_any(&lower, REFERENCES)
}

/// Is there a variable of a shell in it: `$RANDOM-$RANDOM`?
fn shouts_variable(value: &str) -> bool {
    value.split('$').skip(1).any(|behind| {
        let name = behind
            .bytes()
            .take_while(|b| b.is_ascii_uppercase() || *b == b'_');
        name.count() >= 3
    })
}

/// Is it a placeholder, whatever its name?
#[must_use]
pub fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    NOTHING.contains(&lower.as_str())
        || NOTHING.contains(&bare)
        || has_any(&lower, PLACEHOLDERS)
        || is_monotonous(value.as_bytes())
        || is_counted(value.as_bytes())
}

/// Does the word begin one in the text? `box_` is not in `mailbox_id`; a long word may stand anywhere.
#[must_use]
pub fn begins_in(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        word.len() > 4 || at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric()
    })
}

/// Words in the body of a dummy.
const DUMMIES: [&str; 20] = [
    "example",
    "placeholder",
    "xxxxx",
    "redacted",
    "dummy",
    "changeme",
    "your_",
    "your-",
    "yourtoken",
    "yourkey",
    "1234567890",
    "0123456789",
    "abcdefghij",
    "abcdef1234",
    "abc123abc",
    "abc123xyz",
    "fake_",
    "sample",
    "invalid",
    "notreal",
];

/// Is the body of a token one that somebody typed to fill the form: one character again and again, a sequence, a word of
/// documentation?
#[must_use]
pub fn is_dummy(body: &[u8]) -> bool {
    let lower = body.to_ascii_lowercase();
    let has = |word: &&str| memchr::memmem::find(&lower, word.as_bytes()).is_some();
    DUMMIES.iter().any(has) || is_monotonous(body) || is_counted(body)
}

/// Letters that count and digits that count, mixed: `a1b2c3d4`, `d4-c3-b2`, `aA1bB2`, alone or behind a slash. Hexadecimal digits
/// drawn by chance do not.
fn is_counted(text: &[u8]) -> bool {
    let last = text.rsplit(|&b| b == b'/').next().unwrap_or_default();
    does_count(text) || (last.len() >= 12 && last.len() < text.len() && does_count(last))
}

fn does_count(text: &[u8]) -> bool {
    let steps = |all: &mut dyn Iterator<Item = u8>, round: u8| {
        let (mut before, mut counted, mut steps) = (None, 0, 0);
        for b in all {
            if let Some(before) = before.replace(b) {
                let step = (round + b - before) % round;
                counted += usize::from(step == 1 || step == round - 1);
                steps += 1;
            }
        }
        (counted, steps)
    };
    let letters = text
        .iter()
        .enumerate()
        .filter(|(at, b)| {
            // `aA` is one letter, written twice.
            let twice = at
                .checked_sub(1)
                .is_some_and(|before| text[before] != **b && text[before].eq_ignore_ascii_case(b));
            b.is_ascii_alphabetic() && !twice
        })
        .map(|(_, b)| b.to_ascii_lowercase());
    let (a, of_a) = steps(&mut letters.map(|b| b - b'a'), 26);
    let digits = text.iter().filter(|b| b.is_ascii_digit());
    let (d, of_d) = steps(&mut digits.map(|b| b - b'0'), 10);
    let most = of_a >= 4 && of_d >= 4 && 2 * a > of_a && 2 * d > of_d;
    // Where many do, few that do not are a prefix or a slip.
    let many = of_a >= 12 && of_d >= 12 && 5 * a >= 3 * of_a && 5 * d >= 2 * of_d;
    (most && 5 * (a + d) > 3 * (of_a + of_d)) || many
}

/// Few different characters, one of them again and again, or characters that count up or down.
#[must_use]
pub fn is_monotonous(text: &[u8]) -> bool {
    if text.len() < 4 {
        return text.len() < 2 || text.iter().all(|b| *b == text[0]);
    }
    let different = super::rarity::variety(text);
    let (mut same, mut longest_same) = (1, 1);
    let mut steps = 0;
    for pair in text.windows(2) {
        let step = i16::from(pair[1]) - i16::from(pair[0]);
        same = if step == 0 { same + 1 } else { 1 };
        longest_same = longest_same.max(same);
        steps += usize::from(step == 1);
    }
    let few = match text.len() {
        0..=7 => 2,
        8..=15 => 4,
        16..=31 => 6,
        _ => 8,
    };
    (text.len() >= 8 && different < few)
        || different < 2
        || longest_same >= (text.len() / 3).clamp(4, 12)
        || (steps * 2 > text.len() && text.len() >= 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, placeholder: bool, reference: bool) {
        assert_eq!(is_placeholder(value), placeholder, "{value}");
        assert_eq!(is_reference(value), reference, "{value}");
    }

    #[test]
    fn letters_and_digits_that_count_are_placeholders() {
        check("a1b2c3d4e5f6g7h8i9j0", true, false);
        check("d4c3b2a1-f6e5-h8g7-j10i9", true, false);
        check("9f8e7d6c5b4a3z2y1x", true, false);
        check("px-dep-d4c3b2a1-f6e5-h8g7-j1i8-p5o0n5m3l2k1", true, false);
        check("kind/short/aA1bB2cC3dD4eE5fF6gG7h", true, false);
        check("a3b8f29e4d1c6a05", false, false);
        check("7c4a8d09ca3762af61e59520943dc26494f8941b", false, false);
        check("Tr0ub4dor&3x9", false, false);
    }

    #[test]
    fn values() {
        check("your_password", true, false);
        check("<password>", true, true);
        check("###PASSWORD###", true, true);
        check("${DB_PASSWORD}", false, true);
        check("$DB_PASSWORD", false, true);
        check("{{ .Values.password }}", false, true);
        check("%s", false, true);
        check("hunter2", false, false);
        check("$ecret99", false, true);
        check("$super$ecret", false, true);
        check("$RANDOM-$RANDOM", false, true);
        check("notarealpassword", true, false);
        check("UTF-8", true, false);
        check("Pa$$w0rd!", false, false);
        check("********", true, false);
        check("xxxxxxxx", true, false);
        check("process.env.TOKEN", false, true);
    }

    #[test]
    fn monotonous() {
        assert!(is_monotonous(b"abcdefghijkl"));
        assert!(is_monotonous(b"00000000000000000001"));
        assert!(!is_monotonous(b"q7Zk2vXw9RtB4mYh"));
        assert!(!is_monotonous(b"s3cr3t"));
    }
}
