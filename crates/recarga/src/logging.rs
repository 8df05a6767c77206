//! The log: to stderr, as text for people or as JSON for machines.

use crate::settings::{Log, LogFormat};
use crate::stop::{Result, Stop};
use tracing_subscriber::EnvFilter;

/// Starts the log of this process. Only the first call counts.
pub fn start(log: &Log) -> Result<()> {
    let filter = filter(&log.filter).map_err(Stop::Wrong)?;
    let to_stderr = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A log that runs already (in tests) stays as it is.
    let _ = match log.format {
        LogFormat::Text => to_stderr.with_ansi(false).try_init(),
        LogFormat::Json => to_stderr.json().flatten_event(true).try_init(),
    };
    Ok(())
}

/// Reads the filter, or says what is wrong with it.
pub fn filter(text: &str) -> std::result::Result<EnvFilter, String> {
    EnvFilter::builder()
        .parse(text)
        .map_err(|e| format!("log.filter: {text:?} is no filter of log lines: {e}"))
}
