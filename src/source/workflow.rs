//! Owns GitHub workflows and composite actions: their scripts, with the place of each byte. Knows no rule.

use std::collections::BTreeSet;

pub use super::expression::ranges as expressions;
use super::region::Region;
use super::yaml::{Document, Id};

/// What runs a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shell {
    /// bash, sh, or a shell that only the run tells (`${{ matrix.shell }}`).
    Posix,
    /// Python.
    Python,
    /// Anything else: `pwsh`, `cmd`, `node`.
    Other(String),
}

/// A script of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What runs it.
    pub shell: Shell,
    /// Its text.
    pub region: Region,
    /// The node of that text.
    pub run: Id,
}

/// The scripts of a workflow or of a composite action, in their order; none for YAML of another kind.
///
/// # Errors
/// Says why the text is no YAML.
pub fn scripts(text: &str) -> Result<Vec<Script>, String> {
    Ok(scripts_of(&Document::parse(text)?, text))
}

/// The scripts of a document that was read from `text`.
#[must_use]
pub fn scripts_of(document: &Document, text: &str) -> Vec<Script> {
    let Some(root) = document.root() else {
        return Vec::new();
    };
    let mut reader = Reader {
        document,
        text,
        seen: BTreeSet::new(),
        scripts: Vec::new(),
    };
    let default = document.at(root, &["defaults", "run", "shell"]);
    for &(_, job) in document
        .get(root, "jobs")
        .map_or(&[][..], |jobs| document.entries(jobs))
    {
        let default = document
            .at(job, &["defaults", "run", "shell"])
            .or(default)
            .and_then(|shell| document.text(shell))
            .map(shell_of);
        let default = default.unwrap_or_else(|| reader.runner_shell(job));
        reader.steps(job, &default);
    }
    if let Some(runs) = document.get(root, "runs") {
        reader.steps(runs, &Shell::Posix);
    }
    reader.scripts
}

struct Reader<'a> {
    document: &'a Document,
    text: &'a str,
    /// Scripts that were taken: an alias may name one again.
    seen: BTreeSet<Id>,
    scripts: Vec<Script>,
}

impl Reader<'_> {
    fn steps(&mut self, parent: Id, default: &Shell) {
        let document = self.document;
        let Some(steps) = document.get(parent, "steps") else {
            return;
        };
        if !self.seen.insert(steps) {
            return;
        }
        for &step in document.items(steps) {
            let Some(run) = document.get(step, "run") else {
                continue;
            };
            if !self.seen.insert(run) {
                continue;
            }
            let shell = document.get(step, "shell");
            let shell = shell.and_then(|shell| document.text(shell)).map(shell_of);
            if let Some(region) = document.region(run, self.text) {
                let shell = shell.unwrap_or_else(|| default.clone());
                self.scripts.push(Script { shell, region, run });
            }
        }
    }

    /// The shell of a runner that was told none: PowerShell on Windows.
    fn runner_shell(&self, job: Id) -> Shell {
        let labels = self
            .document
            .get(job, "runs-on")
            .map_or_else(Vec::new, |on| {
                let listed = self.document.items(on).iter().copied();
                listed.chain([on]).collect()
            });
        let windows = labels
            .into_iter()
            .filter_map(|label| self.document.text(label))
            .any(|label| label.to_ascii_lowercase().starts_with("windows"));
        if windows {
            Shell::Other("pwsh".to_owned())
        } else {
            Shell::Posix
        }
    }
}

/// The shell that a `shell:` value names; it may be a whole command line: `bash -e {0}`.
fn shell_of(value: &str) -> Shell {
    let program = value.split_whitespace().next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    match program {
        "bash" | "sh" | "dash" | "ksh" | "zsh" | "" => Shell::Posix,
        "python" | "python3" => Shell::Python,
        expression if expression.starts_with("${{") => Shell::Posix,
        other => Shell::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(yaml: &str, expected: &str) {
        let scripts = scripts(yaml).expect("good YAML");
        let shown: Vec<String> = scripts
            .iter()
            .map(|script| format!("{:?}: {}", script.shell, script.region.text().trim()))
            .collect();
        assert_eq!(shown.join(" / "), expected, "{yaml}");
    }

    #[test]
    fn shells() {
        let step =
            "    steps: [{run: a}, {run: b, shell: python}, {run: c, shell: 'bash -e {0}'}]\n";
        check(
            &format!("jobs:\n  x:\n    runs-on: ubuntu-latest\n{step}"),
            "Posix: a / Python: b / Posix: c",
        );
        check(
            &format!("jobs:\n  x:\n    runs-on: [windows-latest]\n{step}"),
            "Other(\"pwsh\"): a / Python: b / Posix: c",
        );
        check(
            &format!("defaults: {{run: {{shell: cmd}}}}\njobs:\n  x:\n{step}"),
            "Other(\"cmd\"): a / Python: b / Posix: c",
        );
        check(
            "runs:\n  using: composite\n  steps:\n    - run: |\n        a\n      shell: bash\n",
            "Posix: a",
        );
        check("services: {run: x}\nsteps: [{run: y}]\n", "");
    }

    #[test]
    fn aliases_give_a_script_once() {
        check(
            "jobs:\n  x: {steps: &s [{run: a}]}\n  y: {steps: *s}\n  z: {steps: [{run: &r b}, {run: *r}]}\n",
            "Posix: a / Posix: b",
        );
    }
}
