//! Owns what Linux tells of a process in `/proc`: its numbers, its memory, its files. Remembers nothing.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

/// More bytes than this no file has that is read here, but for a list of interfaces or variables.
const SHORT: usize = 1 << 12;

/// What `/proc/PID/stat` tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) pid: i32,
    pub(super) name: String,
    pub(super) zombie: bool,
    /// It still runs its parent's program.
    pub(super) forked: bool,
    pub(super) parent: i32,
    pub(super) group: i32,
    pub(super) session: i32,
    /// Processor time of its own, in ticks.
    pub(super) own: u64,
    /// Processor time of the children that it waited for, with theirs, in ticks.
    pub(super) children: u64,
    pub(super) threads: u64,
    /// When it started, in ticks since the machine did: with the id it names a process for good.
    pub(super) start: u64,
    /// Memory in use, in pages.
    pub(super) pages: u64,
}

impl Stat {
    /// Reads the line; the name in it may hold anything.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        const FORKED: u64 = 0x40;
        let open = text.iter().position(|byte| *byte == b'(')?;
        let close = text.iter().rposition(|byte| *byte == b')')?;
        let pid = std::str::from_utf8(text.get(..open)?).ok()?;
        let name = String::from_utf8_lossy(text.get(open + 1..close)?);
        let rest = std::str::from_utf8(text.get(close + 1..)?).ok()?;
        let words: Vec<&str> = rest.split_ascii_whitespace().collect();
        let whole = |at: usize| words.get(at)?.parse::<u64>().ok();
        let id = |at: usize| words.get(at)?.parse::<i32>().ok();
        Some(Self {
            pid: pid.trim().parse().ok()?,
            name: name.into_owned(),
            zombie: matches!(*words.first()?, "Z" | "X" | "x"),
            forked: whole(6)? & FORKED != 0,
            parent: id(1)?,
            group: id(2)?,
            session: id(3)?,
            own: whole(11)?.saturating_add(whole(12)?),
            children: signed(words.get(13)?).saturating_add(signed(words.get(14)?)),
            threads: whole(17)?,
            start: whole(19)?,
            pages: signed(words.get(21)?),
        })
    }
}

/// A number that the kernel prints with a sign.
fn signed(word: &str) -> u64 {
    let number = word.parse::<i64>().unwrap_or_default();
    u64::try_from(number).unwrap_or_default()
}

/// Bytes that came from disks and went there, of a process and of the children that it waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Disk {
    pub(super) read: u64,
    pub(super) written: u64,
}

impl Disk {
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        Some(Self {
            read: labelled(text, "read_bytes:")?,
            written: labelled(text, "write_bytes:")?,
        })
    }
}

/// The number behind a label at the beginning of a line.
fn labelled(text: &[u8], label: &str) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let mut values = text.lines().filter_map(|line| line.strip_prefix(label));
    let value = values.next()?.trim();
    let value = value.strip_suffix(" kB").unwrap_or(value);
    value.parse().ok()
}

/// A file that is read again and again without being opened again.
#[derive(Debug)]
pub(super) struct Kept(File);

impl Kept {
    pub(super) fn open(pid: i32, name: &str) -> io::Result<Self> {
        File::open(format!("/proc/{pid}/{name}")).map(Self)
    }

    /// The content now; an error once the process is gone.
    pub(super) fn read<'b>(&self, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
        let read = self.0.read_at(buffer, 0)?;
        Ok(&buffer[..read])
    }
}

/// Room for one of the short files.
pub(super) fn buffer() -> Vec<u8> {
    vec![0; SHORT]
}

/// The ids of all processes.
pub(super) fn all() -> io::Result<Vec<i32>> {
    let entries = fs::read_dir("/proc")?.flatten();
    let name = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    Ok(entries.filter_map(name).collect())
}

/// Does the process carry this mark in its environment?
pub(super) fn is_marked(pid: i32, name: &str, mark: &str) -> bool {
    let mut bytes = Vec::new();
    let file = File::open(format!("/proc/{pid}/environ"));
    let read = file.and_then(|file| file.take(1 << 21).read_to_end(&mut bytes));
    read.is_ok()
        && bytes.split(|byte| *byte == 0).any(|variable| {
            let variable = String::from_utf8_lossy(variable);
            let marks = variable.strip_prefix(name);
            marks
                .and_then(|rest| rest.strip_prefix('='))
                .is_some_and(|marks| marks.split(':').any(|one| one == mark))
        })
}

/// How many files a process has open.
pub(super) fn open_files(pid: i32) -> io::Result<u64> {
    let folder = format!("/proc/{pid}/fd");
    // Since Linux 6.2 the folder's size is their number; before, it is 0.
    match fs::metadata(&folder)?.len() {
        0 => Ok(fs::read_dir(&folder)?.count() as u64),
        count => Ok(count),
    }
}

/// The memory of a process in bytes when what is shared is parted among those that share it.
pub(super) fn shared_memory(pid: i32) -> io::Result<u64> {
    kilobytes(pid, "smaps_rollup", "Pss:")
}

/// The most memory that a process ever had, in bytes.
pub(super) fn most_memory(pid: i32) -> io::Result<u64> {
    kilobytes(pid, "status", "VmHWM:")
}

