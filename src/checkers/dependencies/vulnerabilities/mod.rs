//! Owns the checker `vulnerabilities`: what advisories say of the packages in lockfiles. Data that is missing, old or damaged
//! makes the answer unknown, never green. Knows the index through its port only.

pub mod api;
pub mod data;
mod hint;
pub mod ignore;
pub mod judge;
mod options;
pub mod survey;

use std::collections::{BTreeMap, BTreeSet};

use super::detect;
use super::index::build::{self, is_candidate};
use super::inventory::{Ecosystem, Id};
use super::locks::{self, Format};
use super::osv::advisory::{Advisory, Class};
use super::osv::affected::Judged;
use super::tree::Around;
use crate::base::path::RepoPath;
use crate::base::words;
use crate::check::options::Glob;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::{Rule, Severity};
use crate::rule;
use crate::source::tree::FileMeta;

use api::Own;
use hint::Asked;
use ignore::{Ignore, Ignores, Said};
use judge::{Hit, Pin};
pub use options::{Options, Unlocked};
use survey::{At, Lock};

/// What cures missing data.
pub const CURE: &str = "run `qgate advisories update`";

/// No lockfile is larger than this.
const LARGEST: u64 = 256 << 20;

/// A configured check.
#[derive(Debug)]
pub struct Vulnerabilities(Options);

static VULNERABLE: Rule = rule!(
    "vulnerable-dependency",
    High,
    "2026-12",
    ["CWE-1395", "A03:2025"]
);
static MALICIOUS: Rule = rule!(
    "malicious-dependency",
    Critical,
    "2026-12",
    ["CWE-506", "A03:2025"]
);
static UNMAINTAINED: Rule = rule!(
    "unmaintained-dependency",
    Low,
    "2026-12",
    ["CWE-1104", "A03:2025"]
);
static UNSOUND: Rule = rule!("unsound-dependency", Low, "2026-12");
static NOTICE: Rule = rule!("dependency-notice", Info, "2026-12");
static UNDECIDED: Rule = rule!("advisory-undecided", Info, "2026-12");

static IGNORED: Rule = rule!("ignored-advisory", Info, "2026-12");

/// The rule of a hit.
#[must_use]
pub fn rule_of(hit: &Hit) -> &'static Rule {
    if hit.judged == Judged::Unknown {
        return &UNDECIDED;
    }
    match hit.class {
        Class::Vulnerability => &VULNERABLE,
        Class::Malware => &MALICIOUS,
        Class::Unmaintained => &UNMAINTAINED,
        Class::Unsound => &UNSOUND,
        Class::Notice => &NOTICE,
    }
}

/// How bad a hit is, where `unknown` stands for what nobody says.
#[must_use]
pub fn severity_of(hit: &Hit, unknown: Severity) -> Severity {
    let rule = rule_of(hit);
    if rule == &VULNERABLE {
        hit.severity.unwrap_or(unknown)
    } else {
        rule.severity
    }
}

impl Checker for Vulnerabilities {
    const NAME: &'static str = "vulnerabilities";
    const SUMMARY: &'static str =
        "known vulnerabilities and malware in what lockfiles name, by advisories on this machine";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[
        &VULNERABLE,
        &MALICIOUS,
        &UNMAINTAINED,
        &UNSOUND,
        &NOTICE,
        &UNDECIDED,
        &IGNORED,
    ];
    const GUIDE: &'static str = include_str!("guide.md");
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "vulnerabilities",
            &["vulnerable-dependency", "malicious-dependency"],
            "known vulnerabilities and malware in dependencies",
        ),
        Metric::graded(
            "critical_vulnerabilities",
            Severity::Critical,
            "findings of severity critical",
        ),
        Metric::graded(
            "high_vulnerabilities",
            Severity::High,
            "findings of severity high",
        ),
        Metric::graded(
            "medium_vulnerabilities",
            Severity::Medium,
            "findings of severity medium",
        ),
        Metric::counts(
            "malware",
            &["malicious-dependency"],
            "dependencies that do harm on purpose",
        ),
        Metric::counts(
            "unmaintained",
            &["unmaintained-dependency"],
            "dependencies that nobody looks after any more",
        ),
        Metric::counts(
            "unsound",
            &["unsound-dependency"],
            "dependencies that can break the language's promises",
        ),
        Metric::counts(
            "ignored_vulnerabilities",
            &["ignored-advisory"],
            "advisories on dependencies that the options ignore for a while",
        ),
    ];

    type Options = Options;
    type Facts = ();

    fn new(options: Options) -> Result<Self, String> {
        for ignore in &options.ignore {
            ignore.check()?;
        }
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        detect::is_wanted(file) || self.is_record(file)
    }

    fn conclude(&self, files: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let own = self.own_advisories(files, cx, &mut evidence)?;
        let wanted = files.iter().map(|observed| observed.file);
        let survey = detect::survey(wanted.filter(|file| detect::is_wanted(file)));
        let mut locks = Vec::new();
        for (file, format) in &survey.locks {
            match read_lock(file, *format, cx) {
                Ok(lock) => locks.push((*file, lock)),
                Err(why) => evidence.partial(format!("{}: {why}", file.path)),
            }
        }
        if survey.locks.is_empty() {
            let mut nothing = Evidence::not_applicable("no lockfile names a dependency");
            let unlocked = survey.unlocked.iter();
            nothing.notes.extend(unlocked.map(|(_, files)| {
                format!(
                    "{}: no lockfile: what is installed by it is not known",
                    files[0].path
                )
            }));
            return Ok(nothing);
        }
        let asked = hint::asked(&survey, &locks, cx);
        self.judge(&locks, own, &asked, cx, &mut evidence)?;
        Ok(evidence)
    }

    /// A server may keep it waiting.
    fn lane(&self) -> Lane {
        if self.0.api.is_some() {
            Lane::Waits
        } else {
            Lane::Pure
        }
    }

    fn globs(&self) -> Vec<&Glob> {
        self.0.records.iter().collect()
    }
}

