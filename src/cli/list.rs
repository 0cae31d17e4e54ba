//! Owns `qgate list`: gates, checkers, metrics and rules as tables, all derived from the registry and the plan.

use super::args::{Global, ListArgs, Listed};
use super::output::{Console, width};
use crate::checkers;
use crate::model::outcome::Exit;
use crate::report::table::Table;

/// Lists what was asked for.
///
/// # Errors
/// When it cannot be written.
pub fn run(args: &ListArgs, _global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let table = match args.what {
        Listed::Gates => Table::new(&["gate"]),
        Listed::Checkers => of_checkers(),
        Listed::Metrics => of_metrics(),
        Listed::Rules => of_rules(),
    };
    console.out(&table.render(width(args.width)))?;
    Ok(Exit::Pass)
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
    let mut table = Table::new(&["rule", "severity", "checker", "since"]);
    for checker in checkers::ALL {
        for rule in checker.rules {
            table.row([
                rule.id.to_owned(),
                rule.severity.to_string(),
                checker.name.to_owned(),
                rule.since.to_owned(),
            ]);
        }
    }
    table
}
