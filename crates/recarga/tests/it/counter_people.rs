//! The people of a counter: unlocking, the lock that grows and the lock that comes by itself, a supervisor's help, what
//! an owner does with clerks, and the journal in which all of it stands.

use crate::support::api::Answer;
use crate::support::buyer::{attribute, redirected, text};
use crate::support::counter::{Counter, OWNER, PIN, opened};
use crate::support::town::{Town, in_town};
use domain::counter_journal::JournalEvent;
use domain::id::PlaceId;
use domain::money::Money;
use domain::time::{MINUTE_MS, SECOND_MS};
use flows::counter::journal::{self, Note};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    wrong_pins_lock_a_clerk_for_longer_and_longer
    many_tries_at_once_are_many_tries
    two_idle_minutes_lock_a_device_and_what_was_sent_then_is_not_done
    the_key_locks_and_somebody_else_takes_over
    a_supervisor_lets_a_locked_out_clerk_in_once_with_a_reason
    an_owner_adds_changes_and_suspends_clerks_and_nobody_else_does
    a_code_for_a_pin_serves_once_and_only_its_clerk
    the_journal_is_searched_and_a_number_is_shown_with_a_reason
    the_journal_cannot_be_changed
}

fn problem(answer: &Answer) -> String {
    attribute(&answer.text, "[data-testid=error-summary]", "data-code").unwrap_or_default()
}

/// Adds a clerk, who chooses a PIN at the same counter; gives the clerk's number. The owner works on afterwards.
async fn added(town: &Town, counter: &Counter, name: &str, role: &str) -> String {
    let form = [("name", name), ("role", role), ("locale", "en")];
    let made = counter.post(town, "/agent/owner/clerks", &form).await;
    let code = text(&made.text, "[data-testid=new-code] .code");
    let number = 10 + made.text.matches("data-number=").count();
    let number = number.to_string();
    let form = [("number", number.as_str()), ("code", &code), ("pin", PIN), ("again", PIN)];
    assert_eq!(redirected(&counter.post(town, "/agent/first-pin", &form).await), "/agent");
    assert_eq!(redirected(&counter.unlock(town, OWNER, PIN).await), "/agent");
    number
}

async fn id_of(town: &Town, number: &str) -> String {
    let number: i64 = number.parse().expect("a number");
    let read = town.world.db.read(move |tx| {
        tx.query_first("select id from clerk where number = ?1", &store::values![number], |row| row.text(0))
    });
    read.await.expect("read").expect("a clerk")
}

mod checks {
    use super::*;

    pub fn wrong_pins_lock_a_clerk_for_longer_and_longer(engine: Engine) {
        in_town(engine, async |town| {
            let counter = opened(town).await;
            counter.post(town, "/agent/lock", &[]).await;
            for _ in 0..3 {
                assert_eq!(problem(&counter.unlock(town, OWNER, "0000").await), "pin_wrong");
            }
            let locked = counter.unlock(town, OWNER, PIN).await;
            assert_eq!(problem(&locked), "pin_locked");
            assert!(text(&locked.text, "[data-testid=error-summary]").contains(':'), "it says until when");
            town.clock.pass(31 * SECOND_MS);
            assert_eq!(problem(&counter.unlock(town, OWNER, "0000").await), "pin_wrong");
            town.clock.pass(31 * SECOND_MS);
            assert_eq!(problem(&counter.unlock(town, OWNER, PIN).await), "pin_locked", "twice as long now");
            town.clock.pass(31 * SECOND_MS);
            assert_eq!(redirected(&counter.unlock(town, OWNER, PIN).await), "/agent");
            counter.post(town, "/agent/lock", &[]).await;
            assert_eq!(problem(&counter.unlock(town, OWNER, "0000").await), "pin_wrong");
            assert_eq!(redirected(&counter.unlock(town, OWNER, PIN).await), "/agent", "the count began anew");
            assert_eq!(
                problem(&counter.unlock(town, "99", PIN).await),
                "pin_wrong",
                "nobody has this number"
            );
        });
    }

