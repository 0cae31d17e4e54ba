//! Broken gate files. Each message is a snapshot beside this file: would one know at 2 a.m. what to do?

use std::time::{Duration, Instant};

use qgate::config::Request;

use super::{Files, load, told};

const GATE: &str = "gates:\n  api:\n    checks:\n      - probe: {}\n";

/// The messages for these files are those of the snapshot `name`.
fn check(name: &str, files: &Files, request: &Request) {
    let start = Instant::now();
    let problems = load(files, request).err().unwrap_or_default();
    assert!(!problems.is_empty(), "{name}: nothing was wrong");
    assert!(start.elapsed() < Duration::from_secs(2), "{name}: too slow");
    insta::with_settings!({
        snapshot_path => "messages",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, told(&problems));
    });
}

/// As [`check`], for one file.
fn one(name: &str, text: &str) {
    check(
        name,
        &Files::of(&[("qgate.yaml", text)]),
        &Request::default(),
    );
}

/// As [`check`], for a gate `api` with these lines added.
fn gate(name: &str, lines: &str) {
    one(name, &format!("{GATE}{lines}"));
}

#[test]
fn keys_and_values() {
    one("unknown_key", "version: 1\ngats: {}\n");
    gate("unknown_key_in_gate", "    failure-action: block\n");
    gate("two_problems", "    levl: advisory\n    scope: old\n");
    one("wrong_type", "gates:\n  - api\n");
    gate("list_for_text", "    title: [a, b]\n");
    gate("unknown_level", "    level: mandatry\n");
    one("version_2", "version: 2\n");
    one("requires_qgate", "requires_qgate: \">=99\"\n");
    one("ruleset", "ruleset: latest\n");
    one("duplicate_gate", &format!("{GATE}  api:\n    checks: []\n"));
    one("gate_is_no_map", "gates:\n  api: on\n");
    one(
        "no_checks",
        "gates:\n  api:\n    title: nothing testifies\n",
    );
    one("deadline_without_unit", "deadline: 10\n");
}

#[test]
fn yaml() {
    one("alias_bomb", &bomb());
    one("billion_deep", &format!("gates: {}", "[".repeat(100_000)));
    one("deep_maps", &format!("gates: {}", "{a: ".repeat(100)));
    one("tabs", "gates:\n\tapi: {}\n");
    one("empty", "");
    one("only_a_comment", "# to be written\n");
    one("merge_key", "gates:\n  api:\n    <<: {level: advisory}\n");
    one("several_documents", "version: 1\n---\nversion: 1\n");
    one("unclosed_quote", "gates:\n  api:\n    title: 'it is\n");
    one("tag", "gates: !include other.yaml\n");
    one(
        "foreign_letters",
        "gates:\n  \u{17c}\u{f3}\u{142}w: { title: \"\u{e9}\", titel: x }\n",
    );
    one("control_characters", "gates: \"\u{1b}[31m\"\n");
    one(
        "flow_variable",
        "gates: { api: { checks: [{ probe: { url: ${X} } }] } }\n",
    );
    let mut files = Files::default();
    files
        .0
        .insert("qgate.yaml".to_owned(), b"\x7fELF\x02\x01\x00\x00".to_vec());
    check("binary", &files, &Request::default());
    files
        .0
        .insert("qgate.yaml".to_owned(), b"version: 1\n# caf\xe9\n".to_vec());
    check("latin_1", &files, &Request::default());
    files.0.insert("qgate.yaml".to_owned(), vec![b'#'; 2 << 20]);
    check("too_large", &files, &Request::default());
}

fn bomb() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..20 {
        let before = format!("*a{}", n - 1);
        text.push_str(&format!(
            "a{n}: &a{n} [{}]\n",
            [before.as_str(); 10].join(", ")
        ));
    }
    text
}

#[test]
fn extends() {
    one("unknown_pack", "extends: [recomended]\n");
    one(
        "extends_outside",
        "extends: [../shared/gates.yaml, /etc/gates.yaml]\n",
    );
    one("extends_missing", "extends:\n  - gates/none.yaml\n");
    let circle = [
        ("qgate.yaml", "extends: [a.yaml]\n"),
        ("a.yaml", "extends: [b.yaml]\n"),
        ("b.yaml", "extends: [a.yaml]\n"),
    ];
    check("extends_circle", &Files::of(&circle), &Request::default());
    let both = [("qgate.yaml", GATE), (".qgate/qgate.yaml", GATE)];
    check("both_places", &Files::of(&both), &Request::default());
    let two = [
        (
            "qgate.yaml",
            "extends: [a.yaml]\ngates: { api: { titel: x } }\n",
        ),
        (
            "a.yaml",
            "gates:\n  api:\n    levle: advisory\n    checks: [{ probe: { ulr: x } }]\n",
        ),
    ];
    check("two_files", &Files::of(&two), &Request::default());
}

