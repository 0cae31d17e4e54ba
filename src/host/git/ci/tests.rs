//! What is made of variables and event files.

use std::path::Path;

use super::git_hub::EVENT_MOST;
use super::{Event, Mark, event};
use crate::model::fault::FaultKind;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccc";
const ZERO: &str = "0000000000000000000000000000000000000000";

/// What is made of these variables, `NAME=VALUE` in words, and of this event file; in `A`, `B`, `C` and `0` for ids.
fn check(variables: &str, file: Option<&str>, expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("event.json");
    let long = |text: &str| {
        let text = text.replace("=A ", &format!("={A} "));
        let text = text.replace("=B ", &format!("={B} "));
        let text = text.replace("=0 ", &format!("={ZERO} "));
        let quoted = |id: char, long: &str, text: String| {
            text.replace(&format!("\"{id}\""), &format!("\"{long}\""))
        };
        let text = quoted('A', A, text);
        let text = quoted('B', B, text);
        quoted('C', C, quoted('0', ZERO, text))
    };
    let words = long(&format!("{variables} "));
    let variable = |name: &str| {
        if name == "GITHUB_EVENT_PATH" && file.is_some() {
            return Some(path.display().to_string());
        }
        let mut pairs = words.split(' ').filter_map(|word| word.split_once('='));
        pairs
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.to_owned())
    };
    if let Some(file) = file {
        std::fs::write(&path, long(file)).expect("it can be written");
    }
    let found = match event(folder.path(), &variable) {
        Ok(None) => "nothing".to_owned(),
        Ok(Some((_, event))) => told(&event),
        Err(fault) => format!("{}: {}", fault.kind, fault.what),
    };
    let found = found.replace(A, "A").replace(B, "B").replace(C, "C");
    let found = found.replace(&folder.path().display().to_string(), "DIR");
    assert_eq!(found, expected, "{variables} {file:?}");
}

fn told(event: &Event) -> String {
    let mark = |mark: &Mark| match &mark.ancestor_of {
        Some(head) => format!("{}, an ancestor of {head}", mark.commit),
        None => mark.commit.clone(),
    };
    match event {
        Event::Into {
            what,
            branch,
            mark: at,
            merge,
        } => {
            let mut words = format!("{what} into {branch}");
            if let Some(at) = at {
                words.push_str(&format!(" at {}", mark(at)));
            }
            if let Some(commit) = &merge.commit {
                words.push_str(&format!(", merge {commit}"));
            }
            if let Some(merged) = &merge.merged {
                words.push_str(&format!(", merge of {merged}"));
            }
            words
        }
        Event::Since { name, mark: at } => format!("{name}: {}", mark(at)),
        Event::First { branch } => format!("first push of {branch}"),
    }
}

