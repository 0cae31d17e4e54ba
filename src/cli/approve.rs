//! Owns `qgate approve`: an entry of `.qgate/approvals.yaml` for just what failed in a gate.

use std::collections::BTreeMap;

use crate::config::waivers::{self, APPROVALS, Approval};
use crate::host::terminal;
use crate::model::outcome::{Exit, GateOutcome};

use super::args::{ApproveArgs, Global};
use super::exempt::{last_day, most_days, owner, today};
use super::output::Console;
use super::run_args::RunArgs;
use super::site::Site;
use super::waiver_file::{self, WaiverFile};
use super::{Usage, run};

const FILE: WaiverFile<Approval> = WaiverFile {
    path: APPROVALS,
    list: "approvals",
    about: ABOUT,
    read: waivers::approvals,
    origin: |approval| &approval.origin,
};
const ABOUT: &str = "Failures that somebody approved, each bound to what failed: `qgate approve --help`. In CI the base's are read.";

/// Approves what failed in a gate.
///
/// # Errors
/// When there is nothing to approve, or the file cannot be written.
pub fn run(args: &ApproveArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let site = Site::open(global)?;
    let expires = last_day(args.expires, today(&site)?, most_days(&site, global)?)?;
    let approver = owner(args.by.as_deref(), &site)?;
    let (digest, values) = match &args.digest {
        Some(digest) => (digest.clone(), args.values.iter().cloned().collect()),
        None => match failure(args, global)? {
            Ok(found) => found,
            Err(exit) => return Ok(exit),
        },
    };
    let mut fields = vec![
        ("gate", waiver_file::quoted(&args.gate)),
        ("digest", waiver_file::quoted(&digest)),
    ];
    if !values.is_empty() {
        let values = values.iter().map(|(metric, value)| {
            format!(
                "{}: {}",
                waiver_file::quoted(metric),
                waiver_file::quoted(value)
            )
        });
        let values: Vec<String> = values.collect();
        fields.push(("values", format!("{{ {} }}", values.join(", "))));
    }
    fields.push(("reason", waiver_file::quoted(&args.reason)));
    fields.push(("approver", waiver_file::quoted(&approver)));
    fields.push(("expires", expires.to_string()));

    FILE.add(&site, &fields)?;
    console.out(&format!(
        "added to {APPROVALS}, until {expires}: {digest}\n"
    ))?;
    if !terminal::in_ci() {
        console.say("qgate: in CI approvals are read from the base: commit it there\n");
    }
    Ok(Exit::Pass)
}

/// The digest of what fails in the gate now, and its values.
type Failure = (String, BTreeMap<String, String>);

fn failure(args: &ApproveArgs, global: &Global) -> anyhow::Result<Result<Failure, Exit>> {
    let of_run = RunArgs {
        plan: args.plan.clone(),
        gates: vec![args.gate.clone()],
        ..RunArgs::plain()?
    };
    let judged = run::judged(&of_run, global, false)?;
    if judged.exit == Exit::Interrupted {
        return Ok(Err(Exit::Interrupted));
    }
    let mut gates = judged.report.gates.iter();
    let gate = gates.find(|gate| gate.id == args.gate);
    if let Some(approvable) = gate.and_then(|gate| gate.approval.as_ref()) {
        let values = approvable.values.iter();
        let values = values.map(|(metric, value)| (metric.clone(), value.to_string()));
        return Ok(Ok((approvable.digest.clone(), values.collect())));
    }
    let (what, help) = match gate.map(|gate| gate.outcome) {
        Some(GateOutcome::NeedsApproval) => (
            "not all of it is known, so nobody can approve it",
            "cure what is not known first: `qgate run --gate` tells it",
        ),
        Some(GateOutcome::Passed) => ("it passes", "there is nothing to approve"),
        _ => (
            "nothing in it waits for an approval",
            "only a gate with `failure_action: require_approval` can be approved",
        ),
    };
    Err(Usage::new(
        format!("the gate `{}` is not approved: {what}", args.gate),
        help,
    )
    .into())
}
