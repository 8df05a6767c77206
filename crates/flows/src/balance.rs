//! Balance: what is on a line now, read by one function for the API, the personal centre and messages.
//!
//! Where it comes from is its [`Source`]: our ledger, or the host network, which may not answer; then the last known value
//! is told with its age, and the line can still be topped up.

use crate::error::Result;
use crate::world::World;
use domain::bucket::{Bucket, Remaining};
use domain::id::{BucketId, LineId, TopUpId};
use domain::ledger::book;
use domain::line::{Keeper, Line};
use domain::money::Money;
use domain::time::{DAY_MS, SECOND_MS, UnixMs};
use gateways::charging::{Balance, BalanceBucket, BalanceOutcome};
use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;
use store::{Tx, ledger};
use tokio::time::timeout;

/// Who said what is on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Our ledger.
    Ours,
    /// The host network. What is told is what it said then; `None` when it never said anything.
    Network { known_at: Option<UnixMs> },
}

/// What is on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineBalance {
    pub line: Line,
    /// Money that can be spent now; what is held is not in it.
    pub money: Money,
    /// Soonest to end first; what can be taken from each.
    pub buckets: Vec<Remaining>,
    pub source: Source,
    /// When this was true.
    pub as_of: UnixMs,
}

/// Why a bucket deserves a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    UsedUp,
    /// It ends within three days with something left.
    EndsSoon,
    /// A tenth or less is left.
    Low,
}

/// How long before its end a bucket is said to end soon. One that lasts shorter says so on its last day.
const SOON_MS: i64 = 3 * DAY_MS;
const LOW_PARTS: i64 = 10;

/// What should be said of a bucket now.
pub fn alert(remaining: &Remaining, now: UnixMs) -> Option<Alert> {
    let bucket = &remaining.bucket;
    let lasts = bucket.expires_at.0 - bucket.started_at.unwrap_or(bucket.valid_from_at).0;
    let soon = if lasts > 2 * SOON_MS { SOON_MS } else { DAY_MS };
    if remaining.amount <= 0 {
        return Some(Alert::UsedUp);
    }
    if bucket.expires_at.0 - now.0 <= soon {
        return Some(Alert::EndsSoon);
    }
    (remaining.amount <= bucket.granted / LOW_PARTS).then_some(Alert::Low)
}

/// The balance of a line in a snapshot.
pub fn read(tx: &mut Tx<'_>, line: &Line, now: UnixMs) -> anyhow::Result<LineBalance> {
    let source = match line.keeper {
        Keeper::Ours => Source::Ours,
        // Nothing is guessed: until the network says something, nobody knows.
        Keeper::Network => Source::Network { known_at: None },
    };
    let account = book::line_credit(&line.id, Money::zero(line.currency));
    let money = Money::new(ledger::balance(tx, &account)?.available, line.currency);
    let buckets = store::bucket::list_valid(tx, &line.id, now)?;
    Ok(LineBalance { line: line.clone(), money, buckets, source, as_of: now })
}

impl LineBalance {
    /// Is anything known at all?
    pub fn is_known(&self) -> bool {
        match self.source {
            Source::Ours | Source::Network { known_at: Some(_) } => true,
            Source::Network { known_at: None } => false,
        }
    }
}

/// The balance of a line now, or as its network told it last.
pub async fn balance(world: &World, line: Line) -> Result<LineBalance> {
    let now = world.now();
    match line.keeper {
        Keeper::Ours => Ok(world.db.read(move |tx| read(tx, &line, now)).await?),
        Keeper::Network => at_network(world, line, now).await,
    }
}

/// What a network said of a line, and when it was asked last, with or without an answer.
pub(crate) struct Told {
    said: Option<Balance>,
    asked_at: UnixMs,
}

/// A network is not asked about the same line more often than this.
const FRESH_MS: i64 = 30 * SECOND_MS;
/// Nobody waits longer for a balance.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// More lines than this are not remembered.
const REMEMBERED_MAX: usize = 10_000;

