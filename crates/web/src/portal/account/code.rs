//! The page on which every code is entered, and what each of them opens.

use super::super::session::{self, MaybeSignedIn};
use super::pending::{self, Pending};
use super::{asker, confirm_first, html, refused, who};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{LANGUAGE_COOKIE, Reader, Site};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::account::AccountRefusal;
use domain::security_code::CodePurpose;
use flows::account::code as codes;
use flows::account::sign_in::Entered;
use flows::account::{confirm, contact, lines, register, sign_in};
use render::Problem;
use render::view::{CodeEntry, Resend};
use serde::Deserialize;
use time::Duration;

/// Where somebody goes who waits for no code.
fn nothing_pending() -> Response {
    Redirect::to("/sign-in").into_response()
}

async fn view(
    site: &Site,
    reader: &Reader,
    pending: &Pending,
    problem: Option<Problem>,
) -> Result<CodeEntry, Failure> {
    let now = site.world.now();
    let left = pending.resend_at.0 - now.0;
    let resend = (left > 0).then_some(Resend { at: pending.resend_at, seconds: (left + 999) / 1000 });
    let edit_url = match pending.purpose {
        CodePurpose::SignIn => "/sign-in".to_owned(),
        CodePurpose::RegisterEmail => "/register".to_owned(),
        CodePurpose::RegisterPhone => "/register/details".to_owned(),
        CodePurpose::Confirm => {
            format!(
                "/account/confirm?{}",
                serde_urlencoded::to_string([("next", &pending.next)]).unwrap_or_default()
            )
        }
        CodePurpose::ChangeContact => match pending.channel {
            domain::notice::NoticeChannel::Sms => "/account/contacts/phone".to_owned(),
            domain::notice::NoticeChannel::Email => "/account/contacts/email".to_owned(),
        },
        CodePurpose::AddLine => "/account/lines".to_owned(),
        // The counter has a page of its own.
        CodePurpose::ShowBalance => "/".to_owned(),
    };
    Ok(CodeEntry {
        purpose: pending.purpose,
        channel: pending.channel,
        shown: pending.shown.clone(),
        expires_at: pending.expires_at,
        zone: zone(site, reader).await?,
        resend,
        other: pending.purpose == CodePurpose::SignIn,
        edit_url,
        problem,
    })
}

pub async fn page(State(site): State<Site>, reader: Reader, jar: CookieJar) -> Result<Response, Failure> {
    let Some(pending) = Pending::of(&site, &jar) else { return Ok(nothing_pending()) };
    Ok(html(&site, &reader, &view(&site, &reader, &pending, None).await?))
}

#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    code: String,
}

/// The digits were not taken: the page again, with the reason.
async fn again(
    site: &Site,
    reader: &Reader,
    pending: &Pending,
    refusal: AccountRefusal,
) -> Result<Response, Failure> {
    if refusal == AccountRefusal::ProofNeeded {
        return Ok(confirm_first("/account"));
    }
    let problem = Problem::account(refusal, "code", &zone(site, reader).await?);
    Ok(refused(site, reader, refusal, &view(site, reader, pending, Some(problem)).await?))
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    signed_in: MaybeSignedIn,
    jar: CookieJar,
    Form(form): Form<CodeForm>,
) -> Result<Response, Failure> {
    let Some(pending) = Pending::of(&site, &jar) else { return Ok(nothing_pending()) };
    let code = form.code;
    match pending.purpose {
        CodePurpose::SignIn => {
            let (held, known) = (pending.held(), pending::known(&site, &jar));
            match sign_in::enter(&site.world, &asker(&reader), &held, &code, &known).await? {
                Ok(entered) => enter(&site, jar, entered, &pending.next),
                Err(refusal) => again(&site, &reader, &pending, refusal).await,
            }
        }
        CodePurpose::RegisterEmail | CodePurpose::RegisterPhone => {
            registering(&site, &reader, jar, &pending, &code).await
        }
        CodePurpose::Confirm | CodePurpose::ChangeContact | CodePurpose::AddLine => {
            signed_in_code(&site, &reader, signed_in, (jar, pending), &code).await
        }
        CodePurpose::ShowBalance => Ok(nothing_pending()),
    }
}

