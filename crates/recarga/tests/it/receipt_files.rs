//! A receipt as a file: offered where the program was built with the engine for it, for the same eyes as its page.

use crate::support::buyer::text;
use crate::support::registry::{NUMBER, TEN};
use crate::support::town::in_town;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    a_paid_order_has_a_file_of_its_receipt_where_the_program_can_make_one
    nobody_else_gets_the_file_and_an_unpaid_order_has_none
}

const PAYS: &str = "4242424242424242";

mod checks {
    use super::*;

    pub fn a_paid_order_has_a_file_of_its_receipt_where_the_program_can_make_one(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.buyer().order(NUMBER, TEN).await;
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            let receipt = order.buyer.get(&format!("/o/{}/receipt", order.code)).await.text;
            let file = order.buyer.get(&format!("/o/{}/receipt.pdf", order.code)).await;
            if cfg!(feature = "pdf") {
                assert_eq!(text(&receipt, "[data-testid=receipt-pdf]"), "Save as PDF");
                assert_eq!(
                    (file.status, &file.headers["content-type"]),
                    (200, &"application/pdf".parse().unwrap())
                );
                assert!(file.text.starts_with("%PDF-1."));
            } else {
                assert!(!receipt.contains("receipt.pdf"), "{receipt}");
                assert_eq!(file.status, 404, "{}", file.text);
            }
        });
    }

    pub fn nobody_else_gets_the_file_and_an_unpaid_order_has_none(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.buyer().order(NUMBER, TEN).await;
            let unpaid = order.buyer.get(&format!("/o/{}/receipt.pdf", order.code)).await;
            assert_eq!(
                (unpaid.status, &unpaid.headers["location"]),
                (303, &format!("/o/{}", order.code).parse().unwrap())
            );
            town.outside.pay(&order.session, PAYS).await;
            assert_eq!(town.look(&order).await, "credited");
            let stranger = town.buyer().get(&format!("/o/{}/receipt.pdf", order.code)).await;
            assert_eq!(stranger.status, 303, "{}", stranger.text);
        });
    }
}
