//! Signing PayPal's webhooks: the message, the key and its certificate, and `verify-webhook-signature`
//! (developer.paypal.com/api/rest/webhooks/rest: `transmissionId|timeStamp|webhookId|crc32`, SHA256withRSA).
//! Start reading at [`headers`]. The certificate is self-made and served by the simulator.

use std::sync::{Arc, OnceLock, PoisonError};

use anyhow::Context;
use aws_lc_rs::digest;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{StatusCode, header};
use rcgen::{
    CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize, SerialNumber, SigningKey,
    date_time_ymd,
};
use rusqlite::{OptionalExtension, params};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::refusal::{Issue, Refusal};
use super::stamp;
use crate::books::Books;
use crate::ids;
use crate::stripe::errors::ApiError;
use crate::webhooks::Disguise;
use crate::world::Shared;

const ALGORITHM: &str = "SHA256withRSA";

/// The true key, and the forger's.
pub struct Signer {
    own: Identity,
    forger: OnceLock<Option<Identity>>,
}

/// A key and the certificate that shows it.
struct Identity {
    key: KeyPair,
    certificate: String,
    name: String,
}

impl Identity {
    fn fresh() -> anyhow::Result<Self> {
        Self::of(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?)
    }

    /// The certificate follows from the key: it is the same after a restart.
    fn of(key: KeyPair) -> anyhow::Result<Self> {
        let mut params =
            CertificateParams::new(vec!["messageverificationcerts.simulator.example".to_owned()])?;
        params
            .distinguished_name
            .push(DnType::CommonName, "Simulator webhook verification: no real money moves");
        params.serial_number = Some(SerialNumber::from(1_u64));
        params.not_before = date_time_ymd(2024, 1, 1);
        params.not_after = date_time_ymd(2054, 1, 1);
        let made = params.self_signed(&key)?;
        let print = hex::encode(digest::digest(&digest::SHA256, made.der()));
        let name = format!("CERT-{}-{}-{}", &print[..8], &print[8..16], &print[16..24]);
        Ok(Identity { certificate: made.pem(), name, key })
    }

    fn sign(&self, message: &str) -> anyhow::Result<String> {
        Ok(STANDARD.encode(self.key.sign(message.as_bytes())?))
    }

    fn signed(&self, message: &str, signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.key.der_bytes());
        key.verify(message.as_bytes(), &signature).is_ok()
    }
}

/// The signer; its key is made at the first need and kept in the books.
pub fn signer(world: &Shared) -> anyhow::Result<Arc<Signer>> {
    if let Some(signer) = world.signer.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        return Ok(signer.clone());
    }
    world.write_quietly(|books| signer_in(world, books)).map_err(|error| anyhow::anyhow!(error.message))
}

/// As [`signer`], for work that has the books open.
fn signer_in(world: &Shared, books: &Books<'_>) -> Result<Arc<Signer>, ApiError> {
    let mut kept = world.signer.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(signer) = kept.as_ref() {
        return Ok(signer.clone());
    }
    let trouble = |error: anyhow::Error| ApiError::internal(&format!("the signing key: {error}"));
    let own = match stored_key(books)? {
        Some(pem) => restored(&pem).map_err(trouble)?,
        None => {
            let fresh = Identity::fresh().map_err(trouble)?;
            books.execute(
                "insert or replace into signing_key (name, pem) values ('paypal', ?1)",
                params![fresh.key.serialize_pem()],
            )?;
            fresh
        }
    };
    let signer = Arc::new(Signer { own, forger: OnceLock::new() });
    *kept = Some(signer.clone());
    Ok(signer)
}

fn restored(pem: &str) -> anyhow::Result<Identity> {
    Identity::of(KeyPair::from_pem_and_sign_algo(pem, &PKCS_RSA_SHA256)?)
}

fn stored_key(books: &Books<'_>) -> Result<Option<String>, ApiError> {
    let found = books
        .query_row("select pem from signing_key where name = 'paypal'", [], |row| row.get(0))
        .optional()?;
    Ok(found)
}

impl Signer {
    fn forger(&self) -> anyhow::Result<&Identity> {
        self.forger.get_or_init(|| Identity::fresh().ok()).as_ref().context("the forger has no key")
    }

    fn certificate_url(&self, base_url: &str) -> String {
        format!("{base_url}/v1/notifications/certs/{}", self.own.name)
    }
}

fn message(id: &str, time: &str, webhook_id: &str, body: &[u8]) -> String {
    format!("{id}|{time}|{webhook_id}|{}", crc32fast::hash(body))
}

