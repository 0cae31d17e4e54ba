//! Owns the rule on credentials that stand in Terraform: attributes, defaults of variables, start scripts.

use crate::model::rule::Severity;

use super::super::hit::Hits;
use super::super::kinds::Kind;
use super::super::secret;
use super::read::{Block, Value};

/// Looks at a block and those in it.
pub fn look(block: &Block, hits: &mut Hits<'_>) {
    match block.kind.as_str() {
        "variable" if secret::is_name(block.label(0)) => {
            literal(block, "default", block.label(0), hits);
        }
        "resource" | "provider" | "module" => inside(block, hits),
        _ => {}
    }
}

fn inside(block: &Block, hits: &mut Hits<'_>) {
    for attribute in &block.attributes {
        let name = attribute.name.as_str();
        match &attribute.value {
            Value::Text(_) if secret::is_name(name) => literal(block, name, name, hits),
            Value::Map(pairs) => {
                for (key, value) in pairs {
                    if let Value::Text(text) = value
                        && secret::is_name(key)
                    {
                        tell(text, block, name, key, hits);
                    }
                }
            }
            value
                if matches!(
                    name,
                    "user_data" | "user_data_base64" | "custom_data" | "metadata_startup_script"
                ) =>
            {
                script(value, block, name, hits);
            }
            _ => {}
        }
    }
    // Blocks are read to a fixed depth.
    for inner in &block.blocks {
        inside(inner, hits);
    }
}

fn literal(block: &Block, attribute: &str, name: &str, hits: &mut Hits<'_>) {
    if let Some(Value::Text(text)) = block.value(attribute) {
        tell(text, block, attribute, name, hits);
    }
}

fn tell(text: &str, block: &Block, attribute: &str, name: &str, hits: &mut Hits<'_>) {
    let severity = match secret::value(name, text) {
        secret::Value::Nothing => return,
        secret::Value::Trivial => Severity::Medium,
        secret::Value::Real => Severity::High,
    };
    let Some(attribute) = block.attribute(attribute) else {
        return;
    };
    let start = attribute.span;
    hits.at(
        Kind::TerraformSecret,
        severity,
        start,
        format!("the value of {name} stands here"),
    );
}

/// `NAME=value` in a start script.
fn script(value: &Value, block: &Block, attribute: &str, hits: &mut Hits<'_>) {
    let text = match value {
        Value::Text(text) | Value::Template(text) => text,
        Value::Call(_, arguments) => match arguments.first() {
            Some(Value::Text(text) | Value::Template(text)) => text,
            _ => return,
        },
        _ => return,
    };
    for line in text.lines() {
        let line = line.trim().trim_start_matches("export ");
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let value = value.trim_matches(['"', '\'', ' ']);
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && secret::is_name(name)
            && secret::value(name, value) == secret::Value::Real
        {
            tell(value, block, attribute, name, hits);
        }
    }
}
