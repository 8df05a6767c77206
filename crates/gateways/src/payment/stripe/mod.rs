//! Stripe: hosted Checkout pages, refunds and signed webhooks; card readers are in [`terminal`]. Start at
//! [`Stripe`]'s requests; what answers mean is in `session`, `refund` and `wire`, events are in `webhook`.
//!
//! Source: docs.stripe.com/api at [`API_VERSION`].

mod amount;
mod form;
mod refund;
mod session;
pub mod terminal;
mod webhook;
mod wire;

use self::form::{Form, segment};
use super::{
    CallOutcome, Capabilities, Capture, Connector, HttpAnswer, HttpCall, Learnt, SignIn, Unsendable, Webhook,
    WebhookStep,
};
use crate::secret::Secret;
use ::http::{HeaderName, Method, header};
use domain::id::{OperationId, RefundId};
use domain::locale::Locale;
use domain::money::Money;
use domain::payment::{Evidence, PageRequest, RefundRequest};
use domain::refund::RefundEvidence;
use domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};

/// Where Stripe answers. Live keys are never sent anywhere else.
pub const LIVE_BASE_URL: &str = "https://api.stripe.com";

/// The version whose objects this connector reads; an account's default version does not matter.
pub const API_VERSION: &str = "2025-09-30.clover";

const NAME: &str = "stripe";

/// Asks for the money and the card together with a page, or the card together with the money.
const PAGE_EXPAND: &str = "payment_intent.latest_charge";
const MONEY_EXPAND: &str = "latest_charge";

/// When the payer's bank is asked for a second factor
/// (`payment_method_options[card][request_three_d_secure]`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreeDSecure {
    /// As law and Stripe's risk rules say.
    #[default]
    Automatic,
    /// Whenever the card supports it.
    Any,
    /// As `Any`, and with a challenge.
    Challenge,
}

impl ThreeDSecure {
    /// What is asked for a buyer: of guests, of whom we know nothing, at least [`ThreeDSecure::Any`].
    fn of(self, guest: bool) -> &'static str {
        match self {
            ThreeDSecure::Automatic if guest => ThreeDSecure::Any.as_str(),
            asked => asked.as_str(),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            ThreeDSecure::Automatic => "automatic",
            ThreeDSecure::Any => "any",
            ThreeDSecure::Challenge => "challenge",
        }
    }
}

/// How we reach and know Stripe.
#[derive(Debug, Clone)]
pub struct StripeConfig {
    base_url: String,
    secret_key: Secret,
    /// Old and new secret side by side while one is being rotated.
    webhook_secrets: Vec<Secret>,
    /// Our account id, where events name one.
    account: Option<String>,
    pub three_d_secure: ThreeDSecure,
    live: bool,
}

/// A Stripe setting that cannot be right.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StripeConfigError {
    #[error("the Stripe key starts with none of sk_live_, rk_live_, sk_test_, rk_test_")]
    KeyKind,
    #[error("a live Stripe key may only be used with {LIVE_BASE_URL}")]
    LiveKeyElsewhere,
    #[error("no Stripe webhook secret is given, so no event could ever be believed")]
    NoWebhookSecret,
}

impl StripeConfig {
    pub fn new(
        base_url: impl Into<String>,
        secret_key: Secret,
        webhook_secrets: Vec<Secret>,
        account: Option<String>,
    ) -> Result<StripeConfig, StripeConfigError> {
        let base_url = base_url.into();
        let key = secret_key.expose();
        let starts = |prefixes: [&str; 2]| prefixes.iter().any(|p| key.starts_with(p));
        let live = match (starts(["sk_live_", "rk_live_"]), starts(["sk_test_", "rk_test_"])) {
            (true, _) => true,
            (false, true) => false,
            (false, false) => return Err(StripeConfigError::KeyKind),
        };
        if live && base_url.trim_end_matches('/') != LIVE_BASE_URL {
            return Err(StripeConfigError::LiveKeyElsewhere);
        }
        if webhook_secrets.iter().all(|s| s.expose().is_empty()) {
            return Err(StripeConfigError::NoWebhookSecret);
        }
        let webhook_secrets = webhook_secrets.into_iter().filter(|s| !s.expose().is_empty()).collect();
        let three_d_secure = ThreeDSecure::default();
        Ok(StripeConfig { base_url, secret_key, webhook_secrets, account, three_d_secure, live })
    }

    /// Does the key move real money?
    pub fn live(&self) -> bool {
        self.live
    }
}

/// The connector for Stripe.
pub struct Stripe {
    config: StripeConfig,
}

impl Stripe {
    pub fn new(config: StripeConfig) -> Stripe {
        Stripe { config }
    }

    fn call(&self, method: Method, path: String) -> HttpCall {
        let headers = vec![
            (header::AUTHORIZATION, format!("Bearer {}", self.config.secret_key.expose())),
            (HeaderName::from_static("stripe-version"), API_VERSION.to_owned()),
        ];
        HttpCall { method, path, headers, body: String::new() }
    }

    fn get(&self, path: &str, query: Form) -> HttpCall {
        self.call(Method::GET, format!("{path}?{}", query.finish()))
    }

    fn post(&self, path: String, key: &str, form: Form) -> HttpCall {
        let mut call = self.call(Method::POST, path);
        call.headers.push((HeaderName::from_static("idempotency-key"), key.to_owned()));
        call.headers.push((header::CONTENT_TYPE, "application/x-www-form-urlencoded".to_owned()));
        call.body = form.finish();
        call
    }
}

fn fetched(outcome: CallOutcome<Evidence>) -> Evidence {
    outcome.looked_up().unwrap_or_else(Evidence::unknown)
}

