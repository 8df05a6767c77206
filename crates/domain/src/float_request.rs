//! Float requests: somebody says that a float should have more, or less. Money comes from outside by bank transfer or
//! card, or moves inside: down from parent to child and on to an outlet, and back the same way, never sideways.
//!
//! One person asks; above a threshold two others decide on money from outside, and one other on a move.

use crate::id::{AgentId, FloatRequestId, PartnerId};
use crate::money::Money;
use crate::states;
use crate::time::UnixMs;

states! {
    /// Which way money comes to a float.
    FloatRequestKind {
        /// A bank transfer with its proof; staff decides.
        Bank = "bank",
        /// A card on a hosted page; the provider's evidence decides.
        Card = "card",
        /// From an agent to a dealer under it, or to its own outlet.
        Down = "down",
        /// Back up the same way.
        Up = "up",
        /// What an agent's shops earned in a month, to their floats; supervisors ask and decide.
        Commission = "commission",
    }
}

states! {
    /// Where a request stands.
    FloatRequestState {
        /// Somebody else decides.
        Asked = "asked",
        /// One person agreed; a second one has to.
        AgreedOnce = "agreed_once",
        /// The money is in the float.
        Done = "done",
        Declined = "declined",
        /// Whoever asked took it back.
        Withdrawn = "withdrawn",
    }
}

impl FloatRequestState {
    pub fn is_open(self) -> bool {
        match self {
            FloatRequestState::Asked | FloatRequestState::AgreedOnce => true,
            FloatRequestState::Done | FloatRequestState::Declined | FloatRequestState::Withdrawn => false,
        }
    }
}

/// A request as it is stored. People are written as actors are: `staff:stf_…`, `clerk:clk_…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloatRequest {
    pub id: FloatRequestId,
    /// The agent that asks.
    pub agent: AgentId,
    pub kind: FloatRequestKind,
    /// Whose float gives; `None` for money from outside.
    pub from: Option<PartnerId>,
    pub to: PartnerId,
    pub amount: Money,
    /// The bank's word for the transfer.
    pub reference: Option<String>,
    pub note: String,
    pub state: FloatRequestState,
    pub asked_by: String,
    pub asked_at: UnixMs,
    pub first_by: Option<String>,
    pub first_at: Option<UnixMs>,
    pub decided_by: Option<String>,
    pub decided_at: Option<UnixMs>,
    pub decision_note: Option<String>,
    pub state_at: UnixMs,
}

/// The bank's reference as it is compared: letters and digits alone, in capitals, so that the same proof is not taken
/// twice because somebody typed a space.
pub fn reference(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    (4..=64).contains(&kept.chars().count()).then_some(kept)
}

/// How many people other than the asker have to agree.
pub fn deciders(kind: FloatRequestKind, above_threshold: bool) -> usize {
    match (kind, above_threshold) {
        (FloatRequestKind::Bank, true) => 2,
        (FloatRequestKind::Bank, false) => 1,
        (FloatRequestKind::Down | FloatRequestKind::Up | FloatRequestKind::Commission, true) => 1,
        (
            FloatRequestKind::Down
            | FloatRequestKind::Up
            | FloatRequestKind::Commission
            | FloatRequestKind::Card,
            false,
        ) => 0,
        (FloatRequestKind::Card, true) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_the_same_however_it_is_typed() {
        assert_eq!(reference(" rf-18 5390/0754"), Some("RF1853900754".into()));
        assert_eq!(reference("RF1853900754"), reference("rf18.5390.0754"));
        for bad in ["", "ab", "---", &"9".repeat(65)] {
            assert_eq!(reference(bad), None, "{bad}");
        }
    }

    #[test]
    fn much_money_needs_one_person_more() {
        assert_eq!(deciders(FloatRequestKind::Bank, false), 1);
        assert_eq!(deciders(FloatRequestKind::Bank, true), 2);
        assert_eq!(deciders(FloatRequestKind::Down, false), 0);
        assert_eq!(deciders(FloatRequestKind::Up, true), 1);
    }
}
