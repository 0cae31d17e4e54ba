//! Owns the comparison of each statement's fate: done or failed on the server, done or failed in the fold.

use std::collections::BTreeMap;
use std::path::PathBuf;

use qgate::checkers::sql::parse::script::What;
use qgate::checkers::sql::parse::split;
use qgate::checkers::sql::parse::statement::Statement;
use qgate::checkers::sql::platform::{self, Profile};
use qgate::model::place::Span;

use crate::server::Server;
use crate::wire::Wire;

/// How often both ended alike, and where they did not.
#[derive(Debug, Default)]
pub struct Tally {
    /// Done in both, or failed in both.
    pub same: usize,
    /// Queries and changes of data that failed on the server: the fold runs none.
    pub data: usize,
    /// The fold says that it does not know.
    pub undecided: usize,
    /// File, line, statement, and both answers.
    pub differ: Vec<String>,
}

/// Runs the files on the server, statement by statement, and in the fold.
pub fn compare(server: &Server, platform_sql: &str, files: &[PathBuf]) -> Tally {
    let errors = server.script("postgres", "create database steps;");
    assert!(errors.is_empty(), "{errors:?}");
    let errors = server.script("steps", platform_sql);
    assert!(errors.is_empty(), "the platform: {errors:#?}");
    let mut fold = platform::first(Profile::Legacy);
    let mut tally = Tally::default();
    for (number, path) in (0_u32..).zip(files) {
        let bytes = std::fs::read(path).expect("it can be read");
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        // The place in the file stands for the statement: each has one of its own.
        let script = split::script(&text, |range| {
            Span::at(u32::try_from(range.start).unwrap_or(u32::MAX), 1)
        });
        let before = fold.remarks.len();
        fold.file(number, &script, &|_| true);
        let mut said: BTreeMap<u32, (bool, String)> = BTreeMap::new();
        for remark in &fold.remarks[before..] {
            let fails = remark.what.starts_with("fails") || remark.what.starts_with("not read");
            let entry = said.entry(remark.origin.span.start.line).or_default();
            entry.0 |= fails;
            entry.1.push_str(&remark.what);
        }
        let mut wire = Wire::open(server, "steps");
        for piece in &script.pieces {
            let statement = text
                .get(piece.bytes.0 as usize..piece.bytes.1 as usize)
                .unwrap_or_default();
            if matches!(piece.what, What::Meta(_)) || statement.contains('\0') {
                continue;
            }
            let answer = wire.run(statement);
            let code = answer.code.unwrap_or_default();
            let line = text[..piece.bytes.0 as usize].matches('\n').count() + 1;
            let here = said.get(&(piece.bytes.0));
            let unread = matches!(&piece.what, What::Statement(statement) if is_unread(statement));
            // What follows a failure in a transaction is told of the first one alone.
            if code == "25P02" {
                continue;
            }
            let flat: Vec<&str> = statement.split_whitespace().collect();
            let flat: String = flat.join(" ").chars().take(160).collect();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if unread && code.is_empty() {
                tally.differ.push(format!("BODY {name}:{line}: {flat}"));
                continue;
            }
            match (here, code.is_empty()) {
                (None, true) | (Some((true, _)), false) => tally.same += 1,
                (Some((false, _)), _) => tally.undecided += 1,
                (Some((true, what)), true) => {
                    tally
                        .differ
                        .push(format!("FAILS-HERE {name}:{line}: {flat}\n    {what}"));
                }
                (None, false) if is_data(&piece.what) => tally.data += 1,
                (None, false) => {
                    tally.differ.push(format!(
                        "FAILS-THERE {name}:{line}: {flat}\n    {code} {}",
                        answer.message
                    ));
                }
            }
        }
    }
    tally
}

/// Was a part of its body not understood?
fn is_unread(statement: &Statement) -> bool {
    match statement {
        Statement::CreateFunction(function) => function
            .block
            .as_ref()
            .is_some_and(|block| !block.is_read()),
        Statement::Do(block) => !block.is_read(),
        _ => false,
    }
}

/// Is it a query, or a change of data?
fn is_data(what: &What) -> bool {
    matches!(what, What::Statement(statement) if matches!(
        **statement,
        Statement::Query(_) | Statement::Bulk(_) | Statement::Call(_) | Statement::Other(_) | Statement::Truncate(..)
    ))
}
