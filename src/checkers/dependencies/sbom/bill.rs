//! Owns the bill of materials: each package of a project once, who needs whom, and how much of that is known. Knows no format.

use std::collections::{BTreeMap, BTreeSet};

use super::checksum::{Algorithm, checksum};
use super::purl::purl;
use crate::checkers::dependencies::inventory::{Ecosystem, Id, Package, SourceKind};
use crate::checkers::dependencies::licenses::expression;
use crate::checkers::dependencies::vulnerabilities::survey::Lock;

/// What calls itself the root of a bill.
pub(super) const ROOT: &str = "root";

/// What the bill is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The project's name.
    pub name: String,
    /// Its version, where one is known.
    pub version: Option<String>,
    /// When it is made, in seconds since the epoch.
    pub created: i64,
}

impl Head {
    /// When it is made, as both formats write it.
    pub(super) fn time(&self) -> String {
        let time = jiff::Timestamp::from_second(self.created).unwrap_or_default();
        time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

/// A licence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Licence {
    /// One licence of SPDX's list that everybody's copy of the list has.
    Id(String),
    /// An expression of SPDX.
    Expression(String),
    /// What somebody wrote.
    Text(String),
}

/// What a package is needed for; the first is the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    Required,
    Optional,
    Development,
}

/// A package, once.
#[derive(Clone, Debug)]
pub(super) struct Component {
    pub(super) purl: Option<String>,
    pub(super) group: Option<String>,
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) own: bool,
    pub(super) scope: Scope,
    pub(super) hashes: BTreeSet<(Algorithm, String)>,
    pub(super) licence: Option<Licence>,
    /// Where its archive lies.
    pub(super) archives: BTreeSet<String>,
    /// Its repository.
    pub(super) repository: Option<String>,
    /// Lockfiles and lines.
    pub(super) places: BTreeSet<(String, u32)>,
    /// What it needs, by reference.
    pub(super) needs: BTreeSet<String>,
}

impl Component {
    /// Its name in full.
    pub(super) fn full_name(&self) -> String {
        let group = self.group.as_ref();
        group.map_or_else(
            || self.name.clone(),
            |group| {
                let between = if self
                    .purl
                    .as_ref()
                    .is_some_and(|purl| purl.starts_with("pkg:maven"))
                {
                    ":"
                } else {
                    "/"
                };
                format!("{group}{between}{}", self.name)
            },
        )
    }
}

/// A bill of materials.
#[derive(Clone, Debug)]
pub struct Bill {
    pub(super) head: Head,
    /// What the project as a whole needs, by reference.
    pub(super) needs: BTreeSet<String>,
    /// All others, by reference.
    pub(super) components: BTreeMap<String, Component>,
    /// What was not understood, or is not locked: the bill has less than there is.
    pub incomplete: Vec<String>,
    /// Components for which nobody tells who needs them.
    pub(super) adrift: BTreeSet<String>,
}

impl Bill {
    /// The bill of these lockfiles. `dev` leaves in what is for developers only; `licence` tells what else is known of a
    /// package's licence, by the lockfile's path.
    #[must_use]
    pub fn new(
        head: Head,
        locks: &[Lock],
        dev: bool,
        licence: &dyn Fn(&str, &Package) -> Option<String>,
    ) -> Self {
        let mut bill = Self {
            head,
            needs: BTreeSet::new(),
            components: BTreeMap::new(),
            incomplete: Vec::new(),
            adrift: BTreeSet::new(),
        };
        for lock in locks {
            bill.add(lock, dev, licence);
        }
        let reached = bill.reached();
        let adrift = bill
            .components
            .keys()
            .filter(|reference| !reached.contains(*reference));
        bill.adrift = adrift.cloned().collect();
        bill
    }

