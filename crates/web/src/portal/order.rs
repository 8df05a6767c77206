//! The order page: where the money is, in every state, for those who bought it or can prove it is theirs.

use super::{html, pass};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::refund::RefundState;
use domain::refusal::Refusal;
use domain::top_up::TopUp;
use flows::proof::{self, Proved};
use flows::receipt::{Standing, standing};
use flows::top_up::checkout;
use http::StatusCode;
use render::view::{ErrorKind, Going, Moment, Order, OrderLookup, OrderProof, OrderState, Purchase, Surplus};
use render::{PageProblem, Problem, SentenceValues};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Lookup {
    code: Option<String>,
}

/// The form that asks for an order code; with one, the way to its page.
pub async fn lookup(State(site): State<Site>, reader: Reader, Query(lookup): Query<Lookup>) -> Response {
    let Some(typed) = lookup.code else {
        return html(&site, &reader, &OrderLookup { code: String::new(), problem: None });
    };
    match domain::code::parse(&typed) {
        Some(code) => Redirect::to(&format!("/o/{code}")).into_response(),
        None => {
            let code = typed.chars().take(40).collect();
            let problem = Some(Problem::page(PageProblem::CodeUnreadable));
            html(&site, &reader, &OrderLookup { code, problem })
        }
    }
}

/// The order that this browser has a pass for.
pub(super) async fn passed(site: &Site, jar: &CookieJar, code: &str) -> Result<Option<TopUp>, Failure> {
    if !pass::has(site, jar, code) {
        return Ok(None);
    }
    let wanted = code.to_owned();
    let found = site.world.db.read(move |tx| store::top_up::find_by_code(tx, &wanted)).await;
    Ok(found.map_err(flows::Error::from)?)
}

fn canonical(code: &str) -> Result<String, Failure> {
    domain::code::parse(code).ok_or_else(|| Failure::of(ErrorKind::NotFound))
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let Some(top_up) = passed(&site, &jar, &code).await? else {
        return Ok(html(&site, &reader, &OrderProof { code, problem: None }));
    };
    let standing = look(&site, top_up).await?;
    let view = view(&site, &reader, &standing).await?;
    Ok(html(&site, &reader, &view))
}

/// Where the order stands, asked anew at the provider while it may still change.
async fn look(site: &Site, top_up: TopUp) -> Result<Standing, Failure> {
    if top_up.state.is_moving()
        && let Err(error) = flows::payment::poll::refresh(&site.world, &top_up.id).await
    {
        // The page shows what is known; the worker goes on asking.
        tracing::warn!(error = %error.chain(), "refreshing an order failed");
    }
    Ok(standing(&site.world, top_up).await?)
}

/// Where the payment page sends the browser. It is a hint: the provider is asked, then the order is shown.
pub async fn returned(
    State(site): State<Site>,
    jar: CookieJar,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    if let Some(top_up) = passed(&site, &jar, &code).await? {
        look(&site, top_up).await?;
    }
    Ok(Redirect::to(&format!("/o/{code}")).into_response())
}

#[derive(Deserialize)]
pub struct Seen {
    #[serde(default)]
    seen: String,
}

/// The part of the page that changes; 204 while the reader has seen this state.
pub async fn state(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
    Query(seen): Query<Seen>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let Some(top_up) = passed(&site, &jar, &code).await? else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let standing = look(&site, top_up).await?;
    let now = view(&site, &reader, &standing).await?.now;
    if now.seen == seen.seen {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Html(site.world.renderer.fragment(reader.locale, &now)).into_response())
}

