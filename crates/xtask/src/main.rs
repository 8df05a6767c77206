//! The project's own checks, run as `cargo xtask tidy|i18n|licences`.
//! Each command is one file that turns what it read into a list of findings; nothing here changes a file.
//! Start with `tidy.rs`; `tree.rs` reads the repository and `finding.rs` is what every check returns.

mod finding;
mod i18n;
mod licences;
mod tidy;
mod tree;

use std::process::ExitCode;

use anyhow::{Result, bail};
use finding::Finding;

const USAGE: &str = "usage: cargo xtask tidy | i18n | licences";

fn main() -> ExitCode {
    match run() {
        Ok(found) if found.is_empty() => ExitCode::SUCCESS,
        Ok(found) => {
            for finding in &found {
                println!("{finding}");
            }
            println!("{} to mend", found.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<Vec<Finding>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command] = arguments.as_slice() else { bail!("{USAGE}") };
    match command.as_str() {
        "tidy" => tidy::run(),
        "i18n" => i18n::run(),
        "licences" => licences::run(),
        other => bail!("there is no `{other}`; {USAGE}"),
    }
}
