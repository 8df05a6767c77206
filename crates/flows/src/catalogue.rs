//! The catalogue: imported as a whole, kept in memory, read anew when it is older than a few seconds.

use crate::error::Result;
use crate::promotion;
use crate::world::{StepContext, World};
use domain::bucket::Bucket;
use domain::catalogue::{Catalogue, Fault};
use domain::line::{Keeper, Line};
use domain::locale::Locale;
use domain::market::Market;
use domain::msisdn::Msisdn;
use domain::offer::{Offer, OnSale, Zone};
use domain::promotion::Promotion;
use domain::time::{SECOND_MS, UnixMs};
use domain::top_up::Channel;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Db, Tx};

/// Another process may import: what is in memory is read anew after this long.
const FRESH_FOR_MS: i64 = 5 * SECOND_MS;

/// The catalogue in memory.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub markets: Vec<Market>,
    pub offers: Vec<Offer>,
    /// Every zone that is or was listed.
    pub zones: Vec<Zone>,
    pub promotions: Vec<Promotion>,
    /// What each promotion could still give when this was loaded, by its id.
    pub budgets: BTreeMap<String, i64>,
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

    /// What a line can buy in a channel now, fixed prices first.
    pub fn offers_for(&self, line: &Line, channel: Channel, now: UnixMs) -> Vec<&Offer> {
        let sold = |o: &&Offer| is_for(o, line, channel) && o.on_sale(now) == OnSale::Now;
        let mut offers: Vec<&Offer> = self.offers.iter().filter(sold).collect();
        offers.sort_by_key(|o| (!matches!(o.pricing, domain::offer::Pricing::Fixed { .. }), o.position));
        offers
    }

    /// What a line will be able to buy in a channel, the next one first.
    pub fn coming_for(&self, line: &Line, channel: Channel, now: UnixMs) -> Vec<(&Offer, UnixMs)> {
        let own = self.offers.iter().filter(|o| is_for(o, line, channel));
        let coming = |o: &'_ Offer| match o.on_sale(now) {
            OnSale::From(from) => Some(from),
            OnSale::Now | OnSale::Ended(_) => None,
        };
        let mut offers: Vec<(&Offer, UnixMs)> = own.filter_map(|o| Some((o, coming(o)?))).collect();
        offers.sort_by_key(|(o, from)| (*from, o.position));
        offers
    }

    /// A zone by its id, also one that is no longer listed.
    pub fn zone(&self, id: &str) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.id == id)
    }

    /// What a bucket came from: its promotion, or the only bundle of its family.
    pub fn name_of(&self, bucket: &Bucket, locale: Locale) -> Option<String> {
        if let Some(id) = promotion::of_family(&bucket.family) {
            let promotion = self.promotions.iter().find(|promotion| promotion.id == id);
            return promotion.map(|promotion| promotion.name_in(locale).to_owned());
        }
        let mut bundles = self.offers.iter().filter(|o| o.family == bucket.family && o.gives(bucket.unit));
        let (first, more) = (bundles.next()?, bundles.next());
        more.is_none().then(|| first.name_in(locale).to_owned())
    }

    /// An offer of a line's market by its id, whether it is sold today or not.
    pub fn offer_for(&self, id: &str, line: &Line, channel: Channel) -> Option<&Offer> {
        self.offers.iter().find(|o| o.id == id && is_for(o, line, channel))
    }
}

/// Is it an offer for this line? Who keeps the line's balance must be able to give it.
fn is_for(offer: &Offer, line: &Line, channel: Channel) -> bool {
    let given = line.keeper == Keeper::Ours || crate::top_up::network::carries(offer);
    offer.market == line.market && offer.sold_in(channel) && given
}

pub(crate) async fn load(db: &Db, now: UnixMs) -> Result<Loaded> {
    let read = db.read(move |tx| {
        Ok(Loaded {
            markets: store::market::list(tx)?,
            offers: store::offer::list_current(tx)?,
            zones: store::market::list_zones(tx)?,
            promotions: store::promotion::list(tx)?,
            budgets: store::promotion::list_left(tx)?,
            loaded_at: now,
        })
    });
    Ok(read.await?)
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
    pub promotions: usize,
    pub new_versions: usize,
}

/// Checks a catalogue file as a whole and makes it the current one, or says what is wrong and changes nothing.
pub async fn import(world: &World, text: &str) -> Result<std::result::Result<Imported, Vec<Fault>>> {
    let catalogue = match domain::catalogue::parse(text) {
        Ok(catalogue) => Arc::new(catalogue),
        Err(faults) => return Ok(Err(faults)),
    };
    let imported = Imported {
        markets: catalogue.markets.len(),
        offers: catalogue.offers.len(),
        promotions: catalogue.promotions.len(),
        new_versions: 0,
    };
    let context = world.step();
    let written = world.db.write(move |tx| replace(tx, &context, &catalogue)).await?;
    let new_versions = match written {
        Ok(new_versions) => new_versions,
        Err(faults) => return Ok(Err(faults)),
    };
    let loaded = Arc::new(load(&world.db, world.now()).await?);
    *world.catalogue.write().unwrap_or_else(std::sync::PoisonError::into_inner) = loaded;
    Ok(Ok(Imported { new_versions, ..imported }))
}

/// Writes a checked catalogue; nothing of it when a budget cannot be what it says. Returns how many offers have a new
/// version.
fn replace(
    tx: &mut Tx<'_>,
    context: &StepContext,
    catalogue: &Catalogue,
) -> anyhow::Result<std::result::Result<usize, Vec<Fault>>> {
    let Catalogue { zones, markets, offers, promotions, .. } = catalogue;
    let faults = promotion::check_budgets(tx, promotions)?;
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    store::market::replace_zones(tx, zones)?;
    store::market::replace_all(tx, markets, context.now)?;
    let new_versions = store::offer::replace_current(tx, offers, context.ids.as_ref(), context.now)?;
    let current: Vec<Promotion> = promotions.iter().map(|listed| listed.promotion.clone()).collect();
    store::promotion::replace_current(tx, &current, context.ids.as_ref(), context.now)?;
    let postings = promotion::fund(tx, context, promotions)?;
    context.record(tx, &postings)?;
    Ok(Ok(new_versions))
}
