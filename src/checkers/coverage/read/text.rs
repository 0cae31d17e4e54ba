//! Owns the stream of a report as text: unpacked, in UTF-8 whatever it was written in, and bounded: by the whole length, by the
//! length of a piece that a parser must hold at once, and by the length of a JSON string.

use std::io::{self, BufRead, Read};

use flate2::read::MultiGzDecoder;

/// How much is read at once.
const CHUNK: usize = 1 << 16;

/// How much is looked at to tell the format.
const HEAD: usize = 1 << 16;

/// The longest piece, such as a line or a tag, and the longest string of a JSON document.
const LONGEST: usize = 16 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 { big: bool },
    Latin1,
}

/// A report as text.
pub struct Text<'a> {
    inner: Box<dyn Read + 'a>,
    encoding: Encoding,
    /// What was read and not decoded yet: the start of a character.
    raw: Vec<u8>,
    /// What was decoded; what lies before `at` was consumed.
    out: Vec<u8>,
    at: usize,
    ended: bool,
    left: u64,
    largest: u64,
    piece: usize,
    string: Option<Strings>,
    replaced: u64,
    problem: Option<String>,
}

/// Where in a JSON document the stream is.
#[derive(Default)]
struct Strings {
    inside: bool,
    escaped: bool,
    length: usize,
}

impl<'a> Text<'a> {
    /// The text of a stream of at most `largest` bytes, unpacked.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(mut source: impl Read + 'a, largest: u64) -> Result<Self, String> {
        let mut start = Vec::with_capacity(2);
        let magic = source.by_ref().take(2).read_to_end(&mut start);
        magic.map_err(|problem| problem.to_string())?;
        let whole = io::Cursor::new(start.clone()).chain(source);
        let inner: Box<dyn Read + 'a> = if start == [0x1f, 0x8b] {
            Box::new(MultiGzDecoder::new(whole))
        } else {
            Box::new(whole)
        };
        Ok(Self {
            inner,
            encoding: Encoding::Utf8,
            raw: Vec::new(),
            out: Vec::new(),
            at: 0,
            ended: false,
            left: largest,
            largest,
            piece: 0,
            string: None,
            replaced: 0,
            problem: None,
        })
    }

    /// The start of the text; nothing of it is consumed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn head(&mut self) -> Result<&[u8], String> {
        self.begin().map_err(|problem| self.said(&problem))?;
        while self.out.len() < HEAD && !self.ended {
            self.more().map_err(|problem| self.said(&problem))?;
        }
        let head = &self.out[..self.out.len().min(HEAD)];
        Ok(head)
    }

    /// Strings of JSON count as pieces from here on.
    pub fn as_json(&mut self) {
        let mut strings = Strings::default();
        strings.take(&self.out[self.at..]);
        self.string = Some(strings);
    }

    /// Another piece begins.
    pub fn piece(&mut self) {
        self.piece = 0;
    }

    /// How many bytes or characters were no text.
    pub const fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Why the stream ended before its end.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// The next line, without its end; `None` behind the last one.
    ///
    /// # Errors
    /// When it cannot be read, or is too long.
    pub fn line<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Option<&'b str>, String> {
        buffer.clear();
        self.piece();
        let read = self.read_until(b'\n', buffer);
        if read.map_err(|problem| problem.to_string())? == 0 {
            return Ok(None);
        }
        let line = buffer.strip_suffix(b"\n").unwrap_or(buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // The stream is UTF-8, and a line feed ends no character in its middle.
        std::str::from_utf8(line)
            .map(Some)
            .map_err(|problem| problem.to_string())
    }

    fn said(&self, problem: &io::Error) -> String {
        self.problem.clone().unwrap_or_else(|| problem.to_string())
    }

    fn fail(&mut self, why: String) -> io::Error {
        self.problem.get_or_insert_with(|| why.clone());
        io::Error::other(why)
    }

    /// Takes the byte order mark, or what an XML declaration says, for the encoding.
    fn begin(&mut self) -> io::Result<()> {
        self.fetch()?;
        let (encoding, mark) = match self.raw.as_slice() {
            [0xff, 0xfe, ..] => (Encoding::Utf16 { big: false }, 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16 { big: true }, 2),
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
            [b'<', 0, ..] => (Encoding::Utf16 { big: false }, 0),
            [0, b'<', ..] => (Encoding::Utf16 { big: true }, 0),
            raw => (declared(raw), 0),
        };
        self.encoding = encoding;
        self.raw.drain(..mark);
        self.decode()
    }

    /// Reads a chunk behind what is left undecoded.
    fn fetch(&mut self) -> io::Result<()> {
        let from = self.raw.len();
        self.raw.resize(from + CHUNK, 0);
        let mut filled = from;
        while filled < self.raw.len() {
            match self.inner.read(&mut self.raw[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => filled += n,
                Err(problem) if problem.kind() == io::ErrorKind::Interrupted => {}
                Err(problem) => {
                    self.ended = true;
                    return Err(self.fail(format!("it cannot be read: {problem}")));
                }
            }
        }
        self.raw.truncate(filled);
        let Some(left) = self.left.checked_sub((filled - from) as u64) else {
            self.ended = true;
            let largest = self.largest;
            return Err(self.fail(format!("it is larger than {largest} bytes")));
        };
        self.left = left;
        Ok(())
    }

    fn more(&mut self) -> io::Result<()> {
        self.fetch()?;
        self.decode()
    }

    fn decode(&mut self) -> io::Result<()> {
        let from = self.out.len();
        match self.encoding {
            Encoding::Utf8 => self.decode_utf8(),
            Encoding::Utf16 { big } => self.decode_utf16(big),
            Encoding::Latin1 => {
                let text: String = self.raw.drain(..).map(char::from).collect();
                self.out.extend_from_slice(text.as_bytes());
            }
        }
        if let Some(strings) = &mut self.string
            && !strings.take(&self.out[from..])
        {
            return Err(self.fail(format!("a string in it is longer than {LONGEST} bytes")));
        }
        Ok(())
    }

    fn decode_utf8(&mut self) {
        let raw = std::mem::take(&mut self.raw);
        let mut rest = raw.as_slice();
        while !rest.is_empty() {
            match std::str::from_utf8(rest) {
                Ok(_) => {
                    self.out.extend_from_slice(rest);
                    break;
                }
                Err(problem) => {
                    let (good, bad) = rest.split_at(problem.valid_up_to());
                    self.out.extend_from_slice(good);
                    match problem.error_len() {
                        None if !self.ended => {
                            self.raw = bad.to_vec();
                            break;
                        }
                        length => {
                            self.replace();
                            rest = &bad[length.unwrap_or(bad.len())..];
                        }
                    }
                }
            }
        }
    }

    fn decode_utf16(&mut self, big: bool) {
        let raw = std::mem::take(&mut self.raw);
        let unit = |pair: &[u8]| {
            let pair = [pair[0], pair[1]];
            if big {
                u16::from_be_bytes(pair)
            } else {
                u16::from_le_bytes(pair)
            }
        };
        let mut units: Vec<u16> = raw.chunks_exact(2).map(unit).collect();
        let mut left = raw[units.len() * 2..].to_vec();
        // The first half of a character waits for the second one.
        if !self.ended && matches!(units.last(), Some(0xd800..=0xdbff)) {
            units.pop();
            left = raw[units.len() * 2..].to_vec();
        }
        let mut bytes = [0; 4];
        for char in char::decode_utf16(units) {
            match char {
                Ok(char) => self
                    .out
                    .extend_from_slice(char.encode_utf8(&mut bytes).as_bytes()),
                Err(_) => self.replace(),
            }
        }
        if self.ended && !left.is_empty() {
            self.replace();
        } else {
            self.raw = left;
        }
    }

    fn replace(&mut self) {
        self.replaced += 1;
        self.out.extend_from_slice("\u{fffd}".as_bytes());
    }
}

