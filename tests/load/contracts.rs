//! A running service beside its description: what it answers, and what nobody can tell.

use qgate::model::evidence::Evidence;
use qgate::model::fault::FaultKind;

use super::server::{self, Reply, Seen, Server};
use super::{Bench, headlines, value, why};

const DESCRIPTION: &str = r##"
openapi: 3.0.3
info: { title: Pets, version: "1" }
paths:
  /pets:
    get:
      operationId: allPets
      summary: All pets
      parameters:
        - { name: kind, in: query, required: true, schema: { type: string }, example: "small dog" }
        - { name: x-trace, in: header, required: true, schema: { type: string, default: t1 } }
        - { name: limit, in: query, schema: { type: integer } }
      responses:
        "200":
          description: all of them
          headers:
            x-total: { required: true, schema: { type: integer } }
          content:
            application/json:
              schema: { type: array, items: { $ref: "#/components/schemas/Pet" } }
    post:
      summary: Adds a pet
      requestBody:
        required: true
        content:
          application/json: { schema: {}, example: { name: Rex } }
      responses:
        "201": { description: it is there }
  /pets/{id}:
    get:
      summary: One pet
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
      responses:
        "200":
          description: this one
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Pet" }
        "404": { description: none }
components:
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: { type: integer }
        name: { type: string }
        code: { type: string, writeOnly: true }
"##;

/// JSON with a header more, or none when that is empty.
fn json(status: u16, header: &str, body: &str) -> Reply {
    let length = body.len();
    let end = if header.is_empty() { "" } else { "\r\n" };
    Reply::Keep(
        format!("HTTP/1.1 {status} X\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {length}\r\n{header}{end}\r\n{body}")
            .into_bytes(),
    )
}

