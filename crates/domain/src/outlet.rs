//! An outlet: one shop of an agent, with a float of its own. It is a place: its id is the place's id.
//!
//! The owner proposes it, staff approves it, and only while it and its agent are in order does it sell: [`may_sell`].

use crate::agent::{AgentState, SaleLimits};
use crate::id::{AgentId, PartnerId, PlaceId};
use crate::money::Money;
use crate::place::{PlaceKind, PlaceState, Service, Tongue};
use crate::states;
use crate::time::UnixMs;
use serde::{Deserialize, Serialize};

states! {
    /// Where an outlet stands.
    OutletState {
        /// The owner asked for it.
        Proposed = "proposed",
        /// Sells.
        Open = "open",
        /// Sells nothing for now.
        Suspended = "suspended",
        Closed = "closed",
        Refused = "refused",
    }
}

states! {
    /// What happens to an outlet.
    OutletEvent {
        Approve = "approve",
        Refuse = "refuse",
        Suspend = "suspend",
        Lift = "lift",
        Close = "close",
    }
}

use OutletEvent as E;
use OutletState as S;

/// Every change of state there is. What is not listed leaves the state as it is.
pub const TRANSITIONS: &[(OutletState, OutletEvent, OutletState)] = &[
    (S::Proposed, E::Approve, S::Open),
    (S::Proposed, E::Refuse, S::Refused),
    (S::Open, E::Suspend, S::Suspended),
    (S::Suspended, E::Lift, S::Open),
    (S::Open, E::Close, S::Closed),
    (S::Suspended, E::Close, S::Closed),
];

impl OutletState {
    /// The state after `event`, or `None` when it changes nothing here.
    pub fn on(self, event: OutletEvent) -> Option<OutletState> {
        TRANSITIONS.iter().find(|(from, on, _)| *from == self && *on == event).map(|(_, _, to)| *to)
    }

    /// What can happen now.
    pub fn events(self) -> impl Iterator<Item = OutletEvent> {
        TRANSITIONS.iter().filter(move |(from, ..)| *from == self).map(|(_, on, _)| *on)
    }
}

/// What the public may know of an outlet; it stands in the list of places once the outlet is approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutletFacts {
    /// Six digits by which people name it.
    pub number: String,
    pub kind: PlaceKind,
    pub name: String,
    /// The mall or store that it is in.
    pub host_place: String,
    pub floor: String,
    pub street: String,
    pub city: String,
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// IANA.
    pub time_zone: String,
    /// In the syntax of OpenStreetMap's `opening_hours`.
    pub hours: String,
    pub services: Vec<Service>,
    pub languages: Vec<Tongue>,
    /// WGS 84, in millionths of a degree.
    pub latitude_e6: Option<i64>,
    pub longitude_e6: Option<i64>,
}

/// An outlet as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    pub place: PlaceId,
    pub agent: AgentId,
    /// Whose float its sales are paid from.
    pub partner: PartnerId,
    /// Country of the market.
    pub market: String,
    pub state: OutletState,
    /// Why it was refused, suspended or closed.
    pub reason: Option<String>,
    /// What the owner or staff holds it to, within the agent's terms.
    pub limits: SaleLimits,
    /// The owner is warned when less than this is left in its float.
    pub low_float: Option<Money>,
    pub facts: OutletFacts,
    pub created_at: UnixMs,
    pub state_at: UnixMs,
}

states! {
    /// Why an outlet sells nothing.
    CannotSell {
        /// There is no such outlet.
        Unknown = "unknown",
        OutletNotApproved = "outlet_not_approved",
        OutletSuspended = "outlet_suspended",
        OutletClosed = "outlet_closed",
        AgentNotApproved = "agent_not_approved",
        AgentSuspended = "agent_suspended",
        AgentClosed = "agent_closed",
        /// Its distributor is suspended or closed.
        ParentNotSelling = "parent_not_selling",
    }
}

/// May an outlet in this state, of an agent in this one, under a distributor in that one, sell?
pub fn may_sell(
    outlet: OutletState,
    agent: AgentState,
    parent: Option<AgentState>,
) -> Result<(), CannotSell> {
    match outlet {
        OutletState::Open => {}
        OutletState::Proposed | OutletState::Refused => return Err(CannotSell::OutletNotApproved),
        OutletState::Suspended => return Err(CannotSell::OutletSuspended),
        OutletState::Closed => return Err(CannotSell::OutletClosed),
    }
    match agent {
        AgentState::Approved => {}
        AgentState::Applied | AgentState::Refused => return Err(CannotSell::AgentNotApproved),
        AgentState::Suspended => return Err(CannotSell::AgentSuspended),
        AgentState::Closed => return Err(CannotSell::AgentClosed),
    }
    match parent {
        None | Some(AgentState::Approved) => Ok(()),
        Some(AgentState::Applied | AgentState::Suspended | AgentState::Closed | AgentState::Refused) => {
            Err(CannotSell::ParentNotSelling)
        }
    }
}

/// How the public sees an outlet in this state, of an agent in this one, under a distributor in that one. `None`: it is
/// no business of theirs yet.
pub fn shown(outlet: OutletState, agent: AgentState, parent: Option<AgentState>) -> Option<PlaceState> {
    match may_sell(outlet, agent, parent) {
        Ok(()) => Some(PlaceState::Authorised),
        Err(CannotSell::OutletClosed | CannotSell::AgentClosed) => Some(PlaceState::Ended),
        Err(CannotSell::OutletSuspended | CannotSell::AgentSuspended | CannotSell::ParentNotSelling) => {
            Some(PlaceState::Suspended)
        }
        Err(CannotSell::Unknown | CannotSell::OutletNotApproved | CannotSell::AgentNotApproved) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_of_all_combinations_sells() {
        let mut selling = 0;
        for outlet in OutletState::ALL {
            for agent in AgentState::ALL {
                for parent in AgentState::ALL {
                    let sells = may_sell(*outlet, *agent, Some(*parent)).is_ok();
                    selling += usize::from(sells);
                }
            }
        }
        assert_eq!(selling, 1);
        assert_eq!(may_sell(S::Open, AgentState::Approved, None), Ok(()));
        assert_eq!(
            may_sell(S::Open, AgentState::Suspended, Some(AgentState::Approved)),
            Err(CannotSell::AgentSuspended)
        );
    }

    #[test]
    fn the_public_sees_who_may_sell_and_who_was_stopped_and_nobody_who_is_not_approved() {
        let of = |outlet, agent, parent| shown(outlet, agent, Some(parent));
        let approved = AgentState::Approved;
        assert_eq!(of(S::Open, approved, approved), Some(PlaceState::Authorised));
        assert_eq!(of(S::Proposed, approved, approved), None);
        assert_eq!(of(S::Suspended, approved, approved), Some(PlaceState::Suspended));
        assert_eq!(of(S::Open, AgentState::Suspended, approved), Some(PlaceState::Suspended));
        assert_eq!(of(S::Open, approved, AgentState::Closed), Some(PlaceState::Suspended));
        assert_eq!(of(S::Open, AgentState::Closed, approved), Some(PlaceState::Ended));
    }

    #[test]
    fn a_closed_or_refused_outlet_stays_so() {
        for state in [S::Closed, S::Refused] {
            assert_eq!(state.events().count(), 0, "{state}");
        }
    }
}
