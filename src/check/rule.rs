//! Owns the declaration of rules: `rule!` ties an id to its page in the `rules/` folder beside it.

/// Declares a rule and embeds its page: `rule!("bidi-control", High, "2026-11")` reads `rules/bidi-control.md`.
#[macro_export]
macro_rules! rule {
    ($id:literal, $severity:ident, $since:literal) => {
        $crate::model::rule::Rule {
            id: $id,
            severity: $crate::model::rule::Severity::$severity,
            since: $since,
            page: include_str!(concat!("rules/", $id, ".md")),
        }
    };
}
