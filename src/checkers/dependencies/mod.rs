//! The dependency family: what lockfiles and manifests say is installed, and what is to be said of it.

pub mod detect;
pub mod inventory;
pub mod licenses;
pub mod locks;
pub mod manifest;
pub mod policy;
pub mod tree;
