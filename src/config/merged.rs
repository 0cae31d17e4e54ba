//! Owns the configuration as one: all layers merged, then the environment, then the settings of the command line.

use crate::base::node::{Key, Kind, Node, Problem, de};

use super::file::{Environment, GateFile};
use super::layer::{GateFiles, Layers, flag, is_off, suggest};
use super::load::Request;
use super::merge::{merge, merge_files, null, set};
use super::{gates, weaken};

/// All layers as one, before any gate is read.
pub struct Merged {
    /// The values.
    pub node: Node,
    /// The typed part, gates aside.
    pub file: GateFile,
    /// The environment's settings.
    pub environment: Environment,
    /// What was wrong so far.
    pub problems: Vec<Problem>,
    /// Could some layer not be had?
    pub broken: bool,
    /// What weakens a gate.
    pub notices: Vec<String>,
    /// The names of the layers.
    pub sources: Vec<String>,
    /// Is there a configuration besides the built-in one?
    pub configured: bool,
}

impl Merged {
    /// Reads and merges all layers, the environment and the settings of a request.
    #[must_use]
    pub fn read(request: &Request, files: &dyn GateFiles) -> Self {
        let Layers {
            layers,
            mut problems,
            configured,
            mut broken,
            ..
        } = Layers::collect(request.config.as_deref(), files);
        let sources: Vec<String> = layers.iter().skip(1).map(|l| l.name.clone()).collect();
        let mut layers = layers.into_iter();
        let origin = flag("qgate", "");
        let mut node = layers.next().map_or(null(&origin), |layer| layer.node);
        let mut notices = Vec::new();
        for layer in layers {
            let next = merge_files(node.clone(), layer.node);
            notices.extend(weaken::notices(&node, &next));
            node = next;
        }
        let mut environment = Environment::default();
        if let Some(name) = &request.environment {
            environment = choose(name, &mut node, &mut notices, &mut problems);
        }
        for (key, value) in &request.set {
            match set(key, value) {
                Ok(layer) => {
                    let next = merge(node.clone(), layer);
                    notices.extend(weaken::notices(&node, &next));
                    node = next;
                }
                Err(wrong) => {
                    problems.extend(wrong);
                    broken = true;
                }
            }
        }
        let file = de::read::<GateFile>(&node, &mut problems).unwrap_or_default();
        Self {
            node,
            file,
            environment,
            problems,
            broken,
            notices,
            sources,
            configured,
        }
    }

    /// All stages.
    pub fn stages(&self) -> impl Iterator<Item = &str> {
        gates::items(&self.node, "stages")
            .iter()
            .filter_map(Node::as_str)
    }

    /// The gates, by id, in the order of the configuration; those that are off are left out.
    pub fn gates(&self) -> impl Iterator<Item = &(Key, Node)> {
        let all = self
            .node
            .get("gates")
            .map(Node::entries)
            .unwrap_or_default();
        all.iter().filter(|(_, gate)| !is_off(gate))
    }
}

/// Applies an environment: its levels go into the gates.
fn choose(
    name: &str,
    file: &mut Node,
    notices: &mut Vec<String>,
    problems: &mut Vec<Problem>,
) -> Environment {
    let known = file
        .get("environments")
        .map(Node::entries)
        .unwrap_or_default();
    let Some((_, chosen)) = known.iter().find(|(key, _)| key.name == name) else {
        let message = format!("there is no environment `{name}`");
        let help = suggest(name, known.iter().map(|(key, _)| key.name.as_str()));
        problems.push(Problem::new(&flag("--env", name), message, help));
        return Environment::default();
    };
    let chosen = chosen.clone();
    for level in ["advisory", "mandatory"] {
        for item in gates::items(&chosen, level) {
            let gates = file.get("gates").map(Node::entries).unwrap_or_default();
            gates::known(
                "gate",
                item,
                gates.iter().map(|(key, _)| key.name.as_str()),
                problems,
            );
            let id = item.as_str().unwrap_or_default();
            let Some((key, old)) = gates
                .iter()
                .find(|(key, gate)| key.name == id && !is_off(gate))
            else {
                continue;
            };
            let (was, place) = old
                .get("level")
                .and_then(|n| Some((n.as_str()?, &n.origin)))
                .unwrap_or(("mandatory", &key.origin));
            if was != level {
                notices.push(weaken::level_notice(
                    id,
                    (was, place),
                    (level, &item.origin),
                ));
            }
            let word = Node {
                origin: item.origin.clone(),
                kind: Kind::Str(level.to_owned()),
            };
            let layer = ["level", id, "gates"]
                .into_iter()
                .fold(word, |value, name| Node {
                    origin: item.origin.clone(),
                    kind: Kind::Map(vec![(
                        Key {
                            origin: item.origin.clone(),
                            name: name.to_owned(),
                        },
                        value,
                    )]),
                });
            *file = merge(file.clone(), layer);
        }
    }
    de::read(&chosen, &mut Vec::new()).unwrap_or_default()
}
