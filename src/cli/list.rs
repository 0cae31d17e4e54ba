//! Owns `qgate list`: gates, checkers, metrics and rules as tables, all derived from the registry and the plan.

use super::args::{Global, ListArgs, Listed};
use super::output::{Console, width};
use super::site::{BadConfig, Site};
use crate::base::ascii::escape;
use crate::check::page::Page;
use crate::checkers;
use crate::config;
use crate::config::load::Merged;
use crate::host::terminal;
use crate::model::outcome::Exit;
use crate::model::rule::Rule;
use crate::report::table::Table;
use crate::report::text::level;

/// Lists what was asked for.
///
/// # Errors
/// When the site cannot be opened, or the list cannot be written.
pub fn run(args: &ListArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let table = match args.what {
        Listed::Gates => of_gates(args, global)?,
        Listed::Checkers => of_checkers(),
        Listed::Metrics => of_metrics(),
        Listed::Rules => of_rules(),
    };
    if table.is_empty() {
        console.say("there are none\n");
    }
    console.out(&table.render(width(args.width)))?;
    Ok(Exit::Pass)
}

/// The gates of the stage that was asked for, else all.
fn of_gates(args: &ListArgs, global: &Global) -> anyhow::Result<Table> {
    let site = Site::open(global)?;
    let files = site.files();
    let mut request = site.request(global, &args.plan)?;
    let merged = Merged::read(&request, &files);
    if request.stage.is_none() {
        request.gates = merged.gates().map(|(key, _)| key.name.clone()).collect();
    }
    let stages = |id: &str| {
        let gate = merged.gates().find(|(key, _)| key.name == id);
        gate.map_or_else(String::new, |(_, node)| {
            config::gates::stages(node).join(", ")
        })
    };
    let plan = config::load(&request, &files, &terminal::variable).map_err(BadConfig)?;
    let mut table = Table::new(&["gate", "level", "stages", "title"]);
    for planned in &plan.gates {
        let gate = &planned.gate;
        table.row([
            escape(&gate.id).into_owned(),
            level(gate.level).to_owned(),
            escape(&stages(&gate.id)).into_owned(),
            escape(&gate.title).into_owned(),
        ]);
    }
    Ok(table)
}

fn of_checkers() -> Table {
    let mut table = Table::new(&["checker", "rules", "what it does"]);
    for checker in checkers::ALL {
        table.row([
            checker.name.to_owned(),
            checker.rules.len().to_string(),
            checker.summary.to_owned(),
        ]);
    }
    table
}

fn of_metrics() -> Table {
    let mut table = Table::new(&["metric", "checker", "unit", "better", "what it is"]);
    for checker in checkers::ALL {
        for metric in checker.metrics {
            table.row([
                metric.name.to_string(),
                checker.name.to_owned(),
                metric.dimension.to_string(),
                super::explain::better(metric).to_owned(),
                metric.summary.to_string(),
            ]);
        }
    }
    table
}

fn of_rules() -> Table {
    let mut table = Table::new(&["rule", "severity", "checker", "since", "what it finds"]);
    for checker in checkers::ALL {
        for rule in checker.rules {
            table.row([
                rule.id.to_owned(),
                rule.severity.to_string(),
                checker.name.to_owned(),
                rule.since.to_owned(),
                summary(rule),
            ]);
        }
    }
    table
}

/// The first sentence of the rule's page.
fn summary(rule: &Rule) -> String {
    Page::parse(rule.page).map_or_else(|_| String::new(), |page| page.summary().to_owned())
}
