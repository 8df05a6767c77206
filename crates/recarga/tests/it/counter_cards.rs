//! Cards at a counter: what a card has paid is sold once, cash beside it comes from the float, nothing is charged twice
//! whatever becomes of an answer, and what does not stand goes back to the card and in cash.

use crate::support::network::{network_settles, plan};
use crate::support::registry::{NETWORK_NUMBER, NUMBER};
use crate::support::shop::{Opening, Shop, gbp, open_shop, ten};
use crate::support::town::{Town, in_town};
use domain::counter::CounterRefusal;
use domain::id::TopUpId;
use domain::refusal::Refusal;
use domain::tender::{Tender, TenderKind};
use domain::till::Figures;
use domain::time::MINUTE_MS;
use domain::top_up::{TopUp, TopUpState};
use flows::counter::card::{self, OnReader};
use flows::counter::sale::{self, SaleOutcome};
use flows::counter::undo::{self, Undo};
use flows::request;
use flows::till::{self, TillRefusal};
use serde_json::json;
use std::collections::BTreeMap;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_card_pays_a_sale_that_earns_and_touches_no_float
    a_card_and_cash_pay_one_sale_and_the_float_pays_the_cash
    a_declined_card_sells_nothing_and_the_cash_beside_it_is_free_again
    a_lost_answer_of_the_reader_is_asked_for_and_never_charged_again
    the_same_press_twice_asks_for_one_card
    a_card_that_is_called_off_in_the_moment_that_it_pays_ends_one_way
    a_sale_by_card_and_cash_is_taken_back_to_the_card_and_in_cash
    what_the_network_refuses_goes_back_to_the_card_and_in_cash
    a_till_is_not_counted_while_a_card_is_asked_for
    a_card_that_pays_after_its_shift_was_closed_is_in_the_next_one
    without_a_reader_or_float_for_the_cash_nothing_begins
    a_reader_is_set_by_its_owner_when_the_provider_knows_it
}

const PAYS: &str = "4242424242424242";
const DECLINES: &str = "4000000000009995";

async fn shop_with_reader(town: &Town) -> (Shop, String) {
    let mut shop = open_shop(town, Opening::default()).await;
    let reader = town.outside.reader().await;
    shop.clerk.device.reader = Some(reader.clone());
    (shop, reader)
}

fn by_card() -> Vec<Tender> {
    vec![Tender::card(gbp(1_000))]
}

fn split() -> Vec<Tender> {
    vec![Tender::cash(gbp(300), None), Tender::card(gbp(700))]
}

fn sold(outcome: &SaleOutcome) -> TopUpId {
    match outcome {
        SaleOutcome::Told { sold: Ok(made), .. } => made.id.clone(),
        other => panic!("not begun: {other:?}"),
    }
}

async fn load(town: &Town, id: &TopUpId) -> TopUp {
    let id = id.clone();
    town.read(move |tx| store::top_up::load(tx, &id)).await
}

/// Looks at the reader like the clerk's page, does what is due, and says how the sale stands.
async fn stands(town: &Town, id: &TopUpId) -> TopUpState {
    card::watch(&town.world, &load(town, id).await).await.expect("asked");
    town.work().await;
    load(town, id).await.state
}

async fn figures(town: &Town, shop: &Shop) -> Figures {
    let shift = till::current(&town.world, &shop.clerk).await.expect("read").expect("an open shift");
    till::report(&town.world, &shop.clerk, &shift.id).await.expect("read").expect("a report").figures
}

async fn insert(town: &Town, reader: &str, number: &str) {
    town.outside.at_reader(reader, json!({ "do": "insert", "card": number })).await;
}

async fn take_back(town: &Town, shop: &Shop, id: &TopUpId) -> request::Sold {
    let key = town.world.ids.next(town.world.now());
    let wanted = Undo {
        key: sale::key_of(&shop.clerk, &key, id.as_str()),
        at: shop.clerk.clone(),
        top_up: id.clone(),
        reason: "wrong number".into(),
        supervisor: None,
        answering: request::plainly(&town.world),
    };
    match sale::told(&town.world, undo::undo(&town.world, wanted).await.expect("asked")).expect("read") {
        SaleOutcome::Told { sold, .. } => sold,
        other => panic!("{other:?}"),
    }
}

