//! Business refusals: what a person or partner can act on. Each has a stable code.

use crate::money::Money;
use crate::msisdn::NotAnMsisdn;
use crate::offer::AmountRefused;

/// Why something was not done. Nothing was moved when one of these is answered.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum Refusal {
    #[error("the number cannot be read: {0}")]
    NumberInvalid(#[from] NotAnMsisdn),
    #[error("the number does not belong to this operator")]
    LineUnknown,
    #[error("the line cannot be topped up: it is barred")]
    LineBarred,
    #[error("the line cannot be topped up: it was closed")]
    LineClosed,
    #[error("the line cannot be topped up: its number moved to another operator")]
    LinePortedOut,
    #[error("the offer does not exist or is not sold here")]
    OfferUnknown,
    #[error("the amount does not fit the offer: {0}")]
    AmountRefused(AmountRefused),
    #[error("the line is in another currency")]
    CurrencyMismatch,
    #[error("the price changed; it is now {now:?}")]
    PriceChanged { now: Money },
    #[error("the quote is unknown or lapsed")]
    QuoteLapsed,
    #[error("the float does not cover the total")]
    FloatInsufficient,
    #[error("this tender is not offered here")]
    TenderNotOffered,
    #[error("the same idempotency key was used with another body")]
    KeyReused,
    #[error("a request with this idempotency key is still in flight")]
    KeyInFlight,
    #[error("the e-mail address cannot be read")]
    EmailInvalid,
    #[error("the order can no longer be paid or changed")]
    OrderClosed,
}

impl Refusal {
    /// The code that machines read; it never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NumberInvalid(NotAnMsisdn::Landline) => "number_landline",
            Refusal::NumberInvalid(NotAnMsisdn::Unreadable | NotAnMsisdn::Invalid) => "number_invalid",
            Refusal::LineUnknown => "line_unknown",
            Refusal::LineBarred => "line_barred",
            Refusal::LineClosed => "line_closed",
            Refusal::LinePortedOut => "line_ported_out",
            Refusal::OfferUnknown => "offer_unknown",
            Refusal::AmountRefused(AmountRefused::Currency) | Refusal::CurrencyMismatch => {
                "currency_mismatch"
            }
            Refusal::AmountRefused(_) => "amount_invalid",
            Refusal::PriceChanged { .. } => "price_changed",
            Refusal::QuoteLapsed => "quote_lapsed",
            Refusal::FloatInsufficient => "float_insufficient",
            Refusal::TenderNotOffered => "tender_not_offered",
            Refusal::KeyReused => "idempotency_key_reused",
            Refusal::KeyInFlight => "idempotency_key_in_flight",
            Refusal::EmailInvalid => "email_invalid",
            Refusal::OrderClosed => "order_closed",
        }
    }
}

impl From<AmountRefused> for Refusal {
    fn from(refused: AmountRefused) -> Refusal {
        Refusal::AmountRefused(refused)
    }
}
