//! Owns reading what `git diff --raw --patch -z --unified=0` writes. Pure; knows no process.

use std::io::{self, BufRead};
use std::ops::Range;

use crate::base::path::RepoPath;
use crate::model::fault::{Fault, FaultKind};
use crate::source::diff::{Diff, FileDiff};
use crate::source::moved::Moves;

/// Of each line of the patch no more than this many bytes is kept: enough for any path.
const KEPT: u64 = 64 * 1024;

/// Reads the whole answer: what differs, and the lines that tell what was only moved.
///
/// # Errors
/// When it is none of git's, or is torn.
pub fn parse(mut input: impl BufRead) -> Result<(Diff, Moves), Fault> {
    let (mut diff, mut moves) = (Diff::default(), Moves::default());
    let read = raw(&mut input, &mut diff).and_then(|()| hunks(&mut input, &mut diff, &mut moves));
    // What is left over must not block git.
    let _ = io::copy(&mut input, &mut io::sink());
    diff.deleted.sort();
    read.map(|()| (diff, moves)).map_err(|problem| {
        Fault::new(
            FaultKind::Unparsable,
            format!("git's diff cannot be read: {problem}"),
            "report it as a defect of qgate, with the output of `git --version`",
        )
    })
}

/// Reads the list of files, up to the empty record that a patch follows, or the end.
fn raw(input: &mut impl BufRead, diff: &mut Diff) -> io::Result<()> {
    loop {
        let record = field(input)?;
        if record.is_empty() {
            return Ok(());
        }
        let status = record
            .strip_prefix(b":")
            .and_then(|rest| rest.split(|&b| b == b' ').nth(4))
            .and_then(<[u8]>::first)
            .ok_or_else(|| unexpected("record", &record))?;
        let path = path_field(input)?;
        let mut file = FileDiff::default();
        match status {
            b'D' => {
                diff.deleted.push(path);
                continue;
            }
            b'R' | b'C' => {
                file.old_path = (*status == b'R').then_some(path);
                diff.files.insert(path_field(input)?, file);
                continue;
            }
            // Unmerged: no one content to compare, so nothing of it is known to be old.
            b'U' => file.lines.push(1..u32::MAX),
            _ => {}
        }
        diff.files.entry(path).or_insert(file);
    }
}

fn field(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut field = Vec::new();
    input.read_until(0, &mut field)?;
    field.pop_if(|last| *last == 0);
    Ok(field)
}

fn path_field(input: &mut impl BufRead) -> io::Result<RepoPath> {
    let path = field(input)?;
    RepoPath::new(path.as_slice()).ok_or_else(|| unexpected("path", &path))
}

/// Reads the patch. Content lines are told from header lines by the counts in the hunk's header alone.
fn hunks(input: &mut impl BufRead, diff: &mut Diff, moves: &mut Moves) -> io::Result<()> {
    let mut line = Vec::new();
    let mut file: Option<(RepoPath, &mut FileDiff)> = None;
    while next_line(input, &mut line)? {
        if line.starts_with(b"diff --git ") {
            file = None;
        } else if let Some(path) = line.strip_prefix(b"+++ ") {
            file = match new_path(path)? {
                None => None,
                Some(path) => {
                    let known = diff.files.get_mut(&path);
                    let known = known.ok_or_else(|| unexpected("path", path.as_bytes()))?;
                    Some((path, known))
                }
            };
        } else if let Some(header) = line.strip_prefix(b"@@ -") {
            let (old, new) = hunk(header).ok_or_else(|| unexpected("hunk", &line))?;
            let mut left = u64::from(old) + u64::from(new.end - new.start);
            let added = file.as_mut().filter(|_| !new.is_empty());
            moves.hunk(added.as_ref().map(|(path, _)| (path.clone(), new.start)));
            if let Some((_, file)) = added {
                file.lines.push(new);
            }
            while left > 0 {
                if !next_line(input, &mut line)? {
                    return Err(unexpected("end", b""));
                }
                match line.split_first() {
                    Some((b'+', text)) => {
                        moves.add(text);
                        left -= 1;
                    }
                    Some((b'-', text)) => {
                        moves.remove(text);
                        left -= 1;
                    }
                    Some((b'\\', _)) => {}
                    _ => return Err(unexpected("line", &line)),
                }
            }
        }
    }
    Ok(())
}

/// Takes the next line without its line feed, cut where it is very long; `false` at the end.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    io::Read::take(&mut *input, KEPT).read_until(b'\n', line)?;
    if line.is_empty() {
        return Ok(false);
    }
    if line.pop_if(|last| *last == b'\n').is_none() {
        input.skip_until(b'\n')?;
    }
    Ok(true)
}

