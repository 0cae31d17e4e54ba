//! Owns how a web application is set up: cookies, origins, forged requests, debug modes, addresses, XML.

use tree_sitter::Node;

use crate::source::language::Language;

use super::super::call::Call;
use super::super::class::{Class, Confidence};
use super::super::value::{Origin, Value, clean};
use super::super::walk::Walk;
use super::page;

pub fn call<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    cookie(walk, call);
    settings(walk, call);
    xml(walk, call);
}

pub fn assignment<'t>(walk: &mut Walk<'t>, node: Node<'t>, left: Node<'t>, value: &Value<'t>) {
    let target = walk.text(left);
    let name = target.rsplit('.').next().unwrap_or_default();
    if walk.is_script() {
        if matches!(name, "innerHTML" | "outerHTML") && target.contains('.') {
            page::markup(walk, node, value);
        }
        let location = matches!(
            target,
            "window.location"
                | "location.href"
                | "window.location.href"
                | "document.location"
                | "location"
        );
        if location && value.begins_with_input(clean::URL) {
            walk.report(
                Class::Redirect,
                Confidence::Medium,
                node,
                "the page goes to where its address says",
            );
        }
    }
    if walk.language == Language::Python {
        if matches!(target, "DEBUG" | "app.debug") && value.whole() == Some("True") {
            let django = walk.has_text("INSTALLED_APPS") || walk.has_text("ALLOWED_HOSTS");
            if django || target == "app.debug" {
                let local = walk.has_text("import *") && !walk.has_text("INSTALLED_APPS");
                let confidence = if local {
                    Confidence::Low
                } else {
                    Confidence::Medium
                };
                walk.report(
                    Class::Debug,
                    confidence,
                    node,
                    "debug mode is on in the source",
                );
            }
        }
        if matches!(target, "CORS_ALLOW_ALL_ORIGINS" | "CORS_ORIGIN_ALLOW_ALL")
            && value.whole() == Some("True")
        {
            walk.report(
                Class::Cors,
                Confidence::Medium,
                node,
                "any site may read the answers",
            );
        }
        if matches!(
            target,
            "SESSION_COOKIE_SECURE" | "CSRF_COOKIE_SECURE" | "SESSION_COOKIE_HTTPONLY"
        ) && value.whole() == Some("False")
        {
            walk.report(
                Class::Cookie,
                Confidence::Medium,
                node,
                format!("`{target}` is off"),
            );
        }
        let session = target.contains("session[");
        if session
            && let Some(key) = walk.field(left, &["subscript"])
            && walk.look(key).is_input(0)
        {
            walk.report(
                Class::Trust,
                Confidence::High,
                node,
                "a request names an entry of the session",
            );
        } else if session && value.is_input(0) && walk.handler {
            walk.report(
                Class::Trust,
                Confidence::Low,
                node,
                "a part of a request is kept in the session unchecked",
            );
        }
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one table, a line or two for each language"
)]
fn cookie<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    match walk.language {
        Language::Python
            if call.name == "set_cookie" && call.receiver.is_some() && call.args.len() >= 2 =>
        {
            let splat = call
                .args
                .iter()
                .any(|arg| walk.text(arg.node).starts_with('*'));
            if splat {
                return;
            }
            let off = |name: &str| call.sets(name, &["False"]);
            let missing = |name: &str| call.keyword(name).is_none();
            if off("secure") || missing("secure") || off("httponly") {
                let sure = off("secure") || off("httponly");
                let key = call
                    .arg(0, "key")
                    .and_then(|arg| arg.value.text)
                    .unwrap_or_default();
                let secret = super::super::names::has_word(
                    key,
                    &[
                        "session",
                        "sessionid",
                        "token",
                        "auth",
                        "jwt",
                        "sid",
                        "access",
                        "refresh",
                        "user",
                    ],
                );
                let confidence = if sure || secret {
                    Confidence::High
                } else {
                    Confidence::Low
                };
                walk.report(
                    Class::Cookie,
                    confidence,
                    call.node,
                    "a cookie is set that plain HTTP or scripts may read",
                );
            }
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx
            if call.is(&[
                "res.cookie",
                "response.cookie",
                "reply.setCookie",
                "reply.cookie",
            ]) =>
        {
            let key = call
                .at(0)
                .and_then(|arg| arg.value.whole())
                .unwrap_or_default();
            let secret = super::super::names::has_word(
                key,
                &[
                    "session",
                    "sessionid",
                    "token",
                    "auth",
                    "jwt",
                    "sid",
                    "access",
                    "refresh",
                    "remember",
                ],
            );
            let options = call.at(2).map_or("", |arg| walk.text(arg.node));
            let named = options.starts_with('{') || options.is_empty();
            if secret
                && named
                && !options.contains("...")
                && !(options.contains("httpOnly") && options.contains("secure"))
            {
                walk.report(
                    Class::Cookie,
                    Confidence::High,
                    call.node,
                    "a cookie that holds a secret is set without `secure` or `httpOnly`",
                );
            }
        }
        Language::Java
            if call.named(&["setSecure", "setHttpOnly"])
                && call.at(0).is_some_and(|arg| walk.text(arg.node) == "false")
                && call.path.to_ascii_lowercase().contains("cookie") =>
        {
            walk.report(
                Class::Cookie,
                Confidence::High,
                call.node,
                "a cookie is set that plain HTTP or scripts may read",
            );
        }
        _ => {}
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one table, a line or two for each language"
)]
fn settings<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    match walk.language {
        Language::Python => {
            if call.name == "run"
                && call.sets("debug", &["True"])
                && call.receiver.is_some()
                && !call.is(&["subprocess.run", "asyncio.run"])
            {
                let local = call.sets("host", &["127.0.0.1", "localhost"]);
                walk.report(
                    Class::Debug,
                    if local {
                        Confidence::Low
                    } else {
                        Confidence::High
                    },
                    call.node,
                    "the server runs in debug mode: whoever reaches it can run code",
                );
            }
            let host = call
                .keyword("host")
                .and_then(|arg| arg.value.whole())
                .filter(|_| {
                    call.named(&["run", "run_app", "serve", "create_server", "start_server"])
                });
            if host == Some("0.0.0.0") || host == Some("::") {
                bind(walk, call.node);
            }
            if call.name == "bind"
                && call.at(0).is_some_and(|arg| {
                    let text = walk.text(arg.node);
                    text.starts_with("(\"0.0.0.0\"")
                        || text.starts_with("('0.0.0.0'")
                        || text.starts_with("(\"\",")
                        || text.starts_with("('',")
                })
            {
                bind(walk, call.node);
            }
            let origins = call
                .keyword("allow_origins")
                .or_else(|| call.keyword("origins"));
            if let Some(origins) = origins
                && matches!(
                    walk.text(origins.node),
                    "[\"*\"]" | "['*']" | "\"*\"" | "'*'"
                )
                && (call.sets("allow_credentials", &["True"])
                    || call.sets("supports_credentials", &["True"]))
            {
                cors(walk, call.node);
            }
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            if call.is(&["cors"])
                && let Some(arg) = call.at(0)
            {
                let text: String = walk
                    .text(arg.node)
                    .chars()
                    .filter(|c| !c.is_whitespace())
                    .collect();
                let any = text.contains("origin:true")
                    || text.contains("origin:'*'")
                    || text.contains("origin:\"*\"");
                if any && text.contains("credentials:true") {
                    cors(walk, call.node);
                }
            }
            let sets = call.named(&["setHeader", "header", "set"]);
            let origin = call
                .at(0)
                .and_then(|arg| arg.value.whole())
                .is_some_and(|text| text.eq_ignore_ascii_case("access-control-allow-origin"));
            if sets && origin && call.at(1).is_some_and(|arg| arg.value.is_input(0)) {
                walk.report(
                    Class::Cors,
                    Confidence::Medium,
                    call.node,
                    "the origin that asks is the origin that may read the answer",
                );
            }
        }
        Language::Go => {
            if call.named(&["Set", "Header", "Add"])
                && call
                    .at(0)
                    .and_then(|arg| arg.value.whole())
                    .is_some_and(|text| text.eq_ignore_ascii_case("access-control-allow-origin"))
                && call.at(1).is_some_and(|arg| arg.value.is_input(0))
            {
                walk.report(
                    Class::Cors,
                    Confidence::Medium,
                    call.node,
                    "the origin that asks is the origin that may read the answer",
                );
            }
            let listens = call.is(&["net.Listen", "http.ListenAndServe", "tls.Listen"]);
            if listens
                && call.args.iter().take(2).any(|arg| {
                    arg.value
                        .whole()
                        .is_some_and(|text| text.starts_with("0.0.0.0:"))
                })
            {
                bind(walk, call.node);
            }
        }
        Language::Java => {
            let csrf = call.name == "disable" && call.path.ends_with("csrf().disable");
            let lambda = call.name == "csrf"
                && call.at(0).is_some_and(|arg| {
                    let text = walk.text(arg.node);
                    text.contains(".disable()") || text.ends_with("::disable")
                });
            if csrf || lambda {
                walk.report(
                    Class::Csrf,
                    if walk.has_text("STATELESS") {
                        Confidence::Low
                    } else {
                        Confidence::Medium
                    },
                    call.node,
                    "protection against forged requests is switched off",
                );
            }
            if call.named(&[
                "allowedOrigins",
                "allowedOriginPatterns",
                "addAllowedOrigin",
                "addAllowedOriginPattern",
            ]) && call.at(0).and_then(|arg| arg.value.whole()) == Some("*")
                && (walk.has_text("allowCredentials(true)")
                    || walk.has_text("setAllowCredentials(true)"))
            {
                cors(walk, call.node);
            }
        }
        _ => {}
    }
}

