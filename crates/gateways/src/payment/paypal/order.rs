//! What an order and its captures say about money. Start at [`order_finding`].
//!
//! Sources: Orders v2 schemas `order_status`, `capture_status`; Payments v2 `capture-2`. A word that is not in
//! these tables is `Unknown`. An order is completed while its capture is still pending: only captures speak
//! of money.

use super::wire::{Captured, Order, Payments, Refund, Supplementary, alarm, read, word};
use crate::payment::{CallOutcome, HttpAnswer, unknown};
use domain::id::RefundId;
use domain::money::Money;
use domain::payment::{Evidence, Finding};

/// What an order's answer says: the call's outcome, and the evidence inside.
pub(super) fn read_page(answer: &HttpAnswer) -> CallOutcome<Evidence> {
    read::<Order>(answer, "order").map(|order| order_evidence(&order))
}

/// What a capture's answer says.
pub(super) fn read_money(answer: &HttpAnswer) -> CallOutcome<Evidence> {
    read::<Captured>(answer, "capture").map(|capture| Evidence {
        page_ref: capture.supplementary_data.as_ref().and_then(Supplementary::order_id).map(str::to_owned),
        money_ref: Some(capture.id.clone()),
        // A capture alone does not name its refunds: nobody knows whose they are.
        ..bare(Said::of(&capture, false).finding())
    })
}

fn bare(finding: Finding) -> Evidence {
    Evidence { finding, ..Evidence::unknown("") }
}

fn order_evidence(order: &Order) -> Evidence {
    let payments = || order.purchase_units.iter().filter_map(|unit| unit.payments.as_ref());
    let by_us = only_our_refunds(payments());
    let captures = payments().flat_map(|p| &p.captures);
    let heard: Vec<(&Captured, Said)> = captures.map(|c| (c, Said::of(c, by_us))).collect();
    let loudest = heard.iter().max_by_key(|(_, said)| said.weight());
    Evidence {
        page_ref: Some(order.id.clone()),
        money_ref: loudest.map(|(capture, _)| capture.id.clone()),
        refunded: refunded(payments()),
        instrument: order.payer.as_ref().and_then(|payer| payer.payer_id.as_deref()).map(word),
        ..bare(match loudest {
            Some((_, Said::Taken(_))) => taken(heard.iter().map(|(_, said)| said)),
            Some((_, said)) => said.finding(),
            None => order_finding(order),
        })
    }
}

/// What went back, by whoever's wish; `None` when nothing did or an amount cannot be read.
fn refunded<'a>(payments: impl Iterator<Item = &'a Payments>) -> Option<Money> {
    let done = |refund: &&Refund| refund.status.as_deref() == Some("COMPLETED");
    let mut amounts = payments
        .flat_map(|p| &p.refunds)
        .filter(done)
        .map(|refund| refund.amount.as_ref()?.read().map_err(alarm).ok());
    let first = amounts.next()??;
    amounts.try_fold(first, |sum, amount| sum.plus(amount?).ok())
}

/// Did money go back, and each time because we asked? Then our books knew the capture before.
fn only_our_refunds<'a>(payments: impl Iterator<Item = &'a Payments>) -> bool {
    let ours = |refund: &Refund| {
        [&refund.invoice_id, &refund.custom_id].into_iter().flatten().any(|id| RefundId::parse(id).is_ok())
    };
    let mut refunds = payments.flat_map(|p| &p.refunds).map(ours).peekable();
    refunds.peek().is_some() && refunds.all(|ours| ours)
}

/// What one capture says.
enum Said {
    Taken(Money),
    Waiting,
    Failed(String),
    Odd(String),
}

impl Said {
    fn of(capture: &Captured, refunded_by_us: bool) -> Said {
        let reason = capture.status_details.as_ref().and_then(|d| d.reason.as_deref());
        match capture.status.as_deref() {
            Some("COMPLETED") => Said::taken(capture),
            // If somebody else gave the money back, nothing may be delivered for it any more.
            Some("REFUNDED" | "PARTIALLY_REFUNDED") if refunded_by_us => Said::taken(capture),
            Some(status @ ("REFUNDED" | "PARTIALLY_REFUNDED")) => {
                Said::Odd(format!("a capture that is {status}, not by us"))
            }
            Some("PENDING") => {
                let reason = reason.map_or_else(|| "unspecified".to_owned(), word);
                tracing::info!(provider = super::NAME, reason, "a capture is pending");
                Said::Waiting
            }
            Some(status @ ("DECLINED" | "FAILED")) => Said::Failed(word(reason.unwrap_or(status))),
            Some(status) => Said::Odd(format!("capture status {:?}", word(status))),
            None => Said::Odd("a capture without status".to_owned()),
        }
    }

    fn taken(capture: &Captured) -> Said {
        match capture.amount.as_ref().map(|amount| amount.read()) {
            Some(Ok(amount)) => Said::Taken(amount),
            Some(Err(why)) => Said::Odd(format!("captured, but: {why}")),
            None => Said::Odd("a completed capture without an amount".to_owned()),
        }
    }

    /// Positive money evidence counts most, then what is not understood, then what may still come.
    fn weight(&self) -> u8 {
        match self {
            Said::Taken(_) => 3,
            Said::Odd(_) => 2,
            Said::Waiting => 1,
            Said::Failed(_) => 0,
        }
    }

    fn finding(&self) -> Finding {
        match self {
            Said::Taken(amount) => Finding::Captured { amount: *amount },
            Said::Waiting => Finding::Processing,
            Said::Failed(code) => Finding::Declined { code: code.clone() },
            Said::Odd(why) => unknown(alarm(why.clone())),
        }
    }
}

/// All that was taken. More than one capture is more than was asked for, and people will see it.
fn taken<'a>(said: impl Iterator<Item = &'a Said>) -> Finding {
    let mut amounts = said.filter_map(|said| match said {
        Said::Taken(amount) => Some(*amount),
        Said::Waiting | Said::Failed(_) | Said::Odd(_) => None,
    });
    let sum = amounts.next().map(|first| amounts.try_fold(first, Money::plus));
    match sum {
        Some(Ok(amount)) => Finding::Captured { amount },
        Some(Err(_)) | None => unknown(alarm("captures that cannot be added".to_owned())),
    }
}

/// What an order without any capture says.
fn order_finding(order: &Order) -> Finding {
    match order.status.as_deref() {
        Some("CREATED" | "PAYER_ACTION_REQUIRED") => Finding::ActionNeeded { url: payers_page(order) },
        Some("APPROVED") => Finding::Approved,
        Some("VOIDED") => Finding::Cancelled,
        Some("COMPLETED") => unknown(alarm("a completed order without a capture".to_owned())),
        Some(status) => unknown(alarm(format!("order status {:?}", word(status)))),
        None => unknown(alarm("an order without status".to_owned())),
    }
}

/// Where the payer has to go: `payer-action` for orders with a payment source, `approve` for others.
fn payers_page(order: &Order) -> Option<String> {
    let link = |rel: &str| order.links.iter().find(|l| l.rel == rel).map(|l| l.href.clone());
    link("payer-action").or_else(|| link("approve"))
}

#[cfg(test)]
mod tests;
