//! Renderers: one for each format. Pure: a report goes in, text comes out.

pub mod json;
pub mod layout;
#[cfg(test)]
mod sample;
pub mod score;
pub mod table;
pub mod text;
