//! Owns the marks with which other tools are told to ignore a line. They give no reason and no date: they are counted and listed.

/// Marks of the line that they stand on; all of a finding's lines are looked at.
const HERE: [&str; 11] = [
    "# nosec",
    "#nosec",
    "// nosec",
    "nosemgrep",
    "nosonar",
    "# noqa: s",
    "#noqa: s",
    "# noqa:s",
    "lgtm[",
    "nolint:gosec",
    "eslint-disable-line",
];

/// Marks of the next line.
const NEXT: [&str; 3] = ["nosemgrep", "eslint-disable-next-line", "#nosec"];

/// The mark that stands on one of the lines of `from..to`, or before them; the mark itself, as it is written there.
#[must_use]
pub fn at(bytes: &[u8], from: usize, to: usize) -> Option<String> {
    let start = memchr::memrchr(b'\n', &bytes[..from.min(bytes.len())]).map_or(0, |at| at + 1);
    let to = to.clamp(from, bytes.len());
    let end = memchr::memchr(b'\n', &bytes[to..]).map_or(bytes.len(), |at| to + at);
    // Of a long finding the first and the last line are looked at: a mark within may be another's.
    let first = bytes[start..end].split(|&b| b == b'\n').next();
    let last = bytes[start..end].rsplit(|&b| b == b'\n').next();
    let here = [first, last]
        .into_iter()
        .flatten()
        .find_map(|line| find(line, &HERE));
    here.or_else(|| {
        let end = start.checked_sub(1)?;
        let line = bytes[..end].rsplit(|&b| b == b'\n').next()?;
        let line = line.trim_ascii();
        let comment = line.starts_with(b"#") || line.starts_with(b"//") || line.starts_with(b"/*");
        find(line, &NEXT).filter(|_| comment)
    })
}

fn find(line: &[u8], marks: &[&str]) -> Option<String> {
    let line = &line[line.len().saturating_sub(2_000)..];
    let lower = line.to_ascii_lowercase();
    let at = marks
        .iter()
        .find_map(|mark| memchr::memmem::find(&lower, mark.as_bytes()))?;
    let text = String::from_utf8_lossy(&line[at..]);
    let short: String = text
        .trim_matches(['/', '*', ' '])
        .chars()
        .take(60)
        .collect();
    let silences = !lower[at..].starts_with(b"eslint") || {
        let rest = String::from_utf8_lossy(&lower[at..]).into_owned();
        [
            "security",
            "no-eval",
            "implied-eval",
            "new-func",
            "no-danger",
            "no-script-url",
            "unsanitized",
        ]
        .iter()
        .any(|rule| rest.contains(rule))
            || rest.trim_end_matches(['*', '/', ' ']).ends_with("line")
    };
    silences.then(|| short.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let from = text.find("SINK").expect("it is in it");
        assert_eq!(
            at(text.as_bytes(), from, from + 4).as_deref(),
            expected,
            "{text}"
        );
    }

    #[test]
    fn marks() {
        check("x = SINK(a)  # nosec B608\n", Some("# nosec B608"));
        check(
            "x := SINK(a) // #nosec G101 -- a reason\n",
            Some("#nosec G101 -- a reason"),
        );
        check(
            "// nosemgrep: some.id\nSINK(a)\n",
            Some("nosemgrep: some.id"),
        );
        check("SINK(a) # noqa: S608", Some("# noqa: S608"));
        check("SINK(a) # noqa: E501", None);
        check(
            "SINK(a) // eslint-disable-line no-eval",
            Some("eslint-disable-line no-eval"),
        );
        check("SINK(a) // eslint-disable-line max-len", None);
        check("x # nosec\nSINK(a)\n", None);
    }
}
