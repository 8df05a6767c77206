//! How often lines have promotions, for sales that share a transaction: counted under a lock once, then in memory.

use super::{Counted, keys};
use crate::catalogue::Loaded;
use domain::id::LineId;
use domain::offer::Offer;
use domain::promotion::Bonus;
use std::collections::BTreeSet;
use store::Tx;
use store::promotion::use_key;

/// The uses of every line that a batch of sales may add to.
#[derive(Default)]
pub(crate) struct Uses(Counted);

impl Uses {
    /// Counts and locks what sales of these offers to these lines may need. Without promotions it asks nothing.
    pub fn lock<'a>(
        tx: &mut Tx<'_>,
        sales: impl Iterator<Item = (&'a Loaded, &'a Offer, &'a LineId)>,
    ) -> anyhow::Result<Uses> {
        let wanted: BTreeSet<String> =
            sales.flat_map(|(catalogue, offer, line)| keys(catalogue, offer, line)).collect();
        if wanted.is_empty() {
            return Ok(Uses::default());
        }
        let mut counted = store::promotion::lock_uses(tx, &wanted)?;
        for key in wanted {
            counted.entry(key).or_default();
        }
        Ok(Uses(counted))
    }

    pub fn counted(&self) -> &Counted {
        &self.0
    }

    /// May the line have this bonus once more? One that is no longer in the catalogue was not counted and is over.
    pub fn allow(&self, bonus: &Bonus, line: &LineId) -> bool {
        let uses = self.0.get(&use_key(&bonus.promotion, line));
        uses.is_some_and(|uses| *uses < i64::from(bonus.uses_per_line))
    }

    /// Counts one more. A sale that is refused afterwards stays counted in its batch: a neighbour may be sold without
    /// the bonus, and no line ever has one too many.
    pub fn add(&mut self, bonus: &Bonus, line: &LineId) {
        *self.0.entry(use_key(&bonus.promotion, line)).or_default() += 1;
    }
}
