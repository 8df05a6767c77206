//! Print jobs: a slip waits for a printer that cannot print, comes out once, and whatever may have come out already is
//! printed again only with the word COPY on it.

use crate::support::outside::Outside;
use crate::support::town::{Town, in_town};
use crate::support::wait::until;
use domain::id::DeviceId;
use domain::print_job::{PrintJobState, PrinterTrouble};
use domain::slip::{PaperWidth, Part, Slip};
use domain::time::{DAY_MS, HOUR_MS};
use flows::print::{self, NewJob, NotQueued, OPEN_MAX};
use gateways::printing::PrinterAddress;
use serde_json::{Value, json};
use store::print_job::PrintJob;
use store::values;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_slip_waits_for_paper_and_comes_out_once
    what_is_asked_for_again_says_copy
    what_broke_in_the_middle_is_never_sent_again_and_the_next_one_is_a_copy
    a_process_that_ended_while_it_printed_leaves_a_job_that_nobody_knows_about
    a_cancelled_slip_does_not_come_out_and_the_next_one_is_no_copy
    slips_of_one_printer_come_out_in_order
    a_queue_is_bounded_and_old_slips_are_not_printed
    what_is_printed_is_sealed_and_goes_when_it_is_done
}

fn job(town: &Town, subject: &str) -> NewJob {
    NewJob {
        subject: subject.to_owned(),
        device: DeviceId::stored("dev_1"),
        printer: PrinterAddress::new(town.outside.printer).unwrap(),
        slip: Slip::new(PaperWidth::Mm80, vec![Part::text(format!("Receipt {subject}"))]),
    }
}

async fn queue(town: &Town, subject: &str) -> PrintJob {
    print::queue(&town.world, &job(town, subject)).await.unwrap().unwrap()
}

async fn now(town: &Town, job: &PrintJob) -> PrintJob {
    print::find(&town.world, &job.id).await.unwrap().unwrap()
}

async fn stands(outside: &Outside, condition: Value) {
    outside.control("printer", &condition).await;
}

/// What stands on the papers, the newest first, once there are so many.
async fn papers(town: &Town, count: usize) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    until("the papers", async || {
        let url = format!("{}/printer/papers", town.outside.url);
        let state: Value =
            serde_json::from_str(&reqwest::get(url).await.unwrap().text().await.unwrap()).unwrap();
        let lines = |paper: &Value| serde_json::from_value(paper["text"].clone()).unwrap();
        found = state["papers"].as_array().unwrap().iter().map(lines).collect();
        found.len() >= count
    })
    .await;
    assert_eq!(found.len(), count, "{found:?}");
    found
}

mod checks {
    use super::*;

    pub fn a_slip_waits_for_paper_and_comes_out_once(engine: Engine) {
        in_town(engine, async |town| {
            stands(&town.outside, json!({ "paper": "out" })).await;
            let queued = queue(town, "tu_1").await;
            town.work().await;
            let waits = now(town, &queued).await;
            assert_eq!(
                (waits.state, waits.trouble),
                (PrintJobState::Waiting, Some(PrinterTrouble::PaperOut))
            );
            assert_eq!(print::list_open(&town.world, &waits.device).await.unwrap(), [waits]);
            stands(&town.outside, json!({})).await;
            town.pass(3_000).await;
            assert_eq!(now(town, &queued).await.state, PrintJobState::Printed);
            town.pass(HOUR_MS).await;
            assert_eq!(papers(town, 1).await, [["Receipt tu_1"]]);
        });
    }

    pub fn what_is_asked_for_again_says_copy(engine: Engine) {
        in_town(engine, async |town| {
            for _ in 0..3 {
                queue(town, "tu_1").await;
                town.work().await;
            }
            let papers = papers(town, 3).await;
            assert_eq!(papers[2], ["Receipt tu_1"]);
            assert_eq!(papers[1], ["COPY 1", "Receipt tu_1", "COPY 1"]);
            assert_eq!(papers[0], ["COPY 2", "Receipt tu_1", "COPY 2"]);
        });
    }

