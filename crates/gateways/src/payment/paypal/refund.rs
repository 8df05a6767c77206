//! What a Refund says. Sources: Payments v2 schemas `refund`, `refund_status`; Orders v2 `payment_collection`.

use super::wire::{Order, Refund, alarm, read, word};
use crate::payment::{CallOutcome, HttpAnswer, refund_unknown};
use domain::id::RefundId;
use domain::money::Money;
use domain::refund::{RefundEvidence, RefundFinding};

pub(super) fn read_one(answer: &HttpAnswer) -> CallOutcome<RefundEvidence> {
    read::<Refund>(answer, "refund").map(|refund| evidence(&refund))
}

/// Our refund among those of one order, else another hand's of the same amount.
pub(super) fn find(
    answer: &HttpAnswer,
    wanted: &RefundId,
    amount: Money,
) -> Result<Option<RefundEvidence>, String> {
    let order = read::<Order>(answer, "order").looked_up()?;
    let names = |refund: &Refund| [refund.invoice_id.clone(), refund.custom_id.clone()];
    let carries = |refund: &Refund, what: &dyn Fn(&str) -> bool| {
        names(refund).into_iter().flatten().any(|name| what(&name))
    };
    let payments = order.purchase_units.iter().filter_map(|unit| unit.payments.as_ref());
    let all: Vec<&Refund> = payments.flat_map(|p| &p.refunds).collect();
    if let Some(ours) = all.iter().find(|refund| carries(refund, &|name| name == wanted.as_str())) {
        return Ok(Some(evidence(ours)));
    }
    let others = all.into_iter().filter(|refund| !carries(refund, &|name| RefundId::parse(name).is_ok()));
    Ok(others.map(evidence).find(|other| other.gives_back(amount)))
}

fn evidence(refund: &Refund) -> RefundEvidence {
    let amount = refund.amount.as_ref().and_then(|amount| amount.read().map_err(alarm).ok());
    RefundEvidence { finding: finding(refund), refund_ref: Some(refund.id.clone()), amount }
}

fn finding(refund: &Refund) -> RefundFinding {
    let reason = refund.status_details.as_ref().and_then(|d| d.reason.as_deref());
    match refund.status.as_deref() {
        Some("COMPLETED") => RefundFinding::Succeeded,
        Some("PENDING") => RefundFinding::Pending,
        Some(status @ ("FAILED" | "CANCELLED")) => {
            RefundFinding::Failed { code: word(reason.unwrap_or(status)) }
        }
        Some(status) => refund_unknown(alarm(format!("refund status {:?}", word(status)))),
        None => refund_unknown(alarm("a refund without status".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use serde_json::{Value, json};

    fn answer(status: u16, body: &Value) -> HttpAnswer {
        HttpAnswer { status, body: Bytes::from(body.to_string()) }
    }

    /// The shape of the response in Payments v2, `captures.refund`.
    fn refund(status: Value, reason: Value) -> Value {
        json!({"id": "1JU08902781691411", "invoice_id": "rf_1", "custom_id": "rf_1", "status": status,
            "status_details": {"reason": reason},
            "amount": {"value": "10.99", "currency_code": "USD"}, "note_to_payer": "DefectiveProduct",
            "seller_payable_breakdown": {"gross_amount": {"value": "10.99", "currency_code": "USD"}},
            "links": [{"rel": "up", "method": "GET",
                "href": "https://api-m.paypal.com/v2/payments/captures/2GG279541U471931P"}]})
    }

    #[test]
    fn every_refund_status_means_what_the_table_says() {
        use RefundFinding as F;
        let failed = |code: &str| F::Failed { code: code.into() };
        for (status, reason, expected) in [
            (json!("COMPLETED"), Value::Null, F::Succeeded),
            (json!("PENDING"), json!("ECHECK"), F::Pending),
            (json!("FAILED"), json!("ECHECK"), failed("ECHECK")),
            (json!("FAILED"), Value::Null, failed("FAILED")),
            (json!("CANCELLED"), Value::Null, failed("CANCELLED")),
            (json!("ROLLED_BACK"), Value::Null, refund_unknown("refund status \"ROLLED_BACK\"")),
            (Value::Null, Value::Null, refund_unknown("a refund without status")),
        ] {
            let CallOutcome::Accepted(evidence) = read_one(&answer(201, &refund(status, reason))) else {
                panic!("an object that we can read was not accepted");
            };
            assert_eq!(evidence.finding, expected);
            assert_eq!(evidence.refund_ref.as_deref(), Some("1JU08902781691411"));
            assert_eq!(evidence.amount.map(|a| a.minor), Some(1099));
        }
    }

    #[test]
    fn our_refund_is_found_in_its_order_and_a_miss_is_unknown() {
        let order = json!({"id": "5O190127TN364715T", "status": "COMPLETED", "purchase_units": [{"payments": {
            "captures": [{"id": "3C679366HH908993F", "status": "REFUNDED"}],
            "refunds": [refund(json!("COMPLETED"), Value::Null)]}}]});
        let amount = Money::new(1099, "USD".parse().unwrap());
        let found = find(&answer(200, &order), &RefundId::stored("rf_1"), amount).unwrap().unwrap();
        assert_eq!(found.finding, RefundFinding::Succeeded);
        let other = RefundId::stored("rf_2");
        assert_eq!(find(&answer(200, &json!({"id": "x"})), &other, amount), Ok(None));
        assert_eq!(find(&answer(500, &json!({})), &other, amount), Err("status 500".to_owned()));
    }

    #[test]
    fn a_refund_that_another_hand_made_is_found_by_its_amount_and_one_of_ours_is_not_it() {
        let order = |made: Value| {
            answer(200, &json!({"id": "5O1", "purchase_units": [{"payments": {"refunds": [made]}}]}))
        };
        let (wanted, amount) = (RefundId::stored("rf_1"), Money::new(1099, "USD".parse().unwrap()));
        let mut by_hand = refund(json!("COMPLETED"), Value::Null);
        (by_hand["invoice_id"], by_hand["custom_id"]) = (Value::Null, Value::Null);
        let found = find(&order(by_hand.clone()), &wanted, amount).unwrap().unwrap();
        assert_eq!(found.refund_ref.as_deref(), Some("1JU08902781691411"));
        let part = Money::new(1098, "USD".parse().unwrap());
        assert_eq!(find(&order(by_hand), &wanted, part), Ok(None));
        let earlier = format!("rf_{}", domain::id::ulid(domain::time::UnixMs(1), 1));
        let mut ours = refund(json!("COMPLETED"), Value::Null);
        (ours["invoice_id"], ours["custom_id"]) = (earlier.clone().into(), earlier.into());
        assert_eq!(find(&order(ours), &wanted, amount), Ok(None));
    }
}
