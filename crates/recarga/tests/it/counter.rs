//! The devices of a counter: how one is paired, that only it can sign for itself, once and in time, and that a revoked
//! one is nothing from the next request on.

use crate::support::api::Answer;
use crate::support::buyer::{attribute, redirected, text};
use crate::support::counter::{Counter, Signing, invited, opened};
use crate::support::town::{Town, in_town};
use domain::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_pairing_code_pairs_one_device_once_and_proves_its_key
    a_pairing_code_lapses_and_tries_are_counted
    a_request_is_taken_once_unaltered_and_from_its_own_device
    a_wrong_clock_is_told_the_time_and_nothing_is_done
    a_revoked_device_is_nothing_from_the_next_request_on
    a_device_that_lost_its_cookie_is_known_by_its_key
    nobody_sees_a_page_of_the_counter_without_a_device
}

/// Why a request was not taken.
fn refused(answer: &Answer) -> &str {
    answer.header("recarga-refused")
}

fn problem(answer: &Answer) -> String {
    attribute(&answer.text, "[data-testid=error-summary]", "data-code").unwrap_or_default()
}

/// A code for one more device, made by the owner at a counter.
async fn code_from(town: &Town, owner: &Counter) -> String {
    let made = owner.post(town, "/agent/owner/devices", &[("name", "Counter 2")]).await;
    assert!(attribute(&made.text, "svg.qr path.qr-ink", "d").is_some_and(|path| path.len() > 1_000));
    text(&made.text, "[data-testid=pairing-code]")
}

mod checks {
    use super::*;

    pub fn a_pairing_code_pairs_one_device_once_and_proves_its_key(engine: Engine) {
        in_town(engine, async |town| {
            let owner = opened(town).await;
            let code = code_from(town, &owner).await;
            let second = Counter::new(town);
            // Somebody else's public key, signed with the own private one.
            let form = [("code", code.as_str()), ("public_key", &owner.public_key())];
            let signing = Signing { key_id: "new".into(), ..second.signing(town) };
            let answer = second.post_signed(town, "/agent/pair", &form, &signing).await;
            assert_eq!((answer.status, refused(&answer)), (401, "signature"));
            let paired = second.pair(town, &code.to_lowercase().replace('-', " ")).await;
            assert_eq!(paired.status, 204, "{}", paired.text);
            for part in ["HttpOnly", "SameSite=Strict", "Path=/agent"] {
                assert!(paired.header("set-cookie").contains(part), "{}", paired.header("set-cookie"));
            }
            let page = second.page("/agent/unlock").await;
            assert_eq!(text(&page, "[data-testid=device]"), "Counter 2");
            let third = Counter::new(town);
            assert_eq!(problem(&third.pair(town, &code).await), "pairing_wrong", "a code serves once");
            let again = second.pair(town, &code_from(town, &owner).await).await;
            assert_eq!(problem(&again), "key_unfit", "a key is one device's");
        });
    }

    pub fn a_pairing_code_lapses_and_tries_are_counted(engine: Engine) {
        in_town(engine, async |town| {
            let code = invited(town).await;
            town.clock.pass(7 * DAY_MS);
            assert_eq!(problem(&Counter::new(town).pair(town, &code).await), "pairing_wrong");
            let owner = opened(town).await;
            let code = code_from(town, &owner).await;
            let guest = Counter::new(town);
            for _ in 0..20 {
                assert_eq!(problem(&guest.pair(town, "7K2M-9QXT").await), "pairing_wrong");
            }
            assert_eq!(problem(&guest.pair(town, &code).await), "codes_locked");
            town.clock.pass(16 * MINUTE_MS);
            assert_eq!(
                problem(&guest.pair(town, &code).await),
                "pairing_wrong",
                "a quarter of an hour is over"
            );
        });
    }

    pub fn a_request_is_taken_once_unaltered_and_from_its_own_device(engine: Engine) {
        in_town(engine, async |town| {
            let owner = opened(town).await;
            let (path, body) = ("/agent/owner/devices", "name=Counter+2");
            let headers = owner.headers(town, path, body, &owner.signing(town));
            let altered = owner.browser.post_with(path, &headers, "name=Counter+3".into()).await;
            assert_eq!((altered.status, refused(&altered)), (401, "signature"));
            let elsewhere = owner.browser.post_with("/agent/owner/clerks", &headers, body.into()).await;
            assert_eq!(refused(&elsewhere), "signature");
            let first = owner.browser.post_with(path, &headers, body.into()).await;
            assert!(first.status == 200 && first.text.contains("data-testid=\"pairing\""), "{}", first.text);
            let replayed = owner.browser.post_with(path, &headers, body.into()).await;
            assert_eq!((replayed.status, refused(&replayed)), (401, "replayed"));
            let unsigned = owner.browser.post(path, &[("name", "Counter 2")]).await;
            assert_eq!((unsigned.status, refused(&unsigned)), (401, "unsigned"));
            // Another paired device signs, with the cookies of this one.
            let other = Counter::new(town);
            let code = text(&first.text, "[data-testid=pairing-code]");
            assert_eq!(other.pair(town, &code).await.status, 204);
            for key_id in [owner.signing(town).key_id, other.signing(town).key_id] {
                let signing = Signing { key_id, ..owner.signing(town) };
                let headers = other.headers(town, path, body, &signing);
                let answer = owner.browser.post_with(path, &headers, body.into()).await;
                assert_eq!((answer.status, refused(&answer)), (401, "signature"));
            }
        });
    }

