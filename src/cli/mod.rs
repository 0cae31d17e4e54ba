//! The command line: words, streams and exit codes. The composition root: it alone sees everything.

pub mod advisories;
mod approve;
pub mod args;
mod baseline;
pub mod benchmarks;
pub mod completions;
pub mod coverage;
pub mod deps;
pub mod doctor;
pub mod environment;
mod exempt;
pub mod explain;
pub mod held;
pub mod hook;
pub mod init;
mod judging;
mod line_hashes;
pub mod list;
mod lockfiles;
pub mod man;
pub mod metrics;
pub mod output;
pub mod run;
pub mod run_args;
pub mod sast;
pub mod sbom;
pub mod scan;
pub mod schema;
pub mod secrets;
pub mod site;
pub mod sql;
mod untrusted;
pub mod validate;
mod waiver_file;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::Parser as _;

use crate::base::ascii;
use crate::config::diagnostic;
use crate::host::terminal;
use crate::model::outcome::Exit;
use args::{Cli, Command};
use output::Console;
use site::BadConfig;

/// A wrong word on the command line: it ends in exit code 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Usage {
    /// One line that stands alone.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Usage {
    /// A wrong word, and what to do about it.
    #[must_use]
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// Runs qgate with these arguments, the program's name first, and gives the exit code. Never panics.
#[must_use]
pub fn main(argv: impl IntoIterator<Item = OsString>) -> Exit {
    let argv: Vec<OsString> = argv.into_iter().collect();
    std::panic::set_hook(Box::new(|info| {
        let at = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "panic");
    }));
    let mut console = Console::standard();
    log_to_stderr();
    guarded(&mut console, |console| parse_and_run(argv, console))
}

/// Does the work; a panic is told in one line and ends in "unknown", never in a pass.
fn guarded(console: &mut Console, work: impl FnOnce(&mut Console) -> Exit) -> Exit {
    let ended = catch_unwind(AssertUnwindSafe(|| work(console)));
    ended.unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        // What a message quotes may be the text of a file.
        let said = said.split(['`', '"']).next().unwrap_or_default().trim_end();
        console.say(&format!(
            "qgate: error: qgate itself broke: {}\n  help: run again with QGATE_LOG=debug and report what it says\n",
            ascii::escape(said)
        ));
        Exit::Unknown
    })
}

fn parse_and_run(argv: Vec<OsString>, console: &mut Console) -> Exit {
    let cli = match Cli::try_parse_from(with_default_command(argv)) {
        Ok(cli) => cli,
        Err(stop) => {
            let text = ascii::escape_lines(&stop.render().to_string());
            if stop.use_stderr() {
                console.say(&text);
                return Exit::Usage;
            }
            return match console.out(&text) {
                Ok(()) => Exit::Pass,
                Err(problem) => failed(&problem.into(), console),
            };
        }
    };
    dispatch(&cli, console).unwrap_or_else(|problem| failed(&problem, console))
}

fn dispatch(cli: &Cli, console: &mut Console) -> anyhow::Result<Exit> {
    match &cli.command {
        Command::Run(args) => run::run(args, &cli.global, console),
        Command::Init(args) => init::run(args, &cli.global, console),
        Command::Doctor(args) => doctor::run(args, &cli.global, console),
        Command::List(args) => list::run(args, &cli.global, console),
        Command::Explain(args) => explain::run(args, &cli.global, console),
        Command::Validate(args) => validate::run(args, &cli.global, console),
        Command::Hook(args) => hook::run(args, &cli.global, console),
        Command::Baseline(args) => baseline::run(args, &cli.global, console),
        Command::Exempt(args) => exempt::run(args, &cli.global, console),
        Command::Approve(args) => approve::run(args, &cli.global, console),
        Command::Schema(args) => schema::run(args, console),
        Command::Completions(args) => completions::run(args, console),
        Command::Metrics(args) => metrics::run(args, &cli.global, console),
        Command::Sast(args) => sast::run(args, &cli.global, console),
        Command::Coverage(args) => coverage::run(args, &cli.global, console),
        Command::Benchmarks(args) => benchmarks::run(args, &cli.global, console),
        Command::Environment(args) => environment::run(args, &cli.global, console),
        Command::Secrets(args) => secrets::run(args, &cli.global, console),
        Command::Advisories(args) => advisories::run(args, &cli.global, console),
        Command::Deps(args) => deps::run(args, &cli.global, console),
        Command::Sbom(args) => sbom::run(args, &cli.global, console),
        Command::Sql(args) => sql::run(args, &cli.global, console),
        Command::Man => man::run(console),
    }
}

