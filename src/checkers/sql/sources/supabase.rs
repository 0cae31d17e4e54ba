//! Owns projects of the Supabase CLI: `supabase/migrations/*.sql` in the order of their names, seeds, tests, roles.

use super::pool::{Aside, Pool, join, split, within};
use super::{Kind, MigrationSet, names};

/// Claims every project.
pub fn claim(pool: &mut Pool<'_>) -> Vec<MigrationSet> {
    let roots: Vec<String> = pool
        .folders()
        .into_iter()
        .filter(|dir| {
            let (above, last) = split(dir);
            last == "migrations" && is_project(pool, above)
        })
        .collect();
    roots.iter().map(|root| project(pool, root)).collect()
}

/// A folder `supabase`, or one that is given as the root and holds the CLI's configuration.
fn is_project(pool: &mut Pool<'_>, dir: &str) -> bool {
    if split(dir).1 == "supabase" {
        return true;
    }
    let config = join(dir, "config.toml");
    pool.text(&config)
        .is_some_and(|text| text.contains("project_id") && text.contains("[api]"))
}

fn project(pool: &mut Pool<'_>, root: &str) -> MigrationSet {
    let home = split(root).0.to_owned();
    let mut set = MigrationSet::new(Kind::Supabase, root);
    set.config = pool.path(&join(&home, "config.toml"));
    // Roles are made before the first migration.
    let roles = pool.take(|sql| sql.dir == home && sql.name == "roles.sql");
    for sql in &roles {
        set.apply(sql, "roles", None);
    }
    let mut odd = Vec::new();
    for sql in &pool.take_folder(root) {
        let mut version = sql.number();
        let plain = sql.stem()[version.len()..].strip_prefix('_').is_some();
        if version.is_empty() || !plain {
            version = sql.stem();
            odd.push(sql.path.clone());
        }
        if names::up_down(sql.stem()).is_some_and(|(way, _)| way == names::Way::Down) {
            let text = "the Supabase CLI knows no down migrations: it applies this file";
            set.note(Some(&sql.path), text);
        }
        set.apply(sql, version, None);
    }
    if let Some(first) = odd.first() {
        let names = if odd.len() == 1 {
            "the name is".to_owned()
        } else {
            format!("{} names, this one first, are", odd.len())
        };
        let text = format!(
            "{names} not `<timestamp>_name.sql`: the Supabase CLI skips such files; they are read all the same"
        );
        set.note(Some(first), text);
    }
    set.note_twins();
    for sql in pool.take(|sql| within(&sql.dir, root)) {
        set.leave(&sql, "the Supabase CLI reads no folders below `migrations`");
    }
    for sql in pool.take(|sql| within(&sql.dir, &join(&home, "schemas"))) {
        set.leave(
            &sql,
            "the declared schema, which the migrations bring about",
        );
    }
    set
}

/// Gives tests beside the migrations to their sets: `supabase/tests`.
pub fn give_tests(pool: &mut Pool<'_>, sets: &mut [MigrationSet]) {
    for set in sets {
        let home = split(&set.root).0;
        if home.is_empty() {
            continue;
        }
        let inside: Vec<String> = pool
            .aside
            .iter()
            .filter(|(root, (aside, _))| *aside == Aside::Test && within(root, home))
            .map(|(root, _)| root.clone())
            .collect();
        for root in inside {
            let (_, files) = pool.aside.remove(&root).expect("it was just found");
            set.tests.extend(files);
        }
    }
}
