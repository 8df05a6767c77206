//! PayPal: orders that the payer approves on PayPal's page and that we then capture, refunds, and webhooks.
//! Start at [`PayPal`]'s requests; what answers mean is in `order`, `refund` and `wire`, who we are in `token`,
//! events are in `webhook`.
//!
//! Sources: PayPal's OpenAPI documents Orders v2 (2.13), Payments v2 (2.5) and Webhooks v1 (1.11).

mod amount;
mod certificate;
mod config;
mod order;
mod refund;
mod token;
mod webhook;
mod wire;

pub use self::config::{
    DEFAULT_CERT_HOSTS, LIVE_BASE_URL, PayPalConfig, PayPalConfigError, SANDBOX_BASE_URL,
};

use self::amount::Amount;
use super::{
    CallOutcome, Capabilities, Capture, Connector, HttpAnswer, HttpCall, Learnt, SignIn, Unsendable, Webhook,
    WebhookStep,
};
use ::http::{HeaderName, Method, header};
use domain::id::{OperationId, RefundId};
use domain::locale::Locale;
use domain::money::Money;
use domain::payment::{Evidence, PageRequest, RefundRequest};
use domain::refund::RefundEvidence;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};
use serde_json::json;

/// The name under which payments, accounts and addresses carry it.
pub const NAME: &str = "paypal";

/// Bytes of a purchase unit's description (Orders v2, `purchase_unit_request.description`).
const DESCRIPTION_MAX: usize = 127;

/// The connector for PayPal.
pub struct PayPal {
    config: PayPalConfig,
}

impl PayPal {
    pub fn new(config: PayPalConfig) -> PayPal {
        PayPal { config }
    }

    fn get(path: String) -> HttpCall {
        HttpCall { method: Method::GET, path, headers: Vec::new(), body: String::new() }
    }

    /// `return=representation`: the short answer names no captures, and without them an order's state says
    /// nothing about money.
    fn post(path: String, key: &OperationId, body: String) -> HttpCall {
        let headers = vec![
            (header::CONTENT_TYPE, "application/json".to_owned()),
            (HeaderName::from_static("paypal-request-id"), key.as_str().to_owned()),
            (HeaderName::from_static("prefer"), "return=representation".to_owned()),
        ];
        HttpCall { method: Method::POST, path, headers, body }
    }
}

fn fetched(outcome: CallOutcome<Evidence>) -> Evidence {
    outcome.looked_up().unwrap_or_else(Evidence::unknown)
}