/// Says what went wrong, with its causes and its cure; a wrong word or gate file ends in 2, all else in 3.
fn failed(problem: &anyhow::Error, console: &mut Console) -> Exit {
    if let Some(BadConfig(problems)) = problem.downcast_ref::<BadConfig>() {
        console.say(&diagnostic::render(problems));
        return Exit::Usage;
    }
    let mut text = String::new();
    for (n, cause) in problem.chain().enumerate() {
        let lead = if n == 0 { "qgate: error" } else { "  cause" };
        text.push_str(&format!("{lead}: {}\n", ascii::escape(&cause.to_string())));
    }
    if let Some(cure) = site::cure(problem) {
        text.push_str(&format!("  help: {}\n", ascii::escape(cure)));
    }
    console.say(&text);
    if problem.is::<Usage>() {
        Exit::Usage
    } else {
        Exit::Unknown
    }
}

/// Puts `run` where no command stands: `qgate --stage ci` is `qgate run --stage ci`.
fn with_default_command(mut argv: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    while let Some(word) = argv.get(at).and_then(|word| word.to_str()) {
        match word {
            "-C" | "--config" => at += 2,
            _ if word.starts_with("--config=") => at += 1,
            _ if word.starts_with("-C") => at += 1,
            _ => break,
        }
    }
    let stands = |word: &OsString| {
        let word = word.to_string_lossy();
        !word.starts_with('-') || matches!(&*word, "-h" | "--help" | "-V" | "--version")
    };
    if at >= argv.len() || !stands(&argv[at]) {
        argv.insert(at.min(argv.len()), "run".into());
    }
    argv
}

/// Diagnostics of qgate itself go to standard error when `QGATE_LOG` asks for them: `QGATE_LOG=debug`.
fn log_to_stderr() {
    let Some(filter) = terminal::variable("QGATE_LOG") else {
        return;
    };
    let filter = tracing_subscriber::EnvFilter::builder().parse_lossy(filter);
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(|| ascii::AsciiWriter::new(std::io::stderr()))
        .try_init();
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn check(given: &str, expected: &str) {
        let argv = given.split_whitespace().map(OsString::from).collect();
        let argv: Vec<String> = with_default_command(argv)
            .into_iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        assert_eq!(argv.join(" "), expected);
    }

    #[test]
    fn run_is_the_default_command() {
        check("qgate", "qgate run");
        check("qgate --stage ci", "qgate run --stage ci");
        check("qgate -C list", "qgate -C list run");
        check("qgate -Cx --config=y -q", "qgate -Cx --config=y run -q");
        check("qgate -C x list", "qgate -C x list");
        check("qgate --help", "qgate --help");
        check("qgate nonsense", "qgate nonsense");
        check("qgate -C", "qgate -C run");
    }

    #[derive(Clone, Default)]
    struct Shared(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

    impl std::io::Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let mut all = self.0.lock().expect("no other thread writes");
            all.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_unknown_and_says_so() {
        let err = Shared::default();
        let mut console = Console::new(Box::new(std::io::sink()), Box::new(err.clone()));
        let exit = guarded(&mut console, |_| panic!("za\u{17c}"));
        assert_eq!(exit, Exit::Unknown);
        let said = err.0.lock().expect("no other thread writes").clone();
        let said = String::from_utf8(said).expect("it is ASCII");
        assert!(
            said.starts_with("qgate: error: qgate itself broke: za\\u{17c}\n"),
            "{said}"
        );
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
