//! Marketing by consent only: who gets a campaign, when, how often, and how people end it. And that nobody gets one
//! twice, whoever dies or works beside.

use crate::support::buyer::{attribute, text};
use crate::support::desk::{Desk, problem};
use crate::support::house::in_house;
use crate::support::marketing::{
    EMAIL, NOBODY, SMS, agrees, approved, at_hour, at_moment, awake_number, count, plan, reader, reads, said,
    texts, two,
};
use crate::support::member::{PAUSE_MS, register_with, sign_in};
use crate::support::registry::{NUMBER, TEN};
use crate::support::risk::{limit, switch};
use crate::support::town::{Town, in_town};
use crate::support::wait::{eventually, until};
use domain::account::{ConsentSource, ConsentState};
use domain::campaign::MessageState;
use domain::id::CampaignId;
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use domain::risk::{Limit, Switch};
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use flows::campaign::decide::{Decision, decide};
use serde_json::json;
use store::account::consent;
use store::outbox::Lane;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    only_those_who_agree_when_it_is_sent_get_it_in_their_language
    stop_ends_text_messages_in_every_language_and_form
    a_repeated_stop_has_one_effect_and_one_answer
    nights_are_quiet_where_the_reader_is_also_when_the_clocks_change
    a_campaign_whose_window_ends_at_night_is_not_sent_in_the_morning
    messages_about_orders_and_codes_go_out_at_three_in_the_morning
    two_people_are_needed_and_must_differ
    a_mail_is_ended_by_one_click_and_opening_its_link_changes_nothing
    nobody_gets_more_in_a_week_than_may_be
    an_erased_account_gets_nothing
    what_was_stopped_or_switched_off_is_not_sent
    two_workers_at_once_send_each_reader_one_message
    killed_between_any_two_steps_nobody_gets_it_twice
    an_sms_centre_that_takes_nothing_is_tried_again_and_one_that_is_silent_is_not
}

const ANA: &str = "447400123456";
const BO: &str = "447400188888";
const LIN: &str = "8613812345678";

/// Sends what is due, with the pauses between rounds.
async fn send(town: &Town) {
    town.work().await;
    town.pass(5_000).await;
}

async fn done(town: &Town, id: &CampaignId) {
    town.pass(2 * MINUTE_MS).await;
    let id = id.clone();
    let state = town.read(move |tx| Ok(store::campaign::find(tx, &id)?.map(|found| found.state))).await;
    assert_eq!(state, Some(domain::campaign::CampaignState::Done));
}

async fn writes(town: &Town, from: &str, text: &str, times: u32) {
    town.outside.control("sms", &json!({ "from": from, "text": text, "times": times })).await;
}

/// Waits until the consent was withdrawn by a reply.
async fn ended_by_reply(town: &Town, who: &domain::id::SubscriberId) {
    until("the consent to be withdrawn", async || {
        said(&town.world, who, NoticeChannel::Sms).await == (ConsentState::Withdrawn, ConsentSource::Reply)
    })
    .await;
}

mod checks {
    use super::*;

    pub fn only_those_who_agree_when_it_is_sent_get_it_in_their_language(engine: Engine) {
        in_town(engine, async |town| {
            at_hour(town, 12);
            let world = &town.world;
            reader(world, ANA, "ana@example.org", SMS).await;
            reads(world, LIN, "lin@example.org", SMS, Locale::ZhCn).await;
            let bo = reader(world, BO, "bo@example.org", SMS).await;
            reader(world, "447400155555", "eve@example.org", NOBODY).await;
            reader(world, "447400166666", "max@example.org", EMAIL).await;
            let id = approved(world, &two(world).await, plan(world, SMS, 3)).await;
            // The messages are written down; then one of the readers changes their mind.
            flows::work::run_due(world, Lane::ButMessages).await.expect("fed");
            assert_eq!(count(world, &id, MessageState::Queued).await, 3);
            let now = world.now();
            let ended = world
                .db
                .write(move |tx| consent::withdraw(tx, &bo, NoticeChannel::Sms, ConsentSource::Account, now));
            assert!(ended.await.expect("withdrawn"));
            send(town).await;
            assert_eq!(texts(town, ANA).await, ["Prueba: More data for you. Reply STOP to end these texts."]);
            assert_eq!(texts(town, LIN).await, ["【Prueba】更多流量。 拒收请回复TD"]);
            for nobody in [BO, "447400155555", "447400166666", "max@example.org"] {
                assert!(texts(town, nobody).await.is_empty(), "{nobody}");
            }
            assert_eq!(count(world, &id, MessageState::Withdrawn).await, 1);
            until("the receipts", async || count(world, &id, MessageState::Delivered).await == 2).await;
            done(town, &id).await;
        });
    }

