//! Owns what RUN scripts are told.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::model::rule::Severity;
use crate::source::region::Region;

use super::super::hit::Hits;
use super::super::kinds::Kind;
use super::super::shell::{self, Command, Word, is_shell};
use super::file::Instruction;
use super::packages::Install;
use super::stages;

/// What runs the scripts.
#[derive(Debug)]
pub struct Shell {
    pub is_posix: bool,
    pipefail: bool,
}

impl Default for Shell {
    fn default() -> Self {
        Self {
            is_posix: true,
            pipefail: false,
        }
    }
}

impl Shell {
    /// What a SHELL instruction sets.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let words = stages::json(text).unwrap_or_default();
        let name = words
            .first()
            .map_or("", |name| name.rsplit('/').next().unwrap_or_default());
        Self {
            is_posix: is_shell(name),
            pipefail: words.iter().any(|word| word.contains("pipefail")),
        }
    }
}

/// What earlier scripts of the stage leave behind.
#[derive(Debug, Default)]
pub struct Scripts {
    /// The last instruction that did nothing but fetch apt's lists.
    update: Option<Range<usize>>,
}

/// A script with its commands.
struct Script<'a> {
    instruction: &'a Instruction,
    region: Region,
    all: Vec<Command>,
    cached: bool,
}

/// Looks at a RUN instruction. False when its script cannot be read.
pub fn look(
    instruction: &Instruction,
    shell: &Shell,
    scripts: &mut Scripts,
    shipped: bool,
    hits: &mut Hits<'_>,
) -> bool {
    let text = instruction.args.text();
    let mut body = text;
    while body.starts_with("--") {
        let end = body.find(char::is_whitespace).unwrap_or(body.len());
        body = body[end..].trim_start();
    }
    let from = text.len() - body.len();
    let cached = text[..from].contains("type=cache");
    let region = match stages::json(body) {
        Some(words) => Region::fixed(
            shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default(),
            instruction.range.start,
        ),
        None => match heredoc(body, instruction) {
            Heredoc::None => part(&instruction.args, from),
            Heredoc::Script(region) => region,
            Heredoc::Other => return true,
        },
    };
    let Some(all) = shell::commands(region.text()) else {
        return false;
    };
    let script = Script {
        instruction,
        region,
        all,
        cached,
    };
    script.remote(hits);
    script.rights(hits);
    script.pipes(shell, hits);
    script.packages(shipped, hits);
    script.verified(hits);
    script.index(scripts, hits);
    true
}

enum Heredoc {
    None,
    Script(Region),
    /// Another language's.
    Other,
}

/// `RUN <<EOF` and `RUN bash <<EOF` hold a script.
fn heredoc(body: &str, instruction: &Instruction) -> Heredoc {
    let Some(first) = instruction.heredocs.first() else {
        return Heredoc::None;
    };
    let before = body.split("<<").next().unwrap_or_default().trim();
    let program = before.split_whitespace().next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    let line = first.text().lines().next().unwrap_or_default();
    match line.strip_prefix("#!") {
        Some(line) if program.is_empty() && !line.split(['/', ' ']).any(is_shell) => Heredoc::Other,
        _ if program.is_empty()
            || (is_shell(program) && !before.contains(';') && !before.contains("&&")) =>
        {
            Heredoc::Script(first.clone())
        }
        // `RUN cat <<EOF > file`: the commands count, not the text.
        _ => Heredoc::None,
    }
}

/// The part of a region from `from` on.
fn part(region: &Region, from: usize) -> Region {
    let mut part = Region::starting(region.place(from));
    for (offset, c) in region.text()[from..].char_indices() {
        part.push(c, region.place(from + offset));
    }
    part
}

