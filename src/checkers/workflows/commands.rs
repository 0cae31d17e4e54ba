//! Owns the rules on single commands of scripts, of whatever system: downloads that run, installs that are not pinned,
//! secrets in logs, commands that the runner retired.

use std::ops::Range;

use crate::model::rule::Severity;
use crate::source::expression::{self, Expr};

use super::hit::Sink;
use super::rules::{
    DEPRECATED_COMMAND, INSECURE_COMMANDS, PIPED_DOWNLOAD, SECRET_IN_LOG, UNPINNED_INSTALL,
};
use super::script::{Command, Word, commands};

/// A script with the place of each of its bytes.
pub struct Text<'a> {
    pub code: &'a str,
    pub place: &'a dyn Fn(usize) -> usize,
    /// Does the variable hold a secret?
    pub is_secret: &'a dyn Fn(&str) -> bool,
}

impl Text<'_> {
    fn range(&self, range: Range<usize>) -> Range<usize> {
        (self.place)(range.start)..(self.place)(range.end.saturating_sub(1)) + 1
    }
}

/// Looks at the commands of a script. Does the runner listen to `::command::` lines?
pub fn check(script: &Text<'_>, github: bool, sink: &mut Sink<'_>) {
    let all = commands(script.code);
    for (number, command) in all.iter().enumerate() {
        piped(script, &all, number, sink);
        substituted(script, command, sink);
        install(script, command, sink);
        secret(script, command, sink);
        if github {
            retired(script, command, sink);
        }
    }
}

const SHELLS: &[&str] = &[
    "sh",
    "bash",
    "zsh",
    "dash",
    "ksh",
    "python",
    "python3",
    "node",
    "perl",
    "ruby",
    "pwsh",
    "powershell",
    "iex",
    "invoke-expression",
];

fn fetches(program: &str) -> bool {
    matches!(
        program,
        "curl" | "wget" | "iwr" | "irm" | "invoke-webrequest" | "invoke-restmethod"
    )
}

fn url(words: &[Word]) -> Option<&Word> {
    words.iter().find(|word| {
        let text = word.text.trim_start_matches(['(', '@']);
        text.starts_with("http://")
            || text.starts_with("https://")
            || text.starts_with('$')
            || text.contains(".sh")
            || (text.contains('.') && text.contains('/') && !text.starts_with('-'))
    })
}

fn piped(script: &Text<'_>, all: &[Command], number: usize, sink: &mut Sink<'_>) {
    let command = &all[number];
    let (program, rest) = command.program();
    if !command.piped || !fetches(&program.to_ascii_lowercase()) || command.output.is_some() {
        return;
    }
    let Some(target) = url(rest) else { return };
    let mut next = number;
    while all[next].piped {
        next += 1;
        let Some(then) = all.get(next) else { return };
        let (program, arguments) = then.program();
        let lower = program.to_ascii_lowercase();
        if SHELLS.contains(&lower.as_str()) {
            // `python -c CODE` and `python -m json.tool` read data.
            let data = arguments.iter().any(|word| {
                matches!(
                    word.text.as_str(),
                    "-c" | "-m" | "-e" | "-ne" | "-pe" | "-n" | "-p"
                )
            }) || arguments
                .first()
                .is_some_and(|word| !word.text.starts_with('-') && !is_shell(&lower));
            if !data {
                tell_piped(
                    script,
                    target,
                    command.range().start..then.range().end,
                    sink,
                );
            }
            return;
        }
    }
}

fn is_shell(program: &str) -> bool {
    matches!(
        program,
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "iex" | "invoke-expression"
    )
}

/// `bash <(curl URL)`, `sh -c "$(curl URL)"`, `eval "$(curl URL)"`
fn substituted(script: &Text<'_>, command: &Command, sink: &mut Sink<'_>) {
    let (program, rest) = command.program();
    if !(is_shell(program) || matches!(program, "eval" | "source" | ".")) {
        return;
    }
    for word in rest {
        let inner = word
            .text
            .strip_prefix("<(")
            .or_else(|| word.text.strip_prefix("$("))
            .or_else(|| word.text.strip_prefix('`'));
        let Some(inner) = inner else { continue };
        let inner = commands(inner);
        let Some(fetch) = inner.first() else { continue };
        let (program, arguments) = fetch.program();
        if fetches(program)
            && !inner.iter().any(|c| c.program().0 == "jq")
            && let Some(target) = url(arguments)
        {
            let target = target.clone();
            tell_piped(script, &target, command.range(), sink);
        }
    }
}

