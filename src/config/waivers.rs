//! Owns `.qgate/exemptions.yaml` and `.qgate/approvals.yaml`: entries that can be read, and what is wrong with the others.
//! One entry that is wrong takes nothing from the others. Knows no date of today and no finding.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::base::node::{Kind, Node, Origin, Problem, de};
use crate::base::path::RepoPath;
use crate::check::options::Glob;
use crate::checkers;
use crate::model::place::{Place, Point, Span};
use crate::model::quantity::Quantity;
use crate::model::waiver::{Flaw, FlawedWaiver, Waiver, WaiverKind};

use super::layer::{GateFiles, suggest};
use super::yaml;

/// Where exemptions are written.
pub const EXEMPTIONS: &str = ".qgate/exemptions.yaml";

/// Where approvals are written.
pub const APPROVALS: &str = ".qgate/approvals.yaml";

/// What a file of waivers says.
#[derive(Debug)]
pub struct Waivers<T> {
    /// The entries that can be read, in the order of the file.
    pub entries: Vec<T>,
    /// What cannot be read.
    pub flawed: Vec<FlawedWaiver>,
}

impl<T> Default for Waivers<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            flawed: Vec::new(),
        }
    }
}

/// An entry of the exemptions.
#[derive(Clone, Debug)]
pub struct Exemption {
    /// What it waives.
    pub target: Target,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// Where it was written.
    pub origin: Origin,
}

impl Exemption {
    /// The exemption as a report tells it.
    #[must_use]
    pub fn waiver(&self) -> Waiver {
        Waiver {
            kind: WaiverKind::Exemption,
            what: self.target.to_string(),
            place: place(&self.origin),
            reason: self.reason.clone(),
            owner: Some(self.owner.clone()),
            until: Some(self.expires),
            used: 0,
        }
    }
}

/// `gate x`, `rule x in docs/**`, `finding 1a2b`, raw.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gate(id) => write!(f, "gate {id}"),
            Self::Findings {
                rule,
                fingerprint,
                path,
            } => {
                let rule = rule.as_ref().map(|rule| format!("rule {rule}"));
                let print = fingerprint.as_ref().map(|print| format!("finding {print}"));
                let path = path.as_ref().map(|path| format!("in {}", path.as_str()));
                let words: Vec<String> = [rule, print, path].into_iter().flatten().collect();
                f.write_str(&words.join(" "))
            }
        }
    }
}

/// What an exemption waives.
#[derive(Clone, Debug)]
pub enum Target {
    /// A gate, however it ends.
    Gate(String),
    /// Findings: all that is given must fit, and a rule alone is not enough.
    Findings {
        /// The rule.
        rule: Option<String>,
        /// The finding's fingerprint.
        fingerprint: Option<String>,
        /// The files.
        path: Option<Glob>,
    },
}

