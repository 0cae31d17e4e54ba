//! Owns slugs: the anchors that a heading can have. Renderers disagree, so that a heading has several, and a link may name any
//! of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

/// The anchors of one page, as its headings are read in order.
#[derive(Debug, Default)]
pub struct Slugs {
    /// All anchors.
    pub all: BTreeSet<String>,
    /// How often each slug was made.
    made: BTreeMap<String, usize>,
}

/// What GitHub drops: all but letters, marks, numbers, connectors, hyphens and blanks.
static DROPPED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[^\p{L}\p{M}\p{N}\p{Pc}\- ]").expect("the pattern is right"));

/// The word between colons that stands for a picture.
static SHORTCODE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r":[a-z0-9_+-]+:").expect("the pattern is right"));

/// An explicit id behind a heading: `{#id}`.
static EXPLICIT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\s*\{:?\s*#[^}\s]+[^}]*\}\s*$").expect("the pattern is right"));

impl Slugs {
    /// Adds a heading, given its rendered text without and with what its pictures say.
    pub fn heading(&mut self, plain: &str, with_pictures: &str) {
        let mut forms = BTreeSet::new();
        for text in [plain, with_pictures] {
            for text in [text, &EXPLICIT.replace(text, "")] {
                for text in [text, &SHORTCODE.replace_all(text, "")] {
                    for text in [text, text.trim()] {
                        forms.insert(github(text));
                        forms.insert(ascii_blanks(text));
                    }
                }
            }
        }
        for form in forms {
            let before = self.made.entry(form.clone()).or_default();
            let number = *before;
            *before += 1;
            if number == 0 {
                self.all.insert(form);
                continue;
            }
            // GitHub keeps counting; others look for the next that is free.
            let counted = format!("{form}-{number}");
            let free = (number..=number + self.all.len())
                .map(|n| format!("{form}-{n}"))
                .find(|slug| !self.all.contains(slug));
            self.all.extend(free);
            self.all.insert(counted);
        }
    }

    /// Adds an id that the page gives itself.
    pub fn id(&mut self, id: &str) {
        self.all.insert(id.to_owned());
    }
}

/// As GitHub makes it.
fn github(text: &str) -> String {
    let lower = text.to_lowercase();
    DROPPED.replace_all(&lower, "").replace(' ', "-")
}

/// As tools make it that keep letters, numbers, `_` and `-` only, and turn any white space into a hyphen.
fn ascii_blanks(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter_map(|c| match c {
            '_' | '-' => Some(c),
            c if c.is_whitespace() => Some('-'),
            c => c.is_alphanumeric().then_some(c),
        })
        .collect()
}

/// A fragment as it is compared: without the picture selector, which tools keep or drop.
#[must_use]
pub fn bare(text: &str) -> String {
    text.replace('\u{fe0f}', "")
}

/// What is left when generators of sites make their own slugs: letters and numbers.
#[must_use]
pub fn letters(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headings: &[&str], anchors: &[&str], not: &[&str]) {
        let mut slugs = Slugs::default();
        for heading in headings {
            slugs.heading(heading, heading);
        }
        for anchor in anchors {
            assert!(slugs.all.contains(*anchor), "{anchor} {:?}", slugs.all);
        }
        for anchor in not {
            assert!(!slugs.all.contains(*anchor), "{anchor} {:?}", slugs.all);
        }
    }

    #[test]
    fn headings_have_their_slugs() {
        check(&["Hello, World!"], &["hello-world"], &["hello--world"]);
        check(&["a & b"], &["a--b"], &["a-b"]);
        check(
            &["foo", "foo", "foo"],
            &["foo", "foo-1", "foo-2"],
            &["foo-3"],
        );
        check(&["foo", "foo-1", "foo"], &["foo-1", "foo-2"], &[]);
        check(&["`code_here` and \u{e9}"], &["code_here-and-\u{e9}"], &[]);
        check(&["Title {#own}"], &["title", "title-own"], &[]);
        check(&[":tada: New"], &["tada-new", "new", "-new"], &[]);
    }
}
