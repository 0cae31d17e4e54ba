//! Owns the files that teams of gitleaks have: its configuration, its baseline, its list of ignored fingerprints. What of them
//! cannot be taken over is said. Knows how a hit is compared with them, and keeps no secret.

use std::collections::BTreeSet;

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::base::path::RepoPath;
use crate::base::words;
use crate::source::tree::SourceTree;

use super::class::Class;
use super::found::{Finds, Found};
use super::hit::Hit;

/// The files, as the root has them.
const CONFIGURATIONS: [&str; 2] = [".gitleaks.toml", "gitleaks.toml"];
const BASELINES: [&str; 2] = [".gitleaks-baseline.json", "gitleaks-baseline.json"];
const IGNORES: &str = ".gitleaksignore";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    extend: Extend,
    rules: Vec<RawRule>,
    allowlist: Option<RawAllow>,
    allowlists: Vec<RawAllow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Extend {
    path: String,
    disabled_rules: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawRule {
    id: String,
    regex: String,
    secret_group: usize,
    entropy: f64,
    path: String,
    keywords: Vec<String>,
    allowlist: Option<RawAllow>,
    allowlists: Vec<RawAllow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawAllow {
    condition: String,
    commits: Vec<String>,
    paths: Vec<String>,
    regexes: Vec<String>,
    regex_target: String,
    stopwords: Vec<String>,
    target_rules: Vec<String>,
}

/// An entry of a report, which is what a baseline is.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Entry {
    file: String,
    secret: String,
    start_line: u32,
}

/// A list of what is allowed.
struct Allow {
    all: bool,
    commits: Vec<String>,
    paths: Vec<Regex>,
    regexes: Vec<Regex>,
    on_line: bool,
    stopwords: Vec<String>,
}

/// A rule with an expression of its own.
struct Rule {
    id: String,
    regex: Regex,
    group: usize,
    entropy: f64,
    path: Option<Regex>,
    keywords: Vec<String>,
    allow: Vec<Allow>,
}

/// All that the files say.
#[derive(Default)]
pub struct Gitleaks {
    allow: Vec<Allow>,
    rules: Vec<Rule>,
    baseline: Vec<Entry>,
    ignored: BTreeSet<(String, u32)>,
    /// What was read, and what could not be taken over.
    pub notes: Vec<String>,
}

fn read(tree: &dyn SourceTree, name: &str) -> Option<Vec<u8>> {
    let meta = tree.find(&RepoPath::new(name)?)?;
    tree.read(meta).ok()
}

impl Gitleaks {
    /// Reads the files of a tree.
    #[must_use]
    pub fn of(tree: &dyn SourceTree) -> Self {
        let mut all = Self::default();
        for name in CONFIGURATIONS {
            if let Some(bytes) = read(tree, name) {
                all.configure(name, &bytes);
                break;
            }
        }
        for name in BASELINES {
            let Some(bytes) = read(tree, name) else {
                continue;
            };
            match serde_json::from_slice::<Vec<Entry>>(&bytes) {
                Ok(entries) => {
                    all.notes.push(format!(
                        "{name}: {}",
                        words::count(entries.len(), "accepted finding")
                    ));
                    all.baseline.extend(entries);
                }
                Err(_) => all
                    .notes
                    .push(format!("{name} is no report of gitleaks: not used")),
            }
        }
        if let Some(bytes) = read(tree, IGNORES) {
            let text = String::from_utf8_lossy(&bytes);
            for line in text
                .lines()
                .map(str::trim)
                .filter(|line| !line.starts_with('#'))
            {
                // `path:rule:line`, with a commit before it in a history.
                let mut parts = line.rsplit(':');
                let number = parts.next().and_then(|number| number.parse().ok());
                if let (Some(number), Some(_), Some(path)) = (number, parts.next(), parts.next()) {
                    all.ignored.insert((path.to_owned(), number));
                }
            }
            all.notes.push(format!(
                "{IGNORES}: {}",
                words::count(all.ignored.len(), "ignored place")
            ));
        }
        all
    }

    fn configure(&mut self, name: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let config: Config = match toml::from_str(&text) {
            Ok(config) => config,
            Err(problem) => {
                let line = problem
                    .message()
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                self.notes.push(format!(
                    "{name} cannot be read, nothing of it is used: {line}"
                ));
                return;
            }
        };
        let mut lost = Vec::new();
        if !config.extend.path.is_empty() {
            lost.push("`extend.path`".to_owned());
        }
        if !config.extend.disabled_rules.is_empty() {
            lost.push("`disabledRules`: the rules have other names here".to_owned());
        }
        for raw in config.allowlist.iter().chain(&config.allowlists) {
            if raw.target_rules.is_empty() {
                self.allow.push(allow(raw, &mut lost));
            } else {
                lost.push("an allow list for single rules".to_owned());
            }
        }
        for raw in config.rules {
            if raw.regex.is_empty() {
                lost.push(format!("changes of the rule `{}`", raw.id));
                continue;
            }
            let Some(regex) = compiled(&raw.regex, &mut lost) else {
                continue;
            };
            let path = if raw.path.is_empty() {
                None
            } else {
                compiled(&raw.path, &mut lost)
            };
            self.rules.push(Rule {
                id: raw.id,
                regex,
                group: raw.secret_group,
                entropy: raw.entropy,
                path,
                keywords: raw
                    .keywords
                    .iter()
                    .map(|word| word.to_ascii_lowercase())
                    .collect(),
                allow: raw
                    .allowlist
                    .iter()
                    .chain(&raw.allowlists)
                    .map(|raw| allow(raw, &mut lost))
                    .collect(),
            });
        }
        self.notes.push(format!(
            "{name}: {} and {} taken over",
            words::count(self.allow.len(), "allow list"),
            words::count(self.rules.len(), "rule")
        ));
        lost.sort();
        lost.dedup();
        self.notes.extend(
            lost.into_iter()
                .map(|what| format!("{name}: not taken over: {what}")),
        );
    }

    /// Are there rules to run over every file?
    #[must_use]
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Is there anything that a hit could be compared with?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.baseline.is_empty() && self.ignored.is_empty()
    }

    /// What its rules find in a file.
    #[must_use]
    pub fn scan(&self, path: &RepoPath, bytes: &[u8]) -> Finds {
        let mut finds = Finds::default();
        let lower = std::cell::LazyCell::new(|| bytes.to_ascii_lowercase());
        for rule in &self.rules {
            let elsewhere = rule
                .path
                .as_ref()
                .is_some_and(|regex| !regex.is_match(path.as_bytes()));
            let named = |word: &String| memmem::find(&lower, word.as_bytes()).is_some();
            if elsewhere || (!rule.keywords.is_empty() && !rule.keywords.iter().any(named)) {
                continue;
            }
            for groups in rule.regex.captures_iter(bytes) {
                let whole = groups.get(0).map(|found| found.range());
                let inner = groups
                    .get(if rule.group > 0 { rule.group } else { 1 })
                    .map(|found| found.range());
                let Some(range) = inner.or(whole).filter(|range| !range.is_empty()) else {
                    continue;
                };
                let secret = &bytes[range.clone()];
                let line = line_of(bytes, range.start, range.end);
                let allowed = rule
                    .allow
                    .iter()
                    .any(|allow| allow.holds(path, "", secret, line));
                if entropy(secret) >= rule.entropy && !allowed {
                    finds.push(Found::new(range, Class::Custom, rule.id.clone()));
                }
            }
        }
        finds
    }

    /// Is the hit accepted there? `bytes` is the file; `None`: it is one of the past, at `commit`.
    #[must_use]
    pub fn accepts(&self, path: &RepoPath, commit: &str, hit: &Hit, bytes: Option<&[u8]>) -> bool {
        let (from, to) = hit.bytes;
        let secret = bytes
            .and_then(|bytes| bytes.get(from..to))
            .unwrap_or_default();
        let line = bytes.map_or(&[][..], |bytes| line_of(bytes, from, to));
        let name = String::from_utf8_lossy(path.as_bytes());
        let number = hit.span.start.line;
        self.ignored.contains(&(name.to_string(), number))
            || self
                .allow
                .iter()
                .any(|allow| allow.holds(path, commit, secret, line))
            || self.baseline.iter().any(|entry| {
                let redacted = entry.secret.is_empty() || entry.secret.contains("REDACTED");
                let same = memmem::find(secret, entry.secret.as_bytes()).is_some();
                entry.file == name
                    && ((redacted && entry.start_line == number) || (!redacted && same))
            })
    }
}

