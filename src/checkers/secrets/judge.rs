//! Owns the judgement of a value behind the name of a secret: is it one, or a placeholder, a reference, code, prose? Knows the
//! value, its name and the language, and no file.

use crate::model::rule::Severity;
use crate::source::language::Language;

use super::assign::{Join, Value};
use super::class::Class;
use super::found::Found;
use super::names::{self, Promise};
use super::{base64, everyday, hash, rarity, unlikely, words};

/// How the file writes values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// A program: a value is a literal in quotes.
    Code,
    /// A configuration file, a script: a value may stand without quotes.
    Settings,
    /// Text for people.
    Prose,
}

impl Manner {
    /// How files of the language write values; `None`: the text must tell.
    #[must_use]
    pub const fn of(language: Option<Language>) -> Option<Self> {
        use Language as L;
        Some(match language {
            Some(L::Yaml | L::Bash | L::Dockerfile | L::Makefile | L::Toml) => Self::Settings,
            Some(L::Markdown | L::Html) => Self::Prose,
            Some(_) => Self::Code,
            None => return None,
        })
    }

    /// How a text in no known language writes values: like settings when more of its lines give something a value than end as
    /// lines of a program do.
    #[must_use]
    pub fn of_text(bytes: &[u8]) -> Self {
        let head = &bytes[..bytes.len().min(8_192)];
        let (mut settings, mut code) = (0, 0);
        for line in head.split(|&b| b == b'\n') {
            let line = line.trim_ascii();
            let comment = matches!(line.first(), None | Some(b'#' | b';' | b'/' | b'*'));
            if comment {
                continue;
            }
            let name = line
                .iter()
                .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-')));
            let joined = name.is_some_and(|at| {
                at > 0 && matches!(line[at..].trim_ascii_start().first(), Some(b'=' | b':'))
            });
            match line[line.len() - 1] {
                b'{' | b';' | b'(' | b')' => code += 1,
                _ if joined => settings += 1,
                _ => {}
            }
        }
        if settings >= code {
            Self::Settings
        } else {
            Self::Code
        }
    }
}

/// What stands beside a value.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// Its name, as it is written.
    pub name: &'a str,
    /// How the file writes values.
    pub manner: Manner,
    /// The language.
    pub language: Option<Language>,
}

/// The secret that the value is, if it is one.
#[must_use]
pub fn judge(bytes: &[u8], value: &Value, beside: Beside<'_>) -> Option<Found> {
    if is_used(bytes, value, beside) {
        return None;
    }
    let promise = names::of(beside.name)?;
    let text = std::str::from_utf8(bytes.get(value.range.clone())?).ok()?;
    if !may_be(bytes, text, value, beside) {
        return None;
    }
    let found = |class, kind| Found::new(value.range.clone(), class, kind);
    if promise != Promise::Password && unlikely::is_sealed(beside.name) {
        return None;
    }
    if let Some(kind) = framework(beside.name, text, value) {
        return Some(found(Class::Framework, kind));
    }
    match promise {
        Promise::Password if everyday::is_first_guess(text) => None,
        Promise::Password if is_password(text, value, beside) => {
            let weak = is_told(bytes, value, beside)
                || rarity::variety(text.as_bytes()) < 5
                || text.len() < 6
                || everyday::is_weak(text);
            let severity = if weak {
                Severity::Low
            } else {
                Severity::Medium
            };
            Some(found(Class::Password, "password").graded(severity))
        }
        Promise::Secret | Promise::Token if everyday::is_trivial(text) => None,
        Promise::Secret if is_secret(text, value) => Some(found(Class::Generic, "secret")),
        Promise::Token if is_token(text, 16) => Some(found(Class::Generic, "key or token")),
        Promise::Secret | Promise::Token if is_random_guid(text) => {
            Some(found(Class::Generic, "key or token").graded(Severity::Low))
        }
        Promise::Key if is_key(text, value, beside) => {
            Some(found(Class::Generic, "key").graded(Severity::Low))
        }
        _ => None,
    }
}