    pub fn stop_ends_text_messages_in_every_language_and_form(engine: Engine) {
        in_town(engine, async |town| {
            at_hour(town, 12);
            let ana = reads(&town.world, ANA, "ana@example.org", SMS, Locale::ZhCn).await;
            agrees(&town.world, &ana, NoticeChannel::Email).await;
            for other in ["hello", "please stop it", "STOPP", "START", "停"] {
                writes(town, ANA, other, 1).await;
            }
            for word in [
                "STOP",
                "stop",
                " Stop. ",
                "STOPALL",
                "stop all",
                "Unsubscribe",
                "CANCEL",
                "end",
                "QUIT!",
                "TD",
                "td",
                "T",
                "退订",
                "退",
                "取消",
                "「退订」",
                "退訂",
                "ＳＴＯＰ",
                "Ｔ",
            ] {
                assert_eq!(
                    said(&town.world, &ana, NoticeChannel::Sms).await.0,
                    ConsentState::Given,
                    "{word}"
                );
                writes(town, ANA, word, 1).await;
                ended_by_reply(town, &ana).await;
                agrees(&town.world, &ana, NoticeChannel::Sms).await;
            }
            let ended = "select count(*) from audit where action = 'consent_withdrawn'";
            assert_eq!(town.count(ended).await, 19, "no other word ended anything");
            let email = said(&town.world, &ana, NoticeChannel::Email).await;
            assert_eq!(email.0, ConsentState::Given, "only what was ended has ended");
            town.work().await;
            let told = "【Prueba】退订成功，今后不再向您发送优惠短信。订单相关短信不受影响。";
            assert_eq!(texts(town, ANA).await, [told], "one answer a day, in the reader's language");
            town.clock.pass(DAY_MS + HOUR_MS);
            writes(town, ANA, "STOP", 1).await;
            ended_by_reply(town, &ana).await;
            town.work().await;
            assert_eq!(texts(town, ANA).await.len(), 2);
        });
    }

    pub fn a_repeated_stop_has_one_effect_and_one_answer(engine: Engine) {
        in_town(engine, async |town| {
            at_hour(town, 2);
            let ana = reader(&town.world, ANA, "ana@example.org", SMS).await;
            writes(town, "447400177777", "STOP", 20).await;
            writes(town, ANA, "STOP", 200).await;
            ended_by_reply(town, &ana).await;
            writes(town, ANA, "the last one", 1).await;
            writes(town, ANA, "STOP", 1).await;
            town.work().await;
            until("the answer", async || !texts(town, ANA).await.is_empty()).await;
            town.pass(MINUTE_MS).await;
            assert_eq!(texts(town, ANA).await.len(), 1, "at night too: it answers a person");
            assert!(texts(town, "447400177777").await.is_empty(), "nobody's contact gets no answer");
            let audited = "select count(*) from audit where action = 'consent_withdrawn'";
            assert_eq!(town.count(audited).await, 1);
            assert_eq!(town.count("select count(*) from stop_reply").await, 1);
        });
    }

