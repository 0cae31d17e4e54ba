//! Owns the checker `bundle`: what a front end sends to its users, and how fast it feels there. Builds nothing here.

mod assets;
mod lighthouse;
mod options;
mod vitals;

use std::collections::BTreeMap;

use crate::base::words::count;
use crate::check::options::{Glob, Size};
use crate::check::ports::Request;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::number::Number;
use crate::model::place::Place;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::rule::Rule;
use crate::rule;

use assets::{Asset, Sizes};
use options::{Base, Options};

static ASSET_TOO_LARGE: Rule = rule!("asset-too-large", Medium, "2026-11");

/// The largest report that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// The checker.
#[derive(Debug)]
pub struct Bundle {
    options: Options,
}

const fn data(name: &'static str, summary: &'static str) -> Metric {
    Metric::measured(name, Dimension::Data, Better::Lower, summary)
}

const fn time(name: &'static str, summary: &'static str) -> Metric {
    Metric::measured(name, Dimension::Time, Better::Lower, summary)
}

const fn score(name: &'static str, summary: &'static str) -> Metric {
    Metric::measured(name, Dimension::Count, Better::Higher, summary)
}

const fn shift(name: &'static str, summary: &'static str) -> Metric {
    Metric::measured(name, Dimension::Count, Better::Lower, summary)
}

impl Checker for Bundle {
    const NAME: &'static str = "bundle";
    const SUMMARY: &'static str =
        "sizes of built assets, raw, gzip and brotli, their growth, Lighthouse scores, web vitals";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&ASSET_TOO_LARGE];
    const METRICS: &'static [Metric] = &[
        data("bundle_size", "all assets as they lie there"),
        data("bundle_gzip", "all assets, each through gzip at level 9"),
        data(
            "bundle_brotli",
            "all assets, each through brotli at quality 11",
        ),
        data("largest_asset", "the largest asset as it lies there"),
        data(
            "bundle_growth",
            "how much the total grew; below 0 when it shrank",
        ),
        Metric::measured(
            "bundle_growth_share",
            Dimension::Share,
            Better::Lower,
            "how much the total grew, as a share of what it was",
        ),
        Metric::counts(
            "large_assets",
            &["asset-too-large"],
            "assets above `max_asset`",
        ),
        score(
            "lighthouse_performance",
            "Lighthouse's score from 0 to 100, of the worst page",
        ),
        score(
            "lighthouse_accessibility",
            "Lighthouse's score from 0 to 100, of the worst page",
        ),
        score(
            "lighthouse_best_practices",
            "Lighthouse's score from 0 to 100, of the worst page",
        ),
        score(
            "lighthouse_seo",
            "Lighthouse's score from 0 to 100, of the worst page",
        ),
        time("first_contentful_paint", "in Lighthouse, of the worst page"),
        time(
            "largest_contentful_paint",
            "in Lighthouse, of the worst page",
        ),
        time("total_blocking_time", "in Lighthouse, of the worst page"),
        time("speed_index", "in Lighthouse, of the worst page"),
        shift(
            "cumulative_layout_shift",
            "in Lighthouse, of the worst page",
        ),
        time(
            "real_largest_contentful_paint",
            "of real users, 75th percentile",
        ),
        time(
            "real_interaction_to_next_paint",
            "of real users, 75th percentile",
        ),
        shift(
            "real_cumulative_layout_shift",
            "of real users, 75th percentile",
        ),
        time(
            "real_first_contentful_paint",
            "of real users, 75th percentile",
        ),
        time("real_time_to_first_byte", "of real users, 75th percentile"),
    ];

    type Options = Options;
    type Facts = ();

    fn new(options: Options) -> Result<Self, String> {
        options.check()?;
        Ok(Self { options })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn lane(&self) -> Lane {
        Lane::Artifacts
    }

    fn gives(&self, metric: &str) -> bool {
        let options = &self.options;
        match metric {
            "bundle_growth" | "bundle_growth_share" => {
                options.base.is_some() || options.before.is_some()
            }
            "large_assets" => options.max_asset.is_some(),
            "largest_asset" => !options.assets.is_empty(),
            _ if metric.starts_with("bundle_") => !options.assets.is_empty(),
            _ if metric.starts_with("real_") => !options.web_vitals.is_empty(),
            _ => !options.lighthouse.is_empty(),
        }
    }

    fn conclude(&self, _: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        if !self.options.assets.is_empty() {
            self.sizes(cx, &mut evidence)?;
        }
        if !self.options.lighthouse.is_empty() {
            let mut pages = lighthouse::Pages::default();
            each(&self.options.lighthouse, cx, |text| pages.add(text))?;
            let (urls, runs) = pages.counts();
            let said = format!(
                "Lighthouse: {} of {}",
                count(runs, "run"),
                count(urls, "page")
            );
            evidence.notes.push(said);
            for (metric, value) in pages.worst() {
                put(&mut evidence, metric, value);
            }
        }
        if !self.options.web_vitals.is_empty() {
            let mut vitals = vitals::Vitals::default();
            each(&self.options.web_vitals, cx, |text| vitals.add(text))?;
            for (metric, (value, n)) in vitals.percentiles() {
                evidence
                    .notes
                    .push(format!("{metric}: of {}", count(n, "value")));
                put(&mut evidence, metric, value);
            }
        }
        Ok(evidence)
    }
}

