//! Owns the readers of lockfiles: which file is of which format, and what all readers share. A reader is pure: bytes in,
//! inventory out. A file that cannot be read for sure is an error, never an empty inventory.

mod cargo;
mod composer;
mod gemfile;
mod go;
mod gradle;
mod maven;
mod mix;
pub(super) mod node;
mod nuget;
mod pubspec;
pub(super) mod python;
#[cfg(test)]
mod tests;
pub(super) mod text;
pub(super) mod toml;

use std::collections::BTreeSet;

use crate::model::place::{Point, Span};
use crate::source::json::Document;
use crate::source::yaml;

use super::inventory::{Ecosystem, Id, Inventory, Package, Remark, RemarkKind};
use super::manifest::{Asked, Manifest};
use text::Text;

/// Why a lockfile could not be read: what it holds is unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Unread {
    /// One line that stands behind the file's name; lower case. Raw.
    pub what: String,
    /// Where, if it is known.
    pub at: Option<Point>,
}

impl Unread {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            at: None,
        }
    }

    fn at(mut self, point: Point) -> Self {
        self.at = Some(point);
        self
    }

    /// A version of the format that is not known here.
    fn version(version: &str) -> Self {
        Self::new(format!("version `{version}` of its format is not known"))
    }
}

/// The files around a lockfile.
pub trait Beside {
    /// The content of a file, by its path relative to the lockfile's folder; it may begin with `../`. `None` when it is
    /// not there.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String>;
}

/// A lockfile all alone.
#[derive(Clone, Copy, Debug)]
pub struct Alone;

impl Beside for Alone {
    fn read(&self, _path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }
}

type Reader = fn(&Text, &dyn Beside) -> Result<Inventory, Unread>;

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident $ecosystem:ident $reader:expr, names[$($name:literal)*])*) => {
        /// A format of lockfiles, or of manifests that pin.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Format { $($(#[$doc])* $variant),* }

        impl Format {
            /// Every format.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The ecosystem of its packages.
            #[must_use]
            pub const fn ecosystem(self) -> Ecosystem {
                match self { $(Self::$variant => Ecosystem::$ecosystem),* }
            }

            /// The file names that tell it.
            #[must_use]
            pub const fn names(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($name),*]),* }
            }

            fn reader(self) -> Reader {
                match self { $(Self::$variant => $reader),* }
            }
        }
    };
}

formats! {
    /// Cargo's.
    CargoLock Crates cargo::read, names["Cargo.lock"]
    /// npm's. A shrinkwrap is published with the package; where both are, it wins.
    NpmLock Npm node::npm::read, names["npm-shrinkwrap.json" "package-lock.json"]
    /// pnpm's.
    PnpmLock Npm node::pnpm::read, names["pnpm-lock.yaml"]
    /// yarn's, of all its versions.
    YarnLock Npm node::yarn::read, names["yarn.lock"]
    /// bun's.
    BunLock Npm node::bun::read, names["bun.lock"]
    /// bun's of before, which cannot be read.
    BunBinary Npm node::bun::refuse, names["bun.lockb"]
    /// pip's requirements.
    Requirements PyPi python::requirements::read, names["requirements.txt"]
    /// Poetry's.
    PoetryLock PyPi python::poetry::read, names["poetry.lock"]
    /// uv's.
    UvLock PyPi python::uv::read, names["uv.lock"]
    /// What Python's tools agreed on.
    PyLock PyPi python::pylock::read, names["pylock.toml"]
    /// Pipenv's.
    PipfileLock PyPi python::pipfile::read, names["Pipfile.lock"]
    /// PDM's.
    PdmLock PyPi python::pdm::read, names["pdm.lock"]
    /// Go's.
    GoMod Go go::read, names["go.mod"]
    /// Bundler's.
    GemfileLock RubyGems gemfile::read, names["Gemfile.lock" "gems.locked"]
    /// Composer's.
    ComposerLock Packagist composer::read, names["composer.lock"]
    /// `NuGet`'s.
    NuGetLock NuGet nuget::read_lock, names["packages.lock.json"]
    /// What `NuGet` had before.
    PackagesConfig NuGet nuget::read_config, names["packages.config"]
    /// Maven's, which is no lockfile.
    PomXml Maven maven::read, names["pom.xml"]
    /// Gradle's.
    GradleLock Maven gradle::read, names["gradle.lockfile" "buildscript-gradle.lockfile"]
    /// Dart's.
    PubspecLock Pub pubspec::read, names["pubspec.lock"]
    /// Elixir's.
    MixLock Hex mix::read, names["mix.lock"]
}

impl Format {
    /// The format that a path tells, mostly by its last part.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let known = Self::ALL
            .iter()
            .copied()
            .find(|format| format.names().contains(&name));
        let named_pylock = name.starts_with("pylock.") && name.strip_suffix(".toml").is_some();
        let of_gradle = name.ends_with(".lockfile") && folder.ends_with("dependency-locks");
        known.or_else(|| {
            if named_pylock {
                Some(Self::PyLock)
            } else if of_gradle {
                Some(Self::GradleLock)
            } else if is_requirements(folder, name) {
                Some(Self::Requirements)
            } else {
                None
            }
        })
    }
}

