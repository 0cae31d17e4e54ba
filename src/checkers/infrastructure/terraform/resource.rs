//! Owns the rules on single resources: public buckets, databases and clusters, encryption, metadata, versions.

use crate::model::rule::Severity;

use super::super::kinds::Kind;
use super::Found;
use super::read::{Block, Value};
use super::scope::Scope;

/// The types that rules look at.
pub const TYPES: &[&str] = &[
    "aws_security_group",
    "aws_default_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "google_compute_firewall",
    "azurerm_network_security_rule",
    "azurerm_network_security_group",
    "aws_iam_policy",
    "aws_iam_role_policy",
    "aws_iam_user_policy",
    "aws_iam_group_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy_attachment",
    "aws_iam_group_policy_attachment",
    "aws_iam_policy_attachment",
    "google_project_iam_member",
    "google_project_iam_binding",
    "google_organization_iam_member",
    "google_folder_iam_member",
    "azurerm_role_definition",
    "aws_s3_bucket",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_public_access_block",
    "google_storage_bucket_iam_member",
    "google_storage_bucket_iam_binding",
    "google_storage_bucket_acl",
    "azurerm_storage_container",
    "azurerm_storage_account",
    "aws_db_instance",
    "aws_rds_cluster_instance",
    "aws_redshift_cluster",
    "aws_dms_replication_instance",
    "aws_mq_broker",
    "google_sql_database_instance",
    "aws_eks_cluster",
    "google_container_cluster",
    "azurerm_kubernetes_cluster",
    "aws_ebs_volume",
    "aws_rds_cluster",
    "aws_efs_file_system",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
    "aws_elasticache_replication_group",
    "aws_elasticsearch_domain",
    "aws_opensearch_domain",
    "aws_kinesis_stream",
    "azurerm_mssql_database",
    "aws_instance",
    "aws_launch_template",
    "aws_launch_configuration",
];

/// Looks at a block.
pub fn look(block: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    match block.kind.as_str() {
        "resource" => {
            bucket(block, scope, found);
            database(block, scope, found);
            cluster(block, scope, found);
            encryption(block, scope, found);
            metadata(block, scope, found);
        }
        "terraform" => providers(block, found),
        "module" => module(block, scope, found),
        _ => {}
    }
}

#[expect(
    clippy::collapsible_match,
    reason = "what an arm is about, and what it asks"
)]
fn bucket(block: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = Kind::TerraformPublicBucket;
    let name = found.name();
    match block.label(0) {
        "aws_s3_bucket" | "aws_s3_bucket_acl" => {
            let acl = scope.text(block, "acl").flatten().unwrap_or_default();
            let may = match acl {
                "public-read" | "authenticated-read" => "read",
                "public-read-write" => "write",
                _ => return,
            };
            found.push(
                kind,
                Severity::Critical,
                block,
                "acl",
                format!("everybody may {may} the bucket {name}"),
            );
        }
        "aws_s3_bucket_public_access_block" => {
            for attribute in [
                "block_public_acls",
                "block_public_policy",
                "ignore_public_acls",
                "restrict_public_buckets",
            ] {
                if scope.is(block, attribute, "false") {
                    found.push(
                        kind,
                        Severity::High,
                        block,
                        attribute,
                        format!("{name} allows a public bucket: {attribute} is false"),
                    );
                    return;
                }
            }
        }
        "google_storage_bucket_iam_member" | "google_storage_bucket_iam_binding" => {
            for attribute in ["member", "members"] {
                if scope
                    .list(block, attribute)
                    .iter()
                    .any(|member| matches!(*member, "allUsers" | "allAuthenticatedUsers"))
                {
                    found.push(
                        kind,
                        Severity::Critical,
                        block,
                        attribute,
                        format!("{name} gives everybody rights on the bucket"),
                    );
                }
            }
        }
        "google_storage_bucket_acl" => {
            if scope
                .text(block, "predefined_acl")
                .flatten()
                .is_some_and(|acl| acl.starts_with("public"))
            {
                found.push(
                    kind,
                    Severity::Critical,
                    block,
                    "predefined_acl",
                    format!("everybody may read the bucket of {name}"),
                );
            }
        }
        "azurerm_storage_container" => {
            if scope.is(block, "container_access_type", "blob")
                || scope.is(block, "container_access_type", "container")
            {
                found.push(
                    kind,
                    Severity::Critical,
                    block,
                    "container_access_type",
                    format!("everybody may read the container {name}"),
                );
            }
        }
        "azurerm_storage_account" => {
            for attribute in [
                "allow_nested_items_to_be_public",
                "allow_blob_public_access",
            ] {
                if scope.is(block, attribute, "true") {
                    found.push(
                        kind,
                        Severity::High,
                        block,
                        attribute,
                        format!("{name} allows public containers"),
                    );
                }
            }
        }
        _ => {}
    }
}

