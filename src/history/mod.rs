//! What is kept from run to run. Pure; the disk is the host's.

pub mod baseline;
