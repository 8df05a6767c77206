//! The bench: durable top-ups over HTTP, interleaved round by round with what the disk, four bare SQLite
//! statements, an echo over HTTP and one commit per top-up do, so that neighbours in time are compared.
//!
//! Start reading at [`run`]; a round is in `rounds`, what comes out in `figures`. Floats are fine here: they
//! are figures, not money.

mod bare;
pub mod counter;
mod disk;
pub mod echo;
mod figures;
mod load;
mod machine;
pub mod pages;
pub mod paper;
pub mod places;
mod rounds;
mod target;

pub use figures::Figures;

use crate::stop::{Result, Stop};
use crate::wiring;
use std::path::{Path, PathBuf};
use std::time::Duration;
use target::Targets;

/// What to measure.
pub struct Plan {
    pub clients: usize,
    /// How long each part of a round takes.
    pub part: Duration,
    pub rounds: usize,
    pub workers: usize,
    pub data: PathBuf,
    /// PostgreSQL; SQLite when none.
    pub database: Option<String>,
}

/// Measures, then verifies the ledgers that came of it. The databases stay when something was not true.
pub fn run(plan: &Plan) -> Result<Figures> {
    let folder = make_folder(&plan.data)?;
    let figures = measure(plan, &folder);
    if figures.as_ref().is_ok_and(|figures| !figures.faults().is_empty()) {
        eprintln!("recarga: the databases of this run stay in {}", folder.display());
    } else {
        std::fs::remove_dir_all(&folder)?;
    }
    figures
}

fn measure(plan: &Plan, folder: &Path) -> Result<Figures> {
    let targets = Targets::prepare(plan, folder)?;
    let measured = wiring::runtime(1)?.block_on(rounds::measure(plan, &targets, folder))?;
    Ok(Figures::of(plan, &measured, &targets.verify()?))
}

/// `TMPFS_MAGIC` of linux/magic.h: such a folder is memory, and a sync there is no sync.
const TMPFS: u64 = 0x0102_1994;

fn make_folder(data: &Path) -> Result<PathBuf> {
    let folder = data.join(format!("recarga-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| Stop::wrong(format!("--data: {}: {e}", data.display())))?;
    let kind = rustix::fs::statfs(&folder).map_err(std::io::Error::from)?.f_type;
    if u64::try_from(kind).is_ok_and(|kind| kind == TMPFS) {
        std::fs::remove_dir(&folder)?;
        return Err(Stop::wrong(format!(
            "--data: {} lies in memory, where nothing is durable: name a folder on a disk",
            data.display()
        )));
    }
    Ok(folder)
}
