//! SQL by the program: `qgate sql lint`, and a gate that uses the checker. What is not known is never a pass.

mod support;

use std::process::Command;

use support::{Repo, hermetic};

/// What a command says, and that it ends with this code and says this.
#[track_caller]
fn check(repo: &Repo, args: &[&str], code: i32, says: &str) -> String {
    let output = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")))
        .args(args)
        .current_dir(repo.path())
        .env("QGATE_WIDTH", "200")
        .env("XDG_CACHE_HOME", repo.at(".git/test-cache"))
        .output()
        .expect("qgate can be run");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("it is ASCII");
    assert_eq!(output.status.code(), Some(code), "{args:?}:\n{text}");
    assert!(text.contains(says), "{args:?}: no `{says}` in\n{text}");
    text
}

const SAFE: &str = "create table public.notes (id uuid primary key);\nalter table public.notes enable row level security;\n\
                    create policy own on public.notes for select to authenticated using (true);\n";

/// One migration, and a mandatory gate over it that asks for no finding of severity high or above.
fn migrated(sql: &str) -> Repo {
    let repo = Repo::new();
    repo.write("supabase/migrations/20260101000000_a.sql", sql);
    repo.write(
        "qgate.yaml",
        "version: 1\ngates:\n  rls:\n    component: database\n    checks:\n      - sql: { profile: '2026' }\n",
    );
    repo
}

const LINT: &[&str] = &["sql", "lint", "--profile", "2026", "supabase/migrations"];

#[test]
fn what_is_safe_passes_and_what_is_not_fails() {
    let repo = migrated(SAFE);
    check(&repo, LINT, 0, "");
    check(&repo, &["run"], 0, "PASS    rls");
    let repo = migrated(&SAFE.replace("alter table", "-- alter table"));
    check(&repo, LINT, 1, "notes");
    let mut keys = LINT.to_vec();
    keys.extend(["--format", "keys"]);
    let text = check(&repo, &keys, 1, "policy_exists_rls_disabled\t");
    assert!(
        text.bytes()
            .all(|b| matches!(b, b'\t' | b'\n' | b' '..=b'~')),
        "{text}"
    );
}

#[test]
fn what_is_undecided_is_no_pass() {
    let hidden = "do $$ declare t text; begin for t in select tablename from pg_tables loop execute 'alter table ' || t || ' disable row level \
                  security'; end loop; end $$;\n";
    let repo = migrated(&format!("{SAFE}{hidden}"));
    let code = |args: &[&str], says: &str| check(&repo, args, 3, says);
    code(&["run"], "left undecided by the migrations");
    // Without a finding of any kind the command says that it does not know.
    let repo = migrated("comment on table public.elsewhere is 'made by hand';\n");
    check(&repo, LINT, 3, "");
    check(&repo, &["run"], 3, "????    rls");
}

#[test]
fn wrong_words() {
    let repo = migrated(SAFE);
    check(&repo, &["sql", "lint", "nowhere"], 2, "nowhere");
    check(
        &repo,
        &["sql", "lint", "--profile", "2027", "supabase"],
        2,
        "2026",
    );
}

const OLD: &str = "create table public.users (id uuid primary key, name text);\n";

/// Migrations of plain files, and a gate that asks for no finding of severity medium or above of the rules on a database in use.
fn in_use(only: &str, new: &str) -> Repo {
    let repo = Repo::new();
    repo.write("migrations/0001_a.sql", OLD);
    repo.write(
        "migrations/0002_b.sql",
        "set lock_timeout = '5s';\nalter table public.users drop column name;\n",
    );
    repo.write(
        "qgate.yaml",
        format!(
            "version: 1\ngates:\n  safe:\n    component: database\n    checks:\n      - sql: {{ profile: plain, only: {only} }}\n    \
             criteria:\n      sql_medium: 0\n"
        ),
    );
    repo.commit("base");
    repo.write(
        "migrations/0003_c.sql",
        "set lock_timeout = '5s';\ncreate table public.posts (id uuid primary key, title text);\n",
    );
    repo.write("migrations/0004_d.sql", new);
    repo
}

const INDEX: &str = "create index posts_title on public.posts (title);\n";

#[test]
fn what_is_not_released_yet_is_judged_together() {
    // The old drop is not asked about, and an index on a table of the migration before blocks nobody.
    let repo = in_use("new", INDEX);
    let run = ["run", "--verbose", "--base", "HEAD"];
    check(
        &repo,
        &run,
        0,
        "2 migrations of migrations new since the base",
    );
    let repo = in_use("all", INDEX);
    let text = check(&repo, &run, 1, "require-concurrent-index-creation");
    assert!(text.contains("ban-drop-column"), "{text}");
    let repo = in_use("new", "drop table public.users;\n");
    let text = check(&repo, &run, 1, "ban-drop-table");
    assert!(!text.contains("ban-drop-column"), "{text}");
    // The same when they are committed.
    let base = repo.git(&["rev-parse", "HEAD"]);
    repo.commit("new");
    check(&repo, &["run", "--base", base.trim()], 1, "ban-drop-table");
    // An old migration that is edited is none that is new.
    let repo = in_use("new", INDEX);
    repo.write("migrations/0001_a.sql", format!("-- the users\n{OLD}"));
    check(
        &repo,
        &run,
        0,
        "2 migrations of migrations new since the base",
    );
}

#[test]
fn without_a_base_nobody_knows_what_is_new() {
    let repo = in_use("new", INDEX);
    check(&repo, &["run", "--base", "nowhere"], 3, "sql could not know");
    // A branch without any other to compare with.
    check(&repo, &["run"], 3, "????    safe");
}

#[test]
fn a_finding_is_waived_where_it_stands() {
    let waived = "-- qgate:ignore ban-drop-table reason=\"nobody asks for it since 1.4\" until=2099-01-01\ndrop table public.users;\n";
    let repo = in_use("new", waived);
    repo.write("qgate.yaml", "version: 1\nmax_exemption_days: 100000\ngates:\n  safe:\n    component: database\n    checks:\n      - sql: { profile: plain, only: new }\n    criteria:\n      sql_medium: 0\n");
    check(&repo, &["run", "--base", "HEAD"], 0, "PASS    safe");
}
