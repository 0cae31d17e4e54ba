//! Owns the comments with which another workflow scanner is told to ignore a line: `# zizmor: ignore[ID,ID] reason`. Which of its
//! rules are ours, [`Rule::standards`] says.

use crate::model::rule::Rule;

/// The mark in this line that silences the rule.
pub fn of(line: &[u8], rule: &Rule) -> Option<String> {
    const MARK: &[u8] = b"zizmor: ignore[";
    let start = memchr::memmem::find(line, MARK)?;
    let rest = std::str::from_utf8(&line[start + MARK.len()..]).ok()?;
    let (ids, _) = rest.split_once(']')?;
    let theirs = |id: &&str| {
        let ours = rule
            .standards
            .iter()
            .filter_map(|name| name.strip_prefix("zizmor/"));
        ours.into_iter().any(|known| known == *id)
    };
    ids.split(',')
        .map(str::trim)
        .find(theirs)
        .map(|id| format!("zizmor: ignore[{id}]"))
}

#[cfg(test)]
mod tests {
    use super::super::rules::{TEMPLATE_INJECTION, UNPINNED_ACTION};

    #[test]
    fn marks() {
        let check = |line: &str, rule| super::of(line.as_bytes(), rule).is_some();
        let line = "uses: a/b@v1 # zizmor: ignore[artipacked, unpinned-uses] why";
        assert!(check(line, &UNPINNED_ACTION));
        assert!(!check(line, &TEMPLATE_INJECTION));
        assert!(!check("# zizmor: ignore[unpinned-uses", &UNPINNED_ACTION));
    }
}
