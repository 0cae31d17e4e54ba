//! Owns runs that trust nothing of the change (`--untrusted`): what it could have put into the repository is neither run
//! nor believed. Judges nothing.

use std::path::PathBuf;

use crate::base::path::RepoPath;
use crate::check::context::{Base, LazyChange};
use crate::check::options::Glob;
use crate::check::ports::{
    Artifact, Artifacts, Finished, Measured, Ports, Programs, Request, Service, ServiceRequest,
};
use crate::check::registry::Check;
use crate::check::usage::{Looks, Subject, Usage, Watch};
use crate::config::plan::Plan;
use crate::model::fault::{Fault, FaultKind};
use crate::source::diff::Diff;

use serde_json::Value as Json;

use super::held;

/// Says in the report what such a run is.
pub(super) fn tell(plan: &mut Plan, base: &Base) {
    let notice = format!(
        "untrusted: gate files, exemptions, approvals and the baseline are those of the base {} ({}); \
         commands that the change touches are held back, and what it waives itself does not count",
        base.commit.get(..10).unwrap_or(&base.commit),
        base.name
    );
    plan.notices.insert(0, notice);
}

/// Holds back every command that the change touches: one that names its `inputs` when any of them is changed, any other
/// one when anything is. So is a check that sends a file of the change to a database; that database's address is the base's,
/// as all of the gate file is.
pub(super) fn hold_commands(plan: &mut Plan, diff: &Diff) {
    held::hold_where(plan, |check| {
        if !held::is_command(check) {
            let touched = sent(check).into_iter().find(|file| touches(diff, file))?;
            let what = format!(
                "the change is not trusted, and the database would run what it touches: {touched}"
            );
            return Some(Fault::new(
                FaultKind::Missing,
                what,
                "judge it in a trusted run",
            ));
        }
        let all = inputs(check);
        let touched = all.iter().find_map(|inputs| touched(diff, inputs))?;
        let cure = if all.iter().any(Vec::is_empty) {
            "judge it in a trusted run, or name what it reads and runs with `inputs`"
        } else {
            "judge it in a trusted run"
        };
        let what = format!(
            "the change is not trusted, and the command may run what it touches: {touched}"
        );
        Some(Fault::new(FaultKind::Missing, what, cure))
    });
}

/// The files of the option `queries`, which a database runs.
fn sent(check: &dyn Check) -> Vec<RepoPath> {
    let options = check.options();
    let listed = options["queries"].as_array();
    let files = listed
        .into_iter()
        .flatten()
        .filter_map(|query| query["file"].as_str());
    files
        .filter_map(|file| RepoPath::new(file.as_bytes()))
        .collect()
}

fn touches(diff: &Diff, path: &RepoPath) -> bool {
    diff.files.contains_key(path) || diff.deleted.contains(path)
}

/// The globs of the option `inputs` of each command that the check runs.
fn inputs(check: &dyn Check) -> Vec<Vec<Glob>> {
    let options = check.options();
    // Those of the service that a check starts stand beside its command.
    let commands = match &options["serve"] {
        Json::Null => vec![&options],
        serve if held::has_command(&options) => vec![&options, serve],
        serve => vec![serve],
    };
    let globs = |options: &Json| {
        let listed = options["inputs"].as_array();
        let texts = listed
            .into_iter()
            .flatten()
            .filter_map(|glob| glob.as_str());
        texts.filter_map(|text| Glob::new(text).ok()).collect()
    };
    commands.into_iter().map(globs).collect()
}

/// The first path that the change touches and that one of the globs matches; no glob means any path.
fn touched<'d>(diff: &'d Diff, inputs: &[Glob]) -> Option<&'d RepoPath> {
    let changed = diff.files.iter();
    let changed = changed.flat_map(|(path, file)| std::iter::once(path).chain(&file.old_path));
    let mut all = changed.chain(&diff.deleted);
    all.find(|path| inputs.is_empty() || inputs.iter().any(|glob| glob.matches(path)))
}

/// Ports that run no program and read no report which the change brings.
pub(super) struct Guard<'a> {
    ports: Ports<'a>,
    change: &'a LazyChange<'a>,
}

impl<'a> Guard<'a> {
    pub(super) const fn new(ports: Ports<'a>, change: &'a LazyChange<'a>) -> Self {
        Self { ports, change }
    }

