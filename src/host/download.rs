//! Owns downloads of files that may be large: to disk, with limits on size, time and silence, checked against every checksum
//! that the server names. Redirects stay on the host. Knows no content.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::Duration;

use md5::Digest as _;
use reqwest::Url;
use reqwest::header::{HeaderMap, IF_NONE_MATCH};

use super::http;
use super::interrupt::{Cancel, Urgency, cancelled};
use super::runtime;
use crate::model::fault::{Fault, FaultKind};

/// Limits of a download.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most bytes.
    pub size: u64,
    /// The longest time for all of it.
    pub whole: Duration,
    /// The longest time without a byte.
    pub silence: Duration,
    /// The fewest bytes in a second, on average, after the time of silence.
    pub pace: u64,
}

/// What came.
#[derive(Debug)]
pub enum Came {
    /// The file has not changed since the `etag` that was given.
    Same,
    /// It is not there.
    Nothing,
    /// The file.
    File(File),
}

/// A file that came.
#[derive(Debug)]
pub struct File {
    /// The content, from its start; it goes away with the value.
    pub file: std::fs::File,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// When the server says it was changed last, as it writes it.
    pub modified: String,
    /// What the server calls this version.
    pub etag: String,
}

/// Fetches a file.
///
/// # Errors
/// When it does not come whole and right within the limits. `Came::Nothing` is no error.
pub fn fetch(url: &str, etag: &str, limits: Limits, cancel: &Cancel) -> Result<Came, Fault> {
    let url = http::parse(url)?;
    if url.scheme() != "https" && !http::is_local(&url) {
        return Err(failed(
            &url,
            "it is not asked over plain HTTP: anybody on the way could change the answer",
        ));
    }
    let what = http::shown(&url);
    let etag = etag.to_owned();
    let cancel = cancel.clone();
    runtime::wait(async move {
        tokio::select! {
            biased;
            () = cancel.until(Urgency::Soon) => Err(cancelled(&what)),
            came = tokio::time::timeout(limits.whole, follow(url, &etag, limits)) => {
                came.unwrap_or_else(|_| Err(too_slow(&what, limits.whole)))
            }
        }
    })?
}

