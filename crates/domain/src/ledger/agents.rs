//! What agents post beside their sales: float that moves inside a hierarchy, and commission. docs/ledger.md works
//! through each of these.

use super::{AccountId, AccountKind, Posting, PostingKey, Purpose, Reason, Transfer, book};
use crate::actor::Actor;
use crate::id::{AttemptId, FloatRequestId, PartnerId};
use crate::money::Money;
use crate::unit::Unit;

/// What a partner earned and has not got yet, in the currency of `of`.
pub fn commission_due(partner: &PartnerId, of: Money) -> AccountId {
    AccountId::new(AccountKind::CommissionDue, partner.as_str(), Unit::Money(of.currency))
}

/// What agents of a market earned, in the currency of `of`.
pub fn commission_expense(market: &str, of: Money) -> AccountId {
    AccountId::new(AccountKind::CommissionExpense, market, Unit::Money(of.currency))
}

/// Adds to the posting of a sale what its seller earns by it.
pub fn with_commission(sale: Posting, market: &str, partner: &PartnerId, earned: Money) -> Posting {
    let mut posting = sale;
    if earned.minor > 0 {
        let (expense, due) = (commission_expense(market, earned), commission_due(partner, earned));
        posting.transfers.push(Transfer::posted(expense, due, earned.minor, Reason::Commission));
    }
    posting
}

/// Money from outside that was checked by people: a bank transfer to an agent's float. The bank's reference is the
/// key, the same as when an engineer books the statement by hand.
pub fn bank_transfer(partner: &PartnerId, reference: &str, amount: Money, actor: Actor) -> Posting {
    Posting { actor, ..book::float_deposit(partner, reference, amount) }
}

/// Money that an agent paid into its float by card: the provider owes it from the moment of its word. Whatever was
/// taken is the agent's, also where it was not what was asked for.
pub fn card_payment(
    attempt: &AttemptId,
    provider: &'static str,
    partner: &PartnerId,
    amount: Money,
) -> Posting {
    let clearing = book::clearing(provider, amount);
    let transfer = Transfer::posted(clearing, book::float(partner, amount), amount.minor, Reason::Deposit);
    Posting::new(
        PostingKey::new(attempt.as_str(), Purpose::Capture),
        Actor::Provider(provider),
        vec![transfer],
    )
}

/// Float moves from one partner of a hierarchy to another.
pub fn float_move(
    request: &FloatRequestId,
    from: &PartnerId,
    to: &PartnerId,
    amount: Money,
    actor: Actor,
) -> Posting {
    let (from, to) = (book::float(from, amount), book::float(to, amount));
    let transfer = Transfer::posted(from, to, amount.minor, Reason::Float);
    Posting::new(PostingKey::new(request.as_str(), Purpose::FloatMove), actor, vec![transfer])
}

/// What a partner earned goes to its float.
pub fn commission_payment(partner: &PartnerId, amount: Money) -> Transfer {
    let (due, float) = (commission_due(partner, amount), book::float(partner, amount));
    Transfer::posted(due, float, amount.minor, Reason::Commission)
}

/// What a partner earned in a month, written `2026-11`, goes to its float. Once for each month.
pub fn commission_paid(partner: &PartnerId, month: &str, amount: Money, actor: Actor) -> Posting {
    let key = PostingKey::new(format!("{partner}/{month}"), Purpose::CommissionPay);
    Posting::new(key, actor, vec![commission_payment(partner, amount)])
}
