//! Owns what is observed in one SQL file: its statements, and what tells which tool runs it.

use serde::{Deserialize, Serialize};

use super::parse::script::Script;
use super::parse::split;
use super::sources::content::Content;
use crate::source::file::SourceFile;

/// What is observed in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// Its statements; `None` when the file is no UTF-8.
    pub script: Option<Script>,
    /// What tells which tool runs it.
    pub content: Content,
}

impl Facts {
    /// What is to know of a file.
    pub fn of(file: &SourceFile) -> Self {
        Self {
            script: file
                .text()
                .map(|text| split::script(text, |range| file.span(range))),
            content: Content::of(file.bytes()),
        }
    }
}
