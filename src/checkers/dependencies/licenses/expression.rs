//! Owns licence expressions: how they are read, and whether a policy is content with one. Pure.

use std::borrow::Cow;

use spdx::{Expression, LicenseReq, Licensee};

/// A longer expression than this is none.
const LONGEST: usize = 1_000;

/// What is allowed and what is denied.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// What is allowed; everything when it is empty.
    allow: Vec<Licensee>,
    /// What is denied, even where it is allowed.
    deny: Vec<Licensee>,
}

/// What a policy says of a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// One choice that the expression leaves is allowed as a whole.
    Allowed,
    /// Every choice needs a licence that is denied.
    Denied,
    /// Every choice needs a licence that is not on the list.
    Unlisted,
}

/// Reads a licence: an expression of SPDX, or what people write for one.
#[must_use]
pub fn parse(text: &str) -> Option<Expression> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST || !text.is_ascii() || is_none(text) {
        return None;
    }
    let usual = usual(text);
    let strict = Expression::parse(&usual).ok();
    strict.or_else(|| {
        let canonical = Expression::canonicalize(&usual).ok()??;
        Expression::parse(&canonical).ok()
    })
}

/// What a text says in SPDX's words; `None` where that would be a guess: `BSD` may be any of several.
#[must_use]
pub fn declared(text: &str) -> Option<String> {
    let guesses = [
        "Public Domain",
        "Apache Software License",
        "BSD License",
        "BSD",
        "Python Software Foundation License",
    ];
    let is_guess = |name: &&str| name.eq_ignore_ascii_case(text.trim());
    if guesses.iter().any(is_guess) {
        return None;
    }
    parse(text).map(|expression| expression.to_string())
}

/// The id, where an expression is one licence that is approved by OSI or free by the FSF: those are on every copy of SPDX's
/// list.
#[must_use]
pub fn single(declared: &str) -> Option<String> {
    let id = spdx::license_id(declared)?;
    let is_known = id.is_osi_approved() || id.is_fsf_free_libre();
    (is_known && id.name == declared).then(|| id.name.to_owned())
}

/// Says in words that it is none: npm's `UNLICENSED` is no licence, unlike the Unlicense.
fn is_none(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    text == "UNLICENSED"
        || upper.starts_with("SEE LICEN")
        || matches!(
            &*upper,
            "NONE" | "NOASSERTION" | "PROPRIETARY" | "COMMERCIAL" | "OTHER"
        )
}

/// Names that are in use and that SPDX does not know.
fn usual(text: &str) -> Cow<'_, str> {
    let known = [
        ("Public Domain", "CC0-1.0"),
        ("MIT License", "MIT"),
        ("The MIT License", "MIT"),
        ("MIT/X11", "MIT"),
        ("Apache License 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("Apache Software License", "Apache-2.0"),
        ("BSD License", "BSD-3-Clause"),
        ("BSD", "BSD-3-Clause"),
        ("New BSD", "BSD-3-Clause"),
        ("PSFL", "PSF-2.0"),
        ("Python Software Foundation License", "PSF-2.0"),
        ("ISC License (ISCL)", "ISC"),
    ];
    let found = known
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map_or(Cow::Borrowed(text), |(_, id)| Cow::Borrowed(*id))
}

impl Policy {
    /// A policy of these licences: `MIT`, `Apache-2.0 WITH LLVM-exception`, `LicenseRef-ours`.
    ///
    /// # Errors
    /// Names the text that is no licence.
    pub fn new(allow: &[String], deny: &[String]) -> Result<Self, String> {
        Ok(Self {
            allow: licensees(allow)?,
            deny: licensees(deny)?,
        })
    }

    /// Is there a list of what is allowed? Then a licence that nobody knows is none of it.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        !self.allow.is_empty()
    }

    /// Judges an expression: of an `OR` one side is enough, of an `AND` both count.
    #[must_use]
    pub fn judge(&self, expression: &Expression) -> Judged {
        let is_denied = |asked: &LicenseReq| self.deny.iter().any(|one| one.satisfies(asked));
        let is_listed = |asked: &LicenseReq| self.allow.iter().any(|one| one.satisfies(asked));
        if !expression.evaluate(|asked| !is_denied(asked)) {
            return Judged::Denied;
        }
        if self.is_closed() && !expression.evaluate(|asked| is_listed(asked) && !is_denied(asked)) {
            return Judged::Unlisted;
        }
        Judged::Allowed
    }
}

fn licensees(texts: &[String]) -> Result<Vec<Licensee>, String> {
    let licensee = |text: &String| {
        let lax = || {
            Expression::canonicalize(text)
                .ok()?
                .and_then(|text| Licensee::parse(&text).ok())
        };
        let found = Licensee::parse(text).ok().or_else(lax);
        found.ok_or_else(|| format!("`{text}` is no licence of SPDX"))
    };
    texts.iter().map(licensee).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(allow: &[&str], deny: &[&str], licence: &str, expected: Option<Judged>) {
        let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let policy = Policy::new(&texts(allow), &texts(deny)).expect("they are licences");
        let judged = parse(licence).map(|expression| policy.judge(&expression));
        assert_eq!(judged, expected, "{licence}");
    }

    #[test]
    fn expressions() {
        let some = ["MIT", "Apache-2.0"];
        check(&some, &[], "MIT", Some(Judged::Allowed));
        check(&some, &[], "GPL-3.0-only OR MIT", Some(Judged::Allowed));
        check(&some, &[], "GPL-3.0-only AND MIT", Some(Judged::Unlisted));
        check(
            &some,
            &[],
            "(MIT OR GPL-3.0-only) AND AGPL-3.0-only",
            Some(Judged::Unlisted),
        );
        check(
            &some,
            &[],
            "Apache-2.0 WITH LLVM-exception",
            Some(Judged::Unlisted),
        );
        check(&some, &[], "MIT/Apache-2.0", Some(Judged::Allowed));
        check(&some, &[], "mit or apache 2.0", Some(Judged::Allowed));
        check(&[], &["GPL-3.0-only"], "GPL-3.0", Some(Judged::Denied));
        check(
            &[],
            &["GPL-3.0-only"],
            "GPL-3.0-only OR MIT",
            Some(Judged::Allowed),
        );
        check(
            &["GPL-3.0-only", "MIT"],
            &["GPL-3.0-only"],
            "GPL-3.0-only OR MIT",
            Some(Judged::Allowed),
        );
        check(
            &[],
            &["GPL-3.0-only"],
            "LicenseRef-x",
            Some(Judged::Allowed),
        );
        check(&["Unlicense"], &[], "UNLICENSED", None);
        check(&["Unlicense"], &[], "Unlicense", Some(Judged::Allowed));
        check(&["MIT"], &[], "SEE LICENSE IN x.txt", None);
        check(&["BSD-3-Clause"], &[], "BSD", Some(Judged::Allowed));
        check(&["MIT"], &[], "((MIT", None);
        assert!(Policy::new(&["Nonsense".to_owned()], &[]).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_not(text in "(MIT|GPL-2.0|Apache|WITH|AND|OR|or|/|LicenseRef-|DocumentRef-|AdditionRef-|[ ()+:.a-z0-9-]|\\PC){0,30}") {
            if let Some(expression) = parse(&text) {
                let _ = Policy::default().judge(&expression);
            }
        }
    }
}
