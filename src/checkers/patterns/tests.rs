//! Owns the tests of rules that users write: each with the code it is for.

use crate::base::node::Problem;
use crate::check::nowhere;
use crate::check::registry::CheckerInfo;
use crate::source::memory::MemoryTree;

use super::Patterns;

/// Where rules find what, as `path:line:column rule: message`; or what is wrong with them.
fn found(rules: &str, files: &[(&str, &str)]) -> Vec<String> {
    let node = read(rules);
    let mut problems: Vec<Problem> = Vec::new();
    let Some(check) = (CheckerInfo::of::<Patterns>().build)(&node, &mut problems) else {
        return problems
            .into_iter()
            .map(|problem| format!("{}: {}", problem.origin.line_column().0, problem.message))
            .collect();
    };
    let tree = MemoryTree::new(files.iter().copied());
    let evidence = nowhere::conclude(check.as_ref(), &tree).expect("it concludes");
    let mut found: Vec<String> = evidence
        .findings
        .iter()
        .map(|finding| format!("{} {}: {}", finding.place, finding.rule, finding.headline))
        .collect();
    found.sort();
    found
}

/// Nodes from JSON, which is YAML: the reader of YAML lies above this floor.
fn read(rules: &str) -> crate::base::node::Node {
    use crate::base::node::{Key, Kind, Node, Origin, Text};
    use std::sync::Arc;
    fn made(value: &serde_json::Value, text: &Arc<Text>) -> Node {
        let origin = Origin {
            text: text.clone(),
            span: 0..0,
        };
        let kind = match value {
            serde_json::Value::Null => Kind::Null,
            serde_json::Value::Bool(b) => Kind::Bool(*b),
            serde_json::Value::Number(n) => Kind::Int(n.as_i64().unwrap_or_default()),
            serde_json::Value::String(s) => Kind::Str(s.clone()),
            serde_json::Value::Array(all) => {
                Kind::Seq(all.iter().map(|one| made(one, text)).collect())
            }
            serde_json::Value::Object(all) => {
                let entry = |(name, value): (&String, &serde_json::Value)| {
                    let key = Key {
                        origin: origin.clone(),
                        name: name.clone(),
                    };
                    (key, made(value, text))
                };
                Kind::Map(all.iter().map(entry).collect())
            }
        };
        Node { origin, kind }
    }
    let text = Arc::new(Text {
        name: "rules".to_owned(),
        text: rules.to_owned(),
        built_in: false,
    });
    let value: serde_json::Value = serde_json::from_str(rules).expect("it is JSON");
    made(&value, &text)
}

