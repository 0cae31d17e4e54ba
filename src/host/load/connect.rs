//! Owns connections for load: names to addresses, sockets, TLS; follows nothing and keeps no pool.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::check::target::{Hosts, Target};

use super::tls::{Secure, Shown};

/// What is sent.
pub(super) type Message = hyper::Request<Full<Bytes>>;

/// How a service is reached.
#[derive(Debug)]
pub(super) struct Route {
    addresses: Vec<SocketAddr>,
    secure: Option<Secure>,
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) struct Trouble {
    /// For people.
    pub(super) what: String,
    /// This machine could not: it ran out of ports or descriptors.
    pub(super) own: bool,
}

impl Trouble {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            own: false,
        }
    }

    /// Nobody answered in time.
    pub(super) fn slow() -> Self {
        Self::new("no answer in time")
    }

    fn of(problem: &io::Error) -> Self {
        // EMFILE and ENFILE have no kind of their own; their numbers are the same on every Unix.
        let own = matches!(
            problem.kind(),
            io::ErrorKind::AddrNotAvailable | io::ErrorKind::OutOfMemory
        ) || (cfg!(unix) && matches!(problem.raw_os_error(), Some(23 | 24)));
        Self {
            what: problem.to_string(),
            own,
        }
    }
}

/// What carries an open connection; it must be polled until it ends.
pub(super) type Carrier = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// An open connection.
pub(super) struct Opened {
    /// Sends on it.
    pub(super) sender: SendRequest<Full<Bytes>>,
    /// Carries it.
    pub(super) carrier: Carrier,
}

impl Route {
    /// Finds the service. A host that is not named must be this machine by its address too.
    ///
    /// # Errors
    /// Says why it is not found.
    pub(super) async fn find(
        target: &Target,
        hosts: &Hosts,
        secure: Option<Secure>,
    ) -> Result<Self, String> {
        let found = tokio::net::lookup_host((target.host(), target.port())).await;
        let found = found.map_err(|problem| format!("its host is not known: {problem}"))?;
        let named = hosts.names(target);
        let addresses: Vec<SocketAddr> = found
            .filter(|address| named || address.ip().is_loopback())
            .collect();
        if addresses.is_empty() {
            return Err("its host has no address that may be asked".to_owned());
        }
        Ok(Self { addresses, secure })
    }

    /// Opens a connection.
    pub(super) async fn connect(&self) -> Result<Opened, Trouble> {
        let (opened, shown) = self.connect_and_tell().await;
        opened.map_err(|trouble| Trouble {
            what: shown.distrust.unwrap_or(trouble.what),
            ..trouble
        })
    }

    /// Opens a connection, and tells what certificate was shown even when none comes about.
    pub(super) async fn connect_and_tell(&self) -> (Result<Opened, Trouble>, Shown) {
        let mut last = Trouble::new("it has no address");
        for address in &self.addresses {
            match connect(*address).await {
                Ok(stream) => return self.over(stream).await,
                Err(problem) => last = Trouble::of(&problem),
            }
            if last.own {
                break;
            }
        }
        (Err(last), Shown::default())
    }

    async fn over(&self, stream: TcpStream) -> (Result<Opened, Trouble>, Shown) {
        // What is small must not wait for what follows.
        if let Err(problem) = stream.set_nodelay(true) {
            return (Err(Trouble::of(&problem)), Shown::default());
        }
        let Some(secure) = &self.secure else {
            return (open(stream).await, Shown::default());
        };
        let (stream, shown) = secure.connect(stream).await;
        let opened = match stream {
            Ok(stream) => open(stream).await,
            Err(problem) => Err(Trouble::new(problem.to_string())),
        };
        (opened, shown)
    }
}

/// A connection to an address, and to somebody else: where nobody listens at a port of this machine, the kernel may give a
/// socket that very port and connect it with itself.
pub(in crate::host) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

async fn open<S>(stream: S) -> Result<Opened, Trouble>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let made = http1::handshake(TokioIo::new(stream)).await;
    let (sender, connection) = made.map_err(|problem| Trouble::new(problem.to_string()))?;
    let carrier = Box::pin(async move {
        // Whoever waits for an answer is told of its error.
        let _ = connection.await;
    });
    Ok(Opened { sender, carrier })
}
