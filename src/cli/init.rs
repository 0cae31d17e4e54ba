//! Owns `qgate init`: a commented gate file that fits what the repository holds. Never overwrites unasked.

mod found;
mod gates;

use std::path::Path;

use anyhow::Context as _;

use super::Usage;
use super::args::{Global, InitArgs, PlanArgs};
use super::output::Console;
use super::site::{BadConfig, Site};
use crate::check::ports::Artifacts as _;
use crate::config::layer::ROOTS;
use crate::config::{self, Request};
use crate::host::artifacts::Disk;
use crate::host::store::write_atomic;
use crate::host::terminal;
use crate::host::worktree::WorkTree;
use crate::model::outcome::Exit;
use crate::source::tree::SourceTree as _;
use found::Found;

/// Writes `qgate.yaml`.
///
/// # Errors
/// When there is one already ([`Usage`]), or the tree cannot be read or written.
pub fn run(args: &InitArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    if global.config.is_some() {
        let help = "leave --config out; `qgate init` writes qgate.yaml at the root";
        return Err(Usage::new("`qgate init` takes no gate file", help).into());
    }
    let site = Site::open(global)?;
    refuse_to_overwrite(&site.root, args.force)?;
    let repository = site.repository()?;
    let tree = WorkTree::open(&site.root, repository)?;
    let reports = Disk::new(&site.root, repository.cloned()).find(&found::report_globs())?;
    let reports: Vec<_> = reports.into_iter().map(|artifact| artifact.path).collect();
    let found = Found::of(tree.files(), &reports);
    let path = site.root.join(ROOTS[0]);
    write_atomic(&path, text(&found).as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))?;
    let request = Request {
        config: Some(ROOTS[0].to_owned()),
        ..site.request(global, &PlanArgs::default())?
    };
    config::validate(&request, &site.files(), &terminal::variable).map_err(BadConfig)?;
    console.out("wrote qgate.yaml\nnext: qgate run\n")?;
    Ok(Exit::Pass)
}

fn refuse_to_overwrite(root: &Path, force: bool) -> Result<(), Usage> {
    let [first, second] = ROOTS.map(|name| (name, root.join(name).symlink_metadata().is_ok()));
    if second.1 {
        let help = "edit it, or remove it first: there can be only one";
        return Err(Usage::new(format!("`{}` is there already", second.0), help));
    }
    if first.1 && !force {
        let help = "edit it, or replace it with --force";
        return Err(Usage::new(format!("`{}` is there already", first.0), help));
    }
    Ok(())
}

/// The gate file for what was found. It is valid whatever was found.
fn text(found: &Found) -> String {
    let mut out = String::from(
        "# What must hold before a change goes on.\n\
         # `qgate run` judges it, `qgate validate` checks this file, `qgate list gates` shows what it comes down to.\n",
    );
    for line in found.describe() {
        out.push_str(&format!("# {line}\n"));
    }
    out.push_str(
        "version: 1\n\
         \n\
         # The pack that any repository should pass; it needs no network and no other tool.\n\
         # To loosen one of its gates: `gates: { GATE: { level: advisory } }`; to drop it: `GATE: off`.\n\
         extends: [recommended]\n\
         \n\
         # Files that no check looks into.\n\
         # exclude: [\"third_party/**\"]\n\
         \n\
         # The run fails below this score; `qgate explain score` shows each point lost.\n\
         # score: { minimum: 80 }\n\
         \n",
    );
    let gates = gates::of(found);
    if gates.is_empty() {
        out.push_str(gates::EXAMPLE);
    } else {
        out.push_str("gates:\n");
        out.push_str(&gates.join("\n"));
    }
    out
}

#[cfg(test)]
mod tests;
