//! The logs of the whole suite, kept where `scripts/scan-logs` looks for what no log may hold: those of programs are
//! copied when their house ends, and what runs inside the tests writes to a file of this process.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};
use tracing_subscriber::EnvFilter;

/// The words of the product; the world outside may name whomever it likes.
const FILTER: &str =
    "off,flows=debug,web=debug,gateways=debug,store=debug,recarga=debug,render=debug,domain=debug";

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("test-logs");
    std::fs::create_dir_all(&folder).expect("a folder for logs");
    folder
}

/// From here on what runs inside this process is logged as a server logs it.
pub fn of_this_process() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let path = folder().join(format!("towns-{}.log", std::process::id()));
        let file = File::options().create(true).append(true).open(path).expect("a log");
        let set = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(FILTER))
            .with_ansi(false)
            .with_writer(Mutex::new(file))
            .try_init();
        set.expect("nobody else logs in this process");
    });
}

/// Keeps the log of a program.
pub fn keep(log: &Path) {
    if !log.exists() {
        return;
    }
    let name = format!("house-{}-{}.log", std::process::id(), unique());
    std::fs::copy(log, folder().join(name)).expect("the log is kept");
}

fn unique() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
