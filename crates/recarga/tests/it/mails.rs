//! E-mails to buyers who gave an address: what they read, when the next one comes, and what becomes of a mail that
//! the mail server does not take at once.

use crate::late_money::another_page;
use crate::support::api::{Answer, client};
use crate::support::buyer::{Buyer, Order, attribute, passed, redirected, text};
use crate::support::house::in_house;
use crate::support::outside::{Outside, Session};
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Town, in_town};
use crate::support::wait::until;
use domain::time::{HOUR_MS, MINUTE_MS};
use serde_json::Value;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    the_receipt_is_mailed_in_the_language_of_the_order_and_the_page_says_where_to
    a_bundle_is_named_in_the_receipt
    an_address_that_is_refused_is_failed_and_the_page_says_so
    a_greylisted_mail_arrives_later
    a_mail_whose_answer_was_lost_is_sent_again_under_the_same_name_and_counted_once
    a_mail_that_nobody_takes_for_two_days_is_dead_and_people_look
    a_refund_is_mailed_when_it_starts_and_when_it_is_done
    a_refund_that_fails_is_mailed_as_being_looked_into
    a_second_payment_is_mailed_when_it_goes_back_and_when_it_is_back
    whoever_was_told_to_wait_is_told_how_it_ended
    an_order_that_seemed_paid_and_was_cancelled_is_mailed
    an_order_that_nobody_paid_is_cancelled_without_a_mail
    a_mail_that_is_no_longer_true_is_not_sent
    nobody_is_mailed_without_an_address
    a_mail_server_that_hangs_holds_no_money_up
    neither_addresses_nor_mails_stand_in_the_log
}

const EMAIL: &str = "ana@example.org";
const PAYS: &str = "4242424242424242";
const REFUND_STAYS_PENDING: &str = "4000009900000129";
const LOST_AND_NOTHING_TAKEN: &str = "4000009900000038";
const SETTLES_FAILED: &str = "4000009900000111";
const BY_EMAIL: &str = "select count(*) from message where channel = 'email'";

/// An order for £10 whose buyer gives this address.
async fn order(buyer: Buyer, email: &str) -> Order {
    order_of(buyer, TEN, email).await
}

async fn order_of(buyer: Buyer, offer: &str, email: &str) -> Order {
    let form = buyer.review(NUMBER, offer).await;
    let answer = buyer.press(&form, email).await;
    Order { code: passed(&answer), session: Session::of_page(&redirected(&answer)), buyer }
}

/// The same, paid and credited.
async fn credited(town: &Town, email: &str) -> Order {
    let order = order(town.buyer(), email).await;
    town.outside.pay(&order.session, PAYS).await;
    assert_eq!(town.look(&order).await, "credited");
    order
}

/// An order that is paid after its line was closed.
async fn paid_for_a_closed_line(town: &Town, card: &str) -> Order {
    let order = order(town.buyer(), EMAIL).await;
    town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
    town.outside.pay(&order.session, card).await;
    order
}

/// The subjects of the mails to the buyer, oldest first.
async fn subjects(town: &Town) -> Vec<String> {
    let mails = town.outside.inbox(EMAIL).await;
    mails.iter().rev().map(|mail| field(mail, "subject").to_owned()).collect()
}

/// The text of the newest mail to the buyer.
async fn newest(town: &Town) -> String {
    field(&town.outside.inbox(EMAIL).await[0], "text").to_owned()
}

fn field<'m>(mail: &'m Value, name: &str) -> &'m str {
    mail[name].as_str().unwrap_or_else(|| panic!("no {name} in {mail}"))
}

/// The `Message-ID` under which a mail came.
async fn name_of(outside: &Outside, mail: &Value) -> String {
    let source = client().get(format!("{}{}/source", outside.url, field(mail, "page"))).send().await;
    let source = Answer::of(source.expect("the simulator answers")).await.text;
    let line = source.lines().find(|line| line.starts_with("Message-ID: "));
    line.unwrap_or_else(|| panic!("no name in {source}")).to_owned()
}

