//! Owns what the content of one SQL file tells about its role: up and down sections, dump or queries, dialect.
//! It must not know the file's path: it can be cached under the content.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{RegexSet, RegexSetBuilder};
use serde::{Deserialize, Serialize};

/// How the file marks its sections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Style {
    /// No marks: the whole file is applied.
    #[default]
    Whole,
    /// `-- +goose Up`.
    Goose,
    /// `-- +migrate Up`, of sql-migrate.
    SqlMigrate,
    /// `-- migrate:up`.
    Dbmate,
    /// `-- Up Migration`.
    NodePgMigrate,
    /// `--! Previous:`, of graphile-migrate.
    Graphile,
}

/// What the content tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states"
)]
pub struct Content {
    /// Length in bytes.
    pub length: usize,
    /// How sections are marked.
    pub style: Style,
    /// The parts that go up, in order. The whole file where nothing is marked.
    pub up: Vec<Range<usize>>,
    /// The parts that go down, in order.
    pub down: Vec<Range<usize>>,
    /// Holds a part that goes down any statement?
    pub has_down: bool,
    /// The file asks to be run outside a transaction.
    pub no_transaction: bool,
    /// There is no statement in the file at all.
    pub empty: bool,
    /// It defines or changes objects.
    pub defines: bool,
    /// It makes a table.
    pub makes_tables: bool,
    /// It is what `pg_dump` writes.
    pub dump: bool,
    /// It holds named queries for a code generator.
    pub queries: bool,
    /// It speaks of what only Supabase has: its schemas and roles.
    pub supabase: bool,
    /// It uses words of PostgreSQL that others lack.
    pub postgres: bool,
    /// It uses words of this other system.
    pub foreign: Option<Foreign>,
}

/// A database that is not PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Foreign {
    /// `MySQL` and `MariaDB`.
    MySql,
    /// `SQLite` and its relatives.
    Sqlite,
    /// Microsoft SQL Server.
    SqlServer,
    /// Oracle.
    Oracle,
    /// `ClickHouse`.
    ClickHouse,
    /// Any other.
    Other,
}

impl Foreign {
    /// Its name, for a message.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MySql => "MySQL",
            Self::Sqlite => "SQLite",
            Self::SqlServer => "SQL Server",
            Self::Oracle => "Oracle",
            Self::ClickHouse => "ClickHouse",
            Self::Other => "another database",
        }
    }
}

