//! Owns SPDX 2.3 in JSON. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bill::{Bill, Component, Licence, ROOT, Scope};
use super::uuid;
use crate::base::ascii;
use crate::base::digest::Digest;

/// Where documents get their names from that have no place of their own.
const NAMESPACE: &str = "https://spdx.org/spdxdocs";

const NOBODY_KNOWS: &str = "NOASSERTION";
const ROOT_ID: &str = "SPDXRef-Root";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: &'a str,
    #[serde(rename = "documentNamespace")]
    namespace: String,
    creation_info: Creation,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    packages: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    has_extracted_licensing_infos: Vec<Extracted>,
    relationships: Vec<Relationship<'a>>,
}

#[derive(Serialize)]
struct Creation {
    created: String,
    creators: [String; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(rename = "SPDXID")]
    id: &'a str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_info: Option<&'a str>,
    primary_package_purpose: &'static str,
    download_location: String,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<Sum<'a>>,
    license_concluded: &'static str,
    license_declared: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_comments: Option<String>,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_info: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<Reference<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sum<'a> {
    algorithm: &'static str,
    checksum_value: &'a str,
}

#[derive(Serialize)]
struct Reference<'a> {
    #[serde(rename = "referenceCategory")]
    category: &'static str,
    #[serde(rename = "referenceType")]
    kind: &'static str,
    #[serde(rename = "referenceLocator")]
    locator: &'a str,
}

#[derive(Serialize)]
struct Extracted {
    #[serde(rename = "licenseId")]
    id: String,
    #[serde(rename = "extractedText")]
    text: String,
    name: String,
}

#[derive(Serialize)]
struct Relationship<'a> {
    #[serde(rename = "spdxElementId")]
    of: &'a str,
    #[serde(rename = "relationshipType")]
    kind: &'static str,
    #[serde(rename = "relatedSpdxElement")]
    to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'static str>,
}

/// The bill, with a line feed at the end. Plain ASCII.
#[must_use]
pub fn render(bill: &Bill) -> String {
    let ids: BTreeMap<&str, String> = bill
        .components
        .iter()
        .map(|(reference, component)| (reference.as_str(), id(reference, component)))
        .collect();
    let mut document = document(bill, &ids);
    let body = serde_json::to_string(&document).expect("its keys are text");
    let name = plain(&bill.head.name);
    document.namespace = format!("{NAMESPACE}/{name}-{}", uuid(&body));
    let text = serde_json::to_string_pretty(&document).expect("its keys are text");
    ascii::json(&text) + "\n"
}

fn document<'a>(bill: &'a Bill, ids: &'a BTreeMap<&str, String>) -> Document<'a> {
    let root = Entry {
        version_info: bill.head.version.as_deref(),
        ..named(ROOT_ID, bill.head.name.clone(), "APPLICATION")
    };
    let components = bill
        .components
        .iter()
        .map(|(reference, component)| entry(&ids[reference.as_str()], component));
    let mut relationships = vec![related("SPDXRef-DOCUMENT", "DESCRIBES", ROOT_ID)];
    relationships.extend(bill.needs.iter().map(|need| {
        let (of, id) = (&bill.components[need], &*ids[need.as_str()]);
        match of.scope {
            Scope::Required => related(ROOT_ID, "DEPENDS_ON", id),
            Scope::Optional => related(id, "OPTIONAL_DEPENDENCY_OF", ROOT_ID),
            Scope::Development => related(id, "DEV_DEPENDENCY_OF", ROOT_ID),
        }
    }));
    for (reference, component) in &bill.components {
        let of = &*ids[reference.as_str()];
        relationships.extend(
            component
                .needs
                .iter()
                .map(|need| related(of, "DEPENDS_ON", &ids[need.as_str()])),
        );
    }
    let lacks = !bill.incomplete.is_empty();
    if lacks || !bill.adrift.is_empty() {
        relationships.push(Relationship {
            comment: Some("not everything that it needs is known"),
            ..related(ROOT_ID, "DEPENDS_ON", NOBODY_KNOWS)
        });
    }
    Document {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: "SPDXRef-DOCUMENT",
        name: &bill.head.name,
        namespace: String::new(),
        creation_info: Creation {
            created: bill.head.time(),
            creators: [format!("Tool: qgate-{}", env!("CARGO_PKG_VERSION"))],
        },
        comment: lacks.then(|| format!("incomplete: {}", bill.incomplete.join("; "))),
        packages: std::iter::once(root).chain(components).collect(),
        has_extracted_licensing_infos: extracted(bill),
        relationships,
    }
}

