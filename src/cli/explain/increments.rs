//! Owns `qgate explain complexity FILE:LINE`: how the complexity of the function at a line comes about, line by line.

use std::io::Read as _;
use std::path::Path;

use crate::base::ascii::escape;
use crate::base::path::RepoPath;
use crate::checkers::complexity::facts;
use crate::checkers::complexity::measure::{Function, Settings};
use crate::cli::Usage;
use crate::cli::args::Global;
use crate::cli::output::Console;
use crate::host::regular;
use crate::model::outcome::Exit;
use crate::source::class::PathClass;
use crate::source::file::SourceFile;
use crate::source::language::Language;

/// Explains the function at `FILE:LINE`.
///
/// # Errors
/// When there is no such line, the file cannot be measured, or the answer cannot be written.
pub fn run(place: &str, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let told = place.rsplit_once(':').and_then(|(path, line)| {
        let line = line.parse().ok().filter(|line: &u32| *line > 0)?;
        (!path.is_empty()).then_some((path, line))
    });
    let Some((path, line)) = told else {
        let message = format!("`{place}` is no line of a file");
        return Err(Usage::new(message, "write it as src/a.py:12").into());
    };
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    let mut bytes = Vec::new();
    regular::open(&from.join(path))
        .and_then(|(mut open, _)| open.read_to_end(&mut bytes))
        .map_err(|problem| {
            let message = format!("`{path}` cannot be read: {problem}");
            Usage::new(message, "name a file that is there")
        })?;
    let name = RepoPath::new(path.trim_start_matches(['.', '/']).as_bytes());
    let language = name.as_ref().and_then(Language::of_path);
    let file = SourceFile::new(bytes, language, PathClass::default());
    let measures = match facts::read(&file, Settings::default()) {
        Ok(measures) => measures,
        Err(why) => {
            let message = format!("`{path}` is {}", why.why());
            let help = "docs/complexity.md lists the languages";
            return Err(Usage::new(message, help).into());
        }
    };
    if line > measures.lines {
        let message = format!("`{path}` has no line {line}");
        let help = format!("its last line is {}", measures.lines);
        return Err(Usage::new(message, help).into());
    }
    let at_line = |function: &&Function| (function.line..=function.end_line).contains(&line);
    let inner = measures.functions.iter().filter(at_line);
    let inner = inner.min_by_key(|function| (function.lines(), std::cmp::Reverse(function.line)));
    let mut text = if let Some(function) = inner {
        let title = format!("{path}:{}: {}", function.line, function.name);
        explained(function, &title, Some(function.line))
    } else {
        let title = format!("{path}: the code outside of functions");
        explained(&measures.outside, &title, None)
    };
    if measures.is_flawed {
        text.push_str("the file has syntax that was not understood; the rest was measured\n");
    }
    console.out(&text)?;
    Ok(Exit::Pass)
}

fn explained(function: &Function, title: &str, base: Option<u32>) -> String {
    let mut text = format!("{}\n\n", escape(title));
    text.push_str("   line  cyclomatic  cognitive  of it for nesting  what\n");
    let signed = |value: u32| match value {
        0 => String::new(),
        value => format!("+{value}"),
    };
    let mut row = |line: u32, cyclomatic: u32, cognitive: u32, nesting: u32, what: &str| {
        let (cyclomatic, cognitive) = (signed(cyclomatic), signed(cognitive));
        let nesting = signed(nesting);
        text.push_str(&format!(
            "{line:>7}  {cyclomatic:>10}  {cognitive:>9}  {nesting:>17}  {what}\n"
        ));
    };
    if let Some(line) = base {
        row(line, 1, 0, 0, "the function");
    }
    for increment in &function.increments {
        row(
            increment.line,
            increment.cyclomatic,
            increment.cognitive,
            increment.nesting.unwrap_or(0),
            increment.what,
        );
    }
    text.push_str(&format!(
        "{:>7}  {:>10}  {:>9}\n",
        "sum", function.cyclomatic, function.cognitive
    ));
    text
}
