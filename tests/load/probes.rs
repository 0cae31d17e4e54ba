//! Probes of real servers, over TLS too.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use qgate::model::fault::FaultKind;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::server::{self, Reply, Seen, Server};
use super::{Bench, certificate, headlines, value};

/// Probes a server and gives the headlines of what it finds.
fn probe(server: &Server, options: &str) -> (Vec<String>, String) {
    let options = format!("{{url: '{}', {}", server.url("/health"), &options[1..]);
    let evidence = Bench::new()
        .conclude("probe", &options)
        .expect("it is asked");
    (headlines(&evidence), value(&evidence, "availability"))
}

fn check(server: &Server, options: &str, expected: &[&str], availability: &str) {
    let (found, share) = probe(server, options);
    let found: Vec<String> = found
        .iter()
        .map(|line| line.replace(&server.port.to_string(), "PORT"))
        .collect();
    assert_eq!(found, expected, "{options}");
    assert_eq!(share, availability, "{options}");
}

#[test]
fn status_body_and_time() {
    let server = Server::new(|_| Reply::of(200, "{\"status\": \"UP\"}"));
    check(&server, "{body: UP, within: 5s}", &[], "100%");
    check(
        &server,
        "{status: [204]}",
        &["probe-failed: http://127.0.0.1:PORT/health answered with status 200, not 204"],
        "0%",
    );
    check(
        &server,
        "{body: DOWN, probes: 2, every: 10ms}",
        &[
            "probe-failed: 2 of 2 probes failed: http://127.0.0.1:PORT/health answered with a body that does not match",
        ],
        "0%",
    );
    let slow = Server::new(super::after(Duration::from_millis(60)));
    let (found, _) = probe(&slow, "{within: 50ms}");
    assert!(found[0].contains("longer than 50ms"), "{found:?}");
    let (found, _) = probe(&slow, "{timeout: 30ms}");
    assert!(
        found[0].ends_with("gave no answer: no answer within 30ms"),
        "{found:?}"
    );
}

#[test]
fn what_fails_is_tried_again() {
    let heals = |after: usize| {
        Server::new(move |seen: &Seen| Reply::of(if seen.number < after { 503 } else { 200 }, ""))
    };
    check(&heals(2), "{retries: 2, every: 10ms}", &[], "100%");
    check(
        &heals(2),
        "{retries: 1, every: 10ms}",
        &["probe-failed: http://127.0.0.1:PORT/health answered with status 503, not one below 400"],
        "0%",
    );
    check(
        &heals(1),
        "{probes: 4, every: 10ms}",
        &[
            "probe-failed: 1 of 4 probes failed: http://127.0.0.1:PORT/health answered with status 503, not one below 400",
        ],
        "75%",
    );
}

#[test]
fn nobody_there() {
    let port = server::free_port();
    let options = format!("{{url: 'http://127.0.0.1:{port}/'}}");
    let evidence = Bench::new()
        .conclude("probe", &options)
        .expect("it is asked");
    assert!(
        headlines(&evidence)[0].contains("gave no answer: Connection refused"),
        "{evidence:?}"
    );
    assert_eq!(value(&evidence, "max_response_time"), "");
    let stranger = "{url: 'http://192.0.2.1/'}";
    let fault = Bench::new()
        .conclude("probe", stranger)
        .expect_err("offline");
    assert_eq!(fault.kind, FaultKind::Offline);
}

/// A server that shows this certificate.
pub fn secure(der: &[u8], key: &[u8]) -> Server {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.to_vec()).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(der.to_vec())], key)
        .expect("they belong together");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let wrap = move |stream| {
        let session = rustls::ServerConnection::new(Arc::clone(&config)).expect("a session");
        rustls::StreamOwned::new(session, stream)
    };
    Server::on(listener, wrap, |_| Reply::of(200, "fine"))
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_told_and_nothing_is_sent() {
    let (der, key) = certificate::make("200101", "490101");
    let server = secure(&der, &key);
    let options = format!("{{url: 'https://127.0.0.1:{}/'}}", server.port);
    let evidence = Bench::new()
        .conclude("probe", &options)
        .expect("it is asked");
    let found = headlines(&evidence);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found
            .iter()
            .any(|line| line.contains("certificate-invalid") && line.contains("UnknownIssuer")),
        "{found:?}"
    );
    assert!(
        found.iter().any(|line| line.contains("probe-failed")),
        "{found:?}"
    );
    assert_eq!(server.hits(), 0);
    let note = format!(
        "the certificate of 127.0.0.1:{} is good until 2049-01-01",
        server.port
    );
    assert!(evidence.notes.contains(&note), "{:?}", evidence.notes);
    let days: i64 = value(&evidence, "certificate_days")
        .parse()
        .expect("a count");
    assert!(days > 3_000, "{days}");
}
