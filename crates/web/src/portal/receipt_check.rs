//! Is a receipt genuine? `/r/{code}` for whoever holds one, `/verify/receipt` for its QR code, our public keys, and the
//! same answer for programs. Nothing here asks who it is; looks are counted by address (`flows::receipt_proof`).

use super::{html, order};
use crate::api::Money;
use crate::failure::{Failure, Problem as ApiProblem};
use crate::site::{Reader, Site};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Json, Router};
use domain::proof_of_sale::ProofVerdict;
use domain::time::{SECOND_MS, UnixMs};
use flows::receipt_proof::{self, Looked, PublicReceipt};
use http::{StatusCode, header};
use render::view::{BackShown, BooksSay, Checker, ErrorKind, Going, ProofSays, ReceiptCheck, ReceiptProof};
use render::{PageProblem, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// What a posted text may have.
const TEXT_MAX: usize = domain::proof_of_sale::TEXT_MAX;

pub fn routes() -> Router<Site> {
    Router::new()
        .route("/r/{code}", get(page).post(check))
        .route("/verify/receipt", get(check_page).post(check_any))
        .route("/.well-known/receipt-keys.json", get(receipt_keys))
}

/// Our public keys as JSON Web Keys (RFC 7517, RFC 8037 §2), each with the times between which it signs, in seconds.
fn keys(site: &Site) -> serde_json::Value {
    let seconds = |at: UnixMs| at.0 / SECOND_MS;
    let key = |key: store::keyring::receipt_key::PublishedKey| {
        json!({
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": key.id, "x": key.public,
            "valid_from": seconds(key.from), "valid_until": key.until.map(seconds),
        })
    };
    let keys: Vec<_> = site.world.keyring.receipt_keys().into_iter().map(key).collect();
    json!({ "issuer": site.world.settings.brand, "keys": keys })
}

pub async fn receipt_keys(State(site): State<Site>) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "public, max-age=3600"),
        // Pages of others may check receipts too.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, Json(keys(&site))).into_response()
}

fn checker(site: &Site) -> Checker {
    Checker { script_url: crate::assets::url("receipt.js"), keys: keys(site).to_string() }
}

fn books(found: &PublicReceipt) -> BooksSay {
    let back = |one: &receipt_proof::Returned| BackShown {
        amount: one.amount,
        going: order::going(one.state),
        at: one.at,
    };
    BooksSay {
        amount: found.amount,
        at: found.at,
        last4: found.last4.clone(),
        state: found.state,
        paid: found.paid,
        returned: found.returned.iter().map(back).collect(),
        credit_notes: found.credit_notes.iter().map(|at| at.0 / SECOND_MS).collect(),
        seller: found.seller.clone(),
        zone: found.time_zone.clone(),
    }
}

async fn locked(site: &Site, reader: &Reader, until: UnixMs) -> Result<Problem, Failure> {
    let zone = super::zone(site, reader).await?;
    Ok(Problem::page(PageProblem::ProofLocked { until, zone }))
}

async fn shown(
    site: &Site,
    reader: &Reader,
    code: String,
    looked: Looked,
    verdict: Option<ProofVerdict>,
) -> Result<Response, Failure> {
    let of = |books| ReceiptProof { verdict, ..ReceiptProof::of(code, books, checker(site)) };
    let (status, view) = match looked {
        Looked::Found(found) => (StatusCode::OK, of(Some(books(&found)))),
        Looked::Unknown => (StatusCode::NOT_FOUND, of(None)),
        Looked::Locked(until) => {
            let problem = Some(locked(site, reader, until).await?);
            (StatusCode::TOO_MANY_REQUESTS, ReceiptProof { problem, ..of(None) })
        }
    };
    Ok((status, html(site, reader, &view)).into_response())
}

/// The public page of a receipt. A code that cannot be one is answered like one that we never gave out.
pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    Path(typed): Path<String>,
) -> Result<Response, Failure> {
    let code = domain::code::parse(&typed);
    if let Some(code) = code.as_ref().filter(|code| **code != typed) {
        return Ok(Redirect::to(&format!("/r/{code}")).into_response());
    }
    let looked = receipt_proof::look(&site.world, &typed, &reader.address).await?;
    let code = code.unwrap_or_else(|| typed.chars().take(40).collect());
    shown(&site, &reader, code, looked, None).await
}

#[derive(Deserialize)]
pub struct TextForm {
    #[serde(default)]
    text: String,
}

