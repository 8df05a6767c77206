//! What is known about a new top-up before it is written, from a float or on a hosted page.

use crate::top_up::quote::Quote;
use domain::actor::Actor;
use domain::id::{Ids, PartnerId, TopUpId};
use domain::locale::Locale;
use domain::time::UnixMs;
use domain::top_up::{Channel, Settlement, TopUp, TopUpState};

/// What is known about a new top-up, whatever its channel.
pub(crate) struct Facts {
    pub id: TopUpId,
    pub quote: Quote,
    pub channel: Channel,
    pub settlement: Settlement,
    pub locale: Locale,
    pub reference: Option<String>,
}

impl Facts {
    pub fn into_top_up(
        self,
        ids: &dyn Ids,
        now: UnixMs,
        state: TopUpState,
        partner: Option<PartnerId>,
        actor: &Actor,
    ) -> TopUp {
        TopUp {
            id: self.id,
            code: domain::code::code(now, ids.random()),
            market: self.quote.line.market,
            line: self.quote.line.id,
            offer: self.quote.offer.id,
            offer_version: self.quote.offer.version_id,
            channel: self.channel,
            settlement: self.settlement,
            state,
            version: 1,
            prices: self.quote.prices,
            promotion: self.quote.promotion,
            partner,
            subscriber: None,
            reference: self.reference,
            locale: self.locale,
            email_sealed: None,
            email_hash: None,
            created_at: now,
            state_at: now,
            credited_at: (state == TopUpState::Credited).then_some(now),
            answer_by_at: None,
            actor: actor.to_string(),
        }
    }
}
