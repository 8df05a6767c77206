//! Changing the phone or the e-mail address.

use super::super::session::SignedIn;
use super::pending::Pending;
use super::{asker, confirm_first, countries, html, refused, selected, who};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::account::{AccountRefusal, ContactKind};
use flows::account::contact::{self, Typed};
use flows::account::own;
use render::Problem;
use render::view::{ChangeContact, ErrorKind};
use serde::Deserialize;

fn kind_of(word: &str) -> Result<ContactKind, Failure> {
    ContactKind::parse(word).ok_or_else(|| Failure::of(ErrorKind::NotFound))
}

fn own_url(kind: ContactKind) -> String {
    format!("/account/contacts/{kind}")
}

async fn view(
    site: &Site,
    reader: &Reader,
    signed_in: &SignedIn,
    kind: ContactKind,
    form: &ContactForm,
) -> Result<ChangeContact, Failure> {
    let own = own::own(&site.world, &who(signed_in)).await?;
    let old = own.contacts.into_iter().find(|contact| contact.kind == kind);
    let countries = countries(site).await?;
    let typed = match kind {
        ContactKind::Email => &form.email,
        ContactKind::Phone => &form.msisdn,
    };
    Ok(ChangeContact {
        kind,
        old: old.map(|contact| contact.shown).unwrap_or_default(),
        country: selected(&countries, &form.country, reader),
        countries,
        value: typed.chars().take(254).collect(),
        problem: None,
    })
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    Path(kind): Path<String>,
) -> Result<Response, Failure> {
    let kind = kind_of(&kind)?;
    if !who(&signed_in).is_fresh(site.world.now()) {
        return Ok(confirm_first(&own_url(kind)));
    }
    Ok(html(&site, &reader, &view(&site, &reader, &signed_in, kind, &ContactForm::default()).await?))
}

#[derive(Default, Deserialize)]
pub struct ContactForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    msisdn: String,
    #[serde(default)]
    country: String,
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    (jar, Path(kind)): (CookieJar, Path<String>),
    Form(form): Form<ContactForm>,
) -> Result<Response, Failure> {
    let kind = kind_of(&kind)?;
    let (typed, field) = match kind {
        ContactKind::Email => (Typed::Email(form.email.clone()), "email"),
        ContactKind::Phone => {
            (Typed::Phone { number: form.msisdn.clone(), country: form.country.clone() }, "msisdn")
        }
    };
    match contact::ask(&site.world, &asker(&reader), &who(&signed_in), &typed).await? {
        Ok(sent) => {
            let jar = Pending::new(sent, "/account", "").keep(&site, jar)?;
            Ok((jar, Redirect::to("/code")).into_response())
        }
        Err(AccountRefusal::ProofNeeded) => Ok(confirm_first(&own_url(kind))),
        Err(refusal) => {
            let problem = Some(Problem::account(refusal, field, &zone(&site, &reader).await?));
            let view = view(&site, &reader, &signed_in, kind, &form).await?;
            Ok(refused(&site, &reader, refusal, &ChangeContact { problem, ..view }))
        }
    }
}
