//! Owns the inventory: which packages a lockfile or manifest names, where they come from, who needs them, and at which
//! line each stands. Knows no format and no advisory.

use std::collections::VecDeque;

use crate::model::place::Span;

/// Where a kind of package is published. Names and versions mean something within one ecosystem only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[expect(missing_docs, reason = "each variant is the ecosystem of its name")]
pub enum Ecosystem {
    Crates,
    Go,
    Hex,
    Maven,
    Npm,
    NuGet,
    Packagist,
    Pub,
    PyPi,
    RubyGems,
}

impl Ecosystem {
    /// Every ecosystem, in order.
    pub const ALL: &[Self] = &[
        Self::Crates,
        Self::Go,
        Self::Hex,
        Self::Maven,
        Self::Npm,
        Self::NuGet,
        Self::Packagist,
        Self::Pub,
        Self::PyPi,
        Self::RubyGems,
    ];

    /// The name, as OSV records and gate files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crates => "crates.io",
            Self::Go => "Go",
            Self::Hex => "Hex",
            Self::Maven => "Maven",
            Self::Npm => "npm",
            Self::NuGet => "NuGet",
            Self::Packagist => "Packagist",
            Self::Pub => "Pub",
            Self::PyPi => "PyPI",
            Self::RubyGems => "RubyGems",
        }
    }

    /// The ecosystem of this name; what stands behind a `:` is not part of it.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let base = name.split(':').next().unwrap_or(name);
        Self::ALL.iter().copied().find(|known| known.name() == base)
    }

    /// The ecosystem of a name in a gate file.
    ///
    /// # Errors
    /// When there is none, with the names that there are.
    pub fn known(name: &str) -> Result<Self, String> {
        Self::of_name(name).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|one| one.name()).collect();
            let known = known.join(", ");
            format!("the ecosystem `{name}` is not known; there are {known}")
        })
    }

    /// The name by which two spellings of a package are the same one.
    #[must_use]
    pub fn normal(self, name: &str) -> String {
        match self {
            Self::NuGet | Self::Packagist => name.to_lowercase(),
            Self::PyPi => {
                let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
                parts.collect::<Vec<_>>().join("-").to_lowercase()
            }
            _ => name.to_owned(),
        }
    }
}

/// Where the content of a package comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A registry of its ecosystem, public or not. Only these bear the registry's names: no other kind may be matched by name.
    #[default]
    Registry,
    /// A git repository (or that of another version control system).
    Git,
    /// An archive at a URL that is no registry's.
    Url,
    /// A folder or archive on disk.
    Path,
    /// The project itself or a member of its workspace.
    Workspace,
    /// A part of the language's own platform: Go's standard library, an SDK.
    Platform,
}

/// The source of a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Source {
    /// Its kind.
    pub kind: SourceKind,
    /// What the file says of it, as written: the registry's index, the archive's URL, the repository, the folder. `None`
    /// where the file says nothing, which means the ecosystem's own registry when the kind is [`SourceKind::Registry`].
    pub url: Option<String>,
    /// The full or short commit id of a git source.
    pub commit: Option<String>,
}

impl Source {
    /// A source of this kind of which the file tells no more.
    #[must_use]
    pub const fn of(kind: SourceKind) -> Self {
        Self {
            kind,
            url: None,
            commit: None,
        }
    }

    /// A source of this kind at this URL.
    #[must_use]
    pub fn at(kind: SourceKind, url: impl Into<String>) -> Self {
        Self {
            kind,
            url: Some(url.into()),
            commit: None,
        }
    }
}

/// A digest of a package's content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash {
    /// The algorithm, in lower case: `sha512`. `h1` is Go's.
    pub algorithm: String,
    /// The value as written: hexadecimal or base64.
    pub value: String,
}