fn related<'a>(of: &'a str, kind: &'static str, to: &'a str) -> Relationship<'a> {
    Relationship {
        of,
        kind,
        to,
        comment: None,
    }
}

fn named<'a>(id: &'a str, name: String, purpose: &'static str) -> Entry<'a> {
    Entry {
        id,
        name,
        version_info: None,
        primary_package_purpose: purpose,
        download_location: NOBODY_KNOWS.to_owned(),
        files_analyzed: false,
        checksums: Vec::new(),
        license_concluded: NOBODY_KNOWS,
        license_declared: NOBODY_KNOWS,
        license_comments: None,
        copyright_text: NOBODY_KNOWS,
        source_info: None,
        external_refs: Vec::new(),
    }
}

fn entry<'a>(id: &'a str, component: &'a Component) -> Entry<'a> {
    let (declared, comments) = match &component.licence {
        None => (NOBODY_KNOWS, None),
        Some(Licence::Id(text) | Licence::Expression(text)) => (text.as_str(), None),
        Some(Licence::Text(text)) => (NOBODY_KNOWS, Some(format!("told as: {text}"))),
    };
    let places = component
        .places
        .iter()
        .map(|(path, line)| format!("{path}:{line}"));
    let purl = component.purl.iter().map(|purl| Reference {
        category: "PACKAGE-MANAGER",
        kind: "purl",
        locator: purl,
    });
    let purpose = if component.own {
        "APPLICATION"
    } else {
        "LIBRARY"
    };
    Entry {
        version_info: component.version.as_deref(),
        download_location: location(component),
        checksums: component
            .hashes
            .iter()
            .map(|(algorithm, value)| Sum {
                algorithm: algorithm.spdx(),
                checksum_value: value,
            })
            .collect(),
        license_declared: declared,
        license_comments: comments,
        source_info: Some(format!("told at {}", places.collect::<Vec<_>>().join(", "))),
        external_refs: purl.collect(),
        ..named(id, component.full_name(), purpose)
    }
}

/// From where it can be had.
fn location(component: &Component) -> String {
    let archive = component.archives.first().cloned();
    let git = component.repository.as_ref().map(|url| {
        let commit = component
            .purl
            .as_ref()
            .and_then(|purl| purl.rsplit_once("%40"))
            .map(|(_, commit)| commit);
        format!(
            "git+{url}{}",
            commit.map_or_else(String::new, |commit| format!("@{commit}"))
        )
    });
    archive.or(git).unwrap_or_else(|| NOBODY_KNOWS.to_owned())
}

/// The licences of its own that an expression names must be told in full; their texts are in the packages.
fn extracted(bill: &Bill) -> Vec<Extracted> {
    let mut ids: Vec<&str> = bill
        .components
        .values()
        .filter_map(|component| match &component.licence {
            Some(Licence::Expression(text)) => Some(text),
            _ => None,
        })
        .flat_map(|text| text.split([' ', '(', ')']))
        .filter(|word| word.starts_with("LicenseRef-"))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let extracted = |id: &str| Extracted {
        id: id.to_owned(),
        text: format!("The text of {id} is in the packages that name it."),
        name: id.to_owned(),
    };
    ids.into_iter().map(extracted).collect()
}

/// What SPDX calls a component: only letters, digits, `.` and `-`, so that what tells two apart is added.
fn id(reference: &str, component: &Component) -> String {
    let version = component.version.as_deref().unwrap_or_default();
    let text = plain(&format!("{}-{version}", component.full_name()));
    let digest = Digest::of(reference.as_bytes()).short();
    debug_assert_ne!(reference, ROOT, "the root is no component");
    format!("SPDXRef-{}-{}", text.trim_matches('-'), &digest[..12])
}

fn plain(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    text.chars()
        .map(|c| if fits(c) { c } else { '-' })
        .collect()
}