    fn add(&mut self, lock: &Lock, dev: bool, licence: &dyn Fn(&str, &Package) -> Option<String>) {
        self.incomplete.extend(lock.lost());
        self.incomplete.extend(lock.unlocked());
        let packages = &lock.inventory.packages;
        let is_in = |package: &Package| {
            // An optional package without a version was not installed.
            let absent = package.optional && package.version.is_none();
            !absent && (dev || package.dev != Some(true))
        };
        let references: Vec<Option<String>> = packages
            .iter()
            .map(|package| is_in(package).then(|| reference(&lock.path, package)))
            .collect();
        let of = |id: &Id| references.get(*id).cloned().flatten();
        let needed: BTreeSet<Id> = packages
            .iter()
            .enumerate()
            .flat_map(|(id, package)| {
                package
                    .needs
                    .iter()
                    .copied()
                    .filter(move |need| *need != id)
            })
            .collect();
        let owned: BTreeSet<Id> = packages
            .iter()
            .filter(|package| package.is_own())
            .flat_map(|package| package.needs.iter().copied())
            .collect();
        for (id, package) in packages.iter().enumerate() {
            let Some(reference) = of(&id) else { continue };
            let is_asked = match package.direct {
                Some(direct) => direct,
                None => !needed.contains(&id),
            };
            // A member of the workspace asks for itself; what it asks for hangs on it where the file tells so.
            if package.is_own() || is_asked && !owned.contains(&id) {
                self.needs.insert(reference.clone());
            }
            let component = self
                .components
                .entry(reference.clone())
                .or_insert_with(|| component(package));
            component.scope = component.scope.min(scope(package));
            component
                .hashes
                .extend(package.hashes.iter().filter_map(checksum));
            component.needs.extend(
                package
                    .needs
                    .iter()
                    .filter_map(of)
                    .filter(|need| *need != reference),
            );
            component
                .places
                .insert((place(lock, package), package.span.start.line));
            component.archives.extend(archive(package));
            if component.licence.is_none() {
                component.licence = licence(&lock.path, package).as_deref().and_then(read);
            }
        }
    }

    /// Makes the one member of the project the project itself.
    #[must_use]
    pub fn rooted(mut self, lock: &Lock, member: &Package) -> Self {
        let reference = reference(&lock.path, member);
        if let Some(component) = self.components.remove(&reference) {
            self.needs.remove(&reference);
            self.needs.extend(component.needs);
            self.head.version = self.head.version.or_else(|| member.version.clone());
            for other in self.components.values_mut() {
                other.needs.remove(&reference);
            }
            self.adrift.remove(&reference);
        }
        self
    }

    /// What the project leads to.
    fn reached(&self) -> BTreeSet<String> {
        let mut reached = self.needs.clone();
        let mut open: Vec<String> = reached.iter().cloned().collect();
        while let Some(next) = open.pop() {
            let needs = self.components.get(&next).map(|component| &component.needs);
            for need in needs.into_iter().flatten() {
                if reached.insert(need.clone()) {
                    open.push(need.clone());
                }
            }
        }
        reached
    }
}

/// By what the bill knows a package: its URL where it has one.
fn reference(lock: &str, package: &Package) -> String {
    let version = package.version.as_deref().unwrap_or_default();
    purl(package).unwrap_or_else(|| {
        let at = match package.source.kind {
            SourceKind::Workspace => "own",
            SourceKind::Platform => "platform",
            _ => "file",
        };
        let place = package.source.url.as_deref().unwrap_or_default();
        format!("{at}:{lock}#{}@{version}:{place}", package.name)
            .trim_end_matches([':', '@'])
            .to_owned()
    })
}

fn component(package: &Package) -> Component {
    let between = match package.ecosystem {
        Ecosystem::Npm | Ecosystem::Packagist => Some('/'),
        Ecosystem::Maven => Some(':'),
        _ => None,
    };
    let parts = between.and_then(|between| package.name.split_once(between));
    Component {
        purl: purl(package),
        group: parts.map(|(group, _)| group.to_owned()),
        name: parts.map_or(&*package.name, |(_, name)| name).to_owned(),
        version: package.version.clone(),
        own: package.is_own(),
        scope: Scope::Development,
        hashes: BTreeSet::new(),
        licence: None,
        archives: BTreeSet::new(),
        repository: repository(package),
        places: BTreeSet::new(),
        needs: BTreeSet::new(),
    }
}

fn scope(package: &Package) -> Scope {
    match (package.dev, package.optional) {
        (Some(true), _) => Scope::Development,
        (_, true) => Scope::Optional,
        _ => Scope::Required,
    }
}

/// The file that a package stands in.
fn place(lock: &Lock, package: &Package) -> String {
    let folder = lock.path.rsplit_once('/').map(|(folder, _)| folder);
    match lock.inventory.files.get(package.file) {
        Some(name) if package.file > 0 => {
            let folder = folder.unwrap_or_default();
            crate::checkers::dependencies::tree::joined(folder, name)
                .unwrap_or_else(|| name.clone())
        }
        _ => lock.path.clone(),
    }
}