#[track_caller]
fn check(rule: &str, files: &[(&str, &str)], expected: &[&str]) {
    let rules = format!(r#"{{"rules": [{{"help": "h", {rule}}}]}}"#);
    assert_eq!(found(&rules, files), expected, "{rule}");
}

#[test]
fn our_clock() {
    check(
        r#""id": "use-our-clock", "message": "$CALL reads the clock of the machine", "languages": ["python"],
           "pattern": "$CALL($$$)", "where": {"CALL": "^(datetime\\.)?datetime\\.(utcnow|now)$"}, "exclude": ["app/clock.py"]"#,
        &[
            (
                "app/a.py",
                "x = datetime.utcnow()\ny = datetime.datetime.now(UTC)\nz = clock.now()\n",
            ),
            ("app/clock.py", "x = datetime.now()\n"),
        ],
        &[
            "app/a.py:1:5 patterns/use-our-clock: datetime.utcnow reads the clock of the machine",
            "app/a.py:2:5 patterns/use-our-clock: datetime.datetime.now reads the clock of the machine",
        ],
    );
}

#[test]
fn no_sql_from_strings() {
    check(
        r#""id": "no-raw-sql", "message": "SQL is built from strings", "languages": ["python"], "severity": "high",
           "pattern": "$DB.execute($$$ARGS)", "where": {"ARGS": "(?s)^(f[\"']|[\"'][^\"']*[\"']\\s*(\\+|%|\\.format\\())"}"#,
        &[(
            "a.py",
            "db.execute(f\"select {x}\")\ndb.execute(\"select \" + x)\ndb.execute(\"select %s\", (x,))\ndb.execute(\"select 1\")\n",
        )],
        &[
            "a.py:1:1 patterns/no-raw-sql: SQL is built from strings",
            "a.py:2:1 patterns/no-raw-sql: SQL is built from strings",
        ],
    );
}

#[test]
fn languages() {
    let logged =
        |name: &str| format!(r#""id": "x", "message": "m", "languages": ["{name}"], "pattern""#);
    check(
        &format!("{}: \"console.log($$$A)\"", logged("typescript")),
        &[
            ("a.ts", "console.log(1, 2)\n"),
            ("b.tsx", "const a = <b>{console.log()}</b>;\n"),
            ("c.js", "console.log(1)\n"),
            (
                "d.vue",
                "<template>console.log(0)</template>\n<script lang=\"ts\">\nconsole.log(1)\n</script>\n",
            ),
        ],
        &[
            "a.ts:1:1 patterns/x: m",
            "b.tsx:1:15 patterns/x: m",
            "d.vue:3:1 patterns/x: m",
        ],
    );
    check(
        &format!("{}: \"$X.unwrap()\"", logged("rust")),
        &[("a.rs", "fn f() { a.b().unwrap(); a.unwrap_or(1); }\n")],
        &["a.rs:1:10 patterns/x: m"],
    );
    check(
        &format!(
            "{}: \"func f() {{ panic($X) }}\", \"selector\": \"call_expression\"",
            logged("go")
        ),
        &[("a.go", "package a\nfunc f() { panic(\"no\") }\n")],
        &["a.go:2:12 patterns/x: m"],
    );
    check(
        &format!("{}: \"System.out.println($X)\"", logged("java")),
        &[(
            "A.java",
            "class A { void f() { System.out.println(1); } }\n",
        )],
        &["A.java:1:22 patterns/x: m"],
    );
}

#[test]
fn around_and_not() {
    check(
        r#""id": "x", "message": "$A", "languages": ["javascript"], "pattern": "f($A)", "not": "f(1)", "inside": "async function $F($$$) { $$$ }", "outside": "try { $$$ } catch ($E) { $$$ }""#,
        &[(
            "a.js",
            "f(0)\nasync function g() { f(1); f(2); try { f(3) } catch (e) { f(4) } }\n",
        )],
        &["a.js:2:28 patterns/x: 2"],
    );
    check(
        r#""id": "x", "message": "$A", "languages": ["javascript"], "pattern": "$A == $A""#,
        &[("a.js", "a.b == a.b; a == b\n")],
        &["a.js:1:1 patterns/x: a.b"],
    );
}

#[test]
fn queries_and_words() {
    check(
        r#""id": "x", "message": "$name", "languages": ["python"], "query": "(function_definition name: (identifier) @name) @match", "where": {"name": "^get"}"#,
        &[("a.py", "def get_a(): pass\ndef b(): pass\n")],
        &["a.py:1:1 patterns/x: get_a"],
    );
    let words = |within: &str| {
        format!(
            r#""id": "x", "message": "m", "languages": ["python"], "regex": "foo", "in": "{within}""#
        )
    };
    let file = [("a.py", "foo = 'foo'  # foo\n")];
    check(&words("code"), &file, &["a.py:1:1 patterns/x: m"]);
    check(&words("strings"), &file, &["a.py:1:8 patterns/x: m"]);
    check(&words("comments"), &file, &["a.py:1:16 patterns/x: m"]);
    check(
        r#""id": "x", "message": "m", "regex": "^.{4,}$""#,
        &[("a.txt", "a\r\nabcd\r\nabc\nabcde\n")],
        &["a.txt:2:1 patterns/x: m", "a.txt:4:1 patterns/x: m"],
    );
    check(
        r#""id": "team/x", "message": "$what", "regex": "(?<what>fo+)""#,
        &[("a.txt", "fooo\n")],
        &["a.txt:1:1 team/x: fooo"],
    );
}

#[test]
fn flaws_of_rules() {
    let flaw = |rule: &str, expected: &str| {
        let rules = format!(r#"{{"rules": [{{"message": "m", "help": "h", {rule}}}]}}"#);
        let found = found(&rules, &[]).join("\n");
        assert!(found.contains(expected), "{rule}: {found}");
    };
    flaw(r#""id": "x""#, "it looks for nothing");
    flaw(r#""id": "X", "regex": "a""#, "`X` is no id");
    flaw(
        r#""id": "x", "pattern": "f($A", "languages": ["python"]"#,
        "is no whole piece of python",
    );
    flaw(r#""id": "x", "pattern": "f($A)""#, "it needs `languages`");
    flaw(
        r#""id": "x", "pattern": "f($A)", "languages": ["pyhton"]"#,
        "did you mean `python`?",
    );
    flaw(
        r#""id": "x", "pattern": "f($A)", "languages": ["yaml"]"#,
        "`yaml` is not parsed",
    );
    flaw(
        r#""id": "x", "query": "(nothing) @a", "languages": ["python"]"#,
        "`query`: line 1",
    );
    flaw(
        r#""id": "x", "pattern": "f($A)", "languages": ["python"], "where": {"B": "x"}"#,
        "there is no `$B`",
    );
    flaw(r#""id": "x", "regex": "(""#, "unclosed group");
    flaw(
        r#""id": "x", "regex": "a", "not": "b""#,
        "`not` goes with `pattern` only",
    );
}

#[test]
fn deep_and_wide_files_end() {
    let deep = format!(
        "x = {}1{} == {}1{}\n",
        "(".repeat(5_000),
        ")".repeat(5_000),
        "(".repeat(5_000),
        ")".repeat(5_000)
    );
    let rules = r#"{"rules": [{"id": "x", "message": "m", "help": "h", "languages": ["python"], "pattern": "$A == $A"}]}"#;
    assert!(found(rules, &[("a.py", deep.as_str())]).is_empty());
    let wide = format!("x = [{}]\n", "0, ".repeat(15_000));
    let rules = r#"{"rules": [{"id": "x", "message": "m", "help": "h", "languages": ["python"], "pattern": "[$$$A, 1, $$$B, 2, $$$C]"}]}"#;
    assert!(found(rules, &[("a.py", wide.as_str())]).is_empty());
}
