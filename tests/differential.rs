//! Migrations replayed on a real PostgreSQL, beside what is expected of them. The sets are in `tests/differential/sets`: each has
//! its migrations, the catalog that they bring about and the findings of a live database's lints.
//!
//! `QGATE_SPLINTER` names the SQL of those lints, `QGATE_SQL_SETS` a folder of further sets, `QGATE_BLESS=1` writes down what
//! the live database says.
#![cfg(unix)]

#[path = "differential/catalog.rs"]
mod catalog;
#[path = "differential/folded.rs"]
mod folded;
#[path = "differential/grammar.rs"]
mod grammar;
#[path = "differential/lints.rs"]
mod lints;
#[path = "differential/live.rs"]
mod live;
#[path = "differential/recursion.rs"]
mod recursion;
#[path = "differential/server.rs"]
mod server;
#[path = "differential/steps.rs"]
mod steps;
mod support;
#[path = "differential/wire.rs"]
mod wire;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use server::Server;

/// What the platform brings along.
const SUPABASE: &str = include_str!("differential/supabase.sql");

fn sets() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/sets");
    let entries = std::fs::read_dir(folder).expect("the sets are there");
    let mut sets: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    sets.sort();
    sets
}

/// Sets from elsewhere, in the folder that `QGATE_SQL_SETS` names.
fn outside_sets() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("QGATE_SQL_SETS") else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).expect("QGATE_SQL_SETS names a folder");
    let folders = entries.map(|entry| entry.expect("it can be read").path());
    let mut sets: Vec<PathBuf> = folders
        .filter(|path| !migrations(path).is_empty())
        .collect();
    sets.sort();
    sets
}

/// Said past the capture of the test runner: nobody else would know.
fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error is open");
}

fn start() -> Option<Server> {
    match Server::start() {
        Ok(server) => Some(server),
        Err(missing) => {
            say(&format!(
                "NOT RUN: migrations on a live database: this machine lacks {missing}"
            ));
            None
        }
    }
}

/// A database with the platform; the errors.
fn platform(server: &Server) -> Vec<String> {
    let mut errors = server.script("postgres", "create database replay;");
    errors.extend(server.script("replay", SUPABASE));
    errors
}

/// A database with the platform and the migrations of a set; the errors of each file.
fn replay(server: &Server, set: &Path) -> Vec<String> {
    let errors = platform(server);
    assert!(errors.is_empty(), "the platform: {errors:#?}");
    let mut said = Vec::new();
    for path in migrations(set) {
        let text = std::fs::read(&path).expect("it can be read");
        let name = path.file_name().expect("it has a name").to_string_lossy();
        let errors = server.script("replay", text);
        said.extend(errors.into_iter().map(|error| format!("{name}: {error}")));
    }
    said
}

/// The migrations of a set: the fullest folder called `migrations`, by name.
fn migrations(set: &Path) -> Vec<PathBuf> {
    let mut best = Vec::new();
    let mut folders = vec![set.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "sql") {
                files.push(path);
            }
        }
        if folder.ends_with("migrations") && files.len() > best.len() {
            best = files;
        }
    }
    best.sort();
    best
}

fn bless() -> bool {
    std::env::var_os("QGATE_BLESS").is_some()
}

#[test]
fn a_live_database_holds_what_is_expected() {
    for set in sets() {
        let Some(server) = start() else { return };
        let errors = replay(&server, &set).join("\n");
        let live = catalog::live(&server, "replay");
        if bless() {
            let text = serde_json::to_string_pretty(&live).expect("JSON");
            std::fs::write(set.join("catalog.json"), text + "\n").expect("it can be written");
            std::fs::write(set.join("errors.txt"), errors.clone() + "\n")
                .expect("it can be written");
        }
        let known = std::fs::read_to_string(set.join("errors.txt")).expect("kept beside the set");
        assert_eq!(errors.trim(), known.trim(), "{}", set.display());
        let differences = catalog::differences(&live, &catalog::expected(&set));
        assert!(differences.is_empty(), "{differences:#?}");
    }
}

