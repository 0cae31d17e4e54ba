//! The pages of `docs/checkers/` are made from the registry and the rule pages. `QGATE_UPDATE_DOCS=1 cargo test --test docs`
//! writes them anew; without it this test holds them to what they should be.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use qgate::check::page::Page;
use qgate::check::registry::CheckerInfo;
use qgate::checkers;
use qgate::model::rule::Rule;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checkers")
}

fn one_line(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

/// The properties of a checker's options and the definitions that they refer to.
fn options(checker: &CheckerInfo) -> (Value, Value) {
    let mut generator = schemars::SchemaGenerator::default();
    let schema = (checker.schema)(&mut generator).to_value();
    let definitions = Value::Object(generator.take_definitions(true));
    (resolved(&schema, &definitions).clone(), definitions)
}

fn resolved<'a>(schema: &'a Value, definitions: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let name = reference.rsplit('/').next().unwrap_or_default();
            resolved(&definitions[name], definitions)
        }
        None => schema,
    }
}

/// What may stand there, in a word or two.
fn kind(schema: &Value, definitions: &Value) -> String {
    let schema = resolved(schema, definitions);
    if let Some(choices) = schema["anyOf"]
        .as_array()
        .or_else(|| schema["oneOf"].as_array())
    {
        let known: Vec<String> = choices
            .iter()
            .map(|choice| kind(choice, definitions))
            .filter(|k| k != "nothing")
            .collect();
        return known.join(" or ");
    }
    if let Some(values) = schema["enum"].as_array() {
        return values
            .iter()
            .map(|value| format!("`{}`", value.as_str().unwrap_or("null")))
            .collect::<Vec<_>>()
            .join(", ");
    }
    if let Some(value) = schema["const"].as_str() {
        return format!("`{value}`");
    }
    let name = |name: &str| match name {
        "string" => "text".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => format!("list of {}", kind(&schema["items"], definitions)),
        "object" => "map".to_owned(),
        _ => "nothing".to_owned(),
    };
    match &schema["type"] {
        Value::String(one) => name(one),
        Value::Array(several) => {
            let names = several
                .iter()
                .filter_map(Value::as_str)
                .map(name)
                .filter(|name| name != "nothing");
            names.collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn options_table(checker: &CheckerInfo) -> String {
    let (schema, definitions) = options(checker);
    let Some(properties) = schema["properties"]
        .as_object()
        .filter(|map| !map.is_empty())
    else {
        return "It has no options.\n".to_owned();
    };
    let mut out = "| option | value | default | meaning |\n|---|---|---|---|\n".to_owned();
    for (name, property) in properties {
        let default = match &property["default"] {
            Value::Null => String::new(),
            value if value.to_string().len() > 60 => "see `qgate schema`".to_owned(),
            value => format!("`{value}`"),
        };
        let meaning = one_line(property["description"].as_str().unwrap_or_default());
        let kind = one_line(&kind(property, &definitions));
        out.push_str(&format!(
            "| `{name}` | {kind} | {} | {meaning} |\n",
            one_line(&default)
        ));
    }
    out
}

/// The rule's page, one heading level down.
fn rule_text(rule: &Rule) -> String {
    let page = Page::parse(rule.page).unwrap_or_else(|problem| panic!("{}: {problem:?}", rule.id));
    let mut out = format!(
        "## `{}`\n\nSeverity {}; since {}. {}\n",
        rule.id,
        rule.severity,
        rule.since,
        page.introduction.trim()
    );
    for section in &page.sections {
        out.push_str(&format!(
            "\n### {}\n\n{}\n",
            section.title,
            section.text.trim().replace("\n### ", "\n#### ")
        ));
    }
    out
}

/// The rules of its family that a checker finds and another one explains.
fn borrowed(checker: &CheckerInfo) -> String {
    let is_own = |rule: &&&Rule| checker.rules.iter().any(|own| own.id == rule.id);
    let ids: Vec<String> = checker
        .finds
        .iter()
        .filter(|rule| !is_own(rule))
        .map(|rule| format!("`{}`", rule.id))
        .collect();
    if ids.is_empty() {
        return String::new();
    }
    let owner = checkers::ALL.iter().find(|other| {
        let first = checker.finds.first().map(|rule| rule.id);
        other.rules.iter().any(|rule| Some(rule.id) == first)
    });
    let owner = owner.map_or("", |owner| owner.name);
    format!(
        "\n## Rules of `{owner}`\n\nIt finds these too; [{owner}]({owner}.md) explains them: {}.\n",
        ids.join(", ")
    )
}

fn page(checker: &CheckerInfo) -> String {
    let guide = checker.guide.trim();
    let guide = if guide.is_empty() {
        String::new()
    } else {
        format!("{guide}\n\n")
    };
    let mut out = format!(
        "# {}\n\n<!-- Made from the code by `QGATE_UPDATE_DOCS=1 cargo test --test docs`. -->\n\n{}.\n\n{guide}## Options\n\n{}",
        checker.name,
        checker.summary,
        options_table(checker)
    );
    if !checker.metrics.is_empty() {
        out.push_str("\n## Metrics\n\n| metric | unit | better | meaning |\n|---|---|---|---|\n");
        for metric in checker.metrics {
            let better = format!("{:?}", metric.better).to_lowercase();
            out.push_str(&format!(
                "| `{}` | {} | {better} | {} |\n",
                metric.name,
                metric.dimension,
                one_line(&metric.summary)
            ));
        }
    }
    out.push_str(&borrowed(checker));
    for rule in checker.rules {
        out.push_str(&format!("\n{}", rule_text(rule)));
    }
    out
}

fn index() -> String {
    let mut out = "# Checkers\n\n<!-- Made from the code by `QGATE_UPDATE_DOCS=1 cargo test --test docs`. -->\n\n| checker | rules | what it does |\n|---|---|---|\n".to_owned();
    for checker in checkers::ALL {
        let rules = checker.rules.len();
        out.push_str(&format!(
            "| [{0}]({0}.md) | {rules} | {1} |\n",
            checker.name,
            one_line(checker.summary)
        ));
    }
    out
}

#[test]
fn the_pages_of_the_checkers_are_what_the_code_says() {
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    wanted.insert("README.md".to_owned(), index());
    wanted.extend(
        checkers::ALL
            .iter()
            .map(|checker| (format!("{}.md", checker.name), page(checker))),
    );
    if std::env::var_os("QGATE_UPDATE_DOCS").is_some() {
        let _ = fs::remove_dir_all(folder());
        fs::create_dir_all(folder()).expect("the folder can be made");
        for (name, text) in &wanted {
            fs::write(folder().join(name), text).expect("it can be written");
        }
    }
    let there = fs::read_dir(folder()).expect("docs/checkers is there");
    let mut there: Vec<String> = there
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    there.sort();
    assert_eq!(
        there,
        wanted.keys().cloned().collect::<Vec<_>>(),
        "run QGATE_UPDATE_DOCS=1 cargo test --test docs"
    );
    for (name, text) in &wanted {
        let is = fs::read_to_string(folder().join(name)).expect("it can be read");
        assert!(
            is == *text,
            "docs/checkers/{name} is not what the code says: run QGATE_UPDATE_DOCS=1 cargo test --test docs"
        );
    }
}

/// Every relative link of the documentation leads to a file.
#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).expect("docs is there");
    let mut pages: Vec<PathBuf> = docs
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .collect();
    pages.push(root.join("README.md"));
    let mut dead = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).expect("it can be read");
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let path = link.split('#').next().unwrap_or_default();
            let outside = link.contains("://") || path.is_empty();
            if !outside
                && !page
                    .parent()
                    .expect("it lies in a folder")
                    .join(path)
                    .exists()
            {
                dead.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}
