//! Owns the comments with which another workflow scanner is told to ignore a line: `# zizmor: ignore[ID,ID] reason`.

/// Their ids, and ours.
const THEIRS: [(&str, &str); 26] = [
    ("adhoc-packages", "unpinned-install"),
    ("archived-uses", "known-bad-action"),
    ("artipacked", "persisted-credentials"),
    ("bot-conditions", "spoofable-condition"),
    ("cache-poisoning", "cache-poisoning"),
    ("dangerous-triggers", "dangerous-checkout"),
    ("excessive-permissions", "excessive-permissions"),
    ("forbidden-uses", "known-bad-action"),
    ("github-env", "environment-injection"),
    (
        "hardcoded-container-credentials",
        "hardcoded-container-credentials",
    ),
    ("impostor-commit", "known-bad-action"),
    ("insecure-commands", "insecure-commands"),
    ("known-vulnerable-actions", "known-bad-action"),
    ("overprovisioned-secrets", "secrets-exposed"),
    ("secrets-inherit", "secrets-exposed"),
    ("self-hosted-runner", "self-hosted-runner"),
    ("stale-action-refs", "unpinned-action"),
    ("template-injection", "template-injection"),
    ("typosquat-uses", "known-bad-action"),
    ("unpinned-images", "unpinned-image"),
    ("unpinned-tools", "unpinned-install"),
    ("unpinned-uses", "unpinned-action"),
    ("unredacted-secrets", "secret-in-log"),
    ("unsound-condition", "unsound-condition"),
    ("unsound-contains", "unsound-condition"),
    ("unsound-ternary", "unsound-condition"),
];

/// The mark in this line that silences one of these rules.
pub fn of(line: &[u8], rules: &[&str]) -> Option<String> {
    let start = memchr::memmem::find(line, b"zizmor: ignore[")?;
    let rest = std::str::from_utf8(&line[start + 15..]).ok()?;
    let (ids, _) = rest.split_once(']')?;
    let silences = |id: &&str| {
        THEIRS
            .iter()
            .any(|(theirs, ours)| theirs == id && rules.contains(ours))
    };
    ids.split(',')
        .map(str::trim)
        .find(silences)
        .map(|id| format!("zizmor: ignore[{id}]"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn marks() {
        let check = |line: &str, rule: &str| super::of(line.as_bytes(), &[rule]).is_some();
        let line = "uses: a/b@v1 # zizmor: ignore[artipacked, unpinned-uses] why";
        assert!(check(line, "unpinned-action"));
        assert!(!check(line, "template-injection"));
        assert!(!check("# zizmor: ignore[unpinned-uses", "unpinned-action"));
    }
}
