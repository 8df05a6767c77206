//! Float of agents: filled by a transfer that is taken once, moved down and up and never sideways, and what sales at
//! outlets earn. Every journey ends with the ledger recomputed.

use crate::support::agents::{approved, fill, gbp, in_float, moves, outlet, owner, staff, transfer};
use crate::support::desk::Desk;
use crate::support::risk::limit;
use crate::support::town::{Town, in_town};
use domain::actor::Actor;
use domain::agent_refusal::Refused;
use domain::commission::{CommissionPlan, ProductClass, Rule, Tier};
use domain::float_request::FloatRequestState;
use domain::id::{ClerkId, LineId, PartnerId, TopUpId};
use domain::ledger::{AccountId, AccountKind, Posting, PostingKey, Purpose, Reason, Transfer, agents, book};
use domain::outlet::{Outlet, OutletEvent};
use domain::risk::Limit;
use domain::time::DAY_MS;
use domain::unit::Unit;
use flows::agents::commission::{self, Booked};
use flows::agents::outlets::Held;
use flows::agents::selling::Today;
use flows::agents::terms::Agreed;
use flows::agents::{By, Owner, decide, float, low, outlets, payout, statement, terms};
use store::commission::Commission;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    float_goes_down_and_up_and_never_sideways
    the_same_move_twice_moves_once
    two_who_move_the_last_unit_move_it_once
    a_large_move_waits_for_somebody_else
    a_transfer_is_taken_once_whoever_states_it
    much_money_from_outside_needs_two_who_did_not_ask
    a_transfer_that_was_booked_by_hand_does_not_fill_again
    what_leaves_a_float_in_a_day_is_limited
    a_suspended_agent_gives_nothing_down
    sales_earn_by_the_tier_that_the_month_has_reached_and_a_reversal_takes_it_back
    an_owner_is_warned_once_of_a_low_float
}

/// As the hot path will do it: price aside, what one sale at an outlet posts and writes.
async fn sell(town: &Town, shop: &Outlet, id: &str, minor: i64) -> i64 {
    let (context, shop, id) = (town.world.step(), shop.clone(), TopUpId::stored(id));
    let sold = town.world.db.write(move |tx| {
        let today = Today::of(&context, "Europe/London");
        let earned = commission::of_sale(tx, &shop.partner, ProductClass::Credit, gbp(minor), &today)?;
        let earned = earned.expect("an outlet earns");
        let from = book::float(&shop.partner, gbp(0));
        let to = AccountId::new(AccountKind::Bank, book::OPERATOR, Unit::Money(gbp(0).currency));
        let transfers = vec![Transfer::posted(from, to, minor, Reason::Sale)];
        let key = PostingKey::new(id.as_str(), Purpose::Sale);
        let posting = Posting::new(key, Actor::System, transfers);
        let posting = agents::with_commission(posting, &shop.market, &shop.partner, earned.amount);
        let outcome = store::ledger::record(tx, "town", context.now, &[posting])?;
        assert!(outcome.iter().all(domain::ledger::Outcome::stands), "{outcome:?}");
        let clerk = ClerkId::stored("clk_1");
        let (line, cash) = (LineId::stored("line_1"), gbp(minor));
        let clerk = Some(&clerk);
        let sale = Booked { top_up: &id, earned: &earned, clerk, line: &line, cash, at: context.now };
        commission::book(tx, &[sale])?;
        Ok(earned.amount.minor)
    });
    sold.await.expect("sold")
}

async fn lines_up(town: &Town) -> ((Desk, Desk), [domain::agent::Agent; 3], [Outlet; 2]) {
    let staff = staff(town).await;
    let distributor = approved(town, &staff, "Distributor One", None).await;
    let one = approved(town, &staff, "Dealer One", Some(&distributor)).await;
    let two = approved(town, &staff, "Dealer Two", Some(&distributor)).await;
    let shops = [outlet(town, &staff, &one, "Shop One").await, outlet(town, &staff, &two, "Shop Two").await];
    fill(town, &staff, &distributor, 50_000).await;
    (staff, [distributor, one, two], shops)
}

