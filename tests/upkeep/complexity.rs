//! Complexity: what is new, what the commands print, and what is not measured.

use super::{Repo, check};

const GATES: &str = "\
version: 1
extends: []
gates:
  simple:
    scope: new
    checks:
      - complexity: { cognitive: 2 }
    criteria: { complex_functions: 0 }
  whole:
    level: advisory
    checks:
      - complexity: { cognitive: 2 }
    criteria: { max_cyclomatic: '< 10', average_cyclomatic: '<= 3.5', kloc: '< 1' }
";

/// A function with so many conditions in each other.
fn function(name: &str, depth: usize) -> String {
    let mut text = format!("def {name}(a):\n");
    for level in 1..=depth {
        text.push_str(&format!("{}if a > {level}:\n", "    ".repeat(level)));
    }
    text.push_str(&format!("{}a += 1\n", "    ".repeat(depth + 1)));
    text
}

fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("qgate.yaml", GATES);
    repo.write("a.py", function("f", 2)).commit("start");
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo
}

#[test]
fn a_function_counts_when_its_value_rose() {
    let repo = repo();
    // It moves, and its body changes, but it is no worse.
    let text = format!("x = 1\n\n\n{}", function("f", 2).replace("+= 1", "-= 1"));
    repo.write("a.py", &text).commit("change");
    let base = ["run", "--base", "main"];
    check(&repo, &base, 0, &["PASS    simple", "PASS    whole"]);
    repo.write("a.py", function("f", 3)).commit("worse");
    let says = [
        "complex_functions is 1",
        "a.py:1:1",
        "the cognitive complexity of `f` is 6, more than 2",
        "line 2 +1 if, line 3 +2 if, line 4 +3 if",
    ];
    check(&repo, &base, 1, &says);
    repo.write("a.py", function("f", 2) + &function("g", 2));
    repo.commit("another");
    let says = ["complex_functions is 1", "complexity of `g`", "!of `f`"];
    check(&repo, &base, 1, &says);
}

#[test]
fn a_baseline_keeps_the_value() {
    let repo = repo();
    check(&repo, &["baseline"], 0, &[]);
    let base = ["run", "--gate", "simple"];
    repo.commit("baseline");
    repo.write("a.py", function("f", 3)).commit("worse");
    check(&repo, &base, 1, &["complex_functions is 1"]);
    repo.write("a.py", function("f", 1)).commit("better");
    check(&repo, &base, 0, &["PASS    simple"]);
}

#[test]
fn metrics_print_every_function() {
    let repo = Repo::new();
    let text = "class A:\n    def f(self, a, b=1):\n        if a and b:\n            return 1\n        return 2\n";
    repo.write("src/a.py", text).write("src/b.txt", "none\n");
    repo.write("src/c.py", "x = 1 if y else 2\n");
    let says = [
        "src/a.py: 1 function, 5 lines, 5 of code, cyclomatic 3, cognitive 2\n",
        "   line cyclomatic cognitive lines  nloc nesting parameters returns operators  function\n",
        "      2          3         2     4     4       1          2       2         1  A.f\n",
        "src/c.py: 0 functions, 1 lines, 1 of code, cyclomatic 1, cognitive 1 (outside of functions 1 and 1)\n",
        "2 files, 1 function, 6 lines of code, cyclomatic 4, cognitive 3\n",
        "!b.txt",
    ];
    check(&repo, &["metrics", "src"], 0, &says);
    let says = [
        "file,line,end_line,name,cyclomatic,cognitive,lines,nloc,nesting,parameters,returns,operators\n",
        "src/a.py,2,5,A.f,3,2,4,4,1,2,2,1\n",
    ];
    check(&repo, &["metrics", "--format", "csv", "src"], 0, &says);
    let json = check(&repo, &["metrics", "--format", "json", "src/a.py"], 0, &[]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let function = &json["files"][0]["functions"][0];
    assert_eq!(function["name"], "A.f");
    assert_eq!(function["cognitive"], 2);
    assert_eq!(json["files"][0]["cyclomatic"], 3);
    let says = ["not measured: src/b.txt: not in a language that is measured"];
    check(&repo, &["metrics", "src/b.txt"], 3, &says);
    check(&repo, &["metrics", "src/none.py"], 2, &["cannot be read"]);
}

#[test]
fn increments_add_up() {
    let repo = Repo::new();
    repo.write("a.py", function("f", 2) + "x = a and b\n");
    let told = check(
        &repo,
        &["explain", "complexity", "a.py:3"],
        0,
        &["a.py:1: f\n"],
    );
    insta::assert_snapshot!(told, @r"
    a.py:1: f

       line  cyclomatic  cognitive  of it for nesting  what
          1          +1                                the function
          2          +1         +1                     if
          3          +1         +2                 +1  if
        sum           3          3
    ");
    let says = ["a.py: the code outside of functions", "and"];
    check(&repo, &["explain", "complexity", "a.py:5"], 0, &says);
    check(
        &repo,
        &["explain", "complexity", "a.py:99"],
        2,
        &["its last line is 5"],
    );
    check(
        &repo,
        &["explain", "complexity", "a.py"],
        2,
        &["no line of a file"],
    );
    check(
        &repo,
        &["explain", "complexity"],
        0,
        &["complexity: a checker"],
    );
}

#[test]
fn what_cannot_be_parsed_is_not_passed_over() {
    let repo = Repo::new();
    repo.write("qgate.yaml", GATES);
    repo.write("a.cs", "a<\n".repeat(5_000)).commit("start");
    let says = ["a.cs: too intricate to parse", "UNKNOWN: 1 unknown"];
    check(&repo, &["run", "--gate", "whole", "--strict"], 3, &says);
}
