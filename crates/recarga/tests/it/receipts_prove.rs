//! Receipts that prove themselves: the signed text, the public page, the check of any QR code, and everything that a
//! forger may try. An independent program judges by our published keys alone.

use crate::reversals::take_back;
use crate::support::api::Answer;
use crate::support::buyer::{Buyer, Order, attribute, redirected, text};
use crate::support::judge::node;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::{Town, in_town};
use domain::proof_of_sale::{self, ProofVerdict};
use domain::time::{MINUTE_MS, UnixMs};
use serde_json::{Value, json};
use store::keyring::Keyring;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_receipt_has_a_signed_text_that_an_independent_program_finds_genuine
    the_public_page_says_amount_time_last_four_digits_and_what_was_refunded_since
    whatever_a_forger_alters_is_told_by_us_and_by_the_independent_program
    a_text_of_another_sale_and_a_text_without_its_end_are_told_as_what_they_are
    a_code_that_we_never_gave_out_and_an_order_that_nobody_paid_are_not_genuine
    nobody_walks_through_codes
    the_mail_leads_to_the_check_and_to_the_invoice
    prints_are_counted_so_that_a_copy_says_so
}

const PAYS: &str = "4242424242424242";

async fn credited(town: &Town) -> Order {
    let order = town.buyer().order_mailed(NUMBER, TEN, "ana@example.org").await;
    town.outside.pay(&order.session, PAYS).await;
    assert_eq!(town.look(&order).await, "credited");
    order
}

/// The signed text on the receipt of an order.
async fn signed_text(order: &Order) -> String {
    let page = order.buyer.get(&format!("/o/{}/receipt", order.code)).await;
    assert!(attribute(&page.text, "svg.qr path.qr-ink", "d").is_some_and(|path| path.len() > 1_000));
    attribute(&page.text, "[data-testid=proof-link]", "href").expect("a signed text")
}

async fn keys(town: &Town) -> Value {
    let published = town.buyer().get("/.well-known/receipt-keys.json").await;
    assert_eq!((published.status, published.header("access-control-allow-origin")), (200, "*"));
    published.json["keys"].clone()
}

/// What the independent program says.
async fn judged(town: &Town, url: &str) -> String {
    let asked = json!({ "url": url, "keys": keys(town).await }).to_string();
    tokio::task::spawn_blocking(move || node("receipt_judge.mjs", &asked)).await.expect("judged")
}

/// What we say of a text, on the page of a code or on the page for any.
async fn said_at(stranger: &Buyer, page: &str, text: &str) -> (u16, String) {
    let answer = stranger.post(page, &[("text", text)]).await;
    let shown = attribute(&answer.text, "[data-testid=verdict]", "data-shown").unwrap_or_default();
    let visible = format!("[data-verdict={shown}]");
    assert_eq!(attribute(&answer.text, &visible, "hidden"), None, "{shown} is not to be seen");
    (answer.status, shown)
}

async fn books_of(town: &Town, code: &str) -> (Answer, String) {
    let page = town.buyer().get(&format!("/r/{code}")).await;
    let genuine = attribute(&page.text, "[data-testid=books]", "data-genuine").unwrap_or_default();
    (page, genuine)
}

/// A code that can be one, and that nobody was given.
fn invented(n: u8) -> String {
    domain::code::code(UnixMs(i64::from(n) * 1_000), [n; 16])
}

mod checks {
    use super::*;