    pub fn many_tries_at_once_are_many_tries(engine: Engine) {
        in_town(engine, async |town| {
            let counter = opened(town).await;
            counter.post(town, "/agent/lock", &[]).await;
            let try_one = async |pin: &str| problem(&counter.unlock(town, OWNER, pin).await);
            let (a, b, c, d, e) = tokio::join!(
                try_one("1357"),
                try_one("1358"),
                try_one("1359"),
                try_one("1360"),
                try_one("1361")
            );
            let told = [a, b, c, d, e];
            assert_eq!(told.iter().filter(|code| *code == "pin_wrong").count(), 3, "{told:?}");
            assert_eq!(told.iter().filter(|code| *code == "pin_locked").count(), 2, "{told:?}");
        });
    }

    pub fn two_idle_minutes_lock_a_device_and_what_was_sent_then_is_not_done(engine: Engine) {
        in_town(engine, async |town| {
            let counter = opened(town).await;
            for _ in 0..3 {
                town.clock.pass(110 * SECOND_MS);
                counter.page("/agent").await;
            }
            town.clock.pass(110 * SECOND_MS);
            assert_eq!(counter.post(town, "/agent/here", &[]).await.status, 204, "somebody types");
            town.clock.pass(115 * SECOND_MS);
            let made = counter.post(town, "/agent/owner/devices", &[("name", "Counter 2")]).await;
            assert_eq!(made.status, 200);
            town.clock.pass(2 * MINUTE_MS);
            let late = counter.post(town, "/agent/owner/devices", &[("name", "Counter 3")]).await;
            assert_eq!(redirected(&late), "/agent/unlock?next=%2Fagent&lapsed=1&undone=1");
            let codes = "select count(*) from pairing where name = 'Counter 3'";
            let count = town.world.db.read(move |tx| tx.query_first(codes, &[], |row| row.int(0)));
            assert_eq!(count.await.expect("read"), Some(0));
            let page = counter.page("/agent/unlock?next=%2Fagent&lapsed=1&undone=1").await;
            assert!(page.contains("data-testid=\"undone\""), "{page}");
            let led = redirected(&counter.browser.get("/agent/journal?q=3456").await);
            assert_eq!(led, "/agent/unlock?next=%2Fagent%2Fjournal%3Fq%3D3456&lapsed=1");
            let form = [("number", OWNER), ("pin", PIN), ("next", "/agent/journal?q=3456")];
            let back = counter.post(town, "/agent/unlock", &form).await;
            assert_eq!(redirected(&back), "/agent/journal?q=3456", "it goes on where it was");
        });
    }

    pub fn the_key_locks_and_somebody_else_takes_over(engine: Engine) {
        in_town(engine, async |town| {
            let counter = opened(town).await;
            let ben = added(town, &counter, "Ben Osei", "clerk").await;
            let locked = counter.post(town, "/agent/lock", &[]).await;
            assert!(redirected(&locked).starts_with("/agent/unlock?next="));
            assert!(redirected(&counter.browser.get("/agent").await).starts_with("/agent/unlock"));
            assert_eq!(redirected(&counter.unlock(town, OWNER, PIN).await), "/agent");
            assert_eq!(redirected(&counter.unlock(town, &ben, PIN).await), "/agent");
            let page = counter.page("/agent").await;
            assert!(text(&page, "[data-testid=clerk]").contains("Ben Osei"));
            let form = [("number", ben.as_str()), ("pin", PIN), ("training", "1")];
            assert_eq!(redirected(&counter.post(town, "/agent/unlock", &form).await), "/agent");
            assert!(counter.page("/agent").await.contains("data-testid=\"training\""));
            let open = "select count(*) from clerk_session where ended_at is null";
            let count = town.world.db.read(move |tx| tx.query_first(open, &[], |row| row.int(0)));
            assert_eq!(count.await.expect("read"), Some(1), "one at a time");
        });
    }

