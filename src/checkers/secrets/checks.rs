//! Owns what can be checked of a token without asking anybody: checksums and markers that its vendor puts into it. Each check
//! is given the whole token, whose form holds already.

use super::{base64, words};

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The checksum is right.
    Proven,
    /// Nothing speaks against it.
    Fits,
    /// The checksum is wrong: a dummy, or a token with a slip.
    Wrong,
    /// It is something else.
    Other,
}

const fn proven(holds: bool) -> Verdict {
    if holds {
        Verdict::Proven
    } else {
        Verdict::Wrong
    }
}

const fn fits(holds: bool) -> Verdict {
    if holds { Verdict::Fits } else { Verdict::Other }
}

/// CRC-32 as in zip files.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// CRC-16 as in XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            crc << 1 ^ (0x1021 & (crc >> 15).wrapping_neg())
        })
    })
}

/// A number in the digits of `alphabet`, padded with the first one to `width`.
fn digits(mut number: u32, alphabet: &[u8], width: usize) -> Vec<u8> {
    let base = u32::try_from(alphabet.len()).unwrap_or(1);
    let mut out = vec![alphabet[0]; width];
    for place in out.iter_mut().rev() {
        *place = alphabet[(number % base) as usize];
        number /= base;
    }
    out
}

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// GitHub, npm: behind `xxx_` 30 characters and their CRC-32 in six digits of base 62.
#[must_use]
pub fn crc_base62(token: &[u8]) -> Verdict {
    let Some((body, sum)) = token.get(4..).and_then(|body| body.split_last_chunk::<6>()) else {
        return Verdict::Other;
    };
    proven(digits(crc32(body), BASE62, 6) == sum)
}

/// Cloudflare: behind the prefix 40 characters and their CRC-32 in hexadecimal.
#[must_use]
pub fn cloudflare(token: &[u8]) -> Verdict {
    let Some((head, sum)) = token.split_last_chunk::<8>() else {
        return Verdict::Other;
    };
    let body = &head[head.len().saturating_sub(40)..];
    proven(format!("{:08x}", crc32(body)).as_bytes() == sum)
}

/// GitLab, routable and versioned: the last seven digits are the CRC-32 of all before them, in base 36.
#[must_use]
pub fn gitlab_routable(token: &[u8]) -> Verdict {
    let Some((body, sum)) = token.split_last_chunk::<7>() else {
        return Verdict::Other;
    };
    proven(digits(crc32(body), BASE36, 7) == sum)
}

/// Confluent: the last six characters begin the base64 of the little-endian CRC-32 of the 54 before them.
#[must_use]
pub fn confluent(token: &[u8]) -> Verdict {
    let Some((head, sum)) = token.split_last_chunk::<6>() else {
        return Verdict::Other;
    };
    let body = &head[head.len().saturating_sub(54)..];
    // Six characters carry 36 bits, the last four of them nothing.
    let told = base64::decode(sum);
    proven(told.is_some_and(|told| told.starts_with(&crc32(body).to_le_bytes())))
}

/// AWS: the body is not the one of the documentation.
#[must_use]
pub fn aws_key_id(token: &[u8]) -> Verdict {
    fits(!token.ends_with(b"EXAMPLE") && !token.windows(7).any(|w| w == b"EXAMPLE"))
}

/// `OpenAI`: the marker in the middle is the base64 of the name.
#[must_use]
pub fn openai(token: &[u8]) -> Verdict {
    let marked = token.windows(8).any(|window| window == b"T3BlbkFJ");
    fits(marked || token.len() >= 100)
}

/// `OpenAI`, without a word behind `sk-`: only the marker tells.
#[must_use]
pub fn openai_legacy(token: &[u8]) -> Verdict {
    fits(token.windows(8).any(|window| window == b"T3BlbkFJ"))
}

/// Anthropic: ends in `AA`.
#[must_use]
pub fn anthropic(token: &[u8]) -> Verdict {
    proven(token.ends_with(b"AA"))
}

