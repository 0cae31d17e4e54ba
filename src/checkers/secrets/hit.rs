//! Owns what is kept of a file: where secrets stand and of which kind, redacted. No byte of a secret is in it but the prefix that
//! all of its kind have; what tells one secret from another is twenty bits of a salted digest, too few to guess against.

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::model::place::{Point, Span};
use crate::model::rule::Severity;
use crate::source::class::PathClass;
use crate::source::language::Language;

use super::class::Class;
use super::everyday;
use super::found::{Finds, Found};
use super::marks;
use super::own::{self, Ready};
use super::scan::{self, Text};

/// A secret, redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Its class.
    pub class: Class,
    /// What people call it.
    pub kind: String,
    /// How bad it is, the file's role counted in.
    pub severity: Severity,
    /// Where it is.
    pub span: Span,
    /// The same in bytes, the whole of it.
    pub bytes: (usize, usize),
    /// The prefix that all of its kind have, and stars.
    pub masked: String,
    /// Its line with every secret masked, as a digest, and a few bits of its own.
    pub anchor: String,
    /// A few bits of its digest.
    pub bits: String,
    /// When it stops to be good, in seconds since the epoch, if it says so.
    pub expires: Option<i64>,
    /// The mark of another scanner that stands there.
    pub mark: Option<String>,
}

/// What is observed in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Is it binary, so that nobody looked?
    pub binary: bool,
    /// The secrets, in order.
    pub hits: Vec<Hit>,
    /// How many texts have the form of a token and are a dummy.
    pub dummies: usize,
    /// How many secrets the options allow.
    pub allowed: usize,
    /// How many were not kept.
    pub more: usize,
}

impl Facts {
    /// Looks at a content; `None` when there is nothing to tell.
    #[must_use]
    pub fn of(
        bytes: &[u8],
        language: Option<Language>,
        class: PathClass,
        ready: &Ready,
    ) -> Option<Self> {
        if let Some(text) = wide(bytes) {
            return Self::of_text(&text, language, class, ready);
        }
        if memchr::memchr(0, &bytes[..bytes.len().min(8_000)]).is_some() {
            return Some(Self {
                binary: true,
                ..Self::default()
            });
        }
        Self::of_text(bytes, language, class, ready)
    }

    fn of_text(
        bytes: &[u8],
        language: Option<Language>,
        class: PathClass,
        ready: &Ready,
    ) -> Option<Self> {
        let mut finds = scan::scan(&Text::new(bytes, language, class));
        let own = finds.all.len();
        ready.scan(bytes, &mut finds);
        if finds.all.len() > own {
            finds = finds.settled();
        }
        Self::of_finds(bytes, class, ready, &finds)
    }

    /// What is kept of finds; `None` when there is nothing to tell.
    #[must_use]
    pub fn of_finds(bytes: &[u8], class: PathClass, ready: &Ready, finds: &Finds) -> Option<Self> {
        if finds.all.is_empty() && finds.dummies == 0 {
            return None;
        }
        let mut facts = Self {
            dummies: finds.dummies,
            more: finds.more,
            ..Self::default()
        };
        let mut points = Points {
            bytes,
            at: 0,
            line: 1,
            start: 0,
        };
        for (n, found) in finds.all.iter().enumerate() {
            let secret = &bytes[found.body.clone()];
            if ready.allows(secret) || ready.allows(&bytes[found.range.clone()]) {
                facts.allowed += 1;
                continue;
            }
            if is_made_up(found, class, secret) {
                facts.dummies += 1;
                continue;
            }
            let bits = own::digest(secret)[..5].to_owned();
            let start = points.of(found.range.start);
            let end = points.of(found.range.end);
            facts.hits.push(Hit {
                class: found.class,
                kind: found.kind.clone().into_owned(),
                severity: graded(found, class),
                span: Span { start, end },
                bytes: (
                    found.body.start.min(found.range.start),
                    found.body.end.max(found.range.end),
                ),
                masked: masked(bytes, found),
                anchor: format!("{} {bits}", anchor(bytes, finds, n)),
                bits,
                expires: found.expires,
                mark: marks::at(bytes, found.range.start, found.range.end).map(str::to_owned),
            });
        }
        Some(facts)
    }
}

/// What opens nobody's door where it stands: in a test, an example or a workflow what everybody types, and in a test or an example a
/// key that needs its passphrase.
fn is_made_up(found: &Found, class: PathClass, secret: &[u8]) -> bool {
    let shown = class.test || class.vendored || class.docs;
    let is = |test: fn(&str) -> bool| std::str::from_utf8(secret).is_ok_and(test);
    match found.class {
        Class::Password | Class::Connection => {
            (shown || class.workflow) && is(everyday::fills_a_form)
        }
        Class::Url => (shown || class.workflow) && is(everyday::is_trivial),
        Class::PrivateKey => shown && found.sealed,
        _ => false,
    }
}

