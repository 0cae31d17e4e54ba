//! Owns what a gate file can say of secrets: own kinds, what is allowed, whose marks count, and whether history is read.

use serde::{Deserialize, Serialize};

use crate::check::options::{Glob, Pattern, Size};
use crate::model::rule::Severity;

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Larger files are not looked into; the report counts them.
    pub max_size: Size,
    /// Is every version of every file in git's history scanned too?
    pub history: bool,
    /// Kinds of your own.
    pub kinds: Vec<OwnKind>,
    /// What is no secret here.
    pub allow: Allow,
    /// Do the marks of other scanners (`gitleaks:allow`, `pragma: allowlist secret` and their like) silence a finding? They
    /// are counted and listed all the same.
    pub marks: bool,
    /// Are `.gitleaks.toml` and `.gitleaks-baseline.json` in the root read?
    pub gitleaks: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_size: Size(20_000_000),
            history: false,
            kinds: Vec::new(),
            allow: Allow::default(),
            marks: true,
            gitleaks: true,
        }
    }
}

/// What is no secret here.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Allow {
    /// Files in which nothing is looked for.
    pub paths: Vec<Glob>,
    /// Values, by what `qgate secrets digest` prints of them.
    pub digests: Vec<String>,
    /// Values that hold one of these texts, whatever their case.
    pub words: Vec<String>,
    /// Values that match one of these.
    pub values: Vec<Pattern>,
}

/// A kind of your own: a form, or a regular expression.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnKind {
    /// What people call it.
    pub name: String,
    /// The text that every such secret begins with. With it go `alphabet` and `length`.
    #[serde(default)]
    pub prefix: String,
    /// What follows the prefix.
    #[serde(default)]
    pub alphabet: Option<Letters>,
    /// How many characters follow: `32`, or `20-40`.
    #[serde(default)]
    pub length: String,
    /// Instead: a regular expression; its first group, if it has one, is the secret.
    #[serde(default)]
    pub pattern: Option<Pattern>,
    /// The expression is tried only in files that hold one of these texts.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// How bad it is.
    #[serde(default = "high")]
    pub severity: Severity,
}

const fn high() -> Severity {
    Severity::High
}

/// An alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Letters {
    /// `0-9`
    Digits,
    /// `0-9a-f`
    Hex,
    /// `A-Za-z`
    Letters,
    /// `A-Za-z0-9`
    Alphanumeric,
    /// `A-Za-z0-9_-`
    Base64url,
    /// `A-Za-z0-9+/`
    Base64,
}

impl Letters {
    /// Its letter in a form.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Digits => 'd',
            Self::Hex => 'x',
            Self::Letters => 'a',
            Self::Alphanumeric => 'w',
            Self::Base64url => 'u',
            Self::Base64 => 'b',
        }
    }
}
