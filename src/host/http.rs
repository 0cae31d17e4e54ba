//! Owns the `Http` port over reqwest: one request, no redirects, a bounded body; knows no gate.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Url;

use crate::check::ports::{Answer, Ask, Http};
use crate::model::fault::{Fault, FaultKind};

use super::interrupt::{Cancel, Urgency, cancelled};
use super::runtime;

/// The most of a body that is kept, in bytes.
const BODY: usize = 1 << 20;

/// The HTTP client. Each request gets a connection of its own.
#[derive(Clone, Debug)]
pub struct Client {
    offline: bool,
    cancel: Cancel,
}

impl Client {
    /// A client; when `offline`, only this machine may be asked.
    #[must_use]
    pub const fn new(offline: bool, cancel: Cancel) -> Self {
        Self { offline, cancel }
    }
}

/// So many questions are under way at a time.
const AT_A_TIME: usize = 8;

/// A question is asked so often while the server says that it is too busy.
const TRIES: u32 = 4;

impl Client {
    /// Makes a question ready, or says why it is not asked.
    fn ready(&self, ask: &Ask) -> Result<(reqwest::Client, Url), Fault> {
        let url = parse(&ask.url)?;
        let local = is_local(&url);
        if self.offline && !local {
            return Err(Fault::new(
                FaultKind::Offline,
                format!("{} was not asked: the network is not allowed", shown(&url)),
                "run without --offline",
            ));
        }
        if url.scheme() != "https" && !local {
            return Err(Fault::new(
                FaultKind::Missing,
                format!(
                    "{} was not asked over plain HTTP: anybody on the way could change the answer",
                    shown(&url)
                ),
                "write https://",
            ));
        }
        Ok((client(&url, local)?, url))
    }
}

/// Asks, and asks again after a while where the server is too busy.
async fn ask_patiently(client: reqwest::Client, url: Url, ask: Ask) -> Result<Answer, Fault> {
    let what = shown(&url);
    let mut pause = Duration::from_millis(200);
    for left in (0..TRIES).rev() {
        let answer = tokio::time::timeout(ask.timeout, once(&client, &url, &ask)).await;
        let answer = answer.map_err(|_| too_slow(&what, ask.timeout))??;
        if left == 0 || !matches!(answer.status, 429 | 500 | 502 | 503 | 504) {
            return Ok(answer);
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    Err(too_slow(&what, ask.timeout))
}

async fn once(client: &reqwest::Client, url: &Url, ask: &Ask) -> Result<Answer, Fault> {
    let start = Instant::now();
    let what = shown(url);
    let broken = |problem| unanswered(&what, problem);
    let request = match &ask.body {
        None => client.get(url.clone()),
        Some(body) => client
            .post(url.clone())
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body.clone()),
    };
    let request = request.header(reqwest::header::ACCEPT, ask.accept);
    let mut response = request.send().await.map_err(broken)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        body.extend_from_slice(&chunk);
        if body.len() > ask.most {
            return Err(Fault::new(
                FaultKind::Unparsable,
                format!("{what} gave an answer of more than {} MiB", ask.most >> 20),
                "look at what answers there",
            ));
        }
    }
    Ok(Answer {
        status: response.status().as_u16(),
        body,
        wall: start.elapsed(),
    })
}

impl Http for Client {
    fn ask(&self, asks: &[Ask]) -> Vec<Result<Answer, Fault>> {
        // One client for each host keeps its connections.
        let mut clients: BTreeMap<String, reqwest::Client> = BTreeMap::new();
        let mut ready = Vec::new();
        for ask in asks {
            ready.push(self.ready(ask).map(|(new, url)| {
                let host = url.origin().ascii_serialization();
                (clients.entry(host).or_insert(new).clone(), url, ask.clone())
            }));
        }
        let cancel = self.cancel.clone();
        let all = runtime::wait(async move {
            let gate = Arc::new(tokio::sync::Semaphore::new(AT_A_TIME));
            let tasks: Vec<_> = ready
                .into_iter()
                .map(|ready| {
                    let (gate, cancel) = (Arc::clone(&gate), cancel.clone());
                    tokio::spawn(async move {
                        let (client, url, ask) = ready?;
                        // The gate is never closed.
                        let _pass = gate.acquire().await;
                        let what = shown(&url);
                        tokio::select! {
                            biased;
                            () = cancel.until(Urgency::Soon) => Err(cancelled(&what)),
                            answer = ask_patiently(client, url, ask) => answer,
                        }
                    })
                })
                .collect();
            let mut answers = Vec::new();
            for task in tasks {
                answers.push(task.await.unwrap_or_else(|_| {
                    Err(Fault::new(
                        FaultKind::Panic,
                        "an HTTP task panicked",
                        "report it: this is a defect of qgate",
                    ))
                }));
            }
            answers
        });
        all.unwrap_or_else(|fault| asks.iter().map(|_| Err(fault.clone())).collect())
    }

