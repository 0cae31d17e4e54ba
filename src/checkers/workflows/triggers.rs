//! Owns the rules on what starts a workflow: events and their types, schedules, patterns of branches and paths.

use crate::base::words;

use super::flow::{Event, Flow};
use super::hit::Sink;
use super::rules::BAD_TRIGGER;

const PULL: &[&str] = &[
    "assigned",
    "unassigned",
    "labeled",
    "unlabeled",
    "opened",
    "edited",
    "closed",
    "reopened",
    "synchronize",
    "converted_to_draft",
    "locked",
    "unlocked",
    "enqueued",
    "dequeued",
    "milestoned",
    "demilestoned",
    "ready_for_review",
    "review_requested",
    "review_request_removed",
    "auto_merge_enabled",
    "auto_merge_disabled",
];

/// Every event, and the types of activity that it can be narrowed to.
pub const EVENTS: &[(&str, &[&str])] = &[
    ("branch_protection_rule", &["created", "edited", "deleted"]),
    (
        "check_run",
        &["created", "rerequested", "completed", "requested_action"],
    ),
    ("check_suite", &["completed", "requested", "rerequested"]),
    ("create", &[]),
    ("delete", &[]),
    ("deployment", &[]),
    ("deployment_status", &[]),
    (
        "discussion",
        &[
            "created",
            "edited",
            "deleted",
            "transferred",
            "pinned",
            "unpinned",
            "labeled",
            "unlabeled",
            "locked",
            "unlocked",
            "category_changed",
            "answered",
            "unanswered",
        ],
    ),
    ("discussion_comment", &["created", "edited", "deleted"]),
    ("fork", &[]),
    ("gollum", &[]),
    ("image_version", &[]),
    ("issue_comment", &["created", "edited", "deleted"]),
    (
        "issues",
        &[
            "opened",
            "edited",
            "deleted",
            "transferred",
            "pinned",
            "unpinned",
            "closed",
            "reopened",
            "assigned",
            "unassigned",
            "labeled",
            "unlabeled",
            "locked",
            "unlocked",
            "milestoned",
            "demilestoned",
            "typed",
            "untyped",
        ],
    ),
    ("label", &["created", "edited", "deleted"]),
    ("merge_group", &["checks_requested", "destroyed"]),
    (
        "milestone",
        &["created", "closed", "opened", "edited", "deleted"],
    ),
    ("page_build", &[]),
    (
        "project",
        &["created", "closed", "reopened", "edited", "deleted"],
    ),
    (
        "project_card",
        &["created", "moved", "converted", "edited", "deleted"],
    ),
    (
        "project_column",
        &["created", "updated", "moved", "deleted"],
    ),
    ("public", &[]),
    ("pull_request", PULL),
    ("pull_request_review", &["submitted", "edited", "dismissed"]),
    (
        "pull_request_review_comment",
        &["created", "edited", "deleted"],
    ),
    ("pull_request_target", PULL),
    ("push", &[]),
    ("registry_package", &["published", "updated"]),
    (
        "release",
        &[
            "published",
            "unpublished",
            "created",
            "edited",
            "deleted",
            "prereleased",
            "released",
        ],
    ),
    ("repository_dispatch", &["*"]),
    ("schedule", &[]),
    ("status", &[]),
    ("watch", &["started"]),
    ("workflow_call", &[]),
    ("workflow_dispatch", &[]),
    ("workflow_run", &["completed", "requested", "in_progress"]),
];

/// Looks at all events of a workflow.
pub fn check(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    for event in &flow.events {
        let Some((_, types)) = EVENTS.iter().find(|(name, _)| *name == event.name) else {
            let meant = words::did_you_mean(event.name, EVENTS.iter().map(|(name, _)| *name));
            sink.tell(
                &BAD_TRIGGER,
                flow.range(event.node),
                format!("there is no event of this name: {}", event.name),
                meant.map_or_else(
                    || "see the list of events that start workflows".to_owned(),
                    |known| format!("did you mean {known}?"),
                ),
            );
            continue;
        };
        narrowed(flow, event, types, sink);
        filters(flow, event, sink);
        if event.name == "schedule" {
            schedule(flow, event, sink);
        }
    }
}

fn narrowed(flow: &Flow<'_>, event: &Event<'_>, known: &[&str], sink: &mut Sink<'_>) {
    let Some(types) = event
        .config
        .and_then(|config| flow.doc.get(config, "types"))
    else {
        return;
    };
    if known == ["*"] {
        return;
    }
    for &node in flow.doc.items(types).iter().chain([&types]) {
        let Some(name) = flow.doc.text(node).filter(|name| !name.is_empty()) else {
            continue;
        };
        if known.is_empty() || !known.contains(&name) {
            let meant = words::did_you_mean(name, known.iter().copied());
            let help = match (known.is_empty(), meant) {
                (true, _) => "remove `types:`".to_owned(),
                (false, Some(meant)) => format!("did you mean {meant}?"),
                (false, None) => format!("it has {}", known.join(", ")),
            };
            sink.tell(
                &BAD_TRIGGER,
                flow.range(node),
                format!(
                    "`{}` has no type of activity of this name: {name}",
                    event.name
                ),
                help,
            );
        }
    }
}

