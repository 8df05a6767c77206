//! The look at a document at a counter: read it, judge it by the market's rule, ask the line's network whether the
//! name fits, and write down the little that may be kept. Start at [`needed`], then [`check`].

use crate::error::Result;
use crate::world::World;
use anyhow::Context;
use domain::id::{ClerkId, DeviceId, IdCheckId, PlaceId, TopUpId};
pub use domain::id_check::{Because, NameMatch, Need, Needed, Refused, Rule, Sale};
use domain::identity::{Document, Typed};
use domain::msisdn::Msisdn;
use gateways::charging::HolderOutcome;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::Tx;
use store::id_check::{self, Check};
use store::keyring::Purpose;

/// A sale is looked at so often; then another sale has to be begun.
const LOOKS_PER_SALE: usize = 20;

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
    /// The request key of the sale.
    pub sale_key: String,
    pub market: String,
    pub place: PlaceId,
    pub clerk: ClerkId,
    pub device: DeviceId,
    /// The line of the sale, for the question about the name.
    pub msisdn: Option<Msisdn>,
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
    /// Too many looks for one sale: nothing was looked at.
    TooMany,
}

/// Does the rule of the market ask for a document in this sale?
pub fn needed(world: &World, market: &str, sale: &Sale) -> Need {
    let catalogue = world.catalogue();
    let rule =
        catalogue.markets.iter().find(|known| known.country == market).and_then(|m| m.id_check.as_ref());
    domain::id_check::needed(rule, sale)
}

/// Is the line on somebody's name? A network that does not say counts as no: nothing is asked that nobody can answer.
pub async fn is_registered(world: &World, msisdn: &Msisdn) -> bool {
    let Some(network) = &world.network else { return false };
    match network.holder(msisdn, None).await {
        HolderOutcome::Registered { .. } => true,
        HolderOutcome::NotRegistered | HolderOutcome::NotKnown { .. } => false,
    }
}

/// Looks, and writes down what may be kept. A sale that has passed already is not looked at again.
pub async fn check(world: &World, asked: Asked) -> Result<Checked> {
    let (place, key) = (asked.place.clone(), asked.sale_key.clone());
    let most = i64::try_from(LOOKS_PER_SALE).unwrap_or(i64::MAX);
    let before = world.db.read(move |tx| id_check::of_sale(tx, &place, &key, most)).await?;
    if let Some(passed) = before.iter().find(|check| check.serves(&asked.needed)) {
        return Ok(Checked::Passed(passed.id.clone()));
    }
    if before.len() >= LOOKS_PER_SALE {
        return Ok(Checked::TooMany);
    }
    let today = today(world, &asked.market)?;
    let read = match &asked.input {
        Input::Scan(scan) => Document::scanned(&scan.0, today),
        Input::Typed(typed) => Document::typed(typed, today),
    };
    let read = read.map_err(Refused::Unreadable);
    let (judged, name_match) = match &read {
        Ok(document) => judge(world, &asked, document, today).await,
        Err(refused) => (Err(*refused), None),
    };
    let check = record_of(world, &asked, read.ok().as_ref(), (judged, name_match), today);
    let id = check.id.clone();
    world.db.write(move |tx| id_check::insert(tx, &check)).await?;
    Ok(match judged {
        Ok(()) => Checked::Passed(id),
        Err(refused) => Checked::Refused(id, refused),
    })
}

/// For the step that sells: the look that this sale has passed, if it answers all that is asked.
pub fn passed(
    tx: &mut Tx<'_>,
    place: &PlaceId,
    sale_key: &str,
    needed: &Needed,
) -> anyhow::Result<Option<IdCheckId>> {
    let most = i64::try_from(LOOKS_PER_SALE).unwrap_or(i64::MAX);
    let all = id_check::of_sale(tx, place, sale_key, most)?;
    Ok(all.into_iter().find(|check| check.serves(needed)).map(|check| check.id))
}

/// For the step that sells: the look was for this top-up.
pub fn link(tx: &mut Tx<'_>, id: &IdCheckId, top_up: &TopUpId) -> anyhow::Result<()> {
    id_check::link(tx, id, top_up)
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
    let answer = name_match(world, asked.msisdn.as_ref(), document).await;
    let judged = match answer {
        NameMatch::Yes => Ok(()),
        NameMatch::No => Err(Refused::NameDiffers),
        NameMatch::NotKnown => Err(Refused::NameNotKnown),
    };
    (judged, Some(answer))
}

/// Our register of lines has no names: the network that the line belongs to is asked, and says yes or no.
async fn name_match(world: &World, msisdn: Option<&Msisdn>, document: &Document) -> NameMatch {
    let (Some(network), Some(msisdn), Some(name)) = (&world.network, msisdn, document.name()) else {
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
    asked: &Asked,
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
        sale_key: asked.sale_key.clone(),
        top_up: None,
        market: asked.market.clone(),
        place: asked.place.clone(),
        clerk: asked.clerk.clone(),
        device: asked.device.clone(),
        kept: document.map(|document| document.kept().clone()),
        refused: judged.err().map(|refused| refused.as_str().to_owned()),
        name_match,
        of_age: document.zip(age).and_then(|(document, years)| document.is_of_age(years, today)),
        hashed,
        at: now,
    }
}
