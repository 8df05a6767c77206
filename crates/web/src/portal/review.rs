//! The third screen: the whole price before paying, then off to the payment page.

use super::cart::Cart;
use super::draft::Draft;
use super::session::MaybeSignedIn;
use super::{device, html, me, own, pass, start};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::actor::Actor;
use domain::line::Keeper;
use domain::money::Money;
use domain::offer::Benefit;
use domain::order::Order;
use domain::refusal::Refusal;
use domain::top_up::{Channel, TopUp, TopUpState};
use flows::risk::Origin;
use flows::top_up::afterwards;
use flows::top_up::checkout::{self, Begun, Checkout};
use flows::top_up::quote::{self, Quote};
use render::AfterwardsValues;
use render::view::{BonusShown, Review, TaxesShown, TermsShown};
use render::{PageProblem, Problem};
use serde::Deserialize;

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    signed_in: MaybeSignedIn,
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
    let after = after(&site, &signed_in, &quote).await?;
    let no_promotions = no_promotions(&site, &quote).await?;
    let signed = signed_in.0.is_some();
    let shown = Shown { own_orders: orders.len(), sealed, after, signed_in: signed, no_promotions };
    let email = match Draft::of(&site, &reader, &jar).email {
        typed if typed.is_empty() => me::own_email(&site, &signed_in).await?,
        typed => typed,
    };
    let jar = device::keep(&site, pass::give_next(&site, jar, &cart.code(), &orders)?);
    flows::risk::limits(&site.world).await?;
    let view = Review { email, ..view(&site, &reader, &cart, &shown, &quote) };
    Ok((jar, html(&site, &reader, &view)).into_response())
}

/// What the page shows besides the price.
struct Shown {
    sealed: String,
    own_orders: usize,
    after: AfterwardsValues,
    signed_in: bool,
    no_promotions: bool,
}

/// Is there a promotion on the offer which this line cannot have, because its network keeps the balance?
async fn no_promotions(site: &Site, quote: &Quote) -> Result<bool, Failure> {
    if quote.line.keeper == Keeper::Ours {
        return Ok(false);
    }
    let (catalogue, now) = (site.world.fresh_catalogue().await?, site.world.now());
    let shown = catalogue.promotions_shown(now);
    Ok(shown.iter().any(|promotion| promotion.starts_at <= now && promotion.offers.contains(&quote.offer.id)))
}

/// What the number will have. Only who is signed in and has the line in the account is told its balance.
async fn after(site: &Site, reader: &MaybeSignedIn, quote: &Quote) -> Result<AfterwardsValues, Failure> {
    let subscriber = reader.0.as_ref().map(|signed_in| &signed_in.subscriber);
    let sees = afterwards::seen_by(&site.world, subscriber, &quote.line).await?;
    Ok(afterwards::afterwards(&site.world, quote, sees).await?)
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
        bonus: quote.promotion.as_ref().map(|bonus| BonusShown::of(bonus, reader.locale)),
        expected_bonus: agreed_bonus(quote),
        arrives: arrives(quote),
        no_promotions: shown.no_promotions,
        taxes: TaxesShown::of(&quote.offer, &quote.prices, reader.locale),
        terms: TermsShown::of(&quote.offer, reader.locale),
        after: shown.after.clone(),
        code: cart.code(),
        own_orders: shown.own_orders,
        expected_total: quote.prices.total.minor,
        version: quote.offer.version_id.to_string(),
        email: String::new(),
        signed_in: shown.signed_in,
        methods: site.world.payment_methods(),
        problem: None,
    }
}

/// All credit that arrives, where a promotion adds money to credit that is bought.
fn arrives(quote: &Quote) -> Option<Money> {
    let given = quote.promotion.as_ref().and_then(|bonus| bonus.money())?;
    let bought = (quote.offer.benefit == Benefit::Credit).then(|| quote.prices.credit().ok())??;
    bought.plus(given).ok()
}

/// What a promotion gives, as the form carries it back; empty where nothing.
fn agreed_bonus(quote: &Quote) -> String {
    let bonus = quote.promotion.as_ref();
    bonus.map_or_else(String::new, |bonus| format!("{} {}", bonus.version, bonus.amount))
}

#[derive(Deserialize)]
pub struct PayForm {
    expected_total: i64,
    #[serde(default)]
    version: String,
    /// The bonus that the buyer was shown.
    #[serde(default)]
    expected_bonus: String,
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

/// A form that was sent, with who sent it.
struct Sent<'a> {
    site: &'a Site,
    reader: &'a Reader,
    signed_in: &'a MaybeSignedIn,
    jar: &'a CookieJar,
    cart: &'a Cart,
    sealed: &'a str,
    form: &'a PayForm,
}

