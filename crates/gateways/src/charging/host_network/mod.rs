//! A host network that keeps its subscribers' balances, over HTTP with JSON. Start at [`HostNetwork`]'s requests;
//! what answers mean is in `wire`.
//!
//! The interface, version 1, as docs/simulator.md ("Host network") states it with examples:
//!
//! - `POST /v1/credits` with `{request_id, top_up, msisdn, grant}`: gives the credit, once per `request_id`. The
//!   same id with the same content gives the credit's present state; with another content 409 `request_mismatch`.
//! - `GET /v1/credits/{request_id}`: the credit's present state, or 404 `credit_not_found`.
//! - `POST /v1/balance` with `{msisdn}`: a question; a number does not stand in an address, since those are logged.
//! - `POST /v1/holder` with `{msisdn, name?}`: is the line on somebody's name, and on this one? Yes or no, no name.
//!
//! A credit is `{request_id, top_up, grant, status, network_ref?, reason?, balance?}` with status 200 and one of
//! `done`, `refused`, `in_progress`. Only these words in a 2xx end or keep anything; everything else is unknown.
//! Errors are `{"error": {"code": ...}}`. Money is `amount_minor` with an ISO 4217 `currency`, allowances are whole
//! `octets`, `seconds` or `messages`, numbers are E.164 digits without `+`, times RFC 3339 in UTC.
//!
//! Every request carries `Authorization: Bearer KEY`. TLS keeps the key; without TLS only this machine is called.

mod wire;

use super::{BalanceOutcome, Connector, CreditOutcome, CreditRequest, HolderOutcome, Promises, StatusAnswer};
use crate::payment::{HttpAnswer, HttpCall};
use crate::secret::Secret;
use ::http::{Method, header};
use domain::identity::HolderName;
use domain::msisdn::Msisdn;
use domain::time::{DAY_MS, MINUTE_MS};

const NAME: &str = "host_network";

/// How we reach and know the network.
#[derive(Debug, Clone)]
pub struct HostNetworkConfig {
    base_url: String,
    key: Secret,
    promises: Promises,
}

/// A setting of the host network that cannot be right.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HostNetworkConfigError {
    #[error("the host network's address is no URL without query")]
    Address,
    #[error("the host network's key may only be sent over https, or over http to this machine")]
    PlainHttp,
    #[error("the host network's key is empty or holds characters that HTTP does not allow")]
    Key,
    #[error("not_found_is_final_after must be at least 0 and shorter than forgets_after")]
    Promises,
}

impl HostNetworkConfig {
    /// What a network promises unless its contract says otherwise: it remembers for 30 days, and what it does
    /// not know ten minutes after the call never arrived.
    pub const USUAL_PROMISES: Promises =
        Promises { not_found_is_final_after_ms: Some(10 * MINUTE_MS), forgets_after_ms: 30 * DAY_MS };

    pub fn new(
        base_url: &str,
        key: Secret,
        promises: Promises,
    ) -> Result<HostNetworkConfig, HostNetworkConfigError> {
        let url = url::Url::parse(base_url).map_err(|_| HostNetworkConfigError::Address)?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(HostNetworkConfigError::Address);
        }
        let this_machine = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(HostNetworkConfigError::Address),
        };
        match url.scheme() {
            "https" => {}
            "http" if this_machine => {}
            _ => return Err(HostNetworkConfigError::PlainHttp),
        }
        if key.expose().is_empty() || !key.expose().bytes().all(|b| b.is_ascii_graphic()) {
            return Err(HostNetworkConfigError::Key);
        }
        let fits = |after: i64| (0..promises.forgets_after_ms).contains(&after);
        if promises.forgets_after_ms <= 0 || !promises.not_found_is_final_after_ms.is_none_or(fits) {
            return Err(HostNetworkConfigError::Promises);
        }
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(HostNetworkConfig { base_url, key, promises })
    }
}

/// The connector for a host network.
pub struct HostNetwork {
    config: HostNetworkConfig,
}

impl HostNetwork {
    pub fn new(config: HostNetworkConfig) -> HostNetwork {
        HostNetwork { config }
    }

    fn call(&self, method: Method, path: String) -> HttpCall {
        let bearer = format!("Bearer {}", self.config.key.expose());
        let headers = vec![(header::AUTHORIZATION, bearer), (header::ACCEPT, "application/json".to_owned())];
        HttpCall { method, path, headers, body: String::new() }
    }

    fn post(&self, path: &str, body: String) -> HttpCall {
        let mut call = self.call(Method::POST, path.to_owned());
        call.headers.push((header::CONTENT_TYPE, "application/json".to_owned()));
        call.body = body;
        call
    }
}

impl Connector for HostNetwork {
    fn name(&self) -> &'static str {
        NAME
    }

    fn base_url(&self) -> &str {
        &self.config.base_url
    }

    fn promises(&self) -> Promises {
        self.config.promises
    }

    /// The same request always makes the same bytes.
    fn credit(&self, request: &CreditRequest) -> HttpCall {
        self.post("/v1/credits", wire::credit_body(request))
    }

    fn parse_credit(&self, request: &CreditRequest, answer: &HttpAnswer) -> CreditOutcome {
        wire::read_credit(request, answer)
    }

    fn status(&self, request: &CreditRequest) -> HttpCall {
        self.call(Method::GET, format!("/v1/credits/{}", request.operation()))
    }

    fn parse_status(&self, request: &CreditRequest, answer: &HttpAnswer) -> StatusAnswer {
        wire::read_status(request, answer)
    }

    fn balance(&self, msisdn: &Msisdn) -> HttpCall {
        self.post("/v1/balance", wire::balance_body(msisdn))
    }

    fn parse_balance(&self, msisdn: &Msisdn, answer: &HttpAnswer) -> BalanceOutcome {
        wire::read_balance(msisdn, answer)
    }

    fn holder(&self, msisdn: &Msisdn, name: Option<&HolderName>) -> HttpCall {
        self.post("/v1/holder", wire::holder_body(msisdn, name))
    }

    fn parse_holder(&self, msisdn: &Msisdn, answer: &HttpAnswer) -> HolderOutcome {
        wire::read_holder(msisdn, answer)
    }

    fn is_well(&self, answer: &HttpAnswer) -> bool {
        wire::is_well(answer)
    }
}

#[cfg(test)]
mod tests;