/// What is looked for in one pass. The order is that of [`Word`].
static WORDS: LazyLock<RegexSet> = LazyLock::new(|| {
    // Word boundaries of Unicode would leave the fast path at the first letter that is not ASCII.
    RegexSetBuilder::new([
        r"(?im)^[ \t]*(?:create|alter|drop|grant|revoke|comment[ \t]+on)[ \t\r\n]",
        r"(?i)\bcreate[ \t\r\n]+(?:unlogged[ \t]+)?table\b",
        r"(?m)^-- PostgreSQL database (?:cluster )?dump",
        r"(?m)^[ \t]*(?:--|/\*)[ \t]*name:[ \t]*\w+[ \t]+:\w+",
        r"(?i)\bauth\.(?:uid|jwt|role)\b|\bstorage\.(?:objects|buckets)\b|\bto[ \t]+(?:anon|authenticated|service_role)\b",
        r"(?i)\b(?:bigserial|serial|timestamptz|bytea|plpgsql|gen_random_uuid|tsvector|citext)\b|\bjsonb\b[^(]|\$\$|::\w|\bcreate[ \t]+extension\b|\brow[ \t]+level[ \t]+security\b|\bcreate[ \t]+policy\b|\bowner[ \t]+to\b|\bcreate[ \t]+type[ \t]+\S+[ \t]+as\b|\btimestamp(?:\(\d\))?[ \t]+with(?:out)?[ \t]+time[ \t]+zone\b|\busing[ \t]+gin\b",
        r"(?i)\bauto_increment\b|\bengine[ \t]*=[ \t]*(?:innodb|myisam)\b|\bcreate[ \t]+table[ \t]+(?:if[ \t]+not[ \t]+exists[ \t]+)?`",
        r"(?im)\bautoincrement\b|^[ \t]*pragma[ \t]+\w|\bwithout[ \t]+rowid\b|\bcreate[ \t]+virtual[ \t]+table\b|\bstrftime[ \t]*\(|\brandomblob[ \t]*\(|\bdatetime[ \t]*\([ \t]*'now'|\binsert[ \t]+or[ \t]+(?:ignore|replace)\b|\bsqlite_\w|\bunixepoch[ \t]*\(",
        r"(?im)\bidentity[ \t]*\(\d+,[ \t]*\d+\)|\bnvarchar\b|\[dbo\]|^go[ \t]*\r?$",
        r"(?i)\bvarchar2\b|\bnumber\(\d+",
        r"(?i)\bengine[ \t]*=?[ \t]*(?:\w*mergetree|memory|log|null|distributed)\b|\blowcardinality\(",
        r"(?i)\bcreate[ \t]+keyspace\b|\binterleave[ \t]+in[ \t]+parent\b|\bcreate[ \t]+or[ \t]+replace[ \t]+stage\b",
        r"(?m)^[ \t]*--.*(?:\+goose|\+migrate|migrate:(?:up|down)|(?i:(?:up|down)[ \t]+migration))|^--!|^[ \t]*--[ \t]*no-transaction",
    ])
    .unicode(false)
    .build()
    .expect("constant patterns")
});

#[derive(Clone, Copy)]
enum Word {
    Defines,
    MakesTables,
    Dump,
    Queries,
    Supabase,
    Postgres,
    MySql,
    Sqlite,
    SqlServer,
    Oracle,
    ClickHouse,
    Other,
    Marks,
}

impl Content {
    /// Reads the content of one file.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let found = WORDS.matches(bytes);
        let has = |word: Word| found.matched(word as usize);
        let foreign = [
            (Word::ClickHouse, Foreign::ClickHouse),
            (Word::MySql, Foreign::MySql),
            (Word::Sqlite, Foreign::Sqlite),
            (Word::SqlServer, Foreign::SqlServer),
            (Word::Oracle, Foreign::Oracle),
            (Word::Other, Foreign::Other),
        ];
        let mut content = Self {
            length: bytes.len(),
            up: std::iter::once(0..bytes.len()).collect(),
            empty: holds_nothing(bytes),
            defines: has(Word::Defines),
            makes_tables: has(Word::MakesTables),
            dump: has(Word::Dump),
            queries: has(Word::Queries),
            supabase: has(Word::Supabase),
            postgres: has(Word::Postgres),
            foreign: foreign
                .into_iter()
                .find(|(word, _)| has(*word))
                .map(|(_, foreign)| foreign),
            ..Self::default()
        };
        if has(Word::Marks) {
            content.mark(bytes);
        }
        content
    }

    /// Splits the file at its marks.
    fn mark(&mut self, bytes: &[u8]) {
        let mut open: Option<(bool, usize)> = None;
        let mut up = Vec::new();
        let mut at = 0;
        for line in bytes.split_inclusive(|&b| b == b'\n') {
            let from = at;
            at += line.len();
            let Some((style, mark)) = mark_of(line) else {
                continue;
            };
            if matches!(mark, Mark::NoTransaction) {
                self.no_transaction |= style != Style::Whole || holds_nothing(&bytes[..from]);
                continue;
            }
            if self.style == Style::Whole {
                self.style = style;
            } else if style != self.style {
                continue;
            }
            let Mark::Section {
                up: goes_up,
                transaction,
            } = mark
            else {
                continue;
            };
            self.no_transaction |= goes_up && !transaction;
            if let Some((was_up, start)) = open.replace((goes_up, at)) {
                self.close(was_up, start..from, &mut up);
            }
        }
        if let Some((was_up, start)) = open {
            self.close(was_up, start..bytes.len(), &mut up);
        }
        // A graphile header marks no section. A file with a down mark alone applies nothing, except where the tool
        // takes all that stands above it.
        if open.is_some() {
            let first_down = self.down.first().map(|range| range.start);
            if up.is_empty() && self.style == Style::NodePgMigrate {
                let end = first_down.map_or(bytes.len(), |start| line_before(bytes, start));
                up.push(0..end);
            }
            self.up = up;
        }
        self.has_down = self
            .down
            .iter()
            .any(|range| !holds_nothing(&bytes[range.clone()]));
    }

    fn close(&mut self, was_up: bool, range: Range<usize>, up: &mut Vec<Range<usize>>) {
        if was_up {
            up.push(range);
        } else {
            self.down.push(range);
        }
    }
}

