//! Owns what Terraform files are told. A folder is judged as a whole, by what its files say literally.

mod network;
mod policy;
mod read;
mod resource;
mod scope;
mod secrets;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;
use crate::check::Observed;
use crate::model::place::Span;
use crate::model::rule::Severity;
use crate::source::file::SourceFile;

use super::hit::{Facts, Family, Hit, Hits, Unread, tempered};
use super::kinds::Kind;
use super::marks::Marks;
use read::Block;
use scope::Scope;

/// What a file declares.
#[derive(Debug, Serialize, Deserialize)]
pub struct Module {
    blocks: Vec<Block>,
    marks: Marks,
    /// What two steps of severity take off here.
    tempered: BTreeMap<Severity, Severity>,
}

/// The types that a rule looks at, besides variables, locals and settings.
fn is_kept(block: &Block) -> bool {
    match block.kind.as_str() {
        "resource" => {
            resource::TYPES.iter().any(|kind| block.label(0) == *kind)
                || block.label(0).starts_with("azurerm_")
                    && block.label(0).ends_with("_firewall_rule")
        }
        "data" => block.label(0) == "aws_iam_policy_document",
        "variable" | "locals" | "terraform" | "module" => true,
        _ => false,
    }
}

/// Looks at a Terraform file.
pub fn look(file: &SourceFile, text: &str) -> Option<Facts> {
    let Some((mut blocks, errors)) = read::blocks(file, text) else {
        return Some(Facts::unread(Unread::Broken));
    };
    if blocks.is_empty() && errors == 0 {
        return None;
    }
    let mut hits = Hits::of(file, Family::Terraform);
    for block in &blocks {
        hits.scope = block.span.start.line..=block.last;
        secrets::look(block, &mut hits);
    }
    if errors > 0 {
        hits.facts.unread = Some(Unread::Parts(errors));
    }
    blocks.retain(is_kept);
    let all = [
        Severity::Info,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];
    hits.facts.module = Some(Module {
        blocks,
        marks: Marks::of(file),
        tempered: all
            .into_iter()
            .map(|severity| (severity, tempered(severity, file)))
            .collect(),
    });
    Some(hits.facts)
}

/// The hits of one block.
pub struct Found<'a> {
    block: &'a Block,
    hits: Vec<(Kind, Severity, Span, String, String)>,
}

impl Found<'_> {
    /// Keeps a hit at an attribute of `block`, or at its head.
    fn push(
        &mut self,
        kind: Kind,
        severity: Severity,
        block: &Block,
        attribute: &str,
        headline: String,
    ) {
        let span = block
            .attribute(attribute)
            .map_or(block.span, |attribute| attribute.span);
        let anchor = format!(
            "{}.{}.{}.{attribute}",
            self.block.kind,
            self.block.labels.join("."),
            block.kind
        );
        self.hits.push((kind, severity, span, headline, anchor));
    }

    /// The resource's name: `aws_instance.web`.
    fn name(&self) -> String {
        self.block.labels.join(".")
    }
}

/// Judges the folders of all files.
pub fn judge<'a>(files: &'a [Observed<'_, Facts>]) -> Vec<(&'a RepoPath, Hit)> {
    let modules = || {
        files
            .iter()
            .filter_map(|file| Some((&file.file.path, file.facts.as_ref()?.module.as_ref()?)))
    };
    let mut scopes: BTreeMap<&[u8], Scope<'_>> = BTreeMap::new();
    for (path, module) in modules() {
        scopes.entry(folder(path)).or_default().add(&module.blocks);
    }
    let mut all = Vec::new();
    for (path, module) in modules() {
        let Some(scope) = scopes.get(folder(path)) else {
            continue;
        };
        for block in &module.blocks {
            let mut found = Found {
                block,
                hits: Vec::new(),
            };
            network::look(block, scope, &mut found);
            resource::look(block, scope, &mut found);
            policy::look(block, scope, &mut found);
            for (kind, severity, span, headline, anchor) in found.hits {
                let lines = block.span.start.line..=block.last;
                let hit = Hit {
                    kind,
                    severity: module.tempered.get(&severity).copied().unwrap_or(severity),
                    span,
                    headline,
                    anchor,
                    mark: module.marks.at(&lines, kind),
                    unless: None,
                };
                all.push((path, hit));
            }
        }
    }
    all
}

fn folder(path: &RepoPath) -> &[u8] {
    let bytes = path.as_bytes();
    &bytes[..memchr::memrchr(b'/', bytes).unwrap_or(0)]
}
