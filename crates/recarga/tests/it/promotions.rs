//! Promotions: what was shown is given, no more than the budget and no line too often, however many come at once.

use crate::support::api::{Answer, Api};
use crate::support::buyer::{Order, attribute, text};
use crate::support::member::register;
use crate::support::outside::Session;
use crate::support::registry::{CATALOGUE, NUMBER};
use crate::support::town::{Town, in_town};
use domain::id::{LineId, SubscriberId};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};
use serde_json::{Value, json};
use store::promotion::Spent;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_promotion_runs_from_its_start_to_before_its_end_by_the_markets_clocks
    the_bonus_is_in_the_price_the_order_the_receipt_the_message_and_the_balance
    two_orders_at_once_cannot_have_the_last_use_of_a_line
    fifty_orders_at_once_on_a_budget_for_ten_give_ten_and_everybody_gets_what_was_shown
    a_crowd_of_float_sales_on_a_short_budget_is_sold_and_ten_have_the_bonus
    float_sales_that_were_shown_a_bonus_get_it_or_are_refused
    an_order_that_is_cancelled_gives_its_bonus_to_the_next
    an_order_whose_line_refuses_gives_its_bonus_back
    a_bonus_that_was_promised_is_given_after_the_promotion_has_ended
    a_quoted_bonus_is_kept_and_one_that_is_gone_is_told
    a_bonus_with_an_end_is_a_bucket_of_its_own_and_ends
    a_sale_that_is_taken_back_gives_its_bonus_to_the_budget_and_its_use_to_the_line
    a_sale_whose_bonus_was_used_is_not_taken_back
    the_largest_bonus_wins_and_an_order_has_one
    a_budget_cannot_fall_below_what_was_given
    what_is_left_of_a_budget_goes_back_after_the_end
    the_page_tells_what_runs_and_what_comes_and_nothing_that_is_used_up
    a_promotion_leads_to_its_offer
    a_member_is_told_whether_their_number_can_have_it
}

const PAYS: &str = "4242424242424242";
const TWENTY: &str = "gb-credit-20";
/// £20, its own bonus of £2, and the promotion's £4.
const WITH_BONUS: i64 = 2_600;
const WITHOUT: i64 = 2_200;

/// A local date and time in London, some days from now.
fn day(town: &Town, days: i64) -> String {
    local(town.world.now().plus_ms(days * DAY_MS), "%Y-%m-%dT00:00")
}

fn local(at: UnixMs, format: &str) -> String {
    at.timestamp().in_tz("Europe/London").expect("London has a time zone").strftime(format).to_string()
}

/// One promotion as the catalogue file has it: 20 % on £20, running.
fn autumn(town: &Town, more: &str) -> String {
    promotion("autumn", &format!("percent_bps = 2000\nmax_bonus_minor = 1000\n{more}"), town, (-1, 10))
}

fn promotion(id: &str, more: &str, town: &Town, (from, to): (i64, i64)) -> String {
    let (starts, ends) = (day(town, from), day(town, to));
    format!(
        "[[market.promotion]]\nid = \"{id}\"\nname = {{ en = \"Bonus {id}\", zh-CN = \"赠送{id}\" }}\n\
         text = {{ en = \"More of it.\" }}\noffers = [\"{TWENTY}\"]\nstarts = \"{starts}\"\nends = \"{ends}\"\n{more}\n\n"
    )
}

fn catalogue(promotions: &str) -> String {
    let german = "[[market]]\ncountry = \"DE\"";
    CATALOGUE.replacen(german, &format!("{promotions}{german}"), 1)
}

async fn promote(town: &Town, promotions: &str) {
    town.import_catalogue(&catalogue(promotions)).await;
}

async fn spent(town: &Town) -> Spent {
    town.read(|tx| store::promotion::spent(tx, "autumn")).await
}

