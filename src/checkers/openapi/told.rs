//! Owns what is told of descriptions and of a service: findings, measurements, notes.

use std::collections::BTreeSet;

use crate::base::path::RepoPath;
use crate::base::words;
use crate::model::evidence::Evidence;
use crate::model::finding::Finding;
use crate::model::metric::Value;
use crate::model::place::Place;
use crate::model::quantity::Quantity;
use crate::model::rule::Rule;

use super::facts::{Done, Facts};
use super::hit::Kind;
use super::live::{Outcome, Wrong};
use super::look::Looked;
use super::{
    DUPLICATE_API_PATH, DUPLICATE_OPERATION_ID, EXAMPLE_MISMATCH, INVALID_SCHEMA,
    INVALID_SPECIFICATION, MISPLACED_REFERENCE, Opened, PATH_PARAMETER_MISMATCH, RESPONSE_MISMATCH,
    UNDEFINED_SECURITY_SCHEME, UNDOCUMENTED_OPERATION, UNDOCUMENTED_RESPONSE,
    UNKNOWN_REQUIRED_PROPERTY, UNRESOLVED_REFERENCE,
};

/// So many reasons and names are told one by one.
const SHOWN: usize = 8;

/// What is told besides the findings.
#[derive(Default)]
pub struct Told {
    pub descriptions: usize,
    operations: usize,
    documented: usize,
    remote: usize,
    unjudged: usize,
    /// Findings that were told: files may be part of several descriptions.
    known: BTreeSet<(Place, String)>,
}

impl Told {
    /// Says what was looked into, and measures it.
    pub fn end(&self, evidence: &mut Evidence) {
        let descriptions = words::count(self.descriptions, "description");
        evidence.notes.push(format!(
            "looked into {descriptions} with {}",
            words::count(self.operations, "operation")
        ));
        if self.remote > 0 {
            evidence.notes.push(format!(
                "{} into the network not followed",
                words::count(self.remote, "reference")
            ));
        }
        if self.unjudged > 0 {
            evidence.notes.push(format!(
                "{} not judged: their schemas refer into the network, or to what cannot be run here",
                words::count(self.unjudged, "example")
            ));
        }
        let endpoints = Value::Plain(Quantity::count(self.operations));
        evidence.measure("endpoints", endpoints);
        if let Some(share) = Value::ratio(self.documented as u64, self.operations as u64) {
            evidence.measure("documented_endpoints", share);
        }
    }

    fn find(&mut self, kind: Kind, place: Place, headline: &str, evidence: &mut Evidence) {
        if self.known.insert((place.clone(), headline.to_owned())) {
            let finding = Finding::new(rule(kind), place, headline, help(kind));
            evidence.findings.push(finding);
        }
    }
}

/// Tells what one description holds.
pub fn tell(facts: &Facts, paths: &[&RepoPath], told: &mut Told, evidence: &mut Evidence) {
    let path = paths[0];
    match facts {
        Facts::Later => {}
        Facts::Unread(why) => {
            told.descriptions += 1;
            evidence.partial(format!("{path}: {why}"));
        }
        Facts::Broken(why, span) => {
            told.descriptions += 1;
            let place = Place::Part(path.clone(), *span);
            let headline = format!("the description cannot be read: {why}");
            told.find(Kind::Invalid, place, &headline, evidence);
        }
        Facts::Unknown(version) => {
            told.descriptions += 1;
            let headline = if version.is_empty() {
                "it is no description: its root says neither `openapi` nor `swagger`".to_owned()
            } else {
                format!("the version `{version}` is not known: 2.0, 3.0, 3.1 and 3.2 are")
            };
            let place = Place::File(path.clone());
            told.find(Kind::Invalid, place, &headline, evidence);
        }
        Facts::Done(done) => {
            told.descriptions += 1;
            told.operations += done.operations;
            told.documented += done.documented;
            told.remote += done.remote;
            told.unjudged += done.unjudged;
            tell_hits(done, paths, told, evidence);
        }
    }
}

fn tell_hits(done: &Done, paths: &[&RepoPath], told: &mut Told, evidence: &mut Evidence) {
    for why in &done.unread {
        evidence.partial(format!("{}: {why}", paths[0]));
    }
    if done.more > 0 {
        let more = done.more;
        evidence.partial(format!("{}: {more} more findings than are kept", paths[0]));
    }
    for hit in &done.hits {
        let path = paths.get(hit.file as usize).unwrap_or(&paths[0]);
        let place = Place::Part((*path).clone(), hit.span);
        told.find(hit.kind, place, &hit.headline, evidence);
    }
}

