//! Owns the table of packs that are built into the binary.

/// The layer under everything: stages, score, limits.
pub const DEFAULTS: &str = include_str!("../../gates/defaults.yaml");

/// Every pack: its name and its text.
pub static ALL: &[(&str, &str)] = &[
    ("recommended", include_str!("../../gates/recommended.yaml")),
    ("three-tier", include_str!("../../gates/three-tier.yaml")),
    (
        "release-quality",
        include_str!("../../gates/release-quality.yaml"),
    ),
    ("supabase", include_str!("../../gates/supabase.yaml")),
    ("pipeline", include_str!("../../gates/pipeline.yaml")),
    ("python", include_str!("../../gates/python.yaml")),
    ("node", include_str!("../../gates/node.yaml")),
    ("rust", include_str!("../../gates/rust.yaml")),
    ("go", include_str!("../../gates/go.yaml")),
    ("self", include_str!("../../gates/self.yaml")),
];

/// The text of a pack.
#[must_use]
pub fn find(name: &str) -> Option<&'static str> {
    ALL.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
