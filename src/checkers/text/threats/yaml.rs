//! Owns the threats in YAML: tags that make objects, aliases that grow without bound, keys that stand twice.

use std::collections::BTreeMap;

use crate::model::rule::Severity;
use crate::source::file::SourceFile;
use crate::source::yaml::{Document, Id};

use super::hit::{Facts, Kind, before_on_line};

/// Tags with which a loader runs code, and how bad each is.
const TAGS: &[(&str, Severity)] = &[
    ("!!python/object/apply:", Severity::High),
    ("!!python/object/new:", Severity::High),
    ("!!python/object:", Severity::High),
    ("!!python/module:", Severity::Medium),
    ("!!python/name:", Severity::Low),
    ("!ruby/object:", Severity::Medium),
    ("!!ruby/object:", Severity::Medium),
    ("!ruby/hash:", Severity::Medium),
    ("!!javax.", Severity::High),
    ("!!java.", Severity::High),
    ("!!com.sun.", Severity::High),
    ("!!org.springframework.", Severity::High),
    ("!!js/function", Severity::High),
    ("!php/object", Severity::High),
    ("!!perl/", Severity::Medium),
];

/// More nodes than this, aliases written out, is a bomb.
const MOST: u64 = 10_000_000;

/// Looks at a YAML file.
pub fn check(file: &SourceFile, text: &str, facts: &mut Facts) {
    tags(file, text, facts);
    let has_aliases = text.contains('*') && text.contains('&');
    let Ok(document) = Document::parse(text) else {
        facts.no_yaml = true;
        return;
    };
    let Some(root) = document.root() else { return };
    let size = if has_aliases {
        size(&document, root)
    } else {
        0
    };
    if size > MOST {
        let headline = if size == u64::MAX {
            "an alias of this file holds itself"
        } else {
            "the aliases of this file grow into more than ten million nodes"
        };
        let severity = if file.class().test {
            Severity::Low
        } else {
            Severity::High
        };
        facts.add(file, Kind::YamlBomb, 0..0, severity, headline);
        return;
    }
    // Pipelines have a checker of their own.
    if !file.class().workflow {
        duplicates(file, &document, root, facts);
    }
}

fn tags(file: &SourceFile, text: &str, facts: &mut Facts) {
    for (at, _) in text.match_indices('!') {
        let rest = &text[at..];
        let Some((tag, severity)) = TAGS.iter().find(|(tag, _)| rest.starts_with(tag)) else {
            continue;
        };
        let before = before_on_line(text, at);
        let starts_value = before.ends_with([' ', '\t', '[', ',', '{']) || before.is_empty();
        let quoted = before.matches('"').count() % 2 == 1 || before.matches('\'').count() % 2 == 1;
        if !starts_value
            || quoted
            || before.trim_start().starts_with('#')
            || before.contains(" #")
            || before.ends_with('!')
        {
            continue;
        }
        let name: String = rest
            .chars()
            .take_while(|c| !c.is_whitespace())
            .take(80)
            .collect();
        // Tools that make documentation ask for functions of theirs in this way.
        let known = ["pymdownx.", "material.", "mkdocs"]
            .iter()
            .any(|module| name.contains(module));
        let severity = if file.class().test || known {
            Severity::Low
        } else {
            *severity
        };
        facts.add(
            file,
            Kind::YamlCode,
            at..at + tag.len(),
            severity,
            format!("a loader makes an object, or runs code, for the tag {name}"),
        );
    }
}

/// The number of nodes when aliases are written out; without end where one holds itself.
fn size(document: &Document, root: Id) -> u64 {
    enum Task {
        Enter(Id),
        Leave(Id),
    }
    let children = |id: Id| {
        document.items(id).iter().copied().chain(
            document
                .entries(id)
                .iter()
                .flat_map(|&(key, value)| [key, value]),
        )
    };
    let mut sizes: BTreeMap<Id, Option<u64>> = BTreeMap::new();
    let mut tasks = vec![Task::Enter(root)];
    while let Some(task) = tasks.pop() {
        match task {
            Task::Enter(id) => match sizes.get(&id) {
                Some(Some(_)) => {}
                Some(None) => return u64::MAX,
                None => {
                    sizes.insert(id, None);
                    tasks.push(Task::Leave(id));
                    tasks.extend(
                        children(id)
                            .filter(|child| !matches!(sizes.get(child), Some(Some(_))))
                            .map(Task::Enter),
                    );
                }
            },
            Task::Leave(id) => {
                let below = children(id).filter_map(|child| sizes.get(&child).copied().flatten());
                let sum = below.fold(1_u64, u64::saturating_add);
                sizes.insert(id, Some(sum));
            }
        }
    }
    sizes.get(&root).copied().flatten().unwrap_or(u64::MAX)
}

fn duplicates(file: &SourceFile, document: &Document, root: Id, facts: &mut Facts) {
    let mut open = vec![root];
    let mut next = root;
    while let Some(id) = open.pop() {
        if id < next {
            continue;
        }
        next = id + 1;
        let mut seen: BTreeMap<&str, Id> = BTreeMap::new();
        for &(key, value) in document.entries(id) {
            let Some(name) = document.text(key) else {
                continue;
            };
            let Some(&first) = seen.get(name) else {
                seen.insert(name, value);
                continue;
            };
            if name == "<<" || name.contains("{{") {
                continue;
            }
            // The same twice is untidy, and no threat.
            let same =
                document.text(first).is_some() && document.text(first) == document.text(value);
            let severity = if same || file.class().test {
                Severity::Low
            } else {
                Severity::Medium
            };
            let at = document.range(key).unwrap_or(0..0);
            facts.add(
                file,
                Kind::YamlDuplicate,
                at,
                severity,
                format!("the key stands twice, and readers differ in which one they take: {name}"),
            );
        }
        let mut below: Vec<Id> = document.items(id).to_vec();
        below.extend(document.entries(id).iter().map(|&(_, value)| value));
        below.sort_unstable();
        open.extend(below.iter().rev());
    }
}
