//! Owns digests as bills of materials write them: an algorithm that both formats know, and hexadecimal digits. Pure.

use crate::base::ascii::hex;
use crate::checkers::dependencies::inventory::Hash;

/// An algorithm, in order of strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    const ALL: [Self; 5] = [
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
    ];

    /// As CycloneDX writes it.
    pub(super) const fn cyclonedx(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// As SPDX writes it.
    pub(super) const fn spdx(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }

    /// The length of a digest, in bytes.
    const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// A digest of a whole archive; `None` when it is none: Go's `h1` is one of a list of files, and yarn's is one of an archive
/// that yarn made itself.
pub(super) fn checksum(hash: &Hash) -> Option<(Algorithm, String)> {
    let named = |algorithm: &Algorithm| algorithm.spdx().eq_ignore_ascii_case(&hash.algorithm);
    let algorithm = Algorithm::ALL.into_iter().find(named)?;
    let value = &hash.value;
    let is_hex =
        value.len() == algorithm.length() * 2 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex {
        return Some((algorithm, value.to_ascii_lowercase()));
    }
    let bytes = base64(value)?;
    (bytes.len() == algorithm.length()).then(|| (algorithm, hex(&bytes)))
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(algorithm: &str, value: &str, expected: Option<&str>) {
        let hash = Hash {
            algorithm: algorithm.to_owned(),
            value: value.to_owned(),
        };
        let found =
            checksum(&hash).map(|(algorithm, hex)| format!("{} {hex}", algorithm.cyclonedx()));
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn digests_of_all_spellings() {
        let empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        check("sha1", empty, Some(&format!("SHA-1 {empty}")));
        check(
            "sha1",
            "2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
            Some(&format!("SHA-1 {empty}")),
        );
        check("sha1", "2jmj7l5rSw0yVb/vlWAYkK/YBw", None);
        check("sha1", "", None);
        check("sha1", "\u{e9}", None);
        check("h1", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", None);
        check("sha512", &format!("10c0/{}", "a".repeat(128)), None);
        check(
            "sha256",
            &"A".repeat(64),
            Some(&format!("SHA-256 {}", "a".repeat(64))),
        );
    }
}