/// Is the name one of a variable that is read there: `"$PASSWORD" = x`, `${PASSWORD:?is not set}`?
fn is_used(bytes: &[u8], value: &Value, beside: Beside<'_>) -> bool {
    let shell = matches!(
        beside.language,
        None | Some(Language::Bash | Language::Yaml | Language::Dockerfile | Language::Markdown)
    );
    let low = value.range.start.saturating_sub(beside.name.len() + 8);
    let before = &bytes[low..value.range.start];
    let opened = memchr::memmem::find(before, [b"${", beside.name.as_bytes()].concat().as_slice());
    opened.is_some()
        || (shell && beside.name.contains('$'))
        || beside.name.get(1..).is_some_and(|name| name.contains('$'))
}

/// Is it the `name: value` of a text in Python, which writes no value so itself?
fn is_told(bytes: &[u8], value: &Value, beside: Beside<'_>) -> bool {
    let before = bytes[..value.range.start].trim_ascii_end();
    let before = before.strip_suffix(b"\"").unwrap_or(before);
    let before = before.strip_suffix(b"'").unwrap_or(before).trim_ascii_end();
    beside.language == Some(Language::Python)
        && matches!(before, [.., name, b':'] if name.is_ascii_alphanumeric())
}

/// Names of functions that put a value under a name.
const SETTERS: [&str; 14] = [
    "set", "put", "add", "property", "env", "param", "with", "field", "option", "config", "header",
    "define", "insert", "append",
];

/// Is the value handed to a function that keeps it: the only argument of one that is called after the secret, or the one
/// behind the secret's name?
fn is_kept(text: &[u8], value: &Value, beside: Beside<'_>) -> bool {
    let name = names::words(beside.name);
    let asks = [
        "check", "split", "parse", "verify", "assert", "validate", "get", "has", "expect", "is",
        "compare", "hash", "encode",
    ];
    if name.iter().any(|word| asks.contains(&word.as_str())) {
        return false;
    }
    let low = value.range.start.saturating_sub(120);
    let before = text[low..value.range.start]
        .rsplit(|&b| b == b'\n')
        .next()
        .unwrap_or_default();
    let Some(open) = before.iter().rposition(|&b| b == b'(') else {
        return false;
    };
    let arguments = &before[open..];
    if arguments.contains(&b',') {
        let function = before[..open]
            .rsplit(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')))
            .next();
        let function = String::from_utf8_lossy(function.unwrap_or_default()).to_ascii_lowercase();
        return memchr::memchr_iter(b',', arguments).count() == 1
            && SETTERS.iter().any(|word| function.contains(word));
    }
    let whole = beside
        .name
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let sets = ["set", "with", "change", "update", "use"]
        .iter()
        .any(|word| whole.starts_with(word));
    if !sets
        && ![
            "password",
            "passwd",
            "passphrase",
            "pwd",
            "secret",
            "secretkey",
        ]
        .contains(&whole.as_str())
    {
        return false;
    }
    let behind = &text[value.range.end..text.len().min(value.range.end + 4)];
    behind.contains(&b')')
}

/// May any secret be written so, whatever its name?
fn may_be(bytes: &[u8], text: &str, value: &Value, beside: Beside<'_>) -> bool {
    if text.len() < 4 || text.len() > 300 || !is_plain(text) || is_numbered(text) {
        return false;
    }
    let formatted = ["%s", "%d", "%v", "%q"]
        .iter()
        .any(|sign| text.contains(sign));
    if formatted || words::is_reference(text) || words::is_placeholder(text) || hash::is_hash(text)
    {
        return false;
    }
    // The quote was the one that ends a text, or the text goes on behind it.
    if text.starts_with([' ', '+', ')', ';', ',', '\\', '\'', '"'])
        || text.starts_with(".$")
        || text.ends_with([' ', '=', ':']) && !text.ends_with("==") && text.len() < 20
    {
        return false;
    }
    let bare = value.quote.is_none();
    // `Pass: directory was created`: a word in a sentence.
    let goes_on = matches!(
        bytes.get(value.range.end..value.range.end + 2),
        Some([b' ', next]) if next.is_ascii_lowercase()
    );
    if bare && goes_on && is_word(text) {
        return false;
    }
    let joined = match value.join {
        Join::Assigned | Join::Tagged => true,
        Join::Compared => !bare,
        // What is handed to a function may be the name of something: it must look like no word.
        Join::Called => is_kept(bytes, value, beside) && !is_word(text),
        Join::Spaced if bare => {
            beside.name.starts_with("--")
                || (beside.name.starts_with('-') && beside.manner != Manner::Code)
                || stands_alone(bytes, value, text)
        }
        Join::Spaced => {
            beside.language == Some(Language::Sql)
                || is_role(bytes, value)
                || beside.name.bytes().all(|b| !b.is_ascii_lowercase())
                || beside.name.starts_with("--")
        }
    };
    let manner = if beside.name.starts_with("--") {
        Manner::Settings
    } else {
        beside.manner
    };
    let code = bare && is_code(text, manner);
    joined
        && !(code || is_path(text) || is_self(text, beside) || unlikely::is(bytes, value, beside))
}

/// Printable ASCII; of other characters at most three in a text with everything else that a password has.
fn is_plain(text: &str) -> bool {
    let has = |test: fn(&char) -> bool| text.chars().any(|c| test(&c));
    let foreign = text.chars().filter(|c| !(' '..='~').contains(c)).count();
    foreign == 0
        || (foreign <= 3
            && text.len() >= 12
            && !text.chars().any(char::is_control)
            && has(char::is_ascii_digit)
            && has(char::is_ascii_uppercase)
            && has(char::is_ascii_lowercase))
}

/// Numbers with dots between them: a version, an address, an object identifier.
fn is_numbered(text: &str) -> bool {
    text.matches('.').count() >= 2 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// Does it look like the name of something?
fn is_word(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b' ' | b'.' | b'-'))
}

