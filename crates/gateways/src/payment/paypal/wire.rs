//! PayPal's objects as far as we read them, and what a status code means.
//!
//! Sources: Orders v2 and Payments v2, schemas `order`, `capture`, `refund`, `error_400` to `error_422`.
//! Words (`status` and the like) stay text here: what they mean is decided where they are mapped.

use super::amount::Amount;
use crate::payment::{CallOutcome, HttpAnswer};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Orders v2, `order`.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    pub id: String,
    pub status: Option<String>,
    #[serde(default)]
    pub purchase_units: Vec<PurchaseUnit>,
    #[serde(default)]
    pub links: Vec<Link>,
    pub payer: Option<Payer>,
}

/// Orders v2, `payer`: only the name that PayPal gives the account, never who it is.
#[derive(Debug, Deserialize)]
pub(super) struct Payer {
    pub payer_id: Option<String>,
}

/// Orders v2, `purchase_unit`.
#[derive(Debug, Deserialize)]
pub(super) struct PurchaseUnit {
    pub payments: Option<Payments>,
}

/// Orders v2, `payment_collection`.
#[derive(Debug, Deserialize)]
pub(super) struct Payments {
    #[serde(default)]
    pub captures: Vec<Captured>,
    #[serde(default)]
    pub refunds: Vec<Refund>,
}

/// Payments v2, `capture-2`; inside an order it is Orders v2, `capture`.
#[derive(Debug, Deserialize)]
pub(super) struct Captured {
    pub id: String,
    pub status: Option<String>,
    pub status_details: Option<Details>,
    pub amount: Option<Amount>,
    pub supplementary_data: Option<Supplementary>,
}

/// Payments v2, `refund`.
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub id: String,
    pub status: Option<String>,
    pub status_details: Option<Details>,
    pub amount: Option<Amount>,
    pub invoice_id: Option<String>,
    pub custom_id: Option<String>,
}

/// `capture_status_details`, `refund_status_details`.
#[derive(Debug, Deserialize)]
pub(super) struct Details {
    pub reason: Option<String>,
}

/// Payments v2, `supplementary_data`.
#[derive(Debug, Deserialize)]
pub(super) struct Supplementary {
    pub related_ids: Option<RelatedIds>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RelatedIds {
    pub order_id: Option<String>,
}

impl Supplementary {
    pub(super) fn order_id(&self) -> Option<&str> {
        self.related_ids.as_ref()?.order_id.as_deref()
    }
}

/// `link_description`.
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    pub href: String,
    pub rel: String,
}

/// The error object; its descriptions may repeat what we sent and are not read.
#[derive(Deserialize)]
struct ErrorBody {
    name: String,
    #[serde(default)]
    details: Vec<Issue>,
}

#[derive(Deserialize)]
struct Issue {
    issue: String,
    field: Option<String>,
}

