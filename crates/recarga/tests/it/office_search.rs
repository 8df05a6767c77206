//! What staff finds by one field, what it sees of people, and what of that is written down.

use crate::support::buyer::{Order, attribute, redirected, text};
use crate::support::member;
use crate::support::office::signed_in;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::audit::AuditAction;
use domain::staff::Role;
use store::audit::Filter;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    an_order_is_found_by_each_of_its_names
    no_page_shows_a_number_or_an_address_in_full
    a_number_is_shown_once_with_a_reason_and_both_are_written_down
    so_many_numbers_are_shown_in_a_while
    what_is_personal_never_stands_in_an_address
    the_lists_lead_to_the_orders
    a_paypal_order_is_found_by_paypals_ids
    a_refund_is_found_by_the_reference_that_people_are_told
    a_partners_reference_and_an_address_with_last_digits_are_found
    a_subscriber_reads_who_looked_and_how_often
}

const EMAIL: &str = "ana.secret@example.org";

/// A credited order with an address, by card.
async fn credited(town: &Town) -> Order {
    let buyer = town.buyer();
    let form = buyer.review(NUMBER, TEN).await;
    let answer = buyer.press(&form, EMAIL).await;
    let session = crate::support::outside::Session::of_page(&redirected(&answer));
    let order = Order { code: crate::support::buyer::passed(&answer), session, buyer };
    town.outside.pay(&order.session, "4242424242424242").await;
    assert_eq!(town.look(&order).await, "credited");
    order
}

async fn written(town: &Town, action: AuditAction) -> Vec<store::audit::Recorded> {
    let filter = Filter { action: Some(action), ..Filter::default() };
    town.read(move |tx| store::audit::list(tx, &filter, 100)).await
}

mod checks {
    use super::*;

