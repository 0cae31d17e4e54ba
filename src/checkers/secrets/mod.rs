//! Owns the checker `secrets`: credentials that stand in files, and in git's history where it is asked for. What it keeps and
//! tells of them is redacted.

mod assign;
mod base64;
mod checks;
pub mod class;
mod context;
mod everyday;
mod files;
mod found;
mod gitleaks;
mod hash;
mod header;
pub mod history;
pub mod hit;
mod judge;
mod jwt;
pub mod kinds;
mod literal;
mod manifest;
mod marks;
mod names;
pub mod options;
pub mod own;
mod pem;
mod rarity;
mod runs;
mod scan;
mod shape;
mod sql;
mod token;
mod told;
mod unlikely;
mod url;
mod words;

use crate::base::words as messages;
use crate::check::options::Glob;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::{Rule, Severity};
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

use class::Class;
use gitleaks::Gitleaks;
use hit::{Facts, Hit};
use options::Options;
use own::Ready;
use rayon::prelude::*;
use told::Told;

/// A configured check.
pub struct Secrets {
    options: Options,
    ready: Ready,
}

/// The rules whose findings their own text proves.
const SURE: &[&str] = &[
    "cloud-key",
    "code-host-token",
    "registry-token",
    "ai-key",
    "chat-token",
    "payment-key",
    "service-token",
    "private-key",
    "custom-secret",
];

impl Checker for Secrets {
    const NAME: &'static str = "secrets";
    const SUMMARY: &'static str =
        "tokens, keys and passwords in files and, where asked for, in git's history";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = class::RULES;
    const METRICS: &'static [Metric] = &[
        Metric::grave(
            "secrets_detected",
            SURE,
            Severity::High,
            "tokens and private keys that their own text tells, outside of tests",
        ),
        Metric::counts(
            "secret_candidates",
            &[],
            "all findings, guesses and tests included",
        ),
        Metric::graded(
            "critical_secrets",
            Severity::Critical,
            "findings of severity critical",
        ),
        Metric::graded("high_secrets", Severity::High, "findings of severity high"),
        Metric::graded(
            "medium_secrets",
            Severity::Medium,
            "findings of severity medium",
        ),
        Metric::graded("low_secrets", Severity::Low, "findings of severity low"),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        let ready = Ready::new(&options)?;
        Ok(Self { options, ready })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn wants(&self, file: &FileMeta) -> bool {
        let allowed = || {
            self.options
                .allow
                .paths
                .iter()
                .any(|glob| glob.matches(&file.path))
        };
        file.is_file() && file.size <= self.options.max_size.0 && !allowed()
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Facts::of(file.bytes(), file.language(), file.class(), &self.ready)
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let mut told = Told::default();
        let theirs = if self.options.gitleaks {
            Gitleaks::of(cx.tree)
        } else {
            Gitleaks::default()
        };
        evidence.notes.extend(theirs.notes.iter().cloned());
        let today = cx.ports.surroundings.today();
        let now = today
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_or(0, |day| day.timestamp().as_second());
        for Observed { file, facts } in files {
            let Some(facts) = facts else { continue };
            told.binary += usize::from(facts.binary);
            told.dummies += facts.dummies;
            told.allowed += facts.allowed;
            if facts.more > 0 {
                evidence.partial(format!(
                    "{}: {} more secrets than are kept; exclude the file if it is data",
                    file.path, facts.more
                ));
            }
            let compared = !facts.hits.is_empty() && !theirs.is_empty();
            let bytes = if compared {
                cx.tree.read(file).ok()
            } else {
                None
            };
            for hit in &facts.hits {
                if compared && theirs.accepts(&file.path, "", hit, bytes.as_deref()) {
                    told.accepted += 1;
                    continue;
                }
                let place = Place::Part(file.path.clone(), hit.span);
                match &hit.mark {
                    Some(mark) if self.options.marks => {
                        told.marked.push(format!("{place} ({mark})"));
                    }
                    _ => evidence.findings.push(finding(hit, place, now)),
                }
            }
        }
        if theirs.has_rules() {
            let files = files.iter().map(|observed| observed.file).collect();
            self.by_their_rules(files, &theirs, cx, &mut told, &mut evidence);
        }
        let large = |meta: &&FileMeta| meta.is_file() && meta.size > self.options.max_size.0;
        told.large = cx.tree.files().iter().filter(large).count();
        if self.options.history {
            let known = files
                .iter()
                .filter_map(|observed| observed.facts.as_ref())
                .flat_map(|facts| facts.hits.iter().map(history::key))
                .collect();
            self.past(known, now, cx, &theirs, &mut told, &mut evidence)?;
        }
        told.notes(&self.options, &mut evidence);
        Ok(evidence)
    }

    fn lane(&self) -> Lane {
        if self.options.history {
            Lane::Waits
        } else {
            Lane::Pure
        }
    }

