//! The order page: where the money is, in every state, for those who bought it or can prove it is theirs.

use super::cart::Cart;
use super::session::{self, SignedIn};
use super::{html, own, pass, shown};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::offer::Pricing;
use domain::refusal::Refusal;
use domain::top_up::TopUp;
use flows::proof::{self, Proved};
use flows::receipt::{Standing, standing};
use flows::top_up::checkout;
use http::StatusCode;
use render::view::{ErrorKind, Order, OrderLookup, OrderProof};
use render::{PageProblem, Problem};
use serde::Deserialize;

pub(super) use super::shown::{going, surplus};

#[derive(Deserialize)]
pub struct Lookup {
    code: Option<String>,
}

/// The orders of this browser, and the form that asks for an order code; with one, the way to its page.
pub async fn lookup(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Query(lookup): Query<Lookup>,
) -> Result<Response, Failure> {
    let (asked, typed) = (lookup.code.is_some(), lookup.code.unwrap_or_default());
    if let Some(code) = domain::code::parse(&typed) {
        return Ok(Redirect::to(&format!("/o/{code}")).into_response());
    }
    let problem = asked.then(|| Problem::page(PageProblem::CodeUnreadable));
    let code = typed.chars().take(40).collect();
    let orders = own::orders(&site, &jar).await?;
    Ok(html(&site, &reader, &OrderLookup { code, problem, orders }))
}

/// The order that this browser has a pass for, or that is its reader's own.
pub(super) async fn passed(site: &Site, jar: &CookieJar, code: &str) -> Result<Option<TopUp>, Failure> {
    let proved = pass::of(site, jar, code).is_some();
    let owner = if proved { None } else { session::of_jar(site, jar).await? };
    if !proved && owner.is_none() {
        return Ok(None);
    }
    let wanted = code.to_owned();
    let found = site.world.db.read(move |tx| store::top_up::find_by_code(tx, &wanted)).await;
    let found = found.map_err(flows::Error::from)?;
    Ok(found.filter(|order| proved || is_of(order, owner.as_ref())))
}

/// Did this account order it?
fn is_of(order: &TopUp, owner: Option<&SignedIn>) -> bool {
    owner.is_some_and(|owner| order.subscriber.as_ref() == Some(&owner.subscriber))
}

fn canonical(code: &str) -> Result<String, Failure> {
    domain::code::parse(code).ok_or_else(|| Failure::of(ErrorKind::NotFound))
}

/// Why somebody comes to the page.
#[derive(Default, Deserialize)]
pub struct Coming {
    /// They wanted to order what they have ordered already.
    already: Option<String>,
    /// They have just been given a pass.
    proved: Option<String>,
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
    Query(coming): Query<Coming>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let Some(top_up) = passed(&site, &jar, &code).await? else {
        // A pass that was just given and is not here was refused.
        let problem = coming.proved.map(|_| Problem::page(PageProblem::CookiesRefused));
        return Ok(html(&site, &reader, &OrderProof { code, problem }));
    };
    let standing = look(&site, top_up).await?;
    let view = view(&site, &reader, &standing, bought(&site, &jar, &code)).await?;
    Ok(html(&site, &reader, &Order { already: coming.already.is_some(), ..view }))
}

fn bought(site: &Site, jar: &CookieJar, code: &str) -> bool {
    pass::of(site, jar, code).is_some_and(|pass| pass.bought)
}

async fn view(site: &Site, reader: &Reader, standing: &Standing, bought: bool) -> Result<Order, Failure> {
    Ok(Order {
        now: shown::state(site, reader, standing, bought).await?,
        purchase: shown::purchase(reader, standing),
        asked_at: site.world.now(),
        already: false,
        passless: false,
    })
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

#[derive(Deserialize)]
pub struct Back {
    /// Known to the payment page alone.
    word: Option<String>,
}

/// Where the payment page sends the browser. It is a hint: the provider is asked, then the order is shown. Whoever
/// comes back in another browser, or in one that keeps no cookies, sees the order here.
pub async fn returned(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
    Query(back): Query<Back>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let own = Redirect::to(&format!("/o/{code}"));
    if let Some(top_up) = passed(&site, &jar, &code).await? {
        look(&site, top_up).await?;
        return Ok(own.into_response());
    }
    let Some(top_up) = proof::returned(&site.world, &code, &back.word.unwrap_or_default()).await? else {
        return Ok(own.into_response());
    };
    let jar = pass::give(&site, jar, &code, true)?;
    let standing = look(&site, top_up).await?;
    let view = view(&site, &reader, &standing, true).await?;
    Ok((jar, html(&site, &reader, &Order { passless: true, ..view })).into_response())
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
        // The pass has lapsed: the page itself asks for a proof.
        return Ok((StatusCode::NOT_FOUND, [("hx-refresh", "true")]).into_response());
    };
    let standing = look(&site, top_up).await?;
    let now = shown::state(&site, &reader, &standing, bought(&site, &jar, &code)).await?;
    if now.seen == seen.seen {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Html(site.world.renderer.fragment(reader.locale, &now)).into_response())
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
            let jar = pass::give(&site, jar, &top_up.code, false)?;
            return Ok((jar, Redirect::to(&format!("/o/{code}?proved=1"))).into_response());
        }
        Proved::No => PageProblem::ProofWrong,
        // The zone is the reader's: that of the order would tell that there is one.
        Proved::Locked(until) => PageProblem::ProofLocked { until, zone: super::zone(&site, &reader).await? },
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

/// The same once more, on purpose: a new cart with the same choice. Who only proved the order does not learn its number.
pub async fn again(
    State(site): State<Site>,
    jar: CookieJar,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let code = canonical(&code)?;
    let top_up = passed(&site, &jar, &code).await?.filter(|_| bought(&site, &jar, &code));
    let Some(top_up) = top_up else { return Ok(Redirect::to("/").into_response()) };
    let wanted = top_up.clone();
    let read = site.world.db.read(move |tx| {
        let offer = store::offer::load_version(tx, &wanted.offer_version)?;
        Ok((store::line::load(tx, &wanted.line)?, offer))
    });
    let (line, offer) = read.await.map_err(flows::Error::from)?;
    let amount = match offer.pricing {
        Pricing::Fixed { .. } => None,
        Pricing::Range { .. } => Some(top_up.prices.value),
    };
    let cart = Cart::new(&site, &flows::lines::msisdn(&site.world, &line)?).with_offer(&top_up.offer, amount);
    Ok(Redirect::to(&format!("/top-up/{}/review", cart.seal(&site)?)).into_response())
}