async fn view(site: &Site, reader: &Reader, standing: &Standing) -> Result<Order, Failure> {
    let top_up = &standing.top_up;
    let catalogue = site.world.fresh_catalogue().await?;
    let seller = catalogue.market(&top_up.market).map(|market| &market.seller);
    let zone = seller.map_or("UTC", |s| s.time_zone.as_str());
    let offer_name = standing.offer.name_in(reader.locale);
    let bundle = (standing.offer.benefit != domain::offer::Benefit::Credit).then_some(offer_name);
    let reference = standing.refunds.last().map(|r| flows::notice::short_reference(r.id.as_str()));
    let moments = standing.history.iter().map(|(state, at)| Moment { state: *state, at: *at }).collect();
    let declined = standing.attempt.as_ref().is_some_and(|a| a.last_decline.is_some());
    let problem = if declined && standing.payment_url().is_some() {
        Some(Problem::page(PageProblem::CardDeclined))
    } else {
        standing.may_retry().then(|| Problem::page(PageProblem::PaymentUnavailable))
    };
    let now = OrderState {
        code: top_up.code.clone(),
        state: top_up.state,
        moving: top_up.state.is_moving(),
        seen: seen(standing),
        values: SentenceValues::of(top_up, bundle, reference.as_deref(), zone),
        moments,
        payment_url: standing.payment_url().map(str::to_owned),
        retry: standing.may_retry(),
        cancel: standing.payment_url().is_some(),
        receipt: standing.paid,
        surplus: standing.surplus().map(surplus),
    };
    let purchase = Purchase {
        last4: standing.last4.clone(),
        offer_name: offer_name.to_owned(),
        benefit: standing.offer.benefit.clone(),
        prices: top_up.prices,
        tax_name: seller.map_or_else(String::new, |s| s.tax_name.clone()),
    };
    Ok(Order { now, purchase, problem })
}

fn surplus(refund: &store::refund::Refund) -> Surplus {
    let going = match refund.state {
        RefundState::Requested | RefundState::Pending | RefundState::Unknown => Going::Moving,
        RefundState::Succeeded => Going::Returned,
        RefundState::Failed => Going::Failed,
    };
    let reference = flows::notice::short_reference(refund.id.as_str());
    Surplus { amount: refund.amount, reference, going }
}

/// Changes whenever the part of the page that changes would look different.
fn seen(standing: &Standing) -> String {
    let payable = u8::from(standing.payment_url().is_some());
    let declined = u8::from(standing.attempt.as_ref().is_some_and(|a| a.last_decline.is_some()));
    let surplus =
        standing.surplus().map_or_else(String::new, |refund| format!("{}.{}", refund.id, refund.state));
    format!("{}.{payable}{declined}{surplus}", standing.top_up.state)
}

#[derive(Deserialize)]
pub struct ProofForm {
    #[serde(default)]
    proof: String,
}

pub async fn prove(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
    Form(form): Form<ProofForm>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let problem = match proof::prove(&site.world, &code, &form.proof, &reader.address).await? {
        Proved::Yes(top_up) => {
            let jar = pass::give(&site, jar, &top_up.code)?;
            return Ok((jar, Redirect::to(&format!("/o/{code}"))).into_response());
        }
        Proved::No => PageProblem::ProofWrong,
        Proved::Locked(until) => PageProblem::ProofLocked { until, zone: "UTC".into() },
    };
    let locked = matches!(problem, PageProblem::ProofLocked { .. });
    let page = html(&site, &reader, &OrderProof { code, problem: Some(Problem::page(problem)) });
    let status = if locked { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, page).into_response())
}

pub async fn retry(
    State(site): State<Site>,
    jar: CookieJar,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let Some(top_up) = passed(&site, &jar, &code).await? else {
        return Ok(Redirect::to(&format!("/o/{code}")).into_response());
    };
    match checkout::retry(&site.world, &top_up.id).await {
        Ok(begun) => {
            let own = format!("/o/{code}");
            Ok(Redirect::to(begun.url.as_deref().unwrap_or(&own)).into_response())
        }
        Err(flows::Error::Refused(Refusal::OrderClosed)) => {
            Ok(Redirect::to(&format!("/o/{code}")).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn cancel(
    State(site): State<Site>,
    jar: CookieJar,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    if let Some(top_up) = passed(&site, &jar, &code).await? {
        checkout::cancel(&site.world, &top_up.id).await?;
    }
    Ok(Redirect::to(&format!("/o/{code}")).into_response())
}