/// What stands before the value on its line.
fn line_before<'a>(bytes: &'a [u8], value: &Value) -> &'a [u8] {
    let low = value.range.start.saturating_sub(120);
    let line = bytes[low..value.range.start].rsplit(|&b| b == b'\n').next();
    line.unwrap_or_default()
}

/// A line of few words that ends with the value, as notes are written: `vendor token VALUE`. Only what is random counts.
fn stands_alone(bytes: &[u8], value: &Value, text: &str) -> bool {
    let line = line_before(bytes, value);
    let ends = matches!(bytes.get(value.range.end), None | Some(b'\n' | b'\r'));
    let words = line
        .split(|b| matches!(b, b' ' | b'\t'))
        .filter(|word| !word.is_empty());
    ends && text.len() >= 16
        && words.count() <= 3
        && line
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'.'))
        && text.bytes().any(|b| b.is_ascii_digit())
        && rarity::is_random(text.as_bytes())
}

/// `create role NAME password '...'`, in whatever language it is handed to a database.
fn is_role(bytes: &[u8], value: &Value) -> bool {
    let line = String::from_utf8_lossy(line_before(bytes, value)).to_ascii_lowercase();
    ["create", "alter"].iter().any(|word| line.contains(word))
        && [" role ", " user ", " login "]
            .iter()
            .any(|word| line.contains(word))
}

/// Is a value without quotes an expression rather than a text?
fn is_code(text: &str, manner: Manner) -> bool {
    if manner == Manner::Code {
        return true;
    }
    let has = |signs: &str| text.contains(|c| signs.contains(c));
    let identifier = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    let camel = text
        .as_bytes()
        .windows(2)
        .any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
    let digit = text.bytes().any(|b| b.is_ascii_digit());
    text.starts_with([
        '$', '&', '*', '!', '|', '>', '-', '@', '(', '[', '{', '~', '%',
    ]) || (has("(") && has(")."))
        || text.ends_with(['(', '{', ':'])
        || (text.contains('(') && identifier_before(text, '('))
        || (text.contains('[') && identifier_before(text, '['))
        || (identifier && camel && !digit && manner == Manner::Prose)
        || (identifier && text.contains('.') && !digit)
}

