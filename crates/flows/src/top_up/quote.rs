//! Quote: what an order costs and what arrives, before anything is stored. The same function prices every
//! channel, and every sale is priced by it again.

use crate::catalogue::Loaded;
use crate::error::Result;
use crate::lines;
use crate::world::World;
use domain::id::{OfferVersionId, PartnerId, QuoteId};
use domain::line::Line;
use domain::market::Market;
use domain::money::Money;
use domain::offer::{Offer, OnSale};
use domain::order::Order;
use domain::price::PriceLines;
use domain::promotion::Bonus;
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::top_up::Channel;
use store::Tx;

/// A priced order.
#[derive(Debug, Clone)]
pub struct Quote {
    pub line: Line,
    pub market: Market,
    pub offer: Offer,
    pub prices: PriceLines,
    /// What a promotion gives on top.
    pub promotion: Option<Bonus>,
    /// Until when a bundle bought now lasts at least; not known before a first use.
    pub valid_until: Option<UnixMs>,
}

/// Prices an order for a number.
pub async fn quote(world: &World, order: &Order) -> Result<Quote> {
    let line = lines::find_payable(world, &order.msisdn).await?;
    price(world, line, &order.offer, order.amount, order.channel).await
}

/// Prices an offer for a line that is known already.
pub async fn price(
    world: &World,
    line: Line,
    offer: &str,
    amount: Option<Money>,
    channel: Channel,
) -> Result<Quote> {
    let catalogue = world.fresh_catalogue().await?;
    let quote = price_from(&catalogue, line, (offer, amount), channel, world.now())?;
    crate::promotion::with_bonus(world, &catalogue, quote).await
}

/// The same from a catalogue that is at hand, without what a promotion gives.
pub(crate) fn price_from(
    catalogue: &Loaded,
    line: Line,
    (offer, amount): (&str, Option<Money>),
    channel: Channel,
    now: UnixMs,
) -> std::result::Result<Quote, Refusal> {
    let offer = catalogue.offer_for(offer, &line, channel).ok_or(Refusal::OfferUnknown)?.clone();
    match offer.on_sale(now) {
        OnSale::Now => {}
        OnSale::From(from) => return Err(Refusal::OfferNotYet { from }),
        OnSale::Ended(until) => return Err(Refusal::OfferEnded { until }),
    }
    let prices = offer.price(amount).map_err(Refusal::from)?;
    if prices.total.currency != line.currency {
        return Err(Refusal::CurrencyMismatch);
    }
    let market = catalogue.market(&line.market).ok_or(Refusal::LineUnknown)?.clone();
    let valid_until = offer.ends(now);
    Ok(Quote { line, market, offer, prices, promotion: None, valid_until })
}

/// Promises a partner this price for a while.
pub async fn promise(
    world: &World,
    partner: &PartnerId,
    quote: &Quote,
    amount: Option<Money>,
) -> Result<store::quote::Quote> {
    let promised = store::quote::Quote {
        id: QuoteId::new(world.ids.as_ref(), world.now()),
        partner: partner.clone(),
        line: quote.line.id.clone(),
        offer_version: quote.offer.version_id.clone(),
        amount_minor: amount.map(|a| a.minor),
        total_minor: quote.prices.total.minor,
        expires_at: world.now().plus_ms(world.settings.quote_ttl_ms),
        promotion: quote.promotion.clone(),
    };
    let row = promised.clone();
    world.db.write(move |tx| store::quote::insert(tx, &row)).await?;
    Ok(promised)
}

/// Checks that the total is still the one that the buyer was shown.
pub fn keep_total(quote: Quote, expected: Money) -> std::result::Result<Quote, Refusal> {
    if quote.prices.total == expected {
        return Ok(quote);
    }
    Err(Refusal::PriceChanged { now: quote.prices.total })
}

/// Checks that a promotion's bonus is still the one that the buyer was shown, where one was told.
pub fn keep_bonus(quote: Quote, expected: Option<Money>) -> std::result::Result<Quote, Refusal> {
    let given = quote.promotion.as_ref().and_then(Bonus::money);
    match expected {
        Some(expected) if given.unwrap_or(Money::zero(expected.currency)) != expected => {
            Err(Refusal::BonusChanged { total: quote.prices.total })
        }
        Some(_) | None => Ok(quote),
    }
}

/// Keeps a promise: the offer in the version and at the price that was quoted, whatever is sold by now.
pub async fn promised(
    world: &World,
    partner: &PartnerId,
    id: QuoteId,
    line: Line,
    wanted: (&str, Option<Money>),
) -> Result<Quote> {
    let (owner, now) = (partner.clone(), world.now());
    let found = world.db.read(move |tx| find_promise(tx, &id, &owner, now)).await?;
    Ok(keep_promise(&*world.fresh_catalogue().await?, found, line, wanted, now)?)
}

/// A partner's promise that has not lapsed, and the offer in its version.
pub(crate) fn find_promise(
    tx: &mut Tx<'_>,
    id: &QuoteId,
    partner: &PartnerId,
    now: UnixMs,
) -> anyhow::Result<Option<(store::quote::Quote, Offer)>> {
    let Some(promise) = store::quote::find(tx, id, partner, now)? else { return Ok(None) };
    let offer = store::offer::load_version(tx, &promise.offer_version)?;
    Ok(Some((promise, offer)))
}

pub(crate) fn keep_promise(
    catalogue: &Loaded,
    found: Option<(store::quote::Quote, Offer)>,
    line: Line,
    (offer_id, amount): (&str, Option<Money>),
    now: UnixMs,
) -> std::result::Result<Quote, Refusal> {
    let (promise, offer) = found.ok_or(Refusal::QuoteLapsed)?;
    if promise.line != line.id || offer.id != offer_id {
        return Err(Refusal::QuoteLapsed);
    }
    let prices = offer.price(amount).map_err(Refusal::from)?;
    if prices.total.minor != promise.total_minor {
        return Err(Refusal::PriceChanged { now: prices.total });
    }
    let market = catalogue.market(&line.market).ok_or(Refusal::LineUnknown)?.clone();
    let valid_until = offer.ends(now);
    Ok(Quote { line, market, offer, prices, promotion: promise.promotion, valid_until })
}

/// The version of an offer under which something was or is sold.
pub async fn version(world: &World, id: &OfferVersionId) -> Result<Offer> {
    let id = id.clone();
    Ok(world.db.read(move |tx| store::offer::load_version(tx, &id)).await?)
}