    fn get(&self, url: &str, timeout: Duration) -> Result<Answer, Fault> {
        let url = parse(url)?;
        let shown = shown(&url);
        let local = is_local(&url);
        if self.offline && !local {
            return Err(Fault::new(
                FaultKind::Offline,
                format!("{shown} was not asked: the network is not allowed"),
                "run without --offline",
            ));
        }
        let client = client(&url, local)?;
        let cancel = self.cancel.clone();
        let what = shown.clone();
        runtime::wait(async move {
            tokio::select! {
                biased;
                () = cancel.until(Urgency::Soon) => Err(cancelled(&what)),
                answer = tokio::time::timeout(timeout, ask(client, url)) => match answer {
                    Ok(answer) => answer.map_err(|problem| unanswered(&what, problem)),
                    Err(_) => Err(too_slow(&what, timeout)),
                },
            }
        })?
    }
}

pub(super) fn parse(url: &str) -> Result<Url, Fault> {
    let wrong = |why: &str| {
        Fault::new(
            FaultKind::Missing,
            format!("the URL cannot be asked: {why}"),
            "write it as http://host:port/path or https://host/path",
        )
    };
    let url = Url::parse(url).map_err(|problem| wrong(&problem.to_string()))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(wrong("its scheme is neither http nor https"))
    }
}

/// The URL without what may be secret: user, password, query and fragment.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These fail only for URLs without a host, which `parse` refused.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

pub(super) fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

pub(super) fn client(url: &Url, local: bool) -> Result<reqwest::Client, Fault> {
    // An error means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("qgate/", env!("CARGO_PKG_VERSION")));
    if local {
        builder = builder.no_proxy();
    }
    if url.scheme() == "http" {
        // Plain HTTP must work on machines that have no certificates at all.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|problem| {
        Fault::new(
            FaultKind::Missing,
            format!("the HTTPS client cannot be made: {}", chain(&problem)),
            "install the system's CA certificates, or name a bundle in SSL_CERT_FILE",
        )
    })
}

/// Can HTTPS be spoken here: are there certificates to check a service by? Asks nobody.
///
/// # Errors
/// When there are none.
pub fn certificates() -> Result<(), Fault> {
    client(&parse("https://localhost")?, true).map(drop)
}

async fn ask(client: reqwest::Client, url: Url) -> Result<Answer, reqwest::Error> {
    let start = Instant::now();
    let mut response = client.get(url).send().await?;
    let mut body = Vec::new();
    while body.len() < BODY {
        let Some(chunk) = response.chunk().await? else {
            break;
        };
        body.extend_from_slice(&chunk[..chunk.len().min(BODY - body.len())]);
    }
    Ok(Answer {
        status: response.status().as_u16(),
        body,
        wall: start.elapsed(),
    })
}

pub(super) fn unanswered(what: &str, problem: reqwest::Error) -> Fault {
    let problem = problem.without_url();
    Fault::new(
        FaultKind::ToolFailed,
        format!("{what} gave no answer: {}", chain(&problem)),
        "start the service, or mend its address",
    )
}

fn too_slow(what: &str, timeout: Duration) -> Fault {
    Fault::new(
        FaultKind::Timeout,
        format!(
            "{what} gave no answer within {}",
            crate::base::words::duration(timeout)
        ),
        "start the service, or raise `timeout`",
    )
}

/// The innermost causes: reqwest's own text hides them and shows the URL with its secrets.
fn chain(problem: &dyn Error) -> String {
    let mut causes = Vec::new();
    let mut next = problem.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    if causes.is_empty() {
        causes.push(problem.to_string());
    }
    causes.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: (&str, bool)) {
        let url = parse(url).expect("a good URL");
        assert_eq!((shown(&url).as_str(), is_local(&url)), expected);
    }

    #[test]
    fn what_is_local_and_what_is_shown() {
        check("http://127.0.0.1:80/x?key=1", ("http://127.0.0.1/x", true));
        check("http://u:p@localhost/#f", ("http://localhost/", true));
        check("https://[::1]:8443", ("https://[::1]:8443/", true));
        check(
            "http://localhost.example.com/",
            ("http://localhost.example.com/", false),
        );
        check(
            "http://127.0.0.1.example.com/",
            ("http://127.0.0.1.example.com/", false),
        );
        check("http://2130706433/", ("http://127.0.0.1/", true));
        for bad in ["", "example.com", "file:///etc/passwd", "http://", "::"] {
            assert_eq!(
                parse(bad).map_err(|f| f.kind),
                Err(FaultKind::Missing),
                "{bad}"
            );
        }
    }

    #[test]
    fn offline_refuses_the_network() {
        let client = Client::new(true, Cancel::new());
        let fault = client
            .get("http://192.0.2.1/", Duration::from_secs(1))
            .expect_err("refused");
        assert_eq!(fault.kind, FaultKind::Offline);
    }
}
