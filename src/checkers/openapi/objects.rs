//! Owns the objects of `OpenAPI` 3.0, 3.1 and 3.2 and of Swagger 2.0 as tables: what each may and must have.

use super::shape::{
    ALL, Field, Object, Rest, SINCE31, Shape, V2, V3, V30, V31, V32, may, must, must_in,
};

const TEXT: Shape = Shape::Text;
const TEXTS: Shape = Shape::List(&TEXT);

pub static DOCUMENT: Object = Object {
    name: "OpenAPI",
    fields: &[
        must("openapi", TEXT, V3),
        must("swagger", Shape::Any, V2),
        must("info", Shape::Object(&INFO), ALL),
        may("$self", TEXT, V32),
        may("jsonSchemaDialect", TEXT, SINCE31),
        may("servers", Shape::List(&Shape::Object(&SERVER)), V3),
        must_in("paths", Shape::Object(&PATHS), ALL, V2 | V30),
        may("webhooks", Shape::Map(&Shape::Ref(&PATH_ITEM)), SINCE31),
        may("components", Shape::Object(&COMPONENTS), V3),
        may("security", Shape::List(&Shape::Map(&TEXTS)), ALL),
        may("tags", Shape::List(&Shape::Object(&TAG)), ALL),
        may("externalDocs", Shape::Object(&EXTERNAL_DOCS), ALL),
        may("host", TEXT, V2),
        may("basePath", TEXT, V2),
        may("schemes", Shape::List(&Shape::Word(SCHEMES)), V2),
        may("consumes", TEXTS, V2),
        may("produces", TEXTS, V2),
        may("definitions", Shape::Map(&Shape::Schema), V2),
        may("parameters", Shape::Map(&Shape::Object(&PARAMETER_2)), V2),
        may("responses", Shape::Map(&Shape::Object(&RESPONSE)), V2),
        may(
            "securityDefinitions",
            Shape::Map(&Shape::Object(&SECURITY_2)),
            V2,
        ),
    ],
    rest: Rest::Extensions,
};

const SCHEMES: &[&str] = &["http", "https", "ws", "wss"];

static INFO: Object = Object {
    name: "Info",
    fields: &[
        must("title", TEXT, ALL),
        may("summary", TEXT, SINCE31),
        may("description", TEXT, ALL),
        may("termsOfService", TEXT, ALL),
        may("contact", Shape::Object(&CONTACT), ALL),
        may("license", Shape::Object(&LICENSE), ALL),
        must("version", TEXT, ALL),
    ],
    rest: Rest::Extensions,
};

static CONTACT: Object = Object {
    name: "Contact",
    fields: &[
        may("name", TEXT, ALL),
        may("url", TEXT, ALL),
        may("email", TEXT, ALL),
    ],
    rest: Rest::Extensions,
};

static LICENSE: Object = Object {
    name: "License",
    fields: &[
        must("name", TEXT, ALL),
        may("identifier", TEXT, SINCE31),
        may("url", TEXT, ALL),
    ],
    rest: Rest::Extensions,
};

static SERVER: Object = Object {
    name: "Server",
    fields: &[
        must("url", TEXT, V3),
        may("description", TEXT, V3),
        may("name", TEXT, V32),
        may("variables", Shape::Map(&Shape::Object(&VARIABLE)), V3),
    ],
    rest: Rest::Extensions,
};

static VARIABLE: Object = Object {
    name: "Server Variable",
    fields: &[
        may("enum", TEXTS, V30),
        may("enum", Shape::Filled(&TEXT), SINCE31),
        must("default", TEXT, V3),
        may("description", TEXT, V3),
    ],
    rest: Rest::Extensions,
};