fn read_lock(file: &FileMeta, format: Format, cx: &Cx<'_>) -> Result<Lock, String> {
    if file.size > LARGEST {
        return Err("it is too large".to_owned());
    }
    let bytes = cx.tree.read(file).map_err(|problem| problem.why)?;
    let name = String::from_utf8_lossy(file.path.name()).into_owned();
    let inventory = locks::read(format, &name, &bytes, &Around::new(cx.tree, file));
    let inventory = inventory.map_err(|unread| unread.to_string())?;
    let path = String::from_utf8_lossy(file.path.as_bytes()).into_owned();
    Ok(Lock { path, inventory })
}

impl Vulnerabilities {
    fn is_record(&self, file: &FileMeta) -> bool {
        let path = String::from_utf8_lossy(file.path.as_bytes());
        file.is_file()
            && is_candidate(&path)
            && self.0.records.iter().any(|glob| glob.matches(&file.path))
    }

    /// The repository's own advisories.
    fn own_advisories(
        &self,
        files: &[Observed<'_, ()>],
        cx: &Cx<'_>,
        evidence: &mut Evidence,
    ) -> Result<Own, Fault> {
        let mut own = Own::new();
        for Observed { file, .. } in files
            .iter()
            .filter(|observed| self.is_record(observed.file))
        {
            let bytes = cx.tree.read(file).map_err(|problem| {
                Fault::new(
                    FaultKind::Unreadable,
                    problem.to_string(),
                    "look at the file",
                )
            })?;
            match build::record(&String::from_utf8_lossy(file.path.name()), &bytes) {
                Ok(record) if record.withdrawn.is_some() => {}
                Ok(record) => {
                    for (ecosystem, name, advisory) in Advisory::of(&record) {
                        let names = own.entry(ecosystem).or_default();
                        names.entry(name).or_default().push(advisory);
                    }
                }
                Err(why) => evidence.partial(format!("{}: {why}", file.path)),
            }
        }
        Ok(own)
    }

    fn judge(
        &self,
        locks: &[(&FileMeta, Lock)],
        mut own: Own,
        manifests: &BTreeMap<String, Asked>,
        cx: &Cx<'_>,
        evidence: &mut Evidence,
    ) -> Result<(), Fault> {
        let today = cx.ports.surroundings.today();
        let mut wanted: BTreeMap<Ecosystem, BTreeSet<Pin>> = BTreeMap::new();
        let mut asked = 0;
        for (_, lock) in locks {
            for lost in lock.lost() {
                evidence.partial(lost);
            }
            for unlocked in lock.unlocked() {
                match self.0.unlocked {
                    Unlocked::Unknown => evidence.partial(unlocked),
                    Unlocked::Told => evidence.notes.push(unlocked),
                }
            }
            evidence.notes.extend(lock.notes());
            for (ecosystem, pin) in self.pins(lock).into_keys() {
                wanted.entry(ecosystem).or_default().insert(pin);
                asked += 1;
            }
        }
        let supplies = match &self.0.api {
            Some(base) => {
                self.ask(base, &wanted, &mut own, cx, evidence);
                BTreeMap::new()
            }
            None => data::load(
                cx.ports.advisories,
                wanted.keys().copied(),
                today,
                self.0.max_age.limit(),
            ),
        };
        let mut hits: BTreeMap<At, Vec<Hit>> = BTreeMap::new();
        let nothing = BTreeMap::new();
        for (ecosystem, pins) in &wanted {
            let name = ecosystem.name();
            let supply = supplies.get(ecosystem);
            for doubt in supply.iter().flat_map(|supply| &supply.doubts) {
                evidence.partial(format!("advisories for {name}: {doubt}; {CURE}"));
            }
            let own = own.get(ecosystem).unwrap_or(&nothing);
            let index = supply.and_then(|supply| supply.index.as_ref());
            let judged = judge::judge(*ecosystem, pins, index, own);
            let judged = judged.map_err(|flaw| {
                Fault::new(
                    FaultKind::Unreadable,
                    format!("advisories for {name}: {flaw}"),
                    CURE,
                )
            })?;
            for (package, version) in judged.without_order {
                evidence.partial(format!(
                    "{name}: `{version}` of {package} has no place in the order of versions"
                ));
            }
            for hit in judged.hits {
                hits.entry((*ecosystem, hit.pin.clone()))
                    .or_default()
                    .push(hit);
            }
            if let Some(index) = index {
                let manifest = index.manifest();
                evidence.notes.push(format!(
                    "{} of {name} asked of {} advisories of {}",
                    words::count(pins.len(), "package"),
                    manifest.records,
                    manifest
                        .day()
                        .map_or_else(|| "an unknown day".to_owned(), |day| day.to_string()),
                ));
            }
        }
        if self.0.api.is_none() && self.0.max_age.limit().is_none() {
            evidence
                .notes
                .push("`max_age: never`: advisories of any age are believed".to_owned());
        }
        tracing::debug!(asked, hits = hits.len(), "packages asked");
        self.tell(locks, &hits, manifests, today, evidence);
        Ok(())
    }

    /// The pins of a lockfile, and those of Go's own library where its version is told.
    fn pins(&self, lock: &Lock) -> BTreeMap<At, Vec<Id>> {
        let mut pins = lock.pins(self.0.dev);
        if let Some(version) = &self.0.go_version {
            let version = (version != "go.mod").then_some(version.as_str());
            pins.extend(lock.go_pins(version));
        }
        pins
    }

    /// Asks a server what it knows.
    fn ask(
        &self,
        base: &str,
        wanted: &BTreeMap<Ecosystem, BTreeSet<Pin>>,
        own: &mut Own,
        cx: &Cx<'_>,
        evidence: &mut Evidence,
    ) {
        let told = api::ask(cx.ports.http, base, wanted, self.0.timeout.0);
        for missing in told.missing {
            evidence.partial(format!("advisories of {base}: {missing}"));
        }
        let asked: usize = wanted.values().map(BTreeSet::len).sum();
        let asked = words::count(asked, "package");
        let records = words::count(told.records, "advisory");
        evidence
            .notes
            .push(format!("{base} asked about {asked}: {records} told"));
        for (ecosystem, names) in told.own {
            for (name, advisories) in names {
                own.entry(ecosystem)
                    .or_default()
                    .entry(name)
                    .or_default()
                    .extend(advisories);
            }
        }
    }

    fn tell(
        &self,
        locks: &[(&FileMeta, Lock)],
        hits: &BTreeMap<At, Vec<Hit>>,
        manifests: &BTreeMap<String, Asked>,
        today: jiff::civil::Date,
        evidence: &mut Evidence,
    ) {
        let ignores = Ignores::new(&self.0.ignore, today);
        for (file, lock) in locks {
            for (at, ids) in self.pins(lock) {
                for hit in hits.get(&at).map(Vec::as_slice).unwrap_or_default() {
                    let Some(&id) = ids.first() else { continue };
                    let package = &lock.inventory.packages[id];
                    let is_informational = hit.class < Class::Vulnerability;
                    if is_informational
                        && self.0.informational_direct_only
                        && package.direct == Some(false)
                    {
                        continue;
                    }
                    let asked = manifests
                        .get(&lock.path)
                        .and_then(|asked| asked.get(&hit.pin.0));
                    let mut finding =
                        self.finding(file, lock, id, hit, asked.map_or(&[], Vec::as_slice));
                    match ignores.say(hit, &package.name, &lock.path) {
                        Said::Nothing => {}
                        Said::Over(why) => finding.help = format!("{}; {why}", finding.help),
                        Said::Holds(ignore) => {
                            let what = format!("{} in {} {}", hit.id, package.name, hit.pin.1);
                            evidence
                                .waivers
                                .push(ignore.waiver(what, finding.place.clone()));
                            finding = ignored(&finding, ignore);
                        }
                    }
                    evidence.findings.push(finding);
                }
            }
        }
        for ignore in ignores.unused() {
            evidence.notes.push(format!(
                "the ignore of {} names nothing: take it away",
                ignore.id
            ));
        }
    }

    fn finding(
        &self,
        file: &FileMeta,
        lock: &Lock,
        id: Id,
        hit: &Hit,
        asked: &[(String, String)],
    ) -> Finding {
        let package = &lock.inventory.packages[id];
        let rule = rule_of(hit);
        let path = lock.inventory.files.get(package.file).map(String::as_str);
        let path = match path {
            Some(name) if package.file > 0 => {
                let folder = lock.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                super::tree::joined(folder, name).and_then(RepoPath::new)
            }
            _ => None,
        };
        let path = path.unwrap_or_else(|| file.path.clone());
        let first = hit.advisories.first().map_or("", String::as_str);
        Finding::new(
            rule,
            Place::Part(path, package.span),
            headline(hit, &package.name),
            help(hit, &lock.way(id), package.ecosystem, asked),
        )
        .graded(severity_of(hit, self.0.unknown_severity))
        .anchored(format!("{} {first}", package.name))
    }
}

/// What is left of a finding that does not count for a while.
fn ignored(finding: &Finding, ignore: &Ignore) -> Finding {
    let until = match &ignore.until {
        Some(until) => format!("until {until}"),
        None => "until a fix is out".to_owned(),
    };
    let owner = ignore.owner.as_ref();
    let owner = owner.map_or_else(String::new, |owner| format!(" by {owner}"));
    let headline = format!("ignored {until}{owner}: {}", finding.headline);
    let help = format!("{}; it is ignored because: {}", finding.help, ignore.reason);
    Finding::new(&IGNORED, finding.place.clone(), headline, help).anchored(finding.anchor.clone())
}

/// What is wrong, in one line.
fn headline(hit: &Hit, name: &str) -> String {
    let version = &hit.pin.1;
    let id = &hit.id;
    let said = match (hit.judged, hit.class) {
        (Judged::Unknown, _) => {
            format!("{name} {version} may be what {id} is about: its versions cannot be told")
        }
        (_, Class::Malware) => format!("{name} {version} is malware by {id}"),
        (_, Class::Unmaintained) => format!("{name} {version} is not maintained any more, by {id}"),
        (_, Class::Unsound) => format!("{name} {version} is unsound by {id}"),
        (_, Class::Notice) => format!("{name} {version} has a notice, {id}"),
        (_, Class::Vulnerability) => format!("{name} {version} is vulnerable by {id}"),
    };
    let mut more = String::new();
    if !hit.summary.is_empty() {
        more.push_str(": ");
        more.push_str(&hit.summary);
    }
    if hit.class == Class::Vulnerability && hit.severity.is_none() {
        more.push_str(" (nobody says how severe it is)");
    }
    if hit.judged == Judged::Listed {
        more.push_str(" (the version is listed, though no range holds it)");
    }
    said + &more
}

/// What to do about it.
fn help(hit: &Hit, way: &[&str], ecosystem: Ecosystem, asked: &[(String, String)]) -> String {
    let name = way.last().copied().unwrap_or_default();
    let mut help = match (hit.judged, hit.class, &hit.fixed) {
        (Judged::Unknown, ..) => format!("read the advisory {}", hit.id),
        (_, Class::Malware, _) => {
            format!("take {name} out, and treat every machine that installed it as taken over")
        }
        (_, _, Some(fixed)) => {
            let allowed = hint::hint(ecosystem, asked, fixed);
            match hit.clean.as_ref().filter(|clean| *clean != fixed) {
                Some(clean) => format!(
                    "raise {name} to {fixed}{allowed}, or to {clean}{} for all that is known of it",
                    hint::hint(ecosystem, asked, clean)
                ),
                None => format!("raise {name} to {fixed}{allowed}"),
            }
        }
        (_, Class::Unmaintained | Class::Notice, None) => {
            format!("read {} and look for another package", hit.id)
        }
        (_, _, None) => format!(
            "no fixed version is known: replace {name}, or read {} for a way around it",
            hit.id
        ),
    };
    if let Some(condition) = &hit.condition {
        help.push_str(&format!("; it matters {condition}"));
    }
    if let [_, .., _] = way {
        help.push_str(&format!(
            "; it is here through {}",
            way[..way.len() - 1].join(" > ")
        ));
    }
    help
}
