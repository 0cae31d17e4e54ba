//! The checkers `sql-live` and `sql-queries` on a real PostgreSQL: what they find, what they refuse, and that they change nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use qgate::base::path::RepoPath;
use qgate::check::context::{Cx, LazyChange};
use qgate::check::database::DatabaseUrl;
use qgate::check::nowhere;
use qgate::check::ports::{Databases as _, Ports, Refusal};
use qgate::check::registry::Check;
use qgate::checkers;
use qgate::checkers::sql::live::begin;
use qgate::config::yaml;
use qgate::host::database::Client;
use qgate::host::interrupt::Cancel;
use qgate::model::evidence::{Completeness, Evidence};
use qgate::model::fault::{Fault, FaultKind};
use qgate::source::file::SourceFile;
use qgate::source::memory::MemoryTree;
use qgate::source::tree::SourceTree as _;

use crate::server::Server;
use crate::{lints, migrations, outside_sets, replay, say, sets, start};

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_mins(1);

/// Never in any message.
const PASSWORD: &str = "geheim-7531";

type Files = Vec<(Vec<u8>, Vec<u8>)>;

fn build(checker: &str, options: &str) -> Arc<dyn Check> {
    let info = checkers::find(checker).expect("a checker");
    let text = yaml::text("options", options.as_bytes(), false).expect("text");
    let node = yaml::parse(&text).expect("YAML");
    let mut problems = Vec::new();
    let built = (info.build)(&node, &mut problems);
    built.unwrap_or_else(|| panic!("{options}: {problems:?}"))
}

/// What a check says, given files and a time.
fn conclude(
    checker: &str,
    options: &str,
    files: Files,
    timeout: Duration,
) -> Result<Evidence, Fault> {
    let check = build(checker, options);
    let tree = MemoryTree::new(files);
    let client = Client::new(true, Cancel::new());
    let change = LazyChange::unknown(Fault::new(FaultKind::Missing, "there is no base", ""));
    let wanted = tree.files().iter().filter(|file| check.wants(file));
    let facts: Vec<_> = wanted
        .map(|meta| {
            let content = tree.read(meta).expect("it is in memory");
            (
                meta,
                check.observe(&SourceFile::new(content, meta.language, meta.class)),
            )
        })
        .collect();
    let facts: Vec<_> = facts
        .iter()
        .map(|(meta, facts)| (*meta, facts.as_slice()))
        .collect();
    let cx = Cx {
        waivers: &[],
        tree: &tree,
        change: &change,
        ports: Ports {
            databases: &client,
            ..nowhere::ports()
        },
        timeout,
        label: "gate.check",
    };
    check.conclude(&facts, &cx)
}

fn live(url: &str, more: &str) -> Result<Evidence, Fault> {
    conclude(
        "sql-live",
        &format!("{{ url: '{url}'{more} }}"),
        Files::new(),
        LONG,
    )
}

/// The findings as the live lints name them.
fn keys(evidence: &Evidence) -> BTreeSet<String> {
    let line = |finding: &qgate::model::finding::Finding| {
        format!("{}\t{}", finding.rule.replace('-', "_"), finding.anchor)
    };
    evidence.findings.iter().map(line).collect()
}

fn partial(evidence: &Evidence) -> Vec<String> {
    match &evidence.completeness {
        Completeness::Partial(why) => why.clone(),
        _ => Vec::new(),
    }
}

/// A set's files under the paths that they have there, and what lies beside them.
fn files(set: &Path) -> Files {
    let mut files = Files::new();
    for path in migrations(set) {
        let inside = path.strip_prefix(set).expect("it lies in the set");
        let path_ = RepoPath::from_native(inside).expect("a path");
        files.push((
            path_.as_bytes().to_vec(),
            std::fs::read(&path).expect("it can be read"),
        ));
    }
    files
}

fn same(what: &str, found: &BTreeSet<String>, expected: &BTreeSet<String>) {
    let missing: Vec<_> = expected.difference(found).collect();
    let more: Vec<_> = found.difference(expected).collect();
    assert!(
        missing.is_empty() && more.is_empty(),
        "{what}: missing {missing:#?} more {more:#?}"
    );
}

