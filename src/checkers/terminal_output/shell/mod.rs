//! Owns the reading of shell scripts: every command with the place its output goes to. Knows no file and no rule text.

mod functions;
mod streams;
mod words;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use tree_sitter::{Node, Tree};

use super::hit::{Found, Hit, Kind};
use functions::Functions;
use streams::{Sink, Streams};
use words::Text;

/// Programs that run the command in their arguments, its output being theirs.
const RUNNERS: [&[u8]; 19] = [
    b"command", b"builtin", b"exec", b"env", b"sudo", b"time", b"nohup", b"nice",
    // Words of the shell itself, where the grammar took a line for arguments.
    b"if", b"then", b"else", b"elif", b"fi", b"do", b"done", b"while", b"until", b"!", b"{",
];

/// The script as the parser should get it, of the same length. The grammar takes a line that begins with a backslash
/// (`\\cp a b`, which steps around an alias) for more arguments of the line before; without the backslash it does not.
pub fn prepared(script: &[u8]) -> Cow<'_, [u8]> {
    let mut prepared = Cow::Borrowed(script);
    let mut line_is_blank = true;
    for (at, pair) in script.windows(2).enumerate() {
        if line_is_blank && pair[0] == b'\\' && pair[1].is_ascii_alphabetic() {
            prepared.to_mut()[at] = b' ';
        }
        line_is_blank = pair[0] == b'\n' || (line_is_blank && pair[0].is_ascii_whitespace());
    }
    prepared
}

/// The longest name of a program that is looked at, in bytes, folder and quotes included.
const LONGEST_NAME: usize = 256;

/// Reads a parsed script. `written` is as parsed but for the `expressions`, which were masked for the parser.
pub fn read(tree: &Tree, masked: &[u8], written: &[u8], expressions: &[Range<usize>]) -> Found {
    let text = Text {
        masked,
        written,
        expressions,
    };
    let mut reader = Reader {
        text,
        assigned: HashMap::new(),
        functions: Functions::default(),
        hits: Vec::new(),
        merged_lines: false,
    };
    reader.walk(tree);
    let captured = reader.functions.captured();
    let has_errors = tree.root_node().has_error() || reader.merged_lines;
    let prints = |inside: Option<usize>| inside.is_none_or(|function| !captured[function]);
    let mut hits: Vec<Hit> = reader
        .hits
        .into_iter()
        .filter(|&(_, sink, inside)| sink == Sink::Terminal || prints(inside))
        .map(|(hit, _, _)| hit)
        .collect();
    hits.sort_unstable();
    Found {
        hits,
        has_errors,
        unread: false,
    }
}

/// What stands around a node.
#[derive(Clone, Copy)]
struct Frame {
    streams: Streams,
    /// The function that it is in.
    inside: Option<usize>,
    /// Does each statement right below it run, one after the other?
    straight: bool,
}

/// What a node's parent found out about it.
struct Assigned<'t> {
    streams: Streams,
    /// Arguments that the grammar hangs on a redirection: `echo >&2 "text"`.
    words: Vec<Node<'t>>,
    /// Is its standard input a here-document?
    heredoc: bool,
}

struct Reader<'a, 't> {
    text: Text<'a>,
    /// By node id; an entry is taken when its node is entered.
    assigned: HashMap<usize, Assigned<'t>>,
    functions: Functions<'a>,
    hits: Vec<(Hit, Sink, Option<usize>)>,
    /// Did the grammar take several lines for one command?
    merged_lines: bool,
}

impl<'a, 't> Reader<'a, 't> {
    /// Visits every node, without recursion: the depth is the script's choice.
    fn walk(&mut self, tree: &'t Tree) {
        let mut cursor = tree.walk();
        let mut frames = vec![Frame {
            streams: Streams::TERMINAL,
            inside: None,
            straight: false,
        }];
        loop {
            let frame = self.enter(cursor.node(), &mut frames);
            if cursor.goto_first_child() {
                frames.push(frame);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                frames.pop();
            }
        }
    }

    /// Judges a node; the result stands around its children.
    fn enter(&mut self, node: Node<'t>, frames: &mut [Frame]) -> Frame {
        let around = frames.last_mut().expect("the script's own frame stays");
        let assigned = self.assigned.remove(&node.id()).unwrap_or(Assigned {
            streams: around.streams,
            words: Vec::new(),
            heredoc: false,
        });
        let mut frame = Frame {
            streams: assigned.streams,
            inside: around.inside,
            straight: matches!(node.kind(), "program" | "subshell"),
        };
        match node.kind() {
            "command" => frame.streams = self.command(node, assigned, around),
            "redirected_statement" => self.redirected(node, frame.streams, around),
            "pipeline" => self.pipeline(node, frame.streams),
            "function_definition" => return self.function(node, frame),
            "command_substitution" => frame.streams = frame.streams.captured(),
            "process_substitution" if self.bytes(node).starts_with(b"<") => {
                frame.streams = frame.streams.captured();
            }
            _ => {}
        }
        frame
    }

