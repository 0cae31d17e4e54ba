//! Owns unsafe code of Rust: where nobody says why it is sound.

use tree_sitter::Node;

use super::super::class::{Class, Confidence};
use super::super::walk::Walk;

/// How many lines above a block a reason may stand.
const ABOVE: usize = 12;

pub fn block<'t>(walk: &mut Walk<'t>, node: Node<'t>) {
    if walk.told_in == Some(walk.begins()) && walk.begins() > 0 {
        return;
    }
    let start = node.start_byte();
    let mut above = start;
    for _ in 0..=ABOVE {
        if let Some(at) = memchr::memrchr(b'\n', &walk.bytes[..above]) {
            above = at;
        } else {
            above = 0;
            break;
        }
    }
    // The reason may stand inside, as a first line, or at the end of the first line.
    let inside = walk.bytes[start..]
        .split(|&b| b == b'\n')
        .take(3)
        .map(<[u8]>::len)
        .sum::<usize>()
        + 2;
    let end = walk.bytes.len().min(start + inside);
    let around = walk.bytes[above..end].to_ascii_lowercase();
    let said = memchr::memmem::find(&around, b"safety").is_some()
        || memchr::memmem::find(&around, b"safe because").is_some();
    if said {
        return;
    }
    walk.told_in = Some(walk.begins());
    walk.report(
        Class::Unsafe,
        Confidence::High,
        node,
        "nobody says why this unsafe code is sound",
    );
}
