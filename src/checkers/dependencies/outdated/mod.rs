//! Owns the checker `outdated`: how far what is installed is behind the newest versions that registries have. They are asked only
//! where an option says so; else a file tells them. Where neither does, nobody knows.

pub mod ask;
pub mod latest;
mod options;
pub mod registry;
pub mod step;

use std::collections::{BTreeMap, BTreeSet};

use super::detect;
use super::inventory::{Ecosystem, Id, Package};
use super::locks::{self as formats, Format};
use super::tree::Around;
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

use latest::Latest;
pub use options::{Options, Tolerate};
use step::Step;

/// No lockfile is larger than this.
const LARGEST: u64 = 256 << 20;

/// A configured check.
#[derive(Debug)]
pub struct Outdated(Options);

static MAJOR: Rule = rule!("outdated-major-version", Low, "2026-12", ["CWE-1104"]);
static OUTDATED: Rule = rule!("outdated-dependency", Info, "2026-12", ["CWE-1104"]);

impl Checker for Outdated {
    const NAME: &'static str = "outdated";
    const SUMMARY: &'static str = "how far dependencies are behind their newest versions, by a file or by registries that are asked";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&OUTDATED, &MAJOR];
    const GUIDE: &'static str = include_str!("guide.md");
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "outdated",
            &["outdated-dependency", "outdated-major-version"],
            "dependencies that are further behind than is tolerated",
        ),
        Metric::counts(
            "outdated_major",
            &["outdated-major-version"],
            "dependencies that are a major version or more behind",
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

    /// A command may bring the file with the newest versions.
    fn lane(&self) -> Lane {
        Lane::Artifacts
    }

    fn conclude(&self, files: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let locks = locks(files, cx, &mut evidence);
        let wanted = self.wanted(&locks);
        if wanted.is_empty() && evidence.completeness == Completeness::Complete {
            return Ok(Evidence::not_applicable(
                "no lockfile names a dependency that is asked for",
            ));
        }
        let latest = self.latest(&wanted, cx, &mut evidence);
        self.tell(&locks, &latest, &mut evidence);
        Ok(evidence)
    }
}

/// The registries that are not the public ones, by the names of their ecosystems.
pub(super) fn bases(registries: &BTreeMap<String, String>) -> BTreeMap<Ecosystem, String> {
    let known = |(name, base): (&String, &String)| Some((Ecosystem::of_name(name)?, base.clone()));
    registries.iter().filter_map(known).collect()
}

/// What the lockfiles among these files name; what cannot be read makes the check partial.
pub(super) fn locks<'f>(
    files: &[Observed<'f, ()>],
    cx: &Cx<'_>,
    evidence: &mut Evidence,
) -> Vec<(&'f FileMeta, Lock)> {
    let survey = detect::survey(files.iter().map(|observed| observed.file));
    let mut locks = Vec::new();
    for (file, format) in survey.locks {
        match read(file, format, cx) {
            Ok(lock) => {
                for lost in lock.lost() {
                    evidence.partial(lost);
                }
                locks.push((file, lock));
            }
            Err(why) => evidence.partial(format!("{}: {why}", file.path)),
        }
    }
    locks
}

fn read(file: &FileMeta, format: Format, cx: &Cx<'_>) -> Result<Lock, String> {
    if file.size > LARGEST {
        return Err("it is too large".to_owned());
    }
    let bytes = cx.tree.read(file).map_err(|problem| problem.why)?;
    let name = String::from_utf8_lossy(file.path.name()).into_owned();
    let inventory = formats::read(format, &name, &bytes, &Around::new(cx.tree, file));
    let inventory = inventory.map_err(|unread| unread.to_string())?;
    let path = String::from_utf8_lossy(file.path.as_bytes()).into_owned();
    Ok(Lock { path, inventory })
}

/// The packages of lockfiles by ecosystem and normal name.
pub type Names = BTreeMap<Ecosystem, BTreeSet<String>>;

impl Outdated {
    fn wanted(&self, locks: &[(&FileMeta, Lock)]) -> Names {
        let mut wanted = Names::new();
        for (_, lock) in locks {
            for (_, package) in self.judged(lock) {
                wanted
                    .entry(package.ecosystem)
                    .or_default()
                    .insert(package.normal_name());
            }
        }
        wanted
    }

    /// The packages of a lockfile that are judged.
    fn judged<'l>(&'l self, lock: &'l Lock) -> impl Iterator<Item = (Id, &'l Package)> {
        lock.inventory
            .foreign()
            .filter(|(_, package)| self.0.judges(package))
    }

    /// What is known of newest versions; what is not makes the check partial.
    fn latest(&self, wanted: &Names, cx: &Cx<'_>, evidence: &mut Evidence) -> Latest {
        let today = cx.ports.surroundings.today();
        let mut latest = Latest::new(today);
        if let Some(path) = &self.0.versions {
            match Latest::of_file(path, self.0.max_age, cx) {
                Ok(file) => {
                    evidence
                        .notes
                        .push(format!("newest versions of {} by {path}", file.as_of));
                    latest.latest = file.latest;
                }
                Err(why) => evidence.partial(format!("{path}: {why}")),
            }
        }
        let lacks = latest.lacks(wanted);
        let count: usize = lacks.values().map(BTreeSet::len).sum();
        if count == 0 {
            return latest;
        }
        if !self.0.online {
            let what = words::count(count, "package");
            evidence.partial(format!(
                "nobody tells the newest versions of {what}: name a file in `versions`, or let the registries be asked with `online: true`"
            ));
            return latest;
        }
        let missing = ask::ask(
            cx.ports.http,
            &lacks,
            &bases(&self.0.registries),
            self.0.timeout.0,
            &mut latest,
        );
        for line in missing.lines("no newest version of") {
            evidence.partial(line);
        }
        let asked = words::count(count, "package");
        evidence.notes.push(format!(
            "registries asked for the newest versions of {asked}"
        ));
        latest
    }

    fn tell(&self, locks: &[(&FileMeta, Lock)], latest: &Latest, evidence: &mut Evidence) {
        for (file, lock) in locks {
            let mut told = BTreeSet::new();
            for (_, package) in self.judged(lock) {
                let name = package.normal_name();
                let (Some(have), Some(newest)) = (
                    package.version.as_deref(),
                    latest.of(package.ecosystem, &name),
                ) else {
                    continue;
                };
                if !told.insert((package.ecosystem, name, have)) {
                    continue;
                }
                match step::behind(package.ecosystem, have, newest) {
                    Err(why) => evidence.partial(format!("{}: {}: {why}", lock.path, package.name)),
                    Ok(Some(step)) if !self.0.tolerate.holds(step) => {
                        evidence
                            .findings
                            .push(finding(file, package, have, newest, step));
                    }
                    Ok(_) => {}
                }
            }
        }
    }
}

fn finding(file: &FileMeta, package: &Package, have: &str, newest: &str, step: Step) -> Finding {
    let rule = if step == Step::Major {
        &MAJOR
    } else {
        &OUTDATED
    };
    let name = &package.name;
    let headline = format!("{name} {have} is a {} version behind {newest}", step.name());
    let help = match step {
        Step::Major => format!("read what changed in {name}, and raise it to {newest}"),
        _ => format!("raise {name} to {newest}"),
    };
    Finding::new(
        rule,
        Place::Part(file.path.clone(), package.span),
        headline,
        help,
    )
    .anchored(format!("{name} {have}"))
}
