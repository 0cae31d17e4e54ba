//! Owns one look at a family of processes after the other: what is read at each, and how often. Knows no limit.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

use super::family::{Family, Sums};
use super::proc::{self, Disk, Kept, Stat, Units};
use super::{Exact, Root};
use crate::base::ascii;
use crate::check::usage::{Looks, Part, Sample, Usage};

/// A child that is younger than this and runs its parent's program may be about to start its own: until then it has its parent's
/// memory and its files, which would count twice.
const YOUNG: Duration = Duration::from_millis(500);

/// So many members have their files kept open: each takes two of ours.
const KEPT: usize = 64;

/// A stranger is looked at so often: at the first look it may be between its birth and its own program.
const SURE: u8 = 2;

/// Looks may take this share of a processor: one part in so many.
const SHARE: u32 = 70;

/// Looks may take this much at once, so that a short run is looked at closely.
const BURST: Duration = Duration::from_millis(50);

/// The largest processes that are told.
const LARGEST: usize = 3;

/// The processes that were left behind and that are told.
const LEFT: usize = 10;

/// Shared memory is parted again when the memory grew by one part in so many.
const STEP: u64 = 50;

/// Who looks.
pub(super) struct Looker {
    root: Root,
    looks: Looks,
    units: Units,
    family: Family,
    kept: HashMap<i32, (Kept, Option<Kept>)>,
    strangers: HashMap<i32, u8>,
    room: Vec<u8>,
    began: Instant,
    /// When the thread started that looks, by its own clock and by the ticks of the kernel.
    clock: Option<(Instant, u64)>,
    own: i32,
    /// Our own network, that which is read, and what its interfaces had carried at the beginning.
    networks: (Option<PathBuf>, Option<PathBuf>),
    network: Option<u64>,
    unseen: BTreeMap<Part, String>,
    /// What was refused at which look.
    refusals: HashMap<(Part, i32), u64>,
    looked: u64,
    parted_at: u64,
    most: u64,
    cost: Duration,
    ended: Arc<AtomicBool>,
    usage: Usage,
}

impl Looker {
    /// Looks for the first time.
    pub(super) fn new(root: Root, looks: Looks, ended: Arc<AtomicBool>) -> Result<Self, String> {
        let units = Units::ask().ok_or("the kernel does not tell its units")?;
        let pid = i32::try_from(root.pid).map_err(|_| "it is no process id")?;
        let there = Kept::open(pid, "stat");
        let is_new = root.is_new;
        match &there {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(plain(why)),
            // A command may have ended already.
            Err(_) if !is_new => return Err("there is no such process, or it is hidden".to_owned()),
            _ => {}
        }
        let mut looker = Self {
            root,
            looks,
            units,
            family: Family::new(pid),
            kept: HashMap::new(),
            strangers: HashMap::new(),
            room: proc::buffer(),
            began: Instant::now(),
            clock: None,
            own: i32::try_from(std::process::id()).unwrap_or_default(),
            networks: (proc::network_of(None), None),
            network: None,
            unseen: BTreeMap::new(),
            refusals: HashMap::new(),
            looked: 0,
            parted_at: 0,
            most: 0,
            cost: Duration::ZERO,
            ended,
            usage: Usage {
                own_network: true,
                ..Usage::default()
            },
        };
        looker.look(true).map_err(|why| plain(&why))?;
        if looker.family.root_ended() && !is_new {
            return Err("there is no such process, or it has ended".to_owned());
        }
        Ok(looker)
    }