    pub fn nights_are_quiet_where_the_reader_is_also_when_the_clocks_change(engine: Engine) {
        in_town(engine, async |town| {
            let world = &town.world;
            at_moment(town, "2027-01-12T22:00:00Z");
            reader(world, ANA, "ana@example.org", SMS).await;
            reader(world, LIN, "lin@example.org", SMS).await;
            let staff = two(world).await;
            approved(world, &staff, plan(world, SMS, 3)).await;
            send(town).await;
            assert!(texts(town, ANA).await.is_empty() && texts(town, LIN).await.is_empty());
            at_moment(town, "2027-01-13T00:58:00Z");
            send(town).await;
            assert!(texts(town, LIN).await.is_empty(), "8:58 in Shanghai");
            at_moment(town, "2027-01-13T01:10:00Z");
            send(town).await;
            assert_eq!(texts(town, LIN).await.len(), 1, "9:10 in Shanghai");
            assert!(texts(town, ANA).await.is_empty(), "1:10 in London");
            at_moment(town, "2027-01-13T09:10:00Z");
            send(town).await;
            assert_eq!(texts(town, ANA).await.len(), 1);
            // In the night before 28 March 2027 the clocks go forward in London: nine o'clock is eight in UTC.
            at_moment(town, "2027-03-27T22:00:00Z");
            approved(world, &staff, plan(world, SMS, 3)).await;
            send(town).await;
            at_moment(town, "2027-03-28T07:55:00Z");
            send(town).await;
            assert_eq!(texts(town, ANA).await.len(), 1);
            at_moment(town, "2027-03-28T08:10:00Z");
            send(town).await;
            assert_eq!(texts(town, ANA).await.len(), 2);
        });
    }

    pub fn a_campaign_whose_window_ends_at_night_is_not_sent_in_the_morning(engine: Engine) {
        in_town(engine, async |town| {
            let world = &town.world;
            at_moment(town, "2027-01-12T22:00:00Z");
            reader(world, ANA, "ana@example.org", SMS).await;
            let short =
                domain::campaign::Plan { ends_at: world.now().plus_ms(4 * HOUR_MS), ..plan(world, SMS, 1) };
            let id = approved(world, &two(world).await, short).await;
            send(town).await;
            at_moment(town, "2027-01-13T12:00:00Z");
            send(town).await;
            assert!(texts(town, ANA).await.is_empty());
            assert_eq!(count(world, &id, MessageState::Lapsed).await, 1);
            done(town, &id).await;
        });
    }

    pub fn messages_about_orders_and_codes_go_out_at_three_in_the_morning(engine: Engine) {
        in_town(engine, async |town| {
            at_moment(town, "2027-01-13T03:00:00Z");
            let world = &town.world;
            let browser = town.buyer();
            let both = [("by_sms", "1"), ("by_email", "1")];
            register_with(town, &browser, "ana@example.org", NUMBER, &both).await;
            let before = texts(town, NUMBER).await.len();
            assert!(before > 0, "the code came at once");
            approved(world, &two(world).await, plan(world, SMS, 3)).await;
            assert_eq!(town.api.sell("k", NUMBER, TEN).await.status, 201);
            send(town).await;
            let now = texts(town, NUMBER).await;
            assert_eq!(now.len(), before + 1, "{now:?}");
            assert!(now[0].contains("has arrived"), "{now:?}");
            let other = town.buyer();
            town.clock.pass(PAUSE_MS);
            assert_eq!(sign_in(town, &other, "ana@example.org", "ana@example.org").await.status, 303);
        });
    }