async fn quote(town: &Town) -> Value {
    let answer = town.api.post("/v1/quotes", None, &json!({ "msisdn": NUMBER, "offer_id": TWENTY })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json
}

fn sale(tender: Value, more: Value) -> Value {
    let mut body = json!({ "msisdn": NUMBER, "offer_id": TWENTY, "tender": tender });
    for (field, value) in more.as_object().expect("fields") {
        body[field] = value.clone();
    }
    body
}

fn float() -> Value {
    json!({ "type": "float" })
}

fn hosted() -> Value {
    json!({ "type": "hosted", "return_url": "https://shop.example/done" })
}

fn four() -> Value {
    json!({ "expected_bonus": { "amount_minor": 400, "currency": "GBP" } })
}

/// Sends one body under many keys at once.
async fn crowd(api: &Api, size: usize, body: &Value) -> Vec<Answer> {
    let sending = (0..size).map(|n| {
        let (api, body) = (api.clone(), body.clone());
        tokio::spawn(async move { api.post("/v1/top-ups", Some(&format!("crowd-{n}")), &body).await })
    });
    let mut answers = Vec::with_capacity(size);
    for sent in sending.collect::<Vec<_>>() {
        answers.push(sent.await.expect("an answer"));
    }
    answers
}

fn has_bonus(answer: &Answer) -> bool {
    answer.json["promotion"]["bonus"]["amount_minor"] == 400
}

async fn order(town: &Town) -> Order {
    town.buyer().order(NUMBER, TWENTY).await
}

async fn pay(town: &Town, order: &Order) {
    assert_eq!(town.outside.pay(&order.session, PAYS).await, "return");
    assert_eq!(town.look(order).await, "credited");
}

mod checks {
    use super::*;

    pub fn a_promotion_runs_from_its_start_to_before_its_end_by_the_markets_clocks(engine: Engine) {
        in_town(engine, async |town| {
            let gives = "bonus_minor = 400\nuses_per_line = 9\nbudget = 100000";
            promote(town, &promotion("autumn", gives, town, (1, 2))).await;
            let midnight = local(town.world.now().plus_ms(DAY_MS), "%Y-%m-%dT00:00:00");
            let zone = jiff::tz::TimeZone::get("Europe/London").unwrap();
            let starts: jiff::civil::DateTime = midnight.parse().unwrap();
            let starts = zone.to_ambiguous_timestamp(starts).compatible().unwrap().as_millisecond();
            let until = starts - town.world.now().0;
            town.clock.pass(until - 30 * SECOND_MS);
            assert_eq!(quote(town).await["promotion"], Value::Null);
            town.clock.pass(30 * SECOND_MS);
            assert_eq!(quote(town).await["promotion"]["bonus"]["amount_minor"], 400);
            town.clock.pass(26 * HOUR_MS);
            assert_eq!(quote(town).await["promotion"], Value::Null);
        });
    }

    pub fn the_bonus_is_in_the_price_the_order_the_receipt_the_message_and_the_balance(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 3\nbudget = 100000")).await;
            let buyer = town.buyer();
            let form = buyer.review(NUMBER, TWENTY).await;
            let review = buyer.get(&form.action.replace("/pay", "/review")).await;
            assert!(text(&review.text, "[data-testid=promotion-bonus]").contains("Bonus autumn"));
            assert!(text(&review.text, "[data-testid=promotion-bonus]").contains("+£4.00"));
            let answer = buyer.press(&form, "").await;
            let page = crate::support::buyer::redirected(&answer);
            let code = crate::support::buyer::passed(&answer);
            let order = Order { code, session: Session::of_page(&page), buyer };
            assert_eq!(spent(town).await, Spent { funded: 100_000, given: 0, held: 400, left: 99_600 });
            pay(town, &order).await;
            assert_eq!(spent(town).await, Spent { funded: 100_000, given: 400, held: 0, left: 99_600 });
            assert_eq!(town.api.balance(NUMBER).await, WITH_BONUS);
            assert!(order.sentence().await.contains("£26.00"), "{}", order.sentence().await);
            assert!(text(&order.page().await.text, "[data-testid=promotion-bonus]").contains("+£4.00"));
            let receipt = order.buyer.get(&format!("/o/{}/receipt", order.code)).await;
            assert!(text(&receipt.text, "[data-testid=promotion-bonus]").contains("+£4.00"));
            town.work().await;
            let told = town.outside.message(NUMBER).await["text"].as_str().unwrap_or_default().to_owned();
            assert!(told.contains("£26.00") && told.contains("£6.00 of it bonus"), "{told}");
        });
    }

    pub fn two_orders_at_once_cannot_have_the_last_use_of_a_line(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 1\nbudget = 100000")).await;
            let (first, second) = (town.buyer(), town.buyer());
            let (one, two) = (first.review(NUMBER, TWENTY).await, second.review(NUMBER, TWENTY).await);
            let (one, two) = tokio::join!(first.press(&one, ""), second.press(&two, ""));
            let mut answers = [&one, &two];
            answers.sort_by_key(|answer| answer.status);
            assert_eq!((answers[0].status, answers[1].status), (200, 303), "{}", answers[0].text);
            let problem = attribute(&answers[0].text, "[data-testid=error-summary]", "data-code");
            assert_eq!(problem.as_deref(), Some("bonus_changed"));
            assert_eq!(text(&answers[0].text, "[data-testid=promotion-bonus]"), "", "what it is now");
            assert_eq!(spent(town).await.held, 400);
            assert_eq!(town.count("select count(*) from top_up").await, 1);
            assert_eq!(quote(town).await["promotion"], Value::Null, "the line has had it");
        });
    }

    pub fn fifty_orders_at_once_on_a_budget_for_ten_give_ten_and_everybody_gets_what_was_shown(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 1000\nbudget = 4100")).await;
            let answers = crowd(&town.api, 50, &sale(hosted(), four())).await;
            let (begun, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
            assert_eq!((begun.len(), refused.len()), (10, 40));
            refused.iter().for_each(|answer| answer.is_problem(409, "price_changed"));
            assert!(begun.iter().all(|answer| has_bonus(answer)));
            assert_eq!(spent(town).await, Spent { funded: 4_100, given: 0, held: 4_000, left: 100 });
            for answer in begun {
                let page = Session::of_page(answer.text_of("payment_url"));
                assert_eq!(town.outside.pay(&page, PAYS).await, "return");
                town.clock.pass(2_100);
                assert_eq!(town.api.state(answer.text_of("id")).await, "credited");
            }
            town.work().await;
            assert_eq!(town.api.balance(NUMBER).await, 10 * WITH_BONUS);
            assert_eq!(spent(town).await, Spent { funded: 4_100, given: 4_000, held: 0, left: 100 });
        });
    }

    pub fn a_crowd_of_float_sales_on_a_short_budget_is_sold_and_ten_have_the_bonus(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 1000\nbudget = 4000")).await;
            let answers = crowd(&town.api, 30, &sale(float(), json!({}))).await;
            assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
            assert_eq!(answers.iter().filter(|answer| has_bonus(answer)).count(), 10);
            assert_eq!(town.api.balance(NUMBER).await, 10 * WITH_BONUS + 20 * WITHOUT);
            assert_eq!(spent(town).await, Spent { funded: 4_000, given: 4_000, held: 0, left: 0 });
        });
    }

    pub fn float_sales_that_were_shown_a_bonus_get_it_or_are_refused(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 1000\nbudget = 4000")).await;
            let answers = crowd(&town.api, 30, &sale(float(), four())).await;
            let (sold, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
            assert_eq!(sold.len(), 10);
            assert!(sold.iter().all(|answer| has_bonus(answer)));
            refused.iter().for_each(|answer| answer.is_problem(409, "price_changed"));
            assert_eq!(town.api.balance(NUMBER).await, 10 * WITH_BONUS);
            // A refusal stays under its key, and without the bonus it is sold.
            let again = crowd(&town.api, 30, &sale(float(), four())).await;
            assert!(again.iter().all(Answer::replayed));
            let plain =
                sale(float(), json!({ "expected_total": { "amount_minor": 2000, "currency": "GBP" } }));
            assert_eq!(town.api.post("/v1/top-ups", Some("plain"), &plain).await.status, 201);
        });
    }

    pub fn an_order_that_is_cancelled_gives_its_bonus_to_the_next(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 1\nbudget = 400")).await;
            let first = order(town).await;
            assert_eq!(spent(town).await.left, 0);
            assert_eq!(quote(town).await["promotion"], Value::Null);
            first.cancel().await;
            assert_eq!(town.look(&first).await, "cancelled");
            assert_eq!(spent(town).await, Spent { funded: 400, given: 0, held: 0, left: 400 });
            town.clock.pass(6 * SECOND_MS);
            pay(town, &order(town).await).await;
            assert_eq!(town.api.balance(NUMBER).await, WITH_BONUS);
        });
    }

    pub fn an_order_whose_line_refuses_gives_its_bonus_back(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 1\nbudget = 400")).await;
            let order = order(town).await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},barred\n")).await;
            assert_eq!(town.outside.pay(&order.session, PAYS).await, "return");
            town.look(&order).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(town.look(&order).await, "refunded");
            assert_eq!(spent(town).await, Spent { funded: 400, given: 0, held: 0, left: 400 });
        });
    }

    pub fn a_bonus_that_was_promised_is_given_after_the_promotion_has_ended(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 1\nbudget = 1000")).await;
            let order = order(town).await;
            // The operator takes the promotion out of the catalogue before the buyer has paid.
            promote(town, "").await;
            town.pass(10 * SECOND_MS).await;
            assert_eq!(spent(town).await, Spent { funded: 400, given: 0, held: 400, left: 0 });
            pay(town, &order).await;
            assert_eq!(town.api.balance(NUMBER).await, WITH_BONUS);
        });
    }

    pub fn a_quoted_bonus_is_kept_and_one_that_is_gone_is_told(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 9\nbudget = 400")).await;
            let (first, second) = (quote(town).await, quote(town).await);
            let with = |quote: &Value| sale(float(), json!({ "quote_id": quote["quote_id"] }));
            let sold = town.api.post("/v1/top-ups", Some("a"), &with(&first)).await;
            assert!(sold.status == 201 && has_bonus(&sold), "{}", sold.text);
            let gone = town.api.post("/v1/top-ups", Some("b"), &with(&second)).await;
            gone.is_problem(409, "price_changed");
            assert_eq!(gone.json["total"]["amount_minor"], 2_000);
            assert_eq!(town.api.balance(NUMBER).await, WITH_BONUS);
            let same = town.api.get(&format!("/v1/top-ups/{}", sold.text_of("id"))).await;
            assert!(has_bonus(&same));
        });
    }

    pub fn a_bonus_with_an_end_is_a_bucket_of_its_own_and_ends(engine: Engine) {
        in_town(engine, async |town| {
            let days = "uses_per_line = 1\nbudget = 400\nbonus_valid_for_days = 30";
            promote(town, &autumn(town, days)).await;
            pay(town, &order(town).await).await;
            let balance = town.api.get(&format!("/v1/lines/{NUMBER}/balance")).await;
            assert_eq!(balance.json["money"]["amount_minor"], WITHOUT);
            let bucket = &balance.json["buckets"][0];
            assert_eq!((&bucket["unit"], &bucket["remaining"]), (&json!("GBP"), &json!(400)));
            town.pass(31 * DAY_MS).await;
            let balance = town.api.get(&format!("/v1/lines/{NUMBER}/balance")).await;
            assert_eq!(balance.json["buckets"], json!([]));
            let breakage = "select credits_posted from account where id = 'breakage:operator:GBP'";
            assert_eq!(town.count(breakage).await, 400);
        });
    }

    pub fn a_sale_that_is_taken_back_gives_its_bonus_to_the_budget_and_its_use_to_the_line(engine: Engine) {
        in_town(engine, async |town| {
            for more in ["", "\nbonus_valid_for_days = 30"] {
                promote(town, &autumn(town, &format!("uses_per_line = 1\nbudget = 400{more}"))).await;
                let sold = town
                    .api
                    .sell(&format!("sell{more}").replace(['\n', ' ', '='], "-"), NUMBER, TWENTY)
                    .await;
                assert!(has_bonus(&sold), "{}", sold.text);
                assert_eq!(quote(town).await["promotion"], Value::Null);
                let path = format!("/v1/top-ups/{}/reverse", sold.text_of("id"));
                let key = format!("back-{}", more.len());
                let back = town.api.post(&path, Some(&key), &json!({})).await;
                assert_eq!((back.status, back.text_of("state")), (200, "reversed"), "{}", back.text);
                assert_eq!(spent(town).await, Spent { funded: 400, given: 0, held: 0, left: 400 });
                assert_eq!(town.api.balance(NUMBER).await, 0);
                town.clock.pass(6 * SECOND_MS);
                assert_eq!(quote(town).await["promotion"]["id"], "autumn", "the line can have it again");
            }
        });
    }

    pub fn a_sale_whose_bonus_was_used_is_not_taken_back(engine: Engine) {
        in_town(engine, async |town| {
            let days = "uses_per_line = 1\nbudget = 400\nbonus_valid_for_days = 30";
            promote(town, &autumn(town, days)).await;
            let sold = town.api.sell("sell", NUMBER, TWENTY).await;
            assert!(has_bonus(&sold), "{}", sold.text);
            let at = town.world.now().rfc3339();
            let used = json!({ "id": "u1", "unit": "GBP", "amount": 100, "at": at });
            let told = town.api.post(&format!("/v1/lines/{NUMBER}/usage"), Some("u1"), &used).await;
            assert_eq!(told.status, 201, "{}", told.text);
            let path = format!("/v1/top-ups/{}/reverse", sold.text_of("id"));
            let back = town.api.post(&path, Some("back"), &json!({})).await;
            assert_eq!((back.status, back.text_of("code")), (409, "credit_spent"), "{}", back.text);
            assert_eq!(town.api.balance(NUMBER).await, WITHOUT);
            town.clock.pass(6 * SECOND_MS);
            assert_eq!(quote(town).await["promotion"], Value::Null, "the line had it");
        });
    }

    pub fn the_largest_bonus_wins_and_an_order_has_one(engine: Engine) {
        in_town(engine, async |town| {
            let fixed = "bonus_minor = 500\nuses_per_line = 1\nbudget = 500";
            let both =
                autumn(town, "uses_per_line = 9\nbudget = 4000") + &promotion("fixed", fixed, town, (-1, 10));
            promote(town, &both).await;
            assert_eq!(quote(town).await["promotion"]["id"], "fixed");
            assert_eq!(town.api.sell("a", NUMBER, TWENTY).await.json["promotion"]["id"], "fixed");
            assert_eq!(town.api.sell("b", NUMBER, TWENTY).await.json["promotion"]["id"], "autumn");
            assert_eq!(town.api.balance(NUMBER).await, 2 * WITHOUT + 500 + 400);
        });
    }

    pub fn a_budget_cannot_fall_below_what_was_given(engine: Engine) {
        in_town(engine, async |town| {
            let with =
                |budget: i64| catalogue(&autumn(town, &format!("uses_per_line = 9\nbudget = {budget}")));
            town.import_catalogue(&with(4_000)).await;
            town.api.sell("a", NUMBER, TWENTY).await;
            let _held = order(town).await;
            let faults = flows::catalogue::import(&town.world, &with(799)).await.unwrap().unwrap_err();
            let line = with(799).lines().position(|line| line == "[[market.promotion]]").unwrap() + 1;
            assert_eq!((faults.len(), faults[0].line), (1, line));
            assert!(faults[0].reason.contains("799") && faults[0].reason.contains("800"), "{faults:?}");
            assert_eq!(spent(town).await.funded, 4_000, "nothing was changed");
            town.import_catalogue(&with(800)).await;
            assert_eq!(spent(town).await, Spent { funded: 800, given: 400, held: 400, left: 0 });
            town.import_catalogue(&with(1_200)).await;
            assert_eq!(spent(town).await.left, 400);
        });
    }

    pub fn what_is_left_of_a_budget_goes_back_after_the_end(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 9\nbudget = 4000")).await;
            town.api.sell("a", NUMBER, TWENTY).await;
            town.pass(12 * DAY_MS).await;
            assert_eq!(spent(town).await, Spent { funded: 400, given: 400, held: 0, left: 0 });
            let expense =
                "select debits_posted - credits_posted from account where id = 'bonus_expense:GB:GBP'";
            assert_eq!(town.count(expense).await, 200 + 400, "the offer's own bonus, and what was given");
        });
    }

    pub fn the_page_tells_what_runs_and_what_comes_and_nothing_that_is_used_up(engine: Engine) {
        in_town(engine, async |town| {
            let coming = "bonus_allowance = { unit = \"octets\", amount = 1000000000 }\nuses_per_line = 1\n\
                          budget = 5000000000\nbonus_valid_for_days = 30";
            let both =
                autumn(town, "uses_per_line = 9\nbudget = 400") + &promotion("winter", coming, town, (5, 10));
            promote(town, &both).await;
            let page = town.buyer().get("/promotions").await;
            assert_eq!(page.status, 200);
            let running = |id: &str| {
                attribute(&page.text, &format!("[data-promotion={id}]"), "data-running").unwrap_or_default()
            };
            assert_eq!((running("autumn"), running("winter")), ("yes".into(), "no".into()));
            assert!(text(&page.text, "[data-promotion=winter]").contains("1 GB"));
            let start = town.buyer().get("/").await;
            assert!(text(&start.text, "[data-testid=start-promotion]").contains("Bonus autumn"));
            assert!(has_bonus(&town.api.sell("a", NUMBER, TWENTY).await));
            town.clock.pass(6 * SECOND_MS);
            let page = town.buyer().reading("zh-CN").get("/promotions").await;
            assert!(!page.text.contains("data-promotion=\"autumn\""), "used up: gone, not greyed");
            assert!(text(&page.text, "[data-promotion=winter]").contains("赠送winter"));
        });
    }

    pub fn a_promotion_leads_to_its_offer(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 9\nbudget = 400")).await;
            let buyer = town.buyer();
            let page = buyer.get("/promotions").await;
            let link = attribute(&page.text, "[data-testid=promotion-take]", "href").expect("a link");
            let start = buyer.get(&link).await;
            let offer =
                attribute(&start.text, "[name=offer]", "value").expect("the offer goes with the form");
            let number = format!("+{NUMBER}");
            let fields = [("country", "GB"), ("msisdn", number.as_str()), ("offer", offer.as_str())];
            let next = crate::support::buyer::redirected(&buyer.post("/top-up", &fields).await);
            assert!(next.ends_with("/review"), "{next}");
            assert!(text(&buyer.get(&next).await.text, "[data-testid=promotion-bonus]").contains("+£4.00"));
        });
    }

    pub fn a_member_is_told_whether_their_number_can_have_it(engine: Engine) {
        in_town(engine, async |town| {
            promote(town, &autumn(town, "uses_per_line = 1\nbudget = 4000")).await;
            let browser = town.buyer();
            register(town, &browser, "ana@example.org", NUMBER).await;
            let own = town.world.db.write(|tx| {
                let id = |tx: &mut store::Tx<'_>, sql| tx.query_first(sql, &[], |row| row.text(0));
                let subscriber = id(tx, "select id from subscriber")?.expect("a subscriber");
                let line = id(tx, "select id from line where last4 = '3456'")?.expect("a line");
                let (subscriber, line) = (SubscriberId::stored(subscriber), LineId::stored(line));
                store::account::subscriber_line::add(tx, &subscriber, &line, UnixMs(1))
            });
            own.await.expect("written");
            let why = async || {
                let page = browser.get("/promotions").await;
                attribute(&page.text, "[data-testid=promotion-line]", "data-why").expect("a line")
            };
            assert_eq!(why().await, "yes");
            assert!(has_bonus(&town.api.sell("a", NUMBER, TWENTY).await));
            assert_eq!(why().await, "used_up");
        });
    }
}
