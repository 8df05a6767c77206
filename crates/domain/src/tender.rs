//! Tenders: what a customer hands over at a counter for one sale, in parts. Whose money pays for it is the sale's
//! settlement ([`crate::top_up::Settlement`]).

use crate::money::Money;
use crate::states;

states! {
    /// A means of payment at a counter.
    TenderKind {
        Cash = "cash",
        /// A card at the card terminal.
        Card = "card",
    }
}

/// One part of what is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tender {
    pub kind: TenderKind,
    /// What of it pays for the sale.
    pub amount: Money,
    /// The cash that was handed over, where the clerk typed it.
    pub given: Option<Money>,
}

/// Why tenders do not pay for a sale.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum TendersRefused {
    #[error("nothing is handed over")]
    Nothing,
    #[error("a means of payment stands twice, is nothing, or is in another currency")]
    Malformed,
    #[error("the parts are not the total")]
    NotTheTotal,
    #[error("the cash that is given does not cover its part")]
    GivenTooLittle,
}

impl Tender {
    /// Cash; what is given above its part is change.
    pub fn cash(amount: Money, given: Option<Money>) -> Tender {
        Tender { kind: TenderKind::Cash, amount, given }
    }

    pub fn card(amount: Money) -> Tender {
        Tender { kind: TenderKind::Card, amount, given: None }
    }

    /// What the customer gets back at once.
    pub fn change(&self) -> Money {
        let given = self.given.map_or(self.amount.minor, |given| given.minor);
        Money::new(given - self.amount.minor, self.amount.currency)
    }
}

/// Do these pay for `due`, to the smallest unit?
pub fn check(due: Money, tenders: &[Tender]) -> Result<(), TendersRefused> {
    if tenders.is_empty() {
        return Err(TendersRefused::Nothing);
    }
    let mut sum = 0_i64;
    for (n, tender) in tenders.iter().enumerate() {
        let twice = tenders[..n].iter().any(|earlier| earlier.kind == tender.kind);
        let given_elsewhere = tender.given.is_some_and(|given| given.currency != due.currency);
        if twice || tender.amount.minor <= 0 || tender.amount.currency != due.currency || given_elsewhere {
            return Err(TendersRefused::Malformed);
        }
        if tender.given.is_some_and(|given| given.minor < tender.amount.minor) {
            return Err(TendersRefused::GivenTooLittle);
        }
        sum = sum.checked_add(tender.amount.minor).ok_or(TendersRefused::NotTheTotal)?;
    }
    if sum == due.minor { Ok(()) } else { Err(TendersRefused::NotTheTotal) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, "GBP".parse().unwrap())
    }

    #[test]
    fn the_parts_must_be_the_total_and_cash_must_cover_its_part() {
        let eur = Money::new(1000, "EUR".parse().unwrap());
        for (tenders, said) in [
            (vec![Tender::cash(gbp(1000), Some(gbp(2000)))], Ok(())),
            (vec![Tender::cash(gbp(1000), None)], Ok(())),
            (vec![Tender::cash(gbp(300), None), Tender::card(gbp(700))], Ok(())),
            (vec![], Err(TendersRefused::Nothing)),
            (vec![Tender::card(gbp(999))], Err(TendersRefused::NotTheTotal)),
            (vec![Tender::card(gbp(1000)), Tender::cash(gbp(1), None)], Err(TendersRefused::NotTheTotal)),
            (vec![Tender::cash(gbp(1000), Some(gbp(999)))], Err(TendersRefused::GivenTooLittle)),
            (vec![Tender::card(gbp(500)), Tender::card(gbp(500))], Err(TendersRefused::Malformed)),
            (vec![Tender::card(gbp(1010)), Tender::cash(gbp(-10), None)], Err(TendersRefused::Malformed)),
            (vec![Tender::card(eur)], Err(TendersRefused::Malformed)),
            (vec![Tender::cash(gbp(1000), Some(eur))], Err(TendersRefused::Malformed)),
        ] {
            assert_eq!(check(gbp(1000), &tenders), said, "{tenders:?}");
        }
    }

    #[test]
    fn change_is_what_was_given_above_the_part() {
        assert_eq!(Tender::cash(gbp(1000), Some(gbp(2000))).change(), gbp(1000));
        assert_eq!(Tender::cash(gbp(1000), None).change(), gbp(0));
    }
}
