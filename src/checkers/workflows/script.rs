//! Owns the reading of scripts, in whatever shell, as commands with words: as exact as questions on single commands need it.
//! Knows no rule.

use std::ops::Range;

/// A command of a script.
#[derive(Debug, Default)]
pub struct Command {
    pub words: Vec<Word>,
    /// Does its output go into the next command?
    pub piped: bool,
    /// Where its output goes, if that is a file: the word behind `>` or `>>`.
    pub output: Option<String>,
    /// The text of its here-document.
    pub heredoc: Option<Range<usize>>,
}

/// A word of a command.
#[derive(Debug, Clone)]
pub struct Word {
    /// Its text; quotes are taken away, expansions are as written.
    pub text: String,
    /// Its bytes in the script.
    pub range: Range<usize>,
    /// Does it stand in single quotes, as a whole?
    pub literal: bool,
}

impl Command {
    /// The program: its name without folders. Assignments and words such as `sudo` before it are skipped.
    pub fn program(&self) -> (&str, &[Word]) {
        let mut words = self.words.as_slice();
        while let [first, rest @ ..] = words {
            let text = first.text.as_str();
            let assigns = text.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            });
            let before = matches!(
                text,
                "sudo"
                    | "exec"
                    | "command"
                    | "time"
                    | "env"
                    | "nohup"
                    | "if"
                    | "then"
                    | "else"
                    | "elif"
                    | "while"
                    | "until"
                    | "do"
                    | "!"
                    | "{"
                    | "("
                    | "&"
            );
            let flag_of_it = text.starts_with('-') && words.len() < self.words.len();
            if assigns || before || flag_of_it {
                words = rest;
            } else {
                return (text.rsplit('/').next().unwrap_or(text), rest);
            }
        }
        ("", &[])
    }

    /// Its bytes.
    pub fn range(&self) -> Range<usize> {
        let start = self.words.first().map_or(0, |word| word.range.start);
        start..self.words.last().map_or(start, |word| word.range.end)
    }

    /// The words, without those that are no text of its own.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.text.as_str())
    }
}

/// Reads the commands of a script.
pub fn commands(script: &str) -> Vec<Command> {
    let mut reader = Reader {
        script,
        at: 0,
        commands: Vec::new(),
        current: Command::default(),
        awaits_output: false,
        heredocs: Vec::new(),
        groups: Vec::new(),
    };
    reader.read();
    reader.commands
}

