//! Owns the flags of `qgate run`. Knows nothing of what they do.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::args::{EXIT_CODES, PlanArgs};
use crate::check::options::Time;

const EXAMPLES: &str = "\
Examples:
  qgate run                                judge the gates of this stage
  qgate run --stage ci --output json=r.json  the text for people, and a report for programs
  qgate run --format github --output sarif=r.sarif  annotations in GitHub Actions, and a report to upload
  qgate run --gate no-secrets --verbose    one gate, with everything it saw
  qgate run --new-from origin/main         old findings do not count, whatever the gates say
  qgate run --dry-run                      what would run

Each flag can also be set by a variable: --max-findings by QGATE_MAX_FINDINGS.
";

/// The flags of `qgate run`.
#[derive(Args, Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent flags, not states"
)]
#[command(after_help = format!("{EXAMPLES}\n{EXIT_CODES}"))]
pub struct RunArgs {
    /// What chooses the gates and their settings.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Judge only this gate and those it needs; can be given again
    #[arg(
        long = "gate",
        value_name = "GATE",
        env = "QGATE_GATE",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub gates: Vec<String>,
    /// The commit that tells what is new [default: what the CI event names, else the merge-base with the upstream or
    /// default branch]
    #[arg(
        long,
        value_name = "COMMIT",
        env = "QGATE_BASE",
        hide_env_values = true
    )]
    pub base: Option<String>,
    /// Judge in every gate only what is new since this commit; named as with --base
    #[arg(
        long,
        value_name = "COMMIT",
        env = "QGATE_NEW_FROM",
        hide_env_values = true,
        conflicts_with = "base"
    )]
    pub new_from: Option<String>,
    /// Trust nothing of the change: gate files, exemptions, approvals and the baseline come from the base, and no command runs
    /// that the change touches
    #[arg(long, env = "QGATE_UNTRUSTED", hide_env_values = true, value_parser = BoolishValueParser::new(), conflicts_with = "staged")]
    pub untrusted: bool,
    /// Judge the index: what `git commit` would take
    #[arg(long, env = "QGATE_STAGED", hide_env_values = true, value_parser = BoolishValueParser::new())]
    pub staged: bool,
    /// Let a mandatory gate pass, where the environment allows it; needs --reason; can be given again
    #[arg(
        long = "bypass",
        value_name = "GATE",
        env = "QGATE_BYPASS",
        hide_env_values = true,
        value_delimiter = ',',
        requires = "reason"
    )]
    pub bypass: Vec<String>,
    /// Why a gate is bypassed
    #[arg(
        long,
        value_name = "TEXT",
        env = "QGATE_REASON",
        hide_env_values = true
    )]
    pub reason: Option<String>,
    /// Stop after this time; what was not judged by then is unknown
    #[arg(long, value_name = "TIME", env = "QGATE_DEADLINE", hide_env_values = true, value_parser = time)]
    pub deadline: Option<Duration>,
    /// Stop at the first mandatory gate that fails; the others are then unknown
    #[arg(long, env = "QGATE_FAIL_FAST", hide_env_values = true, value_parser = BoolishValueParser::new())]
    pub fail_fast: bool,
    /// Print the plan and run nothing
    #[arg(long, env = "QGATE_DRY_RUN", hide_env_values = true, value_parser = BoolishValueParser::new())]
    pub dry_run: bool,
    /// Threads of the file pass [default: one for each core]
    #[arg(
        short,
        long,
        value_name = "N",
        env = "QGATE_JOBS",
        hide_env_values = true
    )]
    pub jobs: Option<NonZeroUsize>,
    /// Look at every file anew
    #[arg(long, env = "QGATE_NO_CACHE", hide_env_values = true, value_parser = BoolishValueParser::new())]
    pub no_cache: bool,
    /// Use no network: what needs it is unknown
    #[arg(long, env = "QGATE_OFFLINE", hide_env_values = true, value_parser = BoolishValueParser::new())]
    pub offline: bool,
    /// The format of the report on standard output
    #[arg(
        long,
        value_enum,
        default_value = "text",
        env = "QGATE_FORMAT",
        hide_env_values = true
    )]
    pub format: Format,
    /// Write a report to a file as well; can be given again
    #[arg(
        long,
        value_name = "FORMAT=PATH",
        env = "QGATE_OUTPUT",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub output: Vec<Output>,
    /// How the text is written.
    #[command(flatten)]
    pub text: TextArgs,
}

impl RunArgs {
    /// The flags of a plain `qgate run`, with what variables set.
    ///
    /// # Errors
    /// When a variable is wrong.
    pub fn plain() -> Result<Self, clap::Error> {
        use clap::FromArgMatches as _;
        let command = Self::augment_args(clap::Command::new("qgate run"));
        Self::from_arg_matches(&command.try_get_matches_from(["qgate run"])?)
    }
}

/// How the text is written.
#[derive(Args, Clone, Debug)]
pub struct TextArgs {
    /// Show at most this many findings of each gate, at most half of them of one rule; 0 shows all
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10,
        env = "QGATE_MAX_FINDINGS",
        hide_env_values = true
    )]
    pub max_findings: usize,
    /// Show only what did not pass, and the verdict; given twice: nothing, only the exit code
    #[arg(short, long, action = clap::ArgAction::Count, env = "QGATE_QUIET", hide_env_values = true)]
    pub quiet: u8,
    /// Show every gate, check, measurement, note and time
    #[arg(short, long, env = "QGATE_VERBOSE", hide_env_values = true, value_parser = BoolishValueParser::new(), conflicts_with = "quiet")]
    pub verbose: bool,
    /// Columns of the text [default: the terminal's; else 100 when CI is set, else 80]
    #[arg(
        long,
        value_name = "COLUMNS",
        env = "QGATE_WIDTH",
        hide_env_values = true
    )]
    pub width: Option<usize>,
}

/// The formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Plain ASCII for people
    Text,
    /// For programs; `qgate schema report` prints its schema
    Json,
    /// SARIF 2.1.0: code scanning, editors
    Sarif,
    /// XML of test results: a test case for each gate
    Junit,
    /// The text and annotations of GitHub Actions; also writes the step summary and the step's outputs
    Github,
    /// JSON of GitLab's Code Quality report
    Gitlab,
    /// The text and logging commands of Azure Pipelines
    Azure,
    /// Checkstyle XML
    Checkstyle,
    /// A comment for a pull request, at most 60,000 bytes
    Markdown,
}

/// A report to write: `json=report.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// The file.
    pub path: PathBuf,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or("a report is FORMAT=PATH, such as json=report.json")?;
        let format = <Format as clap::ValueEnum>::from_str(format, false)
            .map_err(|_| format!("`{format}` is no format; {} are", formats()))?;
        Ok(Self {
            format,
            path: PathBuf::from(path),
        })
    }
}

/// `text, json and sarif`
fn formats() -> String {
    let names = <Format as clap::ValueEnum>::value_variants()
        .iter()
        .filter_map(clap::ValueEnum::to_possible_value)
        .map(|value| value.get_name().to_owned());
    let names: Vec<String> = names.collect();
    let (last, others) = names.split_last().expect("there are formats");
    format!("{} and {last}", others.join(", "))
}

fn time(text: &str) -> Result<Duration, String> {
    crate::model::quantity::Quantity::parse(text)?
        .as_duration()
        .filter(|time| !time.is_zero())
        .ok_or_else(|| format!("a time needs a unit: {}", Time(Duration::from_secs(30))))
}
