//! Owns roots with a folder for each migration: Prisma and newer Drizzle (`migration.sql`), Diesel and Hasura (`up.sql`).

use std::collections::BTreeMap;

use super::pool::{Pool, Sql, join, split};
use super::{Kind, MigrationSet, drizzle, names};

/// Claims every root.
pub fn claim(pool: &mut Pool<'_>) -> Vec<MigrationSet> {
    let mut sets = Vec::new();
    for (name, claim) in [
        (
            "migration.sql",
            prisma as fn(&mut Pool<'_>, &str, Vec<Sql>) -> MigrationSet,
        ),
        ("up.sql", diesel),
    ] {
        let mut roots: BTreeMap<String, usize> = BTreeMap::new();
        for sql in pool.sql.iter().filter(|sql| sql.name == name) {
            if !sql.dir.is_empty() {
                *roots.entry(split(&sql.dir).0.to_owned()).or_default() += 1;
            }
        }
        for root in roots.into_keys() {
            let units = pool.take(|sql| {
                split(&sql.dir).0 == root
                    && !sql.dir.is_empty()
                    && (sql.name == name || sql.name == "down.sql")
            });
            sets.push(claim(pool, &root, units));
        }
    }
    sets
}

/// The files of each folder: up and down.
fn pairs(units: Vec<Sql>) -> BTreeMap<String, (Option<Sql>, Option<Sql>)> {
    let mut pairs: BTreeMap<String, (Option<Sql>, Option<Sql>)> = BTreeMap::new();
    for sql in units {
        let pair = pairs.entry(split(&sql.dir).1.to_owned()).or_default();
        if sql.name == "down.sql" {
            pair.1 = Some(sql);
        } else {
            pair.0 = Some(sql);
        }
    }
    pairs
}

fn prisma(pool: &mut Pool<'_>, root: &str, units: Vec<Sql>) -> MigrationSet {
    let of_drizzle = units.iter().any(|sql| drizzle::is_unit(pool, &sql.dir));
    let kind = if of_drizzle {
        Kind::Drizzle
    } else {
        Kind::Prisma
    };
    let mut set = MigrationSet::new(kind, root);
    set.heard.declared = provider(pool, root);
    for (folder, (up, down)) in pairs(units) {
        match up {
            Some(up) => set.apply(&up, folder, down.as_ref()),
            None => leave_lone_down(&mut set, down),
        }
    }
    other_languages(pool, &mut set, root);
    set
}

/// The database that `migration_lock.toml` names.
fn provider(pool: &mut Pool<'_>, root: &str) -> Option<String> {
    let text = pool.text(&join(root, "migration_lock.toml"))?;
    let table: toml::Table = text.parse().ok()?;
    table.get("provider")?.as_str().map(str::to_owned)
}

fn diesel(pool: &mut Pool<'_>, root: &str, units: Vec<Sql>) -> MigrationSet {
    let rust = pool.above(root, "Cargo.toml", |_| true);
    let kind = if rust { Kind::Diesel } else { Kind::Hasura };
    let mut set = MigrationSet::new(kind, root);
    let mut found: Vec<(String, String, Option<Sql>, Option<Sql>)> = pairs(units)
        .into_iter()
        .map(|(folder, (up, down))| {
            let version = folder.split('_').next().unwrap_or_default();
            (version.replace('-', ""), folder, up, down)
        })
        .collect();
    found.sort_by(|a, b| {
        if kind == Kind::Hasura {
            names::by_number(names::digits(&a.1), names::digits(&b.1)).then_with(|| a.1.cmp(&b.1))
        } else {
            (&a.0, &a.1).cmp(&(&b.0, &b.1))
        }
    });
    for (version, folder, up, down) in found {
        match up {
            Some(mut up) => {
                let settings = pool.text(&join(&join(root, &folder), "metadata.toml"));
                let table: Option<toml::Table> = settings.and_then(|text| text.parse().ok());
                let whole = table.and_then(|table| table.get("run_in_transaction")?.as_bool());
                if let (Some(false), Some(content)) = (whole, up.content.as_mut()) {
                    content.no_transaction = true;
                }
                set.apply(&up, version, down.as_ref());
            }
            None => leave_lone_down(&mut set, down),
        }
    }
    set.note_twins();
    set
}

fn leave_lone_down(set: &mut MigrationSet, down: Option<Sql>) {
    if let Some(down) = down {
        set.leave(&down, "it takes back a migration that is not there");
    }
}

/// Notes migrations in another language than SQL, whose effect nobody reads.
pub fn other_languages(pool: &Pool<'_>, set: &mut MigrationSet, root: &str) {
    const CODE: [&str; 7] = ["go", "ts", "js", "py", "java", "kt", "rb"];
    let count = pool
        .below(root)
        .filter(|path| {
            let (dir, name) = split(path);
            let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
            let numbered = |name: &str| {
                let name = name.strip_prefix('V').unwrap_or(name);
                let digits = names::digits(name);
                !digits.is_empty() && name.len() > digits.len()
            };
            let unit = split(dir);
            let is_test = names::has_word(stem, &["test", "spec"]);
            CODE.contains(&ending)
                && !is_test
                && ((dir == root && numbered(stem))
                    || (unit.0 == root && dir != root && numbered(unit.1) && stem == "migration"))
        })
        .count();
    if count > 0 {
        let what = if count == 1 {
            "1 migration is".to_owned()
        } else {
            format!("{count} migrations are")
        };
        set.note(
            None,
            format!("{what} written in another language than SQL and not read"),
        );
    }
}
