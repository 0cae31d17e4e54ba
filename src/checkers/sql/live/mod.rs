//! Owns the checker `sql-live`: the rules of `sql` on what a real database holds, and how it differs from its migrations.

pub mod drift;
mod normal;
pub mod read;
mod rows;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::catalog::Origin;
use super::facts::Facts;
use super::history::{self, Judged, Mode, Question};
use super::platform::Profile;
use super::rls::{self, Known};
use super::rule as rules;
use super::safety::unreleased::Unreleased;
use super::{Config, by_path, coverage, found};
use crate::base::path::RepoPath;
use crate::base::words;
use crate::check::database::DatabaseUrl;
use crate::check::options::{Glob, Time};
use crate::check::ports::Session;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::place::Place;
use crate::model::quantity::Dimension;
use crate::model::rule::{Rule, Severity};
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::FileMeta;

use read::Live;
use rows::About;
pub use rows::begin;

/// What the database and its migrations do not have in common.
pub static SQL_DRIFT: Rule = rule!("sql-drift", Medium, "2026-11");

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The database: `${DATABASE_URL}`. It is never shown. `sslmode` is read as libpq reads it.
    pub url: DatabaseUrl,
    /// `exact`: the findings of the live lints, to the letter. `precise`: their known false findings left out.
    pub mode: Mode,
    /// The schemas that the API serves; where left out, what the database says, else public and `graphql_public`.
    pub exposed: Vec<String>,
    /// What is known of the application beside its database.
    #[serde(flatten)]
    pub known: Known,
    /// Say too what the database has and the migrations do not make, and the other way round.
    pub compare: bool,
    /// Of the comparison: what the database held before the first migration; where it is left out, what the migrations
    /// speak of decides.
    pub profile: Option<Profile>,
    /// Of the comparison: the files that are looked at; all SQL files when it is left out.
    pub paths: Vec<Glob>,
    /// The longest that one question to the database may take.
    pub statement_timeout: Time,
    /// The longest that one question may wait for a lock.
    pub lock_timeout: Time,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: DatabaseUrl::default(),
            mode: Mode::default(),
            exposed: Vec::new(),
            known: Known::default(),
            compare: false,
            profile: None,
            paths: Vec::new(),
            statement_timeout: Time(Duration::from_secs(30)),
            lock_timeout: Time(Duration::from_secs(2)),
        }
    }
}

/// A configured check.
#[derive(Debug)]
pub struct SqlLive(Options);

