//! Owns the rules on names that some systems cannot tell apart or cannot have.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::model::evidence::Evidence;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::model::rule::Severity;
use crate::source::tree::Tracking;

use super::{CASE_COLLISION, WINDOWS_NAME, at};

pub fn check(windows: bool, cx: &Cx<'_>, evidence: &mut Evidence) {
    // The first spelling of each file and folder, by its folded one.
    let mut spellings: BTreeMap<Vec<u8>, &[u8]> = BTreeMap::new();
    let mut before: &[u8] = b"";
    for meta in cx.tree.files() {
        if meta.tracking == Tracking::Untracked {
            continue;
        }
        let path = meta.path.as_bytes();
        for end in ends(path) {
            let part = &path[..end];
            let known = before.starts_with(part) && matches!(before.get(end), None | Some(b'/'));
            if known {
                continue;
            }
            let first = *spellings.entry(fold(part)).or_insert(part);
            if first != part {
                collision(part, first, end == path.len(), evidence);
            }
        }
        before = path;
        if windows && let Some(why) = meta.path.parts().find_map(refused) {
            let headline = format!("a name that Windows cannot have: {why}");
            evidence
                .findings
                .push(at(&WINDOWS_NAME, meta, headline, "rename it"));
        }
    }
}

/// Where the folders of a path and the path itself end.
fn ends(path: &[u8]) -> impl Iterator<Item = usize> {
    let slashes = path.iter().enumerate().filter(|(_, b)| **b == b'/');
    slashes.map(|(at, _)| at).chain([path.len()])
}

fn fold(path: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(path) {
        Ok(text) if !text.is_ascii() => text.to_lowercase().into_bytes(),
        _ => path.to_ascii_lowercase(),
    }
}

fn collision(path: &[u8], other: &[u8], file: bool, evidence: &mut Evidence) {
    let (Some(path), Some(other)) = (RepoPath::new(path), RepoPath::new(other)) else {
        return;
    };
    let same_folder = fold_parent(&path) == fold_parent(&other) && parent(&path) != parent(&other);
    // The folders were reported already.
    if same_folder && !file {
        return;
    }
    let headline = format!("its name differs from `{other}` only by the case of letters");
    let help = "rename one of them: on Windows and macOS a checkout loses one";
    let severity = if file {
        Severity::Medium
    } else {
        Severity::Low
    };
    let finding = Finding::new(&CASE_COLLISION, Place::File(path), headline, help);
    evidence.findings.push(finding.graded(severity));
}

fn parent(path: &RepoPath) -> &[u8] {
    let bytes = path.as_bytes();
    &bytes[..bytes.len() - path.name().len()]
}

fn fold_parent(path: &RepoPath) -> Vec<u8> {
    fold(parent(path))
}

/// Why Windows refuses the part of a path.
fn refused(part: &[u8]) -> Option<&'static str> {
    let stem = part.split(|&b| b == b'.').next().unwrap_or(part);
    let stem = stem.trim_ascii_end().to_ascii_lowercase();
    let device = matches!(&stem[..], b"con" | b"prn" | b"aux" | b"nul")
        || matches!(
            &stem[..],
            [b'c', b'o', b'm', b'1'..=b'9'] | [b'l', b'p', b't', b'1'..=b'9']
        );
    if device {
        Some("it is the name of a device")
    } else if part.iter().any(|b| {
        matches!(
            b,
            0..=31 | b'<' | b'>' | b':' | b'"' | b'|' | b'?' | b'*' | b'\\'
        )
    }) {
        Some("it has one of < > : \" | ? * \\ or a control character in it")
    } else if matches!(part.last(), Some(b' ' | b'.')) {
        Some("it ends in a space or a dot")
    } else {
        None
    }
}
