//! What is shipped: packs, the schema, the examples of the documentation.

use jsonschema::validator_for;
use qgate::base::node::{Kind, Node};
use qgate::config::{Request, load, packs, schema, validate, yaml};
use serde_json::{Value, json};

use super::{Files, told, variable};

fn files() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = packs::ALL
        .iter()
        .map(|(name, text)| (format!("pack {name}"), (*text).to_owned()))
        .collect();
    all.push(("defaults".to_owned(), packs::DEFAULTS.to_owned()));
    all.push(("docs".to_owned(), documented()));
    all.extend(in_repository());
    all
}

/// The gate files of this repository itself and of its examples.
fn in_repository() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.to_owned()];
    let examples = std::fs::read_dir(root.join("examples"))
        .into_iter()
        .flatten();
    folders.extend(examples.map(|entry| entry.expect("it can be read").path()));
    let paths = folders
        .iter()
        .flat_map(|folder| ["qgate.yaml", ".qgate/qgate.yaml"].map(|name| folder.join(name)));
    let texts = paths.filter_map(|path| {
        Some((
            path.display().to_string(),
            std::fs::read_to_string(&path).ok()?,
        ))
    });
    texts.collect()
}

/// The first YAML example of the page about gate files.
fn documented() -> String {
    let page = include_str!("../../docs/gate-files.md");
    let (_, rest) = page
        .split_once("```yaml\n")
        .expect("the page has an example");
    let (example, _) = rest.split_once("```").expect("the example ends");
    example.to_owned()
}

fn json_of(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(b) => json!(b),
        Kind::Int(n) => json!(n),
        Kind::Float(n) => json!(n),
        Kind::Str(text) => json!(text),
        Kind::Seq(items) => items.iter().map(json_of).collect(),
        Kind::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|(k, v)| (k.name.clone(), json_of(v)))
                .collect(),
        ),
    }
}

fn errors(text: &str) -> Vec<String> {
    let text = yaml::text("x", text.as_bytes(), true).expect("plain text");
    let node = yaml::parse(&text).unwrap_or_else(|p| panic!("{}", told(&p)));
    let validator = validator_for(&schema()).expect("the schema is one");
    let value = json_of(&node);
    validator
        .iter_errors(&value)
        .map(|e| format!("{} at {}", e, e.instance_path()))
        .collect()
}

#[test]
fn every_shipped_file_fits_the_schema() {
    for (name, text) in files() {
        assert_eq!(errors(&text), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    for bad in [
        "gats: {}",
        "version: 2",
        "gates: { a: { levl: x } }",
        "gates: { a: { checks: [{ nothing: {} }] } }",
        "gates: { a: { checks: [{ timeout: 5m }] } }",
        "score: { weights: { security: -1 } }",
    ] {
        assert!(!errors(bad).is_empty(), "{bad}");
    }
}

/// What the gates of packs ask for, so that none is left out.
fn of_a_project(name: &str) -> Option<String> {
    let value = match name {
        "API_PID_FILE" | "SERVICE_PID_FILE" => "/run/api.pid",
        "BENCHMARK" => "out/bench",
        "BUNDLE" => "dist/**",
        "HEALTH_URL" | "SERVICE_URL" => "http://api.test/health",
        "INTEGRATION_COVERAGE" => "out/integration.info",
        "JOURNEY_RESULTS" => "out/journeys.xml",
        "LIGHTHOUSE_REPORT" => "out/lighthouse.json",
        "LOAD_HOST" => "api.test",
        "OPENAPI" => "api/openapi.yaml",
        "OPENAPI_URL" => "http://api.test",
        _ => return variable(name),
    };
    Some(value.to_owned())
}

#[test]
fn every_pack_loads_without_notices() {
    for (name, _) in packs::ALL {
        let text = format!("extends: [{name}]\n");
        let told_of = validate(
            &Request::default(),
            &Files::of(&[("qgate.yaml", &text)]),
            &of_a_project,
        );
        let mut notices = told_of.unwrap_or_else(|p| panic!("{name}: {}", told(&p)));
        // The environments of `pipeline` set levels: that is what they are there for.
        notices.retain(|notice| *name != "pipeline" || !notice.contains(": level is "));
        assert_eq!(notices, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_documented_example_loads() {
    let text = documented();
    assert!(text.lines().count() <= 24, "the example is to stay short");
    let files = Files::of(&[("qgate.yaml", &text)]);
    validate(&Request::default(), &files, &variable).unwrap_or_else(|p| panic!("{}", told(&p)));
}

#[test]
fn every_gate_file_of_the_repository_loads() {
    for (name, text) in in_repository() {
        let told_of = validate(
            &Request::default(),
            &Files::of(&[("qgate.yaml", &text)]),
            &variable,
        );
        told_of.unwrap_or_else(|p| panic!("{name}: {}", told(&p)));
    }
}

#[test]
fn without_a_configuration_the_recommended_pack_applies() {
    for ci in [false, true] {
        let request = Request {
            ci,
            ..Request::default()
        };
        let plan =
            load(&request, &Files::default(), &variable).unwrap_or_else(|p| panic!("{}", told(&p)));
        assert!(!plan.configured);
        assert_eq!(plan.score.minimum, None);
        assert_eq!(plan.sources, ["pack recommended"]);
        assert!(!plan.gates.is_empty());
        assert_eq!(plan.notices, Vec::<String>::new());
    }
}
