//! What a Refund says. Sources: docs.stripe.com/api/refunds/object, docs.stripe.com/refunds.

use super::amount::from_stripe;
use super::wire::{IDEMPOTENCY_ERROR, List, Refund, alarm, read, word};
use crate::payment::{CallOutcome, HttpAnswer, refund_unknown};
use domain::id::RefundId;
use domain::money::Money;
use domain::refund::{RefundEvidence, RefundFinding};

/// The metadata key that carries our refund id.
pub(super) const REFUND_KEY: &str = "refund";

/// What became of a call that asks for a refund.
///
/// A reused key with other parameters says that an earlier call under this key ran, so money may be on its
/// way back: that is unknown, not refused, or the next try would pay twice.
pub(super) fn read_created(answer: &HttpAnswer) -> CallOutcome<RefundEvidence> {
    match read_one(answer) {
        CallOutcome::Refused { code, .. } if code == IDEMPOTENCY_ERROR => {
            CallOutcome::Unknown { why: "the key was used before with other parameters".to_owned() }
        }
        outcome => outcome,
    }
}

pub(super) fn read_one(answer: &HttpAnswer) -> CallOutcome<RefundEvidence> {
    read::<Refund>(answer, "refund").map(|refund| evidence(&refund))
}

/// Our refund among those of one PaymentIntent, else another hand's of the same amount.
pub(super) fn find(
    answer: &HttpAnswer,
    wanted: &RefundId,
    amount: Money,
) -> Result<Option<RefundEvidence>, String> {
    let list = read::<List<Refund>>(answer, "list").looked_up()?;
    let named = |refund: &Refund| refund.metadata.as_ref().and_then(|m| m.get(REFUND_KEY)).cloned();
    if let Some(ours) = list.data.iter().find(|refund| named(refund).as_deref() == Some(wanted.as_str())) {
        return Ok(Some(evidence(ours)));
    }
    if list.has_more != Some(false) {
        return Err("not among the refunds listed first".to_owned());
    }
    let others = list.data.iter().filter(|refund| named(refund).is_none()).map(evidence);
    Ok(others.into_iter().find(|other| other.gives_back(amount)))
}

fn evidence(refund: &Refund) -> RefundEvidence {
    let amount = match (refund.amount, &refund.currency) {
        (Some(amount), Some(currency)) => from_stripe(amount, currency).map_err(alarm).ok(),
        _ => None,
    };
    RefundEvidence { finding: finding(refund), refund_ref: Some(refund.id.clone()), amount }
}

fn finding(refund: &Refund) -> RefundFinding {
    match refund.status.as_deref() {
        // requires_action: the payer has to give bank details to Stripe; the money is still on its way.
        Some("pending" | "requires_action") => RefundFinding::Pending,
        Some("succeeded") => RefundFinding::Succeeded,
        Some(status @ ("failed" | "canceled")) => RefundFinding::Failed {
            code: refund.failure_reason.as_deref().map_or_else(|| word(status), word),
        },
        Some(status) => refund_unknown(alarm(format!("refund status {:?}", word(status)))),
        None => refund_unknown(alarm("a refund without status".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use serde_json::{Value, json};

    fn ten() -> Money {
        Money::new(1000, "GBP".parse().unwrap())
    }

    fn answer(status: u16, body: &Value) -> HttpAnswer {
        HttpAnswer { status, body: Bytes::from(body.to_string()) }
    }

    fn refund(status: Value, reason: Value) -> Value {
        json!({"id": "re_1", "object": "refund", "amount": 1000, "currency": "gbp", "status": status,
               "failure_reason": reason, "payment_intent": "pi_1", "charge": "ch_1", "reason": null,
               "metadata": {"refund": "rf_1", "payment": "pay_1", "attempt": "att_1"}})
    }

    #[test]
    fn every_refund_status_means_what_the_table_says() {
        use RefundFinding as F;
        let failed = |code: &str| F::Failed { code: code.into() };
        for (status, reason, expected) in [
            (json!("pending"), Value::Null, F::Pending),
            (json!("requires_action"), Value::Null, F::Pending),
            (json!("succeeded"), Value::Null, F::Succeeded),
            (json!("failed"), json!("lost_or_stolen_card"), failed("lost_or_stolen_card")),
            (json!("failed"), Value::Null, failed("failed")),
            (json!("canceled"), Value::Null, failed("canceled")),
            (json!("rolled_back"), Value::Null, refund_unknown("refund status \"rolled_back\"")),
            (Value::Null, Value::Null, refund_unknown("a refund without status")),
        ] {
            let CallOutcome::Accepted(evidence) = read_created(&answer(200, &refund(status, reason))) else {
                panic!("an object that we can read was not accepted");
            };
            assert_eq!(evidence.finding, expected);
            assert_eq!(evidence.refund_ref.as_deref(), Some("re_1"));
            assert_eq!(evidence.amount, Some(Money::new(1000, "GBP".parse().unwrap())));
        }
    }

    #[test]
    fn a_reused_key_leaves_a_refund_unknown_and_other_errors_of_ours_refuse_it() {
        let error = |kind: &str, code: Value| answer(400, &json!({"error": {"type": kind, "code": code}}));
        let outcome = read_created(&error("idempotency_error", Value::Null));
        assert!(matches!(outcome, CallOutcome::Unknown { .. }), "{outcome:?}");
        let outcome = read_created(&error("invalid_request_error", json!("charge_already_refunded")));
        assert!(
            matches!(&outcome, CallOutcome::Refused { code, .. } if code == "charge_already_refunded"),
            "{outcome:?}"
        );
    }

    #[test]
    fn our_refund_is_found_by_its_metadata_and_a_miss_is_unknown() {
        let list = |more: bool| {
            answer(
                200,
                &json!({"object": "list", "url": "/v1/refunds", "has_more": more,
                        "data": [refund(json!("succeeded"), Value::Null)]}),
            )
        };
        let wanted = RefundId::stored("rf_1");
        let found = find(&list(true), &wanted, ten()).unwrap().unwrap();
        assert_eq!(found.finding, RefundFinding::Succeeded);
        let other = RefundId::stored("rf_2");
        assert_eq!(find(&list(false), &other, ten()), Ok(None), "another one of ours is not it");
        for (answer, why) in
            [(list(true), "not among the refunds listed first"), (answer(500, &json!({})), "status 500")]
        {
            assert_eq!(find(&answer, &other, ten()), Err(why.to_owned()));
        }
    }

    #[test]
    fn a_refund_that_another_hand_made_is_found_by_its_amount_unless_it_failed() {
        let by_hand = |status: &str| {
            let mut made = refund(json!(status), Value::Null);
            made["metadata"] = json!({});
            answer(200, &json!({"object": "list", "has_more": false, "data": [made]}))
        };
        let wanted = RefundId::stored("rf_1");
        let found = find(&by_hand("pending"), &wanted, ten()).unwrap().unwrap();
        assert_eq!((found.finding, found.refund_ref.as_deref()), (RefundFinding::Pending, Some("re_1")));
        let part = Money::new(999, "GBP".parse().unwrap());
        assert_eq!(find(&by_hand("succeeded"), &wanted, part), Ok(None));
        assert_eq!(find(&by_hand("failed"), &wanted, ten()), Ok(None));
    }
}