    pub fn a_supervisor_lets_a_locked_out_clerk_in_once_with_a_reason(engine: Engine) {
        in_town(engine, async |town| {
            let counter = opened(town).await;
            let ana = added(town, &counter, "Ana Reyes", "supervisor").await;
            let ben = added(town, &counter, "Ben Osei", "clerk").await;
            let eva = added(town, &counter, "Eva Stone", "clerk").await;
            counter.post(town, "/agent/lock", &[]).await;
            let help = async |supervisor: &str, pin: &str, reason: &str| {
                let form =
                    [("number", ben.as_str()), ("supervisor", supervisor), ("pin", pin), ("reason", reason)];
                counter.post(town, "/agent/override", &form).await
            };
            let reason = "Ben forgot his glasses today";
            assert_eq!(problem(&help(&ana, PIN, reason).await), "not_locked");
            for _ in 0..3 {
                counter.unlock(town, &ben, "0000").await;
            }
            assert_eq!(problem(&help(&ana, PIN, "short").await), "reason_unfit");
            assert_eq!(problem(&help(&eva, PIN, reason).await), "not_a_supervisor");
            assert_eq!(
                problem(&help(&ben, PIN, reason).await),
                "supervisor_locked",
                "nobody helps themselves"
            );
            assert_eq!(problem(&help(&ana, "0000", reason).await), "supervisor_wrong");
            assert_eq!(redirected(&help(&ana, PIN, reason).await), "/agent");
            assert!(text(&counter.page("/agent").await, "[data-testid=clerk]").contains("Ben Osei"));
            counter.post(town, "/agent/lock", &[]).await;
            assert_eq!(problem(&counter.unlock(town, &ben, PIN).await), "pin_locked", "it was for once");
            assert_eq!(redirected(&counter.unlock(town, OWNER, PIN).await), "/agent");
            let journal = counter.page("/agent/journal").await;
            let entry = text(&journal, "[data-event=overridden]");
            for part in ["Ana Reyes", "Ben Osei", reason] {
                assert!(entry.contains(part), "{part} in {entry}");
            }
        });
    }

    pub fn an_owner_adds_changes_and_suspends_clerks_and_nobody_else_does(engine: Engine) {
        in_town(engine, async |town| {
            let counter = opened(town).await;
            let ben = added(town, &counter, "Ben Osei", "clerk").await;
            let (ben_id, own_id) = (id_of(town, &ben).await, id_of(town, OWNER).await);
            for action in ["role", "suspend", "code"] {
                let path = format!("/agent/owner/clerks/{own_id}/{action}");
                let answer = counter.post(town, &path, &[("role", "clerk")]).await;
                assert_eq!(problem(&answer), "oneself", "{action}");
            }
            let role = format!("/agent/owner/clerks/{ben_id}/role");
            let changed = counter.post(town, &role, &[("role", "supervisor")]).await;
            assert!(changed.text.contains("data-testid=\"done\""), "{}", changed.text);
            counter.unlock(town, &ben, PIN).await;
            for path in ["/agent/owner/clerks", "/agent/owner/devices"] {
                let answer = counter.browser.get(path).await;
                assert_eq!(answer.status, 403, "{path}");
                assert!(answer.text.contains("data-note=\"owners_only\""), "{}", answer.text);
            }
            let answer = counter.post(town, &role, &[("role", "owner")]).await;
            assert_eq!(answer.status, 403);
            counter.unlock(town, OWNER, PIN).await;
            counter.post(town, &format!("/agent/owner/clerks/{ben_id}/suspend"), &[]).await;
            assert_eq!(problem(&counter.unlock(town, &ben, PIN).await), "pin_wrong");
            assert!(!counter.page("/agent/unlock").await.contains("Ben Osei"));
            counter.post(town, &format!("/agent/owner/clerks/{ben_id}/back"), &[]).await;
            assert_eq!(redirected(&counter.unlock(town, &ben, PIN).await), "/agent");
            // Another agent's owner does nothing to them.
            let stranger = opened(town).await;
            let answer = stranger.post(town, &format!("/agent/owner/clerks/{ben_id}/suspend"), &[]).await;
            assert_eq!(problem(&answer), "clerk_unknown");
        });
    }