/// The URL of an archive, of those that are one.
fn archive(package: &Package) -> Option<String> {
    let url = package.source.url.as_deref()?;
    let is_http = url.starts_with("https://") || url.starts_with("http://");
    let end = url.split(['?', '#']).next()?.rsplit('/').next()?;
    let is_file = [
        ".tgz", ".tar.gz", ".zip", ".whl", ".gem", ".jar", ".tar.bz2", ".nupkg", ".crate",
    ]
    .iter()
    .any(|kind| end.ends_with(kind));
    let is_source = matches!(package.source.kind, SourceKind::Registry | SourceKind::Url);
    (is_http && is_source && (is_file || package.source.kind == SourceKind::Url))
        .then(|| public_url(url))
        .flatten()
}

/// The repository of a package that comes from one.
fn repository(package: &Package) -> Option<String> {
    if package.source.kind != SourceKind::Git {
        return None;
    }
    let url = public_url(package.source.url.as_deref()?)?;
    let url = url.split(['#', '?']).next()?;
    Some(url.strip_prefix("git+").unwrap_or(url).to_owned())
}

/// A URL without what may be secret: user, password, and, but for a fragment, what stands behind the path. `None` when it
/// is no URL that a document can hold.
pub(super) fn public_url(url: &str) -> Option<String> {
    let bad = |byte: u8| byte <= b' ' || byte >= 0x7f || b"<>\"{}|\\^`".contains(&byte);
    if url.is_empty() || url.bytes().any(bad) {
        return None;
    }
    let (url, fragment) = url
        .split_once('#')
        .map_or((url, None), |(url, fragment)| (url, Some(fragment)));
    let url = url.split('?').next().unwrap_or(url);
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        // What git writes for SSH, `git@host:path`, is no URL; with the scheme it is one.
        None => return ssh(url),
    };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.rsplit('@').next().unwrap_or(host);
    let fragment = fragment.filter(|text| text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let fragment = fragment.map_or_else(String::new, |fragment| format!("#{fragment}"));
    Some(format!("{scheme}{host}{path}{fragment}"))
}

fn ssh(text: &str) -> Option<String> {
    let (host, path) = text.split_once(':')?;
    let host = host.rsplit('@').next()?;
    let plain = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    (plain && host.contains('.')).then(|| format!("ssh://{host}/{}", path.trim_start_matches('/')))
}

/// What somebody wrote, as far as it can be understood without guessing.
fn read(text: &str) -> Option<Licence> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    Some(match expression::declared(text) {
        Some(declared) => match expression::single(&declared) {
            Some(id) => Licence::Id(id),
            None => Licence::Expression(declared),
        },
        None => Licence::Text(text.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_a_url_is_told() {
        let check = |url: &str, expected: Option<&str>| {
            assert_eq!(public_url(url).as_deref(), expected, "{url}");
        };
        check("https://a.example/x.tgz", Some("https://a.example/x.tgz"));
        check(
            "https://me:secret@a.example/x.tgz?token=1#abc",
            Some("https://a.example/x.tgz#abc"),
        );
        check("https://token@a.example", Some("https://a.example"));
        check(
            "git+ssh://git@a.example/x/y.git#main?t=1",
            Some("git+ssh://a.example/x/y.git"),
        );
        check("git@a.example:x/y.git", Some("ssh://a.example/x/y.git"));
        check("../folder", None);
        check("https://a.example/a b", None);
        check("", None);
    }

    #[test]
    fn licences_are_not_guessed() {
        let check =
            |text: &str, expected: Option<Licence>| assert_eq!(read(text), expected, "{text}");
        check("MIT", Some(Licence::Id("MIT".to_owned())));
        check(
            "MIT/Apache-2.0",
            Some(Licence::Expression("MIT OR Apache-2.0".to_owned())),
        );
        check(
            "GPL-2.0-only WITH Classpath-exception-2.0",
            Some(Licence::Expression(
                "GPL-2.0-only WITH Classpath-exception-2.0".to_owned(),
            )),
        );
        check(
            "LicenseRef-ours",
            Some(Licence::Expression("LicenseRef-ours".to_owned())),
        );
        for other in ["Public Domain", "BSD", "SEE LICENSE IN x", "UNLICENSED"] {
            check(other, Some(Licence::Text(other.to_owned())));
        }
        check(" ", None);
    }
}
