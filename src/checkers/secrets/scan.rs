//! Owns the scan of one text: it walks the lanes and settles what they found. No regular expression goes over a whole text; each
//! lane is linear, and looks at a bounded window around what it stops at.

use std::cell::OnceCell;
use std::ops::Range;

use crate::model::rule::Severity;
use crate::source::class::PathClass;
use crate::source::language::Language;

use super::assign::{self, Join};
use super::class::Class;
use super::found::{Finds, Found};
use super::judge::{self, Beside, Manner};
use super::literal::Word;
use super::{
    context, everyday, files, hash, header, literal, manifest, names, pem, runs, sql, token, url,
    words,
};

/// How far a keyword is looked for before a value.
const NEAR: usize = 96;

/// A text that is scanned.
pub struct Text<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its language.
    pub language: Option<Language>,
    /// The class of its path.
    pub class: PathClass,
    manner: OnceCell<Manner>,
}

impl<'a> Text<'a> {
    /// A text.
    #[must_use]
    pub const fn new(bytes: &'a [u8], language: Option<Language>, class: PathClass) -> Self {
        Self {
            bytes,
            language,
            class,
            manner: OnceCell::new(),
        }
    }

    fn manner(&self) -> Manner {
        *self.manner.get_or_init(|| {
            Manner::of(self.language).unwrap_or_else(|| Manner::of_text(self.bytes))
        })
    }

    /// What stands before `at` on its line, in lower case.
    fn near(&self, at: usize) -> String {
        let low = at.saturating_sub(NEAR);
        let line = self.bytes[low..at].rsplit(|&b| b == b'\n').next();
        String::from_utf8_lossy(line.unwrap_or_default()).to_ascii_lowercase()
    }
}

/// Scans a text.
#[must_use]
pub fn scan(text: &Text<'_>) -> Finds {
    let mut finds = Finds::default();
    // What a tool wrote for machines has tokens, but no names that mean anything.
    let written = !text.class.lock && !text.class.minified && text.language != Some(Language::Css);
    runs::each(text.bytes, |run| {
        token::in_run(text.bytes, &run, &mut finds);
        if written && token::is_mixed(&text.bytes[run.clone()]) {
            assigned(text, &run, &mut finds);
        }
    });
    token::braintree(text.bytes, &mut finds);
    pem::scan(text.bytes, &mut finds);
    if written {
        literals(text, &mut finds);
        files::passes(text.bytes, &mut finds);
        if matches!(text.language, Some(Language::Yaml) | None) {
            manifest::scan(text.bytes, &mut finds);
        }
    }
    pair_up(&mut finds);
    for found in &mut finds.all {
        if found.class.is_guess() && is_comment(text.bytes, found.range.start, text.manner()) {
            found.severity = found.severity.min(Severity::Low);
        }
    }
    finds.settled()
}

/// Does the line that holds `at` only explain something, or is it a setting that is out of use?
fn is_comment(bytes: &[u8], at: usize, manner: Manner) -> bool {
    let low = at.saturating_sub(240);
    let line = bytes[low..at].rsplit(|&b| b == b'\n').next();
    let line = line.unwrap_or_default().trim_ascii_start();
    let marks: &[&[u8]] = match manner {
        Manner::Code => &[b"#", b"//", b"*", b"/*", b"--"],
        Manner::Settings => &[b"#", b"//", b";"],
        Manner::Prose => &[],
    };
    marks.iter().any(|mark| line.starts_with(mark))
}

/// Scans a text that was decoded out of another: tokens and keys only.
#[must_use]
pub fn inner(bytes: &[u8]) -> Finds {
    let mut finds = Finds::default();
    runs::each(bytes, |run| token::plain(bytes, &run, &mut finds));
    pem::scan(bytes, &mut finds);
    finds.settled()
}

