//! Owns the checker `sql`: migrations, what they leave behind, and who may do what there.

pub mod catalog;
pub mod deparse;
pub mod facts;
pub mod fold;
pub mod history;
pub mod lints;
pub mod live;
mod mended;
pub mod parse;
pub mod platform;
pub mod precise;
pub mod queries;
pub mod rls;
pub mod rule;
pub mod safety;
pub mod show;
pub mod sources;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;
use crate::base::words;
use crate::check::options::Glob;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::place::Place;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::rule::{Rule, Severity};
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::FileMeta;

use catalog::relation::RelKind;
use catalog::{Catalog, Origin, acl};
use facts::Facts;
use history::{Judged, Mode, Question};
use platform::Profile;
use safety::unreleased::{Only, Unreleased};
use sources::content::Content;
use sources::{MigrationSet, Reader, Sources};

/// The options of the check.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// `exact`: the findings of the live lints, to the letter. `precise`: their known false findings left out.
    pub mode: Mode,
    /// What the database holds before the first migration; where it is left out, what the migrations speak of decides.
    pub profile: Option<Profile>,
    /// What is known of the application beside its migrations.
    #[serde(flatten)]
    pub known: rls::Known,
    /// The files that are looked at; all SQL files when it is left out.
    pub paths: Vec<Glob>,
    /// The schemas that the API serves; where left out, those of supabase/config.toml, else public and `graphql_public`.
    pub exposed: Vec<String>,
    /// `new`: the rules on changes of a database in use judge the migrations that the base does not have, together. `all`: they judge all, each by what was there before it. `none`: they judge none.
    pub only: Only,
}

/// A configured check.
#[derive(Debug)]
pub struct Sql(Options);

impl Checker for Sql {
    const NAME: &'static str = "sql";
    const SUMMARY: &'static str = "SQL migrations, folded in order: row-level security, rights, keys and functions as a live database would show them";
    const REVISION: u32 = 2;
    const RULES: &'static [&'static Rule] = rule::ALL;
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
                "rls-force-without-enable",
                "rls-insert-exposed-no-rls",
                "rls-partition-child",
            ],
            "tables that need row-level security and have none",
        ),
        Metric::counts(
            "undecided_objects",
            &["sql-undecided"],
            "places where the migrations leave something undecided",
        ),
        Metric::counts(
            "migration_hazards",
            rule::HAZARDS,
            "statements of migrations that lock, rewrite or break what a database in use holds",
        ),
        Metric::counts(
            "irreversible_migrations",
            &["irreversible-migration"],
            "migrations that nothing takes back, where the tool could run it",
        ),
        Metric::measured(
            "rls_coverage",
            Dimension::Share,
            Better::Higher,
            "tables of the API with row-level security on and a policy for each granted command",
        ),
        Metric::measured(
            "migrations",
            Dimension::Count,
            Better::Higher,
            "migrations that were read",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        if options.mode == Mode::Exact && options.only == Only::New {
            return Err("`mode: exact` says what a live database would say, and nothing of statements: `only: new` is for `mode: precise`".to_owned());
        }
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        let named =
            self.0.paths.is_empty() || self.0.paths.iter().any(|glob| glob.matches(&file.path));
        file.is_file() && file.language == Some(Language::Sql) && named
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Some(Facts::of(file))
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let facts = by_path(files);
        let sources = found(&facts, &self.0.paths, cx);
        if sources.sets.is_empty() {
            return Ok(Evidence::not_applicable("migrations or a schema in SQL"));
        }
        // What is new nobody knows without a base: that is a fault, and never an empty list.
        let diff = match self.0.only {
            Only::New => Some(cx.change.diff()?),
            Only::All | Only::None => None,
        };
        let mut evidence = Evidence::default();
        let (mut part, mut whole, mut count) = (0, 0, 0);
        for set in &sources.sets {
            let config = Config::of(set, cx);
            let profile = self.0.profile.unwrap_or(if set.supabase {
                config.profile
            } else {
                Profile::Plain
            });
            let exposed = if self.0.exposed.is_empty() {
                config.exposed
            } else {
                self.0.exposed.clone()
            };
            let find = |path: &RepoPath| facts.get(path).copied();
            let unreleased = match diff {
                Some(diff) => Unreleased::since(set, diff, &find),
                None if self.0.only == Only::None => Unreleased::none(),
                None => Unreleased::Each,
            };
            let question = Question {
                mode: self.0.mode,
                profile,
                exposed: &exposed,
                unreleased: &unreleased,
                known: &self.0.known,
            };
            let judged = history::judge(set, &find, question);
            if let (Some(_), Unreleased::These(paths)) = (diff, &unreleased) {
                let new = words::count(paths.len(), "migration");
                evidence
                    .notes
                    .push(format!("{new} of {} new since the base", set.root));
            }
            evidence.notes.push(set.said());
            for note in &set.notes {
                evidence.notes.push(match &note.path {
                    Some(path) => format!("{path}: {}", note.text),
                    None => note.text.clone(),
                });
            }
            for path in &judged.unread {
                evidence.partial(format!("{path}: could not be read as SQL"));
            }
            evidence
                .notes
                .push(rls::model(&judged.strict.catalog, &self.0.known));
            testify(&judged, &unreleased, &mut evidence);
            let covered = coverage(&judged.strict.catalog, &exposed);
            part += covered.0;
            whole += covered.1;
            count += set.migrations.len();
        }
        for passed in &sources.passed_over {
            let files = words::count(passed.files.len(), "file");
            evidence
                .notes
                .push(format!("{}: {files} not read: {}", passed.root, passed.why));
        }
        if let Some(share) = Value::ratio(part, whole) {
            evidence.measure("rls_coverage", share);
        }
        evidence.measure("migrations", Value::Plain(Quantity::count(count)));
        Ok(evidence)
    }

    fn lane(&self) -> Lane {
        match self.0.only {
            Only::New => Lane::Waits,
            Only::All | Only::None => Lane::Pure,
        }
    }

    fn globs(&self) -> Vec<&Glob> {
        self.0.paths.iter().collect()
    }
}

