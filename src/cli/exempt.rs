//! Owns `qgate exempt add|list|prune`: the entries of `.qgate/exemptions.yaml`.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::base::ascii::escape;
use crate::base::words::count;
use crate::check::ports::Surroundings as _;
use crate::config::waivers::{self, EXEMPTIONS, Exemption, place};
use crate::config::{Request, load};
use crate::engine::ledger::Ledger;
use crate::host::{surroundings, terminal};
use crate::model::outcome::Exit;
use crate::model::waiver::{Flaw, FlawedWaiver};
use crate::report::table::Table;

use super::args::{ExemptAction, ExemptAddArgs, ExemptArgs, Global, PlanArgs};
use super::output::{Console, width};
use super::run_args::RunArgs;
use super::site::{BadConfig, Site};
use super::waiver_file::{self, WaiverFile};
use super::{Usage, run};

const FILE: WaiverFile<Exemption> = WaiverFile {
    path: EXEMPTIONS,
    list: "exemptions",
    about: ABOUT,
    read: waivers::exemptions,
    origin: |exemption| &exemption.origin,
};
const ABOUT: &str = "Findings and gates that are waived, each with a reason, an owner and a last day: `qgate exempt --help`.";

/// Does what the words ask for.
///
/// # Errors
/// When the file cannot be read or written, or the words do not fit together.
pub fn run(args: &ExemptArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let site = Site::open(global)?;
    let today = today(&site)?;
    match &args.action {
        ExemptAction::Add(args) => add(args, global, &site, today, console),
        ExemptAction::List { width } => list(*width, global, &site, today, console),
        ExemptAction::Prune { unused } => prune(*unused, global, &site, today, console),
    }
}

/// Today, as a run sees it.
pub(super) fn today(site: &Site) -> Result<Date, Usage> {
    let system = surroundings::System::new(site.root.clone());
    let system = system.map_err(|problem| Usage::new(problem, "unset it, or set it to a time"))?;
    Ok(system.today())
}

/// How many days ahead a waiver may reach here.
pub(super) fn most_days(site: &Site, global: &Global) -> anyhow::Result<u32> {
    let request: Request = site.request(global, &PlanArgs::default())?;
    let plan = load(&request, &site.files(), &terminal::variable).map_err(BadConfig)?;
    Ok(plan.max_exemption_days)
}

/// The last day of a waiver: as given, or as far ahead as is allowed.
pub(super) fn last_day(given: Option<Date>, today: Date, most_days: u32) -> Result<Date, Usage> {
    let farthest = today.saturating_add(i64::from(most_days).days());
    match given {
        None => Ok(farthest),
        Some(date) if date < today => Err(Usage::new(
            format!("{date} is over"),
            format!("write a day from {today} to {farthest}"),
        )),
        Some(date) if date > farthest => Err(Usage::new(
            format!(
                "{date} is more than {} ahead",
                count(most_days as usize, "day")
            ),
            format!("write a day up to {farthest}, or raise `max_exemption_days`"),
        )),
        Some(date) => Ok(date),
    }
}

/// Who answers for a waiver: as given, or as git knows the user.
pub(super) fn owner(given: Option<&str>, site: &Site) -> anyhow::Result<String> {
    use crate::check::ports::Git as _;
    let known = match (given, site.repository()?) {
        (Some(given), _) => Some(given.to_owned()),
        (None, Some(repository)) => repository.config("user.name")?,
        (None, None) => None,
    };
    let known = known
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    Ok(known.ok_or_else(|| Usage::new("nobody answers for it", "say who with --owner NAME"))?)
}

fn add(
    args: &ExemptAddArgs,
    global: &Global,
    site: &Site,
    today: Date,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    let texts = [
        ("gate", &args.gate),
        ("rule", &args.rule),
        ("fingerprint", &args.fingerprint),
        ("path", &args.path),
    ];
    for (key, text) in texts {
        fields.extend(text.as_deref().map(|text| (key, waiver_file::quoted(text))));
    }
    fields.push(("reason", waiver_file::quoted(&args.reason)));
    fields.push((
        "owner",
        waiver_file::quoted(&owner(args.owner.as_deref(), site)?),
    ));
    let expires = last_day(args.expires, today, most_days(site, global)?)?;
    fields.push(("expires", expires.to_string()));

    FILE.add(site, &fields)?;
    console.out(&format!("added to {EXEMPTIONS}, until {expires}\n"))?;
    Ok(Exit::Pass)
}

/// What is wrong with the entries by their dates.
fn time_flaws(entries: &[Exemption], today: Date, most_days: u32) -> Vec<Option<FlawedWaiver>> {
    let ledger = Ledger::new(today, most_days, &[], &[]);
    entries
        .iter()
        .map(|entry| ledger.time_flaw(&entry.waiver()))
        .collect()
}

fn list(
    columns: Option<usize>,
    global: &Global,
    site: &Site,
    today: Date,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let (_, known) = FILE.read(site)?;
    let mut table = Table::new(&["state", "until", "owner", "what and why"]);
    let flaws = time_flaws(&known.entries, today, most_days(site, global)?);
    for (entry, flaw) in known.entries.iter().zip(flaws) {
        let waiver = entry.waiver();
        let state = match flaw.map(|flaw| flaw.flaw) {
            Some(Flaw::Expired) => "expired",
            Some(_) => "too long",
            None => "active",
        };
        let what = format!("{}: {} [{}]", waiver.what, waiver.reason, waiver.place);
        table.row([
            state.to_owned(),
            entry.expires.to_string(),
            escape(&entry.owner).into_owned(),
            escape(&what).into_owned(),
        ]);
    }
    for flawed in &known.flawed {
        let what = format!("{} [{}]", flawed.headline, flawed.place);
        table.row([
            "malformed".to_owned(),
            String::new(),
            String::new(),
            escape(&what).into_owned(),
        ]);
    }
    if table.is_empty() {
        console.out(&format!("no exemption: there is none in {EXEMPTIONS}\n"))?;
    } else {
        console.out(&table.render(width(columns)))?;
    }
    Ok(Exit::Pass)
}

fn prune(
    unused: bool,
    global: &Global,
    site: &Site,
    today: Date,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let (old, known) = FILE.read(site)?;
    let flaws = time_flaws(&known.entries, today, most_days(site, global)?);
    let mut gone: Vec<&Exemption> = Vec::new();
    let mut unused_places = Vec::new();
    if unused {
        let judged = run::judged(&RunArgs::plain()?, global, false)?;
        let flawed = judged.report.flawed_waivers.into_iter();
        let flawed = flawed.filter(|flawed| flawed.flaw == Flaw::Unused);
        unused_places.extend(flawed.map(|flawed| flawed.place));
    }
    for (entry, flaw) in known.entries.iter().zip(&flaws) {
        let is_over = flaw.as_ref().is_some_and(|flaw| flaw.flaw == Flaw::Expired);
        if is_over || unused_places.contains(&place(&entry.origin)) {
            gone.push(entry);
        }
    }
    let (Some(old), false) = (old, gone.is_empty()) else {
        console.out("nothing to prune\n")?;
        return Ok(Exit::Pass);
    };
    FILE.cut(site, &old, &known.entries, &gone)?;
    for entry in &gone {
        let waiver = entry.waiver();
        console.out(&format!("removed: {}\n", escape(&waiver.to_string())))?;
    }
    Ok(Exit::Pass)
}
