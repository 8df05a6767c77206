//! Customers add pictures and PDF to what they write: cleaned, sealed, seen by them and by staff alone, and forgotten.

use crate::support::api::Answer;
use crate::support::buyer::{Buyer, attribute, redirected, text};
use crate::support::desk::Desk;
use crate::support::member::register;
use crate::support::registry::NUMBER;
use crate::support::town::{Town, in_town};
use domain::time::DAY_MS;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_picture_comes_without_its_place_and_is_seen_by_its_asker_and_by_staff
    a_file_that_cannot_be_taken_is_told_and_what_was_typed_stays
    a_pdf_is_saved_and_never_shown_as_a_page
    files_stand_sealed_and_go_after_their_time_and_with_the_account
    a_form_with_files_that_is_sent_twice_stores_them_once
    a_question_holds_so_many_bytes
}

const SECRET: &str = "GPS 51.5007 N";

/// A JPEG of a camera that wrote down where it was.
fn photo() -> Vec<u8> {
    let place = [b"\xff\xfe\x00\x0f", SECRET.as_bytes()].concat();
    [b"\xff\xd8", place.as_slice(), b"\xff\xda\x00\x04\x01\x02\x07\x08", b"\xff\xd9"].concat()
}

fn pdf() -> Vec<u8> {
    b"%PDF-1.7\nthe statement of my bank".to_vec()
}

/// Asks without an order; what is answered.
async fn ask(buyer: &Buyer, words: &str, files: &[(&str, &[u8])]) -> Answer {
    let page = buyer.get("/support?order=none").await.text;
    let key = attribute(&page, "[data-testid=support-form] input[name=key]", "value").expect("a key");
    send(buyer, &key, words, files).await
}

async fn send(buyer: &Buyer, key: &str, words: &str, files: &[(&str, &[u8])]) -> Answer {
    let form =
        [("key", key), ("order", "none"), ("cause", "other"), ("text", words), ("email", "li@example.com")];
    buyer.post_files("/support", &form, files).await
}

#[track_caller]
fn code_of(answer: &Answer) -> String {
    let path = redirected(answer);
    path.strip_prefix("/support/").and_then(|rest| rest.split('?').next()).expect("a question").to_owned()
}

async fn stored(town: &Town) -> i64 {
    town.count("select count(*) from support_file").await
}

/// A name and what is in the file.
type File<'a> = (&'a str, &'a [u8]);

mod checks {
    use super::*;

    pub fn a_picture_comes_without_its_place_and_is_seen_by_its_asker_and_by_staff(engine: Engine) {
        in_town(engine, async |town| {
            let (buyer, desk) = (town.buyer(), Desk::clerk(town, "ana").await);
            let code = code_of(&ask(&buyer, "See here", &[("../截图 1.PNG", &photo())]).await);
            let shown = buyer.get(&format!("/support/{code}")).await.text;
            assert!(text(&shown, "[data-testid=files]").contains("截图 1.jpg"), "by content, not by name");
            let file = buyer.get(&format!("/support/{code}/files/1")).await;
            assert_eq!((file.status, file.content_type()), (200, "image/jpeg"));
            assert!(!file.text.contains(SECRET), "the place is gone");
            assert_eq!(file.header("x-content-type-options"), "nosniff");
            assert!(file.header("content-security-policy").contains("sandbox"));
            let stranger = town.buyer();
            assert_eq!(stranger.get(&format!("/support/{code}/files/1")).await.status, 404);
            assert_eq!(buyer.get(&format!("/support/{code}/files/2")).await.status, 404);
            assert!(desk.page(&format!("/office/cases/{code}")).await.contains("截图 1.jpg"));
            let opened = "select count(*) from audit where action = 'file_opened'";
            assert_eq!(town.count(opened).await, 0);
            assert_eq!(desk.get(&format!("/office/cases/{code}/files/1")).await.status, 200);
            assert_eq!(town.count(opened).await, 1);
            let outside = stranger.get(&format!("/office/cases/{code}/files/1")).await;
            assert_eq!(outside.status, 303, "staff alone");
        });
    }

    pub fn a_file_that_cannot_be_taken_is_told_and_what_was_typed_stays(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let (photo, large) = (photo(), [photo(), vec![7; 5 * 1024 * 1024]].concat());
            let four: Vec<(&str, &[u8])> = vec![("a.jpg", photo.as_slice()); 4];
            let refused: [(&[File<'_>], &str); 4] = [
                (&[("me.jpg", b"<script>alert(1)</script>")], "file_kind"),
                (&[("cut.jpg", &photo[..20])], "file_kind"),
                (&[("large.jpg", &large)], "file_too_large"),
                (&four, "files_too_many"),
            ];
            for (files, problem) in refused {
                let answer = ask(&buyer, "All my words", files).await;
                assert_eq!(answer.status, 422, "{problem}");
                assert!(answer.text.contains(&format!("data-code=\"{problem}\"")), "{}", answer.text);
                assert!(answer.text.contains("All my words") && answer.text.contains("li@example.com"));
            }
            assert_eq!(town.count("select count(*) from support_case").await, 0);
            // A browser sends an empty nameless file when none was chosen.
            code_of(&ask(&buyer, "Only words", &[("", b"")]).await);
            assert_eq!(stored(town).await, 0);
        });
    }

