//! Owns the ports that lead nowhere: for rule pages, tests and the seeded violations of `doctor`, where only the tree
//! counts.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::path::RepoPath;
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::source::file::SourceFile;
use crate::source::tree::{FileMeta, SourceTree};

use super::checkouts::Checkouts;
use super::context::{Cx, LazyChange};
use super::database::DatabaseUrl;
use super::machine::Machine;
use super::options::Glob;
use super::ports::{
    Advisories, Answer, Artifact, Artifacts, Commit, Databases, Finished, Git, Http, Load, Ports,
    Programs, Request, Session, Surroundings,
};
use super::registry::Check;

/// Every port; each refuses.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

/// The ports that refuse everything.
#[must_use]
pub const fn ports() -> Ports<'static> {
    Ports {
        artifacts: &Nowhere,
        programs: &Nowhere,
        git: &Nowhere,
        http: &Nowhere,
        load: &Nowhere,
        databases: &Nowhere,
        advisories: &Nowhere,
        surroundings: &Nowhere,
        machine: &Nowhere,
        checkouts: &Nowhere,
    }
}

fn refusal(kind: FaultKind, what: &str) -> Fault {
    Fault::new(
        kind,
        format!("{what} out of reach here"),
        "run the check in a repository",
    )
}

impl Artifacts for Nowhere {
    fn find(&self, _: &[Glob]) -> Result<Vec<Artifact>, Fault> {
        Err(refusal(FaultKind::Unreadable, "ignored files are"))
    }

    fn root(&self) -> Result<Vec<Artifact>, Fault> {
        Err(refusal(FaultKind::Unreadable, "ignored files are"))
    }

    fn read(&self, _: &RepoPath, _: u64) -> Result<Vec<u8>, Fault> {
        Err(refusal(FaultKind::Unreadable, "ignored files are"))
    }
}

impl Programs for Nowhere {
    fn find(&self, _: &str) -> Option<PathBuf> {
        None
    }

    fn run(&self, _: &Request) -> Result<Finished, Fault> {
        Err(refusal(FaultKind::ToolMissing, "programs are"))
    }
}

impl Git for Nowhere {
    fn commits(&self, _: Option<&str>, _: &str) -> Result<Vec<Commit>, Fault> {
        Err(refusal(FaultKind::Missing, "git history is"))
    }

    fn has_commits(&self) -> Result<bool, Fault> {
        Err(refusal(FaultKind::Missing, "git history is"))
    }

    fn branches(&self) -> Result<Vec<String>, Fault> {
        Err(refusal(FaultKind::Missing, "git history is"))
    }

    fn config(&self, _: &str) -> Result<Option<String>, Fault> {
        Err(refusal(FaultKind::Missing, "git configuration is"))
    }
}

impl Http for Nowhere {
    fn get(&self, _: &str, _: Duration) -> Result<Answer, Fault> {
        Err(refusal(FaultKind::Offline, "the network is"))
    }
}

impl Load for Nowhere {}

impl Databases for Nowhere {
    fn open(&self, _: &DatabaseUrl, _: Duration) -> Result<Box<dyn Session>, Fault> {
        Err(refusal(FaultKind::Offline, "databases are"))
    }
}

impl Advisories for Nowhere {
    fn index(&self, _: &str) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }
}

impl Machine for Nowhere {}

impl Checkouts for Nowhere {}

/// No variable is set, and the date stands still.
impl Surroundings for Nowhere {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn today(&self) -> jiff::civil::Date {
        jiff::civil::date(2026, 11, 1)
    }

    fn root(&self) -> PathBuf {
        PathBuf::from("/nowhere")
    }
}

/// Runs one check on a tree, with ports that lead nowhere and no base to compare with.
///
/// # Errors
/// When a file cannot be read, or the check cannot know.
pub fn conclude(check: &dyn Check, tree: &dyn SourceTree) -> Result<Evidence, Fault> {
    let wanted = tree.files().iter().filter(|meta| check.wants(meta));
    let observed: Vec<(&FileMeta, Vec<u8>)> = wanted
        .map(|meta| {
            if !meta.is_file() {
                return Ok((meta, Vec::new()));
            }
            let content = tree.read(meta).map_err(|problem| {
                Fault::new(
                    FaultKind::Unreadable,
                    problem.to_string(),
                    "look at the tree",
                )
            })?;
            let file = SourceFile::new(content, meta.language, meta.class);
            Ok((meta, check.observe(&file)))
        })
        .collect::<Result<_, Fault>>()?;
    let observed: Vec<_> = observed
        .iter()
        .map(|(meta, facts)| (*meta, facts.as_slice()))
        .collect();
    let change = LazyChange::unknown(refusal(FaultKind::Missing, "the base of the change is"));
    check.conclude(
        &observed,
        &Cx {
            waivers: &[],
            tree,
            change: &change,
            ports: ports(),
            timeout: Duration::from_mins(1),
            label: "nowhere",
        },
    )
}
