//! Owns the marks with which other scanners are told to ignore a line. They give no reason and no date: they are counted and
//! listed.

/// Marks of the line that they stand on.
const HERE: [&str; 11] = [
    "gitleaks:allow",
    "betterleaks:allow",
    "trufflehog:ignore",
    "pragma: allowlist secret",
    "pragma: whitelist secret",
    "pragma:allowlist secret",
    "kingfisher:ignore",
    "ggignore",
    "secretlint-disable-line",
    "noseyparker:ignore",
    "nosec",
];

/// Marks of the next line.
const NEXT: [&str; 3] = [
    "pragma: allowlist nextline secret",
    "pragma: whitelist nextline secret",
    "secretlint-disable-next-line",
];

/// How far a mark may stand from the secret on its line.
const FARTHEST: usize = 400;

/// The mark that stands at the secret at `from..to`, if one does.
#[must_use]
pub fn at(bytes: &[u8], from: usize, to: usize) -> Option<&'static str> {
    let low = from.saturating_sub(FARTHEST);
    let start = bytes[low..from]
        .iter()
        .rposition(|&b| b == b'\n')
        .map(|at| low + at + 1);
    let high = bytes.len().min(to + FARTHEST);
    let behind = bytes[to..high]
        .split(|&b| b == b'\n')
        .next()
        .unwrap_or_default();
    let before = &bytes[start.unwrap_or(low)..from];
    // The secret itself is not searched: it could say anything.
    let here = [before, behind]
        .into_iter()
        .find_map(|part| find(part, &HERE));
    here.or_else(|| {
        let end = start?.checked_sub(1)?;
        let low = end.saturating_sub(FARTHEST);
        let line = bytes[low..end].rsplit(|&b| b == b'\n').next()?;
        find(line, &NEXT)
    })
}

fn find(text: &[u8], marks: &[&'static str]) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let stands = |mark: &&str| memchr::memmem::find(&lower, mark.as_bytes()).is_some();
    marks.iter().copied().find(|mark| stands(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let from = text.find("VALUE").expect("it is in it");
        assert_eq!(at(text.as_bytes(), from, from + 5), expected, "{text}");
    }

    #[test]
    fn marks() {
        check("x = VALUE  # gitleaks:allow", Some("gitleaks:allow"));
        check(
            "x = VALUE  # pragma: allowlist secret\n",
            Some("pragma: allowlist secret"),
        );
        check(
            "# pragma: allowlist nextline secret\nx = VALUE",
            Some("pragma: allowlist nextline secret"),
        );
        check("# gitleaks:allow\nx = VALUE", None);
        check("x = VALUE\n# gitleaks:allow", None);
    }
}
