//! Owns what the lockfiles of Python share: requirements, packages by their names, and what `pyproject.toml` asks for.

pub(super) mod pdm;
pub(super) mod pipfile;
pub(super) mod poetry;
mod project;
pub(super) mod pylock;
pub(super) mod requirements;
pub(super) mod uv;

use std::collections::BTreeMap;

use crate::checkers::dependencies::inventory::{Ecosystem, Hash, Id, Package, Source, SourceKind};

use super::toml::{self, Table, text_at};

/// A requirement such as `name[extra] >=1.0; marker`, or `name @ URL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Requirement<'t> {
    pub(in super::super) name: &'t str,
    /// The clauses on the version, or empty.
    pub(in super::super) asked: &'t str,
    url: Option<&'t str>,
}

pub(in super::super) fn requirement(text: &str) -> Option<Requirement<'_>> {
    let text = text.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    rest = rest.trim_start();
    if let Some(extras) = rest.strip_prefix('[') {
        rest = extras.split_once(']')?.1.trim_start();
    }
    if let Some(url) = rest.strip_prefix('@') {
        let url = url.split(" ;").next().unwrap_or(url).trim();
        return (!url.is_empty()).then_some(Requirement {
            name,
            asked: "",
            url: Some(url),
        });
    }
    let asked = rest.split(';').next().unwrap_or(rest).trim();
    let asked = asked
        .strip_prefix('(')
        .and_then(|asked| asked.strip_suffix(')'))
        .unwrap_or(asked)
        .trim();
    let is_clause = asked.is_empty() || asked.starts_with(['=', '<', '>', '~', '!']);
    is_clause.then_some(Requirement {
        name,
        asked,
        url: None,
    })
}

/// The one version that the clauses allow.
fn pin(asked: &str) -> Option<&str> {
    asked.split(',').find_map(|clause| {
        let version = clause.trim().strip_prefix("==")?;
        let version = version.strip_prefix('=').unwrap_or(version).trim();
        (!version.is_empty() && !version.ends_with('*') && !version.contains('$'))
            .then_some(version)
    })
}

/// What a URL or a path in a requirement says of the source.
fn source_of(url: &str) -> Source {
    let systems = ["git+", "hg+", "svn+", "bzr+"];
    let place = url.split('#').next().unwrap_or(url);
    if systems.iter().any(|system| url.starts_with(system)) || place.strip_suffix(".git").is_some()
    {
        let mut source = Source::at(SourceKind::Git, url);
        let path = place.split_once("://").map_or(place, |(_, rest)| rest);
        let path = path.split_once('/').map_or("", |(_, path)| path);
        let revision = path.rsplit_once('@').map(|(_, revision)| revision);
        source.commit = revision
            .filter(|revision| is_commit(revision))
            .map(str::to_owned);
        return source;
    }
    let web = ["http://", "https://", "ftp://"]
        .iter()
        .any(|head| url.starts_with(head));
    Source::at(
        if web {
            SourceKind::Url
        } else {
            SourceKind::Path
        },
        url,
    )
}

fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The packages by their normal names.
#[derive(Debug, Default)]
struct Names(BTreeMap<String, Vec<Id>>);

impl Names {
    fn of(packages: &[Package]) -> Self {
        let mut names = Self::default();
        for (id, package) in packages.iter().enumerate() {
            let ids = names.0.entry(package.normal_name()).or_default();
            // A package may stand there once for each platform; hundreds of them are no lockfile.
            if ids.len() < 16 {
                ids.push(id);
            }
        }
        names
    }

    fn find(&self, name: &str) -> &[Id] {
        self.0
            .get(&Ecosystem::PyPi.normal(name))
            .map_or(&[], Vec::as_slice)
    }
}

/// The digests of a list of files: `[{file = "...", hash = "sha256:..."}]`.
fn hashes_of(files: &[toml::Value<'_>]) -> Vec<Hash> {
    let tables = files.iter().filter_map(|file| file.get_ref().as_table());
    tables
        .filter_map(|file| text_at(file, "hash"))
        .map(|hash| Hash::read(hash, "sha256"))
        .collect()
}

/// The digests of a table: `{sha256 = "..."}`.
fn hash_table(table: &Table<'_>) -> Vec<Hash> {
    let entries = toml::table_at(table, "hashes").into_iter().flatten();
    let hash = |(algorithm, value): (&::toml::Spanned<_>, &toml::Value<'_>)| {
        let algorithm: &std::borrow::Cow<'_, str> = algorithm.get_ref();
        Some(Hash {
            algorithm: algorithm.to_ascii_lowercase(),
            value: value.get_ref().as_str()?.to_owned(),
        })
    };
    entries.filter_map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements() {
        let check = |text: &str, expected: &str| {
            let said = requirement(text).map_or("none".to_owned(), |found| {
                let pin = pin(found.asked).map(|pin| format!(" = {pin}"));
                let url = found.url.map(|url| format!(" @ {url}"));
                format!(
                    "{}{}{}",
                    found.name,
                    pin.unwrap_or_default(),
                    url.unwrap_or_default()
                )
            });
            assert_eq!(said, expected, "{text}");
        };
        check("a==1.0", "a = 1.0");
        check("A.b_c [x, y] == 1.0 ; python_version < '3'", "A.b_c = 1.0");
        check("a===1.0-weird", "a = 1.0-weird");
        check("a (==1.0)", "a = 1.0");
        check("a==1.*", "a");
        check("a>=1,==1.4", "a = 1.4");
        check("a~=1.0", "a");
        check("a", "a");
        check(
            "a @ https://example.com/a.whl ; x",
            "a @ https://example.com/a.whl",
        );
        check("a b", "none");
        check("a[x", "none");
        check("<html>", "none");
    }

    #[test]
    fn sources() {
        let check = |text: &str, kind: SourceKind, commit: Option<&str>| {
            let source = source_of(text);
            assert_eq!(
                (source.kind, source.commit.as_deref()),
                (kind, commit),
                "{text}"
            );
        };
        check(
            "git+https://u@example.com/a.git@0123456789abcdef#egg=a",
            SourceKind::Git,
            Some("0123456789abcdef"),
        );
        check("git+ssh://git@example.com/a.git", SourceKind::Git, None);
        check("git+https://example.com/a.git@main", SourceKind::Git, None);
        check("https://example.com/a.whl", SourceKind::Url, None);
        check("file:///a", SourceKind::Path, None);
        check("./a", SourceKind::Path, None);
    }
}
