//! Owns the last day of a certificate: DER to a date. Reads no more of it, and trusts none of its lengths.

use jiff::civil::Date;

const SEQUENCE: u8 = 0x30;
const EXPLICIT_0: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The last day on which the certificate is good, in UTC; `None` when the bytes are no certificate.
pub fn last_day(der: &[u8]) -> Option<Date> {
    let (certificate, _) = take(der, SEQUENCE)?;
    let (mut body, _) = take(certificate, SEQUENCE)?;
    // The version, which a certificate of version 1 leaves out.
    if body.first() == Some(&EXPLICIT_0) {
        body = any(body)?.2;
    }
    // Serial number, algorithm and issuer.
    for _ in 0..3 {
        body = any(body)?.2;
    }
    let (validity, _) = take(body, SEQUENCE)?;
    let (_, _, after) = any(validity)?;
    let (tag, time, _) = any(after)?;
    date(tag, time)
}

/// The element at the front: its tag, its content, and what follows.
fn any(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        // Four bytes of length hold more than any certificate.
        let count = usize::from(first & 0x7f);
        let (digits, rest) = rest
            .split_at_checked(count)
            .filter(|_| (1..=4).contains(&count))?;
        let length = digits
            .iter()
            .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
        (length, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn take(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = any(bytes)?;
    (found == tag).then_some((content, rest))
}

/// `YYMMDDHHMMSSZ`, in which 50 is 1950, or `YYYYMMDDHHMMSSZ`.
fn date(tag: u8, time: &[u8]) -> Option<Date> {
    let text = std::str::from_utf8(time).ok()?;
    let digits = text.strip_suffix('Z')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let (year, at) = match tag {
        UTC_TIME => {
            let short = number(0, 2)?;
            (
                if short < 50 {
                    2000 + short
                } else {
                    1900 + short
                },
                2,
            )
        }
        GENERALIZED_TIME => (number(0, 4)?, 4),
        _ => return None,
    };
    let part = |at| i8::try_from(number(at, at + 2)?).ok();
    Date::new(year, part(at)?, part(at + 2)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).expect("short");
        let head = if length < 0x80 {
            vec![tag, length]
        } else {
            vec![tag, 0x81, length]
        };
        [head, content.to_vec()].concat()
    }

    /// A certificate as far as it is read.
    fn certificate(version: bool, tag: u8, time: &str) -> Vec<u8> {
        let after = [
            element(UTC_TIME, b"200101000000Z"),
            element(tag, time.as_bytes()),
        ]
        .concat();
        let parts = [
            if version {
                element(EXPLICIT_0, &[2, 1, 2])
            } else {
                Vec::new()
            },
            element(2, &[1; 20]),
            element(SEQUENCE, &[5, 0]),
            element(SEQUENCE, &[0; 40]),
            element(SEQUENCE, &after),
            element(SEQUENCE, &[]),
        ];
        element(SEQUENCE, &element(SEQUENCE, &parts.concat()))
    }

    fn check(version: bool, tag: u8, time: &str, expected: Option<&str>) {
        let found = last_day(&certificate(version, tag, time)).map(|date| date.to_string());
        assert_eq!(found.as_deref(), expected, "{time}");
    }

    #[test]
    fn days() {
        check(true, UTC_TIME, "270102030405Z", Some("2027-01-02"));
        check(false, UTC_TIME, "991231235959Z", Some("1999-12-31"));
        check(
            true,
            GENERALIZED_TIME,
            "20511231235959Z",
            Some("2051-12-31"),
        );
        check(
            true,
            GENERALIZED_TIME,
            "99991231235959Z",
            Some("9999-12-31"),
        );
        check(true, UTC_TIME, "271302030405Z", None);
        check(true, UTC_TIME, "27", None);
        check(true, 4, "270102030405Z", None);
    }

    #[test]
    fn what_is_cut_off_is_no_certificate() {
        let whole = certificate(true, UTC_TIME, "270102030405Z");
        for end in 0..whole.len() {
            assert_eq!(last_day(&whole[..end]), None);
        }
    }

    proptest! {
        #[test]
        fn bytes_that_are_none(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = last_day(&bytes);
        }

        #[test]
        fn changed_bytes(at in proptest::prelude::any::<proptest::sample::Index>(), byte in proptest::prelude::any::<u8>()) {
            let mut whole = certificate(true, UTC_TIME, "270102030405Z");
            let at = at.index(whole.len());
            whole[at] = byte;
            let _ = last_day(&whole);
        }
    }
}