#[test]
fn a_live_database_has_the_findings_of_its_own_lints() {
    let own = sets().into_iter().map(|set| {
        let expected = lints::expected(&set);
        (set, expected)
    });
    let outside = outside_sets().into_iter().filter_map(|set| {
        let keys = std::fs::read_to_string(set.with_extension("keys.tsv")).ok()?;
        Some((set, keys.lines().map(str::to_owned).collect()))
    });
    for (set, expected) in own.chain(outside) {
        let Some(server) = start() else { return };
        replay(&server, &set);
        let start = std::time::Instant::now();
        let evidence = live(&server.url("replay"), ", mode: exact").expect("it can be read");
        let took = start.elapsed();
        assert_eq!(
            partial(&evidence),
            Vec::<String>::new(),
            "{}",
            set.display()
        );
        same(&set.display().to_string(), &keys(&evidence), &expected);
        say(&format!(
            "{}: {} live findings in {took:.0?}",
            set.display(),
            expected.len()
        ));
        if let Some(file) = lints::file() {
            same(
                "the live lints",
                &lints::live(&server, "replay", &file),
                &expected,
            );
        }
    }
}

/// What `compare` finds, without the rule.
fn drift(server: &Server, files: Files) -> Vec<String> {
    let options = format!("{{ url: '{}', compare: true }}", server.url("replay"));
    let evidence = conclude("sql-live", &options, files, LONG).expect("it can be read");
    let mut found: Vec<String> = evidence
        .findings
        .iter()
        .filter(|finding| finding.rule == "sql-drift")
        .map(|finding| format!("{}: {}", finding.place, finding.headline))
        .collect();
    found.sort();
    found
}

#[test]
fn what_was_changed_by_hand_is_drift_and_nothing_else_is() {
    let set = sets().into_iter().find(|set| set.ends_with("shop"));
    let set = set.expect("it is there");
    let Some(server) = start() else { return };
    replay(&server, &set);
    assert_eq!(drift(&server, files(&set)), Vec::<String>::new());
    let errors = server.script("replay", include_str!("by_hand.sql"));
    assert!(errors.is_empty(), "{errors:#?}");
    let expected: Vec<&str> = include_str!("by_hand.txt").lines().collect();
    let found = drift(&server, files(&set));
    if crate::bless() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/by_hand.txt");
        std::fs::write(path, found.join("\n") + "\n").expect("it can be written");
        return;
    }
    assert_eq!(found, expected);
}

/// Sets from elsewhere, replayed and compared with their own files: only what the replay itself could not run may differ.
#[test]
fn sets_from_elsewhere_have_no_drift_of_their_own() {
    for set in outside_sets() {
        let Some(server) = start() else { return };
        let errors = replay(&server, &set);
        let found = drift(&server, files(&set));
        say(&format!(
            "{}: {} errors in the replay, {} differences",
            set.display(),
            errors.len(),
            found.len()
        ));
        for line in found
            .iter()
            .take(std::env::var_os("QGATE_SHOW_DRIFT").map_or(0, |_| 200))
        {
            say(&format!("    {line}"));
        }
        assert!(!errors.is_empty() || found.is_empty(), "{found:#?}");
    }
}

fn fault(result: Result<Evidence, Fault>) -> (FaultKind, String) {
    let fault = result.expect_err("it cannot know");
    let text = format!("{} / {}", fault.what, fault.cure);
    assert!(!text.contains(PASSWORD), "{text}");
    (fault.kind, text)
}

#[track_caller]
fn refused(result: Result<Evidence, Fault>, kind: FaultKind, says: &str) {
    let (found, text) = fault(result);
    assert_eq!(found, kind, "{text}");
    assert!(text.contains(says), "no `{says}` in {text}");
}

#[test]
fn a_database_that_does_not_answer_is_no_pass() {
    let Some(server) = start() else { return };
    server.lock("locked", PASSWORD);
    let as_locked = |password: &str| server.url_of("postgres", "locked", password);
    live(&as_locked(PASSWORD), "").expect("the right password opens it");
    let failed = FaultKind::ToolFailed;
    refused(
        live(&as_locked("wrong"), ""),
        failed,
        "password authentication failed",
    );
    refused(
        live(&server.url("nowhere"), ""),
        FaultKind::Missing,
        "does not exist",
    );
    let nobody = format!("postgresql://app:{PASSWORD}@127.0.0.1:1/app");
    refused(
        live(&nobody, ""),
        failed,
        "127.0.0.1:1/app cannot be reached",
    );
    let far = format!("postgresql://app:{PASSWORD}@192.0.2.1/app");
    refused(
        live(&far, ""),
        FaultKind::Offline,
        "the network is not allowed",
    );
    let odd = format!("postgresql://app:{PASSWORD}@127.0.0.1:port/app");
    refused(live(&odd, ""), FaultKind::Missing, "cannot be used");
}