impl Hash {
    /// Reads `sha512-BASE64` and `sha256:HEX`; a bare value is of the algorithm that is given.
    #[must_use]
    pub fn read(text: &str, otherwise: &str) -> Self {
        let known =
            |name: &&str| name.len() <= 10 && name.chars().next().is_some_and(char::is_alphabetic);
        let parts = text.split_once([':', '-']).filter(|(name, _)| known(name));
        let (algorithm, value) = parts.unwrap_or((otherwise, text));
        Self {
            algorithm: algorithm.to_ascii_lowercase(),
            value: value.to_owned(),
        }
    }
}

/// The number of a package in its inventory.
pub type Id = usize;

/// One entry of a lockfile or manifest. An inventory may have several of one name and version: a tree of folders holds
/// a package once for each place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The name that it is published under, as written.
    pub name: String,
    /// The name that the project calls it by, where that is another one.
    pub alias: Option<String>,
    /// The exact version, as written but for decorations that are none of it: Go's has no `v`. `None` when the file does
    /// not tell.
    pub version: Option<String>,
    /// What is asked for, where that is no exact version: `>=1.2`, `${jackson.version}`.
    pub requirement: Option<String>,
    /// Where it comes from.
    pub source: Source,
    /// Digests of its content.
    pub hashes: Vec<Hash>,
    /// Its licence, as the file writes it; alternatives are joined by ` OR `.
    pub licence: Option<String>,
    /// Is it there for developers only? `None` when the format does not tell.
    pub dev: Option<bool>,
    /// Does the project itself ask for it? `None` when the format does not tell.
    pub direct: Option<bool>,
    /// May it be left out?
    pub optional: bool,
    /// Does it come inside another package's archive?
    pub bundled: bool,
    /// Does it run code of its own when it is installed?
    pub install_script: bool,
    /// Why its author gave it up; empty when no reason is told.
    pub deprecated: Option<String>,
    /// What it needs, in order, each once.
    pub needs: Vec<Id>,
    /// In which of [`Inventory::files`] it stands.
    pub file: usize,
    /// Where it stands there.
    pub span: Span,
}

impl Package {
    /// A package of a registry, of which nothing more is known yet.
    #[must_use]
    pub fn new(
        ecosystem: Ecosystem,
        name: impl Into<String>,
        version: Option<String>,
        span: Span,
    ) -> Self {
        Self {
            ecosystem,
            name: name.into(),
            alias: None,
            version,
            requirement: None,
            source: Source::default(),
            hashes: Vec::new(),
            licence: None,
            dev: None,
            direct: None,
            optional: false,
            bundled: false,
            install_script: false,
            deprecated: None,
            needs: Vec::new(),
            file: 0,
            span,
        }
    }

    /// The name by which two spellings of a package are the same one.
    #[must_use]
    pub fn normal_name(&self) -> String {
        self.ecosystem.normal(&self.name)
    }

    /// Is it published by a registry, so that its name is that of the advisories?
    #[must_use]
    pub fn is_published(&self) -> bool {
        self.source.kind == SourceKind::Registry
    }

    /// Is it the project itself, or a member of its workspace?
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.source.kind == SourceKind::Workspace
    }
}

/// What else a file says, or why a part of it is not in the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemarkKind {
    /// A part that was not understood: the inventory is not complete.
    Lost,
    /// Packages may be used that the file does not list.
    Unlisted,
    /// A further index that packages may come from.
    ExtraIndex,
    /// A host that is trusted without a certificate.
    TrustedHost,
}

/// A remark of a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Its kind.
    pub kind: RemarkKind,
    /// One line that stands alone: lower case, no full stop. Raw.
    pub text: String,
    /// In which of [`Inventory::files`].
    pub file: usize,
    /// Where it stands there.
    pub span: Span,
}

/// What one lockfile or manifest names.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Inventory {
    /// The version of the format, as the file writes it or as its shape tells: `v3`, `9.0`.
    pub version: String,
    /// The files that were read: the lockfile itself, then those that it includes; paths relative to its folder.
    pub files: Vec<String>,
    /// The packages, in the order of the file; the project's own members too.
    pub packages: Vec<Package>,
    /// What else there is to say.
    pub remarks: Vec<Remark>,
    /// Does the file say itself that it is empty? Else no package at all is an error, not an answer.
    pub declared_empty: bool,
}

