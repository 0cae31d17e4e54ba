//! Runs every rule page and every case of every checker: what a page promises is what the checker does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use qgate::check::nowhere;
use qgate::check::page::example::{Example, Expected};
use qgate::check::page::{Page, SECTIONS};
use qgate::check::registry::{Check, CheckerInfo};
use qgate::checkers;
use qgate::config::yaml;
use qgate::model::rule::Rule;

/// The longest summary that lists can show on one line, in characters.
const LONGEST_SUMMARY: usize = 100;

/// A checker's folder; that of a family's further member lies in the family's: `sql-live` in `sql/live`, `dependency-policy` in
/// `dependencies/policy`.
fn folder(checker: &CheckerInfo) -> PathBuf {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checkers");
    let name = checker.name.replace('-', "_");
    let in_family = match checker.name.split_once('-') {
        Some(("dependency", member)) => all.join("dependencies").join(member),
        Some((family, member)) if checkers::find(family).is_some() => {
            all.join(family).join(member.replace('-', "_"))
        }
        _ => all.join("dependencies").join(&name),
    };
    if in_family.is_dir() {
        in_family
    } else {
        all.join(name)
    }
}

/// The Markdown files of a folder, by name; none when there is no such folder.
fn pages_in(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| {
            let path = entry.expect("the folder can be read").path();
            assert!(
                path.extension().is_some_and(|ending| ending == "md"),
                "{} is not a page",
                path.display()
            );
            let name = path
                .file_stem()
                .expect("it has a name")
                .to_string_lossy()
                .into_owned();
            let text = std::fs::read_to_string(&path);
            (
                name,
                text.unwrap_or_else(|e| panic!("{}: {e}", path.display())),
            )
        })
        .collect()
}

fn build(checker: &CheckerInfo, options: &str) -> Result<Arc<dyn Check>, String> {
    let text = yaml::text("options", options.as_bytes(), false).map_err(|p| p.message)?;
    let mut problems = Vec::new();
    let node = yaml::parse(&text).map_err(|problems| format!("{problems:?}"))?;
    (checker.build)(&node, &mut problems).ok_or_else(|| format!("{problems:?}"))
}

/// What a checker finds in an example, in the form of expectations, sorted.
fn findings(checker: &CheckerInfo, example: &Example) -> Result<Vec<Expected>, String> {
    let options = if example.options.is_empty() {
        "{}"
    } else {
        &example.options
    };
    let check = build(checker, options)?;
    let evidence = nowhere::conclude(check.as_ref(), &example.tree()).map_err(|f| f.to_string())?;
    let mut found = Vec::new();
    for finding in evidence.findings {
        if !checker.rules.iter().any(|rule| rule.id == finding.rule) {
            return Err(format!("finding of the undeclared rule `{}`", finding.rule));
        }
        if finding.headline.is_empty() || finding.help.is_empty() {
            return Err(format!(
                "`{}`: finding without headline or help",
                finding.rule
            ));
        }
        let Some(path) = finding.place.path() else {
            return Err(format!("finding at `{}`, which is no path", finding.place));
        };
        found.push(Expected {
            path: path.clone(),
            line: finding.place.span().map(|span| span.start.line),
            rule: finding.rule.into_owned(),
        });
    }
    found.sort();
    Ok(found)
}

fn list(expected: &[Expected]) -> String {
    let lines: Vec<String> = expected.iter().map(|e| format!("    {e}\n")).collect();
    if lines.is_empty() {
        "    nothing\n".to_owned()
    } else {
        lines.concat()
    }
}

