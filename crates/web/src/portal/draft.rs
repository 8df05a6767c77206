//! What was typed into a form that could not be accepted: kept for a moment, sealed in a cookie, so that the form is
//! as it was when its reader switches the language. It never stands in an address.

use crate::site::{Reader, Site, asked_language};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use store::keyring::Purpose;
use time::Duration;

const NAME: &str = "draft";
const LASTS: Duration = Duration::minutes(10);

/// What was typed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Draft {
    #[serde(default)]
    pub msisdn: String,
    #[serde(default)]
    pub country: String,
    #[serde(default)]
    pub email: String,
}

impl Draft {
    /// Keeps it in the browser.
    pub fn keep(&self, site: &Site, jar: CookieJar) -> Result<CookieJar, flows::Error> {
        let text = serde_json::to_string(self).map_err(anyhow::Error::from)?;
        let sealed = site.world.keyring.seal(Purpose::Cart, &text)?;
        let cookie = Cookie::build((NAME, sealed))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(site.is_secure())
            .max_age(LASTS)
            .build();
        Ok(jar.add(cookie))
    }

    /// What was kept, for a reader who has just switched the language; else nothing.
    pub fn of(site: &Site, reader: &Reader, jar: &CookieJar) -> Draft {
        let (_, query) = reader.path_and_query.split_once('?').unwrap_or_default();
        let switched = asked_language(query).is_some();
        let kept = jar.get(NAME).filter(|_| switched);
        let text = kept.and_then(|c| site.world.keyring.open_sealed(Purpose::Cart, c.value()).ok());
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }
}
