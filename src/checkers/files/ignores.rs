//! Owns the rule on entries that ignore files must have under the sensitive-file policy.

use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::model::evidence::Evidence;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::model::rule::Severity;
use crate::source::language::Language;
use crate::source::tree::{FileMeta, Tracking};

use super::options::{Level, Options};
use super::{MISSING_IGNORE_ENTRY, Seen};

/// The ignore files of the policy, in the root.
pub const FILES: [&[u8]; 3] = [b".gitignore", b".dockerignore", b".codespell-ignore"];

pub fn check(options: &Options, files: &Seen<'_>, cx: &Cx<'_>, evidence: &mut Evidence) {
    let severity = match options.potato_level {
        Level::Strict => Severity::High,
        Level::Moderate => Severity::Medium,
        Level::Advisory => Severity::Info,
    };
    for name in FILES {
        let path = RepoPath::new(name).expect("a constant name");
        let meta = cx.tree.find(&path);
        if meta.is_none() && !is_due(name, cx.tree.files()) {
            continue;
        }
        let content = meta.and_then(|meta| super::content(files, meta));
        for entry in &options.ignore_entries {
            if content.is_some_and(|content| content.entries.contains(entry)) {
                continue;
            }
            let headline =
                format!("`{path}` lacks the entry `{entry}` of the sensitive-file policy");
            let help = format!("add the line `{entry}` to `{path}`");
            let place = Place::File(path.clone());
            evidence
                .findings
                .push(Finding::new(&MISSING_IGNORE_ENTRY, place, headline, help).graded(severity));
        }
    }
}

/// Must there be such a file at all?
fn is_due(name: &[u8], files: &[FileMeta]) -> bool {
    match name {
        b".gitignore" => files.iter().any(|meta| meta.tracking != Tracking::NoGit),
        b".dockerignore" => files
            .iter()
            .any(|meta| meta.path.in_root() && meta.language == Some(Language::Dockerfile)),
        _ => files
            .iter()
            .any(|meta| meta.path.as_bytes() == b".codespellrc"),
    }
}
