//! Owns what running programs use of a machine, as data: what was seen at each look, and what it comes to. Asks nothing; the
//! implementation of the port does.

use std::time::Duration;

/// Who is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The process of this id, with all that it started.
    Pid(u32),
    /// The process whose id stands in this file: a path from the root, or an absolute one.
    PidFile(String),
}

/// How it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    /// How often.
    pub every: Duration,
    /// Is the memory that processes share to be parted among them too?
    pub shared: bool,
}

/// What was seen at one look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// When, from the beginning.
    pub at: Duration,
    /// Processor time since the beginning, of those that ended too.
    pub cpu: Duration,
    /// Memory in use, in bytes: what is shared counts for each that shares it.
    pub memory: u64,
    /// Bytes that came from disks since the beginning.
    pub read: u64,
    /// Bytes that went to disks since the beginning.
    pub written: u64,
    /// Bytes that the network interfaces carried since the beginning, whoever sent them.
    pub network: u64,
    /// Open files, sockets and pipes.
    pub open_files: u64,
    /// Threads.
    pub threads: u64,
    /// Processes, with those that ended and that nobody waited for yet.
    pub processes: u64,
}

/// A part of what can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Memory, threads and processes.
    Memory,
    /// The memory that processes share, parted among them.
    Shared,
    /// What came from disks and went there.
    Disk,
    /// What the network interfaces carried.
    Network,
    /// Open files.
    Files,
}

/// What a program and all that it started used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// What was seen, in order; none of a command that ended before anybody looked.
    pub samples: Vec<Sample>,
    /// How long it was looked at.
    pub wall: Duration,
    /// Processor time, of those that ended too.
    pub cpu: Duration,
    /// Bytes that came from disks.
    pub read: u64,
    /// Bytes that went to disks.
    pub written: u64,
    /// The most memory in bytes: what was seen at once, or what one process alone is known to have had. `None` when nobody saw.
    pub memory: Option<u64>,
    /// So much one ended process alone may have had without anybody seeing it; `None` when the system tells that none had
    /// more than `memory`.
    pub hidden: Option<u64>,
    /// The largest processes when the most memory was seen: name, id and bytes.
    pub largest: Vec<(String, u32, u64)>,
    /// The most memory when what is shared is parted among those that share it, if that was asked for.
    pub shared: Option<u64>,
    /// Did the process itself end before it was to?
    pub ended: bool,
    /// Processes that the program left behind, by name and id.
    pub left: Vec<(String, u32)>,
    /// What could not be seen of all processes, and why.
    pub unseen: Vec<(Part, String)>,
    /// Do the network interfaces belong to the program alone?
    pub own_network: bool,
    /// Processor time that the looks took.
    pub cost: Duration,
}

/// A program that is looked at until it is enough.
pub trait Watch: Send {
    /// Did the process itself end?
    fn ended(&self) -> bool;

    /// Looks once more, and tells what was seen.
    fn finish(self: Box<Self>) -> Usage;
}