fn kilobytes(pid: i32, file: &str, label: &str) -> io::Result<u64> {
    let text = fs::read(format!("/proc/{pid}/{file}"))?;
    let missing = || io::Error::from(io::ErrorKind::InvalidData);
    Ok(labelled(&text, label)
        .ok_or_else(missing)?
        .saturating_mul(1_024))
}

/// Bytes that the interfaces carried in the network namespace of a process. What goes from the machine to itself counts once.
pub(super) fn network(pid: i32) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/net/dev"))?;
    Ok(carried(&text))
}

fn carried(text: &str) -> u64 {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let each = lines.map(|(name, rest)| {
        let words: Vec<&str> = rest.split_ascii_whitespace().collect();
        let of = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok());
        let (came, went) = (of(0).unwrap_or_default(), of(8).unwrap_or_default());
        if name.trim() == "lo" {
            came
        } else {
            came.saturating_add(went)
        }
    });
    each.fold(0, u64::saturating_add)
}

/// The name of a process's network, as the kernel has it; of our own for `None`.
pub(super) fn network_of(pid: Option<i32>) -> Option<PathBuf> {
    let who = pid.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
    fs::read_link(format!("/proc/{who}/ns/net")).ok()
}

/// What the kernel counts in: ticks in a second, and bytes in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Units {
    pub(super) ticks: u64,
    pub(super) page: u64,
}

impl Units {
    pub(super) fn ask() -> Option<Self> {
        Self::read(&fs::read("/proc/self/auxv").ok()?)
    }

    /// Reads the vector that the kernel hands to a program: pairs of words.
    fn read(bytes: &[u8]) -> Option<Self> {
        const PAGE: usize = 6;
        const TICKS: usize = 17;
        const WORD: usize = size_of::<usize>();
        let words: Vec<usize> = bytes
            .chunks_exact(WORD)
            .filter_map(|word| Some(usize::from_ne_bytes(word.try_into().ok()?)))
            .collect();
        let of = |key: usize| {
            let pair = words.chunks_exact(2).find(|pair| pair[0] == key)?;
            u64::try_from(pair[1]).ok().filter(|value| *value > 0)
        };
        Some(Self {
            ticks: of(TICKS)?,
            page: of(PAGE)?,
        })
    }
}

/// When this thread started, in ticks since the machine did. `/proc/uptime` tells no such time where a container has one of its own.
pub(super) fn thread_started() -> Option<u64> {
    Some(Stat::read(&fs::read("/proc/thread-self/stat").ok()?)?.start)
}

/// When the machine started, in seconds since 1970.
pub(super) fn booted() -> Option<u64> {
    labelled(&fs::read("/proc/stat").ok()?, "btime ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let line = b"42 (a) R 1 (\nb) S 7 42 41 0 -1 4194368 1 2 3 4 11 22 33 44 20 0 5 0 900 1000 -3 18446744073709551615\n";
        let stat = Stat::read(line).expect("it is whole");
        let expected = Stat {
            pid: 42,
            name: "a) R 1 (\nb".to_owned(),
            zombie: false,
            forked: true,
            parent: 7,
            group: 42,
            session: 41,
            own: 33,
            children: 77,
            threads: 5,
            start: 900,
            pages: 0,
        };
        assert_eq!(stat, expected);
        for torn in [
            &b""[..],
            b"42",
            b"42 (a",
            b"42 (a)",
            b")(",
            b"42 (a) S 7 42",
        ] {
            assert_eq!(Stat::read(torn), None);
        }
    }

    #[test]
    fn numbers_behind_labels() {
        let io =
            b"rchar: 1\nwchar: 2\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 9\n";
        let disk = Disk {
            read: 4_096,
            written: 8_192,
        };
        assert_eq!(Disk::read(io), Some(disk));
        assert_eq!(Disk::read(b"rchar: 1\n"), None);
        assert_eq!(labelled(b"Rss: 3 kB\nPss:     446 kB\n", "Pss:"), Some(446));
    }

    #[test]
    fn what_goes_to_oneself_counts_once() {
        let text = "Inter-| Receive | Transmit\n face |bytes packets|bytes\n    lo: 100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0\n  eth0: 7 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n";
        assert_eq!(carried(text), 112);
        assert_eq!(carried(""), 0);
    }

    #[test]
    fn this_program_is_there() {
        let pid = i32::try_from(std::process::id()).expect("an id");
        let units = Units::ask().expect("the kernel tells");
        assert!(
            units.page.is_power_of_two() && units.ticks >= 100,
            "{units:?}"
        );
        let stat = Kept::open(pid, "stat").expect("it is there");
        let mut room = buffer();
        let stat = Stat::read(stat.read(&mut room).expect("it lives")).expect("it is whole");
        assert_eq!(stat.pid, pid);
        assert!(stat.pages > 0 && !stat.zombie);
        assert!(open_files(pid).expect("they are ours") >= 3);
        assert!(most_memory(pid).expect("ours") >= stat.pages * units.page / 2);
        assert!(all().expect("a list").contains(&pid));
        assert_eq!(network_of(Some(pid)), network_of(None));
        assert!(booted().is_some());
    }
}
