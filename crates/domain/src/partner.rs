//! A partner: whoever sells our top-ups from a prepaid float. A developer through the API, with a key; an agent and its
//! outlets at a counter.

use crate::actor::Actor;
use crate::id::{ApiKeyId, PartnerId};
use crate::states;
use crate::top_up::Channel;

states! {
    /// What an API key may do.
    Scope {
        LinesRead = "lines:read",
        OffersRead = "offers:read",
        TopUpsRead = "top_ups:read",
        TopUpsWrite = "top_ups:write",
        FloatRead = "float:read",
        /// To report what lines used, as the network's charging front does.
        UsageWrite = "usage:write",
    }
}

impl Scope {
    /// What a seller's key may do. Reporting usage takes from lines: it is for the network alone.
    pub fn of_sellers() -> Vec<Scope> {
        Scope::ALL.iter().copied().filter(|scope| *scope != Scope::UsageWrite).collect()
    }
}

/// Who sells, from whose float and where: made at the door, once whoever asks was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// Whose float pays.
    pub float: PartnerId,
    pub channel: Channel,
    pub actor: Actor,
}

impl Caller {
    /// What this key sells as.
    pub fn seller(&self) -> Seller {
        Seller { float: self.partner.clone(), channel: Channel::Partner, actor: self.actor() }
    }

    pub fn actor(&self) -> Actor {
        Actor::Partner { partner: self.partner.clone(), key: self.key.clone() }
    }
}

/// Who a request comes from, once its key was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub partner: PartnerId,
    pub key: ApiKeyId,
    pub scopes: Vec<Scope>,
}