/// The removed lines' number and the new lines' range from `A,B +C,D @@ ...`.
fn hunk(header: &[u8]) -> Option<(u32, Range<u32>)> {
    let header = std::str::from_utf8(header.split(|&b| b == b'@').next()?).ok()?;
    let (old, new) = header.trim_end().split_once(" +")?;
    let side = |text: &str| -> Option<(u32, u32)> {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let (_, removed) = side(old)?;
    let (start, count) = side(new)?;
    Some((removed, start..start.checked_add(count)?))
}

/// The path behind `+++ `; `None` for `/dev/null`.
fn new_path(text: &[u8]) -> io::Result<Option<RepoPath>> {
    if text == b"/dev/null" {
        return Ok(None);
    }
    // Behind a name with a blank, quoted or not, git writes a tab; a name's own tab is quoted.
    let text = text.strip_suffix(b"\t").unwrap_or(text);
    let name = match text.strip_prefix(b"\"") {
        Some(quoted) => unquoted(quoted).ok_or_else(|| unexpected("path", text))?,
        None => text.to_vec(),
    };
    let path = name.strip_prefix(b"b/").and_then(RepoPath::new);
    path.map(Some).ok_or_else(|| unexpected("path", text))
}

/// A name as git quotes it: the escapes of C, bytes in octal.
fn unquoted(quoted: &[u8]) -> Option<Vec<u8>> {
    let mut rest = quoted.strip_suffix(b"\"")?.iter();
    let mut name = Vec::with_capacity(quoted.len());
    while let Some(&byte) = rest.next() {
        if byte != b'\\' {
            name.push(byte);
            continue;
        }
        let octal = |byte: &u8| (b'0'..=b'7').contains(byte).then(|| u32::from(byte - b'0'));
        name.push(match rest.next()? {
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            first if octal(first).is_some() => {
                let digits = [octal(first)?, octal(rest.next()?)?, octal(rest.next()?)?];
                u8::try_from(digits[0] * 64 + digits[1] * 8 + digits[2]).ok()?
            }
            other => *other,
        });
    }
    Some(name)
}

fn unexpected(what: &str, bytes: &[u8]) -> io::Error {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("unexpected {what} `{text}`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], expected: &str) {
        let shown = match parse(input) {
            Err(fault) => fault.what,
            Ok((mut diff, moves)) => {
                moves.tell(&mut diff);
                let file = |(path, file): (&RepoPath, &FileDiff)| {
                    let old = file.old_path.as_ref().map(|old| format!("{old} -> "));
                    let old = old.unwrap_or_default();
                    match file.moved.as_slice() {
                        [] => format!("{old}{path} {:?}", file.lines),
                        ranges => format!("{old}{path} {:?} moved {ranges:?}", file.lines),
                    }
                };
                let files: Vec<String> = diff.files.iter().map(file).collect();
                format!("{}; gone {:?}", files.join(", "), diff.deleted)
            }
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn answers_of_git() {
        check(b"", "; gone []");
        check(b":100644 000000 1 0 D\0a\0", "; gone [a]");
        check(
            b":100644 100644 1 2 R090\0a\0b c\0\0diff --git a/a b/b c\n--- a/a\n+++ b/b c\t\n@@ -1 +1,2 @@ fn\n-x\n+y\n++++ b/z\n\\ No \
              newline at end of file\n",
            "a -> b c [1..3]; gone []",
        );
        check(
            b":100644 100644 1 2 M\0t\tb\0\0diff --git \"a/t\\tb\" \"b/t\\tb\"\n--- \"a/t\\tb\"\n+++ \"b/t\\tb\"\n@@ -3,2 +2,0 @@\n-1\n-2\n@@ -9 \
              +7 @@\n-a\n+\0\xff\r\n",
            "t\\tb [7..8]; gone []",
        );
        check(b":000000 100644 0 2 U\0u\0", "u [1..4294967295]; gone []");
        check(
            b":100644 000000 1 0 D\0a\0:100644 100644 1 2 M\0b\0\0diff --git a/a b/a\n--- a/a\n+++ /dev/null\n@@ -1,2 +0,0 @@\n\
              -a line of very many words\n-}\ndiff --git a/b b/b\n--- a/b\n+++ b/b\n@@ -3,0 +4,3 @@\n+}\n+  a line of very many words\n+  }\n",
            "b [4..7] moved [5..7]; gone [a]",
        );
    }

    #[test]
    fn what_cannot_be_read_is_a_fault() {
        check(
            b"junk\0",
            "git's diff cannot be read: unexpected record `junk`",
        );
        check(
            b":100644 100644 1 2 M\0a\0\0diff --git a/a b/a\n+++ b/other\n@@ -1 +1 @@\n-a\n+b\n",
            "git's diff cannot be read: unexpected path `other`",
        );
        check(
            b":100644 100644 1 2 M\0a\0\0diff --git a/a b/a\n+++ b/a\n@@ -1 +1 @@\n-a\n",
            "git's diff cannot be read: unexpected end ``",
        );
    }

    #[test]
    fn quoted_names() {
        assert_eq!(
            unquoted(b"a\\303\\251\\\"\\\\\""),
            Some(b"a\xc3\xa9\"\\".to_vec())
        );
        assert_eq!(unquoted(b"open"), None);
        assert_eq!(unquoted(b"\\7\""), None);
    }
}
