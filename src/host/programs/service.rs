//! Owns a service that runs while something else is done: its start, the wait until it is ready, its certain end.

use std::process::ExitStatus;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::{oneshot, watch};

use crate::base::{ascii, words};
use crate::check::ports::{Service, ServiceRequest, Stopped};
use crate::check::usage::{Looks, Watch};
use crate::host::interrupt::{Cancel, Urgency, cancelled};
use crate::host::usage::{Root, Watcher};
use crate::model::fault::{Fault, FaultKind};

use super::log::Log;
use super::tree::{Ending, Tree};
use super::{GRACE, Stream, drain, finish_log, not_started, ready, signal};

/// How often a service that is not ready yet is asked.
const ASK: Duration = Duration::from_millis(50);

/// How long an address may stay taken behind the end of its service.
const FREE: Duration = Duration::from_secs(2);

/// How many of its last lines are told.
const LAST_LINES: usize = 3;

/// A service that is ready.
pub(super) struct Running {
    root: Option<Root>,
    log: Arc<Mutex<Log>>,
    ended: watch::Receiver<Option<String>>,
    stop: Option<oneshot::Sender<()>>,
    stopped: mpsc::Receiver<Stopped>,
}

impl Service for Running {
    fn pid(&self) -> Option<u32> {
        Some(self.root.as_ref()?.pid)
    }

    fn watch(&self, looks: Looks) -> Result<Box<dyn Watch>, Fault> {
        let root = self.root.clone().ok_or_else(|| {
            Fault::new(
                FaultKind::ToolFailed,
                "the service ended before anybody could look at it",
                "see its log",
            )
        })?;
        Ok(Box::new(Watcher::start(root, looks)?))
    }

    fn ended(&self) -> Option<String> {
        self.ended.borrow().clone()
    }

    fn log(&self) -> Option<String> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.shown()
    }

    fn stop(mut self: Box<Self>) -> Stopped {
        self.end()
    }
}

