//! Owns the names of the functions that the server and its extensions bring.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

/// Who brings which functions: one line for a part of the names, `who: name name`.
const NAMES: &str = include_str!("functions.txt");

static KNOWN: LazyLock<BTreeMap<&str, HashSet<&str>>> = LazyLock::new(|| {
    let mut known: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
    let lines = NAMES.lines().filter(|line| !line.starts_with('#'));
    for (who, names) in lines.filter_map(|line| line.split_once(": ")) {
        known.entry(who).or_default().extend(names.split(' '));
    }
    known
});

/// Does the extension bring a function of this name? `None`: it is not known what it brings.
#[must_use]
pub fn brings(extension: &str, name: &str) -> Option<bool> {
    KNOWN.get(extension).map(|names| names.contains(name))
}

/// Does the server bring a function of this name?
#[must_use]
pub fn is_own(name: &str) -> bool {
    brings("pg_catalog", name) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_known() {
        assert!(is_own("now") && is_own("json_build_object") && !is_own("gen_salt"));
        assert_eq!(brings("pgcrypto", "gen_salt"), Some(true));
        assert_eq!(brings("pgcrypto", "now"), Some(false));
        assert_eq!(brings("nobody", "now"), None);
    }
}
