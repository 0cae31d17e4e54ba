//! Owns the comparison of recursion between policies: how a command of a role ends on a live database, and what qgate says of it.

use std::collections::BTreeMap;
use std::path::Path;

use qgate::checkers::sql::catalog::relation::RelKind;
use qgate::checkers::sql::fold::Fold;
use qgate::checkers::sql::parse::split;
use qgate::checkers::sql::parse::statement::Command;
use qgate::checkers::sql::platform::{self, Profile};
use qgate::checkers::sql::rls::recursion::{self, Bodies, End};
use qgate::model::place::Span;

use crate::server::Server;

/// Role, table and command, and how it ends: 42P17, 54001, or nothing of the kind.
pub type Ends = BTreeMap<(String, String, &'static str), Option<End>>;

const COMMANDS: [(&str, Command); 4] = [
    ("select", Command::Select),
    ("insert", Command::Insert),
    ("update", Command::Update),
    ("delete", Command::Delete),
];

/// Says by which code a statement of a role ends, and leaves nothing behind.
const PROBE: &str = "
create schema if not exists probe;
create or replace function probe.ends(who text, what text) returns text language plpgsql as $$
begin
    perform set_config('role', who, true);
    execute what;
    raise exception using errcode = 'P0001';
exception when others then
    return sqlstate;
end $$;
";

/// A fold of scripts, one after the other.
pub fn folded(profile: Profile, scripts: &[String]) -> Fold {
    let mut fold = platform::first(profile);
    for (number, text) in (0..).zip(scripts) {
        let script = split::script(text, |_| Span::at(1, 1));
        fold.file(number, &script, &|_| true);
    }
    fold
}

/// What qgate says of each command of the roles on each table with row-level security.
pub fn said(fold: &Fold, roles: &[&str]) -> Ends {
    let mut bodies = Bodies::default();
    let mut ends = Ends::new();
    for relation in fold.catalog.sorted() {
        let table = matches!(relation.kind, RelKind::Table | RelKind::Partitioned);
        if !table || !relation.rls || relation.origin.file.is_none() {
            continue;
        }
        for role in roles {
            for (name, command) in COMMANDS {
                let found = recursion::of(&fold.catalog, &mut bodies, role, relation.oid, command);
                let key = ((*role).to_owned(), relation.shown(), name);
                ends.insert(key, found.into_values().min());
            }
        }
    }
    ends
}

/// The statement of a command on a table, by the names of its first column.
fn statement(table: &str, column: &str, command: &str) -> String {
    match command {
        "select" => format!("select * from {table}"),
        "insert" => format!("insert into {table} default values"),
        "update" => {
            format!("update {table} set {column} = {column} where {column} is not null")
        }
        _ => format!("delete from {table} where {column} is not null"),
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// How the same commands end on a live database; `before` stands in front of each, such as `explain`.
pub fn lived(server: &Server, database: &str, fold: &Fold, ends: &Ends, before: &str) -> Ends {
    let errors = server.script(database, PROBE);
    assert!(errors.is_empty(), "{errors:#?}");
    let columns: BTreeMap<String, (String, String)> = fold
        .catalog
        .sorted()
        .into_iter()
        .filter_map(|relation| {
            let name = format!("{}.{}", quote(&relation.schema), quote(&relation.name));
            let column = quote(&relation.columns.first()?.name);
            Some((relation.shown(), (name, column)))
        })
        .collect();
    let mut keys = Vec::new();
    // A small stack is full soon.
    let mut script = "set max_stack_depth = '300kB';\n".to_owned();
    for key in ends.keys() {
        let (role, table, command) = key;
        let Some((name, column)) = columns.get(table) else {
            continue;
        };
        let text = format!("{before} {}", statement(name, column, command));
        let text = text.replace('\'', "''");
        script.push_str(&format!("select probe.ends('{role}', '{text}');\n"));
        keys.push(key.clone());
    }
    let codes = server.query(database, &script);
    let codes: Vec<&str> = codes.lines().collect();
    assert_eq!(codes.len(), keys.len(), "one answer for each");
    let end = |code: &str| match code {
        "42P17" => Some(End::Refused),
        "54001" => Some(End::Deep),
        _ => None,
    };
    keys.into_iter().zip(codes.into_iter().map(end)).collect()
}

/// The shapes of `recursion.sql`: a name, and the script that makes it.
pub fn shapes() -> (String, Vec<(String, String)>) {
    let text = include_str!("recursion.sql");
    let mut parts = text.split("\n-- shape: ");
    let first = parts.next().unwrap_or_default().to_owned();
    let shapes = parts.map(|part| {
        let (name, script) = part.split_once('\n').expect("a name and a script");
        (name.to_owned(), script.to_owned())
    });
    (first, shapes.collect())
}

/// The texts of migrations.
pub fn texts(paths: &[impl AsRef<Path>]) -> Vec<String> {
    let read = |path: &Path| {
        let bytes = std::fs::read(path).expect("it can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    paths.iter().map(|path| read(path.as_ref())).collect()
}
