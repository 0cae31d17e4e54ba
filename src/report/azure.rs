//! Owns the format `azure`: the text for people, in which no line can be a command, then logging commands of Azure
//! Pipelines: issues and variables.

use crate::base::ascii;
use crate::model::outcome::Exit;
use crate::model::report::Report;

use super::found::Weight;
use super::issues::{self, Issue};
use super::{guard, text};

/// The text, an issue for each error and warning, and the variables `QGATE_VERDICT`, `QGATE_EXIT_CODE`, `QGATE_SCORE`.
/// `root` is the repository's root: the agent wants absolute paths.
#[must_use]
pub fn render(report: &Report, options: text::TextOptions, root: &str) -> String {
    let mut out = text::render(report, options);
    for issue in issues::capped(report, "`--max-findings 0` tells them in the log") {
        out.push_str(&logged(&issue, root));
    }
    let verdict = report.verdict.to_string().to_lowercase();
    let exit = (Exit::from(report.verdict) as u8).to_string();
    let score = report.score.total.map(|score| score.to_decimal(1));
    for (name, value) in [
        ("QGATE_VERDICT", verdict),
        ("QGATE_EXIT_CODE", exit),
        ("QGATE_SCORE", score.unwrap_or_default()),
    ] {
        out.push_str(&format!(
            "##vso[task.setvariable variable={name};isoutput=true]{value}\n"
        ));
    }
    out
}

/// Azure knows no notices: the text tells them.
fn logged(issue: &Issue, root: &str) -> String {
    let kind = match issue.weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Notice => return String::new(),
    };
    let mut properties = vec![format!("type={kind}")];
    if let Some((path, span)) = &issue.place {
        let root = ascii::escape(root.trim_end_matches('/'));
        properties.push(format!(
            "sourcepath={}",
            property(&format!("{root}/{path}"))
        ));
        if let Some(span) = span {
            properties.push(format!("linenumber={}", span.start.line));
            properties.push(format!("columnnumber={}", span.start.column));
        }
    }
    properties.push(format!("code={}", property(&issue.title)));
    format!(
        "##vso[task.logissue {}]{}\n",
        properties.join(";"),
        data(&issue.message)
    )
}

/// Escapes a message. `;` and `]` end nothing there, and of Microsoft's own readers only the agent would undo an escape.
fn data(text: &str) -> String {
    guard::defuse(text)
        .replace('%', "%AZP25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}
