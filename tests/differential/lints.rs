//! Owns the comparison with the lints of a live database. Their SQL is not part of this project: it is read from the file that
//! `QGATE_SPLINTER` names (`splinter.sql` of the repository supabase/splinter).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::server::Server;

/// What the lints find out at run time, not from the schema.
const RUNTIME: [&str; 3] = ["unused_index", "table_bloat", "extension_versions_outdated"];

/// The file with the lints' SQL, if one is named.
pub fn file() -> Option<PathBuf> {
    std::env::var_os("QGATE_SPLINTER").map(PathBuf::from)
}

/// The findings on a live database: the lint and its cache key, parted by a tab.
pub fn live(server: &Server, database: &str, lints: &Path) -> BTreeSet<String> {
    let lints = std::fs::read_to_string(lints).expect("QGATE_SPLINTER names a file");
    // Its `set local` works in a transaction only, and the exposed schemas are a setting.
    let script = format!(
        "begin;\nset local pgrst.db_schemas = 'public,graphql_public';\n{lints}\n;commit;\n"
    );
    let script = server.query(database, &script);
    let keys = script.lines().filter_map(|row| {
        let mut columns = row.split('\t');
        let lint = columns.next()?;
        let key = columns.next_back()?;
        (!RUNTIME.contains(&lint)).then(|| format!("{lint}\t{key}"))
    });
    keys.filter(|line| line.split('\t').all(|part| !part.is_empty()))
        .collect()
}

/// The findings that a set must bring about, kept beside it.
pub fn expected(set: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(set.join("keys.tsv")).expect("they are kept beside the set");
    text.lines().map(str::to_owned).collect()
}
