//! Owns what Dockerfiles are told: the stages and the variables of a file, and the rules that look at instructions.

mod file;
mod packages;
mod run;
mod stages;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::rule::Severity;
use crate::source::file::SourceFile;

use super::hit::{Facts, Family, Hits, Unless, Unread};
use super::image::Image;
use super::kinds::Kind;
use super::secret;
use super::variables::filled;
use file::{Dockerfile, Instruction};
use stages::{Base, Stage, Stages};

/// Looks at a Dockerfile.
pub fn look(source: &SourceFile, text: &str) -> Facts {
    let file = Dockerfile::parse(text);
    let mut hits = Hits::of(source, Family::Dockerfile);
    if file.skipped > 0 {
        hits.facts.unread = Some(Unread::Parts(file.skipped));
    }
    let stages = Stages::of(&file);
    let mut look = Look {
        file: &file,
        stages: &stages,
        hits,
        skipped: file.skipped,
    };
    let shipped = stages.shipped();
    for stage in &stages.all {
        look.base(stage);
        look.stage(stage, shipped.contains(&stage.from));
    }
    if let Some(last) = stages.all.last() {
        look.last(last);
    }
    if look.skipped > 0 {
        look.hits.facts.unread = Some(Unread::Parts(look.skipped));
    }
    look.hits.facts
}

struct Look<'a> {
    file: &'a Dockerfile,
    stages: &'a Stages,
    hits: Hits<'a>,
    skipped: usize,
}

