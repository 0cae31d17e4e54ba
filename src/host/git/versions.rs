//! Owns the reading of git's history as contents: every blob once, by one `rev-list` and one `cat-file`, both streamed; and which
//! commit brought one first. Knows no meaning of what it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};

use crate::base::path::RepoPath;
use crate::check::ports::{Blob, Depth};
use crate::model::fault::{Fault, FaultKind};

use super::Repository;

/// A batch holds about so many bytes; what is read ahead is bounded by it.
const BATCH: usize = 16 << 20;

/// As many requests are written before the answers are read: fewer bytes than any pipe holds.
const AHEAD: usize = 256;

fn broken(problem: &io::Error) -> Fault {
    Fault::new(
        FaultKind::ToolFailed,
        format!("git stopped answering: {problem}"),
        "run `git fsck` in the repository",
    )
}

/// A git whose output is read as it comes; it is ended when this is dropped.
struct Stream(Child);

impl Stream {
    fn start(repository: &Repository, args: &[&str]) -> Result<Self, Fault> {
        let child = repository
            .runner()
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        child.map(Self).map_err(|problem| broken(&problem))
    }

    fn output(&mut self) -> impl BufRead + use<> {
        let output = self.0.stdout.take().expect("the output is a pipe");
        BufReader::with_capacity(256 * 1024, output)
    }

    /// Waits for its end, which must be a good one.
    fn finish(mut self) -> Result<(), Fault> {
        let status = self.0.wait().map_err(|problem| broken(&problem))?;
        if status.success() {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::ToolFailed,
            "git could not read all of the history",
            "run `git fsck` in the repository; a partial clone lacks old versions: `git fetch --refetch`",
        ))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // It may have ended by itself; nothing depends on how.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Repository {
    pub(super) fn all_blobs(
        &self,
        largest: u64,
        take: &mut dyn FnMut(Vec<Blob>),
    ) -> Result<Depth, Fault> {
        if self.head()?.is_none() {
            return Ok(Depth::default());
        }
        let mut depth = Depth {
            shallow: self.is_shallow(),
            ..Depth::default()
        };
        let (listing, mut lines) = self.objects()?;
        let mut sizes = Stream::start(self, &["cat-file", "--batch-check"])?;
        let mut contents = Stream::start(self, &["cat-file", "--batch"])?;
        let mut ask_size = sizes.0.stdin.take().expect("the input is a pipe");
        let mut ask_content = contents.0.stdin.take().expect("the input is a pipe");
        let mut size_answers = sizes.output();
        let mut content_answers = contents.output();
        let mut batch = Vec::new();
        let mut weight = 0;
        loop {
            let objects = listed(&mut lines).map_err(|problem| broken(&problem))?;
            if objects.is_empty() {
                break;
            }
            let known = ask(&mut ask_size, objects.iter().map(|(id, _)| id.as_str()))
                .and_then(|()| told_sizes(objects.len(), &mut size_answers))
                .map_err(|problem| broken(&problem))?;
            let is_small = |size: &u64| *size <= largest;
            depth.too_large += known
                .iter()
                .flatten()
                .filter(|size| !is_small(size))
                .count();
            let wanted: Vec<_> = objects
                .into_iter()
                .zip(known)
                .filter(|(_, size)| size.as_ref().is_some_and(is_small))
                .map(|(object, _)| object)
                .collect();
            ask(&mut ask_content, wanted.iter().map(|(id, _)| id.as_str()))
                .map_err(|problem| broken(&problem))?;
            for (id, path) in wanted {
                let content =
                    told_content(&mut content_answers).map_err(|problem| broken(&problem))?;
                depth.blobs += 1;
                weight += content.len();
                batch.push(Blob { id, path, content });
                if weight >= BATCH {
                    take(std::mem::take(&mut batch));
                    weight = 0;
                }
            }
        }
        take(batch);
        drop((ask_size, ask_content));
        listing.finish()?;
        sizes.finish()?;
        contents.finish()?;
        Ok(depth)
    }

    /// The list of all objects; a git before 2.32 cannot leave out the trees, of which there are most.
    fn objects(&self) -> Result<(Stream, impl BufRead + use<>), Fault> {
        let list = |args: &[&str]| {
            let mut listing = Stream::start(self, args)?;
            drop(listing.0.stdin.take());
            let lines = listing.output();
            Ok((listing, lines))
        };
        let all = ["rev-list", "--objects", "--all", "HEAD"];
        let blobs = [&all[..], &["--filter=object:type=blob"]].concat();
        let (listing, mut lines) = list(&blobs)?;
        let ended = lines.fill_buf().map_err(|problem| broken(&problem))?;
        if ended.is_empty() {
            drop(listing);
            return list(&all);
        }
        Ok((listing, lines))
    }

