//! Owns TLS: verification that is off, versions that are broken.

use tree_sitter::Node;

use crate::source::language::Language;

use super::super::call::Call;
use super::super::class::{Class, Confidence};
use super::super::kind::Kind;
use super::super::value::Value;
use super::super::walk::Walk;

#[expect(
    clippy::too_many_lines,
    reason = "one table, a line or two for each language"
)]
pub fn call<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    match walk.language {
        Language::Python => {
            let off = call.is(&[
                "ssl._create_unverified_context",
                "ssl._create_stdlib_context",
            ]);
            if off {
                off_at(
                    walk,
                    call.node,
                    Confidence::High,
                    "a TLS context without verification",
                );
            }
            if call.is(&["ssl.wrap_socket"]) && call.keyword("cert_reqs").is_none() {
                off_at(
                    walk,
                    call.node,
                    Confidence::High,
                    "`ssl.wrap_socket` does not verify the certificate",
                );
            }
            if call.is(&["ssl.SSLContext", "ssl.wrap_socket"])
                && call.args.iter().any(|arg| is_old(walk.text(arg.node)))
            {
                old_at(walk, call.node);
            }
            if call.name == "set_missing_host_key_policy"
                && call.args.iter().any(|arg| {
                    let text = walk.text(arg.node);
                    text.contains("AutoAddPolicy") || text.contains("WarningPolicy")
                })
            {
                off_at(
                    walk,
                    call.node,
                    Confidence::Medium,
                    "SSH takes any host key",
                );
            }
        }
        Language::Rust => {
            let accepts = call.named(&[
                "danger_accept_invalid_certs",
                "danger_accept_invalid_hostnames",
                "tls_danger_accept_invalid_certs",
            ]);
            if accepts && call.at(0).is_some_and(|arg| walk.text(arg.node) == "true") {
                off_at(
                    walk,
                    call.node,
                    Confidence::High,
                    "any certificate is accepted",
                );
            }
            if call.named(&["set_verify"]) && walk.text(call.node).contains("SslVerifyMode::NONE") {
                off_at(
                    walk,
                    call.node,
                    Confidence::High,
                    "any certificate is accepted",
                );
            }
        }
        Language::Java => {
            let host = call.named(&[
                "setHostnameVerifier",
                "setDefaultHostnameVerifier",
                "hostnameVerifier",
                "setSSLHostnameVerifier",
            ]);
            let text = || call.at(0).map_or("", |arg| walk.text(arg.node));
            if host
                && (text().contains("Noop")
                    || text().contains("ALLOW_ALL")
                    || text().replace(' ', "").ends_with("->true"))
            {
                off_at(
                    walk,
                    call.node,
                    Confidence::High,
                    "any host name is accepted",
                );
            }
            if call.is(&["NoopHostnameVerifier", "AllowAllHostnameVerifier"]) {
                off_at(
                    walk,
                    call.node,
                    Confidence::High,
                    "any host name is accepted",
                );
            }
            if call.is(&["SSLContext.getInstance"])
                && call
                    .at(0)
                    .and_then(|arg| arg.value.whole())
                    .is_some_and(|text| {
                        matches!(text, "SSL" | "SSLv3" | "TLSv1" | "TLSv1.1" | "SSLv2")
                    })
            {
                // `SSL` is the provider's name of all versions.
                if call.at(0).and_then(|arg| arg.value.whole()) != Some("SSL") {
                    old_at(walk, call.node);
                }
            }
        }
        Language::Go if call.is(&["ssh.InsecureIgnoreHostKey"]) => {
            off_at(
                walk,
                call.node,
                Confidence::Medium,
                "SSH takes any host key",
            );
        }
        _ => {}
    }
}

pub fn pair<'t>(walk: &mut Walk<'t>, node: Node<'t>, key: &str, value: &Value<'t>) {
    let text = value.whole();
    match (walk.language, key) {
        (Language::Python, "verify") if text == Some("False") => {
            let call = node.parent().and_then(|list| list.parent());
            let callee = call
                .and_then(|call| walk.field(call, &["function"]))
                .map_or("", |callee| walk.text(callee));
            if is_http(callee) {
                off_at(
                    walk,
                    node,
                    Confidence::High,
                    "`verify=False`: any certificate is accepted",
                );
            }
        }
        (
            Language::Python,
            "verify_ssl" | "ssl_verify" | "check_hostname" | "tls_verify" | "verify_certs",
        ) if text == Some("False") => {
            off_at(walk, node, Confidence::Low, "any certificate is accepted");
        }
        (Language::Python, "cert_reqs") => {
            let right = walk
                .field(node, &["value"])
                .map_or("", |right| walk.text(right));
            if right.ends_with("CERT_NONE") || right == "'CERT_NONE'" || right == "\"CERT_NONE\"" {
                off_at(walk, node, Confidence::High, "any certificate is accepted");
            }
        }
        (
            Language::JavaScript | Language::TypeScript | Language::Tsx,
            "rejectUnauthorized" | "strictSSL",
        ) if text == Some("false") => {
            off_at(walk, node, Confidence::High, "any certificate is accepted");
        }
        (
            Language::JavaScript | Language::TypeScript | Language::Tsx,
            "minVersion" | "secureProtocol",
        ) if text.is_some_and(|text| {
            matches!(
                text,
                "TLSv1"
                    | "TLSv1.1"
                    | "SSLv3_method"
                    | "TLSv1_method"
                    | "TLSv1_1_method"
                    | "SSLv23_method"
            )
        }) =>
        {
            old_at(walk, node);
        }
        (Language::Go, "InsecureSkipVerify") if text == Some("true") => {
            // With a verification of one's own, it is the way to check what the library cannot.
            let around = node.parent().map_or("", |around| walk.text(around));
            if !around.contains("VerifyPeerCertificate") && !around.contains("VerifyConnection") {
                off_at(walk, node, Confidence::High, "any certificate is accepted");
            }
        }
        (Language::Go, "MinVersion" | "MaxVersion") => {
            let text = walk.text(node);
            if is_old(text) {
                old_at(walk, node);
            }
        }
        _ => {}
    }
}

