//! The dependency family: what lockfiles and manifests say is installed, and what is to be said of it.

pub mod cvss;
pub mod detect;
pub mod index;
pub mod inventory;
pub mod licenses;
pub mod locks;
pub mod manifest;
pub mod osv;
pub mod outdated;
pub mod policy;
pub mod releases;
pub mod sbom;
pub mod tree;
pub mod versions;
pub mod vulnerabilities;
