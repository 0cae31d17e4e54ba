//! Owns what the lockfiles of npm, yarn, pnpm and bun share: descriptors, sources, and what `package.json` asks for.

mod berry;
pub(super) mod bun;
pub(super) mod npm;
pub(super) mod pnpm;
pub(super) mod yarn;

use crate::checkers::dependencies::inventory::{Source, SourceKind};
use crate::checkers::dependencies::manifest::{Asked, Manifest};
use crate::source::json::{Document, Id as Node};

use super::text::Text;
use super::{Beside, asked_beside, json};

/// A descriptor such as `@scope/name@^1.0`: the name and what stands behind its `@`.
fn descriptor(text: &str) -> Option<(&str, &str)> {
    let at = text.char_indices().skip(1).find(|&(_, c)| c == '@')?.0;
    Some((&text[..at], &text[at + 1..]))
}

/// What a URL or a version that stands in its place says of the source. `None` for a plain version.
fn source_of(text: &str) -> Option<Source> {
    let starts = |heads: &[&str]| heads.iter().any(|head| text.starts_with(head));
    let (place, fragment) = text.split_once('#').unwrap_or((text, ""));
    if starts(&["file:", "link:", "portal:", "./", "../", "/", "~/"]) {
        return Some(Source::at(SourceKind::Path, text));
    }
    let hosts = [
        "git+",
        "git:",
        "git@",
        "github:",
        "gitlab:",
        "bitbucket:",
        "gist:",
        "ssh:",
    ];
    let web = starts(&["http://", "https://"]);
    let shorthand =
        !web && place.split('/').count() == 2 && !place.starts_with('@') && !place.contains(':');
    if starts(&hosts) || (web && place.strip_suffix(".git").is_some()) || shorthand {
        let mut source = Source::at(SourceKind::Git, text);
        let commit = fragment.split('&').next_back().unwrap_or(fragment);
        let commit = commit.strip_prefix("commit=").unwrap_or(commit);
        source.commit = is_commit(commit).then(|| commit.to_owned());
        return Some(source);
    }
    if !web {
        return None;
    }
    let (_, rest) = place.split_once("://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let last = path.rsplit('/').next().unwrap_or(path);
    if host == "codeload.github.com" && is_commit(last) {
        let mut source = Source::at(SourceKind::Git, place);
        source.commit = Some(last.to_owned());
        return Some(source);
    }
    // A registry serves archives below `/-/`; a few have a path of their own.
    let registry = path.contains("/-/")
        || host.starts_with("registry.")
        || (host == "npm.pkg.github.com" && path.starts_with("download/"))
        || host == "npm.jsr.io";
    let kind = if registry {
        SourceKind::Registry
    } else {
        SourceKind::Url
    };
    Some(Source::at(kind, place))
}

fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The licence of a manifest: a text, an object with `type`, or a list of them, which leaves the choice.
pub(in super::super) fn licence(document: &Document<'_>, entry: Node) -> Option<String> {
    let value = document
        .get(entry, "license")
        .or_else(|| document.get(entry, "licenses"))?;
    let one = |node: Node| {
        document
            .text(node)
            .or_else(|| document.text_at(node, "type"))
    };
    let several: Vec<&str> = document
        .items(value)
        .iter()
        .filter_map(|&item| one(item))
        .collect();
    let text = one(value).map_or_else(|| several.join(" OR "), str::to_owned);
    (!text.is_empty()).then_some(text)
}

/// What the `package.json` beside a lockfile asks for. `None` when there is none, or it is one of several in a workspace.
fn wanted(beside: &dyn Beside) -> Option<Vec<Asked>> {
    let bytes = beside.read("package.json").ok()??;
    let text = Text::new(&bytes)?;
    let document = json(&text).ok()?;
    if document.get(document.root(), "workspaces").is_some() {
        return None;
    }
    asked_beside(beside, Manifest::Npm, "package.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        let check = |text: &str, expected: &str| {
            let said = source_of(text).map_or("none".to_owned(), |source| {
                let commit = source.commit.map(|commit| format!(" {commit}"));
                format!("{:?}{}", source.kind, commit.unwrap_or_default())
            });
            assert_eq!(said, expected, "{text}");
        };
        check("1.2.3-rc.1", "none");
        check("https://registry.npmjs.org/a/-/a-1.0.0.tgz", "Registry");
        check(
            "https://npm.example.com/api/npm/all/@s/a/-/a-1.0.0.tgz",
            "Registry",
        );
        check(
            "https://npm.pkg.github.com/download/@s/a/1.0.0/abc",
            "Registry",
        );
        check("https://cdn.sheetjs.com/xlsx-0.20.2/xlsx-0.20.2.tgz", "Url");
        check(
            "git+ssh://git@github.com/a/b.git#0123456789abcdef",
            "Git 0123456789abcdef",
        );
        check(
            "git@github.com:a/b.git#commit=0123456789abcdef",
            "Git 0123456789abcdef",
        );
        check(
            "https://github.com/a/b.git#workspace=c&commit=0123456789abcdef",
            "Git 0123456789abcdef",
        );
        check(
            "https://codeload.github.com/a/b/tar.gz/0123456789abcdef",
            "Git 0123456789abcdef",
        );
        check("github:a/b#main", "Git");
        check("a/b#0123456", "Git 0123456");
        check("file:../a", "Path");
    }

    #[test]
    fn descriptors() {
        assert_eq!(descriptor("@s/a@npm:b@^1"), Some(("@s/a", "npm:b@^1")));
        assert_eq!(descriptor("a@1"), Some(("a", "1")));
        assert_eq!(descriptor("a"), None);
        assert_eq!(descriptor("@"), None);
        assert_eq!(descriptor("\u{e9}@1"), Some(("\u{e9}", "1")));
    }
}