    pub fn a_wrong_clock_is_told_the_time_and_nothing_is_done(engine: Engine) {
        in_town(engine, async |town| {
            let owner = opened(town).await;
            for off in [-62, 62] {
                let signing = owner.signing(town);
                let signing = Signing { created: signing.created + off, ..signing };
                let form = [("name", "Counter 2")];
                let answer = owner.post_signed(town, "/agent/owner/devices", &form, &signing).await;
                assert_eq!((answer.status, refused(&answer)), (401, "clock"), "{off}");
                let told: i64 = answer.header("recarga-time").parse().expect("a time");
                assert!((told - town.world.now().0).abs() < 10 * SECOND_MS);
                assert!(answer.text.contains("clock is off"), "{}", answer.text);
            }
            let near = owner.signing(town);
            let near = Signing { created: near.created - 50, ..near };
            let answer = owner.post_signed(town, "/agent/here", &[], &near).await;
            assert_eq!(answer.status, 204);
        });
    }

    pub fn a_revoked_device_is_nothing_from_the_next_request_on(engine: Engine) {
        in_town(engine, async |town| {
            let owner = opened(town).await;
            let other = Counter::new(town);
            assert_eq!(other.pair(town, &code_from(town, &owner).await).await.status, 204);
            let unlocked = other.unlock(town, "11", crate::support::counter::PIN).await;
            assert_eq!(redirected(&unlocked), "/agent");
            other.page("/agent").await;
            let id = other.signing(town).key_id;
            let revoked = owner.post(town, &format!("/agent/owner/devices/{id}/revoke"), &[]).await;
            assert!(revoked.text.contains("data-testid=\"done\""), "{}", revoked.text);
            let page = other.browser.get("/agent").await;
            assert_eq!((page.status, refused(&page)), (403, "revoked"));
            assert!(page.text.contains("data-forget-key"), "its page forgets the key");
            assert_eq!(other.post(town, "/agent/here", &[]).await.status, 403);
            assert_eq!(other.return_with_key(town).await.status, 404);
            let own = owner.signing(town).key_id;
            let answer = owner.post(town, &format!("/agent/owner/devices/{own}/revoke"), &[]).await;
            assert_eq!(problem(&answer), "device_oneself");
            let journal = owner.page("/agent/journal").await;
            assert!(journal.contains("data-event=\"device_revoked\""), "{journal}");
        });
    }

    pub fn a_device_that_lost_its_cookie_is_known_by_its_key(engine: Engine) {
        in_town(engine, async |town| {
            let owner = opened(town).await;
            let bare = owner.without_cookies(town);
            assert_eq!(redirected(&bare.browser.get("/agent").await), "/agent/pair");
            let known = bare.return_with_key(town).await;
            assert_eq!(known.status, 204, "{}", known.text);
            bare.page("/agent/unlock").await;
            let stranger = Counter::new(town);
            assert_eq!(stranger.return_with_key(town).await.status, 404);
        });
    }

    pub fn nobody_sees_a_page_of_the_counter_without_a_device(engine: Engine) {
        in_town(engine, async |town| {
            let stranger = town.buyer();
            for path in ["/agent", "/agent/unlock", "/agent/journal", "/agent/owner/clerks", "/agent/nothing"]
            {
                let answer = stranger.get(path).await;
                assert_eq!(redirected(&answer), "/agent/pair", "{path}");
                assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
            }
            let answer = stranger.post("/agent/unlock", &[("number", "11"), ("pin", "4913")]).await;
            assert_eq!(redirected(&answer), "/agent/pair");
            let page = stranger.get("/agent/pair").await;
            assert!(page.status == 200 && page.text.contains("data-testid=\"needs-script\""));
            let owner = opened(town).await;
            let lost = owner.browser.get("/agent/nothing").await;
            assert_eq!(lost.status, 404);
            assert!(lost.text.contains("data-testid=\"counter-error\""), "in the counter's own frame");
        });
    }
}
