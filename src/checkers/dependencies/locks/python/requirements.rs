//! Owns `requirements.txt` and what it includes.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Remark, RemarkKind, Source, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::{Beside, Unread, dedup, joined};
use crate::model::place::Span;

use super::{Names, pin, requirement, source_of};

/// The most files that one may include.
const MOST_FILES: usize = 256;

pub(in super::super) fn read(text: &Text, beside: &dyn Beside) -> Result<Inventory, Unread> {
    let mut reading = Reading {
        inventory: Inventory::default(),
        via: Vec::new(),
        constraints: BTreeMap::new(),
        open: Vec::new(),
        seen: BTreeSet::new(),
    };
    reading.file(text, 0, "", false);
    while let Some(include) = reading.open.pop() {
        if !reading
            .seen
            .insert((include.path.clone(), include.constraint))
        {
            continue;
        }
        if reading.seen.len() > MOST_FILES {
            return Err(Unread::new("it includes too many files"));
        }
        let cannot =
            |why: &str| Unread::new(format!("`{}`, which it includes, {why}", include.path));
        if include.path.contains("://") || include.path.starts_with('/') {
            return Err(cannot("lies outside"));
        }
        let bytes = beside.read(&include.path).map_err(|why| cannot(&why))?;
        let bytes = bytes.ok_or_else(|| cannot("is not there"))?;
        let text = Text::new(&bytes).ok_or_else(|| cannot("is not text in UTF-8"))?;
        reading.inventory.files.push(include.path.clone());
        let file = reading.inventory.files.len();
        let folder = include
            .path
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        reading.file(&text, file, folder, include.constraint);
    }
    Ok(reading.end())
}

struct Include {
    /// Relative to the folder of the first file.
    path: String,
    constraint: bool,
}

struct Reading {
    inventory: Inventory,
    /// Who needs a package, as comments of tools that write such files tell: names, `-` for the project itself.
    via: Vec<(Id, String)>,
    /// Exact versions that constraint files ask for.
    constraints: BTreeMap<String, String>,
    open: Vec<Include>,
    seen: BTreeSet<(String, bool)>,
}

/// A line as pip sees it: continuations joined, comments cut.
#[derive(Default)]
struct Line<'t> {
    content: String,
    at: usize,
    comments: Vec<&'t str>,
}

impl Reading {
    fn file(&mut self, text: &Text, file: usize, folder: &str, constraint: bool) {
        let lines = lines(text);
        let mut includes = Vec::new();
        for line in &lines {
            let content = line.content.trim();
            if content.is_empty() {
                continue;
            }
            let at = text.span(
                line.at..line.at + content.find(char::is_whitespace).unwrap_or(content.len()),
            );
            if let Some((option, value)) = option(content) {
                self.option(option, value, at, file, &mut includes);
            } else {
                self.requirement(content, at, file, constraint, &line.comments);
            }
        }
        // The first one is read first.
        for (path, constraint) in includes.into_iter().rev() {
            self.open.push(Include {
                path: joined(folder, &path),
                constraint,
            });
        }
    }

    fn remark(&mut self, kind: RemarkKind, text: impl Into<String>, file: usize, span: Span) {
        self.inventory.remarks.push(Remark {
            kind,
            text: text.into(),
            file,
            span,
        });
    }

    fn option(
        &mut self,
        option: &str,
        value: &str,
        at: Span,
        file: usize,
        includes: &mut Vec<(String, bool)>,
    ) {
        match option {
            "-r" | "--requirement" => includes.push((value.to_owned(), false)),
            "-c" | "--constraint" => includes.push((value.to_owned(), true)),
            "-e" | "--editable" => self.requirement(value, at, file, false, &[]),
            "--extra-index-url" => self.remark(RemarkKind::ExtraIndex, value, file, at),
            "--trusted-host" => self.remark(RemarkKind::TrustedHost, value, file, at),
            _ => {}
        }
    }

    fn requirement(
        &mut self,
        text: &str,
        at: Span,
        file: usize,
        constraint: bool,
        comments: &[&str],
    ) {
        let (text, hashes) = hashes(text);
        let Some(mut package) = package(text, at) else {
            let what = format!("a line that is not understood: {text}");
            self.remark(RemarkKind::Lost, what, file, at);
            return;
        };
        if constraint {
            if let Some(version) = package.version {
                self.constraints
                    .insert(Ecosystem::PyPi.normal(&package.name), version);
            }
            return;
        }
        package.hashes = hashes;
        package.file = file;
        let id = self.inventory.packages.len();
        self.inventory.packages.push(package);
        self.via
            .extend(via(comments).into_iter().map(|name| (id, name)));
    }