type ByPath<'a> = BTreeMap<&'a RepoPath, &'a Facts>;

fn by_path<'a>(files: &'a [Observed<'_, Facts>]) -> ByPath<'a> {
    files
        .iter()
        .filter_map(|file| Some((&file.file.path, file.facts.as_ref()?)))
        .collect()
}

/// The migration sets among the files.
fn found(facts: &ByPath<'_>, paths: &[Glob], cx: &Cx<'_>) -> Sources {
    let metas: Vec<FileMeta> = cx
        .tree
        .files()
        .iter()
        .filter(|file| file.language != Some(Language::Sql) || facts.contains_key(&file.path))
        .cloned()
        .collect();
    let mut reader = Cached { facts, cx };
    if paths.is_empty() {
        sources::detect(&metas, &mut reader)
    } else {
        sources::detect_given(&metas, &mut reader)
    }
}

/// Reads what tells the tool from the facts, and other files from the tree.
struct Cached<'a, 'b> {
    facts: &'a BTreeMap<&'a RepoPath, &'a Facts>,
    cx: &'a Cx<'b>,
}

impl Reader for Cached<'_, '_> {
    fn sql(&mut self, file: &FileMeta) -> Option<Content> {
        self.facts
            .get(&file.path)
            .map(|facts| facts.content.clone())
    }

    fn text(&mut self, file: &FileMeta) -> Option<Vec<u8>> {
        self.cx.tree.read(file).ok()
    }
}

/// What `supabase/config.toml` says of the API.
struct Config {
    exposed: Vec<String>,
    profile: Profile,
}

impl Config {
    fn of(set: &MigrationSet, cx: &Cx<'_>) -> Self {
        let mut config = Self {
            exposed: vec!["public".to_owned(), "graphql_public".to_owned()],
            profile: Profile::Legacy,
        };
        let file = set.config.as_ref().and_then(|path| cx.tree.find(path));
        let bytes = file.and_then(|file| cx.tree.read(file).ok());
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(api) = text
            .and_then(|text| text.parse::<toml::Table>().ok())
            .and_then(|table| table.get("api").and_then(toml::Value::as_table).cloned())
        else {
            return config;
        };
        if let Some(schemas) = api.get("schemas").and_then(toml::Value::as_array) {
            let names = schemas.iter().filter_map(toml::Value::as_str);
            config.exposed = names.map(str::to_owned).collect();
        }
        if api
            .get("auto_expose_new_tables")
            .and_then(toml::Value::as_bool)
            == Some(false)
        {
            config.profile = Profile::New;
        }
        config
    }
}

/// What was found, as findings at their statements. What is not decided is told as that, and leaves its rules open.
fn testify(judged: &Judged, unreleased: &Unreleased, evidence: &mut Evidence) {
    let place = |origin: Origin, object: &str| match origin
        .file
        .and_then(|file| judged.files.get(file as usize))
    {
        Some(path) => Place::Part(path.clone(), origin.span),
        None => Place::Object(object.to_owned()),
    };
    let mut open = BTreeSet::new();
    for remark in judged.remarks() {
        let refused = remark.what.starts_with("fails: operator does not exist");
        let lint = match (remark.what.starts_with("not read"), remark.is_undecided()) {
            _ if refused => "sql_refused",
            (true, _) => "sql_syntax",
            (false, true) => "sql_undecided",
            (false, false) => continue,
        };
        let Some((rule, help)) = rule::of(lint) else {
            continue;
        };
        let mut names = rule::open(&remark.doubts);
        let file = remark
            .origin
            .file
            .and_then(|file| judged.files.get(file as usize));
        if !file.is_some_and(|path| unreleased.judges(path)) {
            // What it did while it ran nobody asks any more.
            names.retain(|name| !rule::is_of_statements(name));
        }
        if !names.is_empty() {
            names.push("rls_coverage");
        }
        open.extend(names.iter().copied());
        let place = place(remark.origin, "the platform");
        let mark = remark.mark.as_deref().unwrap_or_default();
        let touched: Vec<&str> = remark.doubts.iter().map(|doubt| doubt.words()).collect();
        let headline = match touched.as_slice() {
            [] => remark.what.clone(),
            touched => format!("{}: not known are {}", remark.what, touched.join(", ")),
        };
        let finding = Finding::new(rule, place, headline, help)
            .anchored(format!("{} {mark}", remark.what))
            .leaving_open(names);
        evidence.findings.push(finding);
    }
    for (hit, undecided) in &judged.hits {
        let Some((rule, help)) = rule::of(hit.lint) else {
            continue;
        };
        let place = place(hit.origin, &hit.object);
        let finding = match rule::of("sql_undecided").filter(|_| *undecided) {
            None => Finding::new(rule, place, hit.headline.clone(), help),
            Some((unsure, help)) => {
                let headline = format!("it may be that {} ({})", hit.headline, rule.id);
                // What leaves the rule open tells it already, and is mended or waived in its place.
                let own = (!open.contains(rule.id)).then_some(rule.id);
                Finding::new(unsure, place, headline, help).leaving_open(own.into_iter().collect())
            }
        };
        evidence.findings.push(finding.anchored(hit.key.clone()));
    }
}

/// How many tables of the API have row-level security on and a policy for each granted command, and how many there are.
fn coverage(catalog: &Catalog, exposed: &[String]) -> (u64, u64) {
    use parse::statement::Command;
    let (mut part, mut whole) = (0, 0);
    for table in catalog.sorted() {
        let is_table = matches!(table.kind, RelKind::Table | RelKind::Partitioned);
        if !is_table
            || !exposed.contains(&table.schema)
            || lints::is_platform(&table.schema)
            || table.extension.is_some()
        {
            continue;
        }
        let granted = |right| {
            ["anon", "authenticated"]
                .iter()
                .any(|role| catalog.roles.contains_key(*role) && catalog.may(role, table, right))
        };
        let commands = [
            (Command::Select, acl::SELECT),
            (Command::Insert, acl::INSERT),
            (Command::Update, acl::UPDATE),
            (Command::Delete, acl::DELETE),
        ];
        let wanted: Vec<Command> = commands
            .into_iter()
            .filter(|(_, right)| granted(*right))
            .map(|(c, _)| c)
            .collect();
        if wanted.is_empty() {
            continue;
        }
        whole += 1;
        let has = |command: &Command| {
            let fits = |policy: &catalog::relation::Policy| {
                policy.permissive && (policy.command == *command || policy.command == Command::All)
            };
            table.policies.iter().any(fits)
        };
        part += u64::from(table.rls && wanted.iter().all(has));
    }
    (part, whole)
}
