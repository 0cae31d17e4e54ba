//! Owns the options made ready: own kinds compiled, and what is allowed in a form that can be asked.

use std::borrow::Cow;

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

use crate::base::digest::Digest;
use crate::model::rule::Severity;

use super::class::Class;
use super::found::{Finds, Found};
use super::options::{Allow, Options, OwnKind};
use super::rarity;
use super::shape::Shape;

/// What keeps the digest of a secret from being looked up in a table that somebody made of common passwords.
const SALT: &[u8] = b"qgate secrets 1";

/// The digest of a secret, whole: it is compared, never kept.
#[must_use]
pub fn digest(secret: &[u8]) -> String {
    Digest::of_parts([SALT, secret]).to_string()
}

enum Form {
    Shape(Shape),
    Pattern(Regex),
}

struct Kind {
    name: String,
    form: Form,
    keywords: Vec<String>,
    severity: Severity,
}

/// The options made ready.
pub struct Ready {
    kinds: Vec<Kind>,
    allow: Allow,
    words: Vec<String>,
}

impl Ready {
    /// Makes them ready.
    ///
    /// # Errors
    /// Says which kind of its own is none.
    pub fn new(options: &Options) -> Result<Self, String> {
        let kinds: Result<Vec<Kind>, String> = options.kinds.iter().map(kind).collect();
        let digests = &options.allow.digests;
        if let Some(wrong) = digests
            .iter()
            .find(|d| d.len() != 64 || !d.bytes().all(|b| b.is_ascii_hexdigit()))
        {
            return Err(format!(
                "`{wrong}` is no digest: take what `qgate secrets digest` prints"
            ));
        }
        Ok(Self {
            kinds: kinds?,
            allow: options.allow.clone(),
            words: options
                .allow
                .words
                .iter()
                .map(|word| word.to_ascii_lowercase())
                .collect(),
        })
    }

    /// Adds the kinds of the options that stand in the text.
    pub fn scan(&self, bytes: &[u8], finds: &mut Finds) {
        for kind in &self.kinds {
            let named = |word: &String| memmem::find(bytes, word.as_bytes()).is_some();
            if !kind.keywords.is_empty() && !kind.keywords.iter().any(named) {
                continue;
            }
            let mut keep = |range: std::ops::Range<usize>, open: usize| {
                let mut found = Found::new(range, Class::Custom, kind.name.clone());
                found.open = open;
                finds.push(found.graded(kind.severity));
            };
            match &kind.form {
                Form::Shape(shape) => {
                    let prefix = shape.prefix();
                    for at in memmem::find_iter(bytes, prefix) {
                        let before = at.checked_sub(1).map(|at| bytes[at]);
                        let clean = !before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
                        let end = shape.end(bytes, at).filter(|_| clean);
                        let real =
                            |end: &usize| rarity::variety(&bytes[at + prefix.len()..*end]) >= 4;
                        if let Some(end) = end.filter(real) {
                            keep(at..end, prefix.len());
                        }
                    }
                }
                Form::Pattern(pattern) => {
                    for groups in pattern.captures_iter(bytes) {
                        if let Some(found) = groups.get(1).or_else(|| groups.get(0)) {
                            keep(found.range(), 0);
                        }
                    }
                }
            }
        }
    }

    /// Do the options say that the value is no secret?
    #[must_use]
    pub fn allows(&self, secret: &[u8]) -> bool {
        if self.allow.digests.is_empty() && self.words.is_empty() && self.allow.values.is_empty() {
            return false;
        }
        let text: Cow<'_, str> = String::from_utf8_lossy(secret);
        let lower = text.to_ascii_lowercase();
        self.words.iter().any(|word| lower.contains(word))
            || self
                .allow
                .values
                .iter()
                .any(|pattern| pattern.regex().is_match(&text))
            || (!self.allow.digests.is_empty() && self.allow.digests.contains(&digest(secret)))
    }
}

fn kind(own: &OwnKind) -> Result<Kind, String> {
    let OwnKind { name, .. } = own;
    let form = match (&own.pattern, own.prefix.as_str(), own.alphabet) {
        (Some(pattern), "", None) => {
            let built = RegexBuilder::new(pattern.regex().as_str())
                .unicode(false)
                .size_limit(1 << 20)
                .build()
                .or_else(|_| {
                    RegexBuilder::new(pattern.regex().as_str())
                        .size_limit(1 << 20)
                        .build()
                });
            Form::Pattern(built.map_err(|_| format!("the pattern of `{name}` is too large"))?)
        }
        (None, prefix, Some(alphabet)) if prefix.len() >= 2 && !prefix.contains(['{', '}']) => {
            let text = format!("{prefix}{{{}{}}}", alphabet.letter(), own.length);
            Form::Shape(Shape::read(&text).map_err(|why| format!("`{name}`: {why}"))?)
        }
        _ => {
            return Err(format!(
                "the kind `{name}` needs either `pattern`, or `prefix` of two characters or more with `alphabet` and `length`"
            ));
        }
    };
    Ok(Kind {
        name: name.clone(),
        form,
        keywords: own.keywords.clone(),
        severity: own.severity,
    })
}
