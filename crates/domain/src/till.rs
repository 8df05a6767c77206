//! The till of a device: shifts from their start cash to their count, what moves cash in between, and the report that
//! closes them. It is the outlet's own bookkeeping, not the ledger's, and no certified fiscal register.
//!
//! A count is blind: whoever counts says how many pieces of each denomination there are ([`count`]) before anybody says
//! what there should be ([`Figures::expected`]).

use crate::id::{ClerkId, DeviceId, PlaceId, ShiftId};
use crate::money::{Currency, Money};
use crate::states;
use crate::tender::TenderKind;
use crate::time::UnixMs;
use std::collections::BTreeMap;

states! {
    /// Where a shift stands.
    ShiftState {
        Open = "open",
        Closed = "closed",
    }
}

states! {
    /// How a shift was closed.
    Closing {
        /// Counted by its clerk.
        Counted = "counted",
        /// Counted, and the next clerk goes on with what is there.
        HandedOver = "handed_over",
        /// Closed by a supervisor without a count.
        Forced = "forced",
    }
}

states! {
    /// Why cash moved otherwise than by a sale.
    CashReason {
        /// What was there when the shift began.
        Start = "start",
        PaidIn = "paid_in",
        PaidOut = "paid_out",
    }
}

/// A shift: one period of one till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    pub id: ShiftId,
    pub place: PlaceId,
    pub device: DeviceId,
    pub clerk: ClerkId,
    pub currency: Currency,
    pub state: ShiftState,
    pub opened_at: UnixMs,
    /// What was counted. From then on the shift takes nothing, until it is closed or counted anew.
    pub counted: Option<Money>,
    pub closed: Option<Closed>,
}

/// How a shift ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub at: UnixMs,
    pub by: ClerkId,
    pub how: Closing,
    /// The number of its report, without gaps at its outlet.
    pub number: i64,
    pub expected: Money,
    /// Why the count is not what was expected, or why it was forced.
    pub reason: Option<String>,
}

/// Cash that moved otherwise than by a sale. What goes out is negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashMovement {
    pub why: CashReason,
    pub amount: Money,
    /// What it was for.
    pub note: Option<String>,
    pub clerk: ClerkId,
    pub at: UnixMs,
}

/// What a shift has taken and given, as its X and Z reports say. Sales that did not stand are in both `sales` and
/// `returned`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Figures {
    pub currency: Currency,
    pub sales: i64,
    /// Value and number by means of payment.
    pub taken: BTreeMap<TenderKind, (i64, i64)>,
    pub returned: BTreeMap<TenderKind, (i64, i64)>,
    /// Tax that the sales contain, by rate in basis points: total and tax of what stands.
    pub taxes: BTreeMap<u16, (i64, i64)>,
    pub fees_minor: i64,
    /// Start cash, paid in, paid out; each with its sign.
    pub start_minor: i64,
    pub paid_in_minor: i64,
    pub paid_out_minor: i64,
    pub commission_minor: i64,
}

impl Figures {
    pub fn empty(currency: Currency) -> Figures {
        Figures {
            currency,
            sales: 0,
            taken: BTreeMap::new(),
            returned: BTreeMap::new(),
            taxes: BTreeMap::new(),
            fees_minor: 0,
            start_minor: 0,
            paid_in_minor: 0,
            paid_out_minor: 0,
            commission_minor: 0,
        }
    }

    /// Value that stands, by one means of payment.
    pub fn kept(&self, kind: TenderKind) -> Money {
        let of = |sums: &BTreeMap<TenderKind, (i64, i64)>| sums.get(&kind).map_or(0, |(minor, _)| *minor);
        Money::new(of(&self.taken) - of(&self.returned), self.currency)
    }

    /// Value that stands, by whatever means.
    pub fn total(&self) -> Money {
        let all = TenderKind::ALL.iter().map(|kind| self.kept(*kind).minor).sum();
        Money::new(all, self.currency)
    }

    /// The cash that should be in the till.
    pub fn expected(&self) -> Money {
        let cash = self.kept(TenderKind::Cash).minor;
        Money::new(self.start_minor + self.paid_in_minor + self.paid_out_minor + cash, self.currency)
    }
}

