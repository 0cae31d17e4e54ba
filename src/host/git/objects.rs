//! Owns reading git objects: a pool of `git cat-file --batch` processes, at most one for each thread that reads at the
//! same time. Knows no paths.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::{Mutex, PoisonError};

use crate::model::fault::Fault;

use super::command::Runner;

/// The objects of one repository.
#[derive(Debug)]
pub(crate) struct Objects {
    runner: Runner,
    idle: Mutex<Vec<Reader>>,
}

impl Objects {
    pub(crate) const fn new(runner: Runner) -> Self {
        Self {
            runner,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// The content of the object with this id; the reason in one line when it cannot be had.
    pub(crate) fn read(&self, id: &str) -> Result<Vec<u8>, String> {
        let idle = self.lock().pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => Reader::start(&self.runner).map_err(|fault| fault.what)?,
        };
        // A reader that failed in the middle of an answer is not used again.
        let answer = reader
            .read(id)
            .map_err(|problem| format!("git stopped answering: {problem}"))?;
        self.lock().push(reader);
        answer.ok_or_else(|| format!("the object {id} is not in this clone"))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One process; it is ended when this is dropped.
#[derive(Debug)]
struct Reader {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Reader {
    fn start(runner: &Runner) -> Result<Self, Fault> {
        let mut child = runner.piped(["cat-file", "--batch"])?;
        let input = child.stdin.take().expect("the input is a pipe");
        let output = child.stdout.take().expect("the output is a pipe");
        Ok(Self {
            child,
            input,
            output: BufReader::with_capacity(64 * 1024, output),
        })
    }

    /// `None` when there is no such object.
    fn read(&mut self, id: &str) -> io::Result<Option<Vec<u8>>> {
        writeln!(self.input, "{id}")?;
        self.input.flush()?;
        let mut header = String::new();
        self.output.read_line(&mut header)?;
        if header.trim_end().ends_with(" missing") {
            return Ok(None);
        }
        let size = header
            .trim_end()
            .rsplit(' ')
            .next()
            .and_then(|size| size.parse::<u64>().ok())
            .ok_or_else(|| io::Error::other(format!("an answer without a size: {header:?}")))?;
        let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0).min(1 << 30));
        (&mut self.output).take(size).read_to_end(&mut content)?;
        let mut line_feed = [0];
        self.output.read_exact(&mut line_feed)?;
        Ok(Some(content))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // It may have ended by itself; nothing depends on how.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
