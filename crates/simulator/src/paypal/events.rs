//! Event notifications: writing one, and reading them back (document `notifications_webhooks_v1`; the names are
//! those of developer.paypal.com/api/rest/webhooks/event-names). Start reading at [`emit`].

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{link, stamp};
use crate::books::{Books, Kind};
use crate::ids;
use crate::json::text;

/// The events of this slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    OrderApproved,
    ApprovalReversed,
    CaptureCompleted,
    CapturePending,
    CaptureDenied,
    CaptureRefunded,
    CaptureReversed,
    DisputeCreated,
    RefundPending,
    RefundFailed,
}

impl Name {
    /// `event_type`
    fn text(self) -> &'static str {
        match self {
            Name::OrderApproved => "CHECKOUT.ORDER.APPROVED",
            Name::ApprovalReversed => "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
            Name::CaptureCompleted => "PAYMENT.CAPTURE.COMPLETED",
            Name::CapturePending => "PAYMENT.CAPTURE.PENDING",
            Name::CaptureDenied => "PAYMENT.CAPTURE.DENIED",
            Name::CaptureRefunded => "PAYMENT.CAPTURE.REFUNDED",
            Name::CaptureReversed => "PAYMENT.CAPTURE.REVERSED",
            Name::DisputeCreated => "CUSTOMER.DISPUTE.CREATED",
            Name::RefundPending => "PAYMENT.REFUND.PENDING",
            Name::RefundFailed => "PAYMENT.REFUND.FAILED",
        }
    }

    /// `resource_type` and `summary`
    fn about(self) -> (&'static str, &'static str) {
        match self {
            Name::OrderApproved => ("checkout-order", "An order has been approved by buyer"),
            Name::ApprovalReversed => ("checkout-order", "A payment has been reversed after approval."),
            Name::CaptureCompleted => ("capture", "Payment completed"),
            Name::CapturePending => ("capture", "Payment pending"),
            Name::CaptureDenied => ("capture", "Payment denied"),
            Name::CaptureRefunded => ("refund", "A refund was issued"),
            Name::CaptureReversed => ("refund", "A payment was reversed"),
            Name::DisputeCreated => ("dispute", "A new dispute opened"),
            Name::RefundPending => ("refund", "A refund is pending"),
            Name::RefundFailed => ("refund", "A refund failed"),
        }
    }
}

/// Writes an event about an object and, where webhooks are wanted, its delivery.
pub fn emit(books: &mut Books<'_>, name: Name, resource: &Value) -> Result<(), Refusal> {
    let id = format!("WH-{}-{}", ids::capitals(17), ids::capitals(17));
    let own = format!("{}/v1/notifications/webhooks-events/{id}", books.base_url);
    let (kind, summary) = name.about();
    let event = json!({
        "id": id, "event_version": "1.0", "create_time": stamp(books.now_ms), "resource_type": kind,
        "resource_version": "2.0", "event_type": name.text(), "summary": summary, "resource": resource,
        "links": [link(&own, "self", "GET"), link(&format!("{own}/resend"), "resend", "POST")],
    });
    books.announce(Kind::PaypalEvent, name.text(), &event, resource["id"].as_str())?;
    Ok(())
}

/// `GET /v1/notifications/webhooks-events/{id}`
pub fn get(books: &Books<'_>, id: &str) -> Result<Value, Refusal> {
    books.find(Kind::PaypalEvent, id)?.ok_or_else(Refusal::not_found)
}

/// `GET /v1/notifications/webhooks-events`, newest first, by `transaction_id` and `event_type`.
pub fn list(books: &Books<'_>, query: &str) -> Result<Value, Refusal> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let asked = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (subject, kind) = (asked("transaction_id"), asked("event_type"));
    let most = asked("page_size").and_then(|size| size.parse::<usize>().ok()).unwrap_or(10).min(300);
    let mut statement = books.tx.prepare_cached(
        "select body from object where kind = 'paypal.event' order by seq desc limit 10000",
    )?;
    let bodies = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut found = Vec::new();
    for body in bodies {
        let event: Value =
            serde_json::from_str(&body).map_err(|error| Refusal::internal(&error.to_string()))?;
        let fits = kind.is_none_or(|kind| text(&event, "event_type") == kind)
            && subject.is_none_or(|subject| text(&event["resource"], "id") == subject);
        if fits && found.len() < most {
            found.push(event);
        }
    }
    let own = format!("{}/v1/notifications/webhooks-events", books.base_url);
    Ok(json!({ "count": found.len(), "events": found, "links": [link(&own, "self", "GET")] }))
}
