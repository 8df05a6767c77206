//! Receipts: the one value from which every form of a receipt is rendered, and where an order stands.

use crate::error::Result;
use crate::world::World;
use anyhow::Context;
use domain::payment::AttemptState;
use domain::receipt::{PaidBy, Receipt};
use domain::refund::RefundState;
use domain::time::UnixMs;
use domain::top_up::{Tender, TopUp, TopUpState};
use store::attempt::Attempt;
use store::refund::Refund;

/// Everything that an order page tells its buyer.
#[derive(Debug, Clone)]
pub struct Standing {
    pub top_up: TopUp,
    pub offer: domain::offer::Offer,
    /// The attempt that paid or is to be paid, when the order is paid on a hosted page.
    pub attempt: Option<Attempt>,
    /// Is money of this order ours, or was it?
    pub paid: bool,
    pub refunds: Vec<Refund>,
    /// The states that the order went through, with their times, oldest first.
    pub history: Vec<(TopUpState, UnixMs)>,
    pub last4: String,
}

impl Standing {
    /// The page on which the buyer can still pay.
    pub fn payment_url(&self) -> Option<&str> {
        let open = self.attempt.as_ref().filter(|a| a.state == AttemptState::RequiresAction)?;
        open.url.as_deref().filter(|_| self.top_up.state == TopUpState::AwaitingPayment)
    }

    /// Money beyond the order's own that is going back: a second payment of a paid order. Of several, the last of
    /// which the provider has not said that it is back.
    pub fn surplus(&self) -> Option<&Refund> {
        let paid = matches!(self.top_up.state, TopUpState::Credited | TopUpState::Reversed);
        let on_its_way = self.refunds.iter().rev().find(|refund| refund.state != RefundState::Succeeded);
        on_its_way.or(self.refunds.last()).filter(|_| paid)
    }

    /// May the buyer ask for a new payment page?
    pub fn may_retry(&self) -> bool {
        let stuck = self
            .attempt
            .as_ref()
            .is_some_and(|a| matches!(a.state, AttemptState::Created | AttemptState::Declined));
        stuck && self.top_up.state == TopUpState::AwaitingPayment
    }
}

/// Loads where an order stands.
pub async fn standing(world: &World, top_up: TopUp) -> Result<Standing> {
    let standing = world.db.read(move |tx| {
        let top_up = store::top_up::load(tx, &top_up.id)?;
        let payment = store::payment::find_by_top_up(tx, &top_up.id)?;
        let captured = payment.as_ref().is_some_and(|p| p.captured_by.is_some());
        let attempt = match payment {
            // The one that paid, else the one that is to be paid.
            Some(payment) => match &payment.captured_by {
                Some(paid) => Some(store::attempt::load(tx, paid)?),
                None => store::attempt::list(tx, &payment.id)?.into_iter().next(),
            },
            None => None,
        };
        let first = match top_up.tender {
            Tender::Float => TopUpState::Credited,
            Tender::Hosted => TopUpState::AwaitingPayment,
        };
        let mut history = vec![(first, top_up.created_at)];
        history.extend(store::top_up::list_events(tx, &top_up.id)?);
        Ok(Standing {
            offer: store::offer::load_version(tx, &top_up.offer_version)?,
            refunds: store::refund::list(tx, &top_up.id)?,
            last4: store::line::load(tx, &top_up.line)?.last4,
            attempt,
            paid: captured || top_up.tender == Tender::Float,
            history,
            top_up,
        })
    });
    Ok(standing.await?)
}

/// The receipt of an order.
pub async fn receipt(world: &World, standing: &Standing) -> Result<Receipt> {
    let catalogue = world.fresh_catalogue().await?;
    let top_up = &standing.top_up;
    let market = catalogue.market(&top_up.market).context("the market of the sale is gone")?;
    let paid_by = match top_up.tender {
        Tender::Float => PaidBy::Float,
        Tender::Hosted => PaidBy::Card(standing.attempt.as_ref().and_then(|a| a.card.clone())),
    };
    Ok(Receipt {
        code: top_up.code.clone(),
        seller: market.seller.clone(),
        locale: top_up.locale,
        offer_name: standing.offer.name_in(top_up.locale).to_owned(),
        benefit: standing.offer.benefit.clone(),
        last4: standing.last4.clone(),
        prices: top_up.prices,
        paid_by,
        state: top_up.state,
        created_at: top_up.created_at,
        credited_at: top_up.credited_at,
    })
}
