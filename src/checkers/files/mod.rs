//! Owns the checker `files`: which files a repository must have, must not have, and what their names and links may be.
//! Patterns of secrets inside other files are no matter of this checker.

mod content;
mod expected;
mod ignores;
mod links;
mod litter;
mod names;
mod options;
mod sensitive;

use crate::check::options::Glob;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

use content::Content;
pub use options::{Level, Litter, Options};

/// A configured check.
#[derive(Debug)]
pub struct Files(Options);

static MISSING_FILE: Rule = rule!("missing-file", High, "2026-11");
static EMPTY_FILE: Rule = rule!("empty-file", High, "2026-11");
static FORBIDDEN_FILE: Rule = rule!("forbidden-file", High, "2026-11");
static LARGE_FILE: Rule = rule!("large-file", Medium, "2026-11");
static ROOT_LITTER: Rule = rule!("root-litter", Medium, "2026-11");
static SENSITIVE_FILE: Rule = rule!("sensitive-file", High, "2026-11");
static MISSING_IGNORE_ENTRY: Rule = rule!("missing-ignore-entry", High, "2026-11");
static BROKEN_LINK: Rule = rule!("broken-symlink", Medium, "2026-11");
static LEAVING_LINK: Rule = rule!("symlink-leaves-root", Medium, "2026-11");
static CASE_COLLISION: Rule = rule!("case-collision", Medium, "2026-11");
static WINDOWS_NAME: Rule = rule!("windows-name", Info, "2026-11");

/// The files that a conclusion looks at, with what was observed.
type Seen<'a> = [Observed<'a, Content>];

impl Checker for Files {
    const NAME: &'static str = "files";
    const SUMMARY: &'static str =
        "expected, forbidden, large and sensitive files, litter in the root, links and names";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[
        &MISSING_FILE,
        &EMPTY_FILE,
        &FORBIDDEN_FILE,
        &LARGE_FILE,
        &ROOT_LITTER,
        &SENSITIVE_FILE,
        &MISSING_IGNORE_ENTRY,
        &BROKEN_LINK,
        &LEAVING_LINK,
        &CASE_COLLISION,
        &WINDOWS_NAME,
    ];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "bad_links",
            &["broken-symlink", "symlink-leaves-root"],
            "symbolic links that lead nowhere or out of the repository",
        ),
        Metric::counts(
            "name_conflicts",
            &["case-collision", "windows-name"],
            "names that some systems cannot tell apart or have",
        ),
        Metric::counts(
            "missing_files",
            &["missing-file", "empty-file"],
            "expected files that are missing or empty",
        ),
        Metric::counts(
            "forbidden_files",
            &["forbidden-file"],
            "files that must not exist",
        ),
        Metric::counts("large_files", &["large-file"], "files over the size limit"),
        Metric::counts(
            "root_litter",
            &["root-litter"],
            "things that do not belong into the root",
        ),
        Metric::counts("sensitive_files", &["sensitive-file"], "credential files"),
        Metric::counts(
            "missing_ignore_entries",
            &["missing-ignore-entry"],
            "entries of the sensitive-file policy that ignore files lack",
        ),
    ];

    type Options = Options;
    type Facts = Content;

    fn new(options: Options) -> Result<Self, String> {
        if options.potato
            && options
                .ignore_entries
                .iter()
                .any(|entry| entry.trim().is_empty())
        {
            return Err("`ignore_entries` has an empty entry".to_owned());
        }
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    /// Only where the content decides.
    fn wants(&self, file: &FileMeta) -> bool {
        file.is_file()
            && (self.0.expect.iter().any(|glob| glob.matches(&file.path))
                || (self.0.sensitive && sensitive::is_telling(&file.path))
                || (self.0.potato && ignores::FILES.contains(&file.path.as_bytes())))
    }

    fn observe(&self, file: &SourceFile) -> Option<Content> {
        Some(Content::of(file.bytes(), &self.0.ignore_entries))
    }

    fn conclude(&self, files: &Seen<'_>, cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        expected::check(&self.0, files, cx, &mut evidence);
        litter::check(self.0.root_litter, cx, &mut evidence)?;
        sensitive::check(&self.0, files, cx, &mut evidence);
        if self.0.potato {
            ignores::check(&self.0, files, cx, &mut evidence);
        }
        links::check(cx, &mut evidence);
        names::check(self.0.windows_names, cx, &mut evidence);
        Ok(evidence)
    }

    /// What git ignores is seen on the disk, after the commands that may have left it there.
    fn lane(&self) -> Lane {
        if self.0.root_litter == Litter::All {
            Lane::Artifacts
        } else {
            Lane::Pure
        }
    }

    /// A rule that is not configured measures nothing, so that no criterion holds for nothing.
    fn gives(&self, metric: &str) -> bool {
        match metric {
            "missing_files" => !self.0.expect.is_empty(),
            "forbidden_files" => !self.0.forbid.is_empty(),
            "large_files" => self.0.max_size.is_some(),
            "root_litter" => self.0.root_litter != Litter::Off,
            "sensitive_files" => self.0.sensitive || self.0.potato,
            "missing_ignore_entries" => self.0.potato,
            _ => true,
        }
    }

    fn globs(&self) -> Vec<&Glob> {
        // `expect` and `forbid` say by findings what they match.
        Vec::new()
    }
}

fn at(
    rule: &'static Rule,
    file: &FileMeta,
    headline: impl Into<String>,
    help: impl Into<String>,
) -> Finding {
    Finding::new(rule, Place::File(file.path.clone()), headline, help)
}

/// What was observed in the file at `path`, if it was read.
fn content<'a>(files: &'a Seen<'_>, meta: &FileMeta) -> Option<&'a Content> {
    let found = files
        .binary_search_by(|seen| seen.file.path.cmp(&meta.path))
        .ok()?;
    files[found].facts.as_ref()
}
