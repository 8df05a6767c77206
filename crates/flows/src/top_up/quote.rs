//! Quote: what an order costs and what arrives, before anything is stored. The same function prices every
//! channel, and every sale is priced by it again.

use crate::error::Result;
use crate::lines;
use crate::world::World;
use domain::id::{OfferVersionId, PartnerId, QuoteId};
use domain::line::Line;
use domain::market::Market;
use domain::money::Money;
use domain::offer::{Benefit, Offer};
use domain::order::Order;
use domain::price::PriceLines;
use domain::refusal::Refusal;
use domain::time::{DAY_MS, UnixMs};
use domain::top_up::Channel;

/// A priced order.
#[derive(Debug, Clone)]
pub struct Quote {
    pub line: Line,
    pub market: Market,
    pub offer: Offer,
    pub prices: PriceLines,
    /// Until when a bundle bought now would last.
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
    let market = catalogue.market(&line.market).ok_or(Refusal::LineUnknown)?.clone();
    let offer = catalogue.offer_for(offer, &line, channel).ok_or(Refusal::OfferUnknown)?.clone();
    let prices = offer.price(amount).map_err(Refusal::from)?;
    if prices.total.currency != line.currency {
        return Err(Refusal::CurrencyMismatch.into());
    }
    let valid_until = ends(&offer.benefit, world.now());
    Ok(Quote { line, market, offer, prices, valid_until })
}

/// When what is bought now ends; credit does not.
pub(crate) fn ends(benefit: &Benefit, now: UnixMs) -> Option<UnixMs> {
    match benefit {
        Benefit::Credit => None,
        Benefit::Bundle { valid_for_days, .. } => Some(now.plus_ms(i64::from(*valid_for_days) * DAY_MS)),
    }
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
    };
    let row = promised.clone();
    world.db.write(move |tx| store::quote::insert(tx, &row)).await?;
    Ok(promised)
}

/// Checks that the total is still the one that the buyer was shown.
pub fn keep_total(quote: Quote, expected: Money) -> Result<Quote> {
    if quote.prices.total == expected {
        return Ok(quote);
    }
    Err(Refusal::PriceChanged { now: quote.prices.total }.into())
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
    let found = world.db.read(move |tx| store::quote::find(tx, &id, &owner, now)).await?;
    let promised = found.ok_or(Refusal::QuoteLapsed)?;
    let offer = version(world, &promised.offer_version).await?;
    let (offer_id, amount) = wanted;
    if promised.line != line.id || offer.id != offer_id {
        return Err(Refusal::QuoteLapsed.into());
    }
    let prices = offer.price(amount).map_err(Refusal::from)?;
    if prices.total.minor != promised.total_minor {
        return Err(Refusal::PriceChanged { now: prices.total }.into());
    }
    let market = world.fresh_catalogue().await?.market(&line.market).ok_or(Refusal::LineUnknown)?.clone();
    let valid_until = ends(&offer.benefit, now);
    Ok(Quote { line, market, offer, prices, valid_until })
}

/// The version of an offer under which something was or is sold.
pub async fn version(world: &World, id: &OfferVersionId) -> Result<Offer> {
    let id = id.clone();
    Ok(world.db.read(move |tx| store::offer::load_version(tx, &id)).await?)
}
