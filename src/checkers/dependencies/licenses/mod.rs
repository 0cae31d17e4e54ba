//! Owns the checker `licenses`: whether the licences of dependencies are allowed. What nobody tells is unknown, and on a closed
//! list that is a finding.

pub mod expression;
pub mod found;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::detect;
use super::inventory::{Ecosystem, Inventory, Package, RemarkKind};
use super::locks;
use super::tree::Around;
use crate::base::digest::Digest;
use crate::base::path::RepoPath;
use crate::base::words;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::{Completeness, Evidence};
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::place::Place;
use crate::model::quantity::Dimension;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::tree::FileMeta;

use expression::{Judged, Policy};
use found::{InRun, Packages};

/// No lockfile is larger than this.
const LARGEST: u64 = 256 << 20;

/// More packages than this are told in one note.
const MOST: usize = 10;

/// The options of the check.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The licences that are allowed, by their SPDX ids, such as `MIT` or `Apache-2.0 WITH LLVM-exception`; all when it is empty.
    pub allow: Vec<String>,
    /// The licences that are denied, even where they are allowed.
    pub deny: Vec<String>,
    /// Packages that may have further licences.
    pub exceptions: Vec<Exception>,
    /// Licences of packages that tell none, or a wrong one.
    pub clarify: Vec<Clarify>,
    /// Are packages for developers judged too?
    pub dev: bool,
    /// Are lockfiles in folders of tests and examples judged too?
    pub tests: bool,
}

/// A package that may have further licences.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Its name.
    pub name: String,
    /// The licences that are allowed for it besides the others.
    pub allow: Vec<String>,
    /// Why.
    pub reason: String,
}

/// What a package's licence is.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clarify {
    /// The package's name.
    pub name: String,
    /// The version that is meant; every one when it is not told.
    #[serde(default)]
    pub version: Option<String>,
    /// The licence, as an SPDX expression.
    pub expression: String,
    /// Why this is so.
    pub reason: String,
    /// A file of the repository with the licence's text. When its digest is another one, the clarification no longer holds.
    #[serde(default)]
    pub file: Option<String>,
    /// The BLAKE3 digest of that file, or at least its first 16 digits.
    #[serde(default)]
    pub digest: Option<String>,
}

/// A configured check.
#[derive(Debug)]
pub struct Licenses {
    options: Options,
    policy: Policy,
    /// For each package with an exception, what is allowed for it.
    exceptions: BTreeMap<String, Policy>,
}

static DENIED: Rule = rule!("denied-license", High, "2026-12");
static UNLISTED: Rule = rule!("unlisted-license", High, "2026-12");
static UNKNOWN: Rule = rule!("unknown-license", Medium, "2026-12");

impl Checker for Licenses {
    const NAME: &'static str = "licenses";
    const SUMMARY: &'static str =
        "whether the licences of dependencies are allowed, by lockfiles and files of packages";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&DENIED, &UNLISTED, &UNKNOWN];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "license_violations",
            &["denied-license", "unlisted-license"],
            "packages with a licence that is denied or not on the list",
        ),
        Metric::counts(
            "unknown_licenses",
            &["unknown-license"],
            "packages of which nobody tells a licence, where there is a list",
        ),
        Metric::measured(
            "known_licenses",
            Dimension::Share,
            Better::Higher,
            "packages of which a licence is known",
        ),
    ];

    type Options = Options;
    type Facts = ();

    fn new(options: Options) -> Result<Self, String> {
        let policy = Policy::new(&options.allow, &options.deny)?;
        let mut exceptions = BTreeMap::new();
        for exception in &options.exceptions {
            let further: Vec<String> = options
                .allow
                .iter()
                .chain(&exception.allow)
                .cloned()
                .collect();
            exceptions.insert(exception.name.clone(), Policy::new(&further, &[])?);
        }
        for clarify in &options.clarify {
            if expression::parse(&clarify.expression).is_none() {
                return Err(format!("`{}` is no licence of SPDX", clarify.expression));
            }
            if clarify.file.is_some() != clarify.digest.is_some() {
                return Err(format!(
                    "`{}`: `file` and `digest` go together",
                    clarify.name
                ));
            }
        }
        Ok(Self {
            options,
            policy,
            exceptions,
        })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn wants(&self, file: &FileMeta) -> bool {
        detect::is_wanted(file)
            && detect::format_of(&file.path).is_some()
            && (self.options.tests || !file.class.test)
    }

    /// Packages are installed by commands.
    fn lane(&self) -> Lane {
        Lane::Artifacts
    }

    fn conclude(&self, files: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let survey = detect::survey(files.iter().map(|observed| observed.file));
        let mut evidence = Evidence::default();
        let mut count = Count::default();
        for (file, format) in survey.locks {
            match self.lock(file, format, cx, &mut count, &mut evidence) {
                Ok(()) => {}
                Err(why) => evidence.partial(format!("{}: {why}", file.path)),
            }
        }
        if count.all == 0 && evidence.completeness == Completeness::Complete {
            return Ok(Evidence::not_applicable("no lockfile names a dependency"));
        }
        if let Some(share) = Value::ratio(count.known, count.all) {
            evidence.measure("known_licenses", share);
        }
        if !self.policy.is_closed() && !count.unknown.is_empty() {
            let names: Vec<&str> = count
                .unknown
                .iter()
                .take(MOST)
                .map(String::as_str)
                .collect();
            let more = if count.unknown.len() > MOST {
                " and others"
            } else {
                ""
            };
            evidence.notes.push(format!(
                "{} of which nobody tells a licence: {}{more}",
                words::count(count.unknown.len(), "package"),
                names.join(", ")
            ));
        }
        Ok(evidence)
    }
}