impl Look<'_> {
    fn enter(&mut self, instruction: &Instruction) {
        let span = self.hits.file.span(instruction.range.clone());
        self.hits.scope = span.start.line..=span.end.line;
    }

    /// The image that a stage starts from.
    fn base(&mut self, stage: &Stage) {
        let Base::Image(text) = &stage.base else {
            return;
        };
        let Some(image) = Image::parse(text).filter(|image| image.name != "scratch") else {
            return;
        };
        let from = &self.file.instructions[stage.from];
        self.enter(from);
        if let Some(what) = image.moving() {
            let name = image.name;
            let (severity, but) = if from.args.text().contains('$') {
                (Severity::Low, ", unless the build names another")
            } else {
                (Severity::Medium, "")
            };
            self.hits.graded(
                Kind::DockerUntaggedImage,
                severity,
                from.range.clone(),
                format!("the base image {name} {what}{but}"),
            );
        } else if !image.digest {
            self.hits.push(
                Kind::DockerUndigestedImage,
                from.range.clone(),
                format!("the base image {text} has no digest"),
            );
        }
    }

    #[expect(
        clippy::collapsible_match,
        reason = "what an arm is about, and what it asks"
    )]
    fn stage(&mut self, stage: &Stage, shipped: bool) {
        let mut shell = run::Shell::default();
        let mut script = run::Scripts::default();
        let arguments = self.arguments(stage);
        for index in stage.own.clone() {
            let instruction = &self.file.instructions[index];
            self.enter(instruction);
            match instruction.keyword {
                "SHELL" => shell = run::Shell::of(instruction.args.text()),
                "RUN" if !shell.is_posix => {}
                "RUN" => {
                    if !run::look(instruction, &shell, &mut script, shipped, &mut self.hits) {
                        self.skipped += 1;
                    }
                }
                "ENV" | "ARG" => self.variable(&arguments, instruction, shipped),
                "COPY" | "ADD" => self.copy(stage, instruction, shipped),
                "EXPOSE" => self.expose(instruction),
                "CMD" | "ENTRYPOINT" => self.start(instruction, shell.is_posix),
                _ => {}
            }
        }
        self.repeated(stage);
    }

    /// Credentials in ENV and ARG.
    fn variable(&mut self, arguments: &BTreeSet<String>, instruction: &Instruction, shipped: bool) {
        let is_env = instruction.keyword == "ENV";
        for mut pair in stages::pairs(instruction) {
            if !secret::is_name(&pair.name) {
                continue;
            }
            let at = instruction.args.place(pair.at);
            let range = at..at + pair.name.len();
            let name = &pair.name;
            let kind = Kind::DockerSecret;
            // The cache of the builds keeps it, and no image.
            let (less, keeper) = if shipped {
                (Severity::High, "the image's history")
            } else {
                (Severity::Low, "the builds' cache")
            };
            let owner = if shipped { "image" } else { "build stage" };
            let from_argument = is_env
                && pair
                    .value
                    .as_deref()
                    .is_some_and(|value| is_argument(arguments, value));
            // `${NAME:-default}`
            pair.value = pair
                .value
                .map(|value| filled(&value, &BTreeMap::new()).unwrap_or_default());
            let (severity, headline) = match pair
                .value
                .as_deref()
                .map(|value| secret::value(name, value))
            {
                None => (
                    less,
                    format!("the build argument {name} leaves a credential in {keeper}"),
                ),
                Some(secret::Value::Real) => {
                    let worst = if shipped {
                        Severity::Critical
                    } else {
                        Severity::High
                    };
                    (worst, format!("the {owner} has the value of {name}"))
                }
                Some(secret::Value::Trivial) => (
                    Severity::Medium,
                    format!("the {owner} has a password that is quickly guessed: {name}"),
                ),
                Some(secret::Value::Nothing) if from_argument => (
                    less,
                    format!("ENV keeps a build argument in the {owner}: {name}"),
                ),
                Some(secret::Value::Nothing) => continue,
            };
            self.hits.graded(kind, severity, range, headline);
        }
    }

    /// The names of the stage's build arguments.
    fn arguments(&self, stage: &Stage) -> BTreeSet<String> {
        let own = self.file.instructions[stage.own.clone()].iter();
        own.filter(|instruction| instruction.keyword == "ARG")
            .flat_map(stages::pairs)
            .map(|pair| pair.name)
            .collect()
    }

    fn copy(&mut self, stage: &Stage, instruction: &Instruction, shipped: bool) {
        let Some(copy) = stages::copy(instruction) else {
            return;
        };
        let range = instruction.range.clone();
        let (Some(to), from) = (
            copy.paths.last(),
            &copy.paths[..copy.paths.len().saturating_sub(1)],
        ) else {
            return;
        };
        if instruction.keyword == "ADD" && copy.checksum.is_none() {
            for url in from.iter().filter(|path| is_download(path)) {
                let (severity, how) = if url.starts_with("http://") {
                    (Severity::High, "without encryption and checksum")
                } else {
                    (Severity::Medium, "without a checksum")
                };
                self.hits.graded(
                    Kind::DockerRemoteAdd,
                    severity,
                    range.clone(),
                    format!("ADD downloads {how}: {}", shown(url)),
                );
            }
        }
        if let Some(source) = &copy.from {
            if from.iter().any(|path| path == "/")
                && to == "/"
                && self.stages.is_stage(source)
                // Into an empty image it makes one layer of them.
                && stage.base != Base::Image("scratch".to_owned())
            {
                self.hits.graded(
                    Kind::DockerBroadCopy,
                    Severity::Low,
                    range,
                    format!("the whole file system of {source} is copied"),
                );
            }
            return;
        }
        for path in from {
            if let Some((severity, what)) = key_file(path) {
                let severity = if shipped {
                    severity
                } else {
                    severity.min(Severity::Medium)
                };
                self.hits.graded(
                    Kind::DockerSecret,
                    severity,
                    range.clone(),
                    format!("the image has {what}: {}", shown(path)),
                );
            }
        }
        let whole = |path: &String| matches!(path.as_str(), "." | "./" | "/" | "*" | "./*");
        // What ONBUILD copies is another build's.
        if from.iter().any(whole) && !instruction.onbuild {
            let severity = if shipped {
                Severity::Medium
            } else {
                Severity::Low
            };
            self.hits.graded(
                Kind::DockerBroadCopy,
                severity,
                range,
                "the whole build context is copied, and there is no .dockerignore",
            );
            self.hits.unless(Unless::Ignored);
        }
    }

    fn expose(&mut self, instruction: &Instruction) {
        for word in instruction.args.text().split_whitespace() {
            let port = word.split('/').next().unwrap_or_default();
            let ends: Vec<Option<u64>> = port.split('-').map(|end| end.parse().ok()).collect();
            if ends.contains(&None) {
                continue;
            }
            let range = instruction.range.clone();
            if ends
                .iter()
                .flatten()
                .any(|&port| port == 0 || port > 65_535)
            {
                self.hits.push(
                    Kind::DockerInvalidPort,
                    range,
                    format!("no port has this number: {}", shown(port)),
                );
            } else if ends == [Some(22)] {
                self.hits.push(
                    Kind::DockerSshServer,
                    range,
                    "the image opens the port of SSH",
                );
            }
        }
    }

    fn start(&mut self, instruction: &Instruction, is_posix: bool) {
        let text = instruction.args.text().trim();
        let json = stages::json(text).is_some();
        let first = text.split_whitespace().next().unwrap_or_default();
        if !json && is_posix && !instruction.onbuild && first != "exec" {
            let headline = format!(
                "{} runs below a shell that passes no signals on",
                instruction.keyword
            );
            self.hits
                .push(Kind::DockerShellForm, instruction.range.clone(), headline);
        }
    }

    /// CMD, ENTRYPOINT and HEALTHCHECK of which only the last counts.
    fn repeated(&mut self, stage: &Stage) {
        for keyword in ["CMD", "ENTRYPOINT", "HEALTHCHECK"] {
            let all: Vec<&Instruction> = stage
                .own
                .clone()
                .map(|n| &self.file.instructions[n])
                .filter(|instruction| instruction.keyword == keyword && !instruction.onbuild)
                .collect();
            for instruction in &all[..all.len().saturating_sub(1)] {
                self.enter(instruction);
                self.hits.push(
                    Kind::DockerRepeated,
                    instruction.range.clone(),
                    format!("this {keyword} is ignored: the stage has a later one"),
                );
            }
        }
    }

    /// What the image that is shipped lacks. Only of a file that was read as a whole.
    fn last(&mut self, stage: &Stage) {
        let from = &self.file.instructions[stage.from];
        let user = self.stages.user(stage, self.file);
        let starts = self.stages.has(stage, self.file, "CMD")
            || self.stages.has(stage, self.file, "ENTRYPOINT");
        let drops = drops_rights(self.hits.file.bytes());
        let serious = if starts && !self.stages.is_toolbox(stage, self.file) {
            Severity::High
        } else {
            Severity::Low
        };
        match user {
            Some((n, name)) => {
                let instruction = &self.file.instructions[n];
                let user = name.split(':').next().unwrap_or_default();
                if matches!(user, "root" | "0") && !drops {
                    self.enter(instruction);
                    self.hits.graded(
                        Kind::DockerRootUser,
                        serious,
                        instruction.range.clone(),
                        "the image runs as root: its last USER is root",
                    );
                }
            }
            None if self.file.skipped == 0 && !drops => {
                let root = self.stages.root_image(stage).and_then(Image::parse);
                if root.is_some_and(|image| image.runs_as_root()) {
                    self.enter(from);
                    self.hits.graded(
                        Kind::DockerRootUser,
                        serious,
                        from.range.clone(),
                        "the image runs as root: it has no USER",
                    );
                }
            }
            None => {}
        }
        let healthy = self.stages.has(stage, self.file, "HEALTHCHECK");
        if self.file.skipped == 0
            && starts
            && !healthy
            && self.stages.has(stage, self.file, "EXPOSE")
        {
            self.enter(from);
            self.hits.push(
                Kind::DockerNoHealthcheck,
                from.range.clone(),
                "the image opens a port and has no HEALTHCHECK",
            );
        }
    }
}

