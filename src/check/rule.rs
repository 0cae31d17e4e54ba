//! Owns the declaration of rules: `rule!` ties an id to its page in the `rules/` folder beside it.

/// Declares a rule and embeds its page: `rule!("bidi-control", High, "2026-11")` reads `rules/bidi-control.md`. What the field
/// calls its weakness may follow: `["CWE-89", "A05:2025"]`.
#[macro_export]
macro_rules! rule {
    ($id:literal, $severity:ident, $since:literal) => {
        $crate::rule!($id, $severity, $since, [])
    };
    ($id:literal, $severity:ident, $since:literal, [$($standard:literal),*]) => {
        $crate::model::rule::Rule {
            id: $id,
            severity: $crate::model::rule::Severity::$severity,
            since: $since,
            standards: &[$($standard),*],
            page: include_str!(concat!("rules/", $id, ".md")),
        }
    };
}
