//! Owns the question whether a Python tool comes from the project's virtual environment; runs nothing.

use std::path::{Path, PathBuf};

use crate::check::Cx;
use crate::model::finding::Finding;
use crate::model::place::Place;

use super::{PYTHON_OUTSIDE_VENV, TOOL_MISSING};

/// What is wrong with a tool's home. Folders are compared with their links resolved; the tool's own link is not followed,
/// for a virtual environment's `python` is a link to the system's.
pub fn judge(tool: &str, cx: &Cx<'_>) -> Option<Finding> {
    let homes = homes(tool, cx);
    let place = Place::Object(format!("tool {tool}"));
    let Some(found) = cx.ports.programs.find(tool) else {
        let help = match homes.first() {
            Some(_) => "activate the project's virtual environment, which has it".to_owned(),
            None => format!(
                "make .venv with `python -m venv .venv`, install {tool} into it and activate it"
            ),
        };
        let headline = format!("`{tool}` is not installed");
        return Some(Finding::new(&TOOL_MISSING, place, headline, help).anchored(tool));
    };
    if homes.contains(&found) {
        return None;
    }
    let (what, help) = if homes.is_empty() {
        (
            "outside any virtual environment of the project",
            format!(
                "make .venv with `python -m venv .venv`, install {tool} into it and activate it"
            ),
        )
    } else {
        (
            "outside the project's virtual environment",
            "activate the project's virtual environment, which has it".to_owned(),
        )
    };
    let headline = format!("`{tool}` is {}, {what}", found.display());
    Some(Finding::new(&PYTHON_OUTSIDE_VENV, place, headline, help).anchored(tool))
}

/// Where the tool is in the project's virtual environments.
fn homes(tool: &str, cx: &Cx<'_>) -> Vec<PathBuf> {
    let root = cx.ports.surroundings.root();
    let active = cx
        .ports
        .surroundings
        .variable("VIRTUAL_ENV")
        .filter(|folder| Path::new(folder).is_absolute());
    let find = |folder: &str| {
        let bin = if cfg!(windows) { "Scripts" } else { "bin" };
        cx.ports.programs.find(&format!("{folder}/{bin}/{tool}"))
    };
    // An environment that is active, but belongs to another project, does not count.
    let active = active
        .and_then(|folder| find(&folder))
        .filter(|path| path.starts_with(&root));
    [".venv", "venv"]
        .into_iter()
        .filter_map(find)
        .chain(active)
        .collect()
}
