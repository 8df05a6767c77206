//! An agent: a business that sells our top-ups over its counters, and what was agreed with it.
//!
//! A distributor has dealers under it; a dealer stands alone or under a distributor. [`AgentState::on`] is the only way
//! from one state to the next. [`Terms`] are what staff agreed to; an outlet can be held to less ([`SaleLimits`]).

use crate::id::{AgentId, PartnerId};
use crate::money::Money;
use crate::states;
use crate::time::UnixMs;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

states! {
    /// What place an agent has in the hierarchy.
    AgentKind {
        Distributor = "distributor",
        Dealer = "dealer",
    }
}

states! {
    /// Where an agent stands.
    AgentState {
        /// Staff looks at the application.
        Applied = "applied",
        /// May sell.
        Approved = "approved",
        /// Sells nothing for now.
        Suspended = "suspended",
        /// The agreement is over.
        Closed = "closed",
        Refused = "refused",
    }
}

states! {
    /// What happens to an agent.
    AgentEvent {
        /// Two of the staff agreed.
        Approve = "approve",
        Refuse = "refuse",
        Suspend = "suspend",
        /// The suspension is over.
        Lift = "lift",
        Close = "close",
    }
}

use AgentEvent as E;
use AgentState as S;

/// Every change of state there is. What is not listed leaves the state as it is.
pub const TRANSITIONS: &[(AgentState, AgentEvent, AgentState)] = &[
    (S::Applied, E::Approve, S::Approved),
    (S::Applied, E::Refuse, S::Refused),
    (S::Approved, E::Suspend, S::Suspended),
    (S::Suspended, E::Lift, S::Approved),
    (S::Approved, E::Close, S::Closed),
    (S::Suspended, E::Close, S::Closed),
];

impl AgentState {
    /// The state after `event`, or `None` when it changes nothing here.
    pub fn on(self, event: AgentEvent) -> Option<AgentState> {
        TRANSITIONS.iter().find(|(from, on, _)| *from == self && *on == event).map(|(_, _, to)| *to)
    }

    /// What can happen now.
    pub fn events(self) -> impl Iterator<Item = AgentEvent> {
        TRANSITIONS.iter().filter(move |(from, ..)| *from == self).map(|(_, on, _)| *on)
    }
}

/// Which offers may be sold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffersAllowed {
    #[default]
    All,
    /// The ids of the offers.
    Only(BTreeSet<String>),
}

impl OffersAllowed {
    pub fn allows(&self, offer: &str) -> bool {
        match self {
            OffersAllowed::All => true,
            OffersAllowed::Only(offers) => offers.contains(offer),
        }
    }
}

/// How much may be sold; `None` is no limit of its own. Days are those of the market.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleLimits {
    pub per_sale: Option<Money>,
    /// By one clerk in a day.
    pub clerk_day: Option<Money>,
    /// By one outlet in a day.
    pub outlet_day: Option<Money>,
}

states! {
    /// Which limit a sale is over.
    OverLimit {
        PerSale = "per_sale",
        ClerkDay = "clerk_day",
        OutletDay = "outlet_day",
        /// What one number may get at counters in a day, wherever it is sold.
        NumberDay = "number_day",
        /// What of it may be paid in cash.
        NumberCash = "number_cash",
    }
}

impl SaleLimits {
    /// The tighter of both, limit by limit.
    pub fn and(self, other: SaleLimits) -> SaleLimits {
        SaleLimits {
            per_sale: tighter(self.per_sale, other.per_sale),
            clerk_day: tighter(self.clerk_day, other.clerk_day),
            outlet_day: tighter(self.outlet_day, other.outlet_day),
        }
    }

    /// May `value` be sold, when clerk and outlet have sold this much today? A limit in another currency than the
    /// sale's allows nothing.
    pub fn check(self, value: Money, clerk_today: Money, outlet_today: Money) -> Result<(), OverLimit> {
        let over = |limit: Option<Money>, before: Option<Money>| {
            let Some(limit) = limit else { return false };
            let sum = before.map_or(Ok(value), |before| before.plus(value));
            sum.is_err() || sum.is_ok_and(|sum| sum.currency != limit.currency || sum.minor > limit.minor)
        };
        if over(self.per_sale, None) {
            return Err(OverLimit::PerSale);
        }
        if over(self.clerk_day, Some(clerk_today)) {
            return Err(OverLimit::ClerkDay);
        }
        if over(self.outlet_day, Some(outlet_today)) {
            return Err(OverLimit::OutletDay);
        }
        Ok(())
    }
}

