//! Sales over a counter: one key is one sale, the float pays and the till takes, nothing goes over a limit, and what does
//! not stand goes back whole.

use crate::support::network::{network_settles, plan};
use crate::support::registry::{CHINESE_NUMBER, NETWORK_NUMBER, NUMBER};
use crate::support::risk::limit;
use crate::support::shop::{Opening, Shop, gbp, open_shop, ten};
use crate::support::town::{Town, in_town};
use domain::agent::{OverLimit, SaleLimits};
use domain::counter::CounterRefusal;
use domain::id::TopUpId;
use domain::outlet::{CannotSell, OutletState};
use domain::refusal::Refusal;
use domain::risk::Limit;
use domain::tender::{Tender, TenderKind, TendersRefused};
use domain::till::Figures;
use domain::time::{DAY_MS, MINUTE_MS};
use domain::top_up::{Channel, TopUp, TopUpState};
use flows::counter::At;
use flows::counter::sale::{self, SaleOutcome};
use flows::counter::undo::{self, Undo};
use flows::request;
use serde_json::json;
use std::collections::BTreeMap;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_sale_takes_from_the_float_gives_the_credit_and_earns_in_one_posting
    a_double_press_and_a_retry_are_one_sale
    a_sale_that_was_sent_is_asked_for_and_not_repeated
    a_crowd_at_two_tills_spends_the_last_of_the_float_once
    what_is_handed_over_must_be_the_total
    no_sale_without_an_open_till_or_after_it_was_counted
    a_suspended_outlet_sells_nothing_from_the_next_sale_on
    training_sells_nothing_and_leaves_the_till_alone
    limits_of_sale_clerk_and_outlet_hold_to_the_penny_and_for_a_day
    a_number_gets_no_more_at_counters_in_a_day_than_the_operator_allows
    a_sale_is_taken_back_with_its_cash_and_its_commission
    a_large_sale_is_taken_back_with_a_supervisor_only
    what_was_used_or_is_too_old_or_was_sold_elsewhere_is_not_taken_back
    what_the_network_refuses_is_owed_to_the_buyer_in_cash
}

fn sold(outcome: &SaleOutcome) -> TopUpId {
    match outcome {
        SaleOutcome::Told { sold: Ok(made), .. } => made.id.clone(),
        other => panic!("not sold: {other:?}"),
    }
}

