//! Pairing: a browser made a key, signs with it that it has it, and brings a one-time code. A device that lost its
//! cookie, or never heard the answer, is known again by its key.

use super::session::{remember, told, verified, words};
use super::{bare_frame, page as show};
use crate::BODY_BYTES_MAX;
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::CookieJar;
use domain::device::public_key;
use flows::counter::devices::{self, Pair, Paired};
use http::{HeaderValue, StatusCode};
use render::view::{CounterNote, CounterPair, CounterProblem};
use serde::Deserialize;

/// Tells the script under which name the device signs from now on.
const DEVICE: &str = "recarga-device";

pub async fn page(State(site): State<Site>, reader: Reader) -> Response {
    show(&site, &reader, &CounterPair { counter: bare_frame(), problem: None })
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    code: String,
    /// The public half of the key, which also proves itself: the request is signed with it.
    #[serde(default)]
    public_key: String,
}

/// Reads a form that was signed with the key that it brings.
async fn proved(site: &Site, request: Request) -> Result<Typed, Response> {
    let (parts, body) = request.into_parts();
    let reader = Reader::of(&parts, site);
    let refuse = |note| told(site, &reader, StatusCode::UNAUTHORIZED, note);
    let bytes = axum::body::to_bytes(body, BODY_BYTES_MAX).await;
    let bytes = bytes.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
    let typed: Typed = serde_urlencoded::from_bytes(&bytes).map_err(|_| refuse(CounterNote::Unsigned))?;
    let Some(key) = public_key(&typed.public_key) else { return Err(refuse(CounterNote::Unsigned)) };
    verified(site, &parts, &bytes, &key).map_err(refuse)?;
    Ok(typed)
}

/// The device gets its cookie, and its name for signatures.
fn welcome(site: &Site, jar: CookieJar, paired: Paired) -> Response {
    let mut response = (remember(site, jar, paired.secret), StatusCode::NO_CONTENT).into_response();
    if let Ok(id) = HeaderValue::from_str(paired.device.id.as_str()) {
        response.headers_mut().insert(DEVICE, id);
    }
    response
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    request: Request,
) -> Result<Response, Failure> {
    let words = words(request.headers());
    let typed = match proved(&site, request).await {
        Ok(typed) => typed,
        Err(refused) => return Ok(refused),
    };
    let done = devices::pair(&site.world, &typed.code, &typed.public_key, &words, &reader.address).await?;
    let problem = match done {
        Pair::Done(paired) => return Ok(welcome(&site, jar, *paired)),
        Pair::CodeWrong => CounterProblem::at("pairing_wrong", "code"),
        Pair::KeyUnfit => CounterProblem::of("key_unfit"),
        Pair::Locked(until) => CounterProblem::locked("codes_locked", until, zone(&site, &reader).await?),
    };
    Ok(show(&site, &reader, &CounterPair { counter: bare_frame(), problem: Some(problem) }))
}

/// Knows a device again by its key.
pub async fn known(State(site): State<Site>, jar: CookieJar, request: Request) -> Result<Response, Failure> {
    let typed = match proved(&site, request).await {
        Ok(typed) => typed,
        Err(refused) => return Ok(refused),
    };
    Ok(match devices::know_again(&site.world, &typed.public_key).await? {
        Some(paired) => welcome(&site, jar, paired),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}
