//! Owns the forms of commit messages.

use serde::{Deserialize, Serialize};

use crate::check::ports::Commit;

use super::Options;

/// The form of commit messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// Any.
    Off,
    /// Conventional Commits: `feat(scope): subject`, types in lower case.
    Conventional,
    /// The same with types in upper case: `FEAT(scope): subject`.
    Upper,
    /// What the option `pattern` matches.
    Pattern,
}

/// Of the Conventional Commits convention, version 1.0.0, and its usual extension.
const CONVENTIONAL: &[&str] = &[
    "feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert",
];

const UPPER: &[&str] = &[
    "FEAT", "FIX", "DOCS", "STYLE", "REFACTOR", "TEST", "CHORE", "SECURITY", "BUILD", "REVERT",
    "PERF", "CI", "OPS", "WIP", "INIT", "TAG", "POLICY", "HOTFIX", "CLEANUP",
];

/// What is wrong with a message.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    pub headline: String,
    pub help: String,
}

/// Did git write the message: a merge, or a revert in git's words?
pub fn is_made_by_git(commit: &Commit) -> bool {
    commit.parents.len() > 1
        || commit.message.starts_with("Merge ")
        || commit.message.starts_with("Revert \"")
        || commit.message.starts_with("Reapply \"")
}

/// Has the message the form?
pub fn judge(options: &Options, message: &str) -> Result<(), Wrong> {
    let subject = message
        .trim_start()
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end();
    let wrong = |what: &str, help: String| {
        Err(Wrong {
            headline: format!("the commit message `{}` {what}", shorten(subject)),
            help,
        })
    };
    let reword = |form: &str| format!("reword it (`git rebase -i`) to {form}");
    if subject.is_empty() {
        return Err(Wrong {
            headline: "the commit message is empty".to_owned(),
            help: "give it a message (`git commit --amend`)".to_owned(),
        });
    }
    if ["fixup! ", "squash! ", "amend! "]
        .iter()
        .any(|mark| subject.starts_with(mark))
    {
        return wrong(
            "waits to be folded into another commit",
            "fold it before the push (`git rebase -i --autosquash`)".to_owned(),
        );
    }
    let defaults = match options.style {
        Style::Off => return Ok(()),
        Style::Pattern => {
            let pattern = options.pattern.as_ref();
            return match pattern {
                Some(pattern) if !pattern.regex().is_match(message) => wrong(
                    "does not match the pattern",
                    reword(&format!("match `{pattern}`")),
                ),
                _ => length(options, subject)
                    .or_else(|what| wrong(&what, reword("a shorter first line"))),
            };
        }
        Style::Conventional => CONVENTIONAL,
        Style::Upper => UPPER,
    };
    let types: Vec<&str> = if options.types.is_empty() {
        defaults.to_vec()
    } else {
        options.types.iter().map(String::as_str).collect()
    };
    let example = types.first().copied().unwrap_or("type");
    let form = reword(&format!(
        "`{example}: subject` or `{example}(scope): subject`"
    ));
    let Some((head, rest)) = subject.split_once(':') else {
        return wrong("has no type", form);
    };
    let head = head.strip_suffix('!').unwrap_or(head);
    let (kind, scope) = match head.split_once('(') {
        None => (head, None),
        Some((kind, scope)) => (kind, Some(scope)),
    };
    let scope_is_good = scope.is_none_or(|scope| {
        scope
            .strip_suffix(')')
            .is_some_and(|scope| !scope.trim().is_empty() && !scope.contains(['(', ')']))
    });
    if !types.contains(&kind) {
        let meant = types.iter().find(|known| known.eq_ignore_ascii_case(kind));
        return match meant {
            Some(known) => wrong(
                &format!("has its type in the wrong case: write `{known}`"),
                form,
            ),
            None if kind.contains(' ') || kind.is_empty() => wrong("has no type", form),
            None => wrong(
                "has an unknown type",
                format!("{form}; known types: {}", types.join(", ")),
            ),
        };
    }
    if !scope_is_good {
        return wrong("has a scope that is empty or not closed", form);
    }
    if !rest.starts_with(' ') || rest.trim().is_empty() {
        return wrong("has no subject behind a colon and a space", form);
    }
    length(options, subject).or_else(|what| wrong(&what, reword("a shorter first line")))
}

fn length(options: &Options, subject: &str) -> Result<(), String> {
    let length = subject.chars().count();
    if length > options.max_subject {
        Err(format!(
            "has a first line of {length} characters, over {}",
            options.max_subject
        ))
    } else {
        Ok(())
    }
}

fn shorten(subject: &str) -> String {
    if subject.chars().count() <= 72 {
        return subject.to_owned();
    }
    let start: String = subject.chars().take(69).collect();
    start + "..."
}
