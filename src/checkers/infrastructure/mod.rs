//! Owns the checker `infrastructure`: Dockerfiles, compose files, Kubernetes manifests and Terraform. Only what a file says
//! literally counts; what a build or a deployment decides is no finding.

mod compose;
mod docker;
mod hit;
mod image;
mod kinds;
mod kube;
mod marks;
mod options;
mod secret;
mod shell;
mod terraform;
mod told;
mod variables;
mod yaml;

use std::collections::BTreeSet;

use crate::base::path::RepoPath;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::{Rule, Severity};
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::FileMeta;
use crate::source::yaml::Document;

use hit::{Facts, Family, Hit, Hits, Unless, Unread};
use options::Options;
use told::Told;
use yaml::Yaml;

/// A configured check.
pub struct Infrastructure(Options);

impl Checker for Infrastructure {
    const NAME: &'static str = "infrastructure";
    const SUMMARY: &'static str = "Dockerfiles, compose files, Kubernetes manifests and Terraform that open more than they need";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = kinds::RULES;
    const METRICS: &'static [Metric] = &[
        Metric::graded(
            "critical_vulnerabilities",
            Severity::Critical,
            "findings of severity critical",
        ),
        Metric::graded(
            "high_vulnerabilities",
            Severity::High,
            "findings of severity high",
        ),
        Metric::graded(
            "medium_vulnerabilities",
            Severity::Medium,
            "findings of severity medium",
        ),
        Metric::graded(
            "low_vulnerabilities",
            Severity::Low,
            "findings of severity low",
        ),
        Metric::counts(
            "dockerfile_findings",
            kinds::DOCKERFILE,
            "findings in Dockerfiles",
        ),
        Metric::counts(
            "compose_findings",
            kinds::COMPOSE,
            "findings in compose files",
        ),
        Metric::counts(
            "kubernetes_findings",
            kinds::KUBERNETES,
            "findings in Kubernetes manifests",
        ),
        Metric::counts(
            "terraform_findings",
            kinds::TERRAFORM,
            "findings in Terraform files",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        is_ours(file) && file.size <= self.0.max_size.0
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        let Some(text) = file.text() else {
            return (file.language() != Some(Language::Yaml))
                .then(|| Facts::unread(Unread::Broken));
        };
        match file.language()? {
            Language::Dockerfile => Some(docker::look(file, text)),
            Language::Terraform => terraform::look(file, text),
            Language::Yaml => manifest(file, text),
            _ => None,
        }
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let mut told = Told::default();
        let bare = ignores(cx);
        let facts = || files.iter().filter_map(|file| file.facts.as_ref());
        let set: BTreeSet<&String> = facts().flat_map(|facts| &facts.images).collect();
        for Observed { file, facts } in files {
            let Some(facts) = facts else { continue };
            told.file(&file.path, facts);
            if facts.more > 0 {
                evidence.partial(format!(
                    "{}: {} more findings than are kept",
                    file.path, facts.more
                ));
            }
            let ignored = has_ignore(&bare, &file.path);
            let counts = |hit: &&Hit| match &hit.unless {
                Some(Unless::Ignored) => !ignored,
                Some(Unless::Set(image)) => !set.contains(image),
                None => true,
            };
            let hits = facts.hits.iter().filter(counts);
            for hit in hits {
                self.tell(hit, &file.path, &mut told, &mut evidence);
            }
        }
        for (path, hit) in terraform::judge(files) {
            self.tell(&hit, path, &mut told, &mut evidence);
        }
        let large = |meta: &&FileMeta| is_ours(meta) && meta.size > self.0.max_size.0;
        told.large = cx.tree.files().iter().filter(large).count();
        if told.is_empty() && told.large == 0 {
            return Ok(Evidence::not_applicable(
                "Dockerfiles, compose files, Kubernetes manifests, Terraform",
            ));
        }
        told.notes(&self.0.max_size.to_string(), &mut evidence);
        Ok(evidence)
    }
}

impl Infrastructure {
    fn tell(&self, hit: &Hit, path: &RepoPath, told: &mut Told, evidence: &mut Evidence) {
        let place = Place::Part(path.clone(), hit.span);
        match &hit.mark {
            Some(mark) if self.0.marks => told.marked.push(format!("{place} ({mark})")),
            _ => {
                let finding = Finding::new(
                    hit.kind.rule(),
                    place,
                    hit.headline.clone(),
                    hit.kind.help(),
                );
                let finding = finding.anchored(hit.anchor.clone()).graded(hit.severity);
                evidence.findings.push(finding);
            }
        }
    }
}

/// Is it a file of a language that infrastructure is written in?
fn is_ours(file: &FileMeta) -> bool {
    let language = Language::of_path(&file.path);
    let ours = matches!(
        language,
        Some(Language::Dockerfile | Language::Terraform | Language::Yaml)
    );
    file.is_file() && ours && !file.class.lock
}

/// Looks at a YAML file; `None` for YAML of another kind.
fn manifest(file: &SourceFile, text: &str) -> Option<Facts> {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let kubernetes = has("apiVersion") && has("kind");
    if !kubernetes && !has("services:") {
        return None;
    }
    let Ok(documents) = Document::all(text) else {
        let template = has("{{") || has("{%") || has("${");
        let unread = if template {
            Unread::Template
        } else {
            Unread::Broken
        };
        return kubernetes.then(|| Facts::unread(unread));
    };
    let mut found: Option<Hits<'_>> = None;
    for document in &documents {
        let yaml = Yaml::new(document, text);
        let Some(root) = document.root() else {
            continue;
        };
        if document.has_template() {
            if kube::is_object(&yaml, root) {
                return Some(Facts::unread(Unread::Template));
            }
            continue;
        }
        if kube::is_object(&yaml, root) {
            let hits = found.get_or_insert_with(|| Hits::of(file, Family::Kubernetes));
            hits.scope = lines_of(file, &yaml, root);
            kube::look(&yaml, root, hits);
        } else if compose::is_compose(&yaml, root) {
            compose::look(
                &yaml,
                root,
                found.get_or_insert_with(|| Hits::of(file, Family::Compose)),
            );
        }
    }
    found.map(|hits| hits.facts)
}

/// The lines of the object's head: what is said there holds for the whole object.
fn lines_of(
    file: &SourceFile,
    yaml: &Yaml<'_>,
    root: crate::source::yaml::Id,
) -> std::ops::RangeInclusive<u32> {
    let first = file.span(yaml.range(root)).start.line;
    let metadata = yaml
        .get(root, "metadata")
        .and_then(|metadata| yaml.entries(metadata).last());
    let last = metadata.map_or(first, |&(key, value)| {
        let inner = yaml.entries(value).last().map_or(key, |entry| entry.0);
        file.span(yaml.range(inner)).start.line
    });
    first..=last.max(first)
}

/// The folders that have a `.dockerignore`, and the Dockerfiles that have one of their own.
fn ignores(cx: &Cx<'_>) -> BTreeSet<Vec<u8>> {
    let files = cx.tree.files().iter().map(|file| file.path.as_bytes());
    let bare = |path: &[u8]| path.strip_suffix(b".dockerignore").map(<[u8]>::to_vec);
    files.filter_map(bare).collect()
}

/// Is there a `.dockerignore` for this Dockerfile? Its build may run in any folder above it.
fn has_ignore(ignores: &BTreeSet<Vec<u8>>, path: &RepoPath) -> bool {
    let bytes = path.as_bytes();
    let folders = memchr::memchr_iter(b'/', bytes).map(|at| &bytes[..=at]);
    folders
        .chain([&b""[..], bytes])
        .any(|folder| ignores.contains(folder))
}
