//! Owns what GitHub Actions says: an event's name and the file that describes it.

use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use super::{Event, Mark, Merge, NAME_ONE, Said, branch, id, pushed_event, silent};
use crate::host::regular;
use crate::model::fault::{Fault, FaultKind};

/// The largest event file that is read, in bytes. GitHub sends at most 25 MB.
pub(super) const EVENT_MOST: u64 = 32 << 20;

impl Said<'_> {
    pub(super) fn git_hub(&self) -> Result<Option<Event>, Fault> {
        let name = self.text("GITHUB_EVENT_NAME").unwrap_or_default();
        let payload = match self.text("GITHUB_EVENT_PATH") {
            Some(path) if is_read(&name) => payload(Path::new(&path))?,
            _ => Payload::default(),
        };
        if name.starts_with("pull_request") {
            self.git_hub_pull_request(payload.pull_request.unwrap_or_default())
                .map(Some)
        } else if name == "merge_group" {
            let group = payload.merge_group.unwrap_or_default();
            let commit = id("`merge_group.base_sha`", group.base_sha)?;
            let commit = commit.ok_or_else(|| silent("no `merge_group.base_sha`"))?;
            let branch = branch("`merge_group.base_ref`", group.base_ref)?;
            let name = branch.map_or("the merge group's parent".to_owned(), |branch| {
                format!("{branch} for the merge group")
            });
            let ancestor_of = id("`merge_group.head_sha`", group.head_sha)?;
            let mark = Mark {
                commit,
                ancestor_of,
            };
            Ok(Some(Event::Since { name, mark }))
        } else if name == "push" {
            self.git_hub_push(payload)
        } else {
            Ok(None)
        }
    }

    fn git_hub_pull_request(&self, change: PullRequest) -> Result<Event, Fault> {
        let base = change.base.unwrap_or_default();
        let target = match base.branch {
            Some(name) => branch("`pull_request.base.ref`", Some(name))?,
            None => self.branch("GITHUB_BASE_REF")?,
        };
        let commit = id("`pull_request.base.sha`", base.sha)?;
        let mark = commit.map(|commit| Mark {
            commit,
            ancestor_of: None,
        });
        let head = change.head.unwrap_or_default();
        let merge = Merge {
            commit: self.merge_of("GITHUB_REF", "GITHUB_SHA")?,
            merged: id("`pull_request.head.sha`", head.sha)?,
        };
        let what = "pull request";
        match (target, mark) {
            (Some(branch), mark) => Ok(Event::Into {
                what,
                branch,
                mark,
                merge,
            }),
            (None, Some(mark)) => Ok(Event::Since {
                name: "the base of the pull request".to_owned(),
                mark,
            }),
            (None, None) => Err(silent("no base of the pull request")),
        }
    }

    fn git_hub_push(&self, payload: Payload) -> Result<Option<Event>, Fault> {
        let Some(before) = payload.before else {
            return Err(silent("no `before` of the push"));
        };
        let pushed = payload.reference.or_else(|| self.text("GITHUB_REF"));
        let pushed = pushed.unwrap_or_default();
        let default = payload.repository.unwrap_or_default().default_branch;
        let default = branch("`repository.default_branch`", default)?;
        let before = id("`before`", Some(before))?;
        let forced = payload.forced.unwrap_or(true);
        let mark = before.map(|commit| -> Result<Mark, Fault> {
            let after = id("`after`", payload.after)?;
            let ancestor_of = after.filter(|_| !forced);
            Ok(Mark {
                commit,
                ancestor_of,
            })
        });
        let pushed = pushed.strip_prefix("refs/heads/").map(str::to_owned);
        Ok(pushed_event(pushed, default, mark.transpose()?, true))
    }
}

/// The events whose file tells a base.
fn is_read(name: &str) -> bool {
    name.starts_with("pull_request") || matches!(name, "merge_group" | "push")
}

/// The file that GitHub writes for an event: what is read of it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload {
    pull_request: Option<PullRequest>,
    merge_group: Option<MergeGroup>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    before: Option<String>,
    after: Option<String>,
    forced: Option<bool>,
    repository: Option<Hosted>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PullRequest {
    base: Option<Tip>,
    head: Option<Tip>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tip {
    #[serde(rename = "ref")]
    branch: Option<String>,
    sha: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MergeGroup {
    base_sha: Option<String>,
    base_ref: Option<String>,
    head_sha: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Hosted {
    default_branch: Option<String>,
}

fn payload(path: &Path) -> Result<Payload, Fault> {
    let shown = path.display();
    let unreadable = |why: String| {
        let what = format!("the CI event's file {shown} cannot be read: {why}");
        Fault::new(FaultKind::Unreadable, what, NAME_ONE)
    };
    let (file, _) = regular::open(path).map_err(|problem| unreadable(problem.to_string()))?;
    let mut bytes = Vec::new();
    file.take(EVENT_MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(|problem| unreadable(problem.to_string()))?;
    if bytes.len() as u64 > EVENT_MOST {
        let most = EVENT_MOST >> 20;
        return Err(unreadable(format!("it is larger than {most} MiB")));
    }
    serde_json::from_slice(&bytes).map_err(|problem| {
        let what = format!("the CI event's file {shown} cannot be understood: {problem}");
        Fault::new(FaultKind::Unparsable, what, NAME_ONE)
    })
}
