//! More than one refund on an order, refunds that nobody answers, and refunds that are not ours: each is told once,
//! none is sent twice, and people see what a program cannot decide.

use crate::late_money::another_page;
use crate::reversals::take_back;
use crate::support::buyer::Order;
use crate::support::network;
use crate::support::outside::Session;
use crate::support::registry::{NETWORK_NUMBER, NUMBER, TEN};
use crate::support::town::{Plan, Town, in_town, in_town_with};
use crate::support::wait::until;
use domain::time::{DAY_MS, MINUTE_MS};
use std::collections::BTreeSet;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    an_order_is_refunded_only_when_every_refund_of_it_is_done
    a_second_late_payment_of_a_refunded_order_goes_back_and_shows
    every_surplus_payment_is_told_once_with_its_own_reference
    a_refund_that_nobody_answers_for_a_week_goes_to_people_once
    a_surplus_refund_that_nobody_answers_for_a_week_goes_to_people_once
    a_surplus_refund_that_fails_while_the_order_is_taken_back_goes_to_people
    a_second_payment_while_the_network_is_undecided_goes_back_and_the_order_goes_on
    a_refund_made_at_the_provider_leaves_a_report_for_people
    our_own_refund_leaves_no_report
}

const PAYS: &str = "4242424242424242";
const REFUND_STAYS_PENDING: &str = "4000009900000129";
const REPORTS: &str = "select count(*) from outbox where state = 'dead'";

/// The provider's events of this kind arrive.
async fn told(town: &Town, kind: &str) {
    town.clock.set_right();
    for event in town.outside.events(kind).await {
        assert_eq!(town.outside.deliver(event["id"].as_str().unwrap(), 1, "true").await, [200]);
    }
    town.work().await;
}

/// Somebody pays on this page, and the provider says so.
async fn paid(town: &Town, page: &Session, card: &str) {
    town.outside.pay(page, card).await;
    told(town, "checkout.session.completed").await;
}

/// The provider's id of the only refund that is not done.
async fn pending_refund(town: &Town) -> String {
    let refunds = town.outside.refunds().await;
    let pending: Vec<_> = refunds.iter().filter(|refund| refund["status"] == "pending").collect();
    assert_eq!(pending.len(), 1, "{refunds:?}");
    pending[0]["id"].as_str().expect("an id").to_owned()
}

/// The provider settles the only pending refund and says so.
async fn settled(town: &Town) {
    town.outside.settle_refund(&pending_refund(town).await, "succeeded").await;
    told(town, "refund.updated").await;
}

/// The references of the refunds that the line's owner was told of, one per message.
async fn references_told(town: &Town) -> Vec<String> {
    let inbox = town.outside.inbox(NUMBER).await;
    let texts = inbox.iter().map(|message| message["text"].as_str().expect("a text").to_owned());
    texts.filter_map(|text| text.split("RF-").nth(1).map(|rest| rest.chars().take(8).collect())).collect()
}

async fn paid_for_a_closed_line(town: &Town, card: &str) -> Order {
    let order = town.order().await;
    town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
    town.outside.pay(&order.session, card).await;
    order
}

mod checks {
    use super::*;

