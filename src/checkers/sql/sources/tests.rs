//! Cases of detection: files in, what is read out.

use crate::source::memory::MemoryTree;
use crate::source::tree::{FileMeta, SourceTree};

use super::{Down, Sources, detect, detect_given};

/// The files of a case: a path in each line, and its content behind a colon. `\n` stands for a line end.
fn tree(input: &str) -> MemoryTree {
    let files = input.lines().filter(|line| !line.trim().is_empty());
    MemoryTree::new(files.map(|line| {
        let (path, content) = line.trim().split_once(": ").unwrap_or((line.trim(), ""));
        (path.to_owned(), content.replace("\\n", "\n"))
    }))
}

fn said(sources: &Sources, read: &dyn Fn(&FileMeta) -> Vec<u8>, files: &[FileMeta]) -> String {
    let mut lines = Vec::new();
    let content = |path: &crate::base::path::RepoPath| {
        let meta = files.iter().find(|meta| meta.path == *path);
        String::from_utf8(read(meta.expect("it is in the tree"))).expect("text")
    };
    for set in &sources.sets {
        let mut head = set.said();
        if set.supabase {
            head.push_str(", of Supabase");
        }
        if set.assumed {
            head.push_str(", assumed");
        }
        lines.push(head);
        for migration in &set.migrations {
            let mut line = format!("{} {}", migration.version, migration.path);
            let text = content(&migration.path);
            let up: Vec<&str> = migration
                .up
                .iter()
                .map(|r| text[r.clone()].trim())
                .collect();
            if up != [text.trim()] {
                line.push_str(&format!(" up [{}]", up.join("/")));
            }
            match &migration.down {
                Down::None => {}
                Down::Empty(_) => line.push_str(" down nothing"),
                Down::InFile(ranges) => {
                    let down: Vec<&str> = ranges.iter().map(|r| text[r.clone()].trim()).collect();
                    line.push_str(&format!(" down [{}]", down.join("/")));
                }
                Down::File(path) => line.push_str(&format!(" down {path}")),
            }
            line.push_str(&format!(" {:?}", migration.transaction));
            lines.push(line);
        }
        for left in &set.not_applied {
            lines.push(format!("left {}: {}", left.path, left.why));
        }
        for (word, paths) in [("seed", &set.seeds), ("test", &set.tests)] {
            lines.extend(paths.iter().map(|path| format!("{word} {path}")));
        }
        lines.extend(set.config.iter().map(|path| format!("config {path}")));
        for note in &set.notes {
            let path = note.path.as_ref().map(ToString::to_string);
            lines.push(format!("note {}: {}", path.unwrap_or_default(), note.text));
        }
    }
    for over in &sources.passed_over {
        lines.push(format!(
            "over {} ({}): {}",
            over.root,
            over.files.len(),
            over.why
        ));
    }
    lines.extend(sources.loose.iter().map(|path| format!("loose {path}")));
    lines.join("\n")
}

fn compare(input: &str, expected: &str, given: bool) {
    let tree = tree(input);
    let read = |meta: &FileMeta| tree.read(meta).expect("it is in the tree");
    let mut reader = |meta: &FileMeta| Some(read(meta));
    let run = if given { detect_given } else { detect };
    let sources = run(tree.files(), &mut reader);
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    let said = said(&sources, &read, tree.files());
    assert_eq!(said, expected.join("\n"), "\n{input}\ngave\n{said}\n");
    // The order of the files must not matter.
    let mut turned: Vec<FileMeta> = tree.files().to_vec();
    turned.reverse();
    assert_eq!(
        run(&turned, &mut |meta: &FileMeta| Some(read(meta))),
        sources
    );
}

fn check(input: &str, expected: &str) {
    compare(input, expected, false);
}

