//! How fast SQL is parsed, folded and judged, beside `squawk` and beside a live database, in one run.
//!
//! `cargo bench --bench sql -- [FOLDER]`. Without a folder only a generated dump of two megabytes is measured; with one, all SQL
//! files below it too, and with `QGATE_SQL_TORN` cut and changed at random as well. `squawk` is run where it is on `PATH`; the live way where PostgreSQL is installed and `QGATE_SPLINTER` names
//! the lints. Everything of qgate's runs on one thread.
#![cfg(unix)]

#[path = "../differential/lints.rs"]
#[expect(dead_code, reason = "the bench needs a part of it")]
mod lints;
#[path = "../differential/server.rs"]
#[expect(dead_code, reason = "the bench needs a part of it")]
mod server;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use qgate::base::path::RepoPath;
use qgate::checkers::sql::facts::Facts;
use qgate::checkers::sql::history::{self, Mode, Question};
use qgate::checkers::sql::parse::split;
use qgate::checkers::sql::platform::Profile;
use qgate::checkers::sql::rls::Known;
use qgate::checkers::sql::safety::unreleased::Unreleased;
use qgate::checkers::sql::sources::MigrationSet;
use qgate::checkers::sql::sources::content::Content;
use qgate::model::place::Span;

/// What the platform brings along.
const SUPABASE: &str = include_str!("../differential/supabase.sql");

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;

/// A schema as `pg_dump` writes it, of about so many bytes.
fn dump(bytes: usize) -> String {
    let mut text = String::from(
        "SET statement_timeout = 0;\nSET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n\
         SELECT pg_catalog.set_config('search_path', '', false);\nSET check_function_bodies = false;\nSET row_security = off;\n\n",
    );
    let mut n = 0;
    while text.len() < bytes {
        n += 1;
        let before = n - 1;
        let _ = write!(
            text,
            "--\n-- Name: table_{n}; Type: TABLE; Schema: public; Owner: postgres\n--\n\n\
             CREATE TABLE public.table_{n} (\n    id uuid DEFAULT gen_random_uuid() NOT NULL,\n    \
             tenant_id uuid NOT NULL,\n    name character varying(255) NOT NULL,\n    amount numeric(12,2) DEFAULT 0,\n    \
             data jsonb DEFAULT '{{}}'::jsonb NOT NULL,\n    state text DEFAULT 'new'::text NOT NULL,\n    parent_id uuid,\n    \
             created_at timestamp with time zone DEFAULT timezone('utc'::text, now()) NOT NULL,\n    \
             CONSTRAINT table_{n}_state_check CHECK ((state = ANY (ARRAY['new'::text, 'open'::text, 'done'::text])))\n);\n\n\n\
             ALTER TABLE public.table_{n} OWNER TO postgres;\n\n\
             COMMENT ON TABLE public.table_{n} IS 'What the tenants keep in place {n}.';\n\n\
             CREATE FUNCTION public.touch_{n}() RETURNS trigger\n    LANGUAGE plpgsql SECURITY DEFINER\n    \
             SET search_path TO ''\n    AS $$\nDECLARE\n  v_count integer;\nBEGIN\n  \
             SELECT count(*) INTO v_count FROM public.table_{n} t WHERE t.tenant_id = NEW.tenant_id AND t.state <> 'done';\n  \
             IF v_count > 1000 THEN\n    RAISE EXCEPTION 'too many rows: %', v_count;\n  END IF;\n  \
             NEW.data := NEW.data || jsonb_build_object('touched', now());\n  RETURN NEW;\nEND;\n$$;\n\n\
             ALTER TABLE ONLY public.table_{n}\n    ADD CONSTRAINT table_{n}_pkey PRIMARY KEY (id);\n\n\
             CREATE INDEX table_{n}_tenant_idx ON public.table_{n} USING btree (tenant_id, created_at DESC);\n\n\
             CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON public.table_{n} FOR EACH ROW EXECUTE FUNCTION public.touch_{n}();\n\n\
             CREATE POLICY \"Tenants read their own\" ON public.table_{n} FOR SELECT TO authenticated USING ((tenant_id IN ( \
             SELECT (((auth.jwt() -> 'app_metadata'::text) ->> 'tenant'::text))::uuid AS uuid)));\n\n\
             CREATE POLICY \"Tenants write their own\" ON public.table_{n} FOR UPDATE TO authenticated USING \
             ((auth.uid() = tenant_id)) WITH CHECK ((auth.uid() = tenant_id));\n\n\
             ALTER TABLE public.table_{n} ENABLE ROW LEVEL SECURITY;\n\n\
             GRANT ALL ON TABLE public.table_{n} TO anon;\nGRANT ALL ON TABLE public.table_{n} TO authenticated;\n\
             GRANT ALL ON TABLE public.table_{n} TO service_role;\n\n"
        );
        if before > 0 {
            let _ = write!(
                text,
                "ALTER TABLE ONLY public.table_{n}\n    ADD CONSTRAINT table_{n}_parent_fkey FOREIGN KEY (parent_id) \
                 REFERENCES public.table_{before}(id) ON DELETE CASCADE;\n\n"
            );
        }
    }
    text
}

