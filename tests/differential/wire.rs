//! Owns a plain connection to the server: one query at a time, as it stands, and the code of the error that it ends in. `psql`
//! would part and replace things in it first.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use crate::server::Server;

/// What the server answered to a query.
#[derive(Debug, Default)]
pub struct Answer {
    /// The code of the error, if there was one.
    pub code: Option<String>,
    /// Its message.
    pub message: String,
    /// Is a transaction open, or none (`I`)?
    pub is_idle: bool,
}

/// A connection.
pub struct Wire {
    stream: UnixStream,
}

impl Wire {
    /// Connects as the superuser.
    pub fn open(server: &Server, database: &str) -> Self {
        let stream = UnixStream::connect(server.socket()).expect("the server listens");
        let mut wire = Self { stream };
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        for word in ["user", "postgres", "database", database, ""] {
            body.extend_from_slice(word.as_bytes());
            body.push(0);
        }
        wire.send(&body);
        let answer = wire.answer();
        assert_eq!(answer.code, None, "{}", answer.message);
        wire
    }

    fn send(&mut self, body: &[u8]) {
        let length = u32::try_from(body.len() + 4).expect("a message of this size can be sent");
        self.stream
            .write_all(&length.to_be_bytes())
            .expect("the server reads");
        self.stream.write_all(body).expect("the server reads");
    }

    /// Runs what stands there.
    pub fn run(&mut self, sql: &str) -> Answer {
        self.stream.write_all(b"Q").expect("the server reads");
        let mut body = sql.as_bytes().to_vec();
        body.push(0);
        self.send(&body);
        self.answer()
    }

    fn answer(&mut self) -> Answer {
        let mut answer = Answer::default();
        loop {
            let mut head = [0_u8; 5];
            self.stream
                .read_exact(&mut head)
                .expect("the server answers");
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
            let mut body = vec![0; length - 4];
            self.stream
                .read_exact(&mut body)
                .expect("the server answers");
            match head[0] {
                b'E' if answer.code.is_none() => {
                    for field in body.split(|byte| *byte == 0) {
                        let text = |from: &[u8]| String::from_utf8_lossy(from).into_owned();
                        match field.split_first() {
                            Some((b'C', code)) => answer.code = Some(text(code)),
                            Some((b'M', message)) => answer.message = text(message),
                            _ => {}
                        }
                    }
                }
                // It waits for the data of a COPY: there is none.
                b'G' => {
                    self.stream.write_all(b"c").expect("the server reads");
                    self.send(&[]);
                }
                b'Z' => {
                    answer.is_idle = body.first() == Some(&b'I');
                    return answer;
                }
                _ => {}
            }
        }
    }
}
