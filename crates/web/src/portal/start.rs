//! The first screen: whose number?

use super::cart::Cart;
use super::html;
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::msisdn::Msisdn;
use domain::refusal::Refusal;
use domain::time::{SECOND_MS, UnixMs};
use flows::catalogue::Loaded;
use http::{StatusCode, header};
use render::view::{Country, Start};
use render::{PageProblem, Problem};
use serde::Deserialize;

pub async fn page(State(site): State<Site>, reader: Reader) -> Result<Response, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    Ok(html(&site, &reader, &view(&catalogue, &reader)))
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
    Start { country: guess.cloned().unwrap_or(first), countries, msisdn: String::new(), problem: None }
}

/// The page again, because the cart in the address is gone.
pub async fn cart_gone(site: &Site, reader: &Reader) -> Result<Response, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let problem = Some(Problem::page(PageProblem::CartGone));
    Ok(html(site, reader, &Start { problem, ..view(&catalogue, reader) }))
}

#[derive(Deserialize)]
pub struct NumberForm {
    #[serde(default)]
    msisdn: String,
    #[serde(default)]
    country: String,
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    Form(form): Form<NumberForm>,
) -> Result<Response, Failure> {
    if let Some(until) = flows::tries::of_numbers(&site.world, &reader.address).await? {
        return too_many(&site, &reader, &form, until).await;
    }
    match find(&site, &form).await {
        Ok(cart) => Ok(Redirect::to(&format!("/top-up/{}", cart.seal(&site)?)).into_response()),
        Err(flows::Error::Refused(refusal)) => {
            let again = again(&site, &reader, &form, Problem::refused(&refusal)).await?;
            Ok(html(&site, &reader, &again))
        }
        Err(error) => Err(error.into()),
    }
}

/// The form as it was sent, with what is wrong.
async fn again(site: &Site, reader: &Reader, form: &NumberForm, problem: Problem) -> Result<Start, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let mut again = view(&catalogue, reader);
    if again.countries.iter().any(|c| c.code == form.country) {
        again.country.clone_from(&form.country);
    }
    let msisdn = form.msisdn.chars().take(40).collect();
    Ok(Start { msisdn, problem: Some(problem), ..again })
}

/// Says until when no more numbers are answered, to people and in `Retry-After`.
async fn too_many(
    site: &Site,
    reader: &Reader,
    form: &NumberForm,
    until: UnixMs,
) -> Result<Response, Failure> {
    let seconds = (until.0 - site.world.now().0).max(0) / SECOND_MS + 1;
    let problem = Problem::page(PageProblem::ProofLocked { until, zone: "UTC".into() });
    let page = html(site, reader, &again(site, reader, form, problem).await?);
    let retry_after = [(header::RETRY_AFTER, seconds.to_string())];
    Ok((StatusCode::TOO_MANY_REQUESTS, retry_after, page).into_response())
}

async fn find(site: &Site, form: &NumberForm) -> Result<Cart, flows::Error> {
    let msisdn = Msisdn::parse(&form.msisdn, Some(&form.country)).map_err(Refusal::from)?;
    flows::lines::find_payable(&site.world, &msisdn).await?;
    Ok(Cart::new(site, &msisdn))
}