impl Script<'_> {
    fn range(&self, command: &Command) -> Range<usize> {
        let end = command
            .end
            .saturating_sub(1)
            .min(self.region.text().len().saturating_sub(1));
        let start = self.region.place(command.at.min(end));
        start..(self.region.place(end) + 1).max(start)
    }

    fn named<'c>(&'c self, names: &'c [&str]) -> impl Iterator<Item = &'c Command> {
        self.all
            .iter()
            .filter(|command| names.contains(&command.name.as_str()))
    }

    /// A download that is run.
    fn remote(&self, hits: &mut Hits<'_>) {
        for command in &self.all {
            let name = command.name.as_str();
            // `python -m json.tool`, `bash script.sh` read data.
            let operand = command
                .operands()
                .map(|word| word.text.as_str())
                .find(|text| !text.is_empty());
            let dash = command.has("-") || command.has("/dev/stdin") || command.has("-s");
            let runs = match name {
                _ if is_shell(name) => {
                    operand.is_none()
                        || dash
                        || operand.is_some_and(|text| {
                            text.starts_with("$(")
                                || text.starts_with("<(")
                                || text.starts_with('`')
                        })
                        || command.has("-c")
                }
                "python" | "python2" | "python3" | "perl" | "ruby" | "node" | "php" => {
                    operand.is_none() && command.args.iter().all(|word| word.text == "-")
                        || command.has("-") && operand.is_none()
                }
                "eval" | "source" | "." => true,
                _ => false,
            };
            let download = command
                .fed_by
                .iter()
                .map(|&n| &self.all[n])
                .find(|feeder| matches!(feeder.name.as_str(), "curl" | "wget"));
            if let Some(download) =
                download.filter(|download| runs && !is_local(download) && !is_saved(download))
            {
                let url = download
                    .words()
                    .find(|word| word.contains("://"))
                    .map_or("a download", |url| url);
                let severity = if url.starts_with("http://") {
                    Severity::Critical.min(Kind::DockerRemoteScript.rule().severity)
                } else {
                    Kind::DockerRemoteScript.rule().severity
                };
                let headline = format!(
                    "{name} runs what {} downloads: {}",
                    download.name,
                    super::shown(url)
                );
                hits.graded(
                    Kind::DockerRemoteScript,
                    severity,
                    self.range(download),
                    headline,
                );
            }
        }
    }

    fn rights(&self, hits: &mut Hits<'_>) {
        if let Some(command) = self.all.iter().find(|command| command.sudo) {
            hits.push(Kind::DockerSudo, self.range(command), "sudo in a RUN");
        }
        let closed = self.closed();
        for command in self.named(&["chmod"]) {
            let mut targets = command.operands().skip(1).peekable();
            let is_closed = |word: &Word| closed.get(word.text.as_str()) > Some(&command.at);
            if targets.peek().is_some() && targets.all(is_closed) {
                continue;
            }
            let Some(mode) = command.operands().next().map(|word| word.text.as_str()) else {
                continue;
            };
            let target = command
                .operands()
                .nth(1)
                .map_or("", |word| word.text.as_str());
            let range = self.range(command);
            if sets_user(mode) {
                hits.push(
                    Kind::DockerOpenPermissions,
                    range,
                    format!(
                        "chmod {mode} lets everybody run it as its owner: {}",
                        super::shown(target)
                    ),
                );
            } else if opens_to_all(mode) {
                let severity = if command
                    .words()
                    .any(|word| word.starts_with('-') && word.contains('R'))
                {
                    Severity::High
                } else {
                    Severity::Medium
                };
                hits.graded(
                    Kind::DockerOpenPermissions,
                    severity,
                    range,
                    format!(
                        "chmod {mode} lets everybody write: {}",
                        super::shown(target)
                    ),
                );
            }
        }
    }

    /// Where chmod gives a path its last rights, for paths whose last rights are narrow.
    fn closed(&self) -> BTreeMap<&str, usize> {
        let mut closed = BTreeMap::new();
        for command in self.named(&["chmod"]) {
            let mut operands = command.operands().map(|word| word.text.as_str());
            let mode = operands.next().unwrap_or_default();
            let whole = !mode.is_empty() && mode.bytes().all(|b| b.is_ascii_digit());
            if whole && !opens_to_all(mode) && !sets_user(mode) {
                closed.extend(operands.map(|target| (target, command.at)));
            }
        }
        closed
    }

    /// A pipe whose first failing program nobody notices.
    fn pipes(&self, shell: &Shell, hits: &mut Hits<'_>) {
        let set = self
            .named(&["set", "bash", "sh", "ash"])
            .any(|command| command.words().any(|word| word.contains("pipefail")));
        if shell.pipefail || set {
            return;
        }
        let harmless = ["echo", "printf", "yes", "true", ":", "cat", "test", "["];
        let may_fail =
            |command: &&Command| command.piped && !harmless.contains(&command.name.as_str());
        if let Some(command) = self.all.iter().find(may_fail) {
            hits.push(
                Kind::DockerPipeStatus,
                self.range(command),
                format!(
                    "nobody notices when {} fails before the pipe",
                    super::shown(&command.name)
                ),
            );
        }
    }

    fn packages(&self, shipped: bool, hits: &mut Hits<'_>) {
        let mut unpinned: Option<(&Command, String)> = None;
        let mut cached: Option<(&Command, &'static str)> = None;
        for command in &self.all {
            let Some(install) = Install::of(command) else {
                continue;
            };
            if unpinned.is_none() {
                unpinned = install.unpinned().map(|package| (command, package));
            }
            if cached.is_none() && shipped && !self.cached && install.leaves(&self.all) {
                cached = Some((command, install.manager));
            }
            if install
                .packages()
                .any(|word| matches!(word.text.as_str(), "openssh-server" | "dropbear"))
                && shipped
            {
                hits.push(
                    Kind::DockerSshServer,
                    self.range(command),
                    "the image gets an SSH server",
                );
            }
        }
        if let Some((command, package)) = unpinned {
            hits.push(
                Kind::DockerUnpinnedPackage,
                self.range(command),
                format!("packages without a version: {}", super::shown(&package)),
            );
        }
        if let Some((command, manager)) = cached {
            hits.push(
                Kind::DockerPackageCache,
                self.range(command),
                format!("the cache of {manager} stays in the image"),
            );
        }
        for command in self.named(&["apt-get", "apt", "aptitude"]) {
            if command.has("dist-upgrade") || command.has("full-upgrade") {
                hits.push(
                    Kind::DockerDistUpgrade,
                    self.range(command),
                    "the whole distribution is upgraded",
                );
            }
        }
    }

    /// Downloads that nothing vouches for.
    fn verified(&self, hits: &mut Hits<'_>) {
        let open = self
            .all
            .iter()
            .filter_map(|command| Some((command, unverified(command)?)));
        let mut open = open.peekable();
        let compared = if open.peek().is_some() {
            self.compared()
        } else {
            BTreeSet::new()
        };
        for (command, option) in open {
            let is_file = matches!(command.name.as_str(), "curl" | "wget" | "apk");
            let mut files = command.operands().map(|word| file_name(&word.text));
            if !(is_file && files.any(|name| !name.is_empty() && compared.contains(name))) {
                hits.push(
                    Kind::DockerUnverified,
                    self.range(command),
                    format!(
                        "{} {} takes whatever it gets",
                        command.name,
                        super::shown(&option)
                    ),
                );
            }
        }
    }

    /// The names of files that the script compares with a checksum or a signature.
    fn compared(&self) -> BTreeSet<&str> {
        let compares = |command: &&Command| match command.name.as_str() {
            "sha256sum" | "sha512sum" | "sha1sum" | "shasum" => command
                .words()
                .any(|word| word == "--check" || is_short(word, 'c')),
            "gpg" | "gpg2" | "gpgv" => command.name == "gpgv" || command.has("--verify"),
            _ => false,
        };
        let mut names = BTreeSet::new();
        for command in self.all.iter().filter(compares) {
            let feeders = command.fed_by.iter().flat_map(|&n| self.all[n].words());
            for word in command.words().chain(feeders) {
                for part in word.split_whitespace() {
                    let name = file_name(part.trim_matches(['*', '$']));
                    names.insert(name);
                    // `a.tgz.sha256`
                    names.extend(name.rsplit_once('.').map(|(name, _)| name));
                }
            }
        }
        names
    }

    /// `apt-get update` in one layer and `apt-get install` in a later one: the lists grow old in the build's cache.
    fn index(&self, scripts: &mut Scripts, hits: &mut Hits<'_>) {
        let is = |verb: &str| {
            self.named(&["apt-get", "apt"])
                .any(|command| command.has(verb))
        };
        let (updates, installs) = (is("update"), is("install"));
        if installs
            && !updates
            && let Some(range) = scripts.update.take()
        {
            hits.push(
                Kind::DockerStaleIndex,
                range,
                "apt-get update stands alone: a later install takes the lists of the build's cache",
            );
        }
        let only = self.all.iter().all(|command| {
            matches!(
                command.name.as_str(),
                "apt-get" | "apt" | "echo" | "set" | "true" | "rm" | "export"
            )
        });
        scripts.update = match scripts.update.take() {
            _ if updates && !installs && only => Some(self.instruction.range.clone()),
            // Another script may fetch them again.
            other if only || !updates => other,
            _ => None,
        };
    }
}

