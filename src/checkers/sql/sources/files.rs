//! Owns folders with a file for each migration, where names or marks in the files tell the tool.

use std::collections::BTreeMap;

use super::content::Style;
use super::folder_each::other_languages;
use super::names::{self, Way};
use super::pool::{Pool, Sql, join, split};
use super::{Kind, MigrationSet};

/// Claims every folder, the surest signs first.
pub fn claim(pool: &mut Pool<'_>) -> Vec<MigrationSet> {
    let mut sets = Vec::new();
    for dir in pool.folders() {
        let files: Vec<&Sql> = pool.sql.iter().filter(|sql| sql.dir == dir).collect();
        if let Some(kind) = marked(&files) {
            let files = pool.take_folder(&dir);
            sets.push(sections(pool, kind, &dir, &files));
        }
    }
    sets.extend(up_down(pool));
    for dir in pool.folders() {
        let any = |sql: &Sql| sql.dir == dir && names::postgrator(sql.stem()).is_some();
        if pool.sql.iter().any(any) {
            let files = pool.take(any);
            sets.push(postgrator(pool, &dir, &files));
        }
    }
    sets
}

/// The tool that most marks in a folder name.
fn marked(files: &[&Sql]) -> Option<Kind> {
    let mut count: BTreeMap<Style, usize> = BTreeMap::new();
    for sql in files {
        let style = sql.content.as_ref().map(|content| content.style);
        *count.entry(style.unwrap_or_default()).or_default() += 1;
    }
    let (style, _) = count
        .into_iter()
        .filter(|(style, _)| *style != Style::Whole)
        .max_by_key(|(_, count)| *count)?;
    match style {
        Style::Whole => None,
        Style::Goose => Some(Kind::Goose),
        Style::SqlMigrate => Some(Kind::SqlMigrate),
        Style::Dbmate => Some(Kind::Dbmate),
        Style::NodePgMigrate => Some(Kind::NodePgMigrate),
        Style::Graphile => Some(Kind::GraphileMigrate),
    }
}

fn sections(pool: &mut Pool<'_>, kind: Kind, dir: &str, files: &[Sql]) -> MigrationSet {
    let mut set = MigrationSet::new(kind, dir);
    let mut files: Vec<&Sql> = files.iter().collect();
    match kind {
        Kind::Goose => files.sort_by(|a, b| by_number(a, b)),
        Kind::SqlMigrate => files.sort_by(|a, b| {
            let numbered = |sql: &Sql| sql.number().is_empty();
            (numbered(a).cmp(&numbered(b))).then_with(|| by_number(a, b))
        }),
        _ => files.sort_by(|a, b| a.name.cmp(&b.name)),
    }
    let needs_mark = matches!(kind, Kind::Goose | Kind::SqlMigrate | Kind::Dbmate);
    for sql in files {
        if needs_mark && sql.is(|content| content.style == Style::Whole && !content.empty) {
            set.leave(sql, "it has no mark of the tool, which refuses it");
        } else {
            let number = sql.number();
            let version = if number.is_empty() {
                sql.stem()
            } else {
                number
            };
            set.apply(sql, version, None);
        }
    }
    if kind == Kind::GraphileMigrate {
        current(pool, &mut set, dir);
    } else {
        set.note_twins();
    }
    other_languages(pool, &mut set, dir);
    set
}

/// What graphile-migrate has not committed yet is applied last.
fn current(pool: &mut Pool<'_>, set: &mut MigrationSet, dir: &str) {
    let (above, last) = split(dir);
    if last != "committed" {
        return;
    }
    let folder = join(above, "current");
    let files =
        pool.take(|sql| sql.dir == folder || (sql.dir == above && sql.name == "current.sql"));
    for sql in &files {
        set.apply(sql, join("current", sql.stem()), None);
    }
    for sql in pool.take_folder(above) {
        set.leave(&sql, "a hook of graphile-migrate, or a file beside it");
    }
}

/// First the number, then the name.
pub fn by_number(a: &Sql, b: &Sql) -> std::cmp::Ordering {
    names::by_number(a.number(), b.number()).then_with(|| a.name.cmp(&b.name))
}

/// The folder of a numbered sequence: `71/01_x.up.sql` belongs to the folder above, under the version `71/01`.
pub fn sequence(dir: &str) -> (&str, &str) {
    let (above, last) = split(dir);
    if !last.is_empty() && !above.is_empty() && names::digits(last) == last {
        (above, last)
    } else {
        (dir, "")
    }
}