#[test]
fn supabase() {
    check(
        "supabase/config.toml: project_id = \"x\"
         supabase/migrations/20240102_b.sql: create table b();
         supabase/migrations/20240101_a.sql: -- migrate:up\\ncreate table a();
         supabase/migrations/20240101_c.sql: create table c();
         supabase/migrations/readme.sql: create table d();
         supabase/migrations/archive/1_x.sql: create table x();
         supabase/migrations/more/1_x.sql: create table x();
         supabase/seed.sql: insert into a values (1);
         supabase/roles.sql: create role r;
         supabase/schemas/a.sql: create table a();
         supabase/tests/a.test.sql: select 1;
         supabase/snippets/a.sql: select 1;",
        "read 5 files of supabase/migrations as Supabase, of Supabase
         roles supabase/roles.sql Whole
         20240101 supabase/migrations/20240101_a.sql Whole
         20240101 supabase/migrations/20240101_c.sql Whole
         20240102 supabase/migrations/20240102_b.sql Whole
         readme supabase/migrations/readme.sql Whole
         left supabase/migrations/more/1_x.sql: the Supabase CLI reads no folders below `migrations`
         left supabase/schemas/a.sql: the declared schema, which the migrations bring about
         seed supabase/seed.sql
         test supabase/tests/a.test.sql
         config supabase/config.toml
         note supabase/migrations/20240101_c.sql: version 20240101 is that of `supabase/migrations/20240101_a.sql` too: Supabase applies one of them at most
         note supabase/migrations/readme.sql: the name is not `<timestamp>_name.sql`: the Supabase CLI skips such files; they are read all the same
         over supabase/migrations/archive (1): put away, by the name of the folder
         loose supabase/snippets/a.sql",
    );
}

#[test]
fn several_sets_in_one_repository() {
    check(
        "apps/web/supabase/migrations/1_a.sql: create table a();
         apps/web/supabase/seed.sql: insert into a values (1);
         services/api/db/schema.sql: create table s (a jsonb);
         services/api/queries/get.sql: -- name: Get :one\\nselect 1
         examples/x/supabase/migrations/1_a.sql: create table a();
         web/node_modules/y/migrations/1_a.sql: create table a();",
        "read 1 file of apps/web/supabase/migrations as Supabase, of Supabase
         1 apps/web/supabase/migrations/1_a.sql Whole
         seed apps/web/supabase/seed.sql
         read services/api/db/schema.sql as a schema
         schema services/api/db/schema.sql None
         over examples (1): tests, fixtures or examples
         over web/node_modules (1): vendored code
         loose services/api/queries/get.sql",
    );
}

#[test]
fn drizzle_follows_its_journal() {
    check(
        "db/meta/_journal.json: {\"dialect\":\"postgresql\",\"entries\":[{\"idx\":1,\"tag\":\"0000_b\"},{\"idx\":0,\"tag\":\"0001_a\"},{\"idx\":2,\"tag\":\"0002_gone\"}]}
         db/0000_b.sql: create table b();
         db/0001_a.sql: create table a();
         db/0003_x.sql: create table x();",
        "read 2 files of db as Drizzle
         0001_a db/0001_a.sql Whole
         0000_b db/0000_b.sql Whole
         left db/0003_x.sql: the journal does not name it
         note db/meta/_journal.json: the journal names `0002_gone.sql`, which is not there",
    );
    check(
        "db/meta/_journal.json: {\"entries\":
         db/0000_b.sql: create table b();",
        "read 1 file of db as Drizzle, assumed
         0000_b db/0000_b.sql Whole
         note db/meta/_journal.json: the journal cannot be read: the files are taken in the order of their names",
    );
    check(
        "db/meta/_journal.json: {\"dialect\":\"sqlite\",\"entries\":[{\"idx\":0,\"tag\":\"0000_b\"}]}
         db/0000_b.sql: create table b();",
        "over db (1): SQLite, not PostgreSQL",
    );
    check(
        "drizzle/20260101_a/migration.sql: create table a();
         drizzle/20260101_a/snapshot.json: {}",
        "read 1 file of drizzle as Drizzle, assumed
         20260101_a drizzle/20260101_a/migration.sql Whole",
    );
}