fn bind(walk: &mut Walk<'_>, node: Node<'_>) {
    walk.report(
        Class::Bind,
        Confidence::High,
        node,
        "a server listens on every interface",
    );
}

fn cors(walk: &mut Walk<'_>, node: Node<'_>) {
    walk.report(
        Class::Cors,
        Confidence::High,
        node,
        "any site may read the answers with its visitor's cookies",
    );
}

pub fn pair<'t>(walk: &mut Walk<'t>, node: Node<'t>, key: &str, value: &Value<'t>) {
    let text = value.whole();
    if walk.is_script() && key == "__html" && value.origin == Origin::Input {
        return;
    }
    if walk.language == Language::Python && key == "resolve_entities" && text == Some("True") {
        walk.report(
            Class::Xml,
            Confidence::High,
            node,
            "an XML parser follows external entities",
        );
    }
}

pub fn decorator<'t>(walk: &mut Walk<'t>, node: Node<'t>) {
    let text = walk.text(node);
    let name = text
        .trim_start_matches('@')
        .split(|c: char| c == '(' || c.is_whitespace())
        .next()
        .unwrap_or_default();
    if name.ends_with("csrf_exempt") || name == "csrf.exempt" {
        walk.report(
            Class::Csrf,
            Confidence::Low,
            node,
            "this view takes forged requests",
        );
    }
}

