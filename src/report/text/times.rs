//! Owns the table of times, at the very end: they change from run to run.

use crate::base::ascii::escape;
use crate::base::words::duration;
use crate::model::report::Report;
use crate::report::table::Table;

use super::Page;

/// Writes how long each gate's checks took.
pub fn write(report: &Report, out: &mut Page) {
    let mut table = Table::new(&["time", "gate"]);
    for (gate, time) in &report.timing.gates {
        table.row([duration(*time), escape(gate).into_owned()]);
    }
    out.gap();
    out.text.push_str(&table.render(out.width));
}