    pub fn two_people_are_needed_and_must_differ(engine: Engine) {
        in_town(engine, async |town| {
            at_hour(town, 12);
            let (clerk, sam) = (Desk::clerk(town, "cleo").await, Desk::supervisor(town, "sam").await);
            let uma = Desk::supervisor(town, "uma").await;
            reader(&town.world, ANA, "ana@example.org", SMS).await;
            let form = sam.page("/office/campaigns/new").await;
            let today = attribute(&form, "#from", "value").expect("a day");
            let missing = sam.post("/office/campaigns/new", &[("name", "x"), ("by_sms", "1")]).await;
            assert_eq!((missing.status, problem(&missing.text).as_str()), (422, "campaign_no_market"));
            let fields = [
                ("name", "Autumn"),
                ("by_sms", "1"),
                ("markets", "GB"),
                ("from", today.as_str()),
                ("until", today.as_str()),
                ("fallback", "en"),
                ("sms-en", "More data\r\nfor you."),
            ];
            let written = sam.post("/office/campaigns/new", &fields).await;
            assert_eq!(written.status, 303, "{}", written.text);
            let own = written.header("location").to_owned();
            let page = sam.page(&own).await;
            assert_eq!(
                text(&page, "[data-testid=preview-sms]"),
                "Prueba: More data for you. Reply STOP to end these texts."
            );
            assert_eq!(attribute(&page, "[data-testid=preview-parts]", "data-parts").as_deref(), Some("1"));
            assert_eq!(text(&page, "[data-testid=reach-total]"), "1");
            let early = uma.post(&format!("{own}/approve"), &[]).await;
            assert_eq!(problem(&early.text), "campaign_not_now", "nobody asked yet");
            let foreign = uma.post(&format!("{own}/ask"), &[]).await;
            assert_eq!(problem(&foreign.text), "campaign_not_theirs");
            assert_eq!(sam.post(&format!("{own}/ask"), &[]).await.status, 303);
            let late = sam.post(&format!("{own}/edit"), &fields).await;
            assert_eq!(problem(&late.text), "campaign_not_now", "what is asked for does not change");
            let alone = sam.post(&format!("{own}/approve"), &[]).await;
            assert_eq!(problem(&alone.text), "campaign_same_person");
            assert_eq!(clerk.post(&format!("{own}/approve"), &[]).await.status, 403);
            send(town).await;
            assert!(texts(town, ANA).await.is_empty());
            let silent = uma.post(&format!("{own}/decline"), &[]).await;
            assert_eq!(problem(&silent.text), "campaign_note_missing");
            assert_eq!(uma.post(&format!("{own}/approve"), &[]).await.status, 303);
            let twice = uma.post(&format!("{own}/approve"), &[]).await;
            assert_eq!(problem(&twice.text), "campaign_not_now");
            send(town).await;
            assert_eq!(texts(town, ANA).await.len(), 1);
            let shown = clerk.page(&own).await;
            assert_eq!(text(&shown, "[data-count=readers]"), "1");
            let audited = "select count(*) from audit where subject_kind = 'campaign'";
            assert_eq!(town.count(audited).await, 2);
        });
    }

