//! Owns the way from a SARIF artifact location to a path, relative or absolute; knows no tree.

use std::collections::BTreeMap;

use super::log::{Artifact, ArtifactLocation};

/// Bases may stand on bases; more than this is a circle.
const DEEPEST: usize = 8;

/// The path that a location names; `None` when it names no file.
pub(super) fn path(
    location: &ArtifactLocation,
    artifacts: &[Artifact],
    bases: &BTreeMap<String, ArtifactLocation>,
) -> Option<String> {
    let location = match (&location.uri, location.index) {
        (None, Some(index)) => &artifacts.get(usize::try_from(index).ok()?)?.location,
        _ => location,
    };
    let mut text = location.uri.clone()?;
    let mut base = location.base.as_deref();
    for _ in 0..DEEPEST {
        // What is absolute already needs no base. A base that nobody defines, `%SRCROOT%` most often, is the root.
        let Some(definition) = base
            .filter(|_| !has_scheme(&text))
            .and_then(|base| bases.get(base))
        else {
            break;
        };
        if let Some(uri) = &definition.uri {
            let slash = if uri.is_empty() || uri.ends_with('/') {
                ""
            } else {
                "/"
            };
            text = format!("{uri}{slash}{text}");
        }
        base = definition.base.as_deref();
    }
    let path = if has_scheme(&text) {
        let (scheme, rest) = text.split_once(':')?;
        if !scheme.eq_ignore_ascii_case("file") {
            return None;
        }
        // `file:///path`, `file:/path`, `file://host/path`.
        match rest.strip_prefix("//") {
            Some(rest) => rest[rest.find('/')?..].to_owned(),
            None => rest.to_owned(),
        }
    } else {
        text
    };
    let path = decoded(path.split(['?', '#']).next().unwrap_or_default())?;
    // `/C:/x` is `C:/x`.
    let drive = path.as_bytes();
    let is_drive =
        drive.len() > 3 && drive[0] == b'/' && drive[1].is_ascii_alphabetic() && drive[2] == b':';
    Some(if is_drive { path[1..].to_owned() } else { path })
}

/// A scheme has at least two letters: one is a drive.
fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

/// Percent-decoded; a stray `%` stands for itself. `None` when what comes out is no UTF-8.
fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).ok()?);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, base: Option<&str>, expected: Option<&str>) {
        let location = |uri: &str, base: Option<&str>| ArtifactLocation {
            uri: Some(uri.to_owned()),
            base: base.map(str::to_owned),
            index: None,
        };
        let bases = BTreeMap::from([
            ("ROOT".to_owned(), location("file:///home/me/x", None)),
            ("SRC".to_owned(), location("src/", Some("ROOT"))),
            ("LOOP".to_owned(), location("a/", Some("LOOP"))),
        ]);
        assert_eq!(path(&location(uri, base), &[], &bases).as_deref(), expected);
    }

    #[test]
    fn locations() {
        check("src/a%20b.py", None, Some("src/a b.py"));
        check("src/100%.py", None, Some("src/100%.py"));
        check("src/a.py", Some("%SRCROOT%"), Some("src/a.py"));
        check("a.py", Some("SRC"), Some("/home/me/x/src/a.py"));
        check(
            "file:///home/me/x/a.py",
            Some("SRC"),
            Some("/home/me/x/a.py"),
        );
        check("file:/home/a.py", None, Some("/home/a.py"));
        check("file:///C:/x/a.py", None, Some("C:/x/a.py"));
        check("file://host/share/a.py", None, Some("/share/a.py"));
        check("C:/x/a.py", None, Some("C:/x/a.py"));
        check("https://example.com/a.py", None, None);
        check("file://", None, None);
        check("%ff", None, None);
        check("a", Some("LOOP"), Some("a/a/a/a/a/a/a/a/a"));
        check("\u{e9}%", None, Some("\u{e9}%"));
    }
}
