//! The second screen: what?

use super::cart::Cart;
use super::{html, start};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::line::Line;
use domain::money::Money;
use domain::offer::{AmountRefused, Benefit, Offer, Pricing};
use domain::refusal::Refusal;
use domain::top_up::Channel;
use render::view::{BonusShown, Choose, Coming, NoOffers, OfferCard};
use render::{PageProblem, Problem};
use serde::Deserialize;

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(sealed): Path<String>,
) -> Result<Response, Failure> {
    let Some(cart) = Cart::open(&site, &sealed) else { return start::cart_gone(&site, &reader, &jar).await };
    let line = match payable(&site, &cart).await? {
        Ok(line) => line,
        Err(refusal) => return start::refused(&site, &reader, &jar, &cart.msisdn(), &refusal).await,
    };
    let again = no_longer(&site, &cart, &line).await?;
    show(&site, &reader, &cart, &sealed, &line, again).await
}

/// The line of the cart, or why it is not topped up any more.
async fn payable(site: &Site, cart: &Cart) -> Result<Result<Line, Refusal>, Failure> {
    match flows::lines::find_payable(&site.world, &cart.msisdn()).await {
        Ok(line) => Ok(Ok(line)),
        Err(flows::Error::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error.into()),
    }
}

/// Why what was chosen before cannot be had any more, with what was chosen.
async fn no_longer(
    site: &Site,
    cart: &Cart,
    line: &Line,
) -> Result<Option<(Form<OfferForm>, Problem)>, Failure> {
    let Some(offer) = &cart.offer else { return Ok(None) };
    let amount = cart.amount.map(render::format::decimal).unwrap_or_default();
    let form = Form(OfferForm { offer: Some(offer.clone()), amount });
    match flows::top_up::quote::price(&site.world, line.clone(), offer, cart.amount, Channel::Online).await {
        Ok(_) => Ok(None),
        Err(flows::Error::Refused(refusal)) => Ok(Some((form, Problem::refused(&refusal)))),
        Err(error) => Err(error.into()),
    }
}

async fn show(
    site: &Site,
    reader: &Reader,
    cart: &Cart,
    sealed: &str,
    line: &Line,
    again: Option<(Form<OfferForm>, Problem)>,
) -> Result<Response, Failure> {
    let msisdn = cart.msisdn();
    let catalogue = site.world.fresh_catalogue().await?;
    let offers = catalogue.offers_for(line, Channel::Online, site.world.now());
    let (chosen, amount, problem) = match again {
        Some((Form(form), problem)) => (form.offer, form.amount.chars().take(20).collect(), Some(problem)),
        None => (cart.offer.clone(), cart.amount.map(render::format::decimal).unwrap_or_default(), None),
    };
    let found = chosen.as_ref().and_then(|id| offers.iter().find(|offer| &offer.id == id));
    let problem = match (problem, found) {
        (Some(problem), Some(offer)) => Some(problem.within(&offer.pricing)),
        (problem, _) => problem,
    };
    let bonuses = flows::promotion::on_offers(&site.world, line, &offers).await?;
    let cards = |bundles: bool| {
        let wanted = offers.iter().filter(|o| matches!(o.benefit, Benefit::Bundle { .. }) == bundles);
        let promotion = |o: &Offer| bonuses.get(&o.id).map(|bonus| BonusShown::of(bonus, reader.locale));
        wanted.map(|o| OfferCard::of(o, reader.locale).promoted(promotion(o))).collect::<Vec<_>>()
    };
    let view = Choose {
        cart: sealed.to_owned(),
        number: msisdn.international(),
        credit: cards(false),
        bundles: cards(true),
        coming: coming(&catalogue, line, reader, site.world.now()),
        no_offers: why_none(line, &offers),
        offer: chosen,
        amount,
        problem,
    };
    Ok(html(site, reader, &view))
}

/// Nobody reads more of what cannot be bought yet.
const COMING_MAX: usize = 5;

fn coming(
    catalogue: &flows::catalogue::Loaded,
    line: &Line,
    reader: &Reader,
    now: domain::time::UnixMs,
) -> Vec<Coming> {
    let Some(market) = catalogue.market(&line.market) else { return Vec::new() };
    let offers = catalogue.coming_for(line, Channel::Online, now);
    let shown = |(offer, from): (&Offer, domain::time::UnixMs)| Coming {
        name: offer.name_in(reader.locale).to_owned(),
        from,
        zone: market.seller.time_zone.clone(),
    };
    offers.into_iter().take(COMING_MAX).map(shown).collect()
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
    jar: CookieJar,
    Path(sealed): Path<String>,
    form: Form<OfferForm>,
) -> Result<Response, Failure> {
    let Some(cart) = Cart::open(&site, &sealed) else { return start::cart_gone(&site, &reader, &jar).await };
    let line = match payable(&site, &cart).await? {
        Ok(line) => line,
        Err(refusal) => return start::refused(&site, &reader, &jar, &cart.msisdn(), &refusal).await,
    };
    let Some(offer) = form.offer.clone() else {
        let problem = Problem::page(PageProblem::OfferMissing);
        return show(&site, &reader, &cart, &sealed, &line, Some((form, problem))).await;
    };
    match choose(&site, &cart, &line, &offer, &form.amount).await {
        Ok(cart) => Ok(Redirect::to(&format!("/top-up/{}/review", cart.seal(&site)?)).into_response()),
        Err(flows::Error::Refused(refusal)) => {
            let again = Some((form, Problem::refused(&refusal)));
            show(&site, &reader, &cart, &sealed, &line, again).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn choose(
    site: &Site,
    cart: &Cart,
    line: &Line,
    offer: &str,
    amount: &str,
) -> Result<Cart, flows::Error> {
    let catalogue = site.world.fresh_catalogue().await?;
    let found = catalogue.offer_for(offer, line, Channel::Online).ok_or(Refusal::OfferUnknown)?;
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
    flows::top_up::quote::price(&site.world, line.clone(), offer, amount, Channel::Online).await?;
    Ok(cart.clone().with_offer(offer, amount))
}
