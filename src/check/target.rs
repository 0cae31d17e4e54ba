//! Owns addresses of services as options: what may be asked, and what of an address may be shown. Asks nobody.

use std::borrow::Cow;
use std::fmt;

use core::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Where a request goes: `http://127.0.0.1:8080/items?page=1`. The query is never shown: it may hold a token.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    tls: bool,
    host: String,
    port: u16,
    /// With the query.
    path: String,
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// Says what is wrong, without the URL: it may hold a token.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let form =
            || "an address is written as http://host:port/path or https://host/path".to_owned();
        let (tls, rest) = match text.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            _ => return Err(form()),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(
                "an address holds no user and no password: send them in a header, from ${VARIABLE}"
                    .to_owned(),
            );
        }
        let (host, port) = split_port(authority).ok_or_else(form)?;
        let port = match port {
            None if tls => 443,
            None => 80,
            Some(port) => port.parse().map_err(|_| form())?,
        };
        if !is_host(host) || port == 0 {
            return Err(form());
        }
        let target = Self {
            tls,
            host: host.to_ascii_lowercase(),
            port,
            path: "/".to_owned(),
        };
        target.at(path)
    }

    /// The same service at another path, with or without a query.
    ///
    /// # Errors
    /// Says what is wrong with the path, without it.
    pub fn at(&self, path: &str) -> Result<Self, String> {
        let path = path.split('#').next().unwrap_or_default();
        if !path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{}|".contains(&byte))
        {
            return Err(
                "the path has characters that must be written as %20 and the like".to_owned(),
            );
        }
        let path = match path.as_bytes().first() {
            Some(b'/') => path.to_owned(),
            Some(b'?') | None => format!("/{path}"),
            Some(_) => return Err("a path begins with `/`".to_owned()),
        };
        Ok(Self {
            path,
            ..self.clone()
        })
    }

    /// Is it HTTPS?
    #[must_use]
    pub const fn tls(&self) -> bool {
        self.tls
    }

    /// The host: a name in lower case, or an address; IPv6 without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Path and query, for the one who sends the request.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `host`, or `host:port` where the port is not the usual one: the header `host`.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') {
            Cow::Owned(format!("[{}]", self.host))
        } else {
            Cow::Borrowed(&self.host)
        };
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => host.into_owned(),
            (_, port) => format!("{host}:{port}"),
        }
    }

    /// Is it this machine, by its address or as `localhost`?
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest
            .split_once(']')
            .filter(|(host, _)| host.contains(':'))?;
        return match port.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None => port.is_empty().then_some((host, None)),
        };
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, Some(port))),
        None => Some((authority, None)),
    }
}

fn is_host(host: &str) -> bool {
    if host.contains(':') {
        return host.parse::<IpAddr>().is_ok();
    }
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !host.is_empty() && host.len() <= 253 && host.bytes().all(is_word)
}

/// Without the query.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        let path = self.path.split('?').next().unwrap_or_default();
        write!(f, "{scheme}://{}{path}", self.authority())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A path, with or without a query: `/items?page=1`. The query is never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Target);

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        Target::new("http://localhost")?.at(text.trim()).map(Self)
    }

    /// Path and query, for the one who sends the request.
    #[must_use]
    pub fn secret(&self) -> &str {
        self.0.path()
    }
}

/// Hosts that may be asked besides this machine: `staging.example.com`, or with a port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// These.
    #[must_use]
    pub const fn new(hosts: Vec<String>) -> Self {
        Self(hosts)
    }

    /// Is the host named?
    #[must_use]
    pub fn names(&self, target: &Target) -> bool {
        self.0.iter().any(|listed| {
            let listed = listed.trim().to_ascii_lowercase();
            let whole = Target::new(&format!(
                "{}://{listed}",
                if target.tls { "https" } else { "http" }
            ));
            let Ok(whole) = whole else { return false };
            let has_port = split_port(&listed).is_some_and(|(_, port)| port.is_some());
            whole.host == target.host && (!has_port || whole.port == target.port)
        })
    }

    /// May it be asked?
    #[must_use]
    pub fn allow(&self, target: &Target) -> bool {
        target.is_loopback() || self.names(target)
    }

    /// What is wrong with the list.
    ///
    /// # Errors
    /// Says it.
    pub fn check(&self) -> Result<(), String> {
        let bad = |listed: &&String| {
            let listed = listed.trim();
            split_port(listed).is_none_or(|(host, port)| {
                !is_host(host) || port.is_some_and(|port| port.parse::<u16>().is_err())
            })
        };
        match self.0.iter().find(bad) {
            Some(listed) => Err(format!(
                "`{listed}` in `allow_hosts` is no host: write `staging.example.com` or `10.0.0.5:8080`, without scheme and path"
            )),
            None => Ok(()),
        }
    }
}

