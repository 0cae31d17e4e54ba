//! The checkers. To add one: a folder beside this file, and its two lines here. Siblings never import each other.

use crate::check::registry::CheckerInfo;
use crate::model::rule::Rule;

pub mod api_docs;
pub mod benchmarks;
pub mod bundle;
pub mod command;
pub mod commits;
pub mod complexity;
pub mod coverage;
pub mod dependencies;
pub mod docs;
pub mod duplication;
pub mod environment;
pub mod files;
pub mod http;
pub mod infrastructure;
pub mod modules;
pub mod openapi;
pub mod patterns;
pub mod probe;
pub mod resources;
pub mod sast;
pub mod secrets;
pub mod smells;
pub mod sql;
pub mod terminal_output;
pub mod text;
pub mod waivers;
pub mod workflows;

/// Every checker, in the order that `qgate list` shows.
pub static ALL: &[CheckerInfo] = &[
    CheckerInfo::of::<api_docs::ApiDocs>(),
    CheckerInfo::of::<benchmarks::Benchmarks>(),
    CheckerInfo::of::<bundle::Bundle>(),
    CheckerInfo::of::<command::Command>(),
    CheckerInfo::of::<commits::Commits>(),
    CheckerInfo::of::<complexity::Complexity>(),
    CheckerInfo::of::<coverage::Coverage>(),
    CheckerInfo::of::<dependencies::policy::DependencyPolicy>(),
    CheckerInfo::of::<docs::Docs>(),
    CheckerInfo::of::<duplication::Duplication>(),
    CheckerInfo::of::<environment::Environment>(),
    CheckerInfo::of::<files::Files>(),
    CheckerInfo::of::<http::Http>(),
    CheckerInfo::of::<infrastructure::Infrastructure>(),
    CheckerInfo::of::<dependencies::licenses::Licenses>(),
    CheckerInfo::of::<dependencies::outdated::Outdated>(),
    CheckerInfo::of::<dependencies::releases::Releases>(),
    CheckerInfo::of::<modules::Modules>(),
    CheckerInfo::of::<openapi::Openapi>(),
    CheckerInfo::of::<patterns::Patterns>(),
    CheckerInfo::of::<probe::Probe>(),
    CheckerInfo::of::<resources::Resources>(),
    CheckerInfo::of::<sast::Sast>(),
    CheckerInfo::of::<secrets::Secrets>(),
    CheckerInfo::of::<smells::Smells>(),
    CheckerInfo::of::<sql::Sql>(),
    CheckerInfo::of::<sql::live::SqlLive>(),
    CheckerInfo::of::<sql::queries::SqlQueries>(),
    CheckerInfo::of::<terminal_output::TerminalOutput>(),
    CheckerInfo::of::<text::Text>(),
    CheckerInfo::of::<text::threats::TextThreats>(),
    CheckerInfo::of::<dependencies::vulnerabilities::Vulnerabilities>(),
    CheckerInfo::of::<waivers::Waivers>(),
    CheckerInfo::of::<workflows::Workflows>(),
];

/// The checker of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static CheckerInfo> {
    ALL.iter().find(|checker| checker.name == name)
}

/// Every rule, each once.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().flat_map(|checker| checker.rules).copied()
}

/// The rule of this id; `None` for one of an outside tool.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}
