//! Security codes: how often they may be wrong, how long they hold, for what and for whom they are, and how many are
//! sent. For nobody everything is as for somebody, but that nothing is sent.

use crate::support::buyer::{Buyer, redirected, text};
use crate::support::member::{
    PAUSE_MS, code_after, codes, details, enter, is_signed_in, prove_email, register, wrong,
};
use crate::support::registry::NUMBER;
use crate::support::town::{Town, in_town};
use crate::support::wait::until;
use domain::account::AccountRefusal;
use domain::actor::Actor;
use domain::id::SecurityCodeId;
use domain::locale::Locale;
use domain::risk::{Limit, Setting, Switch};
use domain::security_code::CodePurpose;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use flows::account::code::{Held, Sent};
use flows::account::{Asker, sign_in};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    five_wrong_codes_lock_with_a_clock_and_the_right_one_comes_too_late
    a_code_lapses_after_five_minutes
    a_code_serves_once
    a_code_for_another_purpose_or_another_browser_is_refused
    another_code_waits_thirty_seconds_and_takes_the_place_of_the_first
    the_sixth_code_to_one_target_in_an_hour_is_refused_with_a_clock
    a_place_that_asks_for_many_targets_is_stopped
    a_series_of_numbers_gets_so_many_texts_and_a_day_costs_so_much_whoever_is_behind_the_number
    several_who_ask_at_one_moment_do_not_get_more_texts_than_the_caps_allow
    an_unknown_number_and_an_unknown_address_answer_like_known_ones
    an_unknown_target_locks_like_a_known_one
    the_other_contact_gets_the_code_and_is_not_shown
    a_text_names_its_purpose_and_has_no_link_and_speaks_the_readers_language
    the_digits_are_forgotten_once_they_are_sent_and_the_target_once_the_code_is_used
    a_mail_that_is_not_taken_at_once_is_sent_later_while_the_code_is_valid
    codes_and_half_done_registrations_are_swept_away
    switched_off_texts_leave_the_e_mail_and_switched_off_accounts_the_guests
}

const EMAIL: &str = "ana@example.org";

/// Somebody with an account, who asks for a code a little later.
async fn member(town: &Town) {
    register(town, &town.buyer(), EMAIL, NUMBER).await;
    town.clock.pass(PAUSE_MS);
}

/// Asks for a code to sign in, and reads it.
async fn asked(town: &Town, browser: &Buyer) -> String {
    code_after(town, EMAIL, async || {
        assert_eq!(redirected(&browser.post("/sign-in", &[("contact", EMAIL)]).await), "/code");
    })
    .await
}

#[track_caller]
fn is_refused(answer: &crate::support::api::Answer, code: &str) {
    assert!(answer.text.contains(&format!("data-code=\"{code}\"")), "{code}: {}", answer.text);
}

fn asker(address: &str) -> Asker {
    Asker { address: address.into(), locale: Locale::En, country: None, device: String::new() }
}

async fn sign_in_code(town: &Town, from: &str, typed: &str) -> Result<Sent, AccountRefusal> {
    sign_in::ask(&town.world, &asker(from), typed).await.expect("an answer")
}

/// A page without its clocks.
fn alike(page: &str) -> String {
    let body = page.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).expect("a page");
    body.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

mod checks {
    use super::*;

