//! What a promotion does to a sale from a float: the bonus that it is priced with, what that adds to its posting, and
//! what is answered when the budget turns out to be too short.

use super::{Command, Draft, Wanted, float_refusal};
use crate::promotion::{self, uses::Uses};
use crate::top_up::quote::{self, Quote};
use domain::ledger::Posting;
use domain::refusal::Refusal;
use store::Tx;

impl Wanted {
    /// Was the buyer shown what a promotion gives? Then it is given, or the sale is refused.
    pub fn shows_bonus(&self) -> bool {
        self.quote.is_some() || self.expected_bonus.is_some_and(|bonus| !bonus.is_zero())
    }
}

/// Adds the bonus of the priced sale to what it writes.
pub(super) fn give<'c>(draft: Draft<'c>, posting: Posting, uses: Option<&mut Uses>) -> (Draft<'c>, Posting) {
    let (Some(bonus), Some(uses)) = (&draft.top_up.promotion, uses) else { return (draft, posting) };
    uses.add(bonus, &draft.top_up.line);
    let context = &draft.command.context;
    let given = promotion::give_now(bonus, &draft.top_up, posting, context.ids.as_ref(), context.now);
    let buckets = draft.buckets.into_iter().chain(given.bucket).collect();
    (Draft { buckets, used: Some(given.used), ..draft }, given.posting)
}

/// The quote with the bonus of this sale: the promised one, else the best one there is; none without `uses`.
pub(super) fn with_bonus(
    command: &Command,
    wanted: &Wanted,
    quote: Quote,
    uses: Option<&Uses>,
) -> std::result::Result<Quote, Refusal> {
    let changed = Refusal::BonusChanged { total: quote.prices.total };
    let line = &quote.line.id;
    let bonus = match (uses, quote.promotion) {
        (Some(uses), Some(promised)) if uses.allow(&promised, line) => Some(promised),
        (Some(_), Some(_)) => return Err(changed),
        (Some(uses), None) if wanted.quote.is_none() => {
            let sold = (&quote.offer, quote.prices.value);
            promotion::best(&command.catalogue, sold, &quote.line, uses.counted(), command.context.now)
        }
        (Some(_), None) | (None, _) => None,
    };
    quote::keep_bonus(Quote { promotion: bonus, ..quote }, wanted.expected_bonus)
}

/// Why the ledger refused a sale; `None` when it was a bonus that nobody was shown.
pub(super) fn refused(tx: &mut Tx<'_>, draft: &Draft<'_>) -> anyhow::Result<Option<Refusal>> {
    let top_up = &draft.top_up;
    let short = match &top_up.promotion {
        Some(bonus) => promotion::is_short(tx, bonus, &top_up.market)?,
        None => false,
    };
    match (short, draft.shown) {
        (true, true) => Ok(Some(Refusal::BonusChanged { total: top_up.prices.total })),
        (true, false) => Ok(None),
        (false, _) => float_refusal(tx, draft).map(Some),
    }
}
