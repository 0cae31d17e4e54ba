//! Owns what GitLab CI, Azure Pipelines and Jenkins say: all of it in variables.

use super::{Event, Mark, Merge, Said, pushed_event};
use crate::model::fault::Fault;

impl Said<'_> {
    pub(super) fn git_lab(&self) -> Result<Option<Event>, Fault> {
        let head = self.id("CI_COMMIT_SHA")?;
        let Some(branch) = self.branch("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")? else {
            let mark = self.id("CI_COMMIT_BEFORE_SHA")?.map(|commit| Mark {
                commit,
                // The push may have been forced: nobody tells.
                ancestor_of: None,
            });
            // Zeros also stand there when nobody pushed.
            let is_push = self.text("CI_PIPELINE_SOURCE").as_deref() == Some("push");
            let pushed = self.branch("CI_COMMIT_BRANCH")?;
            let default = self.branch("CI_DEFAULT_BRANCH")?;
            return Ok(pushed_event(pushed, default, mark, is_push));
        };
        let commit = match self.id("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")? {
            Some(commit) => Some(commit),
            None => self.id("CI_MERGE_REQUEST_DIFF_BASE_SHA")?,
        };
        let kind = self.text("CI_MERGE_REQUEST_EVENT_TYPE");
        let is_merge = matches!(kind.as_deref(), Some("merged_result" | "merge_train"));
        let merge = Merge {
            commit: head.clone().filter(|_| is_merge),
            merged: self.id("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")?,
        };
        let mark = commit.map(|commit| Mark {
            commit,
            ancestor_of: head,
        });
        Ok(Some(Event::Into {
            what: "merge request",
            branch,
            mark,
            merge,
        }))
    }

    pub(super) fn azure(&self) -> Result<Option<Event>, Fault> {
        let branch = match self.branch("SYSTEM_PULLREQUEST_TARGETBRANCH")? {
            Some(branch) => Some(branch),
            None => self.branch("SYSTEM_PULLREQUEST_TARGETBRANCHNAME")?,
        };
        let merge = Merge {
            commit: self.merge_of("BUILD_SOURCEBRANCH", "BUILD_SOURCEVERSION")?,
            merged: self.id("SYSTEM_PULLREQUEST_SOURCECOMMITID")?,
        };
        Ok(branch.map(|branch| Event::Into {
            what: "pull request",
            branch,
            mark: None,
            merge,
        }))
    }

    pub(super) fn jenkins(&self) -> Result<Option<Event>, Fault> {
        if let Some(branch) = self.branch("CHANGE_TARGET")? {
            return Ok(Some(Event::Into {
                what: "pull request",
                branch,
                mark: None,
                merge: Merge::default(),
            }));
        }
        let commit = self.id("GIT_PREVIOUS_SUCCESSFUL_COMMIT")?;
        Ok(commit.map(|commit| Event::Since {
            name: "the last successful build".to_owned(),
            mark: Mark {
                commit,
                ancestor_of: None,
            },
        }))
    }
}