fn tell_piped(script: &Text<'_>, target: &Word, range: Range<usize>, sink: &mut Sink<'_>) {
    let address = target.text.trim_end_matches([')', '`']);
    // The hash of a commit in the address names one content.
    let pinned = address
        .split(['/', '@', '=', '?'])
        .any(super::flow::is_hash);
    if pinned {
        return;
    }
    let plain = address.starts_with("http://")
        && !address.starts_with("http://localhost")
        && !address.starts_with("http://127.");
    // A version in the address is what its owner says it is: less than a hash, more than nothing.
    let versioned = address.contains('$')
        || address.split('/').any(|part| {
            let part = part.trim_start_matches('v');
            part.starts_with(|c: char| c.is_ascii_digit())
                && part.contains('.')
                && !part.contains(':')
        });
    let headline = if plain {
        format!("what an unencrypted address answers is run: {address}")
    } else {
        format!("what an address answers is run unseen: {address}")
    };
    sink.tell(
        &PIPED_DOWNLOAD,
        script.range(range),
        headline,
        "download a version to a file, compare its checksum, then run it; or use a pinned action",
    )
    .graded(match (plain, versioned) {
        (true, _) => Severity::High,
        (false, true) => Severity::Low,
        (false, false) => Severity::Medium,
    });
}

fn install(script: &Text<'_>, command: &Command, sink: &mut Sink<'_>) {
    let (program, _) = command.program();
    if let Some(package) = unpinned(command) {
        sink.tell(
            &UNPINNED_INSTALL,
            script.range(command.range()),
            format!("{program} installs whatever version is the newest: {package}"),
            "name a version, or install from a lock file",
        );
    }
}

/// The package that a command installs in whatever version.
fn unpinned(command: &Command) -> Option<String> {
    let (program, rest) = command.program();
    let mut words = rest.iter().map(|word| word.text.as_str());
    let names = || {
        rest.iter()
            .map(|word| word.text.as_str())
            .filter(|word| !word.starts_with('-'))
    };
    let has = |flag: &str| {
        rest.iter()
            .any(|word| word.text == flag || word.text.starts_with(&format!("{flag}=")))
    };
    match program {
        "pip" | "pip3" | "pipx" if names().next() == Some("install") => {
            if has("-r")
                || has("--requirement")
                || has("-c")
                || has("--constraint")
                || has("--require-hashes")
                || has("-e")
                || has("--editable")
            {
                None
            } else {
                names()
                    .skip(1)
                    .find(|name| is_python_package(name))
                    .map(str::to_owned)
            }
        }
        "python" | "python3"
            if words.next() == Some("-m")
                && words.next() == Some("pip")
                && words.next() == Some("install") =>
        {
            if has("-r") || has("-c") || has("--require-hashes") || has("-e") {
                None
            } else {
                names()
                    .skip(2)
                    .find(|name| is_python_package(name))
                    .map(str::to_owned)
            }
        }
        "npm" | "pnpm" | "yarn" | "bun" => {
            let verb = names().next().unwrap_or_default();
            let global = has("-g")
                || has("--global")
                || rest.iter().any(|word| word.text == "--location=global")
                || (program == "yarn" && verb == "global");
            if matches!(verb, "install" | "i" | "add" | "global") && global {
                names()
                    .skip(1)
                    .find(|name| *name != "add" && is_node_package(name))
                    .map(str::to_owned)
            } else {
                None
            }
        }
        "npx" | "bunx" | "pnpx" => {
            // A package of the lock file is taken from there; only one that is asked for may be any.
            let asks = has("-y") || has("--yes");
            names()
                .next()
                .filter(|name| asks && is_node_package(name) || name.ends_with("@latest"))
                .map(str::to_owned)
        }
        "gem" if names().next() == Some("install") => {
            if has("-v") || has("--version") || has("--local") {
                None
            } else {
                names()
                    .skip(1)
                    .find(|name| !name.contains(':') && is_word(name) && !is_file(name, &["gem"]))
                    .map(str::to_owned)
            }
        }
        "cargo" if names().next() == Some("install") => {
            if has("--version") || has("--vers") || has("--path") || has("--git") || has("--locked")
            {
                None
            } else {
                names()
                    .skip(1)
                    .find(|name| !name.contains('@') && is_word(name))
                    .map(str::to_owned)
            }
        }
        "go" if names().next() == Some("install") => names()
            .skip(1)
            .find(|name| {
                name.ends_with("@latest") || name.ends_with("@master") || name.ends_with("@main")
            })
            .map(str::to_owned),
        _ => None,
    }
}

fn is_file(name: &str, endings: &[&str]) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| endings.contains(&ending))
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && !name.contains(['$', '{'])
}

