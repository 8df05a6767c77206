//! Customers write to support: with an order in the browser, with a proof, with an address or with an account. Staff
//! answers, and nobody else reads what was written.

use crate::support::api::Answer;
use crate::support::buyer::{Buyer, Order, attribute, redirected, text};
use crate::support::desk::Desk;
use crate::support::member;
use crate::support::registry::NUMBER;
use crate::support::town::{Town, in_town};
use domain::time::{HOUR_MS, MINUTE_MS};
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_guest_asks_about_an_order_and_is_told_when_there_is_an_answer
    a_form_that_is_sent_twice_asks_once
    an_order_of_somebody_else_cannot_be_asked_about
    a_code_with_its_proof_leads_to_what_is_known_about_the_order
    a_question_is_read_by_its_asker_alone
    a_question_without_order_needs_an_address_and_is_answered_by_mail
    a_question_of_an_account_is_read_in_that_account_alone
    an_account_with_an_open_question_is_not_erased_and_an_erased_one_leaves_no_words
    a_card_number_is_never_stored
    whoever_writes_too_often_is_told_when_to_try_again
    a_closed_question_opens_again_when_its_asker_writes
    an_answer_that_is_late_is_marked_for_both_sides
    everything_that_staff_does_with_a_question_is_audited
}

const PAYS: &str = "4242424242424242";

async fn credited(town: &Town) -> Order {
    let order = town.order().await;
    town.outside.pay(&order.session, PAYS).await;
    assert_eq!(town.look(&order).await, "credited");
    order
}

fn key_of(html: &str, form: &str) -> String {
    attribute(html, &format!("[data-testid={form}] input[name=key]"), "value").expect("a key")
}