fn filters(flow: &Flow<'_>, event: &Event<'_>, sink: &mut Sink<'_>) {
    let Some(config) = event.config else { return };
    let of = |key: &str| flow.doc.get(config, key);
    for (key, other) in [
        ("branches", "branches-ignore"),
        ("tags", "tags-ignore"),
        ("paths", "paths-ignore"),
    ] {
        if let (Some(_), Some(node)) = (of(key), of(other)) {
            sink.tell(
                &BAD_TRIGGER,
                flow.range(node),
                format!("`{key}` and `{other}` exclude each other"),
                format!("keep `{key}`, and write what is not wanted with a `!` in front"),
            );
        }
        for key in [key, other] {
            let Some(list) = of(key) else { continue };
            let items: Vec<usize> = flow.doc.items(list).iter().copied().chain([list]).collect();
            let mut positive = false;
            let mut any = None;
            for node in items {
                let Some(text) = flow.doc.text(node) else {
                    continue;
                };
                any.get_or_insert(node);
                positive |= !text.starts_with('!');
                if let Some(what) = bad_pattern(text, key.starts_with("paths")) {
                    sink.tell(
                        &BAD_TRIGGER,
                        flow.range(node),
                        format!("the pattern matches nothing: {what}"),
                        "see the patterns of branches, tags and paths",
                    );
                }
            }
            if let (Some(node), false, false) = (any, positive, key.ends_with("-ignore")) {
                sink.tell(
                    &BAD_TRIGGER,
                    flow.range(node),
                    format!(
                        "`{key}` has only patterns with a `!`, so that nothing starts the workflow"
                    ),
                    format!("use `{key}-ignore`, or name what is wanted first"),
                );
            }
        }
    }
}

fn bad_pattern(text: &str, path: bool) -> Option<String> {
    let bare = text.strip_prefix('!').unwrap_or(text);
    if bare.is_empty() {
        return Some("it is empty".to_owned());
    }
    if path && (bare.starts_with("./") || bare.starts_with("../") || bare == ".") {
        return Some(format!("paths begin at the root, without `./`: {text}"));
    }
    if bare.starts_with('/') {
        return Some(format!("it begins with a slash: {text}"));
    }
    if !path && bare.starts_with("refs/") {
        return Some(format!("names stand without refs/: {text}"));
    }
    let open = bare
        .rfind('[')
        .is_some_and(|at| !bare[at..].contains(']') && !bare[..at].ends_with('\\'));
    open.then(|| format!("a `]` is missing: {text}"))
}

fn schedule(flow: &Flow<'_>, event: &Event<'_>, sink: &mut Sink<'_>) {
    let Some(config) = event.config else { return };
    for &item in flow.doc.items(config) {
        let Some((node, text)) = flow.field(item, "cron") else {
            continue;
        };
        if let Err(what) = cron(text) {
            sink.tell(
                &BAD_TRIGGER,
                flow.range(node),
                format!("the schedule never starts: {what}"),
                "write five fields: minute, hour, day of the month, month, day of the week",
            );
        }
    }
}

/// Five fields of numbers, names, ranges, lists and steps.
fn cron(text: &str) -> Result<(), String> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != 5 {
        return Err(format!(
            "it has {}, not 5: {text}",
            words::count(fields.len(), "field")
        ));
    }
    let kinds: [(&str, u32, u32, &[&str]); 5] = [
        ("minute", 0, 59, &[]),
        ("hour", 0, 23, &[]),
        ("day of the month", 1, 31, &[]),
        ("month", 1, 12, &MONTHS),
        ("day of the week", 0, 6, &DAYS),
    ];
    for (field, (kind, low, high, names)) in fields.iter().zip(kinds) {
        let value = |text: &str| -> Option<u32> {
            let named = names
                .iter()
                .position(|name| name.eq_ignore_ascii_case(text));
            let number = match named {
                Some(at) => low + u32::try_from(at).ok()?,
                None => text.parse().ok()?,
            };
            // Sunday is 0, and many write 7.
            (low..=high.max(if high == 6 { 7 } else { high }))
                .contains(&number)
                .then_some(number)
        };
        for part in field.split(',') {
            let (range, step) = part
                .split_once('/')
                .map_or((part, None), |(a, b)| (a, Some(b)));
            let good_step = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
            let good_range = range == "*"
                || match range.split_once('-') {
                    Some((a, b)) => value(a).zip(value(b)).is_some_and(|(a, b)| a <= b),
                    None => value(range).is_some(),
                };
            if !(good_step && good_range) {
                return Err(format!("`{part}` is no {kind}: {text}"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules() {
        for good in [
            "0 2 * * *",
            "*/15 0-6 1,15 jan-mar mon",
            "30 5 * * 1-5",
            "0 0 * * SUN",
        ] {
            assert_eq!(cron(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "0 2 * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "*/0 * * * *",
            "@daily",
            "0 0 * * 8",
            "5-1 * * * *",
        ] {
            assert!(cron(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn patterns() {
        assert!(bad_pattern("src/**", true).is_none());
        assert!(bad_pattern("v[0-9]+", false).is_none());
        for bad in ["./src", "", "!", "/src", "a[b"] {
            assert!(bad_pattern(bad, true).is_some(), "{bad}");
        }
    }
}
