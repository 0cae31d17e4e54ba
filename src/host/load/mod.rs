//! Owns the `Load` port: requests over hyper's connections, from threads of their own, timed from when they were due. Knows
//! no gate.

pub(super) mod connect;
mod exchange;
mod health;
mod lanes;
pub(super) mod look;
mod pace;
mod record;
mod tls;
mod work;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::check::load::{Call, FASTEST, MOST_USERS, Model, Outcome, Plan};
use crate::check::ports::{Load, Look};
use crate::check::target::{Hosts, Target};
use crate::model::fault::{Fault, FaultKind};

use super::interrupt::{Cancel, Urgency, cancelled};
use super::runtime;

use connect::{Route, Trouble};
use lanes::Lane;
use tls::Secure;

/// The time between the start of the threads and the first request.
const RUN_UP: Duration = Duration::from_millis(20);

/// The load generator. Nothing but this machine is asked when it is offline.
#[derive(Clone, Debug)]
pub struct Client {
    offline: bool,
    cancel: Cancel,
}

impl Client {
    /// A generator; when `offline`, only this machine may be asked.
    #[must_use]
    pub const fn new(offline: bool, cancel: Cancel) -> Self {
        Self { offline, cancel }
    }

    fn may_ask(&self, target: &Target, hosts: &Hosts) -> Result<(), Fault> {
        if !hosts.allow(target) {
            return Err(Fault::new(
                FaultKind::Missing,
                format!("{target} is not asked: it is neither this machine nor in `allow_hosts`"),
                format!("add `{}` to `allow_hosts` if it is yours", target.host()),
            ));
        }
        if self.offline && !target.is_loopback() {
            return Err(Fault::new(
                FaultKind::Offline,
                format!("{target} was not asked: the network is not allowed"),
                "run without --offline",
            ));
        }
        Ok(())
    }

    /// A route to each of the plan's services, in the order of its calls, once each of them took a connection.
    fn routes(&self, plan: &Plan) -> Result<Vec<Arc<Route>>, Fault> {
        let mut known: BTreeMap<(bool, String, u16), Arc<Route>> = BTreeMap::new();
        let mut routes = Vec::new();
        for call in &plan.calls {
            let target = &call.target;
            self.may_ask(target, &plan.hosts)?;
            let key = (target.tls(), target.host().to_owned(), target.port());
            if let Some(route) = known.get(&key) {
                routes.push(Arc::clone(route));
                continue;
            }
            let (to, hosts, cancel) = (target.clone(), plan.hosts.clone(), self.cancel.clone());
            let timeout = plan.timeout;
            let route = runtime::wait(async move {
                let try_it = async {
                    let secure = Secure::of(&to)?;
                    let route = Route::find(&to, &hosts, secure).await;
                    let route = route.map_err(|why| nobody(&to, &Trouble::new(why)))?;
                    let problem = route.connect().await.err();
                    problem.map_or(Ok(route), |trouble| Err(nobody(&to, &trouble)))
                };
                tokio::select! {
                    biased;
                    () = cancel.until(Urgency::Soon) => Err(cancelled("the load")),
                    route = try_it => route,
                    () = tokio::time::sleep(timeout) => Err(nobody(&to, &Trouble::slow())),
                }
            })??;
            let route = Arc::new(route);
            known.insert(key, Arc::clone(&route));
            routes.push(route);
        }
        Ok(routes)
    }
}

fn nobody(target: &Target, trouble: &Trouble) -> Fault {
    Fault::new(
        FaultKind::ToolFailed,
        format!("{target} takes no connection: {}", trouble.what),
        "start the service, with `serve` or before qgate, or mend its address",
    )
}

impl Load for Client {
    fn send(&self, plan: &Plan) -> Result<Outcome, Fault> {
        let too_much = match &plan.model {
            Model::Open(schedule) => schedule.fastest() > f64::from(FASTEST),
            Model::Closed { users, .. } => *users > MOST_USERS,
        };
        if too_much || plan.connections > MOST_USERS || plan.order.is_empty() {
            return Err(Fault::new(
                FaultKind::Missing,
                format!(
                    "such a load is not sent: more than {FASTEST}/s, or more than {MOST_USERS} users or connections"
                ),
                "ask for less",
            ));
        }
        let routes = self.routes(plan)?;
        let start = Instant::now() + RUN_UP;
        let lanes = Lane::of(plan);
        let (senders, receivers): (Vec<_>, Vec<_>) = lanes
            .iter()
            .map(|_| tokio::sync::mpsc::unbounded_channel())
            .unzip();
        std::thread::scope(|scope| {
            let pacer = match &plan.model {
                Model::Open(schedule) => {
                    let cancel = self.cancel.flag();
                    let pace = move || pace::pace(schedule.clone(), start, &senders, &cancel);
                    let thread = std::thread::Builder::new().name("qgate-pace".to_owned());
                    Some(thread.spawn_scoped(scope, pace).map_err(no_thread)?)
                }
                Model::Closed { .. } => {
                    drop(senders);
                    None
                }
            };
            let mut workers = Vec::new();
            for (lane, receiver) in lanes.into_iter().zip(receivers) {
                let thread = std::thread::Builder::new().name("qgate-load".to_owned());
                let (cancel, routes) = (self.cancel.clone(), &routes);
                let work = move || work::run(plan, routes, start, receiver, lane, &cancel);
                workers.push(thread.spawn_scoped(scope, work).map_err(no_thread)?);
            }
            // Each is waited for, whatever became of the others.
            let done: Vec<_> = workers
                .into_iter()
                .map(|worker| worker.join().map_err(|_| panicked()).and_then(|done| done))
                .collect();
            if let Some(pacer) = pacer {
                pacer.join().map_err(|_| panicked())?;
            }
            let all = done.into_iter().collect::<Result<Vec<_>, _>>()?;
            // The pacing thread may see an interrupt first, so that the others find nothing more to send.
            if self
                .cancel
                .flag()
                .load(std::sync::atomic::Ordering::Relaxed)
            {
                return Err(cancelled("the load"));
            }
            lanes::merged(all).ok_or_else(panicked)
        })
    }

    fn look(&self, call: &Call, hosts: &Hosts, timeout: Duration) -> Result<Look, Fault> {
        self.may_ask(&call.target, hosts)?;
        let (call, hosts, cancel) = (call.clone(), hosts.clone(), self.cancel.clone());
        runtime::wait(async move {
            tokio::select! {
                biased;
                () = cancel.until(Urgency::Soon) => Err(cancelled("the probe")),
                look = look::look(&call, &hosts, timeout) => look,
            }
        })?
    }

    fn pause(&self, time: Duration) -> Result<(), Fault> {
        let cancel = self.cancel.clone();
        runtime::wait(async move {
            tokio::select! {
                biased;
                () = cancel.until(Urgency::Soon) => Err(cancelled("the probe")),
                () = tokio::time::sleep(time) => Ok(()),
            }
        })?
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is used as a function that maps an error"
)]
fn no_thread(problem: std::io::Error) -> Fault {
    Fault::new(
        FaultKind::ToolFailed,
        format!("a thread of the load generator cannot be started: {problem}"),
        "raise the limits on threads",
    )
}

fn panicked() -> Fault {
    Fault::new(
        FaultKind::Panic,
        "a thread of the load generator panicked",
        "report it: this is a defect of qgate",
    )
}
