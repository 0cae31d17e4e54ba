//! "Writing a checker" is true: the toy checker of `docs/writing-a-checker.md` works, and a checker is one folder and two
//! lines.

use std::collections::BTreeMap;
use std::path::Path;

// The toy names the library as its own crate, as a checker in `src/checkers` does.
use qgate::{check, model, rule, source};

use qgate::check::page::Page;
use qgate::check::page::example::Example;
use qgate::check::registry::CheckerInfo;
use qgate::config::load::load_with;
use qgate::config::{GateFiles, Request};

#[path = "toy/todos/mod.rs"]
mod todos;

static TOY: [CheckerInfo; 1] = [CheckerInfo::of::<todos::Todos>()];

/// One gate file in memory.
struct OneFile(&'static str);

impl GateFiles for OneFile {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok((path == "qgate.yaml").then(|| self.0.as_bytes().to_vec()))
    }
}

fn repository_file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()))
}

/// The rules that the configured toy finds in an example's tree.
fn check(gate_file: &'static str, example: &Example) -> Vec<String> {
    let plan = load_with(&TOY, &Request::default(), &OneFile(gate_file), &|_| None);
    let plan = plan.unwrap_or_else(|problems| panic!("{problems:?}"));
    let gate = plan
        .gates
        .iter()
        .find(|planned| planned.gate.id == "todos")
        .expect("the gate is planned");
    let evidence = check::nowhere::conclude(gate.checks[0].check.as_ref(), &example.tree());
    let findings = evidence.expect("it can know").findings;
    findings
        .into_iter()
        .map(|finding| finding.rule.into_owned())
        .collect()
}

const GATE_FILE: &str = "\
version: 1
gates:
  todos:
    checks:
      - todos: { word: TODO }
    criteria:
      todos_without_owner: 0
";

#[test]
fn the_toy_finds_what_its_page_says() {
    let page = Page::parse(&repository_file(
        "tests/toy/todos/rules/todo-without-owner.md",
    ));
    let page = page.expect("the page is well formed");
    assert_eq!((page.failing.len(), page.passing.len()), (1, 1));
    assert_eq!(check(GATE_FILE, &page.failing[0]), ["todo-without-owner"]);
    assert_eq!(check(GATE_FILE, &page.passing[0]), [""; 0]);
}

#[test]
fn the_guide_shows_the_toy_as_it_is() {
    let guide = repository_file("docs/writing-a-checker.md");
    for file in [
        "tests/toy/todos/mod.rs",
        "tests/toy/todos/rules/todo-without-owner.md",
    ] {
        let shown = guide.contains(&repository_file(file));
        assert!(
            shown,
            "docs/writing-a-checker.md does not show {file} as it is"
        );
    }
}

/// `SqlLive` for `sql-live`.
fn camel(name: &str) -> String {
    let words = name.split('-').filter_map(|word| word.split_at_checked(1));
    words
        .map(|(first, rest)| first.to_ascii_uppercase() + rest)
        .collect()
}

#[test]
fn a_checker_is_a_folder_and_two_lines() {
    let list = repository_file("src/checkers/mod.rs");
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for checker in qgate::checkers::ALL {
        let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checkers");
        // A member of a family lies in the family's folder, and is one line here.
        let end = format!("::{}>(),", camel(checker.name));
        let line = list.lines().find(|line| line.ends_with(&end));
        let path = line
            .and_then(|line| line.split_once('<'))
            .expect("it is listed")
            .1;
        if let [family, member, _] = path.split("::").collect::<Vec<_>>()[..] {
            assert!(all.join(family).join(member).join("mod.rs").is_file());
            continue;
        }
        let name = checker.name.replace('-', "_");
        let folder = all.join(&name);
        assert!(folder.join("mod.rs").is_file(), "{name} is no folder");
        let own = |line: &&str| {
            let behind = line.split_once(&format!("<{name}::"));
            line.contains(&format!("mod {name};"))
                || behind.is_some_and(|(_, rest)| !rest.contains("::"))
        };
        lines.insert(name.clone(), list.lines().filter(own).count());
    }
    assert!(lines.values().all(|count| *count == 2), "{lines:?}");
    // And no checker is named anywhere else in the code that lists, explains or documents them.
    for file in [
        "src/cli/list.rs",
        "src/cli/explain.rs",
        "src/config/schema.rs",
        "src/config/checks.rs",
    ] {
        let code = repository_file(file);
        for name in lines.keys().filter(|name| name.len() > 5) {
            assert!(
                !code.contains(&format!("{name}::")),
                "{file} names the checker {name}"
            );
        }
    }
}
