//! Renderers: one for each format. Pure: a report goes in, text comes out.

pub mod azure;
pub mod checkstyle;
pub mod found;
pub mod github;
pub mod gitlab;
pub mod guard;
pub mod issues;
pub mod json;
pub mod junit;
pub mod layout;
pub mod markdown;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod score;
pub mod standards;
pub mod table;
pub mod text;
pub mod xml;
