//! The commands, one file each. Start reading at [`run`].

pub mod admin;
pub mod bench;
pub mod config;
pub mod demo;
pub mod ledger;
pub mod migrate;
pub mod serve;
pub mod simulator;
pub mod work;

use crate::cli::{Cli, Command};
use crate::stop::Result;

/// Does what was asked.
pub fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::Work(args) => work::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Simulator(args) => simulator::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Ledger(command) => ledger::run(&command),
        Command::Bench(command) => bench::run(&command),
        Command::Admin(command) => admin::run(&command),
        Command::Config(command) => config::run(&command),
        Command::BenchEcho(args) => bench::echo(&args),
    }
}