    pub(super) fn first_commits(
        &self,
        blobs: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, (String, RepoPath)>, Fault> {
        let mut found = BTreeMap::new();
        // A merge is compared with each of its parents, which costs most and brings little.
        for merges in [&["--no-merges"][..], &["--merges", "-m"]] {
            if found.len() < blobs.len() {
                self.first_of(merges, blobs, &mut found)?;
            }
        }
        Ok(found)
    }

    fn first_of(
        &self,
        which: &[&str],
        blobs: &BTreeSet<String>,
        found: &mut BTreeMap<String, (String, RepoPath)>,
    ) -> Result<(), Fault> {
        let args = [
            "log",
            "--all",
            "HEAD",
            "--reverse",
            "--topo-order",
            "--raw",
            "--root",
            "--no-renames",
            "--no-abbrev",
            "-z",
            "--format=%x01%H",
        ];
        let mut log = Stream::start(self, &[&args[..], which].concat())?;
        drop(log.0.stdin.take());
        let mut output = log.output();
        let mut commit = String::new();
        let mut blob = None;
        let mut field = Vec::new();
        loop {
            field.clear();
            let read = output
                .read_until(0, &mut field)
                .map_err(|problem| broken(&problem))?;
            if read == 0 {
                break;
            }
            let text = field.strip_suffix(b"\0").unwrap_or(&field);
            let text = text.strip_prefix(b"\n").unwrap_or(text);
            if let Some(id) = text.strip_prefix(b"\x01") {
                String::from_utf8_lossy(id).trim().clone_into(&mut commit);
                blob = None;
            } else if text.starts_with(b":") {
                // `:100644 100644 OLD NEW M`
                let new = String::from_utf8_lossy(text);
                let new = new.split(' ').nth(3).unwrap_or_default().to_owned();
                blob = blobs.contains(&new).then_some(new);
            } else if let Some(id) = blob.take()
                && let Some(path) = RepoPath::new(text)
            {
                found.entry(id).or_insert_with(|| (commit.clone(), path));
            }
            if found.len() == blobs.len() {
                return Ok(());
            }
        }
        log.finish()
    }
}

/// The next objects with a path, at most as many as are asked about at once; commits and the root trees have none.
fn listed(lines: &mut impl BufRead) -> io::Result<Vec<(String, RepoPath)>> {
    let mut objects = Vec::new();
    let mut line = Vec::new();
    while objects.len() < AHEAD {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let Some(space) = text.iter().position(|&b| b == b' ') else {
            continue;
        };
        if let Some(path) = RepoPath::new(&text[space + 1..]) {
            objects.push((String::from_utf8_lossy(&text[..space]).into_owned(), path));
        }
    }
    Ok(objects)
}

/// Writes questions: few enough for the pipe to hold them, whoever is slow.
fn ask<'a>(input: &mut impl Write, ids: impl Iterator<Item = &'a str>) -> io::Result<()> {
    let mut question = String::new();
    for id in ids {
        question.push_str(id);
        question.push('\n');
    }
    input.write_all(question.as_bytes())?;
    input.flush()
}

/// The sizes of those that are blobs.
fn told_sizes(count: usize, told: &mut impl BufRead) -> io::Result<Vec<Option<u64>>> {
    let mut sizes = Vec::with_capacity(count);
    let mut line = String::new();
    for _ in 0..count {
        line.clear();
        told.read_line(&mut line)?;
        let mut words = line.trim_end().split(' ').skip(1);
        let is_blob = words.next() == Some("blob");
        sizes.push(
            words
                .next()
                .and_then(|size| size.parse().ok())
                .filter(|_| is_blob),
        );
    }
    Ok(sizes)
}

fn told_content(told: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut header = String::new();
    told.read_line(&mut header)?;
    let size = header
        .trim_end()
        .rsplit(' ')
        .next()
        .and_then(|size| size.parse::<u64>().ok());
    let size = size.ok_or_else(|| io::Error::other("an answer without a size"))?;
    let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    told.take(size).read_to_end(&mut content)?;
    let mut line_feed = [0];
    told.read_exact(&mut line_feed)?;
    Ok(content)
}
