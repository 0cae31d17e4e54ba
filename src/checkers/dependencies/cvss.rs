//! Owns what a CVSS vector says of severity. Knows no advisory.

use polycvss::Vector;

use crate::model::rule::Severity;

/// A score, in tenths, by the version of CVSS that gave it. The order is that of the versions first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score {
    /// 2, 3 or 4.
    pub version: u8,
    /// 0 to 100.
    pub tenths: u8,
}

impl Score {
    /// The score of a vector of version 2, 3.0, 3.1 or 4.0; `None` when it is none.
    #[must_use]
    pub fn of(vector: &str) -> Option<Self> {
        let vector = vector.trim();
        let version = match vector.get(..7) {
            Some("CVSS:4.") => 4,
            Some("CVSS:3.") => 3,
            Some(start) if !start.starts_with("CVSS") => 2,
            _ => return None,
        };
        let vector: Vector = vector.parse().ok()?;
        let score = f32::from(vector.base_score());
        let tenths =
            (0_u8..=100).find(|tenths| (f32::from(*tenths) / 10.0 - score).abs() < 0.05)?;
        Some(Self { version, tenths })
    }

    /// The band it lies in. Version 2 has no critical one. `None` when it is 0.
    #[must_use]
    pub const fn severity(self) -> Option<Severity> {
        Some(match (self.tenths, self.version) {
            (0, _) => return None,
            (1..=39, _) => Severity::Low,
            (40..=69, _) => Severity::Medium,
            (70..=89, _) | (_, 2) => Severity::High,
            _ => Severity::Critical,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_and_bands() {
        let check = |vector: &str, expected: Option<(u8, u8, Option<Severity>)>| {
            let score = Score::of(vector);
            let found = score.map(|score| (score.version, score.tenths, score.severity()));
            assert_eq!(found, expected, "{vector}");
        };
        check(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            Some((3, 98, Some(Severity::Critical))),
        );
        check(
            "CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N",
            Some((3, 18, Some(Severity::Low))),
        );
        check(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N",
            Some((3, 0, None)),
        );
        check(
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            Some((4, 93, Some(Severity::Critical))),
        );
        check(
            "AV:N/AC:L/Au:N/C:C/I:C/A:C",
            Some((2, 100, Some(Severity::High))),
        );
        check("CVSS:5.0/AV:N", None);
        check("CVSS:3.1/AV:N", None);
        check("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", None);
        check("", None);
    }
}
