//! Who stands at a counter: the cookies of the device and of its unlocking, the guards before every page, and the
//! extractors that pages ask for.
//!
//! [`paired`] stands before all pages but pairing: it knows the device, and lets nothing that changes something through
//! unless the device has signed it. [`unlocked`] stands before what only somebody at work may open, [`owners`] before
//! what is for owners: a route is protected by where it is added in `agent/mod.rs`.

use super::signature::{Message, Said, Unfit, authority};
use super::{bare_frame, page as show};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::clerk::ClerkRole;
use domain::device::{Device, skew};
use flows::counter::devices::{Signed, admit};
use flows::counter::session::{Standing, standing, touch};
use flows::counter::{At, session};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use render::view::{CounterMessage, CounterNote};
use std::ops::Deref;

/// A proof of a bank transfer and its form; what may be less is held to less before it comes here.
const SIGNED_BYTES_MAX: usize = 6 * 1024 * 1024;
const DEVICE_COOKIE: &str = "counter_device";
const UNLOCKING_COOKIE: &str = "counter";
const PATH: &str = "/agent";
pub(super) const PAIR: &str = "/agent/pair";
pub(super) const UNLOCK: &str = "/agent/unlock";
/// Says why a request was not taken, to the script of the page.
const REFUSED: &str = "recarga-refused";
/// What time it is here, in milliseconds.
pub(super) const TIME: &str = "recarga-time";
/// What is done once by the key in its signed body needs no nonce: sent again, it is told what came of it. So a sale is
/// one commit.
const DONE_ONCE: [&str; 1] = ["/agent/sale/sell"];
/// Marks what a page asks by itself: that does not keep a device unlocked.
const BACKGROUND: &str = "recarga-background";

/// A paired device, at which perhaps nobody works.
#[derive(Debug, Clone)]
pub struct AtDevice(pub Device);

/// Somebody at work at a device: `at.device`, `at.clerk`, `at.place()`, `at.training()`. Their language is the reader's:
/// unlocking sets it.
#[derive(Debug, Clone)]
pub struct AtCounter(pub At);

impl Deref for AtCounter {
    type Target = At;
    fn deref(&self) -> &At {
        &self.0
    }
}

/// An owner at work.
#[derive(Debug, Clone)]
pub struct Owner(pub AtCounter);

impl Deref for Owner {
    type Target = AtCounter;
    fn deref(&self) -> &AtCounter {
        &self.0
    }
}

impl FromRequestParts<Site> for AtDevice {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<AtDevice, Response> {
        let found = parts.extensions.get::<Device>().cloned();
        found.map(AtDevice).ok_or_else(|| Redirect::to(PAIR).into_response())
    }
}

impl FromRequestParts<Site> for AtCounter {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<AtCounter, Response> {
        let found = parts.extensions.get::<At>().cloned();
        found.map(AtCounter).ok_or_else(|| Redirect::to(UNLOCK).into_response())
    }
}

impl FromRequestParts<Site> for Owner {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Owner, Response> {
        let at = AtCounter::from_request_parts(parts, site).await?;
        if at.clerk.role == ClerkRole::Owner {
            Ok(Owner(at))
        } else {
            Err(StatusCode::FORBIDDEN.into_response())
        }
    }
}

