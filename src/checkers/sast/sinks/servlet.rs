//! Owns what only programs of Java do with what a request brings: files that are objects, entries of sessions, values of cookies.

use super::super::call::Call;
use super::super::class::{Class, Confidence};
use super::super::java;
use super::super::value::{Tag, clean};
use super::super::walk::Walk;

/// Methods of a file that touch it.
const TOUCHES: &[&str] = &[
    "exists",
    "delete",
    "deleteOnExit",
    "createNewFile",
    "mkdir",
    "mkdirs",
    "list",
    "listFiles",
    "renameTo",
    "isDirectory",
    "isFile",
    "canRead",
];

pub fn call<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    file(walk, call);
    session(walk, call);
    cookie(walk, call);
}

fn file<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let open = |value: &super::Value<'t>| value.tag == Tag::File && value.is_input(clean::PATH);
    let touched = call
        .receiver
        .zip(call.object)
        .filter(|(value, _)| open(value) && TOUCHES.contains(&call.name));
    let moved = call
        .at(0)
        .filter(|arg| call.name == "transferTo" && open(&arg.value));
    let Some(node) = touched
        .map(|(_, node)| node)
        .or_else(|| moved.map(|arg| arg.node))
    else {
        return;
    };
    let confidence = if walk.function_checks(call.node) {
        Confidence::Low
    } else {
        Confidence::Medium
    };
    walk.report(
        Class::Path,
        confidence,
        node,
        "a request chooses the name of a file",
    );
}

/// Is it an entry of a session that the call writes?
fn writes_session(walk: &Walk<'_>, call: &Call<'_>) -> bool {
    let named = call.path.rsplit('.').nth(1).unwrap_or_default();
    let tagged = call.receiver.is_some_and(|value| value.tag == Tag::Session);
    call.named(&["setAttribute", "putValue"])
        && (tagged || named.to_ascii_lowercase().ends_with("session"))
        && walk.has_text("ession")
}

fn session<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    if !writes_session(walk, call) {
        return;
    }
    let [key, value] = &call.args[..] else { return };
    if key.value.is_input(0) {
        walk.report(
            Class::Trust,
            Confidence::High,
            call.node,
            "a request names an entry of the session",
        );
    } else if value.value.is_input(0) {
        walk.report(
            Class::Trust,
            Confidence::Low,
            call.node,
            "a part of a request is kept in the session unchecked",
        );
    }
}

fn cookie<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let kept = java::creates(call) && call.name == "Cookie" || writes_session(walk, call);
    if kept
        && call
            .at(1)
            .is_some_and(|arg| arg.value.tag == Tag::Guessable)
    {
        walk.report(
            Class::Random,
            Confidence::High,
            call.node,
            "a value by which a visitor is known again comes from a random generator that can be foretold",
        );
    }
}
