//! Recarga: prepaid top-ups for a mobile operator, in one program.
//!
//! Start reading at `cli` (what can be asked of it); each command is a file in `command`. `settings` reads
//! what the operator chose, `wiring` puts the parts together.

mod bench;
mod child;
mod cli;
mod clock;
mod command;
mod demo;
mod logging;
mod place;
mod settings;
mod signals;
mod stop;
mod wiring;

use clap::Parser as _;

/// Many small pieces live for one request and are freed by another thread: what this allocator is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    wiring::install_tls();
    stop::exit_code(command::run(cli::Cli::parse()))
}
