//! Owns a server on this machine that answers as it is told, well or badly.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What makes a status and a body of the body of a question.
pub type Maker = Arc<dyn Fn(&str) -> (u16, String) + Send + Sync>;

/// How a path is answered.
#[derive(Clone)]
pub enum Answer {
    /// These bytes, with these headers besides the length.
    Whole(Vec<u8>, Vec<(&'static str, String)>),
    /// This status, with a small page.
    Status(u16),
    /// A redirect to this URL.
    To(String),
    /// All bytes are announced, half of them come.
    Half(Vec<u8>),
    /// All bytes are announced, one comes now and then.
    Drip(Vec<u8>),
    /// So many bytes are announced.
    Huge(u64),
    /// What this makes of the question.
    Of(Maker),
}

/// The server; its thread ends with the process.
pub struct Server {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    answers: Arc<Mutex<BTreeMap<String, Answer>>>,
}

impl Server {
    /// A server that knows no path.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let answers = Arc::<Mutex<BTreeMap<String, Answer>>>::default();
        let known = Arc::clone(&answers);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let known = Arc::clone(&known);
                std::thread::spawn(move || answer(stream, &known));
            }
        });
        Self {
            url: format!("http://127.0.0.1:{port}"),
            answers,
        }
    }

    /// Says how a path is answered from now on.
    pub fn put(&self, path: &str, answer: Answer) {
        let mut answers = self.answers.lock().expect("no thread broke");
        answers.insert(path.to_owned(), answer);
    }
}

/// The client may go away at any time.
fn answer(mut stream: TcpStream, known: &Mutex<BTreeMap<String, Answer>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let mut first = String::new();
    let _ = reader.read_line(&mut first);
    let mut same = None;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            match &*name.to_ascii_lowercase() {
                "if-none-match" => same = Some(value.trim().to_owned()),
                "content-length" => length = value.trim().parse().expect("a length"),
                _ => {}
            }
        }
    }
    let mut question = vec![0; length];
    let _ = reader.read_exact(&mut question);
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let answer = known.lock().expect("no thread broke").get(&path).cloned();
    let mut head = |status: &str, length: u64, more: &[(&str, String)]| {
        let mut text =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n");
        for (name, value) in more {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let _ = stream.write_all(text.as_bytes());
    };
    match answer.unwrap_or(Answer::Status(404)) {
        Answer::Whole(body, headers) => {
            let is_same = headers
                .iter()
                .any(|(name, value)| *name == "etag" && Some(value) == same.as_ref());
            if is_same {
                head("304 Not Modified", 0, &headers);
                return;
            }
            head("200 OK", body.len() as u64, &headers);
            let _ = stream.write_all(&body);
        }
        Answer::Of(maker) => {
            let (status, body) = maker(&String::from_utf8_lossy(&question));
            head(&format!("{status} So"), body.len() as u64, &[]);
            let _ = stream.write_all(body.as_bytes());
        }
        Answer::Status(status) => {
            head(&format!("{status} No"), 5, &[]);
            let _ = stream.write_all(b"<p>no");
        }
        Answer::To(url) => head("302 Found", 0, &[("location", url)]),
        Answer::Half(body) => {
            head("200 OK", body.len() as u64, &[]);
            let _ = stream.write_all(&body[..body.len() / 2]);
        }
        Answer::Huge(length) => head("200 OK", length, &[]),
        Answer::Drip(body) => {
            head("200 OK", body.len() as u64, &[]);
            // A client that says nothing is waited for; one that is gone ends it.
            let pause = Some(Duration::from_millis(50));
            stream.set_read_timeout(pause).expect("a socket");
            for byte in body {
                let gone = stream.read(&mut [0]).is_ok_and(|read| read == 0);
                if gone || stream.write_all(&[byte]).is_err() {
                    return;
                }
            }
        }
    }
}
