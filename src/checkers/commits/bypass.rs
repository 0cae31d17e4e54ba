//! Owns the search for commands that skip the hooks: where shell stands in files, and whether an approval is beside it.

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::model::place::Span;
use crate::model::rule::Severity;
use crate::source::file::{SourceFile, anchor};
use crate::source::language::Language;
use crate::source::region::Region;
use crate::source::tree::FileMeta;
use crate::source::workflow::{self, Shell};

use super::shell;

/// Larger files are no scripts that people wrote.
const LARGEST: u64 = 1 << 20;

/// At most as many hits are kept for one file; one that has them all may have more.
pub const MOST: usize = 1_000;

/// The commands of a file that skip the hooks and have no approval.
#[derive(Debug, Serialize, Deserialize)]
pub struct Facts(pub Vec<Hit>);

/// Such a command.
#[derive(Debug, Serialize, Deserialize)]
pub struct Hit {
    pub span: Span,
    pub subcommand: String,
    pub severity: Severity,
    pub anchor: String,
}

/// Can there be shell in the file?
pub fn may_have(file: &FileMeta) -> bool {
    let shell = matches!(
        file.language,
        None | Some(Language::Bash | Language::Markdown | Language::Makefile | Language::Json)
    );
    let foreign = file.class.vendored || file.class.minified || file.class.lock;
    file.size <= LARGEST && !foreign && (shell || file.class.workflow)
}

/// Searches a file.
pub fn scan(file: &SourceFile, approval: &Regex) -> Option<Facts> {
    let text = file.text()?;
    let candidate = text.contains("--no-ver") || (text.contains("git") && text.contains("commit"));
    if !candidate || file.is_binary() {
        return None;
    }
    let severity = match file.language() {
        _ if file.class().test => Severity::Info,
        Some(Language::Markdown | Language::Yaml) => Severity::Low,
        _ => Severity::Medium,
    };
    let mut hits: Vec<Hit> = Vec::new();
    // One for each line: a place costs as much as its line is long.
    let mut last: Option<usize> = None;
    for region in regions(file, text) {
        for (offset, subcommand) in shell::bypasses(region.text()) {
            let at = region.place(offset);
            let same_line = |last: usize| {
                let between = text.as_bytes().get(last..at);
                between.is_some_and(|between| !between.contains(&b'\n'))
            };
            if hits.len() == MOST || last.replace(at).is_some_and(same_line) {
                continue;
            }
            let point = file.point(at);
            if is_approved(file, point.line, approval) {
                continue;
            }
            hits.push(Hit {
                span: Span {
                    start: point,
                    end: point,
                },
                subcommand,
                severity,
                anchor: anchor(file.line(point.line)),
            });
        }
    }
    (!hits.is_empty()).then_some(Facts(hits))
}

fn regions(file: &SourceFile, text: &str) -> Vec<Region> {
    if file.class().workflow {
        let scripts = workflow::scripts(text).unwrap_or_default();
        let is_shell = |script: &workflow::Script| matches!(script.shell, Shell::Posix);
        return scripts
            .into_iter()
            .filter(is_shell)
            .map(|script| script.region)
            .collect();
    }
    match file.language() {
        Some(Language::Bash) => vec![kept(text, |_| Some(0))],
        // Hooks, and the files of shells without a grammar here.
        None if text.contains("--no-ver") => vec![kept(text, |_| Some(0))],
        Some(Language::Makefile) => vec![kept(text, |line| {
            let recipe = line.strip_prefix('\t')?;
            Some(line.len() - recipe.trim_start_matches(['@', '-', '+', ' ']).len())
        })],
        Some(Language::Markdown) => vec![fences(text)],
        Some(Language::Json) => strings(text),
        _ => Vec::new(),
    }
}

/// The lines that `start` keeps, each from the byte that it gives.
fn kept(text: &str, mut start: impl FnMut(&str) -> Option<usize>) -> Region {
    let mut region = Region::starting(0);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(from) = start(line) {
            for (offset, c) in line.char_indices().filter(|(offset, _)| *offset >= from) {
                region.push(c, at + offset);
            }
        }
        at += line.len();
    }
    region
}

/// The shell in the code blocks of a Markdown text.
fn fences(text: &str) -> Region {
    const SHELLS: [&str; 8] = [
        "",
        "sh",
        "bash",
        "shell",
        "zsh",
        "console",
        "shell-session",
        "terminal",
    ];
    let mut open: Option<(String, bool)> = None;
    kept(text, |line| {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let sign = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'));
        let ticks: String = trimmed.chars().take_while(|c| Some(*c) == sign).collect();
        let rest = trimmed[ticks.len()..].trim();
        match &open {
            None if ticks.len() >= 3 => {
                let name = rest.split([' ', '{', ',']).next().unwrap_or_default();
                let is_shell = SHELLS.contains(&name.to_ascii_lowercase().as_str());
                open = Some((ticks, is_shell));
                None
            }
            Some((fence, _)) if ticks.starts_with(fence.as_str()) && rest.is_empty() => {
                open = None;
                None
            }
            Some((_, true)) => Some(indent + if trimmed.starts_with("$ ") { 2 } else { 0 }),
            _ => None,
        }
    })
}

/// The strings of a JSON text that may be commands of `scripts`.
fn strings(text: &str) -> Vec<Region> {
    let mut regions = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.contains("git") && line.contains("--no-ver") {
            let value = line.split_once("\": \"").map_or("", |(_, value)| value);
            let value = value.trim_end().trim_end_matches(',').trim_end_matches('"');
            regions.push(Region::fixed(value.replace("\\\"", "\""), at));
        }
        at += line.len();
    }
    regions
}

/// Does a comment approve it: behind the command, or in the comment lines right above?
fn is_approved(file: &SourceFile, line: u32, approval: &Regex) -> bool {
    let text = |number: u32| String::from_utf8_lossy(file.line(number)).into_owned();
    let own = text(line);
    let behind = own.split_once(" #").map_or("", |(_, comment)| comment);
    if approval.is_match(behind) {
        return true;
    }
    let is_comment = |line: &str| {
        ["#", "//", "<!--"]
            .iter()
            .any(|start| line.trim_start().starts_with(start))
    };
    let is_fence = |line: &str| line.trim_start().starts_with("```");
    (1..line)
        .rev()
        .map(text)
        .filter(|line| !is_fence(line))
        .take_while(|line| is_comment(line))
        .any(|line| approval.is_match(&line))
}