impl Running {
    fn end(&mut self) -> Stopped {
        let Some(stop) = self.stop.take() else {
            return Stopped::default();
        };
        // When nobody hears it, the service has been ended already, by an interrupt.
        let _ = stop.send(());
        self.stopped.recv().unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// A service on its way.
struct Life {
    name: String,
    tree: Tree,
    streams: [Stream; 2],
    log: Arc<Mutex<Log>>,
    cancel: Cancel,
    request: ServiceRequest,
}

/// Why it is not waited for any longer.
enum Wait {
    Ready,
    Ended(std::io::Result<ExitStatus>),
    TimedOut,
    Cancelled,
}

/// Starts the service and waits until it is ready.
pub(super) async fn start(
    command: Command,
    request: ServiceRequest,
    log: Log,
    cancel: Cancel,
) -> Result<Running, Fault> {
    let name = request.program.argv.first().cloned().unwrap_or_default();
    let address = ready::address(&request.ready);
    if let Some(address) = &address
        && ready::listens(address).await
    {
        let (host, port) = address;
        return Err(Fault::new(
            FaultKind::ToolFailed,
            format!(
                "`{name}` is not started: something else listens at {host}:{port} already, and would be measured in its place"
            ),
            "stop it, or let the service listen elsewhere",
        ));
    }
    let mut tree = Tree::spawn(command).map_err(|problem| not_started(&name, &problem))?;
    let log = Arc::new(Mutex::new(log));
    let (stdout, stderr) = tree.pipes();
    let keep = request.program.keep;
    let streams = [
        Stream::follow(stdout, keep, &log),
        Stream::follow(stderr, keep, &log),
    ];
    let mut life = Life {
        name,
        tree,
        streams,
        log,
        cancel,
        request,
    };
    let (end, lacks) = life.until_ready().await;
    let root = life.tree.root(false);
    match end {
        Wait::Ready => {}
        Wait::Cancelled => {
            life.stop(None).await;
            return Err(cancelled("the start of a service"));
        }
        Wait::Ended(status) => {
            let how = how_it_ended(&status);
            let name = life.name.clone();
            let stopped = life.stop(Some(how.clone())).await;
            let what = format!("`{name}` ended before it was ready, with {how}");
            return Err(Fault::new(FaultKind::ToolFailed, what, stopped.help()));
        }
        Wait::TimedOut => {
            let within = words::duration(life.request.ready.timeout.0);
            let name = life.name.clone();
            let stopped = life.stop(None).await;
            let what = format!("`{name}` was not ready within {within}: {lacks}");
            return Err(Fault::new(FaultKind::Timeout, what, stopped.help()));
        }
    }
    let (stop, asked) = oneshot::channel();
    let (tell, stopped) = mpsc::sync_channel(1);
    let (says, ended) = watch::channel(None);
    let log = Arc::clone(&life.log);
    tokio::spawn(async move {
        let how = life.until_asked(asked, &says).await;
        // Nobody waits for it only when an interrupt ended the run.
        let _ = tell.send(life.stop(how).await);
    });
    Ok(Running {
        root,
        log,
        ended,
        stop: Some(stop),
        stopped,
    })
}

impl Life {
    /// Waits until the service is ready; says what it lacked when it was asked last.
    async fn until_ready(&mut self) -> (Wait, String) {
        let mut lacks = "nobody asked".to_owned();
        let cancel = self.cancel.clone();
        let Self {
            tree,
            streams,
            request,
            ..
        } = self;
        let said = || {
            let texts = streams.each_ref().map(|stream| {
                let bytes = stream.so_far().into_bytes();
                String::from_utf8_lossy(&bytes).into_owned()
            });
            texts.join("\n")
        };
        let asks = async {
            loop {
                match ready::ask(&request.ready, said).await {
                    Ok(()) => return,
                    Err(why) => lacks = why,
                }
                tokio::time::sleep(ASK).await;
            }
        };
        let end = tokio::select! {
            biased;
            () = cancel.until(Urgency::Soon) => Wait::Cancelled,
            status = tree.wait() => Wait::Ended(status),
            () = asks => Wait::Ready,
            () = tokio::time::sleep(request.ready.timeout.0) => Wait::TimedOut,
        };
        (end, lacks)
    }

    /// Waits until the service is to be stopped; gives how it ended before that, if it did.
    async fn until_asked(
        &mut self,
        asked: oneshot::Receiver<()>,
        says: &watch::Sender<Option<String>>,
    ) -> Option<String> {
        let cancel = self.cancel.clone();
        let tree = &mut self.tree;
        let lives = async {
            let how = how_it_ended(&tree.wait().await);
            says.send_replace(Some(how.clone()));
            how
        };
        let stop = async {
            tokio::select! {
                // An error: the handle is gone.
                _ = asked => {}
                () = cancel.until(Urgency::Soon) => {}
            }
        };
        tokio::pin!(stop);
        let how = tokio::select! {
            biased;
            () = &mut stop => return None,
            how = lives => how,
            () = tokio::time::sleep(self.request.program.timeout) => return None,
        };
        stop.await;
        Some(how)
    }

    /// Ends it and all that it started, wherever that went.
    async fn stop(mut self, ended: Option<String>) -> Stopped {
        let how = Ending {
            signal: self.request.stop.signal.number(),
            grace: self.request.stop.grace.0,
            strays: true,
        };
        let in_grace = self.tree.end(how, &self.cancel).await;
        let whole = drain(&mut self.streams, GRACE, &self.cancel).await;
        let log = finish_log(&self.log, whole);
        let still_taken = match ready::address(&self.request.ready) {
            Some(address) => still_taken(&address).await,
            None => None,
        };
        let [out, err] = self.streams.map(Stream::captured);
        Stopped {
            killed: ended.is_none() && !in_grace,
            ended,
            log,
            last_words: last_lines([err.into_bytes(), out.into_bytes()]),
            still_taken,
        }
    }
}

/// The address, if somebody still listens there after a while.
async fn still_taken(address: &(String, u16)) -> Option<String> {
    let deadline = tokio::time::Instant::now() + FREE;
    while ready::listens(address).await {
        if tokio::time::Instant::now() >= deadline {
            return Some(format!("{}:{}", address.0, address.1));
        }
        tokio::time::sleep(ASK).await;
    }
    None
}

fn how_it_ended(status: &std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => match (status.code(), signal(*status)) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(number)) => format!("signal {number}"),
            (None, None) => "an unknown status".to_owned(),
        },
        Err(problem) => format!("an unknown status ({problem})"),
    }
}

/// The last lines of the first output that says anything, oldest first.
fn last_lines(outputs: [Vec<u8>; 2]) -> Vec<String> {
    let texts = outputs.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = texts.iter().find(|text| !text.trim().is_empty());
    let lines = text.into_iter().flat_map(|text| text.lines().rev());
    let plain = lines.map(|line| {
        let line: String = ascii::strip_terminal_sequences(line)
            .trim()
            .chars()
            .take(200)
            .collect();
        ascii::escape(&line).into_owned()
    });
    let mut last: Vec<String> = plain
        .filter(|line| !line.is_empty())
        .take(LAST_LINES)
        .collect();
    last.reverse();
    last
}
