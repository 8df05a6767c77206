//! What a float paid and does not stand: two people take a delivered sale back, people look at a sum in cash that was
//! split before it is delivered, and whatever they decide, the money is once in one place.

use crate::support::books::ledger_is_true;
use crate::support::buyer::attribute;
use crate::support::desk::Desk;
use crate::support::outside::Session;
use crate::support::registry::{NETWORK_NUMBER, NUMBER, TEN, market_asks};
use crate::support::risk::limit;
use crate::support::shop::{Opening, Shop, gbp, open_shop, ten};
use crate::support::town::{Town, in_town};
use domain::id::{RefundRequestId, TopUpId};
use domain::risk::Limit;
use domain::tender::Tender;
use domain::time::MINUTE_MS;
use domain::top_up::{Channel, Settlement, TopUp, TopUpState};
use flows::care::refunds::{self, Refused};
use flows::counter::card;
use flows::counter::sale::SaleOutcome;
use flows::till;
use serde_json::json;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    two_people_take_a_sale_of_a_counter_back_and_the_shop_owes_its_cash
    two_who_approve_at_once_give_a_float_its_money_once
    credit_that_was_spent_stays_sold
    whatever_paid_and_wherever_it_was_sold_two_people_give_it_back_once
    many_sales_in_cash_to_one_number_wait_for_people_and_are_let_through
    a_sum_that_is_split_under_what_asks_for_a_document_waits_for_people
    what_people_do_not_let_through_goes_back_to_the_float_and_is_owed_in_cash
    a_held_sale_of_a_line_that_cannot_take_it_goes_back
    a_held_sale_is_given_by_the_network_once_it_is_let_through
    a_card_beside_split_cash_waits_for_people_too
    a_held_sale_that_was_let_through_is_taken_back_to_its_float
}

fn sold(outcome: &SaleOutcome) -> TopUpId {
    match outcome {
        SaleOutcome::Told { sold: Ok(made), .. } => made.id.clone(),
        other => panic!("not sold: {other:?}"),
    }
}

async fn load(town: &Town, id: &TopUpId) -> TopUp {
    let id = id.clone();
    town.read(move |tx| store::top_up::load(tx, &id)).await
}

async fn two(town: &Town) -> (Desk, Desk) {
    (Desk::supervisor(town, "ana").await, Desk::supervisor(town, "ben").await)
}

/// One asks, the other one agrees.
async fn refund(town: &Town, desks: &(Desk, Desk), id: &TopUpId) -> String {
    let code = load(town, id).await.code;
    let request = desks.0.asks_refund(&code, "goodwill").await.expect("asked");
    desks.1.decides(&request, "approve", "agreed").await.expect("approved");
    town.work().await;
    request
}

async fn let_through(town: &Town, desk: &Desk, id: &TopUpId) {
    let item = format!("order:{id}");
    let form = [("what", "release"), ("item", item.as_str()), ("note", "They sell here.")];
    let page = desk.post("/office/stuck/do", &form).await.text;
    let mended = attribute(&page, "[data-testid=mended]", "data-mended");
    assert_eq!(mended.as_deref(), Some("released"));
    town.work().await;
}

/// What the shop still has to give back, and what its clerk gives.
async fn owed(town: &Town, shop: &Shop) -> i64 {
    till::owed(&town.world, &shop.clerk).await.expect("read").iter().map(|owed| owed.amount.minor).sum()
}

/// Sells so often that the next sale in cash to the number is one too many.
async fn sell_often(town: &Town, shop: &Shop, number: &str) {
    limit(town, Limit::CounterCashSales, 2).await;
    for key in ["first", "second"] {
        sold(&shop.sell(town, key, number).await);
    }
    town.work().await;
}

async fn held(town: &Town, shop: &Shop, number: &str) -> TopUpId {
    sell_often(town, shop, number).await;
    let id = sold(&shop.sell(town, "third", number).await);
    assert_eq!(load(town, &id).await.state, TopUpState::Review);
    id
}

