//! Payment providers. A [`Connector`] builds requests and reads answers without any I/O;
//! [`http::HttpDriver`] moves the bytes; [`PaymentGateway`] is the door that flows use.
//!
//! Start at [`CallOutcome`]: a call is accepted, refused or unknown, and there is no fourth answer.

mod access;
pub mod http;
pub mod paypal;
pub mod stripe;
pub mod terminal;
mod webhook;

pub use self::access::{AccessToken, SignIn};
pub use self::webhook::{Learnt, Webhook, WebhookStep, WebhookVerdict};

use self::access::TokenCache;
use self::http::{HttpDriver, HttpSetup, Timeouts};
use self::webhook::Documents;
use crate::secret::Secret;
use ::http::{HeaderName, Method, header};
use bytes::Bytes;
use domain::id::{OperationId, RefundId};
use domain::money::Money;
use domain::payment::{Evidence, Finding, OperationKind, PageRequest, RefundRequest};
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

/// Who takes the payer's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    /// The provider, as soon as the payer agrees on its page.
    ByProvider,
    /// Nobody until we call [`PaymentGateway::capture_page`], once the page is `Finding::Approved`. A page
    /// is then closed by deciding, in our database, never to capture it: there is no call for it.
    ByUs,
}

/// What a provider can do, so that flows need not know its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub capture: Capture,
    /// For how long the idempotency key of a call about a page may be sent again, with a margin.
    pub page_key_ttl_ms: i64,
    /// The same for the call that makes a refund.
    pub refund_key_ttl_ms: i64,
    /// The shortest and longest life of a hosted page. A shorter wish needs [`PaymentGateway::expire_page`].
    pub page_min_ms: i64,
    pub page_max_ms: i64,
}

impl Capabilities {
    /// For how long the key of such a call may be sent again.
    pub fn key_ttl_ms(&self, kind: OperationKind) -> i64 {
        match kind {
            OperationKind::CreatePage | OperationKind::CapturePage | OperationKind::ExpirePage => {
                self.page_key_ttl_ms
            }
            OperationKind::CreateRefund => self.refund_key_ttl_ms,
        }
    }
}

/// A payment provider without I/O: builds requests, reads answers.
///
/// There is no search for pages by our own id: Stripe's search lags behind and skips Checkout Sessions,
/// PayPal has none, and a page whose creation got lost is harmless, since nobody holds its address.
pub trait Connector: Send + Sync {
    /// The provider's name in our database and logs.
    fn name(&self) -> &'static str;
    /// Where the provider answers: the only address that its keys are sent to.
    fn base_url(&self) -> &str;
    fn capabilities(&self) -> Capabilities;
    /// How to get the token that every call needs; `None` when the calls carry their key already.
    fn sign_in(&self) -> Option<&dyn SignIn>;

    fn create_page(&self, request: &PageRequest) -> Result<HttpCall, Unsendable>;
    fn parse_create_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence>;
    /// The page together with the money behind it.
    fn fetch_page(&self, page_ref: &str) -> HttpCall;
    fn parse_fetch_page(&self, answer: &HttpAnswer) -> Evidence;
    fn fetch_money(&self, money_ref: &str) -> HttpCall;
    fn parse_fetch_money(&self, answer: &HttpAnswer) -> Evidence;
    /// Take what the payer agreed to. Unsendable where the provider does that itself.
    fn capture_page(&self, operation: &OperationId, page_ref: &str) -> Result<HttpCall, Unsendable>;
    fn parse_capture_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence>;
    /// Close a page so that nobody can pay on it. Refused when it is no longer open: fetch it then.
    fn expire_page(&self, operation: &OperationId, page_ref: &str) -> Result<HttpCall, Unsendable>;
    fn parse_expire_page(&self, answer: &HttpAnswer) -> CallOutcome<Evidence>;

    fn create_refund(&self, request: &RefundRequest) -> Result<HttpCall, Unsendable>;
    fn parse_create_refund(&self, answer: &HttpAnswer) -> CallOutcome<RefundEvidence>;
    fn fetch_refund(&self, refund_ref: &str) -> HttpCall;
    fn parse_fetch_refund(&self, answer: &HttpAnswer) -> RefundEvidence;
    /// All refunds of one money movement, to find the one that is asked about.
    fn list_refunds(&self, page_ref: Option<&str>, money_ref: &str) -> Result<HttpCall, Unsendable>;
    fn parse_list_refunds(
        &self,
        answer: &HttpAnswer,
        refund: &RefundId,
        amount: Money,
    ) -> Result<Option<RefundEvidence>, String>;

    /// Is it from the provider, and what is it about? Called again with what was learnt until there is a
    /// verdict.
    fn judge_webhook(&self, webhook: &Webhook<'_>, learnt: Learnt<'_>, now: UnixMs) -> WebhookStep;
}

/// One provider, ready to be called. Outward, not sent and lost are both unknown: the same key is sent again.
#[derive(Clone)]
pub struct PaymentGateway {
    connector: Arc<dyn Connector>,
    driver: HttpDriver,
    tokens: TokenCache,
    documents: Documents,
    /// Card readers of the same account, where there are any.
    terminal: Option<Arc<dyn terminal::CardTerminal>>,
}

/// A connector that has not judged after so many steps never will.
const STEPS_MAX: usize = 4;