/// All SQL files below a folder that are UTF-8.
fn files(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "sql")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            found.push((path, text));
        }
    }
}

/// How long this thread has run, where the system tells: other programs on the machine do not count then.
fn on_cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

/// The median time of a piece of work: by the clock, and on the processor.
fn timed(mut work: impl FnMut()) -> (Duration, Option<Duration>) {
    let mut times: Vec<(Duration, Option<Duration>)> = (0..ROUNDS)
        .map(|_| {
            let (started, before) = (Instant::now(), on_cpu());
            work();
            let ran = on_cpu()
                .zip(before)
                .map(|(after, before)| after.saturating_sub(before));
            (started.elapsed(), ran)
        })
        .collect();
    times.sort_by_key(|(clock, ran)| ran.unwrap_or(*clock));
    times[ROUNDS / 2]
}

fn parsed(text: &str) -> Facts {
    Facts {
        script: Some(split::script(text, |_| Span::at(1, 1))),
        content: Content::of(text.as_bytes()),
    }
}

/// Parses, folds and judges scripts as one history.
fn judged(texts: &[&str]) -> usize {
    let facts: Vec<Facts> = texts.iter().map(|text| parsed(text)).collect();
    let paths: Vec<RepoPath> = (0..texts.len())
        .map(|n| RepoPath::new(format!("{n:06}.sql").as_bytes()).expect("it is a path"))
        .collect();
    let find = |path: &RepoPath| {
        paths
            .iter()
            .position(|other| other == path)
            .map(|at| &facts[at])
    };
    let set = MigrationSet::of_files(&paths, &|path| {
        find(path).map(|facts| facts.content.clone())
    });
    let exposed = ["public".to_owned(), "graphql_public".to_owned()];
    let question = Question {
        mode: Mode::Precise,
        profile: Profile::Legacy,
        exposed: &exposed,
        unreleased: &Unreleased::Each,
        known: &Known::default(),
    };
    history::judge(&set, &find, question).hits.len()
}

#[expect(clippy::print_stdout, reason = "a benchmark's output is its result")]
fn say(line: &str) {
    println!("{line}");
}

/// One line: the time by the clock, the time on the processor where it is known, and the speed by the latter.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn told(what: &str, bytes: usize, (clock, ran): (Duration, Option<Duration>)) {
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    let speed = bytes as f64 / 1_000_000.0 / ran.unwrap_or(clock).as_secs_f64();
    let ran = ran.map_or_else(
        || "       -".to_owned(),
        |ran| format!("{:>8.1}", millis(ran)),
    );
    say(&format!(
        "{what:<32} {:>9.1} ms, processor {ran} ms, {speed:>6.1} MB/s",
        millis(clock)
    ));
}

