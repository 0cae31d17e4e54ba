//! Owns generated repositories: small worlds, each in a folder of its own, made of lines that know who they are.

use std::collections::BTreeMap;

/// Numbers that look random and are the same each time.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mixed = usize::try_from((mixed ^ (mixed >> 31)) >> 33).expect("31 bits");
        mixed % below.max(1)
    }
}

/// How a line can be told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// By its text, which no other line has.
    Text,
    /// By its place only: a few letters, which other lines of the world have too.
    Place,
    /// Not at all: it is one of several that are alike.
    Twin,
}

/// A line. It stays the same one when it is moved, indented or copied, and becomes another one when its text is edited.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: u32,
    pub told: Told,
    pub indent: usize,
    pub text: String,
    pub tail: &'static str,
    pub copied: bool,
}

/// Lines that stay together.
pub type Item = Vec<Line>;

#[derive(Clone, Debug)]
pub struct File {
    pub items: Vec<Item>,
    pub crlf: bool,
    pub open_end: bool,
    /// The path that it had on the base, as far as git can tell; a copy had none.
    pub origin: Option<String>,
    /// A file is renamed, copied, split, deleted or indented as a whole only once: git could not tell more.
    pub settled: bool,
}

#[derive(Clone, Debug)]
pub struct World {
    pub number: usize,
    pub files: BTreeMap<String, File>,
    next: u32,
}

/// Larger files are findings.
pub const LARGEST: usize = 4_500;

/// What a generated line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Tail,
    Foreign,
    Both,
    Brace,
    Twin,
    Long,
}

impl Line {
    /// The rules that find something in it.
    pub fn rules(&self, path: &str) -> Vec<&'static str> {
        let mut rules = Vec::new();
        if !self.tail.is_empty() {
            rules.push("trailing-whitespace");
        }
        if !self.text.is_ascii() {
            rules.push("non-ascii");
        }
        if is_script(path) && self.text.starts_with("echo") {
            rules.push("echo-variable");
        }
        rules
    }
}

impl File {
    pub fn bytes(&self) -> Vec<u8> {
        let end = if self.crlf { "\r\n" } else { "\n" };
        let lines = self.items.iter().flatten();
        let lines: Vec<String> = lines
            .map(|line| format!("{}{}{}", " ".repeat(line.indent), line.text, line.tail))
            .collect();
        let last = if self.open_end { "" } else { end };
        format!("{}{last}", lines.join(end)).into_bytes()
    }

    /// The rules that find something in the file as a whole.
    pub fn rules(&self) -> Vec<&'static str> {
        let bytes = self.bytes();
        let mut rules = Vec::new();
        if bytes.last().is_some_and(|&last| last != b'\n') {
            rules.push("missing-final-newline");
        }
        if bytes.len() > LARGEST {
            rules.push("large-file");
        }
        rules
    }
}

impl World {
    pub fn new(number: usize, dice: &mut Dice) -> Self {
        let mut world = Self {
            number,
            files: BTreeMap::new(),
            next: 0,
        };
        for name in ["a.txt", "b.txt", "s.sh", "l.txt"] {
            let path = format!("w{number}/of{number}{name}");
            let count = 8 + dice.roll(6);
            let mut items: Vec<Item> = Vec::new();
            for _ in 0..count {
                let kind = Self::kind(dice);
                items.push(world.item(kind, &path));
            }
            if name == "l.txt" {
                let long = world.item(Kind::Long, &path);
                items.insert(dice.roll(count), long);
            }
            let file = File {
                items,
                crlf: !is_script(&path) && dice.roll(5) == 0,
                open_end: dice.roll(3) == 0,
                origin: Some(path.clone()),
                settled: false,
            };
            world.files.insert(path, file);
        }
        world
    }

    pub fn kind(dice: &mut Dice) -> Kind {
        use Kind::{Both, Brace, Foreign, Plain, Tail, Twin};
        let all = [
            Plain, Plain, Plain, Tail, Tail, Foreign, Both, Brace, Brace, Twin,
        ];
        all[dice.roll(all.len())]
    }

    pub fn id(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn line(&mut self, told: Told, text: String, tail: &'static str) -> Line {
        Line {
            id: self.id(),
            told,
            indent: 0,
            text,
            tail,
            copied: false,
        }
    }

    /// Lines that were never there; twins and braces only look like others.
    pub fn item(&mut self, kind: Kind, path: &str) -> Item {
        let (w, n) = (self.number, self.next);
        let mut text = |words: &str, tail| {
            let comment = if is_script(path) { "# " } else { "" };
            self.line(Told::Text, format!("{comment}{words} {w} {n}"), tail)
        };
        let mut item = match kind {
            Kind::Plain => vec![text("plain words that nobody minds", "")],
            Kind::Tail => vec![text("words with something behind them", "  ")],
            Kind::Foreign => vec![text("a cup in the caf\u{e9} of the world", "")],
            Kind::Both => vec![text("na\u{ef}ve words and something behind", "\t")],
            // Git compares pieces of 64 bytes: each must say whose it is.
            Kind::Long => (0..150)
                .map(|at| text(&format!("one of many words, line {at}"), ""))
                .collect(),
            Kind::Brace => vec![
                text("here begins a block of the world", ""),
                text("", " "),
                text("and here is the end of that block", ""),
            ],
            Kind::Twin => vec![
                text("here begins one of the alike", ""),
                text("", ""),
                text("here ends one of the alike", ""),
            ],
        };
        if kind == Kind::Brace {
            item[1].told = Told::Place;
            item[1].text = format!("#{w}");
        }
        if kind == Kind::Twin {
            for (line, words) in item.iter_mut().zip(["begin", "say", "end"]) {
                line.told = Told::Twin;
                line.text = format!("# the twins of {w} {words} the same");
            }
            item[1].tail = " ";
        }
        if is_script(path) && matches!(kind, Kind::Tail | Kind::Twin) {
            let last = item.len() / 2;
            let told = item[last].told;
            let whose = if told == Told::Twin { 0 } else { n };
            item[last].text = format!("echo \"what {w} {whose} says is $value\"");
            let name = format!("say_{w}_{whose}() {{");
            item.insert(0, self.line(told, name, ""));
            item.push(self.line(told, "}".to_owned(), ""));
        }
        item
    }
}

pub fn is_script(path: &str) -> bool {
    path.rsplit('.').next() == Some("sh")
}