/// Issues of a 422 after which nothing was done and nothing will be, for the calls that we make.
/// Sources: Orders v2 schemas `422`, `orders.capture-422`; Payments v2 `captures.refund-422`.
const REFUSALS: &[&str] = &[
    // The payer, or what pays for the payer.
    "INSTRUMENT_DECLINED",
    "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED",
    "ORDER_NOT_APPROVED",
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED",
    "PAYER_ACCOUNT_RESTRICTED",
    "PAYER_ACTION_REQUIRED",
    "PAYER_CANNOT_PAY",
    "PAYMENT_SOURCE_CANNOT_BE_USED",
    "PAYMENT_SOURCE_DECLINED_BY_PROCESSOR",
    "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING",
    // Rules and limits.
    "COMPLIANCE_VIOLATION",
    "DECLINED_DUE_TO_RELATED_TXN",
    "DOMESTIC_TRANSACTION_REQUIRED",
    "TRANSACTION_BLOCKED_BY_PAYEE",
    "TRANSACTION_LIMIT_EXCEEDED",
    "TRANSACTION_RECEIVING_LIMIT_EXCEEDED",
    "TRANSACTION_REFUSED",
    // Our account.
    "PAYEE_ACCOUNT_INVALID",
    "PAYEE_ACCOUNT_LOCKED_OR_CLOSED",
    "PAYEE_ACCOUNT_RESTRICTED",
    "PAYEE_BLOCKED_TRANSACTION",
    // Our request.
    "CANNOT_BE_NEGATIVE",
    "CANNOT_BE_ZERO_OR_NEGATIVE",
    "CURRENCY_MISMATCH",
    "DECIMALS_NOT_SUPPORTED",
    "DECIMAL_PRECISION",
    "INCOMPATIBLE_PARAMETER_VALUE",
    "INVALID_CURRENCY_CODE",
    "MAX_VALUE_EXCEEDED",
    // Refunds. Whoever asks for one looks at what went back before a refusal is believed.
    "CAPTURE_FULLY_REFUNDED",
    "MAX_NUMBER_OF_REFUNDS_EXCEEDED",
    "PARTIAL_REFUND_NOT_ALLOWED",
    "REFUND_AMOUNT_EXCEEDED",
    "REFUND_AMOUNT_TOO_LOW",
    "REFUND_CAPTURE_CURRENCY_MISMATCH",
    "REFUND_FAILED_INSUFFICIENT_FUNDS",
    "REFUND_IS_RESTRICTED",
    "REFUND_NOT_ALLOWED",
    "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK",
    "REFUND_TIME_LIMIT_EXCEEDED",
    "TRANSACTION_DISPUTED",
];

/// Issues that say that something was done before, perhaps by us and unanswered, or is being done: look at it.
const LOOK: &[&str] =
    &["DUPLICATE_INVOICE_ID", "ORDER_ALREADY_CAPTURED", "ORDER_COMPLETION_IN_PROGRESS", "PENDING_CAPTURE"];

/// Reads an answer that should hold an object of this kind.
///
/// Only 400, and 422 with issues that we know, are a refusal. 401 and 403 are our own misconfiguration and
/// 404 may be one (keys of the other account), so none of them says what became of the object; 409 and 429
/// ask for the same key later; anything else proves nothing.
pub(super) fn read<T: DeserializeOwned>(answer: &HttpAnswer, kind: &str) -> CallOutcome<T> {
    match answer.status {
        200..=299 => match serde_json::from_slice(&answer.body) {
            Ok(object) => CallOutcome::Accepted(object),
            Err(_) => CallOutcome::Unknown { why: alarm(format!("an answer that is no {kind}")) },
        },
        status @ (400 | 422) => match serde_json::from_slice::<ErrorBody>(&answer.body) {
            Ok(body) => refused(status, &body),
            Err(_) => CallOutcome::Unknown { why: alarm(format!("status {status} without an error object")) },
        },
        status @ (401 | 403) => {
            tracing::error!(provider = super::NAME, status, "the provider does not let us do this");
            CallOutcome::Unknown { why: format!("we were not let in (status {status})") }
        }
        404 => CallOutcome::Unknown { why: "absent: the provider does not know the object".to_owned() },
        status @ (408 | 409 | 425 | 429) => {
            CallOutcome::Unknown { why: format!("the provider is busy (status {status}), same key later") }
        }
        status => CallOutcome::Unknown { why: format!("status {status}") },
    }
}

