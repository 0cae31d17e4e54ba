//! Owns the ways in: files that something outside of the code runs or loads, by what they and their folders are called.

use crate::source::language::Language;

use super::facts::Facts;

/// Folders whose files are run or loaded by name, in any language.
const FOLDERS: &[&str] = &[
    ".github",
    ".storybook",
    "alembic",
    "api",
    "assets",
    "benches",
    "benchmark",
    "benchmarks",
    "bin",
    "ci",
    "cli",
    "cmd",
    "commands",
    "conf",
    "config",
    "cypress",
    "dags",
    "demo",
    "demos",
    "dev",
    "develop",
    "doc",
    "docs",
    "e2e",
    "example",
    "examples",
    "extensions",
    "functions",
    "hack",
    "hooks",
    "lambdas",
    "management",
    "migrations",
    "mocks",
    "notebooks",
    "plugins",
    "public",
    "scripts",
    "script",
    "seeds",
    "static",
    "stories",
    "templates",
    "templatetags",
    "test",
    "tests",
    "tool",
    "tools",
    "versions",
    "website",
    "workers",
];

/// Folders whose files a framework of JavaScript loads by their names.
const ROUTES: &[&str] = &[
    "app",
    "components",
    "composables",
    "layouts",
    "middleware",
    "modules",
    "pages",
    "routes",
    "server",
    "stores",
    "theme",
];

/// Files that something else than an import loads, by their names without an ending.
const NAMES: &[&str] = &[
    "__init__",
    "__main__",
    "admin",
    "app",
    "apps",
    "asgi",
    "celery",
    "cli",
    "conf",
    "config",
    "conftest",
    "dodo",
    "fabfile",
    "gulpfile",
    "gruntfile",
    "handler",
    "hubconf",
    "index",
    "instrumentation",
    "locustfile",
    "main",
    "manage",
    "middleware",
    "models",
    "noxfile",
    "polyfills",
    "preload",
    "root",
    "run",
    "server",
    "service-worker",
    "settings",
    "setup",
    "setuptests",
    "signals",
    "sitecustomize",
    "sw",
    "tasks",
    "urls",
    "usercustomize",
    "version",
    "versioneer",
    "vetur",
    "wsgi",
];

/// Ends and beginnings of such names.
const MARKS: &[&str] = &[
    "config", "conf", "stories", "story", "worker", "setup", "test", "spec", "page", "layout",
    "route", "server", "client", "entry", "bench", "rc", "mock", "d",
];

/// The name of a file without its endings.
pub fn stem(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let end = name.get(1..).and_then(|rest| rest.find('.'));
    end.map_or(name, |end| &name[..=end])
}

/// Does something outside of the code run or load it?
pub fn is_way_in(path: &str, facts: &Facts) -> bool {
    let mut folders: Vec<&str> = path.split('/').collect();
    let name = folders.pop().unwrap_or(path).to_ascii_lowercase();
    let is_script = facts.language != Language::Python;
    let in_folder = folders.iter().any(|folder| {
        let folder = folder.to_ascii_lowercase();
        let folder = folder.as_str();
        FOLDERS.contains(&folder)
            || folder.starts_with('.')
            || (is_script && ROUTES.contains(&folder))
    });
    let own = stem(&name);
    let marks = name.split(['.', '_', '-']).skip(1);
    let is_marked = marks.clone().any(|mark| MARKS.contains(&mark)) && is_script;
    facts.is_entry
        || in_folder
        || NAMES.contains(&own)
        || is_marked
        || name.starts_with(['.', '+', '_'])
        || name.starts_with("test_")
        || name.ends_with("_test.py")
}
