//! Owns the comparison of what is read with what the server's own grammar takes, statement by statement. In a transaction that
//! has failed the server reads a statement and does nothing more: it says 25P02 when it could read it.

use std::path::{Path, PathBuf};

use qgate::checkers::sql::parse::script::What;
use qgate::checkers::sql::parse::split;
use qgate::model::place::Span;

use crate::server::Server;
use crate::wire::Wire;

/// How often reader and server agreed, and where they did not.
#[derive(Debug, Default)]
pub struct Tally {
    /// Files that were read.
    pub files: usize,
    /// Both read it.
    pub taken: usize,
    /// Both refused it.
    pub refused: usize,
    /// Read here, refused there: the state that follows is wrong. File, line, statement, message.
    pub too_lax: Vec<String>,
    /// Refused here, read there: what follows is undecided.
    pub too_strict: Vec<String>,
    /// Nested too deep for one of them.
    pub deep: usize,
}

/// The server, in a transaction that has failed.
pub struct Grammar(Wire);

impl Grammar {
    /// Connects.
    pub fn of(server: &Server) -> Self {
        let mut wire = Wire::open(server, "postgres");
        fail(&mut wire);
        Self(wire)
    }

    /// Why the server does not read the statement; `None`: it does.
    fn refuses(&mut self, sql: &str) -> Option<(String, String)> {
        let answer = self.0.run(sql);
        if answer.is_idle {
            // The end of a transaction is the one thing that it does.
            fail(&mut self.0);
        }
        let code = answer.code?;
        let ends_one = ["25P02", "3B001", "25001", "25P01", "2D000", "0B000"];
        (!ends_one.contains(&code.as_str())).then_some((code, answer.message))
    }

    /// Reads a script both ways.
    pub fn compare(&mut self, name: &str, text: &str, tally: &mut Tally) {
        let script = split::script(text, |range| {
            let before = text.get(..range.start).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Span::at(u32::try_from(line + 1).unwrap_or(u32::MAX), 1)
        });
        tally.files += 1;
        for piece in &script.pieces {
            let (start, end) = (piece.bytes.0 as usize, piece.bytes.1 as usize);
            let statement = text.get(start..end).unwrap_or_default();
            // A variable of psql is none of the server's business.
            if matches!(piece.what, What::Meta(_)) || statement.contains('\0') || is_copy(statement)
            {
                continue;
            }
            let here = match &piece.what {
                What::Statement(_) => None,
                other => Some(format!("{other:?}")),
            };
            let there = self.refuses(statement);
            if there.as_ref().is_some_and(|(code, _)| code == "54001")
                || here.as_ref().is_some_and(|why| why.contains("Deep"))
            {
                tally.deep += 1;
                continue;
            }
            let shown = || {
                let flat: Vec<&str> = statement.split_whitespace().collect();
                let flat = flat.join(" ");
                let cut: String = flat.chars().take(300).collect();
                format!("{name}:{}: {cut}", piece.span.start.line)
            };
            match (here, there) {
                (None, None) => tally.taken += 1,
                (Some(_), Some(_)) => tally.refused += 1,
                (None, Some((code, why))) => {
                    tally.too_lax.push(format!("{}\n    {code} {why}", shown()));
                }
                (Some(why), None) => tally.too_strict.push(format!("{}\n    {why}", shown())),
            }
        }
    }
}

fn fail(wire: &mut Wire) {
    wire.run("begin");
    let answer = wire.run("select 1/0");
    assert_eq!(answer.code.as_deref(), Some("22012"), "{}", answer.message);
}

fn is_copy(statement: &str) -> bool {
    statement
        .get(..4)
        .is_some_and(|word| word.eq_ignore_ascii_case("copy"))
        && statement.to_ascii_lowercase().contains("stdin")
}

/// All files of SQL below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("it can be read").path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("sql"))
            {
                all.push(path);
            }
        }
    }
    all.sort();
    all
}
