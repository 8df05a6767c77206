//! What a sale at a counter asks first: may this outlet sell, and how much. Read from the database at every sale, so
//! that a suspension holds from the next one on.

use crate::world::StepContext;
use domain::agent::{OverLimit, SaleLimits};
use domain::id::{ClerkId, PlaceId};
use domain::money::Money;
use domain::outlet::{self, CannotSell};
use jiff::tz::TimeZone;
use std::collections::HashMap;
use store::Tx;
use store::outlet::Standing;
use store::sold;

/// The outlet with its agent's terms, or why it sells nothing. One query by three primary keys.
pub fn may_sell(
    tx: &mut Tx<'_>,
    place: &PlaceId,
) -> anyhow::Result<std::result::Result<Standing, CannotSell>> {
    let found = store::outlet::standing(tx, &[place.as_str()])?.pop();
    Ok(found.ok_or(CannotSell::Unknown).and_then(selling))
}

/// The same for many outlets in one round trip, by place.
pub fn may_sell_all(
    tx: &mut Tx<'_>,
    places: &[&str],
) -> anyhow::Result<HashMap<PlaceId, std::result::Result<Standing, CannotSell>>> {
    let found = store::outlet::standing(tx, places)?;
    Ok(found.into_iter().map(|standing| (standing.outlet.place.clone(), selling(standing))).collect())
}

fn selling(standing: Standing) -> std::result::Result<Standing, CannotSell> {
    outlet::may_sell(standing.outlet.state, standing.agent, standing.parent).map(|()| standing)
}

/// What holds at an outlet: the tighter of the agent's terms and its own limits.
pub fn limits(standing: &Standing) -> SaleLimits {
    standing.terms.limits.and(standing.outlet.limits)
}

/// The day and the month of a moment, as clocks show them in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    /// As `2026-11-23`.
    pub day: String,
    /// As `2026-11`.
    pub month: String,
}

impl Today {
    pub fn of(context: &StepContext, zone: &str) -> Today {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let date = context.now.timestamp().to_zoned(zone).date();
        Today { day: date.to_string(), month: date.strftime("%Y-%m").to_string() }
    }
}

/// Is the sale within what the outlet and this clerk may still sell today? One query for both sums.
pub fn within_limits(
    tx: &mut Tx<'_>,
    standing: &Standing,
    clerk: &ClerkId,
    value: Money,
    today: &Today,
) -> anyhow::Result<std::result::Result<(), OverLimit>> {
    let by_clerk = sold::key(clerk.as_str(), &today.day);
    let by_outlet = sold::key(standing.outlet.place.as_str(), &today.day);
    let sums = sold::sums(tx, &[&by_clerk, &by_outlet])?;
    let of = |key: &str| {
        let found = sums.iter().find(|sum| sum.key == key);
        found.map_or(Money::zero(value.currency), |sum| sum.value)
    };
    Ok(limits(standing).check(value, of(&by_clerk), of(&by_outlet)))
}