/// Limits of one agent are in one currency; of two currencies the first stays and allows nothing in the other.
fn tighter(a: Option<Money>, b: Option<Money>) -> Option<Money> {
    match (a, b) {
        (Some(a), Some(b)) if b.currency == a.currency && b.minor < a.minor => Some(b),
        (Some(a), _) => Some(a),
        (None, b) => b,
    }
}

/// What was agreed with an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub offers: OffersAllowed,
    pub limits: SaleLimits,
    /// How far the agent's own float may go below zero.
    pub credit_line: Money,
    /// The commission plan; none earns nothing.
    pub plan: Option<String>,
}

impl Terms {
    /// Terms that give nothing away: every offer, no credit, no commission.
    pub fn plain(zero: Money) -> Terms {
        let credit_line = Money::zero(zero.currency);
        Terms { offers: OffersAllowed::All, limits: SaleLimits::default(), credit_line, plan: None }
    }
}

/// An agent as it is stored, without what is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    pub id: AgentId,
    pub kind: AgentKind,
    /// The distributor of a dealer, where it has one.
    pub parent: Option<AgentId>,
    /// Whose float it is. The partner's row comes with the approval.
    pub partner: PartnerId,
    /// Country of the market, which has the agent's currency.
    pub market: String,
    /// The name of the business.
    pub name: String,
    pub state: AgentState,
    /// Why it was refused, suspended or closed.
    pub reason: Option<String>,
    pub terms: Terms,
    pub created_at: UnixMs,
    pub state_at: UnixMs,
}

/// How an agent is reached. Stored sealed, as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Who signs.
    pub person: String,
    pub email: String,
    /// With the country's code.
    pub phone: String,
    pub address: String,
    /// In the trade register or of the licence.
    pub registration_number: String,
}

states! {
    /// What an applicant shows.
    DocumentKind {
        /// Entry in the trade register, or a business licence.
        Registration = "registration",
        /// Who signs.
        Identity = "identity",
        Tax = "tax",
        /// The right to use the shop: lease or deed.
        Premises = "premises",
        Bank = "bank",
        Other = "other",
    }
}

/// An agent is approved only with these on file and valid.
pub const DOCUMENTS_NEEDED: &[DocumentKind] = &[DocumentKind::Registration, DocumentKind::Identity];

#[cfg(test)]
mod tests {
    use super::*;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, "GBP".parse().unwrap())
    }

    #[test]
    fn a_closed_or_refused_agent_never_sells_again() {
        for state in [S::Closed, S::Refused] {
            assert!(AgentEvent::ALL.iter().all(|event| state.on(*event).is_none()), "{state}");
        }
        assert_eq!(S::Applied.on(E::Suspend), None);
        assert_eq!(S::Suspended.on(E::Lift), Some(S::Approved));
    }

    #[test]
    fn an_outlet_can_be_held_to_less_and_never_to_more() {
        let agent = SaleLimits { per_sale: Some(gbp(100)), clerk_day: None, outlet_day: Some(gbp(500)) };
        let outlet =
            SaleLimits { per_sale: Some(gbp(900)), clerk_day: Some(gbp(300)), outlet_day: Some(gbp(400)) };
        let both = agent.and(outlet);
        assert_eq!(both.per_sale, Some(gbp(100)));
        assert_eq!(both.clerk_day, Some(gbp(300)));
        assert_eq!(both.outlet_day, Some(gbp(400)));
    }

    #[test]
    fn the_first_limit_that_a_sale_breaks_is_named() {
        let limits =
            SaleLimits { per_sale: Some(gbp(100)), clerk_day: Some(gbp(150)), outlet_day: Some(gbp(160)) };
        assert_eq!(limits.check(gbp(100), gbp(50), gbp(60)), Ok(()));
        assert_eq!(limits.check(gbp(101), gbp(0), gbp(0)), Err(OverLimit::PerSale));
        assert_eq!(limits.check(gbp(100), gbp(51), gbp(0)), Err(OverLimit::ClerkDay));
        assert_eq!(limits.check(gbp(100), gbp(50), gbp(61)), Err(OverLimit::OutletDay));
        assert_eq!(limits.check(gbp(1), gbp(i64::MAX), gbp(0)), Err(OverLimit::ClerkDay));
        let euro = Money::new(1, "EUR".parse().unwrap());
        assert_eq!(limits.check(euro, Money::zero(euro.currency), gbp(0)), Err(OverLimit::PerSale));
    }
}
