//! Owns what `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)` says. Asks nobody.

use serde_json::Value;

/// What a plan shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The rows that came out of it.
    pub rows: u64,
    /// The shared buffers that were found in the cache of the server.
    pub hit: u64,
    /// The shared buffers that were read from outside of it.
    pub read: u64,
    /// Sequential scans: the relation, and the rows that were looked at.
    pub scans: Vec<(String, u64)>,
}

impl Plan {
    /// Reads the answer of the server.
    pub fn parse(text: &str) -> Option<Self> {
        let all: Value = serde_json::from_str(text).ok()?;
        let root = all.get(0)?.get("Plan")?;
        let mut plan = Self {
            rows: number(root, "Actual Rows"),
            hit: number(root, "Shared Hit Blocks"),
            read: number(root, "Shared Read Blocks"),
            scans: Vec::new(),
        };
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if node["Node Type"] == "Seq Scan" {
                let looked = number(node, "Actual Rows") + number(node, "Rows Removed by Filter");
                let name = node["Relation Name"].as_str().unwrap_or("a relation");
                plan.scans
                    .push((name.to_owned(), looked * number(node, "Actual Loops")));
            }
            open.extend(node["Plans"].as_array().into_iter().flatten());
        }
        plan.scans.sort();
        Some(plan)
    }
}

/// A number of a node; averages over loops have a fraction since PostgreSQL 18.
fn number(node: &Value, key: &str) -> u64 {
    let value = &node[key];
    value.as_u64().unwrap_or_else(|| {
        let rounded = value.as_f64().unwrap_or_default().max(0.0).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is not negative, and what is too large is cut to the largest"
        )]
        let whole = rounded as u64;
        whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_are_found_wherever_they_are() {
        let text = r#"[{"Plan": {"Node Type": "Aggregate", "Actual Rows": 1.00, "Actual Loops": 1, "Shared Hit Blocks": 3,
            "Shared Read Blocks": 2, "Plans": [{"Node Type": "Seq Scan", "Relation Name": "t", "Actual Rows": 4.50,
            "Actual Loops": 2, "Rows Removed by Filter": 100}, {"Node Type": "Index Scan", "Actual Rows": 7}]}}]"#;
        let expected = Plan {
            rows: 1,
            hit: 3,
            read: 2,
            scans: vec![("t".to_owned(), 210)],
        };
        assert_eq!(Plan::parse(text), Some(expected));
        assert_eq!(Plan::parse("[]"), None);
    }
}
