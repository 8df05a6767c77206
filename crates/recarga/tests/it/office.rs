//! The doors of the office: who gets in, for how long, what each may open, and that everything is written down.

use crate::support::buyer::{attribute, redirected, text};
use crate::support::office::{PASSPHRASE, seat, signed_in};
use crate::support::town::{Town, in_town};
use domain::actor::Actor;
use domain::staff::Role;
use domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use flows::office::{audit, second_factor, staff};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_one_time_token_lets_a_member_in_once
    a_one_time_token_lapses_after_a_day_and_when_a_new_one_is_made
    a_code_is_taken_once
    wrong_tries_lock_a_login_for_a_while_and_say_until_when
    a_clerk_is_told_in_words_what_is_for_supervisors
    a_session_ends_after_half_an_hour_without_a_page_and_after_twelve_hours
    nobody_sees_a_page_of_the_office_without_signing_in
    a_supervisor_shuts_a_colleague_out_and_nobody_does_it_to_themselves
    the_audit_refuses_changes_and_a_forced_one_shows
}

const SUPERVISED: [&str; 2] = ["/office/audit", "/office/staff"];

async fn invited(town: &Town, login: &str, role: Role) -> String {
    let added = staff::add(&town.world, Actor::Operator, login, "Ben Osei", role).await.expect("added");
    added.expect("the login is free").1
}

mod checks {
    use super::*;

    pub fn a_one_time_token_lets_a_member_in_once(engine: Engine) {
        in_town(engine, async |town| {
            let token = invited(town, "ben", Role::Clerk).await;
            let browser = town.buyer();
            let wrong = browser.post("/office/join", &[("token", "0123")]).await;
            let code = attribute(&wrong.text, "[data-testid=error-summary]", "data-code");
            assert_eq!(code.as_deref(), Some("token_wrong"));
            let taken = browser.post("/office/join", &[("token", &token)]).await;
            assert_eq!(redirected(&taken), "/office/join/set-up");
            let page = browser.get("/office/join/set-up").await.text;
            let secret = text(&page, "[data-testid=totp-secret]").replace(' ', "");
            assert!(attribute(&page, "svg.qr path.qr-ink", "d").is_some_and(|path| path.len() > 1_000));
            let code = second_factor::code_at(&secret, town.world.now()).expect("a code");
            let unfit = [("code", code.as_str()), ("passphrase", "short"), ("again", "short")];
            let answer = browser.post("/office/join/set-up", &unfit).await;
            assert!(answer.text.contains("passphrase_unfit"), "{}", answer.text);
            let form = [("code", code.as_str()), ("passphrase", PASSPHRASE), ("again", PASSPHRASE)];
            assert_eq!(redirected(&browser.post("/office/join/set-up", &form).await), "/office");
            let overview = browser.get("/office").await;
            assert!(overview.status == 200 && overview.text.contains("Ben Osei"), "{}", overview.text);
            let again = town.buyer().post("/office/join", &[("token", &token)]).await;
            assert!(again.text.contains("token_wrong"), "a token serves once");
            // The code of the set-up is used up as well.
            let form = [("login", "ben"), ("passphrase", PASSPHRASE), ("code", code.as_str())];
            let replayed = town.buyer().post("/office/sign-in", &form).await;
            assert!(replayed.text.contains("sign_in_wrong"));
        });
    }

    pub fn a_one_time_token_lapses_after_a_day_and_when_a_new_one_is_made(engine: Engine) {
        in_town(engine, async |town| {
            let late = invited(town, "ben", Role::Clerk).await;
            town.clock.pass(24 * HOUR_MS);
            let answer = town.buyer().post("/office/join", &[("token", &late)]).await;
            assert!(answer.text.contains("token_wrong"));
            let first = invited(town, "eva", Role::Clerk).await;
            let eva = staff::find(&town.world, "eva").await.expect("read").expect("eva");
            let second =
                staff::reset(&town.world, Actor::Operator, &eva.id).await.expect("reset").expect("reset");
            let answer = town.buyer().post("/office/join", &[("token", &first)]).await;
            assert!(answer.text.contains("token_wrong"), "the newer one takes its place");
            let answer = town.buyer().post("/office/join", &[("token", &second)]).await;
            assert_eq!(redirected(&answer), "/office/join/set-up");
        });
    }

    pub fn a_code_is_taken_once(engine: Engine) {
        in_town(engine, async |town| {
            let ana = seat(town, "ana", Role::Clerk).await;
            let code = ana.code(town);
            let wrong = ana.sign_in_with("not the passphrase", &code).await;
            assert!(wrong.text.contains("sign_in_wrong"));
            assert_eq!(redirected(&ana.sign_in_with(PASSPHRASE, &code).await), "/office");
            assert!(ana.sign_in_with(PASSPHRASE, &code).await.text.contains("sign_in_wrong"), "replayed");
            assert_eq!(redirected(&ana.sign_in(town).await), "/office", "the next one is taken");
            let cookie = ana.sign_in(town).await;
            let cookie = cookie.header("set-cookie");
            for part in ["HttpOnly", "SameSite=Strict", "Path=/office"] {
                assert!(cookie.contains(part), "{cookie}");
            }
        });
    }

    pub fn wrong_tries_lock_a_login_for_a_while_and_say_until_when(engine: Engine) {
        in_town(engine, async |town| {
            let ana = seat(town, "ana", Role::Clerk).await;
            for _ in 0..5 {
                assert!(ana.sign_in_with(PASSPHRASE, "000000").await.text.contains("sign_in_wrong"));
            }
            let locked = ana.sign_in(town).await;
            let code = attribute(&locked.text, "[data-testid=error-summary]", "data-code");
            assert_eq!(code.as_deref(), Some("locked"));
            assert!(text(&locked.text, "[data-testid=error-summary]").contains(':'), "it says until when");
            town.clock.pass(16 * MINUTE_MS);
            assert_eq!(redirected(&ana.sign_in(town).await), "/office");
        });
    }