    fn end(self) -> Inventory {
        let mut inventory = self.inventory;
        inventory.declared_empty = inventory
            .remarks
            .iter()
            .all(|remark| remark.kind != RemarkKind::Lost);
        for package in inventory
            .packages
            .iter_mut()
            .filter(|package| package.is_published())
        {
            if package.version.is_none() {
                package.version = self.constraints.get(&package.normal_name()).cloned();
            }
        }
        if self.via.is_empty() {
            return inventory;
        }
        for package in &mut inventory.packages {
            package.direct = Some(false);
        }
        let names = Names::of(&inventory.packages);
        for (id, name) in self.via {
            if name == "-" {
                inventory.packages[id].direct = Some(true);
            }
            for &by in names.find(&name) {
                inventory.packages[by].needs.push(id);
            }
        }
        for package in &mut inventory.packages {
            dedup(&mut package.needs);
        }
        inventory
    }
}

/// The lines of a file. A comment belongs to the requirement in or above its line.
fn lines(text: &Text) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut goes_on = false;
    for (at, line) in text.lines() {
        let comment = comment_of(line);
        let content = comment.map_or(line, |at| &line[..at]);
        let said = comment.map(|at| line[at..].trim_start_matches('#').trim());
        let only_comment = content.trim().is_empty();
        if !goes_on && !only_comment {
            let indent = content.len() - content.trim_start().len();
            lines.push(Line {
                at: at + indent,
                ..Line::default()
            });
        }
        let Some(last) = lines.last_mut() else {
            continue;
        };
        last.comments.extend(said);
        if only_comment && !goes_on {
            continue;
        }
        let content = content.trim_end();
        goes_on = content.ends_with('\\') && comment.is_none();
        last.content += content.strip_suffix('\\').unwrap_or(content);
        last.content.push(' ');
    }
    lines
}

/// Where a comment begins: at a `#` that begins the line or follows white space.
fn comment_of(line: &str) -> Option<usize> {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_whitespace() {
            return Some(at);
        }
        before = c;
    }
    None
}

/// An option and its value: `-r FILE`, `-rFILE`, `--requirement=FILE`.
fn option(line: &str) -> Option<(&str, &str)> {
    if let Some(long) = line.strip_prefix("--") {
        let end = long
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(long.len());
        let value = long[end..].trim_start_matches(|c: char| c == '=' || c.is_whitespace());
        return Some((&line[..end + 2], value.trim()));
    }
    let is_short = line.starts_with('-') && line.len() > 2 && line.is_char_boundary(2);
    is_short.then(|| (&line[..2], line[2..].trim()))
}

/// The requirement without the options behind it, and the digests among these.
fn hashes(text: &str) -> (&str, Vec<Hash>) {
    let Some(at) = text.find(" -") else {
        return (text.trim(), Vec::new());
    };
    let (requirement, options) = text.split_at(at);
    let values = options.split("--hash").skip(1);
    let hash = |value: &str| {
        let value = value.trim_start_matches(|c: char| c == '=' || c.is_whitespace());
        let value = value.split_whitespace().next()?;
        value.contains(':').then(|| Hash::read(value, "sha256"))
    };
    (requirement.trim(), values.filter_map(hash).collect())
}

fn package(text: &str, at: Span) -> Option<Package> {
    let new = |name: &str| Package::new(Ecosystem::PyPi, name, None, at);
    if let Some(found) = requirement(text) {
        let mut package = new(found.name);
        if let Some(url) = found.url {
            package.source = source_of(url);
        } else {
            package.version = pin(found.asked).map(str::to_owned);
            let asked = if found.asked.is_empty() {
                "*"
            } else {
                found.asked
            };
            package.requirement = package.version.is_none().then(|| asked.to_owned());
        }
        // A path may look like a name: an archive has its ending, a folder a slash.
        let archive = [".whl", ".zip", ".tar.gz", ".tar.bz2", ".tgz"];
        if found.asked.is_empty()
            && found.url.is_none()
            && archive.iter().any(|end| found.name.ends_with(end))
        {
            package = new(named(found.name));
            package.requirement = None;
            package.source = Source::at(SourceKind::Path, found.name);
        }
        return Some(package);
    }
    let place = text.split(" ;").next().unwrap_or(text).trim();
    let is_place = !place.contains(char::is_whitespace)
        && (place.contains("://")
            || place.starts_with('.')
            || place.contains('/')
            || place.contains("git+"));
    if !is_place || place.starts_with('<') {
        return None;
    }
    let mut package = new(named(place));
    package.source = source_of(place);
    Some(package)
}

