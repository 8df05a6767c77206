//! Tells people and tests where the demo is: `demo.json` for programs, a few lines for whoever started it.

use super::secrets::StaffSecrets;
use super::{Prepared, numbers, write_private};
use anyhow::{Context, Result};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;

const FILE: &str = "demo.json";

/// Process ids of the children, and where the simulator is.
pub struct Children<'a> {
    pub server: u32,
    pub simulator: u32,
    pub simulator_url: &'a str,
    /// Where its receipt printer listens.
    pub printer: SocketAddr,
}

#[derive(Serialize)]
struct Addresses<'a> {
    base_url: String,
    /// The server's process.
    pid: u32,
    api_key: &'a str,
    line: &'a str,
    simulator: &'a str,
    simulator_pid: u32,
    printer: SocketAddr,
    parent_pid: u32,
    lines: BTreeMap<&'a str, &'a str>,
    /// How to sign in to the office.
    staff: &'a [StaffSecrets],
}

/// Removes what an earlier demo said.
pub fn withdraw(data: &Path) -> Result<()> {
    match std::fs::remove_file(data.join(FILE)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).context("removing the old demo.json"),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes `demo.json`, whole or not at all.
pub fn to_programs(demo: &Prepared, children: &Children<'_>) -> Result<()> {
    let addresses = Addresses {
        base_url: demo.base_url(),
        pid: children.server,
        api_key: &demo.api_key,
        line: numbers::FIRST,
        simulator: children.simulator_url,
        simulator_pid: children.simulator,
        printer: children.printer,
        parent_pid: std::process::id(),
        lines: numbers::BY_NAME.iter().copied().collect(),
        staff: &demo.secrets.staff,
    };
    write_private(&demo.plan.data.join(FILE), &serde_json::to_string_pretty(&addresses)?)
}

/// Says on stdout what to try.
pub fn to_people(demo: &Prepared, children: &Children<'_>) {
    let (base, phone) = (demo.base_url(), children.simulator_url);
    println!(
        "\nThe demo is ready. No real money moves.\n\n  \
         portal         {base}/\n  \
         number         {}\n  \
         test card      4242 4242 4242 4242, any expiry and code (more in docs/simulator.md)\n  \
         phone, mail    {phone}/\n  \
         shop's counter {base}/agent/pair (README says where its code comes from)\n  \
         API            {base}/docs\n  \
         API key        {}\n  \
         more numbers   {}\n\nCtrl-C ends it.\n",
        numbers::FIRST,
        demo.api_key,
        demo.plan.data.join(FILE).display(),
    );
}
