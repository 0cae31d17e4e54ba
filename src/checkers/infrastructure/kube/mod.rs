//! Owns what Kubernetes manifests are told: which objects they hold, and the rules for those that are no workload.

mod pod;
mod rbac;

use crate::model::rule::Severity;
use crate::source::yaml::Id;

use super::hit::Hits;
use super::kinds::Kind;
use super::secret;
use super::yaml::Yaml;

/// An object of a manifest.
#[derive(Clone, Copy)]
pub struct Object<'a> {
    pub yaml: Yaml<'a>,
    pub root: Id,
    pub kind: &'a str,
    pub name: &'a str,
}

/// Is it an object of Kubernetes?
#[must_use]
pub fn is_object(yaml: &Yaml<'_>, root: Id) -> bool {
    yaml.text_at(root, "apiVersion").is_some() && yaml.text_at(root, "kind").is_some()
}

/// Looks at an object, or at those of a list.
pub fn look(yaml: &Yaml<'_>, root: Id, hits: &mut Hits<'_>) {
    let kind = yaml.text_at(root, "kind").unwrap_or_default();
    if kind == "List" {
        for &item in yaml.list(root, "items") {
            if yaml.text_at(item, "kind") != Some("List") {
                look(yaml, item, hits);
            }
        }
        return;
    }
    let version = yaml.text_at(root, "apiVersion").unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let name = yaml
        .at(root, &["metadata", "name"])
        .and_then(|name| yaml.text(name))
        .unwrap_or_default();
    let object = Object {
        yaml: *yaml,
        root,
        kind,
        name,
    };
    match (group, kind) {
        ("" | "apps" | "batch" | "extensions" | "argoproj.io", _)
            if pod::spec(&object).is_some() =>
        {
            pod::look(&object, hits);
        }
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => rbac::role(&object, hits),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            rbac::binding(&object, hits);
        }
        ("", "ConfigMap") => config(&object, hits),
        ("kustomize.config.k8s.io" | "skaffold", _) => images(&object, hits),
        _ => {}
    }
}

/// The images whose tags a kustomization or skaffold sets.
fn images(object: &Object<'_>, hits: &mut Hits<'_>) {
    let yaml = &object.yaml;
    for &image in yaml.list(object.root, "images") {
        let fixed = yaml.get(image, "digest").is_some()
            || yaml
                .text_at(image, "newTag")
                .is_some_and(|tag| tag != "latest");
        hits.facts.images.extend(
            yaml.text_at(image, "name")
                .filter(|_| fixed)
                .map(str::to_owned),
        );
    }
    let artifacts = yaml
        .get(object.root, "build")
        .map_or(&[][..], |build| yaml.list(build, "artifacts"));
    for &artifact in artifacts {
        hits.facts
            .images
            .extend(yaml.text_at(artifact, "image").map(str::to_owned));
    }
}

/// Credentials in configuration.
fn config(object: &Object<'_>, hits: &mut Hits<'_>) {
    let yaml = &object.yaml;
    let Some(data) = yaml.get(object.root, "data") else {
        return;
    };
    for &(key, value) in yaml.entries(data) {
        let (Some(key_text), Some(value)) = (yaml.text(key), yaml.text(value)) else {
            continue;
        };
        if secret::is_name(key_text) {
            let headline = format!("the ConfigMap {} has the value of {key_text}", object.name);
            literal((key_text, value), yaml, key, headline, hits);
        }
    }
}

fn literal(
    (name, value): (&str, &str),
    yaml: &Yaml<'_>,
    at: Id,
    headline: String,
    hits: &mut Hits<'_>,
) {
    let kind = Kind::KubeConfigSecret;
    match secret::value(name, value) {
        secret::Value::Real => hits.push(kind, yaml.range(at), headline),
        secret::Value::Trivial => hits.graded(
            kind,
            Severity::Medium,
            yaml.range(at),
            format!("{headline}, which is quickly guessed"),
        ),
        secret::Value::Nothing => {}
    }
}
