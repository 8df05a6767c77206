//! What went wrong with a form, as a person reads it: a sentence, the field to mend, and what to do.
//! The words are `problem-<code>` in `errors.ftl`; the code is the refusal's own.

use domain::money::Money;
use domain::offer::Pricing;
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
    /// Between which amounts a buyer may choose, where the amount is wrong.
    pub limits: Option<AmountLimits>,
    /// Until when nothing more is accepted, and in which time zone to say so.
    pub until: Option<(UnixMs, String)>,
}

/// Between which amounts a buyer may choose, and in which steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AmountLimits {
    pub min: Money,
    pub max: Money,
    pub step: Money,
    /// The currency, where the steps are its whole units; else `other`.
    pub whole: &'static str,
}

impl AmountLimits {
    /// The limits of an offer where the buyer names the amount.
    pub fn of(pricing: &Pricing) -> Option<AmountLimits> {
        let Pricing::Range { min, max, step_minor } = pricing else { return None };
        let unit = 10_i64.pow(min.currency.exponent());
        let whole = *step_minor == unit && min.minor % unit == 0;
        Some(AmountLimits {
            min: *min,
            max: *max,
            step: Money::new(*step_minor, min.currency),
            whole: if whole { min.currency.code() } else { "other" },
        })
    }
}

/// Problems that only pages have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageProblem {
    /// The payment page cannot be reached; nothing was sent.
    PaymentUnavailable,
    /// The payment page may have been asked; the order page tells.
    PaymentUnknown,
    /// The last payment was refused; what helps is the advice.
    PaymentRefused(Advice),
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
    /// The proof was right, and the browser did not keep the pass.
    CookiesRefused,
    /// The text cannot be an order code.
    CodeUnreadable,
}

/// What helps after a payment that was refused. Nothing was charged in any of these cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Another card, on the page that is still open.
    OtherCard,
    /// A card with money on it.
    Funds,
    /// A card that has not expired.
    Valid,
    /// The right security code.
    SecurityCode,
    /// Confirming the payment with the bank.
    Confirm,
    /// The same later: nobody knows what was wrong with it.
    Later,
    /// A new page: the one on which it was refused is closed.
    Again,
}

impl Advice {
    pub const ALL: &'static [Advice] = &[
        Advice::OtherCard,
        Advice::Funds,
        Advice::Valid,
        Advice::SecurityCode,
        Advice::Confirm,
        Advice::Later,
        Advice::Again,
    ];

    fn code(self) -> &'static str {
        match self {
            Advice::OtherCard => "card_declined",
            Advice::Funds => "card_funds",
            Advice::Valid => "card_expired",
            Advice::SecurityCode => "card_security_code",
            Advice::Confirm => "card_unconfirmed",
            Advice::Later => "card_processing",
            Advice::Again => "payment_refused",
        }
    }
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
            | Refusal::NoFloatIn(_)
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

    /// A wrong amount says what the offer allows; every other problem stays as it is.
    pub fn within(self, pricing: &Pricing) -> Problem {
        let limits = AmountLimits::of(pricing).filter(|_| self.code == "amount_invalid");
        Problem { limits, ..self }
    }

    /// A problem of the page itself.
    pub fn page(problem: PageProblem) -> Problem {
        match problem {
            PageProblem::PaymentUnavailable => Problem::plain("payment_unavailable"),
            PageProblem::PaymentUnknown => Problem::plain("payment_unknown"),
            PageProblem::PaymentRefused(advice) => Problem::plain(advice.code()),
            PageProblem::OfferChanged => Problem::plain("offer_changed"),
            PageProblem::OfferMissing => Problem { field: Some("offers"), ..Problem::plain("offer_missing") },
            PageProblem::CartGone => Problem { field: Some("msisdn"), ..Problem::plain("cart_gone") },
            PageProblem::ProofWrong => Problem { field: Some("proof"), ..Problem::plain("proof_wrong") },
            PageProblem::ProofLocked { until, zone } => {
                Problem { until: Some((until, zone)), ..Problem::plain("proof_locked") }
            }
            PageProblem::CookiesRefused => Problem::plain("cookies_refused"),
            PageProblem::CodeUnreadable => {
                Problem { field: Some("code"), ..Problem::plain("code_unreadable") }
            }
        }
    }

    fn plain(code: &'static str) -> Problem {
        Problem { code, field: None, was: None, now: None, limits: None, until: None }
    }
}
