//! Good gate files: what they come down to.

use std::fmt::Write as _;

use proptest::prelude::*;
use qgate::config::explain::{explain, validate_with};
use qgate::config::plan::{Plan, RuleSetting};
use qgate::config::{Request, packs, yaml};

use super::{Files, load, told, toy, variable};

const THE_WHOLE: &str = r#"# yaml-language-server: $schema=https://example.test/schema.json
version: 1
requires_qgate: ">=0.1"
ruleset: "2026-11"
extends: [base.yaml]
stages: [smoke]
defaults: { timeout: 2m, retries: 1 }
deadline: 10m
exclude: ["vendor/"]
rules: { hasty-answer: low }
environments:
  development: { bypass_allowed: true, advisory: [api-speed] }
  production: { mandatory: [docs] }
score:
  minimum: 80
  component_minimum: 50.5
  weights: { code_quality: 30 }
  formulas: { code_quality: 100 - smells * 5 }
gates:
  api-speed:
    title: The API is fast
    component: performance
    level: mandatory
    stages: [deployment, smoke]
    needs: [docs]
    paths: ["services/api/**"]
    checks:
      - probe:
          url: ${API_URL}/health
          attempts: ${ATTEMPTS}
          files: ["services/**"]
        timeout: 30s
        rules: { late-answer: off }
        tolerate: { partial_files: 3 }
    criteria:
      - p95_response_time: "< 200ms"
      - probe.timeout_rate: "< 0.1%"
      - answered: true
    failure_action: require_approval
    duration_target: 30s
  live:
    stages: [smoke]
    requires: [LIVE_URL]
    checks: [{ probe: { url: "${LIVE_URL}" } }]
"#;
const BASE: &str = r#"gates:
  docs:
    level: advisory
    stages: [smoke]
    checks: [{ tally: {} }]
    criteria: { line_coverage: ">= baseline - 0.5%" }
  dropped:
    checks: [{ tally: {} }]
"#;

fn shown(plan: &Plan) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "stage {} environment {:?} bypass {} deadline {:?} minimum {:?}",
        plan.stage, plan.environment, plan.bypass_allowed, plan.deadline, plan.score.minimum
    );
    for planned in &plan.gates {
        let gate = &planned.gate;
        let _ = writeln!(
            out,
            "{} [{}] {:?} {:?} {} needs {:?} unset {:?} from {}",
            gate.id,
            gate.title,
            gate.level,
            gate.failure_action,
            gate.component,
            gate.needs,
            planned.unset,
            gate.origin
        );
        for check in &planned.checks {
            let live: Vec<_> = check
                .live_globs
                .iter()
                .map(|(g, o)| format!("{} {o}", g.as_str()))
                .collect();
            let _ = writeln!(
                out,
                "  {} {} {:?} x{} {:?} live {live:?}",
                check.name,
                check.check.options(),
                check.timeout,
                check.retries,
                check.rules
            );
        }
        for c in &gate.criteria {
            let _ = writeln!(
                out,
                "  {:?} {} {} at {}",
                c.check, c.metric, c.criterion, c.origin
            );
        }
    }
    for notice in &plan.notices {
        let _ = writeln!(out, "notice: {notice}");
    }
    out
}

fn check(name: &str, files: &[(&str, &str)], request: &Request) {
    let text = match load(&Files::of(files), request) {
        Ok(plan) => shown(&plan),
        Err(problems) => panic!("{name}: {}", told(&problems)),
    };
    insta::with_settings!({
        snapshot_path => "plans",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text);
    });
}

fn smoke() -> Request {
    Request {
        stage: Some("smoke".to_owned()),
        ..Request::default()
    }
}

#[test]
fn the_whole_grammar() {
    let files = [("qgate.yaml", THE_WHOLE), ("base.yaml", BASE)];
    check("whole", &files, &smoke());
    let development = Request {
        environment: Some("development".to_owned()),
        ..smoke()
    };
    check("development", &files, &development);
    let set = Request {
        set: vec![
            (
                "gates.api-speed.criteria.p95_response_time".to_owned(),
                "\"< 1s\"".to_owned(),
            ),
            (
                "gates.api-speed.criteria.probe.timeout_rate".to_owned(),
                "off".to_owned(),
            ),
        ],
        gates: vec!["api-speed".to_owned()],
        ..Request::default()
    };
    check("set", &files, &set);
}

