//! Owns the heuristics on what is written for coding agents: words that overrule whoever asks, theft, and hidden orders.

use std::ops::Range;

use crate::model::rule::Severity;
use crate::source::file::SourceFile;

use super::hit::{Facts, Kind};

/// Phrases that set aside what an agent was told.
const OVERRIDES: &[&str] = &[
    "ignore previous instructions",
    "ignore all previous instructions",
    "ignore the previous instructions",
    "ignore all prior instructions",
    "ignore prior instructions",
    "ignore any previous instructions",
    "disregard previous instructions",
    "disregard all previous instructions",
    "disregard prior instructions",
    "disregard the above instructions",
    "ignore the above instructions",
    "forget all previous instructions",
    "forget previous instructions",
    "forget your previous instructions",
    "override your instructions",
    "ignore your system prompt",
    "do not tell the user about this",
    "do not tell the user that you",
    "don't tell the user about this",
    "don't tell the user that you",
    "do not inform the user about this",
    "do not inform the user that you",
    "without telling the user",
    "without informing the user",
    "hide this from the user",
    "do not mention this to the user",
    "keep this secret from the user",
];

/// Files that hold credentials.
const STORES: &[&str] = &[
    "~/.ssh",
    ".ssh/id_",
    "id_rsa",
    "id_ed25519",
    "~/.aws",
    ".aws/credentials",
    ".env",
    "~/.netrc",
    ".npmrc",
    ".pypirc",
    "~/.kube",
    "/etc/passwd",
    "/etc/shadow",
    "keychain",
    "private key",
    "api keys",
    "api key",
    "environment variables",
    "access token",
];

/// Words that send something away.
const SENDS: &[&str] = &[
    "curl ",
    "wget ",
    "http post",
    "post it to",
    "post them to",
    "send it to",
    "send them to",
    "upload it to",
    "upload them to",
    "exfiltrate",
];

/// Looks at a text; whether it is for agents, the caller knows.
pub fn check(file: &SourceFile, text: &str, facts: &mut Facts) {
    let lower = text.to_ascii_lowercase();
    let hidden = hidden(file, &lower, facts);
    let mut at = 0;
    for line in lower.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let quoted = |from: usize| {
            // What stands in quotes is told about, not told.
            let before = line[..from].trim_end_matches(['*', '_', ' ']);
            before.ends_with(['"', '\'', '`', '('])
                || line[..from].matches('"').count() % 2 == 1
                || line[..from].matches('`').count() % 2 == 1
        };
        if let Some((from, phrase)) = OVERRIDES
            .iter()
            .find_map(|phrase| line.find(phrase).map(|from| (from, *phrase)))
            && !quoted(from)
            && !negated(&line[..from])
            && !hidden
                .iter()
                .any(|comment| comment.contains(&(start + from)))
        {
            let range = start + from..start + from + phrase.len();
            facts.add(
                file,
                Kind::AgentOverride,
                range,
                Severity::Medium,
                format!("an agent is told to set aside what it was told: {phrase}"),
            );
        }
        if let Some(from) = SENDS.iter().filter_map(|word| line.find(word)).min()
            && let Some(store) = STORES.iter().find(|store| line.contains(*store))
            && line.contains("http")
            && steals(line)
            && !negated(&line[..from])
        {
            let range = start + from..start + from + 4;
            facts.add(
                file,
                Kind::AgentTheft,
                range,
                Severity::Medium,
                format!("an agent is told to send away what it reads from {store}"),
            );
        }
        decoded(file, line, start, facts);
    }
}

/// Does the line send the store itself, and not only use it for a request?
fn steals(line: &str) -> bool {
    [
        "@~/",
        "@.env",
        "@$home",
        "-d @",
        "--data @",
        "--data-binary @",
        "-f @",
        "-f file=@",
        "$(cat ",
        "| curl",
        "|curl",
        "send it to",
        "send them to",
        "upload it to",
        "upload them to",
        "post it to",
        "post them to",
        "exfiltrate",
    ]
    .iter()
    .any(|sign| line.contains(sign))
}

/// Is it forbidden, not asked?
fn negated(before: &str) -> bool {
    [
        "never ",
        "not ",
        "n't ",
        "avoid ",
        "such as ",
        "like ",
        "e.g. ",
        "refuse ",
        "attempts to ",
        "attempt to ",
        "tries to ",
        "trying to ",
        "asks you to ",
        "say ",
        "says ",
    ]
    .iter()
    .any(|word| before.contains(word))
}

/// A long text in Base64 that is decoded and run.
fn decoded(file: &SourceFile, line: &str, start: usize, facts: &mut Facts) {
    let Some(from) = line
        .find("base64 -d")
        .or_else(|| line.find("base64 --decode"))
    else {
        return;
    };
    let runs = [
        "| sh", "| bash", "|sh", "|bash", "| python", "eval", "exec(",
    ]
    .iter()
    .any(|sign| line.contains(sign));
    if runs {
        facts.add(
            file,
            Kind::AgentTheft,
            start + from..start + from + 9,
            Severity::Medium,
            "a text that nobody can read is decoded and run",
        );
    }
}

/// Orders in comments, which a page does not show and an agent reads: where the grave ones stand.
fn hidden(file: &SourceFile, lower: &str, facts: &mut Facts) -> Vec<Range<usize>> {
    const ORDERS: &[&str] = &[
        "ignore ",
        "disregard ",
        "you must ",
        "you should ",
        "execute ",
        "run the following",
        "send ",
        "exfiltrate",
        "do not tell",
        "always run",
        "before answering",
    ];
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = lower[at..].find("<!--").map(|n| at + n) {
        let close = lower[open..].find("-->").map_or(lower.len(), |n| open + n);
        let comment = &lower[open + 4..close];
        at = close;
        // Marks of tools are short, and begin with a name and a colon or a word of theirs.
        let orders = ORDERS.iter().filter(|word| comment.contains(*word)).count();
        let grave = OVERRIDES.iter().any(|phrase| comment.contains(phrase))
            || (STORES.iter().any(|store| comment.contains(store))
                && SENDS.iter().any(|word| comment.contains(word)))
            || (comment.contains("system prompt") && orders > 0);
        if grave {
            found.push(open..close);
            facts.add(
                file,
                Kind::HiddenInstruction,
                open..open + 4,
                Severity::High,
                "a comment that no page shows gives orders to an agent",
            );
        } else if orders >= 2 && comment.len() > 60 {
            facts.add(
                file,
                Kind::HiddenInstruction,
                open..open + 4,
                Severity::Low,
                "a comment that no page shows may give orders to an agent",
            );
        }
    }
    found
}
