//! Agents: who sells for us over a counter, how they come to be, and their float.
//!
//! Start reading at [`apply`] (a business applies) and [`decide`] (two of the staff agree; one suspends at once).
//! [`outlets`] are their shops, [`selling`] is what a sale asks first, [`float`] is money into and inside a hierarchy, [`float_card`] that of a card,
//! [`commission`] what sales earn, [`payout`] how it is paid and [`statement`] how that is told. Every act is audited in its own transaction.

pub mod apply;
pub mod commission;
pub mod decide;
pub mod documents;
pub mod float;
pub mod float_card;
pub mod low;
mod node;
pub mod outlets;
pub mod payout;
pub mod publish;
pub mod selling;
pub mod statement;
pub mod terms;

use crate::care::Colleague;
use domain::actor::Actor;
pub use domain::agent_refusal::Refused;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::id::AgentId;

/// The owner of an agent, or somebody whom the owner made one, at a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub agent: AgentId,
    /// The person, whatever device they use: `clerk:clk_…`.
    pub person: String,
    pub actor: Actor,
    /// Does the person only practise?
    pub training: bool,
}

/// Who does something to agents: the staff, or the agent's owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    Staff(Colleague),
    Owner(Owner),
}

impl By {
    /// The same text for the same person: nobody is two of two.
    pub fn person(&self) -> String {
        match self {
            By::Staff(colleague) => format!("staff:{}", colleague.id),
            By::Owner(owner) => owner.person.clone(),
        }
    }

    pub(crate) fn actor(&self) -> Actor {
        match self {
            By::Staff(colleague) => colleague.actor(),
            By::Owner(owner) => owner.actor.clone(),
        }
    }

    fn is_training(&self) -> bool {
        match self {
            By::Staff(_) => false,
            By::Owner(owner) => owner.training,
        }
    }

    /// May this person act for the agent? Staff may for all.
    fn acts_for(&self, agent: &AgentId) -> bool {
        match self {
            By::Staff(_) => true,
            By::Owner(owner) => owner.agent == *agent,
        }
    }

    fn is_supervisor(&self) -> bool {
        match self {
            By::Staff(colleague) => colleague.role == domain::staff::Role::Supervisor,
            By::Owner(_) => false,
        }
    }

    fn entry(&self, action: AuditAction, kind: SubjectKind, subject: &str) -> Entry {
        Entry::of(self.actor(), action, kind, subject)
    }
}

/// Done, or why not.
pub type Outcome<T> = std::result::Result<T, Refused>;

/// How long a note may be, in characters.
pub const NOTE_MAX: usize = 500;

/// Reads a note that has to be there.
fn note(text: &str) -> Outcome<String> {
    let note = optional_note(text)?;
    if note.is_empty() { Err(Refused::NoteMissing) } else { Ok(note) }
}

fn optional_note(text: &str) -> Outcome<String> {
    let note = crate::care::cleaned(text);
    if note.chars().count() > NOTE_MAX { Err(Refused::NoteTooLong) } else { Ok(note) }
}

/// The key of a form is ours: hex digits.
fn is_key(key: &str) -> bool {
    (8..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_hexdigit())
}