static COMPONENTS: Object = Object {
    name: "Components",
    fields: &[
        may("schemas", Shape::Map(&Shape::Schema), V3),
        may("responses", Shape::Map(&Shape::Ref(&RESPONSE)), V3),
        may("parameters", Shape::Map(&Shape::Ref(&PARAMETER)), V3),
        may("examples", Shape::Map(&Shape::Ref(&EXAMPLE)), V3),
        may("requestBodies", Shape::Map(&Shape::Ref(&REQUEST_BODY)), V3),
        may("headers", Shape::Map(&Shape::Ref(&HEADER)), V3),
        may("securitySchemes", Shape::Map(&Shape::Ref(&SECURITY)), V3),
        may("links", Shape::Map(&Shape::Ref(&LINK)), V3),
        may("callbacks", Shape::Map(&Shape::Ref(&CALLBACK)), V3),
        may("pathItems", Shape::Map(&Shape::Ref(&PATH_ITEM)), SINCE31),
        may("mediaTypes", Shape::Map(&Shape::Ref(&MEDIA_TYPE)), V32),
    ],
    rest: Rest::Extensions,
};

static PATHS: Object = Object {
    name: "Paths",
    fields: &[],
    rest: Rest::Paths(&Shape::Ref(&PATH_ITEM)),
};

pub static PATH_ITEM: Object = Object {
    name: "Path Item",
    fields: &[
        may("$ref", TEXT, ALL),
        may("summary", TEXT, V3),
        may("description", TEXT, V3),
        may("get", Shape::Object(&OPERATION), ALL),
        may("put", Shape::Object(&OPERATION), ALL),
        may("post", Shape::Object(&OPERATION), ALL),
        may("delete", Shape::Object(&OPERATION), ALL),
        may("options", Shape::Object(&OPERATION), ALL),
        may("head", Shape::Object(&OPERATION), ALL),
        may("patch", Shape::Object(&OPERATION), ALL),
        may("trace", Shape::Object(&OPERATION), V3),
        may("query", Shape::Object(&OPERATION), V32),
        may(
            "additionalOperations",
            Shape::Map(&Shape::Object(&OPERATION)),
            V32,
        ),
        may("servers", Shape::List(&Shape::Object(&SERVER)), V3),
        may("parameters", Shape::List(&Shape::Ref(&PARAMETER)), V3),
        may("parameters", Shape::List(&Shape::Ref(&PARAMETER_2)), V2),
    ],
    rest: Rest::Extensions,
};

pub static OPERATION: Object = Object {
    name: "Operation",
    fields: &[
        may("tags", TEXTS, ALL),
        may("summary", TEXT, ALL),
        may("description", TEXT, ALL),
        may("externalDocs", Shape::Object(&EXTERNAL_DOCS), ALL),
        may("operationId", TEXT, ALL),
        may("consumes", TEXTS, V2),
        may("produces", TEXTS, V2),
        may("schemes", Shape::List(&Shape::Word(SCHEMES)), V2),
        may("parameters", Shape::List(&Shape::Ref(&PARAMETER)), V3),
        may("parameters", Shape::List(&Shape::Ref(&PARAMETER_2)), V2),
        may("requestBody", Shape::Ref(&REQUEST_BODY), V3),
        must_in("responses", Shape::Object(&RESPONSES), ALL, V2 | V30),
        may("callbacks", Shape::Map(&Shape::Ref(&CALLBACK)), V3),
        may("deprecated", Shape::Flag, ALL),
        may("security", Shape::List(&Shape::Map(&TEXTS)), ALL),
        may("servers", Shape::List(&Shape::Object(&SERVER)), V3),
    ],
    rest: Rest::Extensions,
};

static EXTERNAL_DOCS: Object = Object {
    name: "External Documentation",
    fields: &[may("description", TEXT, ALL), must("url", TEXT, ALL)],
    rest: Rest::Extensions,
};

const STYLES: &[&str] = &[
    "matrix",
    "label",
    "form",
    "simple",
    "spaceDelimited",
    "pipeDelimited",
    "deepObject",
    "cookie",
];