/// The base64 from the first `eyJ` on is the beginning of JSON.
#[must_use]
pub fn json_behind(token: &[u8]) -> Verdict {
    let at = token.windows(3).position(|window| window == b"eyJ");
    let text = at.and_then(|at| token.get(at..at + 8));
    let json = text.and_then(base64::decode);
    fits(json.is_some_and(|json| json.starts_with(b"{\"") && json.is_ascii()))
}

/// Grafana: JSON that names a key; other services have JSON that begins the same.
#[must_use]
pub fn grafana(token: &[u8]) -> Verdict {
    let json = base64::decode(token).unwrap_or_default();
    fits(memchr::memmem::find(&json, b"\"n\":").is_some() && !words::is_dummy(&json))
}

/// Discord: the first part is the base64 of a number.
#[must_use]
pub fn discord_bot(token: &[u8]) -> Verdict {
    let id = token.split(|&b| b == b'.').next().unwrap_or_default();
    let number = base64::decode(id);
    fits(number.is_some_and(|number| {
        (17..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
    }))
}

/// Braintree: nothing more is known.
#[must_use]
pub fn braintree(_: &[u8]) -> Verdict {
    Verdict::Fits
}

/// age: bech32 with the human-readable part `age-secret-key-`.
#[must_use]
pub fn age_key(token: &[u8]) -> Verdict {
    const DIGITS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let lower = token.to_ascii_lowercase();
    let Some(at) = lower.iter().rposition(|&b| b == b'1') else {
        return Verdict::Other;
    };
    let (head, data) = (&lower[..at], &lower[at + 1..]);
    let mut values: Vec<u8> = head.iter().map(|b| b >> 5).collect();
    values.push(0);
    values.extend(head.iter().map(|b| b & 31));
    for byte in data {
        let Some(digit) = DIGITS.iter().position(|known| known == byte) else {
            return Verdict::Other;
        };
        values.push(u8::try_from(digit).unwrap_or(0));
    }
    proven(bech32_polymod(&values) == 1)
}

fn bech32_polymod(values: &[u8]) -> u32 {
    const TAPS: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    values.iter().fold(1, |sum: u32, &value| {
        let top = sum >> 25;
        let mut next = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        for (bit, tap) in TAPS.iter().enumerate() {
            next ^= tap & (top >> bit & 1).wrapping_neg();
        }
        next
    })
}

/// NATS: base32 whose last two bytes are the little-endian CRC-16 of the others.
#[must_use]
pub fn nkey_seed(token: &[u8]) -> Verdict {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for &byte in token {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return Verdict::Other,
        };
        bits = bits << 5 | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
        bits &= (1 << count) - 1;
    }
    let Some((body, sum)) = bytes.split_last_chunk::<2>() else {
        return Verdict::Other;
    };
    // The form alone, two letters and 56 of base32, is too common to be told of when the sum is wrong.
    if crc16(body).to_le_bytes() == *sum {
        Verdict::Proven
    } else {
        Verdict::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_sums() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(digits(61, BASE62, 3), b"00z");
        assert_eq!(digits(35, BASE36, 2), b"0z");
    }

    /// From the public specifications: a bech32 test vector and the seed in the documentation of nkeys.
    #[test]
    fn known_tokens() {
        let lower = b"a12uel5l";
        let mut values = vec![b'a' >> 5, 0, b'a' & 31];
        let digits = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        values.extend(lower[2..].iter().map(|b| {
            let at = digits.iter().position(|d| d == b);
            u8::try_from(at.unwrap_or(0)).unwrap_or(0)
        }));
        assert_eq!(bech32_polymod(&values), 1);
    }

    #[test]
    fn wrong_sums_are_wrong() {
        assert_eq!(
            crc_base62(&[b"ghp_", &[b'a'; 36][..]].concat()),
            Verdict::Wrong
        );
        assert_eq!(
            cloudflare(&[b"cfk_", &[b'a'; 48][..]].concat()),
            Verdict::Wrong
        );
        assert_eq!(aws_key_id(b"AKIAIOSFODNN7EXAMPLE"), Verdict::Other);
    }
}
