//! Owns the address of a database: what a URL says, as libpq reads it, and what of it may be shown.

use std::error::Error as _;
use std::path::PathBuf;

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Config, Error};

use crate::model::fault::{Fault, FaultKind};

/// Options that other clients of the same URL know, and that say nothing about the connection.
const OTHERS: [&str; 9] = [
    "connection_limit",
    "pgbouncer",
    "pool_timeout",
    "prepareThreshold",
    "schema",
    "single_use_connections",
    "socket_timeout",
    "statement_cache_size",
    "supa",
];

/// How far the server's certificate is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Not at all: the line is encrypted, whoever is at its end.
    Anybody,
    /// It comes from an authority that is trusted.
    Authority,
    /// That, and it is for this host.
    Host,
}

/// Where a database is.
#[derive(Clone, Debug)]
pub struct Address {
    /// What the client needs.
    pub config: Config,
    /// `host:port/database`.
    pub shown: String,
    /// Is it on this machine?
    pub local: bool,
    /// How far the certificate is looked at.
    pub trust: Trust,
    /// The authorities that are trusted, instead of the system's.
    pub authorities: Option<PathBuf>,
}

fn wrong(why: &str) -> Fault {
    // What the parser says may repeat a part of the password.
    Fault::new(
        FaultKind::Missing,
        format!("the URL of the database cannot be used: {why}"),
        "write it as postgresql://user:password@host:port/name, special characters as %XX",
    )
}

impl Address {
    /// Reads a URL.
    pub fn parse(url: &str) -> Result<Self, Fault> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut authorities) = ("prefer", None);
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match key {
                "sslmode" => mode = value,
                "sslrootcert" if value == "system" => {}
                "sslrootcert" => authorities = Some(PathBuf::from(unescaped(value))),
                "sslcert" | "sslkey" | "sslpassword" => {
                    return Err(wrong("client certificates are not supported"));
                }
                key if OTHERS.contains(&key) => {}
                _ => kept.push(pair),
            }
        }
        let mut text = base.to_owned();
        if !kept.is_empty() {
            text.push('?');
            text.push_str(&kept.join("&"));
        }
        let parsed = text.parse::<Config>();
        let mut config = parsed.map_err(|_| wrong("it is not written as one"))?;
        if config.get_hosts().is_empty() {
            return Err(wrong("it names no host"));
        }
        let (ssl, trust) = match mode {
            "disable" => (SslMode::Disable, Trust::Anybody),
            "allow" | "prefer" => (SslMode::Prefer, Trust::Anybody),
            // As libpq does: who names authorities wants them to be asked.
            "require" if authorities.is_some() => (SslMode::Require, Trust::Authority),
            "require" => (SslMode::Require, Trust::Anybody),
            "verify-ca" => (SslMode::Require, Trust::Authority),
            "verify-full" => (SslMode::Require, Trust::Host),
            _ => {
                return Err(wrong(
                    "its sslmode is none of disable, prefer, require, verify-ca and verify-full",
                ));
            }
        };
        let sockets = config.get_hosts().iter().all(is_socket);
        config.ssl_mode(if sockets { SslMode::Disable } else { ssl });
        if config.get_application_name().is_none() {
            config.application_name("qgate");
        }
        Ok(Self {
            shown: shown(&config),
            local: is_local(&config),
            trust,
            authorities,
            config,
        })
    }

    /// Why a connection was not made.
    pub fn refused(&self, problem: &Error) -> Fault {
        let at = &self.shown;
        if let Some(said) = problem.as_db_error() {
            let message = self.hide(said.message());
            let (kind, cure) = match said.code().code() {
                "28P01" | "28000" => (
                    FaultKind::ToolFailed,
                    "look at the user and the password in the URL, and at the server's pg_hba.conf",
                ),
                "3D000" => (
                    FaultKind::Missing,
                    "look at the name of the database in the URL",
                ),
                "57P03" => (FaultKind::ToolFailed, "wait until the server has started"),
                "53300" => (
                    FaultKind::ToolFailed,
                    "wait, or let the server take more connections",
                ),
                _ => (FaultKind::ToolFailed, "see the server's log"),
            };
            return Fault::new(
                kind,
                format!("the database {at} does not let us in: {message}"),
                cure,
            );
        }
        let mut causes = vec![problem.to_string()];
        let mut next = problem.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes.dedup();
        let mut said = causes.last().cloned().unwrap_or_default();
        if let [first, .., last] = causes.as_slice()
            && !first.contains(last.as_str())
        {
            said = format!("{first}: {last}");
        }
        let cure = if said.contains("TLS") {
            "mend the server's certificate, name its authority in sslrootcert, or choose another sslmode"
        } else if said.contains("password missing") {
            "give the password in the URL"
        } else {
            "start the server, or mend its address"
        };
        Fault::new(
            FaultKind::ToolFailed,
            format!(
                "the database {at} cannot be reached: {}",
                self.hide(&one_line(&said))
            ),
            cure,
        )
    }

    /// A message without the password, should a server ever repeat it.
    fn hide(&self, message: &str) -> String {
        let password = self.config.get_password().unwrap_or_default();
        match std::str::from_utf8(password) {
            Ok(password) if password.len() >= 4 && Some(password) != self.config.get_user() => {
                message.replace(password, "***")
            }
            _ => message.to_owned(),
        }
    }
}

