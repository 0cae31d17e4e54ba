//! Owns the reading of assignments: from a name to the literal behind it, and from a literal back to its name, on one line. It
//! knows how programs and configuration files write them, and no rule.

use std::ops::Range;

/// How far a value may go.
const LONGEST: usize = 1_024;

/// How far a name may stand from its value.
const FARTHEST: usize = 96;

/// A value behind a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Where it stands, without quotes.
    pub range: Range<usize>,
    /// The quote around it, if any.
    pub quote: Option<u8>,
    /// What joins it to the name.
    pub join: Join,
}

/// What joins a name and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// `=`, `:`, `:=`, `=>`.
    Assigned,
    /// `==`, `!=`.
    Compared,
    /// `name("value"`, or `("name", "value"`.
    Called,
    /// `<name>value<`.
    Tagged,
    /// `--name value`, `name "value"`.
    Spaced,
}

const fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$')
}

/// The name that the byte at `at` is in.
#[must_use]
pub fn name_around(bytes: &[u8], at: usize) -> Range<usize> {
    let low = at.saturating_sub(FARTHEST);
    let from = bytes[low..at].iter().rposition(|&b| !is_name(b));
    let mut from = from.map_or(low, |found| low + found + 1);
    // The letter of an escape that stands before it is none of its own.
    if from > 0
        && bytes[from - 1] == b'\\'
        && matches!(bytes[from], b'n' | b't' | b'r')
        && from < at
    {
        from += 1;
    }
    let high = bytes.len().min(at + FARTHEST);
    let to = bytes[at..high].iter().position(|&b| !is_name(b));
    from..to.map_or(high, |found| at + found)
}

fn blank(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}

/// The quote that opens at `at`, behind a letter that marks the literal or a backslash, and where its text begins. A text that
/// is put together from variables is none.
fn quote(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let mut at = at;
    let marks = bytes.get(at..)?.iter().take(3);
    let skipped = marks
        .take_while(|b| {
            matches!(
                b,
                b'b' | b'r' | b'u' | b'f' | b'B' | b'R' | b'L' | b'@' | b'\\' | b'&'
            )
        })
        .count();
    at += skipped;
    let mark = *bytes.get(at)?;
    if !matches!(mark, b'"' | b'\'' | b'`') {
        return None;
    }
    at += 1;
    // Three quotes open one text.
    if bytes.get(at..at + 2) == Some(&[mark, mark]) {
        at += 2;
    }
    Some((mark, at))
}

