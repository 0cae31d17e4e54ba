//! Owns the reading of Dockerfiles: a tolerant line parser. Text that it does not know costs that instruction, not the file.

use std::ops::Range;

use crate::source::region::Region;

/// The words that open an instruction.
const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// An instruction.
#[derive(Debug)]
pub struct Instruction {
    /// In capitals.
    pub keyword: &'static str,
    /// From the keyword to the last line, heredocs included.
    pub range: Range<usize>,
    /// What follows the keyword, continuation lines joined, comments between them removed.
    pub args: Region,
    /// The texts of `<<NAME`.
    pub heredocs: Vec<Region>,
    /// Does it stand behind ONBUILD?
    pub onbuild: bool,
}

/// A Dockerfile.
#[derive(Debug, Default)]
pub struct Dockerfile {
    /// What was read, in order.
    pub instructions: Vec<Instruction>,
    /// How many statements were not.
    pub skipped: usize,
}

/// A line: its place, without its line end.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('\n').unwrap_or(rest.len());
        let start = self.at;
        self.at = self.text.len().min(start + length + 1);
        let line = &rest[..length];
        Some((start, line.strip_suffix('\r').unwrap_or(line)))
    }
}

impl Dockerfile {
    /// Reads a Dockerfile.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut file = Self::default();
        let escape = escape_of(text);
        let mut lines = Lines { text, at: 0 };
        while let Some((start, line)) = lines.next() {
            let line = if start == 0 {
                line.trim_start_matches('\u{feff}')
            } else {
                line
            };
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            match statement(&mut lines, escape, start, text) {
                Some(instruction) => file.instructions.push(instruction),
                None => file.skipped += 1,
            }
        }
        file
    }
}

/// The sign that joins lines: a directive before everything else may name another.
fn escape_of(text: &str) -> char {
    let directives = text.lines().map_while(|line| line.trim().strip_prefix('#'));
    let mut pairs = directives.map_while(|line| line.split_once('='));
    let escape = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("escape"));
    escape
        .and_then(|(_, value)| value.trim().chars().next())
        .unwrap_or('\\')
}

