//! Payment providers. A [`Connector`] builds requests and reads answers without any I/O;
//! [`http::HttpDriver`] moves the bytes; [`PaymentGateway`] is the door that flows use.
//!
//! Start at [`CallOutcome`]: a call is accepted, refused or unknown, and there is no fourth answer.

pub mod http;
pub mod stripe;

use self::http::{HttpDriver, HttpSetup, Timeouts};
use ::http::{HeaderName, Method};
use bytes::Bytes;
use domain::id::{OperationId, RefundId};
use domain::payment::{Evidence, Finding, ObjectRef, PageRequest, RefundRequest};
use domain::refund::{RefundEvidence, RefundFinding};
use domain::time::UnixMs;
use std::sync::Arc;

/// What became of a call that changes something at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome<T> {
    /// The provider took the call; what it says about the object is inside.
    Accepted(T),
    /// The provider said no, for good: nothing was done under this key.
    Refused { code: String, detail: String },
    /// It may or may not have happened. Ask again under the same key, or look it up.
    Unknown { why: String },
}

impl<T> CallOutcome<T> {
    /// The same outcome about something else.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> CallOutcome<U> {
        match self {
            CallOutcome::Accepted(t) => CallOutcome::Accepted(with(t)),
            CallOutcome::Refused { code, detail } => CallOutcome::Refused { code, detail },
            CallOutcome::Unknown { why } => CallOutcome::Unknown { why },
        }
    }

    /// The accepted value, or why a look-up told nothing. A look-up that fails proves nothing.
    pub fn looked_up(self) -> Result<T, String> {
        match self {
            CallOutcome::Accepted(t) => Ok(t),
            CallOutcome::Refused { code, .. } => Err(format!("look-up refused: {code}")),
            CallOutcome::Unknown { why } => Err(why),
        }
    }
}

/// The request cannot be put to this provider at all. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsendable {
    pub code: &'static str,
    pub detail: String,
}

/// One HTTP request, complete but for the provider's address.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpCall {
    pub method: Method,
    /// Path and query, starting with `/`.
    pub path: String,
    /// All headers, among them the authorization and the idempotency key.
    pub headers: Vec<(HeaderName, String)>,
    pub body: String,
}

impl HttpCall {
    /// The value of a header, if the call carries it.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.as_str() == name).map(|(_, v)| v.as_str())
    }
}

/// Headers hold the key and the body holds an e-mail address: neither is ever shown.
impl std::fmt::Debug for HttpCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// A complete HTTP answer, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    pub status: u16,
    pub body: Bytes,
}

/// Bodies hold personal data and are never shown.
impl std::fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

/// How far a call got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    Answered(HttpAnswer),
    /// Provably nothing reached the provider: no address, refused, or no TLS session.
    NotSent(String),
    /// Anything after the first byte: the provider may have acted.
    Lost(String),
}

/// What a provider can do, so that flows need not know its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// For how long the same idempotency key may be sent again, with a margin.
    pub key_ttl_ms: i64,
    /// The shortest and longest life of a hosted page. A shorter wish needs [`PaymentGateway::expire_page`].
    pub page_min_ms: i64,
    pub page_max_ms: i64,
}

/// What a webhook is, after its signature was checked. Its content is only a hint what to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookVerdict {
    Genuine {
        event_id: String,
        kind: String,
        live: bool,
        account: Option<String>,
        objects: Vec<ObjectRef>,
    },
    /// Not from the provider, too old, or stamped in the future.
    Forged {
        why: String,
    },
    /// From the provider, but about a test while we are live (or the reverse), or about another account.
    NotForUs {
        why: String,
    },
}

/// A payment provider without I/O: builds requests, reads answers.
///
/// There is no search for pages by our own id: Stripe's search lags behind and skips Checkout Sessions, and
/// a page whose creation got lost is harmless, since nobody holds its address.
pub trait Connector: Send + Sync {
    /// The provider's name in our database and logs.
    fn name(&self) -> &'static str;
    /// Where the provider answers: the only address that its keys are sent to.
    fn base_url(&self) -> &str;
    fn capabilities(&self) -> Capabilities;

    fn create_page(&self, request: &PageRequest) -> Result<HttpCall, Unsendable>;
    fn parse_create_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence>;
    /// The page together with the money behind it.
    fn fetch_page(&self, page_ref: &str) -> HttpCall;
    fn parse_fetch_page(&self, answer: &HttpAnswer) -> Evidence;
    fn fetch_money(&self, money_ref: &str) -> HttpCall;
    fn parse_fetch_money(&self, answer: &HttpAnswer) -> Evidence;
    /// Close a page so that nobody can pay on it. Refused when it is no longer open: fetch it then.
    fn expire_page(&self, operation: &OperationId, page_ref: &str) -> HttpCall;
    fn parse_expire_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence>;

    fn create_refund(&self, request: &RefundRequest) -> Result<HttpCall, Unsendable>;
    fn parse_create_refund(&self, answer: &HttpAnswer) -> CallOutcome<RefundEvidence>;
    fn fetch_refund(&self, refund_ref: &str) -> HttpCall;
    fn parse_fetch_refund(&self, answer: &HttpAnswer) -> RefundEvidence;
    /// All refunds of one money movement, to find the one whose creation was never answered.
    fn list_refunds(&self, money_ref: &str) -> HttpCall;
    fn parse_list_refunds(&self, answer: &HttpAnswer, refund: &RefundId) -> RefundEvidence;

