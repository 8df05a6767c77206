//! What went wrong with a form, as a person reads it: a sentence, the field to mend, and what to do.
//! The words are `problem-<code>` in `errors.ftl`; the code is the refusal's own.

use domain::money::Money;
use domain::refusal::Refusal;
use domain::time::UnixMs;
use serde::Serialize;

/// A problem beside its field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub code: &'static str,
    /// The id of the field that the summary leads to.
    pub field: Option<&'static str>,
    /// Price before and now, where the price changed.
    pub was: Option<Money>,
    pub now: Option<Money>,
    /// Until when nothing more is accepted, and in which time zone to say so.
    pub until: Option<(UnixMs, String)>,
}

/// Problems that only pages have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageProblem {
    /// The payment page cannot be reached; nothing was sent.
    PaymentUnavailable,
    /// The payment page may have been asked; the order page tells.
    PaymentUnknown,
    /// The last card was declined; the payment page is still open.
    CardDeclined,
    /// The offer is another one than the buyer was shown, at the same price.
    OfferChanged,
    /// No offer was chosen.
    OfferMissing,
    /// The cart is gone; the number has to be entered again.
    CartGone,
    /// The proof or the order code is wrong; the same words for both.
    ProofWrong,
    /// Too many wrong proofs.
    ProofLocked { until: UnixMs, zone: String },
    /// The text cannot be an order code.
    CodeUnreadable,
}

impl Problem {
    /// A refusal of the business, beside the field that it is about.
    pub fn refused(refusal: &Refusal) -> Problem {
        let field = match refusal {
            Refusal::NumberInvalid(_)
            | Refusal::LineUnknown
            | Refusal::LineBarred
            | Refusal::LineClosed
            | Refusal::LinePortedOut => Some("msisdn"),
            Refusal::OfferUnknown => Some("offers"),
            Refusal::AmountRefused(_) => Some("amount"),
            Refusal::EmailInvalid => Some("email"),
            Refusal::CurrencyMismatch
            | Refusal::PriceChanged { .. }
            | Refusal::QuoteLapsed
            | Refusal::FloatInsufficient
            | Refusal::TenderNotOffered
            | Refusal::KeyReused
            | Refusal::KeyInFlight
            | Refusal::OrderClosed => None,
        };
        Problem { field, ..Problem::plain(refusal.code()) }
    }

    /// The price is another one than the buyer was shown.
    pub fn price_changed(was: Money, now: Money) -> Problem {
        Problem { was: Some(was), now: Some(now), ..Problem::plain("price_changed_from") }
    }

    /// A problem of the page itself.
    pub fn page(problem: PageProblem) -> Problem {
        match problem {
            PageProblem::PaymentUnavailable => Problem::plain("payment_unavailable"),
            PageProblem::PaymentUnknown => Problem::plain("payment_unknown"),
            PageProblem::CardDeclined => Problem::plain("card_declined"),
            PageProblem::OfferChanged => Problem::plain("offer_changed"),
            PageProblem::OfferMissing => Problem { field: Some("offers"), ..Problem::plain("offer_missing") },
            PageProblem::CartGone => Problem { field: Some("msisdn"), ..Problem::plain("cart_gone") },
            PageProblem::ProofWrong => Problem { field: Some("proof"), ..Problem::plain("proof_wrong") },
            PageProblem::ProofLocked { until, zone } => {
                Problem { until: Some((until, zone)), ..Problem::plain("proof_locked") }
            }
            PageProblem::CodeUnreadable => {
                Problem { field: Some("code"), ..Problem::plain("code_unreadable") }
            }
        }
    }

    fn plain(code: &'static str) -> Problem {
        Problem { code, field: None, was: None, now: None, until: None }
    }
}
