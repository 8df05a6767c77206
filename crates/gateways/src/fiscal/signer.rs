//! A signer over HTTP with JSON, as docs/fiscal.md states it: `POST /v1/transactions` asks for a signature, `GET
//! /v1/transactions/{key}` asks what became of one. Every request carries `Authorization: Bearer KEY`.

use super::{FiscalDevice, Found, Signing};
use crate::payment::http::{HttpDriver, HttpSetup, Timeouts};
use crate::payment::{HttpAnswer, HttpCall, Transport};
use crate::secret::Secret;
use ::http::{Method, header};
use domain::fiscal::{FiscalEvidence, FiscalFacts};
use domain::id::FiscalId;
use domain::time::UnixMs;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;

/// A word or number of the device is no longer than this; what is longer is no answer that we understand.
const WORD_MAX: usize = 200;
/// The same for its signature and its text for the paper.
const TEXT_MAX: usize = 900;

/// A signer, ready to be asked.
pub struct Signer {
    driver: HttpDriver,
    key: Secret,
}

/// A setting that cannot be right.
#[derive(Debug, thiserror::Error)]
pub enum SignerConfigError {
    #[error("the device's address is no URL without query")]
    Address,
    #[error("the device's key may only be sent over https, or over http to this machine")]
    PlainHttp,
    #[error("the device's key is empty or holds characters that HTTP does not allow")]
    Key,
    #[error(transparent)]
    Http(#[from] HttpSetup),
}

impl Signer {
    pub fn new(base_url: &str, key: Secret, timeouts: Timeouts) -> Result<Signer, SignerConfigError> {
        let url = url::Url::parse(base_url).map_err(|_| SignerConfigError::Address)?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(SignerConfigError::Address);
        }
        let this_machine = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(SignerConfigError::Address),
        };
        match url.scheme() {
            "https" => {}
            "http" if this_machine => {}
            _ => return Err(SignerConfigError::PlainHttp),
        }
        if key.expose().is_empty() || !key.expose().bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SignerConfigError::Key);
        }
        Ok(Signer { driver: HttpDriver::new(base_url, timeouts)?, key })
    }

    fn call(&self, method: Method, path: String, body: String) -> HttpCall {
        let bearer = format!("Bearer {}", self.key.expose());
        let headers = vec![
            (header::AUTHORIZATION, bearer),
            (header::ACCEPT, "application/json".to_owned()),
            (header::CONTENT_TYPE, "application/json".to_owned()),
        ];
        HttpCall { method, path, headers, body }
    }

    async fn ask(&self, call: HttpCall) -> Result<HttpAnswer, String> {
        match self.driver.run(call).await {
            Transport::Answered(answer) => Ok(answer),
            Transport::NotSent(why) => Err(format!("not sent: {why}")),
            Transport::Lost(why) => Err(format!("answer lost: {why}")),
        }
    }
}

impl FiscalDevice for Signer {
    fn sign<'a>(&'a self, facts: &'a FiscalFacts) -> BoxFuture<'a, Signing> {
        let call = self.call(Method::POST, "/v1/transactions".to_owned(), body(facts));
        async move {
            match self.ask(call).await {
                Ok(answer) => read_signing(&facts.key, &answer),
                Err(why) => Signing::Unknown { why },
            }
        }
        .boxed()
    }

    fn find<'a>(&'a self, key: &'a FiscalId) -> BoxFuture<'a, Found> {
        let call = self.call(Method::GET, format!("/v1/transactions/{key}"), String::new());
        async move {
            match self.ask(call).await {
                Ok(answer) => read_found(key, &answer),
                Err(why) => Found::Unknown { why },
            }
        }
        .boxed()
    }
}

