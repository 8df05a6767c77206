//! What went wrong with a form, as a person reads it: a sentence, the field to mend, and what to do.
//! The words are `problem-<code>` in `errors.ftl`; the code is the refusal's own.

use domain::account::AccountRefusal;
use domain::invoice::InvoiceRefusal;
use domain::money::Money;
use domain::msisdn::NotAnMsisdn;
use domain::offer::Pricing;
use domain::refusal::Refusal;
use domain::risk::Mark;
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
    /// How many tries are left.
    pub left: Option<i64>,
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
    ProofLocked {
        until: UnixMs,
        zone: String,
    },
    /// The proof was right, and the browser did not keep the pass.
    CookiesRefused,
    /// The text cannot be an order code.
    CodeUnreadable,
    /// No receipt of ours has the code.
    ClaimUnknown,
    /// The receipt is in another account.
    ClaimElsewhere,
    /// As many orders as may be with one number, address or browser in a day.
    TooManyTopUps {
        mark: Mark,
        until: UnixMs,
        zone: String,
    },
    /// Too many declined payments or different cards.
    TooManyTries {
        until: UnixMs,
        zone: String,
    },
    /// Nothing was written to support, or too much.
    TextMissing,
    TextTooLong,
    /// Nobody would find the customer.
    ContactMissing,
    /// It was not said what a question is about.
    CauseMissing,
    /// A file is neither a picture nor a PDF, or is damaged.
    FileKind,
    FileTooLarge,
    FilesTooMany,
    /// A question has as many files as it can hold.
    CaseFull,
    /// Nothing more can be written about a question.
    CaseClosed,
    /// The text cannot be the code of a question.
    CaseUnreadable,
    /// Too many questions in a row.
    SupportLocked {
        until: UnixMs,
        zone: String,
    },
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
            | Refusal::LinePortedOut
            | Refusal::NetworkNotConnected => Some("msisdn"),
            Refusal::OfferUnknown | Refusal::OfferNotYet { .. } | Refusal::OfferEnded { .. } => {
                Some("offers")
            }
            Refusal::AmountRefused(_) => Some("amount"),
            Refusal::EmailInvalid => Some("email"),
            Refusal::CurrencyMismatch
            | Refusal::NoFloatIn(_)
            | Refusal::PriceChanged { .. }
            | Refusal::BonusChanged { .. }
            | Refusal::QuoteLapsed
            | Refusal::FloatInsufficient
            | Refusal::TenderNotOffered
            | Refusal::KeyReused
            | Refusal::KeyInFlight
            | Refusal::OrderClosed
            | Refusal::TooManyTries { .. }
            | Refusal::CreditSpent { .. }
            | Refusal::TooLateToReverse
            | Refusal::NotReversible
            | Refusal::Counter(_) => None,
            Refusal::TooManyTopUps { mark, .. } => (*mark == Mark::Email).then_some("email"),
        };
        // Machines read one code for every broken promise; people are told which it was.
        let code = match refusal {
            Refusal::BonusChanged { .. } => "bonus_changed",
            Refusal::TooManyTopUps { mark, .. } => match mark {
                Mark::Line => "too_many_by_line",
                Mark::Email => "too_many_by_email",
                Mark::Place => "too_many_by_place",
                Mark::Device => "too_many_by_device",
                Mark::Card => "too_many_by_card",
            },
            _ => refusal.code(),
        };
        Problem { field, ..Problem::plain(code) }
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
            PageProblem::ClaimUnknown => Problem { field: Some("code"), ..Problem::plain("claim_unknown") },
            PageProblem::ClaimElsewhere => {
                Problem { field: Some("code"), ..Problem::plain("claim_elsewhere") }
            }
            PageProblem::TextMissing => Problem { field: Some("text"), ..Problem::plain("text_missing") },
            PageProblem::TextTooLong => Problem { field: Some("text"), ..Problem::plain("text_too_long") },
            PageProblem::ContactMissing => {
                Problem { field: Some("email"), ..Problem::plain("contact_missing") }
            }
            PageProblem::CauseMissing => Problem { field: Some("cause"), ..Problem::plain("cause_missing") },
            PageProblem::FileKind => Problem { field: Some("files"), ..Problem::plain("file_kind") },
            PageProblem::FileTooLarge => Problem { field: Some("files"), ..Problem::plain("file_too_large") },
            PageProblem::FilesTooMany => Problem { field: Some("files"), ..Problem::plain("files_too_many") },
            PageProblem::CaseFull => Problem { field: Some("files"), ..Problem::plain("case_full") },
            PageProblem::CaseClosed => Problem { field: Some("text"), ..Problem::plain("case_closed") },
            PageProblem::CaseUnreadable => {
                Problem { field: Some("case"), ..Problem::plain("case_unreadable") }
            }
            PageProblem::SupportLocked { until, zone } => {
                Problem { until: Some((until, zone)), ..Problem::plain("support_locked") }
            }
            PageProblem::TooManyTopUps { mark, until, zone } => {
                let refused = Problem::refused(&Refusal::TooManyTopUps { mark, until });
                Problem { until: Some((until, zone)), ..refused }
            }
            PageProblem::TooManyTries { until, zone } => {
                Problem { until: Some((until, zone)), ..Problem::plain("too_many_tries") }
            }
            PageProblem::CodeUnreadable => {
                Problem { field: Some("code"), ..Problem::plain("code_unreadable") }
            }
        }
    }

    /// Why something about an account was not done, beside the field that it is about.
    pub fn account(refusal: AccountRefusal, field: &'static str, zone: &str) -> Problem {
        let at = |code| Problem { field: Some(field), ..Problem::plain(code) };
        let until = |code, until| Problem { until: Some((until, zone.to_owned())), ..Problem::plain(code) };
        match refusal {
            AccountRefusal::ContactUnreadable => at("contact_unreadable"),
            AccountRefusal::EmailInvalid => at("contact_email_invalid"),
            AccountRefusal::NumberInvalid(NotAnMsisdn::Landline) => at("contact_landline"),
            AccountRefusal::NumberInvalid(NotAnMsisdn::Unreadable | NotAnMsisdn::Invalid) => {
                at("number_invalid")
            }
            AccountRefusal::CountryNotServed => at("contact_country"),
            AccountRefusal::ContactTaken => Problem::plain("contact_taken"),
            AccountRefusal::ContactSame => at("contact_same"),
            AccountRefusal::LineUnknown => at("line_not_ours"),
            AccountRefusal::LinesFull => Problem::plain("lines_full"),
            AccountRefusal::TextsPaused => Problem::plain("texts_paused"),
            AccountRefusal::MailPaused => Problem::plain("mail_paused"),
            AccountRefusal::NotBefore(at) => until("code_not_before", at),
            AccountRefusal::CodeUnreadable => at("code_not_six"),
            AccountRefusal::CodeWrong { left } => Problem { left: Some(left), ..at("code_wrong") },
            AccountRefusal::CodeOver => Problem::plain("code_over"),
            AccountRefusal::CodeLocked(at) => until("code_locked", at),
            AccountRefusal::RegistrationPaused => Problem::plain("registration_paused"),
            AccountRefusal::RegistrationGone => Problem::plain("registration_gone"),
            AccountRefusal::OrderWaiting => Problem::plain("order_waiting"),
            AccountRefusal::RefundWaiting => Problem::plain("refund_waiting"),
            AccountRefusal::CaseOpen => Problem::plain("case_open"),
            AccountRefusal::ProofNeeded => Problem::plain("proof_needed"),
        }
    }

    /// Why no invoice was written, beside the field that it is about.
    pub fn invoice(refusal: InvoiceRefusal) -> Problem {
        let field = match refusal {
            InvoiceRefusal::NameMissing | InvoiceRefusal::TextTooLong | InvoiceRefusal::BuyerNeeded => {
                Some("name")
            }
            InvoiceRefusal::TaxIdMissing => Some("tax_id"),
            InvoiceRefusal::AddressMissing => Some("address"),
            InvoiceRefusal::NotOffered
            | InvoiceRefusal::NotSupplied
            | InvoiceRefusal::TakenBack
            | InvoiceRefusal::ChangedTooOften => None,
        };
        Problem { field, ..Problem::plain(refusal.as_str()) }
    }

    /// Erasing was asked for without the tick that it is meant.
    pub fn erase_unsure() -> Problem {
        Problem { field: Some("sure"), ..Problem::plain("erase_unsure") }
    }

    fn plain(code: &'static str) -> Problem {
        Problem { code, field: None, was: None, now: None, limits: None, until: None, left: None }
    }
}