struct Reader<'a> {
    script: &'a str,
    at: usize,
    commands: Vec<Command>,
    current: Command,
    /// Is the next word the file behind a `>`?
    awaits_output: bool,
    /// Delimiters of here-documents whose text begins on the next line, and the command of each.
    heredocs: Vec<(String, usize)>,
    /// Where open `{` and `(` began.
    groups: Vec<usize>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.script[self.at..]
    }

    fn read(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            match c {
                '\n' => {
                    self.end(false);
                    self.at += 1;
                    self.skip_heredocs();
                }
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.rest()[1..].starts_with(['\n', '\r']) => {
                    self.at += if self.rest().starts_with("\\\r\n") {
                        3
                    } else {
                        2
                    };
                }
                // PowerShell continues a line so.
                '`' if self.rest()[1..].starts_with(['\n', '\r']) => self.at += 2,
                '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                ';' => {
                    self.end(false);
                    self.at += 1;
                }
                '|' => {
                    let both = self.rest().starts_with("||");
                    self.end(!both);
                    self.at += if both || self.rest().starts_with("|&") {
                        2
                    } else {
                        1
                    };
                }
                '&' if self.rest().starts_with("&>") => self.redirect(),
                '&' => {
                    self.end(false);
                    self.at += if self.rest().starts_with("&&") { 2 } else { 1 };
                }
                '<' if self.rest().starts_with("<<") && !self.rest().starts_with("<<<") => {
                    self.heredoc();
                }
                '<' if self.rest().starts_with("<(") => self.word(),
                '<' => {
                    self.at += self.rest().bytes().take_while(|&b| b == b'<').count();
                }
                '>' => self.redirect(),
                '(' | ')' => {
                    self.end(false);
                    self.group(c == '(');
                    self.at += 1;
                }
                _ => self.word(),
            }
        }
        self.end(false);
    }

    fn group(&mut self, opens: bool) {
        if opens {
            self.open_group();
        } else if let Some(start) = self.groups.pop() {
            // What is behind the closing sign, a redirection or a pipe, is of all commands of the group.
            self.current.words.push(Word {
                text: ")".to_owned(),
                range: self.at..self.at + 1,
                literal: false,
            });
            self.groups.push(start);
        }
    }

    /// Nobody nests deeper by hand, and each level is gone over when it ends.
    fn open_group(&mut self) {
        if self.groups.len() < 30 {
            self.groups.push(self.commands.len());
        }
    }

    fn end(&mut self, piped: bool) {
        self.awaits_output = false;
        let mut command = std::mem::take(&mut self.current);
        if command.words.is_empty() {
            return;
        }
        command.piped = piped;
        let first = command.words[0].text.as_str();
        if first == "{" {
            self.open_group();
        }
        if matches!(first, "}" | ")" | "done" | "fi" | "esac")
            && let Some(start) = match first {
                "}" | ")" => self.groups.pop(),
                _ => None,
            }
        {
            for inner in &mut self.commands[start..] {
                inner.piped |= command.piped;
                if inner.output.is_none() {
                    inner.output.clone_from(&command.output);
                }
            }
        }
        self.commands.push(command);
    }

    fn redirect(&mut self) {
        // The number before it was taken for a word.
        let mut both = self.rest().starts_with('&');
        let errors = self
            .current
            .words
            .last()
            .is_some_and(|word| word.range.end == self.at && word.text == "2");
        let number = self.current.words.last().is_some_and(|word| {
            word.range.end == self.at
                && word.text.len() == 1
                && word.text.as_bytes()[0].is_ascii_digit()
        });
        if number {
            self.current.words.pop();
        }
        self.at += usize::from(both);
        self.at += self.rest().bytes().take_while(|&b| b == b'>').count();
        if self.rest().starts_with('&') {
            let digits = self.rest()[1..]
                .bytes()
                .take_while(u8::is_ascii_digit)
                .count();
            self.at += 1 + digits;
            if digits > 0 || self.rest().starts_with('-') {
                return;
            }
            both = true;
        }
        self.awaits_output = both || !errors;
        if !self.awaits_output {
            // The file of the errors is no word of the command.
            while self.rest().starts_with([' ', '\t']) {
                self.at += 1;
            }
            let kept = self.current.words.len();
            self.word();
            self.current.words.truncate(kept);
        }
    }

    fn heredoc(&mut self) {
        self.at += 2;
        if self.rest().starts_with('-') {
            self.at += 1;
        }
        while self.rest().starts_with([' ', '\t']) {
            self.at += 1;
        }
        let kept = self.current.words.len();
        self.awaits_output = false;
        self.word();
        if let Some(word) = self.current.words.get(kept) {
            self.heredocs.push((word.text.clone(), self.commands.len()));
        }
        self.current.words.truncate(kept);
    }

    fn skip_heredocs(&mut self) {
        for (delimiter, command) in std::mem::take(&mut self.heredocs) {
            let start = self.at;
            loop {
                let rest = self.rest();
                let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
                let is_end = rest[..length].trim() == delimiter;
                if is_end || length == 0 {
                    let text = start..self.at;
                    if let Some(command) = self.commands.get_mut(command) {
                        command.heredoc = Some(text);
                    }
                    self.at += length;
                    break;
                }
                self.at += length;
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let mut text = String::new();
        let mut literal = false;
        loop {
            let rest = self.rest();
            let Some(c) = rest.chars().next() else { break };
            match c {
                '\'' => {
                    let end = rest[1..].find('\'').map_or(rest.len(), |at| at + 2);
                    text.push_str(rest[1..end].trim_end_matches('\''));
                    literal = self.at == start;
                    self.at += end;
                    literal &= self.rest().starts_with(|c: char| c.is_whitespace())
                        || self.rest().is_empty();
                }
                '"' => {
                    let end = quoted(rest);
                    text.push_str(
                        rest.get(1..end.saturating_sub(1).max(1))
                            .unwrap_or_default(),
                    );
                    self.at += end;
                }
                '$' | '<' if rest[1..].starts_with('(') => {
                    let end = nested(rest, 1);
                    text.push_str(&rest[..end]);
                    self.at += end;
                }
                '$' if rest.starts_with("${{") => {
                    let end = rest.find("}}").map_or(rest.len(), |at| at + 2);
                    text.push_str(&rest[..end]);
                    self.at += end;
                }
                '`' => {
                    let end = rest[1..].find('`').map_or(rest.len(), |at| at + 2);
                    text.push_str(&rest[..end]);
                    self.at += end;
                }
                '\\' => {
                    let next = rest[1..].chars().next();
                    if matches!(next, Some('\n' | '\r') | None) {
                        if next.is_none() {
                            self.at += 1;
                        }
                        break;
                    }
                    text.push('\\');
                    text.extend(next);
                    self.at += 1 + next.map_or(0, char::len_utf8);
                }
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>'
                    if self.at > start =>
                {
                    break;
                }
                _ => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        if std::mem::take(&mut self.awaits_output) {
            self.current.output = Some(text);
            return;
        }
        self.current.words.push(Word {
            text,
            range: start..self.at,
            literal,
        });
    }
}

/// The length of a text in double quotes, both quotes included.
fn quoted(text: &str) -> usize {
    let mut at = 1;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            b'$' if text[at..].starts_with("${{") => {
                at += text[at..].find("}}").map_or(3, |end| end + 2);
            }
            b'$' if bytes.get(at + 1) == Some(&b'(') => at += nested(&text[at..], 1),
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of what begins with a sign and a `(` at `open`, up to the `)` that closes it.
fn nested(text: &str, open: usize) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = open;
    while at < bytes.len() {
        match bytes[at] {
            b'(' => depth += 1,
            b')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b'\\' => at += 1,
            b'\'' => {
                at += text
                    .get(at + 1..)
                    .and_then(|rest| rest.find('\''))
                    .map_or(0, |end| end + 1);
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expected: &str) {
        let shown: Vec<String> = commands(script)
            .iter()
            .map(|command| {
                let words: Vec<&str> = command.texts().collect();
                let pipe = if command.piped { " |" } else { "" };
                let output = command.output.as_ref().map(|to| format!(" > {to}"));
                let body = command
                    .heredoc
                    .clone()
                    .map(|range| format!(" << {:?}", &script[range]));
                format!(
                    "{}{}{}{pipe}",
                    words.join("~"),
                    output.unwrap_or_default(),
                    body.unwrap_or_default()
                )
            })
            .collect();
        assert_eq!(shown.join("; "), expected, "{script}");
    }

    #[test]
    fn words_and_commands() {
        check(
            "curl -sSf 'https://x/y' | sudo bash -s -- -y && echo done",
            "curl~-sSf~https://x/y |; sudo~bash~-s~--~-y; echo~done",
        );
        check("a \\\n  b # c | d\ne;f", "a~b; e; f");
        check(
            "echo \"a $(b \"c\" | d) ${{ x }}\" >> \"$GITHUB_ENV\" 2>&1",
            "echo~a $(b \"c\" | d) ${{ x }} > $GITHUB_ENV",
        );
        check(
            "cat <<EOF > f\n| curl x\nEOF\nx",
            "cat > f << \"| curl x\\n\"; x",
        );
        check(
            "{\n echo a\n echo b\n} >> $OUT",
            "{ > $OUT; echo~a > $OUT; echo~b > $OUT; } > $OUT",
        );
        check("bash <(curl -s x) 2>/dev/null", "bash~<(curl -s x)");
        check("x='it'\"s\"", "x=its");
    }

    #[test]
    fn hostile() {
        for unit in [
            "\"", "'", "$(", "`", "<<", "<<A\n", "{\n", "(", ")", "\\", "${{", "2>", "&>",
            "\u{e9}\\",
        ] {
            commands(&unit.repeat(3_000));
        }
    }
}
