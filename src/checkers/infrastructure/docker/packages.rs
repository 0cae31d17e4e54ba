//! Owns the installations of packages in scripts: which packages, with a version or not, and whether a cache stays.

use super::super::shell::{Command, Word};

/// An installation of packages.
pub struct Install<'a> {
    command: &'a Command,
    pub manager: &'static str,
    /// The words behind the verb.
    rest: &'a [Word],
}

impl<'a> Install<'a> {
    pub fn of(command: &'a Command) -> Option<Self> {
        let verb = |verbs: &[&str]| {
            command
                .args
                .iter()
                .position(|word| verbs.contains(&word.text.as_str()))
                .map(|at| at + 1)
        };
        let (manager, from) = match command.name.as_str() {
            "apt-get" | "apt" => ("apt", verb(&["install"])?),
            "apk" => ("apk", verb(&["add"])?),
            "yum" | "dnf" | "microdnf" => ("dnf", verb(&["install"])?),
            "pip" | "pip3" | "pip2" => ("pip", verb(&["install"])?),
            "npm" if command.has("-g") || command.has("--global") => {
                ("npm", verb(&["install", "i", "add"])?)
            }
            "gem" => ("gem", verb(&["install"])?),
            "python" | "python3" if command.has("-m") && command.has("pip") => {
                ("pip", verb(&["install"])?)
            }
            _ => return None,
        };
        Some(Self {
            command,
            manager,
            rest: &command.args[from..],
        })
    }

    /// The words that name packages.
    pub fn packages(&self) -> impl Iterator<Item = &'a Word> {
        let mut skip = false;
        let manager = self.manager;
        self.rest.iter().filter(move |word| {
            let text = word.text.as_str();
            let value = std::mem::take(&mut skip);
            if text.starts_with('-') {
                skip = match manager {
                    "apk" => matches!(
                        text,
                        "-t" | "--virtual" | "-X" | "--repository" | "-p" | "--root"
                    ),
                    "apt" => matches!(text, "-t" | "-o" | "-c" | "--target-release"),
                    "pip" => {
                        !text.contains('=')
                            && matches!(
                                text,
                                "-r" | "-c"
                                    | "-i"
                                    | "-f"
                                    | "-t"
                                    | "-e"
                                    | "--requirement"
                                    | "--constraint"
                                    | "--index-url"
                                    | "--extra-index-url"
                                    | "--find-links"
                                    | "--target"
                                    | "--trusted-host"
                                    | "--prefix"
                                    | "--platform"
                                    | "--python-version"
                                    | "--cert"
                                    | "--root"
                                    | "--timeout"
                                    | "--retries"
                            )
                    }
                    "gem" => matches!(
                        text,
                        "-v" | "--version" | "-i" | "--install-dir" | "--source"
                    ),
                    "npm" => matches!(text, "--prefix" | "--registry"),
                    _ => false,
                };
                return false;
            }
            !value && !text.is_empty()
        })
    }

    /// A package without a version.
    pub fn unpinned(&self) -> Option<String> {
        let free = |text: &str| match self.manager {
            "apt" => !text.contains(['=', '/']) && !is_file(text, "deb"),
            "apk" => {
                !text.contains(['=', '~', '<', '>', '@'])
                    && !text.starts_with('.')
                    && !is_file(text, "apk")
            }
            "pip" => {
                !text.contains(['=', '~', '<', '>', '@', '/', ':', '['])
                    && !text.starts_with('.')
                    && !is_file(text, "whl")
                    && !matches!(text, "pip" | "setuptools" | "wheel")
            }
            "npm" => {
                !text.get(1..).unwrap_or_default().contains('@')
                    && !text.contains(':')
                    && !text.starts_with('.')
            }
            "gem" => {
                !self
                    .command
                    .words()
                    .any(|word| word == "-v" || word.starts_with("--version"))
                    && !text.contains(':')
                    && !is_file(text, "gem")
            }
            _ => false,
        };
        let package = self
            .packages()
            .find(|word| !word.text.contains('$') && free(&word.text));
        package.map(|word| word.text.clone())
    }

    /// Does it leave a cache behind?
    pub fn leaves(&self, all: &[Command]) -> bool {
        let removes = |path: &str| {
            all.iter().any(|command| {
                matches!(command.name.as_str(), "rm" | "find" | "truncate")
                    && command.words().any(|word| {
                        path.starts_with(word.trim_end_matches(['*', '/'])) && word.len() > 3
                            || word.contains(path)
                    })
            })
        };
        match self.manager {
            "apt" => {
                named(all, &["apt-get", "apt"]).any(|command| command.has("update"))
                    && !removes("/var/lib/apt")
            }
            "apk" => {
                !self.command.has("--no-cache")
                    && !removes("/var/cache/apk")
                    && !named(all, &["apk"]).any(|command| {
                        command.has("--no-cache") && command.has("add") || command.has("cache")
                    })
            }
            "dnf" => {
                !named(all, &["yum", "dnf", "microdnf"]).any(|command| command.has("clean"))
                    && !removes("/var/cache")
            }
            "pip" => {
                !self.command.has("--no-cache-dir")
                    && !removes("/root/.cache")
                    && !removes(".cache")
            }
            _ => false,
        }
    }
}

fn named<'c>(all: &'c [Command], names: &'c [&str]) -> impl Iterator<Item = &'c Command> {
    all.iter()
        .filter(|command| names.contains(&command.name.as_str()))
}

/// Is it a package that stands in a file?
fn is_file(text: &str, kind: &str) -> bool {
    text.rsplit_once('.').is_some_and(|(_, end)| end == kind)
}
