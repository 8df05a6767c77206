//! What the order page shows, made from where the order stands. Start reading at [`state`].

use crate::failure::Failure;
use crate::site::{Reader, Site};
use domain::notice::MessageState;
use domain::offer::Benefit;
use domain::refund::{RefundReason, RefundState};
use domain::top_up::TopUpState;
use flows::notice::short_reference;
use flows::receipt::Standing;
use render::view::{
    BonusShown, Going, Mailing, Moment, OrderState, Purchase, ReceiptMail, Surplus, TaxesShown,
};
use render::{Advice, PageProblem, Problem, SentenceValues};
use std::hash::{DefaultHasher, Hash, Hasher};

/// While money moves, and while something may still come late.
const EVERY_SECONDS: u16 = 2;
const EVERY_SECONDS_LATE: u16 = 30;

/// The part of the page that changes. `bought`: was the order bought with this browser?
pub async fn state(
    site: &Site,
    reader: &Reader,
    standing: &Standing,
    bought: bool,
) -> Result<OrderState, Failure> {
    let top_up = &standing.top_up;
    let catalogue = site.world.fresh_catalogue().await?;
    let market = catalogue.market(&top_up.market);
    let zone = market.map_or("UTC", |market| market.seller.time_zone.as_str());
    let offer_name = standing.offer.name_in(reader.locale);
    let bundle = (standing.offer.benefit != Benefit::Credit).then_some(offer_name);
    let refunds: Vec<String> = standing.refunds.iter().map(|r| short_reference(r.id.as_str())).collect();
    let kept = standing.take_back_failed().map(|refund| Surplus { going: Going::Kept, ..surplus(refund) });
    let surplus = standing.surplus().map(surplus).or(kept);
    let lost = surplus.as_ref().is_some_and(|s| matches!(s.going, Going::Failed | Going::Kept));
    let helped = top_up.state == TopUpState::Review || lost;
    let now = OrderState {
        code: top_up.code.clone(),
        state: top_up.state,
        moving: top_up.state.is_moving(),
        every: every(standing),
        seen: String::new(),
        values: SentenceValues {
            provider: standing.provider.clone(),
            ..SentenceValues::of(top_up, bundle, refunds.last().map(String::as_str), zone)
        },
        moments: Moment::all(&standing.history),
        payment_url: standing.payment_url().map(str::to_owned),
        retry: standing.may_retry(),
        cancel: standing.may_cancel(),
        receipt: standing.paid,
        surplus,
        receipt_mail: standing.receipt_mail.as_ref().map(receipt_mail),
        problem: problem(standing),
        refund_reason: refund_reason(standing),
        refunds,
        review: standing.review(),
        contact: site.config.support.for_reader(reader.locale).filter(|_| helped),
        again: bought,
    };
    Ok(OrderState { seen: seen(&now), ..now })
}

/// What was bought.
pub fn purchase(reader: &Reader, standing: &Standing) -> Purchase {
    Purchase {
        last4: standing.last4.clone(),
        offer_name: standing.offer.name_in(reader.locale).to_owned(),
        benefit: standing.offer.benefit.clone(),
        prices: standing.top_up.prices,
        bonus: standing.top_up.promotion.as_ref().map(|bonus| BonusShown::of(bonus, reader.locale)),
        taxes: TaxesShown::of(&standing.offer, &standing.top_up.prices, reader.locale),
    }
}

/// When to ask again: a refund can fail after it succeeded, and money can come after an order was closed.
fn every(standing: &Standing) -> Option<u16> {
    let late = Some(EVERY_SECONDS_LATE);
    match standing.top_up.state {
        TopUpState::AwaitingPayment
        | TopUpState::CheckingPayment
        | TopUpState::Paid
        | TopUpState::PendingNetwork
        | TopUpState::Refunding => Some(EVERY_SECONDS),
        TopUpState::Refunded | TopUpState::Cancelled | TopUpState::Review => late,
        TopUpState::Credited => {
            let mail = standing.receipt_mail.as_ref().is_some_and(|mail| mail.state == MessageState::Queued);
            late.filter(|_| mail || standing.surplus().is_some())
        }
        TopUpState::Reversed => None,
    }
}

/// Why the payment did not go through, with what helps.
fn problem(standing: &Standing) -> Option<Problem> {
    let problem = match standing.decline() {
        Some(word) => Some(PageProblem::PaymentRefused(advice(word, standing.payment_url().is_some()))),
        None => standing.may_retry().then_some(PageProblem::PaymentUnavailable),
    };
    problem.map(Problem::page)
}

/// What helps after a decline, by the provider's word (docs.stripe.com/declines/codes). Where a word is not known,
/// the page that is still open takes another card.
fn advice(word: &str, open: bool) -> Advice {
    match word {
        "insufficient_funds" | "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => Advice::Funds,
        "expired_card" => Advice::Valid,
        "incorrect_cvc" | "invalid_cvc" => Advice::SecurityCode,
        "authentication_required" | "payment_intent_authentication_failure" => Advice::Confirm,
        "processing_error" | "try_again_later" | "issuer_not_available" | "reenter_transaction" => {
            Advice::Later
        }
        _ if open => Advice::OtherCard,
        _ => Advice::Again,
    }
}

/// Why the money goes back in place of the credit: the first reason, because a second payment has its own sentence.
fn refund_reason(standing: &Standing) -> Option<RefundReason> {
    let back =
        matches!(standing.top_up.state, TopUpState::Refunding | TopUpState::Refunded | TopUpState::Review);
    standing.refunds.first().filter(|_| back).map(|refund| refund.reason)
}

pub fn surplus(refund: &store::refund::Refund) -> Surplus {
    let reference = short_reference(refund.id.as_str());
    Surplus { amount: refund.amount, reference, going: going(refund.state) }
}

/// How far a refund is, as people are told.
pub fn going(state: RefundState) -> Going {
    match state {
        RefundState::Requested | RefundState::Pending | RefundState::Unknown => Going::Moving,
        RefundState::Succeeded => Going::Returned,
        RefundState::Failed => Going::Failed,
    }
}

fn receipt_mail(mail: &flows::receipt::ReceiptMail) -> ReceiptMail {
    let going = match mail.state {
        MessageState::Queued => Mailing::Moving,
        MessageState::Sent | MessageState::Delivered => Mailing::Sent,
        MessageState::Failed | MessageState::Dead | MessageState::Outdated => Mailing::Failed,
    };
    ReceiptMail { address: mail.address.clone(), going }
}

/// Changes whenever the part of the page that changes would look different.
fn seen(now: &OrderState) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(now).unwrap_or_default().hash(&mut hasher);
    format!("{}.{:x}", now.state, hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bank_that_could_not_process_it_is_no_reason_for_another_card() {
        assert_eq!(advice("processing_error", true), Advice::Later);
        assert_eq!(advice("insufficient_funds", false), Advice::Funds);
        assert_eq!(advice("generic_decline", true), Advice::OtherCard);
        assert_eq!(advice("generic_decline", false), Advice::Again);
    }
}
