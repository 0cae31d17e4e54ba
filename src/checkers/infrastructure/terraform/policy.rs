//! Owns the rule on policies that allow everything.

use serde_json::Value as Json;

use crate::model::rule::Severity;

use super::super::kinds::Kind;
use super::Found;
use super::read::{Block, Value};
use super::scope::Scope;

/// Looks at a block.
#[expect(
    clippy::collapsible_match,
    reason = "what an arm is about, and what it asks"
)]
pub fn look(block: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    match (block.kind.as_str(), block.label(0)) {
        ("data", "aws_iam_policy_document") => {
            for statement in block.inner("statement") {
                let denies =
                    statement.value("effect").is_some() && !scope.is(statement, "effect", "Allow");
                if !denies && !statement.has("condition") && !statement.has("principals") {
                    let (actions, resources) = (
                        scope.list(statement, "actions"),
                        scope.list(statement, "resources"),
                    );
                    judge(&actions, &resources, statement, "actions", found);
                }
            }
        }
        (
            "resource",
            "aws_iam_policy"
            | "aws_iam_role_policy"
            | "aws_iam_user_policy"
            | "aws_iam_group_policy",
        ) => {
            if let Some(json) = block
                .value("policy")
                .and_then(|value| json(value, scope, 8))
            {
                statements(&json, block, found);
            }
        }
        (
            "resource",
            "aws_iam_role_policy_attachment"
            | "aws_iam_user_policy_attachment"
            | "aws_iam_group_policy_attachment"
            | "aws_iam_policy_attachment",
        ) => {
            if scope
                .text(block, "policy_arn")
                .flatten()
                .is_some_and(|arn| arn.ends_with(":policy/AdministratorAccess"))
            {
                let headline = format!("{} gives the rights of an administrator", found.name());
                found.push(
                    Kind::TerraformWildcardPolicy,
                    Severity::High,
                    block,
                    "policy_arn",
                    headline,
                );
            }
        }
        (
            "resource",
            "google_project_iam_member"
            | "google_project_iam_binding"
            | "google_organization_iam_member"
            | "google_folder_iam_member",
        ) => {
            let role = scope.text(block, "role").flatten().unwrap_or_default();
            let severity = match role {
                "roles/owner" => Severity::High,
                "roles/editor" => Severity::Medium,
                _ => return,
            };
            let headline = format!("{} gives {role}", found.name());
            found.push(
                Kind::TerraformWildcardPolicy,
                severity,
                block,
                "role",
                headline,
            );
        }
        ("resource", "azurerm_role_definition") => {
            for permissions in block.inner("permissions") {
                if scope.list(permissions, "actions").contains(&"*") {
                    let headline = format!("{} allows every action", found.name());
                    found.push(
                        Kind::TerraformWildcardPolicy,
                        Severity::High,
                        permissions,
                        "actions",
                        headline,
                    );
                }
            }
        }
        _ => {}
    }
}

fn judge(
    actions: &[&str],
    resources: &[&str],
    block: &Block,
    attribute: &str,
    found: &mut Found<'_>,
) {
    if !resources.contains(&"*") {
        return;
    }
    if actions.contains(&"*") || actions.contains(&"*:*") {
        let headline = format!("{} allows every action on every resource", found.name());
        found.push(
            Kind::TerraformWildcardPolicy,
            Severity::High,
            block,
            attribute,
            headline,
        );
    } else if let Some(action) = actions.iter().find(|action| is_grave(action)) {
        let headline = format!("{} allows {action} on every resource", found.name());
        found.push(
            Kind::TerraformWildcardPolicy,
            Severity::Medium,
            block,
            attribute,
            headline,
        );
    }
}

/// Every action of a service whose resources hold data or rights.
fn is_grave(action: &str) -> bool {
    let services = [
        "iam",
        "s3",
        "sts",
        "kms",
        "secretsmanager",
        "ec2",
        "rds",
        "dynamodb",
        "ssm",
        "lambda",
        "organizations",
        "cloudformation",
    ];
    action
        .split_once(':')
        .is_some_and(|(service, what)| what == "*" && services.contains(&service))
}

/// The statements of a policy in JSON.
fn statements(json: &Json, block: &Block, found: &mut Found<'_>) {
    let statements = match json.get("Statement") {
        Some(Json::Array(all)) => all.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    for statement in statements {
        let texts = |key: &str| -> Vec<&str> {
            match statement.get(key) {
                Some(Json::String(text)) => vec![text],
                Some(Json::Array(all)) => all.iter().filter_map(Json::as_str).collect(),
                _ => Vec::new(),
            }
        };
        let allows = statement.get("Effect").and_then(Json::as_str) == Some("Allow");
        if allows && statement.get("Condition").is_none() {
            judge(&texts("Action"), &texts("Resource"), block, "policy", found);
        }
    }
}

/// A policy as JSON: `jsonencode({...})`, or a text. What is not literal is null.
fn json(value: &Value, scope: &Scope<'_>, depth: usize) -> Option<Json> {
    if depth == 0 {
        return None;
    }
    let inner = |value: &Value| json(value, scope, depth - 1).unwrap_or(Json::Null);
    match scope.resolved(value) {
        Value::Call(name, arguments) if name == "jsonencode" => arguments.first().map(inner),
        Value::Map(pairs) => Some(Json::Object(
            pairs
                .iter()
                .map(|(key, value)| (key.clone(), inner(value)))
                .collect(),
        )),
        Value::List(items) => Some(Json::Array(items.iter().map(inner).collect())),
        Value::Text(text) if text.trim_start().starts_with('{') => serde_json::from_str(text).ok(),
        Value::Template(text) => {
            let (start, end) = (text.find('{')?, text.rfind('}')?);
            serde_json::from_str(&text[start..=end]).ok()
        }
        Value::Text(text) => Some(Json::String(text.clone())),
        _ => None,
    }
}
