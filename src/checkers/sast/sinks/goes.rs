//! Owns where answers and requests go: redirects, and requests of the server itself.

use crate::source::language::Language;

use super::super::call::{Arg, Call};
use super::super::class::{Class, Confidence};
use super::super::value::clean;
use super::super::walk::Walk;

pub fn redirect<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let at = match walk.language {
        Language::Python
            if call.is(&[
                "redirect",
                "flask.redirect",
                "django.shortcuts.redirect",
                "HttpResponseRedirect",
                "django.http.HttpResponseRedirect",
                "RedirectResponse",
                "fastapi.responses.RedirectResponse",
                "starlette.responses.RedirectResponse",
            ]) =>
        {
            0
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx
            if call.is(&[
                "res.redirect",
                "response.redirect",
                "ctx.redirect",
                "reply.redirect",
            ]) =>
        {
            call.args.len().saturating_sub(1)
        }
        Language::Go if call.is(&["http.Redirect"]) => 2,
        Language::Go if call.is(&["c.Redirect", "ctx.Redirect"]) => 1,
        Language::Java if call.name == "sendRedirect" => 0,
        _ => return,
    };
    let Some(arg) = call.at(at) else { return };
    let value = arg.value;
    // A text that begins with a path of one's own stays on this host; one behind `?` does as well.
    let own = value.text.is_some_and(|text| {
        text.len() > 1
            && (text.starts_with('/') && !text.starts_with("//")
                || text.starts_with("http") && text.matches('/').count() >= 3)
            || text.starts_with(['?', '#'])
    });
    if value.begins_with_input(clean::URL) && !own {
        walk.report(
            Class::Redirect,
            Confidence::High,
            arg.node,
            "a request chooses where it is redirected to",
        );
    }
}

pub fn fetch<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let at = match walk.language {
        Language::Python => {
            let verbs = call.named(&[
                "get", "post", "put", "delete", "patch", "head", "options", "request", "stream",
            ]);
            if verbs && (call.path.starts_with("requests.") || call.path.starts_with("httpx.")) {
                usize::from(call.name == "request")
            } else if call.is(&[
                "urllib.request.urlopen",
                "urllib2.urlopen",
                "urlopen",
                "urllib.request.Request",
                "urllib.request.urlretrieve",
            ]) {
                0
            } else {
                return;
            }
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx
            if call.is(&[
                "fetch",
                "axios",
                "got",
                "request",
                "node-fetch",
                "axios.get",
                "axios.post",
                "axios.put",
                "axios.request",
                "axios.head",
                "got.get",
                "needle.get",
                "http.get",
                "https.get",
                "http.request",
                "https.request",
                "superagent.get",
                "request.get",
                "request.post",
                "undici.request",
                "undici.fetch",
            ]) =>
        {
            0
        }
        Language::Go if call.is(&["http.Get", "http.Post", "http.Head", "http.PostForm"]) => 0,
        Language::Go if call.is(&["http.NewRequest"]) => 1,
        Language::Go if call.is(&["http.NewRequestWithContext"]) => 2,
        Language::Java
            if call.is(&[
                "restTemplate.getForObject",
                "restTemplate.getForEntity",
                "restTemplate.exchange",
                "restTemplate.postForObject",
                "HttpGet",
                "HttpPost",
                "Jsoup.connect",
            ]) =>
        {
            0
        }
        Language::Java if call.name == "openConnection" || call.name == "openStream" => {
            if let Some((value, object)) = call.receiver.zip(call.object)
                && value.is_input(clean::URL)
            {
                request_goes(
                    walk,
                    &Arg {
                        name: None,
                        node: object,
                        value,
                    },
                );
            }
            return;
        }
        Language::Rust if call.is(&["reqwest.get"]) => 0,
        _ => return,
    };
    if let Some(arg) = call.arg(at, "url") {
        // Code of the browser asks on behalf of its own user.
        if walk.is_script()
            && (walk.has_text("document.") || walk.has_text("window.") || walk.has_text("react"))
        {
            return;
        }
        let arg = *arg;
        request_goes(walk, &arg);
    }
}

fn request_goes<'t>(walk: &mut Walk<'t>, arg: &Arg<'t>) {
    let value = arg.value;
    // A fixed host in front: the request chooses no more than the path.
    let fixed = value.text.is_some_and(|text| {
        text.split_once("://")
            .is_some_and(|(_, rest)| rest.contains('/'))
    });
    // Behind `https://` the host comes first.
    let scheme = value.text.is_some_and(|text| text.ends_with("://"));
    if (value.begins_with_input(clean::URL) || scheme && value.is_input(clean::URL)) && !fixed {
        walk.report(
            Class::Ssrf,
            Confidence::High,
            arg.node,
            "a request chooses where the server sends a request of its own",
        );
    }
}