/// The name of what lies at a URL or path: what its fragment says, or the beginning of the file's name.
fn named(place: &str) -> &str {
    let (path, fragment) = place.split_once('#').unwrap_or((place, ""));
    let egg = fragment
        .split('&')
        .find_map(|part| part.strip_prefix("egg="));
    let egg = egg
        .map(|egg| egg.split('[').next().unwrap_or(egg))
        .filter(|egg| !egg.is_empty());
    egg.unwrap_or_else(|| {
        let last = path
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or(path);
        let last = last.split('@').next().unwrap_or(last);
        let wheel = last
            .strip_suffix(".whl")
            .and_then(|stem| stem.split('-').next());
        let last = wheel.or(last.strip_suffix(".git")).unwrap_or(last);
        if last.is_empty() { place } else { last }
    })
}

/// Who needs a package, as pip-compile and uv write it: `# via a`, or one in each line below `# via`.
fn via(comments: &[&str]) -> Vec<String> {
    let mut open = false;
    let mut names = Vec::new();
    for comment in comments {
        let said = match comment.strip_prefix("via") {
            Some(rest) if rest.is_empty() || rest.starts_with(' ') => {
                open = true;
                rest
            }
            _ => comment,
        };
        if !open {
            continue;
        }
        for one in said.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            let of_project =
                one.starts_with("-r ") || one.contains(" (") || one.strip_suffix(".in").is_some();
            if of_project {
                names.push("-".to_owned());
            } else if !one.starts_with('-') && !one.contains(' ') {
                names.push(one.split('[').next().unwrap_or(one).to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, check_beside, fails};

    #[test]
    fn lines_of_all_shapes() {
        check(
            "requirements.txt",
            "# comment
--index-url https://pypi.example.com/simple
--extra-index-url=https://other.example.com/simple
--trusted-host other.example.com
A.b[x]==1.0 \\
    --hash=sha256:0a \\
    --hash=sha512:0b  # trailing
c>=2,<3 ; python_version < '3'
d
e @ git+https://example.com/e.git@0123456789abcdef
-e git+https://example.com/f#egg=f
-e .
./g-1.0.whl
https://example.com/h-1.0.zip#sha256=0c
i === 2.0 -C x=y
j==1.*
k==${VERSION}
<html> x
",
            "
5 A.b 1.0 sha256:0a sha512:0b
8 c - asked >=2,<3
9 d - asked *
10 e - git git+https://example.com/e.git@0123456789abcdef @0123456789abcdef
11 f - git git+https://example.com/f#egg=f
12 . - path .
13 g - path ./g-1.0.whl
14 h-1.0.zip - url https://example.com/h-1.0.zip#sha256=0c
15 i 2.0
16 j - asked ==1.*
17 k - asked ==${VERSION}
3 index: https://other.example.com/simple
4 trusted: other.example.com
18 lost: a line that is not understood: <html> x",
        );
    }

    #[test]
    fn includes_are_read_once_and_must_be_there() {
        check_beside(
            "requirements.txt",
            "-r base/common.txt\n-c constraints.txt\na==1.0\nb\n",
            &[
                (
                    "base/common.txt",
                    "-r ../requirements-x.txt\n-r common.txt\nc==1.0\n",
                ),
                ("requirements-x.txt", "-r base/common.txt\nx==1.0\n"),
                ("constraints.txt", "b==2.0\nunused==1.0\n"),
            ],
            "
3 a 1.0
4 b 2.0 asked *
base/common.txt:3 c 1.0
requirements-x.txt:2 x 1.0",
        );
        fails(
            "requirements.txt",
            "-r missing.txt\n",
            "`missing.txt`, which it includes, is not there",
        );
        fails(
            "requirements.txt",
            "-r https://example.com/x.txt\n",
            "outside",
        );
        fails(
            "requirements.txt",
            "-r ../../../../etc/passwd\n",
            "is not there",
        );
    }

    #[test]
    fn comments_tell_who_needs_a_package() {
        check(
            "requirements/main.txt",
            "a==1.0 \\
    --hash=sha256:0a
    # via
    #   -r requirements/main.in
    #   b
b==1.0
    # via -r requirements/main.in
c==1.0            # via a, b
d==1.0
    # via own (pyproject.toml)
",
            "
1 a 1.0 sha256:0a direct > c
6 b 1.0 direct > a c
8 c 1.0
9 d 1.0 direct",
        );
        check("requirements.txt", "# nothing is needed\n\n", "");
        fails("requirements.txt", "<html>\n", "no package");
        check(
            "requirements.txt",
            "a==1.0 # via \u{e9}\n-\u{e9}\n",
            "\n1 a 1.0\n2 lost: a line that is not understood: -\u{e9}",
        );
    }
}
