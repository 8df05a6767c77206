//! A sale from a float for a line whose balance the host network keeps: its money is set aside, and the network is asked
//! by work that is committed with it. The answer says `paid`.

use super::counter::{self, Admitted};
use super::{Command, Draft, Facts, Wanted};
use crate::top_up::network;
use crate::top_up::quote::Quote;
use domain::id::TopUpId;
use domain::ledger::Posting;
use domain::ledger::book;
use domain::top_up::{Settlement, TopUp, TopUpState};

/// Drafts what such a sale writes.
pub(super) fn draft<'c>(
    command: &'c Command,
    wanted: &Wanted,
    quote: Quote,
    admitted: Option<Admitted>,
) -> anyhow::Result<(Draft<'c>, Posting)> {
    let (context, seller) = (&command.context, &command.request.seller);
    let (ids, partner) = (context.ids.as_ref(), seller.float.clone());
    let id = TopUpId::new(ids, context.now);
    let actor = seller.actor.clone();
    let locale = wanted.locale.or(quote.line.locale).unwrap_or(quote.market.locale);
    let (reference, offer) = (wanted.reference.clone(), quote.offer.clone());
    let (total, last4) = (quote.prices.total, quote.line.last4.clone());
    let facts =
        Facts { id, quote, channel: seller.channel, settlement: Settlement::Float, locale, reference };
    let top_up = facts.into_top_up(ids, context.now, TopUpState::Paid, Some(partner.clone()), &actor);
    let answer_by_at = Some(context.now.plus_ms(context.answer_within_ms));
    let top_up = TopUp { answer_by_at, ..top_up };
    let posting = book::float_sale(&top_up.id, &top_up.market, &partner, total, actor);
    let posting = counter::with_commission(posting, &top_up.market, admitted.as_ref());
    let asked = network::prepare(context, &top_up, &offer)?;
    let draft = Draft {
        command,
        top_up,
        buckets: Vec::new(),
        moves: None,
        used: None,
        shown: wanted.shows_bonus(),
        network: Some(asked),
        admitted,
        last4,
    };
    Ok((draft, posting))
}
