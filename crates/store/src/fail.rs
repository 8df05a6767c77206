//! Named failpoints: the windows in which a test ends the process. Debug builds only; a release build has
//! no way to switch one on.
//!
//! `RECARGA_FAILPOINTS="operation.after_answer=kill;work.after_claim=kill:2"` ends the process (SIGKILL, no
//! clean-up) the first time, or the n-th time, that the point is passed.

/// Passes the point, or ends the process here when a test asked for it.
#[cfg(not(debug_assertions))]
pub fn point(_name: &str) {}

/// Passes the point, or ends the process here when a test asked for it.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex};

    /// How many times each armed point may still be passed.
    static ARMED: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(|| Mutex::new(armed()));

    if let Ok(mut armed) = ARMED.lock()
        && let Some(left) = armed.get_mut(name)
    {
        *left -= 1;
        if *left == 0 {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    }
}

#[cfg(debug_assertions)]
fn armed() -> std::collections::HashMap<String, u32> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a failpoint is not a setting and exists in debug builds only"
    )]
    let text = std::env::var("RECARGA_FAILPOINTS").unwrap_or_default();
    text.split(';')
        .filter_map(|entry| entry.split_once("=kill"))
        .map(|(name, times)| {
            (name.trim().to_owned(), times.trim_start_matches(':').parse().unwrap_or(1).max(1))
        })
        .collect()
}
