//! Renderers: one for each format. Pure: a report goes in, text comes out.

pub mod layout;
pub mod table;
