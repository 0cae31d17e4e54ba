//! Owns the plain ASCII rule: how foreign text is escaped, and the writer that lets nothing else through.
//!
//! Printable ASCII stays. A backslash is doubled only when the text holds another escape, so that plain Windows paths
//! stay readable. Other scalars become `\u{17c}`, invalid UTF-8 bytes `\xff`, and tab, line feed and carriage return
//! `\t`, `\n`, `\r`. After escaping, width in columns is length in bytes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

fn is_plain(byte: u8) -> bool {
    (0x20..=0x7e).contains(&byte)
}

/// Escapes foreign text for one line of output.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_bytes(text.as_bytes())
}

/// Escapes foreign bytes, valid UTF-8 or not, for one line of output.
#[must_use]
pub fn escape_bytes(bytes: &[u8]) -> Cow<'_, str> {
    if bytes.iter().copied().all(is_plain)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_escaped(&mut out, c);
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    Cow::Owned(out)
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        ' '..='~' => out.push(c),
        _ => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// Escapes foreign text of several lines: line feeds stay, all else as [`escape`]; terminal sequences are removed first.
#[must_use]
pub fn escape_lines(text: &str) -> String {
    let plain = strip_terminal_sequences(text);
    let mut out = String::with_capacity(plain.len());
    for (n, line) in plain.split('\n').enumerate() {
        if n > 0 {
            out.push('\n');
        }
        out.push_str(&escape(line.strip_suffix('\r').unwrap_or(line)));
    }
    out
}

/// Removes terminal control sequences (ECMA-48 CSI, OSC and two-byte escapes), as tools print them for colour.
#[must_use]
pub fn strip_terminal_sequences(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => {
                while chars
                    .next_if(|c| !('\u{40}'..='\u{7e}').contains(c))
                    .is_some()
                {}
                chars.next();
            }
            Some(']' | 'P' | 'X' | '^' | '_') => {
                while let Some(c) = chars.next() {
                    if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    Cow::Owned(out)
}

/// A writer that lets only printable ASCII and line feeds through: the safety net under every stream qgate writes.
///
/// Callers escape foreign text first, so that widths are right; whatever still slips through becomes `\xNN`.
#[derive(Debug)]
pub struct AsciiWriter<W> {
    inner: W,
}

impl<W: io::Write> AsciiWriter<W> {
    /// Wraps `inner`.
    pub const fn new(inner: W) -> Self {
        Self { inner }
    }
}

impl<W: io::Write> AsciiWriter<W> {
    /// Writes the fields of a line for programs, with tabs between them: the only way for a tab to get through.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn fields<'f>(&mut self, fields: impl IntoIterator<Item = &'f str>) -> io::Result<()> {
        for (n, field) in fields.into_iter().enumerate() {
            if n > 0 {
                self.inner.write_all(b"\t")?;
            }
            io::Write::write_all(self, field.as_bytes())?;
        }
        io::Write::write_all(self, b"\n")
    }
}

impl<W: io::Write> io::Write for AsciiWriter<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let passes = |byte: u8| is_plain(byte) || byte == b'\n';
        if buf.iter().all(|&byte| passes(byte)) {
            self.inner.write_all(buf)?;
        } else {
            let mut out = Vec::with_capacity(buf.len() + 16);
            for &byte in buf {
                if passes(byte) {
                    out.push(byte);
                } else {
                    out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
                }
            }
            self.inner.write_all(&out)?;
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Escapes what is not ASCII in a JSON text, and the second of two `#`, which would open a command in a CI log. They can
/// only stand in strings, where `\uXXXX` means the same.
#[must_use]
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        let is_command = c == '#' && before == '#';
        before = c;
        if matches!(c, '\n' | ' '..='~') && !is_command {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], expected: &str) {
        assert_eq!(escape_bytes(input), expected);
    }

    #[test]
    fn escapes_by_the_rule() {
        check(b"plain C:\\dir", "plain C:\\dir");
        check("za\u{17c}".as_bytes(), "za\\u{17c}");
        check(b"\xff\\", "\\xff\\\\");
        check(b"a\tb\r\n", "a\\tb\\r\\n");
        check(b"\x1b[31m", "\\u{1b}[31m");
    }

    #[test]
    fn colour_is_removed_from_tool_output() {
        assert_eq!(
            escape_lines("\u{1b}[31mred\u{1b}[0m\r\nnext \u{1b}]0;title\u{7}x"),
            "red\nnext x"
        );
    }

    #[test]
    fn the_writer_lets_nothing_else_through() {
        let mut out = Vec::new();
        io::Write::write_all(&mut AsciiWriter::new(&mut out), "ok\n\u{e9}\t".as_bytes())
            .expect("a Vec takes bytes");
        assert_eq!(out, b"ok\n\\xc3\\xa9\\x09");
    }
}
