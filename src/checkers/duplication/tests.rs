//! Groups against a search that looks at every pair.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::source::class::PathClass;
use crate::source::file::SourceFile;
use crate::source::language::Language;

use super::facts::{Code, Facts};
use super::find::find;
use super::groups::Groups;
use super::lines::{Lines, Stretch};
use super::options::Options;
use super::windows::{Classes, Row};

/// The tokens of some files of letters, one file behind another.
fn row(files: &[Vec<u32>]) -> Vec<u32> {
    let mut tokens = vec![1_000];
    for (at, file) in (1_001..).zip(files) {
        tokens.extend(file);
        tokens.push(at);
    }
    tokens
}

/// The groups of runs of `size` letters: `length at place, place`.
fn groups(files: &[Vec<u32>], size: usize) -> BTreeSet<(usize, Vec<u32>)> {
    let tokens = row(files);
    let row = Row {
        tokens: &tokens,
        texts: 30,
    };
    let found = Groups::new(&tokens, &Classes::new(&row, size), size);
    assert!(!found.gave_up);
    let found: Vec<_> = found
        .found
        .into_iter()
        .map(|group| (group.length, group.places))
        .collect();
    let set: BTreeSet<_> = found.iter().cloned().collect();
    assert_eq!(set.len(), found.len(), "no group is found twice");
    set
}

fn check(files: &str, size: usize, expected: &str) {
    let files: Vec<Vec<u32>> = files
        .split('|')
        .map(|file| {
            file.bytes()
                .map(|letter| u32::from(letter - b'a'))
                .collect()
        })
        .collect();
    let found = groups(&files, size).into_iter();
    let found: Vec<String> = found
        .map(|(length, places)| format!("{length}@{places:?}"))
        .collect();
    assert_eq!(found.join(" "), expected, "{files:?}");
}

#[test]
fn groups_are_maximal() {
    check("xabcdy|zabcdw", 3, "4@[2, 9]");
    check("abcd|abcd|abce", 3, "3@[1, 6, 11] 4@[1, 6]");
    check("abc|abc|abc", 3, "3@[1, 5, 9]");
    check("abcxabc", 3, "3@[1, 5]");
    check("ab|cd", 1, "");
}

#[test]
fn places_of_a_group_do_not_overlap() {
    check("aaaaaa", 2, "2@[1, 3, 5]");
    check("aaa", 2, "");
    check("aaaab|aaaaab", 4, "4@[1, 7] 5@[1, 8]");
    check("abababab", 2, "2@[1, 3, 5, 7] 4@[1, 5]");
}

