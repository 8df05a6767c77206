//! An outlet is a place: what the public finds follows the outlet, its agent and its distributor in the same step.

use crate::support::agents::{approved, key, outlet, owner, staff};
use crate::support::buyer::{redirected, text};
use crate::support::desk::problem;
use crate::support::town::{Town, in_town};
use domain::agent::{Agent, AgentEvent};
use domain::agent_refusal::Refused;
use domain::id::PlaceId;
use domain::outlet::{Outlet, OutletEvent, OutletFacts};
use domain::place::{Authorisation, PlaceKind, Service, Tongue};
use flows::agents::outlets::{self, Proposal};
use flows::agents::{By, decide};
use flows::places::import::import;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_shop_is_found_once_it_is_approved_and_shows_at_once_that_it_was_stopped
    a_suspended_distributor_stops_the_shops_of_its_dealers_in_public
    a_shop_that_nobody_could_find_is_not_proposed
    an_owner_changes_the_hours_and_staff_the_address
    the_operators_file_and_outlets_do_not_fight_over_a_place
}

/// What the sticker of an outlet is worth; `None` where nobody knows it.
async fn worth(town: &Town, shop: &Outlet) -> Option<Authorisation> {
    let seen = flows::places::look(&town.world, &shop.facts.number).await.expect("read");
    seen.map(|seen| seen.authorisation)
}

fn facts() -> OutletFacts {
    OutletFacts {
        number: String::new(),
        kind: PlaceKind::Shop,
        name: "Sol Electronics".into(),
        host_place: "Gate Mall".into(),
        floor: "1/F".into(),
        street: "12 Gerrard Street".into(),
        city: "London".into(),
        postcode: "W1D 5PR".into(),
        country: "GB".into(),
        time_zone: "Europe/London".into(),
        hours: "Mo-Sa 09:00-21:00".into(),
        services: vec![Service::TopUp],
        languages: vec![Tongue::Zh],
        latitude_e6: Some(51_511_500),
        longitude_e6: Some(-131_000),
    }
}

async fn propose(town: &Town, agent: &Agent, word: &str, facts: OutletFacts) -> Result<Outlet, Refused> {
    let proposal = Proposal { key: key(word), agent: agent.id.clone(), facts };
    outlets::propose(&town.world, &By::Owner(owner(agent)), proposal).await.expect("asked")
}

mod checks {
    use super::*;