#[test]
fn reading_changes_nothing_and_says_what_it_does_not_see() {
    let set = sets().into_iter().next().expect("there is one");
    let Some(server) = start() else { return };
    replay(&server, &set);
    // A transaction that writes gets a number, and the next one is then higher.
    let next = || server.query("replay", "select pg_snapshot_xmax(pg_current_snapshot());");
    let before = next();
    live(&server.url("replay"), "").expect("it can be read");
    assert_eq!(next(), before);
    let client = Client::new(true, Cancel::new());
    let url = DatabaseUrl::new(&server.url("replay")).expect("a good URL");
    let mut session = client.open(&url, LONG).expect("it answers");
    session.script(&begin(LONG, LONG)).expect("it begins");
    let refusal = session.script("create table public.written ()").err();
    let code = refusal.map(|refusal| match refusal {
        Refusal::Server { code, .. } => code,
        Refusal::Lost(fault) => fault.what,
    });
    assert_eq!(
        code.as_deref(),
        Some("25006"),
        "read-only transactions refuse to write"
    );
    server.script("replay", "create role watcher login");
    let evidence = live(&server.url_of("replay", "watcher", "x"), "").expect("it can be read");
    let unseen = partial(&evidence);
    assert_eq!(
        unseen,
        ["the rows of storage.buckets are not seen: this role may not read them"]
    );
}

fn queries(server: &Server, queries: &str, more: &str) -> Result<Evidence, Fault> {
    let url = server.url("postgres");
    let options = format!("{{ url: '{url}', queries: [{queries}]{more} }}");
    conclude("sql-queries", &options, Files::new(), LONG)
}

fn measured(evidence: &Evidence, metric: &str) -> String {
    let found = evidence
        .measurements
        .iter()
        .find(|one| one.metric == metric);
    found.map_or_else(String::new, |one| one.value.quantity().to_string())
}

const ROWS: &str = "create table big (n int, who text); insert into big select n, 'a' from generate_series(1, 20000) n;
    create table notes (id int primary key, owner text); insert into notes values (1, 'ada'), (2, 'bob'); analyze;
    create role reader; grant select on notes to reader; alter table notes enable row level security;
    create policy own on notes for select to reader using (owner = current_setting('request.jwt.claims')::json ->> 'sub');";

#[test]
fn queries_are_measured_as_their_role_and_leave_nothing_behind() {
    let Some(server) = start() else { return };
    let errors = server.script("postgres", ROWS);
    assert!(errors.is_empty(), "{errors:?}");
    let scan =
        "{ name: scan, sql: 'select * from big where n = $1', parameters: ['7'], budget: 1h }";
    let evidence = queries(&server, scan, "").expect("it can be measured");
    let found: Vec<String> = evidence
        .findings
        .iter()
        .map(|f| format!("{}: {}", f.rule, f.headline))
        .collect();
    assert_eq!(
        found,
        ["sql-sequential-scan: the query `scan` looks at 20000 rows of big one after the other"]
    );
    assert_eq!(measured(&evidence, "query_rows"), "1");
    assert_ne!(measured(&evidence, "query_buffers"), "0");
    assert!(
        measured(&evidence, "p95_query_time").ends_with('s'),
        "{evidence:?}"
    );
    let evidence = queries(&server, scan, ", sequential_rows: 20001").expect("it can be measured");
    assert!(evidence.findings.is_empty(), "{:?}", evidence.findings);
    let slow = "{ name: slow, sql: 'select pg_sleep(0.01)', budget: 5ms }";
    let evidence = queries(&server, slow, "").expect("it can be measured");
    assert_eq!(evidence.findings.len(), 1, "{:?}", evidence.findings);
    let headline = &evidence.findings[0].headline;
    assert!(
        headline.ends_with("at the 95th percentile of 20 runs; its budget is 5ms"),
        "{headline}"
    );
    // As the role and the caller that the check names, row-level security holds.
    let mine = r#"{ name: mine, sql: 'select * from notes', role: reader, settings: { request.jwt.claims: '{"sub": "ada"}' } }"#;
    let evidence = queries(&server, mine, "").expect("it can be measured");
    assert_eq!(measured(&evidence, "query_rows"), "1");
    // What it writes is undone after each run: the same key goes in again and again.
    let write = "{ name: write, sql: 'insert into notes values (3, $1);', parameters: [eve] }";
    let evidence = queries(&server, write, "").expect("it can be measured");
    assert_eq!(measured(&evidence, "query_rows"), "1");
    assert_eq!(
        server
            .query("postgres", "select count(*) from notes;")
            .trim(),
        "2"
    );
}