/// What the number was told by text message.
async fn texts(town: &Town) -> Vec<String> {
    let text = |message: &serde_json::Value| message["text"].as_str().unwrap_or_default().to_owned();
    town.outside.inbox(NUMBER).await.iter().map(text).collect()
}

mod checks {
    use super::*;

    pub fn two_people_take_a_sale_of_a_counter_back_and_the_shop_owes_its_cash(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, desks) = (open_shop(town, Opening::default()).await, two(town).await);
            let id = sold(&shop.sell(town, "one", NUMBER).await);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (99_000, 25));
            let request = refund(town, &desks, &id).await;
            assert_eq!(load(town, &id).await.state, TopUpState::Reversed);
            assert_eq!(town.api.balance(NUMBER).await, 0);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (100_000, 0));
            assert!(desks.0.page(&request).await.contains("data-state=\"done\""));
            assert_eq!(owed(town, &shop).await, 1_000, "the customer's cash is in the till");
            assert!(
                texts(town).await.iter().any(|text| text.contains("Get £10.00 back in cash where you paid."))
            );
            let given = till::give_back(&town.world, &shop.clerk, &id).await.expect("asked");
            assert_eq!(given, Ok(gbp(1_000)));
            assert_eq!(owed(town, &shop).await, 0);
            let code = load(town, &id).await.code;
            let again = desks.0.asks_refund(&code, "goodwill").await;
            assert_eq!(again, Err("refund_nothing_to_return".into()));
            ledger_is_true(&town.world.db).await;
        });
    }

    pub fn two_who_approve_at_once_give_a_float_its_money_once(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, desks) = (open_shop(town, Opening::default()).await, two(town).await);
            let third = Desk::supervisor(town, "cyd").await;
            let id = sold(&shop.sell(town, "one", NUMBER).await);
            let code = load(town, &id).await.code;
            let request = desks.0.asks_refund(&code, "wrong_number").await.expect("asked");
            let (one, other) = tokio::join!(
                desks.1.decides(&request, "approve", ""),
                third.decides(&request, "approve", "")
            );
            assert_eq!([&one, &other].iter().filter(|done| done.is_ok()).count(), 1, "{one:?} {other:?}");
            assert_eq!((shop.float(town).await, owed(town, &shop).await), (100_000, 1_000));
            ledger_is_true(&town.world.db).await;
        });
    }

    pub fn credit_that_was_spent_stays_sold(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, desks) = (open_shop(town, Opening::default()).await, two(town).await);
            let id = sold(&shop.sell(town, "one", NUMBER).await);
            let code = load(town, &id).await.code;
            let request = desks.0.asks_refund(&code, "goodwill").await.expect("asked");
            let body = json!({ "id": "use-1", "unit": "GBP", "amount": 1, "at": town.world.now().rfc3339() });
            let used = town.api.post(&format!("/v1/lines/{NUMBER}/usage"), Some("use-1"), &body).await;
            assert!(used.status < 300, "{}", used.text);
            let id_of = RefundRequestId::parse(request.rsplit('/').next().expect("an id")).expect("an id");
            let by = desks.1.colleague();
            let refused = refunds::approve(&town.world, &by, &id_of, "").await.expect("asked");
            assert_eq!(refused.err(), Some(Refused::Spent));
            assert_eq!((shop.float(town).await, owed(town, &shop).await), (99_000, 0));
        });
    }

    pub fn whatever_paid_and_wherever_it_was_sold_two_people_give_it_back_once(engine: Engine) {
        in_town(engine, async |town| {
            let (mut shop, desks) = (open_shop(town, Opening::default()).await, two(town).await);
            let reader = town.outside.reader().await;
            shop.clerk.device.reader = Some(reader.clone());
            let floats = town.api.float("GBP").await;
            for (n, (channel, settlement)) in
                Channel::ALL.iter().flat_map(|c| Settlement::ALL.iter().map(move |s| (*c, *s))).enumerate()
            {
                let key = format!("case-{n}");
                let id = match (channel, settlement) {
                    // A web order is always captured.
                    (Channel::Online, Settlement::Float) => continue,
                    (Channel::Online, Settlement::Captured) => {
                        let order = town.order().await;
                        town.outside.pay(&order.session, "4242424242424242").await;
                        assert_eq!(town.look(&order).await, "credited");
                        town.stored(&order).await.id
                    }
                    (Channel::Partner, Settlement::Float) => {
                        let sale = town.api.sell(&key, NUMBER, TEN).await;
                        TopUpId::parse(sale.text_of("id")).expect("an id")
                    }
                    (Channel::Partner, Settlement::Captured) => {
                        let sale = town.api.host(&key, NUMBER, TEN).await;
                        let id = TopUpId::parse(sale.text_of("id")).expect("an id");
                        let session = Session::of_page(sale.text_of("payment_url"));
                        town.outside.pay(&session, "4242424242424242").await;
                        town.pass(3_000).await;
                        town.api.state(id.as_str()).await;
                        id
                    }
                    (Channel::Agent, Settlement::Float) => sold(&shop.sell(town, &key, NUMBER).await),
                    (Channel::Agent, Settlement::Captured) => {
                        let tenders = vec![Tender::cash(gbp(300), None), Tender::card(gbp(700))];
                        let id = sold(&shop.sell_for(town, &key, (ten(NUMBER), tenders)).await);
                        let card = json!({ "do": "insert", "card": "4242424242424242" });
                        town.outside.at_reader(&reader, card).await;
                        card::watch(&town.world, &load(town, &id).await).await.expect("asked");
                        town.work().await;
                        id
                    }
                };
                let sold = load(town, &id).await;
                assert_eq!(
                    (sold.channel, sold.settlement, sold.state),
                    (channel, settlement, TopUpState::Credited)
                );
                refund(town, &desks, &id).await;
                let back = load(town, &id).await.state;
                assert!(matches!(back, TopUpState::Reversed | TopUpState::Refunding), "{channel}: {back}");
                let again = desks.0.asks_refund(&sold.code, "goodwill").await;
                assert_eq!(again, Err("refund_nothing_to_return".into()), "{channel} {settlement}");
            }
            assert_eq!(town.api.balance(NUMBER).await, 0, "every credit was taken back");
            ledger_is_true(&town.world.db).await;
            assert_eq!((town.api.float("GBP").await, shop.float(town).await), (floats, 100_000));
        });
    }

    pub fn many_sales_in_cash_to_one_number_wait_for_people_and_are_let_through(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, desks) = (open_shop(town, Opening::default()).await, two(town).await);
            let id = held(town, &shop, NUMBER).await;
            assert_eq!(town.api.balance(NUMBER).await, 2_000, "nothing of the third is given");
            assert_eq!((shop.float(town).await, shop.earned(town).await), (97_000, 50));
            ledger_is_true(&town.world.db).await;
            town.work().await;
            assert!(
                texts(town).await.iter().any(|text| text.contains("A person checks it before it arrives"))
            );
            let stuck = desks.0.page("/office/stuck").await;
            assert!(stuck.contains(&format!("order:{id}")), "people see it: {stuck}");
            let_through(town, &desks.0, &id).await;
            let given = load(town, &id).await;
            assert_eq!(given.state, TopUpState::Credited);
            assert_eq!(town.api.balance(NUMBER).await, 3_000);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (97_000, 75));
            assert_eq!(owed(town, &shop).await, 0);
            // Another number is nobody's business.
            let other = sold(&shop.sell(town, "other", "447400123457").await);
            assert_eq!(load(town, &other).await.state, TopUpState::Credited);
            ledger_is_true(&town.world.db).await;
        });
    }

    pub fn a_sum_that_is_split_under_what_asks_for_a_document_waits_for_people(engine: Engine) {
        in_town(engine, async |town| {
            market_asks(town, "cash_from_minor = 2_000").await;
            let shop = open_shop(town, Opening::default()).await;
            let first = sold(&shop.sell(town, "first", NUMBER).await);
            assert_eq!(load(town, &first).await.state, TopUpState::Credited);
            let second = sold(&shop.sell(town, "second", NUMBER).await);
            assert_eq!(load(town, &second).await.state, TopUpState::Review);
            let of = second.clone();
            let noticed = town.read(move |tx| store::risk::list_events(tx, &of)).await;
            let noticed: Vec<_> =
                noticed.iter().map(|event| (event.kind.as_str(), event.detail.as_str())).collect();
            assert_eq!(noticed, [("structuring", "cash_split")]);
            refund(town, &two(town).await, &second).await;
            assert_eq!((shop.float(town).await, owed(town, &shop).await), (99_000, 1_000));
        });
    }

    pub fn what_people_do_not_let_through_goes_back_to_the_float_and_is_owed_in_cash(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, desks) = (open_shop(town, Opening::default()).await, two(town).await);
            let id = held(town, &shop, NUMBER).await;
            refund(town, &desks, &id).await;
            assert_eq!(load(town, &id).await.state, TopUpState::Refunded);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (98_000, 50));
            assert_eq!((town.api.balance(NUMBER).await, owed(town, &shop).await), (2_000, 1_000));
            ledger_is_true(&town.world.db).await;
            // Too late to let it through.
            let late = flows::risk::release(&town.world, &id, domain::actor::Actor::Operator, "late").await;
            assert!(late.expect("asked").is_err());
            assert_eq!(town.api.balance(NUMBER).await, 2_000);
        });
    }

    pub fn a_held_sale_of_a_line_that_cannot_take_it_goes_back(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, desks) = (open_shop(town, Opening::default()).await, two(town).await);
            let id = held(town, &shop, NUMBER).await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            let_through(town, &desks.0, &id).await;
            assert_eq!(load(town, &id).await.state, TopUpState::Refunded);
            assert_eq!((shop.float(town).await, owed(town, &shop).await), (98_000, 1_000));
            ledger_is_true(&town.world.db).await;
        });
    }

    pub fn a_held_sale_is_given_by_the_network_once_it_is_let_through(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, desks) = (open_shop(town, Opening::default()).await, two(town).await);
            let id = held(town, &shop, NETWORK_NUMBER).await;
            ledger_is_true(&town.world.db).await;
            let_through(town, &desks.0, &id).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(load(town, &id).await.state, TopUpState::Credited);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (97_000, 75));
            ledger_is_true(&town.world.db).await;
        });
    }

    pub fn a_card_beside_split_cash_waits_for_people_too(engine: Engine) {
        in_town(engine, async |town| {
            let (mut shop, desks) = (open_shop(town, Opening::default()).await, two(town).await);
            let reader = town.outside.reader().await;
            shop.clerk.device.reader = Some(reader.clone());
            sell_often(town, &shop, NUMBER).await;
            let tenders = vec![Tender::cash(gbp(300), None), Tender::card(gbp(700))];
            let id = sold(&shop.sell_for(town, "third", (ten(NUMBER), tenders)).await);
            town.outside.at_reader(&reader, json!({ "do": "insert", "card": "4242424242424242" })).await;
            card::watch(&town.world, &load(town, &id).await).await.expect("asked");
            town.work().await;
            assert_eq!(load(town, &id).await.state, TopUpState::Review);
            assert_eq!(town.api.balance(NUMBER).await, 2_000);
            let_through(town, &desks.0, &id).await;
            assert_eq!(load(town, &id).await.state, TopUpState::Credited);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (97_700, 75));
            ledger_is_true(&town.world.db).await;
        });
    }

    pub fn a_held_sale_that_was_let_through_is_taken_back_to_its_float(engine: Engine) {
        in_town(engine, async |town| {
            let (shop, desks) = (open_shop(town, Opening::default()).await, two(town).await);
            let id = held(town, &shop, NUMBER).await;
            let_through(town, &desks.0, &id).await;
            refund(town, &desks, &id).await;
            assert_eq!(load(town, &id).await.state, TopUpState::Reversed);
            assert_eq!((shop.float(town).await, shop.earned(town).await), (98_000, 50));
            assert_eq!((town.api.balance(NUMBER).await, owed(town, &shop).await), (2_000, 1_000));
            ledger_is_true(&town.world.db).await;
        });
    }
}
