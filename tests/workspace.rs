//! Real repositories in all their shapes: what the trees, the diff, the base and the artifact port make of them.

mod support;

#[path = "workspace/survey.rs"]
mod survey;