/// Checks the text of the QR code of one receipt.
pub async fn check(
    State(site): State<Site>,
    reader: Reader,
    Path(code): Path<String>,
    Form(form): Form<TextForm>,
) -> Result<Response, Failure> {
    let code = domain::code::parse(&code).ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    let checked = receipt_proof::check(&site.world, &form.text, Some(&code), &reader.address).await?;
    shown(&site, &reader, code, checked.looked, Some(checked.verdict)).await
}

/// The page that checks any QR code, also without a network.
pub async fn check_page(State(site): State<Site>, reader: Reader) -> Result<Response, Failure> {
    Ok(html(&site, &reader, &check_view(&site, &reader, String::new()).await?))
}

async fn check_view(site: &Site, reader: &Reader, text: String) -> Result<ReceiptCheck, Failure> {
    Ok(ReceiptCheck {
        text: text.chars().take(TEXT_MAX).collect(),
        verdict: None,
        said: None,
        zone: super::zone(site, reader).await?,
        checker: checker(site),
        problem: None,
    })
}

pub async fn check_any(
    State(site): State<Site>,
    reader: Reader,
    Form(form): Form<TextForm>,
) -> Result<Response, Failure> {
    let checked = receipt_proof::check(&site.world, &form.text, None, &reader.address).await?;
    let view = check_view(&site, &reader, form.text).await?;
    if let Looked::Locked(until) = checked.looked {
        let problem = Some(locked(&site, &reader, until).await?);
        let page = html(&site, &reader, &ReceiptCheck { problem, ..view });
        return Ok((StatusCode::TOO_MANY_REQUESTS, page).into_response());
    }
    let genuine = checked.verdict == ProofVerdict::Genuine;
    // What a forger wrote is not repeated as if we said it.
    let said = checked.said.as_ref().filter(|_| genuine).map(ProofSays::of);
    Ok(html(&site, &reader, &ReceiptCheck { verdict: Some(checked.verdict), said, ..view }))
}

/// What the books say of a receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptFound {
    #[schema(example = "7K2M9-QX4TB")]
    pub code: String,
    /// Was it paid? Otherwise no receipt of it can be genuine.
    pub genuine: bool,
    /// The state of its top-up.
    #[schema(example = "credited")]
    pub state: String,
    pub amount: Money,
    /// RFC 3339, UTC.
    pub sold_at: String,
    /// The last four digits of the number.
    #[schema(example = "3456")]
    pub last4: String,
    pub seller: String,
    /// What went back since, or is on its way.
    pub returned: Vec<MoneyBack>,
}

/// Money of a sale that went back, or is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoneyBack {
    pub amount: Money,
    /// `returned`, `moving`, `failed` or `kept`.
    #[schema(example = "returned")]
    pub state: &'static str,
    /// RFC 3339, UTC.
    pub at: String,
}

/// Is a receipt genuine? For anybody, without a key.
#[utoipa::path(get, path = "/v1/receipts/{code}", tag = "receipts", security(()),
    params(("code" = String, Path, description = "The code on the receipt, with or without its hyphen.")),
    responses(
        (status = 200, body = ReceiptFound),
        (status = 404, body = ApiProblem, description = "`receipt_unknown`"),
        (status = 429, body = ApiProblem, description = "`too_many_looks`"),
    ))]
pub async fn for_programs(
    State(site): State<Site>,
    reader: Reader,
    Path(code): Path<String>,
) -> Result<Json<ReceiptFound>, ApiProblem> {
    let found = match receipt_proof::look(&site.world, &code, &reader.address).await? {
        Looked::Found(found) => found,
        Looked::Unknown => {
            let detail = "no receipt of ours has this code";
            return Err(ApiProblem::new(StatusCode::NOT_FOUND, "receipt_unknown", detail));
        }
        Looked::Locked(until) => {
            let detail = format!("too many looks from this address: not before {}", until.rfc3339());
            return Err(ApiProblem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_looks", detail));
        }
    };
    Ok(Json(ReceiptFound {
        genuine: found.paid,
        state: found.state.to_string(),
        amount: Money::from(found.amount),
        sold_at: found.at.rfc3339(),
        returned: found.returned.iter().map(money_back).collect(),
        code: found.code,
        last4: found.last4,
        seller: found.seller,
    }))
}

fn money_back(one: &receipt_proof::Returned) -> MoneyBack {
    let state = match order::going(one.state) {
        Going::Returned => "returned",
        Going::Moving => "moving",
        Going::Failed => "failed",
        Going::Kept => "kept",
    };
    MoneyBack { amount: Money::from(one.amount), state, at: one.at.rfc3339() }
}