    /// The guarded ports.
    pub(super) fn ports(&'a self) -> Ports<'a> {
        Ports {
            artifacts: self,
            programs: self,
            ..self.ports
        }
    }

    fn refused(what: String) -> Fault {
        let cure = "judge it in a trusted run";
        Fault::new(FaultKind::Missing, what, cure)
    }
}

impl Programs for Guard<'_> {
    fn find(&self, name: &str) -> Option<PathBuf> {
        self.ports.programs.find(name)
    }

    fn run(&self, request: &Request) -> Result<Finished, Fault> {
        self.allow(request)?;
        self.ports.programs.run(request)
    }

    fn serve(&self, request: &ServiceRequest) -> Result<Box<dyn Service>, Fault> {
        self.allow(&request.program)?;
        self.ports.programs.serve(request)
    }

    fn measure(&self, request: &Request) -> Result<Measured, Fault> {
        self.allow(request)?;
        self.ports.programs.measure(request)
    }

    fn record(&self, request: &Request, looks: Looks) -> Result<(Measured, Usage), Fault> {
        self.allow(request)?;
        self.ports.programs.record(request, looks)
    }

    fn watch(&self, subject: &Subject, looks: Looks) -> Result<Box<dyn Watch>, Fault> {
        self.ports.programs.watch(subject, looks)
    }
}

impl Guard<'_> {
    /// Refuses a program that the change may have brought.
    fn allow(&self, request: &Request) -> Result<(), Fault> {
        let name = request.argv.first().map_or("", String::as_str);
        if request.variables.contains_key("PATH") {
            return Err(Self::refused(format!(
                "the change is not trusted, and `{name}` is looked for on a PATH of its own"
            )));
        }
        let root = self.ports.surroundings.root();
        let found = self.ports.programs.find(name);
        let target = found.and_then(|program| program.canonicalize().ok());
        if let Some(inside) = target
            .as_ref()
            .and_then(|path| path.strip_prefix(&root).ok())
        {
            let diff = self.change.diff()?;
            let path = RepoPath::from_native(inside);
            // What git does not know, such as a virtual environment, may hold anything.
            let is_known =
                path.is_some_and(|path| self.is_in_base(&path) && !diff.files.contains_key(&path));
            if !is_known {
                return Err(Self::refused(format!(
                    "the change is not trusted, and the program `{name}` lies in the repository"
                )));
            }
        }
        Ok(())
    }

    /// Is the file tracked? One that is tracked and not changed is the base's.
    fn is_in_base(&self, path: &RepoPath) -> bool {
        let glob = Glob::new(&globset::escape(&String::from_utf8_lossy(path.as_bytes())));
        let found = glob
            .ok()
            .and_then(|glob| self.ports.artifacts.find(&[glob]).ok());
        found.is_some_and(|found| found.iter().any(|file| file.path == *path && !file.ignored))
    }
}

impl Artifacts for Guard<'_> {
    fn find(&self, globs: &[Glob]) -> Result<Vec<Artifact>, Fault> {
        self.ports.artifacts.find(globs)
    }

    fn root(&self) -> Result<Vec<Artifact>, Fault> {
        self.ports.artifacts.root()
    }

    fn read(&self, path: &RepoPath, limit: u64) -> Result<Vec<u8>, Fault> {
        if self.change.diff()?.files.contains_key(path) {
            return Err(Self::refused(format!(
                "the change is not trusted, and the report {path} comes with it"
            )));
        }
        self.ports.artifacts.read(path, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::diff::FileDiff;

    fn check(inputs: &[&str], expected: Option<&str>) {
        let path = |text: &str| RepoPath::new(text).expect("inside");
        let mut diff = Diff::default();
        let renamed = FileDiff {
            old_path: Some(path("old.sh")),
            ..FileDiff::default()
        };
        diff.files.insert(path("new.sh"), renamed);
        diff.deleted.push(path("tests/run.sh"));
        let inputs: Vec<Glob> = inputs
            .iter()
            .map(|glob| Glob::new(glob).expect("good"))
            .collect();
        let found = touched(&diff, &inputs).map(ToString::to_string);
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn what_a_change_touches() {
        check(&[], Some("new.sh"));
        check(&["old.sh"], Some("old.sh"));
        check(&["tests/**"], Some("tests/run.sh"));
        check(&["docs/**"], None);
    }
}
