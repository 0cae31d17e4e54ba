//! Owns the names of secrets: which words make the name of a variable one that holds a secret, and which make it something
//! else. Knows no value.

/// What a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// A password.
    Password,
    /// A text called secret.
    Secret,
    /// A token, a key for an API, credentials.
    Token,
    /// Only the word key, or a word for randomness.
    Key,
}

/// Words that may follow: they say more of the secret and do not make it something else.
const TAILS: &[&str] = &[
    "value",
    "string",
    "str",
    "text",
    "plain",
    "plaintext",
    "raw",
    "base64",
    "b64",
    "hex",
    "default",
    "dev",
    "prod",
    "production",
    "staging",
    "test",
    "testing",
    "live",
    "old",
    "new",
    "current",
    "admin",
    "root",
    "user",
    "main",
    "bytes",
    "data",
    "key",
    "token",
    "enc",
    "v1",
    "v2",
    "sandbox",
    "local",
    "demo",
    "master",
    "primary",
    "secondary",
    "here",
    "db",
    "const",
    "param",
    "arg",
    "var",
    "again",
    "repeat",
    "confirm",
    "confirmation",
    "1",
    "2",
    "3",
    "4",
];

/// Words before which nothing is a secret.
const HEADS: &[&str] = &[
    "public",
    "pub",
    "primary",
    "forgot",
    "no",
    "has",
    "is",
    "use",
    "enable",
    "disable",
    "show",
    "hide",
    "require",
    "requires",
    "allow",
    "reset",
    "csrf",
    "authenticity",
    "xsrf",
    "max",
    "min",
    "num",
    "next",
    "page",
    "continuation",
    "pagination",
    "cancellation",
    "stop",
    "eos",
    "bos",
    "pad",
    "unk",
    "sep",
    "cls",
    "mask",
    "foreign",
    "partition",
    "sort",
    "hash",
    "row",
    "cache",
    "lookup",
    "keyboard",
    "idempotency",
    "translation",
    "i18n",
    "message",
    "label",
    "error",
    "err",
    "missing",
    "by",
    "need",
    "without",
];

/// The words of a name, in lower case: split where case changes and at everything that is no letter or digit.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let after = chars.get(at + 1);
        let before = at.checked_sub(1).map(|at| chars[at]);
        let starts = c.is_ascii_uppercase()
            && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                || (before.is_some_and(|b| b.is_ascii_uppercase())
                    && after.is_some_and(char::is_ascii_lowercase)));
        if (starts || !c.is_ascii_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Words that make a `key` one to an API.
const KEYS: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "encryption",
    "encrypt",
    "signing",
    "sign",
    "signature",
    "auth",
    "account",
    "app",
    "application",
    "consumer",
    "client",
    "master",
    "service",
    "license",
    "ssh",
    "hmac",
    "cipher",
    "crypto",
    "aes",
    "des",
    "deploy",
    "write",
    "admin",
    "shared",
    "session",
    "server",
    "storage",
    "subscription",
    "integration",
    "webhook",
    "jwt",
    "token",
    "rest",
    "hash",
    "cookie",
    "activation",
    "security",
    "stream",
    "merchant",
    "routing",
    "push",
    "fcm",
    "sdk",
    "seed",
    "n",
];

