//! Care: what people of the staff do for customers, and what customers ask of them.
//!
//! Start reading at [`cases`] (a customer asks) and [`desk`] (staff answers; [`answer`] tells the customer).
//! [`refunds`] is how two people give money back, [`stuck`] what they must look at and [`mend`] what they may do
//! about it. [`files`] are what customers add to their words. Everything that staff does is audited in the transaction in which it is done.

pub mod answer;
mod by_provider;
pub mod cases;
pub mod desk;
pub mod files;
mod from_float;
pub mod mend;
pub mod money;
pub(crate) mod picture;
pub mod refunds;
pub mod stuck;

use crate::world::StepContext;
use domain::actor::Actor;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::id::StaffId;
use domain::staff::Role;
use store::Tx;

/// Somebody of the staff who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    pub id: StaffId,
    pub role: Role,
}

impl Colleague {
    pub(crate) fn actor(&self) -> Actor {
        Actor::Staff(self.id.clone())
    }

    pub(crate) fn entry(&self, action: AuditAction, kind: SubjectKind, subject: &str) -> Entry {
        Entry::of(self.actor(), action, kind, subject)
    }
}

/// Writes down what somebody did. A step calls this last: after the ledger.
pub(crate) fn audit(tx: &mut Tx<'_>, context: &StepContext, entry: &Entry) -> anyhow::Result<()> {
    store::audit::append(tx, &context.writer, context.now, entry)
}

/// Reads what somebody typed: line ends as they are meant, nothing unseen, no card numbers.
pub(crate) fn cleaned(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let seen = |c: &char| !c.is_control() || *c == '\n';
    let text: String = text.trim().chars().filter(seen).collect();
    domain::support_case::without_card_numbers(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_keeps_its_lines_and_loses_cards_and_unseen_characters() {
        assert_eq!(cleaned("  a\r\nb\u{7}\t4242424242424242 \n"), "a\nb••••••••••••4242");
    }
}
