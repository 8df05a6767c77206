//! A sale from a float that people look at first: its money is set aside with the bonus that it was promised, and nothing
//! is delivered until they let it through ([`crate::top_up::held`]). The answer says `review`.

use super::counter::Admitted;
use super::{Command, Draft, Facts, Wanted, card};
use crate::promotion::{self, uses::Uses};
use crate::top_up::quote::Quote;
use domain::id::TopUpId;
use domain::ledger::{Posting, book};
use domain::refusal::Refusal;
use domain::time::DAY_MS;
use domain::top_up::{Settlement, TopUp, TopUpState};
use store::Tx;

/// Drafts what such a sale writes, or says why it is refused. A bonus is promised here and now, so the float must cover
/// the sale: in a batch that takes it meanwhile, each sale gets a transaction of its own.
pub(super) fn draft<'c>(
    tx: &mut Tx<'_>,
    command: &'c Command,
    wanted: &Wanted,
    quote: Quote,
    (admitted, uses): (Option<Admitted>, Option<&mut Uses>),
) -> anyhow::Result<std::result::Result<(Draft<'c>, Posting), Refusal>> {
    let (context, seller) = (&command.context, &command.request.seller);
    let (total, last4) = (quote.prices.total, quote.line.last4.clone());
    if !card::is_covered(tx, command, total)? {
        return Ok(Err(Refusal::FloatInsufficient));
    }
    let (ids, actor) = (context.ids.as_ref(), seller.actor.clone());
    let locale = wanted.locale.or(quote.line.locale).unwrap_or(quote.market.locale);
    let facts = Facts {
        id: TopUpId::new(ids, context.now),
        quote,
        channel: seller.channel,
        settlement: Settlement::Float,
        locale,
        reference: wanted.reference.clone(),
    };
    let top_up = facts.into_top_up(ids, context.now, TopUpState::Review, Some(seller.float.clone()), &actor);
    let top_up = TopUp { answer_by_at: Some(context.now.plus_ms(DAY_MS)), ..top_up };
    if let Err(refusal) = promotion::promise(tx, context, &top_up, actor.clone())? {
        return Ok(Err(refusal));
    }
    if let (Some(bonus), Some(uses)) = (&top_up.promotion, uses) {
        uses.add(bonus, &top_up.line);
    }
    let posting = book::float_sale(&top_up.id, &top_up.market, &seller.float, total, actor);
    let draft = Draft {
        command,
        top_up,
        buckets: Vec::new(),
        moves: None,
        used: None,
        shown: wanted.shows_bonus(),
        network: None,
        admitted,
        last4,
    };
    Ok(Ok((draft, posting)))
}