#[test]
fn prisma() {
    check(
        "prisma/migrations/migration_lock.toml: provider = \"postgresql\"
         prisma/migrations/20240102_drop_old_tests/migration.sql: create table b();
         prisma/migrations/20240101_a/migration.sql: create table a();
         prisma/migrations/20240101_a/down.sql: drop table a;
         prisma/migrations/20240103_c/migration.ts: x",
        "read 2 files of prisma/migrations as Prisma
         20240101_a prisma/migrations/20240101_a/migration.sql down prisma/migrations/20240101_a/down.sql Implicit
         20240102_drop_old_tests prisma/migrations/20240102_drop_old_tests/migration.sql Implicit
         note : 1 migration is written in another language than SQL and not read",
    );
    check(
        "prisma/migrations/migration_lock.toml: provider = \"mysql\"
         prisma/migrations/20240101_a/migration.sql: create table a();",
        "over prisma/migrations (1): MySQL, not PostgreSQL",
    );
}

#[test]
fn diesel_ignores_dashes_of_dates() {
    check(
        "Cargo.toml: [package]
         migrations/2018-01-02-000000_b/up.sql: create table b();
         migrations/2018-01-02-000000_b/down.sql: -- nothing
         migrations/20180101000000_a/up.sql: create table a();
         migrations/20180101000000_a/down.sql: drop table a;
         migrations/20180103000000_c/up.sql: create index concurrently i on a (b);
         migrations/20180103000000_c/metadata.toml: run_in_transaction = false
         migrations/20180104000000_d/down.sql: drop table d;",
        "read 3 files of migrations as Diesel, assumed
         20180101000000 migrations/20180101000000_a/up.sql down migrations/20180101000000_a/down.sql Whole
         20180102000000 migrations/2018-01-02-000000_b/up.sql down nothing Whole
         20180103000000 migrations/20180103000000_c/up.sql None
         left migrations/20180104000000_d/down.sql: it takes back a migration that is not there",
    );
}

#[test]
fn sections_in_files() {
    check(
        "db/10_b.sql: -- +goose Up\\ncreate table b (a jsonb );\\n-- +goose Down\\ndrop table b;
         db/9_a.sql: -- +goose NO TRANSACTION\\n-- +goose Up\\ncreate table a();\\n-- +goose Down\\n
         db/11_c.sql: create table c();
         db/12_d.go: package x",
        "read 2 files of db as goose
         9 db/9_a.sql up [create table a();] down nothing None
         10 db/10_b.sql up [create table b (a jsonb );] down [drop table b;] Whole
         left db/11_c.sql: it has no mark of the tool, which refuses it
         note : 1 migration is written in another language than SQL and not read",
    );
    check(
        "db/migrations/2_b.sql: -- migrate:up\\ncreate table b();\\n-- migrate:down\\ndrop table b;
         db/migrations/10_a.sql: -- migrate:up transaction:false\\ncreate table a();
         db/schema.sql: -- PostgreSQL database dump\\ncreate table a();",
        "read 2 files of db/migrations as dbmate, assumed
         10 db/migrations/10_a.sql up [create table a();] None
         2 db/migrations/2_b.sql up [create table b();] down [drop table b;] Whole
         over db/schema.sql (1): a copy of a schema that migrations bring about",
    );
    check(
        "migrations/1_a.sql: -- Up Migration\\ncreate table a();\\n-- Down Migration\\ndrop table a;
         migrations/2_b.sql: create table b();",
        "read 2 files of migrations as node-pg-migrate, assumed
         1 migrations/1_a.sql up [create table a();] down [drop table a;] Whole
         2 migrations/2_b.sql Whole",
    );
    check(
        "db/committed/000001.sql: --! Previous: -\\n--! Hash: x\\n\\ncreate table a();
         db/current.sql: create table b();
         db/afterReset.sql: grant connect on database x to y;",
        "read 2 files of db/committed as graphile-migrate, assumed
         000001 db/committed/000001.sql Whole
         current/current db/current.sql Whole
         left db/afterReset.sql: a hook of graphile-migrate, or a file beside it",
    );
}

