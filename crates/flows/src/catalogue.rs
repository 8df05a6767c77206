//! The catalogue: imported as a whole, kept in memory, read anew when it is older than a few seconds.

use crate::error::Result;
use crate::world::World;
use domain::catalogue::{Catalogue, Fault};
use domain::line::Line;
use domain::market::Market;
use domain::msisdn::Msisdn;
use domain::offer::Offer;
use domain::time::{SECOND_MS, UnixMs};
use domain::top_up::Channel;
use std::sync::Arc;
use store::Db;

/// Another process may import: what is in memory is read anew after this long.
const FRESH_FOR_MS: i64 = 5 * SECOND_MS;

/// The catalogue in memory.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub markets: Vec<Market>,
    pub offers: Vec<Offer>,
    loaded_at: UnixMs,
}

impl Loaded {
    /// The market whose number ranges hold the number.
    pub fn market_of(&self, msisdn: &Msisdn) -> Option<&Market> {
        let holds =
            |market: &&Market| market.number_ranges.iter().any(|range| msisdn.digits().starts_with(range));
        self.markets.iter().find(holds)
    }

    pub fn market(&self, country: &str) -> Option<&Market> {
        self.markets.iter().find(|market| market.country == country)
    }

    /// What a line can buy in a channel, fixed prices first.
    pub fn offers_for(&self, line: &Line, channel: Channel) -> Vec<&Offer> {
        let mut offers: Vec<&Offer> =
            self.offers.iter().filter(|o| o.market == line.market && o.sold_in(channel)).collect();
        offers.sort_by_key(|o| (!matches!(o.pricing, domain::offer::Pricing::Fixed { .. }), o.position));
        offers
    }

    pub fn offer_for(&self, id: &str, line: &Line, channel: Channel) -> Option<&Offer> {
        self.offers.iter().find(|o| o.id == id && o.market == line.market && o.sold_in(channel))
    }
}

pub(crate) async fn load(db: &Db, now: UnixMs) -> Result<Loaded> {
    let (markets, offers) =
        db.read(|tx| Ok((store::market::list(tx)?, store::offer::list_current(tx)?))).await?;
    Ok(Loaded { markets, offers, loaded_at: now })
}

impl World {
    /// The catalogue as it is in memory.
    pub fn catalogue(&self) -> Arc<Loaded> {
        self.catalogue.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The catalogue, read anew when what is in memory is not fresh.
    pub async fn fresh_catalogue(&self) -> Result<Arc<Loaded>> {
        let catalogue = self.catalogue();
        let now = self.now();
        if now.0 - catalogue.loaded_at.0 < FRESH_FOR_MS && !catalogue.markets.is_empty() {
            return Ok(catalogue);
        }
        let loaded = Arc::new(load(&self.db, now).await?);
        *self.catalogue.write().unwrap_or_else(std::sync::PoisonError::into_inner) = loaded.clone();
        Ok(loaded)
    }
}

/// What an import changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub markets: usize,
    pub offers: usize,
    pub new_versions: usize,
}

/// Checks a catalogue file as a whole and makes it the current one, or says what is wrong and changes nothing.
pub async fn import(world: &World, text: &str) -> Result<std::result::Result<Imported, Vec<Fault>>> {
    let catalogue = match domain::catalogue::parse(text) {
        Ok(catalogue) => Arc::new(catalogue),
        Err(faults) => return Ok(Err(faults)),
    };
    let imported =
        Imported { markets: catalogue.markets.len(), offers: catalogue.offers.len(), new_versions: 0 };
    let context = world.step();
    let new_versions = world
        .db
        .write(move |tx| {
            let Catalogue { markets, offers, .. } = catalogue.as_ref();
            store::market::replace_all(tx, markets, context.now)?;
            store::offer::replace_current(tx, offers, context.ids.as_ref(), context.now)
        })
        .await?;
    let loaded = Arc::new(load(&world.db, world.now()).await?);
    *world.catalogue.write().unwrap_or_else(std::sync::PoisonError::into_inner) = loaded;
    Ok(Ok(Imported { new_versions, ..imported }))
}
