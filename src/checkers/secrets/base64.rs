//! Owns lenient base64: both alphabets, padding or none. Knows nothing of what is inside.

/// The value of a digit in either alphabet.
const fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'A'..=b'Z' => Some((byte - b'A') as u32),
        b'a'..=b'z' => Some((byte - b'a') as u32 + 26),
        b'0'..=b'9' => Some((byte - b'0') as u32 + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// What the text says, up to its padding; `None` when it is no base64.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().rposition(|&b| b != b'=').map_or(0, |at| at + 1);
    if text.len() - end > 2 || end % 4 == 1 {
        return None;
    }
    let mut out = Vec::with_capacity(end / 4 * 3 + 2);
    for group in text[..end].chunks(4) {
        let mut bits = 0;
        for &byte in group {
            bits = bits << 6 | digit(byte)?;
        }
        bits <<= 6 * (4 - group.len());
        let [_, bytes @ ..] = bits.to_be_bytes();
        out.extend_from_slice(&bytes[..group.len() - 1]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(
            decode(text.as_bytes()),
            expected.map(|s| s.as_bytes().to_vec())
        );
    }

    #[test]
    fn texts() {
        check("", Some(""));
        check("TWFu", Some("Man"));
        check("TWE=", Some("Ma"));
        check("TWE", Some("Ma"));
        check("TQ==", Some("M"));
        check("T", None);
        check("TW.u", None);
        check("Pz8_", Some("???"));
    }
}
