//! Owns which advisories are one: the transitive closure of their aliases.

use std::collections::BTreeMap;

/// Numbers the groups of these sets of ids: two sets are in one group when a chain of common ids leads from one to the
/// other. The numbers are those of the first set of each group.
#[must_use]
pub fn groups<'a, I: IntoIterator<Item = &'a str>>(
    sets: impl IntoIterator<Item = I>,
) -> Vec<usize> {
    let mut parent: Vec<usize> = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, ids) in sets.into_iter().enumerate() {
        parent.push(at);
        for id in ids {
            match seen.get(id) {
                None => {
                    seen.insert(id, at);
                }
                Some(&other) => {
                    let (a, b) = (root(&parent, at), root(&parent, other));
                    parent[a.max(b)] = a.min(b);
                }
            }
        }
    }
    (0..parent.len()).map(|at| root(&parent, at)).collect()
}

fn root(parent: &[usize], mut at: usize) -> usize {
    while parent[at] != at {
        at = parent[at];
    }
    at
}

/// The id that stands for a group: a CVE, else that of the ecosystem's own database, else GitHub's; then by text.
#[must_use]
pub fn preferred<'a>(ids: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let rank = |id: &str| match id.split('-').next() {
        Some("CVE") => 0,
        Some("MAL") => 1,
        Some("GHSA") => 3,
        _ => 2,
    };
    ids.into_iter().min_by_key(|id| (rank(id), *id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_of_aliases_are_one() {
        let sets: [&[&str]; 5] = [
            &["GHSA-1", "CVE-1"],
            &["PYSEC-9", "CVE-9"],
            &["PYSEC-1", "CVE-2"],
            &["X-1"],
            &["CVE-2", "CVE-1"],
        ];
        let found = groups(sets.map(|set| set.iter().copied()));
        assert_eq!(found, [0, 1, 0, 3, 0]);
        assert_eq!(groups(Vec::<Vec<&str>>::new()), Vec::<usize>::new());
        assert_eq!(preferred(["GHSA-1", "RUSTSEC-1"]), Some("RUSTSEC-1"));
        assert_eq!(preferred(["GHSA-1", "CVE-2", "CVE-1"]), Some("CVE-1"));
    }
}
