//! The look at a document at a counter: read it, judge it by the market's rule, ask the line's network whether the
//! name fits, and write down the little that may be kept. A look serves one sale to one number, by the clerk who looked
//! and for a short time: the sale itself asks for it ([`crate::top_up::sell`]). Start at [`missing`], then [`check`].

use crate::counter::At;
use crate::error::Result;
use crate::top_up::quote::Quote;
use crate::world::World;
use anyhow::Context;
use domain::id::{IdCheckId, PlaceId};
use domain::id_check::{NameMatch, OfferKind, Sale};
pub use domain::id_check::{Need, Needed, Refused};
use domain::identity::{Document, Typed};
use domain::market::Market;
use domain::msisdn::Msisdn;
use domain::offer::Benefit;
use domain::time::{MINUTE_MS, UnixMs};
use gateways::charging::HolderOutcome;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::Tx;
use store::id_check::{self, Check};
use store::keyring::Purpose;

/// So many looks for one number at one device; then it has to wait.
const LOOKS_PER_SALE: usize = 20;
/// A look that passed serves a sale for so long.
const VALID_MS: i64 = 10 * MINUTE_MS;

/// What the scanner or the clerk gave.
#[derive(Debug)]
pub enum Input {
    Scan(Scan),
    Typed(Typed),
}

/// A machine-readable zone as a scanner typed it. It does not print.
pub struct Scan(pub String);

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scan(…)")
    }
}

/// One look that a sale needs.
#[derive(Debug)]
pub struct Asked {
    pub at: At,
    pub market: String,
    /// The line of the sale.
    pub msisdn: Msisdn,
    pub needed: Needed,
    pub input: Input,
    /// The clerk says that face and document match.
    pub face_matches: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    Passed(IdCheckId),
    Refused(IdCheckId, Refused),
    /// Too many looks for one number: nothing was looked at.
    TooMany,
}

/// What a sale tells of itself to the step that asks for its look.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// Under which its looks are found; empty where the market has no rule.
    pub sale_hash: String,
    /// Is the line on somebody's name? Asked of its network only where the rule wants to know.
    pub registered: bool,
}

/// The looks of a sale to a number.
pub async fn look_of(world: &World, at: &At, msisdn: &Msisdn) -> Result<Look> {
    let catalogue = world.fresh_catalogue().await?;
    let Some(rule) = catalogue.market_of(msisdn).and_then(|market| market.id_check.as_ref()) else {
        return Ok(Look::default());
    };
    let registered = rule.registered_lines && !at.training() && is_registered(world, msisdn).await;
    Ok(Look { sale_hash: sale_hash(world, at, msisdn), registered })
}

/// A look is for a number at a device by a clerk. Keyed, so that nobody reads the number from it.
fn sale_hash(world: &World, at: &At, msisdn: &Msisdn) -> String {
    let text = format!("id check {} {} {}", at.device.id, at.clerk.id, msisdn.digits());
    world.keyring.hash(Purpose::Counter, &text)
}

/// Does the rule of the market ask for a document in a sale of which so much is paid in cash?
pub fn needed(market: &Market, quote: &Quote, cash_minor: i64, look: &Look) -> Need {
    needed_for(Some(market), &quote.offer.benefit, (quote.prices.total.minor, cash_minor), look)
}

/// The same before anything is priced: in a sale of so much in all, and so much of it in cash.
pub(crate) fn needed_for(
    market: Option<&Market>,
    benefit: &Benefit,
    (total_minor, cash_minor): (i64, i64),
    look: &Look,
) -> Need {
    let sale = Sale { offer: OfferKind::of(benefit), total_minor, cash_minor, registered: look.registered };
    domain::id_check::needed(market.and_then(|market| market.id_check.as_ref()), &sale)
}

/// How a sale stands before it is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is asked.
    NotAsked,
    Passed,
    Missing(Needed),
}

/// Does this sale need a look that has not passed yet? Asked before anything is paid, above all before a card is charged:
/// the sale itself refuses what is missing.
pub async fn missing(
    world: &World,
    at: &At,
    msisdn: &Msisdn,
    quote: &Quote,
    cash_minor: i64,
) -> Result<Standing> {
    let look = look_of(world, at, msisdn).await?;
    let Need::Check(needed) = needed(&quote.market, quote, cash_minor, &look) else {
        return Ok(Standing::NotAsked);
    };
    let (place, since) = (at.place().clone(), since(world.now()));
    let looks = world.db.read(move |tx| of_sale(tx, &place, &look.sale_hash, since)).await?;
    let passed = looks.iter().any(|look| look.serves(&needed));
    Ok(if passed { Standing::Passed } else { Standing::Missing(needed) })
}

/// Looks that still count are not older.
pub(crate) fn since(now: UnixMs) -> UnixMs {
    now.plus_ms(-VALID_MS)
}

/// The looks of a sale, newest first.
pub(crate) fn of_sale(
    tx: &mut Tx<'_>,
    place: &PlaceId,
    sale_hash: &str,
    since: UnixMs,
) -> anyhow::Result<Vec<Check>> {
    let most = i64::try_from(LOOKS_PER_SALE).unwrap_or(i64::MAX);
    id_check::of_sale(tx, place, sale_hash, since, most)
}

