//! The second screen: what?

use super::cart::Cart;
use super::{html, start};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::line::Line;
use domain::money::Money;
use domain::offer::{AmountRefused, Benefit, Offer, Pricing};
use domain::refusal::Refusal;
use domain::top_up::Channel;
use render::view::{Choose, NoOffers, OfferCard};
use render::{PageProblem, Problem};
use serde::Deserialize;

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    Path(sealed): Path<String>,
) -> Result<Response, Failure> {
    let Some(cart) = Cart::open(&site, &sealed) else { return start::cart_gone(&site, &reader).await };
    show(&site, &reader, &cart, &sealed, None).await
}

async fn show(
    site: &Site,
    reader: &Reader,
    cart: &Cart,
    sealed: &str,
    again: Option<(Form<OfferForm>, Problem)>,
) -> Result<Response, Failure> {
    let msisdn = cart.msisdn();
    let line = flows::lines::find_payable(&site.world, &msisdn).await?;
    let catalogue = site.world.fresh_catalogue().await?;
    let offers = catalogue.offers_for(&line, Channel::Online);
    let (chosen, amount, problem) = match again {
        Some((Form(form), problem)) => (form.offer, form.amount.chars().take(20).collect(), Some(problem)),
        None => (cart.offer.clone(), String::new(), None),
    };
    let cards = |bundles: bool| {
        let wanted = offers.iter().filter(|o| matches!(o.benefit, Benefit::Bundle { .. }) == bundles);
        wanted.map(|o| OfferCard::of(o, reader.locale)).collect::<Vec<_>>()
    };
    let view = Choose {
        cart: sealed.to_owned(),
        number: msisdn.international(),
        credit: cards(false),
        bundles: cards(true),
        no_offers: why_none(&line, &offers),
        offer: chosen,
        amount,
        problem,
    };
    Ok(html(site, reader, &view))
}

fn why_none(line: &Line, offers: &[&Offer]) -> Option<NoOffers> {
    let fits = |offer: &&&Offer| match &offer.pricing {
        Pricing::Fixed { value } => value.currency == line.currency,
        Pricing::Range { min, .. } => min.currency == line.currency,
    };
    if offers.is_empty() {
        Some(NoOffers::Market)
    } else if !offers.iter().any(|offer| fits(&offer)) {
        Some(NoOffers::Currency)
    } else {
        None
    }
}

#[derive(Deserialize)]
pub struct OfferForm {
    offer: Option<String>,
    #[serde(default)]
    amount: String,
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    Path(sealed): Path<String>,
    form: Form<OfferForm>,
) -> Result<Response, Failure> {
    let Some(cart) = Cart::open(&site, &sealed) else { return start::cart_gone(&site, &reader).await };
    let Some(offer) = form.offer.clone() else {
        let problem = Problem::page(PageProblem::OfferMissing);
        return show(&site, &reader, &cart, &sealed, Some((form, problem))).await;
    };
    match choose(&site, &cart, &offer, &form.amount).await {
        Ok(cart) => Ok(Redirect::to(&format!("/top-up/{}/review", cart.seal(&site)?)).into_response()),
        Err(flows::Error::Refused(refusal)) => {
            show(&site, &reader, &cart, &sealed, Some((form, Problem::refused(&refusal)))).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn choose(site: &Site, cart: &Cart, offer: &str, amount: &str) -> Result<Cart, flows::Error> {
    let line = flows::lines::find_payable(&site.world, &cart.msisdn()).await?;
    let catalogue = site.world.fresh_catalogue().await?;
    let found = catalogue.offer_for(offer, &line, Channel::Online).ok_or(Refusal::OfferUnknown)?;
    let amount = match &found.pricing {
        Pricing::Fixed { .. } => None,
        Pricing::Range { .. } if amount.trim().is_empty() => {
            return Err(Refusal::AmountRefused(AmountRefused::Missing).into());
        }
        Pricing::Range { min, .. } => Some(
            Money::parse_decimal(amount, min.currency)
                .ok_or(Refusal::AmountRefused(AmountRefused::OutOfRange))?,
        ),
    };
    flows::top_up::quote::price(&site.world, line, offer, amount, Channel::Online).await?;
    Ok(cart.clone().with_offer(offer, amount))
}