fn refused<T>(status: u16, body: &ErrorBody) -> CallOutcome<T> {
    let name = word(&body.name);
    let issues: Vec<String> = body.details.iter().map(|d| word(&d.issue)).collect();
    let code = issues.first().cloned().unwrap_or_else(|| name.clone());
    if let Some(before) = issues.iter().find(|issue| LOOK.contains(&issue.as_str())) {
        return CallOutcome::Unknown { why: format!("{before}: look at the object") };
    }
    let refusal = |issue: &String| REFUSALS.contains(&issue.as_str());
    if status == 422 && (issues.is_empty() || !issues.iter().all(refusal)) {
        let strange = issues.iter().find(|issue| !refusal(issue)).unwrap_or(&name);
        return CallOutcome::Unknown { why: alarm(format!("status 422 with issue {strange:?}")) };
    }
    let field = body.details.first().and_then(|d| d.field.as_deref()).map_or_else(String::new, word);
    if status == 400 {
        tracing::error!(provider = super::NAME, code, field, "the provider cannot read our request");
    }
    let detail = if field.is_empty() { name } else { format!("{name}, field {field}") };
    CallOutcome::Refused { code, detail }
}

/// A provider's word, fit for a log and a column: short, and nothing but word characters.
pub(super) fn word(text: &str) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    text.chars().filter(fits).take(60).collect()
}

/// Warns people that the provider said something that we do not understand.
pub(super) fn alarm(why: String) -> String {
    tracing::warn!(provider = super::NAME, why, "an answer that we do not understand");
    why
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use serde_json::json;

    fn outcome(status: u16, body: &str) -> CallOutcome<Order> {
        read(&HttpAnswer { status, body: Bytes::from(body.to_owned()) }, "order")
    }

    /// The error object of PayPal's documents (`error_422` with `error_details`).
    fn error(status: u16, issues: &[&str]) -> CallOutcome<Order> {
        let details: Vec<_> = issues
            .iter()
            .map(|i| json!({"field": "/purchase_units/0", "issue": i, "description": "ann@example.com"}))
            .collect();
        let name = if status == 400 { "INVALID_REQUEST" } else { "UNPROCESSABLE_ENTITY" };
        let body = json!({"name": name, "details": details, "debug_id": "90957fca61718", "links": [],
            "message": "The requested action could not be performed."});
        outcome(status, &body.to_string())
    }

    #[test]
    fn a_documented_refusal_is_refused_with_its_word_and_nothing_personal() {
        for (status, issue) in
            REFUSALS.iter().map(|i| (422, *i)).chain([(400, "INVALID_PARAMETER_SYNTAX"), (400, "ODD")])
        {
            match error(status, &[issue]) {
                CallOutcome::Refused { code, detail } => {
                    assert_eq!(code, issue);
                    assert!(!detail.contains("ann"), "{detail}");
                }
                other => panic!("{status} {issue}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_was_done_before_is_no_refusal_but_a_reason_to_look() {
        for issue in LOOK {
            for issues in [vec![*issue], vec!["INSTRUMENT_DECLINED", issue]] {
                match error(422, &issues) {
                    CallOutcome::Unknown { why } => assert!(why.starts_with(issue), "{why}"),
                    other => panic!("{issue}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn an_issue_that_we_do_not_know_is_unknown_with_its_word() {
        for issues in [&["MOON_TOO_FULL"][..], &["INSTRUMENT_DECLINED", "MOON_TOO_FULL"]] {
            match error(422, issues) {
                CallOutcome::Unknown { why } => assert_eq!(why, "status 422 with issue \"MOON_TOO_FULL\""),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(error(422, &[]), CallOutcome::Unknown { .. }));
    }

    #[test]
    fn every_other_status_leaves_the_outcome_unknown() {
        let body = json!({"name": "X", "details": [{"issue": "INSTRUMENT_DECLINED"}]}).to_string();
        for status in (100..600).filter(|s| !(200..300).contains(s) && !matches!(s, 400 | 422)) {
            assert!(matches!(outcome(status, &body), CallOutcome::Unknown { .. }), "{status}");
        }
        for (status, body) in [(200, "<html>"), (201, "{}"), (204, ""), (422, "<html>"), (400, "")] {
            assert!(matches!(outcome(status, body), CallOutcome::Unknown { .. }), "{status} {body}");
        }
    }
}
