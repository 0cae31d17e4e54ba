//! Owns the command line: every command, flag and default. Knows nothing of what they do.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::advisories::AdvisoriesArgs;
use super::benchmarks::BenchmarksArgs;
use super::coverage::CoverageArgs;
use super::deps::DepsArgs;
use super::environment::EnvironmentArgs;
use super::metrics::MetricsArgs;
use super::run_args::RunArgs;
use super::sast::SastArgs;
use super::sbom::SbomArgs;
use super::secrets::SecretsArgs;
use super::sql::SqlArgs;

/// The exit codes, as every help page ends.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    pass: every mandatory gate passed
  1    fail: a mandatory gate or the minimum score failed
  2    the command line or the configuration is wrong
  3    unknown: something could not be judged, or qgate itself broke
  130  interrupted";

const ABOUT: &str = "May this change go on? qgate judges a repository by the gates beside its code";

const EXAMPLES: &str = "\
Examples:
  qgate                        judge the whole tree (the same as `qgate run`)
  qgate init                   write a commented qgate.yaml that fits this repository
  qgate run --gate no-secrets  judge one gate
  qgate run --staged           judge what `git commit` would take
  qgate explain no-secrets     what a gate, rule or metric means
  qgate doctor                 is everything here that the gates need?
";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "qgate",
    version,
    about = ABOUT,
    after_help = format!("{EXAMPLES}\n{EXIT_CODES}"),
    max_term_width = 100,
    disable_help_subcommand = true,
)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// Work as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Read this gate file instead of searching for qgate.yaml or .qgate/qgate.yaml
    #[arg(
        long,
        value_name = "FILE",
        env = "QGATE_CONFIG",
        hide_env_values = true,
        global = true
    )]
    pub config: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge this repository (the default)
    Run(Box<RunArgs>),
    /// Write a commented qgate.yaml that fits this repository
    Init(InitArgs),
    /// List gates, checkers, metrics or rules
    List(ListArgs),
    /// Explain a rule, gate or metric, the score, or where a setting comes from
    Explain(ExplainArgs),
    /// Check the gate files and show every problem
    Validate(PlanArgs),
    /// Check that everything is here that the gates need, and that they still bite
    Doctor(PlanArgs),
    /// Judge what `git push` sends, before it goes
    Hook(HookArgs),
    /// Accept what stands now, so that gates of scope `new` judge only what comes later
    Baseline(BaselineArgs),
    /// Waive findings or a gate, with a reason, an owner and a last day
    Exempt(ExemptArgs),
    /// Approve what failed in a gate that needs an approval
    Approve(ApproveArgs),
    /// Print the JSON schema of gate files or of the JSON report
    Schema(SchemaArgs),
    /// Print the completion script for a shell
    Completions(CompletionsArgs),
    /// Measure every function of folders or files: complexity, size, shape
    Metrics(MetricsArgs),
    /// Risky code: look for it in folders or files
    Sast(SastArgs),
    /// What the reports of coverage tools tell: totals, files, and the lines of a change
    Coverage(CoverageArgs),
    /// What reports of benchmark tools say, and the accepting of results
    Benchmarks(BenchmarksArgs),
    /// What is known of this machine, and whether it is quiet enough to measure on
    Environment(EnvironmentArgs),
    /// Look for credentials in files and in git's history
    Secrets(SecretsArgs),
    /// Say what advisories know of the packages in lockfiles
    Deps(DepsArgs),
    /// Write the bill of materials of this project, as CycloneDX or SPDX
    Sbom(SbomArgs),
    /// Bring advisory data onto this machine, and say what is here
    Advisories(AdvisoriesArgs),
    /// Read SQL migrations and say what they leave behind
    Sql(SqlArgs),
    /// Print the manual page
    Man,
}

