//! Owns where migrations come from: which files of a tree are applied, in which order, and which part of each.
//! Pure: it sees metadata of files and asks a reader for their content. It must not know what a statement means.

use std::ops::Range;

use serde::Serialize;

use crate::base::path::RepoPath;
use crate::source::tree::FileMeta;

use content::Content;

pub mod content;
mod dialect;
mod drizzle;
mod files;
mod flyway;
mod folder_each;
mod names;
mod plain;
mod pool;
mod schema;
mod supabase;
#[cfg(test)]
mod tests;

use dialect::Heard;
use pool::{Pool, Sql};

/// The tool whose conventions a migration set follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The Supabase CLI.
    Supabase,
    /// Prisma Migrate.
    Prisma,
    /// Drizzle Kit.
    Drizzle,
    /// goose.
    Goose,
    /// sql-migrate.
    SqlMigrate,
    /// dbmate.
    Dbmate,
    /// node-pg-migrate, SQL files.
    NodePgMigrate,
    /// graphile-migrate.
    GraphileMigrate,
    /// sqlx.
    Sqlx,
    /// Diesel.
    Diesel,
    /// Hasura.
    Hasura,
    /// golang-migrate, and others with `.up.sql` and `.down.sql`.
    GolangMigrate,
    /// Flyway, and refinery.
    Flyway,
    /// Postgrator.
    Postgrator,
    /// A folder of files that are run in order.
    Plain,
    /// A schema as `pg_dump` writes it.
    PgDump,
    /// One file, or a folder of files, that describes the whole schema.
    SchemaFile,
}

impl Kind {
    /// Its name, as in the report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Supabase => "Supabase",
            Self::Prisma => "Prisma",
            Self::Drizzle => "Drizzle",
            Self::Goose => "goose",
            Self::SqlMigrate => "sql-migrate",
            Self::Dbmate => "dbmate",
            Self::NodePgMigrate => "node-pg-migrate",
            Self::GraphileMigrate => "graphile-migrate",
            Self::Sqlx => "sqlx",
            Self::Diesel => "Diesel",
            Self::Hasura => "Hasura",
            Self::GolangMigrate => "golang-migrate",
            Self::Flyway => "Flyway",
            Self::Postgrator => "Postgrator",
            Self::Plain => "plain files",
            Self::PgDump => "a dump",
            Self::SchemaFile => "a schema",
        }
    }

    /// Has the tool a place for what takes a migration back?
    #[must_use]
    pub const fn knows_down(self) -> bool {
        !matches!(
            self,
            Self::Supabase
                | Self::Prisma
                | Self::Drizzle
                | Self::GraphileMigrate
                | Self::PgDump
                | Self::SchemaFile
        )
    }

    /// Does the tool read marks in the file: sections, `no-transaction`?
    const fn reads_marks(self) -> bool {
        matches!(
            self,
            Self::Goose
                | Self::SqlMigrate
                | Self::Dbmate
                | Self::NodePgMigrate
                | Self::GraphileMigrate
                | Self::Sqlx
                | Self::Diesel
        )
    }

    /// How the tool runs one file.
    const fn transaction(self) -> Transaction {
        match self {
            Self::Prisma | Self::GolangMigrate | Self::Hasura | Self::Postgrator => {
                Transaction::Implicit
            }
            Self::Plain | Self::PgDump | Self::SchemaFile => Transaction::None,
            _ => Transaction::Whole,
        }
    }
}

/// How the statements of one migration share a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transaction {
    /// The tool runs the migration in a transaction.
    Whole,
    /// The file is sent as one query: several statements share a transaction, a single one has none.
    Implicit,
    /// Each statement for itself, or nobody knows.
    None,
}

/// What takes a migration back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Down {
    /// Nothing.
    None,
    /// A place for it that holds no statement: this file, or a part of the migration's own.
    Empty(Option<RepoPath>),
    /// Parts of the same file.
    InFile(Vec<Range<usize>>),
    /// Another file.
    File(RepoPath),
}

/// One migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The file.
    pub path: RepoPath,
    /// The version as the tool knows it, or the name where there is none.
    pub version: String,
    /// The parts of the file that are applied, in order. Empty where the tool would apply nothing.
    pub up: Vec<Range<usize>>,
    /// What takes it back.
    pub down: Down,
    /// How its statements share a transaction.
    pub transaction: Transaction,
    /// The content could not be read: nothing is known of it.
    pub unread: bool,
}

