//! Owns the rules for workloads: pods, and what makes pods.

use std::collections::BTreeSet;

use crate::model::rule::Severity;
use crate::source::yaml::Id;

use super::super::compose::{is_grave, is_socket};
use super::super::hit::{Hits, Unless};
use super::super::image::Image;
use super::super::kinds::Kind;
use super::super::secret;
use super::super::yaml::Yaml;
use super::{Object, literal};

/// The pod's specification in an object, if it has one.
#[must_use]
pub fn spec(object: &Object<'_>) -> Option<Id> {
    let keys: &[&str] = match object.kind {
        "Pod" => &["spec"],
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "ReplicationController"
        | "Job"
        | "Rollout" => &["spec", "template", "spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => return None,
    };
    object.yaml.at(object.root, keys)
}

struct Container<'a> {
    id: Id,
    name: &'a str,
    init: bool,
    privileged: bool,
}

struct Pod<'a, 'b> {
    yaml: Yaml<'a>,
    object: &'b Object<'a>,
    spec: Id,
    containers: Vec<Container<'a>>,
}

/// Looks at a workload.
pub fn look(object: &Object<'_>, hits: &mut Hits<'_>) {
    let Some(spec) = spec(object) else { return };
    let yaml = object.yaml;
    let mut containers = Vec::new();
    for (key, init) in [("containers", false), ("initContainers", true)] {
        for &id in yaml.list(spec, key) {
            let name = yaml.text_at(id, "name").unwrap_or_default();
            let context = yaml.get(id, "securityContext");
            let privileged =
                context.and_then(|context| yaml.flag(context, "privileged")) == Some(true);
            containers.push(Container {
                id,
                name,
                init,
                privileged,
            });
        }
    }
    let pod = Pod {
        yaml,
        object,
        spec,
        containers,
    };
    pod.rights(hits);
    pod.host(hits);
    pod.images(hits);
    pod.environment(hits);
    if pod.is_complete() {
        pod.missing(hits);
    }
}

impl Pod<'_, '_> {
    fn what(&self) -> String {
        format!("{} {}", self.object.kind, self.object.name)
    }

