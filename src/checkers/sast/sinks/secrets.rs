//! Owns how secrets are made and checked: random values, comparisons, tokens, errors that are swallowed.

use tree_sitter::Node;

use crate::source::language::Language;

use super::super::call::Call;
use super::super::class::{Class, Confidence};
use super::super::kind::Kind;
use super::super::names;
use super::super::value::{Tag, Value};
use super::super::walk::Walk;

/// Words of names that hold what nobody should be able to foretell.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "token",
    "secret",
    "otp",
    "nonce",
    "salt",
    "csrf",
    "apikey",
    "passphrase",
    "captcha",
    "cookie",
    "credential",
    "iv",
    "totp",
    "verificationcode",
    "session",
    "sessionid",
];

/// Words of names that say that the name holds no secret itself.
const NOT_SECRETS: &[&str] = &[
    "tokens", "count", "index", "len", "length", "size", "id", "num", "timeout", "delay", "retry",
    "interval", "type", "color", "position", "weight", "max", "min", "url", "name", "list", "time",
];

pub fn call<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    jwt(walk, call);
}

fn is_secret_name(name: &str) -> bool {
    let name = name.rsplit(['.']).next().unwrap_or(name);
    let name = name.split(['[', '(', ' ', ':']).next().unwrap_or(name);
    names::has_word(name, SECRETS) && !names::has_word(name, NOT_SECRETS)
}

pub fn assignment<'t>(
    walk: &mut Walk<'t>,
    node: Node<'t>,
    left: Node<'t>,
    _right: Node<'t>,
    value: &Value<'t>,
) {
    let name = walk.text(left);
    if value.tag != Tag::Guessable || name.len() > 100 {
        return;
    }
    let in_session = name.contains("session[") || name.contains("cookies[");
    if is_secret_name(name) || in_session {
        walk.report(
            Class::Random,
            Confidence::High,
            node,
            "a secret is made with a random generator that can be foretold",
        );
    }
}

pub fn pair<'t>(
    walk: &mut Walk<'t>,
    node: Node<'t>,
    key: &str,
    right: Node<'t>,
    value: &Value<'t>,
) {
    // What was made elsewhere under another name is told of there.
    let made_here = walk.kind(right) != Kind::Name;
    if made_here && value.tag == Tag::Guessable && is_secret_name(key) {
        walk.report(
            Class::Random,
            Confidence::High,
            node,
            "a secret is made with a random generator that can be foretold",
        );
    }
}

/// Names of values that a request may be checked against.
const COMPARED: &[&str] = &[
    "signature",
    "hmac",
    "mac",
    "digest",
    "token",
    "secret",
    "password",
    "apikey",
    "passwd",
    "csrf",
];

pub fn comparison<'t>(
    walk: &mut Walk<'t>,
    node: Node<'t>,
    (left, left_value): (Node<'t>, &Value<'t>),
    (right, right_value): (Node<'t>, &Value<'t>),
) {
    if matches!(walk.language, Language::Rust | Language::Java)
        || left_value.is_fixed()
        || right_value.is_fixed()
    {
        return;
    }
    let plain = |node: Node<'t>| {
        matches!(
            walk.kind(node),
            Kind::Name | Kind::Member | Kind::Call | Kind::Index
        )
    };
    if !plain(left) || !plain(right) {
        return;
    }
    let secret = |node: Node<'t>| {
        let text = walk.text(node);
        let head = text.split('(').next().unwrap_or_default();
        let name = head.rsplit('.').next().unwrap_or(head);
        let words = names::words(name);
        let last = words.last().map_or("", String::as_str);
        let key = words.len() > 1 && last == "key" && words[words.len() - 2] == "api";
        text.len() < 80 && (COMPARED.contains(&last) || key)
    };
    let confirm = |node: Node<'t>| {
        let lower = walk.text(node).to_ascii_lowercase();
        [
            "confirm",
            "repeat",
            "again",
            "type",
            "kind",
            "tok.",
            "parser",
            "lexer",
            "old",
            "new",
            "retype",
            "lit",
            "peek",
            "null",
            "undefined",
            "prev",
            "last",
            "next",
        ]
        .iter()
        .any(|word| lower.contains(word))
    };
    let last = |node: Node<'t>| walk.text(node).rsplit('.').next().unwrap_or_default();
    // The same field of two records: settings that are compared, not checked.
    let fields = walk.kind(left) == Kind::Member
        && walk.kind(right) == Kind::Member
        && last(left) == last(right);
    let both = secret(left) && secret(right) && !fields;
    let one_from_request =
        (secret(left) || secret(right)) && (left_value.is_input(0) || right_value.is_input(0));
    if (both || one_from_request) && !confirm(left) && !confirm(right) {
        walk.report(
            Class::Compare,
            if one_from_request {
                Confidence::High
            } else {
                Confidence::Medium
            },
            node,
            "a secret is compared byte by byte",
        );
    }
}