/// UTF-16 with its mark, as PowerShell writes it, in UTF-8.
fn wide(bytes: &[u8]) -> Option<Vec<u8>> {
    let (little, rest) = match bytes {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        _ => return None,
    };
    let units = rest.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        }
    });
    let text: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or('\u{fffd}'))
        .collect();
    Some(text.into_bytes())
}

/// Tests, examples and other people's code hold what is made up: two steps down; one when the token proves itself. What only its
/// name makes a secret is mostly an example where it stands in documentation: one step.
fn graded(found: &Found, class: PathClass) -> Severity {
    let steps = match (
        class.test || class.vendored,
        found.proven && found.class != Class::PrivateKey,
    ) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => 2,
    };
    let steps = steps + usize::from(class.docs && steps == 0 && found.class.is_guess());
    (0..steps).fold(found.severity, |severity, _| match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Info => Severity::Info,
    })
}

fn masked(bytes: &[u8], found: &Found) -> String {
    let open = found.open.min(found.range.len());
    let prefix = &bytes[found.range.start..found.range.start + open];
    format!("{}****", String::from_utf8_lossy(prefix))
}

/// The digest of what stands before the secret on its line, without white space, other secrets masked. It names the line
/// when others come and go, and tells nothing of the secret.
fn anchor(bytes: &[u8], finds: &Finds, n: usize) -> String {
    let found = &finds.all[n];
    let low = found.range.start.saturating_sub(120);
    let start = bytes[low..found.range.start]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(low, |at| low + at + 1);
    let mut text = Vec::new();
    let mut at = start;
    let first = finds.all[..n].partition_point(|other| other.body.end <= start);
    for other in &finds.all[first..n] {
        let from = other.body.start.clamp(at, found.range.start);
        text.extend_from_slice(&bytes[at..from]);
        text.push(b'*');
        at = other.body.end.clamp(from, found.range.start);
    }
    text.extend_from_slice(&bytes[at..found.range.start]);
    text.retain(|b| !b.is_ascii_whitespace());
    Digest::of_parts([found.kind.as_bytes(), &text]).short()
}

/// Lines and columns of ascending offsets.
struct Points<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    start: usize,
}

impl Points<'_> {
    fn of(&mut self, offset: usize) -> Point {
        if offset < self.at {
            (self.at, self.line, self.start) = (0, 1, 0);
        }
        for found in memchr::memchr_iter(b'\n', &self.bytes[self.at..offset]) {
            self.line = self.line.saturating_add(1);
            self.start = self.at + found + 1;
        }
        self.at = offset;
        // In a line without end, columns are not counted from its beginning again and again.
        let low = self.start.max(offset.saturating_sub(100_000));
        let text = &self.bytes[low..offset];
        let column = low - self.start + characters(text) + 1;
        Point {
            line: self.line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }
}

fn characters(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    bytes
        .utf8_chunks()
        .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::secrets::options::Options;

    fn look(bytes: &[u8], test: bool) -> Facts {
        let ready = Ready::new(&Options::default()).expect("the defaults are good");
        let class = PathClass {
            test,
            ..PathClass::default()
        };
        Facts::of(bytes, None, class, &ready).unwrap_or_default()
    }

    #[test]
    fn nothing_of_a_secret_is_kept() {
        let secret = "Zx9".repeat(2) + "kQw7Lm2Rt5";
        let text = format!("a: 1\n  db_password = {secret}\n");
        let facts = look(text.as_bytes(), false);
        assert_eq!(facts.hits.len(), 1);
        assert_eq!(
            facts.hits[0].span.start,
            Point {
                line: 2,
                column: 17
            }
        );
        let kept = postcard::to_stdvec(&facts).expect("plain data");
        assert!(memchr::memmem::find(&kept, secret.as_bytes()).is_none());
        assert!(memchr::memmem::find(&kept, &secret.as_bytes()[..6]).is_none());
    }

    #[test]
    fn tests_weigh_less_and_wide_texts_are_read() {
        let text = "db_password = kQw7Lm2Rt5x\n";
        assert_eq!(
            look(text.as_bytes(), false).hits[0].severity,
            Severity::Medium
        );
        assert_eq!(look(text.as_bytes(), true).hits[0].severity, Severity::Info);
        let wide: Vec<u8> = std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(look(&wide, false).hits.len(), 1);
    }

    #[test]
    fn what_everybody_types_is_none_in_a_test() {
        let text = b"password = pass_1\n";
        assert_eq!(look(text, false).hits.len(), 1);
        let facts = look(text, true);
        assert_eq!((facts.hits.len(), facts.dummies), (0, 1));
    }

    #[test]
    fn anchors_survive_other_secrets() {
        let one = look(b"password = aB3xQ9zLmW\n", false).hits[0]
            .anchor
            .clone();
        let moved = look(b"\n\n    password = aB3xQ9zLmW\n", false).hits[0]
            .anchor
            .clone();
        let other = look(b"password = aB3xQ9zLmV\n", false).hits[0]
            .anchor
            .clone();
        assert_eq!(one, moved);
        assert_ne!(one, other);
    }
}
