//! Where the money of an order is that could go back by hand. Start reading at [`sources`].
//!
//! What one attempt brought goes back at most once: money for which a refund is under way or done is no source. Money
//! that the host network may still turn into credit is one only when its answer is late, for those who have it in
//! writing that the line has nothing.

use super::from_float;
use anyhow::Result;
use domain::id::{AttemptId, PaymentId};
use domain::money::Money;
use domain::network_credit::NetworkCreditState;
use domain::payment::AttemptState;
use domain::refund::RefundState;
use domain::refund_request::RefundSource;
use domain::top_up::{TopUp, TopUpState};
use store::Tx;
use store::attempt::Attempt;
use store::payment::Payment;
use store::refund::Refund;

/// Money that could go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub kind: RefundSource,
    /// None where a float paid.
    pub attempt: Option<AttemptId>,
    pub amount: Money,
}

/// The payment of an order with all that came of it.
pub(crate) struct Books {
    pub payment: Payment,
    pub attempts: Vec<Attempt>,
    pub refunds: Vec<Refund>,
}

impl Books {
    pub fn of(tx: &mut Tx<'_>, payment: &PaymentId) -> Result<Books> {
        let payment = store::payment::load(tx, payment)?;
        let attempts = store::attempt::list(tx, &payment.id)?;
        let refunds = store::refund::list(tx, payment.top_up()?)?;
        Ok(Books { payment, attempts, refunds })
    }
}

/// The money of an order that could go back, what contradicts it first.
pub fn sources(tx: &mut Tx<'_>, top_up: &TopUp) -> Result<Vec<Source>> {
    let Some(payment) = store::payment::find_by_top_up(tx, &top_up.id)? else {
        return Ok(from_float::source(tx, top_up)?.into_iter().collect());
    };
    let books = Books::of(tx, &payment.id)?;
    let network = at_network(tx, top_up)?;
    Ok(of(&books, top_up, network))
}

/// What the host network has to do with the money of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtNetwork {
    /// Nothing, or nothing any more.
    Nothing,
    /// It was asked for the credit, and the line may have it or still get it.
    Undecided,
    /// It says that the line has the credit.
    Given,
}

pub fn at_network(tx: &mut Tx<'_>, top_up: &TopUp) -> Result<AtNetwork> {
    if top_up.credited_at.is_some() {
        return Ok(AtNetwork::Nothing);
    }
    let Some(credit) = store::network_credit::find_by_top_up(tx, &top_up.id)? else {
        return Ok(AtNetwork::Nothing);
    };
    Ok(match credit.state {
        NetworkCreditState::Prepared
        | NetworkCreditState::Sent
        | NetworkCreditState::InProgress
        | NetworkCreditState::Unknown => AtNetwork::Undecided,
        NetworkCreditState::Done | NetworkCreditState::Contradicted => AtNetwork::Given,
        NetworkCreditState::Refused | NetworkCreditState::Abandoned | NetworkCreditState::Denied => {
            AtNetwork::Nothing
        }
    })
}

pub(crate) fn of(books: &Books, top_up: &TopUp, network: AtNetwork) -> Vec<Source> {
    let late = top_up.state == TopUpState::Review && network == AtNetwork::Undecided;
    let undelivered = top_up.credited_at.is_none() && network == AtNetwork::Nothing;
    let source = |attempt: &Attempt| {
        let amount = attempt.captured?;
        let returning = |r: &Refund| r.attempt == attempt.id && r.state != RefundState::Failed;
        if books.refunds.iter().any(returning) {
            return None;
        }
        let own = books.payment.captured_by.as_ref() == Some(&attempt.id);
        let kind = match attempt.state {
            AttemptState::Review => RefundSource::Suspense,
            AttemptState::Captured if !own => RefundSource::Surplus,
            AttemptState::Captured if top_up.state == TopUpState::Credited => RefundSource::Credited,
            AttemptState::Captured if undelivered => RefundSource::Undelivered,
            AttemptState::Captured if late => RefundSource::Undecided,
            AttemptState::Captured
            | AttemptState::Created
            | AttemptState::RequiresAction
            | AttemptState::Approved
            | AttemptState::Processing
            | AttemptState::Unknown
            | AttemptState::Authorized
            | AttemptState::Declined
            | AttemptState::Cancelled
            | AttemptState::Expired => return None,
        };
        Some(Source { kind, attempt: Some(attempt.id.clone()), amount })
    };
    let mut all: Vec<Source> = books.attempts.iter().filter_map(source).collect();
    all.sort_by_key(|source| source.kind);
    all
}