#[test]
fn a_query_that_cannot_be_measured_is_no_pass() {
    let Some(server) = start() else { return };
    server.script("postgres", ROWS);
    let failed = FaultKind::ToolFailed;
    for (sql, says) in [
        ("select 1; commit; drop table notes", "multiple commands"),
        ("commit", "syntax error"),
        ("drop table notes", "syntax error"),
        ("select * from nowhere", "does not exist"),
        ("select 1 / 0", "division by zero"),
    ] {
        let query = format!("{{ name: odd, sql: '{sql}' }}");
        refused(queries(&server, &query, ""), failed, says);
    }
    assert_eq!(
        server
            .query("postgres", "select count(*) from notes;")
            .trim(),
        "2"
    );
    let sleep = "{ name: sleep, sql: 'select pg_sleep(60)' }";
    let timeout = FaultKind::Timeout;
    refused(
        queries(&server, sleep, ", statement_timeout: 50ms"),
        timeout,
        "statement timeout (57014)",
    );
    // The check's own time is up: the server is told, and nothing goes on there.
    let url = server.url("postgres");
    let options = format!("{{ url: '{url}', queries: [{sleep}] }}");
    let result = conclude(
        "sql-queries",
        &options,
        Files::new(),
        Duration::from_millis(500),
    );
    refused(result, timeout, "gave no answer within");
    let running = "select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active'
        and pid <> pg_backend_pid();";
    assert_eq!(server.query("postgres", running).trim(), "0");
    let lock = "{ name: lock, sql: 'select * from notes', role: nobody }";
    refused(queries(&server, lock, ""), failed, "does not exist");
    let missing = format!("{{ url: '{url}', queries: [{{ name: a, file: q/a.sql }}] }}");
    let result = conclude("sql-queries", &missing, Files::new(), LONG);
    refused(result, FaultKind::Missing, "q/a.sql is not there");
}

/// Whatever goes wrong, and whatever is asked for: the password is in nothing that qgate prints.
#[test]
fn the_program_never_shows_the_password() {
    let Some(server) = start() else { return };
    server.lock("locked", PASSWORD);
    let repo = crate::support::Repo::new();
    repo.write(
        "qgate.yaml",
        "version: 1\ngates:\n  db:\n    component: database\n    stages: [pre-push, ci]\n    checks:\n      - sql-live: { url: '${DATABASE_URL}' }\n",
    );
    let good = server.url_of("postgres", "locked", PASSWORD);
    let bad = server.url_of("postgres", "locked", &format!("{PASSWORD}-no"));
    let odd = format!("postgresql://locked:{PASSWORD}@127.0.0.1:1/x?sslmode={PASSWORD}");
    let none = format!("locked:{PASSWORD}@127.0.0.1");
    let literal = format!("url: 'postgresql://locked:{PASSWORD}@127.0.0.1:1/x'");
    let check = |url: &str, args: &[&str], code: i32| {
        let command = std::process::Command::new(env!("CARGO_BIN_EXE_qgate"));
        let output = crate::support::hermetic(command)
            .args(args)
            .current_dir(repo.path())
            .env("DATABASE_URL", url)
            .env("QGATE_LOG", "trace")
            .env("QGATE_WIDTH", "300")
            .output()
            .expect("qgate can be run");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).expect("it is ASCII");
        assert!(!text.contains("geheim"), "{args:?}:\n{text}");
        assert_eq!(output.status.code(), Some(code), "{args:?}:\n{text}");
    };
    check(&good, &["run"], 0);
    check(&good, &["run", "--format", "json", "--verbose"], 0);
    check(&good, &["run", "--dry-run"], 0);
    check(&good, &["explain", "config", "db"], 0);
    for format in ["text", "json", "sarif", "junit", "markdown"] {
        check(&bad, &["run", "--format", format], 3);
    }
    check(&odd, &["run"], 3);
    check(&none, &["run"], 2);
    let text = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it is there");
    repo.write(
        "qgate.yaml",
        text.replace("url: '${DATABASE_URL}'", &literal),
    );
    check(&good, &["run"], 3);
    check(&good, &["explain", "config", "db"], 0);
    repo.write(
        "qgate.yaml",
        text.replace("url: '${DATABASE_URL}'", &format!("{literal}, moed: exact")),
    );
    check(&good, &["run"], 2);
}

