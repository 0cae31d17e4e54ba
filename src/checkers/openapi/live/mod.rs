//! Owns the questions to a running service: which operations are asked, what came of them, and what that says of the contract.

mod answer;
mod ask;

use std::collections::BTreeMap;

use crate::base::words;
use crate::check::Cx;
use crate::check::load::{Call, Expect};
use crate::check::ports::{Look, Service};
use crate::check::target::Target;
use crate::model::fault::{Fault, FaultKind};

use super::look::{Looked, bit};
use super::operations::{Operation, all};
use super::options::{Options, Request};
use answer::Answer;
pub use answer::Wrong;
use ask::Given;

/// After so many questions without an answer, one after another, nobody is there.
const SILENT: usize = 3;

/// What came of one operation.
pub struct Asked {
    /// `GET /pets`.
    pub name: String,
    /// Where the operation stands: its file, and the bytes of its key.
    pub file: u32,
    pub range: std::ops::Range<usize>,
    pub wrong: Vec<Wrong>,
    pub open: Vec<String>,
}

/// What came of all questions.
pub struct Outcome {
    pub asked: Vec<Asked>,
    /// Operations that are safe to ask, and were not, and why.
    pub left: Vec<(String, String)>,
    /// Operations that are asked only when the gate file names them.
    pub others: usize,
    /// Operations that the gate file skips.
    pub skipped: usize,
    pub stopped: Option<crate::check::ports::Stopped>,
}

/// What is still to be asked.
struct Question<'a> {
    operation: Operation<'a>,
    sent: ask::Question,
    headers: Vec<(String, String)>,
    expected: Option<u16>,
}

/// Asks a service for all that may be asked.
///
/// # Errors
/// When the options name what is not there, the service cannot be started, or nobody answers.
pub fn ask(
    options: &Options,
    base: &Target,
    looked: &Looked,
    cx: &Cx<'_>,
) -> Result<Outcome, Fault> {
    let mut outcome = Outcome {
        asked: Vec::new(),
        left: Vec::new(),
        others: 0,
        skipped: 0,
        stopped: None,
    };
    let questions = questions(options, looked, &mut outcome)?;
    if questions.is_empty() {
        return Err(Fault::new(
            FaultKind::Missing,
            "no operation can be asked",
            match outcome.left.first() {
                Some((name, why)) => format!("{name}: {why}; add examples, or `values`"),
                None => "name some in `requests`".to_owned(),
            },
        ));
    }
    if !options.allow_hosts.allow(base) {
        return Err(Fault::new(
            FaultKind::Missing,
            format!("{base} is not asked: it is neither this machine nor in `allow_hosts`"),
            format!("add `{}` to `allow_hosts` if it is yours", base.host()),
        ));
    }
    let serve = options.serve.as_ref();
    let service = serve.map(|serve| serve.start(cx)).transpose()?;
    let done = send(options, base, looked, &questions, cx);
    outcome.stopped = service.map(Service::stop);
    outcome.asked = done?;
    Ok(outcome)
}

/// Is the operation the one of this name: its id, or `GET /pets`?
fn is_named(looked: &Looked, operation: &Operation<'_>, name: &str) -> bool {
    looked.bundle.text_at(operation.node, "operationId") == Some(name) || operation.name() == name
}

