//! Owns whether the answer of a service is as the description says. Asks nothing.

use crate::checkers::openapi::bundle::{Bundle, Node};
use crate::checkers::openapi::examples::is_json;
use crate::checkers::openapi::operations::Operation;
use crate::checkers::openapi::shape::{V2, Versions};
use crate::checkers::openapi::tree::Tree;
use crate::checkers::openapi::value::{Judge, Side, Value, Verdict};

/// A body of this length may be longer: no more of it is kept.
const CUT: usize = 1 << 20;

/// An answer.
#[derive(Debug)]
pub struct Answer<'a> {
    pub status: u16,
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

impl Answer<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        let found = all.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn content_type(&self) -> Option<String> {
        let text = self.header("content-type")?;
        Some(essence(text))
    }
}

/// What is wrong with an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Its status or its content type is not documented.
    Undocumented(String),
    /// It is not as it is documented.
    Mismatch(String),
}

/// What is known of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Judged {
    pub wrong: Vec<Wrong>,
    /// Why nobody can tell all of it.
    pub open: Vec<String>,
}

fn essence(media: &str) -> String {
    let kind = media.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// Judges an answer to an operation. `expected`: the status that the gate file names.
#[must_use]
pub fn judge(
    bundle: &Bundle,
    version: Versions,
    operation: &Operation<'_>,
    answer: &Answer<'_>,
    expected: Option<u16>,
) -> Judged {
    let mut judged = Judged::default();
    let status = answer.status;
    if let Some(expected) = expected.filter(|&expected| expected != status) {
        judged.wrong.push(Wrong::Mismatch(format!(
            "has status {status}, and {expected} was expected"
        )));
    }
    let Some(Ok(responses)) = bundle.follow_at(operation.node, "responses") else {
        judged.wrong.push(Wrong::Undocumented(format!(
            "has status {status}, and no response is documented"
        )));
        return judged;
    };
    let class = format!("{}XX", status / 100);
    let named = [status.to_string(), class, "default".to_owned()];
    let Some(response) = named.iter().find_map(|name| bundle.get(responses, name)) else {
        let known = bundle.entries(responses).map(|(name, ..)| name);
        let known: Vec<&str> = known.filter(|name| !name.starts_with("x-")).collect();
        judged.wrong.push(Wrong::Undocumented(format!(
            "has status {status}, and only {} {} documented",
            known.join(", "),
            if known.len() == 1 { "is" } else { "are" }
        )));
        return judged;
    };
    let Ok(response) = bundle.follow(response) else {
        judged.open.push(format!(
            "the response {status} is a reference that is not followed"
        ));
        return judged;
    };
    headers(bundle, version, response, answer, &mut judged);
    if version & V2 == 0 {
        content(bundle, version, operation, response, answer, &mut judged);
    } else {
        content_2(bundle, version, operation, response, answer, &mut judged);
    }
    if status >= 400 && expected.is_none() && judged.wrong.is_empty() {
        judged.open.push(format!(
            "it has status {status}, so that the answer to a request that succeeds was not seen"
        ));
    }
    judged
}

/// May the answer have no body?
fn bare(operation: &Operation<'_>, status: u16) -> bool {
    operation.method == "head" || matches!(status, 100..=199 | 204 | 205 | 304)
}

fn headers(
    bundle: &Bundle,
    version: Versions,
    response: Node,
    answer: &Answer<'_>,
    judged: &mut Judged,
) {
    let Some(Ok(map)) = bundle.follow_at(response, "headers") else {
        return;
    };
    for (name, _, header) in bundle.entries(map) {
        let Ok(header) = bundle.follow(header) else {
            judged.open.push(format!(
                "the header `{name}` is a reference that is not followed"
            ));
            continue;
        };
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        let Some(text) = answer.header(name) else {
            if bundle.says(header, "required") {
                judged
                    .wrong
                    .push(Wrong::Mismatch(format!("lacks the header `{name}`")));
            }
            continue;
        };
        let schema = if version & V2 == 0 {
            bundle.get(header, "schema")
        } else {
            Some(header)
        };
        let Some(schema) = schema else { continue };
        match judge_text(bundle, version, text, schema) {
            Some(Verdict::Bad(_, why)) => {
                judged
                    .wrong
                    .push(Wrong::Mismatch(format!("has a header `{name}` that {why}")));
            }
            Some(Verdict::Open(why)) => judged.open.push(format!("the header `{name}`: {why}")),
            Some(Verdict::Good) | None => {}
        }
    }
}

/// Judges a text by a schema of a scalar; `None` for one of lists and the like.
fn judge_text(bundle: &Bundle, version: Versions, text: &str, schema: Node) -> Option<Verdict> {
    let end = bundle.follow(schema).unwrap_or(schema);
    let kind = bundle.text_at(end, "type");
    let quoted = || serde_json::to_string(text).ok();
    let written = match kind {
        None | Some("string") => quoted()?,
        Some("integer" | "number" | "boolean") => {
            let plain = text.trim();
            match Tree::of_json(plain) {
                Ok(_) => plain.to_owned(),
                Err(_) => quoted()?,
            }
        }
        Some(_) => return None,
    };
    let tree = Tree::of_json(&written).ok()?;
    let value = Value {
        tree: &tree,
        id: tree.root(),
    };
    Some(Judge::new(bundle, version, Side::Response).judge(value, schema))
}

fn content(
    bundle: &Bundle,
    version: Versions,
    operation: &Operation<'_>,
    response: Node,
    answer: &Answer<'_>,
    judged: &mut Judged,
) {
    let content = match bundle.follow_at(response, "content") {
        None => return,
        Some(Ok(content)) => content,
        Some(Err(_)) => {
            judged
                .open
                .push("its content is a reference that is not followed".to_owned());
            return;
        }
    };
    let medias: Vec<(&str, Node)> = bundle
        .entries(content)
        .map(|(media, _, value)| (media, value))
        .collect();
    if medias.is_empty() || bare(operation, answer.status) {
        return;
    }
    if answer.body.is_empty() {
        judged.wrong.push(Wrong::Mismatch(
            "has no body, and one is documented".to_owned(),
        ));
        return;
    }
    let Some(kind) = answer.content_type() else {
        judged.wrong.push(Wrong::Mismatch(
            "has a body, and lacks the header `content-type`".to_owned(),
        ));
        return;
    };
    let family = format!("{}/*", kind.split('/').next().unwrap_or_default());
    let found = [kind.as_str(), &family, "*/*"]
        .iter()
        .find_map(|wanted| medias.iter().find(|(media, _)| essence(media) == **wanted));
    let Some(&(_, media_type)) = found else {
        let known: Vec<&str> = medias.iter().map(|(media, _)| *media).collect();
        judged.wrong.push(Wrong::Undocumented(format!(
            "has the content type {kind}, and only {} {} documented",
            known.join(", "),
            if known.len() == 1 { "is" } else { "are" }
        )));
        return;
    };
    match bundle.follow(media_type) {
        Ok(media_type) => {
            if let Some(schema) = bundle.get(media_type, "schema") {
                body(bundle, version, &kind, answer, schema, judged);
            } else if bundle.get(media_type, "itemSchema").is_some() {
                judged
                    .open
                    .push(format!("a stream of {kind} is not judged"));
            } else if is_json(&kind)
                && Tree::of_json(&String::from_utf8_lossy(answer.body)).is_err()
            {
                judged
                    .wrong
                    .push(Wrong::Mismatch("has a body that is no JSON".to_owned()));
            }
        }
        Err(_) => judged.open.push(format!(
            "the content {kind} is a reference that is not followed"
        )),
    }
}

fn content_2(
    bundle: &Bundle,
    version: Versions,
    operation: &Operation<'_>,
    response: Node,
    answer: &Answer<'_>,
    judged: &mut Judged,
) {
    let Some(schema) = bundle.get(response, "schema") else {
        return;
    };
    if bare(operation, answer.status) {
        return;
    }
    if answer.body.is_empty() {
        judged.wrong.push(Wrong::Mismatch(
            "has no body, and one is documented".to_owned(),
        ));
        return;
    }
    let Some(kind) = answer.content_type() else {
        judged.wrong.push(Wrong::Mismatch(
            "has a body, and lacks the header `content-type`".to_owned(),
        ));
        return;
    };
    let list = bundle
        .get(operation.node, "produces")
        .or_else(|| bundle.get(bundle.root(), "produces"));
    let known: Vec<&str> = list
        .into_iter()
        .flat_map(|list| bundle.items(list))
        .filter_map(|item| bundle.text(item))
        .collect();
    if !known.is_empty()
        && !known
            .iter()
            .any(|media| essence(media) == kind || *media == "*/*")
    {
        judged.wrong.push(Wrong::Undocumented(format!(
            "has the content type {kind}, and only {} {} documented",
            known.join(", "),
            if known.len() == 1 { "is" } else { "are" }
        )));
        return;
    }
    body(bundle, version, &kind, answer, schema, judged);
}

fn body(
    bundle: &Bundle,
    version: Versions,
    kind: &str,
    answer: &Answer<'_>,
    schema: Node,
    judged: &mut Judged,
) {
    if answer.body.len() >= CUT {
        judged.open.push("its body is longer than 1 MiB".to_owned());
        return;
    }
    if !is_json(kind) {
        let end = bundle.follow(schema).unwrap_or(schema);
        let plain = matches!(bundle.text_at(end, "type"), None | Some("string" | "file"));
        let combined = ["allOf", "anyOf", "oneOf", "properties", "items"];
        if !plain || combined.iter().any(|key| bundle.get(end, key).is_some()) {
            judged
                .open
                .push(format!("a body of {kind} is not judged by a schema"));
        } else if kind.starts_with("text/")
            && let Ok(text) = std::str::from_utf8(answer.body)
        {
            add(
                judge_text(bundle, version, text, schema).unwrap_or(Verdict::Good),
                judged,
            );
        }
        return;
    }
    let Ok(text) = std::str::from_utf8(answer.body) else {
        judged.wrong.push(Wrong::Mismatch(
            "has a body that is no text in UTF-8".to_owned(),
        ));
        return;
    };
    let tree = match Tree::of_json(text) {
        Ok(tree) => tree,
        Err(flaw) if flaw.too_much => {
            judged.open.push(format!("its body: {}", flaw.what));
            return;
        }
        Err(flaw) => {
            let what = format!(
                "has a body that is no JSON: {} at byte {}",
                flaw.what, flaw.at
            );
            judged.wrong.push(Wrong::Mismatch(what));
            return;
        }
    };
    if !tree.twice.is_empty() {
        judged
            .open
            .push("an object of its body has a key twice".to_owned());
    }
    let value = Value {
        tree: &tree,
        id: tree.root(),
    };
    add(
        Judge::new(bundle, version, Side::Response).judge(value, schema),
        judged,
    );
}

fn add(verdict: Verdict, judged: &mut Judged) {
    match verdict {
        Verdict::Good => {}
        Verdict::Open(why) => judged.open.push(format!("its body: {why}")),
        Verdict::Bad(at, why) => {
            let place = if at.is_empty() {
                "its body".to_owned()
            } else {
                format!("{at} of its body")
            };
            judged.wrong.push(Wrong::Mismatch(format!(
                "does not match its schema: {place} {why}"
            )));
        }
    }
}
