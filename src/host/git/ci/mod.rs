//! Owns what a CI system says of the change that it runs for: where its base is. Reads variables and the event's file;
//! asks no git.

mod git_hub;
mod others;
#[cfg(test)]
mod tests;

use std::path::Path;

use crate::model::fault::{Fault, FaultKind};

/// Gives the value of an environment variable.
pub type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The system that runs this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// GitHub Actions, and what speaks like it.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Azure Pipelines.
    Azure,
    /// Jenkins.
    Jenkins,
}

/// A commit that the system names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its id.
    pub commit: String,
    /// The system vouches that it is an ancestor of this head, so no history is needed to know.
    pub ancestor_of: Option<String>,
}

/// How to tell the merge that the system made of a change and the branch that it goes into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// The merge itself.
    pub commit: Option<String>,
    /// What it merges: its second parent.
    pub merged: Option<String>,
}

/// Where the base of the change is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A change goes into a branch: the base is where both part.
    Into {
        /// Its kind, for people: `pull request`.
        what: &'static str,
        /// The branch on the remote.
        branch: String,
        /// A commit of the branch.
        mark: Option<Mark>,
        /// What is checked out may be this merge.
        merge: Merge,
    },
    /// A line of commits went on from this one.
    Since {
        /// What it is, for people: `main before the push`.
        name: String,
        /// The commit.
        mark: Mark,
    },
    /// A branch was pushed where nothing was before.
    First {
        /// The branch.
        branch: String,
    },
}

/// What the CI system says of the repository at `root`; `None` where there is none, where it names no base, and where it
/// works on another folder.
///
/// # Errors
/// When what it says makes no sense.
pub fn event(root: &Path, variable: Variable<'_>) -> Result<Option<(System, Event)>, Fault> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let (system, workspace) = if set("GITHUB_EVENT_NAME").is_some() {
        (System::GitHub, "GITHUB_WORKSPACE")
    } else if set("GITLAB_CI").is_some() {
        (System::GitLab, "CI_PROJECT_DIR")
    } else if set("TF_BUILD").is_some() {
        (System::Azure, "BUILD_SOURCESDIRECTORY")
    } else if set("JENKINS_URL").is_some() {
        (System::Jenkins, "WORKSPACE")
    } else {
        return Ok(None);
    };
    if set(workspace).is_some_and(|folder| !holds(Path::new(&folder), root)) {
        return Ok(None);
    }
    let said = Said(&set);
    let event = match system {
        System::GitHub => said.git_hub(),
        System::GitLab => said.git_lab(),
        System::Azure => said.azure(),
        System::Jenkins => said.jenkins(),
    }?;
    Ok(event.map(|event| (system, event)))
}

/// Is `root` this folder, or does it lie in it? Not when the folder is not there.
fn holds(folder: &Path, root: &Path) -> bool {
    let (Ok(folder), Ok(root)) = (folder.canonicalize(), root.canonicalize()) else {
        return false;
    };
    root.starts_with(folder)
}

/// The variables that are set.
struct Said<'a>(Variable<'a>);

impl Said<'_> {
    /// The merge that a pull request's `refs/pull/N/merge` stands for.
    fn merge_of(&self, reference: &str, commit: &str) -> Result<Option<String>, Fault> {
        let reference = self.text(reference).unwrap_or_default();
        if reference.starts_with("refs/pull/") && reference.ends_with("/merge") {
            return self.id(commit);
        }
        Ok(None)
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }

    fn id(&self, name: &str) -> Result<Option<String>, Fault> {
        id(name, self.text(name))
    }

    fn branch(&self, name: &str) -> Result<Option<String>, Fault> {
        branch(name, self.text(name))
    }
}

/// A push to the default branch went on from what was there before. One to another branch, or of a tag, brings what the
/// default branch does not have: were it compared with what was pushed before, a second push would hide what the first one
/// brought.
fn pushed_event(
    pushed: Option<String>,
    default: Option<String>,
    mark: Option<Mark>,
    is_push: bool,
) -> Option<Event> {
    match (pushed, default, mark) {
        (pushed, Some(default), _) if pushed.as_ref() != Some(&default) => Some(Event::Into {
            what: "push",
            branch: default,
            mark: None,
            merge: Merge::default(),
        }),
        (Some(branch), _, Some(mark)) => Some(Event::Since {
            name: format!("{branch} before the push"),
            mark,
        }),
        (Some(branch), Some(_), None) if is_push => Some(Event::First { branch }),
        _ => None,
    }
}

const NAME_ONE: &str = "name the base with --base COMMIT";

/// The fault of an event that does not say what it has to.
fn silent(what: &str) -> Fault {
    let what = format!("the CI system names {what}");
    Fault::new(FaultKind::Unparsable, what, NAME_ONE)
}

/// A commit id; `None` for no value and for zeros, which stand for no commit.
fn id(name: &str, value: Option<String>) -> Result<Option<String>, Fault> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    if !matches!(value.len(), 40 | 64) || !value.bytes().all(|b| b.is_ascii_hexdigit()) {
        let what = format!("the CI system's {name} is no commit id: {value}");
        return Err(Fault::new(FaultKind::Unparsable, what, NAME_ONE));
    }
    Ok((!value.bytes().all(|b| b == b'0')).then(|| value.to_ascii_lowercase()))
}

/// A branch's name, without `refs/heads/`; `None` for no value.
fn branch(name: &str, value: Option<String>) -> Result<Option<String>, Fault> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let short = value.strip_prefix("refs/heads/").unwrap_or(&value);
    let odd =
        |c: char| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    if short.is_empty() || short.contains(odd) || short.contains("..") || short.contains("@{") {
        let what = format!("the CI system's {name} is no branch: {value}");
        return Err(Fault::new(FaultKind::Unparsable, what, NAME_ONE));
    }
    Ok(Some(short.to_owned()))
}