impl Inventory {
    /// The packages that are not the project's own.
    pub fn foreign(&self) -> impl Iterator<Item = (Id, &Package)> {
        let all = self.packages.iter().enumerate();
        all.filter(|(_, package)| !package.is_own())
    }

    /// For each package, a shortest way to it from the project.
    #[must_use]
    pub fn ways(&self) -> Ways {
        let mut from = vec![From::Nowhere; self.packages.len()];
        let mut open = VecDeque::new();
        let is_start = |package: &Package| package.is_own() || package.direct == Some(true);
        for (id, package) in self.packages.iter().enumerate() {
            if is_start(package) {
                from[id] = From::Project;
                open.push_back(id);
            }
        }
        while let Some(id) = open.pop_front() {
            for &next in &self.packages[id].needs {
                if from.get(next) == Some(&From::Nowhere) {
                    from[next] = From::Package(id);
                    open.push_back(next);
                }
            }
        }
        Ways(from)
    }
}

/// The shortest ways to all packages of an inventory.
#[derive(Clone, Debug)]
pub struct Ways(Vec<From>);

/// How a package is come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Nowhere,
    Project,
    Package(Id),
}

impl Ways {
    /// The way to a package, from what the project asks for to the package itself. Only the package when the file does not
    /// tell who needs it.
    #[must_use]
    pub fn to(&self, id: Id) -> Vec<Id> {
        let mut way = vec![id];
        let mut at = id;
        while let Some(From::Package(before)) = self.0.get(at) {
            way.push(*before);
            at = *before;
        }
        way.reverse();
        way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_package() {
        let check = |ecosystem: Ecosystem, name: &str, normal: &str| {
            assert_eq!(ecosystem.normal(name), normal);
        };
        check(
            Ecosystem::PyPi,
            "Zope.Interface__x-.y",
            "zope-interface-x-y",
        );
        check(Ecosystem::NuGet, "Newtonsoft.Json", "newtonsoft.json");
        check(Ecosystem::Packagist, "Twig/Twig", "twig/twig");
        check(Ecosystem::Npm, "JSONStream", "JSONStream");
        check(Ecosystem::Crates, "ansi_term", "ansi_term");
        for &ecosystem in Ecosystem::ALL {
            assert_eq!(Ecosystem::of_name(ecosystem.name()), Some(ecosystem));
        }
        assert_eq!(Ecosystem::of_name("Maven:central"), Some(Ecosystem::Maven));
    }

    #[test]
    fn hashes_of_all_spellings() {
        let check = |text: &str, algorithm: &str, value: &str| {
            let hash = Hash::read(text, "sha256");
            assert_eq!((&*hash.algorithm, &*hash.value), (algorithm, value));
        };
        check("sha512-a+b/c=", "sha512", "a+b/c=");
        check("sha256:0aff", "sha256", "0aff");
        check("h1:a-b=", "h1", "a-b=");
        check("0aff", "sha256", "0aff");
    }

    #[test]
    fn the_shortest_way_survives_a_circle() {
        let package = |name: &str, direct: bool, needs: &[Id]| {
            let mut package = Package::new(Ecosystem::Npm, name, None, Span::at(1, 1));
            package.direct = Some(direct);
            package.needs = needs.to_vec();
            package
        };
        let inventory = Inventory {
            packages: vec![
                package("a", true, &[1]),
                package("b", false, &[2, 0]),
                package("c", false, &[1, 2]),
                package("lone", false, &[]),
            ],
            ..Inventory::default()
        };
        let ways = inventory.ways();
        assert_eq!(ways.to(2), [0, 1, 2]);
        assert_eq!(ways.to(3), [3]);
    }
}
