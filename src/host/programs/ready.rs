//! Owns the question whether a service is ready: it answers, takes connections, or said so. Starts nothing.

use std::time::Duration;

use crate::check::load::{Call, Expect};
use crate::check::ports::Look;
use crate::check::serve::Ready;
use crate::check::target::Hosts;
use crate::host::load::connect::connect;
use crate::host::load::look;

/// One question may take this long.
const ONE: Duration = Duration::from_secs(2);

/// The address that the service is to listen at, if its readiness names one.
pub(super) fn address(ready: &Ready) -> Option<(String, u16)> {
    match (&ready.url, ready.port) {
        (Some(url), _) => Some((url.host().to_owned(), url.port())),
        (None, Some(port)) => Some(("127.0.0.1".to_owned(), port)),
        (None, None) => None,
    }
}

/// Does somebody listen there?
pub(super) async fn listens((host, port): &(String, u16)) -> bool {
    let try_all = async {
        let addresses = tokio::net::lookup_host((host.as_str(), *port)).await;
        for address in addresses.into_iter().flatten() {
            if connect(address).await.is_ok() {
                return true;
            }
        }
        false
    };
    tokio::time::timeout(ONE, try_all).await.unwrap_or(false)
}

/// Is it ready? `said` is its output so far.
///
/// # Errors
/// Says what is missing.
pub(super) async fn ask(ready: &Ready, said: impl Fn() -> String) -> Result<(), String> {
    if let Some(pattern) = &ready.log {
        let text = said();
        let mut lines = text.lines();
        return if lines.any(|line| pattern.regex().is_match(line)) {
            Ok(())
        } else {
            Err("it has not printed the line that is waited for".to_owned())
        };
    }
    let Some(url) = &ready.url else {
        let Some(address) = address(ready) else {
            return Err("nothing says when it is".to_owned());
        };
        return if listens(&address).await {
            Ok(())
        } else {
            Err(format!("nothing listens at port {}", address.1))
        };
    };
    let call = Call {
        name: "ready".to_owned(),
        method: "GET".to_owned(),
        target: url.clone(),
        headers: Vec::new(),
        body: Vec::new(),
        expect: Expect::default(),
    };
    match look::look(&call, &Hosts::default(), ONE).await {
        Ok(Look {
            status: Some(status),
            ..
        }) if call.expect.takes(status) => Ok(()),
        Ok(Look {
            status: Some(status),
            ..
        }) => Err(format!("{url} answers with status {status}")),
        Ok(look) => {
            let why = look.distrust.or(look.problem).unwrap_or_default();
            Err(format!("{url} gives no answer: {why}"))
        }
        Err(fault) => Err(fault.what),
    }
}