    pub fn a_pdf_is_saved_and_never_shown_as_a_page(engine: Engine) {
        in_town(engine, async |town| {
            let (buyer, desk) = (town.buyer(), Desk::clerk(town, "ana").await);
            let code = code_of(&ask(&buyer, "My statement", &[("statement.exe", &pdf())]).await);
            for file in [
                buyer.get(&format!("/support/{code}/files/1")).await,
                desk.get(&format!("/office/cases/{code}/files/1")).await,
            ] {
                assert_eq!((file.status, file.content_type()), (200, "application/pdf"));
                assert_eq!(file.header("content-disposition"), "attachment; filename*=UTF-8''statement.pdf");
                assert_eq!(file.text.as_bytes(), pdf());
            }
        });
    }

    pub fn files_stand_sealed_and_go_after_their_time_and_with_the_account(engine: Engine) {
        in_town(engine, async |town| {
            let guest = town.buyer();
            let code = code_of(&ask(&guest, "Look", &[("secret name.pdf", &pdf())]).await);
            let plain = "select count(*) from support_file where name_sealed like '%secret%' or body_sealed like '%PDF%'";
            assert_eq!(town.count(plain).await, 0);
            town.pass(179 * DAY_MS).await;
            assert_eq!(stored(town).await, 1);
            town.pass(2 * DAY_MS).await;
            assert_eq!(stored(town).await, 0, "kept no longer than was said");
            assert_eq!(town.count("select count(*) from support_case").await, 1);
            assert_eq!(guest.get(&format!("/support/{code}/files/1")).await.status, 404);
            let member = town.buyer();
            register(town, &member, "ana@example.org", NUMBER).await;
            let mine = code_of(&ask(&member, "Mine", &[("a.pdf", &pdf())]).await);
            let export = member.get("/account/export").await;
            for part in ["the statement of my bank", "questions.csv", "\"Mine\""] {
                assert!(export.text.contains(part), "{part}");
            }
            assert_eq!(stored(town).await, 1);
            member.post(&format!("/support/{mine}/close"), &[]).await;
            assert_eq!(
                redirected(&member.post("/account/erase", &[("sure", "1")]).await),
                "/sign-in?note=erased"
            );
            assert_eq!(stored(town).await, 0);
            let desk = Desk::clerk(town, "ana").await;
            let page = desk.page(&format!("/office/cases/{mine}")).await;
            assert!(page.contains("Erased with the account.") && !page.contains("Mine"), "{page}");
        });
    }

    pub fn a_form_with_files_that_is_sent_twice_stores_them_once(engine: Engine) {
        in_town(engine, async |town| {
            let (buyer, key, photo) = (town.buyer(), "0c".repeat(16), photo());
            let files: [(&str, &[u8]); 2] = [("a.jpg", &photo), ("b.jpg", &photo)];
            let code = code_of(&send(&buyer, &key, "Twice", &files).await);
            assert_eq!(code, code_of(&send(&buyer, &key, "Twice", &files).await));
            let path = format!("/support/{code}");
            for _ in 0..2 {
                let form = [("key", "0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d"), ("text", "One more")];
                redirected(&buyer.post_files(&path, &form, &[("c.jpg", &photo)]).await);
            }
            assert_eq!(stored(town).await, 3);
        });
    }

    pub fn a_question_holds_so_many_bytes(engine: Engine) {
        in_town(engine, async |town| {
            let buyer = town.buyer();
            let large = [b"%PDF-".as_slice(), &vec![7; 5 * 1024 * 1024 - 5]].concat();
            let code = code_of(&ask(&buyer, "Much", &[("1.pdf", &large), ("2.pdf", &large)]).await);
            let path = format!("/support/{code}");
            let more = [("text", "And more")];
            let two: [(&str, &[u8]); 2] = [("3.pdf", &large), ("4.pdf", &large)];
            redirected(&buyer.post_files(&path, &more, &two).await);
            let full = buyer.post_files(&path, &more, &[("5.pdf", &pdf())]).await;
            assert!(full.text.contains("data-code=\"case_full\"") && full.text.contains("And more"));
            assert_eq!(stored(town).await, 4);
        });
    }
}