    pub fn a_shop_is_found_once_it_is_approved_and_shows_at_once_that_it_was_stopped(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let agent = approved(town, &staff, "Dealer One", None).await;
            let shop = propose(town, &agent, "sol", facts()).await.expect("proposed");
            assert_eq!(worth(town, &shop).await, None, "not before it is approved");
            let by = By::Staff(staff.0.colleague());
            let change = async |event, why: &str| {
                let changed = outlets::change(&town.world, &by, &shop.place, event, why).await;
                changed.expect("asked").expect("changed");
            };
            change(OutletEvent::Approve, "").await;
            assert_eq!(worth(town, &shop).await, Some(Authorisation::Valid));
            let buyer = town.buyer();
            let found = buyer.get("/shops?q=sol+gate").await;
            assert!(found.text.contains(&format!("data-number=\"{}\"", shop.facts.number)), "{}", found.text);
            let page = buyer.get(&format!("/shops/{}", shop.facts.number)).await;
            assert!(page.text.contains("Gate Mall") && page.text.contains("12 Gerrard Street"));
            let sticker = format!("/verify/outlet/{}", shop.facts.number);
            assert_eq!(buyer.get(&sticker).await.status, 200);
            change(OutletEvent::Suspend, "complaints").await;
            assert_eq!(worth(town, &shop).await, Some(Authorisation::Suspended));
            assert!(!buyer.get("/shops?q=sol+gate").await.text.contains("data-testid=\"shop\""));
            change(OutletEvent::Lift, "settled").await;
            assert_eq!(worth(town, &shop).await, Some(Authorisation::Valid));
            change(OutletEvent::Close, "moved").await;
            assert_eq!(worth(town, &shop).await, Some(Authorisation::Ended));
        });
    }

    pub fn a_suspended_distributor_stops_the_shops_of_its_dealers_in_public(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let top = approved(town, &staff, "Distributor One", None).await;
            let dealer = approved(town, &staff, "Dealer One", Some(&top)).await;
            let (own, below) =
                (outlet(town, &staff, &top, "Shop A").await, outlet(town, &staff, &dealer, "Shop B").await);
            let colleague = staff.0.colleague();
            let change = async |event| {
                let changed = decide::change(&town.world, &colleague, &top.id, event, "seen").await;
                changed.expect("asked").expect("changed");
            };
            for (event, worth_now) in
                [(AgentEvent::Suspend, Authorisation::Suspended), (AgentEvent::Lift, Authorisation::Valid)]
            {
                change(event).await;
                assert_eq!(worth(town, &own).await, Some(worth_now));
                assert_eq!(worth(town, &below).await, Some(worth_now));
            }
            change(AgentEvent::Close).await;
            assert_eq!(worth(town, &own).await, Some(Authorisation::Ended));
            assert_eq!(
                worth(town, &below).await,
                Some(Authorisation::Suspended),
                "it may get another parent"
            );
        });
    }

    pub fn a_shop_that_nobody_could_find_is_not_proposed(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let agent = approved(town, &staff, "Dealer One", None).await;
            for (wrong, why) in [
                (OutletFacts { hours: "from nine".into(), ..facts() }, Refused::HoursUnfit),
                (OutletFacts { latitude_e6: None, ..facts() }, Refused::PointUnfit),
                (OutletFacts { street: " ".into(), number: "S1".into(), ..facts() }, Refused::FactsUnfit),
                (OutletFacts { number: "S99999".into(), ..facts() }, Refused::NumberUnfit),
            ] {
                assert_eq!(propose(town, &agent, "sol", wrong).await.err(), Some(why));
            }
            assert_eq!(town.count("select count(*) from outlet").await, 0);
        });
    }

    pub fn an_owner_changes_the_hours_and_staff_the_address(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let agent = approved(town, &staff, "Dealer One", None).await;
            let shop = outlet(town, &staff, &agent, "Shop One").await;
            let own = By::Owner(owner(&agent));
            let hours = OutletFacts { hours: "24/7".into(), ..shop.facts.clone() };
            let changed = outlets::describe(&town.world, &own, &shop.place, hours).await.expect("asked");
            assert_eq!(changed.expect("changed").facts.hours, "24/7");
            let seen = flows::places::look(&town.world, &shop.facts.number).await.expect("read");
            assert_eq!(seen.expect("a place").place.hours, "24/7");
            let moved = OutletFacts { street: "9 New Road".into(), ..shop.facts.clone() };
            let refused = outlets::describe(&town.world, &own, &shop.place, moved).await.expect("asked");
            assert_eq!(refused.err(), Some(Refused::FactsFixed));
            let path = format!("/office/agents/{}/outlets/{}", agent.id, shop.place);
            let form = [
                ("name", "Shop One"),
                ("street", "9 New Road"),
                ("city", "London"),
                ("postcode", "N1 1AA"),
                ("point", "51.6, -0.1"),
                ("hours", "Mo-Fr nine to five"),
                ("services", "top_up"),
                ("services", "sim"),
            ];
            let wrong = staff.0.post(&format!("{path}/facts"), &form).await;
            assert_eq!((wrong.status, problem(&wrong.text).as_str()), (422, "agent_hours_unfit"));
            let mut form = form;
            form[5].1 = "Mo-Fr 09:00-17:00";
            assert_eq!(redirected(&staff.0.post(&format!("{path}/facts"), &form).await), path);
            let page = town.buyer().get(&format!("/shops/{}", shop.facts.number)).await;
            assert!(text(&page.text, "main").contains("9 New Road"), "{}", page.text);
        });
    }

    pub fn the_operators_file_and_outlets_do_not_fight_over_a_place(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let agent = approved(town, &staff, "Dealer One", None).await;
            let head = "number,agent_id,name,street,city,country,lat,lon,time_zone,hours\n";
            let line = |name: &str| {
                let id = &agent.id;
                format!("S10101,{id},{name},1 Road,London,GB,51.5,-0.1,Europe/London,24/7\n")
            };
            let file = [head, &line("Old Name")].concat();
            import(&town.world, &file, false).await.expect("asked").expect("a good file");
            let number = OutletFacts { number: "s-10101".into(), ..facts() };
            let shop = propose(town, &agent, "sol", number.clone()).await.expect("adopted");
            assert_eq!(propose(town, &agent, "again", number).await.err(), Some(Refused::NumberUnfit));
            let known = town.read(|tx| store::place::find_by_number(tx, "S10101")).await.expect("a place");
            assert_eq!((known.id.clone(), known.name.as_str()), (shop.place.clone(), "Old Name"));
            let by = By::Staff(staff.0.colleague());
            let approve = outlets::change(&town.world, &by, &shop.place, OutletEvent::Approve, "").await;
            approve.expect("asked").expect("open");
            let name = async |id: &PlaceId| {
                let id = id.clone();
                town.read(move |tx| store::place::find(tx, &id)).await.expect("a place").name
            };
            assert_eq!(name(&shop.place).await, "Sol Electronics");
            let refused = import(&town.world, &file, false).await.expect("asked").expect_err("refused");
            assert_eq!(refused[0].line, 2);
            assert!(refused[0].reason.contains("S10101 is an outlet that was approved here"));
            let other = format!("{head}S20202,,Other,1 Road,London,GB,51.5,-0.1,Europe/London,24/7\n");
            let imported = import(&town.world, &other, true).await.expect("asked").expect("a good file");
            assert_eq!((imported.added, imported.ended), (1, 0), "a file does not end an outlet");
            assert_eq!(worth(town, &shop).await, Some(Authorisation::Valid));
        });
    }
}
