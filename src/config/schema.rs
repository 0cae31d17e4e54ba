//! Owns the JSON schema of gate files, made from the types that read them and the checkers' options.

use schemars::{JsonSchema as _, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value, json};

use crate::checkers;

use super::file::{CheckFields, GateFile};

/// The JSON schema (draft 2020-12) of a gate file.
#[must_use]
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let schema = GateFile::json_schema(&mut generator);
    let mut value = schema.to_value();
    if let Value::Object(root) = &mut value {
        root.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        root.insert("title".to_owned(), json!("qgate gate file"));
        root.insert(
            "$defs".to_owned(),
            Value::Object(generator.take_definitions(true)),
        );
    }
    value
}

/// The schema of one check: the common keys, and exactly one checker's.
pub fn check(generator: &mut SchemaGenerator) -> Schema {
    let mut common = CheckFields::json_schema(generator).to_value();
    let mut properties = match common.get_mut("properties").map(Value::take) {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    };
    let mut one_of = Vec::new();
    for checker in checkers::ALL {
        let options = (checker.schema)(generator).to_value();
        let described = json!({
            "description": checker.summary,
            "anyOf": [options, { "type": "null" }],
        });
        properties.insert(checker.name.to_owned(), described);
        one_of.push(json!({ "required": [checker.name] }));
    }
    json_schema!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "oneOf": one_of,
    })
}
