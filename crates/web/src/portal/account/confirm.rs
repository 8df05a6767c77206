//! Before something sensitive: to which contact shall a fresh code go?

use super::super::session::{SignedIn, landing};
use super::pending::Pending;
use super::{asker, html, own, refused, who};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::account::{AccountRefusal, ContactKind};
use flows::account::confirm;
use render::Problem;
use render::view::ConfirmFirst;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Asked {
    next: Option<String>,
}

async fn view(site: &Site, signed_in: &SignedIn, next: String) -> Result<ConfirmFirst, Failure> {
    let own = flows::account::own::own(&site.world, &who(signed_in)).await?;
    Ok(ConfirmFirst { contacts: own::contacts(&own), next, problem: None })
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let next = landing(asked.next.as_deref().or(Some("/account")));
    Ok(html(&site, &reader, &view(&site, &signed_in, next).await?))
}

#[derive(Deserialize)]
pub struct ConfirmForm {
    #[serde(default)]
    kind: String,
    next: Option<String>,
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    jar: CookieJar,
    Form(form): Form<ConfirmForm>,
) -> Result<Response, Failure> {
    let next = landing(form.next.as_deref().or(Some("/account")));
    let asked = match ContactKind::parse(&form.kind) {
        Some(kind) => confirm::ask(&site.world, &asker(&reader), &who(&signed_in), kind).await?,
        None => Err(AccountRefusal::ContactUnreadable),
    };
    match asked {
        Ok(sent) => {
            let jar = Pending::new(sent, &next, "").keep(&site, jar)?;
            Ok((jar, Redirect::to("/code")).into_response())
        }
        Err(refusal) => {
            let problem = Some(Problem::account(refusal, "kind", &zone(&site, &reader).await?));
            let view = ConfirmFirst { problem, ..view(&site, &signed_in, next).await? };
            Ok(refused(&site, &reader, refusal, &view))
        }
    }
}
