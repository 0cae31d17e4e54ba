//! The dependency family: what lockfiles and manifests say is installed, and what is to be said of it.

pub mod inventory;
pub mod locks;