    pub fn what_broke_in_the_middle_is_never_sent_again_and_the_next_one_is_a_copy(engine: Engine) {
        in_town(engine, async |town| {
            stands(&town.outside, json!({ "drop_after_bytes": 40 })).await;
            let broken = queue(town, "tu_1").await;
            town.work().await;
            assert_eq!(now(town, &broken).await.state, PrintJobState::Unknown);
            town.pass(HOUR_MS).await;
            assert_eq!(papers(town, 1).await, [["Receipt tu_1"]]);
            queue(town, "tu_1").await;
            town.work().await;
            assert_eq!(papers(town, 2).await[0][0], "COPY 1");
        });
    }

    pub fn a_process_that_ended_while_it_printed_leaves_a_job_that_nobody_knows_about(engine: Engine) {
        in_town(engine, async |town| {
            let queued = queue(town, "tu_1").await;
            let sql = "update print_job set state = 'sending' where subject = 'tu_1'";
            town.world.db.write(move |tx| tx.execute(sql, &[]).map(|_| ())).await.unwrap();
            town.work().await;
            assert_eq!(now(town, &queued).await.state, PrintJobState::Unknown);
            assert_eq!(papers(town, 0).await.len(), 0);
        });
    }

    pub fn a_cancelled_slip_does_not_come_out_and_the_next_one_is_no_copy(engine: Engine) {
        in_town(engine, async |town| {
            stands(&town.outside, json!({ "cover_open": true })).await;
            let queued = queue(town, "tu_1").await;
            town.work().await;
            assert_eq!(now(town, &queued).await.trouble, Some(PrinterTrouble::CoverOpen));
            assert!(print::cancel(&town.world, &queued.id).await.unwrap());
            assert!(!print::cancel(&town.world, &queued.id).await.unwrap());
            stands(&town.outside, json!({})).await;
            town.pass(3_000).await;
            assert_eq!(papers(town, 0).await.len(), 0);
            queue(town, "tu_1").await;
            town.work().await;
            assert_eq!(papers(town, 1).await, [["Receipt tu_1"]]);
        });
    }

    pub fn slips_of_one_printer_come_out_in_order(engine: Engine) {
        in_town(engine, async |town| {
            stands(&town.outside, json!({ "offline": true })).await;
            for subject in ["tu_1", "tu_2", "tu_3"] {
                queue(town, subject).await;
            }
            town.work().await;
            stands(&town.outside, json!({})).await;
            town.pass(3_000).await;
            let order: Vec<String> =
                papers(town, 3).await.into_iter().map(|lines| lines[0].clone()).collect();
            assert_eq!(order, ["Receipt tu_3", "Receipt tu_2", "Receipt tu_1"]);
        });
    }

    pub fn a_queue_is_bounded_and_old_slips_are_not_printed(engine: Engine) {
        in_town(engine, async |town| {
            stands(&town.outside, json!({ "paper": "out" })).await;
            let first = queue(town, "tu_0").await;
            for n in 1..OPEN_MAX {
                queue(town, &format!("tu_{n}")).await;
            }
            let full = print::queue(&town.world, &job(town, "tu_51")).await.unwrap();
            assert_eq!(full, Err(NotQueued::Full));
            stands(&town.outside, json!({})).await;
            town.pass(13 * HOUR_MS).await;
            assert_eq!(now(town, &first).await.state, PrintJobState::Expired);
            assert_eq!(papers(town, 0).await.len(), 0);
            assert!(print::queue(&town.world, &job(town, "tu_51")).await.unwrap().is_ok());
        });
    }

    pub fn what_is_printed_is_sealed_and_goes_when_it_is_done(engine: Engine) {
        in_town(engine, async |town| {
            let body = async |subject: &'static str| {
                let sql = "select body_sealed from print_job where subject = ?1";
                let found =
                    town.read(move |tx| tx.query(sql, &values![subject], |row| row.opt_text(0))).await;
                found[0].clone()
            };
            queue(town, "tu_1").await;
            assert!(!body("tu_1").await.unwrap().contains("Receipt"));
            town.work().await;
            assert_eq!(body("tu_1").await, None);
            stands(&town.outside, json!({ "silent": true })).await;
            let left = queue(town, "tu_2").await;
            print::cancel(&town.world, &left.id).await.unwrap();
            assert_eq!(body("tu_2").await, None);
            town.pass(3 * DAY_MS).await;
        });
    }
}
