//! Owns the head of the text: which program judged what, by which configuration.

use crate::base::ascii::escape;
use crate::base::words::count;
use crate::model::report::Report;

use super::Page;

/// Writes the head.
pub fn write(report: &Report, out: &mut Page) {
    let subject = &report.subject;
    let mut words = vec![format!("stage {}", escape(&subject.stage))];
    if let Some(environment) = &subject.environment {
        words.push(format!("env {}", escape(environment)));
    }
    words.push(format!(
        "{} of the {}",
        count(subject.files, "file"),
        escape(&subject.tree)
    ));
    // Nobody looks for a base unless some check asks for one.
    if let Some(base) = &subject.base {
        words.push(format!("base {}", escape(base)));
    }
    let version = env!("CARGO_PKG_VERSION");
    out.line(&format!("qgate {version}: {}", words.join(", ")), "", "  ");
    let sources: Vec<_> = subject.configuration.iter().map(|s| escape(s)).collect();
    if !sources.is_empty() {
        out.line(&format!("configuration: {}", sources.join(", ")), "", "  ");
    }
}