/// Does curl write to a file, so that the pipe is empty?
fn is_saved(command: &Command) -> bool {
    let mut words = command.words();
    let named = words.any(|word| matches!(word, "-o" | "--output" | "-O"));
    command.name == "curl" && named && words.next() != Some("-")
}

fn is_local(command: &Command) -> bool {
    command.words().any(|word| {
        ["localhost", "127.0.0.1", "file://"]
            .iter()
            .any(|local| word.contains(local))
    })
}

fn sets_user(mode: &str) -> bool {
    let octal = mode.bytes().all(|b| b.is_ascii_digit()) && mode.len() == 4;
    let symbolic = mode.split(',').any(|part| {
        part.split_once('+').is_some_and(|(who, what)| {
            what.contains('s') && (who.contains('u') || who.is_empty() || who.contains('a'))
        })
    });
    (octal && matches!(mode.as_bytes()[0], b'4'..=b'7' if mode.as_bytes()[0] & 4 != 0)) || symbolic
}

fn opens_to_all(mode: &str) -> bool {
    let digits = mode.bytes().all(|b| b.is_ascii_digit()) && (3..=4).contains(&mode.len());
    if digits {
        // With the sticky bit only the owner removes a file.
        let sticky = mode.len() == 4 && matches!(mode.as_bytes()[0], b'1' | b'3' | b'5' | b'7');
        return !sticky && matches!(mode.as_bytes()[mode.len() - 1], b'2' | b'3' | b'6' | b'7');
    }
    mode.split(',').any(|part| {
        let (who, what) = part.split_once(['+', '=']).unwrap_or(("-", ""));
        what.contains('w') && (who.contains('o') || who.contains('a')) && !what.contains('t')
    })
}

