//! Owns what compose files are told.

use std::collections::BTreeMap;

use crate::model::rule::Severity;
use crate::source::yaml::Id;

use super::hit::Hits;
use super::image::Image;
use super::kinds::Kind;
use super::secret;
use super::variables::filled;
use super::yaml::Yaml;

/// Ports that databases, caches, brokers and engines listen at.
const PORTS: [(u16, &str); 22] = [
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2375, "Docker"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (5432, "PostgreSQL"),
    (5601, "Kibana"),
    (5672, "RabbitMQ"),
    (5984, "CouchDB"),
    (6379, "Redis"),
    (7000, "Cassandra"),
    (7474, "Neo4j"),
    (7687, "Neo4j"),
    (8529, "ArangoDB"),
    (9042, "Cassandra"),
    (9200, "Elasticsearch"),
    (9300, "Elasticsearch"),
    (11211, "Memcached"),
    (15672, "RabbitMQ's console"),
    (26257, "CockroachDB"),
    (27017, "MongoDB"),
    (28015, "RethinkDB"),
];

/// The sockets of container engines.
const SOCKETS: [&str; 4] = ["docker.sock", "podman.sock", "containerd.sock", "crio.sock"];

/// Does the path name the socket of a container engine?
#[must_use]
pub fn is_socket(path: &str) -> bool {
    SOCKETS.iter().any(|socket| path.ends_with(socket))
}

/// Is it a compose file: services, at least one with an image or a build?
#[must_use]
pub fn is_compose(yaml: &Yaml<'_>, root: Id) -> bool {
    let services = yaml.get(root, "services");
    services.is_some_and(|services| {
        yaml.get(root, "apiVersion").is_none()
            && yaml.entries(services).iter().any(|&(_, service)| {
                yaml.text_at(service, "image").is_some() || yaml.get(service, "build").is_some()
            })
    })
}

/// Looks at a compose file.
pub fn look(yaml: &Yaml<'_>, root: Id, hits: &mut Hits<'_>) {
    let Some(services) = yaml.get(root, "services") else {
        return;
    };
    for &(key, service) in yaml.entries(services) {
        let name = yaml.text(key).unwrap_or_default();
        rights(yaml, service, name, hits);
        mounts(yaml, service, name, hits);
        environment(yaml, service, name, hits);
        ports(yaml, service, name, hits);
        if yaml.get(service, "build").is_none() {
            image(yaml, service, hits);
        }
    }
}

fn rights(yaml: &Yaml<'_>, service: Id, name: &str, hits: &mut Hits<'_>) {
    if yaml.flag(service, "privileged") == Some(true) {
        hits.push(
            Kind::ComposePrivileged,
            yaml.range_of(service, "privileged"),
            format!("the service {name} is privileged: it owns this machine"),
        );
    }
    for (id, capability) in yaml.texts(service, "cap_add") {
        if is_grave(capability) {
            hits.push(
                Kind::ComposePrivileged,
                yaml.range(id),
                format!("the service {name} has the capability {capability}"),
            );
        }
    }
    for (id, option) in yaml.texts(service, "security_opt") {
        if option.ends_with("unconfined") {
            hits.graded(
                Kind::ComposePrivileged,
                Severity::High,
                yaml.range(id),
                format!("the service {name} runs with {option}"),
            );
        }
    }
    for key in ["network_mode", "pid", "ipc", "userns_mode"] {
        if yaml.text_at(service, key) == Some("host") {
            let what = match key {
                "network_mode" => "network",
                "pid" => "processes",
                "ipc" => "memory between processes",
                _ => "users",
            };
            hits.push(
                Kind::ComposeHostNamespace,
                yaml.range_of(service, key),
                format!("the service {name} shares this machine's {what}"),
            );
        }
    }
}

/// Is it a capability that gives the machine away?
#[must_use]
pub fn is_grave(capability: &str) -> bool {
    let capability = capability.to_ascii_uppercase();
    matches!(
        capability.strip_prefix("CAP_").unwrap_or(&capability),
        "ALL" | "SYS_ADMIN" | "SYS_MODULE"
    )
}

