//! Erasing an account. What is personal goes at once; orders and the ledger stay, as the law asks, without a name.

use super::notice::{News, places, tell};
use super::{Answer, Who, send};
use crate::world::World;
use domain::account::{AccountRefusal, SecurityNoticeKind};
use std::sync::Arc;
use store::account::{contact, erase, subscriber};

/// Erases the account of whoever proved a short while ago who they are, and says goodbye to its contacts. Not while
/// an order waits for its payment or an answer, money goes back, or a question is open: somebody must be told.
pub async fn erase(world: &Arc<World>, who: &Who) -> Answer<()> {
    if !who.is_fresh(world.now()) {
        return Ok(Err(AccountRefusal::ProofNeeded));
    }
    let (id, context) = (who.subscriber.clone(), world.step());
    let erased = world.db.write(move |tx| {
        let contacts = contact::list(tx, &id)?;
        let Some(person) = subscriber::find(tx, &id)? else { return Ok(Ok(Vec::new())) };
        if erase::is_waiting(tx, &id)? {
            return Ok(Err(AccountRefusal::OrderWaiting));
        }
        if erase::has_refund_under_way(tx, &id)? {
            return Ok(Err(AccountRefusal::RefundWaiting));
        }
        if erase::has_open_case(tx, &id)? {
            return Ok(Err(AccountRefusal::CaseOpen));
        }
        if !erase::erase(tx, &id, context.now)? {
            return Ok(Ok(Vec::new()));
        }
        let kind = SecurityNoticeKind::Erased;
        let news = News { subscriber: &id, kind, detail: "", locale: person.locale };
        tell(tx, &context, &news, &places(&contacts)).map(Ok)
    });
    Ok(erased.await?.map(|work| send::start(world, work)))
}