fn identifier_before(text: &str, sign: char) -> bool {
    let head = text.split(sign).next().unwrap_or_default();
    !head.is_empty()
        && head
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'))
}

/// Is it the path of a file, a URL, a host?
fn is_path(text: &str) -> bool {
    let slashes = text.bytes().filter(|b| *b == b'/').count();
    let absolute = text.starts_with('/')
        || text.starts_with("./")
        || text.starts_with("../")
        || text.starts_with("~/");
    let ended = [
        ".pem",
        ".key",
        ".txt",
        ".json",
        ".yml",
        ".yaml",
        ".xml",
        ".properties",
        ".jks",
        ".p12",
        ".crt",
        ".env",
        ".js",
        ".py",
        ".php",
        ".html",
        ".conf",
        ".cfg",
        ".go",
        ".md",
    ]
    .iter()
    .any(|end| text.ends_with(end));
    text.contains("://")
        || (absolute && !rarity::is_random(text.as_bytes()))
        || (slashes >= 2 && !rarity::is_random(text.as_bytes()))
        || ended
}

/// Is it the name again: `password = "user_password"`, `api_token=apiToken`?
fn is_self(text: &str, beside: Beside<'_>) -> bool {
    let squeeze = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect()
    };
    let (word, name) = (squeeze(text), squeeze(beside.name));
    let separated = text.contains(['_', '-', '.']) && !text.bytes().any(|b| b.is_ascii_digit());
    word.len() >= 3
        && (name == word
            || (beside.manner == Manner::Code && name.ends_with(&word))
            || (separated && word.contains(&name) && name.len() >= 6))
}

/// Is it text for people: words with spaces between them?
fn is_prose(text: &str) -> bool {
    let mut parts = text.split(' ').filter(|word| !word.is_empty());
    let count = parts.clone().count();
    let plain = |word: &str| {
        word.bytes().all(|b| {
            b.is_ascii_alphabetic()
                || matches!(
                    b,
                    b',' | b'.'
                        | b'\''
                        | b'!'
                        | b'?'
                        | b':'
                        | b'-'
                        | b'('
                        | b')'
                        | b'"'
                        | b'%'
                        | b'\\'
                )
        })
    };
    count >= 2 && parts.all(plain) || count >= 4
}

