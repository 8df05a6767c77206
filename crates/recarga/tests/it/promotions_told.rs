//! What partners are told of promotions before they sell, and what becomes of a bonus whose order's refund bounces.

use crate::support::api::Answer;
use crate::support::buyer::Order;
use crate::support::registry::{CATALOGUE, NUMBER};
use crate::support::town::{Town, in_town};
use domain::actor::Actor;
use domain::time::{DAY_MS, SECOND_MS};
use flows::top_up::reverse;
use serde_json::{Value, json};
use store::promotion::Spent;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_partner_sees_with_each_offer_what_runs_until_when_and_how_often
    a_number_whose_balance_its_network_keeps_is_told_that_it_gets_nothing
    a_promotion_whose_budget_is_used_up_is_not_in_the_list
    a_bonus_that_was_taken_back_is_with_its_line_again_when_the_refund_bounces
    a_bonus_that_was_never_given_stays_free_when_the_refund_bounces
}

const TWENTY: &str = "gb-credit-20";
const KEPT: &str = "447400127100";
/// Its refund succeeds and can fail afterwards.
const REFUND_BOUNCES: &str = "4000000000005126";

async fn promote(town: &Town, more: &str) {
    let day = |days: i64| {
        let at = town.world.now().plus_ms(days * DAY_MS).timestamp();
        at.in_tz("Europe/London").expect("London has a time zone").strftime("%Y-%m-%dT00:00").to_string()
    };
    let promotion = format!(
        "[[market.promotion]]\nid = \"autumn\"\nname = {{ en = \"Autumn\", zh-CN = \"秋季赠送\" }}\n\
         text = {{ en = \"More of it.\" }}\noffers = [\"{TWENTY}\"]\npercent_bps = 2000\nmax_bonus_minor = 1000\n\
         starts = \"{}\"\nends = \"{}\"\n{more}\n\n",
        day(-1),
        day(10)
    );
    let german = "[[market]]\ncountry = \"DE\"";
    town.import_catalogue(&CATALOGUE.replacen(german, &format!("{promotion}{german}"), 1)).await;
}

async fn offered(town: &Town, number: &str, language: &str) -> Vec<Value> {
    let path = format!("/v1/offers?msisdn={number}");
    let request = town.api.request(reqwest::Method::GET, &path).header("accept-language", language);
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let items = answer.json["items"].as_array().expect("offers").clone();
    let twenty = items.into_iter().find(|offer| offer["offer_id"] == TWENTY).expect("the offer");
    twenty["promotions"].as_array().expect("promotions").clone()
}