    pub fn an_order_is_found_by_each_of_its_names(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let event = town.outside.event("checkout.session.completed").await;
            assert_eq!(town.outside.deliver(&event, 1, "true").await, [200]);
            town.work().await;
            let stored = town.stored(&order).await;
            let id = stored.id.clone();
            let attempt = town.read(move |tx| {
                let payment = store::payment::find_by_top_up(tx, &id)?.expect("a payment");
                Ok(store::attempt::list(tx, &payment.id)?.remove(0))
            });
            let attempt = attempt.await;
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let page = format!("/office/orders/{}", order.code);
            let names = [
                order.code.clone(),
                order.code.to_lowercase().replace('-', ""),
                stored.id.to_string(),
                attempt.id.to_string(),
                attempt.page_ref.expect("a page"),
                attempt.money_ref.expect("money"),
                event,
                EMAIL.to_uppercase(),
            ];
            for name in names {
                assert_eq!(redirected(&ana.search(&name).await), page, "{name}");
            }
            let line = format!("/office/lines/{}", stored.line);
            for typed in ["447400123456", "+44 7400 123456", "07400 123456", "+447400-123456"] {
                assert_eq!(redirected(&ana.search(typed).await), line, "{typed}");
            }
            assert!(ana.page(&line).await.contains(&order.code), "the line's page has its orders");
            for nothing in ["nobody@example.org", "447400999999", "pi_unknown", "", "你好"] {
                let answer = ana.search(nothing).await;
                assert!(answer.text.contains("data-testid=\"nothing-found\""), "{nothing}: {}", answer.text);
            }
        });
    }

    pub fn a_paypal_order_is_found_by_paypals_ids(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.buyer().order_by_paypal(NUMBER, TEN).await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            town.outside.approve(&order.session, "pays").await;
            town.look(&order).await;
            town.pass(60_000).await;
            let id = town.stored(&order).await.id;
            let ids = town.read(move |tx| {
                let payment = store::payment::find_by_top_up(tx, &id)?.expect("a payment");
                let attempt = store::attempt::list(tx, &payment.id)?.remove(0);
                let refund = store::refund::list(tx, &id)?.remove(0);
                Ok([attempt.page_ref, attempt.money_ref, refund.refund_ref])
            });
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let page = format!("/office/orders/{}", order.code);
            for id in ids.await.map(|id| id.expect("PayPal named it")) {
                assert_eq!(redirected(&ana.search(&id).await), page, "{id}");
            }
        });
    }

    pub fn a_refund_is_found_by_the_reference_that_people_are_told(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.import_lines(&format!("msisdn,status\n+{NUMBER},closed\n")).await;
            town.outside.pay(&order.session, "4242424242424242").await;
            town.look(&order).await;
            let told = text(&order.page().await.text, "[data-testid=refund-reference]");
            assert!(told.starts_with("RF-"), "{told}");
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let page = format!("/office/orders/{}", order.code);
            for typed in [told.clone(), told.to_lowercase(), format!(" {told} ")] {
                assert_eq!(redirected(&ana.search(&typed).await), page, "{typed}");
            }
            assert!(ana.search("RF-00000000").await.text.contains("nothing-found"));
        });
    }

    pub fn no_page_shows_a_number_or_an_address_in_full(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let line = town.stored(&order).await.line;
            let sol = signed_in(town, "sol", Role::Supervisor).await;
            let own = format!("/office/orders/{}", order.code);
            let of_line = format!("/office/lines/{line}");
            let pages = [
                "/office",
                "/office/orders",
                "/office/dead",
                &own,
                &of_line,
                "/office/audit",
                "/office/staff",
            ];
            for path in pages {
                let page = sol.page(path).await;
                for secret in [NUMBER, "7400 123456", "7400123456", EMAIL] {
                    assert!(!page.contains(secret), "{path} shows {secret}");
                }
            }
            let page = sol.page(&own).await;
            assert!(page.contains("••• 3456") && page.contains("a•••@example.org"), "{page}");
            let looks = written(town, AuditAction::Looked).await;
            assert!(looks.iter().any(|look| look.subject == line.as_str()), "{looks:?}");
            let theirs = line.clone();
            let told =
                town.read(move |tx| store::audit::list_looks(tx, "sub_none", &[theirs.as_str()], 10)).await;
            assert_eq!(told.len(), 3, "the order twice and the line once: {told:?}");
        });
    }

    pub fn a_number_is_shown_once_with_a_reason_and_both_are_written_down(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let own = format!("/office/orders/{}", order.code);
            let form = format!("{own}/reveal");
            for reason in ["", "because", "          "] {
                let answer = ana.browser.post(&form, &[("reason", reason), ("what", "number")]).await;
                let code = attribute(&answer.text, "[data-testid=error-summary]", "data-code");
                assert_eq!(code.as_deref(), Some("reason_unfit"), "{reason:?}");
                assert!(!answer.text.contains("7400 123456"));
            }
            assert!(written(town, AuditAction::Revealed).await.is_empty(), "nothing was shown");
            let reason = "The customer rang from 447400123456 about it";
            for (what, shown) in [("number", "+44 7400 123456"), ("email", EMAIL)] {
                let answer = ana.browser.post(&form, &[("reason", reason), ("what", what)]).await;
                let told = text(&answer.text, "[data-testid=revealed]");
                assert!(told.contains(shown), "{what}: {}", answer.text);
                assert!(!ana.page(&own).await.contains(shown), "{what} is shown once");
            }
            let shown = written(town, AuditAction::Revealed).await;
            assert_eq!(shown.len(), 2);
            for entry in shown {
                assert_eq!(entry.reason.as_deref(), Some("The customer rang from ••• about it"));
                assert!(entry.line.is_some() && entry.staff.is_some(), "{entry:?}");
            }
        });
    }

    pub fn so_many_numbers_are_shown_in_a_while(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let form = format!("/office/orders/{}/reveal", order.code);
            let asked = [("reason", "The customer asked for it"), ("what", "number")];
            for _ in 0..10 {
                assert!(ana.browser.post(&form, &asked).await.text.contains("data-testid=\"revealed\""));
            }
            let locked = ana.browser.post(&form, &asked).await;
            assert!(locked.text.contains("data-code=\"locked\""), "{}", locked.text);
        });
    }

    pub fn what_is_personal_never_stands_in_an_address(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let ana = signed_in(town, "ana", Role::Clerk).await;
            for typed in ["447400123456", "%2B447400123456", "ana.secret%40example.org"] {
                let page = ana.page(&format!("/office/search?q={typed}")).await;
                assert!(!page.contains("nothing-found"), "it is not even looked for: {typed}");
            }
            let answer = ana.browser.get(&format!("/office/search?q={}", order.code)).await;
            assert_eq!(redirected(&answer), format!("/office/orders/{}", order.code));
        });
    }

    pub fn the_lists_lead_to_the_orders(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let waiting = town.order().await;
            let ana = signed_in(town, "ana", Role::Clerk).await;
            let overview = ana.page("/office").await;
            assert_eq!(text(&overview, "[data-testid=tile-made] .tile-figure"), "2");
            assert_eq!(text(&overview, "[data-testid=tile-credited] .tile-figure"), "1");
            let all = ana.page("/office/orders").await;
            assert!(all.contains(&order.code) && all.contains(&waiting.code), "{all}");
            let some = ana.page("/office/orders?state=credited").await;
            assert!(some.contains(&order.code) && !some.contains(&waiting.code), "{some}");
            ana.page("/office/open-refunds").await;
            let catalogue = ana.page("/office/catalogue").await;
            assert!(catalogue.contains(TEN), "{catalogue}");
            assert!(ana.page(&format!("/office/catalogue/{TEN}")).await.contains("data-testid=\"version\""));
            ana.page("/office/promotions").await;
        });
    }

    pub fn a_partners_reference_and_an_address_with_last_digits_are_found(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let page = format!("/office/orders/{}", order.code);
            let id = town.stored(&order).await.id;
            let partner = town.read(|tx| Ok(store::partner::list(tx)?.remove(0).0)).await;
            let given = town.world.db.write(move |tx| {
                let sql = "update top_up set partner_id = ?2, reference = 'INV 2026/77' where id = ?1";
                tx.execute_one(sql, &store::values![id.as_str(), partner.as_str()])
            });
            given.await.expect("given");
            let ana = signed_in(town, "ana", Role::Clerk).await;
            assert_eq!(redirected(&ana.search("INV 2026/77").await), page);
            assert_eq!(redirected(&ana.search(&format!("{EMAIL} 3456")).await), page);
            let digits = ana.search("3456").await.text;
            assert!(digits.contains("data-testid=\"digits-alone\""), "{digits}");
            assert!(digits.contains("data-testid=\"may-search\""), "{digits}");
            assert!(!digits.contains("data-testid=\"orders\""), "{digits}");
            let none = ana.search("S-7K2M9-QX4TB").await.text;
            assert!(none.contains("data-testid=\"nothing-found\""), "{none}");
        });
    }

    pub fn a_subscriber_reads_who_looked_and_how_often(engine: Engine) {
        in_town(engine, async |town| {
            let browser = town.buyer();
            member::register(town, &browser, EMAIL, NUMBER).await;
            let hashes = town.world.keyring.hashes(store::keyring::Purpose::Email, EMAIL);
            let found = town.read(move |tx| {
                store::account::contact::find(tx, domain::account::ContactKind::Email, &hashes)
            });
            let own = format!("/office/subscribers/{}", found.await.expect("a contact").subscriber);
            let ana = signed_in(town, "ana", Role::Clerk).await;
            for _ in 0..3 {
                ana.page(&own).await;
            }
            let form = [("what", "email"), ("reason", "They asked us to write.")];
            assert_eq!(ana.browser.post(&format!("{own}/reveal"), &form).await.status, 200);
            let account = browser.get("/account").await.text;
            let page = scraper::Html::parse_document(&account);
            let rows = scraper::Selector::parse("[data-testid=look]").expect("a selector");
            let told: Vec<String> = page.select(&rows).map(|row| row.text().collect()).collect();
            assert_eq!(told.len(), 2, "{told:?}");
            assert!(
                told[0].contains("A clerk, a") && told[0].contains("They asked us to write."),
                "{told:?}"
            );
            assert!(told[1].contains("3 times in this hour"), "{told:?}");
            assert_eq!(attribute(&account, "[data-testid=look]", "data-count").as_deref(), Some("1"));
        });
    }
}
