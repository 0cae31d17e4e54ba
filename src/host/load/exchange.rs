//! Owns one request and its answer on a connection: what is sent, what was wrong with what came. Knows no time.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Uri};

use crate::check::load::{Call, Expect, Failure};
use crate::model::fault::{Fault, FaultKind};

use super::connect::{Message, Trouble};

/// The most of a body that is looked at, in bytes.
const BODY: usize = 1 << 20;

/// A request that can be sent again and again.
#[derive(Debug)]
pub(super) struct Ready {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    pub(super) expect: Expect,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Came {
    /// The status.
    pub(super) status: u16,
    /// The headers; none when nobody looks at them.
    pub(super) headers: Vec<(String, String)>,
    /// What was asked for of the body; empty when nobody looks at it.
    pub(super) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Lost {
    /// The request was never sent: it can be sent again.
    Unsent,
    /// The connection was closed before a byte of the answer came.
    Closed,
    /// As it says, and in words.
    Failed(Failure, String),
    /// This machine could not.
    Own(String),
}

impl Lost {
    pub(super) fn of(trouble: Trouble) -> Self {
        if trouble.own {
            Self::Own(trouble.what)
        } else {
            Self::Failed(Failure::Connect, trouble.what)
        }
    }
}

impl Ready {
    /// # Errors
    /// When method or headers are none.
    pub(super) fn new(call: &Call) -> Result<Self, Fault> {
        let wrong = |what: &str| {
            Fault::new(
                FaultKind::Missing,
                format!("the request {} cannot be sent: {what}", call.name),
                "mend it in the gate file",
            )
        };
        let mut headers = HeaderMap::new();
        let agent = concat!("qgate/", env!("CARGO_PKG_VERSION"));
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        let host = HeaderValue::from_str(&call.target.authority());
        headers.insert(HOST, host.map_err(|_| wrong("its host cannot be named"))?);
        for (name, value) in &call.headers {
            let key = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| wrong("a header has no name that can be sent"))?;
            // The value may be a secret: it is not told.
            let value = HeaderValue::from_str(value)
                .map_err(|_| wrong(&format!("the value of the header `{name}` cannot be sent")))?;
            headers.insert(key, value);
        }
        let method = call.method.to_ascii_uppercase();
        Ok(Self {
            method: Method::from_bytes(method.as_bytes())
                .map_err(|_| wrong("its method is none"))?,
            uri: Uri::try_from(call.target.path()).map_err(|_| wrong("its path is none"))?,
            headers,
            body: Bytes::from(call.body.clone()),
            expect: call.expect.clone(),
        })
    }

    /// Does it do no harm to send it twice?
    pub(super) fn is_idempotent(&self) -> bool {
        self.method.is_idempotent()
    }

    fn message(&self) -> Message {
        let mut message = Message::new(Full::new(self.body.clone()));
        *message.method_mut() = self.method.clone();
        *message.uri_mut() = self.uri.clone();
        *message.headers_mut() = self.headers.clone();
        message
    }

    /// Sends it and takes the whole answer; the body is kept where somebody looks at it.
    pub(super) async fn send(
        &self,
        sender: &mut hyper::client::conn::http1::SendRequest<Full<Bytes>>,
        keep: bool,
    ) -> Result<Came, Lost> {
        if sender.ready().await.is_err() {
            return Err(Lost::Unsent);
        }
        let response = match sender.try_send_request(self.message()).await {
            Ok(response) => response,
            Err(mut problem) => {
                let unsent = problem.take_message().is_some();
                let lost = lost(&problem.into_error());
                return Err(if unsent { Lost::Unsent } else { lost });
            }
        };
        let status = response.status().as_u16();
        let mut headers = Vec::new();
        if keep {
            let all = response.headers().iter();
            let texts = all.filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
            headers.extend(texts.map(|(name, value)| (name.to_string(), value.to_owned())));
        }
        let body = take(response.into_body(), keep || self.expect.body.is_some()).await?;
        Ok(Came {
            status,
            headers,
            body,
        })
    }

    /// What is wrong with an answer.
    pub(super) fn judge(&self, came: &Came) -> Option<Failure> {
        if !self.expect.takes(came.status) {
            return Some(Failure::Status(came.status));
        }
        let wanted = self.expect.body.as_ref()?;
        let text = String::from_utf8_lossy(&came.body);
        (!wanted.regex().is_match(&text)).then_some(Failure::Body)
    }
}

async fn take(mut body: Incoming, keep: bool) -> Result<Vec<u8>, Lost> {
    let mut kept = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|problem| match lost(&problem) {
            // The answer had begun.
            Lost::Closed => Lost::Failed(Failure::Broken, words(&problem)),
            other => other,
        })?;
        if let (true, Some(data)) = (keep, frame.data_ref()) {
            let room = BODY.saturating_sub(kept.len()).min(data.len());
            kept.extend_from_slice(&data[..room]);
        }
    }
    Ok(kept)
}

fn lost(problem: &hyper::Error) -> Lost {
    if problem.is_parse() {
        Lost::Failed(Failure::Garbage, words(problem))
    } else if problem.is_incomplete_message() {
        Lost::Closed
    } else {
        Lost::Failed(Failure::Broken, words(problem))
    }
}

fn words(problem: &hyper::Error) -> String {
    let mut words = problem.to_string();
    let mut next = std::error::Error::source(problem);
    while let Some(cause) = next {
        words = format!("{words}: {cause}");
        next = cause.source();
    }
    words
}