impl Allow {
    fn holds(&self, path: &RepoPath, commit: &str, secret: &[u8], line: &[u8]) -> bool {
        let lower = secret.to_ascii_lowercase();
        let target = if self.on_line { line } else { secret };
        let tests: [(bool, bool); 4] = [
            (
                !self.commits.is_empty(),
                !commit.is_empty()
                    && self
                        .commits
                        .iter()
                        .any(|known| commit.starts_with(known.as_str())),
            ),
            (
                !self.paths.is_empty(),
                self.paths
                    .iter()
                    .any(|regex| regex.is_match(path.as_bytes())),
            ),
            (
                !self.regexes.is_empty(),
                self.regexes.iter().any(|regex| regex.is_match(target)),
            ),
            (
                !self.stopwords.is_empty(),
                self.stopwords
                    .iter()
                    .any(|word| memmem::find(&lower, word.as_bytes()).is_some()),
            ),
        ];
        let mut asked = tests
            .into_iter()
            .filter(|(asked, _)| *asked)
            .map(|(_, holds)| holds)
            .peekable();
        if asked.peek().is_none() {
            return false;
        }
        if self.all {
            asked.all(|holds| holds)
        } else {
            asked.any(|holds| holds)
        }
    }
}

fn allow(raw: &RawAllow, lost: &mut Vec<String>) -> Allow {
    let mut all = |list: &[String]| {
        list.iter()
            .filter_map(|text| compiled(text, lost))
            .collect()
    };
    Allow {
        all: raw.condition.eq_ignore_ascii_case("and"),
        paths: all(&raw.paths),
        regexes: all(&raw.regexes),
        on_line: raw.regex_target == "line",
        commits: raw.commits.clone(),
        stopwords: raw
            .stopwords
            .iter()
            .map(|word| word.to_ascii_lowercase())
            .collect(),
    }
}