/// What chooses the gates and their settings.
#[derive(Args, Clone, Debug, Default)]
pub struct PlanArgs {
    /// The stage whose gates count [default: pre-push; ci when CI is set]
    #[arg(long, value_name = "NAME", env = "QGATE_STAGE", hide_env_values = true)]
    pub stage: Option<String>,
    /// The environment whose settings apply, such as production
    #[arg(long, value_name = "NAME", env = "QGATE_ENV", hide_env_values = true)]
    pub env: Option<String>,
    /// Set one value of the configuration, such as score.minimum=85; can be given again
    #[arg(
        long,
        value_name = "KEY=VALUE",
        env = "QGATE_SET",
        hide_env_values = true,
        value_delimiter = '\n',
        value_parser = setting
    )]
    pub set: Vec<(String, String)>,
    /// Gates that warn decide too, and a gate that is not configured is unknown
    #[arg(
        long,
        env = "QGATE_STRICT",
        hide_env_values = true,
        value_parser = clap::builder::BoolishValueParser::new()
    )]
    pub strict: bool,
}

/// `qgate init`.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// Replace a qgate.yaml that is there
    #[arg(long)]
    pub force: bool,
}

/// `qgate list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// What to list
    #[arg(value_enum, default_value = "gates")]
    pub what: Listed,
    /// What chooses the gates.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Columns of the output [default: the terminal's, else 80]
    #[arg(
        long,
        value_name = "COLUMNS",
        env = "QGATE_WIDTH",
        hide_env_values = true
    )]
    pub width: Option<usize>,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Listed {
    /// The gates of the stage
    Gates,
    /// The checkers that gates can use
    Checkers,
    /// What checkers can measure
    Metrics,
    /// What checkers can find
    Rules,
}

/// `qgate explain`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  qgate explain bidi-control      a rule: what it finds, why, and what mends it
  qgate explain lines             a metric: who measures it, and which way is better
  qgate explain no-secrets        a gate: its checks, its criteria, where they were written
  qgate explain config no-secrets where each setting of a gate comes from
  qgate explain score             each point lost, and by what (runs the gates)
  qgate explain complexity a.py:7 how the complexity of the function at a line comes about
")]
pub struct ExplainArgs {
    /// A rule, gate or metric, or one of the words `score` and `config`
    #[arg(value_name = "RULE|GATE|METRIC|score|config")]
    pub topic: String,
    /// With `config`: the gate; all gates when left out. With `complexity`: a line of a file
    #[arg(value_name = "GATE|FILE:LINE")]
    pub gate: Option<String>,
    /// What chooses the gates.
    #[command(flatten)]
    pub plan: PlanArgs,
}

/// `qgate hook`.
#[derive(Args, Debug)]
pub struct HookArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: HookAction,
}

/// What can be done with the hook.
#[derive(Debug, Subcommand)]
pub enum HookAction {
    /// Have git run qgate before each push
    Install {
        /// Install also where core.hooksPath is set for all repositories, or another program keeps the hooks
        #[arg(long)]
        force: bool,
    },
    /// Take the hook away, and put the one from before back
    Uninstall,
    /// Say what runs before a push; exit code 1 when that is not qgate
    Status,
    /// Judge a push: git runs it, with what is pushed on standard input
    PrePush(Box<PrePushArgs>),
}

/// `qgate hook pre-push`.
#[derive(Args, Debug)]
#[command(after_help = EXIT_CODES)]
pub struct PrePushArgs {
    /// The remote's name
    #[arg(value_name = "REMOTE")]
    pub remote: Option<String>,
    /// The remote's address
    #[arg(value_name = "URL")]
    pub url: Option<String>,
    /// How it is judged.
    #[command(flatten)]
    pub run: RunArgs,
}

/// `qgate baseline`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  qgate baseline             accept all findings of gates of scope `new`, and record what criteria compare with
  qgate baseline --check     is it up to date? exit code 1 when something in it is gone or better now
  qgate baseline --tighten   take the gain: drop what is gone, record values that are better; accept nothing
  qgate baseline --prune     drop what is gone, leave the values

