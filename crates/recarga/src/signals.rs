//! When to stop: SIGTERM, SIGINT, or, for a child of ours, the end of its standard input.

use anyhow::{Context, Result};
use std::io::Read;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Listens from now on; the future ends when the process shall stop, and says why. Called before the process
/// says that it is ready, so that no signal finds it deaf.
pub fn stop_asked(with_stdin: bool) -> Result<impl Future<Output = &'static str>> {
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let (ended, stdin_end) = oneshot::channel::<()>();
    let keep = if with_stdin {
        // A thread of its own: a blocked read must not keep the runtime from ending.
        std::thread::spawn(move || {
            let mut rest = [0; 64];
            while std::io::stdin().read(&mut rest).is_ok_and(|n| n > 0) {}
            let _ = ended.send(());
        });
        None
    } else {
        // Kept open, so that the parent's end never comes.
        Some(ended)
    };
    Ok(async move {
        let _keep = keep;
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
            _ = stdin_end => "the parent's end",
        }
    })
}
