//! Owns where the file descriptors of a command lead, and what redirections make of them. Knows no rule.

use tree_sitter::Node;

/// Where a descriptor leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    /// The terminal.
    Terminal,
    /// Where the caller of the enclosing function sends it.
    Caller,
    /// A file, a pipe, a variable.
    Away,
}

/// The descriptors 0 to 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams([Sink; 10]);

impl Streams {
    /// A script's start.
    pub const TERMINAL: Self = Self([Sink::Terminal; 10]);

    /// A function's start: its callers decide about the standard output.
    pub const fn of_function() -> Self {
        let mut sinks = [Sink::Terminal; 10];
        sinks[1] = Sink::Caller;
        Self(sinks)
    }

    /// The standard output.
    pub const fn out(self) -> Sink {
        self.0[1]
    }

    /// The same with a captured standard output.
    pub const fn captured(mut self) -> Self {
        self.0[1] = Sink::Away;
        self
    }

    /// The same with a captured standard error too, as behind `|&`.
    pub const fn both_captured(mut self) -> Self {
        self.0[2] = Sink::Away;
        self.captured()
    }

    /// What a `file_redirect` makes of it.
    pub fn redirect(&mut self, redirect: Node<'_>, text: &[u8]) {
        let mut operator: &[u8] = b"";
        let mut descriptor = None;
        let mut target = None;
        let mut cursor = redirect.walk();
        for child in redirect.children(&mut cursor) {
            let bytes = &text[child.byte_range()];
            if child.kind() == "file_descriptor" {
                descriptor = Some(number(bytes));
            } else if !child.is_named() && operator.is_empty() {
                operator = bytes.trim_ascii();
            } else if target.is_none() {
                target = Some(child);
            }
        }
        let name = target.map_or(&b""[..], |target| &text[target.byte_range()]);
        let from = descriptor.unwrap_or(1);
        match operator {
            b">" | b">>" | b">|" => self.set(from, self.file(from, target, text)),
            b"&>" | b"&>>" => self.set_both(self.file(1, target, text)),
            b">&" if name == b"-" => self.set(from, Sink::Away),
            b">&" if name.iter().all(u8::is_ascii_digit) => self.set(from, self.get(number(name))),
            b">&" if descriptor.is_none() && !name.contains(&b'$') => {
                self.set_both(self.file(1, target, text));
            }
            b">&" | b">&-" => self.set(from, Sink::Away),
            _ => {}
        }
    }

    /// Where a redirection of `from` to `target` leads.
    fn file(&self, from: usize, target: Option<Node<'_>>, text: &[u8]) -> Sink {
        let Some(target) = target else {
            return self.get(from);
        };
        if target.kind() == "process_substitution" {
            let command = target.named_child(0);
            return match command {
                Some(command) if passes_on(command, text) => self.get(from),
                _ => Sink::Away,
            };
        }
        let name = &text[target.byte_range()];
        let name = name.trim_ascii();
        let name = name
            .strip_prefix(b"\"")
            .and_then(|name| name.strip_suffix(b"\""))
            .unwrap_or(name);
        match name {
            b"/dev/tty" => Sink::Terminal,
            b"/dev/stdout" => self.get(1),
            b"/dev/stderr" => self.get(2),
            _ => match name.strip_prefix(b"/dev/fd/") {
                Some(digits) => self.get(number(digits)),
                None => Sink::Away,
            },
        }
    }

    fn get(&self, descriptor: usize) -> Sink {
        self.0.get(descriptor).copied().unwrap_or(Sink::Away)
    }

    fn set(&mut self, descriptor: usize, sink: Sink) {
        if let Some(place) = self.0.get_mut(descriptor) {
            *place = sink;
        }
    }

    fn set_both(&mut self, sink: Sink) {
        self.set(1, sink);
        self.set(2, sink);
    }
}

/// A descriptor's number; one out of range for anything else.
fn number(digits: &[u8]) -> usize {
    match digits {
        [digit @ b'0'..=b'9'] => usize::from(digit - b'0'),
        _ => usize::MAX,
    }
}

/// Does the command pass on what it reads, unchanged: `tee` or `cat`?
pub fn passes_on(command: Node<'_>, text: &[u8]) -> bool {
    let name = command.child_by_field_name("name");
    name.is_some_and(|name| matches!(&text[name.byte_range()], b"tee" | b"cat"))
}