/// Where the mails stand: state and tries, oldest first.
async fn stand(town: &Town) -> Vec<(String, i64)> {
    let sql = "select state, attempts from message where channel = 'email' order by id";
    town.read(move |tx| tx.query(sql, &[], |row| Ok((row.text(0)?, row.int(1)?)))).await
}

/// What the order page says of the e-mail receipt: how far it is, and the sentence.
async fn shown(order: &Order) -> (String, String) {
    let page = order.page().await.text;
    let selector = "[data-testid=receipt-mail]";
    (attribute(&page, selector, "data-going").unwrap_or_default(), text(&page, selector))
}

/// What is still open at the provider is settled so.
async fn settle_refund(town: &Town, outcome: &str) {
    let refunds = town.outside.refunds().await;
    town.outside.settle_refund(refunds[0]["id"].as_str().expect("an id"), outcome).await;
    town.pass(MINUTE_MS).await;
}

mod checks {
    use super::*;

    pub fn the_receipt_is_mailed_in_the_language_of_the_order_and_the_page_says_where_to(engine: Engine) {
        in_town(engine, async |town| {
            let english = credited(town, EMAIL).await;
            let mail = town.outside.message(EMAIL).await;
            assert_eq!(field(&mail, "subject"), format!("£10.00 has arrived: receipt {}", english.code));
            assert_eq!(field(&mail, "from"), "Prueba");
            let said = field(&mail, "text");
            for part in ["£10.00 has arrived", "3456", "Visa", &format!("{}/o/{}", town.url, english.code)] {
                assert!(said.contains(part), "{part} is not in {said}");
            }
            assert!(!said.contains(NUMBER) && !said.contains("123456"), "{said}");
            let html = client().get(format!("{}{}", town.outside.url, field(&mail, "page"))).send().await;
            assert!(html.unwrap().text().await.unwrap().contains("<html lang=\"en\""));
            let (going, sentence) = shown(&english).await;
            assert_eq!((going.as_str(), sentence.contains("a•••@example.org")), ("sent", true), "{sentence}");

            let chinese = order(town.buyer().reading("zh-CN"), "安娜@example.org").await;
            town.outside.pay(&chinese.session, PAYS).await;
            town.look(&chinese).await;
            let mail = town.outside.message("安娜@example.org").await;
            let subject = format!("已到账（收据 {}）", chinese.code);
            assert!(field(&mail, "subject").starts_with("充值成功："), "{mail}");
            assert!(field(&mail, "subject").ends_with(&subject), "{mail}");
            assert!(shown(&chinese).await.1.contains("已发送至"));
            assert_eq!(stand(town).await, [("sent".into(), 1), ("sent".into(), 1)]);
        });
    }

    pub fn a_bundle_is_named_in_the_receipt(engine: Engine) {
        in_town(engine, async |town| {
            let order = order_of(town.buyer(), "gb-traveller", EMAIL).await;
            town.outside.pay(&order.session, PAYS).await;
            town.look(&order).await;
            let mail = town.outside.message(EMAIL).await;
            assert!(field(&mail, "subject").starts_with("Traveller has arrived"), "{mail}");
        });
    }

