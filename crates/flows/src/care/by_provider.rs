//! Money that goes back to the provider that captured it, when the second of two people has agreed: the refund begins in
//! the step of the approval.

use super::money::{self, AtNetwork, Books, Source};
use super::refunds::{Approval, Outcome, Refused};
use crate::payment::apply::Provider;
use crate::payment::refund;
use crate::top_up::{advance, announce_refund, network, reverse, set_aside};
use domain::id::{AttemptId, RefundId};
use domain::ledger::book::{self, RefundStep};
use domain::notice::NoticeKind;
use domain::payment::PaymentEvent;
use domain::refund::{RefundReason, RefundState};
use domain::refund_request::RefundSource;
use domain::refusal::Refusal;
use domain::top_up::{TopUp, TopUpEvent, TopUpState};
use store::Tx;
use store::refund::Refund;

/// An approval of money that a provider has.
pub(super) struct ByProvider<'a> {
    pub of: &'a Approval<'a>,
    pub attempt: &'a AttemptId,
    pub provider: Provider,
}

impl ByProvider<'_> {
    /// Begins the refund; refused when the money is not where it was when it was asked for.
    pub fn begin(&self, tx: &mut Tx<'_>) -> anyhow::Result<Outcome<RefundId>> {
        let request = self.of.request;
        if store::report::is_disputed(tx, self.attempt)? {
            return Ok(Err(Refused::Disputed));
        }
        let top_up = store::top_up::load(tx, &request.top_up)?;
        let network = money::at_network(tx, &top_up)?;
        let payment = store::attempt::load(tx, self.attempt)?.payment;
        let books = Books::of(tx, &payment)?;
        let sources = money::of(&books, &top_up, network);
        let asked = Source { kind: request.source, attempt: request.attempt.clone(), amount: request.amount };
        if !sources.contains(&asked) {
            return Ok(Err(match network {
                AtNetwork::Nothing => Refused::Changed,
                AtNetwork::Undecided => Refused::NetworkUndecided,
                AtNetwork::Given => Refused::NetworkGave,
            }));
        }
        if request.source == RefundSource::Undecided {
            network::deny(tx, self.of.context, &top_up.id)?;
        }
        if request.source == RefundSource::Credited {
            return self.take_back(tx, top_up);
        }
        self.give_back(tx, &books, top_up).map(Ok)
    }

    /// Delivered money: the credit is held first, and refused when it was spent.
    fn take_back(&self, tx: &mut Tx<'_>, top_up: TopUp) -> anyhow::Result<Outcome<RefundId>> {
        let begun = reverse::request(tx, self.of.context, self.provider, top_up, self.of.by.actor())?;
        Ok(begun.map_err(|refusal| match refusal {
            Refusal::CreditSpent { .. } | Refusal::NotReversible => Refused::Spent,
            _ => Refused::Changed,
        }))
    }

    /// Money that was not delivered goes back as it came.
    fn give_back(&self, tx: &mut Tx<'_>, books: &Books, top_up: TopUp) -> anyhow::Result<RefundId> {
        let Approval { context, request, by, .. } = self.of;
        let provider = self.provider;
        let attempt = store::attempt::load(tx, self.attempt)?;
        let made = refund::of(context, provider, &books.payment, &attempt, self.reason(books))?;
        let made = Refund { amount: request.amount, ..made };
        let mut postings = Vec::with_capacity(3);
        if request.source == RefundSource::Suspense && !is_settled(books, self.attempt) {
            let actor = by.actor();
            postings.push(book::settle(&attempt.id, &top_up.market, request.amount, actor));
        }
        postings.push(refund::posting(&made, provider, &top_up.market, RefundStep::Hold));
        if request.source != RefundSource::Surplus && top_up.credited_at.is_none() {
            postings.extend(set_aside::release(tx, &top_up, by.actor())?);
        }
        // From here on the right money would be too much as well.
        if let Some(closed) = books.payment.state.on(PaymentEvent::GivenBack) {
            store::payment::update(tx, &books.payment, closed, None)?;
        }
        context.record(tx, &postings)?;
        refund::start(tx, context, &made)?;
        let version = top_up.version;
        let actor = by.actor().to_string();
        let beside = refund::is_beside(tx, &books.payment, self.attempt)?;
        let now =
            if beside { top_up } else { advance(tx, context, top_up, TopUpEvent::RefundStarted, &actor)? };
        let stays = beside || (now.version == version && now.state != TopUpState::Refunding);
        let kind = if stays { NoticeKind::SurplusReturning } else { NoticeKind::RefundStarted };
        announce_refund(tx, context, &made, kind)?;
        Ok(made.id)
    }

    /// Why the buyer is told that it goes back: an earlier refund of the same money told it already.
    fn reason(&self, books: &Books) -> RefundReason {
        let earlier = books.refunds.iter().rev().find(|refund| refund.attempt == *self.attempt);
        match (earlier, self.of.request.source) {
            (Some(earlier), _) => earlier.reason,
            (None, RefundSource::Suspense) => RefundReason::OtherAmount,
            (None, RefundSource::Undecided) => RefundReason::NetworkRefused,
            (
                None,
                RefundSource::Surplus
                | RefundSource::Undelivered
                | RefundSource::Credited
                | RefundSource::Float
                | RefundSource::FloatAside,
            ) => RefundReason::ByHand,
        }
    }
}

/// Did the money leave suspense for an earlier refund that failed? Then it waits with the rest.
fn is_settled(books: &Books, attempt: &AttemptId) -> bool {
    let failed = |refund: &Refund| refund.attempt == *attempt && refund.state == RefundState::Failed;
    books.refunds.iter().any(failed)
}
