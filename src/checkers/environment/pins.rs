//! Owns the versions that files of the repository pin: content to tool and requirement; knows no installed tool.

use crate::base::path::RepoPath;
use crate::model::fault::{Fault, FaultKind};
use crate::source::tree::SourceTree;

use super::version::Requirement;

/// A version that a file asks for.
#[derive(Debug)]
pub struct Pin {
    /// The file.
    pub path: RepoPath,
    /// The tool.
    pub tool: String,
    /// What it asks for, as written.
    pub text: String,
    /// What it asks for.
    pub requirement: Requirement,
}

/// Gives tool and requirement of a file's content.
type Read = fn(&str) -> Result<Vec<(String, String)>, String>;

/// The files that pin versions, all in the root.
const FILES: [(&str, Read); 9] = [
    (".node-version", |text| Ok(first_line("node", text))),
    (".nvmrc", |text| Ok(first_line("node", text))),
    (".python-version", |text| Ok(first_line("python", text))),
    (".tool-versions", |text| Ok(tool_versions(text))),
    ("go.mod", |text| Ok(go_mod(text))),
    ("package.json", package_json),
    ("pyproject.toml", pyproject),
    ("rust-toolchain", rust_toolchain),
    ("rust-toolchain.toml", rust_toolchain),
];

/// The names of the files that are looked into.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The versions that files in the root pin, and notes on pins that name no version, such as `stable`.
///
/// # Errors
/// When such a file cannot be read or understood.
pub fn find(tree: &dyn SourceTree, notes: &mut Vec<String>) -> Result<Vec<Pin>, Fault> {
    let mut pins = Vec::new();
    for (name, read) in FILES {
        let path = RepoPath::new(name).expect("a name is a path");
        let Some(file) = tree.find(&path).filter(|file| file.is_file()) else {
            continue;
        };
        let bytes = tree.read(file).map_err(|problem| {
            Fault::new(
                FaultKind::Unreadable,
                problem.to_string(),
                "make the file readable",
            )
        })?;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_start_matches('\u{feff}');
        let found = read(text).map_err(|why| unreadable(&path, &why))?;
        for (tool, text) in found {
            if is_name(&text) {
                notes.push(format!(
                    "{path} asks for {tool} `{text}`, which names no version: not compared"
                ));
                continue;
            }
            let requirement = Requirement::parse(&text)
                .map_err(|why| unreadable(&path, &format!("`{text}` for {tool} {why}")))?;
            pins.push(Pin {
                path: path.clone(),
                tool,
                text,
                requirement,
            });
        }
    }
    Ok(pins)
}

fn unreadable(path: &RepoPath, why: &str) -> Fault {
    Fault::new(
        FaultKind::Unparsable,
        format!("{path} cannot be understood: {why}"),
        "mend the file, or set `from_files: false`",
    )
}

/// A channel or an alias: `stable`, `lts/iron`, `pypy3.10-7.3`.
fn is_name(text: &str) -> bool {
    let text = text.trim_start_matches('v');
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && !matches!(text, "x" | "X")
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
}

fn pair(tool: &str, text: &str) -> (String, String) {
    (tool.to_owned(), text.to_owned())
}

fn first_line(tool: &str, text: &str) -> Vec<(String, String)> {
    lines(text).take(1).map(|line| pair(tool, line)).collect()
}

fn tool_versions(text: &str) -> Vec<(String, String)> {
    let read = |line: &str| {
        let mut words = line.split_whitespace();
        let tool = match words.next()? {
            "nodejs" => "node",
            "golang" => "go",
            "rust" => "rustc",
            other => other,
        };
        Some(pair(tool, words.next()?))
    };
    lines(text).filter_map(read).collect()
}

/// Both directives name the oldest version that will do; `toolchain` is the stronger one.
fn go_mod(text: &str) -> Vec<(String, String)> {
    let directive = |word: &str| {
        text.lines().find_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some(word)).then(|| words.next()).flatten()
        })
    };
    let toolchain = directive("toolchain").and_then(|name| name.strip_prefix("go"));
    let version = toolchain.or_else(|| directive("go"));
    version
        .map(|version| pair("go", &format!(">={version}")))
        .into_iter()
        .collect()
}

