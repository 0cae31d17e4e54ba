//! Owns markup: foreign text that becomes part of a page.

use tree_sitter::Node;

use crate::source::language::Language;

use super::super::call::Call;
use super::super::class::{Class, Confidence};
use super::super::value::{Origin, Tag, Value, clean};
use super::super::walk::Walk;

#[expect(
    clippy::too_many_lines,
    reason = "one table, a line or two for each language"
)]
pub fn call<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    match walk.language {
        Language::Python => {
            let marks = call.is(&[
                "mark_safe",
                "django.utils.safestring.mark_safe",
                "safestring.mark_safe",
                "Markup",
                "markupsafe.Markup",
                "flask.Markup",
                "SafeString",
                "django.utils.safestring.SafeString",
            ]);
            let text = call.is(&[
                "render_template_string",
                "flask.render_template_string",
                "make_response",
                "flask.make_response",
                "HttpResponse",
                "django.http.HttpResponse",
                "HTMLResponse",
                "fastapi.responses.HTMLResponse",
            ]);
            if let Some(arg) = call.at(0).filter(|_| marks || text) {
                let value = arg.value;
                let html = value.text.is_some_and(|text| text.contains('<'));
                if value.is_input(clean::HTML)
                    && (marks || call.name == "render_template_string" || value.built)
                {
                    let headline = if call.name == "render_template_string" {
                        "a part of a request is a template"
                    } else {
                        "a part of a request becomes part of a page unescaped"
                    };
                    walk.report(Class::Xss, Confidence::High, call.node, headline);
                } else if marks && value.is_open(clean::HTML) {
                    let confidence = if value.built && html {
                        Confidence::Medium
                    } else {
                        Confidence::Low
                    };
                    walk.report(
                        Class::Xss,
                        confidence,
                        call.node,
                        "a text from elsewhere is marked as safe markup",
                    );
                }
            }
            if call.is(&["jinja2.Environment"]) && call.sets("autoescape", &["False"])
                || call.is(&["jinja2.Environment"])
                    && call.keyword("autoescape").is_none()
                    && walk.has_text("html")
                    && walk.has_text("flask")
            {
                walk.report(
                    Class::Xss,
                    Confidence::Medium,
                    call.node,
                    "templates of Jinja do not escape here",
                );
            }
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            let written = call.is(&["document.write", "document.writeln"])
                || call.name == "insertAdjacentHTML"
                || call.name == "bypassSecurityTrustHtml";
            let at = usize::from(call.name == "insertAdjacentHTML");
            if let Some(arg) = call.at(at).filter(|_| written) {
                markup(walk, arg.node, &arg.value);
            }
            let sends = call.is(&["res.send", "res.end", "res.write", "response.send"]);
            if let Some(arg) = call.at(0).filter(|_| sends)
                && arg.value.is_input(clean::HTML)
                && arg.value.built
                && arg
                    .value
                    .text
                    .is_none_or(|text| text.contains('<') || text.is_empty())
            {
                walk.report(
                    Class::Xss,
                    Confidence::Medium,
                    arg.node,
                    "a part of a request is sent as part of a page",
                );
            }
        }
        Language::Go => {
            if call.is(&[
                "template.HTML",
                "template.JS",
                "template.HTMLAttr",
                "template.URL",
            ]) && let Some(arg) = call.at(0)
                && arg.value.is_open(clean::HTML)
            {
                let confidence = match (arg.value.origin, arg.value.built) {
                    (Origin::Input, _) => Confidence::High,
                    (_, true) => Confidence::Medium,
                    _ => Confidence::Low,
                };
                walk.report(
                    Class::Xss,
                    confidence,
                    call.node,
                    "a text from elsewhere is marked as safe markup",
                );
            }
            if call.is(&["fmt.Fprintf", "fmt.Fprint", "io.WriteString"])
                && call.at(0).is_some_and(|arg| walk.text(arg.node) == "w")
                && let Some(arg) = call
                    .args
                    .iter()
                    .skip(1)
                    .find(|arg| arg.value.is_input(clean::HTML))
                && call
                    .args
                    .iter()
                    .skip(1)
                    .any(|arg| arg.value.text.is_some_and(|text| text.contains('<')))
            {
                walk.report(
                    Class::Xss,
                    Confidence::Medium,
                    arg.node,
                    "a part of a request is sent as part of a page",
                );
            }
        }
        Language::Java => {
            let writes = call.named(&["print", "println", "write", "printf", "format", "append"])
                && (call.receiver.is_some_and(|value| value.tag == Tag::Answer)
                    || call.path.contains("getWriter()")
                    || call.path.starts_with("out.")
                    || call.path.starts_with("writer."));
            if writes
                && walk.has_text("Servlet")
                && let Some(arg) = call.args.iter().find(|arg| arg.value.is_input(clean::HTML))
            {
                // What is no page is not read as one.
                let page = !walk.has_text("application/json") && !walk.has_text("text/plain");
                walk.report(
                    Class::Xss,
                    if page {
                        Confidence::Medium
                    } else {
                        Confidence::Low
                    },
                    arg.node,
                    "a part of a request is sent as part of a page",
                );
            }
        }
        _ => {}
    }
}

pub fn markup<'t>(walk: &mut Walk<'t>, node: Node<'t>, value: &Value<'t>) {
    if !value.is_open(clean::HTML) {
        return;
    }
    let (confidence, headline) = match (value.origin, value.built) {
        (Origin::Input, _) => (
            Confidence::High,
            "a part of a request or of the address is set as markup",
        ),
        (_, true) if value.text.is_some_and(|text| text.contains('<')) => (
            Confidence::Low,
            "a text put together of parts is set as markup",
        ),
        _ => (Confidence::Low, "a text from elsewhere is set as markup"),
    };
    walk.report(Class::Xss, confidence, node, headline);
}

pub fn attribute<'t>(walk: &mut Walk<'t>, node: Node<'t>, value: &Value<'t>) {
    let name = node.named_child(0).map_or("", |name| walk.text(name));
    if name == "dangerouslySetInnerHTML" && value.is_open(clean::HTML) {
        let (confidence, headline) = if value.origin == Origin::Input {
            (Confidence::High, "a part of the address is set as markup")
        } else {
            (Confidence::Low, "a text from elsewhere is set as markup")
        };
        walk.report(Class::Xss, confidence, node, headline);
    }
}

pub fn returned<'t>(walk: &mut Walk<'t>, node: Node<'t>, value: &Value<'t>) {
    if walk.language == Language::Python
        && walk.handler
        && value.is_input(clean::HTML)
        && value.built
        && walk.has_text("flask")
    {
        walk.report(
            Class::Xss,
            Confidence::High,
            node,
            "a part of a request is returned as part of a page",
        );
    }
}