fn programs(file: &Path, bytes: usize) {
    let run = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        command
            .args(args)
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.env("RAYON_NUM_THREADS", "1");
        command.status()
    };
    let qgate = env!("CARGO_BIN_EXE_qgate");
    let time = timed(|| {
        let status = run(qgate, &["sql", "lint"]).expect("qgate is built");
        assert!(matches!(status.code(), Some(0 | 1 | 3)), "{status}");
    });
    told("process: qgate sql lint", bytes, (time.0, None));
    if run("squawk", &["--version"]).is_err() {
        say("squawk is not on PATH: not measured");
        return;
    }
    let time = timed(|| drop(run("squawk", &[])));
    told("process: squawk", bytes, (time.0, None));
}

fn live(text: &str) {
    let (Some(file), Ok(server)) = (lints::file(), server::Server::start()) else {
        say("live: no PostgreSQL, or QGATE_SPLINTER names no lints: not measured");
        return;
    };
    let started = Instant::now();
    server.script("postgres", "create database live;");
    server.script("live", SUPABASE);
    let ready = started.elapsed();
    let started = Instant::now();
    let errors = server.script("live", text);
    let replayed = started.elapsed();
    let found = lints::live(&server, "live", &file).len();
    told("live: psql replays the dump", text.len(), (replayed, None));
    told(
        "live: replay and lints",
        text.len(),
        (started.elapsed(), None),
    );
    say(&format!(
        "live: {} errors, {found} findings; the empty project took {} ms",
        errors.len(),
        ready.as_millis()
    ));
}

/// Files cut at many places and with bytes that are changed: none may end the process. Returns how many texts there were.
fn torn(found: &[(PathBuf, String)]) -> usize {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below.max(1) as u64).expect("it is below a length")
    };
    let mut texts = 0;
    for (_, text) in found {
        for _ in 0..8 {
            let cut =
                String::from_utf8_lossy(&text.as_bytes()[..random(text.len() + 1)]).into_owned();
            judged(&[&cut]);
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..4 {
                let at = random(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = b"'\"$;()[]-/*\\\0 ae9:=."[random(22)];
                }
            }
            judged(&[&String::from_utf8_lossy(&bytes)]);
            texts += 2;
        }
    }
    texts
}

fn main() {
    let folder = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with("--"))
        .map(PathBuf::from);
    let text = dump(2_000_000);
    let bytes = text.len();
    told("dump: parse", bytes, timed(|| drop(parsed(&text))));
    told(
        "dump: parse, fold, all rules",
        bytes,
        timed(|| {
            assert!(judged(&[&text]) > 0);
        }),
    );
    let made = tempfile::tempdir().expect("a folder can be made");
    let file = made.path().join("dump.sql");
    std::fs::write(&file, &text).expect("it can be written");
    programs(&file, bytes);
    live(&text);
    let Some(folder) = folder else { return };
    let mut found = Vec::new();
    files(&folder, &mut found);
    let bytes: usize = found.iter().map(|(_, text)| text.len()).sum();
    say(&format!(
        "{}: {} files, {bytes} bytes",
        folder.display(),
        found.len()
    ));
    told(
        "files: parse",
        bytes,
        timed(|| found.iter().for_each(|(_, text)| drop(parsed(text)))),
    );
    // Each folder is a history of its own.
    let mut sets: Vec<(&Path, Vec<&str>)> = Vec::new();
    found.sort();
    for (path, text) in &found {
        let parent = path.parent().unwrap_or(path);
        match sets.last_mut() {
            Some((last, texts)) if *last == parent => texts.push(text),
            _ => sets.push((parent, vec![text])),
        }
    }
    let time = timed(|| {
        for (_, texts) in &sets {
            judged(texts);
        }
    });
    told("files: parse, fold, all rules", bytes, time);
    if std::env::var_os("QGATE_SQL_TORN").is_some() {
        let started = Instant::now();
        let texts = torn(&found);
        say(&format!(
            "files: {texts} torn texts in {} s, and no panic",
            started.elapsed().as_secs()
        ));
    }
}
