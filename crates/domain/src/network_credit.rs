//! A credit that the host network gives, because it keeps the line's balance: what is known of it.
//!
//! One row per top-up, one request id at the network for ever. [`NetworkCreditState::on`] decides what each word
//! changes. Only the network's own word ends a credit, from its machine or in writing to our staff, and ours not to send
//! it (again): time, silence and errors end nothing.

use crate::money::Money;
use crate::offer::Allowance;
use crate::states;
use serde::{Deserialize, Serialize};

states! {
    /// Where a credit at the network stands.
    NetworkCreditState {
        /// The row is committed; nothing was ever sent.
        Prepared = "prepared",
        /// It was written down to be sent; no answer came yet.
        Sent = "sent",
        /// The network has it and has not decided.
        InProgress = "in_progress",
        /// Sent, and the line may or may not have it.
        Unknown = "unknown",
        /// The line has it.
        Done = "done",
        /// It was not given and will not be: the network said so, or it was never sent.
        Refused = "refused",
        /// The network never received it, and it is never sent again.
        Abandoned = "abandoned",
        /// The network denies it in writing, whatever its machine says; it is never sent again.
        Denied = "denied",
        /// The network has it after all, although it was refused, abandoned or denied: people decide.
        Contradicted = "contradicted",
    }
}

states! {
    /// What happens to a credit at the network.
    NetworkCreditEvent {
        /// It is about to be sent, the first time or again.
        Sent = "sent",
        /// The network says that the line has it.
        Done = "done",
        /// The network says that it will never give it; or it was never sent, and will not be.
        Refused = "refused",
        /// The network says that it will decide.
        InProgress = "in_progress",
        /// No usable word about it.
        Unknown = "unknown",
        /// The network says, within its promises, that it never received it; we do not send it again.
        Abandoned = "abandoned",
        /// Our staff has it from the network in writing that it was not given and will not be.
        Denied = "denied",
    }
}

impl NetworkCreditState {
    /// The state after `event`; `None` when it changes nothing.
    pub fn on(self, event: NetworkCreditEvent) -> Option<NetworkCreditState> {
        use NetworkCreditEvent as E;
        use NetworkCreditState as S;
        match (self, event) {
            (S::Prepared, E::Sent) => Some(S::Sent),
            (S::Prepared | S::Sent | S::InProgress | S::Unknown, E::Done) => Some(S::Done),
            (S::Prepared | S::Sent | S::InProgress | S::Unknown, E::Refused) => Some(S::Refused),
            (S::Prepared | S::Sent | S::Unknown, E::InProgress) => Some(S::InProgress),
            (S::Prepared | S::Sent, E::Unknown) => Some(S::Unknown),
            // What the network once had cannot have never arrived.
            (S::Prepared | S::Sent | S::Unknown, E::Abandoned) => Some(S::Abandoned),
            (S::Prepared | S::Sent | S::InProgress | S::Unknown, E::Denied) => Some(S::Denied),
            (S::Refused | S::Abandoned | S::Denied, E::Done) | (S::Abandoned, E::InProgress) => {
                Some(S::Contradicted)
            }
            (S::Sent | S::InProgress | S::Unknown, E::Sent)
            | (S::InProgress, E::InProgress | E::Unknown | E::Abandoned)
            | (S::Unknown, E::Unknown)
            | (
                S::Refused | S::Denied,
                E::Sent | E::Refused | E::InProgress | E::Unknown | E::Abandoned | E::Denied,
            )
            | (S::Abandoned, E::Sent | E::Refused | E::Unknown | E::Abandoned | E::Denied)
            | (S::Done | S::Contradicted, _) => None,
        }
    }

    /// May it be sent now? What was given up is never sent again, and what the network has need not be.
    pub fn may_be_sent(self) -> bool {
        match self {
            NetworkCreditState::Prepared | NetworkCreditState::Sent | NetworkCreditState::Unknown => true,
            NetworkCreditState::InProgress
            | NetworkCreditState::Done
            | NetworkCreditState::Refused
            | NetworkCreditState::Abandoned
            | NetworkCreditState::Denied
            | NetworkCreditState::Contradicted => false,
        }
    }

    /// May the line still get it, as far as anybody knows? Then its money stays where it is.
    pub fn is_open(self) -> bool {
        match self {
            NetworkCreditState::Prepared
            | NetworkCreditState::Sent
            | NetworkCreditState::InProgress
            | NetworkCreditState::Unknown => true,
            NetworkCreditState::Done
            | NetworkCreditState::Refused
            | NetworkCreditState::Abandoned
            | NetworkCreditState::Denied
            | NetworkCreditState::Contradicted => false,
        }
    }

    /// Is it looked at again although we gave it up? The network may have it after all.
    pub fn is_given_up(self) -> bool {
        matches!(self, NetworkCreditState::Abandoned | NetworkCreditState::Denied)
    }
}

/// What the network is asked to give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NetworkGrant {
    /// Money: what was bought and its bonus together.
    Credit { money: Money },
    /// Allowances, all for so many days from when the network gives them.
    Bundle { allowances: Vec<Allowance>, valid_for_days: u32 },
}

impl NetworkGrant {
    /// The money that the network's account in our books gets with it.
    pub fn minor(&self) -> i64 {
        match self {
            NetworkGrant::Credit { money } => money.minor,
            NetworkGrant::Bundle { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state against every event; `-` means nothing changes.
    #[test]
    fn every_state_answers_every_event_as_the_table_says() {
        let table = "
            state         sent  done          refused  in_progress   unknown  abandoned  denied
            prepared      sent  done          refused  in_progress   unknown  abandoned  denied
            sent          -     done          refused  in_progress   unknown  abandoned  denied
            in_progress   -     done          refused  -             -        -          denied
            unknown       -     done          refused  in_progress   -        abandoned  denied
            done          -     -             -        -             -        -          -
            refused       -     contradicted  -        -             -        -          -
            abandoned     -     contradicted  -        contradicted  -        -          -
            denied        -     contradicted  -        -             -        -          -
            contradicted  -     -             -        -             -        -          -";
        let mut seen = 0;
        for line in table.lines().skip(2) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let state = NetworkCreditState::parse(words[0]).unwrap();
            for (event, expected) in NetworkCreditEvent::ALL.iter().zip(&words[1..]) {
                let next = state.on(*event).map_or("-", NetworkCreditState::as_str);
                assert_eq!(&next, expected, "{state} on {event}");
                seen += 1;
            }
        }
        assert_eq!(seen, NetworkCreditState::ALL.len() * NetworkCreditEvent::ALL.len());
    }

    #[test]
    fn what_was_given_up_is_never_sent_and_never_silently_given() {
        for state in [NetworkCreditState::Refused, NetworkCreditState::Abandoned, NetworkCreditState::Denied]
        {
            assert!(!state.may_be_sent() && !state.is_open());
            assert_eq!(state.on(NetworkCreditEvent::Done), Some(NetworkCreditState::Contradicted));
        }
    }

    #[test]
    fn silence_ends_nothing() {
        for state in NetworkCreditState::ALL.iter().filter(|state| state.is_open()) {
            let after = state.on(NetworkCreditEvent::Unknown).unwrap_or(*state);
            assert!(after.is_open(), "{state} is not open after silence");
        }
    }
}
