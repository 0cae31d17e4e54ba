//! The report as JSON for programs: one document, ASCII, versioned. The body is the same for the same tree,
//! configuration and supplies; times stand apart from it. `docs/report-json.md` documents it.

mod view;

use crate::model::report::Report;

pub use crate::base::ascii::json as ascii;
pub use view::Document;

/// The format's name and version. A field that is added keeps it; one that changes its meaning or goes raises it.
pub const SCHEMA: &str = "qgate-report/1";

/// The report as JSON, with a line feed at the end.
#[must_use]
pub fn render(report: &Report) -> String {
    let document = Document::of(report);
    let text = serde_json::to_string_pretty(&document).expect("views have text keys only");
    ascii(&text) + "\n"
}

/// The JSON schema of the format.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::report::Timing;
    use crate::report::sample;
    use proptest::prelude::*;

    #[test]
    fn the_sample_is_valid_and_ascii() {
        let text = render(&sample::report());
        assert!(
            text.bytes()
                .all(|b| b == b'\n' || (0x20..=0x7e).contains(&b))
        );
        let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
        let problems: Vec<String> = validator
            .iter_errors(&value)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(problems, Vec::<String>::new());
        assert!(!validator.is_valid(&serde_json::json!({ "schema": SCHEMA })));
        insta::assert_snapshot!("sample", text);
    }

    #[test]
    fn only_times_change_from_run_to_run() {
        let mut again = sample::report();
        again.timing = Timing::default();
        let value = |report: &Report| -> serde_json::Value {
            serde_json::from_str(&render(report)).expect("it is JSON")
        };
        let (one, two) = (value(&sample::report()), value(&again));
        assert_eq!(one["body"], two["body"]);
        assert_ne!(one["timing"], two["timing"]);
    }

    #[test]
    fn the_documentation_shows_a_real_report() {
        let page = include_str!("../../../docs/report-json.md");
        let shown = page
            .split("```json\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next());
        let real = render(&sample::report());
        let mut blocks = 0;
        for block in shown {
            blocks += 1;
            assert!(
                real.contains(block.trim_end()),
                "not in the sample:\n{block}"
            );
        }
        assert!(blocks >= 4, "{blocks}");
    }

    proptest! {
        #[test]
        fn escaping_keeps_the_meaning(text: String) {
            let json = serde_json::to_string(&text).expect("a text");
            let plain = ascii(&json);
            prop_assert!(plain.is_ascii() && !plain.contains("##"));
            prop_assert_eq!(serde_json::from_str::<String>(&plain).expect("it is JSON"), text);
        }
    }
}
