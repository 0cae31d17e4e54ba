//! Owns one program with all that it starts: the group or job it runs in, and its certain end; reads no output.

use std::process::ExitStatus;
use std::sync::atomic::{AtomicU64, Ordering};

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::process::{ChildStderr, ChildStdout, Command};
use tokio::time::{Duration, Instant, sleep};

use crate::host::interrupt::{Cancel, Urgency};

use super::GRACE;
use super::strays::{MARK, Strays};

/// How often a tree that was asked to end is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A program and its descendants. Dropping it kills all of them.
#[derive(Debug)]
pub(super) struct Tree {
    child: Box<dyn ChildWrapper>,
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
        let strays = Strays::new(child.id(), own);
        Ok(Self {
            child,
            strays,
            exited: false,
            ended: false,
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
    pub(super) async fn end(&mut self, cancel: &Cancel) {
        let exited_by_itself = self.exited;
        if !exited_by_itself {
            self.strays.record();
            self.strays.ask();
        }
        if self.ask() {
            let deadline = Instant::now() + GRACE;
            tokio::select! {
                () = self.gone(deadline, exited_by_itself) => {}
                () = cancel.until(Urgency::Now) => {}
            }
        }
        self.kill(!exited_by_itself);
        if !self.exited {
            // It was killed: its end is certain, and waiting for it leaves no zombie.
            let _ = tokio::time::timeout(GRACE, self.wait()).await;
        }
        self.ended = true;
    }

    async fn gone(&mut self, deadline: Instant, exited_by_itself: bool) {
        if !self.exited {
            let _ = tokio::time::timeout_at(deadline, self.wait()).await;
        }
        while Instant::now() < deadline {
            let strays_gone = exited_by_itself || !self.strays.alive();
            if strays_gone && !self.group_lives() {
                return;
            }
            sleep(LOOK).await;
        }
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
    fn ask(&self) -> bool {
        const SIGTERM: i32 = 15;
        self.child.signal(SIGTERM).is_ok()
    }

    #[cfg(not(unix))]
    fn ask(&self) -> bool {
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
