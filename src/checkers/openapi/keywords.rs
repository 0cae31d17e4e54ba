//! Owns the keywords of Schema Objects as a table: those of Swagger 2.0 and `OpenAPI` 3.0, and of JSON Schema since 3.1.

use super::shape::{ALL, Object, Rest, SINCE31, Shape, V2, V3, V30, V31, V32, may, must};

const TEXT: Shape = Shape::Text;
const SCHEMAS: Shape = Shape::Map(&Shape::Schema);
const BEFORE31: u8 = V2 | V30;

pub static SCHEMA: Object = Object {
    name: "Schema",
    fields: &[
        may("type", Shape::Type, ALL),
        may("title", TEXT, ALL),
        may("description", TEXT, ALL),
        may("format", TEXT, ALL),
        may("default", Shape::Any, ALL),
        may("enum", Shape::Filled(&Shape::Any), BEFORE31),
        may("enum", Shape::List(&Shape::Any), SINCE31),
        may("const", Shape::Any, SINCE31),
        may("multipleOf", Shape::Number, ALL),
        may("maximum", Shape::Number, ALL),
        may("minimum", Shape::Number, ALL),
        may("exclusiveMaximum", Shape::Exclusive, ALL),
        may("exclusiveMinimum", Shape::Exclusive, ALL),
        may("maxLength", Shape::Whole, ALL),
        may("minLength", Shape::Whole, ALL),
        may("pattern", Shape::Regex, ALL),
        may("maxItems", Shape::Whole, ALL),
        may("minItems", Shape::Whole, ALL),
        may("uniqueItems", Shape::Flag, ALL),
        may("maxProperties", Shape::Whole, ALL),
        may("minProperties", Shape::Whole, ALL),
        may("required", Shape::Filled(&TEXT), BEFORE31),
        may("required", Shape::List(&TEXT), SINCE31),
        may("items", Shape::Schema, V30),
        may("items", Shape::SchemaOrList, V2),
        may("items", Shape::SchemaOrFlag, SINCE31),
        may("allOf", Shape::List(&Shape::Schema), BEFORE31),
        may("allOf", Shape::Filled(&Shape::SchemaOrFlag), SINCE31),
        may("anyOf", Shape::List(&Shape::Schema), V30),
        may("anyOf", Shape::Filled(&Shape::SchemaOrFlag), SINCE31),
        may("oneOf", Shape::List(&Shape::Schema), V30),
        may("oneOf", Shape::Filled(&Shape::SchemaOrFlag), SINCE31),
        may("not", Shape::Schema, V30),
        may("not", Shape::SchemaOrFlag, SINCE31),
        may("properties", SCHEMAS, BEFORE31),
        may("properties", Shape::Map(&Shape::SchemaOrFlag), SINCE31),
        may("additionalProperties", Shape::SchemaOrFlag, ALL),
        may("readOnly", Shape::Flag, ALL),
        may("writeOnly", Shape::Flag, V3),
        may("nullable", Shape::Flag, V30),
        may("deprecated", Shape::Flag, V3),
        may("discriminator", TEXT, V2),
        may("discriminator", Shape::Object(&DISCRIMINATOR), V3),
        may("xml", Shape::Object(&XML), ALL),
        may("externalDocs", Shape::Object(&DOCS), ALL),
        may("example", Shape::Any, ALL),
        may("examples", Shape::List(&Shape::Any), SINCE31),
        may("prefixItems", Shape::Filled(&Shape::SchemaOrFlag), SINCE31),
        may("contains", Shape::SchemaOrFlag, SINCE31),
        may("maxContains", Shape::Whole, SINCE31),
        may("minContains", Shape::Whole, SINCE31),
        may(
            "patternProperties",
            Shape::Map(&Shape::SchemaOrFlag),
            SINCE31,
        ),
        may("propertyNames", Shape::SchemaOrFlag, SINCE31),
        may(
            "dependentSchemas",
            Shape::Map(&Shape::SchemaOrFlag),
            SINCE31,
        ),
        may(
            "dependentRequired",
            Shape::Map(&Shape::List(&TEXT)),
            SINCE31,
        ),
        may("dependencies", Shape::Dependencies, SINCE31),
        may("if", Shape::SchemaOrFlag, SINCE31),
        may("then", Shape::SchemaOrFlag, SINCE31),
        may("else", Shape::SchemaOrFlag, SINCE31),
        may("unevaluatedItems", Shape::SchemaOrFlag, SINCE31),
        may("unevaluatedProperties", Shape::SchemaOrFlag, SINCE31),
        may("contentEncoding", TEXT, SINCE31),
        may("contentMediaType", TEXT, SINCE31),
        may("contentSchema", Shape::SchemaOrFlag, SINCE31),
        may("$defs", Shape::Map(&Shape::SchemaOrFlag), SINCE31),
        may("definitions", Shape::Map(&Shape::SchemaOrFlag), SINCE31),
        may("$ref", TEXT, ALL),
        may("$dynamicRef", TEXT, SINCE31),
        may("$anchor", TEXT, SINCE31),
        may("$dynamicAnchor", TEXT, SINCE31),
        may("$id", TEXT, SINCE31),
        may("$schema", TEXT, SINCE31),
        may("$comment", TEXT, SINCE31),
        may("$vocabulary", Shape::Map(&Shape::Flag), SINCE31),
    ],
    rest: Rest::Keywords,
};

static DISCRIMINATOR: Object = Object {
    name: "Discriminator",
    fields: &[
        must("propertyName", TEXT, V3),
        may("mapping", Shape::Map(&TEXT), V3),
        may("defaultMapping", TEXT, V32),
    ],
    rest: Rest::Extensions,
};

static XML: Object = Object {
    name: "XML",
    fields: &[
        may("nodeType", TEXT, V32),
        may("name", TEXT, ALL),
        may("namespace", TEXT, ALL),
        may("prefix", TEXT, ALL),
        may("attribute", Shape::Flag, ALL),
        may("wrapped", Shape::Flag, ALL),
    ],
    rest: Rest::Extensions,
};

static DOCS: Object = Object {
    name: "External Documentation",
    fields: &[
        may("description", TEXT, V2 | V30 | V31 | V32),
        must("url", TEXT, ALL),
    ],
    rest: Rest::Extensions,
};
