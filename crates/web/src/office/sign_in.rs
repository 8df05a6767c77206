//! Sign-in, sign-out and the first sign-in by a one-time token. The token is typed, so that it stands in no address;
//! between its two pages it travels sealed in a cookie of its own.

use super::session::{self, StaffMember};
use super::{bare_frame, page as show};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::staff::Staff;
use domain::time::{MINUTE_MS, UnixMs};
use flows::office::second_factor;
use flows::office::session::{SignIn, Typed, sign_in, sign_out as end};
use flows::office::staff::{self, Invitation, Joined, Joining};
use http::{HeaderMap, Uri, header};
use render::view::{OfficeJoin, OfficeProblem, OfficeSetUp, OfficeSignIn};
use serde::{Deserialize, Serialize};
use store::keyring::Purpose;

#[derive(Deserialize)]
pub struct Coming {
    next: Option<String>,
    lapsed: Option<String>,
}

pub async fn page(State(site): State<Site>, reader: Reader, Query(coming): Query<Coming>) -> Response {
    let view = OfficeSignIn {
        office: bare_frame(),
        login: String::new(),
        next: session::landing(coming.next.as_deref()),
        lapsed: coming.lapsed.is_some(),
        problem: None,
    };
    show(&site, &reader, &view)
}

#[derive(Deserialize)]
pub struct Credentials {
    #[serde(default)]
    login: String,
    #[serde(default)]
    passphrase: String,
    #[serde(default)]
    code: String,
    next: Option<String>,
}

/// What the device says it is, in words.
fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    domain::account::device_words(agent)
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    headers: HeaderMap,
    Form(typed): Form<Credentials>,
) -> Result<Response, Failure> {
    let next = session::landing(typed.next.as_deref());
    let attempt = Typed {
        login: &typed.login,
        passphrase: &typed.passphrase,
        code: &typed.code,
        address: &reader.address,
        device: &device(&headers),
    };
    let problem = match sign_in(&site.world, &attempt).await? {
        SignIn::In(opened) => {
            let jar = session::open(&site, jar, opened.secret);
            return Ok((jar, Redirect::to(&next)).into_response());
        }
        SignIn::Wrong => OfficeProblem::at("sign_in_wrong", "login"),
        SignIn::Locked(until) => OfficeProblem::locked(until, zone(&site, &reader).await?),
    };
    let login = typed.login.chars().take(64).collect();
    let view = OfficeSignIn { office: bare_frame(), login, next, lapsed: false, problem: Some(problem) };
    Ok(show(&site, &reader, &view))
}

/// The address of a form, opened as a page.
pub async fn elsewhere(uri: Uri) -> Response {
    let page = crate::portal::page_behind(uri.path()).unwrap_or_else(|| "/office".into());
    Redirect::to(&page).into_response()
}

pub async fn sign_out(
    State(site): State<Site>,
    member: StaffMember,
    jar: CookieJar,
) -> Result<Response, Failure> {
    end(&site.world, &member.session).await?;
    Ok((session::close(jar), Redirect::to(session::SIGN_IN)).into_response())
}

const JOINING: &str = "office_joining";
const JOINING_PATH: &str = "/office/join";
const JOINING_MS: i64 = 15 * MINUTE_MS;

/// What travels between the two pages of a first sign-in.
#[derive(Serialize, Deserialize)]
struct Travelling {
    token: String,
    secret: String,
    until: i64,
}

impl Travelling {
    fn read(site: &Site, jar: &CookieJar) -> Option<Travelling> {
        let sealed = jar.get(JOINING)?;
        let text = site.world.keyring.open_sealed(Purpose::Staff, sealed.value()).ok()?;
        let travelling: Travelling = serde_json::from_str(&text).ok()?;
        (site.world.now() < UnixMs(travelling.until)).then_some(travelling)
    }

    fn cookie(&self, site: &Site) -> anyhow::Result<Cookie<'static>> {
        let sealed = site.world.keyring.seal(Purpose::Staff, &serde_json::to_string(self)?)?;
        Ok(Cookie::build((JOINING, sealed))
            .path(JOINING_PATH)
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(site.is_secure())
            .build())
    }
}