/// How many packages were looked at.
#[derive(Default)]
struct Count {
    all: u64,
    known: u64,
    unknown: BTreeSet<String>,
}

impl Licenses {
    fn lock(
        &self,
        file: &FileMeta,
        format: locks::Format,
        cx: &Cx<'_>,
        count: &mut Count,
        evidence: &mut Evidence,
    ) -> Result<(), String> {
        if file.size > LARGEST {
            return Err("it is too large".to_owned());
        }
        let bytes = cx.tree.read(file).map_err(|problem| problem.why)?;
        let name = String::from_utf8_lossy(file.path.name());
        let around = Around::new(cx.tree, file);
        let inventory =
            locks::read(format, &name, &bytes, &around).map_err(|why| why.to_string())?;
        for remark in inventory
            .remarks
            .iter()
            .filter(|remark| remark.kind == RemarkKind::Lost)
        {
            evidence.partial(format!(
                "{}:{}: {}",
                file.path, remark.span.start.line, remark.text
            ));
        }
        let beside = InRun::new(file, cx);
        let packages = Packages(&beside);
        let ways = inventory.ways();
        let mut seen: BTreeSet<(Ecosystem, &str, Option<&str>)> = BTreeSet::new();
        for (id, package) in inventory.foreign() {
            let judged = self.options.dev || package.dev != Some(true);
            let platform = package.source.kind == super::inventory::SourceKind::Platform;
            let mut new =
                || seen.insert((package.ecosystem, &package.name, package.version.as_deref()));
            if !judged || platform || !new() {
                continue;
            }
            count.all += 1;
            let way = words_of(&inventory, &ways.to(id));
            let told = self.told(package, &packages, cx);
            let finding = self.judge(package, told, &way, file, count);
            evidence.findings.extend(finding);
        }
        Ok(())
    }

    /// The licence that the options tell, or the package.
    fn told(&self, package: &Package, packages: &Packages<'_>, cx: &Cx<'_>) -> Option<String> {
        let clarified = self.options.clarify.iter().find(|one| {
            let version = one.version.as_ref();
            one.name == package.name
                && version.is_none_or(|version| Some(version) == package.version.as_ref())
        });
        match clarified {
            Some(one) if holds(one, cx) => Some(one.expression.clone()),
            _ => packages.licence(package),
        }
    }

    fn judge(
        &self,
        package: &Package,
        told: Option<String>,
        way: &str,
        file: &FileMeta,
        count: &mut Count,
    ) -> Option<Finding> {
        let version = package.version.as_deref().unwrap_or_default();
        let named = format!("{} {version}", package.name).trim_end().to_owned();
        let parsed = told.as_deref().and_then(expression::parse);
        count.known += u64::from(parsed.is_some());
        let policy = self.exceptions.get(&package.name).unwrap_or(&self.policy);
        let finding = |rule: &'static Rule, headline: String, help: String| {
            let place = Place::Part(file.path.clone(), package.span);
            Some(Finding::new(rule, place, headline, help).anchored(named.clone()))
        };
        let Some(parsed) = parsed else {
            count.unknown.insert(named.clone());
            if !policy.is_closed() {
                return None;
            }
            let headline = match told {
                None => format!("{named}: nobody tells its licence"),
                Some(told) => format!("{named}: its licence is no SPDX expression: {told}"),
            };
            let help = "look it up, and tell it with the option `clarify`; where packages are installed or vendored, their own files are read";
            return finding(&UNKNOWN, headline, help.to_owned());
        };
        let told = told.unwrap_or_default();
        match policy.judge(&parsed) {
            Judged::Allowed => None,
            Judged::Denied => {
                let help = format!("replace it; it is needed by {way}");
                finding(
                    &DENIED,
                    format!("{named} has a licence that is denied: {told}"),
                    help,
                )
            }
            Judged::Unlisted => {
                let help = format!(
                    "allow the licence, for all or with the option `exceptions`, or replace the package; it is needed by {way}"
                );
                finding(
                    &UNLISTED,
                    format!("{named} has a licence that is not on the list: {told}"),
                    help,
                )
            }
        }
    }
}

/// Is the text that a clarification stands on still the same?
fn holds(clarify: &Clarify, cx: &Cx<'_>) -> bool {
    let (Some(file), Some(digest)) = (&clarify.file, &clarify.digest) else {
        return true;
    };
    let path = RepoPath::new(file.as_bytes());
    let meta = path.and_then(|path| cx.tree.find(&path));
    let bytes = meta.and_then(|meta| cx.tree.read(meta).ok());
    let found = bytes.map(|bytes| Digest::of(&bytes).to_string());
    found.is_some_and(|found| digest.len() >= 16 && found.starts_with(digest.as_str()))
}

fn words_of(inventory: &Inventory, way: &[usize]) -> String {
    let names = way.iter().map(|&id| inventory.packages[id].name.as_str());
    names.collect::<Vec<_>>().join(" > ")
}