/// Asks the network unless it was asked a moment ago. Without an answer the last known value stays, with its age.
async fn at_network(world: &World, line: Line, now: UnixMs) -> Result<LineBalance> {
    let known = remembered(world).get(&line.id).map(|told| (told.said.clone(), told.asked_at));
    let (mut said, asked_at) = known.unzip();
    let fresh = asked_at.is_some_and(|at| (0..FRESH_MS).contains(&(now.0 - at.0)));
    if let Some(network) = world.network.as_ref().filter(|_| !fresh) {
        let msisdn = crate::lines::msisdn(world, &line)?;
        let asked = timeout(ANSWER_WITHIN, network.balance(&msisdn)).await;
        let late = |_| BalanceOutcome::Unknown { why: "no answer in time".to_owned() };
        match asked.unwrap_or_else(late) {
            BalanceOutcome::Known(told) if told.credit.currency == line.currency => said = Some(Some(told)),
            BalanceOutcome::Known(_) => {
                tracing::warn!(line = %line.id, "its network counts in another currency")
            }
            BalanceOutcome::NumberUnknown => tracing::warn!(line = %line.id, "its network does not know it"),
            BalanceOutcome::Unknown { why } | BalanceOutcome::Unavailable { why } => {
                tracing::info!(line = %line.id, why, "its network told no balance");
            }
        }
        let mut told = remembered(world);
        if told.len() >= REMEMBERED_MAX {
            told.clear();
        }
        told.insert(line.id.clone(), Told { said: said.clone().flatten(), asked_at: now });
    }
    Ok(as_told(line, said.flatten(), now))
}

fn remembered(world: &World) -> MutexGuard<'_, HashMap<LineId, Told>> {
    world.told_by_network.lock().unwrap_or_else(PoisonError::into_inner)
}

fn as_told(line: Line, said: Option<Balance>, now: UnixMs) -> LineBalance {
    let source = Source::Network { known_at: said.as_ref().map(|said| said.as_of) };
    let Some(said) = said else {
        let money = Money::zero(line.currency);
        return LineBalance { line, money, buckets: Vec::new(), source, as_of: now };
    };
    let told = (1..).zip(&said.buckets).filter(|(_, bucket)| now < bucket.valid_until);
    let mut buckets: Vec<Remaining> = told.map(|(n, b)| told_bucket(&line, n, b, said.as_of)).collect();
    buckets.sort_by_key(|remaining| remaining.bucket.expires_at);
    LineBalance { line, money: said.credit, buckets, source, as_of: now }
}

/// A bucket that only its network knows: it has no id and no history here.
fn told_bucket(line: &Line, n: usize, told: &BalanceBucket, as_of: UnixMs) -> Remaining {
    let bucket = Bucket {
        id: BucketId::stored(format!("network-{n}")),
        line: line.id.clone(),
        unit: told.unit,
        granted: told.granted,
        valid_from_at: as_of,
        expires_at: told.valid_until,
        priority: 0,
        source: TopUpId::stored(""),
        zone: None,
        family: String::new(),
        valid_for_days: 0,
        started_at: Some(as_of),
    };
    Remaining { bucket, amount: told.remaining, held: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::unit::Unit;

    fn left(amount: i64, days: i64) -> Remaining {
        let bucket = Bucket {
            id: BucketId::stored("bkt_1"),
            line: LineId::stored("line_1"),
            unit: Unit::Octets,
            granted: 1_000,
            valid_from_at: UnixMs(0),
            expires_at: UnixMs(days * DAY_MS),
            priority: 0,
            source: TopUpId::stored("tu_1"),
            zone: None,
            family: "data".into(),
            valid_for_days: 30,
            started_at: Some(UnixMs(0)),
        };
        Remaining { bucket, amount, held: 0 }
    }

    #[test]
    fn the_nearer_end_is_told_before_a_low_rest() {
        let now = UnixMs(27 * DAY_MS);
        for (remaining, said) in [
            (left(500, 40), None),
            (left(100, 40), Some(Alert::Low)),
            (left(100, 30), Some(Alert::EndsSoon)),
            (left(0, 30), Some(Alert::UsedUp)),
        ] {
            assert_eq!(alert(&remaining, now), said, "{remaining:?}");
        }
        assert_eq!(alert(&left(500, 5), UnixMs(3 * DAY_MS)), None, "of five days, two are not soon");
    }
}