    pub fn five_wrong_codes_lock_with_a_clock_and_the_right_one_comes_too_late(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            let browser = town.buyer();
            let code = asked(town, &browser).await;
            is_refused(&enter(&browser, "12ab").await, "code_not_six");
            for left in ["4 more tries", "3 more tries", "2 more tries", "one more try"] {
                let answer = enter(&browser, &wrong(&code)).await;
                assert_eq!(answer.status, 422);
                is_refused(&answer, "code_wrong");
                assert!(text(&answer.text, "#code-error").contains(left), "{}", answer.text);
            }
            let locked = enter(&browser, &wrong(&code)).await;
            assert_eq!(locked.status, 429);
            is_refused(&locked, "code_locked");
            assert!(text(&locked.text, "[data-testid=error-summary]").contains("after "), "with a clock");
            is_refused(&enter(&browser, &code).await, "code_locked");
            town.clock.pass(PAUSE_MS);
            is_refused(&browser.post("/code/resend", &[]).await, "code_locked");
            assert!(!is_signed_in(&browser).await);
            town.clock.pass(15 * MINUTE_MS);
            let code = asked(town, &browser).await;
            assert_eq!(redirected(&enter(&browser, &code).await), "/me");
        });
    }
    pub fn a_code_lapses_after_five_minutes(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            let browser = town.buyer();
            let code = asked(town, &browser).await;
            town.clock.pass(5 * MINUTE_MS);
            is_refused(&enter(&browser, &code).await, "code_over");
            let code = asked(town, &browser).await;
            town.clock.pass(5 * MINUTE_MS - 2 * SECOND_MS);
            assert_eq!(redirected(&enter(&browser, &code).await), "/me");
        });
    }
    pub fn a_code_serves_once(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            let sent = sign_in_code(town, "192.0.2.1", EMAIL).await.expect("sent");
            until("the code", async || codes(&town.outside, EMAIL).await.len() == 2).await;
            let code = codes(&town.outside, EMAIL).await.remove(0);
            let enter = async || {
                sign_in::enter(&town.world, &asker("192.0.2.1"), &sent.held, &code, &[])
                    .await
                    .expect("an answer")
            };
            let (one, other) = tokio::join!(enter(), enter());
            assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "two at one moment");
            assert_eq!(enter().await.err(), Some(AccountRefusal::CodeOver));
        });
    }
    pub fn a_code_for_another_purpose_or_another_browser_is_refused(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            let mine = sign_in_code(town, "192.0.2.1", EMAIL).await.expect("sent").held;
            until("the code", async || codes(&town.outside, EMAIL).await.len() == 2).await;
            let code = codes(&town.outside, EMAIL).await.remove(0);
            town.clock.pass(PAUSE_MS);
            let theirs = sign_in_code(town, "192.0.2.2", "bo@example.org").await.expect("as if").held;
            let enter = async |held: &Held| {
                let asker = asker("192.0.2.1");
                sign_in::enter(&town.world, &asker, held, &code, &[]).await.expect("an answer").map(|_| ())
            };
            let over = Err(AccountRefusal::CodeOver);
            let other_browser = Held { binding: theirs.binding.clone(), ..mine.clone() };
            assert_eq!(enter(&other_browser).await, over);
            let other_purpose = Held { purpose: CodePurpose::Confirm, ..mine.clone() };
            assert_eq!(enter(&other_purpose).await, over);
            let unknown = SecurityCodeId::new(town.world.ids.as_ref(), town.world.now());
            assert_eq!(enter(&Held { id: unknown, ..mine.clone() }).await, over);
            assert_eq!(enter(&theirs).await, Err(AccountRefusal::CodeWrong { left: 4 }), "a code for nobody");
            assert_eq!(enter(&mine).await, Ok(()), "none of this used anything up");
        });
    }
    pub fn another_code_waits_thirty_seconds_and_takes_the_place_of_the_first(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            let browser = town.buyer();
            let first = asked(town, &browser).await;
            let page = browser.get("/code").await.text;
            assert!(!text(&page, "[data-testid=resend-at]").is_empty(), "the clock is shown");
            is_refused(&browser.post("/code/resend", &[]).await, "code_not_before");
            // Sending the form once more leads to the code that is on its way.
            assert_eq!(redirected(&browser.post("/sign-in", &[("contact", EMAIL)]).await), "/code");
            town.clock.pass(PAUSE_MS);
            let second = code_after(town, EMAIL, async || {
                assert_eq!(redirected(&browser.post("/code/resend", &[]).await), "/code");
            })
            .await;
            if first != second {
                is_refused(&enter(&browser, &first).await, "code_wrong");
            }
            assert_eq!(redirected(&enter(&browser, &second).await), "/me");
        });
    }
    pub fn the_sixth_code_to_one_target_in_an_hour_is_refused_with_a_clock(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            for target in [EMAIL, "nobody@example.org"] {
                // One went to the known address when it was registered.
                let before = if target == EMAIL { 1 } else { 0 };
                for _ in before..5 {
                    assert!(sign_in_code(town, "192.0.2.1", target).await.is_ok(), "{target}");
                    town.clock.pass(PAUSE_MS);
                }
                let sixth = sign_in_code(town, "192.0.2.1", target).await.err();
                assert!(matches!(sixth, Some(AccountRefusal::NotBefore(_))), "{target}: {sixth:?}");
            }
            town.clock.pass(HOUR_MS);
            assert!(sign_in_code(town, "192.0.2.1", EMAIL).await.is_ok());
        });
    }
    pub fn a_place_that_asks_for_many_targets_is_stopped(engine: Engine) {
        in_town(engine, async |town| {
            let mut sent = 0;
            for n in 0..40 {
                let from = format!("2001:db8:0:1::{n:x}");
                sent += usize::from(sign_in_code(town, &from, &format!("n{n}@example.org")).await.is_ok());
            }
            assert_eq!(sent, 30, "one network is one place");
            assert!(sign_in_code(town, "2001:db8:0:2::1", "n@example.org").await.is_ok());
        });
    }
    pub fn a_series_of_numbers_gets_so_many_texts_and_a_day_costs_so_much_whoever_is_behind_the_number(
        engine: Engine,
    ) {
        in_town(engine, async |town| {
            let (known, neighbour, other) = ("+447400123456", "+447400123999", "+8613812345678");
            let texts = async || town.outside.inbox(NUMBER).await.len();
            member(town).await;
            // One text went out when the number was registered.
            crate::support::risk::limit(town, Limit::CodesPerPrefix, 2).await;
            assert!(sign_in_code(town, "192.0.2.1", known).await.is_ok(), "the last one of the series");
            town.clock.pass(PAUSE_MS);
            until("two texts", async || texts().await == 2).await;
            for number in [known, neighbour] {
                let refused = sign_in_code(town, "192.0.2.1", number).await.err();
                assert!(matches!(refused, Some(AccountRefusal::NotBefore(_))), "{number}: {refused:?}");
            }
            assert!(sign_in_code(town, "192.0.2.1", other).await.is_ok(), "another series");
            crate::support::risk::limit(town, Limit::CodesPerPrefix, 200).await;
            crate::support::risk::limit(town, Limit::CodesBySms, 3).await;
            assert!(sign_in_code(town, "192.0.2.1", known).await.is_ok(), "the last one of the day");
            town.clock.pass(PAUSE_MS);
            until("three texts", async || texts().await == 3).await;
            for number in [known, neighbour, other] {
                let refused = sign_in_code(town, "192.0.2.1", number).await.err();
                assert_eq!(refused, Some(AccountRefusal::TextsPaused), "{number}");
            }
            assert!(sign_in_code(town, "192.0.2.1", EMAIL).await.is_ok(), "e-mail costs nothing");
            town.clock.pass(DAY_MS);
            assert!(sign_in_code(town, "192.0.2.1", known).await.is_ok(), "a new day");
        });
    }
    pub fn several_who_ask_at_one_moment_do_not_get_more_texts_than_the_caps_allow(engine: Engine) {
        in_town(engine, async |town| {
            let numbers = ["447400123456", "447400123457", "447400123458", "447400123459"];
            for (n, number) in numbers.into_iter().enumerate() {
                register(town, &town.buyer(), &format!("ana{n}@example.org"), number).await;
            }
            let asked = async || {
                town.clock.pass(PAUSE_MS);
                let [a, b, c, d] = numbers.map(|number| format!("+{number}"));
                let ask = async |from: &str, number: &str| sign_in_code(town, from, number).await.is_ok();
                let (a, b, c, d) = tokio::join!(
                    ask("192.0.2.1", &a),
                    ask("192.0.2.2", &b),
                    ask("192.0.2.3", &c),
                    ask("192.0.2.4", &d)
                );
                [a, b, c, d].into_iter().filter(|sent| *sent).count()
            };
            // Four texts went out when the numbers were registered.
            crate::support::risk::limit(town, Limit::CodesPerPrefix, 6).await;
            assert_eq!(asked().await, 2, "as many as the series had left");
            town.clock.pass(HOUR_MS);
            crate::support::risk::limit(town, Limit::CodesBySms, 7).await;
            assert_eq!(asked().await, 1, "as many as the day had left");
        });
    }
    pub fn an_unknown_number_and_an_unknown_address_answer_like_known_ones(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            for (known, unknown) in [(EMAIL, "ali@example.org"), ("+447400123456", "+447400993456")] {
                let mut seen = Vec::new();
                for typed in [known, unknown] {
                    let browser = town.buyer();
                    let sent = browser.post("/sign-in", &[("contact", typed)]).await;
                    assert_eq!((sent.status, redirected(&sent).as_str()), (303, "/code"));
                    let page = alike(&browser.get("/code").await.text);
                    let wrong = alike(&enter(&browser, "000000").await.text);
                    seen.push((page, wrong));
                }
                assert_eq!(seen[0], seen[1], "{known}");
            }
            town.work().await;
            assert!(town.outside.inbox("ali@example.org").await.is_empty());
            assert!(town.outside.inbox("447400993456").await.is_empty());
        });
    }
    pub fn an_unknown_target_locks_like_a_known_one(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            browser.post("/sign-in", &[("contact", "nobody@example.org")]).await;
            for _ in 0..4 {
                is_refused(&enter(&browser, "123456").await, "code_wrong");
            }
            is_refused(&enter(&browser, "123456").await, "code_locked");
        });
    }
    pub fn the_other_contact_gets_the_code_and_is_not_shown(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            let (ana, stranger) = (town.buyer(), town.buyer());
            ana.post("/sign-in", &[("contact", "+447400123456")]).await;
            let code = code_after(town, EMAIL, async || {
                assert_eq!(redirected(&ana.post("/code/other", &[]).await), "/code");
            })
            .await;
            let page = ana.get("/code").await.text;
            assert!(!page.contains("example.org"), "{page}");
            stranger.post("/sign-in", &[("contact", "+447400999999")]).await;
            assert_eq!(redirected(&stranger.post("/code/other", &[]).await), "/code");
            assert_eq!(alike(&page), alike(&stranger.get("/code").await.text));
            assert_eq!(redirected(&enter(&ana, &code).await), "/me");
        });
    }
    pub fn a_text_names_its_purpose_and_has_no_link_and_speaks_the_readers_language(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            for (language, says, never) in [
                ("en-GB", "to sign in", "We never ask for this code"),
                ("zh-CN", "用于登录", "我们绝不会索要验证码"),
            ] {
                let browser = town.buyer().reading(language);
                code_after(town, NUMBER, async || {
                    browser.post("/sign-in", &[("contact", "+447400123456")]).await;
                })
                .await;
                let message = town.outside.inbox(NUMBER).await.remove(0);
                let text = message["text"].as_str().expect("a text");
                assert!(text.contains(says) && text.contains(never), "{text}");
                assert!(!text.contains("http") && !text.contains("www"), "{text}");
                town.clock.pass(PAUSE_MS);
            }
        });
    }
    pub fn the_digits_are_forgotten_once_they_are_sent_and_the_target_once_the_code_is_used(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            let browser = town.buyer();
            let code = asked(town, &browser).await;
            let sealed = "select count(*) from security_code where code_sealed is not null";
            until("the digits to be forgotten", async || town.count(sealed).await == 0).await;
            let row = "select code_hash || binding || target_hash || target_sealed from security_code \
                       where used_at is null";
            let row = town.read(move |tx| tx.query_first(row, &[], |row| row.text(0))).await.expect("a code");
            assert!(!row.contains(&code) && !row.contains(EMAIL));
            enter(&browser, &code).await;
            let targets = "select count(*) from security_code where target_sealed is not null";
            assert_eq!(town.count(targets).await, 0);
        });
    }
    pub fn a_mail_that_is_not_taken_at_once_is_sent_later_while_the_code_is_valid(engine: Engine) {
        in_town(engine, async |town| {
            let (browser, email) = (town.buyer(), "greylisted@example.org");
            browser.post("/register", &[("email", email)]).await;
            until("the first try", async || {
                town.count("select count(*) from outbox where last_error is not null").await == 1
            })
            .await;
            assert!(town.outside.inbox(email).await.is_empty());
            town.pass(MINUTE_MS).await;
            let code = codes(&town.outside, email).await.remove(0);
            assert_eq!(redirected(&enter(&browser, &code).await), "/register/details");
        });
    }
    pub fn switched_off_texts_leave_the_e_mail_and_switched_off_accounts_the_guests(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            for switch in [Switch::CodesBySms, Switch::NewAccounts] {
                let off = Setting::Switch(switch, false);
                let set = flows::risk::set(&town.world, off, Actor::Operator, "a test").await;
                assert!(set.expect("set"));
            }
            let browser = town.buyer();
            let refused = browser.post("/sign-in", &[("contact", "+447400123456")]).await;
            assert_eq!(refused.status, 503);
            is_refused(&refused, "texts_paused");
            let refused = browser.post("/register", &[("email", "bo@example.org")]).await;
            is_refused(&refused, "registration_paused");
            let code = asked(town, &browser).await;
            is_refused(&browser.post("/code/other", &[]).await, "texts_paused");
            assert_eq!(redirected(&enter(&browser, &code).await), "/me");
        });
    }
    pub fn codes_and_half_done_registrations_are_swept_away(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            assert_eq!(prove_email(town, &browser, EMAIL).await, "/register/details");
            browser.post("/register/details", &details("+447400123456", &[])).await;
            assert_eq!(town.count("select count(*) from security_code").await, 2);
            town.pass(25 * HOUR_MS).await;
            for table in ["select count(*) from security_code", "select count(*) from registration"] {
                assert_eq!(town.count(table).await, 0, "{table}");
            }
            assert_eq!(redirected(&browser.get("/register/details").await), "/register");
        });
    }
}
