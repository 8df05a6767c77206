//! An owner fills the float by card: the provider's word decides, what was taken is in the float once, and nobody else
//! has to agree.

use crate::support::agents::{agent, approved, gbp, in_float, key, owner, staff};
use crate::support::buyer::{attribute, redirected};
use crate::support::counter::{counter_of, hidden, said};
use crate::support::outside::Session;
use crate::support::risk::limit;
use crate::support::shop::{Opening, open_shop};
use crate::support::town::{Town, in_town};
use domain::agent::{Agent, AgentEvent};
use domain::agent_refusal::Refused;
use domain::float_request::FloatRequestState;
use domain::id::FloatRequestId;
use domain::money::Money;
use domain::payment::{Evidence, Finding};
use domain::risk::Limit;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use flows::agents::float_card::{self, ByCard, CardFill};
use flows::agents::{By, Outcome, Owner, decide, float};
use flows::payment::{Source, apply};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_card_fills_the_float_once_however_often_its_provider_says_so
    the_same_form_sent_twice_makes_one_page_and_fills_once
    a_lost_answer_is_asked_about_until_the_money_is_in_the_float
    a_page_that_is_left_takes_nothing_and_money_that_comes_late_is_in_the_float
    another_amount_than_asked_is_in_the_float_and_brought_to_people
    money_that_somebody_else_returns_is_brought_to_people
    what_an_agent_pays_in_by_card_in_a_day_is_limited
    who_may_not_fill_begins_no_payment
    nobody_else_decides_what_the_provider_decides
    the_owner_pays_from_the_counters_screen_and_sees_what_became_of_it
}

const PAYS: &str = "4242424242424242";
const TAKEN_AND_LOST: &str = "4000009900000012";
const FIVE_WEBHOOKS: &str = "4000009900000053";
const OTHER_AMOUNT: &str = "4000009900000095";

async fn dealer(town: &Town) -> Agent {
    let staff = staff(town).await;
    approved(town, &staff, "Dealer One", None).await
}

async fn begin(town: &Town, by: &Owner, word: &str, amount: Money) -> Outcome<FloatRequestId> {
    let wanted = CardFill { key: key(word), amount };
    float_card::begin(&town.world, by, wanted).await.expect("asked").map(|request| request.id)
}

async fn look(town: &Town, by: &Owner, id: &FloatRequestId) -> (FloatRequestState, ByCard) {
    let (request, stands) = float_card::look(&town.world, by, id).await.expect("looked").expect("a payment");
    (request.state, stands)
}

/// A payment that waits on its page.
async fn opened(town: &Town, by: &Owner, word: &str, minor: i64) -> (FloatRequestId, Session) {
    let id = begin(town, by, word, gbp(minor)).await.expect("begun");
    let (_, ByCard::Open(url)) = look(town, by, &id).await else { panic!("no page") };
    (id, Session::of_page(&url))
}

/// The provider says something about a page, in the test's own words.
async fn evidence(town: &Town, page: &Session, evidence: Evidence) {
    let (page, context) = (page.0.clone(), town.world.step());
    let attempt = town.read(move |tx| store::attempt::find_by_page(tx, &page)).await.expect("an attempt");
    let applied = town
        .world
        .db
        .write(move |tx| apply::apply(tx, &context, "stripe", &attempt.id, &evidence, Source::Webhook));
    applied.await.expect("applied");
}

async fn reports(town: &Town) -> i64 {
    town.count("select count(*) from outbox where state = 'dead' and topic = 'poll_attempt'").await
}

mod checks {
    use super::*;

    pub fn a_card_fills_the_float_once_however_often_its_provider_says_so(engine: Engine) {
        in_town(engine, async |town| {
            let dealer = dealer(town).await;
            let by = owner(&dealer);
            let (id, page) = opened(town, &by, "a", 50_000).await;
            assert_eq!(in_float(town, &dealer.partner).await, 0, "nothing is there before it is paid");
            town.outside.pay(&page, FIVE_WEBHOOKS).await;
            town.clock.set_right();
            for event in town.outside.events("checkout.session.completed").await {
                assert_eq!(
                    town.outside.deliver(event["id"].as_str().expect("an id"), 5, "true").await,
                    [200; 5]
                );
            }
            town.work().await;
            assert_eq!(look(town, &by, &id).await, (FloatRequestState::Done, ByCard::Paid(gbp(50_000))));
            for event in town.outside.events("checkout.session.completed").await {
                assert_eq!(
                    town.outside.deliver(event["id"].as_str().expect("an id"), 3, "true").await,
                    [200; 3]
                );
            }
            town.pass(DAY_MS).await;
            assert_eq!(in_float(town, &dealer.partner).await, 50_000);
            let audited = "select count(*) from audit where action = 'float_done'";
            assert_eq!((town.count(audited).await, reports(town).await), (1, 0));
        });
    }

