//! Owns which matchers are asked where. One file for each family of classes; each has its own tables.

mod code;
mod crypto;
mod files;
mod goes;
mod inject;
mod page;
mod rusty;
mod secrets;
mod servlet;
mod tls;
mod web;

use tree_sitter::Node;

use crate::source::language::Language;

use super::call::{Arg, Call};
use super::value::Value;
use super::walk::Walk;

/// At a call.
pub fn call<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    inject::call(walk, call);
    code::call(walk, call);
    files::call(walk, call);
    tls::call(walk, call);
    crypto::call(walk, call);
    secrets::call(walk, call);
    page::call(walk, call);
    goes::redirect(walk, call);
    goes::fetch(walk, call);
    web::call(walk, call);
    if walk.language == Language::Java {
        servlet::call(walk, call);
    }
}

/// At a macro of Rust.
pub fn invocation<'t>(walk: &mut Walk<'t>, node: Node<'t>, name: &str, args: &[Arg<'t>]) {
    inject::invocation(walk, node, name, args);
}

/// At an assignment, also with an operator.
pub fn assignment<'t>(
    walk: &mut Walk<'t>,
    node: Node<'t>,
    left: Node<'t>,
    right: Node<'t>,
    value: &Value<'t>,
) {
    web::assignment(walk, node, left, value);
    tls::assignment(walk, node, left, value);
    secrets::assignment(walk, node, left, right, value);
    code::assignment(walk, node, left, value);
}

/// At a pair of a name and a value: an argument, an entry of an object, a field.
pub fn pair<'t>(
    walk: &mut Walk<'t>,
    node: Node<'t>,
    key: &str,
    right: Node<'t>,
    value: &Value<'t>,
) {
    tls::pair(walk, node, key, value);
    secrets::pair(walk, node, key, right, value);
    web::pair(walk, node, key, value);
}

/// At an attribute of JSX.
pub fn attribute<'t>(walk: &mut Walk<'t>, node: Node<'t>, value: &Value<'t>) {
    page::attribute(walk, node, value);
}

/// At `==` and its like.
pub fn comparison<'t>(
    walk: &mut Walk<'t>,
    node: Node<'t>,
    left: (Node<'t>, &Value<'t>),
    right: (Node<'t>, &Value<'t>),
) {
    secrets::comparison(walk, node, left, right);
}

/// At the condition of an `if`.
pub fn condition<'t>(_walk: &mut Walk<'t>, _node: Node<'t>) {}

/// At a decorator of Python.
pub fn decorator<'t>(walk: &mut Walk<'t>, node: Node<'t>) {
    web::decorator(walk, node);
}

/// At what a function returns.
pub fn returned<'t>(walk: &mut Walk<'t>, node: Node<'t>, value: &Value<'t>) {
    page::returned(walk, node, value);
}

/// At a `catch` of a `try`.
pub fn catch<'t>(walk: &mut Walk<'t>, whole: Node<'t>, handler: Node<'t>) {
    secrets::catch(walk, whole, handler);
}

/// At a function, before it is walked.
pub fn function<'t>(walk: &mut Walk<'t>, node: Node<'t>) {
    let name = walk
        .field(node, &["name"])
        .map_or("", |name| walk.text(name));
    tls::method(walk, node, name);
}

/// At an unsafe block.
pub fn unsafe_code<'t>(walk: &mut Walk<'t>, node: Node<'t>) {
    rusty::block(walk, node);
}
