//! Owns one program with all that it starts: the group or job it runs in, and its certain end; reads no output.

use std::process::ExitStatus;
use std::sync::atomic::{AtomicU64, Ordering};

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::process::{ChildStderr, ChildStdout, Command};
use tokio::time::{Duration, Instant, sleep};

use crate::host::interrupt::{Cancel, Urgency};

use crate::host::usage::Root;

use super::GRACE;
use super::strays::{MARK, Strays};

/// How a tree is ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    /// The signal that asks for its end.
    pub(super) signal: i32,
    /// After this time it is killed.
    pub(super) grace: Duration,
    /// Those that left the group are ended even when the program has exited by itself.
    pub(super) strays: bool,
}

impl Default for Ending {
    fn default() -> Self {
        const SIGTERM: i32 = 15;
        Self {
            signal: SIGTERM,
            grace: GRACE,
            strays: false,
        }
    }
}

/// How often a tree that was asked to end is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A program and its descendants. Dropping it kills all of them.
#[derive(Debug)]
pub(super) struct Tree {
    child: Box<dyn ChildWrapper>,
    mark: String,
    strays: Strays,
    exited: bool,
    ended: bool,
}

impl Tree {
    /// Starts the program as the leader of a group of its own.
    pub(super) fn spawn(mut command: Command) -> std::io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let own = format!(
            "{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        // A qgate below a qgate adds its mark to the outer one's.
        let mark = match std::env::var(MARK) {
            Ok(outer) => format!("{outer}:{own}"),
            Err(_) => own.clone(),
        };
        command.env(MARK, mark);
        let mut command = CommandWrap::from(command);
        #[cfg(unix)]
        command.wrap(process_wrap::tokio::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::tokio::JobObject);
        let child = command.spawn()?;
        let strays = Strays::new(child.id(), own.clone());
        Ok(Self {
            child,
            mark: own,
            strays,
            exited: false,
            ended: false,
        })
    }

    /// The process id of the program, while it lives.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The program and its mark, for those who look at what it uses; `None` once it is gone.
    pub(super) fn root(&self, is_new: bool) -> Option<Root> {
        Some(Root {
            pid: self.id()?,
            mark: Some((MARK, self.mark.clone())),
            is_new,
        })
    }

    /// The standard output and the standard error, once.
    pub(super) fn pipes(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout().take(), self.child.stderr().take())
    }

    /// Waits for the end of the program itself, not of what it started.
    pub(super) async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        // The group's own `wait` would block a thread for as long as any member lives.
        let status = self.child.inner_mut().wait().await;
        self.exited = true;
        status
    }

    /// Ends what is left: of a program that exited, its group; of one that did not, all descendants, those that left
    /// the group too. Asked to end first, killed after the grace or as soon as an interrupt is urgent.
    ///
    /// Says whether it ended in the grace.
    pub(super) async fn end(&mut self, how: Ending, cancel: &Cancel) -> bool {
        let leave_strays = self.exited && !how.strays;
        if !leave_strays {
            self.strays.record();
            self.strays.ask();
        }
        let mut in_grace = false;
        let asked = self.ask(how.signal);
        if asked || !leave_strays {
            let deadline = Instant::now() + how.grace;
            tokio::select! {
                gone = self.gone(deadline, leave_strays) => in_grace = gone,
                () = cancel.until(Urgency::Now) => {}
            }
        }
        self.kill(!leave_strays);
        if !self.exited {
            // It was killed: its end is certain, and waiting for it leaves no zombie.
            let _ = tokio::time::timeout(GRACE, self.wait()).await;
        }
        self.ended = true;
        in_grace
    }

    async fn gone(&mut self, deadline: Instant, leave_strays: bool) -> bool {
        if !self.exited {
            let _ = tokio::time::timeout_at(deadline, self.wait()).await;
        }
        while Instant::now() < deadline {
            let strays_gone = leave_strays || !self.strays.alive();
            if strays_gone && !self.group_lives() {
                return true;
            }
            sleep(LOOK).await;
        }
        false
    }

    fn kill(&mut self, strays_too: bool) {
        // It fails only when nobody is left.
        let _ = self.child.start_kill();
        if strays_too {
            self.strays.kill();
        }
    }

    /// Asks the group to end; false when nobody is left, or when there is no way to ask.
    #[cfg(unix)]
    fn ask(&self, signal: i32) -> bool {
        self.child.signal(signal).is_ok()
    }

    #[cfg(not(unix))]
    fn ask(&self, _: i32) -> bool {
        false
    }

    /// Is there anybody in the group?
    #[cfg(unix)]
    fn group_lives(&self) -> bool {
        // By default this signal, a window's change of size, is ignored.
        const SIGWINCH: i32 = 28;
        self.child.signal(SIGWINCH).is_ok()
    }

    #[cfg(not(unix))]
    fn group_lives(&self) -> bool {
        false
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if !self.ended {
            self.strays.record();
            self.kill(true);
        }
    }
}