fn package_json(text: &str) -> Result<Vec<(String, String)>, String> {
    let document: serde_json::Value =
        serde_json::from_str(text).map_err(|problem| problem.to_string())?;
    let engines = document
        .get("engines")
        .and_then(serde_json::Value::as_object);
    let read = |(tool, range): (&String, &serde_json::Value)| match range.as_str() {
        Some(range) => Ok(pair(tool, range)),
        None => Err(format!("the engine `{tool}` is no text")),
    };
    engines
        .into_iter()
        .flatten()
        // Editors and clouds name themselves there too.
        .filter(|(tool, _)| {
            matches!(
                tool.as_str(),
                "node" | "npm" | "pnpm" | "yarn" | "bun" | "deno"
            )
        })
        .map(read)
        .collect()
}

fn pyproject(text: &str) -> Result<Vec<(String, String)>, String> {
    let document: toml::Table = text.parse().map_err(|problem| first(&problem))?;
    let wanted = document
        .get("project")
        .and_then(|project| project.get("requires-python"));
    let wanted = wanted.and_then(toml::Value::as_str);
    Ok(wanted
        .map(|range| pair("python", range))
        .into_iter()
        .collect())
}

fn rust_toolchain(text: &str) -> Result<Vec<(String, String)>, String> {
    if !text.contains('[') {
        return Ok(first_line("rustc", text));
    }
    let document: toml::Table = text.parse().map_err(|problem| first(&problem))?;
    let channel = document
        .get("toolchain")
        .and_then(|toolchain| toolchain.get("channel"));
    let channel = channel.and_then(toml::Value::as_str);
    Ok(channel
        .map(|channel| pair("rustc", channel))
        .into_iter()
        .collect())
}

fn first(problem: &toml::de::Error) -> String {
    problem.message().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::memory::MemoryTree;

    fn check(name: &str, content: &str, expected: &str) {
        let tree = MemoryTree::new([(name, content)]);
        let mut notes = Vec::new();
        let found = match find(&tree, &mut notes) {
            Ok(pins) => pins
                .iter()
                .map(|pin| format!("{} {}", pin.tool, pin.text))
                .chain(notes)
                .collect::<Vec<_>>()
                .join("; "),
            Err(fault) => fault.what,
        };
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn files() {
        check(
            ".python-version",
            "# pyenv\n3.12.1\n3.11\n",
            "python 3.12.1",
        );
        check(".nvmrc", "\u{feff}v20.1\r\n", "node v20.1");
        check(
            ".nvmrc",
            "lts/iron\n",
            ".nvmrc asks for node `lts/iron`, which names no version: not compared",
        );
        check(
            ".tool-versions",
            "nodejs 20.1.0\ngolang 1.24 # x\nrust\n",
            "node 20.1.0; go 1.24",
        );
        check(
            "go.mod",
            "module x\n\ngo 1.22\n\ntoolchain go1.24.1\n",
            "go >=1.24.1",
        );
        check("go.mod", "module x\n", "");
        check(
            "package.json",
            "{\"engines\":{\"node\":\">=20\",\"vscode\":\"^1\"}}",
            "node >=20",
        );
        check(
            "package.json",
            "{",
            "package.json cannot be understood: EOF while parsing an object at line 1 column 1",
        );
        check(
            "pyproject.toml",
            "[project]\nrequires-python = \">=3.11,<4\"\n",
            "python >=3.11,<4",
        );
        check("rust-toolchain", "1.95.0\n", "rustc 1.95.0");
        check(
            "rust-toolchain.toml",
            "[toolchain]\nchannel = \"1.95\"\n",
            "rustc 1.95",
        );
        check(
            "rust-toolchain.toml",
            "[toolchain]\nchannel = \"stable\"\n",
            "rust-toolchain.toml asks for rustc `stable`, which names no version: not compared",
        );
        check(
            ".node-version",
            "20 of them",
            ".node-version cannot be understood: `20 of them` for node has `of` where a version belongs, such as 3.11",
        );
    }
}