const fn rule(kind: Kind) -> &'static Rule {
    match kind {
        Kind::Invalid => &INVALID_SPECIFICATION,
        Kind::Reference => &UNRESOLVED_REFERENCE,
        Kind::Misplaced => &MISPLACED_REFERENCE,
        Kind::PathParameter => &PATH_PARAMETER_MISMATCH,
        Kind::OperationId => &DUPLICATE_OPERATION_ID,
        Kind::AmbiguousPath => &DUPLICATE_API_PATH,
        Kind::Schema => &INVALID_SCHEMA,
        Kind::Required => &UNKNOWN_REQUIRED_PROPERTY,
        Kind::Example => &EXAMPLE_MISMATCH,
        Kind::Security => &UNDEFINED_SECURITY_SCHEME,
        Kind::Undocumented => &UNDOCUMENTED_OPERATION,
    }
}

const fn help(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => {
            "write it as the specification has it: `qgate explain invalid-specification`"
        }
        Kind::Reference => "name something that is there, or add it",
        Kind::Misplaced => "join the files before others read them, or write the part out",
        Kind::PathParameter => {
            "declare each `{name}` of the path as a parameter `in: path`, and no other"
        }
        Kind::OperationId => "give each operation an id of its own",
        Kind::AmbiguousPath => "keep one of the two paths",
        Kind::Schema => "write the schema as its version of the specification has it",
        Kind::Required => "add the property, or mend its name in `required`",
        Kind::Example => "mend the example, or the schema",
        Kind::Security => "define the scheme, or mend its name",
        Kind::Undocumented => "write down what it lacks",
    }
}

/// Tells what came of the questions to a service.
pub fn live(outcome: &Outcome, looked: &Looked, opened: &Opened, evidence: &mut Evidence) {
    let mut good = 0_u64;
    let mut open = Vec::new();
    let mut names = BTreeSet::new();
    let help = match outcome
        .stopped
        .as_ref()
        .and_then(|stopped| stopped.log.as_ref())
    {
        Some(log) => format!("mend the service or the description; see {log}"),
        None => "mend the service or the description".to_owned(),
    };
    for asked in &outcome.asked {
        names.insert(&asked.name);
        if asked.wrong.is_empty() && asked.open.is_empty() {
            good += 1;
        }
        for wrong in &asked.wrong {
            let (rule, what) = match wrong {
                Wrong::Undocumented(what) => (&UNDOCUMENTED_RESPONSE, what),
                Wrong::Mismatch(what) => (&RESPONSE_MISMATCH, what),
            };
            let place = opened.place(asked.file, asked.range.clone());
            let headline = format!("the answer to {} {what}", asked.name);
            evidence
                .findings
                .push(Finding::new(rule, place, headline, help.clone()));
        }
        open.extend(
            asked
                .open
                .first()
                .map(|why| format!("{}: {why}", asked.name)),
        );
    }
    for why in open.iter().take(SHOWN) {
        evidence.partial(why);
    }
    if open.len() > SHOWN {
        let more = words::count(open.len() - SHOWN, "answer");
        evidence.partial(format!("{more} more could not be judged"));
    }
    let total = outcome.asked.len() as u64;
    if let Some(share) = Value::ratio(good, total) {
        evidence.measure("contract_adherence", share);
    }
    if let Some(share) = Value::ratio(names.len() as u64, looked.operations as u64) {
        evidence.measure("asked_endpoints", share);
    }
    evidence.notes.push(format!(
        "{} asked, {} as described",
        words::count(outcome.asked.len(), "request"),
        good
    ));
    if !outcome.left.is_empty() {
        let left = words::count(outcome.left.len(), "operation");
        let all = outcome.left.iter().take(SHOWN);
        let shown: Vec<String> = all.map(|(name, why)| format!("{name} ({why})")).collect();
        let more = if outcome.left.len() > SHOWN {
            ", ..."
        } else {
            ""
        };
        evidence
            .notes
            .push(format!("{left} not asked: {}{more}", shown.join(", ")));
    }
    if outcome.others > 0 {
        evidence.notes.push(format!(
            "{} not asked: only GET is asked where `requests` name nothing",
            words::count(outcome.others, "operation")
        ));
    }
    if outcome.skipped > 0 {
        evidence.notes.push(format!(
            "{} skipped by the gate file",
            words::count(outcome.skipped, "operation")
        ));
    }
}
