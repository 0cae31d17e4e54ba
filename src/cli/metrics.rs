//! Owns `qgate metrics`: every function of folders or files with its measures, without gates.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::args::Global;
use super::output::Console;
use super::scan::scan;
use crate::base::ascii::{self, escape};
use crate::base::words;
use crate::checkers::complexity::facts::{self, Unread};
use crate::checkers::complexity::measure::{Function, Measures, Settings};
use crate::model::outcome::Exit;
use crate::source::file::SourceFile;

const EXAMPLES: &str = "\
Examples:
  qgate metrics src
  qgate metrics --format csv src lib/a.py
  qgate explain complexity lib/a.py:7    how the numbers of one function come about

Exit codes: 0 all was measured, 3 something could not be.";

/// `qgate metrics`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct MetricsArgs {
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// A nested function with a name also adds its cognitive complexity to the function around it
    #[arg(long)]
    pub nested_add: bool,
    /// Count `?` of Rust for the cyclomatic complexity
    #[arg(long)]
    pub question_marks: bool,
    /// Do not count docstrings of Python as lines of code
    #[arg(long)]
    pub no_docstrings: bool,
    /// Folders or files
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For tables: a line for each function
    Csv,
}

/// What was seen.
#[derive(Default)]
struct Seen {
    files: Vec<(String, Measures)>,
    unread: Vec<String>,
}

/// Measures what the paths name.
///
/// # Errors
/// When a path cannot be read, or the answer cannot be written.
pub fn run(args: &MetricsArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    let settings = Settings {
        nested_adds: args.nested_add,
        propagation: args.question_marks,
        skip_docstrings: args.no_docstrings,
    };
    let wanted = |file: &crate::source::tree::FileMeta| file.language.is_none_or(facts::is_read);
    let all = scan(from, &args.paths, wanted, |bytes, language, class| {
        let file = SourceFile::new(bytes, language, class);
        facts::read(&file, settings)
    })?;
    let mut seen = Seen {
        unread: all.unread,
        ..Seen::default()
    };
    for (path, measured) in all.seen {
        match measured {
            Ok(measures) => seen.files.push((path, measures)),
            // A folder has files of all kinds; one that was asked for by name is said not to be measured.
            Err(Unread::Foreign) if !args.paths.iter().any(|p| p.as_os_str() == &*path) => {}
            Err(why) => seen.unread.push(format!("{path}: {}", why.why())),
        }
    }
    seen.files.sort_by(|(a, _), (b, _)| a.cmp(b));
    seen.files.dedup_by(|(a, _), (b, _)| a == b);
    match args.format {
        Format::Json => console.out(&json(&seen)?)?,
        Format::Csv => console.out(&csv(&seen))?,
        Format::Text => console.out(&text(&seen))?,
    }
    console.say(&told(&seen));
    Ok(if seen.unread.is_empty() {
        Exit::Pass
    } else {
        Exit::Unknown
    })
}

/// What is worth saying beside the numbers.
fn told(seen: &Seen) -> String {
    let mut text = String::new();
    let flawed = seen.files.iter().filter(|(_, file)| file.is_flawed);
    for (path, _) in flawed {
        text.push_str(&format!(
            "not understood in a part, the rest was measured: {}\n",
            escape(path)
        ));
    }
    for why in &seen.unread {
        text.push_str(&format!("not measured: {}\n", escape(why)));
    }
    text
}

/// The columns that follow the name of a function.
const COLUMNS: [&str; 8] = [
    "cyclomatic",
    "cognitive",
    "lines",
    "nloc",
    "nesting",
    "parameters",
    "returns",
    "operators",
];

const fn values(function: &Function) -> [u32; COLUMNS.len()] {
    [
        function.cyclomatic,
        function.cognitive,
        function.lines(),
        function.nloc,
        function.nesting,
        function.parameters,
        function.returns,
        function.condition,
    ]
}

/// A table for each file: numbers first, so that names may be as long as they are.
fn text(seen: &Seen) -> String {
    let mut text = String::new();
    let (mut functions, mut nloc) = (0, 0_u64);
    let (mut cyclomatic, mut cognitive) = (0_u64, 0_u64);
    for (path, file) in &seen.files {
        functions += file.functions.len();
        nloc += u64::from(file.nloc);
        cyclomatic += u64::from(file.cyclomatic());
        cognitive += u64::from(file.cognitive());
        text.push_str(&format!(
            "{}: {}, {} lines, {} of code, cyclomatic {}, cognitive {}",
            escape(path),
            words::count(file.functions.len(), "function"),
            file.lines,
            file.nloc,
            file.cyclomatic(),
            file.cognitive()
        ));
        if file.outside.cyclomatic + file.outside.cognitive > 0 {
            text.push_str(&format!(
                " (outside of functions {} and {})",
                file.outside.cyclomatic, file.outside.cognitive
            ));
        }
        text.push('\n');
        if !file.functions.is_empty() {
            text.push_str("   line");
            for column in COLUMNS {
                text.push_str(&format!(" {column:>width$}", width = column.len().max(5)));
            }
            text.push_str("  function\n");
        }
        for function in &file.functions {
            text.push_str(&format!("{:>7}", function.line));
            for (column, value) in COLUMNS.iter().zip(values(function)) {
                text.push_str(&format!(" {value:>width$}", width = column.len().max(5)));
            }
            text.push_str(&format!("  {}\n", escape(&function.name)));
        }
    }
    text.push_str(&format!(
        "{}, {}, {nloc} lines of code, cyclomatic {cyclomatic}, cognitive {cognitive}\n",
        words::count(seen.files.len(), "file"),
        words::count(functions, "function"),
    ));
    text
}

fn csv(seen: &Seen) -> String {
    let mut text = format!("file,line,end_line,name,{}\n", COLUMNS.join(","));
    for (path, file) in &seen.files {
        for function in &file.functions {
            text.push_str(&format!(
                "{},{},{},{}",
                cell(path),
                function.line,
                function.end_line,
                cell(&function.name)
            ));
            for value in values(function) {
                text.push_str(&format!(",{value}"));
            }
            text.push('\n');
        }
    }
    text
}

/// A cell of a table: quoted where it must be.
fn cell(text: &str) -> String {
    let text = escape(text);
    if text.contains([',', '"', ' ']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into_owned()
    }
}

fn json(seen: &Seen) -> anyhow::Result<String> {
    let function = |function: &Function| {
        let mut entry = serde_json::json!({
            "name": function.name,
            "line": function.line,
            "end_line": function.end_line,
            "closure": function.is_closure,
        });
        for (column, value) in COLUMNS.iter().zip(values(function)) {
            entry[*column] = value.into();
        }
        entry
    };
    let files: Vec<serde_json::Value> = seen
        .files
        .iter()
        .map(|(path, file)| {
            serde_json::json!({
                "path": path,
                "lines": file.lines,
                "nloc": file.nloc,
                "cyclomatic": file.cyclomatic(),
                "cognitive": file.cognitive(),
                "outside": {
                    "cyclomatic": file.outside.cyclomatic,
                    "cognitive": file.outside.cognitive,
                },
                "partly_understood": file.is_flawed,
                "functions": file.functions.iter().map(function).collect::<Vec<_>>(),
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&serde_json::json!({
        "version": 1,
        "tables": ["qgate cyclomatic v1", "qgate cognitive v1"],
        "files": files,
        "unread": seen.unread,
    }))?;
    Ok(ascii::json(&text) + "\n")
}