/// Is the value that of a build argument?
fn is_argument(arguments: &BTreeSet<String>, value: &str) -> bool {
    let Some(name) = value.strip_prefix('$') else {
        return false;
    };
    let name = name.trim_start_matches('{');
    let end = name
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(name.len());
    arguments.contains(&name[..end])
}

/// Does the file speak of a program that gives root's rights up when the container starts?
fn drops_rights(bytes: &[u8]) -> bool {
    let programs = [
        "gosu",
        "su-exec",
        "setpriv",
        "s6-overlay",
        "s6-setuidgid",
        "chpst",
        "runuser",
        "dumb-init -- su",
        "supervisor",
        "suexec",
        "fixuid",
    ];
    programs
        .iter()
        .any(|program| memchr::memmem::find(bytes, program.as_bytes()).is_some())
}

/// Is it a URL of a file? A git repository is fetched by its commit or tag.
fn is_download(path: &str) -> bool {
    let git = path
        .split('#')
        .next()
        .and_then(|url| url.rsplit_once('.'))
        .is_some_and(|(_, end)| end == "git");
    (path.starts_with("http://") || path.starts_with("https://")) && !git
}

/// The start of a text for a headline.
fn shown(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    text.chars().take(80).collect()
}

/// How bad is a file in an image, and what is it?
fn key_file(path: &str) -> Option<(Severity, &'static str)> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let public = ["example", "sample", "template", "dist", "pub", "default"];
    if public
        .iter()
        .any(|end| name.rsplit('.').next() == Some(end))
    {
        return None;
    }
    match name {
        "id_rsa" | "id_ed25519" | "id_ecdsa" | "id_dsa" => {
            Some((Severity::Critical, "a private SSH key"))
        }
        ".git-credentials" | ".netrc" | ".pgpass" | "credentials.json" => {
            Some((Severity::Critical, "a file of credentials"))
        }
        "credentials" if path.contains(".aws/") => {
            Some((Severity::Critical, "a file of credentials"))
        }
        "config.json" if path.contains(".docker/") => {
            Some((Severity::Critical, "a file of credentials"))
        }
        ".env" | ".env.production" | ".env.prod" | ".env.local" => {
            Some((Severity::High, "an environment file"))
        }
        ".npmrc" | ".pypirc" | ".yarnrc.yml" if name != ".yarnrc.yml" => {
            Some((Severity::Medium, "a file that may hold a registry's token"))
        }
        _ => None,
    }
}
