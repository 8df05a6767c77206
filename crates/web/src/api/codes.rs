//! Every code that the API answers: its own here, those of the business in `domain::refusal`. What `/docs` and
//! `/openapi.json` tell of codes is made from these two.

use crate::failure::Problem;
use domain::money::{Currency, Money};
use domain::refusal::Refusal;
use domain::states;
use http::StatusCode;
use std::collections::BTreeMap;

states! {
    /// Why the API did not do what was asked, where the business has not said a word.
    Code {
        KeyMissing = "key_missing",
        KeyInvalid = "key_invalid",
        ScopeMissing = "scope_missing",
        RequestInvalid = "request_invalid",
        QueryInvalid = "query_invalid",
        BodyInvalid = "body_invalid",
        BodyNotJson = "body_not_json",
        BodyTooLarge = "body_too_large",
        IdempotencyKeyMissing = "idempotency_key_missing",
        IdempotencyKeyInvalid = "idempotency_key_invalid",
        NotFound = "not_found",
        MethodNotAllowed = "method_not_allowed",
        TopUpUnknown = "top_up_unknown",
        PromoCodeUnknown = "promo_code_unknown",
        ResponseUnknown = "response_unknown",
        ResponsePurged = "response_purged",
        BalanceUnknown = "balance_unknown",
        BalanceElsewhere = "balance_elsewhere",
        UsageNotCovered = "usage_not_covered",
        UsageRecordReused = "usage_record_reused",
        ReceiptUnknown = "receipt_unknown",
        TooManyLooks = "too_many_looks",
        Busy = "busy",
        OutcomeUnknown = "outcome_unknown",
        Internal = "internal",
    }
}

impl Code {
    pub fn status(self) -> StatusCode {
        match self {
            Code::KeyMissing | Code::KeyInvalid => StatusCode::UNAUTHORIZED,
            Code::ScopeMissing => StatusCode::FORBIDDEN,
            Code::RequestInvalid
            | Code::QueryInvalid
            | Code::BodyInvalid
            | Code::IdempotencyKeyMissing
            | Code::IdempotencyKeyInvalid => StatusCode::BAD_REQUEST,
            Code::BodyNotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::NotFound | Code::TopUpUnknown | Code::ResponseUnknown | Code::ReceiptUnknown => {
                StatusCode::NOT_FOUND
            }
            Code::TooManyLooks => StatusCode::TOO_MANY_REQUESTS,
            Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Code::PromoCodeUnknown => StatusCode::UNPROCESSABLE_ENTITY,
            Code::BalanceElsewhere | Code::UsageNotCovered | Code::UsageRecordReused => StatusCode::CONFLICT,
            Code::BalanceUnknown => StatusCode::SERVICE_UNAVAILABLE,
            Code::ResponsePurged => StatusCode::GONE,
            Code::Busy | Code::OutcomeUnknown => StatusCode::SERVICE_UNAVAILABLE,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What it means and what to do: the `detail` where nothing more can be said.
    pub fn meaning(self) -> &'static str {
        match self {
            Code::KeyMissing => "send Authorization: Bearer <your API key>",
            Code::KeyInvalid => "this API key is unknown or revoked",
            Code::ScopeMissing => "this key does not have the scope that the call needs",
            Code::RequestInvalid => "the request cannot be read",
            Code::QueryInvalid => {
                "the query cannot be read; parameters that a call does not know are refused"
            }
            Code::BodyInvalid => "the body cannot be read; fields that a call does not know are refused",
            Code::BodyNotJson => "send the body as Content-Type: application/json",
            Code::BodyTooLarge => "a body is at most 256 KiB",
            Code::IdempotencyKeyMissing => {
                "send an Idempotency-Key that you stored before sending, and the same one when you retry"
            }
            Code::IdempotencyKeyInvalid => "send one Idempotency-Key of 1 to 255 printable ASCII characters",
            Code::NotFound => "there is no such call; see /docs",
            Code::MethodNotAllowed => "this address takes another method; the header Allow names it",
            Code::TopUpUnknown => "no top-up of yours has this id",
            Code::PromoCodeUnknown => "this promotion code is unknown",
            Code::ReceiptUnknown => "we never gave out a receipt with this code",
            Code::TooManyLooks => "too many receipts were looked up from your address; try again later",
            Code::ResponseUnknown => "no request with this Idempotency-Key was accepted",
            Code::ResponsePurged => {
                "the outcome stands, its body is no longer kept; list your top-ups by reference"
            }
            Code::BalanceUnknown => "the network that keeps this balance does not answer; try again",
            Code::BalanceElsewhere => {
                "the host network keeps the balance of this line: its usage is not reported here"
            }
            Code::UsageNotCovered => {
                "the line does not have that much: nothing was taken; available says what can be used"
            }
            Code::UsageRecordReused => "this id stands for another use: a record never changes",
            Code::Busy => "too much is waiting: nothing was done, try again",
            Code::OutcomeUnknown => "the outcome is not known: ask again with the same Idempotency-Key",
            Code::Internal => "a fault of ours; it was logged",
        }
    }
}

/// The status of a refusal of the business.
pub fn status(refusal: &Refusal) -> StatusCode {
    use domain::offer::AmountRefused;
    match refusal {
        Refusal::LineUnknown => StatusCode::NOT_FOUND,
        Refusal::LineBarred
        | Refusal::LineClosed
        | Refusal::LinePortedOut
        | Refusal::NetworkNotConnected
        | Refusal::CurrencyMismatch
        | Refusal::NoFloatIn(_)
        | Refusal::AmountRefused(AmountRefused::Currency)
        | Refusal::PriceChanged { .. }
        | Refusal::BonusChanged { .. }
        | Refusal::QuoteLapsed
        | Refusal::FloatInsufficient
        | Refusal::KeyInFlight
        | Refusal::OrderClosed
        | Refusal::CreditSpent { .. }
        | Refusal::TooLateToReverse
        | Refusal::NotReversible
        | Refusal::Counter(_) => StatusCode::CONFLICT,
        Refusal::TooManyTopUps { .. } | Refusal::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::NumberInvalid(_)
        | Refusal::OfferUnknown
        | Refusal::OfferNotYet { .. }
        | Refusal::OfferEnded { .. }
        | Refusal::AmountRefused(_)
        | Refusal::TenderNotOffered
        | Refusal::KeyReused
        | Refusal::EmailInvalid => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Every code by its status, each with what it means.
pub fn listed() -> BTreeMap<(u16, &'static str), Vec<String>> {
    let mut listed: BTreeMap<(u16, &'static str), Vec<String>> = BTreeMap::new();
    let mut note = |problem: Problem| {
        listed.entry((problem.status, problem.code)).or_default().push(problem.detail);
    };
    Code::ALL.iter().for_each(|code| note(Problem::of(*code)));
    let pounds: Option<Currency> = "GBP".parse().ok();
    for refusal in pounds.iter().flat_map(|gbp| Refusal::examples(Money::new(1000, *gbp))) {
        // Partners send no addresses.
        if !matches!(refusal, Refusal::EmailInvalid) {
            note(Problem::refused(&refusal));
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_once_with_words() {
        let listed = listed();
        for code in Code::ALL {
            assert!(listed.contains_key(&(code.status().as_u16(), code.as_str())), "{code}");
        }
        let mut codes: Vec<&str> = listed.keys().map(|(_, code)| *code).collect();
        let count = codes.len();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), count, "a code has one status");
        assert!(listed.values().flatten().all(|meaning| !meaning.is_empty()));
    }
}
