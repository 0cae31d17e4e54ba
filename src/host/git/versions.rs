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

/// So many objects are sorted at once: some 6 MB of names.
const SORTED: usize = 32 << 10;

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
        let mut listed = Vec::new().into_iter();
        loop {
            let mut objects: Vec<_> = listed.by_ref().take(AHEAD).collect();
            if objects.is_empty() {
                listed = by_path(&mut lines)
                    .map_err(|problem| broken(&problem))?
                    .into_iter();
                objects.extend(listed.by_ref().take(AHEAD));
            }
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

    /// Which commit brought a blob first, oldest first in topological order, and under which path.
    pub(super) fn first_commits(
        &self,
        blobs: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, (String, RepoPath)>, Fault> {
        // Each tree is read once here; `git log --raw` compares whole trees, for five times the work.
        let mut listing = Stream::start(
            self,
            &[
                "rev-list",
                "--objects",
                "--in-commit-order",
                "--reverse",
                "--topo-order",
                "--all",
                "HEAD",
            ],
        )?;
        drop(listing.0.stdin.take());
        let mut lines = listing.output();
        let mut found = BTreeMap::new();
        let mut commit = String::new();
        let mut line = Vec::new();
        while found.len() < blobs.len() {
            line.clear();
            let read = lines.read_until(b'\n', &mut line);
            if read.map_err(|problem| broken(&problem))? == 0 {
                listing.finish()?;
                break;
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let space = text.iter().position(|&b| b == b' ');
            let (id, path) = text.split_at(space.unwrap_or(text.len()));
            let id = String::from_utf8_lossy(id);
            if path.is_empty() {
                commit = id.into_owned();
            } else if blobs.contains(&*id)
                && let Some(path) = RepoPath::new(&path[1..])
            {
                found.insert(id.into_owned(), (commit.clone(), path));
            }
        }
        self.only_true(&mut found)?;
        Ok(found)
    }

    /// Drops what its commit does not hold: a tag may point to a blob or a tree, which stand before any commit then.
    fn only_true(&self, found: &mut BTreeMap<String, (String, RepoPath)>) -> Result<(), Fault> {
        let mut answers = Stream::start(self, &["cat-file", "--batch-check=%(objectname)"])?;
        let mut questions = answers.0.stdin.take().expect("the input is a pipe");
        let mut told = answers.output();
        let mut wrong = Vec::new();
        let mut line = String::new();
        for (id, (commit, path)) in &*found {
            let question = [commit.as_bytes(), b":", path.as_bytes(), b"\n"].concat();
            line.clear();
            questions
                .write_all(&question)
                .and_then(|()| told.read_line(&mut line))
                .map_err(|problem| broken(&problem))?;
            if line.trim_end() != id {
                wrong.push(id.clone());
            }
        }
        drop(questions);
        found.retain(|id, _| !wrong.contains(id));
        answers.finish()
    }
}

/// The next objects with a path, at most [`SORTED`], by path: versions of one file are kept as changes of each other, so that git
/// reads them fastest one after another. Commits and the root trees have no path.
fn by_path(lines: &mut impl BufRead) -> io::Result<Vec<(String, RepoPath)>> {
    let mut objects = Vec::new();
    let mut line = Vec::new();
    while objects.len() < SORTED {
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
    objects.sort_by(|(_, a), (_, b)| a.cmp(b));
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
