//! A slip joins the account: by its code, once its number was proved.

use super::html;
use crate::failure::Failure;
use crate::portal::account::{asker, who};
use crate::portal::session::SignedIn;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use flows::account::claim::{self, Claimed};
use http::StatusCode;
use render::view::ClaimPage;
use render::{PageProblem, Problem};
use serde::Deserialize;

#[derive(Default, Deserialize)]
pub struct Asked {
    /// What is to be typed, after its number was proved.
    code: Option<String>,
    /// What has just joined.
    done: Option<String>,
}

fn view(code: &str) -> ClaimPage {
    ClaimPage { code: code.chars().take(40).collect(), done: None, unproved: false, problem: None }
}

/// The form.
pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    _signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Response {
    let done = asked.done.as_deref().and_then(domain::code::parse);
    html(&site, &reader, &ClaimPage { done, ..view(asked.code.as_deref().unwrap_or("")) })
}

#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    code: String,
}

/// Adds the order of the receipt.
pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    Form(form): Form<CodeForm>,
) -> Result<Response, Failure> {
    let typed = view(&form.code);
    let refuse = |status: StatusCode, view: ClaimPage| (status, html(&site, &reader, &view)).into_response();
    let problem = |problem| ClaimPage { problem: Some(Problem::page(problem)), ..typed.clone() };
    let Some(code) = domain::code::parse(&form.code) else {
        return Ok(refuse(StatusCode::UNPROCESSABLE_ENTITY, problem(PageProblem::CodeUnreadable)));
    };
    let claimed = claim::claim(&site.world, &asker(&reader), &who(&signed_in), &code).await?;
    Ok(match claimed {
        Claimed::Own(_) => Redirect::to(&format!("/me/claim?done={code}")).into_response(),
        Claimed::Unknown => refuse(StatusCode::UNPROCESSABLE_ENTITY, problem(PageProblem::ClaimUnknown)),
        Claimed::Elsewhere => refuse(StatusCode::UNPROCESSABLE_ENTITY, problem(PageProblem::ClaimElsewhere)),
        Claimed::NumberUnproved => {
            refuse(StatusCode::UNPROCESSABLE_ENTITY, ClaimPage { unproved: true, ..view(&code) })
        }
        Claimed::NotBefore(until) => {
            let zone = super::zone(&site, &reader).await?;
            refuse(StatusCode::TOO_MANY_REQUESTS, problem(PageProblem::ProofLocked { until, zone }))
        }
    })
}
