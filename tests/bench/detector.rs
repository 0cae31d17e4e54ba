//! How often the detector of `benchmarks` cries wolf, and how often it sees a slowdown: on made-up noise, and on a recording of a
//! program that was timed against itself.
//!
//! `cargo bench --bench detector -- [TRIALS]` simulates; `-- in-turn [RUNS] [cpu|wall]` runs the whole checker on two commits of a small
//! program that is really built. `QGATE_AA_TIMINGS` names the recording: lines of `round,command,start,wall,user,system,...`
//! in milliseconds, plain or through gzip; `QGATE_SERIES` a public series of a benchmark: a JSON list of numbers of which more is better,
//! one a commit. Without them their tables are left out, and that is said.

#![expect(clippy::print_stdout, reason = "a benchmark's output is its result")]

#[path = "in_turn.rs"]
mod in_turn;

use std::collections::BTreeMap;
use std::io::Read as _;

use qgate::checkers::benchmarks::detect::history;
use qgate::checkers::benchmarks::detect::{Design, Pairs, Verdict, is_open, judge};
use rayon::prelude::*;

/// Trials of each cell when nothing else is said.
const TRIALS: u64 = 4_000;

/// Random numbers: `SplitMix64`.
struct Random(u64);

impl Random {
    fn of(trial: u64) -> Self {
        let mut random = Self(trial.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5851_f42d_4c95_7f2d);
        random.uniform();
        random
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1, neither of them.
    fn uniform(&mut self) -> f64 {
        (f64::from(u32::try_from(self.bits() >> 32).unwrap_or(0)) + 0.5) / 4_294_967_296.0
    }

    /// Normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

/// What a machine does to run times, in the logarithm.
#[derive(Clone, Copy)]
struct Model {
    name: &'static str,
    /// The spread of one run.
    spread: f64,
    /// The spread of what drifts from run to run, and how much of it stays.
    drift: f64,
    stays: f64,
    /// How often a run is slower by how much.
    outliers: (f64, f64),
    /// How often a run falls into the second of two modes, and where that lies.
    modes: (f64, f64),
}

const MODELS: &[Model] = &[
    Model {
        name: "quiet",
        spread: 0.005,
        drift: 0.001,
        stays: 0.9,
        outliers: (0.01, 0.05),
        modes: (0.0, 0.0),
    },
    Model {
        name: "shared",
        spread: 0.03,
        drift: 0.01,
        stays: 0.95,
        outliers: (0.05, 0.2),
        modes: (0.0, 0.0),
    },
    Model {
        name: "bimodal",
        spread: 0.01,
        drift: 0.002,
        stays: 0.9,
        outliers: (0.01, 0.1),
        modes: (0.3, 0.06),
    },
    Model {
        name: "noisy",
        spread: 0.08,
        drift: 0.03,
        stays: 0.95,
        outliers: (0.05, 0.4),
        modes: (0.0, 0.0),
    },
    Model {
        name: "walk",
        spread: 0.01,
        drift: 0.01,
        stays: 1.0,
        outliers: (0.0, 0.0),
        modes: (0.0, 0.0),
    },
    Model {
        name: "heavy tail",
        spread: 0.02,
        drift: 0.0,
        stays: 0.0,
        outliers: (0.2, 1.0),
        modes: (0.0, 0.0),
    },
];

/// Run times of one machine, one after the other.
struct Machine {
    model: Model,
    random: Random,
    drift: f64,
}

impl Machine {
    fn new(model: Model, trial: u64) -> Self {
        Self {
            model,
            random: Random::of(trial),
            drift: 0.0,
        }
    }

    fn run(&mut self) -> f64 {
        let model = self.model;
        self.drift = self.drift * model.stays + model.drift * self.random.normal();
        let mut log = model.spread * self.random.normal() + self.drift;
        if self.random.uniform() < model.outliers.0 {
            log += model.outliers.1 * self.random.uniform();
        }
        if self.random.uniform() < model.modes.0 {
            log += model.modes.1;
        }
        100.0 * log.exp()
    }
}

/// Pairs from a source of run times, in the order A B B A; the head takes `factor` times as long.
fn pairs(count: usize, factor: f64, run: &mut dyn FnMut() -> f64) -> Vec<(f64, f64)> {
    (0..count)
        .map(|at| {
            let (first, second) = (run(), run());
            let (base, head) = if at % 2 == 0 {
                (first, second)
            } else {
                (second, first)
            };
            (base, head * factor)
        })
        .collect()
}

/// How comparisons ended.
#[derive(Clone, Copy, Default)]
struct Tally {
    trials: u64,
    fail: u64,
    pass: u64,
    pairs: u64,
}

impl Tally {
    fn and(self, other: Self) -> Self {
        Self {
            trials: self.trials + other.trials,
            fail: self.fail + other.fail,
            pass: self.pass + other.pass,
            pairs: self.pairs + other.pairs,
        }
    }

    fn percent(&self, n: u64) -> f64 {
        100.0 * real(n) / real(self.trials.max(1))
    }

    fn row(&self) -> String {
        let open = self.trials - self.fail - self.pass;
        format!(
            "{:7.2} {:7.2} {:7.2} {:6.1}",
            self.percent(self.fail),
            self.percent(open),
            self.percent(self.pass),
            real(self.pairs) / real(self.trials.max(1))
        )
    }

    /// The upper 95% bound of the share of failures, in percent, by Wilson.
    fn bound(&self) -> f64 {
        let (n, p, z) = (
            real(self.trials),
            real(self.fail) / real(self.trials),
            1.645,
        );
        let middle = p + z * z / (2.0 * n);
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        100.0 * (middle + half) / (1.0 + z * z / n)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of trials")]
fn real(n: u64) -> f64 {
    n as f64
}

/// One comparison, as the checker makes it.
fn compare(factor: f64, run: &mut dyn FnMut() -> f64) -> Tally {
    let design = Design::default();
    let mut all = [Pairs {
        first: pairs(design.first, factor, run),
        second: Vec::new(),
    }];
    if is_open(&all, &design) {
        all[0].second = pairs(design.second, factor, run);
    }
    let verdict = judge(&all, &design)[0].verdict;
    Tally {
        trials: 1,
        fail: u64::from(verdict == Verdict::Fail),
        pass: u64::from(verdict == Verdict::Pass),
        pairs: (all[0].first.len() + all[0].second.len()) as u64,
    }
}

const FACTORS: [(&str, f64); 4] = [
    ("the same", 1.0),
    ("+5%", 1.05),
    ("+10%", 1.1),
    ("-10%", 0.9),
];

fn head() -> &'static str {
    "                          FAIL%   open%   PASS%  pairs"
}

fn made_up(trials: u64) {
    println!(
        "made-up noise, {trials} trials a cell (FAIL of `the same` is a false alarm)\n{}",
        head()
    );
    for model in MODELS {
        for (name, factor) in FACTORS {
            let trial = |trial: u64| {
                let mut machine = Machine::new(*model, trial);
                compare(factor, &mut || machine.run())
            };
            let tally = (0..trials).into_par_iter().map(trial);
            let tally = tally.reduce(Tally::default, Tally::and);
            let bound = if (factor - 1.0).abs() < 1e-9 {
                format!("   (at most {:.2}% at 95%)", tally.bound())
            } else {
                String::new()
            };
            println!("{:12} {name:9} {}{bound}", model.name, tally.row());
        }
    }
}

/// Wall times and processor times of each command.
type Recording = BTreeMap<String, [Vec<f64>; 2]>;

fn recording(path: &str) -> std::io::Result<Recording> {
    let bytes = std::fs::read(path)?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8_lossy(&bytes).into_owned();
    }
    let mut found = Recording::new();
    for line in text.lines() {
        let columns: Vec<&str> = line.split(',').collect();
        let [_, command, _, wall, user, system, ..] = columns[..] else {
            continue;
        };
        let (Ok(wall), Ok(user), Ok(system)) = (
            wall.parse::<f64>(),
            user.parse::<f64>(),
            system.parse::<f64>(),
        ) else {
            continue;
        };
        let [walls, cpus] = found.entry(command.to_owned()).or_default();
        walls.push(wall);
        cpus.push(user + system);
    }
    Ok(found)
}

fn real_timings(trials: u64) {
    let Ok(path) = std::env::var("QGATE_AA_TIMINGS") else {
        println!("\nreal timings: left out, because QGATE_AA_TIMINGS names no recording");
        return;
    };
    let recording = match recording(&path) {
        Ok(recording) if !recording.is_empty() => recording,
        Ok(_) => return println!("\nreal timings: {path} has no line of the right form"),
        Err(problem) => return println!("\nreal timings: {path} cannot be read: {problem}"),
    };
    println!(
        "\nreal timings, {trials} windows of neighbouring runs a cell\n{}",
        head()
    );
    for (command, series) in &recording {
        for (kind, values) in ["wall", "cpu"].iter().zip(series) {
            for (name, factor) in FACTORS {
                let trial = |trial: u64| {
                    let mut random = Random::of(trial);
                    let room = values.len().saturating_sub(80) as u64;
                    let mut at = usize::try_from(random.bits() % (room + 1)).unwrap_or(0);
                    compare(factor, &mut || {
                        at += 1;
                        values[(at - 1) % values.len()]
                    })
                };
                let tally = (0..trials).into_par_iter().map(trial);
                let tally = tally.reduce(Tally::default, Tally::and);
                println!("{command:8} {kind:4} {name:8} {}", tally.row());
            }
        }
    }
}

/// One new value against 20 accepted ones.
fn against_history(trials: u64) {
    println!(
        "\none value against 20 accepted ones, {trials} trials a cell\n                         FAIL%   open%   PASS%"
    );
    for model in MODELS {
        for (name, factor) in FACTORS {
            let trial = |trial: u64| {
                let mut machine = Machine::new(*model, trial);
                let accepted: Vec<f64> = (0..20).map(|_| machine.run()).collect();
                let value = machine.run() * factor;
                let verdict = history::judge(&accepted, value, 0.05).verdict;
                Tally {
                    trials: 1,
                    fail: u64::from(verdict == history::Verdict::Fail),
                    pass: u64::from(verdict == history::Verdict::Pass),
                    pairs: 0,
                }
            };
            let tally = (0..trials).into_par_iter().map(trial);
            let row = tally.reduce(Tally::default, Tally::and).row();
            println!("{:12} {name:9} {}", model.name, &row[..23]);
        }
    }
}

/// Each value of a public series against the 20 before it.
fn public_series() {
    let Ok(path) = std::env::var("QGATE_SERIES") else {
        println!("\na public series: left out, because QGATE_SERIES names none");
        return;
    };
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let Ok(values) = serde_json::from_str::<Vec<f64>>(&text) else {
        return println!("\na public series: {path} is no list of numbers");
    };
    println!(
        "\na public series of {} values, each against the 20 before it\n            FAIL%   open%   PASS%",
        values.len()
    );
    for (name, factor) in FACTORS {
        let mut tally = Tally::default();
        for window in values.windows(21) {
            let accepted: Vec<f64> = window[..20].iter().map(|value| value.recip()).collect();
            let verdict = history::judge(&accepted, window[20].recip() * factor, 0.05).verdict;
            tally = tally.and(Tally {
                trials: 1,
                fail: u64::from(verdict == history::Verdict::Fail),
                pass: u64::from(verdict == history::Verdict::Pass),
                pairs: 0,
            });
        }
        println!("{name:9} {}", &tally.row()[..23]);
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = words.iter().find_map(|word| word.parse().ok());
    if words.iter().any(|word| word == "in-turn") {
        let wall = words.iter().any(|word| word == "wall");
        let runs = number.map_or(30, |n: u64| usize::try_from(n).unwrap_or(30));
        return in_turn::trial(runs, if wall { "wall" } else { "cpu" });
    }
    let trials = number.unwrap_or(TRIALS);
    made_up(trials);
    real_timings(trials);
    against_history(trials);
    public_series();
}
