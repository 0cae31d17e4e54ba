//! Gate files: from YAML to a plan, with every problem of every file in one report. Reads no disk.

pub mod checks;
pub mod criteria;
pub mod diagnostic;
pub mod explain;
pub mod file;
pub mod gates;
pub mod interpolate;
pub mod layer;
pub mod load;
pub mod merge;
pub mod merged;
pub mod order;
pub mod packs;
mod places;
pub mod plan;
pub mod schema;
pub mod score;
pub mod selection;
pub mod values;
pub mod waivers;
pub mod weaken;
pub mod yaml;

pub use diagnostic::render;
pub use explain::{explain, validate};
pub use layer::GateFiles;
pub use load::{Request, load};
pub use schema::schema;
