//! Runs a connector's calls over HTTP and says how far each one got ([`Transport`]).
//!
//! No redirects, no proxies, no silent retries, a cap on time and size. Bodies and headers are never logged.

use super::{HttpAnswer, HttpCall, Transport};
use ::http::{HeaderMap, HeaderValue, header};
use bytes::{Bytes, BytesMut};
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// More than any answer that we ask for; what is longer is not read to its end.
const BODY_CAP: usize = 1024 * 1024;

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    pub connect: Duration,
    /// From the start of the call to the last byte of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts { connect: Duration::from_secs(3), total: Duration::from_secs(10) }
    }
}

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct HttpSetup(String);

/// Runs calls against one provider's address.
#[derive(Clone)]
pub struct HttpDriver {
    client: reqwest::Client,
    /// Scheme, host and port without a slash at the end.
    base_url: String,
    quiet: Quiet,
}

/// Until when the server asked to be left alone; shared by all copies of a driver.
type Quiet = Arc<Mutex<Option<Instant>>>;

impl HttpDriver {
    pub fn new(base_url: &str, timeouts: Timeouts) -> Result<HttpDriver, HttpSetup> {
        let url = url::Url::parse(base_url).map_err(|e| HttpSetup(e.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(HttpSetup("the address is neither http nor https".to_owned()));
        }
        let client = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .user_agent(concat!("recarga/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| HttpSetup(innermost(&e)))?;
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(HttpDriver { client, base_url, quiet: Arc::default() })
    }

    /// Sends the call once and classifies what happened.
    pub async fn run(&self, call: HttpCall) -> Transport {
        if self.quiet_until().is_some_and(|until| Instant::now() < until) {
            return Transport::NotSent("the provider asked for a pause".to_owned());
        }
        let Some(headers) = header_map(&call) else {
            return Transport::NotSent("a header holds characters that HTTP does not allow".to_owned());
        };
        let url = format!("{}{}", self.base_url, call.path);
        finish(self.client.request(call.method, url).headers(headers).body(call.body), Some(&self.quiet))
            .await
    }

    fn quiet_until(&self) -> Option<Instant> {
        *self.quiet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a document from another address, without any of our keys. The caller has judged the address.
    pub async fn fetch(&self, url: &str) -> Transport {
        finish(self.client.get(url), None).await
    }
}

/// A pause that was asked for is kept, but never for longer than this.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Until when the server wants to hear nothing (RFC 9110 §10.2.3, in seconds, with 429 or 503).
fn pause(response: &reqwest::Response) -> Option<Instant> {
    if !matches!(response.status().as_u16(), 429 | 503) {
        return None;
    }
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Instant::now() + Duration::from_secs(seconds).min(PAUSE_MAX))
}

async fn finish(request: reqwest::RequestBuilder, quiet: Option<&Quiet>) -> Transport {
    let answered = request.send().await;
    if let (Some(quiet), Some(until)) = (quiet, answered.as_ref().ok().and_then(pause)) {
        *quiet.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
    match answered {
        Ok(response) => receive(response).await,
        // Both kinds end before the request's first byte: a request that cannot be built, and
        // everything up to an established connection (address, TCP, TLS).
        Err(e) if e.is_builder() || e.is_connect() => Transport::NotSent(innermost(&e)),
        Err(e) => Transport::Lost(innermost(&e)),
    }
}

fn header_map(call: &HttpCall) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in &call.headers {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        map.insert(name.clone(), value);
    }
    Some(map)
}

async fn receive(mut response: reqwest::Response) -> Transport {
    let status = response.status().as_u16();
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > BODY_CAP => {
                return Transport::Lost(format!("an answer {status} of more than {BODY_CAP} bytes"));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Transport::Answered(HttpAnswer { status, body: Bytes::from(body) }),
            Err(e) => return Transport::Lost(innermost(&e)),
        }
    }
}

/// The last cause of an error: it names the trouble and, unlike the first, never the address.
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    let mut cause: &dyn Error = match error.source() {
        Some(source) => source,
        None => return "the request could not be built or sent".to_owned(),
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