/// A number of the right dimension: times come in milliseconds.
fn put(evidence: &mut Evidence, metric: &'static str, value: f64) {
    let known = Bundle::METRICS.iter().find(|known| known.name == metric);
    let dimension = known.map_or(Dimension::Count, |known| known.dimension);
    let unit = if dimension == Dimension::Time {
        "ms"
    } else {
        ""
    };
    if let Ok(quantity) = Quantity::parse(&format!("{value:.4}{unit}")) {
        evidence.measure(metric, Value::Plain(quantity));
    }
}

impl Bundle {
    fn sizes(&self, cx: &Cx<'_>, evidence: &mut Evidence) -> Result<(), Fault> {
        let options = &self.options;
        let here = cx.ports.artifacts;
        let assets = assets::measure(here, &options.assets, &options.exclude, "the tree")?;
        let total = assets::total(&assets);
        let largest = assets.iter().max_by_key(|asset| asset.sizes.raw);
        for (metric, bytes) in [
            ("bundle_size", total.raw),
            ("bundle_gzip", total.gzip),
            ("bundle_brotli", total.brotli),
            ("largest_asset", largest.map_or(0, |asset| asset.sizes.raw)),
        ] {
            evidence.measure(metric, Value::Plain(bytes_of(bytes.into())));
        }
        let mut said = format!("{}: {}", count(assets.len(), "asset"), told(total));
        if let Some(largest) = largest {
            said += &format!(
                "; the largest is {} with {}",
                largest.path,
                told(largest.sizes)
            );
        }
        evidence.notes.push(said);
        if let Some(most) = options.max_asset {
            let large = assets.iter().filter(|asset| asset.sizes.raw > most.0);
            evidence
                .findings
                .extend(large.map(|asset| too_large(asset, most)));
        }
        let before = match (&options.base, options.before) {
            (Some(base), _) => {
                let base = self.base(base, cx)?;
                tell_changes(&base, &assets, evidence);
                assets::total(&base).raw
            }
            (None, Some(before)) => before.0,
            (None, None) => return Ok(()),
        };
        let growth = i128::from(total.raw) - i128::from(before);
        evidence.measure("bundle_growth", Value::Plain(bytes_of(growth)));
        if let Some(number) = Number::ratio(growth, before.into()) {
            let dimension = Dimension::Share;
            let share = Quantity { number, dimension };
            evidence.measure("bundle_growth_share", Value::Plain(share));
        }
        Ok(())
    }

