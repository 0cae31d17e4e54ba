//! Owns the checker `api-docs`: which public items, modules and packages are documented in the code.

mod braces;
mod crates;
mod go;
mod item;
mod options;
mod python;
mod ruby;
mod rust;
mod script;

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::base::words;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::place::Place;
use crate::model::quantity::Dimension;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::FileMeta;

use crates::Crates;
use item::{Facts, Item, Kind, Unread};
use options::Options;

static UNDOCUMENTED_ITEM: Rule = rule!("undocumented-item", Info, "2026-12");
static UNDOCUMENTED_MODULE: Rule = rule!("undocumented-module", Info, "2026-12");

/// A configured check.
#[derive(Debug)]
pub struct ApiDocs(Options);

impl Checker for ApiDocs {
    const NAME: &'static str = "api-docs";
    const SUMMARY: &'static str =
        "public items, modules and packages that are not documented in the code";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&UNDOCUMENTED_ITEM, &UNDOCUMENTED_MODULE];
    const GUIDE: &'static str =
        "What counts in each language, beside other tools: [documentation](../documentation.md).";
    const METRICS: &'static [Metric] = &[
        Metric::measured(
            "documentation_coverage",
            Dimension::Share,
            Better::Higher,
            "public items that are documented, out of all public items",
        ),
        Metric::measured(
            "module_documentation",
            Dimension::Share,
            Better::Higher,
            "modules and packages that are documented, out of all that are public",
        ),
        Metric::counts(
            "undocumented_items",
            &["undocumented-item"],
            "public items that are not documented",
        ),
        Metric::counts(
            "undocumented_modules",
            &["undocumented-module"],
            "public modules and packages that are not documented",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        wants(file) && (self.0.tests || !file.class.test)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Facts::of(file, &self.0)
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let crates = Crates::of(cx.tree.files(), files);
        let mut sums = Sums::default();
        let (mut generated, mut hidden) = (0, 0);
        for Observed { file, facts } in files {
            let Some(facts) = facts else { continue };
            match facts.unread {
                Some(Unread::Generated) => generated += 1,
                Some(Unread::Large) => {
                    evidence.partial(format!("{}: too large to parse", file.path));
                }
                Some(Unread::Intricate) => {
                    evidence.partial(format!("{}: too intricate to parse", file.path));
                }
                None if facts.is_cut => {
                    evidence.partial(format!("{}: more items than are kept", file.path));
                }
                None => {}
            }
            if facts.rust.is_some() {
                hidden += usize::from(!rust_file(file, facts, &crates, &mut sums, &mut evidence));
            } else if !is_private(file) {
                sums.file(file, facts, &mut evidence);
            }
        }
        sums.modules(&mut evidence);
        let notes = &mut evidence.notes;
        let mut note = |count: usize, what: &str| {
            if count > 0 {
                notes.push(format!("{} {what}", words::count(count, "file")));
            }
        };
        note(generated, "made by a tool, not looked into");
        note(
            hidden,
            "of Rust that is no part of a library that others can reach",
        );
        if sums.total() == 0 && sums.packages.is_empty() && evidence == Evidence::default() {
            return Ok(Evidence::not_applicable("public items"));
        }
        sums.measure(&mut evidence);
        Ok(evidence)
    }
}

/// Is it code that somebody here wrote for others, in a language whose documentation is known?
fn wants(file: &FileMeta) -> bool {
    let class = file.class;
    file.is_file()
        && file.language.is_some_and(item::is_read)
        && !(class.vendored || class.generated || class.minified || class.docs)
}

/// Does the path say that the module is for the project alone?
fn is_private(file: &FileMeta) -> bool {
    file.language == Some(Language::Python)
        && file.path.parts().any(|part| {
            let stem = part.strip_suffix(b".py").unwrap_or(part);
            stem.starts_with(b"_") && !(stem.starts_with(b"__") && stem.ends_with(b"__"))
        })
}