#[expect(
    clippy::collapsible_match,
    reason = "what an arm is about, and what it asks"
)]
fn database(block: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = Kind::TerraformPublicDatabase;
    let name = found.name();
    match block.label(0) {
        "aws_db_instance"
        | "aws_rds_cluster_instance"
        | "aws_redshift_cluster"
        | "aws_dms_replication_instance"
        | "aws_mq_broker" => {
            if scope.is(block, "publicly_accessible", "true") {
                found.push(
                    kind,
                    Severity::Critical,
                    block,
                    "publicly_accessible",
                    format!("{name} has a public address"),
                );
            }
        }
        "google_sql_database_instance" => {
            let networks = block
                .inner("settings")
                .flat_map(|settings| settings.inner("ip_configuration"))
                .flat_map(|configuration| configuration.inner("authorized_networks"));
            for network in networks {
                if scope.is(network, "value", "0.0.0.0/0") {
                    found.push(
                        kind,
                        Severity::Critical,
                        network,
                        "value",
                        format!("the whole internet reaches {name}"),
                    );
                }
            }
        }
        other if other.starts_with("azurerm_") && other.ends_with("_firewall_rule") => {
            if scope.is(block, "start_ip_address", "0.0.0.0")
                && scope.is(block, "end_ip_address", "255.255.255.255")
            {
                found.push(
                    kind,
                    Severity::Critical,
                    block,
                    "end_ip_address",
                    format!("the whole internet reaches the database of {name}"),
                );
            }
        }
        _ => {}
    }
}

fn cluster(block: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    let kind = Kind::TerraformPublicCluster;
    let name = found.name();
    let open = format!("the whole internet reaches the API of {name}");
    match block.label(0) {
        "aws_eks_cluster" => {
            for network in block.inner("vpc_config") {
                let public = match scope.text(network, "endpoint_public_access") {
                    None => true,
                    Some(value) => value == Some("true"),
                };
                let explicit = scope
                    .list(network, "public_access_cidrs")
                    .contains(&"0.0.0.0/0");
                if public && explicit {
                    found.push(
                        kind,
                        Severity::High,
                        network,
                        "public_access_cidrs",
                        open.clone(),
                    );
                } else if public && network.value("public_access_cidrs").is_none() {
                    found.push(
                        kind,
                        Severity::Medium,
                        network,
                        "endpoint_public_access",
                        open.clone(),
                    );
                }
            }
        }
        "google_container_cluster" => {
            let mut networks = block
                .inner("master_authorized_networks_config")
                .flat_map(|config| config.inner("cidr_blocks"));
            if let Some(network) =
                networks.find(|network| scope.is(network, "cidr_block", "0.0.0.0/0"))
            {
                found.push(kind, Severity::High, network, "cidr_block", open);
            } else if !block.has("master_authorized_networks_config")
                && !block.has("private_cluster_config")
                && !block.has("control_plane_endpoints_config")
            {
                found.push(kind, Severity::Medium, block, "", open);
            }
        }
        "azurerm_kubernetes_cluster" => {
            let ranges = block.value("api_server_authorized_ip_ranges").is_some()
                || block.has("api_server_access_profile");
            if block
                .value("private_cluster_enabled")
                .is_none_or(|_| scope.is(block, "private_cluster_enabled", "false"))
                && !ranges
            {
                found.push(kind, Severity::Medium, block, "", open);
            }
        }
        _ => {}
    }
}