fn is_password(text: &str, value: &Value, beside: Beside<'_>) -> bool {
    if is_prose(text) || text.contains("://") {
        return false;
    }
    // A pass may be one of several, too.
    let words = names::words(beside.name);
    let only_pass = words.iter().any(|word| word == "pass")
        && !words
            .iter()
            .any(|word| word.len() > 4 && word.contains("pass"));
    if only_pass && text.contains([' ', '/']) {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let alphabetic = text
        .bytes()
        .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.'));
    // A label: `Password:`, `New Password *`.
    let label = lower.trim_end_matches([':', ' ', '*', '?', '.']);
    if ["password", "passwort", "passwd", "passphrase"]
        .iter()
        .any(|word| {
            label.ends_with(word)
                && label.len() > word.len()
                && !text.bytes().any(|b| b.is_ascii_digit())
        })
        && (label.contains(['_', ' ', '-', '.']) || text.ends_with([':', '*', '?']))
    {
        return false;
    }
    // The name of a variable or of a key: `DB_PASSWORD`, `user.password`, `passwordField`.
    let shouts = alphabetic && text.contains('_') && text.bytes().all(|b| !b.is_ascii_lowercase());
    let dotted = alphabetic && text.contains('.') && !text.contains(' ');
    if shouts || dotted || names::of(text).is_some() && alphabetic && text.contains(['_', '-', '.'])
    {
        return false;
    }
    if value.join == Join::Compared && alphabetic && beside.manner == Manner::Code {
        return false;
    }
    let env = beside.name.contains('_') && beside.name.bytes().all(|b| !b.is_ascii_lowercase());
    if value.quote.is_none() && beside.manner == Manner::Prose && alphabetic && !env {
        return false;
    }
    true
}

fn is_secret(text: &str, value: &Value) -> bool {
    // What is shorter was typed, not drawn.
    if is_prose(text) || text.contains(' ') || text.len() < 8 {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.' | b'/' | b':'));
    if plain {
        let lower = text.to_ascii_lowercase();
        let says = lower == text
            && lower.contains("secret")
            && lower.len() >= 10
            && !text.contains(['_', '-', '.', '/', ':']);
        return (value.quote.is_some() && says)
            || (text.len() >= 16 && rarity::is_random(text.as_bytes()));
    }
    digits >= 1
        && letters >= 3
        && (rarity::is_random(text.as_bytes())
            || (text.len() <= 24
                && rarity::surprise(text.as_bytes()) >= 450
                && value.quote.is_some()))
}

fn is_token(text: &str, least: usize) -> bool {
    let dense = text.bytes().all(|b| b.is_ascii_graphic());
    let separated = text.matches(['.', '/', ':', ',']).count();
    dense
        && text.len() >= least
        && separated <= 4
        && !is_guid(text)
        && rarity::is_random(text.as_bytes())
}

/// Only the word key speaks for it: it must be one dense random text, and stand where a program keeps keys.
fn is_key(text: &str, value: &Value, beside: Beside<'_>) -> bool {
    let data = matches!(beside.language, Some(Language::Json | Language::Yaml));
    let dense = text
        .bytes()
        .filter(|b| matches!(b, b'-' | b'_' | b'.' | b':'))
        .count()
        <= 1;
    // `VENDOR_KEY=...` where settings are written: even a text in hexadecimal is no digest there.
    let named = beside
        .name
        .split_once(['_', '-'])
        .is_some_and(|(_, key)| key.len() == 3);
    let set = match value.join {
        Join::Assigned => named && beside.manner == Manner::Settings,
        join => join == Join::Spaced,
    };
    let digest = is_digest(text) && !(set && text.len() != 40);
    !data && (value.quote.is_some() || set) && dense && is_token(text, 20) && !digest
}

/// A digest in hexadecimal, as of a commit or a file.
fn is_digest(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 64 | 96 | 128) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                b == b'-'
            } else {
                b.is_ascii_hexdigit()
            }
        })
}

/// A GUID that was drawn at random: version 4 says so.
fn is_random_guid(text: &str) -> bool {
    is_guid(text) && text.as_bytes()[14] == b'4' && rarity::variety(text.as_bytes()) >= 11
}

/// The key that a framework signs with.
fn framework(name: &str, text: &str, value: &Value) -> Option<&'static str> {
    let bare = name.rsplit(['.', '-']).next().unwrap_or(name);
    let long = text.len() >= 20 && rarity::variety(text.as_bytes()) >= 8;
    let random = rarity::is_random(text.as_bytes());
    match bare {
        "SECRET_KEY" if long && random && value.quote.is_some() => {
            Some("secret key of Django or Flask")
        }
        "secret_key_base" if long && random => Some("secret key base of Rails"),
        "APP_KEY"
            if text
                .strip_prefix("base64:")
                .is_some_and(|t| base64::decode(t.as_bytes()).is_some_and(|b| b.len() >= 16)) =>
        {
            Some("application key of Laravel")
        }
        "AUTH_KEY" | "SECURE_AUTH_KEY" | "LOGGED_IN_KEY" | "NONCE_KEY" | "AUTH_SALT"
        | "SECURE_AUTH_SALT" | "LOGGED_IN_SALT" | "NONCE_SALT"
            if text.len() >= 32 && rarity::variety(text.as_bytes()) >= 20 =>
        {
            Some("key or salt of WordPress")
        }
        _ => None,
    }
}
