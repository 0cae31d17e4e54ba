//! Owns the one asynchronous runtime, on a thread of its own, started when it is first needed; knows no port.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::mpsc;

use tokio::runtime::{Builder, Handle};

use crate::model::fault::{Fault, FaultKind};

/// The runtime's handle, or why it could not be started.
fn handle() -> Result<&'static Handle, Fault> {
    static RUNTIME: OnceLock<Result<Handle, String>> = OnceLock::new();
    RUNTIME.get_or_init(start).as_ref().map_err(|problem| {
        Fault::new(
            FaultKind::ToolFailed,
            format!("the input and output thread cannot be started: {problem}"),
            "raise the limits on threads and open files",
        )
    })
}

fn start() -> Result<Handle, String> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|problem| problem.to_string())?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("qgate-io".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .map_err(|problem| problem.to_string())?;
    Ok(handle)
}

/// Runs `future` on the runtime and waits for what it gives. The caller's thread blocks; it must not be the runtime's
/// own, nor a worker of the pool.
///
/// # Errors
/// When the runtime cannot be started, and `Panic` when the future panics.
pub fn wait<F>(future: F) -> Result<F::Output, Fault>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (sender, receiver) = mpsc::sync_channel(1);
    handle()?.spawn(async move {
        // The receiver waits below; it is gone only when its thread is.
        let _ = sender.send(future.await);
    });
    receiver.recv().map_err(|_| {
        Fault::new(
            FaultKind::Panic,
            "an input or output task panicked",
            "report it: this is a defect of qgate",
        )
    })
}

/// Starts `future` on the runtime and does not wait for it.
///
/// # Errors
/// When the runtime cannot be started.
pub fn start_task<F>(future: F) -> Result<(), Fault>
where
    F: Future<Output = ()> + Send + 'static,
{
    handle()?.spawn(future);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_fault_and_the_next_task_still_runs() {
        let fault = wait(async { assert!(std::env::args().count() == 0, "seeded") });
        assert_eq!(fault.map_err(|fault| fault.kind), Err(FaultKind::Panic));
        assert_eq!(wait(async { 7 }), Ok(7));
    }
}