/// Something about a set that its reader must know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The file, when it is about one.
    pub path: Option<RepoPath>,
    /// What.
    pub text: String,
}

/// A file in the place of a set that is not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotApplied {
    /// The file.
    pub path: RepoPath,
    /// Why not.
    pub why: &'static str,
}

/// The migrations of one database, in the order in which they are applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationSet {
    /// The tool.
    pub kind: Kind,
    /// The folder, or the file where one file is all.
    pub root: String,
    /// The migrations.
    pub migrations: Vec<Migration>,
    /// What belongs to the set and is not applied.
    pub not_applied: Vec<NotApplied>,
    /// Files that fill tables with first rows.
    pub seeds: Vec<RepoPath>,
    /// Tests of the database.
    pub tests: Vec<RepoPath>,
    /// `supabase/config.toml`.
    pub config: Option<RepoPath>,
    /// The database is one of Supabase: by its folder, or by the roles and schemas that it speaks of.
    pub supabase: bool,
    /// No word of PostgreSQL was seen, and none of another database: it is taken for PostgreSQL.
    pub assumed: bool,
    /// What must be known.
    pub notes: Vec<Note>,
    heard: Heard,
}

impl MigrationSet {
    /// What was read, for the report.
    #[must_use]
    pub fn said(&self) -> String {
        let count = self.migrations.len();
        let kind = self.kind.name();
        if matches!(self.kind, Kind::PgDump | Kind::SchemaFile) && count == 1 {
            return format!("read {} as {kind}", self.root);
        }
        let files = if count == 1 { "file" } else { "files" };
        let root = if self.root.is_empty() {
            "the root"
        } else {
            &self.root
        };
        format!("read {count} {files} of {root} as {kind}")
    }

    fn new(kind: Kind, root: impl Into<String>) -> Self {
        Self {
            kind,
            root: root.into(),
            migrations: Vec::new(),
            not_applied: Vec::new(),
            seeds: Vec::new(),
            tests: Vec::new(),
            config: None,
            supabase: kind == Kind::Supabase,
            assumed: false,
            notes: Vec::new(),
            heard: Heard::default(),
        }
    }

    /// Files that are applied in this order, whole, whatever they are called.
    pub fn of_files(paths: &[RepoPath], content: &dyn Fn(&RepoPath) -> Option<Content>) -> Self {
        let mut set = Self::new(Kind::Plain, "the command line");
        for path in paths {
            let own = content(path);
            set.supabase |= own.as_ref().is_some_and(|own| own.supabase);
            set.migrations.push(Migration {
                path: path.clone(),
                version: path.to_string(),
                up: own.iter().map(|own| 0..own.length).collect(),
                down: Down::None,
                transaction: Transaction::None,
                unread: own.is_none(),
            });
        }
        set
    }

    /// Adds a file that is applied.
    fn apply(&mut self, sql: &Sql, version: impl Into<String>, down: Option<&Sql>) {
        let own = sql.content.as_ref();
        let marks = own.filter(|_| self.kind.reads_marks());
        let down = match (down, marks) {
            (Some(down), _) if down.is(|content| content.empty) => {
                Down::Empty(Some(down.path.clone()))
            }
            (Some(down), _) => Down::File(down.path.clone()),
            (None, Some(own)) if own.has_down => Down::InFile(own.down.clone()),
            (None, Some(own)) if !own.down.is_empty() => Down::Empty(None),
            (None, _) => Down::None,
        };
        let up = match (marks, own) {
            (Some(own), _) => own.up.clone(),
            (None, Some(own)) => std::iter::once(0..own.length).collect(),
            (None, None) => Vec::new(),
        };
        let outside = marks.is_some_and(|own| own.no_transaction);
        self.supabase |= own.is_some_and(|own| own.supabase);
        if let Some(own) = own {
            self.heard.add(own);
        }
        self.migrations.push(Migration {
            path: sql.path.clone(),
            version: version.into(),
            up,
            down,
            transaction: if outside {
                Transaction::None
            } else {
                self.kind.transaction()
            },
            unread: own.is_none(),
        });
    }

    /// Leaves a file out, and says why.
    fn leave(&mut self, sql: &Sql, why: &'static str) {
        self.not_applied.push(NotApplied {
            path: sql.path.clone(),
            why,
        });
    }

