//! Owns what is risky in shell scripts: foreign text run as commands, downloads run unseen, TLS off, rights for everybody,
//! predictable temporary files, SQL with variables in it.

use tree_sitter::Node;

use super::class::{Class, Confidence};
use super::names;
use super::value::reads_as_sql;
use super::walk::{Found, MOST};

struct Look<'t> {
    bytes: &'t [u8],
    found: Vec<Found>,
}

/// Looks at a script.
#[must_use]
pub fn look(bytes: &[u8], root: Node<'_>) -> Vec<Found> {
    let mut look = Look {
        bytes,
        found: Vec::new(),
    };
    let mut cursor = root.walk();
    // Without recursion: a script may nest as deep as it likes.
    loop {
        let node = cursor.node();
        match node.kind() {
            "command" => look.command(node),
            "pipeline" => look.pipeline(node),
            "variable_assignment" => look.assignment(node),
            "file_redirect" => look.redirect(node),
            _ => {}
        }
        if look.found.len() >= MOST {
            return look.found;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return look.found;
            }
        }
    }
}

impl<'t> Look<'t> {
    fn text(&self, node: Node<'_>) -> &'t str {
        let range = self.bytes.get(node.byte_range()).unwrap_or_default();
        std::str::from_utf8(range).unwrap_or_default()
    }

    fn report(&mut self, class: Class, confidence: Confidence, node: Node<'_>, headline: &str) {
        self.found.push(Found {
            class,
            confidence,
            range: node.byte_range(),
            headline: headline.to_owned(),
            test: false,
        });
    }

    fn name(&self, command: Node<'t>) -> &'t str {
        let text = command
            .child_by_field_name("name")
            .map_or("", |name| self.text(name));
        text.rsplit('/')
            .next()
            .unwrap_or(text)
            .trim_start_matches('\\')
    }

    fn arguments(command: Node<'t>) -> Vec<Node<'t>> {
        let mut cursor = command.walk();
        command
            .children_by_field_name("argument", &mut cursor)
            .collect()
    }

    fn command(&mut self, node: Node<'t>) {
        let arguments = Self::arguments(node);
        let texts: Vec<&str> = arguments
            .iter()
            .map(|argument| self.text(*argument))
            .collect();
        match self.name(node) {
            "eval" => self.eval(node, &texts),
            "curl" => self.curl(node, &texts),
            "wget" if texts.contains(&"--no-check-certificate") => self.tls(node, &texts),
            "git"
                if texts.iter().any(|text| {
                    text.replace(' ', "")
                        .to_ascii_lowercase()
                        .contains("http.sslverify=false")
                }) || texts.windows(2).any(|pair| {
                    pair[0].eq_ignore_ascii_case("http.sslVerify") && pair[1] == "false"
                }) =>
            {
                self.tls(node, &texts);
            }
            "ssh" | "scp" | "rsync" | "sftp"
                if texts
                    .iter()
                    .any(|text| text.replace(' ', "").contains("StrictHostKeyChecking=no")) =>
            {
                self.report(Class::Tls, Confidence::Low, node, "SSH takes any host key");
            }
            "chmod" => self.chmod(node, &texts),
            "umask"
                if texts
                    .iter()
                    .any(|text| matches!(*text, "0" | "00" | "000" | "0000")) =>
            {
                self.report(
                    Class::Writable,
                    Confidence::High,
                    node,
                    "the umask lets every user write what is made from here on",
                );
            }
            "mktemp"
                if texts
                    .iter()
                    .any(|text| matches!(*text, "-u" | "--dry-run" | "-du" | "-ud")) =>
            {
                self.report(
                    Class::Temp,
                    Confidence::High,
                    node,
                    "`mktemp -u` names a file that somebody else can make first",
                );
            }
            "source" | "." if node.descendant_count() < 200 && self.downloads(node) => {
                self.download(node);
            }
            "psql" | "mysql" | "sqlite3" | "mariadb" => self.sql(&arguments),
            name if names::is_shell(name) => self.shell(node, &arguments, &texts),
            _ => {}
        }
    }

    fn eval(&mut self, node: Node<'t>, texts: &[&str]) {
        let whole = without_quoted(&texts.join(" "));
        if self.downloads(node) {
            self.download(node);
            return;
        }
        let positional = ["$@", "$*", "${@", "${*", "$1", "$2", "${1", "${2"]
            .iter()
            .any(|part| whole.contains(part));
        // `eval "$(ssh-agent)"` runs what a program that is named here prints.
        let plain = strip_substitutions(&whole);
        if !plain.contains('$') {
            return;
        }
        let escaped = plain.replace("\\$", "");
        if !escaped.contains('$') {
            return;
        }
        let (confidence, headline) = if positional {
            (Confidence::Medium, "arguments are run as code by `eval`")
        } else {
            (
                Confidence::Low,
                "the value of a variable is run as code by `eval`",
            )
        };
        self.report(Class::Code, confidence, node, headline);
    }

    fn curl(&mut self, node: Node<'t>, texts: &[&str]) {
        let off = texts.iter().any(|text| {
            *text == "--insecure"
                || *text == "--proxy-insecure"
                || text.starts_with('-')
                    && !text.starts_with("--")
                    && text.len() <= 8
                    && text[1..].bytes().all(|b| b.is_ascii_alphabetic() || b == b'#')
                    // What follows a flag with a value is the value.
                    && text[1..].split(['o', 'H', 'X', 'd', 'u', 'A', 'm', 'w', 'b', 'c', 'e', 'F', 'T', 'x', 'K']).next().unwrap_or_default().contains('k')
        });
        if off {
            self.tls(node, texts);
        }
    }

    fn tls(&mut self, node: Node<'t>, texts: &[&str]) {
        let local = texts.iter().any(|text| {
            ["localhost", "127.0.0.1", "[::1]", "kubernetes.default"]
                .iter()
                .any(|host| text.contains(host))
        });
        if !local {
            self.report(
                Class::Tls,
                Confidence::High,
                node,
                "the download accepts any certificate",
            );
        }
    }

    fn chmod(&mut self, node: Node<'t>, texts: &[&str]) {
        let wide = texts.iter().take(3).any(|text| {
            let octal =
                text.len() >= 3 && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
            let symbolic = text.split(',').any(|part| {
                part.split_once(['+', '=']).is_some_and(|(who, what)| {
                    (who.contains('o') || who.contains('a'))
                        && who.len() <= 4
                        && what.contains('w')
                        && what.bytes().all(|b| b"rwxXst".contains(&b))
                        && !what.contains('t')
                })
            });
            // A sticky folder is made for everybody.
            octal
                && !(text.len() == 4 && text.starts_with('1'))
                && text.ends_with(['2', '3', '6', '7'])
                || symbolic
        });
        if wide {
            self.report(
                Class::Writable,
                Confidence::High,
                node,
                "every user may write what this changes",
            );
        }
    }

    fn shell(&mut self, node: Node<'t>, arguments: &[Node<'t>], texts: &[&str]) {
        if self.downloads(node) {
            self.download(node);
            return;
        }
        let Some(flag) = texts.iter().position(|text| names::is_shell_flag(text)) else {
            return;
        };
        let Some(program) = arguments.get(flag + 1) else {
            return;
        };
        let text = strip_substitutions(self.text(*program));
        let positional = ["$@", "$*", "${@", "${*", "$1", "$2", "${1}", "${2}"]
            .iter()
            .any(|part| text.contains(part));
        if text.starts_with('"') && positional {
            let whole = matches!(text.as_str(), "\"$@\"" | "\"$*\"" | "\"$1\"" | "\"$2\"");
            self.report(
                Class::Command,
                if whole {
                    Confidence::Low
                } else {
                    Confidence::Medium
                },
                node,
                "arguments are put into the text of a command",
            );
        }
    }

    fn sql(&mut self, arguments: &[Node<'t>]) {
        for argument in arguments {
            let text = self.text(*argument);
            if !text.starts_with('"') || !reads_as_sql(text.trim_matches('"')) {
                continue;
            }
            let quoted = text
                .match_indices("'$")
                .any(|(at, _)| !text[..at].ends_with('\\'));
            if quoted {
                self.report(
                    Class::Sql,
                    Confidence::Medium,
                    *argument,
                    "a variable is put between quotes in the text of SQL",
                );
            }
        }
    }

    fn pipeline(&mut self, node: Node<'t>) {
        let mut cursor = node.walk();
        let parts: Vec<Node<'t>> = node.named_children(&mut cursor).collect();
        for pair in parts.windows(2) {
            let from = self.name(pair[0]);
            let to = self.name(pair[1]);
            let arguments = Self::arguments(pair[1]);
            let first = arguments
                .first()
                .map_or("", |argument| self.text(*argument));
            let runs = names::is_shell(to) || (to == "sudo" && names::is_shell(first));
            if matches!(from, "curl" | "wget")
                && runs
                && !arguments
                    .iter()
                    .any(|argument| self.text(*argument) == "-n")
            {
                self.download(node);
                return;
            }
        }
    }

    /// Does a command read what another one downloads?
    fn downloads(&self, node: Node<'t>) -> bool {
        let text = self.text(node);
        [
            "$(curl ", "$(wget ", "<(curl ", "<(wget ", "`curl ", "`wget ",
        ]
        .iter()
        .any(|part| text.contains(part))
    }

    fn download(&mut self, node: Node<'t>) {
        let plain = self.text(node).contains("http://");
        let confidence = if plain {
            Confidence::High
        } else {
            Confidence::Low
        };
        self.report(
            Class::Code,
            confidence,
            node,
            if plain {
                "what is downloaded over plain HTTP is run"
            } else {
                "what is downloaded is run unseen"
            },
        );
    }

    fn assignment(&mut self, node: Node<'t>) {
        let name = node
            .child_by_field_name("name")
            .map_or("", |name| self.text(name));
        let value = node
            .child_by_field_name("value")
            .map_or("", |value| self.text(value));
        let value = value.trim_matches(['"', '\'']);
        let off = match name {
            "NODE_TLS_REJECT_UNAUTHORIZED" | "PYTHONHTTPSVERIFY" => value == "0",
            "GIT_SSL_NO_VERIFY" => matches!(value, "1" | "true"),
            _ => false,
        };
        if off {
            self.report(
                Class::Tls,
                Confidence::High,
                node,
                "TLS accepts any certificate in what runs from here on",
            );
        }
        let predictable =
            (value.starts_with("/tmp/") || value.starts_with("/var/tmp/")) && value.contains("$$");
        if predictable {
            self.report(
                Class::Temp,
                Confidence::High,
                node,
                "the name of a temporary file is the process id, which others can foretell",
            );
        }
    }

    fn redirect(&mut self, node: Node<'t>) {
        let Some(target) = node.child_by_field_name("destination") else {
            return;
        };
        let text = self.text(target).trim_matches('"');
        if self
            .text(node)
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .starts_with('>')
            && (text.starts_with("/tmp/") || text.starts_with("/var/tmp/"))
            && (text.contains("$$") || !text.contains('$'))
        {
            let confidence = if text.contains("$$") {
                Confidence::High
            } else {
                Confidence::Low
            };
            self.report(
                Class::Temp,
                confidence,
                node,
                "a file with a name that others can foretell is written in the shared temporary folder",
            );
        }
    }
}

/// A text without its command substitutions.
fn strip_substitutions(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut chars = text.chars().peekable();
    let mut ticks = false;
    while let Some(c) = chars.next() {
        match c {
            '`' => ticks = !ticks,
            '$' if chars.peek() == Some(&'(') => {
                chars.next();
                depth += 1;
            }
            '(' if depth > 0 => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth == 0 && !ticks => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// A text without what stands in single quotes outside of double ones: it is expanded when it is run, as it is quoted there.
fn without_quoted(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let (mut single, mut double) = (false, false);
    for c in text.chars() {
        match c {
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            _ => {}
        }
        if !single {
            plain.push(c);
        }
    }
    plain
}