fn is_python_package(name: &str) -> bool {
    // Brackets hold extras; paths, archives and requirements with a version are no unpinned names. Tools of the environment
    // itself are upgraded everywhere.
    let bare = name.split('[').next().unwrap_or(name);
    let plain = bare
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    is_word(name)
        && plain
        && !name.contains("==")
        && !is_file(name, &["whl", "gz", "zip", "txt"])
        && !matches!(bare, "pip" | "setuptools" | "wheel" | "uv" | "virtualenv")
}

fn is_node_package(name: &str) -> bool {
    let version = name
        .get(1..)
        .and_then(|rest| rest.split_once('@'))
        .map(|(_, version)| version);
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@');
    starts
        && !name.contains(['$', '{', ':'])
        && !is_file(name, &["tgz"])
        && !matches!(name, "npm" | "corepack")
        && version.is_none_or(|version| matches!(version, "latest" | "next"))
}

/// A secret that is printed: the runner masks it only as long as it looks as it is stored.
fn secret(script: &Text<'_>, command: &Command, sink: &mut Sink<'_>) {
    let (program, rest) = command.program();
    if command.output.is_some() || command.piped {
        return;
    }
    let lower = program.to_ascii_lowercase();
    let prints = matches!(
        lower.as_str(),
        "echo" | "printf" | "write-host" | "write-output"
    );
    if !prints {
        return;
    }
    for word in rest.iter().filter(|word| !word.literal) {
        if word.text.starts_with("::add-mask::") {
            return;
        }
        if let Some(name) = printed_secret(&word.text, script.is_secret) {
            let decoded = word.text.contains("base64") || word.text.contains("fromJSON");
            sink.tell(
                &SECRET_IN_LOG,
                script.range(command.range()),
                format!("a secret is printed into the log: {name}"),
                "do not print it; mask what is made of a secret with `::add-mask::`",
            )
            .graded(if decoded {
                Severity::Medium
            } else {
                Severity::Low
            });
            return;
        }
    }
}

/// The secret that a text prints: `${{ secrets.X }}`, or a variable that holds one.
fn printed_secret(text: &str, is_secret: &dyn Fn(&str) -> bool) -> Option<String> {
    for range in expression::ranges(text) {
        let inner = &text[range.start + 3..range.end - 2];
        let expr = Expr::parse(inner).ok()?;
        let mut found = None;
        if let Expr::Path(path) = &expr
            && path.root.eq_ignore_ascii_case("secrets")
        {
            found = Some(path.dotted());
        }
        expr.walk(&mut |part| {
            if let Expr::Call(call) = part
                && call.name.eq_ignore_ascii_case("fromjson")
                && !call.parts.is_empty()
                && let Some(Expr::Path(path)) = call.arguments.first()
                && path.root.eq_ignore_ascii_case("secrets")
            {
                found = Some(format!("fromJSON({})", path.dotted()));
            }
        });
        if found.is_some() {
            return found;
        }
    }
    // `${#TOKEN}` and `${TOKEN:+set}` do not print it.
    for (at, _) in text.match_indices('$') {
        let rest = &text[at + 1..];
        if rest.starts_with('(') && text.contains("base64") {
            continue;
        }
        let braced = rest.starts_with('{');
        let rest = rest.trim_start_matches('{');
        let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let length = rest.find(ends).unwrap_or(rest.len());
        let name = &rest[..length];
        let kept = !braced || rest[length..].starts_with('}');
        if !name.is_empty() && kept && is_secret(name) {
            return Some(format!("${name}"));
        }
    }
    None
}

/// Commands of the runner that it does not take any more, or warns of.
fn retired(script: &Text<'_>, command: &Command, sink: &mut Sink<'_>) {
    let (program, rest) = command.program();
    if !matches!(
        program.to_ascii_lowercase().as_str(),
        "echo" | "printf" | "write-host" | "write-output"
    ) || command.output.is_some()
    {
        return;
    }
    let Some(text) = rest
        .iter()
        .map(|word| word.text.as_str())
        .find(|text| text.starts_with("::"))
    else {
        return;
    };
    let name = text[2..].split([' ', ':']).next().unwrap_or_default();
    let instead = match name {
        "set-output" => "GITHUB_OUTPUT",
        "save-state" => "GITHUB_STATE",
        "set-env" => "GITHUB_ENV",
        "add-path" => "GITHUB_PATH",
        _ => return,
    };
    let range = script.range(command.range());
    if matches!(name, "set-env" | "add-path") {
        sink.tell(
            &INSECURE_COMMANDS,
            range,
            format!("the runner refuses `::{name}::`: anything that prints could use it"),
            format!("append `name=value` to the file ${instead}"),
        )
        .graded(Severity::Medium);
    } else {
        sink.tell(
            &DEPRECATED_COMMAND,
            range,
            format!("`::{name}::` is deprecated: anything that prints could use it"),
            format!("append `name=value` to the file ${instead}"),
        );
    }
}
