//! Owns the hash of a line by which GitHub's code scanning knows an alert again: `primaryLocationLineHash`. Pure.
//!
//! It covers the 100 UTF-16 code units from the start of the line on, past its end too, without blanks and tabs and with
//! each line ending as one line feed. Behind the last unit of the file stand one 0xffff and then zeros. The units are the
//! digits of a number in base 37, modulo 2^64. Lines with the same number are counted from the first one on:
//! `hash:ordinal`, the hash in hexadecimal digits.
//!
//! The upload action of GitHub writes the same where it is missing, and warns where it finds another one. So it has to be
//! the same to the bit, and lines are counted as it counts them: a carriage return alone ends one too.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// How many units a hash covers.
const SPAN: u64 = 100;

/// The base of the number that the units are the digits of.
const BASE: u64 = 37;

/// The base to the power of [`SPAN`], modulo 2^64.
const SHIFT: u64 = {
    let mut power: u64 = 1;
    let mut n = 0;
    while n < SPAN {
        power = power.wrapping_mul(BASE);
        n += 1;
    }
    power
};

/// What stands behind the last unit of a file.
const END: u16 = 0xffff;

const SPACE: u16 = b' ' as u16;
const TAB: u16 = b'\t' as u16;
const LINE_FEED: u16 = b'\n' as u16;
const RETURN: u16 = b'\r' as u16;

/// The hashes of the `wanted` lines of a file, which are counted from 1. Lines that the file does not have get none.
#[must_use]
pub fn line_hashes(content: &[u8], wanted: &BTreeSet<u32>) -> BTreeMap<u32, String> {
    let mut found = BTreeMap::new();
    let Some(&last) = wanted.last() else {
        return found;
    };
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let mut reader = Reader::default();
    let behind = std::iter::once(END).chain((0..SPAN).map(|_| 0));
    for unit in units(content).chain(behind) {
        let Some((line, hash)) = reader.take(unit) else {
            continue;
        };
        let ordinal = seen.entry(hash).or_default();
        *ordinal += 1;
        if wanted.contains(&line) {
            found.insert(line, format!("{hash:x}:{ordinal}"));
        }
        if line >= last {
            break;
        }
    }
    found
}

/// The units that count. What is not UTF-8 is a replacement character for each part that a decoder gives up on.
fn units(content: &[u8]) -> impl Iterator<Item = u16> {
    let chunks = content.utf8_chunks();
    let decoded = chunks.flat_map(|chunk| {
        let broken = (!chunk.invalid().is_empty()).then_some(0xfffd);
        chunk.valid().encode_utf16().chain(broken)
    });
    let mut before = 0;
    decoded.filter_map(move |unit| {
        let is_second = before == RETURN && unit == LINE_FEED;
        before = unit;
        match unit {
            SPACE | TAB => None,
            LINE_FEED if is_second => None,
            RETURN => Some(LINE_FEED),
            _ => Some(unit),
        }
    })
}

/// A line whose hash does not have all of its units yet.
struct Open {
    line: u32,
    /// How many units had been read before it.
    start: u64,
    /// The number that these make.
    number: u64,
}

/// Reads units one by one. The number of any stretch of them is the number up to its end less that up to its start,
/// shifted by the stretch's length.
#[derive(Default)]
struct Reader {
    read: u64,
    number: u64,
    lines: u32,
    /// Goes the line of the unit before on?
    within: bool,
    open: VecDeque<Open>,
}

impl Reader {
    /// Takes a unit, and gives the line whose hash this completes.
    fn take(&mut self, unit: u16) -> Option<(u32, u64)> {
        if !self.within {
            self.lines = self.lines.saturating_add(1);
            self.open.push_back(Open {
                line: self.lines,
                start: self.read,
                number: self.number,
            });
        }
        self.within = unit != LINE_FEED;
        self.read += 1;
        self.number = self.number.wrapping_mul(BASE).wrapping_add(u64::from(unit));
        let open = self
            .open
            .pop_front_if(|open| open.start + SPAN == self.read)?;
        let before = open.number.wrapping_mul(SHIFT);
        Some((open.line, self.number.wrapping_sub(before)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str =
        "622d3c8703b71ec8:1 14d37f434209c555:1 32dce9ccfdbc9d3e:1 c129715d7a2bc9a3:1";

    /// The hashes of all lines. The expected ones are what GitHub's own implementation gives.
    fn check(content: impl AsRef<[u8]>, expected: &str) {
        let hashes = line_hashes(content.as_ref(), &(1..100).collect());
        let lines = (1..).zip(hashes.keys());
        assert!(lines.clone().all(|(n, line)| n == *line), "{hashes:?}");
        let hashes: Vec<&str> = hashes.values().map(String::as_str).collect();
        assert_eq!(hashes.join(" "), expected);
    }

    #[test]
    fn the_end_of_a_file_is_a_line() {
        check("", "c129715d7a2bc9a3:1");
        check("\n", "3c5bef55b72b93c9:1 c129715d7a2bc9a3:1");
        check(
            "fn main() {\nrun();\n}",
            "46c7599a34e6ccb2:1 843429ea696706f:1 13db8c734146ff90:1",
        );
    }

    #[test]
    fn blanks_and_line_endings_do_not_count() {
        check("fn main() {\n    run();\n}\n", PROGRAM);
        check("fn main() {\r\n\trun();\r\n}\r\n", PROGRAM);
        check("fn main() {\r  run();\r}\r", PROGRAM);
        check(
            "a\r \nb",
            "67c066a59e652f5e:1 cc4c43d77869440f:1 8ee5a81e681643c1:1",
        );
    }

    #[test]
    fn what_is_not_ascii_is_utf_16() {
        let marked = "\u{feff}za\u{17c}\u{1f600}\n";
        check(marked, "7e35387b924f3bc8:1 c129715d7a2bc9a3:1");
        let broken = b"a\xff\xe2\x82z\n";
        check(broken, "7561b9cc251c7196:1 c129715d7a2bc9a3:1");
    }

    #[test]
    fn a_hash_covers_a_hundred_units_and_equal_ones_are_counted() {
        let x = |n| "x".repeat(n);
        check(
            format!("{}\n{}\n{}", x(99), x(100), x(101)),
            "52b56201ffb585b2:1 52b56201ffb58620:1 52b56201ffb58620:2",
        );
        check(
            "x\n\n\nx\n",
            "f06c98cd1326e5cb:1 64db083eef645851:1 9b880b129a60314b:1 828973aa50c68d6d:1 c129715d7a2bc9a3:1",
        );
        let hashes = line_hashes(
            "ab\n".repeat(36).as_bytes(),
            &BTreeSet::from([3, 4, 36, 99]),
        );
        let expected = [
            (3, "94155610e84b82:3"),
            (4, "94155610e94b20:1"),
            (36, "882bbb3d8de7a640:1"),
        ];
        assert_eq!(
            hashes,
            expected.map(|(n, hash)| (n, hash.to_owned())).into()
        );
    }
}