    /// `raw` is the body as it came, `header` the provider's signature header.
    fn verify_webhook(&self, raw: &[u8], header: &str, now: UnixMs) -> WebhookVerdict;
}

/// One provider, ready to be called. Outward, not sent and lost are both unknown: the same key is sent again.
#[derive(Clone)]
pub struct PaymentGateway {
    connector: Arc<dyn Connector>,
    driver: HttpDriver,
}

impl PaymentGateway {
    pub fn new(connector: Arc<dyn Connector>, timeouts: Timeouts) -> Result<PaymentGateway, HttpSetup> {
        let driver = HttpDriver::new(connector.base_url(), timeouts)?;
        Ok(PaymentGateway { connector, driver })
    }

    pub fn name(&self) -> &'static str {
        self.connector.name()
    }

    pub fn capabilities(&self) -> Capabilities {
        self.connector.capabilities()
    }

    /// Make a hosted page. The operation's id is the idempotency key.
    pub async fn create_page(&self, request: &PageRequest) -> CallOutcome<Evidence> {
        let call = self.connector.create_page(request);
        self.change("create_page", call, |answer| self.connector.parse_create_page(answer)).await
    }

    /// What the provider says about a page now.
    pub async fn fetch_page(&self, page_ref: &str) -> Evidence {
        match self.run("fetch_page", self.connector.fetch_page(page_ref)).await {
            Ok(answer) => self.connector.parse_fetch_page(&answer),
            Err(why) => Evidence::unknown(why),
        }
    }

    /// What the provider says about a money movement now.
    pub async fn fetch_money(&self, money_ref: &str) -> Evidence {
        match self.run("fetch_money", self.connector.fetch_money(money_ref)).await {
            Ok(answer) => self.connector.parse_fetch_money(&answer),
            Err(why) => Evidence::unknown(why),
        }
    }

    /// Close a page. Refused means that it is no longer open: fetch it.
    pub async fn expire_page(&self, operation: &OperationId, page_ref: &str) -> CallOutcome<Evidence> {
        let call = self.connector.expire_page(operation, page_ref);
        self.change("expire_page", Ok(call), |answer| self.connector.parse_expire_page(answer)).await
    }

    /// Give money back. The operation's id is the idempotency key.
    pub async fn create_refund(&self, request: &RefundRequest) -> CallOutcome<RefundEvidence> {
        let call = self.connector.create_refund(request);
        self.change("create_refund", call, |answer| self.connector.parse_create_refund(answer)).await
    }

    /// What the provider says about a refund now.
    pub async fn fetch_refund(&self, refund_ref: &str) -> RefundEvidence {
        match self.run("fetch_refund", self.connector.fetch_refund(refund_ref)).await {
            Ok(answer) => self.connector.parse_fetch_refund(&answer),
            Err(why) => RefundEvidence::unknown(why),
        }
    }

    /// Look for our refund among those of a money movement. Not found is `Unknown`, never `Failed`.
    pub async fn find_refund(&self, money_ref: &str, refund: &RefundId) -> RefundEvidence {
        match self.run("list_refunds", self.connector.list_refunds(money_ref)).await {
            Ok(answer) => self.connector.parse_list_refunds(&answer, refund),
            Err(why) => RefundEvidence::unknown(why),
        }
    }

    pub fn verify_webhook(&self, raw: &[u8], header: &str, now: UnixMs) -> WebhookVerdict {
        self.connector.verify_webhook(raw, header, now)
    }

    async fn change<T>(
        &self,
        what: &'static str,
        call: Result<HttpCall, Unsendable>,
        parse: impl FnOnce(&HttpAnswer) -> CallOutcome<T>,
    ) -> CallOutcome<T> {
        let call = match call {
            Ok(call) => call,
            Err(no) => return CallOutcome::Refused { code: no.code.to_owned(), detail: no.detail },
        };
        match self.run(what, call).await {
            Ok(answer) => parse(&answer),
            Err(why) => CallOutcome::Unknown { why },
        }
    }

    async fn run(&self, what: &'static str, call: HttpCall) -> Result<HttpAnswer, String> {
        let provider = self.connector.name();
        match self.driver.run(call).await {
            Transport::Answered(answer) => {
                tracing::debug!(provider, what, status = answer.status, "provider answered");
                Ok(answer)
            }
            Transport::NotSent(why) => {
                tracing::warn!(provider, what, why, "call was not sent");
                Err(format!("not sent: {why}"))
            }
            Transport::Lost(why) => {
                tracing::warn!(provider, what, why, "answer was lost");
                Err(format!("answer lost: {why}"))
            }
        }
    }
}

/// Shorthand for connectors.
pub(crate) fn unknown(why: impl Into<String>) -> Finding {
    Finding::Unknown { why: why.into() }
}

/// Shorthand for connectors.
pub(crate) fn refund_unknown(why: impl Into<String>) -> RefundFinding {
    RefundFinding::Unknown { why: why.into() }
}