fn jwt<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let off = match walk.language {
        Language::Python if call.is(&["jwt.decode", "jose.jwt.decode"]) => {
            let text = walk.text(call.node);
            let options = call.keyword("options").is_some_and(|arg| {
                let text = walk.text(arg.node).replace([' ', '\n', '\t'], "");
                text.contains("\"verify_signature\":False")
                    || text.contains("'verify_signature':False")
            });
            if options || call.sets("verify", &["False"]) {
                Some("the signature of a token is not verified")
            } else if text.contains("\"none\"") || text.contains("'none'") {
                Some("a token without a signature is accepted")
            } else {
                None
            }
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            if call.is(&["jwt.verify", "jsonwebtoken.verify"])
                && call.args.iter().skip(1).any(|arg| {
                    let text: String = walk
                        .text(arg.node)
                        .chars()
                        .filter(|c| !c.is_whitespace())
                        .collect();
                    text.contains("algorithms:[")
                        && (text.contains("'none'") || text.contains("\"none\""))
                })
            {
                Some("a token without a signature is accepted")
            } else {
                None
            }
        }
        Language::Go if call.name == "ParseUnverified" => {
            Some("the signature of a token is not verified")
        }
        Language::Rust
            if call.named(&[
                "insecure_disable_signature_validation",
                "dangerous_insecure_decode",
            ]) =>
        {
            Some("the signature of a token is not verified")
        }
        Language::Java if call.is(&["Algorithm.none"]) => {
            Some("a token without a signature is made or accepted")
        }
        _ => None,
    };
    if let Some(headline) = off {
        let confidence = if call.name == "ParseUnverified" {
            Confidence::Medium
        } else {
            Confidence::High
        };
        walk.report(Class::Jwt, confidence, call.node, headline);
    }
}

/// Calls whose failure means that something must not go on.
const CHECKS: &[&str] = &[
    "verify",
    "verifysignature",
    "verify_signature",
    "authenticate",
    "check_password",
    "checkpassword",
    "check_permission",
    "checkpermission",
    "authorize",
    "verify_token",
    "verifytoken",
    "validate_token",
    "validatetoken",
    "check_signature",
    "verify_password",
    "verifypassword",
    "require_auth",
    "check_csrf",
    "check_auth",
    "verifyidtoken",
    "checkservertrusted",
    "check_permissions",
];

pub fn catch<'t>(walk: &mut Walk<'t>, whole: Node<'t>, handler: Node<'t>) {
    let body = walk.field(handler, &["body"]).or_else(|| {
        let parts = walk.parts(handler);
        parts.into_iter().rev().find(|part| part.kind() == "block")
    });
    let Some(body) = body else { return };
    let statements = walk.parts(body);
    let empty = statements.is_empty()
        || statements.len() == 1 && matches!(statements[0].kind(), "pass_statement");
    if !empty {
        return;
    }
    let Some(tried) = walk.field(whole, &["body"]) else {
        return;
    };
    let mut open = vec![tried];
    let mut steps = 0;
    while let Some(node) = open.pop() {
        steps += 1;
        if steps > 2_000 {
            return;
        }
        if walk.kind(node) == Kind::Call {
            let text = walk.text(node);
            let head = text.split('(').next().unwrap_or_default();
            let name = head
                .rsplit(['.', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            let returns = node.parent().is_some_and(|parent| {
                parent.kind() == "expression_statement"
                    || parent.kind() == "await_expression"
                    || parent.kind() == "await"
            });
            if CHECKS.contains(&name.as_str()) && returns {
                walk.report(
                    Class::Swallow,
                    Confidence::Medium,
                    handler,
                    format!(
                        "the failure of `{name}` is swallowed: what follows runs as if it had held"
                    ),
                );
                return;
            }
        }
        if matches!(walk.kind(node), Kind::Return) {
            // The success is told by returning from within; falling out of the handler is the failure.
            continue;
        }
        open.extend(walk.parts(node));
    }
}