impl Checker for SqlLive {
    const NAME: &'static str = "sql-live";
    const SUMMARY: &'static str = "a live PostgreSQL, read only: the rules of `sql` on what it holds, and where it differs from its migrations";
    const GUIDE: &'static str = include_str!("guide.md");
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&SQL_DRIFT];
    const FINDS: &'static [&'static Rule] = rules::LIVE;
    const METRICS: &'static [Metric] = &[
        Metric::counts("sql_findings", &[], "all findings on SQL"),
        Metric::graded(
            "sql_critical",
            Severity::Critical,
            "critical findings on SQL",
        ),
        Metric::graded("sql_high", Severity::High, "high findings on SQL"),
        Metric::graded("sql_medium", Severity::Medium, "medium findings on SQL"),
        Metric::counts(
            "unindexed_foreign_keys",
            &["unindexed-foreign-keys"],
            "foreign keys without an index",
        ),
        Metric::counts(
            "tables_without_policies",
            &["rls-enabled-no-policy"],
            "tables with row-level security on and no policy",
        ),
        Metric::counts(
            "tables_without_rls",
            &[
                "rls-disabled-in-public",
                "policy-exists-rls-disabled",
                "insecure-queue-exposed-in-api",
            ],
            "tables that need row-level security and have none",
        ),
        Metric::counts(
            "drifted_objects",
            &["sql-drift"],
            "differences between the database and its migrations; measured with `compare` only",
        ),
        Metric::measured(
            "rls_coverage",
            Dimension::Share,
            Better::Higher,
            "tables of the API with row-level security on and a policy for each granted command",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        if options.url.is_empty() {
            return Err("`url` names the database: url: \"${DATABASE_URL}\"".to_owned());
        }
        if !options.compare && (options.profile.is_some() || !options.paths.is_empty()) {
            return Err("`profile` and `paths` say something with `compare: true` only".to_owned());
        }
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn lane(&self) -> Lane {
        Lane::Waits
    }

    fn gives(&self, metric: &str) -> bool {
        metric != "drifted_objects" || self.0.compare
    }

    fn wants(&self, file: &FileMeta) -> bool {
        let named =
            self.0.paths.is_empty() || self.0.paths.iter().any(|glob| glob.matches(&file.path));
        self.0.compare && file.is_file() && file.language == Some(Language::Sql) && named
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Some(Facts::of(file))
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut session = cx.ports.databases.open(&self.0.url, cx.timeout)?;
        let live = self.read(&mut *session)?;
        let name = session.name().to_owned();
        drop(session);
        let exposed = self.exposed(&live.about);
        let mut evidence = Evidence::default();
        evidence.notes.push(said(&name, &live));
        evidence
            .notes
            .push(format!("the API serves {}", exposed.join(", ")));
        evidence
            .notes
            .push(rls::model(&live.catalog, &self.0.known));
        for unseen in &live.unseen {
            evidence.partial(unseen.clone());
        }
        if live.about.version / 10_000 > *rows::VERSIONS.end() {
            evidence.partial(format!(
                "the server is newer than PostgreSQL {}: what it added to its catalog is not seen",
                rows::VERSIONS.end()
            ));
        }
        let migrations = if self.0.compare {
            Some(self.migrations(files, &exposed, cx, &mut evidence)?)
        } else {
            None
        };
        let places = Places(migrations.as_ref());
        let (catalog, known) = (&live.catalog, &self.0.known);
        for hit in self.0.mode.ask(catalog, &exposed, known) {
            let Some((rule, help)) = rules::of(hit.lint) else {
                continue;
            };
            let place = places.of_key(hit.lint, &hit.key, &hit.object);
            let finding = Finding::new(rule, place, hit.headline, help);
            evidence.findings.push(finding.anchored(hit.key));
        }
        if let Some(judged) = &migrations {
            for difference in drift::between(judged, &live.catalog) {
                let place = places.of(difference.origin, &difference.object);
                let mut headline = difference.headline();
                let mut rule = &SQL_DRIFT;
                // What leaves it open tells it already, and is mended or waived in its place.
                if let Some((unsure, _)) =
                    rules::of("sql_undecided").filter(|_| difference.undecided)
                {
                    headline = format!("it may be that {headline} (sql-drift)");
                    rule = unsure;
                }
                let finding = Finding::new(rule, place, headline, difference.help());
                evidence.findings.push(finding.anchored(difference.key()));
            }
            evidence.findings.extend(undecided(judged, &places));
        }
        let (part, whole) = coverage(&live.catalog, &exposed);
        if let Some(share) = Value::ratio(part, whole) {
            evidence.measure("rls_coverage", share);
        }
        Ok(evidence)
    }

    fn globs(&self) -> Vec<&Glob> {
        self.0.paths.iter().collect()
    }
}

impl SqlLive {
    /// Reads the catalog in one transaction that can write nothing.
    fn read(&self, session: &mut dyn Session) -> Result<Live, Fault> {
        let begin = rows::begin(self.0.statement_timeout.0, self.0.lock_timeout.0);
        let name = session.name().to_owned();
        session
            .script(&begin)
            .map_err(|refusal| rows::refused(&name, refusal))?;
        let about = about(session)?;
        let live = read::all(session, about)?;
        session
            .script("rollback")
            .map_err(|refusal| rows::refused(&name, refusal))?;
        Ok(live)
    }

    fn exposed(&self, about: &About) -> Vec<String> {
        if !self.0.exposed.is_empty() {
            return self.0.exposed.clone();
        }
        let told = about.exposed.as_deref().unwrap_or("public,graphql_public");
        told.split(',')
            .map(|schema| schema.trim().to_owned())
            .collect()
    }