/// How a resource says that it is encrypted.
fn encryption(block: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    let attribute = match block.label(0) {
        "aws_ebs_volume" | "aws_efs_file_system" => "encrypted",
        "aws_db_instance" | "aws_rds_cluster" | "aws_docdb_cluster" | "aws_neptune_cluster" => {
            "storage_encrypted"
        }
        "aws_elasticache_replication_group" => "at_rest_encryption_enabled",
        "aws_redshift_cluster" => {
            return switched_off(block, scope, "encrypted", found);
        }
        "azurerm_mssql_database" => {
            return switched_off(block, scope, "transparent_data_encryption_enabled", found);
        }
        "aws_instance" | "aws_launch_configuration" => {
            for kind in ["root_block_device", "ebs_block_device"] {
                for device in block.inner(kind) {
                    switched_off(device, scope, "encrypted", found);
                }
            }
            return;
        }
        "aws_launch_template" => {
            for device in block
                .inner("block_device_mappings")
                .flat_map(|mapping| mapping.inner("ebs"))
            {
                switched_off(device, scope, "encrypted", found);
            }
            return;
        }
        "aws_elasticsearch_domain" | "aws_opensearch_domain" => {
            for inner in block.inner("encrypt_at_rest") {
                switched_off(inner, scope, "enabled", found);
            }
            if !block.has("encrypt_at_rest") {
                missing(block, found);
            }
            return;
        }
        "aws_kinesis_stream" => {
            if block.value("encryption_type").is_none()
                || scope.is(block, "encryption_type", "NONE")
            {
                missing(block, found);
            }
            return;
        }
        _ => return,
    };
    // What is made of another one is as that one is.
    let copied = [
        "snapshot_identifier",
        "replicate_source_db",
        "replication_source_identifier",
        "snapshot_id",
        "global_cluster_identifier",
        "snapshot_name",
        "global_replication_group_id",
        "kms_key_id",
    ];
    if copied.iter().any(|name| block.value(name).is_some())
        || scope.is(block, "engine_mode", "serverless")
        || block.has("restore_to_point_in_time")
    {
        return;
    }
    switched_off(block, scope, attribute, found);
    if block.value(attribute).is_none() {
        missing(block, found);
    }
}

fn switched_off(inner: &Block, scope: &Scope<'_>, attribute: &str, found: &mut Found<'_>) {
    if scope.is(inner, attribute, "false") {
        let headline = format!(
            "{} is not encrypted at rest: {attribute} is false",
            found.name()
        );
        found.push(
            Kind::TerraformUnencrypted,
            Severity::High,
            inner,
            attribute,
            headline,
        );
    }
}

fn missing(block: &Block, found: &mut Found<'_>) {
    let headline = format!(
        "{} is not encrypted at rest, as is its default",
        found.name()
    );
    found.push(
        Kind::TerraformUnencrypted,
        Severity::Medium,
        block,
        "",
        headline,
    );
}

fn metadata(block: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    if !matches!(
        block.label(0),
        "aws_instance" | "aws_launch_template" | "aws_launch_configuration"
    ) {
        return;
    }
    let name = found.name();
    let kind = Kind::TerraformImdsV1;
    for options in block.inner("metadata_options") {
        if scope.is(options, "http_tokens", "optional")
            && !scope.is(options, "http_endpoint", "disabled")
        {
            found.push(
                kind,
                Severity::High,
                options,
                "http_tokens",
                format!("{name} answers metadata requests without a token"),
            );
        }
    }
    if !block.has("metadata_options") && !block.has("launch_template") {
        found.push(
            kind,
            Severity::Medium,
            block,
            "",
            format!("{name} may answer metadata requests without a token"),
        );
    }
}

fn providers(block: &Block, found: &mut Found<'_>) {
    for required in block.inner("required_providers") {
        for attribute in &required.attributes {
            if let Value::Map(pairs) = &attribute.value
                && !pairs
                    .iter()
                    .any(|(key, _)| key == "version" || key == "configuration_aliases")
            {
                let headline = format!("the provider {} has no version", attribute.name);
                found.push(
                    Kind::TerraformUnpinned,
                    Severity::Low,
                    required,
                    &attribute.name,
                    headline,
                );
            }
        }
    }
}

fn module(block: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    let Some(source) = scope.text(block, "source").flatten() else {
        return;
    };
    let git = source.starts_with("git::")
        || source.starts_with("git@")
        || source.starts_with("github.com/")
        || source.contains(".git");
    // Up to a registry's name: `hashicorp/consul/aws`.
    let registry = !git
        && !source.starts_with(['.', '/'])
        && !source.contains("://")
        && source
            .split("//")
            .next()
            .is_some_and(|name| matches!(name.split('/').count(), 3 | 4));
    let name = block.label(0);
    if git && !source.contains("ref=") {
        found.push(
            Kind::TerraformUnpinned,
            Severity::Low,
            block,
            "source",
            format!("the module {name} follows a branch"),
        );
    } else if registry && block.value("version").is_none() {
        found.push(
            Kind::TerraformUnpinned,
            Severity::Low,
            block,
            "source",
            format!("the module {name} has no version"),
        );
    }
}