    pub fn a_code_for_a_pin_serves_once_and_only_its_clerk(engine: Engine) {
        in_town(engine, async |town| {
            let counter = opened(town).await;
            let ben = added(town, &counter, "Ben Osei", "clerk").await;
            let eva = added(town, &counter, "Eva Stone", "clerk").await;
            let path = format!("/agent/owner/clerks/{}/code", id_of(town, &ben).await);
            let old = text(&counter.post(town, &path, &[]).await.text, "[data-testid=new-code] .code");
            let code = text(&counter.post(town, &path, &[]).await.text, "[data-testid=new-code] .code");
            counter.post(town, "/agent/lock", &[]).await;
            let led = redirected(&counter.unlock(town, &ben, PIN).await);
            assert_eq!(led, "/agent/first-pin?clerk=12", "the old PIN is gone");
            let choose = async |number: &str, code: &str, pin: &str, again: &str| {
                let form = [("number", number), ("code", code), ("pin", pin), ("again", again)];
                counter.post(town, "/agent/first-pin", &form).await
            };
            assert_eq!(problem(&choose(&ben, &old, "8642", "8642").await), "clerk_code_wrong");
            assert_eq!(problem(&choose(&eva, &code, "8642", "8642").await), "clerk_code_wrong");
            assert_eq!(problem(&choose(&ben, &code, "1234", "1234").await), "pin_trivial");
            assert_eq!(problem(&choose(&ben, &code, "86", "86").await), "pin_length");
            assert_eq!(problem(&choose(&ben, &code, "8642", "8643").await), "pins_differ");
            assert_eq!(redirected(&choose(&ben, &code, "8642", "8642").await), "/agent");
            assert_eq!(problem(&choose(&ben, &code, "9753", "9753").await), "clerk_code_wrong");
            counter.post(town, "/agent/lock", &[]).await;
            assert_eq!(redirected(&counter.unlock(town, &ben, "8642").await), "/agent");
        });
    }

    pub fn the_journal_is_searched_and_a_number_is_shown_with_a_reason(engine: Engine) {
        in_town(engine, async |town| {
            let counter = opened(town).await;
            let order = town.order().await;
            let place = town
                .world
                .db
                .read(|tx| tx.query_first("select place_id from device", &[], |row| row.text(0)));
            let place = PlaceId::stored(place.await.expect("read").expect("a device"));
            let (context, code) = (town.world.step(), order.code.clone());
            let wrote = town.world.db.write(move |tx| {
                let amount = Money::new(1030, "GBP".parse()?);
                let note = Note::at(&place, JournalEvent::Sold).about(code.as_str()).sold("3456", amount);
                journal::write(tx, &context, &note)
            });
            wrote.await.expect("written");
            for typed in ["3456", "10.30", order.code.to_lowercase().as_str()] {
                let page = counter.page(&format!("/agent/journal?q={typed}")).await;
                assert_eq!(page.matches("data-event=").count(), 1, "{typed}");
                assert!(page.contains("data-event=\"sold\""), "{typed}");
            }
            assert!(counter.page("/agent/journal?q=9999").await.contains("data-testid=\"no-journal\""));
            let page = counter.page("/agent/journal?q=3456").await;
            let action = attribute(&page, "[data-testid=reveal-form]", "action").expect("a form");
            let bare = counter.post(town, &action, &[("reason", "because")]).await;
            assert_eq!(problem(&bare), "reason_unfit");
            let shown = counter.post(town, &action, &[("reason", "The customer asked for it")]).await;
            let number = text(&shown.text, "[data-testid=revealed] .number");
            assert!(number.starts_with('+') && number.len() > 10, "{number}");
            let journal = counter.page("/agent/journal").await;
            assert!(text(&journal, "[data-event=revealed]").contains("The customer asked for it"));
            let stranger = opened(town).await;
            assert!(!stranger.page("/agent/journal?q=3456").await.contains("data-event="));
            let answer = stranger.post(town, &action, &[("reason", "The customer asked for it")]).await;
            assert_eq!(problem(&answer), "nothing_to_reveal", "another outlet's entry");
        });
    }

    pub fn the_journal_cannot_be_changed(engine: Engine) {
        in_town(engine, async |town| {
            opened(town).await;
            for sql in ["update counter_journal set what = 'sold'", "delete from counter_journal"] {
                let done = town.world.db.write(move |tx| tx.execute(sql, &[])).await;
                assert!(done.is_err(), "{sql}");
            }
        });
    }
}