    pub fn a_mail_is_ended_by_one_click_and_opening_its_link_changes_nothing(engine: Engine) {
        in_town(engine, async |town| {
            at_hour(town, 12);
            let world = &town.world;
            let (address, other) = ("ana@example.org", "bo@example.org");
            let ana = reader(world, ANA, address, EMAIL).await;
            let bo = reader(world, BO, other, EMAIL).await;
            let staff = two(world).await;
            approved(world, &staff, plan(world, EMAIL, 3)).await;
            send(town).await;
            let mail = town.outside.message(address).await;
            let body = mail["text"].as_str().expect("a text").to_owned();
            let link = body.split_whitespace().find(|word| word.contains("/unsubscribe/")).expect("a link");
            assert!(body.contains("because you agreed") && body.contains("Prueba Mobile Ltd"), "{body}");
            assert!(!link.contains("ana") && !link.contains("7400"), "{link}");
            let path = link.strip_prefix(town.url.as_str()).expect("ours").to_owned();
            let state = |html: &str| attribute(html, "[data-testid=unsubscribe]", "data-state");
            for _ in 0..3 {
                let opened = town.buyer().get(&path).await;
                assert_eq!((opened.status, state(&opened.text).as_deref()), (200, Some("ask")));
            }
            assert_eq!(said(world, &ana, NoticeChannel::Email).await.0, ConsentState::Given);
            let forged = format!("{path}x");
            assert_eq!(town.buyer().post(&forged, &[]).await.status, 404);
            // The button of the mail reader: a POST from its server.
            let button = mail["unsubscribe"].as_str().expect("a button").to_owned();
            let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
            let pressed =
                client.expect("a client").post(format!("{}{button}", town.outside.url)).send().await;
            assert_eq!(pressed.expect("pressed").status(), 303);
            let ended = (ConsentState::Withdrawn, ConsentSource::Mail);
            assert_eq!(said(world, &ana, NoticeChannel::Email).await, ended);
            assert_eq!(said(world, &bo, NoticeChannel::Email).await.0, ConsentState::Given);
            let again = town.buyer().post(&path, &[]).await;
            assert_eq!((again.status, state(&again.text).as_deref()), (200, Some("done")));
            approved(world, &staff, plan(world, EMAIL, 3)).await;
            send(town).await;
            assert_eq!((texts(town, address).await.len(), texts(town, other).await.len()), (1, 2));
            let audited = "select count(*) from audit where action = 'consent_withdrawn'";
            assert_eq!(town.count(audited).await, 1);
        });
    }

    pub fn nobody_gets_more_in_a_week_than_may_be(engine: Engine) {
        in_town(engine, async |town| {
            at_hour(town, 12);
            let world = &town.world;
            limit(town, Limit::MarketingPerWeek, 2).await;
            reader(world, ANA, "ana@example.org", SMS).await;
            let staff = two(world).await;
            for _ in 0..2 {
                approved(world, &staff, plan(world, SMS, 3)).await;
                send(town).await;
            }
            let short = approved(world, &staff, plan(world, SMS, 3)).await;
            let long = approved(world, &staff, plan(world, SMS, 20)).await;
            send(town).await;
            assert_eq!(texts(town, ANA).await.len(), 2);
            assert_eq!(count(world, &short, MessageState::Capped).await, 1);
            assert_eq!(count(world, &long, MessageState::Queued).await, 1, "it waits for room");
            town.clock.pass(7 * DAY_MS + HOUR_MS);
            send(town).await;
            assert_eq!(texts(town, ANA).await.len(), 3);
        });
    }

    pub fn an_erased_account_gets_nothing(engine: Engine) {
        in_town(engine, async |town| {
            at_hour(town, 12);
            let world = &town.world;
            let ana = reader(world, ANA, "ana@example.org", SMS).await;
            let id = approved(world, &two(world).await, plan(world, SMS, 3)).await;
            flows::work::run_due(world, Lane::ButMessages).await.expect("fed");
            let now = world.now();
            let erased = world.db.write(move |tx| store::account::erase::erase(tx, &ana, now));
            assert!(erased.await.expect("erased"));
            send(town).await;
            assert!(texts(town, ANA).await.is_empty());
            assert_eq!(count(world, &id, MessageState::Withdrawn).await, 1);
        });
    }

    pub fn what_was_stopped_or_switched_off_is_not_sent(engine: Engine) {
        in_town(engine, async |town| {
            at_hour(town, 12);
            let world = &town.world;
            reader(world, ANA, "ana@example.org", SMS).await;
            let staff = two(world).await;
            let first = approved(world, &staff, plan(world, SMS, 3)).await;
            flows::work::run_due(world, Lane::ButMessages).await.expect("fed");
            let silent = decide(world, &staff.0, &first, Decision::Stop, "").await.expect("decided");
            assert!(silent.is_err(), "why is said");
            let stopped = decide(world, &staff.0, &first, Decision::Stop, "a wrong word").await;
            assert!(stopped.expect("decided").is_ok(), "a clerk stops too");
            send(town).await;
            assert_eq!(count(world, &first, MessageState::Stopped).await, 1);
            let second = approved(world, &staff, plan(world, SMS, 3)).await;
            switch(town, Switch::Marketing, false).await;
            send(town).await;
            assert!(texts(town, ANA).await.is_empty());
            switch(town, Switch::Marketing, true).await;
            town.pass(2 * MINUTE_MS).await;
            town.pass(5_000).await;
            assert_eq!(texts(town, ANA).await.len(), 1);
            done(town, &second).await;
        });
    }

