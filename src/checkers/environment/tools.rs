//! Owns the look at installed tools: where they are and which version they say they have.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::check::Cx;
use crate::check::ports::Request;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::place::Place;

use super::version::{Requirement, Version};
use super::{TOOL_MISSING, TOOL_VERSION};

/// A tool that takes longer than this to say its version is not answering.
const LONGEST: Duration = Duration::from_secs(30);

/// How tools are asked that do not know `--version`.
const QUESTIONS: [(&str, &[&str]); 6] = [
    ("go", &["version"]),
    ("helm", &["version"]),
    ("java", &["-version"]),
    ("javac", &["-version"]),
    ("kubectl", &["version", "--client"]),
    ("lua", &["-v"]),
];

/// Other names of the same tool, tried when the first is not there.
const OTHERS: [(&str, &str); 2] = [("python", "python3"), ("pip", "pip3")];

/// The tools of this machine; each is asked once.
pub struct Tools<'a> {
    cx: &'a Cx<'a>,
    versions: BTreeMap<String, Version>,
}

impl<'a> Tools<'a> {
    /// The tools of the machine that the ports lead to.
    pub const fn new(cx: &'a Cx<'a>) -> Self {
        Self {
            cx,
            versions: BTreeMap::new(),
        }
    }

    /// What is wrong with a tool. It is not run when any version will do.
    ///
    /// # Errors
    /// When it is there and does not say its version.
    pub fn judge(
        &mut self,
        tool: &str,
        wanted: &str,
        requirement: &Requirement,
        place: Place,
    ) -> Result<Option<Finding>, Fault> {
        let Some((name, path)) = self.locate(tool) else {
            let version = if requirement.is_any() {
                String::new()
            } else {
                format!(" {wanted}")
            };
            return Ok(Some(
                Finding::new(
                    &TOOL_MISSING,
                    place,
                    format!("`{tool}` is not installed"),
                    format!("install {tool}{version}, or put its folder on PATH"),
                )
                .anchored(tool),
            ));
        };
        if requirement.is_any() {
            return Ok(None);
        }
        let version = self.version(&name)?;
        if requirement.holds(&version) {
            return Ok(None);
        }
        Ok(Some(
            Finding::new(
                &TOOL_VERSION,
                place,
                format!("`{tool}` is {version}, but {wanted} is required"),
                format!(
                    "install {tool} {wanted}, or put it on PATH before {}",
                    path.display()
                ),
            )
            .anchored(tool),
        ))
    }

    fn locate(&self, tool: &str) -> Option<(String, PathBuf)> {
        let others = OTHERS
            .iter()
            .filter(|(name, _)| *name == tool)
            .map(|(_, other)| *other);
        std::iter::once(tool).chain(others).find_map(|name| {
            let path = self.cx.ports.programs.find(name)?;
            Some((name.to_owned(), path))
        })
    }

    fn version(&mut self, name: &str) -> Result<Version, Fault> {
        if let Some(version) = self.versions.get(name) {
            return Ok(version.clone());
        }
        let question = QUESTIONS.iter().find(|(tool, _)| *tool == name);
        let question = question.map_or(&["--version"][..], |(_, question)| question);
        let argv = std::iter::once(name).chain(question.iter().copied());
        let finished = self.cx.ports.programs.run(&Request {
            argv: argv.map(str::to_owned).collect(),
            folder: None,
            variables: BTreeMap::new(),
            timeout: LONGEST.min(self.cx.timeout),
            log: format!("{}.{name}.log", self.cx.label),
            keep: 1 << 16,
        })?;
        let cure = format!("run `{name} {}` by hand", question.join(" "));
        if finished.code != Some(0) {
            let what = format!("`{name}` fails when it is asked for its version");
            return Err(Fault::new(FaultKind::ToolFailed, what, cure));
        }
        // Some print to the standard error.
        let texts = [finished.stdout, finished.stderr];
        let version = texts
            .iter()
            .find_map(|text| Version::find(&String::from_utf8_lossy(text)));
        let version = version.ok_or_else(|| {
            Fault::new(
                FaultKind::Unparsable,
                format!("`{name}` does not say its version"),
                cure,
            )
        })?;
        self.versions.insert(name.to_owned(), version.clone());
        Ok(version)
    }
}
