//! Who gets a campaign: those who agreed, in its markets, each by one channel and in one language.
//!
//! A reader belongs to the market of an own line. Without a line it is the market of the contact phone's country, and
//! where that is none of ours, the first market. At night nobody is written to: night is where the contact phone is
//! from; a country that we know no zone of, and readers without a phone, have the zone of the market.

use crate::catalogue::Loaded;
use crate::error::Result;
use crate::world::World;
use domain::campaign::{Plan, open_at, zones_of};
use domain::locale::Locale;
use domain::msisdn::Msisdn;
use domain::notice::NoticeChannel;
use domain::time::UnixMs;
use std::collections::BTreeMap;
use store::campaign::{self, Agreed};
use store::keyring::Purpose;

/// So many who agreed are looked at for a preview.
pub const PREVIEW_MAX: i64 = 10_000;
const CHUNK: i64 = 500;

/// How somebody gets a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reader {
    pub channel: NoticeChannel,
    /// The language of the words.
    pub locale: Locale,
    /// From when on it may be sent.
    pub open_at: UnixMs,
}

/// The contact phone of somebody.
pub(super) fn phone(world: &World, sealed: Option<&str>) -> Result<Option<Msisdn>> {
    let digits = sealed.map(|sealed| world.keyring.open_sealed(Purpose::Msisdn, sealed)).transpose()?;
    Ok(digits.map(Msisdn::stored))
}

/// From when on somebody may be written to.
pub(super) fn day_for(
    catalogue: &Loaded,
    phone: Option<&Msisdn>,
    market: Option<&str>,
    now: UnixMs,
) -> UnixMs {
    if let Some(zones) = phone.and_then(|phone| phone.country()).as_deref().and_then(zones_of) {
        return open_at(now, zones);
    }
    let market = market.and_then(|market| catalogue.market(market)).or(catalogue.markets.first());
    open_at(now, &[market.map_or("UTC", |market| market.seller.time_zone.as_str())])
}

/// Does somebody get the campaign, and how?
pub(super) fn reader(
    world: &World,
    catalogue: &Loaded,
    plan: &Plan,
    agreed: &Agreed,
    now: UnixMs,
) -> Result<Option<Reader>> {
    let (Some(channel), Some((locale, _))) =
        (plan.channel_for(&agreed.channels), plan.words_for(agreed.locale))
    else {
        return Ok(None);
    };
    let phone = phone(world, agreed.phone_sealed.as_deref())?;
    let market = match &agreed.market {
        Some(_) if !agreed.wanted => return Ok(None),
        Some(market) => Some(market.clone()),
        None => home(catalogue, phone.as_ref()).filter(|home| plan.markets.contains(home)),
    };
    let Some(market) = market else { return Ok(None) };
    let open_at = day_for(catalogue, phone.as_ref(), Some(&market), now);
    Ok(Some(Reader { channel, locale, open_at }))
}

/// The market of somebody without a line.
fn home(catalogue: &Loaded, phone: Option<&Msisdn>) -> Option<String> {
    let country = phone.and_then(Msisdn::country);
    let own = country.filter(|country| catalogue.market(country).is_some());
    own.or_else(|| catalogue.markets.first().map(|market| market.country.clone()))
}

/// How many would get it now, by channel and language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    pub by: BTreeMap<(NoticeChannel, Locale), i64>,
    /// Were more asked to agree than were looked at?
    pub more: bool,
}

impl Reach {
    pub fn total(&self) -> i64 {
        self.by.values().sum()
    }
}

/// Counts who would get a campaign now, among the first of those who agreed.
pub async fn reach(world: &World, plan: &Plan) -> Result<Reach> {
    let catalogue = world.fresh_catalogue().await?;
    let (mut reach, mut after, mut looked) = (Reach::default(), String::new(), 0);
    loop {
        let (markets, from) = (plan.markets.clone(), after.clone());
        let agreed = world.db.read(move |tx| campaign::readers_after(tx, &markets, &from, CHUNK)).await?;
        let Some(last) = agreed.last() else { return Ok(reach) };
        after = last.subscriber.to_string();
        for one in &agreed {
            if let Some(reader) = reader(world, &catalogue, plan, one, world.now())? {
                *reach.by.entry((reader.channel, reader.locale)).or_default() += 1;
            }
        }
        looked += CHUNK;
        if looked >= PREVIEW_MAX {
            reach.more = true;
            return Ok(reach);
        }
    }
}
