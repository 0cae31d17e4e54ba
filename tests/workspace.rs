//! Real repositories in all their shapes: what the trees, the diff, the base and the artifact port make of them.

mod support;

#[path = "workspace/artifacts.rs"]
mod artifacts;
#[path = "workspace/change.rs"]
mod change;
#[path = "workspace/ci.rs"]
mod ci;
#[path = "workspace/differential.rs"]
mod differential;
#[path = "workspace/gate_files.rs"]
mod gate_files;
#[path = "workspace/repository.rs"]
mod repository;
#[path = "workspace/survey.rs"]
mod survey;
#[path = "workspace/trees.rs"]
mod trees;