/// Where the text ends that `mark` closes; `None` when it is longer than a value or than its line.
fn closed(bytes: &[u8], from: usize, mark: u8) -> Option<usize> {
    let room = &bytes[from..bytes.len().min(from + LONGEST)];
    let mut at = 0;
    while let Some(&byte) = room.get(at) {
        match byte {
            b'\n' => return None,
            b'\\' if room.get(at + 1) == Some(&mark) => return Some(from + at),
            b'\\' => at += 1,
            _ if byte == mark => return Some(from + at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where a value without quotes ends.
fn bare_end(bytes: &[u8], from: usize) -> usize {
    let room = &bytes[from..bytes.len().min(from + LONGEST)];
    let ends = |b: &u8| {
        b.is_ascii_whitespace()
            || matches!(
                b,
                b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'|' | b'\\' | b'&'
            )
    };
    let length = room.iter().position(ends).unwrap_or(room.len());
    let mut to = from + length;
    while to > from && matches!(bytes[to - 1], b')' | b'}' | b']') {
        to -= 1;
    }
    to
}

/// The value behind the name that stands at `name`.
#[must_use]
pub fn forward(bytes: &[u8], name: &Range<usize>) -> Option<Value> {
    let before = name.start.checked_sub(1).map(|at| bytes[at]);
    let mut at = name.end;
    // `["name"]`, `name?`, `name]`.
    let mut quoted = false;
    while let Some(&b) = bytes.get(at) {
        match b {
            b'"' | b'\'' | b'`' => quoted = true,
            b']' | b'?' | b'!' | b'\\' if at < name.end + 4 => {}
            _ => break,
        }
        at += 1;
        if at > name.end + 4 {
            return None;
        }
    }
    // `passed ? "pass" : "fail"`.
    if quoted && chosen(bytes, name.start) {
        return None;
    }
    if before == Some(b'<') && bytes.get(at) == Some(&b'>') {
        return tagged(bytes, at + 1);
    }
    let spaced = at;
    at = blank(bytes, at);
    let (join, from) = match *bytes.get(at)? {
        b'=' | b'!' if bytes.get(at + 1) == Some(&b'=') => {
            let third = usize::from(bytes.get(at + 2) == Some(&b'='));
            (Join::Compared, at + 2 + third)
        }
        b'=' if matches!(bytes.get(at + 1), Some(b'>' | b'~')) => (Join::Assigned, at + 2),
        b'=' => (Join::Assigned, at + 1),
        b':' if matches!(bytes.get(at + 1), Some(b'=' | b':')) => (Join::Assigned, at + 2),
        b':' => (Join::Assigned, typed(bytes, at + 1)),
        b'?' | b'+' | b'|' if bytes.get(at..at + 4).is_some_and(|t| t.contains(&b'=')) => {
            let equals = bytes[at..at + 4].iter().position(|&b| b == b'=')?;
            (Join::Assigned, at + equals + 1)
        }
        b'(' if !quoted && at == spaced => (Join::Called, at + 1),
        b',' if quoted => (Join::Called, at + 1),
        b'"' | b'\'' if at > spaced => (Join::Spaced, at),
        _ if at > spaced && before == Some(b'-')
            || bytes[name.start..name.end].starts_with(b"--") =>
        {
            (Join::Spaced, at)
        }
        _ if quoted && bytes[at..].starts_with(b"value=") => (Join::Assigned, at + 6),
        b if at > spaced && b.is_ascii_alphabetic() => {
            go_typed(bytes, at).map_or((Join::Spaced, at), |from| (Join::Assigned, from))
        }
        _ if at > spaced => (Join::Spaced, at),
        _ => return None,
    };
    let from = unwrapped(bytes, blank(bytes, from));
    if let Some((mark, from)) = quote(bytes, from) {
        let to = closed(bytes, from, mark)?;
        let behind = blank(bytes, to + 1);
        let names =
            matches!(bytes.get(behind), Some(b':')) || bytes.get(behind..behind + 2) == Some(b"=>");
        if names && join == Join::Assigned {
            return None;
        }
        let range = from..to;
        return Some(Value {
            range,
            quote: Some(mark),
            join,
        });
    }
    if join == Join::Called {
        return None;
    }
    let to = bare_end(bytes, from);
    let range = from..to;
    (to > from).then_some(Value {
        range,
        quote: None,
        join,
    })
}

/// Words that end the name of a function which hands a literal on as it is, or decodes it.
const WRAPPERS: [&str; 12] = [
    "byte",
    "bytes",
    "decode",
    "b64decode",
    "encode",
    "from",
    "str",
    "string",
    "spec",
    "buffer",
    "base64",
    "parse",
];

fn is_wrapper(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    WRAPPERS.iter().any(|word| name.ends_with(word.as_bytes()))
}

/// Where the literal stands when a list or a call that keeps it opens at `at`: `["`, `[]byte("`, `Base64.decode("`. The same place
/// when none does.
fn unwrapped(bytes: &[u8], at: usize) -> usize {
    let mut here = at;
    for _ in 0..3 {
        let room = &bytes[here.min(bytes.len())..bytes.len().min(here + 48)];
        let name = room
            .iter()
            .position(|&b| !(is_name(b) || matches!(b, b':' | b' ' | b'[' | b']')));
        let Some(length) = name else { return at };
        let opens = match room[length] {
            b'(' => length > 0 && is_wrapper(&room[..length]),
            b'"' | b'\'' | b'`' => {
                let opened = length > 0 && room[..length].iter().all(|b| matches!(b, b'[' | b' '));
                return if here > at || opened {
                    here + length
                } else {
                    at
                };
            }
            _ => false,
        };
        if !opens {
            return at;
        }
        here += length + 1;
    }
    at
}

/// Does the literal that holds `at` stand behind a question?
fn chosen(bytes: &[u8], at: usize) -> bool {
    let before = bytes[at.saturating_sub(8)..at].trim_ascii_end();
    let before = before
        .strip_suffix(b"\"")
        .or_else(|| before.strip_suffix(b"'"));
    before.is_some_and(|before| before.trim_ascii_end().ends_with(b"?"))
}

fn tagged(bytes: &[u8], from: usize) -> Option<Value> {
    let room = &bytes[from..bytes.len().min(from + LONGEST)];
    let length = room.iter().position(|b| matches!(b, b'<' | b'\n'))?;
    let value = Value {
        range: from..from + length,
        quote: Some(b'<'),
        join: Join::Tagged,
    };
    (length > 0 && room[length] == b'<').then_some(value)
}

/// Behind a colon, where the value begins: what stands between it and an `=` on the same line is a type.
fn typed(bytes: &[u8], from: usize) -> usize {
    let at = blank(bytes, from);
    let room = &bytes[at..bytes.len().min(at + 40)];
    let is_type = |b: &u8| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'&' | b'\'' | b'_' | b'<' | b'>' | b'[' | b']' | b'.' | b':' | b' ' | b'?' | b'|'
            )
    };
    let length = room.iter().position(|b| !is_type(b)).unwrap_or(room.len());
    let starts = room
        .first()
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'&');
    let equals = room.get(length) == Some(&b'=') && room.get(length + 1) == Some(&b' ');
    if starts && equals && length > 0 && room[length - 1] == b' ' {
        at + length + 1
    } else {
        from
    }
}

/// `name string = "value"`, as Go and others write it.
fn go_typed(bytes: &[u8], at: usize) -> Option<usize> {
    let room = &bytes[at..bytes.len().min(at + 24)];
    let length = room.iter().position(|b| !b.is_ascii_alphanumeric())?;
    if !matches!(
        &room[..length],
        b"string" | b"String" | b"varchar" | b"text" | b"str"
    ) {
        return None;
    }
    let equals = blank(bytes, at + length);
    (bytes.get(equals) == Some(&b'=')).then_some(equals + 1)
}

/// The name whose value begins at `value`, on the same line.
#[must_use]
pub fn backward(bytes: &[u8], value: usize) -> Option<Range<usize>> {
    let low = value.saturating_sub(FARTHEST);
    let line = bytes[low..value].iter().rposition(|&b| b == b'\n');
    let low = line.map_or(low, |at| low + at + 1);
    let mut at = value;
    let mut joined = false;
    while at > low {
        let b = bytes[at - 1];
        match b {
            b'=' | b':' | b'(' | b',' | b'>' => joined = true,
            b'"' | b'\'' | b'`' | b' ' | b'\t' | b'\\' | b'[' | b']' | b'@' | b'?' | b'|'
            | b'!' => {}
            _ if is_name(b) && joined => {
                let range = name_around(bytes, at - 1);
                let range = range.start..range.end.min(value);
                if bytes.get(range.end) == Some(&b'(') && is_wrapper(&bytes[range.clone()]) {
                    (at, joined) = (range.start.max(low), false);
                    if at == low {
                        return None;
                    }
                    continue;
                }
                return Some(range);
            }
            // A letter that marks the literal, a word between name and value.
            _ if b.is_ascii_alphabetic() && at + 3 > value => {}
            _ => return None,
        }
        at -= 1;
    }
    None
}

/// The word that only white space parts from the value that begins at `value`.
#[must_use]
pub fn beside(bytes: &[u8], value: usize) -> Option<Range<usize>> {
    let low = value.saturating_sub(FARTHEST);
    let blanks = bytes[low..value].iter().rev();
    let blanks = blanks.take_while(|b| matches!(b, b' ' | b'\t')).count();
    let at = (value - blanks).checked_sub(1).filter(|_| blanks > 0)?;
    is_name(bytes[at]).then(|| name_around(bytes, at))
}

/// The name before the type that stands at `range`: `name: &str = `, `name string = `.
#[must_use]
pub fn typed_name(bytes: &[u8], range: &Range<usize>) -> Option<Range<usize>> {
    let low = range.start.saturating_sub(40);
    let before = &bytes[low..range.start];
    let end = before.iter().rposition(|b| {
        !(b.is_ascii_alphanumeric() || matches!(b, b'&' | b'\'' | b'<' | b' ' | b'_' | b'?'))
    });
    let at = match end {
        Some(at) if before[at] == b':' => low + at,
        _ => range.start.checked_sub(1).filter(|&at| bytes[at] == b' ')?,
    };
    let name = name_around(bytes, at.checked_sub(1)?);
    (name.start < name.end && name.end <= at).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let bytes = text.as_bytes();
        let at = text.find("pass").expect("the name is in it");
        let value = forward(bytes, &name_around(bytes, at));
        let shown = value.map_or(String::new(), |value| {
            let text = &text[value.range];
            format!(
                "{text} {:?}{}",
                value.join,
                if value.quote.is_some() { " q" } else { "" }
            )
        });
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn forwards() {
        check("password = \"hunter2\"", "hunter2 Assigned q");
        check("db.password=hunter2\n", "hunter2 Assigned");
        check("password: hunter2 # no", "hunter2 Assigned");
        check("\"password\": \"hunter2\",", "hunter2 Assigned q");
        check("'password' => 'hunter2'", "hunter2 Assigned q");
        check("passwd := \"hunter2\"", "hunter2 Assigned q");
        check("password: str = 'hunter2'", "hunter2 Assigned q");
        check("const password: &str = \"hunter2\";", "hunter2 Assigned q");
        check("var password string = \"hunter2\"", "hunter2 Assigned q");
        check("set_password(\"hunter2\")", "hunter2 Called q");
        check("put(\"password\", \"hunter2\")", "hunter2 Called q");
        check("<password>hunter2</password>", "hunter2 Tagged q");
        check(
            "<add key=\"password\" value=\"hunter2\"/>",
            "hunter2 Assigned q",
        );
        check("--password hunter2", "hunter2 Spaced");
        check("if password == \"hunter2\"", "hunter2 Compared q");
        check(
            "os.environ[\"password\"] = \"hunter2\"",
            "hunter2 Assigned q",
        );
        check(
            "\"{\\\"password\\\":\\\"hunter2\\\"}\"",
            "hunter2 Assigned q",
        );
        check("password = f(x)", "f(x Assigned");
        check("password = []byte(\"hunter2\")", "hunter2 Assigned q");
        check("passwords: [\"hunter2\", \"b\"]", "hunter2 Assigned q");
        check("set_pass(Base64.decode(\"hunter2\"))", "hunter2 Called q");
        check("password => [\"hunter2\" => 1]", "");
        check("ok ? \"pass\" : \"failed\"", "");
        check("password = load(\"hunter2\")", "load( Assigned");
        check("password", "");
    }

    fn back(text: &str, expected: &str) {
        let at = text.find("0123").expect("the value is in it");
        let name = backward(text.as_bytes(), at).map_or("", |name| &text[name]);
        assert_eq!(name, expected, "{text}");
    }

    #[test]
    fn backwards() {
        back("api_key = \"0123\"", "api_key");
        back("\"apiKey\": \"0123\"", "apiKey");
        back("x.token=0123", "x.token");
        back("f(\"token\", \"0123\")", "token");
        back("token: 0123", "token");
        back("a word 0123", "");
        back("token := []byte(\"0123\")", "token");
        back("token = base64.b64decode(\"0123\")", "token");
    }
}
