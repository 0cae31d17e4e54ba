//! Owns what is known of the machine that measures: what makes two machines alike, and what is different at one time. Asks
//! nothing; the port's implementation does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;

/// A machine, as it is seen from a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// What measurements depend on: processor, number of processors, memory, kernel, tools. Two machines that agree in all of it
    /// are of one class.
    pub class: BTreeMap<String, String>,
    /// What else is worth knowing.
    #[serde(default)]
    pub more: BTreeMap<String, String>,
    /// How busy it is.
    #[serde(default)]
    pub state: State,
}

/// How busy a machine is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Processors that this run may use.
    pub processors: u32,
    /// The mean number of running tasks in the last minute.
    pub load: Option<f64>,
    /// The share of the last 10 seconds in which some task waited for a processor, in percent.
    pub pressure: Option<f64>,
    /// Processor time that another virtual machine took, and all processor time, since the start, in ticks.
    pub steal: Option<(u64, u64)>,
    /// Processor time that was spent on anything since the start, in ticks of 10 ms.
    pub busy: Option<u64>,
}

/// More pressure than this, in percent, makes measurements of time doubtful.
const MOST_PRESSURE: f64 = 10.0;

/// More steal than this, in percent, does.
const MOST_STEAL: f64 = 2.0;

/// More processor time of other programs than this, in percent of all, does.
const MOST_OTHERS: f64 = 40.0;

/// How long a tick is.
const TICK_MS: u128 = 10;

impl State {
    /// Why what is measured from now on would be doubtful.
    #[must_use]
    pub fn noise(&self) -> Option<String> {
        let processors = f64::from(self.processors.max(1));
        if let Some(pressure) = self.pressure.filter(|share| *share > MOST_PRESSURE) {
            return Some(format!(
                "tasks waited for a processor in {pressure:.0}% of the last 10 seconds"
            ));
        }
        let load = self.load.filter(|load| *load > processors)?;
        Some(format!(
            "the load is {load:.1} on {} processors",
            self.processors
        ))
    }

    /// Why what was measured between `earlier` and now is doubtful: the time that other machines took, or other programs. `own` is
    /// what the measured programs took.
    #[must_use]
    pub fn crowded_since(&self, earlier: &Self, own: Duration) -> Option<String> {
        let ((now, all), (then, before)) = (self.steal?, earlier.steal?);
        let (stolen, all) = (now.checked_sub(then)?, all.checked_sub(before)?);
        let percent = 100.0 * ratio(stolen, all)?;
        if percent > MOST_STEAL {
            return Some(format!(
                "other machines took {percent:.0}% of the processor time"
            ));
        }
        let own = u64::try_from(own.as_millis() / TICK_MS).unwrap_or(u64::MAX);
        let others = self.busy?.checked_sub(earlier.busy?)?.saturating_sub(own);
        let percent = 100.0 * ratio(others, all)?;
        (percent > MOST_OTHERS)
            .then(|| format!("other programs took {percent:.0}% of the processor time"))
    }

    /// The share of processor time that other machines took since the start, in percent.
    #[must_use]
    pub fn stolen(&self) -> Option<f64> {
        let (stolen, all) = self.steal?;
        Some(100.0 * ratio(stolen, all)?)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of ticks")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Snapshot {
    /// What names the class: 16 hexadecimal digits.
    #[must_use]
    pub fn class_id(&self) -> String {
        let parts = self.class.iter().flat_map(|(name, value)| [name, value]);
        Digest::of_parts(parts).short()
    }

    /// Where two classes differ, one text for each fact: `cpu: A here, B there`.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.class.keys().chain(other.class.keys()).collect();
        let shown = |value: Option<&String>| value.map_or("unknown", String::as_str).to_owned();
        names
            .into_iter()
            .filter(|name| self.class.get(*name) != other.class.get(*name))
            .map(|name| {
                let (here, there) = (self.class.get(name), other.class.get(name));
                format!("{name}: {} here, {} there", shown(here), shown(there))
            })
            .collect()
    }
}

/// The machine that runs qgate.
pub trait Machine: Sync {
    /// What is known of it. Of `tools`, such as `rustc` or `node`, the versions belong to its class.
    fn snapshot(&self, _tools: &[&str]) -> Snapshot {
        Snapshot::default()
    }

    /// How busy it is now.
    fn state(&self) -> State {
        State::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(facts: &[(&str, &str)]) -> Snapshot {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Snapshot {
            class: facts.iter().map(own).collect(),
            ..Snapshot::default()
        }
    }

    #[test]
    fn classes() {
        let a = machine(&[("cpu", "X"), ("processors", "2")]);
        let mut same = a.clone();
        same.more.insert("hostname".to_owned(), "b".to_owned());
        assert_eq!(a.class_id(), same.class_id());
        assert!(a.differences(&same).is_empty());
        let other = machine(&[("cpu", "Y"), ("memory", "4 GiB"), ("processors", "2")]);
        assert_ne!(a.class_id(), other.class_id());
        assert_eq!(
            a.differences(&other),
            ["cpu: X here, Y there", "memory: unknown here, 4 GiB there"]
        );
    }

    #[test]
    fn noise() {
        let quiet = State {
            processors: 2,
            load: Some(1.9),
            pressure: Some(10.0),
            steal: Some((10, 1_000)),
            busy: Some(500),
        };
        assert_eq!(quiet.noise(), None);
        let busy = State {
            load: Some(2.5),
            ..quiet
        };
        assert_eq!(
            busy.noise().as_deref(),
            Some("the load is 2.5 on 2 processors")
        );
        let waits = State {
            pressure: Some(30.2),
            ..quiet
        };
        assert!(waits.noise().is_some_and(|why| why.contains("30%")));
        let later = |stolen, busy| State {
            steal: Some((stolen, 1_100)),
            busy: Some(busy),
            ..quiet
        };
        let second = Duration::from_millis(500);
        let why = |stolen, busy| later(stolen, busy).crowded_since(&quiet, second);
        assert_eq!(why(10, 580).as_deref(), None);
        assert!(why(13, 550).is_some_and(|why| why.contains("machines took 3%")));
        assert!(why(10, 595).is_some_and(|why| why.contains("programs took 45%")));
        assert_eq!(quiet.crowded_since(&later(0, 0), second), None);
        assert_eq!(State::default().noise(), None);
    }
}
