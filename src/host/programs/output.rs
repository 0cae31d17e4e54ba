//! Owns the capture of one output stream in bounded memory: its head and its tail; knows no program.

use std::sync::{Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::log::{Line, Log};

/// How much is read at once, in bytes.
const CHUNK: usize = 1 << 16;

/// The head and the tail of a stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Capture {
    keep: usize,
    head: Vec<u8>,
    /// Up to twice what is kept, so that it is seldom moved.
    tail: Vec<u8>,
    left_out: u64,
}

impl Capture {
    /// A capture of at most `keep` bytes.
    pub(super) fn new(keep: usize) -> Self {
        Self {
            keep,
            ..Self::default()
        }
    }

    /// Was anything left out?
    pub(super) const fn truncated(&self) -> bool {
        self.left_out > 0 || self.tail.len() > self.keep / 2
    }

    /// Takes what came next.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let half = self.keep.div_ceil(2);
        let room = (half - self.head.len()).min(bytes.len());
        let (head, tail) = bytes.split_at(room);
        self.head.extend_from_slice(head);
        self.tail.extend_from_slice(tail);
        if self.tail.len() > 2 * (self.keep - half) {
            self.trim();
        }
    }

    fn trim(&mut self) {
        let over = self.tail.len().saturating_sub(self.keep / 2);
        self.tail.drain(..over);
        self.left_out += over as u64;
    }

    /// The head and the tail; a line between them says how much was left out.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.trim();
        let mut bytes = self.head;
        if self.left_out > 0 {
            let gap = format!("\n[... {} bytes left out ...]\n", self.left_out);
            bytes.extend_from_slice(gap.as_bytes());
        }
        bytes.extend(self.tail);
        bytes
    }
}

/// Reads a pipe to its end, into the capture and the log. An error ends it as the end of the pipe does.
pub(super) async fn pump<R: AsyncRead + Unpin>(
    mut pipe: R,
    capture: &Mutex<Capture>,
    log: &Mutex<Log>,
) {
    let mut chunk = vec![0; CHUNK];
    let mut line = Line::default();
    loop {
        let read = pipe.read(&mut chunk).await;
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(0) | Err(_) => return log.end_line(&mut line),
            Ok(n) => {
                log.write(&mut line, &chunk[..n]);
                drop(log);
                let mut capture = capture.lock().unwrap_or_else(PoisonError::into_inner);
                capture.push(&chunk[..n]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keep: usize, chunks: &[&str], expected: &str) {
        let mut capture = Capture::new(keep);
        for chunk in chunks {
            capture.push(chunk.as_bytes());
        }
        let found = capture.into_bytes();
        assert_eq!(String::from_utf8_lossy(&found), expected);
    }

    #[test]
    fn head_and_tail() {
        check(4, &["ab", "cd"], "abcd");
        check(4, &["ab", "cd", "ef"], "ab\n[... 2 bytes left out ...]\nef");
        check(4, &["abcdefgh"], "ab\n[... 4 bytes left out ...]\ngh");
        check(
            3,
            &["a", "b", "c", "d"],
            "ab\n[... 1 bytes left out ...]\nd",
        );
        check(1, &["abc"], "a\n[... 2 bytes left out ...]\n");
        check(0, &["abc"], "\n[... 3 bytes left out ...]\n");
    }
}
