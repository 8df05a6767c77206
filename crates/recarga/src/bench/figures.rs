//! What comes out: medians over the rounds, and ratios that travel from one machine to another.

use super::Plan;
use super::rounds::{Measured, Round};
use serde::Serialize;
use std::time::Duration;
use store::ledger::Report;

/// Times of one part.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Latencies {
    pub p50_us: f64,
    pub p99_us: f64,
}

/// A disk whose slow syncs are this much slower than its usual ones is disturbed by somebody.
const NOISY_FROM: f64 = 5.0;

/// The result of a run.
#[derive(Debug, Serialize)]
pub struct Figures {
    engine: &'static str,
    /// `release` is what is to be compared.
    build: &'static str,
    clients: usize,
    rounds: usize,
    seconds_per_part: f64,
    workers: usize,
    top_ups_per_s: f64,
    p50_us: f64,
    p99_us: f64,
    top_ups_per_s_1: f64,
    p50_us_1: f64,
    fdatasync_p50_us: f64,
    fdatasync_p99_us: f64,
    bare_1_per_s: f64,
    bare_64_per_s: f64,
    echo_per_s: f64,
    one_per_commit_per_s: f64,
    errors: u64,
    first_error: Option<String>,
    /// Answered with 201, warm-up included, by database.
    acknowledged: Vec<u64>,
    /// Credited in that database's ledger afterwards.
    in_ledger: Vec<u64>,
    lies: Vec<String>,
    machine_busy_by_others: f64,
    ratios: Ratios,
    noisy: bool,
    notes: &'static [&'static str],
}

/// Medians of each round's own ratio.
#[derive(Debug, Serialize)]
struct Ratios {
    /// Top-ups with group commit over top-ups with a commit each.
    #[serde(rename = "G3")]
    over_one_per_commit: f64,
    /// Top-ups over bare SQLite with a commit each.
    #[serde(rename = "G4")]
    over_bare_1: f64,
    /// One client's median time over the disk's.
    #[serde(rename = "G5")]
    p50_1_over_fdatasync: f64,
    /// The slowest hundredth over the disk's median.
    #[serde(rename = "G6")]
    p99_over_fdatasync: f64,
    group_over_echo: f64,
}

const NOTES: &[&str] = &[
    "notices are queued and not sent: the servers run with --no-work",
    "all top-ups are paid from one partner's float, over 5000 lines",
    "echo is a child process of the same program with as many threads as the servers",
    "the bare loop is SQLite on the same disk, whatever the engine",
    "server, load generator and database share this machine",
    "ratios are medians of each round's own ratio",
];

impl Figures {
    pub fn of(plan: &Plan, measured: &Measured, ledgers: &[Report]) -> Figures {
        let median_of = |of: &dyn Fn(&Round) -> f64| tidy(median(measured.rounds.iter().map(of).collect()));
        let (disk_p50, disk_p99) = (median_of(&|r| r.disk.p50_us), median_of(&|r| r.disk.p99_us));
        let ratio = |of: &dyn Fn(&Round) -> (f64, f64)| {
            median_of(&|r| {
                let (over, under) = of(r);
                if under > 0.0 { over / under } else { 0.0 }
            })
        };
        Figures {
            engine: if plan.database.is_some() { "postgresql" } else { "sqlite" },
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            clients: plan.clients,
            rounds: plan.rounds,
            seconds_per_part: plan.part.as_secs_f64(),
            workers: plan.workers,
            top_ups_per_s: median_of(&|r| r.group.per_second),
            p50_us: median_of(&|r| r.group.latencies.p50_us),
            p99_us: median_of(&|r| r.group.latencies.p99_us),
            top_ups_per_s_1: median_of(&|r| r.group_1.per_second),
            p50_us_1: median_of(&|r| r.group_1.latencies.p50_us),
            fdatasync_p50_us: disk_p50,
            fdatasync_p99_us: disk_p99,
            bare_1_per_s: median_of(&|r| r.bare_1),
            bare_64_per_s: median_of(&|r| r.bare_64),
            echo_per_s: median_of(&|r| r.echo),
            one_per_commit_per_s: median_of(&|r| r.single.per_second),
            errors: measured.errors,
            first_error: measured.first_error.clone(),
            // On PostgreSQL both servers share one database.
            acknowledged: match ledgers.len() {
                1 => vec![measured.by_group + measured.by_single],
                _ => vec![measured.by_group, measured.by_single],
            },
            in_ledger: ledgers.iter().map(|report| report.credited).collect(),
            lies: ledgers.iter().flat_map(|r| &r.lies).map(|l| format!("[{}] {}", l.check, l.what)).collect(),
            machine_busy_by_others: tidy(measured.busy_by_others),
            ratios: Ratios {
                over_one_per_commit: ratio(&|r| (r.group.per_second, r.single.per_second)),
                over_bare_1: ratio(&|r| (r.group.per_second, r.bare_1)),
                p50_1_over_fdatasync: ratio(&|r| (r.group_1.latencies.p50_us, r.disk.p50_us)),
                p99_over_fdatasync: ratio(&|r| (r.group.latencies.p99_us, r.disk.p50_us)),
                group_over_echo: ratio(&|r| (r.group.per_second, r.echo)),
            },
            noisy: disk_p99 > NOISY_FROM * disk_p50,
            notes: NOTES,
        }
    }

    /// What makes the figures worth less, in a sentence.
    pub fn warning(&self) -> Option<String> {
        let first = self.first_error.as_deref()?;
        Some(format!("{} requests were not answered with 201; the first: {first}", self.errors))
    }

    /// What must not be: an untrue ledger, or one that holds other top-ups than were acknowledged.
    pub fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> =
            self.lies.iter().map(|lie| format!("the ledger is not true: {lie}")).collect();
        if self.acknowledged != self.in_ledger {
            faults.push(format!(
                "{:?} top-ups were acknowledged and {:?} are in the ledger",
                self.acknowledged, self.in_ledger
            ));
        }
        faults
    }
}

/// The middle and the slowest hundredth.
pub fn percentiles(took: &mut [Duration]) -> Latencies {
    took.sort_unstable();
    let at = |hundredths: usize| {
        let Some(last) = took.len().checked_sub(1) else { return 0.0 };
        took[last * hundredths / 100].as_secs_f64() * 1e6
    };
    Latencies { p50_us: at(50), p99_us: at(99) }
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

/// Three digits after the point are more than is measured.
pub(super) fn tidy(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_percentiles_are_of_the_sorted_values() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        let mut took: Vec<Duration> = (1..=101).rev().map(Duration::from_micros).collect();
        let latencies = percentiles(&mut took);
        assert!((latencies.p50_us - 51.0).abs() < 1e-6 && (latencies.p99_us - 100.0).abs() < 1e-6);
        assert_eq!(percentiles(&mut []), Latencies::default());
    }
}