/// A sale that earned thirty is taken back, and taken back again.
async fn takes_back_twice(town: &Town, partner: &PartnerId) -> (Option<i64>, Option<Commission>) {
    let (context, partner) = (town.world.step(), partner.clone());
    let taken = town.world.db.write(move |tx| {
        let today = Today::of(&context, "Europe/London");
        let clerk = ClerkId::stored("clk_1");
        let id = TopUpId::stored("tu_3");
        let first = commission::take_back(tx, &id, Some(&clerk), &today, context.now)?;
        let (cost, due) =
            (agents::commission_expense("GB", gbp(30)), agents::commission_due(&partner, gbp(30)));
        let back = vec![Transfer::posted(due, cost, 30, Reason::Commission)];
        let key = PostingKey::new("tu_3 back", Purpose::FloatMove);
        store::ledger::record(tx, "town", context.now, &[Posting::new(key, Actor::System, back)])?;
        let second = commission::take_back(tx, &id, Some(&clerk), &today, context.now)?;
        Ok((first.map(|back| back.amount.minor), second))
    });
    taken.await.expect("written")
}

mod checks {
    use super::*;

    pub fn float_goes_down_and_up_and_never_sideways(engine: Engine) {
        in_town(engine, async |town| {
            let (_, [top, one, two], [shop, other]) = lines_up(town).await;
            moves(town, &top, "a", (&top.partner, &one.partner), 20_000).await.expect("down");
            moves(town, &one, "b", (&one.partner, &shop.partner), 15_000).await.expect("down");
            let sideways: [(&domain::agent::Agent, &PartnerId, &PartnerId); 6] = [
                (&one, &one.partner, &two.partner),
                (&one, &shop.partner, &other.partner),
                (&one, &one.partner, &other.partner),
                (&top, &top.partner, &shop.partner),
                (&one, &shop.partner, &top.partner),
                (&one, &shop.partner, &shop.partner),
            ];
            for (n, (by, from, to)) in sideways.into_iter().enumerate() {
                let moved = moves(town, by, &format!("side{n}"), (from, to), 1).await;
                assert_eq!(moved.err(), Some(Refused::NotInLine), "{n}");
            }
            let grabbed = moves(town, &top, "grab", (&one.partner, &top.partner), 1).await;
            assert_eq!(grabbed.err(), Some(Refused::NotInLine), "nobody takes from another's float");
            let given = moves(town, &two, "gift", (&top.partner, &two.partner), 1).await;
            assert_eq!(given.err(), Some(Refused::NotInLine));
            moves(town, &one, "c", (&shop.partner, &one.partner), 5_000).await.expect("up");
            moves(town, &one, "d", (&one.partner, &top.partner), 10_000).await.expect("up");
            let short = moves(town, &one, "e", (&one.partner, &top.partner), 1).await;
            assert_eq!(short.err(), Some(Refused::FloatShort));
            let left = [
                in_float(town, &top.partner).await,
                in_float(town, &one.partner).await,
                in_float(town, &shop.partner).await,
            ];
            assert_eq!(left, [40_000, 0, 10_000]);
        });
    }

    pub fn the_same_move_twice_moves_once(engine: Engine) {
        in_town(engine, async |town| {
            let (_, [top, one, _], _) = lines_up(town).await;
            let pair = (&top.partner, &one.partner);
            let same = || moves(town, &top, "same", pair, 700);
            let at_once = tokio::join!(same(), same(), same(), same());
            let first = at_once.0.expect("moved");
            for moved in [at_once.1, at_once.2, at_once.3, same().await] {
                assert_eq!(moved.as_ref(), Ok(&first));
            }
            assert_eq!(in_float(town, &one.partner).await, 700);
            let other = moves(town, &top, "same", pair, 701).await;
            assert_eq!(other.err(), Some(Refused::KeyReused));
            let short = moves(town, &top, "much", pair, 90_000).await;
            assert_eq!(short.err(), Some(Refused::FloatShort));
            let again = moves(town, &top, "much", pair, 90_000).await;
            assert_eq!(again.err(), Some(Refused::FloatShort), "the same form has the same outcome");
        });
    }