    pub fn the_same_form_sent_twice_makes_one_page_and_fills_once(engine: Engine) {
        in_town(engine, async |town| {
            let dealer = dealer(town).await;
            let by = owner(&dealer);
            let (id, page) = opened(town, &by, "a", 10_000).await;
            assert_eq!(begin(town, &by, "a", gbp(10_000)).await, Ok(id.clone()));
            assert_eq!(begin(town, &by, "a", gbp(20_000)).await, Err(Refused::KeyReused));
            assert_eq!(town.outside.sessions().await.len(), 1);
            town.outside.pay(&page, PAYS).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(begin(town, &by, "a", gbp(10_000)).await, Ok(id));
            assert_eq!(
                (in_float(town, &dealer.partner).await, town.outside.sessions().await.len()),
                (10_000, 1)
            );
        });
    }

    pub fn a_lost_answer_is_asked_about_until_the_money_is_in_the_float(engine: Engine) {
        in_town(engine, async |town| {
            let dealer = dealer(town).await;
            let by = owner(&dealer);
            // The page itself is made although its answer got lost at first.
            town.outside.fault("POST /v1/checkout/sessions", "drop_connection_after", 1).await;
            let id = begin(town, &by, "a", gbp(10_000)).await.expect("begun");
            town.pass(MINUTE_MS).await;
            let (_, ByCard::Open(url)) = look(town, &by, &id).await else { panic!("no page") };
            assert_eq!(town.outside.sessions().await.len(), 1);
            assert_eq!(town.outside.pay(&Session::of_page(&url), TAKEN_AND_LOST).await, "lost");
            let (state, _) = look(town, &by, &id).await;
            assert!(state.is_open() && in_float(town, &dealer.partner).await == 0, "nobody guesses");
            town.pass(HOUR_MS).await;
            town.pass(HOUR_MS).await;
            assert_eq!(look(town, &by, &id).await, (FloatRequestState::Done, ByCard::Paid(gbp(10_000))));
            assert_eq!(in_float(town, &dealer.partner).await, 10_000);
        });
    }

    pub fn a_page_that_is_left_takes_nothing_and_money_that_comes_late_is_in_the_float(engine: Engine) {
        in_town(engine, async |town| {
            let dealer = dealer(town).await;
            let by = owner(&dealer);
            let (left, page) = opened(town, &by, "a", 10_000).await;
            town.outside.expire(&page).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(look(town, &by, &left).await, (FloatRequestState::Declined, ByCard::Closed));
            assert_eq!(in_float(town, &dealer.partner).await, 0);
            let (late, page) = opened(town, &by, "b", 20_000).await;
            evidence(town, &page, Evidence { finding: Finding::Expired, ..Evidence::unknown("") }).await;
            assert_eq!(look(town, &by, &late).await.0, FloatRequestState::Declined);
            town.outside.pay(&page, PAYS).await;
            town.pass(HOUR_MS).await;
            assert_eq!(look(town, &by, &late).await, (FloatRequestState::Done, ByCard::Paid(gbp(20_000))));
            assert_eq!(in_float(town, &dealer.partner).await, 20_000, "it is the agent's own money");
        });
    }

    pub fn another_amount_than_asked_is_in_the_float_and_brought_to_people(engine: Engine) {
        in_town(engine, async |town| {
            let dealer = dealer(town).await;
            let by = owner(&dealer);
            let (id, page) = opened(town, &by, "a", 10_000).await;
            town.outside.pay(&page, OTHER_AMOUNT).await;
            town.pass(MINUTE_MS).await;
            let (state, ByCard::Paid(amount)) = look(town, &by, &id).await else { panic!("not paid") };
            assert_ne!(amount, gbp(10_000));
            assert_eq!(
                (state, in_float(town, &dealer.partner).await),
                (FloatRequestState::Done, amount.minor)
            );
            assert_eq!(reports(town).await, 1);
        });
    }

    pub fn money_that_somebody_else_returns_is_brought_to_people(engine: Engine) {
        in_town(engine, async |town| {
            let dealer = dealer(town).await;
            let by = owner(&dealer);
            let (_, page) = opened(town, &by, "a", 10_000).await;
            town.outside.pay(&page, PAYS).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(reports(town).await, 0);
            let returned = Evidence { refunded: Some(gbp(10_000)), ..Evidence::unknown("") };
            evidence(town, &page, returned).await;
            assert_eq!((reports(town).await, in_float(town, &dealer.partner).await), (1, 10_000));
        });
    }