impl Connector for Stripe {
    fn name(&self) -> &'static str {
        NAME
    }

    fn base_url(&self) -> &str {
        &self.config.base_url
    }

    /// Keys live 24 hours (docs.stripe.com/api/idempotent_requests), pages 30 minutes to 24 hours
    /// (`expires_at` of a session, counted when Stripe gets the call); both with a margin.
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            capture: Capture::ByProvider,
            page_key_ttl_ms: 23 * HOUR_MS,
            refund_key_ttl_ms: 23 * HOUR_MS,
            page_min_ms: 31 * MINUTE_MS,
            page_max_ms: 24 * HOUR_MS - MINUTE_MS,
        }
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        None
    }

    /// The same request always makes the same bytes: Stripe refuses a key that comes with other parameters.
    fn create_page(&self, r: &PageRequest) -> Result<HttpCall, Unsendable> {
        let (amount, currency) = amount::to_stripe(r.amount)?;
        let ours = [
            ("attempt", r.attempt.as_str()),
            ("payment", r.payment.as_str()),
            (r.order.kind(), r.order.as_str()),
        ];
        let locale = match r.locale {
            Locale::ZhCn => "zh",
            Locale::En => "en",
        };
        let three_d_secure = self.config.three_d_secure.of(r.guest);
        let form = Form::new()
            .set("mode", "payment")
            .set("line_items[0][quantity]", "1")
            .set("line_items[0][price_data][currency]", &currency)
            .set("line_items[0][price_data][unit_amount]", &amount.to_string())
            .set("line_items[0][price_data][product_data][name]", &r.description)
            // The payer pays exactly what we asked for, in the currency that we asked for.
            .set("adaptive_pricing[enabled]", "false")
            .set("client_reference_id", r.order.as_str())
            .metadata(None, &ours)
            .metadata(Some("payment_intent_data"), &ours)
            .set("payment_intent_data[description]", &r.description)
            .set("payment_method_options[card][request_three_d_secure]", three_d_secure)
            .set("success_url", &r.return_url)
            .set("cancel_url", &r.cancel_url)
            .set_some("customer_email", r.email.as_deref())
            .set("locale", locale)
            .set("expires_at", &r.expires_at.0.div_euclid(SECOND_MS).to_string())
            .set("expand[]", PAGE_EXPAND);
        Ok(self.post("/v1/checkout/sessions".to_owned(), r.operation.as_str(), form))
    }

    fn parse_create_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence> {
        session::read_page(answer)
    }

    fn fetch_page(&self, page_ref: &str) -> HttpCall {
        let path = format!("/v1/checkout/sessions/{}", segment(page_ref));
        self.get(&path, Form::new().set("expand[]", PAGE_EXPAND))
    }

    fn parse_fetch_page(&self, answer: &HttpAnswer) -> Evidence {
        fetched(session::read_page(answer))
    }

    fn fetch_money(&self, money_ref: &str) -> HttpCall {
        let path = format!("/v1/payment_intents/{}", segment(money_ref));
        self.get(&path, Form::new().set("expand[]", MONEY_EXPAND))
    }

    fn parse_fetch_money(&self, answer: &HttpAnswer) -> Evidence {
        fetched(session::read_money(answer))
    }

    fn capture_page(&self, _operation: &OperationId, _page_ref: &str) -> Result<HttpCall, Unsendable> {
        let detail = "a Checkout Session takes the money by itself".to_owned();
        Err(Unsendable { code: "captured_by_provider", detail })
    }

    fn parse_capture_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence> {
        session::read_page(answer)
    }

    fn expire_page(&self, operation: &OperationId, page_ref: &str) -> Result<HttpCall, Unsendable> {
        let path = format!("/v1/checkout/sessions/{}/expire", segment(page_ref));
        Ok(self.post(path, operation.as_str(), Form::new().set("expand[]", PAGE_EXPAND)))
    }

    fn parse_expire_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence> {
        session::read_page(answer)
    }

    fn create_refund(&self, r: &RefundRequest) -> Result<HttpCall, Unsendable> {
        let (amount, _) = amount::to_stripe(r.amount)?;
        let ours = [
            (refund::REFUND_KEY, r.refund.as_str()),
            ("payment", r.payment.as_str()),
            ("attempt", r.attempt.as_str()),
        ];
        let form = Form::new()
            .set("payment_intent", &r.money_ref)
            .set("amount", &amount.to_string())
            .metadata(None, &ours);
        Ok(self.post("/v1/refunds".to_owned(), r.operation.as_str(), form))
    }

    fn parse_create_refund(&self, answer: &HttpAnswer) -> CallOutcome<RefundEvidence> {
        refund::read_created(answer)
    }

    fn fetch_refund(&self, refund_ref: &str) -> HttpCall {
        self.call(Method::GET, format!("/v1/refunds/{}", segment(refund_ref)))
    }

    fn parse_fetch_refund(&self, answer: &HttpAnswer) -> RefundEvidence {
        refund::read_one(answer).looked_up().unwrap_or_else(RefundEvidence::unknown)
    }

    fn list_refunds(&self, _page_ref: Option<&str>, money_ref: &str) -> Result<HttpCall, Unsendable> {
        Ok(self.get("/v1/refunds", Form::new().set("payment_intent", money_ref).set("limit", "100")))
    }

    fn parse_list_refunds(
        &self,
        answer: &HttpAnswer,
        refund: &RefundId,
        amount: Money,
    ) -> Result<Option<RefundEvidence>, String> {
        refund::find(answer, refund, amount)
    }

    fn judge_webhook(&self, webhook: &Webhook<'_>, _learnt: Learnt<'_>, now: UnixMs) -> WebhookStep {
        let signature = webhook.header("stripe-signature");
        WebhookStep::Judged(webhook::verify(&self.config, webhook.raw, signature, now))
    }
}

#[cfg(test)]
mod tests;
