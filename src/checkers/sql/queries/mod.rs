//! Owns the checker `sql-queries`: named queries, timed on a real database, in transactions that are rolled back.

mod measure;
mod options;
mod plan;

use crate::base::words;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::place::Place;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::rule::Rule;
use crate::rule;

use measure::{Measured, measure};
use options::{Options, Query};

static OVER_BUDGET: Rule = rule!("sql-query-over-budget", High, "2026-11");
static SEQUENTIAL_SCAN: Rule = rule!("sql-sequential-scan", Medium, "2026-11");

/// A configured check.
#[derive(Debug)]
pub struct SqlQueries(Options);

impl Checker for SqlQueries {
    const NAME: &'static str = "sql-queries";
    const SUMMARY: &'static str = "named queries timed on a live PostgreSQL and rolled back: 95th percentile, buffers, sequential scans";
    const GUIDE: &'static str = include_str!("guide.md");
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&OVER_BUDGET, &SEQUENTIAL_SCAN];
    const METRICS: &'static [Metric] = &[
        Metric::measured(
            "p95_query_time",
            Dimension::Time,
            Better::Lower,
            "the 95th percentile of a query's times, of the slowest query",
        ),
        Metric::measured(
            "query_rows",
            Dimension::Count,
            Better::Lower,
            "rows that a query gives or changes, of the query with most",
        ),
        Metric::measured(
            "query_buffers",
            Dimension::Count,
            Better::Lower,
            "shared buffers that a query touches, of the query with most",
        ),
        Metric::measured(
            "query_buffers_read",
            Dimension::Count,
            Better::Lower,
            "shared buffers that a query read from outside the server's cache, of the query with most",
        ),
        Metric::counts(
            "slow_queries",
            &["sql-query-over-budget"],
            "queries over their budget",
        ),
        Metric::counts(
            "sequential_scans",
            &["sql-sequential-scan"],
            "sequential scans of large tables",
        ),
    ];

    type Options = Options;
    type Facts = ();

    fn new(options: Options) -> Result<Self, String> {
        options.check()?;
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn lane(&self) -> Lane {
        Lane::Measures
    }

    fn conclude(&self, _: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        // Before anybody is asked: a file that is missing is known at once.
        let texts: Vec<String> = self
            .0
            .queries
            .iter()
            .map(|query| text(query, cx))
            .collect::<Result<_, _>>()?;
        let mut session = cx.ports.databases.open(&self.0.url, cx.timeout)?;
        let mut evidence = Evidence::default();
        let mut all = Vec::new();
        for (query, text) in self.0.queries.iter().zip(&texts) {
            let measured = measure(&mut *session, query, text, &self.0)?;
            evidence
                .notes
                .push(format!("{}: {}", query.name, measured.said()));
            evidence.findings.extend(self.findings(query, &measured));
            all.push(measured);
        }
        let count = |most: fn(&Measured) -> u64| {
            let most = all.iter().map(most).max().unwrap_or_default();
            Value::Plain(Quantity::count(usize::try_from(most).unwrap_or(usize::MAX)))
        };
        let slowest = all.iter().map(Measured::p95).max().unwrap_or_default();
        evidence.measure("p95_query_time", Value::Plain(Quantity::time(slowest)));
        evidence.measure("query_rows", count(|measured| measured.rows));
        evidence.measure(
            "query_buffers",
            count(|measured| measured.plan.hit + measured.plan.read),
        );
        evidence.measure("query_buffers_read", count(|measured| measured.plan.read));
        Ok(evidence)
    }
}

impl SqlQueries {
    fn findings(&self, query: &Query, measured: &Measured) -> Vec<Finding> {
        let name = &query.name;
        let place = || {
            query
                .path()
                .map_or_else(|| Place::Object(format!("query {name}")), Place::File)
        };
        let mut found = Vec::new();
        let p95 = measured.p95();
        if let Some(budget) = query.budget.filter(|budget| p95 > budget.0) {
            let headline = format!(
                "the query `{name}` takes {} at the 95th percentile of {}; its budget is {}",
                words::duration(p95),
                words::count(measured.times.len(), "run"),
                words::duration(budget.0)
            );
            let help =
                "look at its plan with EXPLAIN (ANALYZE, BUFFERS), or give it a larger budget";
            found.push(Finding::new(&OVER_BUDGET, place(), headline, help).anchored(name.clone()));
        }
        for (relation, rows) in &measured.plan.scans {
            if *rows < self.0.sequential_rows {
                continue;
            }
            let headline = format!(
                "the query `{name}` looks at {rows} rows of {relation} one after the other"
            );
            let help = "create an index for its condition, or raise `sequential_rows` where most rows are wanted";
            let anchor = format!("{name} {relation}");
            found.push(Finding::new(&SEQUENTIAL_SCAN, place(), headline, help).anchored(anchor));
        }
        found
    }
}

fn text(query: &Query, cx: &Cx<'_>) -> Result<String, Fault> {
    if let Some(sql) = &query.sql {
        return Ok(sql.clone());
    }
    let (Some(path), Some(shown)) = (query.path(), &query.file) else {
        return Ok(String::new());
    };
    let fault = |kind, why: &str| {
        Fault::new(
            kind,
            format!("the query `{}`: {shown} {why}", query.name),
            "name a file that holds one statement",
        )
    };
    let Some(file) = cx.tree.find(&path) else {
        return Err(fault(FaultKind::Missing, "is not there"));
    };
    let bytes = cx
        .tree
        .read(file)
        .map_err(|_| fault(FaultKind::Unreadable, "cannot be read"))?;
    String::from_utf8(bytes).map_err(|_| fault(FaultKind::Unparsable, "is no UTF-8"))
}
