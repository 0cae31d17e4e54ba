//! Owns the form of a token: literal text and runs of an alphabet, read from one line such as `ghp_{w36}`. Matching goes once
//! over the text and never back: linear, whatever the text. Knows no kind.

/// What may stand in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alphabet(u8);

/// Is a byte one of an alphabet?
type Test = fn(u8) -> bool;

/// The alphabets, by their letter in a form.
const ALPHABETS: [(char, Test); 16] = [
    ('d', |b| b.is_ascii_digit()),
    ('x', |b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
    ('X', |b| matches!(b, b'0'..=b'9' | b'A'..=b'F')),
    ('h', |b| b.is_ascii_hexdigit()),
    ('w', |b| b.is_ascii_alphanumeric()),
    ('u', |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
    }),
    ('b', |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')
    }),
    ('q', |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
    }),
    ('p', |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
    }),
    ('l', |b| b.is_ascii_lowercase() || b.is_ascii_digit()),
    ('U', |b| b.is_ascii_uppercase() || b.is_ascii_digit()),
    ('a', |b| b.is_ascii_alphabetic()),
    // The second and the third digit of the base64 of a decimal number.
    ('D', |b| matches!(b, b'D' | b'T' | b'j' | b'z')),
    ('E', |b| b"AEIMQUYcgk".contains(&b)),
    ('t', |b| matches!(b, b'A'..=b'Z' | b'2'..=b'7')),
    ('z', |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'=')
    }),
];

/// Upper case bech32.
const fn is_bech32(b: u8) -> bool {
    b.is_ascii_uppercase() && !matches!(b, b'B' | b'I' | b'O') || matches!(b, b'0' | b'2'..=b'9')
}

impl Alphabet {
    fn of(letter: char) -> Option<Self> {
        if letter == 'e' {
            return Some(Self(u8::MAX));
        }
        let at = ALPHABETS.iter().position(|(known, _)| *known == letter)?;
        u8::try_from(at).ok().map(Self)
    }

    /// Is the byte one of it?
    #[must_use]
    pub fn has(self, byte: u8) -> bool {
        match ALPHABETS.get(usize::from(self.0)) {
            Some((_, test)) => test(byte),
            None => is_bech32(byte),
        }
    }
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// This text.
    Text(Vec<u8>),
    /// So many bytes of an alphabet, at least and at most.
    Run(Alphabet, usize, usize),
}

/// The form of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    parts: Vec<Part>,
}

/// How `{G}` is read: a GUID.
const GUID: &str = "{h8}-{h4}-{h4}-{h4}-{h12}";

impl Shape {
    /// Reads a form that stands in this program.
    ///
    /// # Panics
    /// When it is no form; a test reads all that stand in this program.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::read(text).expect("the form is a constant that a test reads")
    }

    /// Reads a form: text, and runs such as `{w36}`, `{x8-12}` or `{G}`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.replace("{G}", GUID);
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let Some(inner) = rest.strip_prefix('{') else {
                let end = rest.find('{').unwrap_or(rest.len());
                parts.push(Part::Text(rest.as_bytes()[..end].to_vec()));
                rest = &rest[end..];
                continue;
            };
            let (run, behind) = inner.split_once('}').ok_or("a `{` is never closed")?;
            let letter = run.chars().next().ok_or("`{}` names no alphabet")?;
            let alphabet = Alphabet::of(letter).ok_or_else(|| format!("no alphabet `{letter}`"))?;
            let counts = &run[letter.len_utf8()..];
            let (least, most) = counts.split_once('-').unwrap_or((counts, counts));
            let number = |text: &str| {
                let number = text.parse().ok().filter(|n| (1..=10_000).contains(n));
                number.ok_or_else(|| format!("`{text}` is no length"))
            };
            let (least, most) = (number(least)?, number(most)?);
            if least > most {
                return Err(format!("`{run}`: the least is more than the most"));
            }
            parts.push(Part::Run(alphabet, least, most));
            rest = behind;
        }
        if parts.is_empty() {
            return Err("the form is empty".to_owned());
        }
        Ok(Self { parts })
    }

    /// The length of the literal text that it begins with.
    #[must_use]
    pub fn prefix(&self) -> &[u8] {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => &[],
        }
    }

    /// All that its first three bytes can be.
    #[must_use]
    pub fn heads(&self) -> Vec<[u8; 3]> {
        let mut heads = vec![Vec::new()];
        'parts: for part in &self.parts {
            let steps: Vec<Vec<u8>> = match part {
                Part::Text(text) => text.iter().map(|&b| vec![b]).collect(),
                Part::Run(alphabet, least, _) => {
                    let any: Vec<u8> = (0..=127).filter(|&b| alphabet.has(b)).collect();
                    vec![any; *least]
                }
            };
            for step in steps {
                if heads[0].len() == 3 {
                    break 'parts;
                }
                heads = heads
                    .iter()
                    .flat_map(|head| step.iter().map(move |&b| [head.as_slice(), &[b]].concat()))
                    .collect();
            }
        }
        heads
            .into_iter()
            .filter_map(|head| head.try_into().ok())
            .collect()
    }

    /// Where a token of this form ends that begins at `from`; `None` when there is none. Behind it stands nothing that would
    /// make it longer.
    #[must_use]
    pub fn end(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        let mut open = None;
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    if !bytes.get(at..)?.starts_with(text) {
                        return None;
                    }
                    at += text.len();
                    open = None;
                }
                Part::Run(alphabet, least, most) => {
                    let room = bytes.get(at..)?;
                    let room = &room[..room.len().min(*most)];
                    let length = room
                        .iter()
                        .position(|&b| !alphabet.has(b))
                        .unwrap_or(room.len());
                    if length < *least {
                        return None;
                    }
                    at += length;
                    open = Some(*alphabet);
                }
            }
        }
        let longer = |&b: &u8| {
            b.is_ascii_alphanumeric()
                || b == b'_'
                || (b != b'-'
                    && b != b'='
                    && b != b'.'
                    && open.is_some_and(|alphabet: Alphabet| alphabet.has(b)))
        };
        (!bytes.get(at).is_some_and(longer)).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(shape: &str, text: &str, expected: Option<usize>) {
        assert_eq!(
            Shape::new(shape).end(text.as_bytes(), 0),
            expected,
            "{shape} {text}"
        );
    }

    #[test]
    fn forms() {
        check("ab_{x4}", "ab_12ef", Some(7));
        check("ab_{x4}", "ab_12ef\"", Some(7));
        check("ab_{x4}", "ab_12ef0", None);
        check("ab_{x4}", "ab_12e", None);
        check("ab_{x4}", "ab_12eg", None);
        check("{d2-3}:{a2}", "123:xy;", Some(6));
        check("{d2-3}:{a2}", "1234:xy;", None);
        check("k-{G}", "k-01234567-89ab-cdef-0123-456789abcdef", Some(38));
        check("x{e3}", "xQ0L", Some(4));
        check("x{e3}", "xQBL", None);
    }

    #[test]
    fn heads_are_all_that_may_begin() {
        assert_eq!(Shape::new("ab_{x4}").heads(), [*b"ab_"]);
        assert_eq!(Shape::new("a{d1}_").heads().len(), 10);
    }

    #[test]
    fn what_is_no_form_is_told() {
        for text in ["", "{", "{}", "{?3}", "{w}", "{w9-3}", "{w99999}"] {
            assert!(Shape::read(text).is_err(), "{text}");
        }
    }
}
