//! Owns the sizes of git's objects: asked of git, and kept in the user's cache, because git has to open each object that is
//! not in a pack to tell. An object's size never changes.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::git::{Repository, command};
use super::store;
use crate::model::fault::Fault;

/// The first word of the file; another one is another version.
const FORM: &str = "qgate-sizes-1";

/// Sizes that are kept in a file.
#[derive(Clone, Debug)]
pub struct Sizes(PathBuf);

impl Sizes {
    /// Those that are kept in this folder, which must not come with the repository.
    #[must_use]
    pub fn kept_in(folder: &Path) -> Self {
        Self(folder.join("sizes"))
    }

    /// The sizes of the objects, in order; 0 for one that is not in this clone.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn of(&self, repository: &Repository, ids: &[&str]) -> Result<Vec<u64>, Fault> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        let mut known = parse(&text).unwrap_or_default();
        let new: Vec<&str> = ids
            .iter()
            .copied()
            .filter(|id| !known.contains_key(id))
            .collect();
        if !new.is_empty() {
            let sizes = ask(repository, new.iter().copied())?;
            let found = new.into_iter().zip(sizes);
            let found: Vec<(&str, u64)> =
                found.filter_map(|(id, size)| Some((id, size?))).collect();
            if found.is_empty() {
                return Ok(in_order(&known, ids));
            }
            // What this tree does not have is kept for other trees, up to a point.
            if known.len() > 2 * ids.len() {
                let wanted = ids.iter().filter_map(|id| Some((*id, *known.get(id)?)));
                known = wanted.collect();
            }
            known.extend(found);
            if let Err(problem) = store::write_atomic(&self.0, shown(&known).as_bytes()) {
                tracing::warn!(%problem, "the sizes of git's objects cannot be kept");
            }
        }
        Ok(in_order(&known, ids))
    }
}

fn in_order(known: &HashMap<&str, u64>, ids: &[&str]) -> Vec<u64> {
    let size = |id: &&str| known.get(id).copied().unwrap_or(0);
    ids.iter().map(size).collect()
}

/// The sizes of the objects, in order; `None` for one that is not in this clone.
pub(crate) fn ask<'a>(
    repository: &Repository,
    ids: impl Iterator<Item = &'a str>,
) -> Result<Vec<Option<u64>>, Fault> {
    let input: String = ids.flat_map(|id| [id, "\n"]).collect();
    let args = ["cat-file", "--batch-check=%(objectsize)"];
    let output = repository.runner().feed(args, input.as_bytes())?;
    if !output.status.success() {
        return Err(command::failed(&output.stderr));
    }
    let sizes = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|size| size.parse().ok())
        .collect();
    Ok(sizes)
}

/// `None` for a file that is torn, foreign or of another version.
fn parse(text: &str) -> Option<HashMap<&str, u64>> {
    let (head, lines) = text.split_once('\n')?;
    let (form, count) = head.split_once(' ')?;
    let count: usize = count.parse().ok()?;
    let mut known = HashMap::with_capacity(count.min(lines.len()));
    for line in lines.lines() {
        let (id, size) = line.split_once(' ')?;
        known.insert(id, size.parse().ok()?);
    }
    (form == FORM && known.len() == count && text.ends_with('\n')).then_some(known)
}

fn shown(known: &HashMap<&str, u64>) -> String {
    let mut all: Vec<(&str, u64)> = known.iter().map(|(id, size)| (*id, *size)).collect();
    all.sort_unstable();
    let mut text = format!("{FORM} {}\n", all.len());
    for (id, size) in all {
        // A String takes all that is written.
        let _ = writeln!(text, "{id} {size}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<usize>) {
        assert_eq!(parse(text).map(|known| known.len()), expected, "{text:?}");
    }

    #[test]
    fn only_a_whole_file_of_this_form_is_taken() {
        let whole = shown(&HashMap::from([("aa", 12), ("bb", 345)]));
        assert_eq!(whole, "qgate-sizes-1 2\naa 12\nbb 345\n");
        check(&whole, Some(2));
        check(&shown(&HashMap::new()), Some(0));
        for cut in 0..whole.len() {
            check(&whole[..cut], None);
        }
        check(&whole.replace("-1", "-2"), None);
        check(&whole.replace("345", "-3"), None);
        check(&whole.replace("bb", "aa"), None);
    }
}