/// `requirements-dev.txt`, `dev-requirements.txt`, `requirements/dev.txt`.
fn is_requirements(folder: &str, name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".txt") else {
        return false;
    };
    let in_folder = folder.rsplit('/').next() == Some("requirements");
    let parts: Vec<&str> = stem.split(['-', '_', '.']).collect();
    if parts.first() == Some(&"constraints") {
        return false;
    }
    in_folder || parts.first() == Some(&"requirements") || parts.last() == Some(&"requirements")
}

/// Reads a lockfile. `name` is its own name, and `beside` gives the files around it.
///
/// # Errors
/// When it cannot be understood as a whole, or holds nothing that was understood: what is installed is unknown then.
pub fn read(
    format: Format,
    name: &str,
    bytes: &[u8],
    beside: &dyn Beside,
) -> Result<Inventory, Unread> {
    let text = Text::new(bytes).ok_or_else(|| Unread::new("it is not text in UTF-8"))?;
    if let Some((at, _)) = text.lines().find(|(_, line)| line.starts_with("<<<<<<< ")) {
        return Err(Unread::new("it holds an unresolved merge conflict").at(text.point(at)));
    }
    let mut inventory = format.reader()(&text, beside)?;
    if inventory.packages.is_empty() && !inventory.declared_empty {
        return Err(Unread::new("no package was found in it"));
    }
    inventory.files.insert(0, name.to_owned());
    tell_direct(&mut inventory);
    Ok(inventory)
}

/// Where the format knows the project's own packages, what they need is asked for directly.
fn tell_direct(inventory: &mut Inventory) {
    let packages = &mut inventory.packages;
    let own = packages.iter().filter(|package| package.is_own());
    let wanted: Vec<usize> = own
        .flat_map(|package| package.needs.iter().copied())
        .collect();
    if wanted.is_empty() {
        return;
    }
    let wanted: BTreeSet<Id> = wanted.into_iter().collect();
    for (id, package) in packages.iter_mut().enumerate() {
        if !package.is_own() {
            package.direct.get_or_insert(wanted.contains(&id));
        }
    }
}

pub(super) fn json(text: &Text) -> Result<Document<'_>, Unread> {
    Document::parse(text.as_str())
        .map_err(|flaw| Unread::new(format!("it is no JSON: {flaw}")).at(text.point(flaw.at)))
}

/// The documents of a YAML file. No tool writes an alias into a lockfile, and a walk over many may not end.
pub(super) fn yaml_all(text: &Text) -> Result<Vec<yaml::Document>, Unread> {
    let documents = yaml::Document::all(text.as_str())
        .map_err(|why| Unread::new(format!("it is no YAML: {why}")))?;
    if documents.iter().any(yaml::Document::is_aliased) {
        return Err(Unread::new("it uses aliases, which no tool writes"));
    }
    Ok(documents)
}

pub(super) fn yaml(text: &Text) -> Result<yaml::Document, Unread> {
    let mut documents = yaml_all(text)?.into_iter();
    documents.next().ok_or_else(|| Unread::new("it is empty"))
}

/// Where a scalar of a YAML document stands.
pub(super) fn yaml_span(text: &Text, document: &yaml::Document, node: yaml::Id) -> Span {
    text.span(document.range(node).unwrap_or_default())
}

/// Leaves each package in only once.
fn dedup(ids: &mut Vec<Id>) {
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
}

/// What a manifest beside a lockfile asks for, as far as it can be read.
fn asked_beside(beside: &dyn Beside, manifest: Manifest, name: &str) -> Option<Vec<Asked>> {
    let bytes = beside.read(name).ok()??;
    manifest.asked(&Text::new(&bytes)?).ok()
}

/// Says that a part was not understood.
fn lost(inventory: &mut Inventory, span: Span, what: impl Into<String>) {
    remark(inventory, RemarkKind::Lost, span, what);
}

fn remark(inventory: &mut Inventory, kind: RemarkKind, span: Span, text: impl Into<String>) {
    inventory.remarks.push(Remark {
        kind,
        text: text.into(),
        file: 0,
        span,
    });
}

/// Tells what is for developers only: what `dev` leads to and `runtime` does not.
fn tell_dev(packages: &mut [Package], runtime: &[Id], dev: &[Id]) {
    for (starts, told) in [(runtime, false), (dev, true)] {
        let mut open = starts.to_vec();
        while let Some(id) = open.pop() {
            let Some(package) = packages.get_mut(id) else {
                continue;
            };
            // Another member of the workspace asks for itself.
            if package.dev.is_none() && !package.is_own() {
                package.dev = Some(told);
                open.extend(&package.needs);
            }
        }
    }
}

/// A path relative to a folder, without `.` and with `..` only before all else.
fn joined(folder: &str, path: &str) -> String {
    if path.contains("://") || path.starts_with('/') {
        return path.to_owned();
    }
    let path = path.replace('\\', "/");
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