#[test]
fn the_lints_of_a_live_database_say_what_is_expected() {
    let Some(file) = lints::file() else {
        say(
            "the lints of a live database were not compared: set QGATE_SPLINTER to splinter.sql of the repository supabase/splinter",
        );
        return;
    };
    for set in sets() {
        let Some(server) = start() else { return };
        replay(&server, &set);
        let live = lints::live(&server, "replay", &file);
        if bless() {
            let lines: Vec<String> = live.iter().cloned().collect();
            std::fs::write(set.join("keys.tsv"), lines.join("\n") + "\n")
                .expect("it can be written");
        }
        let expected = lints::expected(&set);
        let missing: Vec<_> = live.difference(&expected).collect();
        let more: Vec<_> = expected.difference(&live).collect();
        assert!(
            missing.is_empty() && more.is_empty(),
            "missing {missing:#?} more {more:#?}"
        );
    }
}

/// Sets from elsewhere say on this server what `NAME.keys.tsv` beside them says, where there is one.
#[test]
fn sets_from_elsewhere_say_what_was_recorded() {
    let (Some(file), sets) = (lints::file(), outside_sets()) else {
        return;
    };
    for set in sets {
        let keys = set.with_extension("keys.tsv");
        let Ok(keys) = std::fs::read_to_string(keys) else {
            continue;
        };
        let Some(server) = start() else { return };
        let errors = replay(&server, &set);
        let live = lints::live(&server, "replay", &file);
        let recorded = keys.lines().map(str::to_owned).collect();
        let missing = live.difference(&recorded).count();
        let more = recorded.difference(&live).count();
        say(&format!(
            "{}: {} errors, {} findings; not recorded {missing}, recorded and not found {more}",
            set.display(),
            errors.len(),
            live.len()
        ));
        assert_eq!((missing, more), (0, 0), "{}", set.display());
    }
}

/// What qgate finds and what a live database finds: nothing is missed, and what is more is tagged undecided.
fn agree(set: &Path, live: &BTreeSet<String>) -> Result<String, String> {
    let (sure, undecided) = folded::keys(set);
    let found: BTreeSet<String> = sure.union(&undecided).cloned().collect();
    let missed: Vec<&String> = live.difference(&found).collect();
    let extra: Vec<&String> = sure.difference(live).collect();
    let said = format!(
        "{}: {} of {} live findings, {} more that are sure, {} undecided",
        set.display(),
        live.len() - missed.len(),
        live.len(),
        extra.len(),
        undecided.len()
    );
    if missed.is_empty() && extra.is_empty() {
        Ok(said)
    } else {
        Err(format!("{said}\nmissed {missed:#?}\nextra {extra:#?}"))
    }
}

#[test]
fn the_folded_catalog_is_that_of_a_live_database() {
    for set in sets() {
        let live = catalog::expected(&set);
        let differences = catalog::differences(&live, &folded::catalog(&set, &live));
        assert!(differences.is_empty(), "{differences:#?}");
    }
}

#[test]
fn the_exact_mode_finds_what_live_lints_find() {
    for set in sets() {
        if let Err(why) = agree(&set, &lints::expected(&set)) {
            panic!("{why}");
        }
    }
}