/// What the XML declaration says.
fn declared(raw: &[u8]) -> Encoding {
    let head = String::from_utf8_lossy(&raw[..raw.len().min(200)]).to_ascii_lowercase();
    let declaration = head
        .split_once("?>")
        .map_or("", |(declaration, _)| declaration);
    let latin = ["iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii"];
    if declaration.starts_with("<?xml") && latin.iter().any(|name| declaration.contains(name)) {
        Encoding::Latin1
    } else {
        Encoding::Utf8
    }
}

impl Strings {
    /// Follows the stream; `false` when a string is too long.
    fn take(&mut self, bytes: &[u8]) -> bool {
        for &byte in bytes {
            if !self.inside {
                self.inside = byte == b'"';
                self.length = 0;
                continue;
            }
            self.length += 1;
            if self.length > LONGEST {
                return false;
            }
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.inside = false,
                _ => {}
            }
        }
        true
    }
}

impl BufRead for Text<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.out.len() {
            self.out.clear();
            self.at = 0;
            while self.out.is_empty() && !self.ended {
                self.more()?;
            }
        }
        Ok(&self.out[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.out.len());
        self.piece += amount;
        if self.piece > LONGEST && self.string.is_none() {
            // The next read ends it.
            self.ended = true;
            self.out.truncate(self.at);
            let why = format!("a piece of it is longer than {LONGEST} bytes");
            self.problem.get_or_insert(why);
        }
    }
}

impl Read for Text<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let have = self.fill_buf()?;
        let length = have.len().min(into.len());
        into[..length].copy_from_slice(&have[..length]);
        self.consume(length);
        Ok(length)
    }
}
