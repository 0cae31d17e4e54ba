//! Owns imports that must not be: of a higher layer, and those that an option names.

use crate::check::options::Glob;
use crate::model::evidence::Evidence;
use crate::model::finding::Finding;
use crate::model::place::{Place, Span};

use super::FORBIDDEN_IMPORT;
use super::facts::{Import, When};
use super::map::{Known, Map};
use super::options::{Forbidden, Options};

/// At most so many files are named in a finding.
const NAMED: usize = 20;

/// Looks at each import of each file that is judged.
pub fn find(map: &Map<'_>, options: &Options, evidence: &mut Evidence) {
    if options.layers.is_empty() && options.forbidden.is_empty() {
        return;
    }
    for file in map.files.iter().filter(|file| file.module.is_some()) {
        let path = &file.meta.path;
        let own_layer = layer(file, options);
        let forbidden: Vec<&Forbidden> = options
            .forbidden
            .iter()
            .filter(|one| one.from.matches(path))
            .collect();
        if own_layer.is_none() && forbidden.is_empty() {
            continue;
        }
        for (import, leads) in file.facts.imports.iter().zip(&file.leads) {
            if let Some(what) = broken_layer(map, options, own_layer, leads) {
                evidence.findings.push(finding(file, import, what, ""));
            }
            for one in &forbidden {
                if one.types && import.when == When::Never {
                    continue;
                }
                if let Some(what) = broken(map, one, import, leads) {
                    evidence
                        .findings
                        .push(finding(file, import, what, &one.reason));
                }
            }
        }
    }
}

/// The number of the layer that a file belongs to.
fn layer(file: &Known<'_>, options: &Options) -> Option<usize> {
    let is_in = |glob: &Glob| glob.matches(&file.meta.path);
    options
        .layers
        .iter()
        .position(|layer| layer.paths.iter().any(is_in))
}

fn broken_layer(
    map: &Map<'_>,
    options: &Options,
    own: Option<usize>,
    leads: &[usize],
) -> Option<String> {
    let own = own?;
    let mut leads = leads.iter().map(|lead| &map.files[*lead]);
    leads.find_map(|lead| {
        let other = layer(lead, options).filter(|other| *other < own)?;
        let (own, other) = (&options.layers[own].name, &options.layers[other].name);
        let path = &lead.meta.path;
        Some(format!(
            "the layer `{own}` imports {path} of the layer `{other}`, which is above it"
        ))
    })
}

fn broken(map: &Map<'_>, one: &Forbidden, import: &Import, leads: &[usize]) -> Option<String> {
    if let Some(to) = &one.to {
        let leads = leads.iter().map(|lead| &map.files[*lead].meta.path);
        let mut all: Vec<String> = leads
            .filter(|path| to.matches(path))
            .map(ToString::to_string)
            .collect();
        let more = all.len().saturating_sub(NAMED);
        all.truncate(NAMED);
        if more > 0 {
            all.push(format!("{more} more"));
        }
        if !all.is_empty() {
            let (all, from) = (all.join(", "), &one.from);
            return Some(format!(
                "it imports {all}, which files of `{from}` must not"
            ));
        }
    }
    let mut packages = one.packages.iter();
    let package = packages.find(|package| is_of(&import.target, package))?;
    Some(format!(
        "it imports `{package}`, which files of `{}` must not",
        one.from
    ))
}

/// Is it the package, or something in it?
fn is_of(target: &str, package: &str) -> bool {
    target
        .strip_prefix(package)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/', ':']))
}

fn finding(file: &Known<'_>, import: &Import, headline: String, reason: &str) -> Finding {
    let help = if reason.is_empty() {
        "turn the dependency round, or move what is needed to where both may import it"
    } else {
        reason
    };
    let place = Place::Part(file.meta.path.clone(), Span::at(import.line, import.column));
    let anchor = format!("imports {}", import.target);
    Finding::new(&FORBIDDEN_IMPORT, place, headline, help).anchored(anchor)
}
