//! Accounts: registering and signing in by code, changing what is one's own, taking it along and erasing it.

use crate::support::buyer::{Buyer, Order, attribute, passed, redirected, text};
use crate::support::desk::Desk;
use crate::support::member::{
    PAUSE_MS, code_after, codes, details, enter, is_signed_in, mails_saying, prove_email, register,
    register_with, sign_in,
};
use crate::support::outside::Session;
use crate::support::registry::{CHINESE_NUMBER, NUMBER, TEN};
use crate::support::town::{Town, in_town};
use crate::support::wait::until;
use domain::time::{DAY_MS, MINUTE_MS};
use serde_json::Value;
use store::keyring::Purpose;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    whoever_proves_address_and_phone_has_an_account_and_is_signed_in
    a_number_from_abroad_is_a_contact_and_one_of_a_country_that_is_not_served_is_none
    either_contact_signs_in_and_a_new_device_is_told_to_both
    a_half_done_registration_goes_on_on_another_device
    an_address_in_use_is_answered_like_a_new_one_and_its_owner_gets_a_quiet_mail
    a_phone_of_another_account_is_told_to_whoever_holds_it_and_makes_none
    the_page_behind_a_link_comes_after_signing_in
    a_session_lasts_while_it_is_used_and_ends_when_it_is_not
    a_session_that_was_ended_is_refused_at_once
    signing_out_everywhere_ends_every_device
    a_changed_contact_is_told_at_the_old_one_which_signs_in_no_more
    a_contact_of_somebody_else_cannot_be_taken
    what_is_sensitive_asks_for_a_code_that_is_not_older_than_ten_minutes
    a_line_is_added_by_a_code_to_it_named_and_taken_out
    the_account_speaks_its_own_language_on_a_new_browser
    consents_are_kept_apart_and_are_not_given_unless_ticked
    the_export_holds_everything_and_asks_for_a_fresh_code
    an_erased_account_leaves_nothing_personal_behind
    an_account_is_not_erased_while_people_decide_on_a_refund
}

const EMAIL: &str = "ana@example.org";
const OTHER: &str = "bo@example.org";
const ABROAD: &str = "8613812345678";
const SETTLES_FAILED: &str = "4000009900000111";
const PHONE: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36";

/// Somebody with an account, signed in.
async fn member(town: &Town) -> Buyer {
    let browser = town.buyer();
    register(town, &browser, EMAIL, NUMBER).await;
    browser
}

mod checks {
    use super::*;

