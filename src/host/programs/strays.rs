//! Owns the search for descendants that left their process group, and their end; starts nothing.
//!
//! A process counts as a descendant when its chain of parents leads to the program, or when it carries the mark that
//! the program was started with in its environment: that one survives `setsid`, a double fork and the parent's death.

use std::collections::BTreeMap;

use sysinfo::{
    Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, Signal, System, UpdateKind,
};

/// The variable that marks all that a program starts.
pub(super) const MARK: &str = "QGATE_TREE";

/// A process forked while others are killed is met in the next round; a tree that outlives these is not ours to win.
const ROUNDS: usize = 3;

/// The descendants of one program. On Windows the job object holds them, and nothing is done here.
#[derive(Debug)]
pub(super) struct Strays {
    leader: Option<Pid>,
    mark: String,
    /// Process ids with their start times, in seconds: ids are used again.
    seen: BTreeMap<Pid, u64>,
}

impl Strays {
    /// Those of the program with this process id, started with this mark.
    pub(super) fn new(leader: Option<u32>, mark: String) -> Self {
        Self {
            leader: leader.map(Pid::from_u32),
            mark,
            seen: BTreeMap::new(),
        }
    }

    /// Notes who lives now, so that a chain of parents that breaks later is not lost.
    pub(super) fn record(&mut self) {
        if let Some(system) = survey() {
            self.find(&system);
        }
    }

    /// Asks those that left the session to end; the group is asked by its own signal.
    pub(super) fn ask(&self) {
        let Some(system) = survey() else { return };
        let own = session(&system, sysinfo::get_current_pid().ok());
        for process in self.living(&system) {
            if process.session_id() != own {
                process.kill_with(Signal::Term);
            }
        }
    }

    /// Is any of those noted still alive?
    pub(super) fn alive(&self) -> bool {
        survey().is_some_and(|system| self.living(&system).next().is_some())
    }

    /// Kills all of them: stopped first, so that they start no others meanwhile.
    pub(super) fn kill(&mut self) {
        for _ in 0..ROUNDS {
            let Some(system) = survey() else { return };
            self.find(&system);
            let living: Vec<&Process> = self.living(&system).collect();
            if living.is_empty() {
                return;
            }
            for process in &living {
                process.kill_with(Signal::Stop);
            }
            for process in &living {
                process.kill();
            }
        }
    }

    fn living<'a>(&'a self, system: &'a System) -> impl Iterator<Item = &'a Process> {
        self.seen.iter().filter_map(|(pid, start)| {
            let process = system.process(*pid)?;
            let same = process.start_time() == *start;
            (same && !is_dead(process)).then_some(process)
        })
    }

    /// Adds the descendants in `system` to those noted.
    fn find(&mut self, system: &System) {
        let mut found: BTreeMap<Pid, u64> = system
            .processes()
            .values()
            .filter(|process| Some(process.pid()) == self.leader || self.is_marked(process))
            .map(|process| (process.pid(), process.start_time()))
            .collect();
        found.append(&mut self.seen);
        loop {
            let before = found.len();
            for process in system.processes().values() {
                let parent = process.parent().and_then(|parent| system.process(parent));
                let of_ours = parent
                    .is_some_and(|parent| found.get(&parent.pid()) == Some(&parent.start_time()));
                if of_ours {
                    found.insert(process.pid(), process.start_time());
                }
            }
            if found.len() == before {
                break;
            }
        }
        if let Ok(own) = sysinfo::get_current_pid() {
            found.remove(&own);
        }
        self.seen = found;
    }

    fn is_marked(&self, process: &Process) -> bool {
        process.environ().iter().any(|variable| {
            let variable = variable.to_string_lossy();
            variable
                .strip_prefix(MARK)
                .and_then(|rest| rest.strip_prefix('='))
                .is_some_and(|marks| marks.split(':').any(|mark| mark == self.mark))
        })
    }
}

fn is_dead(process: &Process) -> bool {
    matches!(
        process.status(),
        ProcessStatus::Zombie | ProcessStatus::Dead
    )
}

fn session(system: &System, pid: Option<Pid>) -> Option<Pid> {
    system.process(pid?)?.session_id()
}

#[cfg(unix)]
fn survey() -> Option<System> {
    let mut system = System::new().ok()?;
    let what = ProcessRefreshKind::nothing()
        .with_environ(UpdateKind::Always)
        .without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    Some(system)
}

#[cfg(not(unix))]
fn survey() -> Option<System> {
    None
}
