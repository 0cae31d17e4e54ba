//! Owns where a package's licence is told: by the lockfile, or by the package's own manifest where its files lie in the
//! repository's folder, committed or not.

use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::checkers::dependencies::inventory::{Ecosystem, Package};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::toml::{self, table_at, text_at};
use crate::checkers::dependencies::locks::{self, Beside};
use crate::checkers::dependencies::tree::{Around, joined};
use crate::source::tree::FileMeta;

/// No manifest of a package is larger than this.
const LARGEST: u64 = 4 << 20;

/// The files around a lockfile in a run: those of the tree, then those that git ignores.
pub(super) struct InRun<'a> {
    folder: String,
    around: Around<'a>,
    cx: &'a Cx<'a>,
}

impl<'a> InRun<'a> {
    pub(super) fn new(lock: &FileMeta, cx: &'a Cx<'a>) -> Self {
        let path = String::from_utf8_lossy(lock.path.as_bytes()).into_owned();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self {
            folder: folder.to_owned(),
            around: Around::new(cx.tree, lock),
            cx,
        }
    }
}

impl Beside for InRun<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        if let Ok(Some(tracked)) = self.around.read(path) {
            return Ok(Some(tracked));
        }
        let path = joined(&self.folder, path).and_then(RepoPath::new);
        Ok(path.and_then(|path| self.cx.ports.artifacts.read(&path, LARGEST).ok()))
    }
}

/// The files of packages around a lockfile.
pub struct Packages<'a>(pub &'a dyn Beside);

impl Packages<'_> {
    /// What is told of a package's licence, as written.
    #[must_use]
    pub fn licence(&self, package: &Package) -> Option<String> {
        if package.licence.is_some() {
            return package.licence.clone();
        }
        let name = &package.name;
        let version = package.version.as_deref()?;
        match package.ecosystem {
            Ecosystem::Crates => {
                let folders = [format!("vendor/{name}-{version}"), format!("vendor/{name}")];
                folders
                    .iter()
                    .find_map(|folder| self.crates(folder, version))
            }
            Ecosystem::Npm => {
                let called = package.alias.as_ref().unwrap_or(name);
                let flat = name.replace('/', "+");
                let folders = [
                    format!("node_modules/{called}"),
                    format!("node_modules/.pnpm/{flat}@{version}/node_modules/{name}"),
                ];
                folders.iter().find_map(|folder| self.npm(folder, version))
            }
            _ => None,
        }
    }

    fn crates(&self, folder: &str, version: &str) -> Option<String> {
        let text = self.text(&format!("{folder}/Cargo.toml"))?;
        let root = toml::parse(&text).ok()?;
        let package = table_at(root.get_ref(), "package")?;
        let same = text_at(package, "version") == Some(version);
        text_at(package, "license")
            .filter(|_| same)
            .map(str::to_owned)
    }

    fn npm(&self, folder: &str, version: &str) -> Option<String> {
        let text = self.text(&format!("{folder}/package.json"))?;
        let document = locks::json(&text).ok()?;
        let same = document.text_at(document.root(), "version") == Some(version);
        locks::node::licence(&document, document.root()).filter(|_| same)
    }

    fn text(&self, path: &str) -> Option<Text> {
        Text::new(&self.0.read(path).ok().flatten()?)
    }
}
