//! Text messages: what people read, how it travels, and what the SMS centre answers.

use crate::support::judge::SmsCentre;
use crate::support::registry::{CHINESE_NUMBER, NUMBER, TEN};
use crate::support::town::{Plan, Town, in_town, in_town_with};
use crate::support::wait::until;
use domain::time::MINUTE_MS;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    the_message_about_credit_arrives_in_the_lines_language_and_its_receipt_is_booked
    a_bundle_is_named_in_the_message
    a_message_that_was_not_delivered_is_failed
    a_number_that_the_centre_refuses_is_failed_at_once
    a_centre_that_does_not_answer_is_tried_again_and_then_people_look
    another_centre_takes_our_messages_and_its_receipts_are_booked
    another_centre_that_throttles_gets_the_message_later
    another_centre_gets_a_long_message_in_parts
}

/// Waits until the only message of a kind of town is in a state.
async fn message_is(town: &Town, state: &'static str) {
    until(&format!("the message to be {state}"), async || {
        town.work().await;
        let states = town.read(|tx| tx.query("select state from message", &[], |row| row.text(0))).await;
        states == [state]
    })
    .await;
}

async fn sell(town: &Town, number: &str, offer: &str) {
    let sold = town.api.sell(&format!("{number} {offer}"), number, offer).await;
    assert_eq!(sold.status, 201, "{}", sold.text);
    town.work().await;
}

/// A town whose messages go to another implementation of an SMS centre.
fn with_another_centre(
    engine: Engine,
    brand: &str,
    flags: &[&str],
    story: impl AsyncFnOnce(&Town, &mut SmsCentre),
) {
    let mut centre = SmsCentre::start(flags);
    let plan = Plan { brand: brand.to_owned(), sms_centre: Some(centre.address), ..Plan::default() };
    in_town_with(engine, plan, async |town| story(town, &mut centre).await);
}

mod checks {
    use super::*;

    pub fn the_message_about_credit_arrives_in_the_lines_language_and_its_receipt_is_booked(engine: Engine) {
        in_town(engine, async |town| {
            sell(town, NUMBER, TEN).await;
            let english = town.outside.message(NUMBER).await;
            let text = english["text"].as_str().unwrap();
            assert!(
                text.starts_with("Prueba: £10.00 credit has arrived on the number ending 3456. Order "),
                "{text}"
            );
            assert_eq!((english["encoding"].as_str(), english["segments"].as_u64()), (Some("gsm7"), Some(1)));
            assert_eq!(english["from"], "Prueba");
            message_is(town, "delivered").await;
            sell(town, CHINESE_NUMBER, TEN).await;
            let chinese = town.outside.message(CHINESE_NUMBER).await;
            let text = chinese["text"].as_str().unwrap();
            assert!(text.starts_with("【Prueba】尾号8888：话费") && text.contains("已到账"), "{text}");
            assert_eq!((chinese["encoding"].as_str(), chinese["segments"].as_u64()), (Some("ucs2"), Some(1)));
            until("both receipts", async || {
                town.work().await;
                town.count("select count(*) from message where state = 'delivered' and delivered_at > 0")
                    .await
                    == 2
            })
            .await;
        });
    }

    pub fn a_bundle_is_named_in_the_message(engine: Engine) {
        in_town(engine, async |town| {
            sell(town, NUMBER, "gb-traveller").await;
            let message = town.outside.message(NUMBER).await;
            let text = message["text"].as_str().unwrap();
            assert!(text.starts_with("Prueba: Traveller has arrived on the number ending 3456."), "{text}");
        });
    }

    pub fn a_message_that_was_not_delivered_is_failed(engine: Engine) {
        in_town(engine, async |town| {
            sell(town, "447400120000", TEN).await;
            message_is(town, "failed").await;
            assert!(town.outside.inbox("447400120000").await.is_empty());
        });
    }

    pub fn a_number_that_the_centre_refuses_is_failed_at_once(engine: Engine) {
        in_town(engine, async |town| {
            sell(town, "447400120001", TEN).await;
            message_is(town, "failed").await;
            assert_eq!(town.count("select attempts from message").await, 1);
        });
    }

    pub fn a_centre_that_does_not_answer_is_tried_again_and_then_people_look(engine: Engine) {
        in_town(engine, async |town| {
            sell(town, "447400120002", TEN).await;
            message_is(town, "queued").await;
            for _ in 0..8 {
                town.pass(20 * MINUTE_MS).await;
            }
            message_is(town, "dead").await;
            assert_eq!(town.count("select attempts from message").await, 8);
            assert_eq!(town.count("select count(*) from outbox where state = 'dead'").await, 1);
        });
    }

    pub fn another_centre_takes_our_messages_and_its_receipts_are_booked(engine: Engine) {
        with_another_centre(engine, "Prueba", &[], async |town, centre| {
            sell(town, NUMBER, TEN).await;
            let bind = centre.next("bind");
            assert_eq!((&bind["system_id"], &bind["interface_version"]), (&"recarga".into(), &0x34.into()));
            let english = centre.next("message_id");
            assert_eq!((&english["destination"], &english["source"]), (&NUMBER.into(), &"Prueba".into()));
            assert!(
                english["text"].as_str().unwrap().starts_with("Prueba: £10.00 credit has arrived"),
                "{english}"
            );
            assert_eq!(english["data_coding"], 0);
            message_is(town, "delivered").await;
            sell(town, CHINESE_NUMBER, TEN).await;
            let chinese = centre.next("message_id");
            assert!(chinese["text"].as_str().unwrap().contains("已到账"), "{chinese}");
            assert_eq!(chinese["data_coding"], 8);
        });
    }

    pub fn another_centre_that_throttles_gets_the_message_later(engine: Engine) {
        with_another_centre(engine, "Prueba", &["--throttle", "2"], async |town, centre| {
            sell(town, NUMBER, TEN).await;
            for _ in 0..3 {
                town.pass(MINUTE_MS).await;
            }
            message_is(town, "delivered").await;
            centre.next("message_id");
        });
    }

    pub fn another_centre_gets_a_long_message_in_parts(engine: Engine) {
        let brand = "一家名字很长的移动运营商".repeat(8);
        with_another_centre(engine, &brand, &[], async |town, centre| {
            sell(town, CHINESE_NUMBER, TEN).await;
            let mut parts = vec![centre.next("message_id")];
            let total = parts[0]["concatenation"]["total"].as_u64().expect("it is cut");
            while u64::try_from(parts.len()).unwrap() < total {
                parts.push(centre.next("message_id"));
            }
            let mut text = String::new();
            for (at, part) in parts.iter().enumerate() {
                let place = &part["concatenation"];
                assert_eq!(place["reference"], parts[0]["concatenation"]["reference"]);
                assert_eq!(place["part"], at + 1);
                text.push_str(part["text"].as_str().unwrap());
            }
            assert!(total > 1 && text.starts_with(&format!("【{brand}】尾号8888")), "{text}");
            message_is(town, "delivered").await;
        });
    }
}
