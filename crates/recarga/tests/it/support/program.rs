//! The real program: one command run to its end, or a server that runs, is killed and is started again.

use super::wait::until;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};

/// The built program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_recarga");

/// The program with these arguments, with nothing of the test's own environment that it would take for a setting.
pub fn command<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("RECARGA_") {
            command.env_remove(name);
        }
    }
    command.args(args).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs a command to its end.
pub async fn run<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Done {
    Done::of(command(args).output().await.expect("the program runs"))
}

/// What a command said.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Done {
    pub fn of(output: Output) -> Done {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Done { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Checks that it did what it was asked.
    #[track_caller]
    pub fn worked(self) -> Done {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Checks that it refused with one line that holds these words.
    #[track_caller]
    pub fn refused(&self, words: &str) {
        assert_eq!(self.code, Some(2), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        assert!(self.stderr.contains(words), "{:?} does not say {words:?}", self.stderr);
    }
}

/// A server that runs.
pub struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts it, with its log in a file.
    pub fn start(mut command: Command, log: &Path) -> Server {
        let file = std::fs::File::options().create(true).append(true).open(log).expect("a log");
        let child = command.stdout(Stdio::null()).stderr(file).spawn().expect("the program starts");
        Server { child, log: log.to_owned() }
    }

    /// It still runs.
    pub fn lives(&mut self) {
        if let Some(status) = self.child.try_wait().expect("the child is ours") {
            panic!("it ended with {status}: {}", self.log());
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log is there")
    }

    /// Waits until it can sell.
    pub async fn ready(mut self, url: &str) -> Server {
        let client = super::api::client();
        until("the server to be ready", async || {
            self.lives();
            let answer = client.get(format!("{url}/readyz")).send().await;
            answer.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        self
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(Duration::from_secs(40), self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("the server did not end: {}", self.log())).expect("the child is ours")
    }

    /// Waits until a failpoint has killed it.
    pub async fn dies(mut self) {
        let status = self.ended().await;
        assert_eq!(status.signal(), Some(9), "the failpoint kills: {status}; {}", self.log());
    }

    /// Kills it now, as a power cut would.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }

    /// Asks it to stop; it finishes what it began.
    pub async fn stop(mut self) {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok()).expect("it runs");
        let pid = rustix::process::Pid::from_raw(pid).expect("a pid");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("told");
        let status = self.ended().await;
        assert!(status.success(), "{status}: {}", self.log());
    }
}
