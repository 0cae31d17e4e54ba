//! Owns what a team decided to live with for a while: an id, why, and until when.

use std::cell::Cell;
use std::str::FromStr as _;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::judge::Hit;
use crate::model::place::Place;
use crate::model::waiver::{Waiver, WaiverKind};

/// An advisory that does not count for a while. It matches any id of what it names.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ignore {
    /// The id of the advisory, or any of its aliases.
    pub id: String,
    /// Only for this package.
    pub package: Option<String>,
    /// Only for this version of it.
    pub version: Option<String>,
    /// Only in this lockfile.
    pub path: Option<String>,
    /// The last day, such as 2026-12-31, in UTC.
    pub until: Option<String>,
    /// Until some version is free of it, instead of `until`.
    pub until_fixed: bool,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
}

impl Ignore {
    /// Says what is wrong with it.
    ///
    /// # Errors
    /// When it has no id, reason or end.
    pub fn check(&self) -> Result<(), String> {
        let id = &self.id;
        if id.trim().is_empty() {
            return Err("an `ignore` needs an `id`".to_owned());
        }
        if self.reason.trim().is_empty() {
            return Err(format!("the `ignore` of {id} needs a `reason`"));
        }
        match (&self.until, self.until_fixed) {
            (None, true) => Ok(()),
            (Some(day), false) if Date::from_str(day).is_ok() => Ok(()),
            (Some(day), false) => Err(format!(
                "the `ignore` of {id}: `{day}` is no day such as 2026-12-31"
            )),
            _ => Err(format!(
                "the `ignore` of {id} needs either `until: YYYY-MM-DD` or `until_fixed: true`"
            )),
        }
    }

    /// It as a waiver of this, in a lockfile at this place.
    #[must_use]
    pub fn waiver(&self, what: String, place: Place) -> Waiver {
        let until = self
            .until
            .as_deref()
            .and_then(|day| Date::from_str(day).ok());
        let open = if until.is_none() {
            " until it is fixed"
        } else {
            ""
        };
        Waiver {
            kind: WaiverKind::Acceptance,
            what: what + open,
            place,
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            until,
            used: 1,
        }
    }

    fn names(&self, hit: &Hit, name: &str, path: &str) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        hit.ids().any(|id| id == self.id)
            && (is(&self.package, name) || is(&self.package, &hit.pin.0))
            && is(&self.version, &hit.pin.1)
            && is(&self.path, path)
    }

    /// Why it does not hold any more.
    fn over(&self, hit: &Hit, today: Date) -> Option<String> {
        let until = self
            .until
            .as_deref()
            .and_then(|day| Date::from_str(day).ok());
        match until {
            Some(until) if until < today => Some(format!("expired on {until}")),
            None if hit.fixed.is_some() => Some("is over: a fixed version is out".to_owned()),
            _ => None,
        }
    }
}

/// The ignores of a check, and which of them were needed.
pub struct Ignores<'a> {
    all: &'a [Ignore],
    used: Vec<Cell<bool>>,
    today: Date,
}

/// What the ignores say of a hit.
pub enum Said<'a> {
    /// Nothing.
    Nothing,
    /// It does not count.
    Holds(&'a Ignore),
    /// It would not count, but that is over: why.
    Over(String),
}

impl<'a> Ignores<'a> {
    /// None of them is used yet.
    #[must_use]
    pub fn new(all: &'a [Ignore], today: Date) -> Self {
        Self {
            all,
            used: all.iter().map(|_| Cell::new(false)).collect(),
            today,
        }
    }

    /// What they say of a hit of the package that is written so, in this lockfile.
    #[must_use]
    pub fn say(&self, hit: &Hit, name: &str, path: &str) -> Said<'a> {
        let mut said = Said::Nothing;
        for (ignore, used) in self.all.iter().zip(&self.used) {
            if !ignore.names(hit, name, path) {
                continue;
            }
            used.set(true);
            match ignore.over(hit, self.today) {
                None => return Said::Holds(ignore),
                Some(why) => said = Said::Over(format!("the ignore of {} {why}", ignore.id)),
            }
        }
        said
    }

    /// Those that named nothing.
    pub fn unused(&self) -> impl Iterator<Item = &'a Ignore> {
        let all = self.all.iter().zip(&self.used);
        all.filter(|(_, used)| !used.get())
            .map(|(ignore, _)| ignore)
    }
}
