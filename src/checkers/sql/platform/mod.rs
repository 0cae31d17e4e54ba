//! Owns what a database holds before the first migration: nothing, or what the platform brings.

use super::fold::Fold;
use super::parse::split;
use crate::model::place::Span;

/// What the platform brings.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Supabase as projects from before 2026-05 know it: the API's roles get every right on new objects.
    #[default]
    #[serde(alias = "supabase")]
    Legacy,
    /// Supabase as new projects know it: nothing is granted by itself.
    #[serde(rename = "2026")]
    New,
    /// PostgreSQL alone.
    Plain,
}

/// A database before its first migration.
#[must_use]
pub fn first(profile: Profile) -> Fold {
    let mut fold = Fold::new();
    let scripts: &[&str] = match profile {
        Profile::Legacy => &[include_str!("supabase.sql"), include_str!("legacy.sql")],
        Profile::New => &[include_str!("supabase.sql")],
        Profile::Plain => &[],
    };
    for text in scripts {
        fold.platform(&split::script(text, |_| Span::at(1, 1)));
    }
    fold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_is_made_without_a_failure() {
        for profile in [Profile::Legacy, Profile::New, Profile::Plain] {
            let fold = first(profile);
            assert_eq!(fold.remarks, Vec::new());
        }
    }
}
