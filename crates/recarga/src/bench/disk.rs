//! What the disk alone does: 4 KiB appended to a growing file, then fdatasync, one after the other.

use super::figures::{Latencies, percentiles};
use anyhow::Result;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Appends and syncs for this long.
pub fn measure(folder: &Path, part: Duration) -> Result<Latencies> {
    let path = folder.join("disk");
    let mut file = File::create(&path)?;
    let block = [0x5a; 4096];
    let mut took = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < part {
        let one = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        took.push(one.elapsed());
    }
    std::fs::remove_file(&path)?;
    Ok(percentiles(&mut took))
}