/// An entry of the approvals.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The gate.
    pub gate: String,
    /// The digest of what failed.
    pub digest: String,
    /// For each criterion on a measured metric: the worst value that is approved.
    pub values: BTreeMap<String, Quantity>,
    /// Why.
    pub reason: String,
    /// Who approves.
    pub approver: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// Where it was written.
    pub origin: Origin,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ExemptionFields {
    rule: Option<String>,
    fingerprint: Option<String>,
    path: Option<Glob>,
    gate: Option<String>,
    reason: String,
    owner: String,
    expires: String,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ApprovalFields {
    gate: String,
    digest: String,
    values: BTreeMap<String, String>,
    reason: String,
    approver: String,
    expires: String,
}

/// Reads the exemptions; none when there is no such file.
#[must_use]
pub fn exemptions(files: &dyn GateFiles) -> Waivers<Exemption> {
    read(files, EXEMPTIONS, "exemptions", exemption)
}

/// Reads the approvals; none when there is no such file.
#[must_use]
pub fn approvals(files: &dyn GateFiles) -> Waivers<Approval> {
    read(files, APPROVALS, "approvals", approval)
}

/// The place of an origin, as a finding has it.
#[must_use]
pub fn place(origin: &Origin) -> Place {
    let (line, column) = origin.line_column();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let point = Point {
        line: number(line),
        column: number(column),
    };
    match RepoPath::new(origin.text.name.as_bytes()) {
        Some(path) => Place::Part(
            path,
            Span {
                start: point,
                end: point,
            },
        ),
        None => Place::Object(origin.to_string()),
    }
}

fn flaw(problem: Problem) -> FlawedWaiver {
    FlawedWaiver {
        flaw: Flaw::Malformed,
        place: place(&problem.origin),
        headline: problem.message,
        help: problem.help,
    }
}

fn read<F: DeserializeOwned, T>(
    files: &dyn GateFiles,
    path: &str,
    list: &str,
    one: fn(&Node, F) -> Result<T, Problem>,
) -> Waivers<T> {
    let mut waivers = Waivers::default();
    let bytes = match files.read(path) {
        Ok(None) => return waivers,
        Ok(Some(bytes)) => bytes,
        Err(why) => {
            waivers.flawed.push(FlawedWaiver {
                flaw: Flaw::Malformed,
                place: Place::File(RepoPath::new(path).expect("it is a path")),
                headline: format!("{path} cannot be read: {why}"),
                help: "mend its permissions; until then nothing in it holds".to_owned(),
            });
            return waivers;
        }
    };
    let parsed = yaml::text(path, &bytes, false)
        .map_err(|problem| vec![problem])
        .and_then(|text| yaml::parse(&text));
    let node = match parsed {
        Ok(node) => node,
        Err(problems) => {
            waivers
                .flawed
                .extend(problems.into_iter().map(|mut problem| {
                    problem.help =
                        format!("{}; until then nothing in this file holds", problem.help);
                    flaw(problem)
                }));
            return waivers;
        }
    };
    let mut problems = Vec::new();
    let nothing = Vec::new();
    let items = items(&node, list, &mut problems).unwrap_or(&nothing);
    for item in items {
        let mut wrong = Vec::new();
        match de::read::<F>(item, &mut wrong).map(|fields| one(item, fields)) {
            Some(Ok(entry)) => waivers.entries.push(entry),
            Some(Err(problem)) => problems.push(problem),
            None => problems.append(&mut wrong),
        }
    }
    waivers.flawed.extend(problems.into_iter().map(flaw));
    waivers
}

/// The entries of the file's list; problems are pushed for whatever else is in it.
fn items<'n>(node: &'n Node, list: &str, problems: &mut Vec<Problem>) -> Option<&'n Vec<Node>> {
    let help = format!("write `version: 1` and `{list}:` with a list below it");
    if !matches!(node.kind, Kind::Map(_) | Kind::Null) {
        problems.push(Problem::new(&node.origin, "expected a map", help));
        return None;
    }
    let mut found = None;
    for (key, value) in node.entries() {
        match (key.name.as_str(), &value.kind) {
            ("version", Kind::Int(1)) => {}
            ("version", _) => problems.push(Problem::new(
                &value.origin,
                "this version of the file is not known",
                "write `version: 1`, or use a newer qgate",
            )),
            (name, Kind::Seq(items)) if name == list => found = Some(items),
            (name, Kind::Null) if name == list => {}
            (name, _) if name == list => {
                problems.push(Problem::new(&value.origin, "expected a list", &help));
            }
            (name, _) => {
                let help = suggest(name, ["version", list]);
                problems.push(Problem::new(
                    &key.origin,
                    format!("unknown key `{name}`"),
                    help,
                ));
            }
        }
    }
    // A file of a version that is not known may mean something else by every entry.
    problems
        .iter()
        .all(|problem| !problem.message.contains("version"))
        .then_some(found)?
}

fn exemption(node: &Node, fields: ExemptionFields) -> Result<Exemption, Problem> {
    let wrong = |message: &str, help: &str| Problem::new(&node.origin, message, help);
    let target = match fields {
        ExemptionFields {
            gate: Some(gate),
            rule: None,
            fingerprint: None,
            path: None,
            ..
        } => Target::Gate(gate),
        ExemptionFields { gate: Some(_), .. } => {
            return Err(wrong(
                "an exemption of a gate has no rule, fingerprint or path",
                "write two entries: one with `gate`, one with the others",
            ));
        }
        ExemptionFields {
            rule: None,
            fingerprint: None,
            ..
        } => {
            return Err(wrong(
                "an exemption of nothing",
                "name what it waives: `rule` and `path`, `fingerprint`, or `gate`",
            ));
        }
        ExemptionFields {
            rule: Some(_),
            fingerprint: None,
            path: None,
            ..
        } => {
            return Err(wrong(
                "an exemption of a rule needs a path",
                "add `path:` with a glob of the files, `**` for all",
            ));
        }
        ExemptionFields {
            rule,
            fingerprint,
            path,
            ..
        } => {
            if let Some(rule) = &rule {
                known_rule(rule, node)?;
            }
            Target::Findings {
                rule,
                fingerprint,
                path,
            }
        }
    };
    Ok(Exemption {
        target,
        reason: present(node, "reason", &fields.reason)?,
        owner: present(node, "owner", &fields.owner)?,
        expires: date(node, &fields.expires)?,
        origin: node.origin.clone(),
    })
}

fn known_rule(rule: &str, node: &Node) -> Result<(), Problem> {
    // Rules of outside tools are not known beforehand.
    if rule.contains('/') || checkers::rule(rule).is_some() {
        return Ok(());
    }
    let origin = node.get("rule").map_or(&node.origin, |value| &value.origin);
    let help = suggest(rule, checkers::rules().map(|known| known.id));
    Err(Problem::new(
        origin,
        format!("there is no rule `{rule}`"),
        help,
    ))
}