The baseline is .qgate/baseline.json; it is meant to be committed. Gates of other stages keep their entries.
")]
pub struct BaselineArgs {
    /// What chooses the gates and their settings.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Only this gate and those it needs; can be given again
    #[arg(long = "gate", value_name = "GATE", value_delimiter = ',')]
    pub gates: Vec<String>,
    /// Drop what is gone and record values that are better; accept nothing
    #[arg(long, group = "what")]
    pub tighten: bool,
    /// Write nothing; exit code 1 when it is stale
    #[arg(long, group = "what")]
    pub check: bool,
    /// Drop what is gone; accept nothing
    #[arg(long, group = "what")]
    pub prune: bool,
}

/// `qgate exempt`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  qgate exempt add --rule trailing-whitespace --path 'docs/**' --reason 'generated, OPS-12' --owner ann
  qgate exempt add --gate load --reason 'the generator is down until Friday' --expires 2026-12-04
  qgate exempt list
  qgate exempt prune --unused

A line can also be waived in the file itself, by a comment on it or above it:
  # qgate:ignore RULE reason=TEXT until=YYYY-MM-DD
")]
pub struct ExemptArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: ExemptAction,
}

/// What can be done with exemptions.
#[derive(Debug, Subcommand)]
pub enum ExemptAction {
    /// Add one to .qgate/exemptions.yaml
    Add(ExemptAddArgs),
    /// Show all of them, with their state
    List {
        /// Columns of the output [default: the terminal's, else 80]
        #[arg(
            long,
            value_name = "COLUMNS",
            env = "QGATE_WIDTH",
            hide_env_values = true
        )]
        width: Option<usize>,
    },
    /// Remove those that are over
    Prune {
        /// Run the gates, and remove those that waive nothing too
        #[arg(long)]
        unused: bool,
    },
}

/// `qgate exempt add`.
#[derive(Args, Debug)]
pub struct ExemptAddArgs {
    /// The rule; needs --path or --fingerprint
    #[arg(long, value_name = "RULE")]
    pub rule: Option<String>,
    /// The files, as a glob; `**` for all
    #[arg(long, value_name = "GLOB")]
    pub path: Option<String>,
    /// One finding, as `qgate run --format json` names it
    #[arg(long, value_name = "FINGERPRINT")]
    pub fingerprint: Option<String>,
    /// A whole gate
    #[arg(long, value_name = "GATE", conflicts_with_all = ["rule", "path", "fingerprint"])]
    pub gate: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who answers for it [default: git's user.name]
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// The last day [default: as far ahead as `max_exemption_days` allows]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub expires: Option<jiff::civil::Date>,
}

/// `qgate approve`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  qgate approve api-speed --reason 'known, mended in 2.1' --by ann
  qgate approve api-speed --digest 3f2a9c0d11e0b7aa --value p95_response_time=212ms --reason 'agreed' --by ann

The report of a gate that waits for an approval prints the second form. The approval goes into .qgate/approvals.yaml and
holds for just what failed, as long as no value is worse than the one approved. In CI the base's file is read.
")]
pub struct ApproveArgs {
    /// The gate
    #[arg(value_name = "GATE")]
    pub gate: String,
    /// The digest of what failed, as the report tells it; without it the gate is run
    #[arg(long, value_name = "DIGEST")]
    pub digest: Option<String>,
    /// A measured value that is approved, and the worst one; can be given again
    #[arg(long = "value", value_name = "METRIC=VALUE", requires = "digest", value_parser = setting)]
    pub values: Vec<(String, String)>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who approves [default: git's user.name]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// The last day [default: as far ahead as `max_exemption_days` allows]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub expires: Option<jiff::civil::Date>,
    /// What chooses the gates and their settings.
    #[command(flatten)]
    pub plan: PlanArgs,
}

/// `qgate schema`.
#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// Which schema
    #[arg(value_enum, default_value = "config")]
    pub of: SchemaOf,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SchemaOf {
    /// Gate files
    Config,
    /// The JSON report
    Report,
}

/// `qgate completions`.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.to_owned()))
        }
        _ => Err("a setting is KEY=VALUE, such as score.minimum=85".to_owned()),
    }
}