/// Runs the examples of a page; each problem is one text.
fn run(checker: &CheckerInfo, name: &str, page: &Page, problems: &mut Vec<String>) {
    for example in &page.failing {
        match findings(checker, example) {
            Err(problem) => problems.push(format!("{name}: {}: {problem}", example.title)),
            Ok(found) if found != example.expected => problems.push(format!(
                "{name}: {}:\n  expected\n{}  found\n{}",
                example.title,
                list(&example.expected),
                list(&found)
            )),
            Ok(found) if !found.iter().any(|finding| finding.rule == page.title) => {
                problems.push(format!(
                    "{name}: {}: `{}` is not in it",
                    example.title, page.title
                ));
            }
            Ok(_) => {}
        }
    }
    for example in &page.passing {
        match findings(checker, example) {
            Err(problem) => problems.push(format!("{name}: {}: {problem}", example.title)),
            Ok(found) => {
                let own: Vec<_> = found.into_iter().filter(|f| f.rule == page.title).collect();
                if !own.is_empty() {
                    problems.push(format!(
                        "{name}: {}: passes, but found\n{}",
                        example.title,
                        list(&own)
                    ));
                }
            }
        }
    }
}

/// What is wrong with the form of a rule's page.
fn form(rule: &Rule, page: &Page) -> Vec<&'static str> {
    let kebab = |id: &str| {
        id.split('-').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    };
    let order: Vec<_> = SECTIONS
        .iter()
        .filter(|title| !(page.needs_outside_world() && matches!(**title, "Fails" | "Passes")))
        .map(|title| {
            page.sections
                .iter()
                .position(|section| section.title == **title)
        })
        .collect();
    let examples = !page.failing.is_empty() && !page.passing.is_empty();
    let wrong = [
        (!kebab(rule.id), "the id is not in kebab case"),
        (page.title != rule.id, "the title is not the id"),
        (!rule.page.is_ascii(), "the page is not plain ASCII"),
        (
            !page.summary().ends_with('.'),
            "the first paragraph is no sentence",
        ),
        (
            page.summary().len() > LONGEST_SUMMARY,
            "the first sentence is too long for a list",
        ),
        (order.iter().any(Option::is_none), "a section is missing"),
        (!order.is_sorted(), "the sections are not in order"),
        (
            !examples && !page.needs_outside_world(),
            "it needs a failing and a passing example",
        ),
        (
            page.sections.iter().any(|section| section.text.is_empty()),
            "a section is empty",
        ),
    ];
    wrong
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, what)| what)
        .collect()
}

#[test]
fn every_page_does_what_it_says() {
    let mut problems = Vec::new();
    for checker in checkers::ALL {
        for rule in checker.rules {
            let name = format!("{}/rules/{}.md", checker.name, rule.id);
            match Page::parse(rule.page) {
                Err(problem) => problems.push(format!("{name}: {problem}")),
                Ok(page) => {
                    problems.extend(
                        form(rule, &page)
                            .into_iter()
                            .map(|what| format!("{name}: {what}")),
                    );
                    run(checker, &name, &page, &mut problems);
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_case_holds() {
    let mut problems = Vec::new();
    for checker in checkers::ALL {
        for (stem, text) in pages_in(&folder(checker).join("cases")) {
            let name = format!("{}/cases/{stem}.md", checker.name);
            match Page::parse(&text) {
                Err(problem) => problems.push(format!("{name}: {problem}")),
                Ok(page) if !checker.rules.iter().any(|rule| rule.id == page.title) => {
                    problems.push(format!(
                        "{name}: `{}` is no rule of the checker",
                        page.title
                    ));
                }
                Ok(page) if page.failing.is_empty() && page.passing.is_empty() => {
                    problems.push(format!("{name}: it has no example"));
                }
                Ok(_) if !text.is_ascii() => {
                    problems.push(format!("{name}: it is not plain ASCII"));
                }
                Ok(page) => run(checker, &name, &page, &mut problems),
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn ids_are_unique_and_every_page_on_disk_belongs_to_a_rule() {
    let mut ids = BTreeMap::new();
    let mut names = std::collections::BTreeSet::new();
    for checker in checkers::ALL {
        assert!(
            names.insert(checker.name),
            "two checkers `{}`",
            checker.name
        );
        for rule in checker.rules {
            let other = ids.insert(rule.id, checker.name);
            assert_eq!(other, None, "`{}` is a rule of two checkers", rule.id);
        }
        for (stem, _) in pages_in(&folder(checker).join("rules")) {
            assert!(
                checker.rules.iter().any(|rule| rule.id == stem),
                "{}/rules/{stem}.md belongs to no rule",
                checker.name
            );
        }
    }
}
