//! Owns the checker `dependency-policy`: where dependencies come from, whether they are pinned, and what must not be there. All
//! from files of the repository; no registry is asked.

mod content;
mod hit;
mod names;
mod options;
mod source;
mod sync;

use std::collections::BTreeMap;

use super::detect::{self, Survey};
use super::inventory::RemarkKind;
use super::locks::text::Text;
use super::locks::{self, Format};
use super::manifest::{Asked, Manifest};
use super::tree::Around;
use crate::base::words;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::{Completeness, Evidence};
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::{Rule, Severity};
use crate::rule;
use crate::source::tree::FileMeta;

use hit::{Hit, Lock};
pub use options::{Ban, Options, Own};

/// No lockfile is larger than this.
const LARGEST: u64 = 256 << 20;

/// A configured check.
#[derive(Debug)]
pub struct DependencyPolicy(Options);

static BANNED: Rule = rule!("banned-dependency", High, "2026-12");
static CONFUSABLE: Rule = rule!("confusable-package-name", Info, "2026-12", ["CWE-1007"]);
static CONFUSED: Rule = rule!("confused-package-source", High, "2026-12", ["CWE-427"]);
static DEPRECATED: Rule = rule!("deprecated-dependency", Low, "2026-12", ["CWE-1104"]);
static DUPLICATE: Rule = rule!("duplicate-dependency", Info, "2026-12");
static EXTRA_INDEX: Rule = rule!("extra-package-index", Medium, "2026-12", ["CWE-427"]);
static GIT_SOURCE: Rule = rule!("git-dependency", Medium, "2026-12", ["CWE-829"]);
static INSECURE_SOURCE: Rule = rule!("insecure-package-source", High, "2026-12", ["CWE-319"]);
static INSTALL_SCRIPT: Rule = rule!("install-script", Info, "2026-12", ["CWE-829"]);
static MISMATCHED_SOURCE: Rule = rule!("mismatched-package-source", High, "2026-12", ["CWE-345"]);
static MISSING_DIGEST: Rule = rule!("missing-package-digest", Medium, "2026-12", ["CWE-353"]);
static SEVERAL_LOCKFILES: Rule = rule!("several-lockfiles", Medium, "2026-12");
static STALE_LOCKFILE: Rule = rule!("stale-lockfile", Medium, "2026-12");
static UNLISTED_SOURCE: Rule = rule!("unlisted-package-host", High, "2026-12", ["CWE-829"]);
static UNLOCKED: Rule = rule!("missing-lockfile", Low, "2026-12", ["CWE-1357"]);
static UNPINNED: Rule = rule!("unpinned-dependency", Low, "2026-12", ["CWE-1357"]);
static URL_SOURCE: Rule = rule!("url-dependency", Medium, "2026-12", ["CWE-829"]);
static WEAK_DIGEST: Rule = rule!("weak-package-digest", Low, "2026-12", ["CWE-328"]);

impl Checker for DependencyPolicy {
    const NAME: &'static str = "dependency-policy";
    const SUMMARY: &'static str = "where dependencies come from, whether they are locked and proven by digests, and what is banned";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[
        &BANNED,
        &CONFUSABLE,
        &CONFUSED,
        &DEPRECATED,
        &DUPLICATE,
        &EXTRA_INDEX,
        &GIT_SOURCE,
        &INSECURE_SOURCE,
        &INSTALL_SCRIPT,
        &MISMATCHED_SOURCE,
        &UNLOCKED,
        &MISSING_DIGEST,
        &SEVERAL_LOCKFILES,
        &STALE_LOCKFILE,
        &UNLISTED_SOURCE,
        &UNPINNED,
        &URL_SOURCE,
        &WEAK_DIGEST,
    ];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "duplicate_dependencies",
            &["duplicate-dependency"],
            "packages in several versions, where the option `duplicates` counts them",
        ),
        Metric::counts(
            "suspicious_sources",
            &[
                "insecure-package-source",
                "mismatched-package-source",
                "unlisted-package-host",
                "confused-package-source",
                "extra-package-index",
            ],
            "packages from places that they should not come from",
        ),
        Metric::counts(
            "banned_dependencies",
            &["banned-dependency"],
            "packages that are banned",
        ),
        Metric::counts(
            "unlocked_manifests",
            &["missing-lockfile"],
            "manifests without a lockfile",
        ),
        Metric::counts(
            "stale_lockfile_entries",
            &["stale-lockfile"],
            "parts of manifests that their lockfile does not fit",
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
        detect::is_wanted(file) && (self.0.tests || !file.class.test)
    }

    fn conclude(&self, files: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let survey = detect::survey(files.iter().map(|observed| observed.file));
        let mut evidence = Evidence::default();
        let mut seen = 0;
        for &(file, format) in &survey.locks {
            seen += 1;
            if let Err(why) = self.lock(file, format, &survey, cx, &mut evidence) {
                evidence.partial(format!("{}: {why}", file.path));
            }
        }
        for (manifest, files) in &survey.unlocked {
            seen += usize::from(unlocked(*manifest, files, cx, &mut evidence));
        }
        for lockfiles in &survey.doubled {
            evidence.findings.push(doubled(lockfiles));
        }
        if seen == 0 && evidence.completeness == Completeness::Complete {
            return Ok(Evidence::not_applicable(
                "no lockfile and no manifest names a dependency",
            ));
        }
        // A file that several others include is read with each of them.
        let mut once = std::collections::BTreeSet::new();
        evidence.findings.retain(|finding| {
            once.insert((
                finding.rule.clone(),
                finding.place.clone(),
                finding.headline.clone(),
            ))
        });
        Ok(evidence)
    }
}