fn unverified(command: &Command) -> Option<String> {
    let first = |options: &[&str]| {
        command
            .words()
            .find(|word| options.contains(word))
            .map(str::to_owned)
    };
    match command.name.as_str() {
        "apt-get" | "apt" => first(&[
            "--allow-unauthenticated",
            "--force-yes",
            "--allow-insecure-repositories",
        ]),
        "yum" | "dnf" | "microdnf" => first(&["--nogpgcheck", "--nogpg"]),
        "zypper" => first(&["--no-gpg-checks"]),
        "rpm" => first(&["--nosignature"]),
        "apk" => first(&["--allow-untrusted"]),
        "pip" | "pip3" => {
            let trusted = command
                .words()
                .find(|word| word.starts_with("--trusted-host"));
            let plain = || {
                let mut words = command.words().skip_while(|word| {
                    !matches!(*word, "-i" | "--index-url" | "--extra-index-url")
                });
                words.next()?;
                words.next().filter(|url| url.starts_with("http://"))
            };
            trusted.or_else(plain).map(str::to_owned)
        }
        "curl" if !is_local(command) => command
            .words()
            .find(|word| *word == "--insecure" || is_short(word, 'k'))
            .map(str::to_owned),
        "wget" if !is_local(command) => first(&["--no-check-certificate"]),
        "npm" | "yarn" | "pnpm" if command.has("strict-ssl") && command.has("false") => {
            Some("strict-ssl false".to_owned())
        }
        "git"
            if command
                .words()
                .any(|word| word.eq_ignore_ascii_case("http.sslVerify=false")) =>
        {
            Some("http.sslVerify=false".to_owned())
        }
        "git"
            if command
                .words()
                .any(|word| word.eq_ignore_ascii_case("http.sslVerify"))
                && command.has("false") =>
        {
            Some("http.sslVerify false".to_owned())
        }
        "echo" | "printf" => command
            .words()
            .find(|word| word.contains("trusted=yes") && !word.contains("file:"))
            .map(|_| "[trusted=yes]".to_owned()),
        _ => None,
    }
}

/// The last part of a path or a URL.
fn file_name(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// Is it a letter among those behind one dash, none before it of curl's that take a value?
fn is_short(word: &str, letter: char) -> bool {
    word.strip_prefix('-').is_some_and(|letters| {
        !letters.starts_with('-')
            && letters
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || b == b'#')
            && letters.len() < 8
            && letters
                .find(letter)
                .is_some_and(|at| !letters[..at].contains(['o', 'H', 'd', 'X', 'u', 'A', 'e', 'm']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        for mode in ["777", "0777", "666", "a+w", "o+rw", "ugo+rwx", "2777"] {
            assert!(opens_to_all(mode), "{mode}");
        }
        for mode in ["1777", "755", "+x", "+t", "u+w", "g+w", "644", "+w"] {
            assert!(!opens_to_all(mode), "{mode}");
        }
        for mode in ["4755", "u+s", "+s", "6755"] {
            assert!(sets_user(mode), "{mode}");
        }
        for mode in ["755", "2755", "g+s", "0755", "1777"] {
            assert!(!sets_user(mode), "{mode}");
        }
    }
}