/// In linear time and of bounded size, or not at all.
fn compiled(text: &str, lost: &mut Vec<String>) -> Option<Regex> {
    let built = RegexBuilder::new(text)
        .size_limit(1 << 20)
        .dfa_size_limit(1 << 22)
        .build();
    if built.is_err() {
        // Its text may hold the secret that it allows.
        lost.push("an expression that cannot be run in linear time".to_owned());
    }
    built.ok()
}

fn line_of(bytes: &[u8], from: usize, to: usize) -> &[u8] {
    let from = from.min(bytes.len());
    let to = to.clamp(from, bytes.len());
    let start = memchr::memrchr(b'\n', &bytes[..from]).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', &bytes[to..]).map_or(bytes.len(), |at| to + at);
    &bytes[start..end]
}

/// Shannon's, in bits a byte.
fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in text {
        counts[usize::from(byte)] += 1;
    }
    let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::memory::MemoryTree;

    fn of(config: &str) -> Gitleaks {
        Gitleaks::of(&MemoryTree::new([(
            &b".gitleaks.toml"[..],
            config.as_bytes(),
        )]))
    }

    fn check(config: &str, path: &str, text: &str, expected: &str) {
        let path = RepoPath::new(path).expect("inside");
        let finds = of(config).scan(&path, text.as_bytes());
        let found: Vec<&str> = finds
            .all
            .iter()
            .map(|found| &text[found.range.clone()])
            .collect();
        assert_eq!(found.join(" "), expected, "{config}");
    }

    #[test]
    fn rules_run() {
        let rule =
            "[[rules]]\nid = \"acme\"\nregex = '''acme-([a-z]{4})'''\nkeywords = [\"ACME\"]\n";
        check(rule, "a.py", "x = acme-abcd", "abcd");
        check(
            &format!("{rule}entropy = 3.0\n"),
            "a.py",
            "x = acme-abcd",
            "",
        );
        check(
            &format!("{rule}path = '''\\.go$'''\n"),
            "a.py",
            "x = acme-abcd",
            "",
        );
        check(
            &format!("{rule}[rules.allowlist]\nstopwords = [\"abc\"]\n"),
            "a.py",
            "x = acme-abcd",
            "",
        );
    }

    #[test]
    fn what_is_not_taken_over_is_told() {
        let notes = of("[extend]\nuseDefault = true\ndisabledRules = [\"x\"]\n[[rules]]\nid = \"y\"\nregex = '''(?=a)'''\n").notes.join("\n");
        assert!(
            notes.contains("disabledRules") && notes.contains("linear time"),
            "{notes}"
        );
        assert!(of("[[").notes[0].contains("cannot be read"));
    }
}