fn good(seen: &Seen) -> Reply {
    match (seen.head.split(' ').next(), seen.path()) {
        (Some("POST"), _) => Reply::of(201, ""),
        (_, "/api/pets/404") => Reply::of(404, ""),
        (_, path) if path.starts_with("/api/pets?") => {
            json(200, "x-total: 1", r#"[{"id": 1, "name": "Rex"}]"#)
        }
        _ => json(200, "", r#"{"id": 7, "name": "Rex"}"#),
    }
}

fn ask(port: u16, options: &str) -> Evidence {
    let options = format!(
        "{{base_url: 'http://127.0.0.1:{port}/api', {}",
        &options[1..]
    );
    let files = [("api/openapi.yaml", DESCRIPTION)];
    let done = Bench::new().conclude_on("openapi", &options, &files);
    done.unwrap_or_else(|fault| panic!("{options}: {fault}"))
}

#[test]
fn a_service_that_keeps_to_its_description() {
    let server = Server::new(good);
    let evidence = ask(
        server.port,
        "{values: {id: '7'}, headers: {authorization: Bearer x}, requests: [{operation: POST /pets}, {operation: 'GET /pets/{id}', values: {id: '404'}, status: 404}]}",
    );
    assert_eq!(headlines(&evidence), [""; 0]);
    assert_eq!(value(&evidence, "contract_adherence"), "100%");
    assert_eq!(value(&evidence, "asked_endpoints"), "100%");
    assert_eq!(why(&evidence), "Complete");
    let seen = server.seen.lock().expect("nobody panicked");
    let first = seen[0].to_ascii_lowercase();
    assert!(
        first.starts_with("get /api/pets?kind=small%20dog http/1.1"),
        "{first}"
    );
    for header in [
        "x-trace: t1",
        "authorization: bearer x",
        "accept: application/json",
    ] {
        assert!(first.contains(header), "{first}");
    }
    assert!(seen[1].ends_with(r#"{"name":"Rex"}"#), "{}", seen[1]);
}

/// Asks for one pet only and gives what is found, and why it is not complete.
fn one(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Vec<String>, String) {
    let server = Server::new(reply);
    let evidence = ask(
        server.port,
        "{values: {id: '7'}, skip: [allPets], timeout: 200ms}",
    );
    (headlines(&evidence), why(&evidence))
}

#[test]
fn each_way_to_break_it() {
    fn check(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static, expected: &str) {
        let (found, why) = one(reply);
        assert_eq!(found, [expected.to_string()], "{why}");
        assert_eq!(why, "Complete");
    }
    check(
        |_| json(200, "", r#"{"id": "7", "name": "Rex"}"#),
        "response-mismatch: the answer to GET /pets/{id} does not match its schema: /id of its body is a string, and must be an integer",
    );
    check(
        |_| json(200, "", r#"{"id": 7, "name": "Rex",}"#),
        "response-mismatch: the answer to GET /pets/{id} has a body that is no JSON: key must be a string at byte 24",
    );
    check(
        |_| json(418, "", "{}"),
        "undocumented-response: the answer to GET /pets/{id} has status 418, and only 200, 404 are documented",
    );
    check(
        |_| Reply::of(200, "x"),
        "response-mismatch: the answer to GET /pets/{id} has a body, and lacks the header `content-type`",
    );
    check(
        |_| {
            Reply::Keep(
                b"HTTP/1.1 200 X\r\ncontent-type: text/html\r\ncontent-length: 1\r\n\r\nx".to_vec(),
            )
        },
        "undocumented-response: the answer to GET /pets/{id} has the content type text/html, and only application/json is documented",
    );
    check(
        |_| json(200, "", ""),
        "response-mismatch: the answer to GET /pets/{id} has no body, and one is documented",
    );
    let server = Server::new(|_| json(200, "", "[]"));
    let evidence = ask(server.port, "{}");
    let expected = "response-mismatch: the answer to GET /pets lacks the header `x-total`";
    assert_eq!(headlines(&evidence), [expected]);
    let place = evidence.findings[0].place.to_string();
    assert_eq!(place, "api/openapi.yaml:6:5");
    assert!(
        evidence
            .notes
            .iter()
            .any(|note| note.contains("no value is known for `id` in path"))
    );
}

#[test]
fn what_nobody_can_tell_is_no_pass() {
    fn check(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static, expected: &str) {
        let (found, why) = one(reply);
        assert_eq!(found, [""; 0]);
        assert!(why.contains(expected), "{why}");
    }
    check(
        |_| Reply::Hang,
        "there was no answer: no answer within 200ms",
    );
    check(
        |_| Reply::of(404, ""),
        "a request that succeeds was not seen",
    );
    check(|_| Reply::Close(b"rubbish".to_vec()), "there was no answer");
    check(
        |_| {
            json(
                200,
                "",
                &format!("{{\"id\": 7, \"name\": \"{}\"}}", "x".repeat(1 << 20)),
            )
        },
        "longer than 1 MiB",
    );
    let nobody = server::free_port();
    let evidence = ask(nobody, "{values: {id: '7'}, timeout: 200ms}");
    assert!(
        why(&evidence).contains("there was no answer"),
        "{evidence:?}"
    );
    let files = [("a.yaml", DESCRIPTION), ("b.yaml", DESCRIPTION)];
    let options = "{base_url: 'http://127.0.0.1:1'}";
    let fault = Bench::new().conclude_on("openapi", options, &files);
    let fault = fault.expect_err("which one?");
    assert_eq!(fault.kind, FaultKind::Missing);
    let fault = Bench::new().conclude_on("openapi", options, &[]);
    assert_eq!(fault.expect_err("none").kind, FaultKind::Missing);
    let options = "{base_url: 'http://127.0.0.1:1', skip: [nothing]}";
    let fault = Bench::new().conclude_on("openapi", options, &files[..1]);
    assert!(
        fault
            .expect_err("no such operation")
            .what
            .contains("`nothing`")
    );
    let fault =
        Bench::new().conclude_on("openapi", "{base_url: 'https://example.com'}", &files[..1]);
    assert!(fault.expect_err("not ours").what.contains("allow_hosts"));
    for (bad, message) in [
        ("{base_url: 'http://127.0.0.1/?a=b'}", "query"),
        ("{skip: [x]}", "base_url"),
    ] {
        let problem = super::build("openapi", bad).err().expect("it is refused");
        assert!(problem.contains(message), "{problem}");
    }
}