/// Sets from elsewhere. One that does not replay is reported, and must not be passed in silence.
#[test]
fn the_exact_mode_finds_what_was_recorded_elsewhere() {
    let mut broken = Vec::new();
    for set in outside_sets() {
        let keys = set.with_extension("keys.tsv");
        let Ok(keys) = std::fs::read_to_string(keys) else {
            continue;
        };
        let recorded = keys.lines().map(str::to_owned).collect();
        match agree(&set, &recorded) {
            Ok(said) => say(&said),
            Err(why) => {
                say(why.lines().next().unwrap_or_default());
                broken.push(why);
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Whether policies lead back to themselves is what PostgreSQL itself says: 42P17 where its rewriter meets a table again, 54001
/// where a function does. Each shape, each role, each command on each table.
#[test]
fn policies_lead_back_where_postgres_says_so() {
    use qgate::checkers::sql::platform::Profile;
    use qgate::checkers::sql::rls::recursion::End;

    const ROLES: &str = "create role reader; create role other; create role keeper; create role free bypassrls;
         create role crew; create role member in role crew; create role outsider noinherit in role crew;";
    let Some(server) = start() else { return };
    let errors = server.script("postgres", ROLES);
    assert!(errors.is_empty(), "{errors:#?}");
    let roles = ["reader", "other", "keeper", "free", "member", "outsider"];
    let (first, shapes) = recursion::shapes();
    let (mut wrong, mut counts) = (Vec::new(), [0, 0, 0]);
    for (name, script) in &shapes {
        let script = format!("{first}\n{script}");
        let reset = "drop schema public cascade; create schema public; grant usage on schema public to public;";
        let errors = server.script("postgres", format!("{reset}\n{script}"));
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        let fold = recursion::folded(Profile::Plain, &[ROLES.to_owned(), script]);
        assert!(fold.remarks.is_empty(), "{name}: {:#?}", fold.remarks);
        let said = recursion::said(&fold, &roles);
        let lived = recursion::lived(&server, "postgres", &fold, &said, "");
        for (key, end) in &lived {
            counts[match end {
                None => 0,
                Some(End::Refused) => 1,
                Some(End::Deep) => 2,
            }] += 1;
            if said[key] != *end {
                wrong.push(format!(
                    "{name}: {key:?}: {:?}, PostgreSQL {end:?}",
                    said[key]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    say(&format!(
        "recursion: {} shapes; {} commands work, {} are refused, {} run too deep",
        shapes.len(),
        counts[0],
        counts[1],
        counts[2]
    ));
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
}

/// What the rules say is so: each truth is a script whose query PostgreSQL answers with `t`.
#[test]
fn what_the_rules_say_is_so() {
    let Some(server) = start() else { return };
    let text = include_str!("differential/truths.sql");
    let mut parts = text.split("\n-- truth: ");
    let first = parts.next().unwrap_or_default();
    let errors = server.script("postgres", first);
    assert!(errors.is_empty(), "{errors:#?}");
    let mut wrong = Vec::new();
    let mut count = 0;
    for part in parts {
        let (name, script) = part.split_once('\n').expect("a name and a script");
        let reset = "drop schema public cascade; create schema public; grant usage on schema public to public;";
        let said = server.query("postgres", &format!("{reset}\n{script}"));
        let last = said.lines().last().unwrap_or_default();
        if last != "t" {
            wrong.push(format!("{name}: {last}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty() && count > 10, "{wrong:#?}");
}

/// Of the sets from elsewhere, each table that is there on both sides: what `EXPLAIN` says, and what qgate says, at the end and
/// before each file that speaks of recursion, which often mends one.
#[test]
fn sets_from_elsewhere_lead_back_where_postgres_says_so() {
    use qgate::checkers::sql::platform::Profile;
    use qgate::checkers::sql::rls::recursion::End;

    let all: Vec<PathBuf> = sets().into_iter().chain(outside_sets()).collect();
    for set in all {
        let Some(server) = start() else { return };
        let errors = platform(&server);
        assert!(errors.is_empty(), "the platform: {errors:#?}");
        let texts = recursion::texts(&migrations(&set));
        let refused = |end: &Option<End>| *end == Some(End::Refused);
        let (mut failed, mut commands, mut by_postgres, mut stops) = (0, 0, 0, 0);
        let mut wrong: Vec<String> = Vec::new();
        for (done, text) in texts.iter().enumerate() {
            if done > 0 && text.to_lowercase().contains("recursi") || done + 1 == texts.len() {
                let last = done + 1 == texts.len();
                if last {
                    failed += server.script("replay", text).len();
                }
                let fold = recursion::folded(Profile::Legacy, &texts[..done + usize::from(last)]);
                let said = recursion::said(&fold, &["anon", "authenticated"]);
                let lived = recursion::lived(&server, "replay", &fold, &said, "explain");
                stops += 1;
                commands += lived.len();
                by_postgres += lived.values().filter(|end| refused(end)).count();
                let others = lived
                    .iter()
                    .filter(|(key, end)| refused(&said[*key]) != refused(end));
                wrong.extend(others.map(|(key, end)| {
                    format!(
                        "after {done} files: {key:?}: {:?}, PostgreSQL {end:?}",
                        said[key]
                    )
                }));
                if last {
                    break;
                }
            }
            failed += server.script("replay", text).len();
        }
        say(&format!(
            "{}: {failed} errors, {stops} looks; {commands} commands, {by_postgres} refused by PostgreSQL, {} said otherwise",
            set.display(),
            wrong.len()
        ));
        // What a history that does not replay leaves behind is not known.
        if failed > 16 {
            wrong.iter().take(12).for_each(|line| say(line));
        } else {
            assert!(wrong.is_empty(), "{wrong:#?}");
        }
    }
}

/// Lines that are too many for a message, in the file that `QGATE_SQL_REPORT` names.
fn report(lines: &[String]) {
    let Some(path) = std::env::var_os("QGATE_SQL_REPORT") else {
        return;
    };
    let mut file = std::fs::OpenOptions::new();
    let mut file = file
        .create(true)
        .append(true)
        .open(path)
        .expect("it can be written");
    for line in lines {
        writeln!(file, "{line}").expect("it can be written");
    }
}

/// What is read, and what is not, is what the server's own grammar takes.
#[test]
fn the_reader_takes_what_the_server_takes() {
    let Some(server) = start() else { return };
    let mut grammar = grammar::Grammar::of(&server);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential");
    let mut tally = grammar::Tally::default();
    for path in grammar::files(&own) {
        let text = std::fs::read_to_string(&path).expect("it is text");
        grammar.compare(&path.display().to_string(), &text, &mut tally);
    }
    assert!(tally.taken > 300 && tally.refused > 100, "{tally:#?}");
    assert!(tally.too_lax.is_empty(), "{:#?}", tally.too_lax);
    assert!(tally.too_strict.is_empty(), "{:#?}", tally.too_strict);
}

/// The same on the files below the folder that `QGATE_SQL_FILES` names: figures, no judgement.
#[test]
fn files_from_elsewhere_are_read_as_the_server_reads_them() {
    let Some(folder) = std::env::var_os("QGATE_SQL_FILES") else {
        return;
    };
    let Some(server) = start() else { return };
    let mut grammar = grammar::Grammar::of(&server);
    let mut tally = grammar::Tally::default();
    for path in grammar::files(Path::new(&folder)) {
        let bytes = std::fs::read(&path).expect("it can be read");
        if let Ok(text) = String::from_utf8(bytes) {
            grammar.compare(&path.display().to_string(), &text, &mut tally);
        }
    }
    assert!(
        tally.files > 0,
        "QGATE_SQL_FILES names a folder without SQL"
    );
    say(&format!(
        "{} files: both read {}, both refuse {}, read here and refused there {}, refused here and read there {}, too deep {}",
        tally.files,
        tally.taken,
        tally.refused,
        tally.too_lax.len(),
        tally.too_strict.len(),
        tally.deep
    ));
    report(
        &tally
            .too_lax
            .iter()
            .map(|line| format!("LAX {line}"))
            .collect::<Vec<_>>(),
    );
    report(
        &tally
            .too_strict
            .iter()
            .map(|line| format!("STRICT {line}"))
            .collect::<Vec<_>>(),
    );
}

/// A statement fails on the server where it fails in the fold.
#[test]
fn statements_fail_where_the_server_fails() {
    for set in sets() {
        let Some(server) = start() else { return };
        let tally = steps::compare(&server, SUPABASE, &migrations(&set));
        assert!(tally.same > 20, "{tally:#?}");
        assert!(tally.differ.is_empty(), "{:#?}", tally.differ);
    }
    for set in outside_sets() {
        let Some(server) = start() else { return };
        let tally = steps::compare(&server, SUPABASE, &migrations(&set));
        let (differ, known) = (tally.differ.len(), tally.undecided);
        say(&format!(
            "{}: the same {}, differ {differ}, undecided {known}, data {}",
            set.display(),
            tally.same,
            tally.data
        ));
        let name = set.display();
        report(
            &tally
                .differ
                .iter()
                .map(|line| format!("STEP {name} {line}"))
                .collect::<Vec<_>>(),
        );
    }
}
