//! What the public may know of an outlet: checked when it is proposed, and written to the list of places in the step that
//! changes the outlet, its agent or its distributor. Start reading at [`publish`].

use super::{Outcome, Refused};
use crate::world::StepContext;
use domain::agent::{Agent, AgentState};
use domain::outlet::{self, Outlet, OutletFacts};
use domain::place::geo::Point;
use domain::place::hours::Hours;
use domain::place::{Bring, Place, PlaceState, PlaceTender};
use domain::time::UnixMs;
use store::{Tx, place};

/// Outlets that are read at once, and dealers of one distributor.
const AT_ONCE: i64 = 200;
const DEALERS_MAX: i64 = 5_000;

/// Can people find the shop by these facts?
pub fn fit(facts: &OutletFacts) -> Outcome<()> {
    let Some(point) = point(facts) else { return Err(Refused::PointUnfit) };
    if Hours::read(&facts.hours, &facts.country).is_err() {
        return Err(Refused::HoursUnfit);
    }
    if [&facts.name, &facts.street, &facts.city].iter().any(|text| text.trim().is_empty()) {
        return Err(Refused::FactsUnfit);
    }
    // The number is looked at where it is given out; any fits here.
    let known = OutletFacts { number: "100000".into(), ..facts.clone() };
    let place = as_place(domain::id::PlaceId::stored(""), "", &known, point);
    if place.fault().is_none() { Ok(()) } else { Err(Refused::FactsUnfit) }
}

fn point(facts: &OutletFacts) -> Option<Point> {
    let (lat, lon) = facts.latitude_e6.zip(facts.longitude_e6)?;
    let point = Point { lat_e7: lat.checked_mul(10)?, lon_e7: lon.checked_mul(10)? };
    point.is_on_earth().then_some(point)
}

/// An outlet as a place, authorised and not yet written.
fn as_place(id: domain::id::PlaceId, agent: &str, facts: &OutletFacts, point: Point) -> Place {
    Place {
        id,
        kind: facts.kind,
        number: facts.number.clone(),
        agent: Some(agent.to_owned()),
        name: facts.name.clone(),
        host_place: facts.host_place.clone(),
        floor: facts.floor.clone(),
        street: facts.street.clone(),
        city: facts.city.clone(),
        district: String::new(),
        postcode: facts.postcode.clone(),
        country: facts.country.clone(),
        point,
        time_zone: facts.time_zone.clone(),
        hours: facts.hours.clone(),
        services: facts.services.clone(),
        languages: facts.languages.clone(),
        tenders: vec![PlaceTender::Cash],
        bring: vec![Bring::Number],
        state: PlaceState::Authorised,
        authorised_until: None,
        updated_at: UnixMs(0),
    }
}

/// Makes public what is known of an outlet and how it stands, in the step that changes it. What the operator's file
/// says beyond that of a place which became an outlet stays: its district, how people pay, what they bring.
pub(super) fn publish(tx: &mut Tx<'_>, context: &StepContext, outlet: &Outlet) -> anyhow::Result<()> {
    store::outlet::set_facts(tx, outlet)?;
    let Some(standing) = store::outlet::standing(tx, &[outlet.place.as_str()])?.pop() else {
        anyhow::bail!("the outlet {} has no agent", outlet.place);
    };
    show(tx, context, outlet, standing.agent, standing.parent)
}

fn show(
    tx: &mut Tx<'_>,
    context: &StepContext,
    outlet: &Outlet,
    agent: AgentState,
    parent: Option<AgentState>,
) -> anyhow::Result<()> {
    let Some(state) = outlet::shown(outlet.state, agent, parent) else { return Ok(()) };
    anyhow::ensure!(fit(&outlet.facts).is_ok(), "the facts of {} cannot be published", outlet.place);
    let Some(point) = point(&outlet.facts) else { anyhow::bail!("{} is nowhere", outlet.place) };
    let known = place::find(tx, &outlet.place)?;
    let now = as_place(outlet.place.clone(), outlet.agent.as_str(), &outlet.facts, point);
    let now = Place { state, updated_at: context.now, ..now };
    let now = match &known {
        Some(known) => Place {
            district: known.district.clone(),
            tenders: known.tenders.clone(),
            bring: known.bring.clone(),
            authorised_until: known.authorised_until,
            ..now
        },
        None => now,
    };
    match known {
        Some(known) if known.says_the_same(&now) => Ok(()),
        known => place::put(tx, known.as_ref(), &now),
    }
}

/// Makes public how the outlets of an agent stand, and those of the dealers under it, in the step that changes it.
pub(super) fn publish_all(tx: &mut Tx<'_>, context: &StepContext, agent: &Agent) -> anyhow::Result<()> {
    let parent = match &agent.parent {
        Some(parent) => store::agent::find(tx, parent)?.map(|parent| parent.state),
        None => None,
    };
    outlets_of(tx, context, agent, parent)?;
    for dealer in store::agent::list_children(tx, &agent.id, DEALERS_MAX)? {
        outlets_of(tx, context, &dealer, Some(agent.state))?;
    }
    Ok(())
}

fn outlets_of(
    tx: &mut Tx<'_>,
    context: &StepContext,
    agent: &Agent,
    parent: Option<AgentState>,
) -> anyhow::Result<()> {
    let mut after = String::new();
    loop {
        let page = store::outlet::list(tx, &agent.id, &after, AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.place.to_string();
        for outlet in &page {
            show(tx, context, outlet, agent.state, parent)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::place::{PlaceKind, Service, Tongue};

    #[test]
    fn a_shop_that_nobody_could_find_is_not_taken() {
        let right = OutletFacts {
            number: "100001".into(),
            kind: PlaceKind::Shop,
            name: "Sol Electronics".into(),
            host_place: String::new(),
            floor: String::new(),
            street: "1 High Street".into(),
            city: "London".into(),
            postcode: "N1 1AA".into(),
            country: "GB".into(),
            time_zone: "Europe/London".into(),
            hours: "Mo-Sa 09:00-21:00".into(),
            services: vec![Service::TopUp],
            languages: vec![Tongue::En],
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
        assert_eq!(with(|f| f.services.clear()), Err(Refused::FactsUnfit));
        assert_eq!(with(|f| f.latitude_e6 = Some(91_000_000)), Err(Refused::PointUnfit));
        assert_eq!(with(|f| f.longitude_e6 = None), Err(Refused::PointUnfit));
        assert_eq!(with(|f| f.hours = "from nine".into()), Err(Refused::HoursUnfit));
        assert_eq!(with(|f| f.hours.clear()), Err(Refused::HoursUnfit));
    }
}
