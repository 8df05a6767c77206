//! The business day of an outlet: all shifts that were closed since the day before was, added up. It is closed once, with
//! a number without gaps, and what its report says never changes.
//!
//! Every sale at a counter belongs to a shift and every shift to one day, so that a day's figures are the sum of its Z
//! reports ([`DayReport::add`]) and nothing stands in two days or in none.

use crate::id::{ClerkId, DeviceId, PlaceId, ShiftId};
use crate::money::{Currency, Money};
use crate::till::{Figures, Shift};
use crate::time::UnixMs;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one clerk or one device took and gave back, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub sales: i64,
    pub taken_minor: i64,
    pub returned_minor: i64,
}

impl Share {
    /// Adds another share.
    pub fn add(&mut self, other: Share) {
        self.sales += other.sales;
        self.taken_minor += other.taken_minor;
        self.returned_minor += other.returned_minor;
    }
}

/// One of the day's shifts: what was counted, and what there should have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftOfDay {
    pub shift: ShiftId,
    /// Of its Z report.
    pub number: i64,
    pub clerk: ClerkId,
    pub device: DeviceId,
    pub how: String,
    pub total_minor: i64,
    pub expected_minor: i64,
    /// Nothing where it was closed without a count.
    pub counted_minor: Option<i64>,
    pub reason: Option<String>,
}

impl ShiftOfDay {
    /// What was counted less what there should have been, where it is not nothing.
    pub fn variance(&self) -> Option<i64> {
        self.counted_minor.map(|counted| counted - self.expected_minor).filter(|minor| *minor != 0)
    }
}

/// What a day came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayReport {
    pub figures: Figures,
    pub clerks: BTreeMap<ClerkId, Share>,
    pub devices: BTreeMap<DeviceId, Share>,
    pub shifts: Vec<ShiftOfDay>,
    /// Codes of the first and the last receipt.
    pub first: Option<String>,
    pub last: Option<String>,
    /// Sales whose cash customers had still to get back when the day was closed, and how much that was. It stays in
    /// the till's list and goes out of the shift in which it is given.
    pub owed: (i64, i64),
}

impl DayReport {
    pub fn empty(currency: Currency) -> DayReport {
        DayReport {
            figures: Figures::empty(currency),
            clerks: BTreeMap::new(),
            devices: BTreeMap::new(),
            shifts: Vec::new(),
            first: None,
            last: None,
            owed: (0, 0),
        }
    }

    /// Adds a closed shift with the figures of its Z report and what each clerk took in it. `false`, and nothing is
    /// added, when the shift is open or has another currency.
    pub fn add(&mut self, shift: &Shift, figures: &Figures, clerks: &[(ClerkId, Share)]) -> bool {
        let Some(closed) = &shift.closed else { return false };
        if figures.currency != self.figures.currency {
            return false;
        }
        add_figures(&mut self.figures, figures);
        let device = self.devices.entry(shift.device.clone()).or_default();
        for (clerk, share) in clerks {
            self.clerks.entry(clerk.clone()).or_default().add(*share);
            device.add(*share);
        }
        self.shifts.push(ShiftOfDay {
            shift: shift.id.clone(),
            number: closed.number,
            clerk: shift.clerk.clone(),
            device: shift.device.clone(),
            how: closed.how.as_str().to_owned(),
            total_minor: figures.total().minor,
            expected_minor: closed.expected.minor,
            counted_minor: shift.counted.map(|counted| counted.minor),
            reason: closed.reason.clone(),
        });
        true
    }
}

fn add_figures(to: &mut Figures, more: &Figures) {
    to.sales += more.sales;
    for (sums, added) in [(&mut to.taken, &more.taken), (&mut to.returned, &more.returned)] {
        for (kind, (minor, number)) in added {
            let sum = sums.entry(*kind).or_default();
            *sum = (sum.0 + minor, sum.1 + number);
        }
    }
    for (rate, (total, tax)) in &more.taxes {
        let sum = to.taxes.entry(*rate).or_default();
        *sum = (sum.0 + total, sum.1 + tax);
    }
    to.fees_minor += more.fees_minor;
    to.start_minor += more.start_minor;
    to.paid_in_minor += more.paid_in_minor;
    to.paid_out_minor += more.paid_out_minor;
    to.commission_minor += more.commission_minor;
}

/// A closed day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessDay {
    pub place: PlaceId,
    /// Without gaps at its outlet, from 1 on.
    pub number: i64,
    /// When its first shift was opened.
    pub from: UnixMs,
    pub closed_at: UnixMs,
    pub closed_by: ClerkId,
    /// Value that stands.
    pub total: Money,
    pub sales: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tender::TenderKind;
    use crate::till::{Closed, Closing, ShiftState};

    fn gbp(minor: i64) -> Money {
        Money::new(minor, "GBP".parse().unwrap())
    }

    fn shift(number: i64, how: Closing, counted: i64) -> Shift {
        Shift {
            id: ShiftId::stored(format!("shf_{number}")),
            place: PlaceId::stored("plc_1"),
            device: DeviceId::stored("dev_1"),
            clerk: ClerkId::stored("clk_1"),
            currency: gbp(0).currency,
            state: ShiftState::Closed,
            opened_at: UnixMs(0),
            counted: (how != Closing::Forced).then(|| gbp(counted)),
            closed: Some(Closed {
                at: UnixMs(1),
                by: ClerkId::stored("clk_2"),
                how,
                number,
                expected: gbp(3_000),
                reason: None,
            }),
        }
    }

    #[test]
    fn a_day_is_the_sum_of_its_shifts_and_keeps_each_difference() {
        let mut one = Figures { sales: 2, commission_minor: 25, ..Figures::empty(gbp(0).currency) };
        one.taken.insert(TenderKind::Cash, (3_000, 2));
        one.taxes.insert(2_000, (3_000, 500));
        let mut other = one.clone();
        other.returned.insert(TenderKind::Cash, (1_000, 1));
        let share = Share { sales: 2, taken_minor: 3_000, returned_minor: 0 };
        let back = Share { returned_minor: 1_000, ..share };
        let mut day = DayReport::empty(gbp(0).currency);
        let clerk = ClerkId::stored("clk_1");
        assert!(day.add(&shift(1, Closing::Counted, 2_950), &one, &[(clerk.clone(), share)]));
        assert!(day.add(&shift(2, Closing::Forced, 0), &other, &[(clerk.clone(), back)]));
        assert_eq!(
            (day.figures.total(), day.figures.sales, day.figures.commission_minor),
            (gbp(5_000), 4, 50)
        );
        assert_eq!(day.figures.taxes.get(&2_000), Some(&(6_000, 1_000)));
        assert_eq!(day.clerks[&clerk], Share { sales: 4, taken_minor: 6_000, returned_minor: 1_000 });
        assert_eq!(day.devices.values().collect::<Vec<_>>(), [&day.clerks[&clerk]]);
        assert_eq!(day.shifts.iter().map(ShiftOfDay::variance).collect::<Vec<_>>(), [Some(-50), None]);
        let open = Shift { closed: None, ..shift(3, Closing::Counted, 0) };
        assert!(!day.add(&open, &one, &[]), "an open shift is in no day");
    }
}