impl Sent<'_> {
    /// The page as it is now, with what is wrong.
    async fn again(&self, quote: &Quote, problem: Problem) -> Result<Response, Failure> {
        let own_orders = own::orders(self.site, self.jar).await?.len();
        let after = after(self.site, self.signed_in, quote).await?;
        let signed_in = self.signed_in.0.is_some();
        let no_promotions = no_promotions(self.site, quote).await?;
        let shown = Shown { own_orders, sealed: self.sealed.to_owned(), after, signed_in, no_promotions };
        let email: String = self.form.email.chars().take(254).collect();
        let jar = Draft { email: email.clone(), ..Draft::default() }.keep(self.site, self.jar.clone())?;
        let view = view(self.site, self.reader, self.cart, &shown, quote);
        let view = Review { email, problem: Some(problem), ..view };
        Ok((jar, html(self.site, self.reader, &view)).into_response())
    }

    /// What is otherwise than the buyer was shown.
    fn otherwise(&self, quote: &Quote) -> Option<Problem> {
        let (form, total) = (self.form, quote.prices.total);
        if form.expected_total != total.minor {
            return Some(Problem::price_changed(Money::new(form.expected_total, total.currency), total));
        }
        if form.version != quote.offer.version_id.as_str() {
            return Some(Problem::page(PageProblem::OfferChanged));
        }
        let bonus_changed = !form.expected_bonus.is_empty() && form.expected_bonus != agreed_bonus(quote);
        bonus_changed.then(|| Problem::refused(&Refusal::BonusChanged { total }))
    }

    fn checkout(&self, quote: &Quote, email: Option<String>) -> Checkout {
        // What was shown is given, and nothing else.
        let promotion = quote.promotion.clone().filter(|_| !self.form.expected_bonus.is_empty());
        Checkout {
            key: self.cart.key(&self.form.agreed()),
            actor: match &self.signed_in.0 {
                Some(signed_in) => Actor::Subscriber(signed_in.subscriber.clone()),
                None => Actor::Guest,
            },
            partner: None,
            subscriber: self.signed_in.0.as_ref().map(|signed_in| signed_in.subscriber.clone()),
            channel: Channel::Online,
            quote: Quote { promotion, ..quote.clone() },
            bonus_shown: true,
            locale: self.reader.locale,
            email,
            reference: None,
            provider: self.form.method.clone(),
            return_url: None,
            origin: Origin { address: Some(self.reader.address.clone()), device: device::of(self.jar) },
        }
    }
}

pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    signed_in: MaybeSignedIn,
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
    let sent = Sent {
        site: &site,
        reader: &reader,
        signed_in: &signed_in,
        jar: &jar,
        cart: &cart,
        sealed: &sealed,
        form: &form,
    };
    if let Some(problem) = sent.otherwise(&quote) {
        return sent.again(&quote, problem).await;
    }
    let email = match flows::proof::email(&form.email) {
        Ok(email) => email,
        Err(refusal) => return sent.again(&quote, Problem::refused(&refusal)).await,
    };
    let checkout = sent.checkout(&quote, email);
    match checkout::begin_with(&site.world, checkout, Some(cart.code())).await {
        Ok(begun) => go(&site, jar, &begun),
        // Another tab was faster, with another way to pay or another address.
        Err(flows::Error::Refused(Refusal::KeyReused)) => match checkout::earlier(&site.world, &key).await? {
            Some(earlier) => already(&site, jar, &earlier.top_up),
            None => sent.again(&quote, Problem::refused(&Refusal::KeyReused)).await,
        },
        // Its budget, or the line's last use of it, went to somebody else in this moment. Nothing was begun.
        Err(flows::Error::Refused(refusal @ Refusal::BonusChanged { .. })) => {
            let now = Quote { promotion: None, ..quote };
            sent.again(&now, Problem::refused(&refusal)).await
        }
        Err(error) => match refused(error, &quote) {
            Ok(problem) => sent.again(&quote, problem).await,
            Err(error) => Err(error.into()),
        },
    }
}

/// Why no order was begun, as the page says it.
fn refused(error: flows::Error, quote: &Quote) -> Result<Problem, flows::Error> {
    let zone = quote.market.seller.time_zone.clone();
    match error {
        flows::Error::Refused(Refusal::TooManyTopUps { mark, until }) => {
            Ok(Problem::page(PageProblem::TooManyTopUps { mark, until, zone }))
        }
        flows::Error::Refused(Refusal::TooManyTries { until }) => {
            Ok(Problem::page(PageProblem::TooManyTries { until, zone }))
        }
        flows::Error::Refused(Refusal::TenderNotOffered) => {
            Ok(Problem::page(PageProblem::PaymentUnavailable))
        }
        error => Err(error),
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
