//! Owns the rules on symbolic links: they lead to something in the repository.

use crate::base::ascii;
use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::model::evidence::Evidence;
use crate::model::rule::Severity;
use crate::source::tree::{EntryKind, FileMeta, SourceTree};

use super::{BROKEN_LINK, LEAVING_LINK, at};

/// Through as many links a path may lead; systems give up at about this number, too.
const MOST_HOPS: usize = 40;

pub fn check(cx: &Cx<'_>, evidence: &mut Evidence) {
    for meta in cx.tree.files() {
        if meta.kind != EntryKind::Link {
            continue;
        }
        let target = match cx.tree.read(meta) {
            Ok(target) => target,
            Err(problem) => {
                evidence.partial(problem.to_string());
                continue;
            }
        };
        let shown = ascii::escape_bytes(&target);
        let finding = match follow(cx.tree, meta, &target) {
            End::Inside => continue,
            End::Missing => at(
                &BROKEN_LINK,
                meta,
                format!("the link leads to `{shown}`, which is not in the repository"),
                "mend or remove the link; a file that git ignores is missing in a fresh clone",
            ),
            End::Circle => at(
                &BROKEN_LINK,
                meta,
                format!("the link to `{shown}` leads back to itself"),
                "mend or remove the link",
            ),
            End::Outside => at(
                &LEAVING_LINK,
                meta,
                format!("the link leads out of the repository, to `{shown}`"),
                "put the file into the repository, or make the link where it is needed",
            ),
        };
        let severity = if meta.class.test {
            Severity::Info
        } else {
            finding.severity
        };
        evidence.findings.push(finding.graded(severity));
    }
}

enum End {
    Inside,
    Missing,
    Circle,
    Outside,
}

fn follow(tree: &dyn SourceTree, link: &FileMeta, target: &[u8]) -> End {
    let mut done: Vec<Vec<u8>> = link.path.parts().map(<[u8]>::to_vec).collect();
    done.pop();
    let mut left = parts(target);
    if target.starts_with(b"/") {
        return End::Outside;
    }
    let mut hops = 1;
    while let Some(part) = left.pop() {
        match &part[..] {
            b"" | b"." => continue,
            b".." => {
                if done.pop().is_none() {
                    return End::Outside;
                }
                continue;
            }
            _ => done.push(part),
        }
        let Some(path) = RepoPath::new(done.join(&b'/')) else {
            return End::Missing;
        };
        match tree.find(&path) {
            Some(meta) if meta.kind == EntryKind::Link => {
                hops += 1;
                if hops > MOST_HOPS {
                    return End::Circle;
                }
                let Ok(next) = tree.read(meta) else {
                    return End::Missing;
                };
                if next.starts_with(b"/") {
                    return End::Outside;
                }
                done.pop();
                left.extend(parts(&next));
            }
            // What a submodule holds is its own repository's matter.
            Some(meta) if meta.kind == EntryKind::Submodule => return End::Inside,
            Some(_) if left.iter().any(|part| !matches!(&part[..], b"" | b".")) => {
                return End::Missing;
            }
            Some(_) => {}
            None if is_folder(tree, &path) => {}
            None => return End::Missing,
        }
    }
    End::Inside
}

/// The parts of a target, the first one last.
fn parts(target: &[u8]) -> Vec<Vec<u8>> {
    target
        .split(|&b| b == b'/')
        .rev()
        .map(<[u8]>::to_vec)
        .collect()
}

fn is_folder(tree: &dyn SourceTree, path: &RepoPath) -> bool {
    let mut inside = path.as_bytes().to_vec();
    inside.push(b'/');
    let files = tree.files();
    let first = files.partition_point(|meta| meta.path.as_bytes() < inside.as_slice());
    files
        .get(first)
        .is_some_and(|meta| meta.path.as_bytes().starts_with(&inside))
}
