//! Printing settings without their secrets.

use gateways::Secret;
use gateways::payment::stripe::ThreeDSecure;
use serde::Serializer;

const HIDDEN: &str = "***";

/// A secret: only that there is one.
pub fn secret<S: Serializer>(_: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(HIDDEN)
}

/// A secret that may be left out.
pub fn optional_secret<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(_) => serializer.serialize_some(HIDDEN),
        None => serializer.serialize_none(),
    }
}

/// Secrets: only how many there are.
pub fn secrets<S: Serializer>(secrets: &[Secret], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(secrets.iter().map(|_| HIDDEN))
}

/// A database's URL without its password.
pub fn url<S: Serializer>(url: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match url {
        Some(text) => serializer.serialize_some(&without_password(text)),
        None => serializer.serialize_none(),
    }
}

/// The URL as it may be shown. One that we cannot take apart, or that hides a password among its
/// parameters, is not shown at all.
pub fn without_password(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut url) if !text.contains("password=") => {
            if url.password().is_some() && url.set_password(Some(HIDDEN)).is_err() {
                return HIDDEN.to_owned();
            }
            url.to_string()
        }
        _ => format!("postgres://{HIDDEN}"),
    }
}

/// The word that is written in the file.
pub fn three_d_secure<S: Serializer>(wish: &ThreeDSecure, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match wish {
        ThreeDSecure::Automatic => "automatic",
        ThreeDSecure::Any => "any",
        ThreeDSecure::Challenge => "challenge",
    })
}
