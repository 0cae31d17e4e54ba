//! Owns the map of a repository: its modules, the files that each is made of, and the graph of their imports.

use std::collections::BTreeMap;

use crate::check::Observed;
use crate::source::language::Language;
use crate::source::tree::{FileMeta, SourceTree};

use super::facts::{Facts, When};
use super::graph::{Edge, Graph};
use super::options::Options;
use super::resolve::{Read, Resolver};

/// A file with what was read of it, and its number in the map.
pub struct Known<'a> {
    /// The file.
    pub meta: &'a FileMeta,
    /// What was read.
    pub facts: &'a Facts,
    /// The module that it belongs to; `None` for one that is not judged.
    pub module: Option<usize>,
    /// The files that each of its imports leads to.
    pub leads: Vec<Vec<usize>>,
}

/// A module: a file, or in Go and Java a package.
pub struct Module {
    /// What it is called.
    pub name: String,
    /// Its files.
    pub files: Vec<usize>,
    /// The language.
    pub language: Language,
}

/// The map.
pub struct Map<'a> {
    /// All files that were read, by path.
    pub files: Vec<Known<'a>>,
    /// The modules that are judged, by name.
    pub modules: Vec<Module>,
    /// Their imports.
    pub graph: Graph,
    /// What tells where imports lead.
    pub resolver: Resolver<'a>,
}

/// The files that were read, by path.
pub fn read<'a>(files: &'a [Observed<'_, Facts>]) -> Vec<Read<'a>> {
    let mut read: Vec<Read<'_>> = files
        .iter()
        .filter_map(|file| {
            Some(Read {
                path: std::str::from_utf8(file.file.path.as_bytes()).ok()?,
                facts: file.facts.as_ref()?,
            })
        })
        .collect();
    read.sort_by(|a, b| a.path.cmp(b.path));
    read
}

impl<'a> Map<'a> {
    /// Follows all imports.
    pub fn new(
        files: &'a [Observed<'_, Facts>],
        read: &'a [Read<'a>],
        tree: &'a dyn SourceTree,
        options: &Options,
    ) -> Self {
        let resolver = Resolver::new(read, tree);
        let metas: BTreeMap<&[u8], &FileMeta> = files
            .iter()
            .map(|observed| (observed.file.path.as_bytes(), observed.file))
            .collect();
        let mut known: Vec<Known<'_>> = read
            .iter()
            .enumerate()
            .map(|(at, file)| {
                let imports = file.facts.imports.iter();
                Known {
                    meta: metas[file.path.as_bytes()],
                    facts: file.facts,
                    module: None,
                    leads: imports
                        .map(|import| resolver.resolve(at, read, import))
                        .collect(),
                }
            })
            .collect();
        let modules = group(&mut known, read, options);
        let mut graph = Graph::new(modules.len());
        for (number, file) in known.iter().enumerate() {
            let Some(from) = file.module else { continue };
            for (at, (import, leads)) in file.facts.imports.iter().zip(&file.leads).enumerate() {
                let when = if is_stub(read[number].path) {
                    When::Never
                } else {
                    import.when
                };
                for to in leads.iter().filter_map(|lead| known[*lead].module) {
                    let edge = Edge {
                        when,
                        file: number,
                        import: at,
                    };
                    graph.add(from, to, edge);
                }
            }
        }
        Self {
            files: known,
            modules,
            graph,
            resolver,
        }
    }

    /// Where an import stands.
    pub fn shown(&self, edge: Edge) -> String {
        let file = &self.files[edge.file];
        format!(
            "{}:{}",
            file.meta.path, file.facts.imports[edge.import].line
        )
    }
}

/// Puts the files that are judged into modules, by name.
fn group(known: &mut [Known<'_>], read: &[Read<'_>], options: &Options) -> Vec<Module> {
    let mut names: BTreeMap<(String, Language), Vec<usize>> = BTreeMap::new();
    for (at, file) in known.iter().enumerate() {
        let is_judged = options.tests || !file.meta.class.test;
        if is_judged && file.facts.unread.is_none() {
            let name = name(read[at].path, file.facts);
            names
                .entry((name, file.facts.language))
                .or_default()
                .push(at);
        }
    }
    let mut modules = Vec::new();
    for ((name, language), files) in names {
        for file in &files {
            known[*file].module = Some(modules.len());
        }
        modules.push(Module {
            name,
            files,
            language,
        });
    }
    modules
}

/// What the module of a file is called: its path, or the folder of a package of Go or Java.
fn name(path: &str, facts: &Facts) -> String {
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
    match facts.language {
        // The tests of a package are another package, and no part of any circle.
        Language::Go if !path.ends_with("_test.go") => folder.to_owned(),
        Language::Java => folder.to_owned(),
        _ => path.to_owned(),
    }
}

/// Is it a file of types alone?
fn is_stub(path: &str) -> bool {
    let ends = [".pyi", ".d.ts", ".d.mts", ".d.cts"];
    ends.iter().any(|end| path.ends_with(end))
}