    pub fn what_an_agent_pays_in_by_card_in_a_day_is_limited(engine: Engine) {
        in_town(engine, async |town| {
            limit(town, Limit::FloatByCardPerDay, 100).await;
            let dealer = dealer(town).await;
            let by = owner(&dealer);
            assert_eq!(begin(town, &by, "a", gbp(10_001)).await, Err(Refused::CardOverDay));
            let (one, two) =
                tokio::join!(begin(town, &by, "b", gbp(6_000)), begin(town, &by, "c", gbp(6_000)));
            assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
            let page = town.outside.sessions().await[0]["id"].as_str().expect("an id").to_owned();
            town.outside.expire(&Session(page)).await;
            town.pass(MINUTE_MS).await;
            assert!(begin(town, &by, "d", gbp(10_000)).await.is_ok(), "what was not paid does not count");
            town.clock.pass(DAY_MS);
            assert!(begin(town, &by, "e", gbp(10_000)).await.is_ok(), "another day");
        });
    }

    pub fn who_may_not_fill_begins_no_payment(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let dealer = approved(town, &staff, "Dealer One", None).await;
            let by = owner(&dealer);
            let learning = Owner { training: true, ..by.clone() };
            assert_eq!(begin(town, &learning, "a", gbp(10_000)).await, Err(Refused::Training));
            for amount in [gbp(0), gbp(-100), Money::new(100, "EUR".parse().expect("a currency"))] {
                assert_eq!(begin(town, &by, "a", amount).await, Err(Refused::AmountUnfit), "{amount:?}");
            }
            let suspended =
                decide::change(&town.world, &staff.0.colleague(), &dealer.id, AgentEvent::Suspend, "papers")
                    .await;
            suspended.expect("asked").expect("suspended");
            assert_eq!(begin(town, &by, "a", gbp(10_000)).await, Err(Refused::NotActive));
            assert_eq!(town.outside.sessions().await.len(), 0);
            let stranger = owner(&approved(town, &staff, "Dealer Two", None).await);
            let (id, _) = opened(town, &stranger, "b", 10_000).await;
            assert_eq!(
                float_card::look(&town.world, &by, &id).await.expect("looked"),
                None,
                "another's payment"
            );
        });
    }

    pub fn nobody_else_decides_what_the_provider_decides(engine: Engine) {
        in_town(engine, async |town| {
            let staff = staff(town).await;
            let dealer = approved(town, &staff, "Dealer One", None).await;
            let (id, _) = opened(town, &owner(&dealer), "a", 10_000).await;
            let (ana, own) = (By::Staff(staff.0.colleague()), By::Owner(owner(&dealer)));
            assert_eq!(
                float::agree(&town.world, &ana, &id, "").await.expect("asked"),
                Err(Refused::ByProvider)
            );
            assert_eq!(
                float::decline(&town.world, &ana, &id, "no").await.expect("asked"),
                Err(Refused::ByProvider)
            );
            assert_eq!(
                float::withdraw(&town.world, &own, &id, "no").await.expect("asked"),
                Err(Refused::ByProvider)
            );
            assert_eq!(in_float(town, &agent(town, &dealer.id).await.partner).await, 0);
        });
    }

    pub fn the_owner_pays_from_the_counters_screen_and_sees_what_became_of_it(engine: Engine) {
        in_town(engine, async |town| {
            let shop = open_shop(town, Opening { start: None, ..Opening::default() }).await;
            let counter = counter_of(town, &shop).await;
            let page = counter.page("/agent/owner/float").await;
            let card_key =
                attribute(&page, "[data-testid=float-by-card] input[name=key]", "value").expect("a key");
            let unfit = [("key", card_key.as_str()), ("amount", "much")];
            let unfit = counter.post(town, "/agent/owner/float/card", &unfit).await;
            assert_eq!(unfit.status, 422, "{}", unfit.text);
            let form = [("key", card_key.as_str()), ("amount", "25.50")];
            let to = redirected(&counter.post(town, "/agent/owner/float/card", &form).await);
            assert_eq!(redirected(&counter.post(town, "/agent/owner/float/card", &form).await), to);
            let waits = counter.page(&to).await;
            assert_eq!(attribute(&waits, "[data-testid=float-card]", "data-state").as_deref(), Some("open"));
            let url = attribute(&waits, "[data-testid=card-page]", "href").expect("a payment page");
            town.outside.pay(&Session::of_page(&url), PAYS).await;
            town.clock.pass(SECOND_MS * 3);
            let paid = counter.page(&to).await;
            assert_eq!(attribute(&paid, "[data-testid=float-card]", "data-state").as_deref(), Some("paid"));
            let own = counter.page("/agent/owner/float").await;
            assert!(said(&own, "float-available").contains("25.50"), "{own}");
            assert!(own.contains(&format!("href=\"{to}\"")), "{own}");
            assert_eq!(hidden(&own, "key").len(), hidden(&page, "key").len());
            let back = town.buyer().get("/agent/back").await;
            assert_eq!(back.status, 200);
            assert_eq!(
                attribute(&back.text, "[data-testid=counter-note]", "data-note").as_deref(),
                Some("back")
            );
        });
    }
}