pub static PARAMETER: Object = Object {
    name: "Parameter",
    fields: &[
        must("name", TEXT, V3),
        must(
            "in",
            Shape::Word(&["query", "header", "path", "cookie"]),
            V30 | V31,
        ),
        must(
            "in",
            Shape::Word(&["query", "querystring", "header", "path", "cookie"]),
            V32,
        ),
        may("description", TEXT, V3),
        may("required", Shape::Flag, V3),
        may("deprecated", Shape::Flag, V3),
        may("allowEmptyValue", Shape::Flag, V3),
        may("style", Shape::Word(STYLES), V3),
        may("explode", Shape::Flag, V3),
        may("allowReserved", Shape::Flag, V3),
        may("schema", Shape::Schema, V3),
        may("example", Shape::Any, V3),
        may("examples", Shape::Map(&Shape::Ref(&EXAMPLE)), V3),
        may("content", Shape::Map(&Shape::Ref(&MEDIA_TYPE)), V3),
    ],
    rest: Rest::Extensions,
};

pub static HEADER: Object = Object {
    name: "Header",
    fields: &[
        may("description", TEXT, ALL),
        may("required", Shape::Flag, V3),
        may("deprecated", Shape::Flag, V3),
        may("allowEmptyValue", Shape::Flag, V3),
        may("style", Shape::Word(&["simple"]), V3),
        may("explode", Shape::Flag, V3),
        may("allowReserved", Shape::Flag, V3),
        may("schema", Shape::Schema, V3),
        may("example", Shape::Any, V3),
        may("examples", Shape::Map(&Shape::Ref(&EXAMPLE)), V3),
        may("content", Shape::Map(&Shape::Ref(&MEDIA_TYPE)), V3),
        must("type", Shape::Word(TYPES_2), V2),
        may("format", TEXT, V2),
        may("items", Shape::Object(&ITEMS_2), V2),
        may("collectionFormat", Shape::Word(FORMATS_2), V2),
        may("default", Shape::Any, V2),
        may("maximum", Shape::Number, V2),
        may("exclusiveMaximum", Shape::Flag, V2),
        may("minimum", Shape::Number, V2),
        may("exclusiveMinimum", Shape::Flag, V2),
        may("maxLength", Shape::Whole, V2),
        may("minLength", Shape::Whole, V2),
        may("pattern", Shape::Regex, V2),
        may("maxItems", Shape::Whole, V2),
        may("minItems", Shape::Whole, V2),
        may("uniqueItems", Shape::Flag, V2),
        may("enum", Shape::Filled(&Shape::Any), V2),
        may("multipleOf", Shape::Number, V2),
    ],
    rest: Rest::Extensions,
};

static REQUEST_BODY: Object = Object {
    name: "Request Body",
    fields: &[
        may("description", TEXT, V3),
        must("content", Shape::Map(&Shape::Ref(&MEDIA_TYPE)), V3),
        may("required", Shape::Flag, V3),
    ],
    rest: Rest::Extensions,
};

pub static MEDIA_TYPE: Object = Object {
    name: "Media Type",
    fields: &[
        may("schema", Shape::Schema, V3),
        may("itemSchema", Shape::Schema, V32),
        may("example", Shape::Any, V3),
        may("examples", Shape::Map(&Shape::Ref(&EXAMPLE)), V3),
        may("encoding", Shape::Map(&Shape::Object(&ENCODING)), V3),
        may(
            "prefixEncoding",
            Shape::List(&Shape::Object(&ENCODING)),
            V32,
        ),
        may("itemEncoding", Shape::Object(&ENCODING), V32),
    ],
    rest: Rest::Extensions,
};

static ENCODING: Object = Object {
    name: "Encoding",
    fields: &[
        may("contentType", TEXT, V3),
        may("headers", Shape::Map(&Shape::Ref(&HEADER)), V3),
        may("style", Shape::Word(STYLES), V3),
        may("explode", Shape::Flag, V3),
        may("allowReserved", Shape::Flag, V3),
        may("encoding", Shape::Map(&Shape::Object(&ENCODING)), V32),
        may(
            "prefixEncoding",
            Shape::List(&Shape::Object(&ENCODING)),
            V32,
        ),
        may("itemEncoding", Shape::Object(&ENCODING), V32),
    ],
    rest: Rest::Extensions,
};