    fn globs(&self) -> Vec<&Glob> {
        self.options.allow.paths.iter().collect()
    }
}

impl Secrets {
    /// What the rules of a configuration of gitleaks find; the files are read again for it.
    fn by_their_rules(
        &self,
        files: Vec<&FileMeta>,
        theirs: &Gitleaks,
        cx: &Cx<'_>,
        told: &mut Told,
        evidence: &mut Evidence,
    ) {
        let look = |file: &FileMeta| {
            let bytes = cx.tree.read(file).map_err(|problem| problem.to_string())?;
            let finds = theirs.scan(&file.path, &bytes);
            let facts =
                Facts::of_finds(&bytes, file.class, &self.ready, &finds).unwrap_or_default();
            let (accepted, hits): (Vec<Hit>, Vec<Hit>) = facts
                .hits
                .into_iter()
                .partition(|hit| theirs.accepts(&file.path, "", hit, Some(&bytes)));
            Ok::<_, String>((accepted.len(), hits))
        };
        let all: Vec<_> = files.par_iter().map(|file| look(file)).collect();
        for (file, seen) in files.into_iter().zip(all) {
            match seen {
                Ok((accepted, hits)) => {
                    told.accepted += accepted;
                    for hit in hits {
                        let place = Place::Part(file.path.clone(), hit.span);
                        match &hit.mark {
                            Some(mark) if self.options.marks => {
                                told.marked.push(format!("{place} ({mark})"));
                            }
                            _ => evidence.findings.push(finding(&hit, place, 0)),
                        }
                    }
                }
                Err(why) => evidence.partial(why),
            }
        }
    }

    /// What the history has and the tree has not.
    fn past(
        &self,
        known: history::Known,
        now: i64,
        cx: &Cx<'_>,
        theirs: &Gitleaks,
        told: &mut Told,
        evidence: &mut Evidence,
    ) -> Result<(), Fault> {
        let options = &self.options;
        let (past, depth) = history::scan(
            cx.ports.git,
            &self.ready,
            options.max_size.0,
            &options.allow.paths,
            known,
        )?;
        for history::Past { commit, path, hit } in past {
            if theirs.accepts(&path, &commit, &hit, None) {
                told.accepted += 1;
                continue;
            }
            let place = Place::Object(place_of(&commit, &path, &hit));
            match &hit.mark {
                Some(mark) if options.marks => told.marked.push(format!("{place} ({mark})")),
                _ => evidence.findings.push(finding(&hit, place, now)),
            }
        }
        let versions = messages::count(depth.blobs, "version");
        evidence
            .notes
            .push(format!("{versions} of files in the history looked into"));
        if depth.too_large > 0 {
            let versions = messages::count(depth.too_large, "version");
            evidence.notes.push(format!(
                "{versions} in the history over {} not looked into",
                options.max_size
            ));
        }
        if depth.shallow {
            evidence.partial(
                "the history is cut off: this is a shallow clone; run `git fetch --unshallow`",
            );
        }
        Ok(())
    }
}

/// `path:line@commit`.
#[must_use]
pub fn place_of(commit: &str, path: &crate::base::path::RepoPath, hit: &Hit) -> String {
    let commit = commit.get(..12).unwrap_or("history");
    format!("{path}:{}@{commit}", hit.span.start.line)
}

/// How sure a hit is, in a word: its own text tells it; what stands around it tells it; it is a guess.
#[must_use]
pub fn confidence(hit: &Hit) -> &'static str {
    match hit.class {
        _ if SURE.contains(&hit.class.rule().id) => "high",
        Class::Generic | Class::Password | Class::Hash | Class::Malformed => "low",
        _ => "medium",
    }
}

/// The finding of a hit.
fn finding(hit: &Hit, place: Place, now: i64) -> Finding {
    let over = hit.expires.is_some_and(|expires| expires < now);
    let severity = if over {
        hit.severity.min(Severity::Low)
    } else {
        hit.severity
    };
    let over = if over { ", expired" } else { "" };
    let headline = format!("{}{over}: {}", hit.kind, hit.masked);
    Finding::new(hit.class.rule(), place, headline, help(hit.class))
        .anchored(hit.anchor.clone())
        .graded(severity)
}

const fn help(class: Class) -> &'static str {
    match class {
        Class::PrivateKey => {
            "replace the key wherever it is used, then remove it; keep its successor in a secret store"
        }
        Class::Hash => "if the password is in use, change it; keep hashes out of the repository",
        Class::Malformed => "if it was real, revoke it; a dummy is better written as a placeholder",
        Class::Password | Class::Generic | Class::Framework | Class::Manifest => {
            "change it, and read its successor from the environment or a secret store"
        }
        _ => {
            "revoke it at its vendor, then remove it; read its successor from the environment or a secret store"
        }
    }
}
