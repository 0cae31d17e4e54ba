//! Owns `qgate doctor`: is everything here that the gates need, and do the gates still bite? One line for each thing.

mod here;
mod seeds;
mod tools;

use super::args::{Global, PlanArgs};
use super::output::{Console, width};
use super::site::Site;
use crate::base::ascii::escape;
use crate::base::words::count;
use crate::config::load::Merged;
use crate::config::plan::Plan;
use crate::config::{self, Request};
use crate::host::terminal;
use crate::model::outcome::Exit;
use crate::report::layout::wrap;

/// How one thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Pass,
    /// It may do harm.
    Warn,
    /// A gate cannot be judged, or judges nothing.
    Fail,
}

/// One thing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    state: State,
    /// What was looked at, and how it is.
    what: String,
    /// What to do about it; empty when it passes.
    cure: String,
}

impl Line {
    fn pass(what: impl Into<String>) -> Self {
        Self {
            state: State::Pass,
            what: what.into(),
            cure: String::new(),
        }
    }

    fn new(state: State, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            state,
            what: what.into(),
            cure: cure.into(),
        }
    }
}

/// Looks at everything; the exit code is 1 when something fails.
///
/// # Errors
/// When the site cannot be opened, or the text cannot be written.
pub fn run(args: &PlanArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let site = Site::open(global)?;
    let mut lines = here::lines(&site);
    let request = site.request(global, args)?;
    match every_gate(&site, request) {
        Ok(plan) => {
            let gates = count(plan.gates.len(), "gate");
            let from = plan.sources.join(", ");
            lines.push(Line::pass(format!("configuration: {gates} from {from}")));
            lines.push(here::cache(&site, plan.configured));
            lines.extend(tools::lines(&site, &plan));
            lines.extend(seeds::lines(&plan));
        }
        Err(line) => lines.push(line),
    }
    console.out(&show(&lines, width(None)))?;
    let failed = lines.iter().any(|line| line.state == State::Fail);
    Ok(if failed { Exit::Fail } else { Exit::Pass })
}

/// The plan of all gates, whatever their stages, unless a stage was asked for.
fn every_gate(site: &Site, mut request: Request) -> Result<Plan, Line> {
    let files = site.files();
    if request.stage.is_none() {
        let merged = Merged::read(&request, &files);
        request.gates = merged.gates().map(|(key, _)| key.name.clone()).collect();
    }
    config::load(&request, &files, &terminal::variable).map_err(|problems| {
        let what = format!("configuration: {}", count(problems.len(), "problem"));
        Line::new(
            State::Fail,
            what,
            "`qgate validate` shows each with its place",
        )
    })
}

fn show(lines: &[Line], width: usize) -> String {
    let mut out = String::new();
    let mut counts = [0, 0, 0];
    for line in lines {
        let word = match line.state {
            State::Pass => "PASS",
            State::Warn => "WARN",
            State::Fail => "FAIL",
        };
        counts[line.state as usize] += 1;
        out.push_str(&wrap(
            &escape(&line.what),
            width,
            &format!("{word}  "),
            "      ",
        ));
        if !line.cure.is_empty() {
            let help = format!("help: {}", escape(&line.cure));
            out.push_str(&wrap(&help, width, "      ", "        "));
        }
    }
    let [passed, warned, failed] = counts;
    out.push_str(&format!(
        "{passed} passed, {warned} warned, {failed} failed\n"
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_word_and_its_cure() {
        let lines = [
            Line::pass("git: 2.47.1"),
            Line::new(
                State::Fail,
                "tool: za\u{17c}\u{1b}[31m is not installed",
                "install it",
            ),
        ];
        insta::assert_snapshot!(show(&lines, 60), @r"
        PASS  git: 2.47.1
        FAIL  tool: za\u{17c}\u{1b}[31m is not installed
              help: install it
        1 passed, 0 warned, 1 failed
        ");
    }
}
