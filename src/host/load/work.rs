//! Owns a thread that sends and receives: connections that take what is due, or users that take turns. Knows no schedule.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{AbortHandle, JoinSet, LocalSet};

use crate::check::load::{Failure, Model, Outcome, Plan};
use crate::model::fault::{Fault, FaultKind};

use super::connect::Route;
use super::exchange::{Came, Lost, Ready};
use super::health;
use super::lanes::Lane;
use super::pace::Batch;
use super::record::{Record, Sample};
use crate::host::interrupt::{Cancel, Urgency, cancelled};

/// So many requests may wait for a connection.
const BACKLOG: usize = 2_000_000;

/// Sends the plan's load and gives what came of it.
///
/// # Errors
/// When a request cannot be sent at all, or the run was interrupted.
pub(super) fn run(
    plan: &Plan,
    routes: &[Arc<Route>],
    start: Instant,
    receiver: UnboundedReceiver<Batch>,
    lane: Lane,
    cancel: &Cancel,
) -> Result<Outcome, Fault> {
    let ready: Vec<Ready> = plan
        .calls
        .iter()
        .map(Ready::new)
        .collect::<Result<_, _>>()?;
    let shared = Rc::new(Shared {
        calls: ready,
        routes: routes.to_vec(),
        order: plan.order.clone(),
        start,
        timeout: plan.timeout,
        record: RefCell::new(Record::new(
            plan.calls.len(),
            plan.warm_up,
            plan.duration,
            plan.timeout,
        )),
        lane,
        backlog: RefCell::default(),
        wake: Notify::new(),
        idle: Cell::new(0),
        over: Cell::new(false),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|problem| {
            Fault::new(
                FaultKind::ToolFailed,
                format!("the load generator cannot be started: {problem}"),
                "raise the limits on open files",
            )
        })?;
    let before = health::spent();
    let load = async {
        match plan.model {
            Model::Open(_) => {
                let most = shared.lane.part(plan.connections);
                shared.open(receiver, most).await;
            }
            Model::Closed { users, think } => {
                shared
                    .closed(users, think, plan.warm_up + plan.duration)
                    .await;
            }
        }
    };
    let done = LocalSet::new().block_on(&runtime, async {
        tokio::select! {
            biased;
            () = cancel.until(Urgency::Soon) => Err(cancelled("the load")),
            () = load => Ok(()),
        }
    });
    let wall = start.elapsed();
    // Connections that are still open go away with it.
    drop(runtime);
    done?;
    let mut outcome = shared.record.borrow().outcome.clone();
    outcome.health.wall = wall;
    if let (Some((ran, waited)), Some((ran_now, waited_now))) = (before, health::spent()) {
        outcome.health.busy = Some(ran_now.saturating_sub(ran));
        outcome.health.waited = Some(waited_now.saturating_sub(waited));
    }
    Ok(outcome)
}

/// What all connections share. They live on one thread.
struct Shared {
    calls: Vec<Ready>,
    routes: Vec<Arc<Route>>,
    order: Vec<usize>,
    start: Instant,
    timeout: Duration,
    record: RefCell<Record>,
    /// This thread's part of the load.
    lane: Lane,
    /// What is due and waits for a connection.
    backlog: RefCell<VecDeque<Duration>>,
    /// Wakes an idle worker; the one that was busy last, so that few connections do all the work.
    wake: Notify,
    idle: Cell<usize>,
    /// Nothing more will be due.
    over: Cell<bool>,
}

/// Connections that a worker holds, by call; those to one service are one.
type Lines = Vec<Option<Line>>;

/// A connection of a worker.
struct Line {
    sender: SendRequest<Full<Bytes>>,
    carrier: AbortHandle,
    /// It carried an answer before.
    used: bool,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.carrier.abort();
    }
}

impl Shared {
    async fn open(self: &Rc<Self>, mut receiver: UnboundedReceiver<Batch>, most: usize) {
        let mut workers = JoinSet::new();
        while let Some(batch) = receiver.recv().await {
            for due in batch {
                if self.backlog.borrow().len() >= BACKLOG {
                    self.record.borrow_mut().dropped(due);
                    continue;
                }
                self.backlog.borrow_mut().push_back(due);
                if self.idle.get() > 0 {
                    self.idle.set(self.idle.get() - 1);
                    self.wake.notify_last();
                } else if workers.len() < most {
                    let shared = Rc::clone(self);
                    workers.spawn_local(async move { shared.worker().await });
                }
            }
        }
        self.over.set(true);
        self.wake.notify_waiters();
        self.record.borrow_mut().outcome.connections = workers.len();
        while workers.join_next().await.is_some() {}
    }

