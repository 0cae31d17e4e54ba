//! Owns the two streams that qgate writes to, and the rule that nothing but plain ASCII reaches them.

use std::io::{self, Write};

use crate::base::ascii::{self, AsciiWriter};
use crate::base::progress::{Progress, Silent};
use crate::host::terminal;

/// Standard output and standard error: data goes to the first, talk to the second.
pub struct Console {
    out: AsciiWriter<Box<dyn Write>>,
    err: AsciiWriter<Box<dyn Write>>,
}

impl Console {
    /// The streams of this process.
    #[must_use]
    pub fn standard() -> Self {
        Self::new(Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// Other streams, for tests.
    #[must_use]
    pub fn new(out: Box<dyn Write>, err: Box<dyn Write>) -> Self {
        Self {
            out: AsciiWriter::new(out),
            err: AsciiWriter::new(err),
        }
    }

    /// Writes data to standard output. A reader that has gone away (`qgate | head`) is no error: the exit code still
    /// tells the verdict.
    ///
    /// # Errors
    /// When it cannot be written for another reason, such as a full disk.
    pub fn out(&mut self, text: &str) -> io::Result<()> {
        let written = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
        match written {
            Err(problem) if problem.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Writes a value as JSON, which stays JSON in plain ASCII, and a line feed.
    ///
    /// # Errors
    /// As [`Self::out`], and when the value has keys that are no texts.
    pub fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(value)?;
        self.out(&(ascii::json(&text) + "\n"))
    }

    /// Writes lines of fields, with tabs between them, to standard output, as [`Self::out`] does.
    ///
    /// # Errors
    /// As [`Self::out`].
    pub fn table(&mut self, lines: &[Vec<String>]) -> io::Result<()> {
        let mut write = || {
            for line in lines {
                self.out.fields(line.iter().map(String::as_str))?;
            }
            self.out.flush()
        };
        match write() {
            Err(problem) if problem.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Says something on standard error. Nobody can be told when that fails.
    pub fn say(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
        let _ = self.err.flush();
    }
}

/// The status line where there is a terminal to show it, and nothing elsewhere.
#[must_use]
pub fn progress(quiet: bool) -> Box<dyn Progress> {
    match terminal::StatusLine::on_stderr() {
        Some(line) if !quiet => Box::new(line),
        _ => Box::new(Silent),
    }
}

/// The columns of a text for people: those asked for, else the terminal's, else 100 on a CI system and 80 elsewhere.
#[must_use]
pub fn width(asked: Option<usize>) -> usize {
    let usual = || if terminal::in_ci() { 100 } else { 80 };
    asked
        .or_else(terminal::columns)
        .unwrap_or_else(usual)
        .clamp(20, 400)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fails(io::ErrorKind);

    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_a_reader_that_went_away_is_forgiven() {
        let write =
            |kind| Console::new(Box::new(Fails(kind)), Box::new(io::sink())).out("verdict\n");
        assert!(write(io::ErrorKind::BrokenPipe).is_ok());
        assert!(write(io::ErrorKind::StorageFull).is_err());
    }

    /// What is written into memory that the test can see.
    #[derive(Clone, Default)]
    struct Seen(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

    impl Write for Seen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no test panics in it").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn json_is_json_in_plain_ascii() {
        let seen = Seen::default();
        let mut console = Console::new(Box::new(seen.clone()), Box::new(io::sink()));
        let value =
            serde_json::json!({ "text": "O(n\u{b2}) \u{1f600}\u{7f}\u{1b}[31m \\ ##[error]" });
        console.json(&value).expect("memory takes it");
        let text = seen.0.lock().expect("nobody holds it").clone();
        assert!(text.is_ascii() && text.ends_with(b"\n"), "{text:?}");
        let read: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(read, value);
    }
}