/// Is the line on somebody's name? A network that does not say counts as no: nothing is asked that nobody can answer.
async fn is_registered(world: &World, msisdn: &Msisdn) -> bool {
    let Some(network) = &world.network else { return false };
    match network.holder(msisdn, None).await {
        HolderOutcome::Registered { .. } => true,
        HolderOutcome::NotRegistered | HolderOutcome::NotKnown { .. } => false,
    }
}

/// Looks, and writes down what may be kept. A sale that has passed already is not looked at again.
pub async fn check(world: &World, asked: Asked) -> Result<Checked> {
    let hash = sale_hash(world, &asked.at, &asked.msisdn);
    let (place, sale, since) = (asked.at.place().clone(), hash.clone(), since(world.now()));
    let before = world.db.read(move |tx| of_sale(tx, &place, &sale, since)).await?;
    if let Some(passed) = before.iter().find(|check| check.serves(&asked.needed)) {
        return Ok(Checked::Passed(passed.id.clone()));
    }
    if before.len() >= LOOKS_PER_SALE {
        return Ok(Checked::TooMany);
    }
    let today = today(world, &asked.market)?;
    let read = read(&asked.input, today);
    let (judged, name_match) = match &read {
        Ok(document) => judge(world, &asked, document, today).await,
        Err(refused) => (Err(*refused), None),
    };
    let check = record_of(world, (&asked, hash), read.ok().as_ref(), (judged, name_match), today);
    let id = check.id.clone();
    world.db.write(move |tx| id_check::insert(tx, &check)).await?;
    Ok(match judged {
        Ok(()) => Checked::Passed(id),
        Err(refused) => Checked::Refused(id, refused),
    })
}

/// The same look in training: judged by the same rules, but nothing is written and no network is asked.
pub fn rehearse(world: &World, asked: &Asked) -> Result<std::result::Result<(), Refused>> {
    let today = today(world, &asked.market)?;
    let judged = read(&asked.input, today)
        .and_then(|document| domain::id_check::judge(&asked.needed, &document, asked.face_matches, today));
    Ok(judged)
}

fn read(input: &Input, today: Date) -> std::result::Result<Document, Refused> {
    let read = match input {
        Input::Scan(scan) => Document::scanned(&scan.0, today),
        Input::Typed(typed) => Document::typed(typed, today),
    };
    read.map_err(Refused::Unreadable)
}

fn today(world: &World, market: &str) -> Result<Date> {
    let catalogue = world.catalogue();
    let known = catalogue.markets.iter().find(|known| known.country == market);
    let zone = known.and_then(|market| TimeZone::get(&market.seller.time_zone).ok());
    let zone = zone.context("the market of the sale is not in the catalogue")?;
    Ok(world.now().timestamp().to_zoned(zone).date())
}

/// The verdict, and what the register said of the name where it was asked.
type Verdict = (std::result::Result<(), Refused>, Option<NameMatch>);

async fn judge(world: &World, asked: &Asked, document: &Document, today: Date) -> Verdict {
    if let Err(refused) = domain::id_check::judge(&asked.needed, document, asked.face_matches, today) {
        return (Err(refused), None);
    }
    if !asked.needed.name_match {
        return (Ok(()), None);
    }
    let answer = name_match(world, &asked.msisdn, document).await;
    let judged = match answer {
        NameMatch::Yes => Ok(()),
        NameMatch::No => Err(Refused::NameDiffers),
        NameMatch::NotKnown => Err(Refused::NameNotKnown),
    };
    (judged, Some(answer))
}

/// Our register of lines has no names: the network that the line belongs to is asked, and says yes or no.
async fn name_match(world: &World, msisdn: &Msisdn, document: &Document) -> NameMatch {
    let (Some(network), Some(name)) = (&world.network, document.name()) else {
        return NameMatch::NotKnown;
    };
    match network.holder(msisdn, Some(name)).await {
        HolderOutcome::Registered { name_fits: Some(true) } => NameMatch::Yes,
        HolderOutcome::Registered { name_fits: Some(false) } => NameMatch::No,
        HolderOutcome::Registered { name_fits: None } | HolderOutcome::NotRegistered => NameMatch::NotKnown,
        HolderOutcome::NotKnown { why } => {
            tracing::warn!(why, "the register does not say whether the name fits");
            NameMatch::NotKnown
        }
    }
}

fn record_of(
    world: &World,
    (asked, sale_hash): (&Asked, String),
    document: Option<&Document>,
    (judged, name_match): Verdict,
    today: Date,
) -> Check {
    let now = world.now();
    let age = asked.needed.minimum_age;
    // A hash is kept of documents that were accepted; a refused one leaves none.
    let law = asked.needed.legal_basis.clone().filter(|_| judged.is_ok());
    let hashed = law.zip(document.and_then(Document::number)).zip(document.map(Document::kept)).map(
        |((law, number), kept)| {
            let value = format!("{}:{}:{}", kept.kind.as_str(), kept.country, number.expose());
            (world.keyring.hash(Purpose::IdDocument, &value), law)
        },
    );
    Check {
        id: IdCheckId::new(&*world.ids, now),
        sale_hash,
        top_up: None,
        market: asked.market.clone(),
        place: asked.at.place().clone(),
        clerk: asked.at.clerk.id.clone(),
        device: asked.at.device.id.clone(),
        kept: document.map(|document| document.kept().clone()),
        refused: judged.err().map(|refused| refused.as_str().to_owned()),
        name_match,
        of_age: document.zip(age).and_then(|(document, years)| document.is_of_age(years, today)),
        hashed,
        at: now,
    }
}
