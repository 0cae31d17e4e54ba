//! Owns the rules for roles and their bindings.

use crate::model::rule::Severity;
use crate::source::yaml::Id;

use super::super::hit::Hits;
use super::super::kinds::Kind;
use super::Object;

/// Looks at a role, of a namespace or of the cluster.
pub fn role(object: &Object<'_>, hits: &mut Hits<'_>) {
    for &rule in object.yaml.list(object.root, "rules") {
        grant(object, rule, hits);
    }
}

fn grant(object: &Object<'_>, rule: Id, hits: &mut Hits<'_>) {
    let yaml = &object.yaml;
    let texts = |key: &str| -> Vec<&str> { yaml.texts(rule, key).map(|(_, text)| text).collect() };
    let (groups, resources, verbs) = (texts("apiGroups"), texts("resources"), texts("verbs"));
    let named = !yaml.list(rule, "resourceNames").is_empty();
    let wide = object.kind == "ClusterRole";
    let what = format!("{} {}", object.kind, object.name);
    let core = groups.contains(&"*") || groups.contains(&"");
    let reads = verbs
        .iter()
        .any(|verb| matches!(*verb, "get" | "list" | "watch"));
    let range = yaml.range_of(
        rule,
        if resources.contains(&"*") {
            "resources"
        } else {
            "verbs"
        },
    );
    if named || resources.is_empty() {
        return;
    }
    if resources.contains(&"*") && groups.contains(&"*") && verbs.contains(&"*") {
        let severity = if wide {
            Severity::Critical
        } else {
            Severity::High
        };
        hits.graded(
            Kind::KubeWildcardRole,
            severity,
            range,
            format!("{what} may do everything with everything"),
        );
        return;
    }
    if resources.contains(&"*") && core {
        let (severity, may) = if verbs.contains(&"*") {
            (
                Severity::High,
                "do everything with everything of the core group",
            )
        } else if reads {
            (Severity::High, "read every resource, secrets too")
        } else {
            (Severity::Medium, "change every resource")
        };
        hits.graded(
            Kind::KubeWildcardRole,
            severity,
            range,
            format!("{what} may {may}"),
        );
        return;
    }
    if verbs.contains(&"*") || resources.contains(&"*") {
        // An operator owns the resources of its own group.
        hits.graded(
            Kind::KubeWildcardRole,
            Severity::Low,
            range.clone(),
            format!("{what} names a * for verbs or resources"),
        );
    }
    let has = |name: &str| resources.contains(&name) && core;
    if has("secrets") && (reads || verbs.contains(&"*")) {
        let (severity, whose) = if wide {
            (Severity::High, "every secret")
        } else {
            (Severity::Medium, "every secret of its namespace")
        };
        hits.graded(
            Kind::KubeSecretsAccess,
            severity,
            range.clone(),
            format!("{what} may read {whose}"),
        );
    }
    let roles = resources
        .iter()
        .any(|resource| matches!(*resource, "roles" | "clusterroles"));
    for verb in ["escalate", "bind"] {
        if verbs.contains(&verb) && roles {
            hits.push(
                Kind::KubeEscalatingRole,
                range.clone(),
                format!("{what} may {verb} roles that have more rights than it has"),
            );
        }
    }
    if verbs.contains(&"impersonate") {
        hits.push(
            Kind::KubeEscalatingRole,
            range,
            format!("{what} may act as others"),
        );
    }
}

/// Looks at the binding of a role.
pub fn binding(object: &Object<'_>, hits: &mut Hits<'_>) {
    let yaml = &object.yaml;
    let Some(reference) = yaml.get(object.root, "roleRef") else {
        return;
    };
    let role = yaml.text_at(reference, "name").unwrap_or_default();
    let what = format!("{} {}", object.kind, object.name);
    if role == "cluster-admin" {
        let severity = if object.kind == "ClusterRoleBinding" {
            Severity::Critical
        } else {
            Severity::High
        };
        hits.graded(
            Kind::KubeClusterAdmin,
            severity,
            yaml.range_of(reference, "name"),
            format!("{what} gives the rights of the cluster's administrator"),
        );
    }
    // Kubernetes itself lets everybody read the version.
    if role.starts_with("system:") || role.starts_with("kubeadm:") {
        return;
    }
    for &subject in yaml.list(object.root, "subjects") {
        let name = yaml.text_at(subject, "name").unwrap_or_default();
        if matches!(name, "system:anonymous" | "system:unauthenticated") {
            hits.push(
                Kind::KubeAnonymous,
                yaml.range_of(subject, "name"),
                format!("{what} gives rights to people who have not logged in"),
            );
        }
    }
}