/// The most of `text` that fits; the limit counts ASCII, so other letters count by their bytes.
fn shortened(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

impl Connector for PayPal {
    fn name(&self) -> &'static str {
        NAME
    }

    fn base_url(&self) -> &str {
        self.config.base_url()
    }

    /// Keys live 6 hours for orders (Orders v2, parameter `paypal_request_id`) and 45 days for refunds
    /// (Payments v2, the same). A payer has 3 hours to approve (Orders v2, `order.links`); there is no
    /// shortest life, since nothing is taken unless we capture. All with a margin.
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            capture: Capture::ByUs,
            page_key_ttl_ms: 5 * HOUR_MS,
            refund_key_ttl_ms: 44 * DAY_MS,
            page_min_ms: MINUTE_MS,
            page_max_ms: 3 * HOUR_MS - 5 * MINUTE_MS,
        }
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        Some(&self.config)
    }

    /// Orders v2, `orders.create`. The invoice id is unique per attempt, PayPal's second barrier against
    /// paying twice. Immediate payment keeps slow bank transfers out, which would leave a capture pending.
    fn create_page(&self, r: &PageRequest) -> Result<HttpCall, Unsendable> {
        let locale = match r.locale {
            Locale::ZhCn => "zh-CN",
            Locale::En => "en-GB",
        };
        let body = json!({
            "intent": "CAPTURE",
            "purchase_units": [{
                "invoice_id": r.attempt.as_str(),
                "custom_id": r.order.as_str(),
                "description": shortened(&r.description, DESCRIPTION_MAX),
                "amount": Amount::asked(r.amount)?,
            }],
            "payment_source": {"paypal": {"experience_context": {
                "return_url": r.return_url,
                "cancel_url": r.cancel_url,
                "locale": locale,
                "user_action": "PAY_NOW",
                "shipping_preference": "NO_SHIPPING",
                "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
            }}},
        });
        Ok(PayPal::post("/v2/checkout/orders".to_owned(), &r.operation, body.to_string()))
    }

    fn parse_create_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence> {
        order::read_page(answer)
    }

    /// Orders v2, `orders.get`.
    fn fetch_page(&self, page_ref: &str) -> HttpCall {
        PayPal::get(format!("/v2/checkout/orders/{}", segment(page_ref)))
    }

    fn parse_fetch_page(&self, answer: &HttpAnswer) -> Evidence {
        fetched(order::read_page(answer))
    }

    /// Payments v2, `captures.get`.
    fn fetch_money(&self, money_ref: &str) -> HttpCall {
        PayPal::get(format!("/v2/payments/captures/{}", segment(money_ref)))
    }

    fn parse_fetch_money(&self, answer: &HttpAnswer) -> Evidence {
        fetched(order::read_money(answer))
    }

    /// Orders v2, `orders.capture`.
    fn capture_page(&self, operation: &OperationId, page_ref: &str) -> Result<HttpCall, Unsendable> {
        let path = format!("/v2/checkout/orders/{}/capture", segment(page_ref));
        Ok(PayPal::post(path, operation, "{}".to_owned()))
    }

    fn parse_capture_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence> {
        order::read_page(answer)
    }

    /// Orders v2 has no call that ends an order.
    fn expire_page(&self, _operation: &OperationId, _page_ref: &str) -> Result<HttpCall, Unsendable> {
        let detail = "an order is closed by never capturing it".to_owned();
        Err(Unsendable { code: "closed_by_us", detail })
    }

    fn parse_expire_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence> {
        order::read_page(answer)
    }

    /// Payments v2, `captures.refund`. The invoice id is PayPal's second barrier against paying back twice.
    fn create_refund(&self, r: &RefundRequest) -> Result<HttpCall, Unsendable> {
        let body = json!({
            "amount": Amount::asked(r.amount)?,
            "invoice_id": r.refund.as_str(),
            "custom_id": r.refund.as_str(),
        });
        let path = format!("/v2/payments/captures/{}/refund", segment(&r.money_ref));
        Ok(PayPal::post(path, &r.operation, body.to_string()))
    }

    fn parse_create_refund(&self, answer: &HttpAnswer) -> CallOutcome<RefundEvidence> {
        refund::read_one(answer)
    }

    /// Payments v2, `refunds.get`.
    fn fetch_refund(&self, refund_ref: &str) -> HttpCall {
        PayPal::get(format!("/v2/payments/refunds/{}", segment(refund_ref)))
    }

    fn parse_fetch_refund(&self, answer: &HttpAnswer) -> RefundEvidence {
        refund::read_one(answer).looked_up().unwrap_or_else(RefundEvidence::unknown)
    }

    /// Payments v2 lists no refunds; the order does (Orders v2, `payment_collection.refunds`).
    fn list_refunds(&self, page_ref: Option<&str>, _money_ref: &str) -> Result<HttpCall, Unsendable> {
        let Some(page_ref) = page_ref else {
            let detail = "refunds are listed by order, and the order is not known".to_owned();
            return Err(Unsendable { code: "no_order", detail });
        };
        Ok(self.fetch_page(page_ref))
    }

    fn parse_list_refunds(
        &self,
        answer: &HttpAnswer,
        refund: &RefundId,
        amount: Money,
    ) -> Result<Option<RefundEvidence>, String> {
        refund::find(answer, refund, amount)
    }

    fn judge_webhook(&self, webhook: &Webhook<'_>, learnt: Learnt<'_>, now: UnixMs) -> WebhookStep {
        webhook::judge(&self.config, webhook, learnt, now)
    }
}

/// One segment of a path. Ids come from the provider, so they are escaped rather than trusted.
fn segment(id: &str) -> String {
    id.bytes().fold(String::new(), |mut path, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => path.push(char::from(byte)),
            other => path.push_str(&format!("%{other:02X}")),
        }
        path
    })
}

#[cfg(test)]
mod tests;
