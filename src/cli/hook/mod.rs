//! Owns `qgate hook`: installing, removing and describing the pre-push hook. Judging a push is in `push`.

mod lines;
mod push;

use anyhow::Context as _;

use super::Usage;
use super::args::{Global, HookAction, HookArgs};
use super::output::Console;
use super::site::Site;
use crate::host::git::Repository;
use crate::host::hooks::{self, Place, Standing};
use crate::model::outcome::Exit;

/// Programs that keep a repository's hooks: the file that tells, and what to add to it.
const MANAGERS: &[(&str, &str)] = &[
    (
        ".husky",
        "add this line to .husky/pre-push:\n  qgate hook pre-push \"$@\"\n",
    ),
    ("lefthook.yml", LEFTHOOK),
    ("lefthook.yaml", LEFTHOOK),
    (".lefthook.yml", LEFTHOOK),
    (".lefthook.yaml", LEFTHOOK),
    (
        ".pre-commit-config.yaml",
        "add this below `repos:`, then run `pre-commit install -t pre-push`:\n  \
         - repo: local\n    hooks: [{id: qgate, name: qgate, entry: qgate hook pre-push, language: system, \
         pass_filenames: false, always_run: true, require_serial: true, stages: [pre-push]}]\n",
    ),
];

const LEFTHOOK: &str = "add this to it:\n  \
    pre-push: {jobs: [{name: qgate, run: 'qgate hook pre-push {1} {2}', use_stdin: true}]}\n";

/// Does what the words ask for.
///
/// # Errors
/// When there is no repository, or the hook cannot be read or written.
pub fn run(args: &HookArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    if let HookAction::PrePush(args) = &args.action {
        return push::run(args, global, console);
    }
    let site = Site::open(global)?;
    let Some(repository) = site.repository()? else {
        return Err(Usage::new("this is no git repository", "run `git init` first").into());
    };
    let place = Place::of(repository)?;
    match &args.action {
        HookAction::Install { force } => install(repository, &place, *force, console),
        HookAction::Uninstall => uninstall(&place, console),
        HookAction::Status | HookAction::PrePush(_) => status(&place, console),
    }
}

fn install(
    repository: &Repository,
    place: &Place,
    force: bool,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let hook = place.hook.display();
    let names: Vec<&str> = MANAGERS.iter().map(|(name, _)| *name).collect();
    if !force && let Some(found) = hooks::first_of(repository.root(), &names) {
        let (_, line) = MANAGERS[names.iter().position(|n| *n == found).unwrap_or(0)];
        console.out(&format!(
            "nothing was written: {found} says that another program keeps the hooks\n{line}\
             to write {hook} all the same: qgate hook install --force\n"
        ))?;
        return Ok(Exit::Fail);
    }
    if let Some((scope, value)) = &place.configured
        && !force
        && !matches!(scope.as_str(), "local" | "worktree")
    {
        return Err(Usage::new(
            format!("core.hooksPath is `{value}` for all repositories ({scope}), so a hook there would run in each of them"),
            "set it here, `git config core.hooksPath .git/hooks`, or insist with --force",
        )
        .into());
    }
    let before = place.standing()?;
    if matches!(before, Standing::Foreign | Standing::Names) && place.has_previous() {
        return Err(Usage::new(
            format!(
                "both {hook} and {} are there, and neither is qgate's",
                place.previous.display()
            ),
            "remove or merge one of them, then install again",
        )
        .into());
    }
    place
        .install()
        .with_context(|| format!("the hook {hook} cannot be written"))?;
    let mut said = match before {
        Standing::Nothing => format!("wrote {hook}: git runs qgate before each push\n"),
        Standing::Ours => format!("{hook} is installed\n"),
        Standing::Foreign | Standing::Names => format!(
            "wrote {hook}; the hook that was there runs first, as {}\n",
            place.previous.display()
        ),
    };
    if let Some((_, value)) = place
        .configured
        .as_ref()
        .filter(|(_, value)| is_relative(value))
    {
        said.push_str(&format!(
            "note: core.hooksPath is `{value}` in each work tree: one without that folder runs no hook\n"
        ));
    }
    console.out(&said)?;
    Ok(Exit::Pass)
}

fn is_relative(path: &str) -> bool {
    !path.starts_with('~') && std::path::Path::new(path).is_relative()
}

fn uninstall(place: &Place, console: &mut Console) -> anyhow::Result<Exit> {
    let hook = place.hook.display();
    if place.standing()? != Standing::Ours {
        console.out(&format!("nothing to remove: {hook} is not qgate's\n"))?;
        return Ok(Exit::Pass);
    }
    let restored = place.has_previous();
    place
        .uninstall()
        .with_context(|| format!("the hook {hook} cannot be removed"))?;
    console.out(&if restored {
        format!("put back {hook} as it was before qgate\n")
    } else {
        format!("removed {hook}\n")
    })?;
    Ok(Exit::Pass)
}

fn status(place: &Place, console: &mut Console) -> anyhow::Result<Exit> {
    let hook = place.hook.display();
    let standing = place.standing()?;
    let runs = matches!(standing, Standing::Ours | Standing::Names) && place.is_executable();
    let mut said = match standing {
        Standing::Nothing => format!("nothing runs before a push: there is no {hook}\n"),
        _ if !place.is_executable() => {
            format!("nothing runs before a push: {hook} is not executable\n")
        }
        Standing::Ours => format!("qgate runs before a push: {hook}\n"),
        Standing::Names => format!("{hook} runs before a push, and names qgate\n"),
        Standing::Foreign => format!("{hook} runs before a push, and does not name qgate\n"),
    };
    if standing == Standing::Ours && place.has_previous() {
        said.push_str(&format!("before it runs {}\n", place.previous.display()));
    }
    if let Some((scope, value)) = &place.configured {
        said.push_str(&format!("core.hooksPath is `{value}` ({scope})\n"));
    }
    if !runs {
        said.push_str("next: qgate hook install\n");
    }
    console.out(&said)?;
    Ok(if runs { Exit::Pass } else { Exit::Fail })
}