    /// The assets of the base, built in a folder of its own.
    fn base(&self, base: &Base, cx: &Cx<'_>) -> Result<Vec<Asset>, Fault> {
        let commit = &cx.change.base()?.commit;
        let checkout = cx.ports.checkouts.check_out(commit)?;
        let shell = if cfg!(windows) {
            ["cmd", "/C"]
        } else {
            ["sh", "-c"]
        };
        let words = shell.iter().map(|&word| word.to_owned());
        let finished = checkout.programs().run(&Request {
            argv: words.chain([base.build.clone()]).collect(),
            folder: base.folder.as_ref().map(|folder| folder.0.clone()),
            variables: BTreeMap::new(),
            timeout: cx.timeout,
            log: format!("{}.base.log", cx.label),
            keep: Request::KEEP,
        })?;
        if finished.code != Some(0) {
            let code = finished.code.map_or_else(
                || "by a signal".to_owned(),
                |code| format!("with exit code {code}"),
            );
            let log = finished.log.map_or_else(
                || "run it by hand in a checkout of the base".to_owned(),
                |log| format!("see {log}"),
            );
            let what = format!("the build of the base ended {code}");
            return Err(Fault::new(FaultKind::ToolFailed, what, log));
        }
        let options = &self.options;
        assets::measure(
            checkout.artifacts(),
            &options.assets,
            &options.exclude,
            "the base",
        )
    }
}

fn bytes_of(bytes: i128) -> Quantity {
    Quantity {
        number: Number::ratio(bytes, 1).unwrap_or(Number::ZERO),
        dimension: Dimension::Data,
    }
}

fn told(sizes: Sizes) -> String {
    format!(
        "{} ({} gzip, {} brotli)",
        bytes_of(sizes.raw.into()),
        bytes_of(sizes.gzip.into()),
        bytes_of(sizes.brotli.into())
    )
}

/// How many changes of single files are told.
const MOST_CHANGES: usize = 5;

/// The files whose sizes changed most. A name with a digest in it is another file in every build.
fn tell_changes(base: &[Asset], head: &[Asset], evidence: &mut Evidence) {
    let mut sizes: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for asset in base {
        sizes.entry(asset.path.to_string()).or_default().0 = asset.sizes.raw;
    }
    for asset in head {
        sizes.entry(asset.path.to_string()).or_default().1 = asset.sizes.raw;
    }
    let mut changed: Vec<_> = sizes
        .into_iter()
        .filter(|(_, (was, is))| was != is)
        .collect();
    changed.sort_by_key(|(_, (was, is))| std::cmp::Reverse(was.abs_diff(*is)));
    for (path, (was, is)) in changed.into_iter().take(MOST_CHANGES) {
        let (was, is) = (bytes_of(was.into()), bytes_of(is.into()));
        evidence
            .notes
            .push(format!("{path}: {was} on the base, {is} here"));
    }
}

fn too_large(asset: &Asset, most: Size) -> Finding {
    let headline = format!(
        "{} is {}, and one asset may have {}",
        asset.path,
        told(asset.sizes),
        bytes_of(most.0.into())
    );
    let help = "split it, load parts of it later, or leave out what nobody uses";
    Finding::new(
        &ASSET_TOO_LARGE,
        Place::File(asset.path.clone()),
        headline,
        help,
    )
    .anchored("size")
    .of_amount(asset.sizes.raw)
}

/// Gives each file that the globs match to `take`.
fn each(
    globs: &[Glob],
    cx: &Cx<'_>,
    mut take: impl FnMut(&str) -> Result<(), String>,
) -> Result<(), Fault> {
    let found = cx.ports.artifacts.find(globs)?;
    let files: Vec<_> = found.into_iter().filter(|file| !file.folder).collect();
    if files.is_empty() {
        let globs: Vec<&str> = globs.iter().map(Glob::as_str).collect();
        return Err(Fault::new(
            FaultKind::Missing,
            format!("there is no report at `{}`", globs.join("`, `")),
            "run the step that writes it first",
        ));
    }
    for file in files {
        let bytes = cx.ports.artifacts.read(&file.path, LARGEST)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| "it is not UTF-8".to_owned());
        text.and_then(&mut take).map_err(|why| {
            Fault::new(
                FaultKind::Unparsable,
                format!("the report {} cannot be used: {why}", file.path),
                "see that the tool ended well and writes its report as JSON",
            )
        })?;
    }
    Ok(())
}
