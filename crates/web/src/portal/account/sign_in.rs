//! Signing in by a code, and signing out.

use super::super::session::{self, MaybeSignedIn, SESSION_COOKIE};
use super::pending::Pending;
use super::{asker, html, refused};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::account::AccountRefusal;
use domain::security_code::CodePurpose;
use render::Problem;
use render::view::{SignIn, SignInNote};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Asked {
    next: Option<String>,
    note: Option<String>,
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    MaybeSignedIn(signed_in): MaybeSignedIn,
    jar: CookieJar,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let next = session::landing(asked.next.as_deref());
    if signed_in.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    let note = match asked.note.as_deref() {
        Some("out") => Some(SignInNote::SignedOut),
        Some("everywhere") => Some(SignInNote::SignedOutEverywhere),
        Some("erased") => Some(SignInNote::Erased),
        Some(_) | None => None,
    };
    let before = Pending::of(&site, &jar).filter(|p| p.purpose == CodePurpose::SignIn && note.is_none());
    let contact = before.map(|pending| pending.typed).unwrap_or_default();
    Ok(html(&site, &reader, &SignIn { contact, next, note, problem: None }))
}

#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    contact: String,
    next: Option<String>,
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Form(form): Form<SignInForm>,
) -> Result<Response, Failure> {
    let typed: String = form.contact.chars().take(254).collect();
    let next = session::landing(form.next.as_deref());
    match flows::account::sign_in::ask(&site.world, &asker(&reader), &typed).await? {
        Ok(sent) => {
            let jar = Pending::new(sent, &next, &typed).keep(&site, jar)?;
            Ok((jar, Redirect::to("/code")).into_response())
        }
        Err(refusal) => {
            // The same once more, a moment later: the code is on its way already.
            let waits = Pending::of(&site, &jar).is_some_and(|pending| {
                pending.purpose == CodePurpose::SignIn
                    && pending.typed == typed
                    && site.world.now() < pending.resend_at
            });
            if waits && matches!(refusal, AccountRefusal::NotBefore(_)) {
                return Ok(Redirect::to("/code").into_response());
            }
            let problem = Some(Problem::account(refusal, "contact", &zone(&site, &reader).await?));
            let view = SignIn { contact: typed, next, note: None, problem };
            Ok(refused(&site, &reader, refusal, &view))
        }
    }
}

pub async fn sign_out(State(site): State<Site>, jar: CookieJar) -> Result<Response, Failure> {
    if let Some(cookie) = jar.get(SESSION_COOKIE) {
        flows::account::session::sign_out(&site.world, cookie.value()).await?;
    }
    Ok((session::close(Pending::drop(jar)), Redirect::to("/sign-in?note=out")).into_response())
}