async fn quote(town: &Town, number: &str) -> Value {
    let answer = town.api.post("/v1/quotes", None, &json!({ "msisdn": number, "offer_id": TWENTY })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json
}

async fn spent(town: &Town) -> Spent {
    town.read(|tx| store::promotion::spent(tx, "autumn")).await
}

async fn uses(town: &Town) -> i64 {
    town.count("select cast(coalesce(sum(uses), 0) as bigint) from promotion_line").await
}

async fn take_back(town: &Town, order: &Order) {
    let (top_up, context) = (town.stored(order).await, town.world.step());
    let asked = town
        .world
        .db
        .write(move |tx| reverse::request(tx, &context, "stripe", top_up.clone(), Actor::Operator));
    asked.await.expect("decided").expect("begun");
    town.work().await;
}

/// The newest refund fails after it had succeeded.
async fn bounce(town: &Town) {
    let refunds = town.outside.refunds().await;
    let id = refunds.last().expect("a refund")["id"].as_str().expect("an id").to_owned();
    town.outside.settle_refund(&id, "failed").await;
    town.clock.set_right();
    let event = town.outside.event("refund.failed").await;
    assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
    town.work().await;
}

mod checks {
    use super::*;

    pub fn a_partner_sees_with_each_offer_what_runs_until_when_and_how_often(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, "uses_per_line = 2\nbudget = 100000\nbonus_valid_for_days = 30").await;
            let told = offered(town, NUMBER, "en").await;
            assert_eq!(told.len(), 1);
            let one = &told[0];
            assert_eq!(
                (&one["id"], &one["uses_per_line"], &one["uses_left"]),
                (&json!("autumn"), &json!(2), &json!(2))
            );
            assert_eq!(one["gives"]["bonus"], json!({ "amount_minor": 400, "currency": "GBP" }));
            assert_eq!((&one["rate_bps"], &one["gives"]["valid_for_days"]), (&json!(2000), &json!(30)));
            assert_eq!(one["why_not"], Value::Null);
            let until = one["until"].as_str().expect("an end");
            assert!(until.ends_with('Z') && until.contains('T'), "{until}");
            let words = one["words"].as_str().expect("words");
            assert!(words.starts_with("Autumn: 20% bonus on top, at most £10.00, until "), "{words}");
            assert!(words.ends_with("This number can have it 2 more times."), "{words}");
            let chinese = offered(town, NUMBER, "zh-CN,zh;q=0.9").await;
            let words = chinese[0]["words"].as_str().expect("words");
            assert!(
                words.starts_with("秋季赠送：另赠20%") && words.ends_with("该号码还可享受2次。"),
                "{words}"
            );
            for key in ["a", "b"] {
                assert_eq!(town.api.sell(key, NUMBER, TWENTY).await.status, 201);
            }
            let used = offered(town, NUMBER, "en").await;
            assert_eq!((&used[0]["why_not"], &used[0]["uses_left"]), (&json!("used_up"), &json!(0)));
            assert_eq!(used[0]["gives"], Value::Null);
            let quoted = quote(town, NUMBER).await;
            assert_eq!(
                (&quoted["promotion"], &quoted["promotion_why_not"]),
                (&Value::Null, &json!("used_up"))
            );
        });
    }

    pub fn a_number_whose_balance_its_network_keeps_is_told_that_it_gets_nothing(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, "uses_per_line = 2\nbudget = 100000").await;
            town.import_lines(&format!("msisdn,status,locale,balance_keeper\n+{KEPT},active,,network\n"))
                .await;
            let told = offered(town, KEPT, "en").await;
            assert_eq!(told[0]["why_not"], "kept_by_network");
            assert!(told[0]["words"].as_str().expect("words").contains("cannot have it"), "{told:?}");
            let quoted = quote(town, KEPT).await;
            assert_eq!(quoted["promotion"], Value::Null);
            assert_eq!(quoted["promotion_why_not"], "kept_by_network");
        });
    }

    pub fn a_promotion_whose_budget_is_used_up_is_not_in_the_list(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, "uses_per_line = 9\nbudget = 400").await;
            assert_eq!(offered(town, NUMBER, "en").await.len(), 1);
            assert_eq!(town.api.sell("a", NUMBER, TWENTY).await.json["promotion"]["id"], "autumn");
            town.clock.pass(6 * SECOND_MS);
            assert!(offered(town, NUMBER, "en").await.is_empty());
            assert_eq!(quote(town, NUMBER).await["promotion_why_not"], Value::Null);
        });
    }

    pub fn a_bonus_that_was_taken_back_is_with_its_line_again_when_the_refund_bounces(engine: Engine) {
        for more in ["", "\nbonus_valid_for_days = 30"] {
            in_town(engine, async |town| {
                promote(town, &format!("uses_per_line = 1\nbudget = 400{more}")).await;
                let order = town.buyer().order(NUMBER, TWENTY).await;
                town.outside.pay(&order.session, REFUND_BOUNCES).await;
                assert_eq!(town.look(&order).await, "credited");
                let had = town.api.balance(NUMBER).await;
                assert_eq!((spent(town).await.given, uses(town).await), (400, 1));
                take_back(town, &order).await;
                assert_eq!(order.shown().await, "reversed");
                assert_eq!((spent(town).await.given, uses(town).await), (0, 0), "the next can have it");
                bounce(town).await;
                assert_eq!(order.shown().await, "credited");
                assert_eq!(town.api.balance(NUMBER).await, had, "the bonus is there again");
                let restored = "select count(*) from promotion_use where state = 'restored'";
                assert_eq!((town.count(restored).await, uses(town).await), (1, 1));
                let left = Spent { funded: 400, given: 0, held: 0, left: 400 };
                assert_eq!(spent(town).await, left, "it costs beside the budget");
                // Taken back once more, nothing of it stays with the line, and the budget is not filled twice.
                take_back(town, &order).await;
                assert_eq!(town.api.balance(NUMBER).await, 0);
                assert_eq!((spent(town).await, uses(town).await), (left, 0));
                assert_eq!(order.shown().await, "reversed");
            });
        }
    }

    pub fn a_bonus_that_was_never_given_stays_free_when_the_refund_bounces(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, "uses_per_line = 1\nbudget = 400").await;
            let order = town.buyer().order(NUMBER, TWENTY).await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},barred\n")).await;
            town.outside.pay(&order.session, REFUND_BOUNCES).await;
            assert_eq!(town.look(&order).await, "refunded");
            bounce(town).await;
            // Its money is ours again and goes back by people; it is never credited, so nobody waits for the bonus.
            assert_eq!(order.shown().await, "review");
            assert_eq!(spent(town).await, Spent { funded: 400, given: 0, held: 0, left: 400 });
            assert_eq!(uses(town).await, 0);
        });
    }
}