#[test]
fn up_and_down_files() {
    check(
        "db/10_b.up.sql: create table b();
         db/10_b.down.sql: drop table b;
         db/9_a.up.sql: create table a();
         db/11_c.down.sql: drop table c;
         db/queries.sql: select 1;",
        "read 2 files of db as golang-migrate, assumed
         9 db/9_a.up.sql Implicit
         10 db/10_b.up.sql down db/10_b.down.sql Implicit
         left db/11_c.down.sql: it takes back a migration that is not there
         left db/queries.sql: its name has neither `.up` nor `.down`",
    );
    check(
        "m/postgres/2/01_a.up.sql: create table a();
         m/postgres/10/01_a.up.sql: create table b();",
        "read 2 files of m/postgres as golang-migrate
         2/01 m/postgres/2/01_a.up.sql Implicit
         10/01 m/postgres/10/01_a.up.sql Implicit",
    );
    check(
        "Cargo.toml: sqlx = { version = \"0.8\", features = [\"postgres\"] }
         migrations/1_a.sql: -- no-transaction\\ncreate table a();
         migrations/2_b.up.sql: create table b();
         migrations/2_b.down.sql: drop table b;",
        "read 2 files of migrations as sqlx
         1 migrations/1_a.sql None
         2 migrations/2_b.up.sql down migrations/2_b.down.sql Whole",
    );
    check(
        "Cargo.toml: sqlx = { version = \"0.8\", features = [\"sqlite\"] }
         migrations/1_a.sql: create table a();",
        "over migrations (1): SQLite, not PostgreSQL",
    );
    check(
        "db/002.do.sql: create table b();
         db/0010.do.b.sql: create table c();
         db/002.undo.sql: drop table b;",
        "read 2 files of db as Postgrator, assumed
         002 db/002.do.sql down db/002.undo.sql Implicit
         0010 db/0010.do.b.sql Implicit",
    );
}

#[test]
fn flyway_orders_by_version() {
    check(
        "src/main/resources/db/migration/V1_10__c.sql: create table c();
         src/main/resources/db/migration/V1_9__b.sql: create table b();
         src/main/resources/db/migration/U1_9__b.sql: drop table b;
         src/main/resources/db/migration/more/V2__d.sql: create table d();
         src/main/resources/db/migration/R__v.sql: create view v as select 1;
         src/main/resources/db/migration/V3__e.java: class V3__e {}
         src/test/resources/db/migration/V1__x.sql: create table x();",
        "read 4 files of src/main/resources/db/migration as Flyway, assumed
         1_9 src/main/resources/db/migration/V1_9__b.sql down src/main/resources/db/migration/U1_9__b.sql Whole
         1_10 src/main/resources/db/migration/V1_10__c.sql Whole
         2 src/main/resources/db/migration/more/V2__d.sql Whole
         v src/main/resources/db/migration/R__v.sql Whole
         note : 1 migration is written in another language than SQL and not read
         over src/test (1): tests, fixtures or examples",
    );
    check(
        "sql/B2__base.sql: create table a();
         sql/V1__a.sql: create table a();
         sql/V2__a.sql: create table a();
         sql/V2.1__b.sql: create table b();
         sql/h2/V1__a.sql: create table a();",
        "read 2 files of sql as Flyway, assumed
         2 sql/B2__base.sql Whole
         2.1 sql/V2.1__b.sql Whole
         left sql/V1__a.sql: the baseline stands for it in an empty database
         left sql/V2__a.sql: the baseline stands for it in an empty database
         over sql/h2 (1): H2, not PostgreSQL",
    );
}