fn approval(node: &Node, fields: ApprovalFields) -> Result<Approval, Problem> {
    let mut values = BTreeMap::new();
    for (metric, text) in fields.values {
        let value = Quantity::parse(&text).map_err(|why| {
            let message = format!("`{text}` {why}");
            Problem::new(&node.origin, message, "write a value such as 250ms")
        })?;
        values.insert(metric, value);
    }
    Ok(Approval {
        gate: present(node, "gate", &fields.gate)?,
        digest: present(node, "digest", &fields.digest)?,
        values,
        reason: present(node, "reason", &fields.reason)?,
        approver: present(node, "approver", &fields.approver)?,
        expires: date(node, &fields.expires)?,
        origin: node.origin.clone(),
    })
}

fn present(node: &Node, key: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        let message = format!("`{key}` is missing");
        let help = format!("add `{key}:`: a waiver says who, why and until when");
        return Err(Problem::new(&node.origin, message, help));
    }
    Ok(text.to_owned())
}

fn date(node: &Node, text: &str) -> Result<Date, Problem> {
    present(node, "expires", text)?;
    text.trim().parse().map_err(|_| {
        let origin = node
            .get("expires")
            .map_or(&node.origin, |value| &value.origin);
        let message = format!("`{text}` is no date");
        Problem::new(origin, message, "write it as YYYY-MM-DD")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One(&'static str);

    impl GateFiles for One {
        fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
            match (path, self.0) {
                (EXEMPTIONS, "unreadable") => Err("no permission".to_owned()),
                (EXEMPTIONS | APPROVALS, text) => Ok(Some(text.as_bytes().to_vec())),
                _ => Ok(None),
            }
        }
    }

    fn check(text: &'static str, expected: &str) {
        let read = exemptions(&One(text));
        let entries = read.entries.iter().map(|entry| match &entry.target {
            Target::Gate(gate) => format!("gate {gate} until {}", entry.expires),
            Target::Findings {
                rule,
                fingerprint,
                path,
            } => format!(
                "{} {} {} until {}",
                rule.as_deref().unwrap_or("-"),
                fingerprint.as_deref().unwrap_or("-"),
                path.as_ref().map_or("-", Glob::as_str),
                entry.expires
            ),
        });
        let flawed = read
            .flawed
            .iter()
            .map(|f| format!("{}: {}", f.place, f.headline));
        let shown: Vec<String> = entries.chain(flawed).collect();
        assert_eq!(shown.join("\n"), expected, "{text}");
    }

    #[test]
    fn good_entries() {
        check(
            "version: 1\nexemptions:\n  - {rule: bidi-control, path: \"docs/**\", reason: r, owner: o, expires: 2026-12-01}\n  \
             - {fingerprint: ab, reason: r, owner: o, expires: \"2026-12-02\"}\n  \
             - {gate: g, reason: r, owner: o, expires: 2026-12-03}\n",
            "bidi-control - docs/** until 2026-12-01\n- ab - until 2026-12-02\ngate g until 2026-12-03",
        );
        check("", "");
        check("version: 1\nexemptions:\n", "");
    }

    #[test]
    fn one_that_is_wrong_takes_nothing_from_the_others() {
        check(
            "exemptions:\n  - {rule: bidi-contrl, path: x, reason: r, owner: o, expires: 2026-12-01}\n  \
             - {gate: g, reason: r, owner: o, expires: 2026-12-03}\n  \
             - {gate: g, owner: o, expires: 2026-12-03}\n  \
             - {gate: g, reason: r, owner: o, expires: soon}\n  \
             - {rule: bidi-control, reason: r, owner: o, expires: 2026-12-03}\n  \
             - {reason: r}\n  - {gate: g, unknown: r}\n",
            "gate g until 2026-12-03\n.qgate/exemptions.yaml:2:12: there is no rule `bidi-contrl`\n\
             .qgate/exemptions.yaml:4:5: `reason` is missing\n.qgate/exemptions.yaml:5:45: `soon` is no date\n\
             .qgate/exemptions.yaml:6:5: an exemption of a rule needs a path\n\
             .qgate/exemptions.yaml:7:5: an exemption of nothing\n.qgate/exemptions.yaml:8:15: unknown key `unknown`",
        );
    }

    #[test]
    fn a_file_that_is_wrong_holds_nothing() {
        check(
            "unreadable",
            ".qgate/exemptions.yaml: .qgate/exemptions.yaml cannot be read: no permission",
        );
        check(
            "version: 2\nexemptions:\n  - {gate: g, reason: r, owner: o, expires: 2026-12-03}\n",
            ".qgate/exemptions.yaml:1:10: this version of the file is not known",
        );
        check("- x\n", ".qgate/exemptions.yaml:1:3: expected a map");
        check(
            "exemption: []\n",
            ".qgate/exemptions.yaml:1:1: unknown key `exemption`",
        );
    }
}