    pub fn an_address_that_is_refused_is_failed_and_the_page_says_so(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town, "refused@example.org").await;
            assert_eq!(stand(town).await, [("failed".into(), 1)]);
            let (going, sentence) = shown(&order).await;
            assert_eq!(going, "failed");
            assert!(sentence.contains("could not be delivered to r•••@example.org"), "{sentence}");
            town.pass(HOUR_MS).await;
            assert_eq!(stand(town).await, [("failed".into(), 1)]);
            assert_eq!(town.outside.inbox(NUMBER).await.len(), 1, "the text message came");
        });
    }

    pub fn a_greylisted_mail_arrives_later(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town, "greylisted@example.org").await;
            assert_eq!(stand(town).await, [("queued".into(), 1)]);
            assert_eq!(shown(&order).await.0, "moving");
            assert!(town.outside.inbox("greylisted@example.org").await.is_empty());
            town.pass(MINUTE_MS).await;
            assert_eq!(town.outside.inbox("greylisted@example.org").await.len(), 1);
            assert_eq!(stand(town).await, [("sent".into(), 2)]);
            assert_eq!(shown(&order).await.0, "sent");
        });
    }

    pub fn a_mail_whose_answer_was_lost_is_sent_again_under_the_same_name_and_counted_once(engine: Engine) {
        in_town(engine, async |town| {
            town.outside.fault(&format!("POST /smtp/{EMAIL}"), "drop_connection_after", 1).await;
            credited(town, EMAIL).await;
            assert_eq!(stand(town).await, [("queued".into(), 1)]);
            town.pass(MINUTE_MS).await;
            let mails = town.outside.inbox(EMAIL).await;
            assert_eq!(mails.len(), 2, "the first one had arrived");
            assert_eq!(name_of(&town.outside, &mails[0]).await, name_of(&town.outside, &mails[1]).await);
            assert_eq!(mails[0]["text"], mails[1]["text"]);
            assert_eq!(stand(town).await, [("sent".into(), 2)]);
            for _ in 0..3 {
                town.pass(HOUR_MS).await;
            }
            assert_eq!(town.outside.inbox(EMAIL).await.len(), 2);
        });
    }

    pub fn a_mail_that_nobody_takes_for_two_days_is_dead_and_people_look(engine: Engine) {
        in_town(engine, async |town| {
            town.outside.fault(&format!("POST /smtp/{EMAIL}"), "status_429", 100).await;
            let order = credited(town, EMAIL).await;
            for _ in 0..47 {
                town.pass(HOUR_MS).await;
            }
            assert_eq!(shown(&order).await.0, "moving");
            for _ in 0..6 {
                town.pass(HOUR_MS).await;
            }
            let stands = stand(town).await;
            assert_eq!(stands.iter().map(|(state, _)| state.as_str()).collect::<Vec<_>>(), ["dead"]);
            assert_eq!(town.count("select count(*) from outbox where state = 'dead'").await, 1);
            let told = "select count(*) from message where last_error like '%@%'";
            assert_eq!(town.count(told).await, 0, "the reason names nobody");
            assert_eq!(shown(&order).await.0, "failed");
        });
    }

    pub fn a_refund_is_mailed_when_it_starts_and_when_it_is_done(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, REFUND_STAYS_PENDING).await;
            assert_eq!(town.look(&order).await, "refunding");
            assert_eq!(subjects(town).await, [format!("Refund started: order {}", order.code)]);
            let started = newest(town).await;
            assert!(started.contains("£10.00 is on its way back, reference RF-"), "{started}");
            assert!(started.contains("we write again when it was returned"), "{started}");
            settle_refund(town, "succeeded").await;
            assert_eq!(order.shown().await, "refunded");
            assert_eq!(subjects(town).await[1..], [format!("Refunded: order {}", order.code)]);
            let done = newest(town).await;
            assert!(done.contains("£10.00 was returned on"), "{done}");
            for _ in 0..3 {
                town.pass(MINUTE_MS).await;
            }
            assert_eq!(stand(town).await, [("sent".into(), 1), ("sent".into(), 1)]);
        });
    }

    pub fn a_refund_that_fails_is_mailed_as_being_looked_into(engine: Engine) {
        in_town(engine, async |town| {
            let order = paid_for_a_closed_line(town, REFUND_STAYS_PENDING).await;
            town.look(&order).await;
            settle_refund(town, "failed").await;
            assert_eq!(order.shown().await, "review");
            let told = [("Refund started", &order.code), ("Being checked by hand", &order.code)];
            assert_eq!(subjects(town).await, told.map(|(state, code)| format!("{state}: order {code}")));
            assert!(newest(town).await.contains("and we write again"));
        });
    }

    pub fn a_second_payment_is_mailed_when_it_goes_back_and_when_it_is_back(engine: Engine) {
        in_town(engine, async |town| {
            let order = order(town.buyer(), EMAIL).await;
            let second = another_page(town, &order).await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            town.outside.pay(&second, REFUND_STAYS_PENDING).await;
            town.clock.set_right();
            let event = town.outside.event("checkout.session.completed").await;
            assert_eq!(town.outside.deliver(&event, 2, "true").await, [200, 200]);
            town.work().await;
            assert_eq!(subjects(town).await[1..], [format!("Order {} was paid twice", order.code)]);
            let moving = newest(town).await;
            assert!(moving.contains("A second payment of £10.00 is on its way back to you"), "{moving}");
            settle_refund(town, "succeeded").await;
            assert_eq!(order.shown().await, "credited");
            let returned = newest(town).await;
            assert!(returned.contains("A second payment of £10.00 was returned"), "{returned}");
            settle_refund(town, "failed").await;
            town.clock.set_right();
            let event = town.outside.event("refund.failed").await;
            assert_eq!(town.outside.deliver(&event, 2, "true").await, [200, 200]);
            town.work().await;
            let failed = newest(town).await;
            assert!(failed.contains("could not be returned yet; we are looking into it"), "{failed}");
            assert_eq!(subjects(town).await.iter().filter(|subject| subject.contains("twice")).count(), 3);
        });
    }

    pub fn whoever_was_told_to_wait_is_told_how_it_ended(engine: Engine) {
        in_town(engine, async |town| {
            let order = order(town.buyer(), EMAIL).await;
            assert_eq!(town.outside.pay(&order.session, LOST_AND_NOTHING_TAKEN).await, "lost");
            town.outside.fault("GET /v1/checkout/sessions/{id}", "error_500", 100).await;
            assert_eq!(town.look(&order).await, "checking_payment");
            assert_eq!(town.count(BY_EMAIL).await, 0, "what takes a moment is not told");
            town.pass(3 * MINUTE_MS).await;
            assert_eq!(subjects(town).await, [format!("Checking your payment: order {}", order.code)]);
            assert!(newest(town).await.contains("We write again when we know"));
            town.pass(16 * MINUTE_MS).await;
            assert_eq!(subjects(town).await[1..], [format!("Being checked by hand: order {}", order.code)]);
            town.outside.no_faults().await;
            town.pass(HOUR_MS).await;
            assert_eq!(order.shown().await, "awaiting_payment", "nothing was taken, and the page is open");
            assert_eq!(subjects(town).await[2..], [format!("Waiting for payment: order {}", order.code)]);
            let unpaid = newest(town).await;
            assert!(unpaid.contains("You have not paid yet"), "{unpaid}");
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            assert_eq!(subjects(town).await[3..], [format!("£10.00 has arrived: receipt {}", order.code)]);
            assert_eq!(town.count(BY_EMAIL).await, 4);
        });
    }

    pub fn an_order_that_seemed_paid_and_was_cancelled_is_mailed(engine: Engine) {
        in_town(engine, async |town| {
            let order = order(town.buyer(), EMAIL).await;
            town.outside.pay(&order.session, SETTLES_FAILED).await;
            assert_eq!(town.look(&order).await, "checking_payment");
            town.outside.settle(&order.session, "failed").await;
            town.pass(MINUTE_MS).await;
            for _ in 0..3 {
                town.pass(HOUR_MS).await;
            }
            assert_eq!(order.shown().await, "cancelled");
            let told = subjects(town).await;
            assert_eq!(told.last(), Some(&format!("Cancelled: order {}", order.code)), "{told:?}");
            assert!(newest(town).await.contains("You were not charged"));
        });
    }

    pub fn an_order_that_nobody_paid_is_cancelled_without_a_mail(engine: Engine) {
        in_town(engine, async |town| {
            let order = order(town.buyer(), EMAIL).await;
            order.cancel().await;
            town.pass(MINUTE_MS).await;
            assert_eq!(order.shown().await, "cancelled");
            assert_eq!(town.count(BY_EMAIL).await, 0);
        });
    }

    pub fn a_mail_that_is_no_longer_true_is_not_sent(engine: Engine) {
        in_town(engine, async |town| {
            let order = order(town.buyer(), EMAIL).await;
            town.outside.pay(&order.session, SETTLES_FAILED).await;
            assert_eq!(town.look(&order).await, "checking_payment");
            town.outside.fault(&format!("POST /smtp/{EMAIL}"), "status_429", 1).await;
            town.pass(3 * MINUTE_MS).await;
            assert_eq!(stand(town).await, [("queued".into(), 1)], "asked to come back");
            town.outside.settle(&order.session, "succeeded").await;
            assert_eq!(town.look(&order).await, "credited");
            town.pass(MINUTE_MS).await;
            assert_eq!(subjects(town).await, [format!("£10.00 has arrived: receipt {}", order.code)]);
            assert_eq!(stand(town).await, [("outdated".into(), 2), ("sent".into(), 1)]);
        });
    }

    pub fn nobody_is_mailed_without_an_address(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town, "").await;
            assert_eq!(town.api.sell("float", NUMBER, TEN).await.status, 201);
            town.pass(HOUR_MS).await;
            assert_eq!(town.outside.inbox(NUMBER).await.len(), 2);
            assert_eq!(town.count(BY_EMAIL).await, 0);
            assert_eq!(shown(&order).await, (String::new(), String::new()));
        });
    }

    pub fn a_mail_server_that_hangs_holds_no_money_up(engine: Engine) {
        in_house(engine, async |house| {
            let server = house.serve().await;
            house.outside.fault(&format!("POST /smtp/{EMAIL}"), "timeout_before", 1).await;
            let first = order(house.buyer(), EMAIL).await;
            house.outside.pay(&first.session, PAYS).await;
            first.comes_back().await;
            let faults = format!("{}/control/faults", house.outside.url);
            until("the mail server to be asked", async || {
                let left = client().get(&faults).send().await.expect("the simulator answers");
                Answer::of(left).await.json["faults"].as_array().expect("a list").is_empty()
            })
            .await;
            // Nobody comes back: work that is due finds the money.
            let second = order(house.buyer(), "").await;
            house.outside.resume_webhooks().await;
            house.outside.pay(&second.session, PAYS).await;
            let credited = "select count(*) from top_up where state = 'credited'";
            until("the credit", async || house.count(credited).await == 2).await;
            let tried = "select count(*) from message where channel = 'email' and attempts > 0";
            assert_eq!(house.count(tried).await, 0, "the mail server still has not answered");
            server.stop().await;
        });
    }

    pub fn neither_addresses_nor_mails_stand_in_the_log(engine: Engine) {
        in_house(engine, async |house| {
            let server = house.serve().await;
            let addresses =
                ["ana.secret@example.org", "refused.ana@example.org", "greylisted.ana@example.org"];
            house.outside.fault("POST /smtp/ana.secret@example.org", "drop_connection_after", 1).await;
            let mut codes = Vec::new();
            for address in addresses {
                let order = order(house.buyer(), address).await;
                house.outside.pay(&order.session, PAYS).await;
                order.comes_back().await;
                codes.push(order.code);
            }
            until("every mail to be tried", async || {
                house.count("select count(*) from message where channel = 'email' and attempts > 0").await
                    == 3
            })
            .await;
            server.stop().await;
            let log = std::fs::read_to_string(house.log()).unwrap();
            assert!(log.contains("a mail was not handed over"), "there is something to look at");
            let said =
                ["has arrived", "e-mail receipt", "receipts@prueba.example", "ana.secret", "example.org"];
            for told in addresses.iter().chain(&said).copied().chain(codes.iter().map(String::as_str)) {
                let line = log.lines().find(|line| line.contains(told));
                assert_eq!(line, None, "{told} stands in the log");
            }
        });
    }
}