/// Reads the statement whose first line starts at `start`; that line was taken from `lines`.
fn statement(lines: &mut Lines<'_>, escape: char, start: usize, text: &str) -> Option<Instruction> {
    let mut joined = Region::starting(start);
    let mut at = start;
    let mut line = text.get(start..lines.at)?.trim_end_matches(['\n', '\r']);
    loop {
        let trimmed = line.trim_end();
        let body = trimmed.strip_suffix(escape);
        let kept = body.unwrap_or(line);
        for (offset, c) in kept.char_indices() {
            joined.push(c, at + offset);
        }
        if body.is_none() {
            break;
        }
        // Comments and empty lines between the lines of a statement are none of it.
        let next = loop {
            match lines.next() {
                Some((_, line)) if line.trim().is_empty() || line.trim_start().starts_with('#') => {
                }
                next => break next,
            }
        };
        let Some((start, next)) = next else { break };
        (at, line) = (start, next);
    }
    let end = at + line.len();
    let mut instruction = instruction(&joined, end)?;
    let names = if matches!(instruction.keyword, "RUN" | "COPY" | "ADD") {
        heredocs(instruction.args.text())
    } else {
        Vec::new()
    };
    for (name, strips) in names {
        let mut body = Region::starting(lines.at);
        loop {
            let (start, line) = lines.next()?;
            instruction.range.end = start + line.len();
            let stripped = if strips {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if stripped == name {
                break;
            }
            let indent = line.len() - stripped.len();
            for (offset, c) in stripped.char_indices() {
                body.push(c, start + indent + offset);
            }
            body.push('\n', start + line.len());
        }
        instruction.heredocs.push(body);
    }
    Some(instruction)
}

/// The part of a region from `from` on, its leading white space removed.
fn tail(region: &Region, from: usize) -> Region {
    let rest = &region.text()[from..];
    let from = from + rest.len() - rest.trim_start().len();
    let mut part = Region::starting(region.place(from));
    for (offset, c) in region.text()[from..].char_indices() {
        part.push(c, region.place(from + offset));
    }
    part
}

fn instruction(joined: &Region, end: usize) -> Option<Instruction> {
    let text = joined.text();
    let text = text.strip_prefix('\u{feff}').map_or(text, |rest| rest);
    let skipped = joined.text().len() - text.len();
    let from = skipped + text.len() - text.trim_start().len();
    let word = text.split_whitespace().next()?;
    let keyword = KEYWORDS
        .into_iter()
        .find(|keyword| keyword.eq_ignore_ascii_case(word))?;
    let start = joined.place(from);
    let args = tail(joined, from + word.len());
    if keyword == "ONBUILD" {
        // `ONBUILD ONBUILD` is none.
        let twice = args.text().trim_start().get(..7);
        if twice.is_some_and(|word| word.eq_ignore_ascii_case("ONBUILD")) {
            return None;
        }
        let inner = instruction(&args, end)?;
        return Some(Instruction {
            onbuild: true,
            range: start..end,
            ..inner
        });
    }
    if args.text().trim().is_empty() {
        return None;
    }
    Some(Instruction {
        keyword,
        range: start..end,
        args,
        heredocs: Vec::new(),
        onbuild: false,
    })
}

/// The names behind `<<`, and whether tabs are stripped.
fn heredocs(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut quote = None;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        match quote {
            Some(open) => {
                if byte == open {
                    quote = None;
                } else if byte == b'\\' && open == b'"' {
                    at += 1;
                }
            }
            None if byte == b'\\' => at += 1,
            None if matches!(byte, b'\'' | b'"') => quote = Some(byte),
            None if byte == b'#' && at > 0 && bytes[at - 1].is_ascii_whitespace() => break,
            None if bytes[at..].starts_with(b"<<<") => at += 2,
            None if bytes[at..].starts_with(b"<<") => {
                let rest = &text[at + 2..];
                let strips = rest.starts_with('-');
                let rest = rest.strip_prefix('-').unwrap_or(rest);
                let quoted = rest.trim_start_matches(['"', '\'']);
                let length = quoted
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .unwrap_or(quoted.len());
                if length > 0 && !quoted.starts_with(|c: char| c.is_ascii_digit()) {
                    found.push((quoted[..length].to_owned(), strips));
                    at = text.len() - quoted.len() + length;
                    // The quote that closes the name.
                    at += usize::from(rest.len() > quoted.len());
                    continue;
                }
                at += 1;
            }
            None => {}
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let file = Dockerfile::parse(text);
        let mut shown: Vec<String> = Vec::new();
        for instruction in &file.instructions {
            let docs: Vec<&str> = instruction
                .heredocs
                .iter()
                .map(crate::source::region::Region::text)
                .collect();
            let docs = docs
                .iter()
                .fold(String::new(), |docs, doc| docs + " <<" + doc);
            let onbuild = if instruction.onbuild { "ONBUILD " } else { "" };
            shown.push(format!(
                "{onbuild}{} {}{docs}",
                instruction.keyword,
                instruction.args.text()
            ));
        }
        if file.skipped > 0 {
            shown.push(format!("skipped {}", file.skipped));
        }
        assert_eq!(shown.join("|"), expected, "{text}");
    }

    #[test]
    fn statements() {
        check(
            "from a\nRUN b \\\n# c\n\n  d\nUSER e",
            "FROM a|RUN b   d|USER e",
        );
        check("# escape=`\nRUN a `\n b\\\nUSER c", "RUN a  b\\|USER c");
        check(
            "RUN <<EOF\nUSER x\nEOF\nUSER y",
            "RUN <<EOF <<USER x\n|USER y",
        );
        check(
            "RUN cat <<-'A' <<B\n\tx\n\tA\ny\nB\nUSER z",
            "RUN cat <<-'A' <<B <<x\n <<y\n|USER z",
        );
        check("RUN cat <<EOF\nx", "skipped 1");
        check(
            "RUN cat <<< x \"<<y\" $((1<<2))\nUSER z",
            "RUN cat <<< x \"<<y\" $((1<<2))|USER z",
        );
        check(
            "ONBUILD RUN x\n{% if a %}\nUSER y",
            "ONBUILD RUN x|USER y|skipped 1",
        );
        check("\u{feff}FROM a\r\nRUN b \\\r\n c\r\n", "FROM a|RUN b  c");
        check("RUN\nUSER", "skipped 2");
        check("RUN a \\", "RUN a ");
    }

    #[test]
    fn places() {
        let text = "RUN a \\\n # c\n  b";
        let file = Dockerfile::parse(text);
        let args = &file.instructions[0].args;
        let at = args.text().find('b').expect("it is there");
        assert_eq!(args.place(at), text.rfind('b').expect("it is there"));
    }
}
