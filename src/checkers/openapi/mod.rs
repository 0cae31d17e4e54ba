//! Owns the checker `openapi`: descriptions of APIs, whether they hold, and how much they tell, and whether a running service keeps to one.

mod amiss;
mod bundle;
mod combined;
mod demands;
mod examples;
mod facts;
mod hit;
mod keywords;
mod live;
mod look;
mod objects;
mod operations;
mod options;
mod parts;
mod pattern;
mod schemas;
mod shape;
mod told;
mod tree;
mod value;
#[cfg(test)]
mod value_tests;
mod walk;

use std::ops::Range;

use crate::base::path::RepoPath;
use crate::base::words;
use crate::check::options::Glob;
use crate::check::target::Target;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::metric::{Better, Metric};
use crate::model::place::{Place, Span};
use crate::model::quantity::Dimension;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::class::PathClass;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::FileMeta;

use bundle::Read;
use facts::Facts;
use look::Look;
use options::Options;
use told::Told;

static INVALID_SPECIFICATION: Rule = rule!("invalid-specification", High, "2026-12");
static UNRESOLVED_REFERENCE: Rule = rule!("unresolved-reference", High, "2026-12");
static MISPLACED_REFERENCE: Rule = rule!("misplaced-reference", Low, "2026-12");
static PATH_PARAMETER_MISMATCH: Rule = rule!("path-parameter-mismatch", Medium, "2026-12");
static DUPLICATE_OPERATION_ID: Rule = rule!("duplicate-operation-id", Medium, "2026-12");
static DUPLICATE_API_PATH: Rule = rule!("duplicate-api-path", Medium, "2026-12");
static INVALID_SCHEMA: Rule = rule!("invalid-schema", Medium, "2026-12");
static UNKNOWN_REQUIRED_PROPERTY: Rule = rule!("unknown-required-property", Low, "2026-12");
static EXAMPLE_MISMATCH: Rule = rule!("example-mismatch", Low, "2026-12");
static UNDOCUMENTED_RESPONSE: Rule = rule!("undocumented-response", High, "2026-12");
static RESPONSE_MISMATCH: Rule = rule!("response-mismatch", High, "2026-12");
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
    const SUMMARY: &'static str = "OpenAPI descriptions: whether they are valid, how much of the API they document, and whether a running service keeps to one";
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
        &EXAMPLE_MISMATCH,
        &UNDOCUMENTED_RESPONSE,
        &RESPONSE_MISMATCH,
    ];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "specification_errors",
            ERRORS,
            "places where a description breaks its specification",
        ),
        Metric::counts(
            "example_mismatches",
            &["example-mismatch"],
            "examples and defaults that do not match their schema",
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
        Metric::measured(
            "contract_adherence",
            Dimension::Share,
            Better::Higher,
            "answers of the running service that are as the description says, out of all",
        ),
        Metric::measured(
            "asked_endpoints",
            Dimension::Share,
            Better::Higher,
            "operations that the running service was asked for, out of all",
        ),
        Metric::counts(
            "response_mismatches",
            &["undocumented-response", "response-mismatch"],
            "answers of the running service that the description does not have",
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

    fn lane(&self) -> Lane {
        if self.options.base_url.is_some() {
            Lane::Measures
        } else {
            Lane::Pure
        }
    }

    fn gives(&self, metric: &str) -> bool {
        let of_service = [
            "contract_adherence",
            "asked_endpoints",
            "response_mismatches",
        ];
        self.options.base_url.is_some() || !of_service.contains(&metric)
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
                Some(Facts::Later) => match self.open(file, cx) {
                    Ok(opened) => opened.tell(&mut told, &mut evidence),
                    Err(why) => evidence.partial(format!("{}: {why}", file.path)),
                },
                Some(facts) => told::tell(facts, &[&file.path], &mut told, &mut evidence),
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
        if let Some(base) = &self.options.base_url {
            self.live(base, files, cx, &mut evidence)?;
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

/// Is it of tests? In a folder `specs` there may be descriptions as well.
fn is_of_tests(file: &FileMeta) -> bool {
    let others = |part: &&[u8]| !matches!(*part, b"spec" | b"specs");
    let rest: Vec<&[u8]> = file.path.parts().filter(others).collect();
    file.class.test
        && RepoPath::new(rest.join(&b'/')).is_none_or(|path| PathClass::of_path(&path).test)
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
        ours && !(class.lock || class.vendored || is_of_tests(file))
    }

    /// Looks at a description with all files that it is made of.
    fn open(&self, file: &FileMeta, cx: &Cx<'_>) -> Result<Opened, String> {
        let text = read(cx, file)?;
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
        let source = |text: String| SourceFile::new(text.into_bytes(), None, file.class);
        let mut paths = vec![file.path.clone()];
        let sources = match &look {
            Look::Done(looked) => {
                let more = looked.bundle.files.iter().skip(1);
                paths.extend(more.filter_map(|file| RepoPath::new(file.path.as_str())));
                let texts = looked.bundle.files.iter().map(|file| file.text.clone());
                texts.map(source).collect()
            }
            _ => vec![source(text)],
        };
        Ok(Opened {
            look,
            paths,
            sources,
        })
    }

    /// Asks the running service, and tells what came of it.
    fn live(
        &self,
        base: &Target,
        files: &[Observed<'_, Facts>],
        cx: &Cx<'_>,
        evidence: &mut Evidence,
    ) -> Result<(), Fault> {
        let is_one = |facts: &Option<Facts>| matches!(facts, Some(Facts::Done(_) | Facts::Later));
        let all: Vec<&FileMeta> = files
            .iter()
            .filter(|observed| is_one(&observed.facts))
            .map(|observed| observed.file)
            .collect();
        let [file] = all[..] else {
            let what = match all.len() {
                0 => "there is no description that the service can be judged by".to_owned(),
                count => {
                    format!("there are {count} descriptions, and the service is judged by one")
                }
            };
            return Err(Fault::new(FaultKind::Missing, what, "name it in `paths`"));
        };
        let unread = |why: String| {
            let what = format!("{}: {why}", file.path);
            Fault::new(FaultKind::Unparsable, what, "mend the description")
        };
        let opened = self.open(file, cx).map_err(unread)?;
        let Look::Done(looked) = &opened.look else {
            return Err(unread("it cannot be read".to_owned()));
        };
        let outcome = live::ask(&self.options, base, looked, cx)?;
        told::live(&outcome, looked, &opened, evidence);
        if let (Some(serve), Some(stopped)) = (&self.options.serve, &outcome.stopped) {
            serve.tell(stopped, evidence);
        }
        Ok(())
    }
}

/// A description with the files that it is made of.
struct Opened {
    look: Look,
    paths: Vec<RepoPath>,
    sources: Vec<SourceFile>,
}

impl Opened {
    fn span(&self, file: u32, range: Range<usize>) -> Span {
        let source = self.sources.get(file as usize).unwrap_or(&self.sources[0]);
        facts::part(source, range)
    }

    /// The place of bytes in one of the files.
    fn place(&self, file: u32, range: Range<usize>) -> Place {
        let path = self.paths.get(file as usize).unwrap_or(&self.paths[0]);
        Place::Part(path.clone(), self.span(file, range))
    }

    fn tell(mut self, told: &mut Told, evidence: &mut Evidence) {
        let look = std::mem::replace(&mut self.look, Look::Other);
        let facts = Facts::of(look, &|file, range| self.span(file, range));
        let paths: Vec<&RepoPath> = self.paths.iter().collect();
        if let Some(facts) = facts {
            told::tell(&facts, &paths, told, evidence);
        }
    }
}

fn read(cx: &Cx<'_>, file: &FileMeta) -> Result<String, String> {
    let bytes = cx.tree.read(file).map_err(|problem| problem.why)?;
    String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())
}