/// A run that looks random: is it the value of a name?
fn assigned(text: &Text<'_>, run: &Range<usize>, finds: &mut Finds) {
    let bytes = text.bytes;
    let whole = &bytes[run.clone()];
    let padding = whole.iter().rev().take_while(|b| **b == b'=').count();
    let joined = whole[..whole.len() - padding]
        .iter()
        .rposition(|&b| b == b'=');
    let from = joined.map_or(run.start, |at| run.start + at + 1);
    if run.end - from < runs::SHORTEST - 2 {
        return;
    }
    let joined = assign::backward(bytes, from);
    let Some(mut name) = joined.or_else(|| assign::beside(bytes, from)) else {
        return;
    };
    if !names::may_be(&bytes[name.clone()]) && assign::typed_name(bytes, &name).is_none() {
        return;
    }
    let mut said = String::from_utf8_lossy(&bytes[name.clone()]).into_owned();
    // What stands before the sign may be a type.
    if names::of(&said).is_none()
        && let Some(typed) = assign::typed_name(bytes, &name)
    {
        said = String::from_utf8_lossy(&bytes[typed.clone()]).into_owned();
        name = typed;
    }
    if names::of(&said).is_none() {
        return;
    }
    let Some(value) = assign::forward(bytes, &name) else {
        return;
    };
    if !value.range.contains(&from) {
        return;
    }
    if let Some(found) = valued(text, &said, &name, &value) {
        finds.push(found);
    }
}

/// What the value of a name is, by all that is known of names.
fn valued(
    text: &Text<'_>,
    said: &str,
    name: &Range<usize>,
    value: &assign::Value,
) -> Option<Found> {
    let bytes = text.bytes;
    let Range { start, end } = value.range;
    if let Some(found) = files::named(bytes, said, start, end) {
        return Some(found);
    }
    let quoted = value.quote.is_some() || text.manner() != Manner::Code;
    let real = || {
        let value = String::from_utf8_lossy(&bytes[start..end]);
        !words::is_reference(&value) && !words::is_dummy(value.as_bytes())
    };
    if quoted && (15..=300).contains(&(end - start)) && names::of(said).is_some() && real() {
        let near = text.near(start);
        let found = context::judge(bytes, &value.range, &near);
        if found.is_some() {
            return found;
        }
        if context::is_too_short(&bytes[start..end], &near) {
            return None;
        }
    }
    if let Some(found) = connection(text, said, name, value) {
        return Some(found);
    }
    let beside = Beside {
        name: said,
        manner: text.manner(),
        language: text.language,
    };
    judge::judge(bytes, value, beside)
}