fn questions<'a>(
    options: &Options,
    looked: &'a Looked,
    outcome: &mut Outcome,
) -> Result<Vec<Question<'a>>, Fault> {
    let operations = all(&looked.bundle);
    let missing = |name: &str, key: &str| {
        let what =
            format!("`{key}` names the operation `{name}`, which the description does not have");
        Fault::new(
            FaultKind::Missing,
            what,
            "name it by its operationId, or as `GET /pets`",
        )
    };
    let has = |name: &str| {
        operations
            .iter()
            .any(|operation| is_named(looked, operation, name))
    };
    if let Some(name) = options.skip.iter().find(|name| !has(name)) {
        return Err(missing(name, "skip"));
    }
    if let Some(request) = options
        .requests
        .iter()
        .find(|request| !has(&request.operation))
    {
        return Err(missing(&request.operation, "requests"));
    }
    let version = bit(&looked.version).unwrap_or_default();
    let mut questions = Vec::new();
    for operation in &operations {
        let named = |name: &String| is_named(looked, operation, name);
        let requests: Vec<&Request> = options
            .requests
            .iter()
            .filter(|request| named(&request.operation))
            .collect();
        if options.skip.iter().any(named) {
            outcome.skipped += 1;
            continue;
        }
        if requests.is_empty() && operation.method != "get" {
            outcome.others += 1;
            continue;
        }
        let none = BTreeMap::new();
        let lone = [None];
        let each: Vec<Option<&Request>> = if requests.is_empty() {
            lone.to_vec()
        } else {
            requests.into_iter().map(Some).collect()
        };
        for request in each {
            let given = Given {
                values: [
                    request.map_or(&none, |request| &request.values),
                    &options.values,
                ],
                body: request.and_then(|request| Some(request.body.as_ref()?.secret())),
                content_type: request.and_then(|request| request.content_type.as_deref()),
            };
            match ask::question(&looked.bundle, version, operation, given) {
                Ok(question) => {
                    let own = request.into_iter().flat_map(|request| &request.headers);
                    let headers = options.headers.iter().chain(own);
                    let headers =
                        headers.map(|(name, value)| (name.clone(), value.secret().to_owned()));
                    questions.push(Question {
                        operation: *operation,
                        sent: question,
                        headers: headers.collect(),
                        expected: request.and_then(|request| request.status),
                    });
                }
                Err(why) => outcome.left.push((operation.name(), why)),
            }
        }
    }
    Ok(questions)
}

fn send(
    options: &Options,
    base: &Target,
    looked: &Looked,
    questions: &[Question<'_>],
    cx: &Cx<'_>,
) -> Result<Vec<Asked>, Fault> {
    let mut left = cx.timeout;
    let mut silent = 0;
    let mut asked = Vec::new();
    let version = bit(&looked.version).unwrap_or_default();
    for question in questions {
        let operation = &question.operation;
        let mut one = Asked {
            name: operation.name(),
            file: operation.at.file,
            range: looked.bundle.place(operation.at),
            wrong: Vec::new(),
            open: Vec::new(),
        };
        if silent >= SILENT {
            one.open
                .push("it was not asked: nobody answered before".to_owned());
            asked.push(one);
            continue;
        }
        let look = match call(base, question) {
            Ok(call) => {
                cx.ports
                    .load
                    .look(&call, &options.allow_hosts, options.timeout.0.min(left))?
            }
            Err(why) => {
                one.open.push(why);
                asked.push(one);
                continue;
            }
        };
        left = left.checked_sub(look.wall).ok_or_else(|| out_of_time(cx))?;
        judge(&mut one, looked, version, question, &look);
        silent = if look.status.is_some() { 0 } else { silent + 1 };
        asked.push(one);
    }
    Ok(asked)
}

fn out_of_time(cx: &Cx<'_>) -> Fault {
    let limit = words::duration(cx.timeout);
    Fault::new(
        FaultKind::Timeout,
        format!("the questions take longer than {limit}"),
        "raise `timeout` of the check, or skip some operations",
    )
}

fn judge(one: &mut Asked, looked: &Looked, version: u8, question: &Question<'_>, look: &Look) {
    let Some(status) = look.status else {
        let why = look.distrust.as_ref().or(look.problem.as_ref());
        let why = why.map_or("nothing is known", String::as_str);
        one.open.push(format!("there was no answer: {why}"));
        return;
    };
    let answer = Answer {
        status,
        headers: &look.headers,
        body: &look.body,
    };
    let judged = answer::judge(
        &looked.bundle,
        version,
        &question.operation,
        &answer,
        question.expected,
    );
    one.wrong = judged.wrong;
    one.open = judged.open;
}

fn call(base: &Target, question: &Question<'_>) -> Result<Call, String> {
    let before = base.path().trim_end_matches('/');
    let target = base.at(&format!("{before}{}", question.sent.path))?;
    // What the gate file says goes first.
    let mut headers = question.headers.clone();
    for (name, value) in &question.sent.headers {
        if !headers
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
        {
            headers.push((name.clone(), value.clone()));
        }
    }
    let body = question.sent.body.clone().unwrap_or_default();
    Ok(Call {
        name: question.operation.name(),
        method: question.operation.method.to_ascii_uppercase(),
        target,
        headers,
        body: body.into_bytes(),
        expect: Expect::default(),
    })
}
