//! Owns the `Databases` port over tokio-postgres: one connection for each session, every wait bounded; knows no gate.

mod address;
mod session;
mod tls;
mod value;

use std::time::{Duration, Instant};

use crate::check::database::DatabaseUrl;
use crate::check::ports::{Databases, Session};
use crate::model::fault::{Fault, FaultKind};

use super::interrupt::{Cancel, Urgency, cancelled};
use super::runtime;
use address::Address;
use session::Open;

/// The client. Each session gets a connection of its own.
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

impl Databases for Client {
    fn open(&self, url: &DatabaseUrl, timeout: Duration) -> Result<Box<dyn Session>, Fault> {
        let address = Address::parse(url.secret())?;
        let shown = address.shown.clone();
        if self.offline && !address.local {
            return Err(Fault::new(
                FaultKind::Offline,
                format!("the database {shown} was not asked: the network is not allowed"),
                "run without --offline",
            ));
        }
        let tls = tls::Connector::new(&address)?;
        let until = Instant::now() + timeout;
        let cancel = self.cancel.clone();
        let (config, what, connector) = (address.config.clone(), shown.clone(), tls.clone());
        let client = runtime::wait(async move {
            tokio::select! {
                biased;
                () = cancel.until(Urgency::Soon) => Err(cancelled(&what)),
                client = tokio::time::timeout(timeout, config.connect(connector)) => match client {
                    Ok(Ok((client, connection))) => {
                        // It ends with the client; what went wrong, the next request tells.
                        tokio::spawn(async move { drop(connection.await) });
                        Ok(client)
                    }
                    Ok(Err(problem)) => Err(address.refused(&problem)),
                    Err(_) => Err(session::too_slow(&what, timeout)),
                },
            }
        })??;
        Ok(Box::new(Open::new(
            client,
            tls,
            shown,
            until,
            timeout,
            self.cancel.clone(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offline_refuses_the_network() {
        let client = Client::new(true, Cancel::new());
        let url = DatabaseUrl::new("postgresql://app:geheim@192.0.2.1/app").expect("a good URL");
        let fault = client
            .open(&url, Duration::from_secs(1))
            .err()
            .expect("refused");
        assert_eq!(fault.kind, FaultKind::Offline);
        assert!(!fault.what.contains("geheim"), "{fault}");
    }
}