/// Lets a paired device through; what changes something only with its signature.
pub async fn paired(State(site): State<Site>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let jar = CookieJar::from_headers(&parts.headers);
    let secret = |name: &str| jar.get(name).map(|cookie| cookie.value().to_owned());
    let (device, unlocking) = (secret(DEVICE_COOKIE), secret(UNLOCKING_COOKIE));
    let found = match standing(&site.world, device.as_deref(), unlocking.as_deref()).await {
        Ok(found) => found,
        Err(error) => return Failure::from(error).into_response(),
    };
    let reader = Reader::of(&parts, &site);
    let (device, at) = match found {
        Standing::Unpaired => return Redirect::to(PAIR).into_response(),
        Standing::Revoked(_) => return told(&site, &reader, StatusCode::FORBIDDEN, CounterNote::Revoked),
        Standing::Locked { device, lapsed } => {
            parts.extensions.insert(Lapsed(lapsed));
            (*device, None)
        }
        Standing::Open(at) => (at.device.clone(), Some(*at)),
    };
    let body = match (parts.method.is_safe(), &at) {
        (true, Some(at)) if !is_background(&parts.headers) => match touch(&site.world, at).await {
            Ok(()) => body,
            Err(error) => return Failure::from(error).into_response(),
        },
        (true, _) => body,
        (false, _) => match signed(&site, &reader, &parts, body, &device, at.as_ref()).await {
            Ok(bytes) => Body::from(bytes),
            Err(refused) => return *refused,
        },
    };
    parts.extensions.insert(device);
    if let Some(at) = at {
        parts.extensions.insert(at);
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Did the page ask by itself? What htmx fetches is told apart from what people do, who are told of by `/agent/here`.
fn is_background(headers: &HeaderMap) -> bool {
    headers.contains_key(BACKGROUND) || headers.contains_key("hx-request")
}

/// Nobody is at the device: because nobody did anything for too long?
#[derive(Debug, Clone, Copy)]
struct Lapsed(bool);

/// Checks the signature of a request that changes something, and gives its body.
async fn signed(
    site: &Site,
    reader: &Reader,
    parts: &Parts,
    body: Body,
    device: &Device,
    at: Option<&At>,
) -> Result<Bytes, Box<Response>> {
    let bytes = axum::body::to_bytes(body, SIGNED_BYTES_MAX).await;
    let bytes = bytes.map_err(|_| Box::new(StatusCode::PAYLOAD_TOO_LARGE.into_response()))?;
    let refuse = |note| Box::new(told(site, reader, StatusCode::UNAUTHORIZED, note));
    let said = verified(site, parts, &bytes, &device.public_key).map_err(refuse)?;
    if said.key != device.id.as_str() {
        return Err(refuse(CounterNote::Signature));
    }
    let signed = Some(Signed { nonce: said.nonce, created: said.created });
    let signed = signed.filter(|_| at.is_none() || !DONE_ONCE.contains(&parts.uri.path()));
    match admit(&site.world, device, signed, at.map(|at| &at.session)).await {
        Ok(true) => Ok(bytes),
        Ok(false) => Err(refuse(CounterNote::Replayed)),
        Err(error) => Err(Box::new(Failure::from(error).into_response())),
    }
}

/// What a request says of itself, if this key has signed it and its time is ours.
pub(super) fn verified(
    site: &Site,
    parts: &Parts,
    body: &[u8],
    public_key: &str,
) -> Result<Said, CounterNote> {
    let said = Said::read(&parts.headers).map_err(|unfit| match unfit {
        Unfit::Missing => CounterNote::Unsigned,
        Unfit::Unreadable | Unfit::Digest | Unfit::Wrong => CounterNote::Signature,
    })?;
    let message = Message {
        method: parts.method.as_str(),
        authorities: authorities(site, parts),
        path: parts.uri.path(),
        query: parts.uri.query(),
        headers: &parts.headers,
        body,
    };
    if said.verify(&message, public_key).is_err() {
        return Err(CounterNote::Signature);
    }
    match skew(said.created, site.world.now()) {
        Some(_) => Err(CounterNote::Clock),
        None => Ok(said),
    }
}

/// The names under which this request may have called us.
fn authorities(site: &Site, parts: &Parts) -> Vec<String> {
    let named = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(authority);
    let outside = site.world.settings.public_url.split_once("://").map(|(_, rest)| authority(rest));
    let own = parts.uri.authority().map(|own| authority(own.as_str()));
    let forwarded = named("x-forwarded-host").filter(|_| site.config.trusted_proxies);
    [own, named("host"), forwarded, outside].into_iter().flatten().collect()
}

/// A page that says why nothing was done, for people and for the script.
pub(super) fn told(site: &Site, reader: &Reader, status: StatusCode, note: CounterNote) -> Response {
    let view = CounterMessage { counter: bare_frame(), note };
    let mut response = (status, show(site, reader, &view)).into_response();
    response.headers_mut().insert(REFUSED, HeaderValue::from_static(note.as_str()));
    response
}

/// Lets through who is at work; everybody else is led to the unlocking and back.
pub async fn unlocked(request: Request, next: Next) -> Response {
    if request.extensions().get::<At>().is_some() {
        return next.run(request).await;
    }
    let lapsed = request.extensions().get::<Lapsed>().is_some_and(|lapsed| lapsed.0);
    let safe = request.method().is_safe();
    let own = request.uri().path_and_query().map_or(PATH, |own| own.as_str());
    let mut pairs = vec![("next", if safe { own } else { PATH })];
    if lapsed {
        pairs.push(("lapsed", "1"));
    }
    if !safe {
        pairs.push(("undone", "1"));
    }
    let leads = format!("{UNLOCK}?{}", serde_urlencoded::to_string(pairs).unwrap_or_default());
    if request.headers().contains_key("hx-request") {
        return (StatusCode::UNAUTHORIZED, [("hx-redirect", leads)]).into_response();
    }
    Redirect::to(&leads).into_response()
}

/// Lets owners through; everybody else is told in words.
pub async fn owners(
    State(site): State<Site>,
    at: AtCounter,
    reader: Reader,
    request: Request,
    next: Next,
) -> Response {
    if at.clerk.role == ClerkRole::Owner {
        return next.run(request).await;
    }
    let view = CounterMessage { counter: super::frame(&at), note: CounterNote::OwnersOnly };
    (StatusCode::FORBIDDEN, show(&site, &reader, &view)).into_response()
}

/// Real sales and their reports are no place to learn: who is in training sees, prints and changes none of them.
pub async fn at_real_work(
    State(site): State<Site>,
    at: AtCounter,
    reader: Reader,
    request: Request,
    next: Next,
) -> Response {
    if !at.training() {
        return next.run(request).await;
    }
    let view = CounterMessage { counter: super::frame(&at), note: CounterNote::InTraining };
    (StatusCode::FORBIDDEN, show(&site, &reader, &view)).into_response()
}

/// Tells the time with every answer, and asks robots to stay away.
pub async fn timed(State(site): State<Site>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(TIME, HeaderValue::from(site.world.now().0));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Where to go after unlocking: a page of the counter.
pub(super) fn landing(next: Option<&str>) -> String {
    let fits = |next: &&str| {
        (*next == PATH || next.starts_with("/agent/") || next.starts_with("/agent?"))
            && !next.contains(['\\', '\r', '\n'])
            && next.len() <= 500
            && !["/agent/unlock", "/agent/pair", "/agent/override", "/agent/first-pin"]
                .iter()
                .any(|door| next.starts_with(door))
    };
    next.filter(fits).unwrap_or(PATH).to_owned()
}

fn cookie(site: &Site, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path(PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(site.is_secure())
        .build()
}

/// Gives the browser of a device its secret, for as long as browsers keep one; the server decides how long it serves.
pub(super) fn remember(site: &Site, jar: CookieJar, secret: String) -> CookieJar {
    let mut cookie = cookie(site, DEVICE_COOKIE, secret);
    cookie.make_permanent();
    jar.add(cookie)
}

/// Gives the browser the secret of an unlocking, and the language of whoever unlocked.
pub(super) fn open(site: &Site, jar: CookieJar, opened: &session::Opened) -> CookieJar {
    let language = Cookie::build((crate::site::LANGUAGE_COOKIE, opened.clerk.locale.as_str()))
        .path("/")
        .same_site(SameSite::Lax)
        .secure(site.is_secure())
        .build();
    jar.add(cookie(site, UNLOCKING_COOKIE, opened.secret.clone())).add(language)
}

pub(super) fn close(jar: CookieJar) -> CookieJar {
    jar.remove(Cookie::build(UNLOCKING_COOKIE).path(PATH).build())
}

/// What the device says it is, in words.
pub(super) fn words(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    domain::account::device_words(agent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_counter_are_landed_on() {
        assert_eq!(landing(Some("/agent/journal?q=3456")), "/agent/journal?q=3456");
        for bad in
            ["/", "/me", "//agent/", "https://x.example/agent", "/agent/unlock?next=/agent", "/agent\\x"]
        {
            assert_eq!(landing(Some(bad)), "/agent", "{bad}");
        }
    }
}