#[test]
fn weakenings_are_told() {
    let over = "extends: [base.yaml]\ngates:\n  dropped: off\n  strict:\n    level: advisory\n    failure_action: warn\n    scope: new\n    stages: [ci]\n    paths: [\"src/**\"]\n    criteria: { smells: \"<= 3\", line_coverage: off }\n    checks: [{ tally: { limit: 9 } }]\n";
    let base = "gates:\n  dropped: { checks: [{ tally: {} }] }\n  strict:\n    checks: [{ tally: { limit: 3 } }, { probe: {} }]\n    criteria: { smells: 0, line_coverage: \">= 90%\" }\n";
    let ci = Request {
        ci: true,
        ..Request::default()
    };
    check(
        "weakened",
        &[("qgate.yaml", over), ("base.yaml", base)],
        &ci,
    );
    let stricter =
        "extends: [base.yaml]\ngates: { strict: { criteria: { line_coverage: \">= 95%\" } } }\n";
    check(
        "stricter",
        &[("qgate.yaml", stricter), ("base.yaml", base)],
        &ci,
    );
}

#[test]
fn a_byte_order_mark_is_accepted() {
    let text = "\u{feff}gates: { g: { checks: [{ tally: {} }] } }\n";
    check("bom", &[("qgate.yaml", text)], &Request::default());
}

#[test]
fn newer_rules_only_inform() {
    let text = "ruleset: \"2026-11\"\ngates: { g: { checks: [{ probe: {} }] } }\n";
    let plan = load(&Files::of(&[("qgate.yaml", text)]), &Request::default())
        .unwrap_or_else(|p| panic!("{}", told(&p)));
    let rules = &plan.gates[0].checks[0].rules;
    assert_eq!(rules.len(), 1);
    assert!(matches!(
        rules["late-answer"],
        RuleSetting::Graded(qgate::model::rule::Severity::Info)
    ));
}

#[test]
fn each_value_is_explained() {
    let files = Files::of(&[("qgate.yaml", THE_WHOLE), ("base.yaml", BASE)]);
    let lines = explain(&smoke(), &files, "docs").unwrap_or_else(|p| panic!("{}", told(&p)));
    insta::with_settings!({ snapshot_path => "plans", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("explained", lines.join("\n"));
    });
}

#[test]
fn every_stage_and_environment_is_validated() {
    let files = Files::of(&[("qgate.yaml", THE_WHOLE), ("base.yaml", BASE)]);
    let notices = validate_with(toy::CHECKERS, &Request::default(), &files, &variable);
    assert!(
        notices.is_ok(),
        "{}",
        told(&notices.err().unwrap_or_default())
    );
    let broken = format!(
        "stages: [smoke]\n{BASE}  late: {{ stages: [nightly], checks: [{{ probe: {{ ulr: \"${{X}}\" }} }}] }}\n"
    );
    let problems = validate_with(
        toy::CHECKERS,
        &Request::default(),
        &Files::of(&[("qgate.yaml", &broken)]),
        &variable,
    )
    .err()
    .unwrap_or_default();
    assert_eq!(problems.len(), 1, "{}", told(&problems));
}

/// Mutations that are near enough to YAML to reach every floor of the reader.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let texts: Vec<&'static str> = packs::ALL
        .iter()
        .map(|(_, text)| *text)
        .chain([THE_WHOLE, BASE])
        .collect();
    let piece = prop_oneof![
        Just("\t"),
        Just("&a "),
        Just("*a"),
        Just("<<: "),
        Just("{"),
        Just("["),
        Just("'"),
        Just("\""),
        Just("\u{e9}"),
        Just("- "),
        Just(": "),
        Just("${"),
        Just("off"),
        Just("\n"),
        Just("\0"),
        Just("---\n"),
        Just("1e999"),
        Just("| "),
    ];
    (
        proptest::sample::select(texts),
        proptest::collection::vec((any::<prop::sample::Index>(), piece, 0_usize..6), 1..4),
    )
        .prop_map(|(text, changes)| {
            let mut bytes = text.as_bytes().to_vec();
            for (at, piece, gone) in changes {
                let at = at.index(bytes.len() + 1);
                let end = (at + gone).min(bytes.len());
                bytes.splice(at..end, piece.bytes());
            }
            bytes
        })
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop_oneof![proptest::collection::vec(any::<u8>(), 0..200), mutated()]) {
        let mut files = Files::of(&[("base.yaml", BASE)]);
        files.0.insert("qgate.yaml".to_owned(), bytes);
        if let Err(problems) = load(&files, &smoke()) {
            told(&problems);
        }
    }

    #[test]
    fn every_value_has_a_place(bytes in mutated()) {
        if let Ok(text) = yaml::text("x", &bytes, false) && let Ok(node) = yaml::parse(&text) {
            fn visit(node: &qgate::base::node::Node) {
                assert!(node.origin.text.text.get(node.origin.span.clone()).is_some());
                for (key, value) in node.entries() {
                    let written = &key.origin.text.text[key.origin.span.clone()];
                    assert!(written.contains(&key.name) || written.contains('\n') || written.starts_with(['"', '\'']) || !key.name.is_ascii(), "{written:?} {}", key.name);
                    visit(value);
                }
                node.items().iter().for_each(visit);
            }
            visit(&node);
        }
    }
}
