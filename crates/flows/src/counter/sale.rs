//! A sale at a counter: priced like everywhere, paid from the outlet's float, sold through the one hot queue. The key
//! stands from the moment the number is typed: a second press, a retry and a power cut find the first sale.

use super::At;
use crate::error::Result;
use crate::id_check;
use crate::request::{self, Reply, RequestKey, Sold};
use crate::top_up::sell::{self, AtCounter, SaleRequest, Wanted};
use crate::world::World;
use domain::counter::CounterRefusal;
use domain::outlet::CannotSell;
use domain::partner::Seller;
use domain::refusal::Refusal;
use domain::tender::{Tender, TenderKind};
use domain::top_up::Channel;
use std::sync::Arc;

/// What the clerk agreed with the customer.
pub struct CounterSale {
    pub at: At,
    /// Drawn when the sale began; with the device it is the key of the request.
    pub key: String,
    pub wanted: Wanted,
    pub tenders: Vec<Tender>,
}

/// What became of a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaleOutcome {
    /// Sold, or refused and nothing was taken. `again`: it was so when it was asked for first.
    Told { sold: Sold, again: bool },
    /// The key was used for another sale.
    KeyReused,
    /// The first request is not answered yet.
    InFlight,
    /// The outcome was too long ago to be told here.
    Gone,
}

/// Sells, or says what became of the same sale before.
pub async fn sell(world: &Arc<World>, sale: CounterSale) -> Result<SaleOutcome> {
    let CounterSale { at, key, wanted, tenders } = sale;
    let Some(float) = at.float.clone() else {
        let refusal = Refusal::Counter(CounterRefusal::Outlet(CannotSell::Unknown));
        return Ok(SaleOutcome::Told { sold: Err(refusal), again: false });
    };
    let agreed = agreed(&wanted, &tenders);
    let by_card = tenders.iter().any(|tender| tender.kind == TenderKind::Card);
    let look = id_check::look_of(world, &at, &wanted.msisdn).await?;
    let request = SaleRequest {
        key: key_of(&at, &key, &agreed),
        seller: Seller { float, channel: Channel::Agent, actor: at.actor() },
        counter: Some(AtCounter { at, tenders, look }),
        wanted: Ok(wanted),
        answering: request::plainly(world),
    };
    let reply =
        if by_card { sell::sell_by_card(world, request).await? } else { sell::sell(world, request).await? };
    told(world, reply)
}

/// The key of a request of this device.
pub fn key_of(at: &At, key: &str, agreed: &str) -> RequestKey {
    RequestKey::of(at.device.id.as_str(), key, agreed.as_bytes())
}

/// What became of a request that was sent before: asked for, never repeated. `None`: it never came.
pub async fn look(world: &World, at: &At, key: &str) -> Result<Option<SaleOutcome>> {
    let id = key_of(at, key, "").id;
    let found = world.db.read(move |tx| store::response::find(tx, &id)).await?;
    let Some(found) = found else { return Ok(None) };
    let reply = found.answer.map_or(Reply::InFlight, Reply::Replayed);
    told(world, reply).map(Some)
}

/// The same for a clerk who is told the answer: what never came is refused should it come later, or the clerk, who was
/// told that nothing was sold, would sell it twice.
pub async fn ask(world: &Arc<World>, at: &At, key: &str) -> Result<Option<SaleOutcome>> {
    if let Some(found) = look(world, at, key).await? {
        return Ok(Some(found).filter(|found| !never_came(found)));
    }
    let refused = request::plainly(world)(Err(&Refusal::KeyReused));
    match request::refuse(world, key_of(at, key, ""), refused).await? {
        Reply::Answered(_) => Ok(None),
        // It came in this very moment.
        Reply::Replayed(_) | Reply::KeyReused | Reply::InFlight => look(world, at, key).await,
    }
}

/// Was it asked for before it came?
fn never_came(outcome: &SaleOutcome) -> bool {
    matches!(outcome, SaleOutcome::Told { sold: Err(Refusal::KeyReused), .. })
}

/// Reads a neutral reply.
pub fn told(world: &World, reply: Reply) -> Result<SaleOutcome> {
    let (answer, again) = match reply {
        Reply::Answered(answer) => (answer, false),
        Reply::Replayed(answer) => (answer, true),
        Reply::KeyReused => return Ok(SaleOutcome::KeyReused),
        Reply::InFlight => return Ok(SaleOutcome::InFlight),
    };
    let sold = request::outcome(world, &answer)?;
    Ok(sold.map_or(SaleOutcome::Gone, |sold| SaleOutcome::Told { sold, again }))
}

/// Everything that must be equal when a sale is sent again. What was given in cash may be typed anew.
pub(super) fn agreed(wanted: &Wanted, tenders: &[Tender]) -> String {
    let parts: Vec<String> = tenders.iter().map(|t| format!("{} {}", t.kind, t.amount.minor)).collect();
    let amount = wanted.amount.map(|amount| amount.minor).unwrap_or_default();
    let total = wanted.expected_total.map(|total| total.minor).unwrap_or_default();
    format!("{}/{}/{amount}/{total}/{}", wanted.msisdn.digits(), wanted.offer, parts.join("+"))
}
