//! Owns who belongs to a program, and the sums over all of them: of those that ended too. Reads nothing itself.
//!
//! A parent's counts hold those of the children that it waited for. What an ended process used is therefore looked for in
//! its nearest living ancestor; where it is not found there, since nobody waited or the process had left the tree, what was
//! seen of it last counts. So nothing is counted twice, and only what a process that nobody waited for used behind the last
//! look is lost.

use std::collections::{BTreeMap, BTreeSet};

use super::proc::{Disk, Stat};

/// What a process used: processor time in ticks, bytes from disks, bytes to disks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) cpu: u64,
    pub(super) disk: Disk,
}

impl Sums {
    fn each(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            cpu: with(self.cpu, other.cpu),
            disk: Disk {
                read: with(self.disk.read, other.disk.read),
                written: with(self.disk.written, other.disk.written),
            },
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        self.each(other, u64::saturating_add)
    }

    fn minus(self, other: Self) -> Self {
        self.each(other, u64::saturating_sub)
    }

    pub(super) fn most(self, other: Self) -> Self {
        self.each(other, u64::max)
    }
}

/// One process of the family.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) stat: Stat,
    disk: Disk,
    /// What it and its children had used before the beginning.
    before: Sums,
    before_own: u64,
    /// What its ended descendants are known to have used since the beginning, and what before.
    owed: Sums,
    owed_before: Sums,
}

impl Member {
    fn new(stat: Stat, old: bool) -> Self {
        let of = |ticks| if old { ticks } else { 0 };
        Self {
            before: Sums {
                cpu: of(stat.own.saturating_add(stat.children)),
                disk: Disk::default(),
            },
            before_own: of(stat.own),
            stat,
            disk: Disk::default(),
            owed: Sums::default(),
            owed_before: Sums::default(),
        }
    }

    /// What it and its ended descendants used since the beginning.
    fn used(&self) -> Sums {
        let before = self.before.plus(self.owed_before);
        let own = self.stat.own.saturating_sub(self.before_own);
        let children = self
            .stat
            .children
            .saturating_sub(before.cpu.saturating_sub(self.before_own));
        let whole = Sums {
            cpu: 0,
            disk: self.disk,
        };
        let mut used = whole.minus(before).most(self.owed);
        used.cpu = own.saturating_add(children.max(self.owed.cpu));
        used
    }
}

/// The processes of a program: the one that it began with, and all that it started.
#[derive(Debug)]
pub(super) struct Family {
    root: i32,
    /// By process id, each with its start: ids are used again.
    members: BTreeMap<i32, Member>,
    /// Process groups and sessions that a member leads or led.
    groups: BTreeSet<i32>,
    /// What those used that ended and that no living member can have waited for.
    gone: Sums,
    /// What the first process and what it waited for used, once it ended.
    rooted: Option<Sums>,
}

impl Family {
    /// The family of the process with this id.
    pub(super) const fn new(root: i32) -> Self {
        Self {
            root,
            members: BTreeMap::new(),
            groups: BTreeSet::new(),
            gone: Sums {
                cpu: 0,
                disk: Disk {
                    read: 0,
                    written: 0,
                },
            },
            rooted: None,
        }
    }

    /// The members, parents before their children: who started earlier comes first.
    pub(super) fn order(&self) -> Vec<i32> {
        let mut order: Vec<(u64, i32)> = self
            .members
            .values()
            .map(|member| (member.stat.start, member.stat.pid))
            .collect();
        order.sort_unstable();
        order.into_iter().map(|(_, pid)| pid).collect()
    }

    pub(super) fn has(&self, pid: i32) -> bool {
        self.members.contains_key(&pid)
    }