    pub fn whoever_proves_address_and_phone_has_an_account_and_is_signed_in(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            assert!(!is_signed_in(&browser).await);
            assert!(browser.get("/").await.text.contains("href=\"/sign-in\""));
            register_with(town, &browser, "Ana@Example.org", NUMBER, &[("name", "Ana")]).await;
            assert!(is_signed_in(&browser).await);
            let page = browser.get("/account").await.text;
            assert!(page.contains("a•••@example.org") && page.contains("••• 3456"), "{page}");
            assert!(text(&page, "[data-testid=line]").contains("3456"), "the line is in the account");
            assert!(!page.contains(EMAIL) && !page.contains(NUMBER), "shown masked");
            assert!(browser.get("/").await.text.contains("href=\"/me\""));
            let gone = browser.get("/register/details").await;
            assert_eq!(redirected(&gone), "/register");
        });
    }
    pub fn a_number_from_abroad_is_a_contact_and_one_of_a_country_that_is_not_served_is_none(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            assert_eq!(prove_email(town, &browser, EMAIL).await, "/register/details");
            for (number, code) in [
                ("+234 803 123 4567", "contact_country"),
                ("+44 20 7946 0018", "contact_landline"),
                ("12", "number_invalid"),
            ] {
                let refused = browser.post("/register/details", &details(number, &[])).await;
                assert_eq!(refused.status, 422, "{number}");
                assert!(
                    refused.text.contains(&format!("data-code=\"{code}\"")),
                    "{number}: {}",
                    refused.text
                );
            }
            let typed = format!("+{ABROAD}");
            let code = code_after(town, ABROAD, async || {
                browser.post("/register/details", &details(&typed, &[])).await;
            })
            .await;
            assert_eq!(redirected(&enter(&browser, &code).await), "/me");
            let page = browser.get("/account").await.text;
            assert!(page.contains("••• 5678") && text(&page, "[data-testid=line]").is_empty());
        });
    }
    pub fn either_contact_signs_in_and_a_new_device_is_told_to_both(engine: Engine) {
        in_town(engine, async |town| {
            let first = member(town).await;
            town.clock.pass(PAUSE_MS);
            let phone = town.buyer().using(PHONE);
            // As people type it at home, without the country.
            assert_eq!(redirected(&sign_in(town, &phone, "07400 123456", NUMBER).await), "/me");
            assert!(is_signed_in(&phone).await && is_signed_in(&first).await);
            until("the mail", async || mails_saying(town, EMAIL, "had not seen before").await == 1).await;
            until("the text", async || mails_saying(town, NUMBER, "A new device signed in").await == 1).await;
            let devices = first.get("/account").await.text;
            assert!(devices.contains("Chrome, Android") || devices.contains("Unknown device"), "{devices}");
            // The same device again, by the other contact: nothing is told.
            phone.post("/sign-out", &[]).await;
            assert!(!is_signed_in(&phone).await);
            town.clock.pass(PAUSE_MS);
            assert_eq!(redirected(&sign_in(town, &phone, "ANA@example.org", EMAIL).await), "/me");
            town.work().await;
            assert_eq!(town.count("select count(*) from security_notice").await, 2);
        });
    }
    pub fn a_half_done_registration_goes_on_on_another_device(engine: Engine) {
        in_town(engine, async |town| {
            let one = town.buyer();
            assert_eq!(prove_email(town, &one, EMAIL).await, "/register/details");
            let typed =
                details("+44 7400 123456", &[("name", "Ana"), ("by_email", "1"), ("locale", "zh-CN")]);
            assert_eq!(redirected(&one.post("/register/details", &typed).await), "/code");
            town.clock.pass(PAUSE_MS);
            let another = town.buyer();
            assert_eq!(prove_email(town, &another, EMAIL).await, "/register/details?resumed=1");
            let page = another.get("/register/details?resumed=1").await.text;
            assert!(page.contains("data-testid=\"resumed\""));
            assert!(page.contains("value=\"Ana\"") && page.contains("+44 7400 123456"), "{page}");
            let code = code_after(town, NUMBER, async || {
                another.post("/register/details", &typed).await;
            })
            .await;
            assert_eq!(redirected(&enter(&another, &code).await), "/me");
            assert_eq!(town.count("select count(*) from subscriber where locale = 'zh-CN'").await, 1);
            // The first device has nothing left to finish.
            let late = one.post("/register/details", &typed).await;
            assert!(late.text.contains("data-code=\"registration_gone\""), "{}", late.text);
        });
    }
    pub fn an_address_in_use_is_answered_like_a_new_one_and_its_owner_gets_a_quiet_mail(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            town.clock.pass(PAUSE_MS);
            let (known, new) = (town.buyer(), town.buyer());
            let pages = async |browser: &Buyer, email: &str| {
                let sent = browser.post("/register", &[("email", email)]).await;
                assert_eq!(redirected(&sent), "/code");
                alike(&browser.get("/code").await.text)
            };
            let to_owner = pages(&known, EMAIL).await;
            assert_eq!(to_owner, pages(&new, "ali@example.org").await);
            until("the quiet mail", async || mails_saying(town, EMAIL, "/sign-in").await == 1).await;
            assert_eq!(codes(&town.outside, EMAIL).await.len(), 1, "only the code of the first registration");
            let wrong = enter(&known, "000000").await;
            assert_eq!(alike(&wrong.text), alike(&enter(&new, "000000").await.text));
        });
    }
    pub fn a_phone_of_another_account_is_told_to_whoever_holds_it_and_makes_none(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            town.clock.pass(PAUSE_MS);
            let browser = town.buyer();
            assert_eq!(prove_email(town, &browser, OTHER).await, "/register/details");
            let code = code_after(town, NUMBER, async || {
                browser.post("/register/details", &details("+447400123456", &[])).await;
            })
            .await;
            let told = enter(&browser, &code).await;
            assert!(told.text.contains("data-code=\"contact_taken\""), "{}", told.text);
            assert_eq!(town.count("select count(*) from subscriber").await, 1);
        });
    }
    pub fn the_page_behind_a_link_comes_after_signing_in(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            town.clock.pass(PAUSE_MS);
            let browser = town.buyer();
            let to = redirected(&browser.get("/account/lines").await);
            assert_eq!(to, "/sign-in?next=%2Faccount%2Flines");
            let code = code_after(town, EMAIL, async || {
                browser.post("/sign-in", &[("contact", EMAIL), ("next", "/account/lines")]).await;
            })
            .await;
            assert_eq!(redirected(&enter(&browser, &code).await), "/account/lines");
            let away = town.buyer();
            town.clock.pass(PAUSE_MS);
            let code = code_after(town, EMAIL, async || {
                away.post("/sign-in", &[("contact", EMAIL), ("next", "//elsewhere.example/")]).await;
            })
            .await;
            assert_eq!(redirected(&enter(&away, &code).await), "/me", "never to a foreign site");
        });
    }
    pub fn a_session_lasts_while_it_is_used_and_ends_when_it_is_not(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            for _ in 0..3 {
                town.clock.pass(20 * DAY_MS);
                assert!(is_signed_in(&browser).await, "used within thirty days");
            }
            town.clock.pass(31 * DAY_MS);
            assert!(!is_signed_in(&browser).await);
        });
    }
    pub fn a_session_that_was_ended_is_refused_at_once(engine: Engine) {
        in_town(engine, async |town| {
            let first = member(town).await;
            town.clock.pass(PAUSE_MS);
            let lost = town.buyer();
            sign_in(town, &lost, EMAIL, EMAIL).await;
            assert!(is_signed_in(&lost).await);
            let page = first.get("/account").await.text;
            let form = "form[action^=\"/account/sessions/ses_\"]";
            let end = &attribute(&page, form, "action").expect("a form");
            assert_eq!(redirected(&first.post(end, &[]).await), "/account?done=device_ended");
            let refused = lost.get("/account").await;
            assert_eq!(redirected(&refused), "/sign-in?next=%2Faccount");
            assert!(refused.header("set-cookie").contains("session="), "the secret is taken away");
            assert!(is_signed_in(&first).await);
        });
    }
    pub fn signing_out_everywhere_ends_every_device(engine: Engine) {
        in_town(engine, async |town| {
            let first = member(town).await;
            town.clock.pass(PAUSE_MS);
            let second = town.buyer();
            sign_in(town, &second, EMAIL, EMAIL).await;
            let left = first.post("/account/sessions/end-all", &[]).await;
            assert_eq!(redirected(&left), "/sign-in?note=everywhere");
            assert!(!is_signed_in(&first).await && !is_signed_in(&second).await);
        });
    }
    pub fn a_changed_contact_is_told_at_the_old_one_which_signs_in_no_more(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            let new = "ana.new@example.net";
            let code = code_after(town, new, async || {
                let sent = browser.post("/account/contacts/email", &[("email", new)]).await;
                assert_eq!(redirected(&sent), "/code");
            })
            .await;
            assert_eq!(redirected(&enter(&browser, &code).await), "/account?done=contact_changed");
            for to in [EMAIL, new] {
                until("the mail", async || mails_saying(town, to, "was changed").await == 1).await;
            }
            until("the text", async || mails_saying(town, NUMBER, "was changed").await == 1).await;
            let told = &town.outside.inbox(EMAIL).await[0];
            assert!(told["text"].as_str().expect("a text").contains("a•••@example.net"), "{told}");
            town.clock.pass(PAUSE_MS);
            let sent = town.buyer().post("/sign-in", &[("contact", EMAIL)]).await;
            assert_eq!(redirected(&sent), "/code", "answered like any other");
            town.work().await;
            assert_eq!(codes(&town.outside, EMAIL).await.len(), 1, "and nothing is sent");
            assert_eq!(redirected(&sign_in(town, &town.buyer(), new, new).await), "/me");
        });
    }
    pub fn a_contact_of_somebody_else_cannot_be_taken(engine: Engine) {
        in_town(engine, async |town| {
            member(town).await;
            let bo = town.buyer();
            register(town, &bo, OTHER, ABROAD).await;
            town.clock.pass(PAUSE_MS);
            let code = code_after(town, EMAIL, async || {
                bo.post("/account/contacts/email", &[("email", EMAIL)]).await;
            })
            .await;
            let told = enter(&bo, &code).await;
            assert!(told.text.contains("data-code=\"contact_taken\""), "{}", told.text);
            let same = bo.post("/account/contacts/email", &[("email", OTHER)]).await;
            assert!(same.text.contains("data-code=\"contact_same\""), "{}", same.text);
            assert!(bo.get("/account").await.text.contains("b•••@example.org"));
        });
    }
    pub fn what_is_sensitive_asks_for_a_code_that_is_not_older_than_ten_minutes(engine: Engine) {
        in_town(engine, async |town| {
            let browser = member(town).await;
            assert_eq!(browser.get("/account/erase").await.status, 200, "fresh from registering");
            town.clock.pass(11 * MINUTE_MS);
            for path in
                ["/account/erase", "/account/contacts/email", "/account/contacts/phone", "/account/export"]
            {
                let to = redirected(&browser.get(path).await);
                assert!(to.starts_with("/account/confirm?next="), "{path}: {to}");
            }
            let changed = browser.post("/account/contacts/email", &[("email", OTHER)]).await;
            assert!(redirected(&changed).starts_with("/account/confirm"));
            assert!(
                redirected(&browser.post("/account/erase", &[("sure", "1")]).await)
                    .starts_with("/account/confirm")
            );
            let code = code_after(town, EMAIL, async || {
                let form = [("kind", "email"), ("next", "/account/erase")];
                assert_eq!(redirected(&browser.post("/account/confirm", &form).await), "/code");
            })
            .await;
            assert_eq!(redirected(&enter(&browser, &code).await), "/account/erase");
            assert_eq!(browser.get("/account/erase").await.status, 200);
        });
    }
    pub fn a_line_is_added_by_a_code_to_it_named_and_taken_out(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            register(town, &browser, EMAIL, ABROAD).await;
            for (number, code) in [("07400 999999", "line_not_ours"), ("07400 100300", "line_not_ours")] {
                let refused = browser.post("/account/lines", &[("country", "GB"), ("msisdn", number)]).await;
                assert!(
                    refused.text.contains(&format!("data-code=\"{code}\"")),
                    "{number}: {}",
                    refused.text
                );
            }
            let code = code_after(town, NUMBER, async || {
                let form = [("country", "GB"), ("msisdn", "07400 123456")];
                assert_eq!(redirected(&browser.post("/account/lines", &form).await), "/code");
            })
            .await;
            assert_eq!(redirected(&enter(&browser, &code).await), "/account?done=line_added");
            let id = "select line_id from subscriber_line where removed_at is null";
            let id = town.read(move |tx| tx.query_first(id, &[], |row| row.text(0))).await.expect("a line");
            browser.post(&format!("/account/lines/{id}/label"), &[("label", " Mum <b>\u{7} ")]).await;
            let page = browser.get("/account").await.text;
            assert!(text(&page, "[data-testid=line]").starts_with("Mum <b>"), "{page}");
            // Somebody else's line is not there to be named or taken.
            let bo = town.buyer();
            register(town, &bo, OTHER, CHINESE_NUMBER).await;
            bo.post(&format!("/account/lines/{id}/remove"), &[]).await;
            assert!(!text(&browser.get("/account").await.text, "[data-testid=line]").is_empty());
            browser.post(&format!("/account/lines/{id}/remove"), &[]).await;
            assert!(text(&browser.get("/account").await.text, "[data-testid=line]").is_empty());
        });
    }
    pub fn the_account_speaks_its_own_language_on_a_new_browser(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            register_with(town, &browser, EMAIL, NUMBER, &[("locale", "zh-CN")]).await;
            assert!(browser.get("/account").await.text.contains("账户与安全"), "its language from now on");
            town.clock.pass(PAUSE_MS);
            let other = town.buyer();
            sign_in(town, &other, EMAIL, EMAIL).await;
            assert!(other.get("/account").await.text.contains("账户与安全"));
            assert!(other.get("/account?lang=en").await.text.contains("Account and safety"), "asked for");
            // The device was not known: the account is told in its language.
            until("the text", async || mails_saying(town, NUMBER, "有新设备登录").await == 1).await;
        });
    }
    pub fn consents_are_kept_apart_and_are_not_given_unless_ticked(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            register_with(town, &browser, EMAIL, NUMBER, &[("by_email", "1")]).await;
            let given = "select channel || ' ' || state || ' ' || source from consent order by channel";
            let said = town.read(move |tx| tx.query(given, &[], |row| row.text(0))).await;
            assert_eq!(said, ["email given registration", "sms withdrawn registration"]);
            let form = [("name", ""), ("locale", "en"), ("by_sms", "1")];
            let saved = browser.post("/account/preferences", &form).await;
            assert_eq!(redirected(&saved), "/account?done=saved");
            let said = town.read(move |tx| tx.query(given, &[], |row| row.text(0))).await;
            assert_eq!(said, ["email withdrawn account", "sms given account"]);
        });
    }
    pub fn the_export_holds_everything_and_asks_for_a_fresh_code(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            register_with(town, &browser, EMAIL, NUMBER, &[("name", "Ana"), ("by_sms", "1")]).await;
            let form = browser.review(NUMBER, TEN).await;
            let code = passed(&browser.press(&form, "").await);
            let export = browser.get("/account/export").await;
            assert_eq!(export.header("content-disposition"), "attachment; filename=\"account.zip\"");
            assert_eq!(export.content_type(), "application/zip");
            // It stores: what is in it can be read as it is.
            for part in ["README.txt", "Your data at", "account.json", "consents.csv", "orders.csv"] {
                assert!(export.text.contains(part), "{part}");
            }
            // The name stands right before what it names. The other files speak of it too, and what follows there is
            // anything: checksums hold every byte.
            let named = export.text.split("account.json").find(|rest| rest.starts_with('{'));
            let data = named.expect("the file").to_owned();
            let mut data = serde_json::Deserializer::from_str(&data).into_iter::<Value>();
            let data = data.next().expect("an object").expect("JSON");
            assert_eq!(data["account"]["name"], "Ana");
            assert_eq!(data["contacts"][0]["value"], EMAIL);
            assert_eq!(data["contacts"][1]["value"], NUMBER);
            assert_eq!(data["lines"][0]["number"], NUMBER);
            assert_eq!(
                (&data["orders"][0]["code"], &data["orders"][0]["total_minor"]),
                (&code.into(), &1000.into())
            );
            assert_eq!(data["consents"].as_array().map(Vec::len), Some(2));
            assert_eq!(data["devices"].as_array().map(Vec::len), Some(1));
        });
    }
    pub fn an_account_is_not_erased_while_people_decide_on_a_refund(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            register_with(town, &browser, EMAIL, ABROAD, &[]).await;
            let form = browser.review(NUMBER, TEN).await;
            let pressed = browser.press(&form, EMAIL).await;
            let session = Session::of_page(&redirected(&pressed));
            let order = Order { code: passed(&pressed), session, buyer: browser.clone() };
            town.outside.pay(&order.session, "4242424242424242").await;
            assert_eq!(town.look(&order).await, "credited");
            let (ana, ben) = (Desk::supervisor(town, "ana").await, Desk::supervisor(town, "ben").await);
            let request = ana.asks_refund(&order.code, "wrong_number").await.expect("asked");
            let erased = async || browser.post("/account/erase", &[("sure", "1")]).await;
            assert!(erased().await.text.contains("data-code=\"refund_waiting\""));
            ben.decides(&request, "decline", "no").await.expect("declined");
            assert_eq!(redirected(&erased().await), "/sign-in?note=erased");
        });
    }
    pub fn an_erased_account_leaves_nothing_personal_behind(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            let name = [("name", "Ana Secret")];
            register_with(town, &browser, EMAIL, ABROAD, &name).await;
            let unsure = browser.post("/account/erase", &[]).await;
            assert!(unsure.text.contains("data-code=\"erase_unsure\""), "{}", unsure.text);
            // While an order waits for its answer, somebody must be told where the money is.
            let form = browser.review(NUMBER, TEN).await;
            let pressed = browser.press(&form, EMAIL).await;
            let session = Session::of_page(&redirected(&pressed));
            let order = Order { code: passed(&pressed), session, buyer: browser.clone() };
            let erased = async || browser.post("/account/erase", &[("sure", "1")]).await;
            town.outside.pay(&order.session, SETTLES_FAILED).await;
            assert_eq!(town.look(&order).await, "checking_payment");
            assert!(erased().await.text.contains("data-code=\"order_waiting\""));
            town.outside.settle(&order.session, "failed").await;
            town.pass(MINUTE_MS).await;
            assert_eq!(town.look(&order).await, "awaiting_payment");
            assert!(erased().await.text.contains("data-code=\"order_waiting\""), "it can still be paid");
            redirected(&order.cancel().await);
            town.work().await;
            assert_eq!(order.shown().await, "cancelled");
            assert_eq!(redirected(&erased().await), "/sign-in?note=erased");
            assert!(!is_signed_in(&browser).await);
            until("the goodbye", async || mails_saying(town, EMAIL, "was erased").await == 1).await;
            let told = "select count(*) from security_notice where target_sealed is not null";
            until("everything to be told", async || town.count(told).await == 0).await;
            for (table, text) in every_text(town).await {
                for personal in [EMAIL, ABROAD, "Ana Secret"] {
                    assert!(!text.contains(personal), "{personal} stands in {table}");
                    for purpose in [Purpose::Email, Purpose::Msisdn, Purpose::Name, Purpose::Session] {
                        let opened = town.world.keyring.open_sealed(purpose, &text).unwrap_or_default();
                        assert!(!opened.contains(personal), "{personal} stands sealed in {table}");
                        let hashes = town.world.keyring.hashes(purpose, personal);
                        let found = table != "throttle" && hashes.iter().any(|hash| text.contains(hash));
                        assert!(!found, "{personal} stands hashed in {table}");
                    }
                }
            }
            assert_eq!(town.count("select count(*) from subscriber where state = 'erased'").await, 1);
            // The same person may begin anew.
            town.clock.pass(PAUSE_MS);
            register(town, &town.buyer(), EMAIL, ABROAD).await;
        });
    }
}

