//! Owns the reading of git's history as contents: every blob once, by one `rev-list` and one `cat-file`, both streamed; and which
//! commit brought one first. Knows no meaning of what it reads.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::sync::Arc;

use crate::base::path::RepoPath;
use crate::check::ports::{Blob, Depth};
use crate::model::fault::{Fault, FaultKind};

use super::Repository;

/// A batch holds about so many bytes; what is read ahead is bounded by it.
const BATCH: usize = 16 << 20;

/// As many requests are written before the answers are read: fewer bytes than any pipe holds.
const AHEAD: usize = 256;

/// Lists every object with the commit that brought it, the oldest first in topological order; each tree is read once.
const LIST: [&str; 7] = [
    "rev-list",
    "--objects",
    "--in-commit-order",
    "--reverse",
    "--topo-order",
    "--all",
    "HEAD",
];

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
        let mut process = Stream::start(self, &LIST)?;
        drop(process.0.stdin.take());
        let mut listing = Listing {
            lines: process.output(),
            commit: Arc::from(""),
            first: None,
            order: 0,
        };
        let mut of_first = None;
        let mut sizes = Stream::start(self, &["cat-file", "--batch-check"])?;
        let mut contents = Stream::start(self, &["cat-file", "--batch"])?;
        let mut ask_size = sizes.0.stdin.take().expect("the input is a pipe");
        let mut ask_content = contents.0.stdin.take().expect("the input is a pipe");
        let mut size_answers = sizes.output();
        let mut content_answers = contents.output();
        let mut batch = Vec::new();
        let mut weight = 0;
        loop {
            let objects = listing.next().map_err(|problem| broken(&problem))?;
            if objects.is_empty() {
                break;
            }
            if let (Some(first), None) = (&listing.first, &of_first) {
                of_first = Some((first.clone(), self.of_first(first)?));
            }
            for objects in objects.chunks(AHEAD) {
                let known = ask(&mut ask_size, objects.iter())
                    .and_then(|()| told_sizes(objects.len(), &mut size_answers))
                    .map_err(|problem| broken(&problem))?;
                let mut wanted = Vec::new();
                for (object, size) in objects.iter().zip(known) {
                    match size {
                        Some(size) if size <= largest => wanted.push(object),
                        Some(_) => depth.too_large += 1,
                        None => {}
                    }
                }
                ask(&mut ask_content, wanted.iter().copied())
                    .map_err(|problem| broken(&problem))?;
                for object in wanted {
                    let content =
                        told_content(&mut content_answers).map_err(|problem| broken(&problem))?;
                    depth.blobs += 1;
                    weight += content.len();
                    let is_there = of_first.as_ref().is_none_or(|(first, ids)| {
                        *first != object.commit || ids.contains(&object.id)
                    });
                    batch.push(Blob {
                        commit: is_there.then(|| object.commit.clone()),
                        order: object.order,
                        path: object.path.clone(),
                        content,
                    });
                    if weight >= BATCH {
                        take(std::mem::take(&mut batch));
                        weight = 0;
                    }
                }
            }
        }
        take(batch);
        drop((ask_size, ask_content));
        process.finish()?;
        sizes.finish()?;
        contents.finish()?;
        Ok(depth)
    }

    /// Of the commit that is listed first, the ids of all files: with it those objects are listed, too, that only a tag has.
    fn of_first(&self, commit: &str) -> Result<BTreeSet<String>, Fault> {
        let list = self.runner().run(["ls-tree", "-r", "-z", commit])?;
        let id = |entry: &[u8]| {
            let head = entry.split(|&b| b == b'\t').next()?;
            let id = head.split(|&b| b == b' ').nth(2)?;
            Some(String::from_utf8_lossy(id).into_owned())
        };
        Ok(list.split(|&b| b == 0).filter_map(id).collect())
    }
}

/// An object that has a path.
struct Listed {
    id: String,
    path: RepoPath,
    commit: Arc<str>,
    order: usize,
}

/// The list of objects as git prints it, with what brought each first: a commit, then what it brought, then the next commit.
struct Listing<R> {
    lines: R,
    commit: Arc<str>,
    /// The first commit of the list.
    first: Option<Arc<str>>,
    /// How many objects were listed.
    order: usize,
}

impl<R: BufRead> Listing<R> {
    /// The next objects, at most [`SORTED`], by path: versions of one file are kept as changes of each other, so that git reads
    /// them fastest one after another. Root trees have no path; most other trees are left out.
    fn next(&mut self) -> io::Result<Vec<Listed>> {
        let mut objects: Vec<Listed> = Vec::new();
        let mut line = Vec::new();
        // May the last object be a tree, and the next one stand in it?
        let mut is_open = false;
        while objects.len() < SORTED {
            line.clear();
            if self.lines.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let space = text.iter().position(|&b| b == b' ');
            let (id, path) = text.split_at(space.unwrap_or(text.len()));
            let id = String::from_utf8_lossy(id);
            if path.is_empty() {
                self.commit = Arc::from(&*id);
                self.first.get_or_insert_with(|| self.commit.clone());
            }
            let path = path.get(1..).and_then(RepoPath::new);
            let Some(path) = path else {
                is_open = false;
                continue;
            };
            let holds = |folder: &Listed| {
                let inside = path.as_bytes().strip_prefix(folder.path.as_bytes());
                inside.is_some_and(|rest| rest.starts_with(b"/"))
            };
            if is_open {
                objects.pop_if(|last| holds(last));
            }
            is_open = true;
            self.order += 1;
            objects.push(Listed {
                id: id.into_owned(),
                path,
                commit: self.commit.clone(),
                order: self.order,
            });
        }
        objects.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(objects)
    }
}

/// Writes questions: few enough for the pipe to hold them, whoever is slow.
fn ask<'a>(input: &mut impl Write, objects: impl Iterator<Item = &'a Listed>) -> io::Result<()> {
    let mut question = String::new();
    for object in objects {
        question.push_str(&object.id);
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
