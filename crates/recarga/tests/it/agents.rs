//! Agents: an application that two agree to, shops that open and stop, and what a sale at one asks first.

use crate::support::agents::{
    agent, application, applied, approved, gbp, in_float, moves, outlet, owner, staff,
};
use crate::support::desk::Desk;
use crate::support::town::{Town, in_town};
use domain::agent::{AgentEvent, AgentState, OverLimit, SaleLimits};
use domain::agent_refusal::Refused;
use domain::id::{ClerkId, PlaceId};
use domain::outlet::{CannotSell, OutletEvent, OutletState};
use flows::agents::outlets::Held;
use flows::agents::selling::{self, Today};
use flows::agents::terms::Agreed;
use flows::agents::{By, apply, decide, documents, outlets, terms};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    the_same_application_twice_is_one
    an_agent_is_approved_by_two_people_and_never_by_one_twice
    new_terms_start_the_approval_again
    an_application_without_valid_documents_is_not_agreed_to
    a_suspension_holds_from_the_next_sale_on_for_all_that_stands_below
    an_outlet_that_is_stopped_sells_nothing_until_it_is_lifted
    limits_are_the_tighter_of_agreement_and_shop
    a_credit_line_is_never_less_than_what_is_owed
    what_agents_show_is_sealed_and_every_look_is_audited
}

async fn sells(town: &Town, place: &PlaceId) -> Result<(), CannotSell> {
    let place = place.clone();
    let read = town.world.db.read(move |tx| selling::may_sell(tx, &place));
    read.await.expect("read").map(drop)
}

mod checks {
    use super::*;

    pub fn the_same_application_twice_is_one(engine: Engine) {
        in_town(engine, async |town| {
            let first = applied(town, "Sol Trading").await;
            assert_eq!(applied(town, "Sol Trading").await, first);
            assert_eq!(town.count("select count(*) from agent").await, 1);
            assert_eq!(town.count("select count(*) from agent_document").await, 2);
            assert_eq!(town.count("select count(*) from partner").await, 1, "the town's own and no other");
        });
    }

    pub fn an_agent_is_approved_by_two_people_and_never_by_one_twice(engine: Engine) {
        in_town(engine, async |town| {
            let id = applied(town, "Sol Trading").await;
            let (clerk, other) = (Desk::clerk(town, "cyd").await, Desk::clerk(town, "dan").await);
            let (ana, ben) = staff(town).await;
            let world = &town.world;
            let agree = async |desk: &Desk| {
                decide::approve(world, &desk.colleague(), &id, "")
                    .await
                    .expect("asked")
                    .map(|agent| agent.state)
            };
            assert_eq!(agree(&clerk).await, Ok(AgentState::Applied), "one is not enough");
            assert_eq!(agree(&clerk).await, Err(Refused::SamePerson));
            assert_eq!(agree(&other).await, Err(Refused::NotSupervisor));
            let (a, b) = (ana.colleague(), ben.colleague());
            let (one, two) =
                tokio::join!(decide::approve(world, &a, &id, ""), decide::approve(world, &b, &id, ""));
            let answers = [one.expect("asked"), two.expect("asked")];
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
            assert_eq!(agent(town, &id).await.state, AgentState::Approved);
            assert_eq!(town.count("select count(*) from audit where action = 'agent_approved'").await, 1);
            assert_eq!(town.count("select count(*) from agent_approval").await, 2);
        });
    }

    pub fn new_terms_start_the_approval_again(engine: Engine) {
        in_town(engine, async |town| {
            let id = applied(town, "Sol Trading").await;
            let (ana, ben) = staff(town).await;
            let world = &town.world;
            decide::approve(world, &ana.colleague(), &id, "").await.expect("asked").expect("agreed");
            let now = agent(town, &id).await;
            let mut terms = now.terms.clone();
            terms.credit_line = gbp(50_000);
            let agreed = Agreed { kind: now.kind, parent: None, terms };
            terms::set(world, &ben.colleague(), &id, agreed, "credit").await.expect("asked").expect("set");
            let second = decide::approve(world, &ben.colleague(), &id, "").await.expect("asked");
            assert_eq!(second.map(|agent| agent.state), Ok(AgentState::Applied), "the first of two again");
            let third = decide::approve(world, &ana.colleague(), &id, "").await.expect("asked");
            assert_eq!(third.map(|agent| agent.state), Ok(AgentState::Approved));
        });
    }

