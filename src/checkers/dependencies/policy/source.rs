//! Owns the rules on where packages come from.

use crate::checkers::dependencies::inventory::{Package, RemarkKind, SourceKind};
use crate::checkers::dependencies::locks::Format;
use crate::model::finding::Finding;
use crate::model::rule::Severity;

use super::hit::{Hit, Lock};
use super::options::Options;
use super::{
    EXTRA_INDEX, GIT_SOURCE, INSECURE_SOURCE, MISMATCHED_SOURCE, UNLISTED_SOURCE, URL_SOURCE,
};

pub(super) fn look(lock: &Lock<'_>, format: Format, options: &Options, hits: &mut Vec<Hit>) {
    for (id, package) in lock.inventory.foreign() {
        let named = lock.named(id);
        let mut hit = |rule, severity, headline, many, help: &str| {
            hits.push(Hit {
                rule,
                severity,
                id,
                headline,
                many,
                help: help.to_owned(),
            });
        };
        let url = package.source.url.as_deref().unwrap_or_default();
        if is_plain(url) {
            let proven =
                has_digest(package) || package.source.commit.as_deref().is_some_and(is_full);
            let severity = if proven {
                Severity::Low
            } else {
                INSECURE_SOURCE.severity
            };
            let headline =
                format!("{named} comes over a connection that anybody on the way can change");
            let help = "use https, or ssh for git, and write the lockfile anew";
            hit(
                &INSECURE_SOURCE,
                severity,
                headline,
                "come over connections without encryption",
                help,
            );
        }
        match package.source.kind {
            SourceKind::Git if !is_allowed(url, &options.git) => {
                let (severity, headline, help) = git(package, &named);
                hit(
                    &GIT_SOURCE,
                    severity,
                    headline,
                    "come from git repositories",
                    help,
                );
            }
            SourceKind::Url => {
                let digest = has_digest(package);
                let severity = if digest {
                    Severity::Low
                } else {
                    URL_SOURCE.severity
                };
                let headline =
                    format!("{named} is an archive from a URL, which no registry vouches for");
                let help = "take it from a registry; if that cannot be, keep a digest of it in the lockfile";
                hit(
                    &URL_SOURCE,
                    severity,
                    headline,
                    "are archives from URLs",
                    help,
                );
            }
            SourceKind::Registry => {
                if let Some(what) = mismatch(package, format) {
                    let headline =
                        format!("{named} is fetched from the place of another package: {what}");
                    let help =
                        "find out who wrote this line; write the lockfile anew from the manifest";
                    hit(
                        &MISMATCHED_SOURCE,
                        MISMATCHED_SOURCE.severity,
                        headline,
                        "are fetched from the places of others",
                        help,
                    );
                }
            }
            _ => {}
        }
        if let Some(host) = unlisted(package, &options.registries) {
            let headline = format!("{named} comes from {host}, which is none of the allowed hosts");
            let help = "take it from an allowed host, or add this one to the option `registries`";
            hit(
                &UNLISTED_SOURCE,
                UNLISTED_SOURCE.severity,
                headline,
                "come from hosts that are not allowed",
                help,
            );
        }
    }
}

/// What is to be said of a package of a git repository.
fn git(package: &Package, named: &str) -> (Severity, String, &'static str) {
    let headline = format!("{named} comes from a git repository");
    if package.source.commit.as_deref().is_some_and(is_full) {
        let help = "publish it to a registry, or allow the repository with the option `git`";
        return (Severity::Low, headline, help);
    }
    let headline = format!("{headline}, at no commit that is told in full");
    let help = "pin the full commit, publish it to a registry, or allow the repository with the option `git`";
    (GIT_SOURCE.severity, headline, help)
}

/// The host of a package, if there is a list and it is not on it.
fn unlisted<'p>(package: &'p Package, registries: &[String]) -> Option<&'p str> {
    let fetched = matches!(package.source.kind, SourceKind::Registry | SourceKind::Url);
    let host = host(package.source.url.as_deref()?).filter(|_| fetched)?;
    let listed = registries
        .iter()
        .any(|allowed| allowed.eq_ignore_ascii_case(host));
    (!registries.is_empty() && !listed).then_some(host)
}

/// Findings that are of the file, not of a package.
pub(super) fn remarks(lock: &Lock<'_>) -> Vec<Finding> {
    let told = lock.inventory.remarks.iter().filter_map(|remark| {
        let place = lock.place(remark.file, remark.span);
        let finding = match remark.kind {
            RemarkKind::ExtraIndex => Finding::new(
                &EXTRA_INDEX,
                place,
                format!("any package may come from a second index: {}", remark.text),
                "use one index that proxies the other: of two indexes pip takes the higher version, whoever published it",
            ),
            RemarkKind::TrustedHost => Finding::new(
                &INSECURE_SOURCE,
                place,
                format!("{} is trusted without a certificate", remark.text),
                "give the host a certificate, and remove the option",
            ),
            _ => return None,
        };
        Some(finding.anchored(remark.text.clone()))
    });
    told.collect()
}

