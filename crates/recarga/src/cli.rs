//! What can be asked of the program: the commands and their flags. What each does is in `command`.

use crate::command::{admin, bench, config, demo, ledger, migrate, serve, simulator, work};
use clap::{Parser, Subcommand};

/// Prepaid top-ups for a mobile operator.
#[derive(Debug, Parser)]
#[command(name = "recarga", version, about, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// One command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the portal, the back office and the API, and run what is due
    Serve(serve::Args),
    /// Run what is due, beside the servers of one PostgreSQL
    Work(work::Args),
    /// Try everything on this machine, with a simulated world outside
    Demo(demo::Args),
    /// The simulated world outside, as the demo starts it
    Simulator(simulator::Args),
    /// Bring the database's schema up to date
    Migrate(migrate::Args),
    /// Look after the ledger
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Measure on this machine
    #[command(subcommand)]
    Bench(bench::Command),
    /// Catalogue, lines, partners and keys, staff, the audit, the keyring
    #[command(subcommand)]
    Admin(admin::Command),
    /// Look at the settings
    #[command(subcommand)]
    Config(config::Command),
    /// What `bench` compares with: reads JSON, checks it, answers, and stores nothing
    #[command(hide = true)]
    BenchEcho(bench::EchoArgs),
}