pub async fn join(State(site): State<Site>, reader: Reader) -> Response {
    show(&site, &reader, &OfficeJoin { office: bare_frame(), problem: None })
}

#[derive(Deserialize)]
pub struct Token {
    #[serde(default)]
    token: String,
}

pub async fn take_token(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Form(typed): Form<Token>,
) -> Result<Response, Failure> {
    let token = typed.token.trim().to_owned();
    let problem = match staff::invitation(&site.world, &token, &reader.address).await? {
        Invitation::Open(_) => {
            let secret = second_factor::new_secret(&site.world);
            let until = site.world.now().plus_ms(JOINING_MS).0;
            let cookie = Travelling { token, secret, until }.cookie(&site).map_err(flows::Error::from)?;
            return Ok((jar.add(cookie), Redirect::to("/office/join/set-up")).into_response());
        }
        Invitation::Wrong => OfficeProblem::at("token_wrong", "token"),
        Invitation::Locked(until) => OfficeProblem::locked(until, zone(&site, &reader).await?),
    };
    Ok(show(&site, &reader, &OfficeJoin { office: bare_frame(), problem: Some(problem) }))
}

pub async fn set_up(State(site): State<Site>, reader: Reader, jar: CookieJar) -> Result<Response, Failure> {
    let Some(travelling) = Travelling::read(&site, &jar) else {
        return Ok(Redirect::to(JOINING_PATH).into_response());
    };
    match staff::invitation(&site.world, &travelling.token, &reader.address).await? {
        Invitation::Open(member) => set_up_page(&site, &reader, &travelling, &member, None),
        Invitation::Wrong | Invitation::Locked(_) => Ok(Redirect::to(JOINING_PATH).into_response()),
    }
}

fn set_up_page(
    site: &Site,
    reader: &Reader,
    travelling: &Travelling,
    member: &Staff,
    problem: Option<OfficeProblem>,
) -> Result<Response, Failure> {
    let uri = second_factor::uri(&travelling.secret, &site.world.settings.brand, &member.login);
    let drawn = flows::qr::shown(&uri)?;
    let letters: Vec<char> = travelling.secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    let view = OfficeSetUp {
        office: bare_frame(),
        name: member.name.clone(),
        login: member.login.clone(),
        secret: groups.join(" "),
        qr: drawn.path,
        qr_size: drawn.size,
        problem,
    };
    Ok(show(site, reader, &view))
}

#[derive(Deserialize)]
pub struct FirstCredentials {
    #[serde(default)]
    passphrase: String,
    #[serde(default)]
    again: String,
    #[serde(default)]
    code: String,
}

pub async fn finish(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    headers: HeaderMap,
    Form(typed): Form<FirstCredentials>,
) -> Result<Response, Failure> {
    let Some(travelling) = Travelling::read(&site, &jar) else {
        return Ok(Redirect::to(JOINING_PATH).into_response());
    };
    let Invitation::Open(member) = staff::invitation(&site.world, &travelling.token, &reader.address).await?
    else {
        return Ok(Redirect::to(JOINING_PATH).into_response());
    };
    if typed.passphrase != typed.again {
        let problem = OfficeProblem::at("passphrases_differ", "again");
        return set_up_page(&site, &reader, &travelling, &member, Some(problem));
    }
    let joining = Joining {
        token: &travelling.token,
        secret: &travelling.secret,
        passphrase: &typed.passphrase,
        code: &typed.code,
        device: &device(&headers),
    };
    let problem = match staff::join(&site.world, &joining).await? {
        Joined::In(opened) => {
            let jar = jar.remove(Cookie::build(JOINING).path(JOINING_PATH).build());
            return Ok((session::open(&site, jar, opened.secret), Redirect::to("/office")).into_response());
        }
        Joined::TokenGone => return Ok(Redirect::to(JOINING_PATH).into_response()),
        Joined::PassphraseUnfit => OfficeProblem::at("passphrase_unfit", "passphrase"),
        Joined::CodeWrong => OfficeProblem::at("code_wrong", "code"),
        Joined::Locked(until) => OfficeProblem::locked(until, zone(&site, &reader).await?),
    };
    set_up_page(&site, &reader, &travelling, &member, Some(problem))
}