/// Folders with `.up.sql` files.
fn up_down(pool: &mut Pool<'_>) -> Vec<MigrationSet> {
    let mut roots: Vec<String> = pool
        .sql
        .iter()
        .filter(|sql| names::up_down(sql.stem()).is_some_and(|(way, _)| way == Way::Up))
        .map(|sql| sequence(&sql.dir).0.to_owned())
        .collect();
    roots.dedup();
    roots.sort();
    roots.dedup();
    roots
        .into_iter()
        .map(|root| {
            let files = pool.take(|sql| sequence(&sql.dir).0 == root);
            paired(pool, &root, files)
        })
        .collect()
}

fn paired(pool: &mut Pool<'_>, root: &str, files: Vec<Sql>) -> MigrationSet {
    let mut set = sqlx(pool, root).unwrap_or_else(|| MigrationSet::new(Kind::GolangMigrate, root));
    let kind = set.kind;
    let mut ups: BTreeMap<(String, String), Sql> = BTreeMap::new();
    let mut downs: BTreeMap<(String, String), Sql> = BTreeMap::new();
    for sql in files {
        let series = sequence(&sql.dir).1.to_owned();
        match names::up_down(sql.stem()) {
            Some((Way::Down, base)) => downs.insert((series, base.to_owned()), sql),
            Some((Way::Up, base)) => ups.insert((series, base.to_owned()), sql),
            // sqlx mixes them with plain files; golang-migrate does not see those.
            None if kind == Kind::Sqlx && !sql.number().is_empty() => {
                let base = sql.stem().to_owned();
                ups.insert((series, base), sql)
            }
            None => {
                set.leave(&sql, "its name has neither `.up` nor `.down`");
                None
            }
        };
    }
    let mut order: Vec<(&(String, String), &Sql)> = ups.iter().collect();
    order.sort_by(|a, b| {
        names::by_number(&a.0.0, &b.0.0)
            .then_with(|| names::by_number(names::digits(&a.0.1), names::digits(&b.0.1)))
            .then_with(|| a.0.cmp(b.0))
    });
    for (key, sql) in order {
        let number = sql.number();
        let own = if number.is_empty() { &key.1 } else { number };
        set.apply(sql, join(&key.0, own), downs.get(key));
    }
    for (key, sql) in &downs {
        if !ups.contains_key(key) {
            set.leave(sql, "it takes back a migration that is not there");
        }
    }
    set.note_twins();
    other_languages(pool, &mut set, root);
    set
}

/// An empty set of sqlx, where a manifest above the folder uses it; for the database that the manifest names, if it
/// is just one.
pub fn sqlx(pool: &mut Pool<'_>, root: &str) -> Option<MigrationSet> {
    let mut set = MigrationSet::new(Kind::Sqlx, root);
    let found = pool.above(root, "Cargo.toml", |text| {
        let Some(from) = text.find("sqlx") else {
            return false;
        };
        // The features of a dependency stand in its own lines.
        let near: Vec<&str> = text[from..].lines().take(12).collect();
        let near = near.join(" ");
        let named = ["postgres", "sqlite", "mysql"].map(|name| {
            let quoted = format!("\"{name}\"");
            near.contains(&quoted).then_some(name)
        });
        let named: Vec<&str> = named.into_iter().flatten().collect();
        if let [one] = named[..] {
            set.heard.declared = Some(one.to_owned());
        }
        true
    });
    found.then_some(set)
}

fn postgrator(pool: &Pool<'_>, dir: &str, files: &[Sql]) -> MigrationSet {
    let mut set = MigrationSet::new(Kind::Postgrator, dir);
    let of = |wanted: Way| {
        let mut found: Vec<(&str, &Sql)> = files
            .iter()
            .filter_map(|sql| match names::postgrator(sql.stem()) {
                Some((way, version)) if way == wanted => Some((version, sql)),
                _ => None,
            })
            .collect();
        found.sort_by(|a, b| names::by_number(a.0, b.0).then_with(|| a.1.name.cmp(&b.1.name)));
        found
    };
    let (ups, downs) = (of(Way::Up), of(Way::Down));
    for (version, sql) in &ups {
        let down = downs.iter().find(|(undone, _)| undone == version);
        set.apply(sql, *version, down.map(|(_, sql)| *sql));
    }
    for (version, sql) in downs {
        if !ups.iter().any(|(known, _)| *known == version) {
            set.leave(sql, "it takes back a migration that is not there");
        }
    }
    set.note_twins();
    other_languages(pool, &mut set, dir);
    set
}