/// Asks, and asks again where it is sent on the same host.
async fn follow(first: Url, etag: &str, limits: Limits) -> Result<Came, Fault> {
    let mut url = first.clone();
    for _ in 0..4 {
        let client = http::client(&url, http::is_local(&url))?;
        let mut request = client.get(url.clone());
        if !etag.is_empty() {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let sent = tokio::time::timeout(limits.silence, request.send()).await;
        let response = sent
            .map_err(|_| too_slow(&http::shown(&url), limits.silence))?
            .map_err(|problem| http::unanswered(&http::shown(&url), problem))?;
        match response.status().as_u16() {
            200 => return take(&url, response, limits).await.map(Came::File),
            304 if !etag.is_empty() => return Ok(Came::Same),
            404 | 410 => return Ok(Came::Nothing),
            301 | 302 | 303 | 307 | 308 => {
                let target = header(response.headers(), "location");
                let next = url
                    .join(&target)
                    .map_err(|_| failed(&url, "it redirects to no URL"))?;
                let stays = (next.scheme(), next.host_str(), next.port_or_known_default())
                    == (
                        first.scheme(),
                        first.host_str(),
                        first.port_or_known_default(),
                    );
                if !stays {
                    let host = next.host_str().unwrap_or("nowhere").to_owned();
                    return Err(failed(
                        &url,
                        &format!("it redirects to another host, {host}"),
                    ));
                }
                url = next;
            }
            status => return Err(failed(&url, &format!("it answered with status {status}"))),
        }
    }
    Err(failed(&first, "it redirects too often"))
}

/// Writes the answer to a temporary file.
async fn take(url: &Url, mut response: reqwest::Response, limits: Limits) -> Result<File, Fault> {
    let headers = response.headers().clone();
    let announced = response.content_length();
    let too_large = |size: u64| {
        let most = limits.size >> 20;
        failed(
            url,
            &format!("it is too large: {size} bytes, more than {most} MiB"),
        )
    };
    if let Some(size) = announced.filter(|size| *size > limits.size) {
        return Err(too_large(size));
    }
    let disk = |problem: std::io::Error| failed(url, &format!("it cannot be kept: {problem}"));
    let mut file = tempfile::tempfile().map_err(disk)?;
    let (mut sha256, mut md5) = (sha2::Sha256::new(), md5::Md5::new());
    let mut size = 0_u64;
    let start = tokio::time::Instant::now();
    loop {
        let chunk = tokio::time::timeout(limits.silence, response.chunk()).await;
        let chunk = chunk.map_err(|_| too_slow(&http::shown(url), limits.silence))?;
        let chunk = chunk.map_err(|problem| http::unanswered(&http::shown(url), problem))?;
        let Some(chunk) = chunk else { break };
        size += chunk.len() as u64;
        if size > limits.size {
            return Err(too_large(size));
        }
        let passed = start.elapsed();
        if passed > limits.silence && size < limits.pace.saturating_mul(passed.as_secs()) {
            let seconds = passed.as_secs();
            return Err(failed(
                url,
                &format!("it comes too slowly: {size} bytes in {seconds} s"),
            ));
        }
        sha256.update(&chunk);
        md5.update(&chunk);
        file.write_all(&chunk).map_err(disk)?;
    }
    if announced.is_some_and(|announced| announced != size) {
        return Err(failed(url, &format!("it is cut off after {size} bytes")));
    }
    let sha256: Vec<u8> = sha256.finalize().to_vec();
    let named = named_digests(&headers);
    for (algorithm, value) in &named {
        let found = match *algorithm {
            "md5" => base64(&md5.clone().finalize()),
            _ => base64(&sha256),
        };
        if found != *value {
            return Err(failed(
                url,
                &format!("its {algorithm} checksum is not the one that the server names"),
            ));
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(disk)?;
    Ok(File {
        file,
        sha256: hex(&sha256),
        modified: header(&headers, "last-modified"),
        etag: header(&headers, "etag"),
    })
}

/// The checksums that a server names in its headers, in base64.
fn named_digests(headers: &HeaderMap) -> Vec<(&'static str, String)> {
    let mut named = Vec::new();
    let md5 = header(headers, "content-md5");
    if !md5.is_empty() {
        named.push(("md5", md5));
    }
    for name in ["x-goog-hash", "repr-digest", "content-digest", "digest"] {
        for value in headers.get_all(name) {
            for part in value.to_str().unwrap_or_default().split(',') {
                let Some((algorithm, value)) = part.trim().split_once('=') else {
                    continue;
                };
                let value = value.trim_matches(':').to_owned();
                match algorithm.to_ascii_lowercase().as_str() {
                    "md5" => named.push(("md5", value)),
                    "sha-256" | "sha256" => named.push(("SHA-256", value)),
                    _ => {}
                }
            }
        }
    }
    named
}

fn header(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

fn failed(url: &Url, why: &str) -> Fault {
    Fault::new(
        FaultKind::ToolFailed,
        format!("{}: {why}", http::shown(url)),
        "try again later, or name another source with --from",
    )
}

fn too_slow(what: &str, limit: Duration) -> Fault {
    Fault::new(
        FaultKind::Timeout,
        format!(
            "{what}: nothing came for {}",
            crate::base::words::duration(limit)
        ),
        "try again later, or name another source with --from",
    )
}

/// Hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three
            .iter()
            .fold(0_usize, |number, byte| (number << 8) | usize::from(*byte));
        let number = number << (8 * (3 - three.len()));
        for at in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * at)) & 63];
            text.push(if at > three.len() {
                '='
            } else {
                char::from(digit)
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits() {
        let check = |text: &str, expected: &str| assert_eq!(base64(text.as_bytes()), expected);
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foobar\u{ff}", "Zm9vYmFyw78=");
        assert_eq!(hex(&[0, 255]), "00ff");
    }
}
