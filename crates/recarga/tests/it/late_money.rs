//! Money that comes when nobody expects it any more: after the order was cancelled, or a second time.

use crate::support::buyer::{Order, passed};
use crate::support::outside::Session;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::id::AttemptId;
use domain::payment::AttemptState;
use domain::time::MINUTE_MS;
use store::attempt::Attempt;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    money_that_comes_after_the_order_was_cancelled_goes_back_once
    a_second_payment_for_a_paid_order_goes_back
    two_payments_at_once_are_one_credit_and_one_refund
    a_webhook_that_comes_before_its_row_is_parked_and_applied_later
    a_webhook_about_an_order_that_never_appears_does_no_harm
}

/// An id of an attempt that no row has yet.
pub(crate) fn future_attempt(town: &Town) -> AttemptId {
    AttemptId::new(town.world.ids.as_ref(), town.world.now())
}

/// A page at the provider that carries our attempt's id, made by whoever will commit its row later.
pub(crate) async fn page_for(town: &Town, attempt: &AttemptId) -> Session {
    let form = [
        ("mode", "payment"),
        ("success_url", "http://localhost/done"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "gbp"),
        ("line_items[0][price_data][unit_amount]", "1000"),
        ("line_items[0][price_data][product_data][name]", "Top-up"),
        ("metadata[attempt]", attempt.as_str()),
        ("payment_intent_data[metadata][attempt]", attempt.as_str()),
    ];
    let made = town.outside.call("/v1/checkout/sessions", &form).await;
    Session(made["id"].as_str().expect("an id").to_owned())
}

/// Another page on which an order can be paid, known to us.
pub(crate) async fn another_page(town: &Town, order: &Order) -> Session {
    let attempt = future_attempt(town);
    let page = page_for(town, &attempt).await;
    commit_attempt(town, order, &attempt, Some(&page)).await;
    page
}

/// Commits the row of an attempt for an order that exists.
async fn commit_attempt(town: &Town, order: &Order, id: &AttemptId, page: Option<&Session>) {
    let (top_up, now) = (town.stored(order).await.id, town.world.now());
    let attempt = |payment| Attempt {
        id: id.clone(),
        payment,
        state: AttemptState::Created,
        page_ref: page.map(|page| page.0.clone()),
        money_ref: None,
        url: None,
        card: None,
        last_decline: None,
        expires_at: now.plus_ms(35 * MINUTE_MS),
        return_url: None,
        created_at: now,
        state_at: now,
        captured: None,
    };
    let payment = town.read(move |tx| store::payment::find_by_top_up(tx, &top_up)).await.expect("a payment");
    let attempt = attempt(payment.id);
    let opened = Attempt { state: AttemptState::RequiresAction, ..attempt.clone() };
    let opened = page.map(|_| opened);
    let written = town.world.db.write(move |tx| {
        store::attempt::insert_current(tx, &attempt)?;
        match &opened {
            Some(opened) => store::attempt::update(tx, AttemptState::Created, opened),
            None => Ok(()),
        }
    });
    written.await.expect("written");
}

mod checks {
    use super::*;

    pub fn money_that_comes_after_the_order_was_cancelled_goes_back_once(engine: Engine) {
        in_town(engine, async |town| {
            // The page was made, its answers were lost, the order lapsed; then somebody pays on that page.
            town.outside.fault("POST /v1/checkout/sessions", "drop_connection_after", 100).await;
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TEN).await;
            let code = passed(&buyer.press(&form, "").await);
            let session = town.outside.sessions().await[0]["id"].as_str().unwrap().to_owned();
            let order = Order { code, session: Session(session), buyer };
            town.pass(36 * MINUTE_MS).await;
            assert_eq!(order.shown().await, "cancelled");
            assert!(
                order.sentence().await.contains("should a charge still arrive, it is returned by itself")
            );
            town.outside.no_faults().await;
            assert_eq!(town.outside.pay(&order.session, "4242424242424242").await, "return");
            town.clock.set_right();
            let event = town.outside.event("checkout.session.completed").await;
            assert_eq!(town.outside.deliver(&event, 3, "true").await, [200; 3]);
            town.work().await;
            assert_eq!(order.shown().await, "refunded");
            assert_eq!(town.api.balance(NUMBER).await, 0);
            assert_eq!(town.count("select count(*) from refund where reason = 'order_closed'").await, 1);
            assert_eq!(town.outside.refunds().await.len(), 1);
            let message = town.outside.message(NUMBER).await;
            let text = message["text"].as_str().unwrap();
            assert!(text.contains("on its way back") && text.contains(&order.code), "{text}");
        });
    }

    pub fn a_second_payment_for_a_paid_order_goes_back(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let second = future_attempt(town);
            let page = page_for(town, &second).await;
            commit_attempt(town, &order, &second, Some(&page)).await;
            town.outside.pay(&order.session, "4242424242424242").await;
            assert_eq!(town.look(&order).await, "credited");
            town.outside.pay(&page, "4242424242424242").await;
            let event = town.outside.event("checkout.session.completed").await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            assert_eq!(order.shown().await, "credited", "the order stays what it is");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            let surplus = "select count(*) from refund where reason = 'already_paid' and state = 'succeeded'";
            assert_eq!(town.count(surplus).await, 1);
            assert_eq!(town.outside.refunds().await.len(), 1);
        });
    }

    pub fn two_payments_at_once_are_one_credit_and_one_refund(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let second = future_attempt(town);
            let page = page_for(town, &second).await;
            commit_attempt(town, &order, &second, Some(&page)).await;
            town.outside.pay(&order.session, "4242424242424242").await;
            town.outside.pay(&page, "4242424242424242").await;
            for event in town.outside.events("checkout.session.completed").await {
                town.outside.deliver(event["id"].as_str().unwrap(), 5, "true").await;
            }
            town.work().await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            assert_eq!(town.outside.refunds().await.len(), 1);
        });
    }

    pub fn a_webhook_that_comes_before_its_row_is_parked_and_applied_later(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let early = future_attempt(town);
            let page = page_for(town, &early).await;
            town.outside.pay(&page, "4242424242424242").await;
            let event = town.outside.event("checkout.session.completed").await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            assert_eq!(order.shown().await, "awaiting_payment");
            assert_eq!(town.count("select count(*) from outbox where topic = 'webhook'").await, 1, "parked");
            commit_attempt(town, &order, &early, None).await;
            town.pass(10_000).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }

    pub fn a_webhook_about_an_order_that_never_appears_does_no_harm(engine: Engine) {
        in_town(engine, async |town| {
            let page = page_for(town, &future_attempt(town)).await;
            town.outside.expire(&page).await;
            let event = town.outside.event("checkout.session.expired").await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            for _ in 0..80 {
                town.pass(60 * MINUTE_MS).await;
            }
            assert_eq!(town.count("select count(*) from outbox where topic = 'webhook'").await, 0);
            assert_eq!(town.count("select count(*) from inbox where state = 'ignored'").await, 1);
        });
    }
}
