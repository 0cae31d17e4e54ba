//! Owns the tests of the text report: whole texts, widths, and what must never be lost.

use super::*;
use crate::model::number::Number;
use crate::report::sample;

fn check(name: &str, width: usize, detail: Detail) {
    let options = TextOptions {
        width,
        max_findings: 3,
        detail,
    };
    let text = render(&sample::report(), options);
    assert!(
        text.bytes()
            .all(|b| b == b'\n' || (0x20..=0x7e).contains(&b)),
        "{text}"
    );
    insta::assert_snapshot!(name, text);
}

#[test]
fn normal() {
    check("normal", 80, Detail::Normal);
}

#[test]
fn quiet() {
    check("quiet", 80, Detail::Quiet);
}

#[test]
fn verbose() {
    check("verbose", 100, Detail::Verbose);
}

#[test]
fn a_narrow_terminal_gets_blocks() {
    check("narrow", 40, Detail::Normal);
}

#[test]
fn no_line_but_a_place_is_wider_than_the_terminal() {
    for width in [20, 33, 60, 120] {
        let options = TextOptions {
            width,
            max_findings: 0,
            detail: Detail::Verbose,
        };
        for line in render(&sample::report(), options).lines() {
            let place = line.starts_with("  ") && line.ends_with(':') && !line.trim().contains(' ');
            assert!(line.len() <= width || place, "{width}: {line}");
        }
    }
}

#[test]
fn a_missed_minimum_never_reads_as_met() {
    let mut score = sample::report().score;
    score.total = Number::parse("79.96");
    assert!(summary::score(&score).starts_with("score 79.96 (minimum 80)"));
}

#[test]
fn everything_that_was_left_out_is_counted() {
    let text = render(
        &sample::report(),
        TextOptions {
            width: 80,
            max_findings: 3,
            detail: Detail::Normal,
        },
    );
    assert!(text.contains("and 10 more findings"), "{text}");
}
