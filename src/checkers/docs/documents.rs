//! Owns documents that a repository should have: a README, a changelog that changes with the code, examples, prompts of a bounded size.

use crate::base::path::RepoPath;
use crate::base::words;
use crate::check::{Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Value;
use crate::model::place::Place;
use crate::model::quantity::Quantity;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::class::is_for_agents;
use crate::source::language::Language;
use crate::source::tree::{FileMeta, SourceTree};

use super::Facts;
use super::options::{Options, Prompts};

pub(super) static MISSING_README: Rule = rule!("missing-readme", Low, "2026-11");
pub(super) static MISSING_CHANGELOG: Rule = rule!("missing-changelog", Low, "2026-11");
pub(super) static CHANGELOG_NOT_UPDATED: Rule = rule!("changelog-not-updated", Low, "2026-12");
pub(super) static README_WITHOUT_EXAMPLE: Rule = rule!("readme-without-example", Info, "2026-12");
pub(super) static LARGE_PROMPT: Rule = rule!("large-prompt", Low, "2026-12");

const CHANGELOGS: [&[u8]; 6] = [
    b"changelog",
    b"changes",
    b"history",
    b"news",
    b"release_notes",
    b"releases",
];

/// Folders of parts of a changelog, one for each change.
const PARTS: [&[u8]; 8] = [
    b".changeset",
    b"changelog.d",
    b"changelog",
    b"changelogs",
    b"changes",
    b"news",
    b"newsfragments",
    b"unreleased",
];

/// Files that say that a folder is a package.
const MANIFESTS: [&[u8]; 12] = [
    b"Cargo.toml",
    b"package.json",
    b"pyproject.toml",
    b"setup.py",
    b"setup.cfg",
    b"go.mod",
    b"pom.xml",
    b"build.gradle",
    b"build.gradle.kts",
    b"composer.json",
    b"Gemfile",
    b"mix.exs",
];

/// Looks for a README and a changelog in the root.
pub fn look(options: &Options, tree: &dyn SourceTree, evidence: &mut Evidence) {
    let names = || {
        let root = tree.files().iter().filter(|file| file.path.in_root());
        root.map(|file| file.path.name().to_ascii_lowercase())
    };
    let has =
        |starts: &[&[u8]]| names().any(|name| starts.iter().any(|start| name.starts_with(start)));
    if tree.files().is_empty() {
        return;
    }
    if options.readme && !has(&[b"readme"]) {
        let help = "write a README that says what this is, how it is built and how it is used";
        let headline = "no README in the root";
        evidence
            .findings
            .extend(missing(&MISSING_README, "README.md", headline, help));
    }
    if options.changelog && !has(&CHANGELOGS) {
        let help = "write a changelog of what users see, newest first";
        let headline = "no changelog in the root";
        evidence
            .findings
            .extend(missing(&MISSING_CHANGELOG, "CHANGELOG.md", headline, help));
    }
}

fn missing(rule: &'static Rule, name: &str, headline: &str, help: &str) -> Option<Finding> {
    let place = Place::File(RepoPath::new(name)?);
    Some(Finding::new(rule, place, headline, help))
}

/// Compares with the base: was the changelog changed with the code?
///
/// # Errors
/// When nobody knows what changed.
pub fn changelog_of_change(cx: &Cx<'_>, evidence: &mut Evidence) -> Result<(), Fault> {
    let diff = cx.change.diff()?;
    let changed = || diff.files.keys().chain(&diff.deleted);
    let sources: Vec<&RepoPath> = changed().filter(|path| is_source(path)).collect();
    if sources.is_empty() || changed().any(is_changelog) {
        return Ok(());
    }
    let known = cx.tree.files().iter().map(|file| &file.path);
    let mut known: Vec<&RepoPath> = known.filter(|path| is_changelog(path)).collect();
    known.sort_by_key(|path| (path.parts().count(), (*path).clone()));
    let path = known.first().map(|path| (*path).clone());
    let Some(path) = path.or_else(|| RepoPath::new("CHANGELOG.md")) else {
        return Ok(());
    };
    let files = words::count(sources.len(), "file");
    let headline = format!(
        "{files} of code changed since the base ({} first), and the changelog did not",
        sources[0]
    );
    let help = "write what users see of the change; if they see nothing, waive it with the reason";
    evidence.findings.push(
        Finding::new(&CHANGELOG_NOT_UPDATED, Place::File(path), headline, help)
            .anchored("the change"),
    );
    Ok(())
}

/// Is it code whose change users may see?
fn is_source(path: &RepoPath) -> bool {
    let class = crate::source::class::PathClass::of_path(path);
    let is_code = Language::of_path(path).is_some_and(|language| {
        language.grammar().is_some()
            || matches!(
                language,
                Language::Css
                    | Language::Html
                    | Language::Sql
                    | Language::Svelte
                    | Language::Swift
                    | Language::Vue
            )
    });
    is_code && !(class.test || class.docs || class.workflow || class.lock)
}

/// Is it a changelog, in the root, beside a package, or in a folder of documentation, or a part of one?
fn is_changelog(path: &RepoPath) -> bool {
    let name = path.name().to_ascii_lowercase();
    let is_text = matches!(
        path.extension(),
        None | Some(
            b"md" | b"rst" | b"txt" | b"adoc" | b"yml" | b"yaml" | b"toml" | b"json" | b"html"
        )
    );
    let mut folders = path.parts();
    folders.next_back();
    let is_part = folders.any(|part| PARTS.contains(&part.to_ascii_lowercase().as_slice()))
        && Language::of_path(path).is_none_or(|language| language.grammar().is_none());
    (is_text && CHANGELOGS.iter().any(|start| name.starts_with(start))) || is_part
}

/// Which READMEs of packages have an example: a block of code.
pub fn examples(files: &[Observed<'_, Facts>], tree: &dyn SourceTree, evidence: &mut Evidence) {
    let folder = |path: &RepoPath| {
        let text = path.as_bytes();
        memchr::memrchr(b'/', text).map_or_else(Vec::new, |at| text[..at].to_vec())
    };
    let manifests = tree.files().iter().filter(|file| {
        MANIFESTS.contains(&file.path.name()) && !file.class.test && !file.class.vendored
    });
    let packages: std::collections::BTreeSet<Vec<u8>> =
        manifests.map(|file| folder(&file.path)).collect();
    let (mut with, mut all) = (0, 0);
    for Observed { file, facts } in files {
        let Some(Facts::Page(page)) = facts else {
            continue;
        };
        let name = file.path.name().to_ascii_lowercase();
        if !name.starts_with(b"readme.") || !packages.contains(&folder(&file.path)) {
            continue;
        }
        all += 1;
        if page.has_code {
            with += 1;
            continue;
        }
        let place = Place::File(file.path.clone());
        let headline = "the README of a package has no example";
        let help = "show in a block of code how it is installed and used";
        evidence.findings.push(
            Finding::new(&README_WITHOUT_EXAMPLE, place, headline, help).anchored("the example"),
        );
    }
    if let Some(share) = Value::ratio(with, all) {
        evidence.measure("command_examples", share);
    }
}

/// Is it a prompt: one of these globs, or what a coding agent takes for instructions?
#[must_use]
pub fn is_prompt(path: &RepoPath, prompts: &Prompts) -> bool {
    if prompts.files.is_empty() {
        is_for_agents(path) && path.extension() != Some(b"json")
    } else {
        prompts.files.iter().any(|glob| glob.matches(path))
    }
}

/// How many tokens prompts have.
pub fn prompts(files: &[Observed<'_, Facts>], prompts: &Prompts, evidence: &mut Evidence) {
    let mut largest = 0;
    let prompt = |file: &FileMeta| is_prompt(&file.path, prompts) && !file.class.test;
    for Observed { file, facts } in files.iter().filter(|one| prompt(one.file)) {
        let tokens = match facts {
            Some(Facts::Page(page)) => page.tokens,
            Some(Facts::Prompt(tokens)) => *tokens,
            _ => continue,
        };
        largest = largest.max(tokens);
        if tokens > prompts.max_tokens {
            let most = prompts.max_tokens;
            let headline = format!("a prompt of about {tokens} tokens, more than {most}");
            let help = "say less, or move parts into files that are read when they are needed";
            let place = Place::File(file.path.clone());
            evidence.findings.push(
                Finding::new(&LARGE_PROMPT, place, headline, help)
                    .anchored("the prompt")
                    .of_amount(tokens.into()),
            );
        }
    }
    let largest = Quantity::count(usize::try_from(largest).unwrap_or(usize::MAX));
    evidence.measure("prompt_tokens", Value::Plain(largest));
}