/// All pairs of equal runs that do not overlap and are maximal as a pair.
fn pairs(tokens: &[u32], size: usize) -> BTreeSet<(usize, usize, usize)> {
    let mut found = BTreeSet::new();
    for a in 1..tokens.len() {
        for b in a + 1..tokens.len() {
            if tokens[a - 1] == tokens[b - 1] {
                continue;
            }
            let alike = tokens[a..]
                .iter()
                .zip(&tokens[b..])
                .take_while(|(a, b)| a == b && **a < 1_000);
            let length = alike.count();
            if length >= size && b - a >= length {
                found.insert((a, b, length));
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_pair_is_missed_and_every_group_is_one(files in prop::collection::vec(prop::collection::vec(0_u32..4, 0..40), 1..5)) {
        let size = 4;
        let tokens = row(&files);
        let found = groups(&files, size);
        for (length, places) in &found {
            prop_assert!(places.len() > 1);
            let run = |at: u32| &tokens[at as usize..at as usize + length];
            for pair in places.windows(2) {
                prop_assert_eq!(run(pair[0]), run(pair[1]));
                prop_assert!((pair[1] - pair[0]) as usize >= *length);
            }
            prop_assert!(run(places[0]).iter().all(|token| *token < 1_000));
        }
        // Of runs whose window repeats itself some are left out; of all other pairs both
        // places begin in a place of a group as long.
        for (a, b, length) in pairs(&tokens, size) {
            let periodic = |at: usize| (1..size).any(|by| tokens[at..at + size - by] == tokens[at + by..at + size]);
            let has = |at: usize| found.iter().any(|(long, places)| {
                *long >= length && places.iter().any(|place| (*place as usize..*place as usize + long).contains(&at))
            });
            if !periodic(a) {
                prop_assert!(has(a) && has(b), "{} {} {} {:?} {:?}", a, b, length, tokens, found);
            }
        }
    }

    #[test]
    fn the_order_of_files_does_not_matter(files in prop::collection::vec(prop::collection::vec(0_u32..3, 0..30), 2..5)) {
        let shape = |files: &[Vec<u32>]| {
            let mut shape: Vec<(usize, usize)> = groups(files, 3).iter().map(|(length, places)| (*length, places.len())).collect();
            shape.sort_unstable();
            shape
        };
        let turned: Vec<Vec<u32>> = files.iter().rev().cloned().collect();
        prop_assert_eq!(shape(&files), shape(&turned));
    }
}

fn code(language: Language, text: &str) -> Code {
    let file = SourceFile::new(
        text.as_bytes().to_vec(),
        Some(language),
        PathClass::default(),
    );
    match Facts::of(&file) {
        Some(Facts::Code(code)) => code,
        other => panic!("no code: {other:?}"),
    }
}

/// How many tokens, and on which lines, of how many lines of code.
fn check_tokens(language: Language, text: &str, tokens: usize, lines: &[u32], all: u32) {
    let code = code(language, text);
    let mut found = Vec::new();
    let count = code.tokens().count();
    Lines::of(&code).each(0, count, |line| found.push(line));
    assert_eq!(
        (count, found.as_slice(), code.lines),
        (tokens, lines, all),
        "{text}"
    );
}

#[test]
fn comments_and_imports_are_no_tokens() {
    check_tokens(
        Language::Python,
        "# a\nimport b\n\nc = 1  # d\n",
        3,
        &[4],
        2,
    );
    check_tokens(Language::Python, "f('a b', f'{x}')\n", 10, &[1], 1);
    check_tokens(Language::Rust, "//! a\nuse b::c;\nfn d() {}\n", 6, &[3], 2);
    check_tokens(
        Language::Go,
        "package a\n\nimport \"b\"\n\nvar c = \"d\"\n",
        4,
        &[5],
        3,
    );
    check_tokens(
        Language::TypeScript,
        "export * from 'a';\nconst b = `c\nd`;\n",
        5,
        &[2, 3],
        3,
    );
    check_tokens(
        Language::Java,
        "package a;\nimport b.C;\nclass D {\n\n}\n",
        4,
        &[3, 5],
        4,
    );
    check_tokens(Language::Bash, "#!/bin/sh\necho \"a b\" 'c'\n", 3, &[2], 1);
}

#[test]
fn lines_of_a_run() {
    let code = code(Language::JavaScript, "a(\n  `b\n\nc`, d\n)\n");
    let lines = Lines::of(&code);
    let stretch = |first, last, code| Stretch { first, last, code };
    assert_eq!(lines.stretch(0, 2), stretch(1, 1, 1));
    assert_eq!(lines.stretch(1, 5), stretch(2, 4, 3));
    assert_eq!(lines.stretch(0, 6), stretch(1, 5, 5));
    assert_eq!(lines.stretch(1, 2), stretch(0, 0, 0));
}

#[test]
fn the_anchor_depends_on_the_tokens_only() {
    let options = |similar| Options {
        min_tokens: 10,
        min_lines: 1,
        similar,
        ..Options::default()
    };
    let body =
        |a: &str, b: &str| format!("def {a}(x):\n    y = [x, {b}, x, x]\n    return y + x\n");
    let one = code(Language::Python, &body("f", "1"));
    let two = code(
        Language::Python,
        &format!("# moved\n\nz = 5\n{}", body("f", "1")),
    );
    let other = code(Language::Python, &body("g", "2"));
    let found = |files: &[&Code], similar| {
        let found = find(files, &options(similar));
        let clone = found.clones.first().expect("a clone");
        (clone.anchor.clone(), clone.is_same, clone.tokens)
    };
    assert_eq!(found(&[&one, &two], false), found(&[&two, &one], false));
    assert_eq!(found(&[&one, &other], true), found(&[&other, &one], true));
    assert!(found(&[&one, &two], true).1);
    assert!(!found(&[&one, &other], true).1);
}
