//! Owns the finding and reading of layers: the root file, what it extends, packs. Knows no key but `extends`.

use std::sync::Arc;

use crate::base::node::{Kind, Node, Origin, Problem, Text, de};
use crate::base::path::RepoPath;
use crate::base::words;

use super::file::{GateFields, GateFile};
use super::interpolate::is_interpolated;
use super::{merge, packs, yaml};

/// Where gate files come from. The host implements it.
pub trait GateFiles {
    /// The bytes of a file, by its path relative to the root; `None` when there is no such file.
    ///
    /// # Errors
    /// Says why a file that is there cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String>;
}

/// One text of gates, with `extends` taken out.
pub struct Layer {
    /// The name that people see.
    pub name: String,
    /// The values.
    pub node: Node,
}

/// The places where the root file may stand.
pub const ROOTS: [&str; 2] = ["qgate.yaml", ".qgate/qgate.yaml"];

/// Collects layers, first to last, and every problem on the way.
pub struct Layers<'a> {
    files: &'a dyn GateFiles,
    /// What was collected.
    pub layers: Vec<Layer>,
    /// What was wrong.
    pub problems: Vec<Problem>,
    /// Is there a configuration besides the built-in one?
    pub configured: bool,
    /// Could some layer not be had? What the others mean is then not known.
    pub broken: bool,
    open: Vec<String>,
    done: Vec<String>,
}

impl<'a> Layers<'a> {
    /// The built-in defaults, and then all that the configuration comes down to.
    #[must_use]
    pub fn collect(config: Option<&str>, files: &'a dyn GateFiles) -> Self {
        let mut all = Self {
            files,
            layers: Vec::new(),
            problems: Vec::new(),
            configured: true,
            broken: false,
            open: Vec::new(),
            done: Vec::new(),
        };
        all.text("built-in defaults", packs::DEFAULTS.as_bytes(), true);
        match config {
            Some(path) => all.file(path, &flag("--config", path)),
            None => all.root(),
        }
        all
    }

    fn root(&mut self) {
        let mut found = Vec::new();
        for path in ROOTS {
            match self.files.read(path) {
                Ok(Some(bytes)) => found.push((path, bytes)),
                Ok(None) => {}
                Err(why) => {
                    let message = format!("`{path}` cannot be read: {why}");
                    let help = "mend its permissions, or remove it";
                    self.fail(Problem::new(&whole(path), message, help));
                    return;
                }
            }
        }
        match found.len() {
            0 if self.problems.is_empty() => {
                self.configured = false;
                self.pack("recommended", &whole("no configuration"));
            }
            0 | 1 => {}
            _ => {
                let message = format!("both `{}` and `{}` are there", ROOTS[0], ROOTS[1]);
                let help = "keep one of the two";
                self.fail(Problem::new(&whole(ROOTS[1]), message, help));
            }
        }
        for (path, bytes) in found {
            self.open.push(path.to_owned());
            self.text(path, &bytes, false);
            self.open.pop();
        }
    }

    fn extend(&mut self, name: &str, origin: &Origin) {
        let is_path = name.contains(['/', '.']);
        if !is_path {
            self.pack(name, origin);
            return;
        }
        let path = name.strip_prefix("./").unwrap_or(name);
        if RepoPath::new(path).is_none() {
            let message = format!("`{name}` is not a path inside the repository");
            let help = "name a file by its path from the root, such as gates/our-own.yaml";
            self.fail(Problem::new(origin, message, help));
            return;
        }
        self.file(path, origin);
    }

    fn file(&mut self, path: &str, origin: &Origin) {
        if self.is_cycle(path, origin) || self.done.iter().any(|done| done == path) {
            return;
        }
        match self.files.read(path) {
            Ok(Some(bytes)) => {
                self.open.push(path.to_owned());
                self.text(path, &bytes, false);
                self.open.pop();
                self.done.push(path.to_owned());
            }
            Ok(None) => {
                let message = format!("there is no file `{path}`");
                let help = "paths are relative to the root of the repository";
                self.fail(Problem::new(origin, message, help));
            }
            Err(why) => {
                let message = format!("`{path}` cannot be read: {why}");
                self.fail(Problem::new(origin, message, "mend its permissions"));
            }
        }
    }

