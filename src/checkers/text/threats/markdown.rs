//! Owns the threats in Markdown: links that run scripts, links that lead elsewhere than they say, images that carry data away.

use crate::model::rule::Severity;
use crate::source::file::SourceFile;

use super::hit::{Facts, Kind};

/// A link or image: its text, its target, and where the target stands.
struct Link<'a> {
    text: &'a str,
    target: &'a str,
    at: usize,
    image: bool,
}

/// Looks at a Markdown text; `prose` has blanks where code stands.
pub fn check(file: &SourceFile, prose: &str, facts: &mut Facts) {
    let test = file.class().test;
    let graded = |severity: Severity| if test { Severity::Low } else { severity };
    for link in links(prose) {
        let at = link.at..link.at + link.target.len();
        let target = link.target.trim().trim_start_matches('<');
        let lower: String = target
            .chars()
            .filter(|c| !c.is_ascii_whitespace() && !c.is_control())
            .take(40)
            .collect::<String>()
            .to_ascii_lowercase();
        let runs = [
            "javascript:",
            "vbscript:",
            "data:text/html",
            "data:image/svg+xml,",
        ]
        .iter()
        .find(|start| lower.starts_with(**start));
        if let Some(start) = runs.filter(|start| !(link.image && start.starts_with("data:image"))) {
            // Bookmarklets are made to be dragged away, and `void(0)` does nothing.
            let nothing = lower.starts_with("javascript:void")
                || lower == "javascript:;"
                || lower == "javascript:";
            if !nothing {
                facts.add(
                    file,
                    Kind::ScriptLink,
                    at,
                    graded(Severity::Medium),
                    format!("a link runs a script: {}...", start.trim_end_matches(',')),
                );
            }
            continue;
        }
        if link.image {
            if carries_data(target) {
                facts.add(
                    file,
                    Kind::ImageData,
                    at,
                    graded(Severity::Medium),
                    format!(
                        "the address of an image takes in what is filled in later: {}",
                        cut(target)
                    ),
                );
            }
            continue;
        }
        if let (Some(said), Some(real)) = (said_host(link.text), host(target))
            && !same_site(&said, &real)
            && !target.to_ascii_lowercase().contains(&said)
        {
            facts.add(
                file,
                Kind::LinkMismatch,
                at,
                graded(Severity::Medium),
                format!("the link says {said} and leads to {real}"),
            );
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Inline links and images, and definitions of links.
fn links(text: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    for (close, _) in text.match_indices("](") {
        let start = close + 2;
        let line_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
        // Balanced parentheses belong to the target.
        let mut depth = 0;
        let mut end = None;
        for (n, c) in text[start..line_end].char_indices().take(4_000) {
            match c {
                '(' => depth += 1,
                ')' if depth == 0 => {
                    end = Some(start + n);
                    break;
                }
                ')' => depth -= 1,
                _ => {}
            }
        }
        let Some(end) = end else { continue };
        let target = &text[start..end];
        let target = target.split([' ', '"']).next().unwrap_or(target);
        let from = close.saturating_sub(1_000);
        let from = (from..=close)
            .find(|&at| text.is_char_boundary(at))
            .unwrap_or(close);
        let Some(open) = text[from..close].rfind('[').map(|at| from + at) else {
            continue;
        };
        let label = &text[open + 1..close];
        let image = text[..open].ends_with('!');
        found.push(Link {
            text: label,
            target,
            at: start,
            image,
        });
    }
    found
}

/// The host that a link's text names: the text is an address.
fn said_host(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['`', '*', '_', '<', '>']);
    if text.contains(char::is_whitespace) {
        return None;
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return host(text);
    }
    text.strip_prefix("www.")
        .and_then(|_| host(&format!("https://{text}")))
}

fn host(url: &str) -> Option<String> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?.split(':').next()?;
    let plain = host.contains('.')
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    plain.then(|| host.trim_start_matches("www.").to_ascii_lowercase())
}

/// Have they the same last two parts, or is one a redirect of the same name?
fn same_site(a: &str, b: &str) -> bool {
    let site = |host: &str| {
        let parts: Vec<&str> = host.rsplit('.').take(2).collect();
        parts.join(".")
    };
    let name = |host: &str| host.rsplit('.').nth(1).unwrap_or_default().to_owned();
    site(a) == site(b) || name(a) == name(b)
}

/// Does a query of the address hold a place to be filled in?
fn carries_data(target: &str) -> bool {
    let Some((address, query)) = target.split_once('?') else {
        return false;
    };
    let far = address.starts_with("http://") || address.starts_with("https://");
    let named = [
        "data=", "q=", "payload=", "secret=", "token=", "key=", "content=", "text=", "history=",
        "d=", "exfil=",
    ]
    .iter()
    .any(|name| query.starts_with(name) || query.contains(&format!("&{name}")));
    let open = ["{{", "${", "{%", "%s", "[INSERT", "<INSERT"]
        .iter()
        .any(|sign| query.contains(sign))
        || (query.contains('{') && query.contains('}'));
    far && named && open
}

/// The text with blanks where code stands: fences, and spans between backticks. It keeps its length.
pub fn without_code(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut fence: Option<(u8, usize)> = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start().trim_start_matches(['>', ' ']);
        let sign = trimmed.bytes().next().filter(|b| matches!(b, b'`' | b'~'));
        let length = sign.map_or(0, |sign| trimmed.bytes().take_while(|&b| b == sign).count());
        match (fence, sign) {
            (None, Some(sign)) if length >= 3 => fence = Some((sign, length)),
            (Some((open, most)), Some(sign)) if sign == open && length >= most => fence = None,
            (None, _) => {
                spans(line, &mut out);
                continue;
            }
            _ => {}
        }
        out.extend(line.bytes().map(|b| if b == b'\n' { b } else { b' ' }));
    }
    String::from_utf8(out).unwrap_or_default()
}

fn spans(line: &str, out: &mut Vec<u8>) {
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..].bytes().take_while(|&b| b == b'`').count();
        let inner = &rest[start + ticks..];
        let close = &rest[start..start + ticks];
        let Some(end) = inner.find(close) else { break };
        // A link's text may be code: its brackets stay, since they stand outside.
        out.extend(rest[..start].bytes());
        let length = ticks + end + ticks;
        out.extend(std::iter::repeat_n(b' ', length));
        rest = &rest[start + length..];
    }
    out.extend(rest.bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_blank() {
        let text = "a `b` c\n```\n[x](y)\n```\nd ``e`f`` g\n";
        let plain = without_code(text);
        assert_eq!(plain.len(), text.len());
        assert_eq!(plain, "a     c\n   \n      \n   \nd         g\n");
    }

    #[test]
    fn sites() {
        assert!(same_site("docs.github.com", "github.com"));
        assert!(same_site("github.com", "github.io"));
        assert!(!same_site("github.com", "example.com"));
        assert_eq!(said_host("https://a.b.com/x"), Some("a.b.com".to_owned()));
        assert_eq!(said_host("Node.js"), None);
    }
}
