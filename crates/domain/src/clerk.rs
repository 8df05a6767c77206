//! Clerks: the people of an agent who work at a counter, what each may do there, and the rules of their PINs.
//!
//! A PIN is typed at a device that is paired, so it guards against a colleague's hand, not against the world: it is
//! short, tries are counted, and the lock after wrong ones grows ([`lock_after`]).

use crate::id::{AgentId, ClerkId, PlaceId};
use crate::locale::Locale;
use crate::states;
use crate::time::{HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};

states! {
    /// What somebody may do at a counter. Each may do all that the one before may.
    ClerkRole {
        Clerk = "clerk",
        /// Overrides locks and limits with an own PIN.
        Supervisor = "supervisor",
        /// Manages clerks, devices and the float.
        Owner = "owner",
    }
}

states! {
    /// Whether somebody can unlock a device.
    ClerkState {
        Active = "active",
        Suspended = "suspended",
    }
}

states! {
    /// Why an unlocking is over.
    SessionEnd {
        /// The lock key.
        Locked = "locked",
        /// Two minutes without anything.
        Idle = "idle",
        /// Somebody else unlocked the same device.
        TakenOver = "taken_over",
        /// The device was revoked.
        Revoked = "revoked",
        /// The clerk was suspended, or got another role, place or PIN.
        Changed = "changed",
    }
}

/// A person who works at a counter, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clerk {
    pub id: ClerkId,
    pub agent: AgentId,
    /// The one outlet where they work; an owner works at all.
    pub place: Option<PlaceId>,
    /// What they type instead of choosing their name; unique within the agent.
    pub number: i64,
    pub name: String,
    pub role: ClerkRole,
    pub locale: Locale,
    pub state: ClerkState,
    pub created_at: UnixMs,
}

impl Clerk {
    /// May they work at this outlet of their agent?
    pub fn works_at(&self, agent: &AgentId, place: &PlaceId) -> bool {
        self.state == ClerkState::Active
            && self.agent == *agent
            && self.place.as_ref().is_none_or(|own| own == place)
    }

    /// May they let somebody else do what that one may not do alone?
    pub fn supervises(&self) -> bool {
        self.role >= ClerkRole::Supervisor
    }
}

/// The first number that is given to a clerk of an agent.
pub const FIRST_NUMBER: i64 = 11;
/// The longest name.
pub const NAME_MAX: usize = 60;

/// Reads a name: 1 to 60 characters without control characters.
pub fn name(text: &str) -> Option<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = name.chars().count();
    ((1..=NAME_MAX).contains(&length) && !name.chars().any(char::is_control)).then_some(name)
}

/// The fewest and the most digits of a PIN.
pub const PIN_MIN: usize = 4;
pub const PIN_MAX: usize = 8;

/// Why a PIN is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinUnfit {
    /// Not 4 to 8 digits.
    Length,
    /// One digit over and over, a run such as 1234 or 8765, a group said twice such as 1212, or the own number.
    Trivial,
}

/// Reads digits as people type them: of any script, with spaces between. `None` when they cannot be a PIN.
pub fn typed_pin(text: &str) -> Option<String> {
    let mut digits = String::new();
    for c in text.trim().chars().take(PIN_MAX * 2) {
        match c {
            '0'..='9' => digits.push(c),
            '\u{ff10}'..='\u{ff19}' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => {
                digits.push(char::from_digit(u32::from(c) % 16, 10)?);
            }
            ' ' | '\u{3000}' => {}
            _ => return None,
        }
    }
    (PIN_MIN..=PIN_MAX).contains(&digits.len()).then_some(digits)
}

/// Reads a PIN that somebody chooses.
pub fn new_pin(text: &str, number: i64) -> Result<String, PinUnfit> {
    let pin = typed_pin(text).ok_or(PinUnfit::Length)?;
    let digits: Vec<i32> = pin.bytes().map(|b| i32::from(b - b'0')).collect();
    let steps_by = |step: i32| digits.windows(2).all(|pair| (pair[1] - pair[0]).rem_euclid(10) == step);
    let repeats = (1..=digits.len() / 2)
        .filter(|length| digits.len().is_multiple_of(*length))
        .any(|length| digits.chunks(length).all(|group| group == &digits[..length]));
    let own = pin.trim_start_matches('0') == number.to_string();
    if steps_by(1) || steps_by(9) || repeats || own { Err(PinUnfit::Trivial) } else { Ok(pin) }
}

/// Wrong tries that lock nothing.
const FREE_TRIES: i64 = 2;

/// For how long nobody is let in after so many wrong tries in a row: half a minute after the third, and twice as long
/// after each further one, up to an hour.
pub fn lock_after(tries: i64) -> Option<i64> {
    let doubled = u32::try_from(tries - FREE_TRIES - 1).ok()?;
    Some((30 * SECOND_MS).saturating_mul(2_i64.saturating_pow(doubled.min(20))).min(HOUR_MS))
}

/// How long a device stays unlocked when nobody does anything.
pub const IDLE_MS: i64 = 2 * MINUTE_MS;
/// How long one unlocking lasts at most.
pub const LASTS_MS: i64 = 16 * HOUR_MS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_four_to_eight_digits_that_nobody_guesses_first() {
        for good in ["2580", "4913", "90210", "19840712", "\u{ff14}913", "4 9 1 3"] {
            assert!(new_pin(good, 11).is_ok(), "{good}");
        }
        for bad in ["1234", "8765", "0000", "1212", "123123", "7890", "0987", "777777", "0011"] {
            assert_eq!(new_pin(bad, 11), Err(PinUnfit::Trivial), "{bad}");
        }
        for bad in ["", "123", "123456789", "12a4", "\u{4e00}\u{4e8c}\u{4e09}\u{56db}"] {
            assert_eq!(new_pin(bad, 11), Err(PinUnfit::Length), "{bad}");
        }
    }

    #[test]
    fn the_lock_grows_with_wrong_tries_up_to_an_hour() {
        let locks = [(1, None), (2, None), (3, Some(30)), (4, Some(60)), (5, Some(120)), (40, Some(3600))];
        for (tries, seconds) in locks {
            assert_eq!(lock_after(tries), seconds.map(|s| s * SECOND_MS), "{tries}");
        }
    }

    #[test]
    fn a_clerk_works_at_the_own_outlet_and_an_owner_at_all_of_the_agent() {
        let (agent, other) = (AgentId::stored("ag_1"), AgentId::stored("ag_2"));
        let (here, there) = (PlaceId::stored("plc_1"), PlaceId::stored("plc_2"));
        let clerk = Clerk {
            id: ClerkId::stored("clk_1"),
            agent: agent.clone(),
            place: Some(here.clone()),
            number: 11,
            name: "Ana".into(),
            role: ClerkRole::Clerk,
            locale: Locale::En,
            state: ClerkState::Active,
            created_at: UnixMs(0),
        };
        assert!(clerk.works_at(&agent, &here) && !clerk.works_at(&agent, &there));
        let owner = Clerk { place: None, role: ClerkRole::Owner, ..clerk.clone() };
        assert!(owner.works_at(&agent, &there) && !owner.works_at(&other, &here));
        let suspended = Clerk { state: ClerkState::Suspended, ..owner };
        assert!(!suspended.works_at(&agent, &here));
    }

    #[test]
    fn a_name_is_read_without_its_spare_spaces() {
        assert_eq!(name("  Li   Na ").as_deref(), Some("Li Na"));
        assert_eq!(name(" \n "), None);
        assert_eq!(name(&"x".repeat(61)), None);
    }
}