    pub fn a_receipt_has_a_signed_text_that_an_independent_program_finds_genuine(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let url = signed_text(&order).await;
            let read = proof_of_sale::read(&url).expect("a signed text");
            assert_eq!(read.proof.code, order.code);
            assert_eq!((read.proof.amount.minor, read.proof.last4.as_str()), (1_000, "3456"));
            assert!(url.starts_with(&format!("{}/r/{}#", town.url, order.code)), "{url}");
            assert_eq!(judged(town, &url).await, "genuine");
            let stranger = town.buyer();
            assert_eq!(said_at(&stranger, "/verify/receipt", &url).await, (200, "genuine".into()));
            let here = format!("/r/{}", order.code);
            assert_eq!(said_at(&stranger, &here, &url).await, (200, "genuine".into()));
            // However often it is shown, and in whatever language, it says the same.
            town.clock.pass(MINUTE_MS);
            assert_eq!(signed_text(&order).await, url);
        });
    }

    pub fn the_public_page_says_amount_time_last_four_digits_and_what_was_refunded_since(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let (page, genuine) = books_of(town, &order.code).await;
            assert_eq!((page.status, genuine.as_str()), (200, "yes"));
            assert_eq!(text(&page.text, "[data-testid=proof-amount]"), "£10.00");
            assert_eq!(text(&page.text, "[data-testid=proof-last4]"), "3456");
            let at = attribute(&page.text, "[data-testid=proof-time]", "datetime").expect("a time");
            assert_eq!(UnixMs::parse_rfc3339(&at), Some(town.stored(&order).await.created_at));
            for hidden in ["7400", "ana@", "447400", "/pay/"] {
                assert!(!page.text.contains(hidden), "{hidden} is shown to everybody");
            }
            let written = order.code.to_lowercase().replace('-', "");
            let led = town.buyer().get(&format!("/r/{written}")).await;
            assert_eq!(redirected(&led), format!("/r/{}", order.code));
            take_back(town, &order).await.expect("begun");
            town.work().await;
            let (page, genuine) = books_of(town, &order.code).await;
            let state = attribute(&page.text, "[data-testid=proof-state]", "data-state");
            assert_eq!((genuine.as_str(), state.as_deref()), ("yes", Some("reversed")));
            let since = text(&page.text, "[data-testid=proof-returned]");
            assert!(since.contains("taken back") && since.contains("£10.00 was returned"), "{since}");
            let told = town.buyer().get(&format!("/v1/receipts/{}", order.code)).await;
            assert_eq!(told.json["state"], "reversed");
            assert_eq!(told.json["genuine"], true);
            assert_eq!(told.json["returned"][0]["state"], "returned");
        });
    }

    pub fn whatever_a_forger_alters_is_told_by_us_and_by_the_independent_program(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let url = signed_text(&order).await;
            let proof = proof_of_sale::read(&url).expect("read").proof;
            let (head, _) = url.rsplit_once('.').expect("a signature");
            let folder = tempfile::tempdir().expect("a folder");
            let foreign = Keyring::open_or_make(&folder.path().join("keyring.json")).expect("a keyring");
            let own_hand = foreign.sign_receipt("r1", &proof.message()).expect("signed");
            let issued = (proof.issued_at.0 / 1_000).to_string();
            let forged = [
                url.replace(".1000GBP.", ".9000GBP."),
                url.replace(".1000GBP.", ".1000EUR."),
                url.replace(".3456.", ".3457."),
                url.replace(&issued, &(issued.parse::<i64>().expect("seconds") + 60).to_string()),
                url.replace(".R.", ".C."),
                format!("{head}.{own_hand}"),
                format!("{head}.{}", "A".repeat(86)),
            ];
            let stranger = town.buyer();
            for forged in &forged {
                assert_ne!(forged, &url);
                assert_eq!(judged(town, forged).await, "forged", "{forged}");
                let said = said_at(&stranger, "/verify/receipt", forged).await;
                assert_eq!(said, (200, "forged".into()), "{forged}");
            }
            let no_key = url.replace(".r1.", ".").replace("#1.", "#1.r7.");
            assert_eq!(judged(town, &no_key).await, "key_unknown");
            assert_eq!(said_at(&stranger, "/verify/receipt", &no_key).await.1, "key_unknown");
            // What was forged is not repeated, and the page says what to do.
            let page = stranger.post("/verify/receipt", &[("text", &forged[0])]).await;
            assert!(!text(&page.text, "[data-testid=said]").contains("90.00"), "the forged amount is shown");
            assert!(text(&page.text, "[data-verdict=forged]").contains("report it to us"));
        });
    }

    pub fn a_text_of_another_sale_and_a_text_without_its_end_are_told_as_what_they_are(engine: Engine) {
        in_town(engine, async |town| {
            let (one, other) = (credited(town).await, credited(town).await);
            let (url, stranger) = (signed_text(&one).await, town.buyer());
            let there = format!("/r/{}", other.code);
            assert_eq!(said_at(&stranger, &there, &url).await.1, "other_sale");
            // The signed text of one sale behind the code of another.
            let swapped = url.replace(&one.code, &other.code);
            assert_eq!(said_at(&stranger, &there, &swapped).await.1, "forged");
            assert_eq!(judged(town, &swapped).await, "forged");
            for (text, verdict) in [
                (&url[..url.len() - 1], ProofVerdict::Truncated),
                (&url[..url.len() - 90], ProofVerdict::Truncated),
                (url.split('#').next().expect("an address"), ProofVerdict::Unsigned),
                ("https://elsewhere.example/", ProofVerdict::Unreadable),
                ("", ProofVerdict::Unreadable),
            ] {
                assert_eq!(said_at(&stranger, "/verify/receipt", text).await.1, verdict.as_str(), "{text}");
            }
        });
    }

    pub fn a_code_that_we_never_gave_out_and_an_order_that_nobody_paid_are_not_genuine(engine: Engine) {
        in_town(engine, async |town| {
            let (page, genuine) = books_of(town, &invented(1)).await;
            assert_eq!((page.status, genuine.as_str()), (404, "no"));
            let (page, genuine) = books_of(town, "7K2M9-QX4TX").await;
            assert_eq!((page.status, genuine.as_str()), (404, "no"));
            let unpaid = town.order().await;
            let (page, genuine) = books_of(town, &unpaid.code).await;
            assert_eq!((page.status, genuine.as_str()), (200, "unpaid"));
            assert!(!page.text.contains("10.00") && !page.text.contains("3456"), "an order is no receipt");
            let told = town.buyer().get(&format!("/v1/receipts/{}", invented(1))).await;
            told.is_problem(404, "receipt_unknown");
        });
    }

    pub fn nobody_walks_through_codes(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let walker = town.buyer();
            for n in 0..12 {
                assert_eq!(walker.get(&format!("/r/{}", invented(n))).await.status, 404);
            }
            assert_eq!(walker.get(&format!("/r/{}", invented(12))).await.status, 429);
            let own = walker.get(&format!("/r/{}", order.code)).await;
            assert_eq!(own.status, 429, "a walker would learn a code by its other answer");
            walker.get(&format!("/v1/receipts/{}", order.code)).await.is_problem(429, "too_many_looks");
            assert_eq!(
                walker.post("/verify/receipt", &[("text", &signed_text(&order).await)]).await.status,
                429
            );
            town.clock.pass(16 * MINUTE_MS);
            assert_eq!(walker.get(&format!("/r/{}", order.code)).await.status, 200);
        });
    }

    pub fn the_mail_leads_to_the_check_and_to_the_invoice(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            town.work().await;
            let mails = town.outside.inbox("ana@example.org").await;
            let said = mails[0]["text"].as_str().expect("a text");
            assert!(said.contains(&signed_text(&order).await), "{said}");
            assert!(said.contains(&format!("{}/o/{}/invoice", town.url, order.code)), "{said}");
        });
    }

    pub fn prints_are_counted_so_that_a_copy_says_so(engine: Engine) {
        in_town(engine, async |town| {
            let order = credited(town).await;
            let id = town.stored(&order).await.id;
            for print in 1..=3 {
                let counted = flows::receipt_proof::count_print(&town.world, id.as_str()).await;
                assert_eq!(counted.expect("counted"), print);
            }
        });
    }
}
