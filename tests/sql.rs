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
    let grants = "do $$ declare f text; begin for f in select proname from pg_proc loop execute 'revoke execute on function ' || f || ' from anon'; \
                  end loop; end $$;\n";
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