#[test]
fn pull_requests_of_git_hub() {
    let file = r#"{"pull_request": {"base": {"ref": "main", "sha": "A"}, "head": {"sha": "B"}}, "before": "C"}"#;
    check(
        "GITHUB_EVENT_NAME=pull_request GITHUB_REF=refs/pull/7/merge GITHUB_SHA=A",
        Some(file),
        "pull request into main at A, merge A, merge of B",
    );
    check(
        "GITHUB_EVENT_NAME=pull_request_target GITHUB_REF=refs/heads/main GITHUB_SHA=A",
        Some(file),
        "pull request into main at A, merge of B",
    );
    check(
        "GITHUB_EVENT_NAME=pull_request GITHUB_BASE_REF=release/1.x",
        None,
        "pull request into release/1.x",
    );
    check(
        "GITHUB_EVENT_NAME=pull_request GITHUB_BASE_REF=dev",
        Some("{}"),
        "pull request into dev",
    );
    check(
        "GITHUB_EVENT_NAME=pull_request",
        Some(r#"{"pull_request": {"base": {"sha": "A"}}}"#),
        "the base of the pull request: A",
    );
    check(
        "GITHUB_EVENT_NAME=pull_request",
        None,
        "unparsable: the CI system names no base of the pull request",
    );
}

#[test]
fn pushes_and_merge_groups_of_git_hub() {
    let push = |rest: &str| format!(r#"{{"repository": {{"default_branch": "main"}}, {rest}}}"#);
    let name = "GITHUB_EVENT_NAME=push";
    check(
        name,
        Some(&push(
            r#""ref": "refs/heads/main", "before": "A", "after": "B", "forced": false"#,
        )),
        "main before the push: A, an ancestor of B",
    );
    check(
        name,
        Some(&push(
            r#""ref": "refs/heads/main", "before": "A", "after": "B", "forced": true"#,
        )),
        "main before the push: A",
    );
    check(
        name,
        Some(&push(r#""ref": "refs/heads/main", "before": "0""#)),
        "first push of main",
    );
    for (pushed, before) in [("heads/topic", "0"), ("heads/topic", "A"), ("tags/v1", "0")] {
        check(
            name,
            Some(&push(&format!(
                r#""ref": "refs/{pushed}", "before": "{before}", "forced": false"#
            ))),
            "push into main",
        );
    }
    check(
        "GITHUB_EVENT_NAME=merge_group",
        Some(
            r#"{"merge_group": {"base_sha": "A", "base_ref": "refs/heads/main", "head_sha": "B"}}"#,
        ),
        "main for the merge group: A, an ancestor of B",
    );
    // What has no base of its own.
    for name in ["schedule", "workflow_dispatch", "issue_comment"] {
        check(&format!("GITHUB_EVENT_NAME={name}"), Some("{"), "nothing");
    }
}

#[test]
fn nonsense_is_a_fault() {
    let check = |name: &str, file: &str, expected: &str| {
        check(&format!("GITHUB_EVENT_NAME={name}"), Some(file), expected);
    };
    let at = "unparsable: the CI event's file DIR/event.json cannot be understood: ";
    check(
        "push",
        "",
        &format!("{at}EOF while parsing a value at line 1 column 0"),
    );
    check(
        "push",
        "5",
        &format!("{at}invalid type: integer `5`, expected struct Payload at line 1 column 1"),
    );
    check(
        "push",
        r#"{"before": 5}"#,
        &format!("{at}invalid type: integer `5`, expected a string at line 1 column 12"),
    );
    check(
        "push",
        "{}",
        "unparsable: the CI system names no `before` of the push",
    );
    check(
        "push",
        r#"{"before": "HEAD~1"}"#,
        "unparsable: the CI system's `before` is no commit id: HEAD~1",
    );
    check(
        "merge_group",
        r#"{"merge_group": null}"#,
        "unparsable: the CI system names no `merge_group.base_sha`",
    );
    check(
        "pull_request",
        r#"{"pull_request": {"base": {"ref": "main~3"}}}"#,
        "unparsable: the CI system's `pull_request.base.ref` is no branch: main~3",
    );
}

#[test]
fn an_event_file_that_is_too_large_or_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |path: &Path, expected: &str| {
        let variable = |name: &str| match name {
            "GITHUB_EVENT_NAME" => Some("push".to_owned()),
            "GITHUB_EVENT_PATH" => Some(path.display().to_string()),
            _ => None,
        };
        let fault = event(folder.path(), &variable).expect_err("it cannot be read");
        assert_eq!(fault.kind, FaultKind::Unreadable);
        assert!(fault.what.ends_with(expected), "{}", fault.what);
    };
    let large = folder.path().join("large");
    let file = std::fs::File::create(&large).expect("it can be made");
    file.set_len(EVENT_MOST + 1).expect("it can grow");
    check(&large, "it is larger than 32 MiB");
    check(folder.path(), "it is not a regular file");
    check(&folder.path().join("none"), "(os error 2)");
}

#[test]
fn git_lab() {
    check(
        "GITLAB_CI=true CI_COMMIT_SHA=B CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main \
         CI_MERGE_REQUEST_DIFF_BASE_SHA=A CI_COMMIT_BEFORE_SHA=0",
        None,
        "merge request into main at A, an ancestor of B",
    );
    check(
        "GITLAB_CI=true CI_COMMIT_SHA=B CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main \
         CI_MERGE_REQUEST_TARGET_BRANCH_SHA=A CI_MERGE_REQUEST_EVENT_TYPE=merged_result",
        None,
        "merge request into main at A, an ancestor of B, merge B",
    );
    let push = "GITLAB_CI=true CI_PIPELINE_SOURCE=push CI_DEFAULT_BRANCH=main";
    check(
        &format!("{push} CI_COMMIT_BRANCH=main CI_COMMIT_BEFORE_SHA=A"),
        None,
        "main before the push: A",
    );
    check(
        &format!("{push} CI_COMMIT_BRANCH=main CI_COMMIT_BEFORE_SHA=0"),
        None,
        "first push of main",
    );
    check(
        &format!("{push} CI_COMMIT_BRANCH=topic CI_COMMIT_BEFORE_SHA=A"),
        None,
        "push into main",
    );
    check(
        &format!("{push} CI_COMMIT_TAG=v1 CI_COMMIT_BEFORE_SHA=0"),
        None,
        "push into main",
    );
    check(
        "GITLAB_CI=true CI_PIPELINE_SOURCE=schedule CI_DEFAULT_BRANCH=main \
         CI_COMMIT_BRANCH=main CI_COMMIT_BEFORE_SHA=0",
        None,
        "nothing",
    );
}

#[test]
fn azure_and_jenkins() {
    check(
        "TF_BUILD=True SYSTEM_PULLREQUEST_TARGETBRANCH=refs/heads/main \
         SYSTEM_PULLREQUEST_SOURCECOMMITID=B BUILD_SOURCEBRANCH=refs/pull/3/merge BUILD_SOURCEVERSION=A",
        None,
        "pull request into main, merge A, merge of B",
    );
    check(
        "TF_BUILD=True SYSTEM_PULLREQUEST_TARGETBRANCHNAME=main",
        None,
        "pull request into main",
    );
    check(
        "TF_BUILD=True BUILD_SOURCEBRANCH=refs/heads/main",
        None,
        "nothing",
    );
    check(
        "JENKINS_URL=x CHANGE_TARGET=main GIT_PREVIOUS_SUCCESSFUL_COMMIT=A",
        None,
        "pull request into main",
    );
    check(
        "JENKINS_URL=x GIT_PREVIOUS_SUCCESSFUL_COMMIT=A",
        None,
        "the last successful build: A",
    );
    check("JENKINS_URL=x", None, "nothing");
    check("CHANGE_TARGET=main", None, "nothing");
}

#[test]
fn another_repository_is_not_the_events() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("inner");
    let beside = folder.path().join("inner-too");
    for made in [&inner, &beside] {
        std::fs::create_dir(made).expect("it can be made");
    }
    let check = |workspace: &Path, expected: bool| {
        let variable = |name: &str| match name {
            "JENKINS_URL" => Some("x".to_owned()),
            "CHANGE_TARGET" => Some("main".to_owned()),
            "WORKSPACE" => Some(workspace.display().to_string()),
            _ => None,
        };
        let found = event(&inner, &variable).expect("it makes sense");
        assert_eq!(found.is_some(), expected, "{}", workspace.display());
    };
    check(&inner, true);
    check(folder.path(), true);
    check(Path::new(""), true);
    check(&beside, false);
    check(&inner.join("below"), false);
    check(Path::new("/nowhere"), false);
}
