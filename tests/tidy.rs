//! The house rules that a machine can hold: floors, the world behind `host`, file sizes, plain ASCII, the top level.

use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up: a file may use its own floor and those before it.
const FLOORS: [&str; 11] = [
    "base", "model", "source", "check", "checkers", "config", "engine", "history", "report",
    "host", "cli",
];

/// What only `host` may touch.
const WORLD: [&str; 9] = [
    "std::fs",
    "std::process::Command",
    "std::env::var",
    "std::net",
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "tokio::",
    "reqwest::",
];

/// All that may stand at the top level, besides what git ignores.
const TOP: [&str; 17] = [
    ".ci",
    ".git",
    ".github",
    ".gitattributes",
    ".gitignore",
    ".pre-commit-hooks.yaml",
    ".qgate",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "docs",
    "examples",
    "gates",
    "scripts",
    "src",
    "tests",
];

const LONGEST: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut entries: Vec<_> = entries
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    entries.sort();
    for path in entries {
        let is_link = path
            .symlink_metadata()
            .is_ok_and(|metadata| metadata.is_symlink());
        if path.is_dir() && !is_link {
            found.extend(files(&path));
        } else if !is_link {
            found.push(path);
        }
    }
    found
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).expect("it can be read")).into_owned()
}

fn floor_of(path: &Path) -> Option<usize> {
    let first = path
        .strip_prefix(root().join("src"))
        .ok()?
        .components()
        .next()?;
    let name = first.as_os_str().to_str()?.trim_end_matches(".rs");
    FLOORS.iter().position(|floor| *floor == name)
}

/// The code above the unit tests, without comments.
fn code(path: &Path) -> String {
    let text = text(path);
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn check(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn each_floor_uses_only_those_below() {
    let mut broken = Vec::new();
    for path in files(&root().join("src")) {
        let Some(own) = floor_of(&path) else { continue };
        let code = code(&path);
        for (above, name) in FLOORS.iter().enumerate().skip(own + 1) {
            if code.contains(&format!("crate::{name}::")) {
                broken.push(format!(
                    "{} ({}) uses {name} (floor {above})",
                    path.display(),
                    FLOORS[own]
                ));
            }
        }
        let checkers = root().join("src/checkers");
        if path.starts_with(&checkers)
            && path.parent() != Some(&checkers)
            && code.contains("crate::checkers::")
        {
            let own = path
                .strip_prefix(&checkers)
                .expect("it starts with it")
                .components()
                .next();
            let own = own
                .expect("a folder")
                .as_os_str()
                .to_string_lossy()
                .into_owned();
            let others = code.matches("crate::checkers::").count()
                - code.matches(&format!("crate::checkers::{own}::")).count();
            if others > 0 {
                broken.push(format!(
                    "{}: checkers never import each other",
                    path.display()
                ));
            }
        }
    }
    check(&broken);
}

#[test]
fn only_host_touches_the_world() {
    let mut broken = Vec::new();
    for path in files(&root().join("src")) {
        if floor_of(&path).is_none_or(|floor| FLOORS[floor] == "host") || path.ends_with("tests.rs")
        {
            continue;
        }
        let code = code(&path);
        for word in WORLD.iter().filter(|word| code.contains(**word)) {
            broken.push(format!("{} touches the world: {word}", path.display()));
        }
    }
    check(&broken);
}

#[test]
fn files_are_short_and_say_what_they_own() {
    let mut broken = Vec::new();
    for path in files(&root().join("src"))
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
    {
        let text = text(path);
        let lines = text.lines().count();
        if lines > LONGEST {
            broken.push(format!(
                "{} has {lines} lines, at most {LONGEST} are allowed",
                path.display()
            ));
        }
        if !text.starts_with("//!") {
            broken.push(format!(
                "{} does not say in its first line what it owns",
                path.display()
            ));
        }
    }
    check(&broken);
}

#[test]
fn text_files_are_plain_ascii() {
    let mut broken = Vec::new();
    let folders = [
        "src", "gates", "docs", "scripts", "examples", ".github", ".ci", ".qgate",
    ];
    let folders = folders
        .iter()
        .map(|name| root().join(name))
        .filter(|folder| folder.is_dir());
    let mut all: Vec<PathBuf> = folders.flat_map(|folder| files(&folder)).collect();
    all.extend(["README.md", "Cargo.toml", "LICENSE"].map(|name| root().join(name)));
    let own = |path: &&PathBuf| {
        !path.to_string_lossy().contains("/.qgate/cache/")
            && !path.to_string_lossy().contains("/.qgate/logs/")
    };
    for path in all.iter().filter(own) {
        let bytes = fs::read(path).expect("it can be read");
        if let Some(at) = bytes
            .iter()
            .position(|b| !(b.is_ascii_graphic() || matches!(b, b' ' | b'\n' | b'\t')))
        {
            let line = String::from_utf8_lossy(&bytes[..at]).matches('\n').count() + 1;
            broken.push(format!(
                "{}:{line}: the byte 0x{:02x} is no plain ASCII",
                path.display(),
                bytes[at]
            ));
        }
    }
    check(&broken);
}

#[test]
fn the_top_level_stays_as_it_is() {
    let ignored = text(&root().join(".gitignore"));
    let names = fs::read_dir(root())
        .expect("the root is there")
        .map(|entry| {
            entry
                .expect("it can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        });
    let broken: Vec<String> = names
        .filter(|name| !TOP.contains(&name.as_str()) && !ignored.contains(&format!("/{name}/")))
        .map(|name| format!("`{name}` does not belong at the top level"))
        .collect();
    check(&broken);
}

/// A panic of a checker is that check's fault, in every profile: `tests/run.rs` seeds one.
#[test]
fn every_profile_unwinds() {
    let manifest = text(&root().join("Cargo.toml"));
    assert!(
        !manifest.contains("panic = \"abort\""),
        "a profile aborts on panic"
    );
}

/// Rust paths in the architecture page and the floors here must not drift apart.
#[test]
fn the_architecture_page_lists_the_floors() {
    let page = text(&root().join("docs/architecture.md"));
    let missing: Vec<String> = FLOORS
        .iter()
        .filter(|floor| {
            root().join("src").join(floor).is_dir() && !page.contains(&format!("`{floor}`"))
        })
        .map(|floor| format!("docs/architecture.md does not name the floor `{floor}`"))
        .collect();
    check(&missing);
}