    /// What the migrations make.
    fn migrations(
        &self,
        files: &[Observed<'_, Facts>],
        exposed: &[String],
        cx: &Cx<'_>,
        evidence: &mut Evidence,
    ) -> Result<Judged, Fault> {
        let facts = by_path(files);
        let sources = found(&facts, &self.0.paths, cx);
        let [set] = sources.sets.as_slice() else {
            let many: Vec<&str> = sources.sets.iter().map(|set| set.root.as_str()).collect();
            let what = if many.is_empty() {
                "there are no migrations to compare the database with".to_owned()
            } else {
                format!("there are several migration sets: {}", many.join(", "))
            };
            return Err(Fault::new(
                FaultKind::Missing,
                what,
                "name those of this database with `paths`",
            ));
        };
        let profile = self.0.profile.unwrap_or(if set.supabase {
            Config::of(set, cx).profile
        } else {
            Profile::Plain
        });
        let find = |path: &RepoPath| facts.get(path).copied();
        let question = Question {
            mode: self.0.mode,
            profile,
            exposed,
            unreleased: &Unreleased::Each,
            known: &self.0.known,
        };
        let judged = history::judge(set, &find, question);
        evidence.notes.push(set.said());
        for path in &judged.unread {
            evidence.partial(format!("{path}: could not be read as SQL"));
        }
        Ok(judged)
    }
}

/// Where findings are: at the statement of a migration where it is known, else at the object.
struct Places<'a>(Option<&'a Judged>);

impl Places<'_> {
    fn of(&self, origin: Option<Origin>, object: &str) -> Place {
        let at = self.0.zip(origin).and_then(|(judged, origin)| {
            let path = judged.files.get(origin.file? as usize)?;
            Some(Place::Part(path.clone(), origin.span))
        });
        at.unwrap_or_else(|| Place::Object(object.to_owned()))
    }

    fn of_key(&self, lint: &str, key: &str, object: &str) -> Place {
        let hit = self.0.and_then(|judged| {
            let mut hits = judged.hits.iter().map(|(hit, _)| hit);
            hits.find(|hit| hit.lint == lint && hit.key == key)
        });
        self.of(hit.map(|hit| hit.origin), object)
    }
}

/// What the migrations leave open: whether the database differs there, nobody knows. As `sql` tells it.
fn undecided(judged: &Judged, places: &Places<'_>) -> Vec<Finding> {
    let Some((rule, help)) = rules::of("sql_undecided") else {
        return Vec::new();
    };
    let remarks = judged.remarks().into_iter();
    let open = remarks.filter(|remark| remark.is_undecided());
    open.map(|remark| {
        let place = places.of(Some(remark.origin), "the platform");
        let mark = remark.mark.as_deref().unwrap_or_default();
        Finding::new(rule, place, remark.what.clone(), help)
            .anchored(format!("{} {mark}", remark.what))
            .leaving_open(vec![SQL_DRIFT.id])
    })
    .collect()
}

fn about(session: &mut dyn Session) -> Result<About, Fault> {
    let found: Option<About> = rows::ask(session, rows::ABOUT)?.pop();
    let about = found.ok_or_else(|| {
        Fault::new(
            FaultKind::Unparsable,
            format!("{} does not say what it is", session.name()),
            "report it with the version of the server",
        )
    })?;
    let major = about.version / 10_000;
    if major < *rows::VERSIONS.start() {
        return Err(Fault::new(
            FaultKind::Stale,
            format!(
                "{} is PostgreSQL {major}; {} is the oldest whose catalog is known",
                session.name(),
                rows::VERSIONS.start()
            ),
            "upgrade the server",
        ));
    }
    Ok(about)
}

fn said(name: &str, live: &Live) -> String {
    let own = |schema: &str| !super::lints::is_platform(schema);
    let relations = live.catalog.relations.values();
    let relations: Vec<_> = relations.filter(|relation| own(&relation.schema)).collect();
    let policies: usize = relations
        .iter()
        .map(|relation| relation.policies.len())
        .sum();
    let functions = live.catalog.functions.values();
    let functions = functions
        .filter(|function| own(&function.schema) && function.extension.is_none())
        .count();
    format!(
        "read {name} as {}: PostgreSQL {}, {}, {}, {}",
        live.about.role,
        live.about.version / 10_000,
        words::count(relations.len(), "relation"),
        words::count(policies, "policy"),
        words::count(functions, "function")
    )
}
