//! How thieves try stolen cards: many declines, many cards, many small orders from one hand. Their next order is refused
//! in words, and money of theirs that came all the same waits for people.

use crate::support::buyer::{Buyer, Order, redirected};
use crate::support::registry::{CHINESE_NUMBER, NUMBER, TEN};
use crate::support::risk::{limit, noticed, press, problem};
use crate::support::town::{Town, in_town};
use domain::risk::Limit;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    after_many_declines_new_orders_of_that_hand_are_refused_for_an_hour
    a_decline_is_counted_once_however_often_it_is_told
    many_different_cards_in_one_browser_end_its_orders_for_a_day
    money_that_comes_while_cards_are_tried_waits_for_people
    many_small_orders_are_refused_and_larger_ones_are_not
}

const PAYS: &str = "4242424242424242";
const DECLINED: [&str; 4] = ["4000000000000002", "4000000000009995", "4000000000000069", "4000000000000127"];

/// A card is declined on the page of this order, and its buyer looks.
async fn declined(town: &Town, order: &Order, card: &str) {
    assert_eq!(town.outside.pay(&order.session, card).await, "declined");
    assert_eq!(town.look(order).await, "awaiting_payment");
}

async fn order(buyer: &Buyer) -> Order {
    buyer.order(NUMBER, TEN).await
}

mod checks {
    use super::*;

    pub fn after_many_declines_new_orders_of_that_hand_are_refused_for_an_hour(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::DeclinesPerDevice, 2).await;
            let thief = town.buyer();
            let begun = order(&thief).await;
            for _ in 0..3 {
                declined(town, &begun, DECLINED[0]).await;
            }
            let refused = press(&thief, CHINESE_NUMBER, "").await;
            let (code, words) = problem(&refused);
            assert_eq!(code, "too_many_tries", "{}", refused.text);
            assert!(words.contains("You were not charged") && words.contains("paused until"), "{words}");
            redirected(&press(&town.buyer(), CHINESE_NUMBER, "").await);
            town.pass(HOUR_MS + MINUTE_MS).await;
            redirected(&press(&thief, CHINESE_NUMBER, "").await);
        });
    }

    pub fn a_decline_is_counted_once_however_often_it_is_told(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::DeclinesPerDevice, 1).await;
            let unlucky = town.buyer();
            let begun = order(&unlucky).await;
            declined(town, &begun, DECLINED[0]).await;
            for _ in 0..3 {
                assert_eq!(town.look(&begun).await, "awaiting_payment");
            }
            let event = town.outside.event("payment_intent.payment_failed").await;
            assert_eq!(town.outside.deliver(&event, 5, "true").await, [200; 5]);
            town.work().await;
            assert_eq!(noticed(town, &begun).await.len(), 1);
            redirected(&press(&unlucky, CHINESE_NUMBER, "").await);
        });
    }

    pub fn many_different_cards_in_one_browser_end_its_orders_for_a_day(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::CardsPerDevice, 3).await;
            let thief = town.buyer();
            let begun = order(&thief).await;
            for card in DECLINED {
                declined(town, &begun, card).await;
            }
            assert_eq!(problem(&press(&thief, CHINESE_NUMBER, "").await).0, "too_many_tries");
            town.pass(2 * HOUR_MS).await;
            assert_eq!(problem(&press(&thief, CHINESE_NUMBER, "").await).0, "too_many_tries");
            town.pass(DAY_MS).await;
            redirected(&press(&thief, CHINESE_NUMBER, "").await);
        });
    }

    pub fn money_that_comes_while_cards_are_tried_waits_for_people(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::CardsPerDevice, 3).await;
            let begun = order(&town.buyer()).await;
            for card in DECLINED {
                declined(town, &begun, card).await;
            }
            assert_eq!(town.outside.pay(&begun.session, PAYS).await, "return");
            assert_eq!(town.look(&begun).await, "review");
            assert_eq!(town.api.balance(NUMBER).await, 0);
            let kinds: Vec<String> = noticed(town, &begun).await.into_iter().map(|(kind, _)| kind).collect();
            assert!(kinds.contains(&"testing".to_owned()), "{kinds:?}");
            let honest = order(&town.buyer()).await;
            assert_eq!(town.outside.pay(&honest.session, PAYS).await, "return");
            assert_eq!(town.look(&honest).await, "credited");
        });
    }

    pub fn many_small_orders_are_refused_and_larger_ones_are_not(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::SmallOrder, 9).await;
            limit(town, Limit::SmallOrdersPerDevice, 2).await;
            let thief = town.buyer();
            for _ in 0..2 {
                let form = thief.review(NUMBER, "gb-credit-5").await;
                redirected(&thief.press(&form, "").await);
            }
            let form = thief.review(NUMBER, "gb-credit-5").await;
            assert_eq!(problem(&thief.press(&form, "").await).0, "too_many_by_device");
            redirected(&press(&thief, NUMBER, "").await);
        });
    }
}