    pub fn a_clerk_is_told_in_words_what_is_for_supervisors(engine: Engine) {
        in_town(engine, async |town| {
            let clerk = signed_in(town, "ana", Role::Clerk).await;
            for path in SUPERVISED {
                let answer = clerk.browser.get(path).await;
                assert_eq!(answer.status, 403, "{path}");
                assert!(answer.text.contains("This page is for supervisors"), "{}", answer.text);
            }
            let answer = clerk.browser.post("/office/staff/stf_x/disable", &[]).await;
            assert_eq!(answer.status, 403);
            let supervisor = signed_in(town, "sol", Role::Supervisor).await;
            for path in SUPERVISED {
                supervisor.page(path).await;
            }
        });
    }

    pub fn a_session_ends_after_half_an_hour_without_a_page_and_after_twelve_hours(engine: Engine) {
        in_town(engine, async |town| {
            let ana = signed_in(town, "ana", Role::Clerk).await;
            town.clock.pass(29 * MINUTE_MS);
            ana.page("/office").await;
            town.clock.pass(29 * MINUTE_MS);
            ana.page("/office").await;
            town.clock.pass(30 * MINUTE_MS);
            let lapsed = redirected(&ana.browser.get("/office/search").await);
            assert_eq!(lapsed, "/office/sign-in?next=%2Foffice%2Fsearch&lapsed=1");
            assert_eq!(redirected(&ana.sign_in(town).await), "/office");
            for _ in 0..24 {
                ana.page("/office").await;
                town.clock.pass(29 * MINUTE_MS + 59 * SECOND_MS);
            }
            town.clock.pass(MINUTE_MS);
            assert!(
                redirected(&ana.browser.get("/office").await).contains("lapsed=1"),
                "twelve hours are over"
            );
        });
    }

    pub fn nobody_sees_a_page_of_the_office_without_signing_in(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            let stranger = town.buyer();
            let own = format!("/office/orders/{}", order.code);
            for path in
                ["/office", "/office/search", "/office/orders", "/office/dead", "/office/catalogue", &own]
            {
                let answer = stranger.get(path).await;
                assert!(redirected(&answer).starts_with("/office/sign-in?next="), "{path}");
                assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
            }
            for path in SUPERVISED {
                assert!(redirected(&stranger.get(path).await).starts_with("/office/sign-in"), "{path}");
            }
            let answer = stranger.post("/office/search", &[("q", &order.code)]).await;
            assert_eq!(redirected(&answer), "/office/sign-in?next=%2Foffice");
            let ana = signed_in(town, "ana", Role::Clerk).await;
            ana.page(&own).await;
            assert_eq!(redirected(&ana.browser.post("/office/sign-out", &[]).await), "/office/sign-in");
            assert!(redirected(&ana.browser.get(&own).await).starts_with("/office/sign-in"));
        });
    }

    pub fn a_supervisor_shuts_a_colleague_out_and_nobody_does_it_to_themselves(engine: Engine) {
        in_town(engine, async |town| {
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let sol = signed_in(town, "sol", Role::Supervisor).await;
            let id = async |login| staff::find(&town.world, login).await.expect("read").expect(login).id;
            let (own, other) = (id("sol").await, id("ana").await);
            let refused = sol.browser.post(&format!("/office/staff/{own}/disable"), &[]).await;
            assert!(refused.text.contains("data-code=\"oneself\""), "{}", refused.text);
            let done = sol.browser.post(&format!("/office/staff/{other}/disable"), &[]).await;
            assert!(done.text.contains("data-testid=\"done\""), "{}", done.text);
            assert!(redirected(&ana.browser.get("/office").await).starts_with("/office/sign-in"));
            assert!(ana.sign_in(town).await.text.contains("sign_in_wrong"));
            let reset = sol.browser.post(&format!("/office/staff/{other}/reset"), &[]).await;
            let token = text(&reset.text, "[data-testid=new-token] .code");
            let back = town.buyer().post("/office/join", &[("token", &token)]).await;
            assert_eq!(redirected(&back), "/office/join/set-up");
            let written = sol.page("/office/audit?action=staff_disabled").await;
            assert!(written.contains("data-action=\"staff_disabled\""), "{written}");
        });
    }

    pub fn the_audit_refuses_changes_and_a_forced_one_shows(engine: Engine) {
        in_town(engine, async |town| {
            signed_in(town, "ana", Role::Clerk).await;
            signed_in(town, "sol", Role::Supervisor).await;
            let whole = audit::verify(&town.world).await.expect("read");
            assert!(whole.entries >= 4 && whole.lies.is_empty(), "{whole:?}");
            for sql in ["update audit set action = 'looked' where n = 1", "delete from audit where n = 1"] {
                assert!(town.world.db.write(move |tx| tx.execute(sql, &[])).await.is_err(), "{sql}");
            }
            let trigger = match engine {
                Engine::Sqlite => "drop trigger audit_no_update",
                Engine::Postgres => "drop trigger audit_immutable on audit",
            };
            let forced = town.world.db.write(move |tx| {
                tx.execute(trigger, &[])?;
                tx.execute("update audit set actor = 'operator' where n = 1", &[])
            });
            forced.await.expect("forced");
            let lies = audit::verify(&town.world).await.expect("read").lies;
            assert!(lies.iter().any(|lie| lie.contains("entry 1 of")), "{lies:?}");
        });
    }
}