    /// Takes what is due, one after the other.
    async fn worker(&self) {
        let mut lines = self.no_lines();
        let mut free = Duration::ZERO;
        loop {
            let next = self.backlog.borrow_mut().pop_front();
            if let Some(due) = next {
                self.one(&mut lines, Some(due), free).await;
                free = self.start.elapsed();
            } else if self.over.get() {
                return;
            } else {
                self.idle.set(self.idle.get() + 1);
                self.wake.notified().await;
            }
        }
    }

    async fn closed(self: &Rc<Self>, users: usize, think: Duration, until: Duration) {
        let mut all = JoinSet::new();
        let (first, part) = (self.lane.before(users), self.lane.part(users));
        self.record.borrow_mut().outcome.connections = part;
        let step = think / u32::try_from(users.max(1)).unwrap_or(u32::MAX);
        for user in first..first + part {
            let shared = Rc::clone(self);
            let wait = step * u32::try_from(user).unwrap_or(u32::MAX);
            all.spawn_local(async move {
                let first = shared.start + wait;
                tokio::time::sleep_until(first.into()).await;
                let mut lines = shared.no_lines();
                while shared.start.elapsed() < until {
                    shared.one(&mut lines, None, Duration::ZERO).await;
                    if !think.is_zero() {
                        tokio::time::sleep(think).await;
                    }
                }
            });
        }
        while all.join_next().await.is_some() {}
    }

    fn no_lines(&self) -> Lines {
        self.calls.iter().map(|_| None).collect()
    }

    /// Sends one request and writes down what came of it. Without `due` it is due now.
    async fn one(&self, lines: &mut Lines, due: Option<Duration>, free: Duration) {
        let call = self.order[self.lane.turn(self.order.len())];
        let begun = self.start.elapsed();
        let due = due.unwrap_or(begun);
        let deadline = due + self.timeout;
        let sample = |begun, done, failure| Sample {
            call,
            due,
            free,
            begun,
            done,
            failure,
        };
        if begun >= deadline {
            // A connection was free for most of that time: this machine was late, and not the service.
            if begun.saturating_sub(due.max(free)) > self.timeout / 2 {
                self.record.borrow_mut().dropped(due);
                return;
            }
            let late = sample(None, begun, Some(Failure::Timeout));
            self.record.borrow_mut().add(late);
            return;
        }
        let under_way = self.lane.begin();
        self.record.borrow_mut().begin(begun, under_way);
        let line = self.line_of(call);
        let answer = self.answer(&mut lines[line], call);
        let until = (self.start + deadline).into();
        let answer = tokio::time::timeout_at(until, answer).await;
        let done = self.start.elapsed();
        let failure = match answer {
            Ok(Ok(came)) => self.calls[call].judge(&came),
            Ok(Err(Lost::Own(_))) => {
                lines[line] = None;
                self.lane.end();
                self.record.borrow_mut().unsent(due);
                return;
            }
            Ok(Err(Lost::Failed(failure, _))) => {
                lines[line] = None;
                Some(failure)
            }
            Ok(Err(Lost::Unsent | Lost::Closed)) => {
                lines[line] = None;
                Some(Failure::Broken)
            }
            Err(_) => {
                lines[line] = None;
                Some(Failure::Timeout)
            }
        };
        self.lane.end();
        let sample = sample(Some(begun), done, failure);
        self.record.borrow_mut().add(sample);
    }

    /// The first call that goes to the same service.
    fn line_of(&self, call: usize) -> usize {
        let route = &self.routes[call];
        let same = |other: &Arc<Route>| Arc::ptr_eq(other, route);
        self.routes.iter().position(same).unwrap_or(call)
    }

    /// The answer to a call. A connection that the other side closed while it was idle is made anew, once: every client does
    /// that, and no answer was lost by it.
    async fn answer(&self, line: &mut Option<Line>, call: usize) -> Result<Came, Lost> {
        let ready = &self.calls[call];
        let mut again = true;
        loop {
            let held = match line {
                Some(held) => held,
                None => line.insert(self.connect(call).await?),
            };
            let lost = match ready.send(&mut held.sender, false).await {
                Ok(came) => {
                    held.used = true;
                    return Ok(came);
                }
                Err(lost) => lost,
            };
            let was_used = held.used;
            *line = None;
            let harmless = match lost {
                Lost::Unsent => true,
                Lost::Closed => ready.is_idempotent(),
                Lost::Failed(..) | Lost::Own(_) => false,
            };
            if !(again && was_used && harmless) {
                return Err(lost);
            }
            again = false;
        }
    }

    async fn connect(&self, call: usize) -> Result<Line, Lost> {
        let opened = self.routes[call].connect().await.map_err(Lost::of)?;
        let carrier = tokio::task::spawn_local(opened.carrier).abort_handle();
        Ok(Line {
            sender: opened.sender,
            carrier,
            used: false,
        })
    }
}
