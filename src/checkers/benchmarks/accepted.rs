//! Owns the file of accepted results: the last values of each quantity, for each class of machine. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::machine::Snapshot;
use crate::model::metric::Better;

use super::detect::history;
use super::options::Direction;
use super::record::Record;

/// The form of the file.
const VERSION: u32 = 1;

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    version: u32,
    machines: Vec<Class>,
}

/// What was accepted on machines of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    id: String,
    machine: Snapshot,
    series: BTreeMap<String, Series>,
}

/// The accepted values of one quantity, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// The unit of the values.
    pub unit: String,
    /// Which way is better.
    pub better: Option<Direction>,
    /// The values.
    pub values: Vec<f64>,
}

impl Accepted {
    /// Reads the file.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let read: Self = serde_json::from_slice(bytes).map_err(|problem| problem.to_string())?;
        if read.version != VERSION {
            return Err(format!(
                "it has version {}, and this qgate knows version {VERSION}",
                read.version
            ));
        }
        Ok(read)
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        let written = Self {
            version: VERSION,
            ..self.clone()
        };
        let text = serde_json::to_string_pretty(&written).unwrap_or_default();
        text + "\n"
    }

    /// What was accepted on machines like this one.
    #[must_use]
    pub fn series(&self, machine: &Snapshot) -> Option<&BTreeMap<String, Series>> {
        let id = machine.class_id();
        let class = self.machines.iter().find(|known| known.id == id);
        class.map(|class| &class.series)
    }

    /// Where this machine differs from the one among those known that is most like it.
    #[must_use]
    pub fn differences(&self, machine: &Snapshot) -> Vec<String> {
        let all = self
            .machines
            .iter()
            .map(|known| machine.differences(&known.machine));
        all.min_by_key(Vec::len).unwrap_or_default()
    }

    /// Accepts results of this machine. `anew` forgets what was accepted of them before.
    pub fn accept<'a>(
        &mut self,
        machine: &Snapshot,
        records: impl Iterator<Item = &'a Record>,
        anew: bool,
    ) {
        let id = machine.class_id();
        let at = self.machines.iter().position(|known| known.id == id);
        let at = at.unwrap_or_else(|| {
            self.machines.push(Class {
                id,
                machine: machine.clone(),
                series: BTreeMap::new(),
            });
            self.machines.len() - 1
        });
        let class = &mut self.machines[at];
        for record in records {
            let better = record.better.map(|better| match better {
                Better::Higher => Direction::Higher,
                Better::Lower => Direction::Lower,
            });
            let new = || Series {
                unit: record.unit.clone(),
                better,
                values: Vec::new(),
            };
            let series = class.series.entry(record.key()).or_insert_with(new);
            if anew || series.unit != record.unit {
                *series = new();
            }
            series.better = better;
            series.values.push(record.value);
            let old = series.values.len().saturating_sub(history::MOST);
            series.values.drain(..old);
        }
        self.machines.sort_by(|a, b| a.id.cmp(&b.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(cpu: &str) -> Snapshot {
        let mut machine = Snapshot::default();
        machine.class.insert("cpu".to_owned(), cpu.to_owned());
        machine
    }

    #[test]
    fn values_are_kept_by_machine() {
        let mut accepted = Accepted::default();
        let record = |value| Record::new("", "a", "time", "ms", value);
        for value in 0..40 {
            accepted.accept(
                &machine("x"),
                [&record(f64::from(value))].into_iter(),
                false,
            );
        }
        let series = accepted.series(&machine("x")).expect("known");
        let values = &series["a time"].values;
        assert_eq!((values.len(), values[0], values[29]), (30, 10e6, 39e6));
        assert_eq!(accepted.series(&machine("y")), None);
        assert_eq!(
            accepted.differences(&machine("y")),
            ["cpu: y here, x there"]
        );
        accepted.accept(&machine("x"), [&record(7.0)].into_iter(), true);
        let series = accepted.series(&machine("x")).expect("known");
        assert_eq!(series["a time"].values, [7e6]);
        let again = Accepted::read(accepted.text().as_bytes()).expect("its own text");
        assert_eq!(again.series(&machine("x")), accepted.series(&machine("x")));
    }

    #[test]
    fn other_files_are_refused() {
        let refused = |text: &str| Accepted::read(text.as_bytes()).expect_err("refused");
        assert!(refused("{}").contains("version"));
        assert_eq!(
            refused(r#"{"version": 2, "machines": []}"#),
            "it has version 2, and this qgate knows version 1"
        );
        assert!(Accepted::read(b"[").is_err());
    }
}
