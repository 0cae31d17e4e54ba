//! Owns what is told beside the findings: what was not looked into, and what is not reported and why.

use crate::base::words as messages;
use crate::model::evidence::Evidence;

use super::options::Options;

/// What is counted beside the findings.
#[derive(Default)]
pub struct Told {
    /// Binary files.
    pub binary: usize,
    /// Files over the limit.
    pub large: usize,
    /// Texts with the body of a placeholder.
    pub dummies: usize,
    /// Secrets that the options allow.
    pub allowed: usize,
    /// Secrets that the files of gitleaks accept.
    pub accepted: usize,
    /// Where another scanner's mark stands.
    pub marked: Vec<String>,
}

/// At most so many marks are listed.
const LISTED: usize = 20;

impl Told {
    /// Adds the notes.
    pub fn notes(&self, options: &Options, evidence: &mut Evidence) {
        let mut note = |count: usize, noun: &str, what: &str| {
            if count > 0 {
                evidence
                    .notes
                    .push(format!("{} {what}", messages::count(count, noun)));
            }
        };
        note(self.binary, "binary file", "not looked into");
        note(
            self.large,
            "file",
            &format!("over {} not looked into", options.max_size),
        );
        note(
            self.dummies,
            "text",
            "in the form of a token with the body of a placeholder, not reported",
        );
        note(
            self.allowed,
            "secret",
            "allowed by the options, not reported",
        );
        note(
            self.accepted,
            "secret",
            "accepted by the files of gitleaks, not reported",
        );
        note(
            self.marked.len(),
            "finding",
            "silenced by the mark of another scanner (option `marks`)",
        );
        for place in self.marked.iter().take(LISTED) {
            evidence.notes.push(format!("silenced: {place}"));
        }
        if self.marked.len() > LISTED {
            evidence
                .notes
                .push(format!("silenced: {} more", self.marked.len() - LISTED));
        }
    }
}
