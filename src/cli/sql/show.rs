//! Owns `qgate sql show`: what migrations make, and who can do what there, on one page or for programs.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::{Found, SourceArgs, is_open, judged, place};
use crate::base::ascii::{self, escape};
use crate::base::words::count;
use crate::checkers::sql::history::Mode;
use crate::checkers::sql::platform;
use crate::checkers::sql::show::{self, Access, Reach, Rule, Shown, Table};
use crate::cli::output::{self, Console};
use crate::model::outcome::Exit;
use crate::report::layout::wrap;
use crate::report::table::Table as Columns;

pub(super) const EXAMPLES: &str = "Examples:
  qgate sql show supabase/migrations
  qgate sql show --profile 2026 --role anon,authenticated .
  qgate sql show --format json supabase/migrations

Exit codes: 0 all is known, 3 something is not known; it is listed at the end.";

/// `qgate sql show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The roles to tell rights of; those of the API and those that the migrations make, when left out
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub role: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Columns of the text [default: the terminal's, else 80]
    #[arg(
        long,
        value_name = "COLUMNS",
        env = "QGATE_WIDTH",
        hide_env_values = true
    )]
    pub width: Option<usize>,
    /// Which migrations.
    #[command(flatten)]
    pub sources: SourceArgs,
}

/// `--format`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Shows.
pub(super) fn run(args: &ShowArgs, from: &Path, console: &mut Console) -> anyhow::Result<Exit> {
    let all = judged(&args.sources, Mode::Precise, from)?;
    let before = platform::first(args.sources.profile.into());
    let shown = |found: &Found| {
        let catalog = &found.judged.strict.catalog;
        let usual = || show::roles(catalog, &before.catalog);
        let roles = Some(args.role.clone()).filter(|roles| !roles.is_empty());
        Shown::of(catalog, &roles.unwrap_or_else(usual))
    };
    let pages: Vec<(&Found, Shown)> = all.iter().map(|found| (found, shown(found))).collect();
    match args.format {
        Format::Json => console.out(&json(&pages)?)?,
        Format::Text => {
            let width = output::width(args.width);
            let texts: Vec<String> = pages.iter().map(|page| text(page, width)).collect();
            console.out(&texts.join("\n"))?;
        }
    }
    Ok(if is_open(&all) {
        Exit::Unknown
    } else {
        Exit::Pass
    })
}

/// What is not known: a line for each place.
fn undecided(found: &Found) -> Vec<(String, String)> {
    let judged = &found.judged;
    let remarks = judged.remarks().into_iter();
    let mut open: Vec<(String, String)> = remarks
        .filter(|remark| remark.is_undecided())
        .map(|remark| (place(judged, remark.origin), remark.what.clone()))
        .collect();
    let unread = judged.unread.iter();
    open.extend(unread.map(|path| (path.to_string(), "could not be read".to_owned())));
    open
}

fn json(pages: &[(&Found, Shown)]) -> anyhow::Result<String> {
    let mut sets = Vec::new();
    for (found, shown) in pages {
        let mut page = serde_json::to_value(shown)?;
        page["read"] = serde_json::json!(found.said);
        let open = undecided(found).into_iter();
        page["undecided"] = open
            .map(|(place, why)| serde_json::json!({ "place": place, "why": why }))
            .collect();
        sets.push(page);
    }
    let text = serde_json::to_string_pretty(&serde_json::json!({ "version": 1, "sets": sets }))?;
    Ok(ascii::json(&text) + "\n")
}

/// Rights are read down a column: a table that is too wide for a terminal is better than blocks.
const WIDE: usize = 160;

const LEGEND: &str = "For each role, in this order: select, insert, update, delete.
A: all rows, p: the rows that policies let through, c: some columns only, 0: granted, but no policy lets a row through, -: not granted";

