//! Owns the checker `openapi`: descriptions of APIs, whether they hold, and how much they tell. Asks no network.

mod amiss;
mod bundle;
mod demands;
mod facts;
mod hit;
mod keywords;
mod look;
mod objects;
mod operations;
mod options;
mod pattern;
mod schemas;
mod shape;
mod tree;
mod walk;

use std::collections::BTreeSet;

use crate::base::path::RepoPath;
use crate::base::words;
use crate::check::options::Glob;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::place::Place;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::rule::Rule;
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::FileMeta;

use bundle::Read;
use facts::{Done, Facts};
use hit::Kind;
use look::Look;
use options::Options;

static INVALID_SPECIFICATION: Rule = rule!("invalid-specification", High, "2026-12");
static UNRESOLVED_REFERENCE: Rule = rule!("unresolved-reference", High, "2026-12");
static MISPLACED_REFERENCE: Rule = rule!("misplaced-reference", Low, "2026-12");
static PATH_PARAMETER_MISMATCH: Rule = rule!("path-parameter-mismatch", Medium, "2026-12");
static DUPLICATE_OPERATION_ID: Rule = rule!("duplicate-operation-id", Medium, "2026-12");
static DUPLICATE_API_PATH: Rule = rule!("duplicate-api-path", Medium, "2026-12");
static INVALID_SCHEMA: Rule = rule!("invalid-schema", Medium, "2026-12");
static UNKNOWN_REQUIRED_PROPERTY: Rule = rule!("unknown-required-property", Low, "2026-12");
static UNDEFINED_SECURITY_SCHEME: Rule = rule!("undefined-security-scheme", Medium, "2026-12");
static UNDOCUMENTED_OPERATION: Rule = rule!("undocumented-operation", Low, "2026-12");

/// Rules whose findings are errors by the specification's own words.
const ERRORS: &[&str] = &[
    "invalid-specification",
    "unresolved-reference",
    "path-parameter-mismatch",
    "duplicate-operation-id",
    "duplicate-api-path",
    "invalid-schema",
    "undefined-security-scheme",
];

/// One configured check.
#[derive(Debug)]
pub struct Openapi {
    options: Options,
}

impl Checker for Openapi {
    const NAME: &'static str = "openapi";
    const SUMMARY: &'static str =
        "OpenAPI descriptions: whether they are valid, and how much of the API they document";
    const GUIDE: &'static str = include_str!("guide.md");
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[
        &INVALID_SPECIFICATION,
        &UNRESOLVED_REFERENCE,
        &MISPLACED_REFERENCE,
        &PATH_PARAMETER_MISMATCH,
        &DUPLICATE_OPERATION_ID,
        &DUPLICATE_API_PATH,
        &INVALID_SCHEMA,
        &UNKNOWN_REQUIRED_PROPERTY,
        &UNDEFINED_SECURITY_SCHEME,
        &UNDOCUMENTED_OPERATION,
    ];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "specification_errors",
            ERRORS,
            "places where a description breaks its specification",
        ),
        Metric::measured(
            "endpoints",
            Dimension::Count,
            Better::Higher,
            "operations at paths of all descriptions",
        ),
        Metric::measured(
            "documented_endpoints",
            Dimension::Share,
            Better::Higher,
            "operations with a text and with responses whose content has schemas, out of all",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        options.check()?;
        Ok(Self { options })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn wants(&self, file: &FileMeta) -> bool {
        self.is_candidate(file) && file.size <= self.options.max_size.0
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        let named = self.named();
        let Some(text) = file.text() else {
            return named.then(|| Facts::Unread("it is no text in UTF-8".to_owned()));
        };
        let look = look::look("", text, named, &mut |_| Read::Later);
        Facts::of(look, &|_, range| facts::part(file, range))
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let mut told = Told::default();
        for Observed { file, facts } in files {
            match facts {
                None => {}
                Some(Facts::Later) => self.whole(file, cx, &mut told, &mut evidence),
                Some(facts) => tell(facts, &[&file.path], &mut told, &mut evidence),
            }
        }
        let large =
            |file: &&FileMeta| self.is_candidate(file) && file.size > self.options.max_size.0;
        let large = cx.tree.files().iter().filter(large).count();
        if large > 0 {
            let limit = self.options.max_size;
            let files = words::count(large, "file");
            evidence
                .notes
                .push(format!("{files} over {limit} not looked into"));
        }
        if told.descriptions == 0 && evidence.findings.is_empty() {
            return Ok(Evidence::not_applicable(
                "OpenAPI descriptions: YAML and JSON files whose root says `openapi` or `swagger`",
            ));
        }
        told.end(&mut evidence);
        Ok(evidence)
    }

    fn globs(&self) -> Vec<&Glob> {
        self.options.paths.iter().collect()
    }
}