async fn charged(town: &Town) -> i64 {
    let books = town.outside.books().await;
    let of = |field: &str| books["by_currency"]["gbp"][field].as_i64().unwrap_or(0);
    of("captured_minor") - of("refunded_minor")
}

fn taken(figures: &Figures, kind: TenderKind) -> (i64, i64) {
    figures.taken.get(&kind).copied().unwrap_or_default()
}

mod checks {
    use super::*;

    pub fn a_card_pays_a_sale_that_earns_and_touches_no_float(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            let id = sold(&shop.sell_for(town, "one", (ten(NUMBER), by_card())).await);
            let asked = card::watch(&town.world, &load(town, &id).await).await.expect("asked").expect("open");
            assert_eq!((asked.amount, asked.on_reader), (gbp(1_000), OnReader::UnderWay));
            assert_eq!(figures(town, &shop).await.sales, 0, "nothing is taken before the card has paid");
            assert_eq!((town.api.balance(NUMBER).await, shop.earned(town).await), (0, 0));
            insert(town, &reader, PAYS).await;
            assert_eq!(stands(town, &id).await, TopUpState::Credited);
            assert_eq!((town.api.balance(NUMBER).await, charged(town).await), (1_000, 1_000));
            assert_eq!((shop.float(town).await, shop.earned(town).await), (100_000, 25));
            let figures = figures(town, &shop).await;
            assert_eq!((figures.sales, figures.expected(), figures.total()), (1, gbp(5_000), gbp(1_000)));
            assert_eq!((taken(&figures, TenderKind::Card), figures.commission_minor), ((1_000, 1), 25));
        });
    }

    pub fn a_card_and_cash_pay_one_sale_and_the_float_pays_the_cash(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            let id = sold(&shop.sell_for(town, "one", (ten(NUMBER), split())).await);
            assert_eq!(shop.float(town).await, 99_700, "set aside while the card is asked for");
            crate::support::books::ledger_is_true(&town.world.db).await;
            insert(town, &reader, PAYS).await;
            assert_eq!(stands(town, &id).await, TopUpState::Credited);
            assert_eq!((town.api.balance(NUMBER).await, charged(town).await), (1_000, 700));
            assert_eq!((shop.float(town).await, shop.earned(town).await), (99_700, 25));
            let figures = figures(town, &shop).await;
            assert_eq!((figures.sales, figures.expected(), figures.total()), (1, gbp(5_300), gbp(1_000)));
            assert_eq!(taken(&figures, TenderKind::Cash), (300, 1));
        });
    }

    pub fn a_declined_card_sells_nothing_and_the_cash_beside_it_is_free_again(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            let id = sold(&shop.sell_for(town, "one", (ten(NUMBER), split())).await);
            insert(town, &reader, DECLINES).await;
            assert_eq!(stands(town, &id).await, TopUpState::Cancelled);
            assert_eq!((shop.float(town).await, charged(town).await), (100_000, 0));
            assert_eq!(
                figures(town, &shop).await,
                Figures { start_minor: 5_000, ..Figures::empty(gbp(0).currency) }
            );
            let owed = till::owed(&town.world, &shop.clerk).await.expect("read");
            assert_eq!(owed, [], "the till never took that cash");
            // The reader is free, and another means of payment is another sale.
            let next = sold(&shop.sell(town, "two", NUMBER).await);
            assert_eq!(load(town, &next).await.state, TopUpState::Credited);
            let third = sold(&shop.sell_for(town, "three", (ten(NUMBER), by_card())).await);
            insert(town, &reader, PAYS).await;
            assert_eq!(stands(town, &third).await, TopUpState::Credited);
        });
    }

    pub fn a_lost_answer_of_the_reader_is_asked_for_and_never_charged_again(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            let process = "POST /v1/terminal/readers/{id}/process_payment_intent";
            for (n, fault) in ["timeout_after", "timeout_before", "error_500_after"].into_iter().enumerate() {
                town.outside.fault(process, fault, 1).await;
                let key = format!("lost-{n}");
                let id = sold(&shop.sell_for(town, &key, (ten(NUMBER), by_card())).await);
                town.pass(MINUTE_MS).await;
                let again = shop.sell_for(town, &key, (ten(NUMBER), by_card())).await;
                assert_eq!(sold(&again), id, "the same sale");
                insert(town, &reader, PAYS).await;
                assert_eq!(stands(town, &id).await, TopUpState::Credited, "{fault}");
            }
            assert_eq!((charged(town).await, town.api.balance(NUMBER).await), (3_000, 3_000));
        });
    }

    pub fn the_same_press_twice_asks_for_one_card(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            let one = shop.sell_for(town, "same", (ten(NUMBER), by_card())).await;
            let other = shop.sell_for(town, "same", (ten(NUMBER), by_card())).await;
            assert_eq!(sold(&one), sold(&other));
            let second = shop.sell_for(town, "second", (ten(NUMBER), by_card())).await;
            let SaleOutcome::Told { sold: Err(refusal), .. } = second else { panic!("{second:?}") };
            assert_eq!(refusal, Refusal::Counter(CounterRefusal::ReaderBusy));
            insert(town, &reader, PAYS).await;
            assert_eq!(stands(town, &sold(&one)).await, TopUpState::Credited);
            assert_eq!(charged(town).await, 1_000);
        });
    }

    pub fn a_card_that_is_called_off_in_the_moment_that_it_pays_ends_one_way(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            let id = sold(&shop.sell_for(town, "one", (ten(NUMBER), split())).await);
            insert(town, &reader, PAYS).await;
            card::call_off(&town.world, &id).await.expect("asked");
            town.work().await;
            assert_eq!(stands(town, &id).await, TopUpState::Credited, "the provider's word decides");
            let id = sold(&shop.sell_for(town, "two", (ten(NUMBER), split())).await);
            card::call_off(&town.world, &id).await.expect("asked");
            town.work().await;
            assert_eq!(stands(town, &id).await, TopUpState::Cancelled);
            assert_eq!((charged(town).await, shop.float(town).await), (700, 99_700));
        });
    }

    pub fn a_sale_by_card_and_cash_is_taken_back_to_the_card_and_in_cash(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            let id = sold(&shop.sell_for(town, "one", (ten(NUMBER), split())).await);
            insert(town, &reader, PAYS).await;
            assert_eq!(stands(town, &id).await, TopUpState::Credited);
            assert_eq!(take_back(town, &shop, &id).await.map(|made| made.id), Ok(id.clone()));
            town.pass(MINUTE_MS).await;
            assert_eq!(load(town, &id).await.state, TopUpState::Reversed);
            assert_eq!((town.api.balance(NUMBER).await, charged(town).await), (0, 0));
            assert_eq!((shop.float(town).await, shop.earned(town).await), (100_000, 0));
            let owed = till::owed(&town.world, &shop.clerk).await.expect("read");
            assert_eq!(
                owed.iter().map(|o| o.amount).collect::<Vec<_>>(),
                [gbp(300)],
                "in cash, by the clerk"
            );
            let given = till::give_back(&town.world, &shop.clerk, &id).await.expect("asked");
            assert_eq!(given, Ok(gbp(300)));
            let figures = figures(town, &shop).await;
            assert_eq!((figures.total(), figures.expected()), (gbp(0), gbp(5_000)));
            assert_eq!(
                figures.returned,
                BTreeMap::from([(TenderKind::Cash, (300, 1)), (TenderKind::Card, (700, 1))])
            );
            assert_eq!(figures.commission_minor, 0);
        });
    }

    pub fn what_the_network_refuses_goes_back_to_the_card_and_in_cash(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            plan(town, NETWORK_NUMBER, "stays_in_progress").await;
            let id = sold(&shop.sell_for(town, "one", (ten(NETWORK_NUMBER), split())).await);
            insert(town, &reader, PAYS).await;
            assert_eq!(stands(town, &id).await, TopUpState::PendingNetwork);
            assert_eq!(shop.earned(town).await, 0, "earned when it is given");
            network_settles(town, "refused").await;
            town.pass(MINUTE_MS).await;
            assert_eq!(load(town, &id).await.state, TopUpState::Refunded);
            assert_eq!(
                (shop.float(town).await, shop.earned(town).await, charged(town).await),
                (100_000, 0, 0)
            );
            let owed = till::owed(&town.world, &shop.clerk).await.expect("read");
            assert_eq!(owed.iter().map(|o| o.amount).collect::<Vec<_>>(), [gbp(300)]);
        });
    }

    pub fn a_till_is_not_counted_while_a_card_is_asked_for(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            let id = sold(&shop.sell_for(town, "one", (ten(NUMBER), by_card())).await);
            let count = async || {
                till::count(&town.world, &shop.clerk, BTreeMap::from([(1_000, 5)])).await.expect("asked")
            };
            assert_eq!(count().await, Err(TillRefusal::CardWaits));
            insert(town, &reader, PAYS).await;
            assert_eq!(stands(town, &id).await, TopUpState::Credited);
            assert_eq!(count().await, Ok(gbp(5_000)));
        });
    }

    pub fn a_card_that_pays_after_its_shift_was_closed_is_in_the_next_one(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            let id = sold(&shop.sell_for(town, "one", (ten(NUMBER), by_card())).await);
            let first = till::current(&town.world, &shop.clerk).await.expect("read").expect("open").id;
            let forced = till::force(&town.world, &shop.supervisor, &first, "the device died").await;
            forced.expect("asked").expect("closed");
            till::open(&town.world, &shop.clerk, gbp(2_000)).await.expect("asked").expect("opened");
            insert(town, &reader, PAYS).await;
            assert_eq!(stands(town, &id).await, TopUpState::Credited);
            assert_eq!(taken(&figures(town, &shop).await, TenderKind::Card), (1_000, 1));
            let closed =
                till::report(&town.world, &shop.clerk, &first).await.expect("read").expect("a report");
            assert_eq!(closed.figures.sales, 0, "what was reported stays as it was");
        });
    }

    pub fn without_a_reader_or_float_for_the_cash_nothing_begins(engine: Engine) {
        in_town(engine, async |town| {
            let mut shop = open_shop(town, Opening { float_minor: 200, ..Opening::default() }).await;
            let refused = async |shop: &Shop, key: &str, tenders| match shop
                .sell_for(town, key, (ten(NUMBER), tenders))
                .await
            {
                SaleOutcome::Told { sold: Err(refusal), .. } => refusal,
                other => panic!("{other:?}"),
            };
            let bare = refused(&shop, "bare", by_card()).await;
            assert_eq!(bare, Refusal::Counter(CounterRefusal::NoReader));
            shop.clerk.device.reader = Some(town.outside.reader().await);
            assert_eq!(refused(&shop, "short", split()).await, Refusal::FloatInsufficient);
            assert_eq!(town.count("select count(*) from top_up").await, 0);
            assert_eq!(town.count("select count(*) from attempt").await, 0);
            // The card alone needs no float.
            sold(&shop.sell_for(town, "card", (ten(NUMBER), by_card())).await);
        });
    }

    pub fn a_reader_is_set_by_its_owner_when_the_provider_knows_it(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, reader) = shop_with_reader(town).await;
            let device = &shop.clerk.device.id;
            let set = async |name: &str| {
                flows::counter::reader::set(&town.world, &shop.supervisor, device, name).await.expect("asked")
            };
            assert!(set("tmr_nobody").await.is_err());
            assert_eq!(set(&format!(" {reader} ")).await.expect("set").reader, Some(reader));
            assert_eq!(set("").await.expect("taken away").reader, None);
            let other = open_shop(town, Opening::default()).await;
            let foreign = flows::counter::reader::set(&town.world, &other.clerk, device, "").await;
            assert!(foreign.expect("asked").is_err(), "another agent's device");
        });
    }
}