/// Asks about an order that the browser may see; the code of the question.
async fn ask(buyer: &Buyer, order: &str, words: &str) -> String {
    let page = buyer.get(&format!("/support?order={order}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    asked(&send(buyer, &key_of(&page.text, "support-form"), order, words, "").await)
}

async fn send(buyer: &Buyer, key: &str, order: &str, words: &str, email: &str) -> Answer {
    let form = [("key", key), ("order", order), ("cause", "not_arrived"), ("text", words), ("email", email)];
    buyer.post("/support", &form).await
}

#[track_caller]
fn asked(answer: &Answer) -> String {
    let path = redirected(answer);
    let code = path.strip_prefix("/support/").and_then(|rest| rest.split('?').next()).expect("a question");
    code.to_owned()
}

async fn thread(buyer: &Buyer, code: &str) -> String {
    let page = buyer.get(&format!("/support/{code}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text
}

async fn write(desk: &Desk, code: &str, what: &str, words: &str) {
    let page = desk.page(&format!("/office/cases/{code}")).await;
    let key = key_of(&page, "desk-form");
    let form = [("key", key.as_str()), ("text", words), ("what", what)];
    assert_eq!(desk.post(&format!("/office/cases/{code}"), &form).await.status, 303);
}

fn state(html: &str) -> String {
    attribute(html, "[data-testid=case-state]", "data-state").expect("a state")
}

mod checks {
    use super::*;

    pub fn a_guest_asks_about_an_order_and_is_told_when_there_is_an_answer(engine: Engine) {
        in_town(engine, async |town| {
            let (order, desk) = (credited(town).await, Desk::clerk(town, "ana").await);
            let page = order.buyer.get(&format!("/support?order={}", order.code)).await.text;
            let known = text(&page, "[data-testid=support-known]");
            assert!(
                known.contains("Credited. £10.00 credit has arrived") || known.contains("Credited."),
                "{known}"
            );
            assert!(text(&page, "[data-testid=support-when]").contains("24 hours"));
            let code = ask(&order.buyer, &order.code, "It is not on my phone.\nWhy?").await;
            assert_eq!(state(&thread(&order.buyer, &code).await), "open");
            let list = desk.page("/office/cases").await;
            assert!(list.contains(&code) && list.contains(&order.code), "{list}");
            write(&desk, &code, "note", "They should restart it.").await;
            write(&desk, &code, "answer", "Please restart the phone.").await;
            town.work().await;
            let shown = thread(&order.buyer, &code).await;
            assert_eq!(state(&shown), "answered");
            assert!(shown.contains("Please restart the phone.") && !shown.contains("They should"), "{shown}");
            assert!(!shown.contains(desk.id.as_str()));
            let texts = town.outside.inbox(NUMBER).await;
            let told = texts.iter().filter(|m| m["text"].as_str().unwrap_or("").contains(&code)).count();
            assert_eq!(told, 1, "{texts:?}");
            assert!(!texts.iter().any(|m| m["text"].as_str().unwrap_or("").contains("restart")));
            town.pass(HOUR_MS).await;
            let notices = "select count(*) from case_message where notice = 'sent'";
            assert_eq!(town.count(notices).await, 1);
            let colleague = Desk::clerk(town, "ben").await;
            let page = colleague.page(&format!("/office/cases/{code}")).await;
            assert!(page.contains("They should restart it."), "staff reads its notes");
        });
    }

    pub fn a_form_that_is_sent_twice_asks_once(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let page = order.buyer.get(&format!("/support?order={}", order.code)).await.text;
            let key = key_of(&page, "support-form");
            let first = asked(&send(&order.buyer, &key, &order.code, "Where is it?", "").await);
            let second = asked(&send(&order.buyer, &key, &order.code, "Where is it?", "").await);
            assert_eq!(first, second);
            let reply = key_of(&thread(&order.buyer, &first).await, "case-reply");
            for _ in 0..2 {
                let form = [("key", reply.as_str()), ("text", "Hello?")];
                redirected(&order.buyer.post(&format!("/support/{first}"), &form).await);
            }
            assert_eq!(town.count("select count(*) from support_case").await, 1);
            assert_eq!(town.count("select count(*) from case_message").await, 2);
        });
    }

    pub fn an_order_of_somebody_else_cannot_be_asked_about(engine: Engine) {
        in_town(engine, async |town| {
            let (order, stranger) = (credited(town).await, town.buyer());
            let page = stranger.get(&format!("/support?order={}", order.code)).await.text;
            assert!(page.contains("support-pick") && !page.contains("money-sentence"), "{page}");
            let sent = send(&stranger, &"0a".repeat(16), &order.code, "Mine!", "li@example.com").await;
            assert_eq!(redirected(&sent), "/support");
            assert_eq!(town.count("select count(*) from support_case").await, 0);
        });
    }

    pub fn a_code_with_its_proof_leads_to_what_is_known_about_the_order(engine: Engine) {
        in_town(engine, async |town| {
            let (order, stranger) = (credited(town).await, town.buyer());
            let prove = async |code: &str, proof: &str| {
                stranger.post("/support/order", &[("code", code), ("proof", proof)]).await
            };
            assert_eq!(prove("rubbish", "3456").await.status, 422);
            let wrong = prove(&order.code, "0000").await;
            assert_eq!(wrong.status, 422);
            assert!(wrong.text.contains("data-code=\"proof_wrong\""), "{}", wrong.text);
            let right = redirected(&prove(&order.code.to_lowercase(), "3456").await);
            let page = stranger.get(&right).await.text;
            assert!(page.contains("support-known") && page.contains("support-form"), "{page}");
            for _ in 0..6 {
                prove(&order.code, "0000").await;
            }
            assert_eq!(prove(&order.code, "3456").await.status, 429);
        });
    }

    pub fn a_question_is_read_by_its_asker_alone(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let code = ask(&order.buyer, &order.code, "A secret worry").await;
            let stranger = town.buyer();
            let closed = thread(&stranger, &code).await;
            assert!(closed.contains("case-proof") && !closed.contains("A secret worry"));
            let nobody = domain::support_case::case_code(domain::time::UnixMs(0), [9; 16]);
            let unreal = thread(&stranger, &nobody).await;
            assert_eq!(
                text(&closed, "main").replace(&code, "CODE"),
                text(&unreal, "main").replace(&nobody, "CODE"),
                "a question that does not exist answers alike"
            );
            let path = format!("/support/{code}");
            stranger.post(&path, &[("text", "I am them")]).await;
            stranger.post(&format!("{path}/close"), &[]).await;
            assert_eq!(town.count("select count(*) from case_message").await, 1);
            assert_eq!(town.count("select count(*) from support_case where state = 'open'").await, 1);
            let prove =
                async |proof: &str| stranger.post(&format!("{path}/proof"), &[("proof", proof)]).await;
            assert_eq!(prove("0000").await.status, 422);
            let opened = redirected(&prove("3456").await);
            assert!(stranger.get(&opened).await.text.contains("A secret worry"));
            let guesser = town.buyer();
            for _ in 0..6 {
                guesser.post(&format!("{path}/proof"), &[("proof", "1111")]).await;
            }
            let locked = guesser.post(&format!("{path}/proof"), &[("proof", "3456")]).await;
            assert_eq!(locked.status, 429);
        });
    }

    pub fn a_question_without_order_needs_an_address_and_is_answered_by_mail(engine: Engine) {
        in_town(engine, async |town| {
            let (buyer, desk) = (town.buyer().reading("zh-CN"), Desk::clerk(town, "ana").await);
            let key = "0b".repeat(16);
            let without = send(&buyer, &key, "none", "你好", "").await;
            assert_eq!(without.status, 422);
            assert!(without.text.contains("data-code=\"contact_missing\""), "{}", without.text);
            let wrong = send(&buyer, &key, "none", "你好", "li@").await;
            assert!(wrong.text.contains("data-code=\"email_invalid\""), "{}", wrong.text);
            let code = asked(&send(&buyer, &key, "none", "你好", "li@example.com").await);
            write(&desk, &code, "question", "您的订单号是多少？").await;
            town.work().await;
            let mail = town.outside.message("li@example.com").await;
            let words = mail["text"].as_str().expect("a text");
            assert!(words.contains(&format!("/support/{code}")) && words.contains("留言"), "{words}");
            assert!(!words.contains("订单号是多少"), "the answer is on the website alone: {words}");
            assert_eq!(state(&thread(&buyer, &code).await), "waiting_for_asker");
            let elsewhere = town.buyer();
            let proof = [("proof", " LI@example.com")];
            redirected(&elsewhere.post(&format!("/support/{code}/proof"), &proof).await);
            assert!(thread(&elsewhere, &code).await.contains("您的订单号是多少"));
        });
    }

    pub fn a_question_of_an_account_is_read_in_that_account_alone(engine: Engine) {
        in_town(engine, async |town| {
            let (owner, desk) = (town.buyer(), Desk::clerk(town, "ana").await);
            member::register(town, &owner, "li@example.com", NUMBER).await;
            let code = asked(&send(&owner, &"0c".repeat(16), "none", "About my line", "").await);
            assert!(thread(&owner, &code).await.contains("About my line"));
            assert!(owner.get("/support").await.text.contains(&code), "it is among their questions");
            let stranger = town.buyer();
            for proof in ["li@example.com", "3456"] {
                let answer = stranger.post(&format!("/support/{code}/proof"), &[("proof", proof)]).await;
                assert_eq!(answer.status, 422, "an account is not opened by a proof");
            }
            write(&desk, &code, "answer", "Done.").await;
            town.work().await;
            let mails = town.outside.inbox("li@example.com").await;
            assert!(mails.iter().any(|m| m["text"].as_str().unwrap_or("").contains(&code)), "{mails:?}");
            let looks = text(&owner.get("/account").await.text, "[data-testid=look]");
            assert!(looks.contains("A clerk, a"), "they are told who opened it: {looks}");
        });
    }

    pub fn an_account_with_an_open_question_is_not_erased_and_an_erased_one_leaves_no_words(engine: Engine) {
        in_town(engine, async |town| {
            let (owner, desk) = (town.buyer(), Desk::clerk(town, "ana").await);
            member::register(town, &owner, "li@example.com", NUMBER).await;
            let code = asked(&send(&owner, &"0c".repeat(16), "none", "About my line", "").await);
            let erased = async || owner.post("/account/erase", &[("sure", "1")]).await;
            assert!(erased().await.text.contains("data-code=\"case_open\""));
            write(&desk, &code, "answer", "Done.").await;
            town.work().await;
            assert_eq!(redirected(&erased().await), "/sign-in?note=erased");
            let page = desk.page(&format!("/office/cases/{code}")).await;
            assert!(page.contains(&code), "that there was a question stays");
            assert!(!page.contains("About my line") && !page.contains("Done."), "{page}");
            assert_eq!(town.count("select count(*) from case_message where body_sealed <> ''").await, 0);
        });
    }

    pub fn a_card_number_is_never_stored(engine: Engine) {
        in_town(engine, async |town| {
            let (order, desk) = (credited(town).await, Desk::clerk(town, "ana").await);
            let code = ask(&order.buyer, &order.code, "My card 4242 4242 4242 4242 was charged").await;
            for page in [thread(&order.buyer, &code).await, desk.page(&format!("/office/cases/{code}")).await]
            {
                assert!(page.contains("•••• •••• •••• 4242") && !page.contains("4242 4242"), "{page}");
            }
            let stored =
                town.count("select count(*) from case_message where body_sealed like '%4242%'").await;
            assert_eq!(stored, 0, "what was written stands sealed");
        });
    }

    pub fn whoever_writes_too_often_is_told_when_to_try_again(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let try_one = async |n: u8| {
                let key = format!("{n:02x}").repeat(16);
                send(&order.buyer, &key, &order.code, "Again", "").await
            };
            for n in 0..3 {
                asked(&try_one(n).await);
            }
            let refused = try_one(4).await;
            assert_eq!(refused.status, 429);
            assert!(refused.text.contains("data-code=\"support_locked\""), "{}", refused.text);
            assert!(refused.text.contains("Again"), "what was typed is still there");
            asked(&try_one(0).await);
            let anybody = town.buyer();
            for n in 5..11 {
                send(&anybody, &format!("{n:02x}").repeat(16), "none", "Hi", "a@example.com").await;
            }
            let refused = send(&anybody, &"1f".repeat(16), "none", "Hi", "a@example.com").await;
            assert_eq!(refused.status, 429, "one address in all");
            town.pass(16 * MINUTE_MS).await;
            asked(&try_one(40).await);
            assert_eq!(try_one(41).await.status, 303);
        });
    }

    pub fn a_closed_question_opens_again_when_its_asker_writes(engine: Engine) {
        in_town(engine, async |town| {
            let (order, desk) = (credited(town).await, Desk::clerk(town, "ana").await);
            let code = ask(&order.buyer, &order.code, "Where?").await;
            let path = format!("/support/{code}");
            order.buyer.post(&format!("{path}/rate"), &[("rating", "5")]).await;
            assert_eq!(town.count("select count(*) from support_case where rating is not null").await, 0);
            write(&desk, &code, "answer", "There.").await;
            redirected(&order.buyer.post(&format!("{path}/close"), &[]).await);
            redirected(&order.buyer.post(&format!("{path}/rate"), &[("rating", "4")]).await);
            let closed = thread(&order.buyer, &code).await;
            assert_eq!(state(&closed), "closed");
            assert!(text(&closed, "[data-testid=case-rated]").contains('4'));
            let key = key_of(&closed, "case-reply");
            redirected(&order.buyer.post(&path, &[("key", &key), ("text", "No, not there.")]).await);
            let open = thread(&order.buyer, &code).await;
            assert_eq!(state(&open), "open");
            assert_eq!(
                town.count("select count(*) from support_case where answer_by_at is not null").await,
                1
            );
        });
    }

    pub fn an_answer_that_is_late_is_marked_for_both_sides(engine: Engine) {
        in_town(engine, async |town| {
            let (order, desk) = (credited(town).await, Desk::clerk(town, "ana").await);
            let code = ask(&order.buyer, &order.code, "Where?").await;
            assert!(!desk.page("/office/cases").await.contains("data-testid=\"late\""));
            town.clock.pass(25 * HOUR_MS);
            let desk = Desk::clerk(town, "ben").await;
            assert!(desk.page("/office/cases").await.contains("data-testid=\"late\""));
            let shown = thread(&order.buyer, &code).await;
            assert!(text(&shown, "[data-testid=case-sentence]").contains("late"), "{shown}");
        });
    }

    pub fn everything_that_staff_does_with_a_question_is_audited(engine: Engine) {
        in_town(engine, async |town| {
            let (order, desk) = (credited(town).await, Desk::clerk(town, "ana").await);
            let code = ask(&order.buyer, &order.code, "Where?").await;
            let path = format!("/office/cases/{code}");
            desk.post(&format!("{path}/assign"), &[("to", "me")]).await;
            assert!(desk.page("/office/cases?show=mine").await.contains(&code));
            write(&desk, &code, "note", "A quiet word").await;
            write(&desk, &code, "answer", "There.").await;
            desk.post(&format!("{path}/close"), &[]).await;
            desk.post(&format!("{path}/close"), &[]).await;
            desk.post(&format!("{path}/reopen"), &[]).await;
            for (action, times) in
                [("case_assigned", 1), ("case_noted", 1), ("case_answered", 1), ("case_moved", 2)]
            {
                let found = town
                    .read(move |tx| {
                        let sql = "select count(*) from audit where action = ?1 and subject_kind = 'case'";
                        tx.query_first(sql, &store::values![action], |row| row.int(0))
                    })
                    .await;
                assert_eq!(found, Some(times), "{action}");
            }
            let told = "select count(*) from audit where coalesce(detail, '') like '%quiet%' or coalesce(reason, '') like '%quiet%'";
            assert_eq!(town.count(told).await, 0, "what was written is not in the audit");
            assert_eq!(town.buyer().get(&path).await.status, 303, "nobody else comes in");
        });
    }
}