    fn pack(&mut self, name: &str, origin: &Origin) {
        let shown = format!("pack {name}");
        if self.is_cycle(&shown, origin) || self.done.contains(&shown) {
            return;
        }
        if let Some(text) = packs::find(name) {
            self.open.push(shown.clone());
            self.text(&shown, text.as_bytes(), true);
            self.open.pop();
            self.done.push(shown);
        } else {
            let names = packs::ALL.iter().map(|(name, _)| *name);
            let help = suggest(name, names);
            let message = format!("there is no pack `{name}`");
            self.fail(Problem::new(origin, message, help));
        }
    }

    fn is_cycle(&mut self, name: &str, origin: &Origin) -> bool {
        let Some(at) = self.open.iter().position(|open| open == name) else {
            return false;
        };
        let mut around = self.open[at..].to_vec();
        around.push(name.to_owned());
        let message = format!("`extends` goes in a circle: {}", around.join(" -> "));
        let help = "remove this entry";
        self.fail(Problem::new(origin, message, help));
        true
    }

    fn text(&mut self, name: &str, bytes: &[u8], built_in: bool) {
        let text = match yaml::text(name, bytes, built_in) {
            Ok(text) => text,
            Err(problem) => return self.fail(problem),
        };
        let mut node = match yaml::parse(&text) {
            Ok(node) => node,
            Err(problems) => return problems.into_iter().for_each(|problem| self.fail(problem)),
        };
        if node.kind == Kind::Null {
            let help = "write `extends: [recommended]` into it, or remove it";
            self.fail(Problem::new(&node.origin, "the gate file is empty", help));
            return;
        }
        self.shape(&node);
        merge::criteria_as_maps(&mut node, &mut self.problems);
        let extends = merge::take(&mut node, "extends");
        for item in extends.iter().flat_map(Node::items) {
            if let Some(name) = item.as_str() {
                self.extend(name, &item.origin);
            }
        }
        if matches!(node.kind, Kind::Map(_)) {
            let name = name.to_owned();
            self.layers.push(Layer { name, node });
        }
    }

    fn fail(&mut self, problem: Problem) {
        self.problems.push(problem);
        self.broken = true;
    }

    /// Reads a file for its keys and types alone, so that what later layers replace is checked too.
    fn shape(&mut self, node: &Node) {
        de::read::<GateFile>(node, &mut self.problems);
        let gates = node.get("gates").map(Node::entries).unwrap_or_default();
        for (_, gate) in gates.iter().filter(|(_, gate)| !is_off(gate)) {
            let mut problems = Vec::new();
            de::read::<GateFields>(gate, &mut problems);
            problems.retain(|problem| !is_interpolated(&problem.origin));
            self.problems.append(&mut problems);
        }
    }
}

/// Is this the word `off`?
#[must_use]
pub fn is_off(node: &Node) -> bool {
    node.as_str() == Some("off")
}

/// `did you mean X?`, or the words that are known.
#[must_use]
pub fn suggest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    if let Some(near) = words::did_you_mean(given, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    match known.len() {
        0 => "none is known here".to_owned(),
        1..=20 => format!("known here: {}", known.join(", ")),
        n => format!(
            "known here: {}, and {} more",
            known[..20].join(", "),
            n - 20
        ),
    }
}

/// The place of a value that stands on the command line.
#[must_use]
pub fn flag(name: &str, value: &str) -> Origin {
    let start = name.len() + 1;
    Origin {
        text: Arc::new(Text {
            name: "command line".to_owned(),
            text: format!("{name} {value}"),
            built_in: false,
        }),
        span: start..start + value.len(),
    }
}

fn whole(name: &str) -> Origin {
    Origin {
        text: Arc::new(Text {
            name: name.to_owned(),
            text: String::new(),
            built_in: false,
        }),
        span: 0..0,
    }
}
