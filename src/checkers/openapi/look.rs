//! Owns the look at one description: is it one, of which version, and what is found in it.

use super::bundle::{Bundle, Read, Unbundled};
use super::examples;
use super::hit::{Hits, Kind};
use super::operations;
use super::schemas;
use super::shape::{V2, V30, V31, V32, Versions};
use super::tree::{Flaw, Kind as TreeKind, Tree};
use super::walk;

/// What is found in a description.
pub struct Looked {
    pub bundle: Bundle,
    /// As the file writes it.
    pub version: String,
    pub hits: Hits,
    pub operations: usize,
    pub documented: usize,
}

/// What a text is.
pub enum Look {
    /// No description.
    Other,
    /// It says that it is one, and is no document.
    Broken(Flaw),
    /// Of a version that is not known here.
    Unknown(String),
    /// Other files are needed that cannot be had now.
    Later,
    Done(Box<Looked>),
}

/// May the text be a description? Cheap; never wrongly `false`.
#[must_use]
pub fn may_be(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("openapi") || has("swagger")
}

/// Does a text that cannot be parsed begin as a description does?
fn begins(text: &str) -> bool {
    let keys = [
        "openapi",
        "swagger",
        "\"openapi\"",
        "\"swagger\"",
        "'openapi'",
        "'swagger'",
    ];
    let lines = text.lines().take(200);
    lines
        .map(|line| line.trim_start_matches(['{', ' ', '\t', '\u{feff}']))
        .filter_map(|line| line.split_once(':'))
        .any(|(key, value)| {
            keys.contains(&key.trim_end()) && value.contains(|c: char| c.is_ascii_digit())
        })
}

/// Looks at a text. `named`: somebody says that it is a description.
#[must_use]
pub fn look(path: &str, text: &str, named: bool, read: &mut dyn FnMut(&str) -> Read) -> Look {
    if !named && !may_be(text) {
        return Look::Other;
    }
    let bundle = match Bundle::read(path, text, read) {
        Ok(bundle) => bundle,
        Err(Unbundled::Later) => return Look::Later,
        Err(Unbundled::Flaw(flaw)) if named || begins(text) => return Look::Broken(flaw),
        Err(Unbundled::Flaw(_)) => return Look::Other,
    };
    let tree = &bundle.files[0].tree;
    let Some(version) = version(tree) else {
        return if named {
            Look::Unknown(String::new())
        } else {
            Look::Other
        };
    };
    let Some(bit) = bit(&version) else {
        return Look::Unknown(version);
    };
    let mut walk = walk::walk(&bundle, bit);
    operations::judge(&mut walk);
    schemas::judge(&mut walk);
    examples::judge(&mut walk);
    for (file, flaw) in &bundle.broken {
        walk.hits.all.push(super::hit::Hit {
            kind: Kind::Invalid,
            file: *file,
            range: flaw.at..flaw.at,
            headline: format!("the file cannot be read: {}", flaw.what),
        });
    }
    let all = operations::all(&bundle);
    let mut documented = 0;
    for operation in &all {
        let lacks = operations::undocumented(&bundle, operation, bit == V2);
        if lacks.is_empty() {
            documented += 1;
        } else {
            let headline = format!("{} lacks {}", operation.name(), lacks.join(", "));
            walk.hit(Kind::Undocumented, operation.at, headline);
        }
    }
    let hits = std::mem::take(&mut walk.hits);
    let operations = all.len();
    drop(all);
    Look::Done(Box::new(Looked {
        bundle,
        version,
        hits,
        operations,
        documented,
    }))
}

/// The version that a document says it is of, if it is a description.
#[must_use]
pub fn version(tree: &Tree) -> Option<String> {
    let root = tree.root();
    let key = ["openapi", "swagger"]
        .into_iter()
        .find_map(|key| tree.get(root, key))?;
    match tree.kind(key) {
        TreeKind::Text(text) | TreeKind::Number(text) => Some(text.to_string()),
        _ => None,
    }
}

/// The version as a bit.
#[must_use]
pub fn bit(version: &str) -> Option<Versions> {
    let starts = |with: &str| version == with || version.starts_with(&format!("{with}."));
    match version {
        "2.0" | "2" => Some(V2),
        _ if starts("3.0") => Some(V30),
        _ if starts("3.1") => Some(V31),
        _ if starts("3.2") => Some(V32),
        _ => None,
    }
}
