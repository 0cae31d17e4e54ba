//! The OSV query API, played by a server on this machine: pages, batches, a server that is too busy, and every answer that is none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::server::{Answer, Server};
use super::{CARGO_LOCK, GATES, Machine, record};

/// A server that knows `bad`, and tells it on the second page.
fn server() -> Server {
    let server = Server::start();
    server.put(
        "/v1/querybatch",
        Answer::Of(Arc::new(|body: &str| {
            let value: serde_json::Value = serde_json::from_str(body).expect("it is JSON");
            let queries = value["queries"].as_array().expect("a list");
            let answer = |query: &serde_json::Value| {
                assert_eq!(query["package"]["ecosystem"], "crates.io");
                assert_eq!(query["version"], "1.0.0");
                match (query["package"]["name"].as_str(), query["page_token"].as_str()) {
                    (Some("bad"), None) => serde_json::json!({ "next_page_token": "two" }),
                    (Some("bad"), Some("two")) => serde_json::json!({ "vulns": [{ "id": "X-1", "modified": "" }, { "id": "X-9" }] }),
                    _ => serde_json::json!({}),
                }
            };
            let results: Vec<serde_json::Value> = queries.iter().map(answer).collect();
            (200, serde_json::json!({ "results": results }).to_string())
        })),
    );
    server.put("/v1/vulns/X-1", whole(record("X-1", "bad", "2026-11-30")));
    let withdrawn = record("X-9", "bad", "2026-11-30").replacen(
        '{',
        "{\"withdrawn\": \"2026-11-30T00:00:00Z\", ",
        1,
    );
    server.put("/v1/vulns/X-9", whole(withdrawn));
    server
}

fn whole(text: impl Into<Vec<u8>>) -> Answer {
    Answer::Whole(text.into(), Vec::new())
}

fn gates(server: &Server) -> String {
    GATES.replace("{}", &format!("{{ api: '{}', timeout: 5s }}", server.url))
}

#[test]
fn a_server_is_asked() {
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    let server = server();
    machine.repo.write("qgate.yaml", gates(&server));
    machine.gate(
        1,
        &[
            "bad 1.0.0 is vulnerable by X-1",
            "raise bad to 1.0.1",
            "asked about 2 packages: 2 advisories told",
        ],
    );
    machine.check(
        &["deps", "audit", "--api", &server.url, "Cargo.lock"],
        1,
        &["X-1", "vulnerability 1"],
    );
    machine
        .repo
        .write("Cargo.lock", CARGO_LOCK.replace("\"bad\"", "\"fine\""));
    machine.gate(0, &["0 advisories told"]);
    // Nobody was asked without the option, and there is no data here.
    machine.repo.write("qgate.yaml", GATES);
    machine.gate(3, &["there are none on this machine"]);
}

#[test]
fn a_busy_server_is_asked_again() {
    let machine = Machine::new("Cargo.lock", CARGO_LOCK);
    let server = server();
    machine.repo.write("qgate.yaml", gates(&server));
    let times = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&times);
    let text = record("X-1", "bad", "2026-11-30");
    server.put(
        "/v1/vulns/X-1",
        Answer::Of(Arc::new(move |_: &str| {
            match counted.fetch_add(1, Ordering::SeqCst) {
                0 => (503, "busy".to_owned()),
                1 => (429, "busy".to_owned()),
                _ => (200, text.clone()),
            }
        })),
    );
    machine.gate(1, &["bad 1.0.0 is vulnerable by X-1"]);
    assert_eq!(times.load(Ordering::SeqCst), 3);
}

#[test]
fn an_answer_that_is_missing_is_never_green() {
    let machine = Machine::new(
        "Cargo.lock",
        CARGO_LOCK.replace("\"bad\"", "\"odd\"").as_str(),
    );
    let server = server();
    machine.repo.write("qgate.yaml", gates(&server));
    machine.gate(0, &[]);
    let same_page = r#"{"results": [{"next_page_token": "one"}, {"next_page_token": "one"}]}"#;
    for (answer, words) in [
        (Answer::Status(404), "status 404"),
        (Answer::Status(500), "status 500"),
        (whole("<html>Sign in"), "not that of such a server"),
        (whole("{}"), "not that of such a server"),
        (whole(r#"{"results": []}"#), "0 answers to 2 questions"),
        (whole(r#"{"results": [{}]}"#), "1 answers to 2 questions"),
        (whole(same_page), "the next page is the same one"),
        (
            whole(r#"{"results": [{"vulns": [{"id": "../x"}]}, {}]}"#),
            "is no id of a record",
        ),
        (
            whole(r#"{"results": [{"vulns": [{"id": "X-7"}]}, {}]}"#),
            "X-7: it answered with status 404",
        ),
        (
            whole(r#"{"results": [{"vulns": [{"id": "X-8"}]}, {}]}"#),
            "the answer is of X-1",
        ),
        (
            Answer::Half(b"{\"results\": [{}, {}]}".to_vec()),
            "gave no answer",
        ),
        (Answer::To("https://example.com/".to_owned()), "status 302"),
    ] {
        server.put("/v1/vulns/X-8", whole(record("X-1", "bad", "2026-11-30")));
        server.put("/v1/querybatch", answer);
        machine.gate(3, &[words]);
        let audit = ["deps", "audit", "--api", &server.url, "Cargo.lock"];
        machine.check(&audit, 3, &[words]);
    }
    let gates = GATES.replace("{}", "{ api: 'https://192.0.2.1' }");
    machine.repo.write("qgate.yaml", gates);
    machine.check(
        &["run", "--stage", "ci", "--offline", "--verbose"],
        3,
        &["the network is not allowed"],
    );
}