    /// A patch leaves out what its base has. A template has `name` and `image` for each container, and mostly a selector.
    fn is_complete(&self) -> bool {
        let yaml = &self.yaml;
        let whole = |container: &Container<'_>| {
            yaml.text_at(container.id, "image").is_some() && !container.name.is_empty()
        };
        let selects = !matches!(
            self.object.kind,
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet"
        ) || yaml.at(self.object.root, &["spec", "selector"]).is_some();
        let windows = yaml
            .at(self.spec, &["os", "name"])
            .or_else(|| yaml.at(self.spec, &["nodeSelector", "kubernetes.io/os"]));
        !self.containers.is_empty()
            && self.containers.iter().all(whole)
            && selects
            && windows.and_then(|os| yaml.text(os)) != Some("windows")
    }

    fn rights(&self, hits: &mut Hits<'_>) {
        let yaml = &self.yaml;
        for container in &self.containers {
            let Some(context) = yaml.get(container.id, "securityContext") else {
                continue;
            };
            let name = container.name;
            if container.privileged {
                hits.push(
                    Kind::KubePrivileged,
                    yaml.range_of(context, "privileged"),
                    format!(
                        "{}: the container {name} is privileged: it owns the node",
                        self.what()
                    ),
                );
            }
            if let Some(capabilities) = yaml.get(context, "capabilities") {
                for (id, capability) in yaml.texts(capabilities, "add") {
                    if is_grave(capability) {
                        hits.push(
                            Kind::KubePrivileged,
                            yaml.range(id),
                            format!(
                                "{}: the container {name} has the capability {capability}",
                                self.what()
                            ),
                        );
                    }
                }
            }
        }
        let contexts = self
            .containers
            .iter()
            .map(|container| container.id)
            .chain([self.spec]);
        for context in contexts.filter_map(|id| yaml.get(id, "securityContext")) {
            for profile in ["seccompProfile", "appArmorProfile"] {
                let Some(profile) = yaml.get(context, profile) else {
                    continue;
                };
                if yaml.text_at(profile, "type") == Some("Unconfined") {
                    hits.graded(
                        Kind::KubePrivileged,
                        Severity::High,
                        yaml.range_of(profile, "type"),
                        format!("{} runs unconfined", self.what()),
                    );
                }
            }
        }
    }

    fn host(&self, hits: &mut Hits<'_>) {
        let yaml = &self.yaml;
        for (key, what) in [
            ("hostNetwork", "network"),
            ("hostPID", "processes"),
            ("hostIPC", "memory between processes"),
        ] {
            if yaml.flag(self.spec, key) == Some(true) {
                hits.push(
                    Kind::KubeHostNamespace,
                    yaml.range_of(self.spec, key),
                    format!("{} shares the node's {what}", self.what()),
                );
            }
        }
        let written = self.written();
        for &volume in yaml.list(self.spec, "volumes") {
            let Some(path) = yaml.at(volume, &["hostPath", "path"]) else {
                continue;
            };
            let Some(text) = yaml.text(path) else {
                continue;
            };
            let name = yaml.text_at(volume, "name").unwrap_or_default();
            let writes = written.contains(name);
            let trimmed = text.trim_end_matches('/');
            let (severity, headline) = if is_socket(text) {
                (
                    Severity::Critical,
                    format!("{} controls the container engine: {text}", self.what()),
                )
            } else if trimmed.is_empty() {
                let (severity, how) = if writes {
                    (Severity::Critical, "writes")
                } else {
                    (Severity::High, "reads")
                };
                (
                    severity,
                    format!("{} {how} the node's whole file system", self.what()),
                )
            } else if writes && is_sensitive(trimmed) {
                (
                    Severity::Medium,
                    format!(
                        "{} writes a folder of the node's system: {text}",
                        self.what()
                    ),
                )
            } else {
                continue;
            };
            hits.graded(Kind::KubeHostMount, severity, yaml.range(path), headline);
        }
    }

    /// The volumes that a container may write.
    fn written(&self) -> BTreeSet<&str> {
        let yaml = &self.yaml;
        let mounts = self
            .containers
            .iter()
            .flat_map(|container| yaml.list(container.id, "volumeMounts"));
        mounts
            .filter(|&&mount| yaml.flag(mount, "readOnly") != Some(true))
            .filter_map(|&mount| yaml.text_at(mount, "name"))
            .collect()
    }

    fn images(&self, hits: &mut Hits<'_>) {
        for container in &self.containers {
            let Some(image) = self
                .yaml
                .text_at(container.id, "image")
                .and_then(Image::parse)
            else {
                continue;
            };
            if let Some(what) = image.moving() {
                hits.push(
                    Kind::KubeUntaggedImage,
                    self.yaml.range_of(container.id, "image"),
                    format!("{}: the image {} {what}", self.what(), image.name),
                );
                hits.unless(Unless::Set(image.name.to_owned()));
            }
        }
    }

    fn environment(&self, hits: &mut Hits<'_>) {
        let yaml = &self.yaml;
        for container in &self.containers {
            for &variable in yaml.list(container.id, "env") {
                let (Some(name), Some(value)) = (
                    yaml.text_at(variable, "name"),
                    yaml.text_at(variable, "value"),
                ) else {
                    continue;
                };
                if secret::is_name(name) {
                    literal(
                        (name, value),
                        yaml,
                        variable,
                        format!("{} has the value of {name}", self.what()),
                        hits,
                    );
                }
            }
        }
    }

    /// The value of a container's security context, or of the pod's.
    fn setting(&self, container: &Container<'_>, keys: &[&str]) -> Option<Id> {
        let of = |id: Id| {
            let context = self.yaml.get(id, "securityContext")?;
            self.yaml.at(context, keys)
        };
        of(container.id).or_else(|| of(self.spec))
    }

    /// Is a switch of the container's own context set? A value that cannot be read counts as set.
    fn own(&self, container: &Container<'_>, key: &str, wanted: bool) -> bool {
        let context = self.yaml.get(container.id, "securityContext");
        context.is_some_and(|context| match self.yaml.flag(context, key) {
            Some(value) => value == wanted,
            None => self.yaml.get(context, key).is_some(),
        })
    }

    fn missing(&self, hits: &mut Hits<'_>) {
        let yaml = &self.yaml;
        self.tell(Kind::KubeEscalation, "may gain rights", hits, |c| {
            c.privileged || self.own(c, "allowPrivilegeEscalation", false)
        });
        self.tell(Kind::KubeRootUser, "may run as root", hits, |c| {
            let text = |key| {
                self.setting(c, &[key])
                    .map(|id| yaml.text(id).unwrap_or("?"))
            };
            text("runAsNonRoot").is_some_and(|value| value != "false")
                || text("runAsUser").is_some_and(|value| value != "0")
        });
        self.tell(
            Kind::KubeWritableRoot,
            "can write to its own file system",
            hits,
            |c| self.own(c, "readOnlyRootFilesystem", true),
        );
        self.tell(Kind::KubeNoSeccomp, "has no seccomp profile", hits, |c| {
            c.privileged || self.setting(c, &["seccompProfile"]).is_some()
        });
        self.tell(
            Kind::KubeNoLimits,
            "has no memory limit, or neither limit nor request for CPU",
            hits,
            |c| {
                let of = |kind, what| yaml.at(c.id, &["resources", kind, what]).is_some();
                let all = yaml.get(c.id, "resources").is_some_and(|resources| {
                    yaml.text(resources).is_some_and(|text| !text.is_empty())
                });
                c.init
                    || all
                    || (of("limits", "memory") && (of("limits", "cpu") || of("requests", "cpu")))
            },
        );
        let namespace = yaml.at(self.object.root, &["metadata", "namespace"]);
        if let Some(namespace) =
            namespace.filter(|&namespace| yaml.text(namespace) == Some("default"))
        {
            hits.push(
                Kind::KubeDefaultNamespace,
                yaml.range(namespace),
                format!("{} is in the default namespace", self.what()),
            );
        }
    }

    /// One finding for all containers for which `holds` is not so.
    fn tell(
        &self,
        kind: Kind,
        what: &str,
        hits: &mut Hits<'_>,
        holds: impl Fn(&Container<'_>) -> bool,
    ) {
        let bad: Vec<&Container<'_>> = self
            .containers
            .iter()
            .filter(|container| !holds(container))
            .collect();
        let Some(first) = bad.first() else { return };
        let names: Vec<&str> = bad.iter().take(3).map(|container| container.name).collect();
        let more = if bad.len() > 3 {
            format!(" and {} more", bad.len() - 3)
        } else {
            String::new()
        };
        let headline = format!("{}: {} {what}{more}", self.what(), names.join(", "));
        hits.push(kind, self.yaml.range_of(first.id, "name"), headline);
    }
}

/// Folders whose writer owns the node.
fn is_sensitive(path: &str) -> bool {
    [
        "/etc",
        "/root",
        "/boot",
        "/usr",
        "/lib",
        "/bin",
        "/sbin",
        "/var",
        "/var/run",
        "/run",
        "/var/lib/kubelet",
        "/var/lib/docker",
        "/var/lib/containerd",
        "/dev",
        "/proc",
        "/sys",
        "/home",
    ]
    .contains(&path)
        || path.starts_with("/etc/kubernetes")
}
