//! Who calls: `Authorization: Bearer <key>`. What a key may do is its scopes.

use super::codes::Code;
use crate::failure::Problem;
use crate::site::Site;
use axum::extract::FromRequestParts;
use domain::partner::{Caller, Scope};
use domain::time::{SECOND_MS, UnixMs};
use http::header;
use http::request::Parts;
use std::collections::HashMap;
use std::sync::Mutex;
use store::keyring::Purpose;

/// A revoked key is refused at the latest after this long.
const REMEMBERED_FOR_MS: i64 = 5 * SECOND_MS;
const REMEMBERED_MAX: usize = 10_000;

/// Callers that were looked up a moment ago, by the keyed hash of their key.
#[derive(Default)]
pub struct Callers {
    known: Mutex<HashMap<String, (Caller, UnixMs)>>,
}

impl Callers {
    fn recall(&self, hash: &str, now: UnixMs) -> Option<Caller> {
        let known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.get(hash).filter(|(_, at)| now.0 - at.0 < REMEMBERED_FOR_MS).map(|(caller, _)| caller.clone())
    }

    fn remember(&self, hash: String, caller: &Caller, now: UnixMs) {
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(hash, (caller.clone(), now));
    }
}

/// A checked caller.
pub struct Authenticated(Caller);

impl Authenticated {
    /// The caller, if its key has this scope.
    pub fn may(self, scope: Scope) -> Result<Caller, Problem> {
        if self.0.scopes.contains(&scope) {
            return Ok(self.0);
        }
        let detail = format!("this key does not have the scope {scope}, which the call needs");
        let challenge = format!(", error=\"insufficient_scope\", scope=\"{scope}\"");
        Err(Problem::saying(Code::ScopeMissing, detail).challenging(&challenge))
    }
}

impl FromRequestParts<Site> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Authenticated, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        // The scheme's name is read in any case (RFC 9110 §11.1).
        let scheme = header.and_then(|text| text.split_once(' '));
        let bearer = scheme.filter(|(name, _)| name.eq_ignore_ascii_case("bearer"));
        let key = bearer.map(|(_, key)| key.trim()).filter(|key| !key.is_empty());
        let Some(key) = key else {
            return Err(Problem::of(Code::KeyMissing).challenging(""));
        };
        let hash = site.world.keyring.hash(Purpose::ApiKey, key);
        let now = site.world.now();
        if let Some(caller) = site.callers.recall(&hash, now) {
            return Ok(Authenticated(caller));
        }
        let caller = flows::partners::authenticate(&site.world, key).await?;
        let Some(caller) = caller else {
            return Err(Problem::of(Code::KeyInvalid).challenging(", error=\"invalid_token\""));
        };
        site.callers.remember(hash, &caller, now);
        Ok(Authenticated(caller))
    }
}
