//! Owns the defence of CI logs: no line of a report for people can start a command of the system that shows it.
//!
//! GitHub's runner takes `::name ...::` at the start of a line, spaces aside, and `##[name]` anywhere; Azure's agent takes
//! `##vso[name]` anywhere and `##[name]` at the start.

use std::borrow::Cow;

/// Breaks whatever a CI system would take for a command by a space, and changes nothing else.
#[must_use]
pub fn defuse(text: &str) -> Cow<'_, str> {
    if !text.contains("##") && !text.contains("::") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let indent = &line[..line.len() - bare.len()];
        out.push_str(indent);
        let rest = match bare.strip_prefix("::") {
            Some(rest) => {
                out.push_str(": :");
                rest
            }
            None => bare,
        };
        out.push_str(&broken(rest));
    }
    Cow::Owned(out)
}

/// Breaks `##[` and `##vso[`, in letters of either case.
fn broken(line: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut from = 0;
    for at in commands(line) {
        out.push_str(&line[from..=at]);
        out.push(' ');
        from = at + 1;
    }
    if from == 0 {
        return Cow::Borrowed(line);
    }
    out.push_str(&line[from..]);
    Cow::Owned(out)
}

/// Where `##[` and `##vso[` stand. Pairs may overlap: in `###[` the second one counts.
fn commands(line: &str) -> impl Iterator<Item = usize> {
    let pairs = line.as_bytes().windows(2).enumerate();
    let pairs = pairs.filter(|(_, pair)| *pair == b"##").map(|(at, _)| at);
    pairs.filter(|at| opens(&line[at + 2..]))
}

/// Does this, behind `##`, open a command?
fn opens(rest: &str) -> bool {
    let word = rest
        .get(..4)
        .is_some_and(|w| w.eq_ignore_ascii_case("vso["));
    word || rest.starts_with('[')
}

/// Would a CI system take something in this text for a command? For tests and for whoever writes commands of its own.
#[must_use]
pub fn is_safe(text: &str) -> bool {
    text.lines().all(|line| {
        let legacy = commands(line).next().is_some();
        !legacy && !line.trim_start().starts_with("::")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(defuse(text), expected);
    }

    #[test]
    fn commands_are_broken_and_nothing_else() {
        check(
            "::error::x\n  ::add-mask::y\n",
            ": :error::x\n  : :add-mask::y\n",
        );
        check("a ##[error]b", "a # #[error]b");
        check("a ###[error]b", "a ## #[error]b");
        check("##VSO[task.complete]", "# #VSO[task.complete]");
        check("std::env ## title", "std::env ## title");
        check("#######", "#######");
    }

    proptest! {
        #[test]
        fn nothing_gets_through(text in "[#:\\[vso \n\ta]{0,60}") {
            let safe = defuse(&text);
            prop_assert!(is_safe(&safe), "{safe:?}");
            let bare = |text: &str| text.replace(' ', "");
            prop_assert_eq!(bare(&safe), bare(&text));
            if is_safe(&text) {
                prop_assert_eq!(safe, text.as_str());
            }
        }
    }
}
