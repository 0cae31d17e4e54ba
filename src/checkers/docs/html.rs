//! Owns the little HTML that Markdown holds: ids, headings and links. It is read leniently; comments, scripts and styles are not looked into.

/// What HTML says.
#[derive(Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// An id or a name, at which a link can end.
    Id(&'a str),
    /// Where a link or a picture leads, and the offset of that text.
    Target(&'a str, usize),
    /// The text of a heading.
    Heading(String),
}

/// Attributes that lead somewhere.
const TARGETS: [&str; 3] = ["href", "src", "srcset"];

/// Reads some HTML.
pub fn read<'a>(html: &'a str, mut take: impl FnMut(Said<'a>)) {
    let mut at = 0;
    let mut heading: Option<String> = None;
    while let Some(found) = html[at..].find('<') {
        if let Some(text) = &mut heading {
            text.push_str(&html[at..at + found]);
        }
        let open = at + found;
        let rest = &html[open..];
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(html.len(), |end| open + end + 3);
            continue;
        }
        let name_end = rest[1..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '/'))
            .map_or(rest.len(), |n| n + 1);
        let name = rest[1..name_end].to_ascii_lowercase();
        if name.is_empty() {
            at = open + 1;
            continue;
        }
        let end = attributes(html, open + name_end, name == "a", &mut take);
        at = end;
        if matches!(name.as_str(), "script" | "style") {
            let close = format!("</{name}");
            at = html[end..].find(&close).map_or(html.len(), |n| end + n);
        } else if is_heading(&name) {
            heading = Some(String::new());
        } else if name.strip_prefix('/').is_some_and(is_heading)
            && let Some(text) = heading.take()
        {
            take(Said::Heading(
                text.split_whitespace().collect::<Vec<_>>().join(" "),
            ));
        }
    }
}

fn is_heading(name: &str) -> bool {
    matches!(name.as_bytes(), [b'h', b'1'..=b'6'])
}

/// Reads the attributes of a tag; where the tag ends. The name of a link is an id too.
fn attributes<'a>(
    html: &'a str,
    from: usize,
    is_link: bool,
    take: &mut impl FnMut(Said<'a>),
) -> usize {
    let bytes = html.as_bytes();
    let skip = |mut at: usize, is: fn(u8) -> bool| {
        while bytes.get(at).is_some_and(|byte| is(*byte)) {
            at += 1;
        }
        at
    };
    let mut at = from;
    loop {
        at = skip(at, |b| b.is_ascii_whitespace() || b == b'/');
        match bytes.get(at) {
            None => return html.len(),
            Some(b'>') => return at + 1,
            Some(_) => {}
        }
        let name_end = skip(at, |b| {
            !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'/')
        })
        .max(at + 1);
        // An end between two letters of one character is no end of a name.
        let name = html
            .get(at..name_end)
            .unwrap_or_default()
            .to_ascii_lowercase();
        at = skip(name_end, |b| b.is_ascii_whitespace());
        if bytes.get(at) != Some(&b'=') {
            continue;
        }
        at = skip(at + 1, |b| b.is_ascii_whitespace());
        let (start, end, behind) = match bytes.get(at) {
            Some(&quote @ (b'"' | b'\'')) => {
                let end = html[at + 1..]
                    .find(quote as char)
                    .map_or(html.len(), |n| at + 1 + n);
                (at + 1, end, (end + 1).min(html.len()))
            }
            Some(b'{') => {
                // An expression of JSX.
                let end = html[at..].find('}').map_or(html.len(), |n| at + n + 1);
                at = end;
                continue;
            }
            _ => {
                let end = skip(at, |b| !b.is_ascii_whitespace() && b != b'>');
                (at, end, end)
            }
        };
        let value = html.get(start..end).unwrap_or_default();
        if name == "id" || is_link && name == "name" {
            take(Said::Id(value));
        } else if TARGETS.contains(&name.as_str()) && !value.contains(',') {
            let value_start = start + (value.len() - value.trim_start().len());
            let first = value.split_whitespace().next().unwrap_or_default();
            take(Said::Target(first, value_start));
        }
        at = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        let mut said = Vec::new();
        read(html, |one| said.push(format!("{one:?}")));
        assert_eq!(said.join(" "), expected, "{html}");
    }

    #[test]
    fn what_html_says() {
        check("<a name=\"x\" href='y z'>", "Id(\"x\") Target(\"y\", 18)");
        check("<!-- <a id=b> --><i id=c>", "Id(\"c\")");
        check("<h2 align=center>A <b>b</b>\n c</h2>", "Heading(\"A b c\")");
        check("<script>var a = '<a id=b>'</script><p id=z", "Id(\"z\")");
        check("a < b <img src=x.png/>", "Target(\"x.png/\", 15)");
        check("<X to={a > b} id=\u{e9}\u{e9}=>", "Id(\"\u{e9}\u{e9}=\")");
        check("<a id=", "Id(\"\")");
        check("<p name=x>", "");
    }
}
