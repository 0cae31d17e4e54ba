//! Owns the guess whether a name and a value are a credential. Knows no file.

/// Parts of names of credentials, in lower case, words joined by `_`.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "access_key",
    "private_key",
    "secret_key",
    "credentials",
    "auth_key",
    "encryption_key",
    "signing_key",
    "client_secret",
    "deploy_key",
    "master_key",
    "account_key",
];

/// Endings of names that speak of a credential and are none.
const ENDINGS: &[&str] = &[
    "file",
    "path",
    "dir",
    "url",
    "uri",
    "name",
    "id",
    "length",
    "size",
    "ttl",
    "expiry",
    "expiration",
    "expires",
    "timeout",
    "lifetime",
    "policy",
    "type",
    "enabled",
    "required",
    "header",
    "prefix",
    "version",
    "rotation",
    "provider",
    "endpoint",
    "issuer",
    "audience",
    "ref",
    "arn",
    "field",
    "algorithm",
    "interval",
    "count",
    "limit",
    "mode",
    "format",
    "seconds",
    "minutes",
    "days",
    "parallelism",
    "suffix",
    "pattern",
    "regex",
    "prompt",
    "strength",
    "manager",
    "store",
    "class",
    "hash",
    "template",
    "script",
    "generator",
    "validity",
    "age",
];

/// Values that are placeholders, in lower case.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "change_me",
    "change-me",
    "changethis",
    "placeholder",
    "dummy",
    "example",
    "sample",
    "your",
    "xxx",
    "redacted",
    "todo",
    "fake",
    "unused",
    "none",
    "null",
    "nil",
    "empty",
    "unset",
    "insert",
    "replace",
    "not_a_secret",
    "notasecret",
    "not-a-secret",
    "undefined",
    "build",
    "mock",
    "invalid",
    "<",
    "***",
    "...",
    "{{",
    "}}",
    "n/a",
];

/// Endings of values that are files.
const FILES: &[&str] = &[
    ".sh", ".txt", ".json", ".yaml", ".yml", ".key", ".pem", ".crt", ".jks", ".p12", ".conf",
    ".enc",
];

/// Values that every attacker tries first.
const TRIVIAL: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "secret",
    "admin",
    "root",
    "postgres",
    "mysql",
    "test",
    "guest",
    "user",
    "123",
    "1234",
    "12345",
    "123456",
    "12345678",
    "qwerty",
    "letmein",
    "toor",
    "redis",
    "minio",
    "minioadmin",
    "rabbitmq",
    "mongo",
];

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing, a reference, a number, a placeholder.
    Nothing,
    /// A password that is quickly guessed.
    Trivial,
    /// Looks like a credential.
    Real,
}

/// Does the name speak of a credential?
#[must_use]
pub fn is_name(name: &str) -> bool {
    let words = words_of(name);
    let last = words.rsplit('_').next().unwrap_or_default();
    if ENDINGS.contains(&last) || words.contains("public") || words.contains("tokenizer") {
        return false;
    }
    let whole = format!("_{words}_");
    // The name, file or address of a secret is none.
    if ["_name_", "_file_", "_path_", "_url_"]
        .iter()
        .any(|word| whole.contains(word))
    {
        return false;
    }
    let plain = WORDS
        .iter()
        .any(|word| whole.contains(&format!("_{word}_")));
    // PGPASSWORD, DBPASSWORD, MYSQL_ROOTPASSWORD
    plain || last.ends_with("password") || last.ends_with("passwd") || last == "pwd"
}

/// `dbPassword`, `DB-PASSWORD` and `db.password` as `db_password`.
fn words_of(name: &str) -> String {
    let mut words = String::with_capacity(name.len());
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            words.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        words.push(if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        });
    }
    words.trim_matches('_').to_owned()
}

/// What is the value of a credential's name?
#[must_use]
pub fn value(name: &str, text: &str) -> Value {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let reference = text.contains("$(")
        || text.contains("${")
        || text.starts_with(['$', '/', '.', '%', '@'])
        || text.contains("://") && !text.contains('@');
    let plain = matches!(
        lower.as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off"
    );
    if text.len() < 3 || reference || plain || text.contains(char::is_whitespace) {
        return Value::Nothing;
    }
    if FILES.iter().any(|end| lower.ends_with(end))
        || matches!(
            lower.as_str(),
            "credentials" | "token" | "apikey" | "api-key"
        )
    {
        return Value::Nothing;
    }
    // `GOOGLE_API_KEY: GOOGLE_API_KEY_VALUE`
    if text.len() > name.len() && words_of(text).contains(&words_of(name)) && name.contains('_') {
        return Value::Nothing;
    }
    if TRIVIAL.contains(&lower.as_str()) {
        return Value::Trivial;
    }
    if PLACEHOLDERS.iter().any(|word| lower.contains(word))
        || lower.chars().all(|c| c == lower.as_bytes()[0] as char)
    {
        return Value::Nothing;
    }
    // A few digits are a time or a size, one word is the name of something.
    if text.len() < 6 && text.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Value::Nothing;
    }
    // A word in small letters is in the first list that an attacker tries.
    if text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
    {
        return Value::Trivial;
    }
    Value::Real
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in [
            "DB_PASSWORD",
            "dbPassword",
            "PGPASSWORD",
            "NPM_TOKEN",
            "aws_secret_access_key",
            "API_KEY",
            "secret",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "DB_PASSWORD_FILE",
            "TOKEN_TTL",
            "KEYBOARD",
            "GPG_KEY",
            "TOKENIZERS_PARALLELISM",
            "PUBLIC_KEY",
            "SECRET_NAME",
            "passwordPolicy",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn values() {
        for (text, expected) in [
            ("Tr0ub4dor", Value::Real),
            ("postgres", Value::Trivial),
            ("${A}", Value::Nothing),
            ("changeme", Value::Nothing),
            ("", Value::Nothing),
            ("true", Value::Nothing),
            ("3600", Value::Nothing),
            ("/run/secrets/x", Value::Nothing),
            ("xxxxxxxx", Value::Nothing),
            ("reset.sh", Value::Nothing),
            ("wordpress", Value::Trivial),
        ] {
            assert_eq!(value("DB_PASSWORD", text), expected, "{text}");
        }
    }
}