    pub fn two_who_move_the_last_unit_move_it_once(engine: Engine) {
        in_town(engine, async |town| {
            let (_, [top, one, two], _) = lines_up(town).await;
            let last = async |n: usize| {
                let to = if n.is_multiple_of(2) { &one.partner } else { &two.partner };
                moves(town, &top, &format!("last{n}"), (&top.partner, to), 30_000).await
            };
            let (a, b, c, d, e) = tokio::join!(last(0), last(1), last(2), last(3), last(4));
            let moved = [a, b, c, d, e];
            assert_eq!(moved.iter().filter(|moved| moved.is_ok()).count(), 1, "{moved:?}");
            let short = moved.iter().filter(|moved| **moved == Err(Refused::FloatShort)).count();
            assert_eq!(short, 4);
            assert_eq!(in_float(town, &top.partner).await, 20_000);
        });
    }

    pub fn a_large_move_waits_for_somebody_else(engine: Engine) {
        in_town(engine, async |town| {
            let (staff, [top, one, _], _) = lines_up(town).await;
            limit(town, Limit::FloatAlone, 100).await;
            let asked =
                moves(town, &top, "large", (&top.partner, &one.partner), 10_001).await.expect("asked");
            assert_eq!(asked.state, FloatRequestState::Asked);
            assert_eq!(in_float(town, &one.partner).await, 0, "nothing moved yet");
            let agree = async |by: By| {
                float::agree(&town.world, &by, &asked.id, "")
                    .await
                    .expect("asked")
                    .map(|request| request.state)
            };
            assert_eq!(agree(By::Owner(owner(&top))).await, Err(Refused::SamePerson));
            let clerk = Desk::clerk(town, "cyd").await;
            assert_eq!(agree(By::Staff(clerk.colleague())).await, Err(Refused::NotSupervisor));
            assert_eq!(
                agree(By::Owner(owner(&one))).await,
                Err(Refused::Unknown),
                "whoever gets it has no word"
            );
            let partner = Owner { person: "clerk:clk_other".into(), ..owner(&top) };
            assert_eq!(agree(By::Owner(partner)).await, Ok(FloatRequestState::Done));
            assert_eq!(agree(By::Staff(staff.0.colleague())).await, Err(Refused::AlreadyDecided));
            assert_eq!(in_float(town, &one.partner).await, 10_001);
        });
    }

    pub fn a_transfer_is_taken_once_whoever_states_it(engine: Engine) {
        in_town(engine, async |town| {
            let (staff, [top, one, _], _) = lines_up(town).await;
            let first = transfer(town, &top, "t1", "RF18 5390 0754", 9_000).await.expect("stated");
            let again = transfer(town, &top, "t1", "RF18 5390 0754", 9_000).await.expect("the same form");
            assert_eq!(again.id, first.id);
            for (by, word, reference) in [(&top, "t2", "rf18-5390-0754"), (&one, "t3", "RF1853900754")] {
                let refused = transfer(town, by, word, reference, 9_000).await;
                assert_eq!(refused.err(), Some(Refused::ReferenceUsed), "{word}");
            }
            let (a, b) = (By::Staff(staff.0.colleague()), By::Staff(staff.1.colleague()));
            let world = &town.world;
            let (x, y) =
                tokio::join!(float::agree(world, &a, &first.id, ""), float::agree(world, &b, &first.id, ""));
            let answers = [x.expect("asked"), y.expect("asked")];
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
            assert_eq!(in_float(town, &top.partner).await, 59_000);
            let later = transfer(town, &one, "t4", "RF1853900754", 9_000).await;
            assert_eq!(later.err(), Some(Refused::ReferenceUsed));
            let wrong = transfer(town, &one, "t5", "XX 1111", 500).await.expect("stated");
            float::decline(world, &a, &wrong.id, "not on the statement")
                .await
                .expect("asked")
                .expect("declined");
            transfer(town, &one, "t6", "XX 1111", 500).await.expect("what was declined can be stated again");
        });
    }

    pub fn much_money_from_outside_needs_two_who_did_not_ask(engine: Engine) {
        in_town(engine, async |town| {
            let (staff, [top, ..], _) = lines_up(town).await;
            let request = transfer(town, &top, "much", "MUCH 0001", 200_000).await.expect("stated");
            let agree = async |desk: &Desk| {
                let by = By::Staff(desk.colleague());
                float::agree(&town.world, &by, &request.id, "")
                    .await
                    .expect("asked")
                    .map(|request| request.state)
            };
            assert_eq!(agree(&staff.0).await, Ok(FloatRequestState::AgreedOnce));
            assert_eq!(agree(&staff.0).await, Err(Refused::SamePerson));
            assert_eq!(in_float(town, &top.partner).await, 50_000, "one is not enough");
            assert_eq!(agree(&staff.1).await, Ok(FloatRequestState::Done));
            assert_eq!(in_float(town, &top.partner).await, 250_000);
        });
    }

