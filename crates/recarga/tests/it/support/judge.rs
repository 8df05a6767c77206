//! Judges that others wrote: the npm SMS centre and the Python libraries, run as programs of their own.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

/// `tests/smpp/smsc.mjs`, which says what it receives as lines of JSON.
pub struct SmsCentre {
    child: Child,
    lines: Receiver<Value>,
    pub address: SocketAddr,
}

impl SmsCentre {
    pub fn start(flags: &[&str]) -> SmsCentre {
        let mut command = Command::new("node");
        command.current_dir(root()).arg("tests/smpp/smsc.mjs").args(flags);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("node runs");
        let stdout = child.stdout.take().expect("a pipe");
        let (said, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let line = line.expect("UTF-8");
                let read = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
                if said.send(read).is_err() {
                    return;
                }
            }
        });
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut centre = SmsCentre { child, lines, address: any };
        let port = centre.next("port")["port"].as_u64().expect("a port");
        centre.address.set_port(u16::try_from(port).expect("a port"));
        centre
    }

    /// The next line that has this field.
    pub fn next(&mut self, field: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(30));
            let line = line.unwrap_or_else(|_| panic!("the SMS centre said nothing with {field:?}"));
            if line.get(field).is_some() {
                return line;
            }
        }
    }
}

impl Drop for SmsCentre {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a judge of `tests/judges` in Node, and gives what it says.
pub fn node(script: &str, input: &str) -> String {
    let mut command = Command::new("node");
    command.current_dir(root()).arg(format!("tests/judges/{script}"));
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = pipes.spawn().expect("node runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("the judge reads");
    let output = child.wait_with_output().expect("the judge ends");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Runs a judge of `tests/judges` with the Python environment that `make test` makes.
pub fn python(script: &str, args: &[&str], input: &str) -> Output {
    let named =
        std::env::vars_os().find(|(name, _)| name == "RECARGA_TEST_PYTHON").map(|(_, path)| path.into());
    let python: PathBuf = named.unwrap_or_else(|| root().join(".venv/bin/python"));
    assert!(python.exists(), "{} is not there: run `make test`, which makes it", python.display());
    let mut command = Command::new(python);
    command.current_dir(root()).arg(format!("tests/judges/{script}")).args(args);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("python runs");
    let mut stdin: ChildStdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("the judge reads");
    drop(stdin);
    child.wait_with_output().expect("the judge ends")
}
