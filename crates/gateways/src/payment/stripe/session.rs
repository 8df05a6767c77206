//! What a Checkout Session and its PaymentIntent say about money.
//!
//! Start at [`session_finding`]. Sources: docs.stripe.com/api/checkout/sessions/object,
//! docs.stripe.com/payments/paymentintents/lifecycle. A word that is not in these tables is `Unknown`.

use super::amount::from_stripe;
use super::wire::{Expandable, Intent, Session, alarm, read, word};
use crate::payment::{CallOutcome, HttpAnswer, unknown};
use domain::money::Money;
use domain::payment::{Evidence, Finding};

/// What a page's answer says: the call's outcome, and the evidence inside.
pub(super) fn read_page(answer: &HttpAnswer) -> CallOutcome<Evidence> {
    read::<Session>(answer, "checkout.session").map(|session| session_evidence(&session))
}

/// What a money movement's answer says.
pub(super) fn read_money(answer: &HttpAnswer) -> CallOutcome<Evidence> {
    read::<Intent>(answer, "payment_intent").map(|intent| money_evidence(&intent))
}

/// What a money movement says.
pub(super) fn money_evidence(intent: &Intent) -> Evidence {
    evidence(intent_finding(intent), Some(intent), Some(intent.id.clone()))
}

fn session_evidence(session: &Session) -> Evidence {
    let intent = session.payment_intent.as_ref();
    let money_ref = intent.map(|i| i.id().to_owned());
    let known = evidence(session_finding(session), intent.and_then(Expandable::object), money_ref);
    Evidence { page_ref: Some(session.id.clone()), ..known }
}

fn evidence(finding: Finding, intent: Option<&Intent>, money_ref: Option<String>) -> Evidence {
    let page_stays_open = matches!(finding, Finding::ActionNeeded { .. });
    Evidence {
        finding,
        page_ref: None,
        money_ref,
        card: intent.and_then(Intent::card),
        last_decline: intent.filter(|_| page_stays_open).and_then(Intent::last_decline),
        refunded: intent.and_then(refunded),
        instrument: intent.and_then(Intent::instrument),
        declined_try: intent.and_then(Intent::declined_try),
    }
}

/// What the session and the intent inside say together. Positive money evidence wins over the session's word.
fn session_finding(session: &Session) -> Finding {
    let intent = session.payment_intent.as_ref().and_then(Expandable::object);
    let money = intent.map(intent_finding);
    if let Some(finding @ (Finding::Captured { .. } | Finding::Authorized)) = money {
        return finding;
    }
    match (session.status.as_deref(), session.payment_status.as_deref()) {
        (Some("open"), Some("unpaid")) => Finding::ActionNeeded { url: session.url.clone() },
        (Some("complete"), Some("paid")) => match (intent, session.amount_total, &session.currency) {
            (None, Some(amount), Some(currency)) => captured(amount, currency),
            (None, _, _) => unknown(alarm("a paid session without amount or currency".to_owned())),
            (Some(_), _, _) => unknown(alarm("a paid session whose intent has not succeeded".to_owned())),
        },
        (Some("complete"), Some("unpaid")) => unpaid_finding(intent, money),
        // Money may still be on its way through a page that has lapsed: then the intent's word counts.
        (Some("expired"), Some("unpaid")) => match money {
            Some(finding @ (Finding::Captured { .. } | Finding::Authorized)) => finding,
            // An intent never says approved: the provider captures by itself.
            Some(finding @ (Finding::Processing | Finding::Approved | Finding::Unknown { .. })) => finding,
            Some(Finding::ActionNeeded { .. } | Finding::Declined { .. }) => Finding::Expired,
            Some(Finding::Cancelled | Finding::Expired) | None => Finding::Expired,
        },
        (status, paid) => {
            let (status, paid) = (status.map_or_else(String::new, word), paid.map_or_else(String::new, word));
            unknown(alarm(format!("session status {status:?} with payment status {paid:?}")))
        }
    }
}

/// A completed session that is not paid: a slow payment method is at work, or has failed. The payer cannot
/// come back to a completed page, so what would be one more try on an open page is the end here.
fn unpaid_finding(intent: Option<&Intent>, money: Option<Finding>) -> Finding {
    match money {
        Some(Finding::ActionNeeded { .. }) => match intent.and_then(Intent::last_decline) {
            Some(code) => Finding::Declined { code },
            None => Finding::Processing,
        },
        Some(finding) => finding,
        None => Finding::Processing,
    }
}

fn intent_finding(intent: &Intent) -> Finding {
    match intent.status.as_deref() {
        Some("succeeded") => match (intent.amount_received, &intent.currency) {
            (Some(amount), Some(currency)) => captured(amount, currency),
            _ => unknown(alarm("a succeeded intent without amount or currency".to_owned())),
        },
        Some("processing") => Finding::Processing,
        Some("requires_payment_method" | "requires_confirmation" | "requires_action") => {
            Finding::ActionNeeded { url: None }
        }
        Some("requires_capture") => Finding::Authorized,
        // At a reader nobody tries again on a cancelled intent: what the bank said stands.
        Some("canceled") => match intent.last_decline().filter(|_| intent.is_card_present()) {
            Some(code) => Finding::Declined { code },
            None => Finding::Cancelled,
        },
        Some(status) => unknown(alarm(format!("intent status {:?}", word(status)))),
        None => unknown(alarm("an intent without status".to_owned())),
    }
}

/// What went back of the charge, by whoever's wish (docs.stripe.com/api/charges/object, `amount_refunded`).
fn refunded(intent: &Intent) -> Option<Money> {
    let charge = intent.latest_charge.as_ref()?.object()?;
    from_stripe(charge.amount_refunded?, charge.currency.as_deref()?).map_err(alarm).ok()
}

fn captured(amount: i64, currency: &str) -> Finding {
    match from_stripe(amount, currency) {
        Ok(amount) => Finding::Captured { amount },
        Err(why) => unknown(alarm(format!("captured, but: {why}"))),
    }
}

#[cfg(test)]
mod tests;
