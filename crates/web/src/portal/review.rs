//! The third screen: the whole price before paying, then off to the payment page.

use super::cart::Cart;
use super::draft::Draft;
use super::{html, own, pass, start};
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
use domain::top_up::{Channel, TopUp, TopUpState};
use flows::top_up::checkout::{self, Begun, Checkout};
use flows::top_up::quote::{self, Quote};
use render::view::Review;
use render::{PageProblem, Problem};
use serde::Deserialize;

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(sealed): Path<String>,
) -> Result<Response, Failure> {
    let Some(cart) = Cart::open(&site, &sealed) else { return start::cart_gone(&site, &reader, &jar).await };
    // Back from the payment page, another tab, or an answer that was lost.
    if let Some(earlier) = checkout::earlier(&site.world, &cart.key("")).await? {
        return already(&site, jar, &earlier.top_up);
    }
    let Some(quote) = price(&site, &reader, &cart).await? else {
        return Ok(Redirect::to(&format!("/top-up/{sealed}")).into_response());
    };
    let orders = own::orders(&site, &jar).await?;
    let shown = Shown { own_orders: orders.len(), sealed };
    let email = Draft::of(&site, &reader, &jar).email;
    let jar = pass::give_next(&site, jar, &cart.code(), &orders)?;
    let view = Review { email, ..view(&site, &reader, &cart, &shown, &quote) };
    Ok((jar, html(&site, &reader, &view)).into_response())
}

/// What the page shows besides the price.
struct Shown {
    sealed: String,
    own_orders: usize,
}

/// To the order that there is already, with the words for it. Whoever holds the cart knows the number.
fn already(site: &Site, jar: CookieJar, top_up: &TopUp) -> Result<Response, Failure> {
    let jar = pass::give(site, jar, &top_up.code, true)?;
    Ok((jar, Redirect::to(&format!("/o/{}?already=1", top_up.code))).into_response())
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

fn view(site: &Site, reader: &Reader, cart: &Cart, shown: &Shown, quote: &Quote) -> Review {
    Review {
        cart: shown.sealed.clone(),
        number: cart.msisdn().international(),
        last4: quote.line.last4.clone(),
        offer_name: quote.offer.name_in(reader.locale).to_owned(),
        benefit: quote.offer.benefit.clone(),
        prices: quote.prices,
        tax_name: quote.market.seller.tax_name_in(reader.locale).to_owned(),
        code: cart.code(),
        own_orders: shown.own_orders,
        expected_total: quote.prices.total.minor,
        version: quote.offer.version_id.to_string(),
        email: String::new(),
        methods: site.world.payments.names().collect(),
        problem: None,
    }
}

#[derive(Deserialize)]
pub struct PayForm {
    expected_total: i64,
    #[serde(default)]
    version: String,
    #[serde(default)]
    email: String,
    /// Where to pay; a form without choice has none.
    method: Option<String>,
}

impl PayForm {
    /// What must be equal when the same order is sent again.
    fn agreed(&self) -> String {
        let method = self.method.as_deref().unwrap_or("");
        format!("{} {} {} {method}", self.version, self.expected_total, self.email.trim())
    }
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(sealed): Path<String>,
    Form(form): Form<PayForm>,
) -> Result<Response, Failure> {
    let Some(cart) = Cart::open(&site, &sealed) else { return start::cart_gone(&site, &reader, &jar).await };
    let key = cart.key(&form.agreed());
    if let Some(earlier) = checkout::earlier(&site.world, &key).await? {
        if !earlier.same {
            return already(&site, jar, &earlier.top_up);
        }
        return go(&site, jar, &checkout::resume(&site.world, &earlier.top_up.id).await?);
    }
    let Some(quote) = price(&site, &reader, &cart).await? else {
        return Ok(Redirect::to(&format!("/top-up/{sealed}")).into_response());
    };
    let shown = Shown { own_orders: own::orders(&site, &jar).await?.len(), sealed };
    let again = |problem: Problem| -> Result<Response, Failure> {
        let email: String = form.email.chars().take(254).collect();
        let jar = Draft { email: email.clone(), ..Draft::default() }.keep(&site, jar.clone())?;
        let view = view(&site, &reader, &cart, &shown, &quote);
        Ok((jar, html(&site, &reader, &Review { email, problem: Some(problem), ..view })).into_response())
    };
    if form.expected_total != quote.prices.total.minor {
        let was = Money::new(form.expected_total, quote.prices.total.currency);
        return again(Problem::price_changed(was, quote.prices.total));
    }
    if form.version != quote.offer.version_id.as_str() {
        return again(Problem::page(PageProblem::OfferChanged));
    }
    let email = match flows::proof::email(&form.email) {
        Ok(email) => email,
        Err(refusal) => return again(Problem::refused(&refusal)),
    };
    let checkout = Checkout {
        key: key.clone(),
        actor: Actor::Guest,
        partner: None,
        channel: Channel::Online,
        quote: quote.clone(),
        locale: reader.locale,
        email,
        reference: None,
        provider: form.method.clone(),
        return_url: None,
    };
    match checkout::begin_with(&site.world, checkout, Some(cart.code())).await {
        Ok(begun) => go(&site, jar, &begun),
        // Another tab was faster, with another way to pay or another address.
        Err(flows::Error::Refused(Refusal::KeyReused)) => match checkout::earlier(&site.world, &key).await? {
            Some(earlier) => already(&site, jar, &earlier.top_up),
            None => again(Problem::refused(&Refusal::KeyReused)),
        },
        Err(flows::Error::Refused(Refusal::TenderNotOffered)) => {
            again(Problem::page(PageProblem::PaymentUnavailable))
        }
        Err(error) => Err(error.into()),
    }
}

/// To the payment page; to the order page when there is none (yet).
fn go(site: &Site, jar: CookieJar, begun: &Begun) -> Result<Response, Failure> {
    let top_up = &begun.top_up;
    match &begun.url {
        Some(url) => {
            let jar = pass::give(site, jar, &top_up.code, true)?;
            Ok((jar, Redirect::to(url)).into_response())
        }
        None if top_up.state == TopUpState::AwaitingPayment => {
            let jar = pass::give(site, jar, &top_up.code, true)?;
            Ok((jar, Redirect::to(&format!("/o/{}", top_up.code))).into_response())
        }
        None => already(site, jar, top_up),
    }
}