/// What does a word, alone or with what stands before it, promise?
fn promise(word: &str, before: Option<&str>) -> Option<Promise> {
    if matches!(word, "nopasswd" | "nopassword" | "nopass") {
        return None;
    }
    let ends = |tails: &[&str]| tails.iter().any(|tail| word.ends_with(tail));
    let digits_off = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let is = |words: &[&str]| words.contains(&digits_off);
    if ends(&[
        "password",
        "passwords",
        "passwd",
        "passphrase",
        "passwort",
        "passcode",
    ]) || is(&[
        "password",
        "passwd",
        "pass",
        "pwd",
        "passphrase",
        "psw",
        "pw",
        "userpass",
        "dbpass",
        "rootpass",
        "dbpwd",
        "upass",
    ]) || word.ends_with("pwd")
    {
        return Some(Promise::Password);
    }
    if is(&[
        "secret",
        "secrets",
        "secretkey",
        "clientsecret",
        "appsecret",
    ]) || ends(&["secret"])
    {
        return Some(Promise::Secret);
    }
    if is(&[
        "token",
        "tokens",
        "apikey",
        "apikeys",
        "accesskey",
        "authkey",
        "authtoken",
        "credential",
        "credentials",
        "creds",
        "cred",
        "auth",
        "authorization",
        "accesstoken",
        "bearer",
        "privatekey",
        "secretkey",
        "appkey",
        "encryptionkey",
        "oauth",
        "apitoken",
        "apisecret",
        "nkey",
        "otp",
        "totp",
        "jwt",
        "sas",
        "sid",
        "signature",
    ]) || ends(&["token", "apikey", "_token"])
    {
        return Some(Promise::Token);
    }
    if word == "key" || word == "keys" {
        let api = before.is_some_and(|before| KEYS.contains(&before));
        return Some(if api { Promise::Token } else { Promise::Key });
    }
    is(&["salt", "nonce", "seed", "hmac", "cookie", "session"]).then_some(Promise::Key)
}

/// May the name be one of a secret? Wrong answers are "yes" only; most names are answered without a look at their words.
#[must_use]
pub fn may_be(name: &[u8]) -> bool {
    let pairs = || name.windows(2).any(|part| part.eq_ignore_ascii_case(b"pw"));
    let known = |part: &[u8]| {
        matches!(
            &[part[0] | 0x20, part[1] | 0x20, part[2] | 0x20],
            b"pas"
                | b"pwd"
                | b"psw"
                | b"sec"
                | b"tok"
                | b"key"
                | b"cre"
                | b"aut"
                | b"bea"
                | b"sid"
                | b"sig"
                | b"jwt"
                | b"otp"
                | b"sas"
                | b"sal"
                | b"non"
                | b"see"
                | b"hma"
                | b"coo"
                | b"ses"
        )
    };
    name.windows(3).any(known) || pairs()
}

/// What the name promises; `None` when it is no name of a secret.
#[must_use]
pub fn of(name: &str) -> Option<Promise> {
    let words = words(name);
    let has = |word: &str| words.iter().any(|known| known == word);
    // `publicKeyToken` is made to be seen.
    if has("public") && !has("secret") {
        return None;
    }
    let mut found = None;
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| words[at].as_str());
        match promise(word, before) {
            Some(promise) if before.is_some_and(|before| HEADS.contains(&before)) => {
                // `public_key` is none, `public_api_secret` is.
                let _ = promise;
                found = None;
            }
            // `password_salt` is a salt.
            Some(Promise::Key) if !word.starts_with("key") => found = Some(Promise::Key),
            Some(promise) => {
                found = Some(found.map_or(promise, |known: Promise| known.min(promise)));
            }
            None if found.is_some() => {
                let is_tail =
                    TAILS.contains(&word.as_str()) || word.bytes().all(|b| b.is_ascii_digit());
                if !is_tail {
                    found = None;
                }
            }
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<Promise>) {
        assert!(expected.is_none() || may_be(name.as_bytes()), "{name}");
        assert_eq!(of(name), expected, "{name}");
    }

    #[test]
    fn names() {
        check("password", Some(Promise::Password));
        check("DB_PASSWORD", Some(Promise::Password));
        check("dbPassword2", Some(Promise::Password));
        check("mysqlRootPwd", Some(Promise::Password));
        check("pass", Some(Promise::Password));
        check("bypass", None);
        check("passed", None);
        check("password_field", None);
        check("passwordResetUrl", None);
        check("client_secret", Some(Promise::Secret));
        check("SECRET_KEY", Some(Promise::Secret));
        check("secret_name", None);
        check("api_key", Some(Promise::Token));
        check("apiKey", Some(Promise::Token));
        check("public_key", None);
        check("primary_key", None);
        check("token_type", None);
        check("keyboard", None);
        check("monkey", None);
        check("csrf_token", None);
        check("password_default_salt", Some(Promise::Key));
        check("password_salt", Some(Promise::Key));
        check("author", None);
    }
}
