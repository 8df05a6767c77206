//! The third screen: the whole price before paying, then off to the payment page.

use super::cart::Cart;
use super::{html, pass, start};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::actor::Actor;
use domain::money::Money;
use domain::order::Order;
use domain::refusal::Refusal;
use domain::top_up::Channel;
use flows::top_up::checkout::{self, Begun, Checkout};
use flows::top_up::quote::{self, Quote};
use flows::top_up::sell::RequestKey;
use render::view::Review;
use render::{PageProblem, Problem};
use serde::Deserialize;

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    Path(sealed): Path<String>,
) -> Result<Response, Failure> {
    let Some(cart) = Cart::open(&site, &sealed) else { return start::cart_gone(&site, &reader).await };
    let Some(quote) = price(&site, &reader, &cart).await? else {
        return Ok(Redirect::to(&format!("/top-up/{sealed}")).into_response());
    };
    let key = hex(site.world.ids.random());
    Ok(html(&site, &reader, &view(&reader, &cart, &sealed, &quote, key)))
}

fn hex(bytes: [u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Prices the cart; `None` when nothing was chosen yet or the choice is no longer sold.
async fn price(site: &Site, reader: &Reader, cart: &Cart) -> Result<Option<Quote>, Failure> {
    let Some(offer) = cart.offer.clone() else { return Ok(None) };
    let (msisdn, amount) = (cart.msisdn(), cart.amount);
    let order = Order { msisdn, offer, amount, channel: Channel::Online, locale: reader.locale };
    match quote::quote(&site.world, &order).await {
        Ok(quote) => Ok(Some(quote)),
        Err(flows::Error::Refused(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn view(reader: &Reader, cart: &Cart, sealed: &str, quote: &Quote, key: String) -> Review {
    Review {
        cart: sealed.to_owned(),
        number: cart.msisdn().international(),
        last4: quote.line.last4.clone(),
        offer_name: quote.offer.name_in(reader.locale).to_owned(),
        benefit: quote.offer.benefit.clone(),
        prices: quote.prices,
        tax_name: quote.market.seller.tax_name.clone(),
        key,
        expected_total: quote.prices.total.minor,
        version: quote.offer.version_id.to_string(),
        email: String::new(),
        problem: None,
    }
}

#[derive(Deserialize)]
pub struct PayForm {
    key: String,
    expected_total: i64,
    #[serde(default)]
    version: String,
    #[serde(default)]
    email: String,
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(sealed): Path<String>,
    Form(form): Form<PayForm>,
) -> Result<Response, Failure> {
    let Some(cart) = Cart::open(&site, &sealed) else { return start::cart_gone(&site, &reader).await };
    let Some(quote) = price(&site, &reader, &cart).await? else {
        return Ok(Redirect::to(&format!("/top-up/{sealed}")).into_response());
    };
    let again = |problem: Problem, key: String| {
        let email = form.email.chars().take(254).collect();
        html(
            &site,
            &reader,
            &Review { email, problem: Some(problem), ..view(&reader, &cart, &sealed, &quote, key) },
        )
    };
    if form.expected_total != quote.prices.total.minor {
        let was = Money::new(form.expected_total, quote.prices.total.currency);
        return Ok(again(Problem::price_changed(was, quote.prices.total), hex(site.world.ids.random())));
    }
    if form.version != quote.offer.version_id.as_str() {
        return Ok(again(Problem::page(PageProblem::OfferChanged), hex(site.world.ids.random())));
    }
    let email = match flows::proof::email(&form.email) {
        Ok(email) => email,
        Err(refusal) => return Ok(again(Problem::refused(&refusal), form.key)),
    };
    match begin(&site, &reader, &form, &quote, email).await {
        Ok(begun) => go(&site, jar, &begun),
        // The same form with another e-mail address or cart: a new order, on purpose.
        Err(flows::Error::Refused(Refusal::KeyReused)) => {
            Ok(again(Problem::refused(&Refusal::KeyReused), hex(site.world.ids.random())))
        }
        Err(flows::Error::Refused(Refusal::TenderNotOffered)) => {
            Ok(again(Problem::page(PageProblem::PaymentUnavailable), form.key))
        }
        Err(error) => Err(error.into()),
    }
}

async fn begin(
    site: &Site,
    reader: &Reader,
    form: &PayForm,
    quote: &Quote,
    email: Option<String>,
) -> Result<Begun, flows::Error> {
    let agreed = format!(
        "{} {} {} {}",
        quote.line.id,
        quote.offer.version_id,
        quote.prices.total.minor,
        email.as_deref().unwrap_or("")
    );
    let key: String = form.key.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    let checkout = Checkout {
        key: RequestKey::of_guest(&key, &agreed),
        actor: Actor::Guest,
        partner: None,
        channel: Channel::Online,
        quote: quote.clone(),
        locale: reader.locale,
        email,
        reference: None,
        provider: None,
        return_url: None,
    };
    checkout::begin(&site.world, checkout).await
}

/// To the payment page; to the order page when there is none (yet).
fn go(site: &Site, jar: CookieJar, begun: &Begun) -> Result<Response, Failure> {
    let jar = pass::give(site, jar, &begun.top_up.code)?;
    let own = format!("/o/{}", begun.top_up.code);
    let target = begun.url.as_deref().unwrap_or(&own);
    Ok((jar, Redirect::to(target)).into_response())
}
