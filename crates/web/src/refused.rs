//! Where a form shows why something about agents and their float was not done.

use domain::agent_refusal::Refused;

/// The field that a refusal is about. `amount` is what the form calls its amount.
pub fn field(refused: Refused, amount: &'static str) -> Option<&'static str> {
    match refused {
        Refused::Name | Refused::FactsUnfit | Refused::FactsFixed => Some("name"),
        Refused::PointUnfit => Some("point"),
        Refused::HoursUnfit => Some("hours"),
        Refused::NumberUnfit => Some("number"),
        Refused::ContactMissing => Some("person"),
        Refused::EmailUnfit => Some("email"),
        Refused::PhoneUnfit => Some("phone"),
        Refused::MarketUnknown => Some("market"),
        Refused::NoteMissing | Refused::NoteTooLong => Some("note"),
        Refused::ParentUnfit => Some("parent"),
        Refused::PlanUnknown => Some("plan"),
        Refused::PlanUnfit => Some("id"),
        Refused::CreditUsed => Some("credit_line"),
        Refused::AmountUnfit | Refused::FloatShort | Refused::OverDay => Some(amount),
        Refused::CardOverDay => Some("card-amount"),
        Refused::ReferenceUnfit | Refused::ReferenceUsed => Some("reference"),
        Refused::ProofMissing => Some("proof"),
        Refused::Unknown
        | Refused::DocumentMissing
        | Refused::DocumentUnfit
        | Refused::DocumentTooLarge
        | Refused::DocumentsTooMany
        | Refused::DocumentExpired
        | Refused::NotSupervisor
        | Refused::SamePerson
        | Refused::NotTheirs
        | Refused::AlreadyDecided
        | Refused::NoCards
        | Refused::ByProvider
        | Refused::OutletsTooMany
        | Refused::MonthNotOver
        | Refused::CommissionPaid
        | Refused::CommissionChanged
        | Refused::NotInLine
        | Refused::NotActive
        | Refused::KeyReused
        | Refused::Training
        | Refused::TooOften => None,
    }
}
