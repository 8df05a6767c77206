//! Who is signed in: the cookie with the session's secret, and the extractors that pages ask for.
//!
//! [`SignedIn`] leads whoever is not to the sign-in page and back; [`MaybeSignedIn`] only looks. The cookie holds 256
//! random bits and nothing else; the session itself is in the database, so that ending it works at once.

use crate::failure::Failure;
use crate::site::Site;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::id::{SessionId, SubscriberId};
use domain::locale::Locale;
use domain::time::UnixMs;
use http::Method;
use http::request::Parts;
use time::Duration;

/// The cookie with the secret.
pub const SESSION_COOKIE: &str = "session";

/// A reader who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub subscriber: SubscriberId,
    pub session: SessionId,
    /// When a security code was last right in this session.
    pub proved_at: UnixMs,
    /// The language that the account prefers.
    pub locale: Locale,
}

/// A reader who may be signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaybeSignedIn(pub Option<SignedIn>);

async fn look(parts: &Parts, site: &Site) -> Result<Option<SignedIn>, flows::Error> {
    of_jar(site, &CookieJar::from_headers(&parts.headers)).await
}

/// Who is signed in with this browser.
pub async fn of_jar(site: &Site, jar: &CookieJar) -> Result<Option<SignedIn>, flows::Error> {
    let Some(cookie) = jar.get(SESSION_COOKIE) else { return Ok(None) };
    let found = flows::account::session::find(&site.world, cookie.value()).await?;
    Ok(found.map(|(session, locale)| SignedIn {
        subscriber: session.subscriber,
        session: session.id,
        proved_at: session.proved_at,
        locale,
    }))
}

impl FromRequestParts<Site> for MaybeSignedIn {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<MaybeSignedIn, Response> {
        match look(parts, site).await {
            Ok(found) => Ok(MaybeSignedIn(found)),
            Err(error) => Err(Failure::from(error).into_response()),
        }
    }
}

impl FromRequestParts<Site> for SignedIn {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<SignedIn, Response> {
        let MaybeSignedIn(found) = MaybeSignedIn::from_request_parts(parts, site).await?;
        found.ok_or_else(|| {
            let jar = CookieJar::from_headers(&parts.headers);
            (close(jar), Redirect::to(&sign_in_url(parts))).into_response()
        })
    }
}

/// The sign-in page that leads back here. What a form was about to do is not done by coming back.
fn sign_in_url(parts: &Parts) -> String {
    let own = parts.uri.path_and_query().map_or("/me", |own| own.as_str());
    let next = if parts.method == Method::GET { own } else { "/account" };
    format!("/sign-in?{}", serde_urlencoded::to_string([("next", next)]).unwrap_or_default())
}

/// Where to go after signing in: a page of ours, or the personal centre.
pub fn landing(next: Option<&str>) -> String {
    let fits = |next: &&str| {
        next.starts_with('/')
            && !next.starts_with("//")
            // A browser drops tabs and line ends before it reads an address, and reads `\` as `/`.
            && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
            && next.len() <= 500
            && !next.starts_with("/sign-")
    };
    next.filter(fits).unwrap_or("/me").to_owned()
}

/// Gives the browser its secret. How long it serves is decided here, not by the browser.
pub fn open(site: &Site, jar: CookieJar, secret: String) -> CookieJar {
    jar.add(lasting(site, SESSION_COOKIE, secret))
}

/// Takes the secret away.
pub fn close(jar: CookieJar) -> CookieJar {
    jar.remove(Cookie::build(SESSION_COOKIE).path("/").build())
}

/// A cookie of accounts that stays for about a year.
pub fn lasting(site: &Site, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site.is_secure())
        .max_age(Duration::days(365))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_ours_are_landed_on() {
        assert_eq!(landing(Some("/me/history?month=1")), "/me/history?month=1");
        let elsewhere =
            ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere", "/\t/elsewhere.example"];
        for bad in
            elsewhere.into_iter().chain(["/\n/elsewhere.example", "/ /elsewhere", "me", "", "/sign-in"])
        {
            assert_eq!(landing(Some(bad)), "/me", "{bad}");
        }
        assert_eq!(landing(None), "/me");
    }
}
