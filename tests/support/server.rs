//! Owns HTTP servers for tests and benches: real sockets on this machine, a thread for each connection, an answer as told.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request that came.
pub struct Seen {
    /// Its first line and headers.
    pub head: String,
    /// Its body.
    pub body: String,
    /// How many came before it.
    pub number: usize,
}

impl Seen {
    /// The path, with the query.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

/// What is answered.
pub enum Reply {
    /// These bytes; the connection lives on.
    Keep(Vec<u8>),
    /// These bytes and no more.
    Close(Vec<u8>),
    /// Nothing, for ever.
    Hang,
}

impl Reply {
    /// An answer with this status and body.
    pub fn of(status: u16, body: &str) -> Self {
        Self::Keep(answer(status, body))
    }
}

/// The bytes of an answer.
pub fn answer(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// A server. It listens as long as the program lives: nobody waits for it.
pub struct Server {
    /// Its port.
    pub port: u16,
    /// How many requests came.
    pub hits: Arc<AtomicUsize>,
    /// Their heads and bodies, where they are kept.
    pub seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server on a free port.
    pub fn new(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        Self::on(listener, |stream| stream, reply)
    }

    /// A server on a port that is listened at, over what `wrap` makes of a connection.
    pub fn on<S: Read + Write>(
        listener: TcpListener,
        wrap: impl Fn(TcpStream) -> S + Send + Sync + 'static,
        reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().expect("it is bound").port();
        let (hits, seen) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(Mutex::new(Vec::new())),
        );
        let shared = Arc::new((wrap, reply, Arc::clone(&hits), Arc::clone(&seen)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { continue };
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || {
                    let (wrap, reply, hits, seen) = &*shared;
                    let _ = stream.set_nodelay(true);
                    // That the other side goes away is its right.
                    let _ = converse(wrap(stream), reply, hits, seen);
                });
            }
        });
        Self { port, hits, seen }
    }

    /// How many requests came.
    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    /// `http://127.0.0.1:PORT` and the path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// The most requests whose text is kept.
const KEPT: usize = 1_000;

fn converse<S: Read + Write>(
    stream: S,
    reply: impl Fn(&Seen) -> Reply,
    hits: &AtomicUsize,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        let mut length = 0;
        loop {
            let start = head.len();
            if stream.read_line(&mut head)? == 0 {
                return Ok(());
            }
            let line = head[start..].trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        let number = hits.fetch_add(1, Ordering::SeqCst);
        if number < KEPT {
            let mut seen = seen.lock().expect("nobody panicked");
            seen.push(format!("{head}{body}"));
        }
        match reply(&Seen { head, body, number }) {
            Reply::Keep(bytes) => stream.get_mut().write_all(&bytes)?,
            Reply::Close(bytes) => return stream.get_mut().write_all(&bytes),
            Reply::Hang => rest(Duration::from_hours(1)),
        }
    }
}

/// Takes its time: what a server does, and no test.
#[expect(clippy::disallowed_methods, reason = "a server takes its time")]
pub fn rest(time: Duration) {
    std::thread::sleep(time);
}

/// A port that nobody listens at now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}
