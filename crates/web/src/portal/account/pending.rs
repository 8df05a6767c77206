//! What the browser keeps, sealed, while it waits for a code, while it registers, and about accounts that signed in
//! here before.

use crate::site::Site;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::id::{RegistrationId, SecurityCodeId, SubscriberId};
use domain::notice::NoticeChannel;
use domain::security_code::CodePurpose;
use domain::time::UnixMs;
use flows::account::code::{Held, Sent};
use serde::{Deserialize, Serialize};
use store::keyring::Purpose;
use time::Duration;

const CODE: &str = "code";
const REGISTRATION: &str = "registration";
const KNOWN: &str = "known";
/// A browser remembers so many accounts.
const KNOWN_MAX: usize = 5;

/// A code that the browser waits for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    id: String,
    binding: String,
    pub purpose: CodePurpose,
    pub channel: NoticeChannel,
    pub shown: String,
    pub resend_at: UnixMs,
    pub expires_at: UnixMs,
    /// Where to go when it was right.
    pub next: String,
    /// What was typed, to be corrected.
    pub typed: String,
    /// The registration that it is about.
    registration: Option<String>,
}

impl Pending {
    pub fn new(sent: Sent, next: &str, typed: &str) -> Pending {
        Pending {
            id: sent.held.id.to_string(),
            binding: sent.held.binding,
            purpose: sent.held.purpose,
            channel: sent.channel,
            shown: sent.shown,
            resend_at: sent.resend_at,
            expires_at: sent.expires_at,
            next: next.to_owned(),
            typed: typed.to_owned(),
            registration: None,
        }
    }

    pub fn registering(self, id: &RegistrationId) -> Pending {
        Pending { registration: Some(id.to_string()), ..self }
    }

    /// Another code took its place.
    pub fn replaced(self, sent: Sent) -> Pending {
        let Pending { next, typed, registration, .. } = self;
        Pending { registration, ..Pending::new(sent, &next, &typed) }
    }

    pub fn held(&self) -> Held {
        Held {
            id: SecurityCodeId::stored(self.id.as_str()),
            binding: self.binding.clone(),
            purpose: self.purpose,
        }
    }

    pub fn registration(&self) -> Option<RegistrationId> {
        self.registration.as_deref().map(RegistrationId::stored)
    }

    /// The code that this browser waits for.
    pub fn of(site: &Site, jar: &CookieJar) -> Option<Pending> {
        serde_json::from_str(&opened(site, jar, CODE)?).ok()
    }

    pub fn keep(&self, site: &Site, jar: CookieJar) -> Result<CookieJar, flows::Error> {
        let text = serde_json::to_string(self).map_err(anyhow::Error::from)?;
        sealed(site, jar, CODE, &text, Duration::hours(1))
    }

    pub fn drop(jar: CookieJar) -> CookieJar {
        removed(jar, CODE)
    }
}

/// The registration that this browser goes on with: its address is proved.
pub fn registration(site: &Site, jar: &CookieJar) -> Option<RegistrationId> {
    RegistrationId::parse(&opened(site, jar, REGISTRATION)?).ok()
}

pub fn keep_registration(
    site: &Site,
    jar: CookieJar,
    id: &RegistrationId,
) -> Result<CookieJar, flows::Error> {
    sealed(site, jar, REGISTRATION, id.as_str(), Duration::days(1))
}

pub fn drop_registration(jar: CookieJar) -> CookieJar {
    removed(jar, REGISTRATION)
}

/// The accounts that signed in with this browser before.
pub fn known(site: &Site, jar: &CookieJar) -> Vec<String> {
    let text = opened(site, jar, KNOWN).unwrap_or_default();
    text.split(' ').filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

/// Remembers one more of them.
pub fn keep_known(site: &Site, jar: CookieJar, id: &SubscriberId) -> Result<CookieJar, flows::Error> {
    let mut ids = known(site, &jar);
    ids.retain(|known| known != id.as_str());
    ids.insert(0, id.to_string());
    ids.truncate(KNOWN_MAX);
    sealed(site, jar, KNOWN, &ids.join(" "), Duration::days(365))
}

fn opened(site: &Site, jar: &CookieJar, name: &str) -> Option<String> {
    let text = site.world.keyring.open_sealed(Purpose::Session, jar.get(name)?.value()).ok()?;
    // One cookie cannot stand in for another.
    text.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned)
}

fn sealed(
    site: &Site,
    jar: CookieJar,
    name: &'static str,
    text: &str,
    lasts: Duration,
) -> Result<CookieJar, flows::Error> {
    let value = site.world.keyring.seal(Purpose::Session, &format!("{name} {text}"))?;
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site.is_secure())
        .max_age(lasts)
        .build();
    Ok(jar.add(cookie))
}

fn removed(jar: CookieJar, name: &'static str) -> CookieJar {
    jar.remove(Cookie::build(name).path("/").build())
}