    pub(super) fn member(&self, pid: i32) -> Option<&Member> {
        self.members.get(&pid)
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// The first process has ended.
    pub(super) fn root_ended(&self) -> bool {
        self.members
            .get(&self.root)
            .is_none_or(|member| member.stat.zombie)
    }

    /// Takes in those of these processes that belong to it: the first one, children of members, those of a group that a
    /// member leads, and those that `is_marked` knows; `old` ones have a past that does not count. Gives those that were taken
    /// in, and those that do not belong to it.
    pub(super) fn adopt(
        &mut self,
        newcomers: Vec<Stat>,
        old: bool,
        is_marked: impl Fn(i32) -> bool,
    ) -> (Vec<i32>, Vec<i32>) {
        let mut left: BTreeMap<i32, Stat> =
            newcomers.into_iter().map(|stat| (stat.pid, stat)).collect();
        let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for stat in left.values() {
            children.entry(stat.parent).or_default().push(stat.pid);
        }
        let mut adopted = Vec::new();
        let (mut grew, mut asked) = (true, false);
        while grew {
            let known = |pid: i32, stat: &Stat| {
                pid == self.root
                    || self.members.contains_key(&stat.parent)
                    || self.groups.contains(&stat.group)
                    || self.groups.contains(&stat.session)
            };
            let mut found: Vec<i32> = left
                .iter()
                .filter(|(pid, stat)| known(**pid, stat))
                .map(|(pid, _)| *pid)
                .collect();
            if found.is_empty() && !asked {
                asked = true;
                found = left.keys().copied().filter(|pid| is_marked(*pid)).collect();
            }
            grew = !found.is_empty() || !asked;
            while let Some(pid) = found.pop() {
                let Some(stat) = left.remove(&pid) else {
                    continue;
                };
                found.extend(children.remove(&pid).into_iter().flatten());
                for id in [stat.group, stat.session] {
                    if id == pid {
                        self.groups.insert(id);
                    }
                }
                adopted.push(pid);
                self.members.insert(pid, Member::new(stat, old));
            }
        }
        (adopted, left.into_keys().collect())
    }

    /// What a member shows now. The first look at those that are `old` is their beginning.
    pub(super) fn update(&mut self, stat: Stat, disk: Option<Disk>, old: bool) {
        let Some(member) = self.members.get_mut(&stat.pid) else {
            return;
        };
        if let Some(disk) = disk {
            if old {
                member.before.disk = disk;
            }
            // A process that ended tells no more of its disks, and none of its bytes comes back.
            let both = |sums: Disk| Sums { cpu: 0, disk: sums };
            member.disk = both(member.disk).most(both(disk)).disk;
        }
        member.stat = stat;
    }

    /// Members that are not there any more.
    pub(super) fn bury(&mut self, dead: &[i32]) {
        let dead: BTreeMap<i32, Member> = dead
            .iter()
            .filter_map(|pid| Some((*pid, self.members.remove(pid)?)))
            .collect();
        for member in dead.values() {
            let used = member.used();
            let past = member.before.plus(member.owed_before);
            if member.stat.pid == self.root {
                self.rooted = Some(self.rooted.unwrap_or_default().plus(used));
                continue;
            }
            // The ancestors that ended with it lead to the one that lives, or to the first one.
            let mut parent = member.stat.parent;
            let mut steps = 0;
            while let Some(between) = dead.get(&parent) {
                if parent == self.root || steps > dead.len() {
                    break;
                }
                parent = between.stat.parent;
                steps += 1;
            }
            if let Some(heir) = self.members.get_mut(&parent) {
                heir.owed = heir.owed.plus(used);
                heir.owed_before = heir.owed_before.plus(past);
            } else if parent == self.root && dead.contains_key(&parent) {
                self.rooted = Some(self.rooted.unwrap_or_default().plus(used));
            } else {
                self.gone = self.gone.plus(used);
            }
        }
        if !dead.is_empty() {
            let ids = self.members.values();
            let ids = ids.flat_map(|member| [member.stat.group, member.stat.session]);
            let alive: BTreeSet<i32> = ids.collect();
            self.groups.retain(|id| alive.contains(id));
        }
    }

    /// What the first process and what it waited for used, as it was seen last, once it ended.
    pub(super) const fn rooted(&self) -> Option<Sums> {
        self.rooted
    }

    /// What all of them used since the beginning. `exact` is what the system says of the first process and all that it waited
    /// for, once it ended.
    pub(super) fn used(&self, exact: Option<Sums>) -> Sums {
        let living = self.members.values().map(Member::used);
        let living = living.fold(self.gone, Sums::plus);
        let rooted = self.rooted.unwrap_or_default();
        living.plus(rooted.most(exact.unwrap_or_default()))
    }
}