fn text((found, shown): &(&Found, Shown), width: usize) -> String {
    let mut text = format!("{}\n", escape(&found.said));
    if !shown.tables.is_empty() {
        text.push_str(&format!("\n{LEGEND}\n\n"));
        text.push_str(&tables(shown).render(width.max(WIDE)));
    }
    text.push_str(&policies(shown, width));
    let functions = functions(shown, width);
    if !functions.is_empty() {
        text.push_str(&format!("\nfunctions\n{functions}"));
    }
    if !shown.extensions.is_empty() {
        let names = shown.extensions.iter();
        let names: Vec<String> = names
            .map(|e| format!("{} ({})", e.name, e.schema))
            .collect();
        text.push_str(&format!("\nextensions: {}\n", escape(&names.join(", "))));
    }
    let open = undecided(found);
    if !open.is_empty() {
        text.push_str(&format!("\n{} not known:\n", count(open.len(), "thing")));
        for (place, why) in open {
            text.push_str(&format!("  {}: {}\n", escape(&place), escape(&why)));
        }
    }
    text
}

fn tables(shown: &Shown) -> Columns {
    let mut header = vec!["relation", "rls", "policies"];
    let roles: Vec<String> = shown
        .roles
        .iter()
        .map(|role| escape(role).into_owned())
        .collect();
    header.extend(roles.iter().map(String::as_str));
    let mut columns = Columns::new(&header);
    for table in &shown.tables {
        let mut row = vec![
            escape(&relation(table)).into_owned(),
            rls(table).to_owned(),
            table.policies.len().to_string(),
        ];
        row.extend(table.access.iter().map(access));
        columns.row(row);
    }
    columns
}

fn relation(table: &Table) -> String {
    let kind = match table.kind {
        "table" => String::new(),
        kind => format!(" ({kind})"),
    };
    format!("{}.{}{kind}", table.schema, table.name)
}

fn rls(table: &Table) -> &'static str {
    match (table.kind, table.rls, table.force_rls) {
        ("table" | "partitioned", true, true) => "forced",
        ("table" | "partitioned", true, false) => "on",
        ("table" | "partitioned", false, _) => "off",
        _ => "",
    }
}

fn access(access: &Access) -> String {
    let letter = |reach: Reach| match reach {
        Reach::None => '-',
        Reach::Stopped => '0',
        Reach::Policies => 'p',
        Reach::Columns => 'c',
        Reach::All => 'A',
    };
    let all = [access.select, access.insert, access.update, access.delete];
    all.map(letter).iter().collect()
}

/// The policies, by table.
fn policies(shown: &Shown, width: usize) -> String {
    let mut text = String::new();
    for table in shown
        .tables
        .iter()
        .filter(|table| !table.policies.is_empty())
    {
        text.push_str(&format!("\npolicies of {}\n", escape(&relation(table))));
        for policy in &table.policies {
            let kind = if policy.permissive {
                ""
            } else {
                "restrictive, "
            };
            let said = format!(
                "{}: {kind}for {} to {} {}",
                policy.name,
                policy.command.to_lowercase(),
                policy.roles.join(", "),
                condition(policy)
            );
            text.push_str(&wrap(&escape(&said), width, "  ", "      "));
        }
    }
    text
}

fn condition(policy: &Rule) -> String {
    let flat = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let using = policy
        .using_text
        .as_ref()
        .map(|text| format!("using {}", flat(text)));
    let check = policy
        .check_text
        .as_ref()
        .map(|text| format!("check {}", flat(text)));
    let all: Vec<String> = using.into_iter().chain(check).collect();
    all.join(" ")
}

fn functions(shown: &Shown, width: usize) -> String {
    let mut text = String::new();
    for function in &shown.functions {
        let runs_as = if function.security_definer {
            format!("its owner {}", function.owner)
        } else {
            "its caller".to_owned()
        };
        let path = if function.search_path_set {
            "fixed"
        } else {
            "open"
        };
        let callers = match function.callers.as_slice() {
            [] => "none of these roles".to_owned(),
            callers => callers.join(", "),
        };
        let said = format!(
            "{}.{}({}): runs as {runs_as}, search path {path}, called by {callers}",
            function.schema, function.name, function.args
        );
        text.push_str(&wrap(&escape(&said), width, "  ", "      "));
    }
    text
}