fn refused(outcome: SaleOutcome) -> Refusal {
    match outcome {
        SaleOutcome::Told { sold: Err(refusal), .. } => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

async fn load(town: &Town, id: &TopUpId) -> TopUp {
    let id = id.clone();
    town.read(move |tx| store::top_up::load(tx, &id)).await
}

async fn figures(town: &Town, at: &At) -> Figures {
    let shift = flows::till::current(&town.world, at).await.expect("read").expect("an open shift");
    flows::till::report(&town.world, at, &shift.id).await.expect("read").expect("a report").figures
}

async fn take_back(town: &Town, at: &At, id: &TopUpId, supervisor: Option<&At>) -> request::Sold {
    let key = town.world.ids.next(town.world.now());
    let wanted = Undo {
        key: sale::key_of(at, &key, id.as_str()),
        at: at.clone(),
        top_up: id.clone(),
        reason: "wrong number".into(),
        supervisor: supervisor.map(|at| at.clerk.clone()),
        answering: request::plainly(&town.world),
    };
    let reply = undo::undo(&town.world, wanted).await.expect("asked");
    match sale::told(&town.world, reply).expect("read") {
        SaleOutcome::Told { sold, .. } => sold,
        other => panic!("{other:?}"),
    }
}

async fn sell_a_crowd(town: &Town, shop: &Shop, sales: usize) -> BTreeMap<&'static str, usize> {
    let selling = (0..sales).map(|n| {
        let (world, at) = (town.world.clone(), [&shop.clerk, &shop.supervisor][n % 2].clone());
        tokio::spawn(async move {
            let wanted = sale::CounterSale {
                at,
                key: format!("crowd-{n}"),
                wanted: ten(NUMBER),
                tenders: vec![Tender::cash(gbp(1_000), None)],
            };
            sale::sell(&world, wanted).await.expect("asked")
        })
    });
    let mut answers = BTreeMap::new();
    for one in selling.collect::<Vec<_>>() {
        let word = match one.await.expect("told") {
            SaleOutcome::Told { sold: Ok(_), .. } => "sold",
            SaleOutcome::Told { sold: Err(refusal), .. } => refusal.code(),
            other => panic!("{other:?}"),
        };
        *answers.entry(word).or_default() += 1;
    }
    answers
}

mod checks {
    use super::*;

    pub fn a_sale_takes_from_the_float_gives_the_credit_and_earns_in_one_posting(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            let id = sold(&shop.sell(town, "one", NUMBER).await);
            let top_up = load(town, &id).await;
            assert_eq!((top_up.channel, top_up.state), (Channel::Agent, TopUpState::Credited));
            assert!(top_up.actor.starts_with("clerk:clk_"), "{}", top_up.actor);
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (99_000, 25));
            let reasons = town
                .read(move |tx| {
                    let posted = store::ledger::postings_about(tx, &[id.as_str()])?;
                    Ok(posted.into_iter().map(|p| (p.key, p.legs.len())).collect::<Vec<_>>())
                })
                .await;
            assert_eq!(reasons.len(), 1, "one posting: {reasons:?}");
            let figures = figures(town, &shop.clerk).await;
            assert_eq!(figures.taken.get(&TenderKind::Cash), Some(&(1_000, 1)));
            assert_eq!((figures.expected(), figures.sales), (gbp(6_000), 1));
            assert_eq!(figures.commission_minor, 25);
        });
    }

    pub fn a_double_press_and_a_retry_are_one_sale(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            let (one, other) = tokio::join!(shop.sell(town, "same", NUMBER), shop.sell(town, "same", NUMBER));
            let later = shop.sell(town, "same", NUMBER).await;
            assert_eq!((sold(&one), sold(&one)), (sold(&other), sold(&later)));
            assert_eq!(town.count("select count(*) from top_up").await, 1);
            assert_eq!(town.count("select count(*) from tender").await, 1);
            assert_eq!(shop.float(town).await, 99_000);
            let tenders = vec![Tender::cash(gbp(1_000), None)];
            let elsewhere = shop.sell_for(town, "same", (ten(NETWORK_NUMBER), tenders)).await;
            assert_eq!(elsewhere, SaleOutcome::KeyReused);
        });
    }

    pub fn a_sale_that_was_sent_is_asked_for_and_not_repeated(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            let never = sale::look(&town.world, &shop.clerk, "lost").await.expect("asked");
            assert_eq!(never, None, "nothing was taken");
            let id = sold(&shop.sell(town, "lost", NUMBER).await);
            let found = sale::look(&town.world, &shop.clerk, "lost").await.expect("asked").expect("it came");
            assert_eq!(self::sold(&found), id);
            assert!(matches!(found, SaleOutcome::Told { again: true, .. }));
            let others = sale::look(&town.world, &shop.supervisor, "lost").await.expect("asked");
            assert_eq!(others, None, "another device has its own keys");
        });
    }

    pub fn a_crowd_at_two_tills_spends_the_last_of_the_float_once(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { float_minor: 7_500, ..Opening::default() }).await;
            flows::till::open(&town.world, &shop.supervisor, gbp(0)).await.expect("asked").expect("opened");
            limit(town, Limit::CounterCashSales, 20).await;
            let answers = sell_a_crowd(town, &shop, 20).await;
            assert_eq!(answers, BTreeMap::from([("sold", 7), ("float_insufficient", 13)]));
            assert_eq!((shop.float(town).await, shop.earned(town).await), (500, 175));
            assert_eq!(town.count("select cast(sum(amount_minor) as bigint) from tender").await, 7_000);
            assert_eq!(town.count("select cast(sum(amount_minor) as bigint) from commission").await, 175);
        });
    }

    pub fn what_is_handed_over_must_be_the_total(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            for (key, tenders, said) in [
                ("none", vec![], TendersRefused::Nothing),
                ("less", vec![Tender::cash(gbp(999), None)], TendersRefused::NotTheTotal),
                ("short", vec![Tender::cash(gbp(1_000), Some(gbp(500)))], TendersRefused::GivenTooLittle),
            ] {
                let outcome = shop.sell_for(town, key, (ten(NUMBER), tenders)).await;
                assert_eq!(refused(outcome), Refusal::Counter(CounterRefusal::Tenders(said)), "{key}");
            }
            assert_eq!((shop.float(town).await, town.api.balance(NUMBER).await), (100_000, 0));
        });
    }

    pub fn no_sale_without_an_open_till_or_after_it_was_counted(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let early = refused(shop.sell(town, "early", NUMBER).await);
            assert_eq!(early, Refusal::Counter(CounterRefusal::ShiftNotOpen));
            flows::till::open(&town.world, &shop.clerk, gbp(2_000)).await.expect("asked").expect("opened");
            sold(&shop.sell(town, "now", NUMBER).await);
            let pieces = BTreeMap::from([(1_000, 3)]);
            flows::till::count(&town.world, &shop.clerk, pieces).await.expect("asked").expect("counted");
            let late = refused(shop.sell(town, "late", NUMBER).await);
            assert_eq!(late, Refusal::Counter(CounterRefusal::ShiftCounted));
            assert_eq!(refused(shop.sell(town, "early", NUMBER).await), early, "what was refused stays so");
            assert_eq!(shop.float(town).await, 99_000);
        });
    }

    pub fn a_suspended_outlet_sells_nothing_from_the_next_sale_on(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            sold(&shop.sell(town, "before", NUMBER).await);
            let suspended = domain::outlet::Outlet { state: OutletState::Suspended, ..shop.outlet.clone() };
            let writing =
                town.world.db.write(move |tx| store::outlet::update(tx, OutletState::Open, &suspended));
            writing.await.expect("suspended");
            let after = refused(shop.sell(town, "after", NUMBER).await);
            assert_eq!(after, Refusal::Counter(CounterRefusal::Outlet(CannotSell::OutletSuspended)));
            assert_eq!(shop.float(town).await, 99_000);
        });
    }

    pub fn training_sells_nothing_and_leaves_the_till_alone(engine: Engine) {
        in_town(engine, async |town| {
            let mut shop = open_shop(town, Opening::default()).await;
            let sale = sold(&shop.sell(town, "real", NUMBER).await);
            shop.clerk.session.training = true;
            let refusal = refused(shop.sell(town, "in training", NUMBER).await);
            assert_eq!(refusal, Refusal::Counter(CounterRefusal::Training));
            let back = take_back(town, &shop.clerk, &sale, None).await;
            assert_eq!(back, Err(Refusal::Counter(CounterRefusal::Training)));
            let counted = flows::till::count(&town.world, &shop.clerk, BTreeMap::new()).await.expect("asked");
            assert_eq!(counted, Err(flows::till::TillRefusal::Training));
            assert_eq!((shop.float(town).await, town.api.balance(NUMBER).await), (99_000, 1_000));
        });
    }

    pub fn limits_of_sale_clerk_and_outlet_hold_to_the_penny_and_for_a_day(engine: Engine) {
        in_town(engine, async |town| {
            for (limits, allowed, over) in [
                (SaleLimits { per_sale: Some(gbp(999)), ..SaleLimits::default() }, 0, OverLimit::PerSale),
                (SaleLimits { clerk_day: Some(gbp(2_000)), ..SaleLimits::default() }, 2, OverLimit::ClerkDay),
                (
                    SaleLimits { outlet_day: Some(gbp(1_999)), ..SaleLimits::default() },
                    1,
                    OverLimit::OutletDay,
                ),
            ] {
                let shop = open_shop(town, Opening { limits, ..Opening::default() }).await;
                for n in 0..allowed {
                    sold(&shop.sell(town, &format!("within-{n}"), NUMBER).await);
                }
                let refusal = refused(shop.sell(town, "over", NUMBER).await);
                assert_eq!(refusal, Refusal::Counter(CounterRefusal::OverLimit(over)));
                if allowed > 0 {
                    town.clock.pass(DAY_MS);
                    sold(&shop.sell(town, "next day", NUMBER).await);
                }
            }
        });
    }

    pub fn a_number_gets_no_more_at_counters_in_a_day_than_the_operator_allows(engine: Engine) {
        in_town(engine, async |town| {
            for (cap, over) in [
                (Limit::CounterCashPerNumber, OverLimit::NumberCash),
                (Limit::CounterPerNumber, OverLimit::NumberDay),
            ] {
                town.clock.pass(DAY_MS);
                limit(town, cap, 25).await;
                // Two shops of two agents, and many at once: the cap is the number's.
                let (shop, other) =
                    (open_shop(town, Opening::default()).await, open_shop(town, Opening::default()).await);
                sold(&other.sell(town, "elsewhere", NUMBER).await);
                flows::till::open(&town.world, &shop.supervisor, gbp(0))
                    .await
                    .expect("asked")
                    .expect("opened");
                let answers = sell_a_crowd(town, &shop, 8).await;
                let refusal = CounterRefusal::OverLimit(over).code();
                assert_eq!(answers, BTreeMap::from([("sold", 1), (refusal, 7)]), "{cap}");
                sold(&shop.sell(town, "another number", CHINESE_NUMBER).await);
                let told = "select count(*) from outbox where topic = 'cap_reached' and state = 'dead'";
                let told = town.count(told).await;
                assert!(told >= 1, "people are told: {told}");
                limit(town, cap, cap.default_value()).await;
            }
        });
    }

    pub fn a_sale_is_taken_back_with_its_cash_and_its_commission(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            let id = sold(&shop.sell(town, "one", NUMBER).await);
            assert_eq!(take_back(town, &shop.clerk, &id, None).await.map(|made| made.id), Ok(id.clone()));
            assert_eq!(load(town, &id).await.state, TopUpState::Reversed);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (100_000, 0));
            assert_eq!(town.api.balance(NUMBER).await, 0);
            let figures = figures(town, &shop.clerk).await;
            assert_eq!(
                (figures.expected(), figures.total(), figures.commission_minor),
                (gbp(5_000), gbp(0), 0)
            );
            let again = take_back(town, &shop.clerk, &id, None).await;
            assert_eq!(again, Err(Refusal::OrderClosed), "once");
            assert_eq!(shop.float(town).await, 100_000);
        });
    }

    pub fn a_large_sale_is_taken_back_with_a_supervisor_only(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::CounterUndo, 5).await;
            let shop = open_shop(town, Opening::default()).await;
            let id = sold(&shop.sell(town, "one", NUMBER).await);
            let alone = take_back(town, &shop.clerk, &id, None).await;
            assert_eq!(alone, Err(Refusal::Counter(CounterRefusal::SupervisorNeeded)));
            let with_another = take_back(town, &shop.clerk, &id, Some(&shop.clerk)).await;
            assert_eq!(with_another, Err(Refusal::Counter(CounterRefusal::SupervisorNeeded)));
            let taken = take_back(town, &shop.clerk, &id, Some(&shop.supervisor)).await;
            assert_eq!(taken.map(|made| made.id), Ok(id));
        });
    }

    pub fn what_was_used_or_is_too_old_or_was_sold_elsewhere_is_not_taken_back(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            let used = sold(&shop.sell(town, "used", NUMBER).await);
            let body = json!({ "id": "u1", "unit": "GBP", "amount": 1, "at": town.world.now().rfc3339() });
            let use_some = town.api.post(&format!("/v1/lines/{NUMBER}/usage"), Some("u1"), &body).await;
            assert_eq!(use_some.status, 201, "{}", use_some.text);
            let refusal = take_back(town, &shop.clerk, &used, None).await;
            assert!(matches!(refusal, Err(Refusal::CreditSpent { .. })), "{refusal:?}");
            let other = open_shop(town, Opening::default()).await;
            let elsewhere = take_back(town, &other.clerk, &used, None).await;
            assert_eq!(elsewhere, Err(Refusal::Counter(CounterRefusal::ElsewhereSold)));
            let old = sold(&other.sell(town, "old", NUMBER).await);
            town.clock.pass(31 * MINUTE_MS);
            assert_eq!(take_back(town, &other.clerk, &old, None).await, Err(Refusal::TooLateToReverse));
            assert_eq!(other.float(town).await, 99_000);
        });
    }

    pub fn what_the_network_refuses_is_owed_to_the_buyer_in_cash(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening::default()).await;
            plan(town, NETWORK_NUMBER, "stays_in_progress").await;
            let id = sold(&shop.sell(town, "one", NETWORK_NUMBER).await);
            assert_eq!(load(town, &id).await.state, TopUpState::Paid);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (99_000, 25));
            town.work().await;
            network_settles(town, "refused").await;
            town.pass(MINUTE_MS).await;
            assert_eq!(load(town, &id).await.state, TopUpState::Refunded);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (100_000, 0));
            let owed = flows::till::owed(&town.world, &shop.clerk).await.expect("read");
            assert_eq!(owed.iter().map(|o| (&o.top_up, o.amount)).collect::<Vec<_>>(), [(&id, gbp(1_000))]);
            assert_eq!(
                figures(town, &shop.clerk).await.expected(),
                gbp(6_000),
                "it is in the till until then"
            );
            let given = flows::till::give_back(&town.world, &shop.clerk, &id).await.expect("asked");
            assert_eq!(given, Ok(gbp(1_000)));
            let twice = flows::till::give_back(&town.world, &shop.clerk, &id).await.expect("asked");
            assert_eq!(twice, Err(flows::till::TillRefusal::NothingOwed));
            assert_eq!(figures(town, &shop.clerk).await.expected(), gbp(5_000));
        });
    }
}
