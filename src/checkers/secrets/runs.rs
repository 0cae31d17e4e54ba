//! Owns the finding of runs: long stretches of bytes that tokens are made of. Safe code that the compiler turns into vector
//! instructions: whole blocks are classified branch-free, and a run of 16 always covers eight aligned bytes.

use std::ops::Range;

/// Shorter runs are no tokens.
pub const SHORTEST: usize = 16;

const BLOCK: usize = 64;

/// Letters, digits and `-./+=_`.
#[inline]
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler makes vector instructions of it"
)]
const fn is_token(b: u8) -> bool {
    ((b | 0x20).wrapping_sub(b'a') < 26)
        | (b.wrapping_sub(b'-') < 13)
        | (b == b'+')
        | (b == b'=')
        | (b == b'_')
}

/// Calls `each` with every longest run of at least [`SHORTEST`] bytes, in order.
pub fn each(bytes: &[u8], mut each: impl FnMut(Range<usize>)) {
    let mut done = 0;
    let (blocks, tail) = bytes.as_chunks::<BLOCK>();
    for (at, block) in blocks.iter().enumerate() {
        in_block(bytes, at * BLOCK, block, &mut done, &mut each);
    }
    if !tail.is_empty() {
        let mut block = [0; BLOCK];
        block[..tail.len()].copy_from_slice(tail);
        in_block(bytes, blocks.len() * BLOCK, &block, &mut done, &mut each);
    }
}

#[inline]
fn in_block(
    bytes: &[u8],
    start: usize,
    block: &[u8; BLOCK],
    done: &mut usize,
    each: &mut impl FnMut(Range<usize>),
) {
    if start + BLOCK <= *done {
        return;
    }
    let mut marks = [0_u8; BLOCK];
    for (mark, &byte) in marks.iter_mut().zip(block) {
        *mark = u8::from(is_token(byte)).wrapping_neg();
    }
    let (words, _) = marks.as_chunks::<8>();
    let full = |word: &[u8; 8]| u64::from_ne_bytes(*word) == u64::MAX;
    if !words.iter().fold(false, |any, word| any | full(word)) {
        return;
    }
    for (n, word) in words.iter().enumerate() {
        let at = start + n * 8;
        if at < *done || !full(word) {
            continue;
        }
        let before = bytes[*done..at].iter().rev();
        let from = at - before.take_while(|&&b| is_token(b)).count();
        let behind = bytes[at..].iter();
        let to = at + behind.take_while(|&&b| is_token(b)).count();
        *done = to;
        if to - from >= SHORTEST {
            each(from..to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plain way.
    fn plainly(bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut from = 0;
        for at in 0..=bytes.len() {
            if bytes.get(at).is_none_or(|&b| !is_token(b)) {
                if at - from >= SHORTEST {
                    found.push(from..at);
                }
                from = at + 1;
            }
        }
        found
    }

    fn check(bytes: &[u8]) {
        let mut found = Vec::new();
        each(bytes, |range| found.push(range));
        assert_eq!(found, plainly(bytes), "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn the_same_as_the_plain_way() {
        check(b"");
        check(b"0123456789abcdef");
        check(b"0123456789abcde");
        let mut state = 7_u32;
        for length in 0..400 {
            let text: Vec<u8> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    if state >> 24 < 12 {
                        b' '
                    } else {
                        b'a' + (state >> 16 & 15) as u8
                    }
                })
                .collect();
            check(&text);
        }
        check(&vec![b'x'; 1_000]);
    }
}