    /// Looks until it is told to stop, and once more then.
    pub(super) fn run(&mut self, stop: &Receiver<Option<Exact>>) -> Usage {
        self.clock = proc::thread_started().map(|ticks| (Instant::now(), ticks));
        let before = spent();
        let first = self.cost;
        let mut due = self.began + self.looks.every;
        let exact = loop {
            // What looks may take grows with time: behind a dear one there is a longer rest.
            let over = (self.cost.saturating_sub(first)).saturating_sub(BURST);
            let affordable = self.began + over * SHARE;
            let now = Instant::now();
            due = due.max(affordable);
            match stop.recv_timeout(due.saturating_duration_since(now)) {
                Ok(exact) => break exact,
                Err(RecvTimeoutError::Disconnected) => break None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.look(false).is_err() {
                self.miss(Part::Memory, "the list of processes cannot be read");
            }
            self.cost = first + spent().saturating_sub(before);
            due = (due + self.looks.every).max(Instant::now());
        };
        if self.look(false).is_err() {
            self.miss(Part::Memory, "the list of processes cannot be read");
        }
        self.cost = first + spent().saturating_sub(before);
        self.conclude(exact)
    }

    fn miss(&mut self, part: Part, why: &str) {
        self.unseen.entry(part).or_insert_with(|| why.to_owned());
    }

    /// Notes that a part of what a process uses is not to be seen, when that is so at two looks in turn: what is about to start
    /// its program or to end belongs to root for a moment, and so does what has ended until somebody waits for it.
    fn refused(&mut self, part: Part, pid: i32, why: &io::Error) {
        let stat = Kept::open(pid, "stat");
        let stat = stat.and_then(|stat| stat.read(&mut self.room).map(Stat::read));
        let lives = stat.ok().flatten().is_some_and(|stat| !stat.zombie);
        let last = self.refusals.insert((part, pid), self.looked);
        if lives && last.is_some_and(|last| last + 1 == self.looked) {
            let name = ascii::escape(&self.name(pid)).into_owned();
            self.miss(part, &format!("`{name}`: {}", plain(why)));
        }
    }

    /// Finds who is new in the family.
    fn survey(&mut self, first: bool) -> io::Result<()> {
        let all = proc::all()?;
        let listed: std::collections::HashSet<i32> = all.iter().copied().collect();
        self.strangers.retain(|pid, _| listed.contains(pid));
        let mut newcomers = Vec::new();
        for pid in all {
            let known = self.strangers.get(&pid).is_some_and(|times| *times >= SURE);
            if known || pid == self.own || self.family.has(pid) {
                continue;
            }
            let text = Kept::open(pid, "stat");
            let text = text.and_then(|file| file.read(&mut self.room));
            if let Some(stat) = text.ok().and_then(Stat::read) {
                newcomers.push(stat);
            }
        }
        let mark = self.root.mark.as_ref();
        let is_marked = |pid| mark.is_some_and(|(name, mark)| proc::is_marked(pid, name, mark));
        let old = first && !self.root.is_new;
        let (adopted, strangers) = self.family.adopt(newcomers, old, is_marked);
        for pid in strangers {
            *self.strangers.entry(pid).or_default() += 1;
        }
        for pid in adopted {
            // It is the program's own when nobody of it was ever in ours, as far as we may see.
            let its = proc::network_of(Some(pid));
            self.usage.own_network &= its.is_some() && its != self.networks.0;
            if self.kept.len() < KEPT
                && let Ok(stat) = Kept::open(pid, "stat")
            {
                self.kept.insert(pid, (stat, Kept::open(pid, "io").ok()));
            }
        }
        Ok(())
    }

    fn numbers(&mut self, pid: i32) -> Option<(Stat, io::Result<Disk>)> {
        let disk = |text: &[u8]| Disk::read(text).unwrap_or_default();
        if let Some((stat, disks)) = self.kept.get(&pid) {
            let stat = Stat::read(stat.read(&mut self.room).ok()?)?;
            let disks = match disks {
                Some(disks) => disks.read(&mut self.room).map(disk),
                None => Kept::open(pid, "io").and_then(|f| f.read(&mut self.room).map(disk)),
            };
            return Some((stat, disks));
        }
        let stat = Kept::open(pid, "stat").ok()?;
        let stat = Stat::read(stat.read(&mut self.room).ok()?)?;
        let disks = Kept::open(pid, "io").and_then(|f| f.read(&mut self.room).map(disk));
        Some((stat, disks))
    }

    /// One look.
    fn look(&mut self, first: bool) -> io::Result<()> {
        self.looked += 1;
        let looked = self.looked;
        self.refusals.retain(|_, last| *last + 1 >= looked);
        self.survey(first)?;
        let old = first && !self.root.is_new;
        let mut dead = Vec::new();
        for pid in self.family.order() {
            let born = self.family.member(pid).map(|member| member.stat.start);
            match self.numbers(pid) {
                Some((stat, disks)) if Some(stat.start) == born => {
                    if let Err(why) = &disks {
                        self.refused(Part::Disk, pid, why);
                    }
                    self.family.update(stat, disks.ok(), old);
                }
                _ => {
                    self.kept.remove(&pid);
                    dead.push(pid);
                }
            }
        }
        self.family.bury(&dead);
        if self.family.root_ended() {
            self.ended.store(true, Ordering::SeqCst);
        }
        if self.family.members().next().is_some() {
            self.note();
        }
        Ok(())
    }

    /// Notes what this look showed.
    fn note(&mut self) {
        let used = self.family.used(None);
        let mut sample = Sample {
            at: self.began.elapsed(),
            cpu: self.time(used.cpu),
            read: used.disk.read,
            written: used.disk.written,
            ..Sample::default()
        };
        if let Some(last) = self.usage.samples.last() {
            sample.cpu = sample.cpu.max(last.cpu);
        }
        let mut sizes = Vec::new();
        for member in self.family.members() {
            sample.threads += member.stat.threads;
            sample.processes += 1;
            if member.stat.zombie || self.is_young(&member.stat) {
                continue;
            }
            let bytes = member.stat.pages.saturating_mul(self.units.page);
            sample.memory = sample.memory.saturating_add(bytes);
            sizes.push((bytes, member.stat.pid));
        }
        for (_, pid) in &sizes {
            match proc::open_files(*pid) {
                Ok(count) => sample.open_files += count,
                Err(why) => self.refused(Part::Files, *pid, &why),
            }
        }
        self.carried(&mut sample, &sizes);
        if sample.memory > self.most {
            self.most = sample.memory;
            sizes.sort_unstable_by_key(|(bytes, pid)| (std::cmp::Reverse(*bytes), *pid));
            let largest = sizes.iter().take(LARGEST);
            let largest = largest.map(|(bytes, pid)| (self.name(*pid), id(*pid), *bytes));
            self.usage.largest = largest.collect();
        }
        if self.looks.shared && sample.memory > self.parted_at.saturating_add(self.parted_at / STEP)
        {
            self.parted_at = sample.memory;
            let mut all = 0_u64;
            for (_, pid) in &sizes {
                match proc::shared_memory(*pid) {
                    Ok(bytes) => all = all.saturating_add(bytes),
                    Err(why) => self.refused(Part::Shared, *pid, &why),
                }
            }
            self.usage.shared = self.usage.shared.max(Some(all));
        }
        self.usage.samples.push(sample);
    }

    /// Is it about to start a program of its own?
    fn is_young(&self, stat: &Stat) -> bool {
        let Some((at, ticks)) = self.clock.filter(|_| stat.forked) else {
            return false;
        };
        let now = self.time(ticks) + at.elapsed();
        now.saturating_sub(self.time(stat.start)) < YOUNG
    }

    /// Notes what the interfaces carried, as any living member sees it.
    fn carried(&mut self, sample: &mut Sample, living: &[(u64, i32)]) {
        let mut ids = living.iter().map(|(_, pid)| pid);
        let root = i32::try_from(self.root.pid).unwrap_or_default();
        let root = ids.clone().find(|pid| **pid == root);
        let Some(pid) = root.or_else(|| ids.next()) else {
            sample.network = self.usage.samples.last().map_or(0, |last| last.network);
            return;
        };
        let its = proc::network_of(Some(*pid));
        let first = self
            .networks
            .1
            .get_or_insert_with(|| its.clone().unwrap_or_default());
        if its.is_some_and(|its| its != *first) {
            self.miss(Part::Network, "it went to another network namespace");
        }
        match proc::network(*pid) {
            Ok(carried) => {
                let before = *self.network.get_or_insert(carried);
                let last = self.usage.samples.last().map_or(0, |last| last.network);
                sample.network = carried.saturating_sub(before).max(last);
            }
            Err(why) => {
                self.refused(Part::Network, *pid, &why);
                sample.network = self.usage.samples.last().map_or(0, |last| last.network);
            }
        }
    }

    fn name(&self, pid: i32) -> String {
        let member = self.family.member(pid);
        member.map_or_else(String::new, |member| member.stat.name.clone())
    }

    fn time(&self, ticks: u64) -> Duration {
        let whole = Duration::from_secs(ticks / self.units.ticks);
        let part = ticks % self.units.ticks * 1_000_000_000 / self.units.ticks;
        whole + Duration::from_nanos(part)
    }

    /// All that was seen.
    fn conclude(&mut self, exact: Option<Exact>) -> Usage {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let sums = exact.map(|exact| Sums {
            cpu: 0,
            disk: Disk {
                read: exact.disk.0,
                written: exact.disk.1,
            },
        });
        let used = self.family.used(sums);
        let mut usage = std::mem::take(&mut self.usage);
        // Ticks are coarse, what the system says of ended children is not.
        let rooted = self
            .family
            .rooted()
            .map_or(Duration::ZERO, |sums| self.time(sums.cpu));
        let others = self.time(used.cpu).saturating_sub(rooted);
        let exact = exact.map_or(rooted, |exact| exact.cpu.max(rooted));
        usage.cpu = Duration::from_nanos(nanos(others).saturating_add(nanos(exact)));
        (usage.read, usage.written) = (used.disk.read, used.disk.written);
        usage.wall = usage.samples.last().map_or(Duration::ZERO, |last| last.at);
        usage.ended = self.family.root_ended();
        let living: Vec<(String, i32)> = self
            .family
            .members()
            .filter(|member| !member.stat.zombie)
            .map(|member| (member.stat.name.clone(), member.stat.pid))
            .collect();
        // What began when it was looked at already had all its memory in that time.
        let began_here = self.root.mark.is_some();
        let alone = living.iter().filter(|_| began_here);
        let alone = alone
            .filter_map(|(_, pid)| proc::most_memory(*pid).ok())
            .max();
        usage.memory = (!usage.samples.is_empty()).then_some(self.most).max(alone);
        if usage.ended {
            let left = living.into_iter().take(LEFT);
            usage.left = left.map(|(name, pid)| (name, id(pid))).collect();
        }
        usage.own_network &= !usage.samples.is_empty();
        usage.unseen = std::mem::take(&mut self.unseen).into_iter().collect();
        if self.network.is_none() && !usage.samples.is_empty() {
            let why = "no process lived long enough to see its network".to_owned();
            usage.unseen.push((Part::Network, why));
        }
        usage.cost = self.cost;
        usage
    }
}

fn id(pid: i32) -> u32 {
    u32::try_from(pid).unwrap_or_default()
}

fn plain(why: &io::Error) -> String {
    match why.kind() {
        io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        _ => why.to_string(),
    }
}

/// Processor time of this thread.
fn spent() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_THREAD) else {
        return Duration::ZERO;
    };
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