async fn registering(
    site: &Site,
    reader: &Reader,
    jar: CookieJar,
    pending: &Pending,
    code: &str,
) -> Result<Response, Failure> {
    let Some(id) = pending.registration() else { return Ok(nothing_pending()) };
    let (held, asker) = (pending.held(), asker(reader));
    if pending.purpose == CodePurpose::RegisterPhone {
        return match register::finish(&site.world, &asker, &held, code, &id).await? {
            Ok(entered) => enter(site, pending::drop_registration(jar), entered, &pending.next),
            Err(refusal) => again(site, reader, pending, refusal).await,
        };
    }
    match register::prove_email(&site.world, &asker, &held, code, &id).await? {
        Ok(open) => {
            let jar = pending::keep_registration(site, Pending::drop(jar), &open)?;
            let resumed = if open == id { "" } else { "?resumed=1" };
            Ok((jar, Redirect::to(&format!("/register/details{resumed}"))).into_response())
        }
        Err(refusal) => again(site, reader, pending, refusal).await,
    }
}

async fn signed_in_code(
    site: &Site,
    reader: &Reader,
    signed_in: MaybeSignedIn,
    (jar, pending): (CookieJar, Pending),
    code: &str,
) -> Result<Response, Failure> {
    let Some(signed_in) = signed_in.0 else { return Ok(nothing_pending()) };
    let (who, asker, held, world) = (who(&signed_in), asker(reader), pending.held(), &site.world);
    let done = match pending.purpose {
        CodePurpose::ChangeContact => {
            let changed = contact::prove(world, &asker, &who, &held, code).await?;
            changed.map(|_| "/account?done=contact_changed".to_owned())
        }
        CodePurpose::AddLine => {
            let added = lines::prove(world, &asker, &who, &held, code).await?;
            // Back to the receipt for which the number was proved.
            let to_claim = pending.next.starts_with("/me/claim?");
            let next = if to_claim { pending.next.as_str() } else { "/account?done=line_added" };
            added.map(|_| next.to_owned())
        }
        CodePurpose::Confirm => {
            confirm::prove(world, &asker, &who, &held, code).await?.map(|()| pending.next.clone())
        }
        CodePurpose::SignIn
        | CodePurpose::RegisterEmail
        | CodePurpose::RegisterPhone
        | CodePurpose::ShowBalance => {
            return Ok(nothing_pending());
        }
    };
    match done {
        Ok(next) => Ok((Pending::drop(jar), Redirect::to(&next)).into_response()),
        Err(refusal) => again(site, reader, &pending, refusal).await,
    }
}

/// Signs this browser in and leads on. Its language is the account's, unless it has one.
fn enter(site: &Site, jar: CookieJar, entered: Entered, next: &str) -> Result<Response, Failure> {
    let jar = pending::keep_known(site, Pending::drop(jar), &entered.subscriber)?;
    let mut jar = session::open(site, jar, entered.secret);
    if jar.get(LANGUAGE_COOKIE).is_none() {
        jar = jar.add(language(site, entered.locale));
    }
    Ok((jar, Redirect::to(next)).into_response())
}

/// The cookie that remembers a language.
pub fn language(site: &Site, locale: domain::locale::Locale) -> Cookie<'static> {
    Cookie::build((LANGUAGE_COOKIE, locale.as_str()))
        .path("/")
        .same_site(SameSite::Lax)
        .secure(site.is_secure())
        .max_age(Duration::days(365))
        .build()
}

pub async fn resend(State(site): State<Site>, reader: Reader, jar: CookieJar) -> Result<Response, Failure> {
    let Some(pending) = Pending::of(&site, &jar) else { return Ok(nothing_pending()) };
    let shown = pending.shown.clone();
    match codes::again(&site.world, &asker(&reader), &pending.held()).await? {
        Ok(sent) => {
            let sent = codes::Sent { shown, ..sent };
            Ok((pending.replaced(sent).keep(&site, jar)?, Redirect::to("/code")).into_response())
        }
        Err(refusal) => again(&site, &reader, &pending, refusal).await,
    }
}

pub async fn other(State(site): State<Site>, reader: Reader, jar: CookieJar) -> Result<Response, Failure> {
    let waits = Pending::of(&site, &jar).filter(|pending| pending.purpose == CodePurpose::SignIn);
    let Some(pending) = waits else { return Ok(nothing_pending()) };
    match sign_in::ask_other(&site.world, &asker(&reader), &pending.held()).await? {
        Ok(sent) => Ok((pending.replaced(sent).keep(&site, jar)?, Redirect::to("/code")).into_response()),
        Err(refusal) => again(&site, &reader, &pending, refusal).await,
    }
}