/// A page without what differs for everybody: clocks, and the request's id.
fn alike(page: &str) -> String {
    let body = page.split("<main").nth(1).and_then(|rest| rest.split("</main>").next());
    let body = body.unwrap_or_else(|| panic!("a page: {page}"));
    body.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

/// Every text in the database, with its table.
async fn every_text(town: &Town) -> Vec<(String, String)> {
    let sqlite = matches!(town.world.db.database(), store::Database::Sqlite(_));
    let columns = if sqlite {
        "select m.name || '/' || p.name from sqlite_master m, pragma_table_info(m.name) p \
         where m.type = 'table' and lower(p.type) = 'text'"
    } else {
        "select table_name || '/' || column_name from information_schema.columns \
         where table_schema = 'public' and data_type = 'text'"
    };
    let columns = town.read(move |tx| tx.query(columns, &[], |row| row.text(0))).await;
    assert!(columns.len() > 100, "{}", columns.len());
    let mut all = Vec::new();
    for column in columns {
        let (table, column) = column.split_once('/').expect("both names");
        let sql = format!("select {column} from {table} where {column} is not null");
        let found = town.read(move |tx| tx.query(&sql, &[], |row| row.text(0))).await;
        all.extend(found.into_iter().map(|text| (table.to_owned(), text)));
    }
    all
}
