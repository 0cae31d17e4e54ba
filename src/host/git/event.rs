//! Owns the base that a CI event names: found in this clone, or the command that fetches it. Reads no variable.

use crate::check::context::Base;
use crate::model::fault::{Fault, FaultKind};

use super::Repository;
use super::ci::{Event, Mark, Merge, System};
use super::history::read;

/// What CI systems call the remote that they clone from.
const REMOTE: &str = "origin";

/// What is missing, as git fetches it.
enum Missing<'a> {
    /// This commit, and nothing of its history.
    Commit(&'a str),
    /// This commit with its history.
    History(&'a str),
    /// This branch with its history.
    Branch(&'a str),
}

/// A change that goes into a branch.
struct Change<'a> {
    what: &'a str,
    branch: &'a str,
    mark: Option<&'a Mark>,
    merge: &'a Merge,
}

impl Repository {
    /// The base that the event names, for this head.
    ///
    /// # Errors
    /// When it is not in this clone, with the command that fetches it, and when git fails.
    pub(super) fn base_of_event(
        &self,
        system: System,
        event: &Event,
        head: &str,
    ) -> Result<Base, Fault> {
        match event {
            Event::First { branch } => Ok(Base {
                commit: self.empty_tree()?,
                name: format!("nothing: the first push of {branch}"),
            }),
            Event::Since { name, mark } => self.since(system, name, mark, head),
            Event::Into {
                what,
                branch,
                mark,
                merge,
            } => {
                let change = Change {
                    what,
                    branch,
                    mark: mark.as_ref(),
                    merge,
                };
                self.where_it_parts(system, &change, head)
            }
        }
    }

    fn since(&self, system: System, name: &str, mark: &Mark, head: &str) -> Result<Base, Fault> {
        let vouched = mark.ancestor_of.as_deref() == Some(head);
        let Some(commit) = self.resolve(&mark.commit)? else {
            let missing = if vouched {
                Missing::Commit(&mark.commit)
            } else {
                Missing::History(&mark.commit)
            };
            let what = format!("{name}, {},", short(&mark.commit));
            return Err(self.not_here(&what, system, true, &missing));
        };
        if vouched {
            let name = name.to_owned();
            return Ok(Base { commit, name });
        }
        match self.fork(head, &commit)? {
            Some(fork) => Ok(parted(fork, &commit, name)),
            None if self.is_shallow() => {
                let what = format!("the history between the head and {name}");
                let missing = Missing::History(&mark.commit);
                Err(self.not_here(&what, system, true, &missing))
            }
            None => Ok(alien(commit, name)),
        }
    }

    /// Where a change left the branch that it goes into. Where the system merged both, it is the branch as merged.
    fn where_it_parts(
        &self,
        system: System,
        change: &Change<'_>,
        head: &str,
    ) -> Result<Base, Fault> {
        let name = format!("{} for the {}", change.branch, change.what);
        if let Some(parent) = self.merged_into(head, change.merge)? {
            let Some(commit) = self.resolve(&parent)? else {
                let what = format!("{} as it was merged, {},", change.branch, short(&parent));
                return Err(self.not_here(&what, system, true, &Missing::Commit(&parent)));
            };
            return Ok(Base { commit, name });
        }
        let vouched = |mark: &Mark| mark.ancestor_of.as_deref() == Some(head);
        let marked = match change.mark {
            Some(mark) => self.resolve(&mark.commit)?,
            None => None,
        };
        let tracked = self.resolve(&format!("refs/remotes/{REMOTE}/{}", change.branch))?;
        let mut found: Option<Base> = None;
        for (tip, is_mark) in [(&marked, true), (&tracked, false)] {
            let Some(tip) = tip else { continue };
            let fork = match change.mark {
                Some(mark) if is_mark && vouched(mark) => Some(tip.clone()),
                _ => self.fork(head, tip)?,
            };
            let Some(fork) = fork else { continue };
            let is_better = match &found {
                // A branch that has the change by now does not tell where the change began, if anything else could.
                None => is_mark || change.mark.is_none() || fork != head,
                // What the system named may be old: the change may have taken in more of the branch since.
                Some(known) => {
                    fork != head
                        && fork != known.commit
                        && self.is_ancestor(&known.commit, &fork)?
                }
            };
            if is_better {
                found = Some(parted(fork, tip, &name));
            }
        }
        if let Some(base) = found {
            return Ok(base);
        }
        let known = marked.as_ref().or(tracked.as_ref());
        if let Some(tip) = known
            && !self.is_shallow()
            && self.fork(head, tip)?.is_none()
        {
            return Ok(alien(tip.clone(), &name));
        }
        let missing = match change.mark {
            Some(mark) if vouched(mark) => Missing::Commit(&mark.commit),
            Some(mark) if marked.is_none() && tracked.is_some() => Missing::History(&mark.commit),
            _ => Missing::Branch(change.branch),
        };
        let what = match known {
            None => format!("{}, which the {} goes into,", change.branch, change.what),
            Some(_) => format!(
                "the history that tells where the {} left {}",
                change.what, change.branch
            ),
        };
        let by_depth = system != System::GitLab || change.mark.is_some();
        Err(self.not_here(&what, system, by_depth, &missing))
    }

    /// The first parent of the head, if that is the system's merge of the change. A shallow clone has its id all the same.
    fn merged_into(&self, head: &str, merge: &Merge) -> Result<Option<String>, Fault> {
        if merge.commit.is_none() && merge.merged.is_none() {
            return Ok(None);
        }
        let raw = self.runner().run(["cat-file", "commit", head])?;
        let parents = read(head, &raw).parents;
        let [first, second] = &parents[..] else {
            return Ok(None);
        };
        let is_merge = merge.commit.as_deref() == Some(head)
            || merge.merged.as_deref() == Some(second.as_str());
        Ok(is_merge.then(|| first.clone()))
    }

    /// The fault of a base that is not in this clone. `by_depth`: would the checkout bring it, were it not shallow?
    fn not_here(&self, what: &str, system: System, by_depth: bool, missing: &Missing<'_>) -> Fault {
        let (kind, clone) = if self.is_shallow() {
            (FaultKind::ShallowClone, "shallow clone")
        } else {
            (FaultKind::Missing, "clone")
        };
        let mut cure = format!("run `{}`", self.fetch(missing));
        let setting = match system {
            System::GitHub => Some("`fetch-depth: 0` at actions/checkout"),
            System::GitLab => Some("the variable `GIT_DEPTH: 0`"),
            System::Azure => Some("`fetchDepth: 0` at the checkout step"),
            System::Jenkins => None,
        };
        if let Some(setting) = setting.filter(|_| by_depth && self.is_shallow()) {
            cure.push_str(&format!(", or set {setting}"));
        }
        if matches!(missing, Missing::History(_)) {
            cure.push_str("; if the remote has it no more, name another base with --base COMMIT");
        }
        Fault::new(kind, format!("{what} is not in this {clone}"), cure)
    }

    /// The command that fetches it.
    fn fetch(&self, missing: &Missing<'_>) -> String {
        let refspec = match missing {
            Missing::Commit(commit) | Missing::History(commit) => (*commit).to_owned(),
            Missing::Branch(branch) => {
                format!("+refs/heads/{branch}:refs/remotes/{REMOTE}/{branch}")
            }
        };
        let mut words = vec!["git", "fetch", "--no-tags"];
        if self.is_shallow() {
            words.push(match missing {
                Missing::Commit(_) => "--depth=1",
                Missing::History(_) | Missing::Branch(_) => "--unshallow",
            });
        }
        // Only a NUL byte cannot be quoted, and no variable and no branch has one.
        let refspec = shlex::try_quote(&refspec).unwrap_or_default();
        words.extend([REMOTE, &refspec]);
        words.join(" ")
    }
}

/// The base where a head parts from `tip`.
fn parted(fork: String, tip: &str, name: &str) -> Base {
    let name = if fork == tip {
        name.to_owned()
    } else {
        format!("merge-base with {name}")
    };
    Base { commit: fork, name }
}

fn alien(commit: String, name: &str) -> Base {
    let name = format!("{name}, without common history");
    Base { commit, name }
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}