/// A message on one line.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_socket(host: &Host) -> bool {
    !matches!(host, Host::Tcp(_))
}

fn shown(config: &Config) -> String {
    let mut all = Vec::new();
    for (at, host) in config.get_hosts().iter().enumerate() {
        let ports = config.get_ports();
        let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        all.push(match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            #[cfg(unix)]
            Host::Unix(path) => format!("{}:{port}", path.display()),
        });
    }
    let name = config.get_dbname().or_else(|| config.get_user());
    format!("{}/{}", all.join(","), name.unwrap_or_default())
}

fn is_local(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    let by_name = |host: &Host| match host {
        Host::Tcp(name) => {
            let address = name.trim_start_matches('[').trim_end_matches(']');
            name == "localhost"
                || address
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    if addresses.is_empty() {
        config.get_hosts().iter().all(by_name)
    } else {
        addresses.iter().all(std::net::IpAddr::is_loopback)
    }
}

/// `%2F` and its like resolved.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = (*first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        rest = if let Some(code) = code {
            bytes.push(code);
            &tail[2..]
        } else {
            bytes.push(*first);
            tail
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<(&str, bool, Trust), FaultKind>) {
        let found = Address::parse(url);
        let found = found.as_ref().map_err(|fault| {
            assert!(!fault.what.contains("geheim"), "{fault}");
            fault.kind
        });
        let found = found.map(|a| (a.shown.as_str(), a.local, a.trust));
        assert_eq!(found, expected, "{url}");
    }

    #[test]
    fn what_is_local_and_what_is_shown() {
        let anybody = Trust::Anybody;
        check(
            "postgresql://app:geheim@127.0.0.1:6543/x",
            Ok(("127.0.0.1:6543/x", true, anybody)),
        );
        check(
            "postgres://app:geheim@localhost",
            Ok(("localhost:5432/app", true, anybody)),
        );
        check(
            "postgresql://app@%2Frun%2Fpg/x?sslmode=verify-full",
            Ok(("/run/pg:5432/x", true, Trust::Host)),
        );
        check(
            "postgresql://app:geheim@db.example.com/x?sslmode=require&pgbouncer=true",
            Ok(("db.example.com:5432/x", false, anybody)),
        );
        check(
            "postgresql://a:geheim@localhost,db.example.com/x?sslmode=verify-ca",
            Ok((
                "localhost:5432,db.example.com:5432/x",
                false,
                Trust::Authority,
            )),
        );
        check(
            "postgresql://a@localhost/x?hostaddr=192.0.2.1",
            Ok(("localhost:5432/x", false, anybody)),
        );
        for bad in [
            "postgresql://app:geheim@db/x?sslmode=none",
            "postgresql://app:geheim@db/x?geheim=1",
            "postgresql://app:geheim@db:port/x",
            "postgresql:///x",
            "postgresql://a@db/x?sslcert=me.pem",
        ] {
            check(bad, Err(FaultKind::Missing));
        }
    }
}