#[test]
fn plain_folders() {
    check(
        "db/migrations/10_c.sql: create table c();
         db/migrations/9_b.sql: create table b();
         db/migrations/9_b_down.sql: drop table b;
         db/migrations/rollback/10_c.sql: drop table c;
         db/migrations/verify.sql: select 1;
         db/migrations/seeds/1.sql: insert into b values (1);
         db/ops/1_x.sql: create table x();
         db/ops/2_x.sql: create table y();",
        "read 2 files of db/migrations as plain files, assumed
         9 db/migrations/9_b.sql down db/migrations/9_b_down.sql None
         10 db/migrations/10_c.sql down db/migrations/rollback/10_c.sql None
         left db/migrations/verify.sql: it has no number, and its name says that it looks only
         seed db/migrations/seeds/1.sql
         note db/migrations/9_b.sql: the order by number is another than by name: the files are taken by number
         loose db/ops/1_x.sql
         loose db/ops/2_x.sql",
    );
    check(
        "sql/01_a.sql: create table a();
         sql/02_b.sql: create table b();
         lints/01_a.sql: create view a as select 1;
         lints/02_a.sql: create view b as select 1;",
        "read 2 files of sql as plain files, assumed
         01 sql/01_a.sql None
         02 sql/02_b.sql None
         loose lints/01_a.sql
         loose lints/02_a.sql",
    );
    check(
        "migrations/add_b.sql: create table b();
         migrations/a.sql: create table a();",
        "read 2 files of migrations as plain files, assumed
         a migrations/a.sql None
         add_b migrations/add_b.sql None
         note : the names have no numbers: the files are taken in the order of their names",
    );
    check(
        "migrations/mysql/1.sql: create table a();
         migrations/pg/1.sql: create table a();",
        "read 1 file of migrations/pg as plain files
         1 migrations/pg/1.sql None
         over migrations/mysql (1): MySQL, not PostgreSQL",
    );
}

#[test]
fn a_schema_alone() {
    check(
        "db/structure.sql: -- PostgreSQL database dump\\ncreate table a();",
        "read db/structure.sql as a dump, assumed
         structure db/structure.sql None",
    );
    check("notes.sql: select 1;", "loose notes.sql");
    check("", "");
}

#[test]
fn a_folder_that_the_user_names() {
    compare(
        "2_b.sql: create policy p on a using (auth.uid() = b);
         1_a.sql: create table a();",
        "read 2 files of the root as plain files, of Supabase
         1 1_a.sql None
         2 2_b.sql None",
        true,
    );
    compare(
        "config.toml: project_id = \"x\"\\n[api]
         migrations/1_a.sql: create table a();",
        "read 1 file of migrations as Supabase, of Supabase
         1 migrations/1_a.sql Whole
         config config.toml",
        true,
    );
}

/// Names that look like something and are not.
#[test]
fn odd_names() {
    check(
        ".sql: create table a();
         __.sql: create table a();
         \u{e9}__a.sql: create table a();
         V__a.sql: create table a();
         migrations/1.up: x
         migrations/.up.sql: create table a();
         migrations/1.sql/2_a.sql: create table a();
         migrations/99999999999999999999999999999999999999999_a.up.sql: create table a();
         m/2.do.sql: create table a();
         m/.do.sql: create table a();",
        "read 1 file of m as Postgrator, assumed
         2 m/2.do.sql Implicit
         read 1 file of migrations as golang-migrate, assumed
         99999999999999999999999999999999999999999 migrations/99999999999999999999999999999999999999999_a.up.sql Implicit
         left migrations/.up.sql: its name has neither `.up` nor `.down`
         read 1 file of migrations/1.sql as plain files, assumed
         2 migrations/1.sql/2_a.sql None
         loose V__a.sql
         loose __.sql
         loose m/.do.sql
         loose \\u{e9}__a.sql",
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let tree = tree("migrations/1_a.sql: x");
    let sources = detect(tree.files(), &mut |_: &FileMeta| None);
    assert!(sources.sets[0].migrations[0].unread);
    assert!(sources.sets[0].migrations[0].up.is_empty());
}
