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
        .env("SOURCE_DATE_EPOCH", "1767322445")
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
    let text = check(&repo, &["run"], 3, "it is open whether");
    assert!(text.contains("or waive it with a reason"), "{text}");
    // Somebody who knows says so, with a reason and a date; switching the rule off is no answer.
    let waiver = "-- qgate:ignore sql-undecided reason=\"the list is empty\" until=2026-01-20\n";
    let settled = migrated(&format!("{SAFE}{waiver}{hidden}"));
    check(&settled, &["run"], 0, "PASS    rls");
    repo.write(
        "qgate.yaml",
        "version: 1\nrules: { sql-undecided: off }\ngates:\n  rls:\n    component: database\n    checks:\n      - sql: { profile: '2026' }\n",
    );
    check(&repo, &["run"], 3, "????    rls");
    // Without a finding of any kind the command says that it does not know.
    let repo = migrated("comment on table public.elsewhere is 'made by hand';\n");
    check(&repo, LINT, 3, "");
    check(&repo, &["run"], 3, "????    rls");
}

#[test]
fn what_is_undecided_leaves_other_rules_be() {
    let grants = "create table public.closed (id bigint primary key, f text);\nalter table public.closed enable row level security;\n\
                  create policy none on public.closed for select to authenticated using (false);\n\
                  do $$ declare f text; begin for f in select c.f from public.closed c loop execute 'revoke execute on function ' || f || \
                  ' from anon'; end loop; end $$;\n";
    let repo = migrated(&format!("{SAFE}{grants}"));
    let gate = |id: &str, metric: &str| {
        format!(
            "  {id}:\n    component: database\n    checks:\n      - sql: {{ profile: '2026' }}\n    criteria:\n      {metric}: 0\n"
        )
    };
    let gates = [
        gate("tables", "tables_without_rls"),
        gate("keys", "unindexed_foreign_keys"),
        gate("all", "sql_findings"),
        gate("medium", "sql_medium"),
    ];
    repo.write(
        "qgate.yaml",
        format!("version: 1\ngates:\n{}", gates.concat()),
    );
    let text = check(&repo, &["run"], 1, "PASS    tables");
    for line in ["PASS    keys", "????    medium", "FAIL    all"] {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
}

#[test]
fn who_can_do_what_on_one_page() {
    let repo = migrated(&format!(
        "{SAFE}grant select, insert on public.notes to authenticated;\n\
         create function public.peek() returns bigint language sql security definer set search_path = '' as 'select 1::bigint';\n"
    ));
    let args = |format| {
        [
            "sql",
            "show",
            "--profile",
            "2026",
            "--format",
            format,
            "supabase",
        ]
    };
    let text = check(&repo, &args("text"), 0, "policies of public.notes");
    for line in [
        "relation      rls  policies  anon  authenticated  service_role",
        "public.notes  on   1         ----  p0--           ----",
        "  own: for select to authenticated using true",
        "  public.peek(): runs as its owner postgres, search path fixed, called by anon, authenticated, service_role",
    ] {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
    let text = check(&repo, &args("json"), 0, "\"version\": 1");
    let page: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let access = &page["sets"][0]["tables"][0]["access"][1];
    let wanted = serde_json::json!({
        "role": "authenticated", "select": "policies", "insert": "stopped", "update": "none", "delete": "none"
    });
    assert_eq!(*access, wanted);
    // What is not known is said, and the code is not that of knowing all.
    let repo = migrated("grant select on public.elsewhere to anon;\n");
    check(&repo, &args("text"), 3, "1 thing not known");
}

/// A Supabase project that the pack is content with.
fn project() -> Repo {
    let repo = Repo::new();
    repo.write("qgate.yaml", "version: 1\nextends: [supabase]\n");
    repo.write(
        "supabase/config.toml",
        "[api]\nauto_expose_new_tables = false\n",
    );
    repo.write("supabase/migrations/20260101000000_a.sql", SAFE);
    repo
}

const RULES: &[&str] = &["run", "--gate", "row-level-security"];

#[test]
fn the_pack_catches_row_level_security_without_policies() {
    let repo = project();
    check(&repo, RULES, 0, "PASS    row-level-security");
    repo.write(
        "supabase/migrations/20260102000000_b.sql",
        "create table public.orders (id uuid primary key);\nalter table public.orders enable row level security;\n",
    );
    let text = check(
        &repo,
        RULES,
        1,
        "tables_without_policies is 1, required == 0",
    );
    assert!(text.contains("20260102000000_b.sql:1:1"), "{text}");
    // The same table, its policy dropped again by a later migration: what counts is what is left at the end.
    repo.write(
        "supabase/migrations/20260103000000_c.sql",
        "create policy own on public.orders for select to authenticated using (true);\n",
    );
    check(&repo, RULES, 0, "PASS    row-level-security");
    repo.write(
        "supabase/migrations/20260104000000_d.sql",
        "drop policy own on public.orders;\n",
    );
    check(
        &repo,
        RULES,
        1,
        "tables_without_policies is 1, required == 0",
    );
}

#[test]
fn the_pack_catches_foreign_keys_without_an_index() {
    let keys = &["run", "--gate", "foreign-keys"];
    let repo = project();
    repo.write(
        "supabase/migrations/20260102000000_b.sql",
        "create table public.lines (id uuid primary key, note uuid references public.notes (id));\n\
         alter table public.lines enable row level security;\n",
    );
    let text = check(&repo, keys, 1, "unindexed_foreign_keys is 1, required == 0");
    assert!(text.contains("lines_note_fkey"), "{text}");
    repo.write(
        "supabase/migrations/20260103000000_c.sql",
        "create index on public.lines (note);\n",
    );
    check(&repo, keys, 0, "PASS    foreign-keys");
}

#[test]
fn the_pack_catches_a_section_whose_files_are_missing_or_empty() {
    let files = &["run", "--gate", "expected-files"];
    let repo = project();
    check(&repo, files, 0, "PASS    expected-files");
    repo.write("supabase/migrations/20260102000000_b.sql", " \n");
    let text = check(&repo, files, 1, "missing_files is 1, required == 0");
    assert!(
        text.contains("20260102000000_b.sql: high: an expected file is empty"),
        "{text}"
    );
    repo.remove("supabase/migrations/20260102000000_b.sql");
    // A project names what a finished section consists of.
    repo.write(
        "qgate.yaml",
        "version: 1\nextends: [supabase]\ngates:\n  expected-files:\n    checks:\n      - files:\n          \
         expect: ['**/supabase/migrations/*.sql', 'app/login/page.tsx', 'app/login/form.tsx']\n          root_litter: off\n          \
         sensitive: false\n",
    );
    repo.write("app/login/form.tsx", "");
    let text = check(&repo, files, 1, "missing_files is 2, required == 0");
    assert!(
        text.contains("an expected file is missing: `app/login/page.tsx`"),
        "{text}"
    );
    repo.write("app/login/form.tsx", "export const Form = () => null;\n");
    repo.write(
        "app/login/page.tsx",
        "export { Form as default } from './form';\n",
    );
    check(&repo, files, 0, "PASS    expected-files");
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
    // What was made at run time in an old migration leaves nothing open in the new ones.
    let hidden = "do $$ declare t text; begin for t in select tablename from pg_tables where tablename like 'x%' loop execute 'drop index ' || t; end loop; end $$;\n";
    for (only, code, says) in [
        ("new", 0, "PASS    safe"),
        ("all", 3, "irreversible_migrations"),
    ] {
        let repo = in_use(only, INDEX);
        let config = format!(
            "version: 1\ngates:\n  safe:\n    component: database\n    checks:\n      - sql: {{ profile: plain, only: {only} }}\n    criteria:\n      irreversible_migrations: 0\n"
        );
        repo.write("qgate.yaml", config);
        repo.write("migrations/0002_b.sql", hidden);
        repo.git(&["add", "migrations/0002_b.sql"]);
        repo.git(&["commit", "-m", "old"]);
        check(&repo, &run, code, says);
    }
    // None at all.
    let repo = in_use("none", "drop table public.users;\n");
    check(&repo, &run, 0, "PASS    safe");
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
    check(
        &repo,
        &["run", "--base", "nowhere"],
        3,
        "sql could not know",
    );
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
