//! Owns the gathering of a run's reports: found, read, matched with the tree; and what makes them no proof: flaws, age, another
//! commit, lines that no file has.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::base::words::count;
use crate::check::Cx;
use crate::check::ports::Artifact;
use crate::model::fault::{Fault, FaultKind};
use crate::source::tree::Identity;

use super::facts::Facts;
use super::model::Totals;
use super::options::Options;
use super::paths::{Files, Found};
use super::read::{self, Format, LARGEST, Report};
use super::run::{self, Before};
use super::set::Union;

/// What was gathered.
#[derive(Default)]
pub struct Gathered {
    /// The union of the reports.
    pub coverage: Union,
    /// What makes them prove less than all.
    pub partial: Vec<String>,
    /// What else is worth saying.
    pub notes: Vec<String>,
}

/// Gathers the reports; `None` when none was named and none is at a usual place.
///
/// # Errors
/// When the command fails, a report is missing, stale or unusable, or all of them tell of nothing here.
pub fn gather(
    options: &Options,
    facts: &BTreeMap<&RepoPath, Facts>,
    cx: &Cx<'_>,
) -> Result<Option<Gathered>, Fault> {
    let before = options
        .runs()
        .then(|| Before::note(options, cx))
        .transpose()?;
    if before.is_some() {
        run::run(options, cx)?;
    }
    let Some(found) = find(options, before.as_ref(), cx)? else {
        return Ok(None);
    };
    let root = cx.ports.surroundings.root();
    let files = Files::new(cx.tree, &root.to_string_lossy(), &options.strip);
    let mut gathered = Gathered::default();
    let mut totals = Totals::default();
    for artifact in &found {
        let mut bytes = cx.ports.artifacts.open(&artifact.path, LARGEST)?;
        let report = read::read(&mut bytes, LARGEST).map_err(|why| {
            let what = format!("the report {} cannot be used: {why}", artifact.path);
            let cure = "see that the tool wrote all of it, in a format that is known";
            Fault::new(FaultKind::Unparsable, what, cure)
        })?;
        for file in report.files.values() {
            totals.add(&file.totals());
        }
        gathered.take(
            report,
            artifact,
            &files,
            before.is_some(),
            options,
            facts,
            cx,
        );
    }
    if totals == Totals::default() {
        return Err(Fault::new(
            FaultKind::Unparsable,
            format!(
                "{} of nothing that can run",
                plural(&found, "tells", "tell")
            ),
            "see that the tests were run, and what the tool was told to measure",
        ));
    }
    let matching = &gathered.coverage.matching;
    if matching.matched == 0 {
        let first = matching
            .unmatched
            .first
            .first()
            .or(matching.ambiguous.first.first());
        let first = first.map_or_else(String::new, |first| format!(" (first {first})"));
        return Err(Fault::new(
            FaultKind::Unparsable,
            format!(
                "no path of {} is a file of this repository{first}",
                plural(&found, "", "")
            ),
            "name with `strip` what the paths start with on the machine that wrote them",
        ));
    }
    gathered
        .notes
        .insert(0, format!("paths: {}", matching.told()));
    if matching.ambiguous.count > 0 {
        let told = count(matching.ambiguous.count, "path");
        let first = matching.ambiguous.first.first().map_or("", String::as_str);
        let why = format!("{told} of the reports may be one of several files (first {first})");
        gathered.partial.push(why);
    }
    Ok(Some(gathered))
}

fn plural(found: &[Artifact], one: &str, many: &str) -> String {
    match found {
        [only] => format!("the report {} {one}", only.path)
            .trim_end()
            .to_owned(),
        all => format!("the {} reports {many}", all.len())
            .trim_end()
            .to_owned(),
    }
}