/// A text that may be a secret: neither its text for people nor its JSON shows it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(String);

/// What is shown in place of one.
const HIDDEN: &str = "(not shown)";

impl Hidden {
    /// The text, for the one who sends it.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

struct Text<T>(&'static str, fn(&str) -> Result<T, String>);

impl<T> de::Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.1)(text).map_err(E::custom)
    }
}

macro_rules! shown_as {
    ($type:ident, $expecting:literal, $read:expr, $show:expr, $example:literal) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text($expecting, $read))
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let show: fn(&Self) -> String = $show;
                serializer.serialize_str(&show(self))
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($type))
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "examples": [$example] })
            }
        }
    };
}

shown_as!(
    Target,
    "an address such as `http://127.0.0.1:8080/health`",
    Target::new,
    ToString::to_string,
    "${API_URL}/health"
);
shown_as!(
    Path,
    "a path such as `/items?page=1`",
    Path::new,
    |path| path
        .secret()
        .split('?')
        .next()
        .unwrap_or_default()
        .to_owned(),
    "/items?page=1"
);
shown_as!(
    Hidden,
    "a text",
    |text| Ok(Hidden(text.to_owned())),
    |_| HIDDEN.to_owned(),
    "Bearer ${API_TOKEN}"
);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<(&str, &str), &str>) {
        let found = Target::new(url);
        let found = found
            .as_ref()
            .map(|target| (target.to_string(), target.path()));
        match (found, expected) {
            (Ok((shown, path)), Ok(wanted)) => assert_eq!((shown.as_str(), path), wanted),
            (Err(problem), Err(wanted)) => assert!(problem.contains(wanted), "{url}: {problem}"),
            (found, _) => panic!("{url}: {found:?}"),
        }
    }

    #[test]
    fn addresses() {
        check(
            "http://127.0.0.1:8080/x?key=1",
            Ok(("http://127.0.0.1:8080/x", "/x?key=1")),
        );
        check("https://Example.com", Ok(("https://example.com/", "/")));
        check("https://[::1]:8443?a#b", Ok(("https://[::1]:8443/", "/?a")));
        check("http://u:p@localhost/", Err("no user"));
        check("http://localhost:0/", Err("written as"));
        check("http://localhost:99999/", Err("written as"));
        check("http://a b/", Err("written as"));
        check("http://a/b c", Err("%20"));
        check("http://a/\r\nx: y", Err("%20"));
        for bad in [
            "",
            "example.com",
            "file:///etc/passwd",
            "http://",
            "::",
            "http://[::1",
            "http://[x]/",
        ] {
            check(bad, Err("written as"));
        }
    }

    #[test]
    fn who_may_be_asked() {
        fn check(url: &str, hosts: &[&str], expected: bool) {
            let hosts = Hosts::new(hosts.iter().map(|host| (*host).to_owned()).collect());
            let target = Target::new(url).expect("an address");
            assert_eq!(hosts.allow(&target), expected, "{url} {hosts:?}");
        }
        check("http://localhost/", &[], true);
        check("http://127.8.0.1/", &[], true);
        check("http://[::1]:1/", &[], true);
        check("http://localhost.example.com/", &[], false);
        check("http://127.0.0.1.example.com/", &[], false);
        check("http://169.254.169.254/", &[], false);
        check("http://2130706433/", &[], false);
        check("https://a.example.com/", &["A.example.com"], true);
        check("https://a.example.com:8443/", &["a.example.com"], true);
        check("https://a.example.com:8443/", &["a.example.com:443"], false);
        check("https://b.a.example.com/", &["a.example.com"], false);
    }

    #[test]
    fn nothing_shows_a_secret() {
        let target = Target::new("http://a/?token=geheim").expect("an address");
        let hidden = Hidden("geheim".to_owned());
        let json = serde_json::to_string(&(&target, &hidden)).expect("JSON");
        assert!(!format!("{target:?}{target}{hidden:?}{json}").contains("geheim"));
        let problem = Target::new("geheim://geheim").expect_err("no address");
        assert!(!problem.contains("geheim"), "{problem}");
    }
}