/// The same facts always make the same bytes.
fn body(facts: &FiscalFacts) -> String {
    let lines = facts.lines.iter().map(|line| json!({ "text": line.text, "amount_minor": line.minor }));
    let taxes = facts.taxes.iter().map(|tax| {
        json!({ "rate_bps": tax.basis_points, "gross_minor": tax.gross_minor, "tax_minor": tax.tax_minor })
    });
    let tenders = facts.tenders.iter();
    let tenders =
        tenders.map(|tender| json!({ "kind": tender.kind.as_str(), "amount_minor": tender.amount.minor }));
    json!({
        "key": facts.key.as_str(),
        "kind": facts.kind.as_str(),
        "reverses": facts.reverses.as_ref().map(FiscalId::as_str),
        "receipt": facts.receipt,
        "outlet": { "number": facts.outlet_number, "name": facts.outlet_name },
        "till": facts.till,
        "shift": facts.shift.as_str(),
        "at": facts.at.rfc3339(),
        "currency": facts.currency,
        "lines": lines.collect::<Vec<_>>(),
        "taxes": taxes.collect::<Vec<_>>(),
        "tenders": tenders.collect::<Vec<_>>(),
        "total_minor": facts.total_minor,
    })
    .to_string()
}

#[derive(Deserialize)]
struct Signed {
    key: String,
    status: String,
    device: String,
    transaction: String,
    counter: i64,
    signature: String,
    at: String,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Failed {
    error: Failure,
}

#[derive(Deserialize)]
struct Failure {
    code: String,
    #[serde(default)]
    message: String,
}

/// Evidence that is about this key and that can be printed.
fn evidence(key: &FiscalId, answer: &HttpAnswer) -> Result<FiscalEvidence, String> {
    let signed: Signed =
        serde_json::from_slice(&answer.body).map_err(|_| "an answer that is none".to_owned())?;
    if signed.key != key.as_str() || signed.status != "signed" {
        return Err("an answer about something else".to_owned());
    }
    let at = UnixMs::parse_rfc3339(&signed.at).ok_or("a time that is none")?;
    let word = |text: &str| !text.is_empty() && text.len() <= WORD_MAX;
    let long = |text: &str| text.len() <= TEXT_MAX && !text.chars().any(char::is_control);
    let plain = word(&signed.device)
        && word(&signed.transaction)
        && !signed.signature.is_empty()
        && [&signed.device, &signed.transaction, &signed.signature].into_iter().all(|text| long(text))
        && signed.text.as_deref().is_none_or(long);
    if !plain {
        return Err("words that cannot be printed".to_owned());
    }
    Ok(FiscalEvidence {
        device: signed.device,
        transaction: signed.transaction,
        counter: signed.counter,
        signature: signed.signature,
        at,
        text: signed.text.filter(|text| !text.is_empty()),
    })
}

fn failure(answer: &HttpAnswer) -> Option<Failure> {
    serde_json::from_slice::<Failed>(&answer.body).ok().map(|failed| failed.error)
}

fn unknown(answer: &HttpAnswer) -> String {
    let code = failure(answer).map_or_else(|| "without a code".to_owned(), |failure| failure.code);
    format!("status {} {code}", answer.status)
}

fn read_signing(key: &FiscalId, answer: &HttpAnswer) -> Signing {
    match answer.status {
        200 => match evidence(key, answer) {
            Ok(evidence) => Signing::Signed(evidence),
            Err(why) => Signing::Unknown { why },
        },
        // Only these two say that nothing was signed, and only with a code.
        409 | 422 => match failure(answer) {
            Some(Failure { code, message }) if !code.is_empty() => {
                let short = |text: String| text.chars().take(WORD_MAX).collect();
                Signing::Refused { code: short(code), detail: short(message) }
            }
            Some(_) | None => Signing::Unknown { why: unknown(answer) },
        },
        _ => Signing::Unknown { why: unknown(answer) },
    }
}

fn read_found(key: &FiscalId, answer: &HttpAnswer) -> Found {
    match answer.status {
        200 => match evidence(key, answer) {
            Ok(evidence) => Found::Signed(evidence),
            Err(why) => Found::Unknown { why },
        },
        404 if failure(answer).is_some_and(|failure| failure.code == "transaction_not_found") => {
            Found::Absent
        }
        _ => Found::Unknown { why: unknown(answer) },
    }
}