    pub fn a_transfer_that_was_booked_by_hand_does_not_fill_again(engine: Engine) {
        in_town(engine, async |town| {
            let (staff, [top, ..], _) = lines_up(town).await;
            let booked = flows::partners::deposit(&town.world, &top.partner, "hand-0001 ", gbp(3_000)).await;
            assert!(booked.expect("booked").stands());
            let request = transfer(town, &top, "hand", "HAND 0001", 3_000).await.expect("stated");
            let by = By::Staff(staff.0.colleague());
            let agreed = float::agree(&town.world, &by, &request.id, "").await.expect("asked");
            assert_eq!(agreed.err(), Some(Refused::ReferenceUsed));
            assert_eq!(in_float(town, &top.partner).await, 53_000);
        });
    }

    pub fn what_leaves_a_float_in_a_day_is_limited(engine: Engine) {
        in_town(engine, async |town| {
            let (_, [top, one, _], _) = lines_up(town).await;
            limit(town, Limit::FloatMovedPerDay, 100).await;
            let pair = (&top.partner, &one.partner);
            moves(town, &top, "x", pair, 6_000).await.expect("moved");
            assert_eq!(moves(town, &top, "y", pair, 4_001).await.err(), Some(Refused::OverDay));
            moves(town, &top, "z", pair, 4_000).await.expect("moved");
        });
    }

    pub fn a_suspended_agent_gives_nothing_down(engine: Engine) {
        in_town(engine, async |town| {
            let (staff, [top, one, _], [shop, _]) = lines_up(town).await;
            moves(town, &top, "a", (&top.partner, &one.partner), 2_000).await.expect("down");
            moves(town, &one, "b", (&one.partner, &shop.partner), 1_000).await.expect("down");
            let by = By::Staff(staff.0.colleague());
            let stop = outlets::change(&town.world, &by, &shop.place, OutletEvent::Suspend, "fraud").await;
            stop.expect("asked").expect("stopped");
            let down = moves(town, &one, "c", (&one.partner, &shop.partner), 1).await;
            assert_eq!(down.err(), Some(Refused::NotActive));
            moves(town, &one, "d", (&shop.partner, &one.partner), 1_000).await.expect("up is allowed");
            let colleague = staff.0.colleague();
            let stop =
                decide::change(&town.world, &colleague, &one.id, domain::agent::AgentEvent::Suspend, "fraud");
            stop.await.expect("asked").expect("stopped");
            let down = moves(town, &top, "e", (&top.partner, &one.partner), 1).await;
            assert_eq!(down.err(), Some(Refused::NotActive));
        });
    }