/// The start of the line that ends right before `at`.
fn line_before(bytes: &[u8], at: usize) -> usize {
    bytes[..at.saturating_sub(1)]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |newline| newline + 1)
}

/// What one line marks.
enum Mark {
    Section { up: bool, transaction: bool },
    Header,
    NoTransaction,
}

fn mark_of(line: &[u8]) -> Option<(Style, Mark)> {
    let text = std::str::from_utf8(line).ok()?.trim();
    let text = text.trim_start_matches('\u{feff}').strip_prefix("--")?;
    if let Some(header) = text.strip_prefix('!') {
        let known = ["Previous:", "Hash:", "Message:"];
        let known = known.iter().any(|word| header.trim().starts_with(word));
        if known {
            return Some((Style::Graphile, Mark::Header));
        }
        let none = header.trim().eq_ignore_ascii_case("no-transaction");
        return none.then_some((Style::Graphile, Mark::NoTransaction));
    }
    let text = text.trim_start_matches([' ', '\t', '-']).to_lowercase();
    let mut words = text.split_whitespace();
    let first = words.next()?;
    let second = words.next().unwrap_or_default();
    let section = |up: bool, transaction: bool| Mark::Section { up, transaction };
    match (first, second) {
        ("+goose", "up") => Some((Style::Goose, section(true, true))),
        ("+goose", "down") => Some((Style::Goose, section(false, true))),
        ("+goose", "no") => Some((Style::Goose, Mark::NoTransaction)),
        ("+migrate", "up") => Some((
            Style::SqlMigrate,
            section(true, !words.any(|word| word == "notransaction")),
        )),
        ("+migrate", "down") => Some((Style::SqlMigrate, section(false, true))),
        ("migrate:up", _) => Some((
            Style::Dbmate,
            section(true, !text.contains("transaction:false")),
        )),
        ("migrate:down", _) => Some((Style::Dbmate, section(false, true))),
        ("up", "migration") => Some((Style::NodePgMigrate, section(true, true))),
        ("down", "migration") => Some((Style::NodePgMigrate, section(false, true))),
        ("no-transaction", _) => Some((Style::Whole, Mark::NoTransaction)),
        _ => None,
    }
}