#[test]
fn checks() {
    one(
        "unknown_checker",
        "gates:\n  api:\n    checks:\n      - prob: {}\n",
    );
    one(
        "two_checkers",
        "gates:\n  api:\n    checks:\n      - probe: {}\n        tally: {}\n",
    );
    one(
        "no_checker",
        "gates:\n  api:\n    checks:\n      - timeout: 5m\n",
    );
    one("check_is_text", "gates:\n  api:\n    checks: [probe]\n");
    one(
        "unknown_option",
        "gates:\n  api:\n    checks:\n      - probe: { ulr: x, attempts: many }\n",
    );
    one(
        "options_that_do_not_fit",
        "gates:\n  api:\n    checks:\n      - probe: { url: \"ftp://\" }\n",
    );
    one(
        "bad_glob",
        "gates:\n  api:\n    checks:\n      - probe: { files: [\"src/[\", \"../x\"] }\n",
    );
    one(
        "bad_pattern",
        "gates:\n  api:\n    checks:\n      - probe: { pattern: \"(\" }\n",
    );
    one(
        "unknown_rule",
        "rules: { hasty-anser: off }\ngates:\n  api:\n    checks:\n      - probe: {}\n        rules: { late: off }\n",
    );
    one(
        "same_name",
        "gates:\n  api:\n    checks: [{ tally: {} }, { tally: {} }]\n",
    );
}

#[test]
fn criteria() {
    gate(
        "wrong_unit",
        "    criteria:\n      p95_response_time: \"< 5%\"\n      timeout_rate: \"< 3ms\"\n      answered: 1\n",
    );
    gate(
        "unknown_unit",
        "    criteria: { p95_response_time: \"< 5 parsecs\" }\n",
    );
    gate(
        "unknown_metric",
        "    criteria:\n      - p95_respons_time: \"< 5ms\"\n",
    );
    gate(
        "metric_of_another_checker",
        "    criteria: { line_coverage: \">= 95%\" }\n",
    );
    gate(
        "criterion_twice",
        "    criteria:\n      - answered: true\n      - answered: false\n",
    );
    gate("criterion_is_text", "    criteria: [answered]\n");
    gate("no_such_check", "    criteria: { prob.answered: true }\n");
    one(
        "ambiguous_metric",
        "gates:\n  api:\n    checks: [{ tally: {} }, { tally: {}, as: more }]\n    criteria: { smells: 0 }\n",
    );
}

#[test]
fn names() {
    gate("unknown_stage", "    stages: [pre-push, nightl]\n");
    gate("unknown_component", "    component: securty\n");
    gate("unknown_need", "    needs: [ap]\n");
    one(
        "needs_circle",
        "gates:\n  a: { needs: [b], checks: [{ tally: {} }] }\n  b: { needs: [c], checks: [{ tally: {} }] }\n  c: { needs: [a], checks: [{ tally: {} }] }\n",
    );
    one(
        "gate_name",
        "gates:\n  API Speed: { checks: [{ tally: {} }] }\n",
    );
    gate(
        "environment_with_unknown_gate",
        "environments: { production: { mandatory: [appi] } }\n",
    );
}

#[test]
fn score() {
    one(
        "bad_formula",
        "score: { formulas: { security: \"100 - high *\" } }\n",
    );
    one(
        "formula_with_unknown_metric",
        "score: { formulas: { code_quality: 100 - smell } }\n",
    );
    one("negative_weight", "score: { weights: { security: -5 } }\n");
    one("unknown_weight", "score: { weights: { securty: 5 } }\n");
    one(
        "formula_without_weight",
        "score: { formulas: { taste: 100 - smells } }\n",
    );
}

#[test]
fn variables() {
    let with = |value: &str| format!("gates:\n  api:\n    checks:\n      - probe: {{ {value} }}\n");
    one("missing_variable", &with("url: \"${SERVICE_URL}/health\""));
    one("bad_variable", &with("url: \"${}\""));
    one("secret_in_a_message", &with("attempts: \"${TOKEN}\""));
}

#[test]
fn command_line() {
    let files = Files::of(&[(
        "qgate.yaml",
        &format!("{GATE}environments: {{ production: {{}} }}\n"),
    )]);
    let ask = |name: &str, change: &dyn Fn(&mut Request)| {
        let mut request = Request::default();
        change(&mut request);
        check(name, &files, &request);
    };
    ask("flag_gate", &|r| r.gates = vec!["apy".to_owned()]);
    ask("flag_stage", &|r| r.stage = Some("pre-psh".to_owned()));
    ask("flag_environment", &|r| {
        r.environment = Some("prod".to_owned());
    });
    ask("flag_config", &|r| r.config = Some("none.yaml".to_owned()));
    ask("flag_gate_of_another_stage", &|r| {
        r.gates = vec!["api".to_owned()];
        r.stage = Some("nightly".to_owned());
    });
    ask("set_unknown_key", &|r| {
        r.set = vec![("gates.api.levl".to_owned(), "advisory".to_owned())];
    });
    ask("set_wrong_value", &|r| {
        r.set = vec![("score.minimum".to_owned(), "high".to_owned())];
    });
    ask("set_no_key", &|r| {
        r.set = vec![(String::new(), "x".to_owned())];
    });
}
