//! Owns CycloneDX 1.6 in JSON. Pure.

use std::collections::BTreeSet;

use serde::Serialize;

use super::bill::{Bill, Component, Licence, ROOT, Scope};
use super::uuid;
use crate::base::ascii;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Entry<'a>>,
    dependencies: Vec<Needs<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compositions: Vec<Composition<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: String,
    lifecycles: [Lifecycle; 1],
    tools: Tools,
    component: Entry<'a>,
}

#[derive(Serialize)]
struct Lifecycle {
    phase: &'static str,
}

#[derive(Serialize)]
struct Tools {
    components: [Tool; 1],
}

#[derive(Serialize)]
struct Tool {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Sum<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<&'a str>,
    #[serde(rename = "externalReferences", skip_serializing_if = "Vec::is_empty")]
    external: Vec<Link<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence<'a>>,
}

#[derive(Serialize)]
struct Sum<'a> {
    alg: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Choice<'a> {
    License(License<'a>),
    #[serde(untagged)]
    Expression {
        expression: &'a str,
        acknowledgement: &'static str,
    },
}

#[derive(Serialize)]
struct License<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    acknowledgement: &'static str,
}

#[derive(Serialize)]
struct Link<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Evidence<'a> {
    occurrences: Vec<Occurrence<'a>>,
}

#[derive(Serialize)]
struct Occurrence<'a> {
    location: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct Needs<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    #[serde(rename = "dependsOn", skip_serializing_if = "BTreeSet::is_empty")]
    depends_on: BTreeSet<&'a str>,
}

#[derive(Serialize)]
struct Composition<'a> {
    aggregate: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assemblies: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<&'a str>,
}

/// The bill, with a line feed at the end. Plain ASCII.
#[must_use]
pub fn render(bill: &Bill) -> String {
    let mut document = document(bill);
    let body = serde_json::to_string(&document).expect("its keys are text");
    document.serial_number = format!("urn:uuid:{}", uuid(&body));
    let text = serde_json::to_string_pretty(&document).expect("its keys are text");
    ascii::json(&text) + "\n"
}

fn document(bill: &Bill) -> Document<'_> {
    let root = Entry {
        version: bill.head.version.as_deref(),
        ..named("application", ROOT, &bill.head.name)
    };
    let mut dependencies = vec![Needs {
        reference: ROOT,
        depends_on: bill.needs.iter().map(String::as_str).collect(),
    }];
    dependencies.extend(bill.components.iter().map(|(reference, component)| Needs {
        reference,
        depends_on: component.needs.iter().map(String::as_str).collect(),
    }));
    let mut compositions = Vec::new();
    if !bill.incomplete.is_empty() {
        compositions.push(Composition {
            aggregate: "incomplete",
            assemblies: vec![ROOT],
            dependencies: Vec::new(),
        });
    }
    if !bill.adrift.is_empty() {
        // Somebody needs those that are adrift, and nobody tells who.
        compositions.push(Composition {
            aggregate: "unknown",
            assemblies: Vec::new(),
            dependencies: std::iter::once(ROOT)
                .chain(bill.components.keys().map(String::as_str))
                .collect(),
        });
    }
    Document {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: String::new(),
        version: 1,
        metadata: Metadata {
            timestamp: bill.head.time(),
            lifecycles: [Lifecycle { phase: "pre-build" }],
            tools: Tools {
                components: [Tool {
                    kind: "application",
                    name: "qgate",
                    version: env!("CARGO_PKG_VERSION"),
                }],
            },
            component: root,
        },
        components: bill
            .components
            .iter()
            .map(|(reference, component)| entry(reference, component))
            .collect(),
        dependencies,
        compositions,
    }
}

fn named<'a>(kind: &'static str, reference: &'a str, name: &'a str) -> Entry<'a> {
    Entry {
        kind,
        reference,
        group: None,
        name,
        version: None,
        scope: None,
        hashes: Vec::new(),
        licenses: Vec::new(),
        purl: None,
        external: Vec::new(),
        evidence: None,
    }
}

fn entry<'a>(reference: &'a str, component: &'a Component) -> Entry<'a> {
    let kind = if component.own {
        "application"
    } else {
        "library"
    };
    let archives = component.archives.iter().map(|url| Link {
        kind: "distribution",
        url,
    });
    let repository = component
        .repository
        .iter()
        .map(|url| Link { kind: "vcs", url });
    let occurrences = component.places.iter().map(|(location, line)| Occurrence {
        location,
        line: *line,
    });
    Entry {
        group: component.group.as_deref(),
        version: component.version.as_deref(),
        scope: Some(match component.scope {
            Scope::Required => "required",
            Scope::Optional => "optional",
            Scope::Development => "excluded",
        }),
        hashes: component
            .hashes
            .iter()
            .map(|(algorithm, content)| Sum {
                alg: algorithm.cyclonedx(),
                content,
            })
            .collect(),
        licenses: component.licence.iter().map(licence).collect(),
        purl: component.purl.as_deref(),
        external: archives.chain(repository).collect(),
        evidence: Some(Evidence {
            occurrences: occurrences.collect(),
        }),
        ..named(kind, reference, &component.name)
    }
}

fn licence(licence: &Licence) -> Choice<'_> {
    let acknowledgement = "declared";
    match licence {
        Licence::Id(id) => Choice::License(License {
            id: Some(id),
            name: None,
            acknowledgement,
        }),
        Licence::Text(name) => Choice::License(License {
            id: None,
            name: Some(name),
            acknowledgement,
        }),
        Licence::Expression(expression) => Choice::Expression {
            expression,
            acknowledgement,
        },
    }
}
