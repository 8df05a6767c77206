//! The access token: OAuth 2.0 client credentials (RFC 6749 section 4.4) at PayPal's `/v1/oauth2/token`.
//!
//! Source: developer.paypal.com/api/rest/authentication.

use super::config::PayPalConfig;
use super::wire::alarm;
use crate::payment::{AccessToken, HttpAnswer, HttpCall, SignIn};
use crate::secret::Secret;
use ::http::{Method, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::time::Duration;

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    token_type: String,
    /// Seconds.
    expires_in: u64,
}

impl SignIn for PayPalConfig {
    fn request(&self) -> HttpCall {
        let pair = format!("{}:{}", self.client_id, self.client_secret.expose());
        HttpCall {
            method: Method::POST,
            path: "/v1/oauth2/token".to_owned(),
            headers: vec![
                (header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair))),
                (header::CONTENT_TYPE, "application/x-www-form-urlencoded".to_owned()),
            ],
            body: "grant_type=client_credentials".to_owned(),
        }
    }

    fn read(&self, answer: &HttpAnswer) -> Result<AccessToken, String> {
        match answer.status {
            200..=299 => {
                let granted: Granted = serde_json::from_slice(&answer.body)
                    .map_err(|_| alarm("a token answer that we cannot read".to_owned()))?;
                if !granted.token_type.eq_ignore_ascii_case("bearer") {
                    return Err(alarm("a token of a kind that we do not know".to_owned()));
                }
                let lives = Duration::from_secs(granted.expires_in);
                Ok(AccessToken { token: Secret::new(granted.access_token), lives })
            }
            status @ (400 | 401 | 403) => {
                tracing::error!(
                    provider = super::NAME,
                    status,
                    "the provider does not accept our client id and secret"
                );
                Err(format!("our client id and secret were not accepted (status {status})"))
            }
            status => Err(format!("status {status}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use serde_json::json;

    fn config() -> PayPalConfig {
        let hosts = vec!["127.0.0.1".to_owned()];
        PayPalConfig::new("http://127.0.0.1:1", "client", Secret::new("secret"), "WH", hosts).unwrap()
    }

    fn read(status: u16, body: &str) -> Result<AccessToken, String> {
        config().read(&HttpAnswer { status, body: Bytes::from(body.to_owned()) })
    }

    #[test]
    fn a_token_is_asked_for_with_the_client_credentials() {
        let call = config().request();
        assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/v1/oauth2/token"));
        // `printf client:secret | base64`
        assert_eq!(call.header("authorization"), Some("Basic Y2xpZW50OnNlY3JldA=="));
        assert_eq!(call.body, "grant_type=client_credentials");
    }

    #[test]
    fn a_token_comes_with_its_life_and_anything_else_is_no_token() {
        let granted = json!({"scope": "https://uri.paypal.com/services/payments/payment", "token_type": "Bearer",
            "access_token": "A21AAFEpH4PsADK7qSS7pSRsgz", "app_id": "APP-80W284485P519543T",
            "expires_in": 31668, "nonce": "2020-04-03T15:35:36ZaYZlGvEkV4yVSz8g6bAKFoGSEzuy3CQcz3ljhibkOHg"});
        let got = read(200, &granted.to_string()).unwrap();
        assert_eq!((got.token.expose(), got.lives.as_secs()), ("A21AAFEpH4PsADK7qSS7pSRsgz", 31668));
        for (status, body) in [
            (200, "{}"),
            (200, "<html>"),
            (200, r#"{"access_token":"x","token_type":"mac","expires_in":1}"#),
            (200, r#"{"access_token":"x","token_type":"Bearer","expires_in":-1}"#),
            (401, r#"{"error":"invalid_client"}"#),
            (429, ""),
            (503, ""),
        ] {
            assert!(read(status, body).is_err(), "{status} {body}");
        }
    }
}