/// Takes a file of Rust; false when nobody else can reach it.
fn rust_file(
    file: &FileMeta,
    facts: &Facts,
    crates: &Crates,
    sums: &mut Sums,
    evidence: &mut Evidence,
) -> bool {
    let Some(place) = crates.place(&file.path) else {
        return false;
    };
    let is_reached = crates.is_reached(&place);
    for item in facts
        .items
        .iter()
        .filter(|item| crates.reaches(&place, is_reached, item))
    {
        sums.add(item.kind, item.is_documented, 1);
        if !item.is_documented {
            evidence.findings.push(finding(&file.path, item));
        }
    }
    if is_reached {
        let is_documented = facts.module == Some(true) || crates.is_documented(&place);
        sums.module(&file.path, is_documented);
    }
    true
}

/// Sums over all files.
#[derive(Default)]
struct Sums {
    kinds: BTreeMap<Kind, (u64, u64)>,
    /// Modules by their paths, packages by their folders and names.
    packages: BTreeMap<(Vec<u8>, String), Package>,
}

struct Package {
    first: RepoPath,
    is_documented: bool,
    is_folder: bool,
}

impl Sums {
    fn add(&mut self, kind: Kind, is_documented: bool, count: u64) {
        let (part, whole) = self.kinds.entry(kind).or_default();
        *part += if is_documented { count } else { 0 };
        *whole += count;
    }

    fn total(&self) -> u64 {
        self.kinds.values().map(|(_, whole)| whole).sum()
    }

    fn file(&mut self, file: &FileMeta, facts: &Facts, evidence: &mut Evidence) {
        for (kind, count) in &facts.documented {
            self.add(*kind, true, *count);
        }
        for item in &facts.items {
            self.add(item.kind, false, 1);
            evidence.findings.push(finding(&file.path, item));
        }
        let Some(is_documented) = facts.module else {
            return;
        };
        if file.language == Some(Language::Python) {
            self.module(&file.path, is_documented);
            return;
        }
        // A package is documented in one of its files.
        let folder = crates::folder(&file.path).to_vec();
        let package = self
            .packages
            .entry((folder, facts.package.clone()))
            .or_insert_with(|| Package {
                first: file.path.clone(),
                is_documented: false,
                is_folder: true,
            });
        package.is_documented |= is_documented;
    }

    fn module(&mut self, path: &RepoPath, is_documented: bool) {
        let package = Package {
            first: path.clone(),
            is_documented,
            is_folder: false,
        };
        self.packages
            .insert((path.as_bytes().to_vec(), String::new()), package);
    }

    fn modules(&self, evidence: &mut Evidence) {
        let packages = self.packages.iter();
        for ((_, name), package) in packages.filter(|(_, package)| !package.is_documented) {
            let headline = if package.is_folder {
                format!("the package `{name}` is not documented")
            } else {
                "the module is not documented".to_owned()
            };
            let help = "say at its head what it is for";
            let place = Place::File(package.first.clone());
            evidence.findings.push(
                Finding::new(&UNDOCUMENTED_MODULE, place, headline, help)
                    .anchored(format!("module {name}")),
            );
        }
    }

    fn measure(&self, evidence: &mut Evidence) {
        let (mut part, mut whole) = (0, 0);
        let mut told = Vec::new();
        for kind in Kind::ALL {
            let (documented, all) = self.kinds.get(&kind).copied().unwrap_or_default();
            part += documented;
            whole += all;
            if all > 0 {
                let count = words::count(usize::try_from(all).unwrap_or(usize::MAX), kind.word());
                told.push(format!("{documented} of {count}"));
            }
        }
        if let Some(share) = Value::ratio(part, whole) {
            evidence.measure("documentation_coverage", share);
            evidence
                .notes
                .push(format!("documented: {}", told.join(", ")));
        }
        let modules = self.packages.len() as u64;
        let documented = self
            .packages
            .values()
            .filter(|package| package.is_documented)
            .count() as u64;
        if let Some(share) = Value::ratio(documented, modules) {
            evidence.measure("module_documentation", share);
            evidence.notes.push(format!(
                "documented: {documented} of {}",
                words::count(self.packages.len(), "module")
            ));
        }
    }
}

fn finding(path: &RepoPath, item: &Item) -> Finding {
    let place = Place::Part(path.clone(), item.span);
    let word = item.kind.word();
    let headline = format!("the {word} `{}` is public and not documented", item.name);
    let help = "say what it is for and what a user of it must know, or make it private";
    Finding::new(&UNDOCUMENTED_ITEM, place, headline, help)
        .anchored(format!("{word} {}", item.name))
}
