//! Owns the escapes of rule pages, which let an ASCII page hold any bytes, and join what must not stand in one piece.

/// Decodes `\u{..}`, `\xNN`, `\t`, `\r`, `\n`, `\\`; a `\` before a line feed takes it away; `\+` joins what stands on both
/// sides of it.
///
/// # Errors
/// Names the first escape that is none of these.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let Some(kind) = rest.chars().next() else {
            return Err("the text ends in a lone `\\`".to_owned());
        };
        let tail = &rest[kind.len_utf8()..];
        rest = match kind {
            't' => push(&mut out, b'\t', tail),
            'r' => push(&mut out, b'\r', tail),
            'n' => push(&mut out, b'\n', tail),
            '\\' => push(&mut out, b'\\', tail),
            '\n' | '+' => tail,
            'x' => {
                let byte = tail
                    .get(..2)
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok());
                let byte = byte.ok_or("`\\x` needs two hexadecimal digits")?;
                push(&mut out, byte, &tail[2..])
            }
            'u' => {
                let (scalar, tail) = scalar(tail).ok_or("`\\u` needs a scalar value in braces")?;
                out.extend_from_slice(scalar.encode_utf8(&mut [0; 4]).as_bytes());
                tail
            }
            other => return Err(format!("unknown escape `\\{other}`")),
        };
    }
    out.extend_from_slice(rest.as_bytes());
    Ok(out)
}

fn push<'a>(out: &mut Vec<u8>, byte: u8, rest: &'a str) -> &'a str {
    out.push(byte);
    rest
}

fn scalar(text: &str) -> Option<(char, &str)> {
    let (digits, rest) = text.strip_prefix('{')?.split_once('}')?;
    let scalar = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    Some((scalar, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[u8], &str>) {
        let expected = expected.map(<[u8]>::to_vec).map_err(str::to_owned);
        assert_eq!(decode(text), expected);
    }

    #[test]
    fn escapes() {
        check("a\\tb\\u{e9}\\xff\\\\\\\n", Ok(b"a\tb\xc3\xa9\xff\\"));
        check("AK\\+IA\\+1", Ok(b"AKIA1"));
        check("\\u{d800}", Err("`\\u` needs a scalar value in braces"));
        check("\\xg0", Err("`\\x` needs two hexadecimal digits"));
        check("\\", Err("the text ends in a lone `\\`"));
    }
}
