//! Owns the log file of one program: plain ASCII, both streams line by line as they come; knows no stream's source.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::base::ascii;

/// The longest line that is kept together, in bytes.
const LINE: usize = 1 << 16;

/// The most that a log holds, in bytes: a program that prints for ever must not fill the disk.
const MOST: u64 = 256 << 20;

/// A line that has not ended yet.
#[derive(Debug, Default)]
pub(super) struct Line(Vec<u8>);

/// A log file. It is made with the first line; a program that prints nothing has none.
#[derive(Debug)]
pub(super) struct Log {
    /// Where it is to be; `None` when it is not kept or could not be written.
    path: Option<PathBuf>,
    /// How people see the path.
    shown: String,
    file: Option<BufWriter<File>>,
    written: u64,
    left_out: u64,
}

impl Log {
    /// The log `name` in `folder`; the log of an earlier run is removed.
    pub(super) fn new(folder: Option<&Path>, root: &Path, name: &str) -> Self {
        let path = folder.map(|folder| folder.join(file_name(name)));
        if let Some(path) = &path {
            // It is most often not there; if it cannot be removed, it cannot be written either.
            let _ = std::fs::remove_file(path);
        }
        let shown = path.as_deref().map_or_else(String::new, |path| {
            let inside = path.strip_prefix(root).unwrap_or(path);
            inside.to_string_lossy().replace('\\', "/")
        });
        Self {
            path,
            shown,
            file: None,
            written: 0,
            left_out: 0,
        }
    }

    /// Takes what came next on a stream whose unfinished line is `line`.
    pub(super) fn write(&mut self, line: &mut Line, mut bytes: &[u8]) {
        if self.path.is_none() {
            return;
        }
        while let Some(at) = bytes.iter().position(|&byte| byte == b'\n') {
            line.0.extend_from_slice(&bytes[..at]);
            self.put(&std::mem::take(&mut line.0));
            bytes = &bytes[at + 1..];
        }
        line.0.extend_from_slice(bytes);
        if line.0.len() > LINE {
            self.put(&std::mem::take(&mut line.0));
        }
    }

    /// Takes the end of a stream.
    pub(super) fn end_line(&mut self, line: &mut Line) {
        if !line.0.is_empty() {
            self.put(&std::mem::take(&mut line.0));
        }
    }

    /// The path as people see it, once there is a log.
    pub(super) fn shown(&self) -> Option<String> {
        self.file.is_some().then(|| self.shown.clone())
    }

    /// Closes the log; `whole` tells whether all output was seen. Gives the path as people see it, when there is a log.
    pub(super) fn finish(&mut self, whole: bool) -> Option<String> {
        self.file.as_ref()?;
        if self.left_out > 0 {
            let note = format!("[{} more bytes of output were not kept]", self.left_out);
            self.append(note.as_bytes());
        }
        if !whole {
            self.append(b"[a process kept the output open; what it printed later is not here]");
        }
        let flushed = self.file.as_mut().map(BufWriter::flush);
        matches!(flushed, Some(Ok(()))).then(|| self.shown.clone())
    }

    fn put(&mut self, line: &[u8]) {
        if self.written > MOST {
            self.left_out += line.len() as u64 + 1;
            return;
        }
        self.append(plain(line).as_bytes());
    }

    fn append(&mut self, line: &[u8]) {
        let Some(path) = &self.path else { return };
        let file = match &mut self.file {
            Some(file) => Ok(file),
            none => create(path).map(|file| &mut *none.insert(BufWriter::new(file))),
        };
        let done = file.and_then(|file| file.write_all(line).and_then(|()| file.write_all(b"\n")));
        self.written += line.len() as u64 + 1;
        if done.is_err() {
            // The output is not kept then, and nobody is pointed at a torn log.
            (self.path, self.file) = (None, None);
        }
    }
}

fn create(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // A link in the log's place, put there by whoever, is not written through.
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
}

/// The line as the log has it: printable ASCII; what a carriage return painted over is kept.
fn plain(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match std::str::from_utf8(line) {
        Ok(text) => ascii::escape(&ascii::strip_terminal_sequences(text)).into_owned(),
        Err(_) => ascii::escape_bytes(line).into_owned(),
    }
}

/// A file name made of letters, digits, `.`, `_` and `-`, that ends in `.log` and cannot leave its folder.
fn file_name(name: &str) -> String {
    let name = name.strip_suffix(".log").unwrap_or(name);
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let name: String = name
        .chars()
        .map(|c| if safe(c) { c } else { '-' })
        .take(100)
        .collect();
    let name = name.trim_matches('.');
    format!("{}.log", if name.is_empty() { "command" } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &str) {
        assert_eq!(file_name(name), expected);
    }

    #[test]
    fn names() {
        check("tests.unit", "tests.unit.log");
        check("tests.log", "tests.log");
        check("../../etc/passwd", "-..-etc-passwd.log");
        check("a b\u{e9}\n", "a-b--.log");
        check("..", "command.log");
    }

    #[test]
    fn a_log_is_ascii_and_made_late() {
        let folder = tempfile::tempdir().expect("a folder");
        let logs = folder.path().join("logs");
        let mut log = Log::new(Some(&logs), folder.path(), "x");
        assert_eq!(log.finish(true), None);
        assert!(!logs.exists());
        let (mut out, mut err) = (Line::default(), Line::default());
        log.write(&mut out, b"one\r\ntw");
        log.write(&mut err, b"\x1b[31mred\x1b[0m \xff\n");
        log.write(&mut out, b"o\n");
        log.end_line(&mut out);
        assert_eq!(log.finish(true).as_deref(), Some("logs/x.log"));
        let text = std::fs::read_to_string(logs.join("x.log")).expect("a log");
        assert_eq!(text, "one\n\\u{1b}[31mred\\u{1b}[0m \\xff\ntwo\n");
    }
}
