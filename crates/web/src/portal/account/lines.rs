//! Adding a line by a code to it, naming it, and taking it out.

use super::super::session::SignedIn;
use super::own::done;
use super::pending::Pending;
use super::{asker, html, listed, refused, selected, who};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::id::LineId;
use flows::account::lines;
use render::Problem;
use render::view::{AddLine, ErrorKind, Flash};
use serde::Deserialize;

async fn view(site: &Site, reader: &Reader, form: &LineForm) -> Result<AddLine, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let countries = listed(catalogue.markets.iter().map(|market| market.country.clone()).collect());
    Ok(AddLine {
        country: selected(&countries, &form.country, reader),
        countries,
        msisdn: form.msisdn.chars().take(40).collect(),
        claim: form.claim.as_deref().and_then(domain::code::parse),
        problem: None,
    })
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    _signed_in: SignedIn,
    Query(asked): Query<Coming>,
) -> Result<Response, Failure> {
    let form = LineForm { claim: asked.claim, ..LineForm::default() };
    Ok(html(&site, &reader, &view(&site, &reader, &form).await?))
}

#[derive(Default, Deserialize)]
pub struct Coming {
    /// The receipt that is to join the account once its number is proved.
    claim: Option<String>,
}

#[derive(Default, Deserialize)]
pub struct LineForm {
    #[serde(default)]
    msisdn: String,
    #[serde(default)]
    country: String,
    claim: Option<String>,
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    jar: CookieJar,
    Form(form): Form<LineForm>,
) -> Result<Response, Failure> {
    let asked =
        lines::ask(&site.world, &asker(&reader), &who(&signed_in), &form.msisdn, &form.country).await?;
    match asked {
        Ok(sent) => {
            let claim = form.claim.as_deref().and_then(domain::code::parse);
            let next = claim.map_or_else(|| "/account".to_owned(), |code| format!("/me/claim?code={code}"));
            let jar = Pending::new(sent, &next, "").keep(&site, jar)?;
            Ok((jar, Redirect::to("/code")).into_response())
        }
        Err(refusal) => {
            let problem = Some(Problem::account(refusal, "msisdn", &zone(&site, &reader).await?));
            let view = AddLine { problem, ..view(&site, &reader, &form).await? };
            Ok(refused(&site, &reader, refusal, &view))
        }
    }
}

fn id_of(text: &str) -> Result<LineId, Failure> {
    LineId::parse(text).map_err(|_| Failure::of(ErrorKind::NotFound))
}

#[derive(Deserialize)]
pub struct LabelForm {
    #[serde(default)]
    label: String,
}

pub async fn label(
    State(site): State<Site>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(form): Form<LabelForm>,
) -> Result<Response, Failure> {
    lines::name(&site.world, &who(&signed_in), &id_of(&id)?, &form.label).await?;
    Ok(done(Flash::Saved).into_response())
}

pub async fn remove(
    State(site): State<Site>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    lines::remove(&site.world, &who(&signed_in), &id_of(&id)?).await?;
    Ok(done(Flash::LineRemoved).into_response())
}
