//! One's own data: taken along as a file, or erased.

use super::super::session::{self, SignedIn};
use super::pending::Pending;
use super::{confirm_first, html, refused, who};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::account::AccountRefusal;
use http::{StatusCode, header};
use render::Problem;
use render::view::{EraseAccount, Flash};
use serde::Deserialize;

/// Everything about the account, as a file. A fresh code leads back to the account page: a download is no page.
pub async fn export(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Response, Failure> {
    let export = flows::account::export::export(&site.world, &who(&signed_in), reader.locale).await?;
    let Ok(export) = export else {
        return Ok(confirm_first(&format!("/account?done={}", Flash::ExportReady.word())));
    };
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"account.zip\""),
    ];
    Ok((headers, export).into_response())
}

pub async fn erase_page(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Response, Failure> {
    if !who(&signed_in).is_fresh(site.world.now()) {
        return Ok(confirm_first("/account/erase"));
    }
    Ok(html(&site, &reader, &EraseAccount { problem: None }))
}

#[derive(Deserialize)]
pub struct EraseForm {
    sure: Option<String>,
}

pub async fn erase(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    jar: CookieJar,
    Form(form): Form<EraseForm>,
) -> Result<Response, Failure> {
    if form.sure.is_none() {
        let view = EraseAccount { problem: Some(Problem::erase_unsure()) };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&site, &reader, &view)).into_response());
    }
    match flows::account::erase::erase(&site.world, &who(&signed_in)).await? {
        Ok(()) => {
            let jar = session::close(Pending::drop(jar));
            Ok((jar, Redirect::to("/sign-in?note=erased")).into_response())
        }
        Err(AccountRefusal::ProofNeeded) => Ok(confirm_first("/account/erase")),
        Err(refusal) => {
            let problem = Some(Problem::account(refusal, "sure", &zone(&site, &reader).await?));
            Ok(refused(&site, &reader, refusal, &EraseAccount { problem }))
        }
    }
}
