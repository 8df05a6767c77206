//! A child process of our own program. Its standard input is a pipe of ours whose end means "stop": a child
//! never outlives its parent, however that ends.

use anyhow::{Context, Result};
use std::ffi::OsStr;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// What a child may take to finish before it is killed: a little more than a server allows its requests.
const PATIENCE: Duration = Duration::from_secs(13);

/// A child that runs.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    pub pid: u32,
}

/// Starts `recarga ARGS`. Nothing of our `RECARGA_*` environment reaches it but `environment`.
pub fn start<A: AsRef<OsStr>>(
    args: impl IntoIterator<Item = A>,
    environment: &[(&str, &str)],
    stdout: Stdio,
) -> Result<Running> {
    let program = std::env::current_exe().context("finding our own program")?;
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::inherit()).kill_on_drop(true);
    for name in crate::settings::names_in_environment() {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied());
    let mut child = command.spawn().context("starting a child")?;
    let pid = child.id().context("the child ended at once")?;
    let stdin = child.stdin.take();
    Ok(Running { child, stdin, pid })
}

impl Running {
    /// The first line that the child prints.
    pub async fn first_line(&mut self) -> Result<String> {
        let stdout = self.child.stdout.take().context("the child's output is not ours")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).await?;
        anyhow::ensure!(!line.trim().is_empty(), "the child ended without saying where it listens");
        Ok(line)
    }

    /// Waits for the child's end.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        // `Child::wait` would close the pipe and with it ask the child to stop; it was taken out for that.
        Ok(self.child.wait().await?)
    }

    /// Asks the child to stop and waits for it; one that does not listen is killed.
    pub async fn stop(mut self) -> Result<ExitStatus> {
        drop(self.stdin.take());
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => {
                self.child.kill().await?;
                Ok(self.child.wait().await?)
            }
        }
    }
}
