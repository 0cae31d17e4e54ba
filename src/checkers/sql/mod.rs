//! The SQL family: migrations are read as a database would read them.

pub mod sources;
