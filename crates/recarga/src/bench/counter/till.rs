//! What a till sends: a sale for cash, signed by its device (RFC 9421) as `agent.js` signs it.

use super::super::load::Target;
use crate::clock::{SystemClock, SystemIds};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::EcdsaKeyPair;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::id::Ids as _;
use domain::time::Clock as _;
use std::net::SocketAddr;
use std::sync::Arc;

const PATH: &str = "/agent/sale/sell";
const OFFER: &str = "gb-credit-10";

/// A paired device at which somebody works.
pub struct Till {
    /// Its id, as which it signs.
    pub device: String,
    pub key: EcdsaKeyPair,
    /// The cookies of the device and of its unlocking.
    pub cookies: String,
}

impl Till {
    /// The next sale to a number.
    fn request(&self, address: SocketAddr, ids: &SystemIds, number: &str) -> String {
        let key = ids.next(SystemClock.now());
        let msisdn = number.trim_start_matches('+');
        let body =
            format!("key={key}&msisdn={msisdn}&offer={OFFER}&expected_total=1000&expected_bonus=0&given=10");
        let sum = format!("sha-256=:{}:", STANDARD.encode(digest(&SHA256, body.as_bytes())));
        let parameters = format!(
            "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\");created={};keyid=\"{}\";\
             nonce=\"{}\";alg=\"ecdsa-p256-sha256\"",
            SystemClock.now().0 / 1_000,
            self.device,
            ids.next(SystemClock.now())
        );
        let base = format!(
            "\"@method\": POST\n\"@authority\": {address}\n\"@path\": {PATH}\n\"@query\": ?\n\
             \"content-digest\": {sum}\n\"@signature-params\": {parameters}"
        );
        let signed = self.key.sign(&SystemRandom::new(), base.as_bytes());
        let signature = signed.map(|signed| STANDARD.encode(signed)).unwrap_or_default();
        format!(
            "POST {PATH} HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\nContent-Digest: {sum}\r\n\
             Signature-Input: sig={parameters}\r\nSignature: sig=:{signature}:\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.cookies,
            body.len()
        )
    }
}

/// The counter's sales of these tills, one after the other, each to another number. A float that does not suffice is an
/// answer like any other.
pub fn target(address: SocketAddr, tills: &Arc<Vec<Till>>, numbers: Arc<Vec<String>>) -> Arc<Target> {
    let (tills, ids) = (tills.clone(), SystemIds::default());
    let request = move |n: usize| tills[n % tills.len()].request(address, &ids, &numbers[n % numbers.len()]);
    Target::of(address, 303, Some("float_insufficient"), request)
}