pub fn assignment<'t>(walk: &mut Walk<'t>, node: Node<'t>, left: Node<'t>, value: &Value<'t>) {
    let target = walk.text(left);
    let name = target.rsplit(['.', '[']).next().unwrap_or_default();
    let name = name.trim_matches(['"', '\'', ']']);
    let text = value.whole();
    match (walk.language, name) {
        (Language::Python, "verify_mode")
            if walk
                .field(node, &["right"])
                .is_some_and(|right| walk.text(right).ends_with("CERT_NONE")) =>
        {
            off_at(walk, node, Confidence::High, "any certificate is accepted");
        }
        (Language::Python, "_create_default_https_context")
            if walk
                .field(node, &["right"])
                .is_some_and(|right| walk.text(right).contains("unverified")) =>
        {
            off_at(
                walk,
                node,
                Confidence::High,
                "HTTPS accepts any certificate in the whole program",
            );
        }
        (Language::Python, "verify")
            if text == Some("False") && target.to_ascii_lowercase().contains("session") =>
        {
            off_at(walk, node, Confidence::High, "any certificate is accepted");
        }
        (
            Language::JavaScript | Language::TypeScript | Language::Tsx,
            "NODE_TLS_REJECT_UNAUTHORIZED",
        ) if (text.is_some_and(|text| text == "0") || value.number == Some(0)) => {
            off_at(
                walk,
                node,
                Confidence::High,
                "TLS accepts any certificate in the whole program",
            );
        }
        (Language::JavaScript | Language::TypeScript | Language::Tsx, "rejectUnauthorized")
            if text == Some("false") =>
        {
            off_at(walk, node, Confidence::High, "any certificate is accepted");
        }
        (Language::Go, "InsecureSkipVerify") if text == Some("true") => {
            off_at(walk, node, Confidence::High, "any certificate is accepted");
        }
        _ => {}
    }
}

/// At a method of Java that checks a certificate and does nothing.
pub fn method<'t>(walk: &mut Walk<'t>, node: Node<'t>, name: &str) {
    if walk.language != Language::Java {
        return;
    }
    let Some(body) = walk.field(node, &["body"]) else {
        return;
    };
    let statements = walk.parts(body);
    if name == "checkServerTrusted" && statements.is_empty() {
        off_at(
            walk,
            node,
            Confidence::High,
            "a trust manager accepts any certificate",
        );
    }
    if name == "verify"
        && walk.text(node).contains("SSLSession")
        && statements.len() == 1
        && walk.text(statements[0]) == "return true;"
    {
        off_at(walk, node, Confidence::High, "any host name is accepted");
    }
}

fn is_http(callee: &str) -> bool {
    let name = callee.rsplit('.').next().unwrap_or_default();
    callee.contains("requests")
        || callee.contains("httpx")
        || callee.to_ascii_lowercase().contains("session")
        || callee.to_ascii_lowercase().contains("client")
        || matches!(name, "Client" | "AsyncClient" | "Session")
        || callee.contains('.')
            && matches!(
                name,
                "get" | "post" | "put" | "delete" | "patch" | "head" | "request" | "send"
            )
}

fn is_old(text: &str) -> bool {
    [
        "VersionSSL30",
        "VersionTLS10",
        "VersionTLS11",
        "PROTOCOL_SSLv2",
        "PROTOCOL_SSLv3",
        "PROTOCOL_TLSv1_1",
    ]
    .iter()
    .any(|old| text.contains(old))
        || text.ends_with("PROTOCOL_TLSv1")
        || text.ends_with("PROTOCOL_SSLv23")
}

fn off_at<'t>(walk: &mut Walk<'t>, node: Node<'t>, confidence: Confidence, headline: &str) {
    let confidence = if asked_for(walk, node) {
        Confidence::Low
    } else {
        confidence
    };
    walk.report(Class::Tls, confidence, node, headline);
}

fn old_at(walk: &mut Walk<'_>, node: Node<'_>) {
    walk.report(
        Class::TlsVersion,
        Confidence::Medium,
        node,
        "a version of TLS that is broken is allowed",
    );
}

/// Does it stand where somebody asked for it: in a branch whose condition names it?
fn asked_for<'t>(walk: &Walk<'t>, node: Node<'t>) -> bool {
    let mut at = node;
    for _ in 0..14 {
        let Some(parent) = at.parent() else {
            return false;
        };
        let condition = match walk.kind(parent) {
            Kind::If | Kind::Ternary => parent
                .child_by_field_name("condition")
                .filter(|condition| *condition != at)
                .map(|condition| walk.text(condition)),
            Kind::Case => walk.text(parent).lines().next(),
            Kind::Function => return false,
            _ => None,
        };
        let lower = condition.unwrap_or_default().to_ascii_lowercase();
        if [
            "insecure",
            "verify",
            "skip",
            "trust",
            "selfsigned",
            "self_signed",
            "allow",
            "ssl",
            "tls",
            "unauthorized",
        ]
        .iter()
        .any(|word| lower.contains(word))
        {
            return true;
        }
        at = parent;
    }
    false
}
