//! Owns what is looked at whatever the gates are: git, the repository, the hook, certificates, the cache, the machine.

use std::time::Duration;

use super::{Line, State};
use crate::check::ports::{Programs as _, Request};
use crate::cli::site::Site;
use crate::host::facts::{self, Hook};
use crate::host::git::Repository;
use crate::host::interrupt::Cancel;
use crate::host::programs::Programs;
use crate::host::{http, store, terminal};

/// One line for each.
pub fn lines(site: &Site) -> Vec<Line> {
    let mut lines = vec![
        Line::pass(format!(
            "qgate: {} on {}",
            env!("CARGO_PKG_VERSION"),
            facts::machine()
        )),
        git(site),
    ];
    match &site.repository {
        Ok(Some(repository)) => {
            lines.push(history(repository));
            lines.push(hook(repository));
        }
        Ok(None) => lines.push(Line::new(
            State::Warn,
            "repository: this folder is in no git repository",
            "run `git init`; without it checks of history are unknown and nothing is new",
        )),
        Err(fault) => lines.push(Line::new(
            State::Fail,
            format!("repository: {fault}"),
            &fault.cure,
        )),
    }
    lines.push(match http::certificates() {
        Ok(()) => Line::pass("certificates: HTTPS services can be checked"),
        Err(fault) => Line::new(State::Warn, format!("certificates: {fault}"), &fault.cure),
    });
    lines
}

fn git(site: &Site) -> Line {
    let programs = Programs::new(site.root.clone(), None, Cancel::new());
    let cure = "install git: without it qgate judges files, but no history and nothing as new";
    let Some(path) = programs.find("git") else {
        return Line::new(State::Warn, "git: not installed", cure);
    };
    let request = Request {
        argv: vec!["git".to_owned(), "--version".to_owned()],
        folder: None,
        variables: std::collections::BTreeMap::new(),
        timeout: Duration::from_secs(10),
        log: "doctor-git".to_owned(),
        keep: Request::KEEP,
    };
    match programs.run(&request) {
        Ok(finished) if finished.code == Some(0) => {
            let said = String::from_utf8_lossy(&finished.stdout);
            let version = said.trim().trim_start_matches("git version ");
            Line::pass(format!("git: {version} at {}", path.display()))
        }
        Ok(_) => Line::new(
            State::Fail,
            format!("git: {} does not run", path.display()),
            "repair the installation of git",
        ),
        Err(fault) => Line::new(State::Fail, format!("git: {fault}"), &fault.cure),
    }
}

fn history(repository: &Repository) -> Line {
    if repository.is_shallow() {
        return Line::new(
            State::Warn,
            "repository: a shallow clone, so what is new may not be known",
            "run `git fetch --unshallow`; in GitHub Actions set `fetch-depth: 0`",
        );
    }
    match repository.base(None, &terminal::variable) {
        Ok(Some(base)) => Line::pass(format!(
            "repository: what is new is judged against {}",
            base.name
        )),
        Ok(None) => Line::new(
            State::Warn,
            "repository: no upstream and no default branch to judge what is new against",
            "push the default branch, or name a commit with --base",
        ),
        Err(fault) => Line::new(State::Warn, format!("repository: {fault}"), &fault.cure),
    }
}

fn hook(repository: &Repository) -> Line {
    match facts::pre_push(repository) {
        Ok(Hook::Ours(path)) => Line::pass(format!("hook: {} runs qgate", path.display())),
        Ok(Hook::None) => Line::new(
            State::Warn,
            "hook: nothing runs qgate before a push",
            "run `qgate hook install`",
        ),
        Ok(Hook::Other(path)) => Line::new(
            State::Warn,
            format!("hook: {} does not run qgate", path.display()),
            "run `qgate hook install`: it keeps that hook and runs it first",
        ),
        Err(fault) => Line::new(State::Warn, format!("hook: {fault}"), &fault.cure),
    }
}

/// Can the cache be kept?
pub fn cache(site: &Site, configured: bool) -> Line {
    let cure = "make it writable; until then each run reads every file";
    match store::cache_folder(&site.root, configured) {
        Err(fault) => Line::new(State::Warn, format!("cache: {fault}"), &fault.cure),
        Ok(folder) => match facts::can_write(&folder) {
            Ok(()) => Line::pass(format!("cache: {}", folder.display())),
            Err(problem) => {
                let what = format!("cache: {} cannot be written: {problem}", folder.display());
                Line::new(State::Warn, what, cure)
            }
        },
    }
}
