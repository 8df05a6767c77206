//! How busy others kept the machine: processor time from `/proc` (proc(5)), ours taken off.

use anyhow::{Context, Result};
use std::fs;

/// Clock ticks at one moment.
pub struct Sample {
    /// Of all processors, idle or not.
    total: u64,
    busy: u64,
    ours: u64,
}

/// Reads the counters. Ours are this process, `children`, and everything called `also` (a database server
/// that works for us is not "others").
pub fn sample(children: &[u32], also: Option<&str>) -> Result<Sample> {
    let stat = fs::read_to_string("/proc/stat").context("reading /proc/stat")?;
    let line = stat.lines().next().context("/proc/stat is empty")?;
    let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; what follows is contained in the first two.
    let counted = ticks.get(..8).context("/proc/stat has too few columns")?;
    let total: u64 = counted.iter().sum();
    let busy = total - counted[3] - counted[4];
    Ok(Sample { total, busy, ours: ours(children, also)? })
}

fn ours(children: &[u32], also: Option<&str>) -> Result<u64> {
    let mut ticks = 0;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process that has ended in the meantime has no file.
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let Some((command, used)) = read_stat(&stat) else { continue };
        if pid == std::process::id() || children.contains(&pid) || Some(command) == also {
            ticks += used;
        }
    }
    Ok(ticks)
}

/// Command and processor time (utime and stime) of a line of `/proc/PID/stat`.
fn read_stat(stat: &str) -> Option<(&str, u64)> {
    let (front, rest) = stat.rsplit_once(')')?;
    let command = front.split_once('(')?.1;
    let mut columns = rest.split_whitespace().skip(11);
    let user: u64 = columns.next()?.parse().ok()?;
    let system: u64 = columns.next()?.parse().ok()?;
    Some((command, user + system))
}

/// The share of the machine that others used between two moments, from 0 to 1.
pub fn share_of_others(before: &Sample, after: &Sample) -> f64 {
    let since = |of: fn(&Sample) -> u64| {
        f64::from(u32::try_from(of(after).saturating_sub(of(before))).unwrap_or(u32::MAX))
    };
    let total = since(|s| s.total).max(1.0);
    ((since(|s| s.busy) - since(|s| s.ours)) / total).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_spaces_and_brackets_does_not_shift_the_columns() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 30 12 0 0 20 0 1 0 5 0 0";
        assert_eq!(read_stat(stat), Some(("a (b) c", 42)));
    }

    #[test]
    fn what_we_used_is_not_others() {
        let before = Sample { total: 1_000, busy: 100, ours: 50 };
        let after = Sample { total: 2_000, busy: 800, ours: 650 };
        assert!((share_of_others(&before, &after) - 0.1).abs() < 1e-9);
        assert!(sample(&[], None).unwrap().total > 0);
    }
}