impl PaymentGateway {
    pub fn new(connector: Arc<dyn Connector>, timeouts: Timeouts) -> Result<PaymentGateway, HttpSetup> {
        let driver = HttpDriver::new(connector.base_url(), timeouts)?;
        Ok(PaymentGateway {
            connector,
            driver,
            tokens: TokenCache::default(),
            documents: Documents::default(),
            terminal: None,
        })
    }

    /// The same provider with its card terminals.
    pub fn with_terminal(self, terminal: Arc<dyn terminal::CardTerminal>) -> PaymentGateway {
        PaymentGateway { terminal: Some(terminal), ..self }
    }

    /// The provider's card terminals.
    pub fn terminal(&self) -> Option<&dyn terminal::CardTerminal> {
        self.terminal.as_deref()
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

    /// Take what the payer agreed to on a page. The operation's id is the idempotency key. Refused means that
    /// nothing was taken; after `Unknown` fetch the page, since the money may be ours already.
    pub async fn capture_page(&self, operation: &OperationId, page_ref: &str) -> CallOutcome<Evidence> {
        let call = self.connector.capture_page(operation, page_ref);
        self.change("capture_page", call, |answer| self.connector.parse_capture_page(answer)).await
    }

    /// Close a page. Refused means that it is no longer open: fetch it.
    pub async fn expire_page(&self, operation: &OperationId, page_ref: &str) -> CallOutcome<Evidence> {
        let call = self.connector.expire_page(operation, page_ref);
        self.change("expire_page", call, |answer| self.connector.parse_expire_page(answer)).await
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

    /// Look for a refund of ours among those of a money movement; else for one of the same amount that another hand
    /// made, such as in the provider's dashboard: it gave the same money back. `None`: neither is there, which proves
    /// nothing about a call that is still on its way. An error says why nobody could look.
    pub async fn find_refund(
        &self,
        page_ref: Option<&str>,
        money_ref: &str,
        refund: &RefundId,
        amount: Money,
    ) -> Result<Option<RefundEvidence>, String> {
        let call = self.connector.list_refunds(page_ref, money_ref).map_err(|no| no.detail)?;
        let answer = self.run("list_refunds", call).await?;
        self.connector.parse_list_refunds(&answer, refund, amount)
    }

    /// Is this webhook from the provider? May fetch the proof.
    pub async fn verify_webhook(&self, webhook: &Webhook<'_>, now: UnixMs) -> WebhookVerdict {
        let mut step = self.connector.judge_webhook(webhook, Learnt::Nothing, now);
        for _ in 0..STEPS_MAX {
            step = match step {
                WebhookStep::Judged(verdict) => return verdict,
                WebhookStep::Fetch(url) => {
                    let document = self.document(&url).await;
                    let learnt = Learnt::Document(document.as_deref().map_err(String::as_str));
                    let next = self.connector.judge_webhook(webhook, learnt, now);
                    if let Ok(document) = &document {
                        self.documents.settle(&url, document, &next);
                    }
                    next
                }
                WebhookStep::Ask(call) => {
                    let answer = self.run("verify_webhook", call).await;
                    let learnt = Learnt::Answer(answer.as_ref().map_err(String::as_str));
                    self.connector.judge_webhook(webhook, learnt, now)
                }
            };
        }
        WebhookVerdict::Undecided { why: "the connector never came to a verdict".to_owned() }
    }

    async fn document(&self, url: &str) -> Result<Bytes, String> {
        if let Some(known) = self.documents.get(url) {
            return Ok(known);
        }
        match self.driver.fetch(url).await {
            Transport::Answered(HttpAnswer { status: 200, body }) => Ok(body),
            Transport::Answered(answer) => Err(format!("the document's address answered {}", answer.status)),
            Transport::NotSent(why) | Transport::Lost(why) => Err(why),
        }
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

    /// Sends the call, with a token where the provider wants one. A token that is refused is replaced once:
    /// whom the provider does not let in, for him it has done nothing.
    async fn run(&self, what: &'static str, call: HttpCall) -> Result<HttpAnswer, String> {
        let Some(sign_in) = self.connector.sign_in() else { return self.send(what, call).await };
        let token = self.token(sign_in).await?;
        let answer = self.send(what, with_token(call.clone(), &token)).await?;
        if answer.status != ::http::StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.tokens.forget(&token).await;
        let token = self.token(sign_in).await?;
        self.send(what, with_token(call, &token)).await
    }

    async fn token(&self, sign_in: &dyn SignIn) -> Result<Secret, String> {
        let signing_in = async {
            let answer = self.send("sign_in", sign_in.request()).await?;
            sign_in.read(&answer)
        };
        self.tokens.take(signing_in).await.map_err(|why| format!("not sent, no access token: {why}"))
    }

    async fn send(&self, what: &'static str, call: HttpCall) -> Result<HttpAnswer, String> {
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

fn with_token(mut call: HttpCall, token: &Secret) -> HttpCall {
    call.headers.push((header::AUTHORIZATION, format!("Bearer {}", token.expose())));
    call
}

/// Shorthand for connectors.
pub(crate) fn unknown(why: impl Into<String>) -> Finding {
    Finding::Unknown { why: why.into() }
}

/// Shorthand for connectors.
pub(crate) fn refund_unknown(why: impl Into<String>) -> RefundFinding {
    RefundFinding::Unknown { why: why.into() }
}