fn mounts(yaml: &Yaml<'_>, service: Id, name: &str, hits: &mut Hits<'_>) {
    for &volume in yaml.list(service, "volumes") {
        let (source, read_only) = match yaml.text(volume) {
            Some(text) => {
                let Some(text) = filled(text, &BTreeMap::new()) else {
                    continue;
                };
                let mut parts = text.split(':');
                let source = parts.next().unwrap_or_default().to_owned();
                if parts.next().is_none() {
                    continue;
                }
                (
                    source,
                    parts
                        .next()
                        .is_some_and(|mode| mode.split(',').any(|word| word == "ro")),
                )
            }
            None => (
                yaml.text_at(volume, "source")
                    .unwrap_or_default()
                    .to_owned(),
                yaml.flag(volume, "read_only") == Some(true),
            ),
        };
        let image = yaml.text_at(service, "image").unwrap_or_default();
        let range = yaml.range(volume);
        if is_socket(&source) {
            // A proxy that filters is what the rule asks for.
            let severity = if image.contains("socket-proxy") {
                Severity::Low
            } else {
                Severity::Critical
            };
            hits.graded(
                Kind::ComposeHostMount,
                severity,
                range,
                format!("the service {name} controls the container engine: {source}"),
            );
        } else if source == "/" {
            let (severity, how) = if read_only {
                (Severity::High, "reads")
            } else {
                (Severity::Critical, "writes")
            };
            hits.graded(
                Kind::ComposeHostMount,
                severity,
                range,
                format!("the service {name} {how} this machine's whole file system"),
            );
        }
    }
}

fn environment(yaml: &Yaml<'_>, service: Id, name: &str, hits: &mut Hits<'_>) {
    let Some(environment) = yaml.get(service, "environment") else {
        return;
    };
    let mut pairs: Vec<(Id, &str, &str)> = Vec::new();
    for &(key, value) in yaml.entries(environment) {
        if let (Some(name), Some(value)) = (yaml.text(key), yaml.text(value)) {
            pairs.push((key, name, value));
        }
    }
    for &item in yaml.items(environment) {
        if let Some((name, value)) = yaml.text(item).and_then(|text| text.split_once('=')) {
            pairs.push((item, name, value));
        }
    }
    for (at, variable, value) in pairs {
        let open = match (variable, value) {
            ("POSTGRES_HOST_AUTH_METHOD", "trust") => true,
            (
                "MYSQL_ALLOW_EMPTY_PASSWORD"
                | "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD"
                | "ALLOW_EMPTY_PASSWORD",
                value,
            ) => {
                matches!(value.to_ascii_lowercase().as_str(), "yes" | "true" | "1")
            }
            _ => false,
        };
        let range = yaml.range(at);
        if open {
            hits.graded(
                Kind::ComposePassword,
                Severity::Medium,
                range,
                format!("the service {name} asks for no password: {variable}={value}"),
            );
        } else if secret::is_name(variable) {
            match secret::value(variable, value) {
                secret::Value::Real => hits.push(
                    Kind::ComposePassword,
                    range,
                    format!("the service {name} has the value of {variable}"),
                ),
                secret::Value::Trivial => hits.graded(
                    Kind::ComposePassword,
                    Severity::Medium,
                    range,
                    format!(
                        "the service {name} has a password that is quickly guessed: {variable}"
                    ),
                ),
                secret::Value::Nothing => {}
            }
        }
    }
}

fn ports(yaml: &Yaml<'_>, service: Id, name: &str, hits: &mut Hits<'_>) {
    for &port in yaml.list(service, "ports") {
        let (host, target) = match yaml.text(port) {
            Some(text) => {
                let Some(text) = filled(text, &BTreeMap::new()) else {
                    continue;
                };
                let (rest, target) = text.rsplit_once(':').unwrap_or(("", &text));
                let host = rest.rsplit_once(':').map_or("", |(host, _)| host);
                (
                    host.to_owned(),
                    target.split('/').next().unwrap_or_default().to_owned(),
                )
            }
            None => (
                yaml.text_at(port, "host_ip").unwrap_or_default().to_owned(),
                yaml.text_at(port, "target").unwrap_or_default().to_owned(),
            ),
        };
        let open = matches!(host.trim_matches(['[', ']']), "" | "0.0.0.0" | "::");
        let known = PORTS
            .iter()
            .find(|(number, _)| target.parse() == Ok(*number));
        if let Some((_, what)) = known.filter(|_| open) {
            hits.push(Kind::ComposeOpenPort, yaml.range(port), format!("every network of this machine reaches {what}: the service {name} publishes {target}"));
        }
    }
}

fn image(yaml: &Yaml<'_>, service: Id, hits: &mut Hits<'_>) {
    let Some(written) = yaml.text_at(service, "image") else {
        return;
    };
    let Some(text) = filled(written, &BTreeMap::new()) else {
        return;
    };
    if let Some(image) = Image::parse(&text)
        && let Some(what) = image.moving()
    {
        let (severity, but) = if written.contains('$') {
            (Severity::Low, ", unless a variable names another")
        } else {
            (Severity::Medium, "")
        };
        hits.graded(
            Kind::ComposeUntaggedImage,
            severity,
            yaml.range_of(service, "image"),
            format!("the image {} {what}{but}", image.name),
        );
    }
}