fn find(
    options: &Options,
    before: Option<&Before>,
    cx: &Cx<'_>,
) -> Result<Option<Vec<Artifact>>, Fault> {
    let mut all: BTreeMap<RepoPath, Artifact> = BTreeMap::new();
    for place in options.places() {
        let found = cx.ports.artifacts.find(std::slice::from_ref(&place))?;
        let found: Vec<Artifact> = found.into_iter().filter(|file| !file.folder).collect();
        if found.is_empty() && !options.reports.is_empty() {
            let (what, cure) = if before.is_some() {
                (
                    "the command wrote no report",
                    "see that it writes its report there",
                )
            } else {
                (
                    "there is no report",
                    "run the tests that write it first, or name them with `run`",
                )
            };
            let what = format!("{what} at `{}`", place.as_str());
            return Err(Fault::new(FaultKind::Missing, what, cure));
        }
        if let Some(stale) = before.and_then(|before| before.stale(&found)) {
            return Err(Fault::new(
                FaultKind::Stale,
                format!(
                    "the report {} is older than this run: the command did not write it",
                    stale.path
                ),
                "remove it, and see where the command writes its report",
            ));
        }
        all.extend(found.into_iter().map(|file| (file.path.clone(), file)));
    }
    let all: Vec<Artifact> = all.into_values().collect();
    Ok((!all.is_empty()).then_some(all))
}

impl Gathered {
    #[expect(clippy::too_many_arguments, reason = "all of them are needed once")]
    fn take(
        &mut self,
        mut report: Report,
        artifact: &Artifact,
        files: &Files<'_>,
        written: bool,
        options: &Options,
        facts: &BTreeMap<&RepoPath, Facts>,
        cx: &Cx<'_>,
    ) {
        let path = &artifact.path;
        let told = report.flaws.told().join("; ");
        if report.flaws.count() > options.tolerate_flaws {
            self.partial.push(format!("{path} is read in part: {told}"));
        } else if report.flaws.count() > 0 {
            self.notes.push(format!("tolerated in {path}: {told}"));
        }
        let found = files.find_all(&report);
        let mut beyond = Vec::new();
        let mut newer = Vec::new();
        for ((_, file), found) in report.files.iter_mut().zip(&found) {
            let Found::File { path, .. } = found else {
                continue;
            };
            if let Some(known) = facts.get(path) {
                let last = file.lines.keys().next_back().copied().unwrap_or(0);
                if last > known.lines && report.format == Format::Clover {
                    // PHPUnit tells of the line behind the last one.
                    file.lines.split_off(&(known.lines + 1));
                } else if last > known.lines {
                    beyond.push((path.clone(), last, known.lines));
                }
            }
            if !written
                && modified(path, cx).is_some_and(|at| at > i128::from(artifact.modified_ns))
            {
                newer.push(path.clone());
            }
        }
        if let Some((file, last, lines)) = beyond.first() {
            let many = count(beyond.len(), "file");
            self.partial.push(format!(
                "{path} tells of other versions of {many}: first {file}, line {last} of {lines}"
            ));
        }
        if let Some(first) = newer.first() {
            let many = count(newer.len(), "source");
            self.partial.push(format!(
                "{path} is stale: {many} that it tells of changed after it was written (first {first})"
            ));
        }
        if let Some(commit) = &report.commit {
            self.other_commit(path, commit, cx);
        }
        self.coverage.add_found(report, found);
    }

    /// A report that says which commit it measured is none of another one.
    fn other_commit(&mut self, path: &RepoPath, commit: &str, cx: &Cx<'_>) {
        let is_id = commit.len() >= 7 && commit.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_id {
            return;
        }
        let short = commit.get(..10).unwrap_or(commit);
        match cx.ports.git.commits(Some(commit), "HEAD") {
            Ok(since) if since.is_empty() => {}
            Ok(since) => self.partial.push(format!(
                "{path} is stale: it measured commit {short}, {} ago",
                count(since.len(), "commit")
            )),
            Err(_) => self.partial.push(format!(
                "{path} measured commit {short}, which is not known here"
            )),
        }
    }
}

/// When a file of the work tree was changed last; `None` where the content comes from git.
fn modified(path: &RepoPath, cx: &Cx<'_>) -> Option<i128> {
    match cx.tree.find(path)?.identity {
        Identity::Stat { modified, .. } => Some(modified),
        _ => None,
    }
}
