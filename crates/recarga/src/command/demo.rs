//! `recarga demo`: everything on one machine. A parent that starts the simulator and the server as children
//! and starts the server again when it dies. What it does is in `demo`.

use crate::demo::{self, Plan};
use crate::logging;
use crate::settings::{self, Log};
use crate::stop::{Result, Stop};
use crate::wiring;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the portal listens, IP:PORT; port 0 for any
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,
    /// Folder of the demo's database, keys and addresses (demo.json)
    #[arg(long, default_value = "data/demo", value_name = "DIR")]
    data: PathBuf,
    /// Days of past that a new demo is given; 0 for none
    #[arg(long, default_value_t = 90, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=365))]
    past: u32,
    /// Failpoints of the first server; those started after it have none
    #[arg(long, value_name = "SPEC")]
    failpoints: Option<String>,
    /// What the server logs, for example "info,flows=debug"
    #[arg(long, default_value = "warn", value_name = "FILTER", value_parser = logged)]
    log: String,
    /// End when the standard input ends
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
}

pub fn run(args: &Args) -> Result<()> {
    if let Some(name) = settings::live_key_in_environment() {
        return Err(Stop::wrong(format!("{name}: the demo refuses to start beside a live key; unset it")));
    }
    if let Some(failpoints) = settings::failpoints() {
        return Err(disarmed(args, &failpoints));
    }
    logging::start(&Log { filter: "warn,recarga=info".into(), ..Log::default() })?;
    let plan = Plan {
        listen: args.listen,
        data: args.data.clone(),
        past_days: args.past,
        failpoints: args.failpoints.clone(),
        stop_with_stdin: args.stop_with_stdin,
        log: args.log.clone(),
    };
    let prepared = demo::prepare(plan)?;
    wiring::runtime(1)?.block_on(demo::run(prepared))
}

/// A filter that can be read, as it was typed.
fn logged(text: &str) -> std::result::Result<String, String> {
    logging::filter(text).map(|_| text.to_owned())
}

/// Failpoints in the environment are meant for the server, and this process prepares the database itself:
/// it becomes the same command without them, and hands them on by flag. Returns only when that fails.
fn disarmed(args: &Args, failpoints: &str) -> Stop {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return error.into(),
    };
    let error = std::process::Command::new(program)
        .env_remove("RECARGA_FAILPOINTS")
        .args(["demo", "--listen", &args.listen.to_string(), "--past", &args.past.to_string()])
        .args(args.stop_with_stdin.then_some("--stop-with-stdin"))
        .args(["--log", &args.log, "--failpoints", failpoints, "--data"])
        .arg(&args.data)
        .exec();
    error.into()
}
