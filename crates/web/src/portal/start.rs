//! The first screen: whose number?

use super::cart::Cart;
use super::draft::Draft;
use super::{html, me, own};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::msisdn::Msisdn;
use domain::offer::Pricing;
use domain::refusal::Refusal;
use domain::time::{SECOND_MS, UnixMs};
use domain::top_up::Channel;
use flows::catalogue::Loaded;
use http::{StatusCode, header};
use render::view::{Country, PromotionShown, Start};
use render::{PageProblem, Problem};
use serde::Deserialize;

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let kept = Draft::of(&site, &reader, &jar);
    let form = NumberForm { msisdn: kept.msisdn, country: kept.country, offer: asked.offer };
    let view = filled(&site, &reader, &jar, &form).await?;
    Ok(html(&site, &reader, &view))
}

/// What a link to the page may ask for.
#[derive(Default, Deserialize)]
pub struct Asked {
    /// The offer that is to be chosen, for example a promotion's.
    offer: Option<String>,
}

/// The form, empty, with the country that the reader's languages suggest.
fn view(catalogue: &Loaded, reader: &Reader) -> Start {
    let countries: Vec<Country> = catalogue
        .markets
        .iter()
        .map(|market| Country {
            code: market.country.clone(),
            dial: domain::msisdn::calling_code(&market.country),
        })
        .collect();
    let guess = reader.country.as_ref().filter(|guess| countries.iter().any(|c| &c.code == *guess));
    let first = countries.first().map(|c| c.code.clone()).unwrap_or_default();
    Start {
        country: guess.cloned().unwrap_or(first),
        countries,
        msisdn: String::new(),
        problem: None,
        own_orders: 0,
        offer: None,
        promotion: None,
        own_lines: Vec::new(),
    }
}

/// The page again, because the cart in the address is gone.
pub async fn cart_gone(site: &Site, reader: &Reader, jar: &CookieJar) -> Result<Response, Failure> {
    let problem = Some(Problem::page(PageProblem::CartGone));
    let view = filled(site, reader, jar, &NumberForm::default()).await?;
    Ok(html(site, reader, &Start { problem, ..view }))
}

/// The page again, because the number of a cart is not topped up any more.
pub async fn refused(
    site: &Site,
    reader: &Reader,
    jar: &CookieJar,
    number: &Msisdn,
    refusal: &Refusal,
) -> Result<Response, Failure> {
    let form = NumberForm { msisdn: number.international(), country: String::new(), offer: None };
    let view = filled(site, reader, jar, &form).await?;
    Ok(html(site, reader, &Start { problem: Some(Problem::refused(refusal)), ..view }))
}

#[derive(Default, Deserialize)]
pub struct NumberForm {
    #[serde(default)]
    msisdn: String,
    #[serde(default)]
    country: String,
    offer: Option<String>,
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Form(form): Form<NumberForm>,
) -> Result<Response, Failure> {
    if let Some(until) = flows::tries::of_numbers(&site.world, &reader.address).await? {
        return too_many(&site, &reader, jar, &form, until).await;
    }
    match find(&site, &form).await {
        Ok(cart) => {
            // With an offer of one price there is nothing left to choose.
            let next = if cart.offer.is_some() { "/review" } else { "" };
            Ok(Redirect::to(&format!("/top-up/{}{next}", cart.seal(&site)?)).into_response())
        }
        Err(flows::Error::Refused(refusal)) => {
            again(&site, &reader, jar, &form, Problem::refused(&refusal)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The form with what was typed.
async fn filled(site: &Site, reader: &Reader, jar: &CookieJar, form: &NumberForm) -> Result<Start, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let mut filled = view(&catalogue, reader);
    if filled.countries.iter().any(|c| c.code == form.country) {
        filled.country.clone_from(&form.country);
    }
    let promoted = |id: &String| catalogue.offers.iter().find(|offer| &offer.id == id);
    if let Some(offer) = form.offer.as_ref().and_then(promoted) {
        filled.country.clone_from(&offer.market);
        filled.offer = Some(offer.id.clone());
    }
    let shown = catalogue.promotions_shown(site.world.now());
    let own = shown.into_iter().find(|p| p.market == filled.country && p.starts_at <= site.world.now());
    filled.promotion = own.map(|p| PromotionShown::of(p, reader.locale, site.world.now()));
    let msisdn = form.msisdn.chars().take(40).collect();
    let own_lines = me::own_lines(site, jar).await?;
    Ok(Start { msisdn, own_lines, own_orders: own::orders(site, jar).await?.len(), ..filled })
}

/// The form as it was sent, with what is wrong.
async fn again(
    site: &Site,
    reader: &Reader,
    jar: CookieJar,
    form: &NumberForm,
    problem: Problem,
) -> Result<Response, Failure> {
    let view = Start { problem: Some(problem), ..filled(site, reader, &jar, form).await? };
    let (msisdn, country) = (view.msisdn.clone(), view.country.clone());
    let jar = Draft { msisdn, country, ..Draft::default() }.keep(site, jar)?;
    Ok((jar, html(site, reader, &view)).into_response())
}

/// Says until when no more numbers are answered, to people and in `Retry-After`.
async fn too_many(
    site: &Site,
    reader: &Reader,
    jar: CookieJar,
    form: &NumberForm,
    until: UnixMs,
) -> Result<Response, Failure> {
    let seconds = (until.0 - site.world.now().0).max(0) / SECOND_MS + 1;
    let zone = super::zone(site, reader).await?;
    let page =
        again(site, reader, jar, form, Problem::page(PageProblem::ProofLocked { until, zone })).await?;
    let retry_after = [(header::RETRY_AFTER, seconds.to_string())];
    Ok((StatusCode::TOO_MANY_REQUESTS, retry_after, page).into_response())
}

async fn find(site: &Site, form: &NumberForm) -> Result<Cart, flows::Error> {
    let msisdn = Msisdn::parse(&form.msisdn, Some(&form.country)).map_err(Refusal::from)?;
    let line = flows::lines::find_payable(&site.world, &msisdn).await?;
    let cart = Cart::new(site, &msisdn);
    let catalogue = site.world.fresh_catalogue().await?;
    let offer = form.offer.as_ref().and_then(|id| catalogue.offer_for(id, &line, Channel::Online));
    Ok(match offer {
        Some(offer) if matches!(offer.pricing, Pricing::Fixed { .. }) => cart.with_offer(&offer.id, None),
        Some(_) | None => cart,
    })
}