    pub fn sales_earn_by_the_tier_that_the_month_has_reached_and_a_reversal_takes_it_back(engine: Engine) {
        in_town(engine, async |town| {
            let (staff, [top, one, _], [shop, _]) = lines_up(town).await;
            let tiers =
                [(0, 200), (10_000, 300)].map(|(from_minor, basis_points)| Tier { from_minor, basis_points });
            let rules = vec![Rule { class: ProductClass::Credit, tiers: tiers.to_vec() }];
            let plan = CommissionPlan { id: "standard".into(), version: 9, currency: gbp(0).currency, rules };
            let colleague = staff.0.colleague();
            let set =
                terms::set_plan(&town.world, &colleague, plan, "first").await.expect("asked").expect("set");
            assert_eq!(set.version, 1);
            let agreed = |plan: &str| Agreed {
                kind: one.kind,
                parent: one.parent.clone(),
                terms: domain::agent::Terms { plan: Some(plan.into()), ..one.terms.clone() },
            };
            let unknown = terms::set(&town.world, &colleague, &one.id, agreed("none"), "plan").await;
            assert_eq!(unknown.expect("asked").err(), Some(Refused::PlanUnknown));
            terms::set(&town.world, &colleague, &one.id, agreed("standard"), "plan")
                .await
                .expect("asked")
                .expect("set");
            moves(town, &top, "a", (&top.partner, &one.partner), 40_000).await.expect("down");
            moves(town, &one, "b", (&one.partner, &shop.partner), 40_000).await.expect("down");
            assert_eq!(sell(town, &shop, "tu_1", 6_025).await, 121, "2 % of 60.25 is 1.205");
            assert_eq!(sell(town, &shop, "tu_2", 6_000).await, 120, "the tier is that of before the sale");
            assert_eq!(sell(town, &shop, "tu_3", 1_000).await, 30);
            assert_eq!(takes_back_twice(town, &shop.partner).await, (Some(-30), None));
            let month = Today::of(&town.world.step(), "Europe/London").month;
            let part =
                statement::read(&town.world, &one.id, &month, "", 50).await.expect("read").expect("one");
            let totals = part.totals;
            assert_eq!((totals.sales, totals.value.minor, totals.commission.minor), (2, 12_025, 241));
            assert_eq!(part.entries.len(), 4);
            let paid: Vec<i64> = part.entries.iter().map(|entry| entry.float.minor).collect();
            assert_eq!(paid, [-6_025, -6_000, -1_000, 0], "this journey returns no float");
            assert_eq!(part.entries[0].rule, "standard v1 credit from 0: 200");
            assert_eq!(part.entries[2].rule, "standard v1 credit from 10000: 300");
            let short =
                statement::read(&town.world, &one.id, &month, "", 3).await.expect("read").expect("one");
            assert_eq!(
                (short.entries.len(), short.next),
                (2, Some("tu_2".into())),
                "one sale is not cut in two"
            );
            let pay =
                async || payout::pay(&town.world, &colleague, &one.id, &month, "month").await.expect("asked");
            assert_eq!(pay().await.err(), Some(Refused::MonthNotOver));
            town.clock.pass(32 * DAY_MS);
            limit(town, Limit::FloatAlone, 1).await;
            let asked = pay().await.expect("asked for");
            assert_eq!(
                (asked.amount, asked.state),
                (gbp(241), FloatRequestState::Asked),
                "2.41 is above 1.00"
            );
            assert_eq!(pay().await.err(), Some(Refused::CommissionPaid), "one request for a month");
            let agree = async |desk: &Desk| {
                let by = By::Staff(desk.colleague());
                float::agree(&town.world, &by, &asked.id, "").await.expect("asked").map(|done| done.state)
            };
            assert_eq!(agree(&staff.0).await, Err(Refused::SamePerson));
            assert_eq!(agree(&staff.1).await, Ok(FloatRequestState::Done));
            assert_eq!(pay().await.err(), Some(Refused::CommissionPaid));
            assert_eq!(in_float(town, &shop.partner).await, 40_000 - 13_025 + 241);
        });
    }

    pub fn an_owner_is_warned_once_of_a_low_float(engine: Engine) {
        in_town(engine, async |town| {
            let (_, [top, one, _], [shop, _]) = lines_up(town).await;
            moves(town, &top, "a", (&top.partner, &one.partner), 5_000).await.expect("down");
            moves(town, &one, "b", (&one.partner, &shop.partner), 2_000).await.expect("down");
            let held = Held { limits: Default::default(), low_float: Some(gbp(1_000)) };
            let own = By::Owner(owner(&one));
            outlets::hold(&town.world, &own, &shop.place, held, "").await.expect("asked").expect("held");
            let warned = async || {
                low::sweep(&town.world).await.expect("swept");
                town.work().await;
                town.outside.inbox("owner@sol.example").await.len()
            };
            assert_eq!(warned().await, 0);
            moves(town, &one, "c", (&shop.partner, &one.partner), 1_500).await.expect("up");
            assert_eq!(warned().await, 1);
            assert_eq!(warned().await, 1, "once");
            moves(town, &one, "d", (&one.partner, &shop.partner), 1_500).await.expect("down");
            assert_eq!(warned().await, 1);
            moves(town, &one, "e", (&shop.partner, &one.partner), 1_500).await.expect("up");
            assert_eq!(warned().await, 2, "it was filled meanwhile");
        });
    }
}