/// The password in a list of settings such as `Server=db;User Id=app;Password=...;`.
fn connection(
    text: &Text<'_>,
    said: &str,
    name: &Range<usize>,
    value: &assign::Value,
) -> Option<Found> {
    const BESIDE: [&str; 12] = [
        "server=",
        "data source=",
        "host=",
        "uid=",
        "user id=",
        "username=",
        "initial catalog=",
        "database=",
        "dbname=",
        "user=",
        "addr=",
        "hostname=",
    ];
    let bare = said.rsplit('.').next().unwrap_or(said).to_ascii_lowercase();
    // A part of a query of a URL is none of a list of settings.
    let queried = name
        .start
        .checked_sub(1)
        .is_some_and(|at| matches!(text.bytes[at], b'?' | b'&'));
    if queried
        || value.quote.is_some()
        || value.join != Join::Assigned
        || !matches!(&*bare, "password" | "pwd" | "pass")
        || bytes_at(text, name.end) != Some(b'=')
    {
        return None;
    }
    if value.range.len() > 128 {
        return None;
    }
    let low = name.start.saturating_sub(300);
    let before = text.bytes[low..name.start]
        .rsplit(|&b| b == b'\n')
        .next()
        .unwrap_or_default();
    let high = text.bytes.len().min(value.range.end + 200);
    let behind = text.bytes[value.range.end..high]
        .split(|&b| b == b'\n')
        .next()
        .unwrap_or_default();
    let line = [before, b" ", behind].concat().to_ascii_lowercase();
    let line = String::from_utf8_lossy(&line);
    let delimited = matches!(
        bytes_at(text, value.range.end),
        Some(b';' | b'"' | b'\'' | b' ' | b'`' | b'\n') | None
    );
    let listed = before
        .iter()
        .any(|b| matches!(b, b';' | b' ' | b'"' | b'\''))
        || behind.first() == Some(&b';');
    // What only spaces part is a list of settings where it stands in quotes; else it is a command with its arguments.
    let quotes = before
        .iter()
        .filter(|b| matches!(b, b'"' | b'\'' | b'`'))
        .count();
    let parted = behind.first() == Some(&b';')
        || before.iter().rev().find(|b| !b.is_ascii_whitespace()) == Some(&b';')
        || quotes % 2 == 1;
    if !delimited || !parted || !listed || !BESIDE.iter().any(|word| line.contains(word)) {
        return None;
    }
    let password = String::from_utf8_lossy(&text.bytes[value.range.clone()]);
    let dotted = password.contains('.')
        && password
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.'));
    let shouts = password.contains('_')
        && !password
            .bytes()
            .any(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let refers = dotted
        || shouts
        || password.starts_with('/')
        || words::is_reference(&password)
        || password.contains(['{', '$', '%', '(', '+']);
    let real =
        password.len() >= 3 && password.is_ascii() && !refers && !words::is_placeholder(&password);
    let found = || {
        let kind = "password in a connection string";
        Found::new(value.range.clone(), Class::Connection, kind)
    };
    real.then(found).map(|found| {
        if everyday::is_weak(&password) {
            found.graded(Severity::Low)
        } else {
            found
        }
    })
}

fn bytes_at(text: &Text<'_>, at: usize) -> Option<u8> {
    text.bytes.get(at).copied()
}

/// Short words that stand before or in what has no run: passwords, secrets, URLs, headers, hashes.
fn literals(text: &Text<'_>, finds: &mut Finds) {
    let bytes = text.bytes;
    let mut done = 0;
    literal::each(bytes, |word, at| match word {
        Word::Url => finds.all.extend(url::at(bytes, at, text.class)),
        Word::Basic => finds.all.extend(header::basic(bytes, at + 6)),
        Word::Bearer => finds.all.extend(header::bearer(bytes, at + 7)),
        Word::User => finds.all.extend(header::user(bytes, at + 4)),
        // What a test hashes is made up, and so is what a guide shows.
        Word::Hash if text.class.test || text.class.vendored || text.class.docs => {}
        Word::Hash => finds.all.extend(hash::at(bytes, at)),
        Word::Identified => finds.all.extend(sql::identified(bytes, at + 14)),
        Word::Name => {
            let name = assign::name_around(bytes, at);
            // A name with two words in it is looked at once.
            if name.start < done {
                return;
            }
            done = name.end;
            named(text, &name, &mut done, finds);
        }
    });
}

fn named(text: &Text<'_>, name: &Range<usize>, done: &mut usize, finds: &mut Finds) {
    let bytes = text.bytes;
    let Ok(said) = std::str::from_utf8(&bytes[name.clone()]) else {
        return;
    };
    if said == "password"
        && text.language.is_none()
        && let Some(found) = files::netrc(bytes, name.start, name.end)
    {
        finds.push(found);
        return;
    }
    if names::of(said).is_none() {
        return;
    }
    let Some(value) = assign::forward(bytes, name) else {
        return;
    };
    // Names inside a text that is longer than any secret are part of it.
    if value.quote.is_none() && value.range.len() > 300 {
        *done = value.range.end;
        return;
    }
    if let Some(found) = valued(text, said, name, &value) {
        finds.push(found);
    }
}

/// An access key id with its secret is worse than one alone.
fn pair_up(finds: &mut Finds) {
    let secrets: Vec<usize> = finds
        .all
        .iter()
        .filter(|found| found.kind == "AWS secret access key")
        .map(|found| found.range.start)
        .collect();
    if secrets.is_empty() {
        return;
    }
    for found in &mut finds.all {
        let near = |at: &usize| found.range.start.abs_diff(*at) < 400;
        if found.kind == "AWS access key id" && secrets.iter().any(near) {
            found.severity = Severity::Critical;
        }
    }
}
