//! Owns links: which of them lead nowhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::path::RepoPath;
use crate::base::{ascii, words};
use crate::check::Observed;
use crate::model::evidence::Evidence;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::source::tree::FileMeta;

use super::page::{Link, Page};
use super::resolve::{self, End, Files};
use super::slug;
use super::{BROKEN_ANCHOR, BROKEN_LINK, Facts, UNDEFINED_LABEL, UNUSED_LABEL};

/// Anchors as they are compared.
struct Anchors {
    exact: BTreeSet<String>,
    /// For messages: in lower case.
    lower: BTreeSet<String>,
    /// For pages of sites: letters and numbers only.
    letters: BTreeSet<String>,
    is_made: bool,
}

impl Anchors {
    fn new<'a>(all: impl IntoIterator<Item = &'a String>, is_made: bool) -> Self {
        let exact: BTreeSet<String> = all.into_iter().map(|anchor| slug::bare(anchor)).collect();
        Self {
            lower: exact.iter().map(|anchor| anchor.to_lowercase()).collect(),
            letters: exact.iter().map(|anchor| slug::letters(anchor)).collect(),
            exact,
            is_made,
        }
    }
}

/// What links are checked against.
struct Checker<'a> {
    files: Files<'a>,
    anchors: BTreeMap<&'a [u8], Anchors>,
    root: Option<&'a RepoPath>,
    outside: usize,
}

/// Adds a finding for each link that leads nowhere, of pages that are judged.
pub fn check<'a>(
    observed: &'a [Observed<'a, Facts>],
    files: &'a [FileMeta],
    root: Option<&'a RepoPath>,
    judges: impl Fn(&RepoPath) -> bool,
    evidence: &mut Evidence,
) {
    let anchors = observed.iter().filter_map(|one| {
        let anchors = match one.facts.as_ref()? {
            Facts::Page(page) => Anchors::new(&page.anchors, page.is_made),
            Facts::Html(ids) => Anchors::new(ids, false),
            Facts::Xml(_) | Facts::Prompt(_) | Facts::Unread => return None,
        };
        Some((one.file.path.as_bytes(), anchors))
    });
    let mut checker = Checker {
        files: Files::new(files),
        anchors: anchors.collect(),
        root,
        outside: 0,
    };
    for Observed { file, facts } in observed {
        if let Some(Facts::Page(page)) = facts
            && judges(&file.path)
        {
            checker.page(&file.path, page, evidence);
        }
    }
    if checker.outside > 0 {
        let links = words::count(checker.outside, "link");
        evidence.notes.push(format!(
            "{links} out of the repository, or from the root of a site, not followed"
        ));
    }
}

impl Checker<'_> {
    fn page(&mut self, path: &RepoPath, page: &Page, evidence: &mut Evidence) {
        for link in &page.links {
            evidence.findings.extend(self.link(path, link));
        }
        for label in page.unused.iter().filter(|_| !page.is_made) {
            let headline = format!("nothing uses the label `{}`", ascii::escape(&label.target));
            let place = Place::Part(path.clone(), label.span);
            let finding = Finding::new(
                &UNUSED_LABEL,
                place,
                headline,
                "remove its definition, or use it",
            );
            evidence
                .findings
                .push(finding.anchored(label.anchor.clone()));
        }
        for label in page.labels.iter().filter(|_| !page.is_made) {
            let headline = format!(
                "nothing defines the label `{}`",
                ascii::escape(&label.target)
            );
            let help = "define it as `[label]: target`, or write the brackets as `\\[`";
            let place = Place::Part(path.clone(), label.span);
            let finding = Finding::new(&UNDEFINED_LABEL, place, headline, help);
            evidence
                .findings
                .push(finding.anchored(label.anchor.clone()));
        }
    }

    fn link(&mut self, path: &RepoPath, link: &Link) -> Option<Finding> {
        let (target, fragment) = resolve::split(&link.target);
        let shown = ascii::escape(&link.target);
        let place = Place::Part(path.clone(), link.span);
        let end = if target.is_empty() {
            End::File(path.as_bytes().to_vec())
        } else {
            self.files.end(path, target.as_bytes(), self.root)
        };
        let end = match end {
            End::File(end) => end,
            End::Unseen => return None,
            End::Outside => {
                self.outside += 1;
                return None;
            }
            End::Nowhere(real) => {
                let (headline, help) = match real {
                    Some(real) => (
                        format!("`{shown}` is not how the file is written"),
                        format!(
                            "write it as it is: {}",
                            ascii::escape(&String::from_utf8_lossy(&real))
                        ),
                    ),
                    None => (
                        format!("`{shown}` leads nowhere"),
                        "name a file that is there, or remove the link".to_owned(),
                    ),
                };
                return Some(
                    Finding::new(&BROKEN_LINK, place, headline, help).anchored(link.anchor.clone()),
                );
            }
        };
        let fragment = fragment.filter(|fragment| !fragment.is_empty())?;
        let anchors = self.anchors.get(end.as_slice())?;
        let is_in_site = self.files.is_in_site(path);
        if has(anchors, &fragment, is_in_site) {
            return None;
        }
        let headline = if end == path.as_bytes() {
            format!("`{shown}` names no heading of this page")
        } else {
            format!("`{shown}` names no heading of that page")
        };
        let help = if anchors.lower.contains(&fragment.to_lowercase()) {
            "an anchor is written in small letters, as its heading's address is".to_owned()
        } else {
            "name a heading that is there, or give the place an id".to_owned()
        };
        Some(Finding::new(&BROKEN_ANCHOR, place, headline, help).anchored(link.anchor.clone()))
    }
}

/// Lines of a file as hosts name them: `L3`, `L3C2-L4`, `L3-4`.
fn is_lines(fragment: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_place = |text: &str| match text.split_once('C') {
        Some((line, column)) => is_number(line) && is_number(column),
        None => is_number(text),
    };
    let Some(rest) = fragment.strip_prefix('L') else {
        return false;
    };
    match rest.split_once('-') {
        Some((from, to)) => is_place(from) && is_place(to.strip_prefix('L').unwrap_or(to)),
        None => is_place(rest),
    }
}

/// Can a link to this fragment end there?
fn has(anchors: &Anchors, fragment: &str, is_in_site: bool) -> bool {
    let fragment = slug::bare(fragment);
    let own = fragment.strip_prefix("user-content-").unwrap_or(&fragment);
    own == "top"
        || is_lines(own)
        || own.starts_with(":~:")
        || own.starts_with('!')
        || own.starts_with("tab/")
        || own.contains('=')
        || anchors.is_made
        || anchors.exact.contains(own)
        || (is_in_site && anchors.letters.contains(&slug::letters(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fragment: &str, expected: bool) {
        assert_eq!(is_lines(fragment), expected, "{fragment}");
    }

    #[test]
    fn lines_of_files() {
        check("L7", true);
        check("L30-L31", true);
        check("L30-31", true);
        check("L304-L314C98", true);
        check("L3C24-L88", true);
        check("L", false);
        check("L30C", false);
        check("L30L12", false);
        check("L30C11-", false);
        check("L30C11-L31C", false);
        check("7", false);
    }
}
