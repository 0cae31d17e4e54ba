//! Owns the rules on files that must exist, must not exist, or are too large.

use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::check::options::Glob;
use crate::model::evidence::Evidence;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::source::tree::FileMeta;

use super::options::Options;
use super::{EMPTY_FILE, FORBIDDEN_FILE, LARGE_FILE, MISSING_FILE, Seen, at, content};

pub fn check(options: &Options, files: &Seen<'_>, cx: &Cx<'_>, evidence: &mut Evidence) {
    for glob in &options.expect {
        expect(glob, files, cx, evidence);
    }
    for meta in cx.tree.files() {
        if let Some(glob) = options.forbid.iter().find(|glob| glob.matches(&meta.path)) {
            evidence.findings.push(at(
                &FORBIDDEN_FILE,
                meta,
                format!("this file must not exist: the gate forbids `{glob}`"),
                "remove it, or take the name out of `forbid`",
            ));
        }
        if let Some(limit) = options
            .max_size
            .filter(|limit| meta.is_file() && meta.size > limit.0)
        {
            let headline = format!("a file of {} bytes, over the limit of {limit}", meta.size);
            let help = "keep it elsewhere (release files, Git LFS), or raise `max_size`";
            evidence
                .findings
                .push(at(&LARGE_FILE, meta, headline, help).anchored("size"));
        }
    }
}

fn expect(glob: &Glob, files: &Seen<'_>, cx: &Cx<'_>, evidence: &mut Evidence) {
    let text = glob.as_str();
    let folder = format!("{}/", text.trim_end_matches('/'));
    let mut found = false;
    for meta in cx.tree.files() {
        found |= meta.path.as_bytes().starts_with(folder.as_bytes());
        if !glob.matches(&meta.path) {
            continue;
        }
        found = true;
        let blank = content(files, meta).map_or(meta.is_file() && meta.size == 0, |c| c.blank);
        if blank {
            let headline = "an expected file is empty";
            evidence
                .findings
                .push(at(&EMPTY_FILE, meta, headline, "write it"));
        }
    }
    if found {
        return;
    }
    let help = match other_case(text, cx.tree.files()) {
        Some(other) => format!(
            "rename `{}` to it: the case of the letters counts",
            other.path
        ),
        None => format!("add `{text}`; a file that git ignores does not count"),
    };
    let place = match RepoPath::new(text.trim_end_matches('/')) {
        Some(path) => Place::File(path),
        None => Place::Object(text.to_owned()),
    };
    let headline = format!("an expected file is missing: `{text}`");
    evidence
        .findings
        .push(Finding::new(&MISSING_FILE, place, headline, help));
}

fn other_case<'a>(text: &str, files: &'a [FileMeta]) -> Option<&'a FileMeta> {
    files
        .iter()
        .find(|meta| meta.path.as_bytes().eq_ignore_ascii_case(text.as_bytes()))
}