    /// A node's text. The grammar counts white space before some tokens to them.
    fn bytes(&self, node: Node<'_>) -> &'a [u8] {
        self.text.masked[node.byte_range()].trim_ascii()
    }

    /// The body of a function runs with what its callers give it.
    fn function(&mut self, node: Node<'t>, frame: Frame) -> Frame {
        let name = node.child_by_field_name("name");
        let inside = name.map(|name| self.functions.define(self.bytes(name)));
        let mut streams = Streams::of_function();
        let mut cursor = node.walk();
        for redirect in node.children_by_field_name("redirect", &mut cursor) {
            streams.redirect(redirect, self.text.masked);
        }
        Frame {
            streams,
            inside: inside.or(frame.inside),
            straight: false,
        }
    }

    /// Each command of a pipeline but the last writes into a pipe; `tee` and `cat` hand on what they get.
    fn pipeline(&mut self, node: Node<'t>, streams: Streams) {
        let mut cursor = node.walk();
        let mut before: Option<Node<'t>> = None;
        let mut with_errors = false;
        for child in node.children(&mut cursor) {
            if !child.is_named() {
                with_errors = self.bytes(child).ends_with(b"|&");
                continue;
            }
            if child.is_extra() {
                continue;
            }
            if let Some(before) = before
                && !streams::passes_on(child, self.text.masked)
            {
                let captured = if with_errors {
                    streams.both_captured()
                } else {
                    streams.captured()
                };
                self.assign(before, captured);
            }
            before = Some(child);
        }
    }

    fn assign(&mut self, node: Node<'t>, streams: Streams) {
        self.assigned.insert(
            node.id(),
            Assigned {
                streams,
                words: Vec::new(),
                heredoc: false,
            },
        );
    }

    /// A redirection belongs to the last command of what the grammar hangs it on.
    fn redirected(&mut self, node: Node<'t>, around: Streams, frame: &mut Frame) {
        let mut streams = around;
        let mut words = Vec::new();
        let mut heredoc = false;
        let mut cursor = node.walk();
        for redirect in node.children_by_field_name("redirect", &mut cursor) {
            match redirect.kind() {
                "heredoc_redirect" => {
                    heredoc = true;
                    self.heredoc(redirect, &mut streams, &mut words);
                }
                _ => self.redirect(redirect, &mut streams, &mut words),
            }
        }
        let Some(mut body) = node.child_by_field_name("body") else {
            return;
        };
        while matches!(body.kind(), "list" | "pipeline" | "negated_command")
            && let Some(last) = last_named(body)
        {
            body = last;
        }
        let is_exec = body.kind() == "command"
            && body.named_child_count() == 1
            && self.bytes(body) == b"exec";
        if is_exec && frame.straight {
            frame.streams = streams;
        }
        let assigned = Assigned {
            streams,
            words,
            heredoc,
        };
        self.assigned.insert(body.id(), assigned);
    }

    /// What follows `<<EOF` on its line.
    fn heredoc(&mut self, node: Node<'t>, streams: &mut Streams, words: &mut Vec<Node<'t>>) {
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "file_redirect" => self.redirect(child, streams, words),
                "pipeline" => {
                    let next = child.named_child(0);
                    if !next.is_some_and(|next| streams::passes_on(next, self.text.masked)) {
                        *streams = streams.captured();
                    }
                }
                _ => {}
            }
        }
        let mut cursor = node.walk();
        words.extend(node.children_by_field_name("argument", &mut cursor));
    }

    fn redirect(&self, node: Node<'t>, streams: &mut Streams, words: &mut Vec<Node<'t>>) {
        if node.kind() != "file_redirect" {
            return;
        }
        streams.redirect(node, self.text.masked);
        let mut cursor = node.walk();
        let targets = node.children_by_field_name("destination", &mut cursor);
        words.extend(targets.skip(1));
    }

    fn command(&mut self, node: Node<'t>, assigned: Assigned<'t>, around: &Frame) -> Streams {
        let mut streams = assigned.streams;
        let mut words = Vec::new();
        let mut own_words = Vec::new();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "command_name" => words.push(child),
                "file_redirect" => self.redirect(child, &mut streams, &mut own_words),
                _ => {}
            }
        }
        let mut cursor = node.walk();
        words.extend(node.children_by_field_name("argument", &mut cursor));
        words.extend(own_words);
        words.extend(assigned.words);
        words.retain(Node::is_named);
        words.sort_by_key(Node::start_byte);
        // A line feed ends a command. Behind a redirected pipeline the grammar misses it and takes the following lines for
        // arguments: each line is then a command of its own, and the redirections belong to the last.
        let mut rest = words.as_slice();
        while let Some(at) = rest.windows(2).position(|pair| self.on_two_lines(pair)) {
            let (line, others) = rest.split_at(at + 1);
            rest = others;
            self.merged_lines = true;
            self.judge(line, around.streams.out(), false, around.inside);
        }
        self.judge(rest, streams.out(), assigned.heredoc, around.inside);
        streams
    }

    fn on_two_lines(&self, words: &[Node<'_>]) -> bool {
        let [first, second] = words else { return false };
        let between = self.text.masked.get(first.end_byte()..second.start_byte());
        let between = between.unwrap_or_default();
        let ends = |at: usize| between[at] == b'\n' && (at == 0 || between[at - 1] != b'\\');
        (0..between.len()).any(ends)
    }

    fn judge(&mut self, words: &[Node<'t>], out: Sink, heredoc: bool, inside: Option<usize>) {
        let (Some(&node), Some((name, words))) = (words.first(), self.program(words)) else {
            return;
        };
        self.calls(name, words, out, inside);
        let name = plain_name(self.bytes(name));
        if out == Sink::Away {
            return;
        }
        match name.as_slice() {
            b"echo" => self.echo(node, words, out, inside),
            b"printf" => self.printf(node, words, out, inside),
            b"cat" if heredoc && words.iter().all(|&word| self.bytes(word).starts_with(b"-")) => {
                self.hit(node, node.start_byte(), Kind::HeredocPrint, out, inside);
            }
            b"tee" if heredoc => {
                self.hit(node, node.start_byte(), Kind::HeredocPrint, out, inside);
            }
            _ => {}
        }
    }

    /// The word that names the program that is run in the end, and its arguments.
    fn program<'w>(&self, words: &'w [Node<'t>]) -> Option<(Node<'t>, &'w [Node<'t>])> {
        let mut rest = words;
        while let [first, others @ ..] = rest {
            rest = others;
            if !RUNNERS.contains(&plain_name(self.bytes(*first)).as_slice()) {
                return Some((*first, rest));
            }
            while let [word, others @ ..] = rest
                && (self.bytes(*word).starts_with(b"-") || self.bytes(*word).contains(&b'='))
            {
                rest = others;
            }
        }
        None
    }

    /// Notes the calls of functions. A function that is named in the arguments may be called by the command.
    fn calls(&mut self, name: Node<'t>, words: &[Node<'t>], out: Sink, inside: Option<usize>) {
        let name = self.bytes(name);
        self.functions.call(name, out, inside);
        if matches!(name, b"echo" | b"printf") {
            return;
        }
        for &word in words {
            let bytes = self.bytes(word);
            if matches!(name, b"trap" | b"eval") {
                for part in bytes.split(|&b| b.is_ascii_whitespace() || b";'\"&|()".contains(&b)) {
                    self.functions.call(part, out, inside);
                }
            } else if word.kind() == "word" {
                self.functions.call(bytes, out, inside);
            }
        }
    }

    fn hit(&mut self, node: Node<'_>, part: usize, kind: Kind, out: Sink, inside: Option<usize>) {
        let hit = Hit {
            statement: node.start_byte(),
            part,
            kind,
        };
        self.hits.push((hit, out, inside));
    }

    fn echo(&mut self, node: Node<'_>, words: &[Node<'_>], out: Sink, inside: Option<usize>) {
        let options = words
            .iter()
            .take_while(|&&word| is_echo_option(self.bytes(word)));
        let interpreted = options
            .clone()
            .find(|&&word| self.bytes(word).contains(&b'e'));
        let mut seen = words::look(&words[options.count()..], self.text);
        if let Some(option) = interpreted {
            seen.escape = Some(option.start_byte());
        }
        for (part, kind) in [
            (seen.non_ascii, Kind::EchoNonAscii),
            (seen.substitution, Kind::EchoCommandSubstitution),
            (seen.variable, Kind::EchoVariable),
            (seen.line_feed, Kind::EchoMultiLine),
            (seen.escape, Kind::EchoEscape),
        ] {
            if let Some(part) = part {
                self.hit(node, part, kind, out, inside);
            }
        }
    }

    fn printf(&mut self, node: Node<'_>, words: &[Node<'_>], out: Sink, inside: Option<usize>) {
        let into_variable = words.first().is_some_and(|&w| self.bytes(w) == b"-v");
        if into_variable {
            return;
        }
        if let Some(part) = words::look(words, self.text).non_ascii {
            self.hit(node, part, Kind::PrintfNonAscii, out, inside);
        }
    }
}

fn last_named(node: Node<'_>) -> Option<Node<'_>> {
    let last = node.named_child_count().checked_sub(1)?;
    node.named_child(u32::try_from(last).ok()?)
}

/// A program's name without quotes, backslashes and folder.
fn plain_name(bytes: &[u8]) -> Vec<u8> {
    // A longer one is computed: `$(...)`. To copy those would take the square of their depth.
    if bytes.len() > LONGEST_NAME {
        return Vec::new();
    }
    let name: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|b| !b"\\'\"".contains(b))
        .collect();
    match name.iter().rposition(|&b| b == b'/') {
        Some(slash) => name[slash + 1..].to_vec(),
        None => name,
    }
}

fn is_echo_option(bytes: &[u8]) -> bool {
    bytes
        .strip_prefix(b"-")
        .is_some_and(|letters| !letters.is_empty() && letters.iter().all(|b| b"neE".contains(b)))
}