pub static RESPONSES: Object = Object {
    name: "Responses",
    fields: &[],
    rest: Rest::Statuses(&Shape::Ref(&RESPONSE)),
};

pub static RESPONSE: Object = Object {
    name: "Response",
    fields: &[
        may("summary", TEXT, V32),
        must_in("description", TEXT, ALL, V2 | V30 | V31),
        may("headers", Shape::Map(&Shape::Ref(&HEADER)), V3),
        may("headers", Shape::Map(&Shape::Object(&HEADER)), V2),
        may("content", Shape::Map(&Shape::Ref(&MEDIA_TYPE)), V3),
        may("links", Shape::Map(&Shape::Ref(&LINK)), V3),
        may("schema", Shape::Schema, V2),
        may("examples", Shape::Map(&Shape::Any), V2),
    ],
    rest: Rest::Extensions,
};

static CALLBACK: Object = Object {
    name: "Callback",
    fields: &[],
    rest: Rest::Names(&Shape::Ref(&PATH_ITEM)),
};

pub static EXAMPLE: Object = Object {
    name: "Example",
    fields: &[
        may("summary", TEXT, V3),
        may("description", TEXT, V3),
        may("dataValue", Shape::Any, V32),
        may("serializedValue", TEXT, V32),
        may("value", Shape::Any, V3),
        may("externalValue", TEXT, V3),
    ],
    rest: Rest::Extensions,
};

static LINK: Object = Object {
    name: "Link",
    fields: &[
        may("operationRef", TEXT, V3),
        may("operationId", TEXT, V3),
        may("parameters", Shape::Map(&Shape::Any), V3),
        may("requestBody", Shape::Any, V3),
        may("description", TEXT, V3),
        may("server", Shape::Object(&SERVER), V3),
    ],
    rest: Rest::Extensions,
};

static TAG: Object = Object {
    name: "Tag",
    fields: &[
        must("name", TEXT, ALL),
        may("summary", TEXT, V32),
        may("description", TEXT, ALL),
        may("externalDocs", Shape::Object(&EXTERNAL_DOCS), ALL),
        may("parent", TEXT, V32),
        may("kind", TEXT, V32),
    ],
    rest: Rest::Extensions,
};

pub static SECURITY: Object = Object {
    name: "Security Scheme",
    fields: &[
        must(
            "type",
            Shape::Word(&["apiKey", "http", "oauth2", "openIdConnect"]),
            V30,
        ),
        must(
            "type",
            Shape::Word(&["apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"]),
            SINCE31,
        ),
        may("description", TEXT, V3),
        may("name", TEXT, V3),
        may("in", Shape::Word(&["query", "header", "cookie"]), V3),
        may("scheme", TEXT, V3),
        may("bearerFormat", TEXT, V3),
        may("flows", Shape::Object(&FLOWS), V3),
        may("openIdConnectUrl", TEXT, V3),
        may("oauth2MetadataUrl", TEXT, V32),
        may("deprecated", Shape::Flag, V32),
    ],
    rest: Rest::Extensions,
};

static FLOWS: Object = Object {
    name: "OAuth Flows",
    fields: &[
        may("implicit", Shape::Object(&IMPLICIT), V3),
        may("password", Shape::Object(&BY_TOKEN), V3),
        may("clientCredentials", Shape::Object(&BY_TOKEN), V3),
        may("authorizationCode", Shape::Object(&BY_CODE), V3),
        may("deviceAuthorization", Shape::Object(&BY_DEVICE), V32),
    ],
    rest: Rest::Extensions,
};

const SCOPES: Field = must("scopes", Shape::Map(&TEXT), V3);

static IMPLICIT: Object = Object {
    name: "OAuth Flow",
    fields: &[
        must("authorizationUrl", TEXT, V3),
        may("refreshUrl", TEXT, V3),
        SCOPES,
    ],
    rest: Rest::Extensions,
};

static BY_TOKEN: Object = Object {
    name: "OAuth Flow",
    fields: &[
        must("tokenUrl", TEXT, V3),
        may("refreshUrl", TEXT, V3),
        SCOPES,
    ],
    rest: Rest::Extensions,
};