/// The headers of one transmission. A forger either reuses the signature of the true body, or signs with a key of
/// its own and names its own certificate, at another origin than PayPal's.
pub fn headers(
    world: &Shared,
    disguise: Disguise,
    body: &str,
    true_body: &str,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let webhook = world.webhook_settings(|settings| settings.paypal.clone());
    let webhook_id = webhook.map(|webhook| webhook.webhook_id).unwrap_or_default();
    let signer = signer(world)?;
    let id = ids::uuid();
    let time = stamp(crate::clock::now_ms());
    let certificate_url = signer.certificate_url(&world.base_url);
    let (identity, signed, certificate_url) = match disguise {
        Disguise::True => (&signer.own, body, certificate_url),
        Disguise::AlteredBody => (&signer.own, true_body, certificate_url),
        Disguise::WrongSecret => {
            let forger = signer.forger()?;
            (forger, body, format!("{}/elsewhere/certs/{}", foreign_origin(world), forger.name))
        }
    };
    let signature = identity.sign(&message(&id, &time, &webhook_id, signed.as_bytes()))?;
    Ok(vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "PayPal/simulator (no real money moves)".to_owned()),
        ("paypal-transmission-id", id),
        ("paypal-transmission-time", time),
        ("paypal-transmission-sig", signature),
        ("paypal-cert-url", certificate_url),
        ("paypal-auth-algo", ALGORITHM.to_owned()),
        ("paypal-auth-version", "v2".to_owned()),
    ])
}

/// Another name for this machine than the one the API goes by.
fn foreign_origin(world: &Shared) -> String {
    let name = if world.base_url.contains("//localhost") { "127.0.0.1" } else { "localhost" };
    format!("http://{name}:{}", world.http_port)
}

/// `GET /v1/notifications/certs/{name}`
pub async fn certificate(State(world): State<Shared>, Path(name): Path<String>) -> Response {
    shown(signer(&world).map(|signer| (signer.own.name == name).then(|| signer.own.certificate.clone())))
}

/// `GET /elsewhere/certs/{name}`: the forger's, which no careful receiver asks for.
pub async fn forged_certificate(State(world): State<Shared>, Path(name): Path<String>) -> Response {
    shown(signer(&world).and_then(|signer| {
        let forger = signer.forger()?;
        Ok((forger.name == name).then(|| forger.certificate.clone()))
    }))
}

fn shown(certificate: anyhow::Result<Option<String>>) -> Response {
    match certificate {
        Ok(Some(pem)) => ([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The body of `verify-webhook-signature`; the event keeps its bytes, because they were signed.
#[derive(Deserialize)]
struct Asked<'a> {
    auth_algo: String,
    cert_url: String,
    transmission_id: String,
    transmission_sig: String,
    transmission_time: String,
    webhook_id: String,
    #[serde(borrow)]
    webhook_event: &'a RawValue,
}

/// `POST /v1/notifications/verify-webhook-signature`
pub fn verify(world: &Shared, books: &Books<'_>, body: &[u8]) -> Result<Value, Refusal> {
    let signer = signer_in(world, books)?;
    let webhook = world.webhook_settings(|settings| settings.paypal.clone());
    serde_json::from_slice::<Value>(body).map_err(|_| Refusal::because(Issue::MALFORMED_REQUEST_JSON))?;
    let asked: Asked<'_> = serde_json::from_slice(body)
        .map_err(|error| Refusal::about(Issue::MISSING_REQUIRED_PARAMETER, "", &error.to_string()))?;
    let message = message(
        &asked.transmission_id,
        &asked.transmission_time,
        &asked.webhook_id,
        asked.webhook_event.get().as_bytes(),
    );
    let holds = asked.auth_algo == ALGORITHM
        && asked.cert_url == signer.certificate_url(&world.base_url)
        && webhook.is_some_and(|webhook| webhook.webhook_id == asked.webhook_id)
        && signer.own.signed(&message, &asked.transmission_sig);
    Ok(json!({ "verification_status": if holds { "SUCCESS" } else { "FAILURE" } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_message_carries_the_checksum_in_decimal() {
        // The check value of CRC-32 for "123456789" is 0xCBF43926.
        assert_eq!(message("id", "time", "WEBHOOK", b"123456789"), "id|time|WEBHOOK|3421780262");
    }

    #[test]
    fn a_key_makes_the_same_certificate_again() {
        let first = Identity::fresh().unwrap();
        let again = KeyPair::from_pem_and_sign_algo(&first.key.serialize_pem(), &PKCS_RSA_SHA256).unwrap();
        let again = Identity::of(again).unwrap();
        assert_eq!((&first.name, &first.certificate), (&again.name, &again.certificate));
        assert!(again.signed("text", &first.sign("text").unwrap()));
        assert!(!again.signed("texts", &first.sign("text").unwrap()));
    }
}