fn has_digest(package: &Package) -> bool {
    package
        .hashes
        .iter()
        .any(|hash| !matches!(&*hash.algorithm, "sha1" | "md5"))
}

fn is_full(commit: &str) -> bool {
    matches!(commit.len(), 40 | 64)
}

/// Does the scheme neither encrypt nor authenticate? A machine talks to itself safely.
fn is_plain(url: &str) -> bool {
    let plain = ["http://", "git://", "git+http://", "svn://", "ftp://"];
    let local = ["localhost", "127.0.0.1", "[::1]"];
    let rest = plain.iter().find_map(|scheme| url.strip_prefix(scheme));
    rest.is_some_and(|rest| !local.iter().any(|host| rest.starts_with(host)))
}

/// The host of a URL, without user and port.
pub(super) fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = host.split(':').next().unwrap_or(host);
    (!host.is_empty()).then_some(host)
}

fn is_allowed(url: &str, allowed: &[String]) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest
        .rsplit_once('@')
        .filter(|(user, _)| !user.contains('/'))
        .map_or(rest, |(_, rest)| rest);
    // `git@github.com:owner/name` is `github.com/owner/name`.
    let rest = rest.replacen(':', "/", 1);
    allowed.iter().any(|start| rest.starts_with(start.as_str()))
}

/// What an archive's URL names, if it is not the package: registries of npm serve `NAME/-/NAME-VERSION.tgz`.
fn mismatch(package: &Package, format: Format) -> Option<String> {
    if !matches!(format, Format::NpmLock | Format::YarnLock) {
        return None;
    }
    let url = package.source.url.as_deref()?;
    let (before, file) = url.split_once("/-/")?;
    let before = before
        .replace("%2f", "/")
        .replace("%2F", "/")
        .replace("%40", "@");
    let path = before
        .split_once("://")
        .map_or(before.as_str(), |(_, rest)| rest);
    let parts: Vec<&str> = path.split('/').collect();
    let found = match parts[..] {
        [.., scope, name] if scope.starts_with('@') => format!("{scope}/{name}"),
        [.., name] => name.to_owned(),
        [] => return None,
    };
    if found != package.name {
        return Some(found);
    }
    // Only the public registry is known to name all files alike.
    let public = ["registry.npmjs.org", "registry.yarnpkg.com"];
    let version = package.version.as_deref()?;
    let version = version.split('+').next().unwrap_or(version);
    let base = found.rsplit('/').next().unwrap_or(&found);
    let expected = format!("{base}-{version}.tgz");
    let strict = host(url).is_some_and(|host| public.contains(&host));
    (strict && file != expected).then(|| file.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::dependencies::inventory::{Ecosystem, Source};
    use crate::model::place::Span;

    #[test]
    fn urls() {
        assert!(is_plain("http://example.com/a") && is_plain("git://example.com/a"));
        assert!(!is_plain("https://example.com") && !is_plain("http://localhost:4873/a"));
        assert_eq!(host("https://u:p@example.com:8080/a"), Some("example.com"));
        let allowed = ["github.com/org/".to_owned()];
        assert!(is_allowed("git+ssh://git@github.com/org/a.git", &allowed));
        assert!(is_allowed("git@github.com:org/a.git", &allowed));
        assert!(!is_allowed(
            "https://github.com/other/a?x=@github.com/org/",
            &allowed
        ));
    }

    #[test]
    fn places_of_other_packages() {
        let check = |name: &str, version: &str, url: &str, expected: Option<&str>| {
            let mut package = Package::new(
                Ecosystem::Npm,
                name,
                Some(version.to_owned()),
                Span::at(1, 1),
            );
            package.source = Source::at(SourceKind::Registry, url);
            assert_eq!(
                mismatch(&package, Format::NpmLock).as_deref(),
                expected,
                "{url}"
            );
        };
        let npm = "https://registry.npmjs.org";
        check("a", "1.0.0", &format!("{npm}/a/-/a-1.0.0.tgz"), None);
        check(
            "@s/a",
            "1.0.0",
            &format!("{npm}/@s%2fa/-/a-1.0.0.tgz"),
            None,
        );
        check("a", "1.0.0+build", &format!("{npm}/a/-/a-1.0.0.tgz"), None);
        check("a", "1.0.0", &format!("{npm}/b/-/b-1.0.0.tgz"), Some("b"));
        check(
            "a",
            "1.0.0",
            &format!("{npm}/a/-/a-1.0.1.tgz"),
            Some("a-1.0.1.tgz"),
        );
        check(
            "a",
            "1.0.0",
            "https://npm.example.com/x/a/-/other.tgz",
            None,
        );
        check(
            "a",
            "1.0.0",
            "https://npm.pkg.github.com/download/@s/a/1.0.0/x",
            None,
        );
    }
}
