//! What the public may know of an outlet: checked when it is proposed, and made public with every change of state.

use super::{Outcome, Refused};
use crate::world::StepContext;
use domain::outlet::{Outlet, OutletFacts};
use jiff::tz::TimeZone;
use store::Tx;

/// Characters of a fact, and of opening hours.
const FACT_MAX: usize = 120;
const HOURS_MAX: usize = 300;

/// Can people find the shop by these facts?
pub fn fit(facts: &OutletFacts) -> Outcome<()> {
    let said = |text: &str| (1..=FACT_MAX).contains(&text.trim().chars().count());
    let country = facts.country.len() == 2 && facts.country.bytes().all(|b| b.is_ascii_uppercase());
    let postcode = facts.postcode.chars().count() <= 12;
    let zone = TimeZone::get(&facts.time_zone).is_ok();
    let hours = facts.hours.chars().count() <= HOURS_MAX && !facts.hours.contains(char::is_control);
    let placed = match (facts.latitude_e6, facts.longitude_e6) {
        (None, None) => true,
        (Some(lat), Some(lon)) => lat.abs() <= 90_000_000 && lon.abs() <= 180_000_000,
        (Some(_), None) | (None, Some(_)) => false,
    };
    let all = said(&facts.name) && said(&facts.street) && said(&facts.city);
    if all && country && postcode && zone && hours && placed { Ok(()) } else { Err(Refused::FactsUnfit) }
}

/// Makes public what is known of an outlet and how it stands, in the step that changes it.
pub(super) fn publish(tx: &mut Tx<'_>, _context: &StepContext, outlet: &Outlet) -> anyhow::Result<()> {
    anyhow::ensure!(fit(&outlet.facts).is_ok(), "the facts of {} cannot be published", outlet.place);
    store::outlet::set_facts(tx, outlet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_that_nobody_could_find_is_not_taken() {
        let right = OutletFacts {
            number: "100001".into(),
            name: "Sol Electronics".into(),
            street: "1 High Street".into(),
            city: "London".into(),
            postcode: "N1 1AA".into(),
            country: "GB".into(),
            time_zone: "Europe/London".into(),
            hours: "Mo-Sa 09:00-21:00".into(),
            latitude_e6: Some(51_500_000),
            longitude_e6: Some(-120_000),
        };
        assert_eq!(fit(&right), Ok(()));
        let with = |change: fn(&mut OutletFacts)| {
            let mut other = right.clone();
            change(&mut other);
            fit(&other)
        };
        assert_eq!(with(|f| f.street = " ".into()), Err(Refused::FactsUnfit));
        assert_eq!(with(|f| f.country = "Britain".into()), Err(Refused::FactsUnfit));
        assert_eq!(with(|f| f.time_zone = "London".into()), Err(Refused::FactsUnfit));
        assert_eq!(with(|f| f.latitude_e6 = Some(91_000_000)), Err(Refused::FactsUnfit));
        assert_eq!(with(|f| f.longitude_e6 = None), Err(Refused::FactsUnfit));
    }
}