impl DependencyPolicy {
    fn lock(
        &self,
        file: &FileMeta,
        format: Format,
        survey: &Survey<'_>,
        cx: &Cx<'_>,
        evidence: &mut Evidence,
    ) -> Result<(), String> {
        let bytes = read(file, cx)?;
        let around = Around::new(cx.tree, file);
        let name = String::from_utf8_lossy(file.path.name());
        let inventory =
            locks::read(format, &name, &bytes, &around).map_err(|why| match why.at {
                Some(at) => format!("{why} (line {})", at.line),
                None => why.to_string(),
            })?;
        let lost: Vec<_> = inventory
            .remarks
            .iter()
            .filter(|remark| remark.kind == RemarkKind::Lost)
            .collect();
        if let Some(first) = lost.first() {
            let more = match lost.len() {
                1 => String::new(),
                n => format!(", and {} more", n - 1),
            };
            evidence.partial(format!(
                "{}:{}: {}{more}",
                file.path, first.span.start.line, first.text
            ));
        }
        let lock = Lock::new(&file.path, inventory);
        let mut hits: Vec<Hit> = Vec::new();
        source::look(&lock, format, &self.0, &mut hits);
        content::look(&lock, format, &self.0, &mut hits);
        names::look(&lock, &self.0, &mut hits);
        evidence.findings.extend(lock.findings(hits));
        evidence.findings.extend(source::remarks(&lock));
        stale(file, format, &lock, &bytes, survey, cx, evidence);
        Ok(())
    }
}

fn read(file: &FileMeta, cx: &Cx<'_>) -> Result<Vec<u8>, String> {
    if file.size > LARGEST {
        return Err("it is too large".to_owned());
    }
    cx.tree.read(file).map_err(|problem| problem.why)
}

/// What a manifest asks for.
fn ask(file: &FileMeta, manifest: Manifest, cx: &Cx<'_>) -> Result<Vec<Asked>, String> {
    let bytes = read(file, cx)?;
    let text = Text::new(&bytes).ok_or("it is not text in UTF-8")?;
    manifest.asked(&text).map_err(|why| why.to_string())
}

/// The manifest beside a lockfile, where the two do not fit.
fn stale(
    file: &FileMeta,
    format: Format,
    lock: &Lock<'_>,
    bytes: &[u8],
    survey: &Survey<'_>,
    cx: &Cx<'_>,
    evidence: &mut Evidence,
) {
    let beside = survey.locked.iter().filter(|(other, manifest)| {
        manifest.is_locked_by(format)
            && detect::folder_of(&other.path) == detect::folder_of(&file.path)
    });
    for &(other, manifest) in beside {
        let Ok(asked) = ask(other, manifest, cx) else {
            continue;
        };
        let Some(text) = Text::new(bytes) else {
            continue;
        };
        let drifts = sync::drifts(manifest, asked, format, &lock.inventory, &text);
        for drift in drifts.into_iter().flatten() {
            let one = drift.asked;
            let range = one.range.filter(|range| !range.is_empty());
            let range = range.map(|range| format!(" {range}")).unwrap_or_default();
            let headline = match drift.instead {
                None => format!(
                    "{}{range} is asked for here and not in {}",
                    one.name, file.path
                ),
                Some(instead) => format!(
                    "{}{range} is asked for here, {instead} in {}",
                    one.name, file.path
                ),
            };
            let place = Place::Part(other.path.clone(), one.span);
            let help = "write the lockfile anew, and commit it with the manifest";
            let finding = Finding::new(&STALE_LOCKFILE, place, headline, help);
            evidence.findings.push(finding.anchored(one.name));
        }
    }
}

/// Manifests without a lockfile, if they ask for anything.
fn unlocked(manifest: Manifest, files: &[&FileMeta], cx: &Cx<'_>, evidence: &mut Evidence) -> bool {
    let mut place = None;
    let mut count = 0;
    for file in files {
        match ask(file, manifest, cx) {
            Ok(asked) => {
                count += asked.len();
                let first = asked.first().filter(|_| file.path == files[0].path);
                place = place.or(first.map(|one| Place::Part(file.path.clone(), one.span)));
            }
            Err(why) => evidence.partial(format!("{}: {why}", file.path)),
        }
    }
    if count == 0 {
        return false;
    }
    let below = match files.len() - 1 {
        0 => String::new(),
        n => format!(" and {} below", words::count(n, "other")),
    };
    let headline = format!(
        "no lockfile holds for it{below}: {} may change from one build to the next",
        words::count(count, "dependency")
    );
    let place = place.unwrap_or_else(|| Place::File(files[0].path.clone()));
    let finding = Finding::new(&UNLOCKED, place, headline, manifest.cure());
    // These tools write a lockfile only when they are told to.
    let by_option = matches!(manifest, Manifest::Gradle | Manifest::MsBuild);
    let severity = if by_option {
        Severity::Info
    } else {
        UNLOCKED.severity
    };
    evidence
        .findings
        .push(finding.anchored("missing-lockfile").graded(severity));
    true
}

fn doubled(lockfiles: &[&FileMeta]) -> Finding {
    let names: BTreeMap<String, &FileMeta> = lockfiles
        .iter()
        .map(|file| {
            (
                String::from_utf8_lossy(file.path.name()).into_owned(),
                *file,
            )
        })
        .collect();
    let all: Vec<&str> = names.keys().map(String::as_str).collect();
    let headline = format!(
        "lockfiles of several tools lie side by side: {}",
        all.join(", ")
    );
    let help = "keep the one of the tool that you use: the others grow old, and nobody knows which one was installed";
    let place = Place::File(lockfiles[0].path.clone());
    Finding::new(&SEVERAL_LOCKFILES, place, headline, help).anchored(all.join(" "))
}