    fn note(&mut self, path: Option<&RepoPath>, text: impl Into<String>) {
        self.notes.push(Note {
            path: path.cloned(),
            text: text.into(),
        });
    }

    /// Notes versions that two migrations share.
    fn note_twins(&mut self) {
        let twins: Vec<(RepoPath, String)> = self
            .migrations
            .windows(2)
            .filter(|pair| pair[0].version == pair[1].version)
            .map(|pair| {
                let text = format!(
                    "version {} is that of `{}` too: {} applies one of them at most",
                    pair[1].version,
                    pair[0].path,
                    self.kind.name()
                );
                (pair[1].path.clone(), text)
            })
            .collect();
        for (path, text) in twins {
            self.note(Some(&path), text);
        }
    }
}

/// SQL files that were found and not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// The folder, or the file.
    pub root: String,
    /// The files.
    pub files: Vec<RepoPath>,
    /// Why not.
    pub why: String,
}

/// All that a tree holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The migration sets, sorted by root.
    pub sets: Vec<MigrationSet>,
    /// What was not read, sorted by root.
    pub passed_over: Vec<PassedOver>,
    /// SQL files of no migration set: scripts, queries.
    pub loose: Vec<RepoPath>,
}

/// Gives the content of files.
pub trait Reader {
    /// What the content of an SQL file tells; `None` when it cannot be read.
    fn sql(&mut self, file: &FileMeta) -> Option<Content>;

    /// The bytes of another file; `None` when it cannot be read.
    fn text(&mut self, file: &FileMeta) -> Option<Vec<u8>>;
}

impl<F: FnMut(&FileMeta) -> Option<Vec<u8>>> Reader for F {
    fn sql(&mut self, file: &FileMeta) -> Option<Content> {
        self(file).map(|bytes| Content::of(&bytes))
    }

    fn text(&mut self, file: &FileMeta) -> Option<Vec<u8>> {
        self(file)
    }
}

/// Finds the migrations of a tree. The same files give the same answer, in any order.
pub fn detect(files: &[FileMeta], reader: &mut dyn Reader) -> Sources {
    let mut pool = Pool::new(files, reader);
    let mut sets = claim(&mut pool);
    sets.extend(schema::claim(&mut pool, &sets));
    finish(pool, sets)
}

/// As [`detect`], for a folder that the user names: where nothing is found by convention, its own SQL files are taken
/// as migrations in the order of their names.
pub fn detect_given(files: &[FileMeta], reader: &mut dyn Reader) -> Sources {
    let mut pool = Pool::new(files, reader);
    let mut sets = claim(&mut pool);
    if sets.is_empty() {
        sets.extend(schema::claim_dump(&mut pool));
    }
    if sets.is_empty() {
        sets.extend(plain::folders(&mut pool, &[String::new()]));
    }
    if sets.is_empty() {
        sets.extend(schema::claim(&mut pool, &sets));
    }
    finish(pool, sets)
}

/// The conventions, the surest first.
fn claim(pool: &mut Pool<'_>) -> Vec<MigrationSet> {
    let mut sets = supabase::claim(pool);
    sets.extend(drizzle::claim(pool));
    sets.extend(folder_each::claim(pool));
    sets.extend(flyway::claim(pool));
    sets.extend(files::claim(pool));
    let plain = plain::claim(pool, &sets);
    sets.extend(plain);
    sets
}

/// Gives seeds and tests to their sets, drops other databases, sorts.
fn finish(mut pool: Pool<'_>, mut sets: Vec<MigrationSet>) -> Sources {
    let mut passed_over = dialect::drop_foreign(&mut sets);
    schema::give_seeds(&mut pool, &mut sets);
    supabase::give_tests(&mut pool, &mut sets);
    passed_over.extend(dialect::drop_loose(&mut pool));
    passed_over.extend(schema::pass_over_copies(&mut pool));
    passed_over.extend(plain::pass_over_unordered(&mut pool));
    passed_over.extend(pool.passed_over());
    for set in &mut sets {
        set.notes.sort();
        set.seeds.sort();
        set.not_applied.sort_by(|a, b| a.path.cmp(&b.path));
    }
    sets.sort_by(|a, b| (&a.root, a.kind).cmp(&(&b.root, b.kind)));
    passed_over.sort_by(|a, b| a.root.cmp(&b.root));
    let loose = pool.sql.into_iter().map(|sql| sql.path).collect();
    Sources {
        sets,
        passed_over,
        loose,
    }
}
