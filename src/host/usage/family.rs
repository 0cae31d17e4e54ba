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

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(pid: i32, parent: i32, own: u64, children: u64) -> Stat {
        Stat {
            pid,
            parent,
            own,
            children,
            start: 100 + u64::try_from(pid).expect("an id"),
            name: format!("p{pid}"),
            ..Stat::default()
        }
    }

    /// A family of the process 10, which began when it had used 5 ticks and waited for 7.
    fn begin(others: &[Stat], old: bool) -> Family {
        let mut family = Family::new(10);
        let mut all = vec![stat(10, 1, 5, 7)];
        all.extend_from_slice(others);
        family.adopt(all, old, |_| false);
        family
    }

    #[track_caller]
    fn uses(family: &Family, ticks: u64) {
        assert_eq!(family.used(None).cpu, ticks);
    }

    #[test]
    fn what_was_before_does_not_count() {
        let mut family = begin(&[stat(11, 10, 30, 0)], true);
        uses(&family, 0);
        family.update(stat(10, 1, 6, 7), None, false);
        family.update(stat(11, 10, 31, 0), None, false);
        uses(&family, 2);
        // The parent waited for the child, whose past comes with it.
        family.update(stat(10, 1, 6, 40), None, false);
        family.bury(&[11]);
        uses(&family, 4);
        uses(&begin(&[], false), 12);
    }

    #[test]
    fn an_ended_child_counts_once_whoever_waited_and_whenever() {
        let mut family = begin(&[], true);
        family.adopt(vec![stat(11, 10, 20, 0)], false, |_| false);
        uses(&family, 20);
        // Gone, and its parent was read before it waited.
        family.bury(&[11]);
        uses(&family, 20);
        family.update(stat(10, 1, 5, 30), None, false);
        uses(&family, 23);
        // One that nobody waits for.
        family.adopt(vec![stat(12, 10, 50, 0)], false, |_| false);
        family.bury(&[12]);
        uses(&family, 70);
        // One that nobody saw.
        family.update(stat(10, 1, 5, 107), None, false);
        uses(&family, 100);
    }

    #[test]
    fn what_left_the_tree_counts_after_its_end() {
        let mut family = begin(&[], false);
        let mut leader = stat(11, 10, 1, 0);
        leader.session = 11;
        let mut orphan = stat(12, 1, 40, 0);
        orphan.session = 11;
        let (adopted, strangers) =
            family.adopt(vec![leader, orphan, stat(13, 1, 9, 9)], false, |_| false);
        assert_eq!((adopted.len(), strangers), (2, vec![13]));
        family.bury(&[11]);
        family.bury(&[12]);
        // 12 of the first one, where the leader's tick may be among those that it waited for, and 40 of the orphan.
        uses(&family, 52);
        let (adopted, _) = family.adopt(vec![stat(14, 1, 3, 0)], false, |pid| pid == 14);
        assert_eq!(adopted, [14]);
        uses(&family, 55);
        // A group that nobody is left of may be another's.
        let mut other = stat(15, 1, 8, 0);
        other.session = 11;
        assert_eq!(family.adopt(vec![other], false, |_| false).1, [15]);
    }

    #[test]
    fn what_the_system_says_of_the_first_one_counts() {
        let mut family = begin(&[stat(11, 10, 3, 0)], false);
        family.adopt(vec![stat(12, 11, 4, 0), stat(13, 12, 5, 0)], false, |_| {
            false
        });
        uses(&family, 24);
        // All but the last end together.
        family.bury(&[10, 11, 12]);
        assert!(family.root_ended());
        let exact = Sums {
            cpu: 30,
            ..Sums::default()
        };
        assert_eq!(family.used(Some(exact)).cpu, 35);
        assert_eq!(family.used(None).cpu, 24);
    }

    #[test]
    fn bytes_count_as_ticks_do() {
        let disk = |written| Some(Disk { read: 0, written });
        let mut family = begin(&[stat(11, 10, 0, 0)], true);
        family.update(stat(10, 1, 5, 7), disk(100), true);
        family.update(stat(11, 10, 0, 0), disk(1_000), true);
        assert_eq!(family.used(None), Sums::default());
        family.update(stat(11, 10, 0, 0), disk(1_500), false);
        assert_eq!(family.used(None).disk.written, 500);
        family.update(stat(10, 1, 5, 7), disk(1_600 + 30), false);
        family.bury(&[11]);
        assert_eq!(family.used(None).disk.written, 530);
        // A zombie tells nothing, and keeps what it wrote.
        family.update(stat(10, 1, 5, 7), disk(0), false);
        assert_eq!(family.used(None).disk.written, 530);
    }

    #[test]
    fn circles_of_parents_end() {
        let mut family = begin(&[stat(11, 10, 1, 0), stat(12, 11, 1, 0)], false);
        family.update(stat(11, 12, 1, 0), None, false);
        family.bury(&[11, 12]);
        uses(&family, 14);
    }
}