fn xml<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    match walk.language {
        Language::Python => {
            let input = call
                .args
                .iter()
                .take(1)
                .any(|arg| arg.value.origin == Origin::Input);
            if call.name == "setFeature"
                && call
                    .at(0)
                    .is_some_and(|arg| walk.text(arg.node).contains("feature_external_ges"))
                && call.at(1).and_then(|arg| arg.value.whole()) == Some("True")
            {
                walk.report(
                    Class::Xml,
                    Confidence::High,
                    call.node,
                    "an XML parser follows external entities",
                );
            } else if input
                && call.is(&[
                    "lxml.etree.parse",
                    "lxml.etree.fromstring",
                    "etree.parse",
                    "etree.fromstring",
                    "lxml.etree.XML",
                    "etree.XML",
                ])
                && walk.has_text("lxml")
                && call.arg(1, "parser").is_none()
            {
                walk.report(
                    Class::Xml,
                    Confidence::Medium,
                    call.node,
                    "XML of a request is read by a parser that may follow external entities",
                );
            }
        }
        Language::Java => {
            let factory = call.is(&[
                "DocumentBuilderFactory.newInstance",
                "SAXParserFactory.newInstance",
                "XMLInputFactory.newInstance",
                "XMLInputFactory.newFactory",
                "SAXReader",
                "SAXBuilder",
            ]);
            let guarded = [
                "disallow-doctype-decl",
                "external-general-entities",
                "ACCESS_EXTERNAL_DTD",
                "SUPPORT_DTD",
                "IS_SUPPORTING_EXTERNAL_ENTITIES",
                "FEATURE_SECURE_PROCESSING",
            ]
            .iter()
            .any(|word| walk.has_text(word));
            if factory && !guarded {
                walk.report(
                    Class::Xml,
                    Confidence::Medium,
                    call.node,
                    "an XML parser follows external entities by default",
                );
            }
        }
        _ => {}
    }
}