/// An untrusted change chooses neither the database nor what it runs.
#[test]
fn an_untrusted_change_is_not_asked() {
    let Some(server) = start() else { return };
    let repo = crate::support::Repo::new();
    let gates = |url: &str| {
        format!(
            "version: 1\ngates:\n  db:\n    stages: [pre-push, ci]\n    checks:\n      - sql-queries: {{ url: '{url}', queries: \
             [{{ name: one, file: q/one.sql }}] }}\n"
        )
    };
    let check = |args: &[&str], code: i32, says: &str| {
        let command = std::process::Command::new(env!("CARGO_BIN_EXE_qgate"));
        let output = crate::support::hermetic(command)
            .args(args)
            .current_dir(repo.path())
            .env("DATABASE_URL", server.url("postgres"))
            .env("QGATE_WIDTH", "300")
            .output()
            .expect("qgate can be run");
        let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("ASCII");
        assert_eq!(output.status.code(), Some(code), "{args:?}:\n{text}");
        assert!(text.contains(says), "{args:?}: no `{says}` in\n{text}");
    };
    repo.write("qgate.yaml", gates("${DATABASE_URL}"));
    repo.write("q/one.sql", "select 1");
    repo.commit("base");
    repo.write("qgate.yaml", gates("postgresql://app@127.0.0.1:1/x"));
    repo.commit("another database");
    check(
        &["run", "--base", "HEAD~1"],
        3,
        "127.0.0.1:1/x cannot be reached",
    );
    check(
        &["run", "--base", "HEAD~1", "--untrusted"],
        0,
        "untrusted: gate files",
    );
    repo.write("q/one.sql", "select 2");
    repo.commit("another query");
    let untrusted = ["run", "--base", "HEAD~1", "--untrusted"];
    check(
        &untrusted,
        3,
        "the database would run what it touches: q/one.sql",
    );
}

/// `sslmode` means what it means to libpq.
#[test]
fn tls_is_spoken_as_the_url_asks() {
    let Some(server) = start() else { return };
    let (port, authority) = match server.speak_tls() {
        Ok(spoken) => spoken,
        Err(missing) => {
            return say(&format!(
                "NOT RUN: TLS to a database: this machine lacks {missing}"
            ));
        }
    };
    let authority = authority.display().to_string().replace('/', "%2F");
    let client = Client::new(true, Cancel::new());
    let check = |host: &str, query: &str, expected: Result<&str, &str>| {
        let url = format!("postgresql://postgres@{host}:{port}/postgres?{query}");
        let url = DatabaseUrl::new(&url).expect("a good URL");
        let asked = client.open(&url, LONG).map(|mut session| {
            let ssl = "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()";
            let rows = session.script(ssl).expect("it answers");
            rows[0][0].clone().unwrap_or_default()
        });
        match (asked, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{host} {query}"),
            (Err(fault), Err(says)) => {
                assert_eq!(fault.kind, FaultKind::ToolFailed, "{fault}");
                assert!(fault.what.contains(says), "{host} {query}: {fault}");
            }
            (found, expected) => panic!("{host} {query}: {found:?}, not {expected:?}"),
        }
    };
    let trusted = format!("sslrootcert={authority}");
    check("localhost", "sslmode=disable", Ok("false"));
    check("localhost", "", Ok("true"));
    check("localhost", "sslmode=require", Ok("true"));
    check(
        "localhost",
        &format!("sslmode=verify-full&{trusted}"),
        Ok("true"),
    );
    check(
        "127.0.0.1",
        &format!("sslmode=verify-ca&{trusted}"),
        Ok("true"),
    );
    check(
        "127.0.0.1",
        &format!("sslmode=verify-full&{trusted}"),
        Err("not valid for name"),
    );
    check("localhost", "sslmode=verify-full", Err("UnknownIssuer"));
    check(
        "localhost",
        "sslmode=verify-full&sslrootcert=system",
        Err("UnknownIssuer"),
    );
}