/// Is there nothing but white space, comments and semicolons?
fn holds_nothing(bytes: &[u8]) -> bool {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    loop {
        let trimmed = rest.trim_ascii_start();
        if let Some(comment) = trimmed.strip_prefix(b"--") {
            let end = comment.iter().position(|&b| b == b'\n');
            rest = end.map_or(&[], |end| &comment[end..]);
        } else if let Some(comment) = trimmed.strip_prefix(b"/*") {
            let end = comment.windows(2).position(|pair| pair == b"*/");
            rest = end.map_or(&[], |end| &comment[end + 2..]);
        } else if let Some(after) = trimmed.strip_prefix(b";") {
            rest = after;
        } else {
            return trimmed.is_empty();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content in one line: style, what goes up, what goes down.
    fn check(input: &str, expected: &str) {
        let content = Content::of(input.as_bytes());
        let part = |ranges: &[Range<usize>]| {
            let parts: Vec<&str> = ranges.iter().map(|r| input[r.clone()].trim()).collect();
            parts.join(" / ").replace('\n', " ")
        };
        let mut words = vec![format!("{:?}", content.style)];
        words.push(format!("up [{}]", part(&content.up)));
        words.push(format!("down [{}]", part(&content.down)));
        for (holds, word) in [
            (content.has_down, "reversible"),
            (content.no_transaction, "no transaction"),
            (content.empty, "empty"),
            (content.dump, "dump"),
            (content.queries, "queries"),
            (content.supabase, "supabase"),
            (content.postgres, "postgres"),
        ] {
            if holds {
                words.push(word.to_owned());
            }
        }
        if let Some(foreign) = content.foreign {
            words.push(foreign.name().to_owned());
        }
        assert_eq!(words.join(", "), expected, "{input}");
    }

    #[test]
    fn sections() {
        check("select 1;", "Whole, up [select 1;], down []");
        check(
            "-- +goose Up\n-- +goose StatementBegin\na;\n-- +goose StatementEnd\n-- +goose Down\nb;\n",
            "Goose, up [-- +goose StatementBegin a; -- +goose StatementEnd], down [b;], reversible",
        );
        check(
            "-- +goose NO TRANSACTION\r\n-- +goose up\r\na;\r\n",
            "Goose, up [a;], down [], no transaction",
        );
        check(
            "-- +migrate Up notransaction\na;\n-- +migrate Down\n",
            "SqlMigrate, up [a;], down [], no transaction",
        );
        check(
            "-- migrate:up transaction:false\na;\n\n-- migrate:down\n-- nothing to do\n",
            "Dbmate, up [a;], down [-- nothing to do], no transaction",
        );
        check(
            "-- Up Migration\na;\n---- Down Migration\nb;",
            "NodePgMigrate, up [a;], down [b;], reversible",
        );
        check(
            "a;\n-- Down Migration\nb;",
            "NodePgMigrate, up [a;], down [b;], reversible",
        );
        check("-- +goose Down\nb;", "Goose, up [], down [b;], reversible");
        check(
            "--! Previous: -\n--! Hash: sha1:00\n\na;",
            "Graphile, up [--! Previous: - --! Hash: sha1:00  a;], down []",
        );
        check(
            "-- no-transaction\na;",
            "Whole, up [-- no-transaction a;], down [], no transaction",
        );
    }

    #[test]
    fn roles_and_dialects() {
        check(
            "/* a */ -- b\n;\n",
            "Whole, up [/* a */ -- b ;], down [], empty",
        );
        check(
            "--\n-- PostgreSQL database dump\n--\n",
            "Whole, up [-- -- PostgreSQL database dump --], down [], empty, dump",
        );
        check(
            "-- name: GetUser :one\nselect 1",
            "Whole, up [-- name: GetUser :one select 1], down [], queries",
        );
        check(
            "create policy p on t to authenticated using (a = auth.uid());",
            "Whole, up [create policy p on t to authenticated using (a = auth.uid());], down [], supabase, postgres",
        );
        check(
            "CREATE TABLE `t` (a int AUTO_INCREMENT) ENGINE=InnoDB",
            "Whole, up [CREATE TABLE `t` (a int AUTO_INCREMENT) ENGINE=InnoDB], down [], MySQL",
        );
        check(
            "create table t (a Int8) ENGINE = ReplacingMergeTree() order by a",
            "Whole, up [create table t (a Int8) ENGINE = ReplacingMergeTree() order by a], down [], ClickHouse",
        );
        check(
            "create table t (a integer primary key autoincrement)",
            "Whole, up [create table t (a integer primary key autoincrement)], down [], SQLite",
        );
    }
}