impl Openapi {
    fn named(&self) -> bool {
        !self.options.paths.is_empty()
    }

    /// May the file be a description, by its name?
    fn is_candidate(&self, file: &FileMeta) -> bool {
        if !file.is_file() {
            return false;
        }
        if self.named() {
            return self
                .options
                .paths
                .iter()
                .any(|glob| glob.matches(&file.path));
        }
        let ours = matches!(file.language, Some(Language::Yaml | Language::Json));
        let class = file.class;
        ours && !(class.lock || class.test || class.vendored)
    }

    /// Looks at a description that is made of several files.
    fn whole(&self, file: &FileMeta, cx: &Cx<'_>, told: &mut Told, evidence: &mut Evidence) {
        let text = match read(cx, file) {
            Ok(text) => text,
            Err(why) => return evidence.partial(format!("{}: {why}", file.path)),
        };
        let mut paths: Vec<RepoPath> = vec![file.path.clone()];
        let most = self.options.max_size.0;
        let path = String::from_utf8_lossy(file.path.as_bytes()).into_owned();
        let look = look::look(&path, &text, true, &mut |path| {
            let Some(path) = RepoPath::new(path) else {
                return Read::Missing;
            };
            match cx.tree.find(&path) {
                None => Read::Missing,
                Some(meta) if !meta.is_file() => Read::Unread("it is no file".to_owned()),
                Some(meta) if meta.size > most => Read::Unread("it is too large".to_owned()),
                Some(meta) => match read(cx, meta) {
                    Ok(text) => Read::Text(text),
                    Err(why) => Read::Unread(why),
                },
            }
        });
        let sources: Vec<SourceFile> = match &look {
            Look::Done(looked) => {
                let more = looked.bundle.files.iter().skip(1);
                paths.extend(more.filter_map(|file| RepoPath::new(file.path.as_str())));
                let texts = looked.bundle.files.iter().map(|file| file.text.clone());
                texts
                    .map(|text| SourceFile::new(text.into_bytes(), None, file.class))
                    .collect()
            }
            _ => vec![SourceFile::new(text.into_bytes(), None, file.class)],
        };
        let facts = Facts::of(look, &|file, range| {
            let source = sources.get(file as usize).unwrap_or(&sources[0]);
            facts::part(source, range)
        });
        if let Some(facts) = facts {
            tell(&facts, &paths.iter().collect::<Vec<_>>(), told, evidence);
        }
    }
}

fn read(cx: &Cx<'_>, file: &FileMeta) -> Result<String, String> {
    let bytes = cx.tree.read(file).map_err(|problem| problem.why)?;
    String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())
}

/// What is told besides the findings.
#[derive(Default)]
struct Told {
    descriptions: usize,
    operations: usize,
    documented: usize,
    remote: usize,
    /// Findings that were told: files may be part of several descriptions.
    known: BTreeSet<(Place, String)>,
}

impl Told {
    fn end(&self, evidence: &mut Evidence) {
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

fn tell(facts: &Facts, paths: &[&RepoPath], told: &mut Told, evidence: &mut Evidence) {
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
        Kind::Security => "define the scheme, or mend its name",
        Kind::Undocumented => "write down what it lacks",
    }
}