    pub fn an_application_without_valid_documents_is_not_agreed_to(engine: Engine) {
        in_town(engine, async |town| {
            let mut bare = application("Bare Trading");
            bare.documents.truncate(1);
            let id = apply::apply(&town.world, bare).await.expect("asked").expect("applied");
            let (ana, _) = staff(town).await;
            let agreed = decide::approve(&town.world, &ana.colleague(), &id, "").await.expect("asked");
            assert_eq!(agreed.err(), Some(Refused::DocumentMissing));
            let mut late = application("Late Trading");
            late.documents[0].valid_until = "2001-01-01".into();
            let refused = apply::apply(&town.world, late).await.expect("asked");
            assert_eq!(refused, Err(Refused::DocumentExpired));
            let mut strange = application("Strange Trading");
            strange.documents[0].file.bytes = b"<script>alert(1)</script>".to_vec();
            let refused = apply::apply(&town.world, strange).await.expect("asked");
            assert_eq!(refused, Err(Refused::DocumentUnfit));
        });
    }

    pub fn a_suspension_holds_from_the_next_sale_on_for_all_that_stands_below(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let distributor = approved(town, &staff, "Distributor One", None).await;
            let dealer = approved(town, &staff, "Dealer One", Some(&distributor)).await;
            let shop = outlet(town, &staff, &dealer, "Shop One").await;
            assert_eq!(sells(town, &shop.place).await, Ok(()));
            let clerk = Desk::clerk(town, "cyd").await;
            let change = async |desk: &Desk, id, event| {
                let changed = decide::change(&town.world, &desk.colleague(), id, event, "fraud").await;
                changed.expect("asked").map(|agent| agent.state)
            };
            let suspended = change(&clerk, &distributor.id, AgentEvent::Suspend).await;
            assert_eq!(suspended, Ok(AgentState::Suspended), "whoever sees it stops it");
            assert_eq!(sells(town, &shop.place).await, Err(CannotSell::ParentNotSelling));
            let lifted = change(&clerk, &distributor.id, AgentEvent::Lift).await;
            assert_eq!(lifted, Err(Refused::NotSupervisor));
            change(&staff.0, &distributor.id, AgentEvent::Lift).await.expect("lifted");
            assert_eq!(sells(town, &shop.place).await, Ok(()));
            change(&staff.0, &dealer.id, AgentEvent::Close).await.expect("closed");
            assert_eq!(sells(town, &shop.place).await, Err(CannotSell::AgentClosed));
            let again = change(&staff.0, &dealer.id, AgentEvent::Lift).await;
            assert_eq!(again, Err(Refused::AlreadyDecided));
        });
    }

    pub fn an_outlet_that_is_stopped_sells_nothing_until_it_is_lifted(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let dealer = approved(town, &staff, "Dealer One", None).await;
            let stranger = approved(town, &staff, "Dealer Two", None).await;
            let shop = outlet(town, &staff, &dealer, "Shop One").await;
            let world = &town.world;
            let other = By::Owner(owner(&stranger));
            let taken = outlets::change(world, &other, &shop.place, OutletEvent::Suspend, "not mine").await;
            assert_eq!(taken.expect("asked").err(), Some(Refused::Unknown), "another agent's shop");
            let own = By::Owner(owner(&dealer));
            let stopped = outlets::change(world, &own, &shop.place, OutletEvent::Suspend, "flood").await;
            assert_eq!(stopped.expect("asked").expect("stopped").state, OutletState::Suspended);
            assert_eq!(sells(town, &shop.place).await, Err(CannotSell::OutletSuspended));
            let lifted = outlets::change(world, &own, &shop.place, OutletEvent::Lift, "dry").await;
            assert_eq!(lifted.expect("asked").err(), Some(Refused::NotSupervisor));
            let staff = By::Staff(staff.0.colleague());
            outlets::change(world, &staff, &shop.place, OutletEvent::Lift, "dry")
                .await
                .expect("asked")
                .expect("lifted");
            assert_eq!(sells(town, &shop.place).await, Ok(()));
            let unknown = PlaceId::stored("plc_none");
            assert_eq!(sells(town, &unknown).await, Err(CannotSell::Unknown));
        });
    }

    pub fn limits_are_the_tighter_of_agreement_and_shop(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let dealer = approved(town, &staff, "Dealer One", None).await;
            let shop = outlet(town, &staff, &dealer, "Shop One").await;
            let mut terms = dealer.terms.clone();
            terms.limits =
                SaleLimits { per_sale: Some(gbp(5_000)), clerk_day: None, outlet_day: Some(gbp(9_000)) };
            let agreed = Agreed { kind: dealer.kind, parent: None, terms };
            let set = terms::set(&town.world, &staff.0.colleague(), &dealer.id, agreed, "limits").await;
            set.expect("asked").expect("set");
            let own = By::Owner(owner(&dealer));
            let limits =
                SaleLimits { per_sale: Some(gbp(50_000)), clerk_day: Some(gbp(4_000)), outlet_day: None };
            let held = Held { limits, low_float: Some(gbp(1_000)) };
            outlets::hold(&town.world, &own, &shop.place, held, "").await.expect("asked").expect("held");
            let (context_now, place) = (town.world.step(), shop.place.clone());
            let checked = town.world.db.read(move |tx| {
                let standing = selling::may_sell(tx, &place)?.expect("sells");
                let today = Today::of(&context_now, "Europe/London");
                let clerk = ClerkId::stored("clk_1");
                let mut of = |minor| selling::within_limits(tx, &standing, &clerk, gbp(minor), &today);
                Ok((of(4_000)?, of(4_001)?, of(5_001)?))
            });
            let found = checked.await.expect("read");
            assert_eq!(found, (Ok(()), Err(OverLimit::ClerkDay), Err(OverLimit::PerSale)));
        });
    }

    pub fn a_credit_line_is_never_less_than_what_is_owed(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let dealer = approved(town, &staff, "Dealer One", None).await;
            let shop = outlet(town, &staff, &dealer, "Shop One").await;
            let set = async |minor| {
                let mut terms = dealer.terms.clone();
                terms.credit_line = gbp(minor);
                let agreed = Agreed { kind: dealer.kind, parent: None, terms };
                let set = terms::set(&town.world, &staff.0.colleague(), &dealer.id, agreed, "credit").await;
                set.expect("asked").map(drop)
            };
            assert_eq!(set(5_000).await, Ok(()));
            moves(town, &dealer, "down", (&dealer.partner, &shop.partner), 4_000).await.expect("moved");
            assert_eq!(in_float(town, &dealer.partner).await, -4_000);
            assert_eq!(set(3_999).await, Err(Refused::CreditUsed));
            assert_eq!(set(4_000).await, Ok(()));
        });
    }

    pub fn what_agents_show_is_sealed_and_every_look_is_audited(engine: Engine) {
        in_town(engine, async |town| {
            let id = applied(town, "Sol Trading").await;
            let sealed = "select count(*) from agent_document where body_sealed like '%PDF%'";
            assert_eq!(town.count(sealed).await, 0);
            let plain = "select count(*) from agent where contact_sealed like '%sol.example%'";
            assert_eq!(town.count(plain).await, 0);
            let desk = Desk::clerk(town, "cyd").await;
            let opened =
                documents::open(&town.world, &desk.colleague(), &id, 1).await.expect("asked").expect("one");
            assert!(opened.bytes.starts_with(b"%PDF") && opened.name == "paper.pdf");
            assert_eq!(town.count("select count(*) from audit where action = 'file_opened'").await, 1);
            let (contact, _) = apply::contact_of(&town.world, &id).await.expect("asked").expect("one");
            assert_eq!(contact.email, "owner@sol.example");
        });
    }
}