/// Coins and notes that are counted, in minor units, the largest first. Of a currency that is not listed any series of
/// one, two and five will do.
pub fn denominations(currency: Currency) -> Vec<i64> {
    match currency.code() {
        "CNY" => vec![10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10],
        "HKD" => vec![100_000, 50_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10],
        "EUR" => vec![50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1],
        "GBP" => vec![5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1],
        "USD" => vec![10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 25, 10, 5, 1],
        "JPY" => vec![10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 1],
        _ => {
            let unit = 10_i64.pow(currency.exponent().min(4));
            let series = (0..3).rev().flat_map(|power| [5, 2, 1].map(|n| n * 10_i64.pow(power) * unit));
            series.chain([50, 20, 10, 5, 2, 1].into_iter().filter(|part| *part < unit)).collect()
        }
    }
}

/// The most pieces of one denomination that a count takes.
pub const PIECES_MAX: i64 = 100_000;

/// What a count says is there: pieces by denomination. `None` when a denomination is not one of the currency's, or there
/// are too many pieces or fewer than none.
pub fn count(currency: Currency, pieces: &BTreeMap<i64, i64>) -> Option<Money> {
    let known = denominations(currency);
    let mut sum = 0_i64;
    for (denomination, number) in pieces {
        if !known.contains(denomination) || !(0..=PIECES_MAX).contains(number) {
            return None;
        }
        sum = sum.checked_add(denomination.checked_mul(*number)?)?;
    }
    Some(Money::new(sum, currency))
}

/// The notes to offer as keys for an amount: the exact sum, then what people hand over for it, at most five in all.
pub fn note_keys(due: Money) -> Vec<Money> {
    let mut keys = vec![due.minor];
    let mut notes = denominations(due.currency);
    notes.reverse();
    for note in notes.into_iter().filter(|note| *note >= 100.min(due.minor.max(1))) {
        let covering = due.minor.div_euclid(note) * note + if due.minor % note == 0 { 0 } else { note };
        if !keys.contains(&covering) {
            keys.push(covering);
        }
    }
    keys.sort_unstable();
    keys.truncate(5);
    keys.into_iter().map(|minor| Money::new(minor, due.currency)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gbp() -> Currency {
        "GBP".parse().unwrap()
    }

    #[test]
    fn a_count_is_the_sum_of_its_pieces_and_refuses_what_is_no_money() {
        let pieces = BTreeMap::from([(2_000, 3), (50, 4), (1, 7)]);
        assert_eq!(count(gbp(), &pieces), Some(Money::new(6_207, gbp())));
        assert_eq!(count(gbp(), &BTreeMap::new()), Some(Money::zero(gbp())));
        for bad in [(25, 1), (2_000, -1), (2_000, PIECES_MAX + 1)] {
            assert_eq!(count(gbp(), &BTreeMap::from([bad])), None, "{bad:?}");
        }
    }

    #[test]
    fn expected_cash_is_start_and_moves_and_the_cash_that_stands() {
        let mut figures = Figures {
            start_minor: 5_000,
            paid_in_minor: 1_000,
            paid_out_minor: -2_500,
            ..Figures::empty(gbp())
        };
        figures.taken.insert(TenderKind::Cash, (3_000, 2));
        figures.taken.insert(TenderKind::Card, (9_000, 1));
        figures.returned.insert(TenderKind::Cash, (1_000, 1));
        assert_eq!(figures.expected(), Money::new(5_500, gbp()));
        assert_eq!(figures.total(), Money::new(11_000, gbp()));
    }

    #[test]
    fn the_keys_for_notes_begin_with_the_exact_sum() {
        let minors = |due: i64| -> Vec<i64> {
            note_keys(Money::new(due, gbp())).into_iter().map(|key| key.minor).collect()
        };
        assert_eq!(minors(1_000), [1_000, 2_000, 5_000]);
        assert_eq!(minors(1_350)[..3], [1_350, 1_400, 1_500]);
    }

    proptest! {
        #[test]
        fn every_key_for_notes_covers_what_is_due(due in 1_i64..1_000_000) {
            let keys = note_keys(Money::new(due, gbp()));
            prop_assert!(keys.first().is_some_and(|key| key.minor == due) && keys.len() <= 5);
            prop_assert!(keys.iter().all(|key| key.minor >= due));
        }

        #[test]
        fn every_currency_has_coins_down_to_its_smallest_that_is_counted(code in prop::sample::select(vec!["CHF", "TND", "KRW", "XOF", "SEK"])) {
            let currency: Currency = code.parse().unwrap();
            let all = denominations(currency);
            prop_assert!(all.windows(2).all(|pair| pair[0] > pair[1]) && all.iter().all(|d| *d > 0));
        }
    }
}
