//! Ids, digests, ASCII escaping and text helpers. Knows nothing of gates, checkers or files on disk.

pub mod ascii;
pub mod digest;
pub mod node;
pub mod path;
pub mod progress;
pub mod words;
