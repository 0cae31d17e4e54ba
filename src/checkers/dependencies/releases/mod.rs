//! Owns the checker `releases`: whether the very releases that lockfiles name were taken back, or came out too lately to be trusted.
//! Registries are asked only where an option says so; else a file tells it. Where neither does, nobody knows.

pub mod ask;
mod options;
pub mod told;

use std::collections::BTreeSet;

use super::detect;
use super::inventory::Package;
use super::outdated::latest::{Latest, Release, Withdrawn};
use super::outdated::{bases, locks};
use super::vulnerabilities::survey::Lock;
use crate::base::words;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::{Completeness, Evidence};
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::tree::FileMeta;

use ask::Key;
pub use options::Options;

/// A configured check.
#[derive(Debug)]
pub struct Releases(Options);

static WITHDRAWN: Rule = rule!("withdrawn-release", Medium, "2026-12", ["CWE-1104"]);
static YOUNG: Rule = rule!("young-release", Medium, "2026-12", ["CWE-1357"]);

impl Checker for Releases {
    const NAME: &'static str = "releases";
    const SUMMARY: &'static str = "releases that were taken back or came out too lately, by a file or by registries that are asked";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&WITHDRAWN, &YOUNG];
    const GUIDE: &'static str = include_str!("guide.md");
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "withdrawn_releases",
            &["withdrawn-release"],
            "dependencies in a release that its author took back",
        ),
        Metric::counts(
            "young_releases",
            &["young-release"],
            "dependencies in a release that is younger than `minimum_age`",
        ),
    ];

    type Options = Options;
    type Facts = ();

    fn new(options: Options) -> Result<Self, String> {
        options.check()?;
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        detect::is_wanted(file)
            && detect::format_of(&file.path).is_some()
            && (self.0.tests || !file.class.test)
    }

    /// A command may bring the file that tells of releases.
    fn lane(&self) -> Lane {
        Lane::Artifacts
    }

    fn conclude(&self, files: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let locks = locks(files, cx, &mut evidence);
        let wanted = wanted(locks.iter().map(|(_, lock)| lock), &self.0);
        if wanted.is_empty() && evidence.completeness == Completeness::Complete {
            return Ok(Evidence::not_applicable(
                "no lockfile names a release that is asked for",
            ));
        }
        let latest = self.latest(&wanted, cx, &mut evidence);
        let today = cx.ports.surroundings.today();
        for (file, lock) in &locks {
            let mut told = BTreeSet::new();
            for package in judged(lock, &self.0) {
                let key = key(package);
                let release = latest.release(key.0, &key.1, &key.2);
                let Some(release) = release.filter(|_| told.insert(key)) else {
                    continue;
                };
                self.judge(file, package, release, today, &mut evidence);
            }
        }
        Ok(evidence)
    }
}

/// The packages of a lockfile that are judged.
fn judged<'l>(lock: &'l Lock, options: &'l Options) -> impl Iterator<Item = &'l Package> {
    let foreign = lock.inventory.foreign().map(|(_, package)| package);
    foreign.filter(|package| options.judges(package))
}

fn key(package: &Package) -> Key {
    let version = package.version.clone().unwrap_or_default();
    (package.ecosystem, package.normal_name(), version)
}

/// The releases that lockfiles name and that are judged.
pub fn wanted<'l>(locks: impl Iterator<Item = &'l Lock>, options: &Options) -> BTreeSet<Key> {
    let mut wanted = BTreeSet::new();
    for lock in locks {
        wanted.extend(judged(lock, options).map(key));
    }
    wanted
}

impl Releases {
    /// What is known of the releases; what is not makes the check partial.
    fn latest(&self, wanted: &BTreeSet<Key>, cx: &Cx<'_>, evidence: &mut Evidence) -> Latest {
        let mut latest = Latest::new(cx.ports.surroundings.today());
        if let Some(path) = &self.0.versions {
            match Latest::of_file(path, self.0.max_age, cx) {
                Ok(file) => {
                    let note = format!("releases of {} by {path}", file.as_of);
                    evidence.notes.push(note);
                    latest.releases = file.releases;
                }
                Err(why) => evidence.partial(format!("{path}: {why}")),
            }
        }
        let lacks = latest.lacks_releases(wanted);
        let what = words::count(lacks.len(), "release");
        if lacks.is_empty() {
            return latest;
        }
        if !self.0.online {
            evidence.partial(format!(
                "nobody tells of {what}: name a file in `versions`, or let the registries be asked with `online: true`"
            ));
            return latest;
        }
        let bases = bases(&self.0.registries);
        let timeout = self.0.timeout.0;
        let missing = ask::ask(cx.ports.http, &lacks, &bases, timeout, &mut latest);
        for line in missing.lines("nothing is told of") {
            evidence.partial(line);
        }
        evidence.notes.push(format!("registries asked for {what}"));
        latest
    }

    fn judge(
        &self,
        file: &FileMeta,
        package: &Package,
        release: &Release,
        today: jiff::civil::Date,
        evidence: &mut Evidence,
    ) {
        let name = &package.name;
        let version = package.version.as_deref().unwrap_or_default();
        let mut tell = |rule, headline: String, help: String| {
            let place = Place::Part(file.path.clone(), package.span);
            let finding = Finding::new(rule, place, headline, help);
            evidence
                .findings
                .push(finding.anchored(format!("{name} {version}")));
        };
        let mut untold = None;
        if self.0.withdrawn {
            match &release.withdrawn {
                Some(Withdrawn::Yes(word)) => tell(
                    &WITHDRAWN,
                    format!("{name} {version} was taken back: {word}"),
                    format!("move to a release of {name} that is offered"),
                ),
                Some(Withdrawn::No) => {}
                None => untold = Some("whether it was taken back"),
            }
        }
        let least = self.0.minimum_age.limit().unwrap_or_default();
        if least > 0 {
            match release
                .released
                .map(|day| i64::from((today - day).get_days()))
            {
                Some(age) if age < least => tell(
                    &YOUNG,
                    format!(
                        "{name} {version} came out {} ago, fewer than {least}",
                        words::count(usize::try_from(age).unwrap_or(0), "day")
                    ),
                    format!("wait, or stay with the release of {name} before it"),
                ),
                Some(_) => {}
                // What was taken back is told already.
                None if matches!(release.withdrawn, Some(Withdrawn::Yes(_))) => {}
                None => untold = Some("when it came out"),
            }
        }
        if let Some(what) = untold {
            evidence.partial(format!(
                "{}: {name} {version}: its registry does not tell {what}",
                file.path
            ));
        }
    }
}