    pub fn an_order_is_refunded_only_when_every_refund_of_it_is_done(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, REFUND_STAYS_PENDING).await;
            assert_eq!(town.look(&order).await, "refunding");
            let second = another_page(town, &order).await;
            paid(town, &second, PAYS).await;
            let done = "select count(*) from refund where state = 'succeeded' and reason = 'already_paid'";
            assert_eq!(town.count(done).await, 1);
            assert_eq!(order.shown().await, "refunding", "the buyer's own money is not back yet");
            settled(town).await;
            assert_eq!(order.shown().await, "refunded");
            assert_eq!(town.outside.refunds().await.len(), 2);
        });
    }

    pub fn a_second_late_payment_of_a_refunded_order_goes_back_and_shows(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let (second, third) = (another_page(town, &order).await, another_page(town, &order).await);
            for page in [&order.session, &second, &third] {
                town.outside.session(page).await;
            }
            town.outside.expire(&order.session).await;
            told(town, "checkout.session.expired").await;
            // The other pages are closed for us as well, and were not.
            let close = town.world.db.write(|tx| {
                tx.execute("update attempt set state = 'expired'", &[])?;
                tx.execute("update payment set state = 'closed'", &[])?;
                tx.execute("update top_up set state = 'cancelled' where state = 'awaiting_payment'", &[])
            });
            close.await.expect("closed");
            assert_eq!(order.shown().await, "cancelled");
            paid(town, &second, PAYS).await;
            assert_eq!(order.shown().await, "refunded");
            paid(town, &third, REFUND_STAYS_PENDING).await;
            assert_eq!(order.shown().await, "refunding", "more money is on its way back");
            settled(town).await;
            assert_eq!(order.shown().await, "refunded");
            until("both texts", async || references_told(town).await.len() == 2).await;
        });
    }

    pub fn every_surplus_payment_is_told_once_with_its_own_reference(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let (second, third) = (another_page(town, &order).await, another_page(town, &order).await);
            for page in [&order.session, &second, &third] {
                paid(town, page, PAYS).await;
            }
            // The same news again tells nobody again.
            told(town, "checkout.session.completed").await;
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.outside.refunds().await.len(), 2);
            let told = references_told(town).await;
            assert_eq!(told.len(), 2, "{told:?}");
            assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), 2, "each with its own reference");
        });
    }

    pub fn a_refund_that_nobody_answers_for_a_week_goes_to_people_once(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, REFUND_STAYS_PENDING).await;
            assert_eq!(town.look(&order).await, "refunding");
            town.pass(6 * DAY_MS).await;
            assert_eq!((order.shown().await.as_str(), town.count(REPORTS).await), ("refunding", 0));
            for _ in 0..3 {
                town.pass(2 * DAY_MS).await;
                assert_eq!((order.shown().await.as_str(), town.count(REPORTS).await), ("review", 1));
            }
            assert_eq!(town.outside.refunds().await.len(), 1, "nothing is sent again");
            settled(town).await;
            assert_eq!(order.shown().await, "refunded", "a late answer counts");
        });
    }

    pub fn a_surplus_refund_that_nobody_answers_for_a_week_goes_to_people_once(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let second = another_page(town, &order).await;
            paid(town, &order.session, PAYS).await;
            paid(town, &second, REFUND_STAYS_PENDING).await;
            for _ in 0..3 {
                town.pass(8 * DAY_MS).await;
                assert_eq!((order.shown().await.as_str(), town.count(REPORTS).await), ("credited", 1));
            }
            assert_eq!(town.outside.refunds().await.len(), 1);
        });
    }

    pub fn a_surplus_refund_that_fails_while_the_order_is_taken_back_goes_to_people(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let second = another_page(town, &order).await;
            paid(town, &order.session, REFUND_STAYS_PENDING).await;
            paid(town, &second, REFUND_STAYS_PENDING).await;
            let surplus = pending_refund(town).await;
            take_back(town, &order).await.expect("begun");
            town.work().await;
            assert_eq!(order.shown().await, "refunding");
            town.outside.settle_refund(&surplus, "failed").await;
            town.pass(MINUTE_MS).await;
            assert_eq!((order.shown().await.as_str(), town.count(REPORTS).await), ("refunding", 1));
            settled(town).await;
            town.pass(MINUTE_MS).await;
            assert_eq!((order.shown().await.as_str(), town.count(REPORTS).await), ("reversed", 1));
        });
    }

    pub fn a_second_payment_while_the_network_is_undecided_goes_back_and_the_order_goes_on(engine: Engine) {
        in_town(engine, async |town| {
            network::plan(town, NETWORK_NUMBER, "stays_in_progress").await;
            let order = town.buyer().order(NETWORK_NUMBER, TEN).await;
            let second = another_page(town, &order).await;
            paid(town, &order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "pending_network");
            paid(town, &second, REFUND_STAYS_PENDING).await;
            assert_eq!(order.shown().await, "pending_network", "only what was too much goes back");
            settled(town).await;
            assert_eq!(order.shown().await, "pending_network");
            network::network_settles(town, "done").await;
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "credited");
            assert_eq!((network::network_gave(town).await, town.outside.refunds().await.len()), (1, 1));
        });
    }

    /// The provider's books differ from ours until people have decided.
    pub fn a_refund_made_at_the_provider_leaves_a_report_for_people(engine: Engine) {
        in_town_with(engine, Plan { compare_books: false, ..Plan::default() }, async |town| {
            let order = town.order().await;
            paid(town, &order.session, PAYS).await;
            let session = town.outside.session(&order.session).await;
            let money = session["payment_intent"].as_str().expect("an intent").to_owned();
            for (amount, reports) in [("300", 1), ("200", 2)] {
                let form = [("payment_intent", money.as_str()), ("amount", amount)];
                town.outside.call("/v1/refunds", &form).await;
                for _ in 0..2 {
                    told(town, "charge.refunded").await;
                    assert_eq!(town.count(REPORTS).await, reports);
                }
            }
            assert_eq!(order.shown().await, "credited");
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
            assert_eq!(town.count("select count(*) from refund").await, 0);
        });
    }

    pub fn our_own_refund_leaves_no_report(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, PAYS).await;
            assert_eq!(town.look(&order).await, "refunded");
            told(town, "charge.refunded").await;
            assert_eq!(town.count(REPORTS).await, 0);
        });
    }
}