static BY_CODE: Object = Object {
    name: "OAuth Flow",
    fields: &[
        must("authorizationUrl", TEXT, V3),
        must("tokenUrl", TEXT, V3),
        may("refreshUrl", TEXT, V3),
        SCOPES,
    ],
    rest: Rest::Extensions,
};

static BY_DEVICE: Object = Object {
    name: "OAuth Flow",
    fields: &[
        must("deviceAuthorizationUrl", TEXT, V3),
        must("tokenUrl", TEXT, V3),
        may("refreshUrl", TEXT, V3),
        SCOPES,
    ],
    rest: Rest::Extensions,
};

const TYPES_2: &[&str] = &["string", "number", "integer", "boolean", "array"];
const FORMATS_2: &[&str] = &["csv", "ssv", "tsv", "pipes"];

pub static PARAMETER_2: Object = Object {
    name: "Parameter",
    fields: &[
        must("name", TEXT, V2),
        must(
            "in",
            Shape::Word(&["query", "header", "path", "formData", "body"]),
            V2,
        ),
        may("description", TEXT, V2),
        may("required", Shape::Flag, V2),
        may("schema", Shape::Schema, V2),
        may(
            "type",
            Shape::Word(&["string", "number", "integer", "boolean", "array", "file"]),
            V2,
        ),
        may("format", TEXT, V2),
        may("allowEmptyValue", Shape::Flag, V2),
        may("items", Shape::Object(&ITEMS_2), V2),
        may(
            "collectionFormat",
            Shape::Word(&["csv", "ssv", "tsv", "pipes", "multi"]),
            V2,
        ),
        may("default", Shape::Any, V2),
        may("maximum", Shape::Number, V2),
        may("exclusiveMaximum", Shape::Flag, V2),
        may("minimum", Shape::Number, V2),
        may("exclusiveMinimum", Shape::Flag, V2),
        may("maxLength", Shape::Whole, V2),
        may("minLength", Shape::Whole, V2),
        may("pattern", Shape::Regex, V2),
        may("maxItems", Shape::Whole, V2),
        may("minItems", Shape::Whole, V2),
        may("uniqueItems", Shape::Flag, V2),
        may("enum", Shape::Filled(&Shape::Any), V2),
        may("multipleOf", Shape::Number, V2),
    ],
    rest: Rest::Extensions,
};

static ITEMS_2: Object = Object {
    name: "Items",
    fields: &[
        must("type", Shape::Word(TYPES_2), V2),
        may("format", TEXT, V2),
        may("items", Shape::Object(&ITEMS_2), V2),
        may("collectionFormat", Shape::Word(FORMATS_2), V2),
        may("default", Shape::Any, V2),
        may("maximum", Shape::Number, V2),
        may("exclusiveMaximum", Shape::Flag, V2),
        may("minimum", Shape::Number, V2),
        may("exclusiveMinimum", Shape::Flag, V2),
        may("maxLength", Shape::Whole, V2),
        may("minLength", Shape::Whole, V2),
        may("pattern", Shape::Regex, V2),
        may("maxItems", Shape::Whole, V2),
        may("minItems", Shape::Whole, V2),
        may("uniqueItems", Shape::Flag, V2),
        may("enum", Shape::Filled(&Shape::Any), V2),
        may("multipleOf", Shape::Number, V2),
    ],
    rest: Rest::Extensions,
};

static SECURITY_2: Object = Object {
    name: "Security Scheme",
    fields: &[
        must("type", Shape::Word(&["basic", "apiKey", "oauth2"]), V2),
        may("description", TEXT, V2),
        may("name", TEXT, V2),
        may("in", Shape::Word(&["query", "header"]), V2),
        may(
            "flow",
            Shape::Word(&["implicit", "password", "application", "accessCode"]),
            V2,
        ),
        may("authorizationUrl", TEXT, V2),
        may("tokenUrl", TEXT, V2),
        may("scopes", Shape::Map(&TEXT), V2),
    ],
    rest: Rest::Extensions,
};
