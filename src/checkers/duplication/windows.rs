//! Owns windows: which runs of so many tokens stand more than once. Pure; knows no file.

/// The tokens of all files in a row. A number stands for a text; behind each file, and before the first one, stands a number
/// that stands nowhere else.
pub struct Row<'a> {
    /// The tokens.
    pub tokens: &'a [u32],
    /// So many texts there are: this number and those beyond it separate files.
    pub texts: u32,
}

/// Windows that are equal to another one, in classes.
pub struct Classes {
    /// The places of the windows, class by class, each class in order.
    members: Vec<u32>,
    /// Where each class begins in `members`, and its end at last.
    starts: Vec<usize>,
}

/// At most so many windows are sorted at once: what bounds the memory. More windows cost more passes, and give the same.
const AT_ONCE: usize = 1 << 21;

/// The factor of the polynomial hash: odd, and nothing else matters, because what it makes equal is compared.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

impl Classes {
    /// The classes of the windows of `size` tokens.
    #[must_use]
    pub fn new(row: &Row<'_>, size: usize) -> Self {
        let alike = Alike::new(row, size);
        let passes = alike.count.div_ceil(AT_ONCE).max(1);
        Self::in_passes(row, size, &alike, passes)
    }

    fn in_passes(row: &Row<'_>, size: usize, likely: &Alike, passes: usize) -> Self {
        let mut classes = Self {
            members: Vec::new(),
            starts: vec![0],
        };
        let mut windows: Vec<(u64, u32)> = Vec::new();
        for pass in 0..passes {
            windows.clear();
            each_hash(row, size, |hash, at| {
                // The high half decides the pass, so that equal windows are in the same one.
                if likely.has(hash) && (hash >> 32) as usize % passes == pass {
                    windows.push((hash, at));
                }
            });
            windows.sort_unstable();
            for alike in windows
                .chunk_by(|a, b| a.0 == b.0)
                .filter(|alike| alike.len() > 1)
            {
                classes.add(row.tokens, size, alike);
            }
        }
        classes
    }

    /// Adds windows of one hash: those that are really equal make a class.
    fn add(&mut self, tokens: &[u32], size: usize, alike: &[(u64, u32)]) {
        let window = |at: u32| &tokens[at as usize..at as usize + size];
        let mut rest: Vec<u32> = alike.iter().map(|(_, at)| *at).collect();
        while let Some(&first) = rest.first() {
            let (equal, other): (Vec<u32>, Vec<u32>) =
                rest.iter().partition(|at| window(**at) == window(first));
            if equal.len() > 1 {
                self.members.extend(equal);
                self.starts.push(self.members.len());
            }
            rest = other;
        }
    }

    /// The classes: the places of windows that are equal, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.starts
            .windows(2)
            .map(|pair| &self.members[pair[0]..pair[1]])
    }
}

/// Hashes that came more than once, and a few that only look so: what came once need not be sorted.
struct Alike {
    /// A bit for each value of the hash's low end: did such a hash come again?
    again: Vec<u64>,
    /// How many windows it keeps, about.
    count: usize,
}

impl Alike {
    fn new(row: &Row<'_>, size: usize) -> Self {
        // Eight bits for each window; 32 MiB at most.
        let words = (row.tokens.len() / 8).next_power_of_two().min(1 << 22);
        let mut seen = vec![0_u64; words];
        let mut alike = Self {
            again: vec![0; words],
            count: 0,
        };
        each_hash(row, size, |hash, _| {
            let (word, bit) = alike.place(hash);
            if seen[word] & bit == 0 {
                seen[word] |= bit;
            } else {
                // The first one is kept too.
                alike.count += 1 + usize::from(alike.again[word] & bit == 0);
                alike.again[word] |= bit;
            }
        });
        alike
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let low = (hash & 0xffff_ffff) as usize;
        ((low / 64) & (self.again.len() - 1), 1 << (low % 64))
    }

    fn has(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.again[word] & bit != 0
    }
}

/// The hash of each window that lies in one file.
fn each_hash(row: &Row<'_>, size: usize, mut take: impl FnMut(u64, u32)) {
    let top = (0..size).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let value = |token: u32| mixed(u64::from(token).wrapping_add(1).wrapping_mul(BASE));
    let (mut hash, mut held) = (0_u64, 0);
    for (at, &token) in row.tokens.iter().enumerate() {
        if token >= row.texts {
            (hash, held) = (0, 0);
            continue;
        }
        hash = hash.wrapping_mul(BASE).wrapping_add(value(token));
        if held == size {
            hash = hash.wrapping_sub(value(row.tokens[at - size]).wrapping_mul(top));
        } else {
            held += 1;
        }
        if held == size {
            take(
                mixed(hash),
                u32::try_from(at + 1 - size).unwrap_or(u32::MAX),
            );
        }
    }
}

/// Spreads the bits, so that the passes are of about the same size.
const fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The classes of windows of `size` letters; `|` separates files.
    fn check(text: &str, size: usize, expected: &str) {
        let mut tokens = vec![1_000];
        for (at, letter) in (1_001..).zip(text.bytes()) {
            tokens.push(if letter == b'|' {
                at
            } else {
                u32::from(letter - b'a')
            });
        }
        let row = Row {
            tokens: &tokens,
            texts: 26,
        };
        let alike = Alike::new(&row, size);
        for passes in [1, 2, 7] {
            let mut found: Vec<Vec<u32>> = Classes::in_passes(&row, size, &alike, passes)
                .iter()
                .map(<[u32]>::to_vec)
                .collect();
            found.sort();
            assert_eq!(format!("{found:?}"), expected, "{text} {passes}");
        }
    }

    #[test]
    fn equal_windows_are_found() {
        check("abcd|abce", 3, "[[1, 6]]");
        check("abab", 2, "[[1, 3]]");
        check("aaaa", 2, "[[1, 2, 3]]");
        check("ab|ab|ba", 2, "[[1, 4]]");
        check("ab|c", 3, "[]");
        check("", 3, "[]");
    }
}
