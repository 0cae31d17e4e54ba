//! Owns the finding of runs: long stretches of bytes that tokens are made of. Safe code that the compiler turns into vector
//! instructions: whole blocks are classified branch-free into one bit for each byte.

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
    // How many bytes of a run stand at the end of what was looked at.
    let mut open = 0;
    let (blocks, tail) = bytes.as_chunks::<BLOCK>();
    for (at, block) in blocks.iter().enumerate() {
        in_block(at * BLOCK, mask(block), &mut open, &mut each);
    }
    // Behind the end stands nothing that a run is made of.
    let mut block = [0; BLOCK];
    block[..tail.len()].copy_from_slice(tail);
    in_block(blocks.len() * BLOCK, mask(&block), &mut open, &mut each);
}

/// One bit for each byte: is it one of a run?
#[inline]
fn mask(block: &[u8; BLOCK]) -> u64 {
    let mut marks = [0_u8; BLOCK];
    for (mark, &byte) in marks.iter_mut().zip(block) {
        *mark = u8::from(is_token(byte));
    }
    let (words, _) = marks.as_chunks::<8>();
    let mut mask = 0;
    for (n, word) in words.iter().enumerate() {
        // The product has the lowest bits of the eight bytes side by side at its top.
        let bits = u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (n * 8);
    }
    mask
}

#[inline]
fn in_block(start: usize, mask: u64, open: &mut usize, each: &mut impl FnMut(Range<usize>)) {
    let low = mask.trailing_ones() as usize;
    if low == BLOCK {
        *open += BLOCK;
        return;
    }
    if *open + low >= SHORTEST {
        each(start - *open..start + low);
    }
    *open = mask.leading_ones() as usize;
    // A bit stays where the sixteen from it on are set.
    let mut long = mask & mask >> 1;
    long &= long >> 2;
    long &= long >> 4;
    long &= long >> 8;
    if low >= SHORTEST {
        long &= !0 << low;
    }
    while long != 0 {
        let from = long.trailing_zeros() as usize;
        let length = (mask >> from).trailing_ones() as usize;
        if from + length == BLOCK {
            return;
        }
        each(start + from..start + from + length);
        long &= !0 << (from + length);
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