    pub fn two_workers_at_once_send_each_reader_one_message(engine: Engine) {
        in_town(engine, async |town| {
            at_hour(town, 12);
            let world = &town.world;
            for n in 0..30 {
                let number = format!("4474001{n:05}");
                reader(world, &number, &format!("r{n}@example.org"), SMS).await;
            }
            let id = approved(world, &two(world).await, plan(world, SMS, 3)).await;
            for _ in 0..4 {
                let (one, other) = tokio::join!(
                    flows::work::run_due(world, Lane::All),
                    flows::work::run_due(world, Lane::All)
                );
                assert!(one.is_ok() && other.is_ok());
                // A lease that lapsed while its holder is still at work: another one finds the same rows.
                let lapsed = world.db.write(|tx| {
                    let sql = "update outbox set available_at = 0 where state = 'open' and topic = 'campaign_message'";
                    tx.execute(sql, &[]).map(|_| ())
                });
                lapsed.await.expect("written");
            }
            send(town).await;
            until("all to be delivered", async || {
                let arrived = count(world, &id, MessageState::Delivered).await;
                // Numbers that end in 0000 to 0002 are refused, silent or undelivered in the simulator.
                arrived
                    + count(world, &id, MessageState::Failed).await
                    + count(world, &id, MessageState::Unclear).await
                    == 30
            })
            .await;
            for n in 3..30 {
                assert_eq!(texts(town, &format!("4474001{n:05}")).await.len(), 1, "{n}");
            }
        });
    }

    pub fn killed_between_any_two_steps_nobody_gets_it_twice(engine: Engine) {
        for failpoint in
            ["campaign.after_feed", "campaign.after_take", "campaign.after_send", "work.after_claim"]
        {
            in_house(engine, async |house| {
                let world = house.world().await;
                let number = awake_number(world.now());
                reader(&world, number, "ana@example.org", SMS).await;
                approved(&world, &two(&world).await, plan(&world, SMS, 1)).await;
                house.start_and_die(&format!("{failpoint}=kill")).dies().await;
                house.claims_lapse().await;
                let server = house.serve().await;
                let over = "select count(*) from campaign_message where state in ('delivered', 'unclear')";
                until("the end", async || house.count(over).await == 1).await;
                let inbox = house.outside.inbox(number).await.len();
                let most = usize::from(failpoint != "campaign.after_take");
                assert_eq!(inbox, most, "{failpoint}");
                server.stop().await;
            });
        }
    }

    pub fn an_sms_centre_that_takes_nothing_is_tried_again_and_one_that_is_silent_is_not(engine: Engine) {
        in_town(engine, async |town| {
            at_hour(town, 12);
            let world = &town.world;
            let silent = "447400120002";
            reader(world, silent, "ana@example.org", SMS).await;
            let refused = "447400120001";
            reader(world, refused, "bo@example.org", SMS).await;
            let id = approved(world, &two(world).await, plan(world, SMS, 2)).await;
            send(town).await;
            let over = eventually("both to be over", async || {
                let unclear = count(world, &id, MessageState::Unclear).await;
                let failed = count(world, &id, MessageState::Failed).await;
                (unclear + failed == 2).then_some((unclear, failed))
            })
            .await;
            assert_eq!(over, (1, 1));
            town.pass(HOUR_MS).await;
            assert_eq!(count(world, &id, MessageState::Unclear).await, 1, "nobody sends it again");
            done(town, &id).await;
        });
    }
}
