//! Owns the checker `waivers`: exemptions, approvals and inline ignores that are over, cannot be read, reach too far, or waive
//! nothing. The engine knows them; this tells them. Knows no gate.

use serde::{Deserialize, Serialize};

use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::rule::Rule;
use crate::model::waiver::Flaw;
use crate::rule;

/// The check has no options.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {}

/// A configured check.
#[derive(Debug)]
pub struct Waivers(Options);

static EXPIRED: Rule = rule!("waiver-expired", Medium, "2026-11");
static MALFORMED: Rule = rule!("waiver-malformed", Medium, "2026-11");
static TOO_LONG: Rule = rule!("waiver-too-long", Medium, "2026-11");
static UNTRUSTED: Rule = rule!("waiver-untrusted", Medium, "2026-11");
static UNUSED: Rule = rule!("waiver-unused", Low, "2026-11");

impl Checker for Waivers {
    const NAME: &'static str = "waivers";
    const SUMMARY: &'static str =
        "exemptions, approvals and inline ignores that do not hold or are not needed";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&EXPIRED, &MALFORMED, &TOO_LONG, &UNTRUSTED, &UNUSED];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "expired_waivers",
            &["waiver-expired"],
            "waivers whose last day is over",
        ),
        Metric::counts(
            "invalid_waivers",
            &["waiver-malformed", "waiver-too-long", "waiver-untrusted"],
            "waivers that do not hold because of how they are written",
        ),
        Metric::counts(
            "unused_waivers",
            &["waiver-unused"],
            "waivers that waive nothing",
        ),
    ];

    type Options = Options;
    type Facts = ();

    fn new(options: Options) -> Result<Self, String> {
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn conclude(&self, _: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        if cx.waivers.is_empty() {
            return Ok(Evidence::not_applicable("no waiver has a flaw"));
        }
        let findings = cx.waivers.iter().map(|flawed| {
            let rule = match flawed.flaw {
                Flaw::Expired => &EXPIRED,
                Flaw::Malformed => &MALFORMED,
                Flaw::TooLong => &TOO_LONG,
                Flaw::Untrusted => &UNTRUSTED,
                Flaw::Unused => &UNUSED,
            };
            Finding::new(rule, flawed.place.clone(), &flawed.headline, &flawed.help)
        });
        Ok(Evidence {
            findings: findings.collect(),
            ..Evidence::default()
        })
    }

    fn lane(&self) -> Lane {
        Lane::LooksBack
    }
}
