//! The audit: one entry for each act, in the transaction of the act itself.

use crate::error::Result;
use crate::world::{StepContext, World};
use domain::actor::Actor;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::id::{LineId, StaffId};
use store::Tx;
use store::audit::Verified;

/// Writes an entry. It locks the end of the audit until the step is over: after the ledger's `record`, and once per
/// step, so that nobody waits in a circle.
pub fn record(tx: &mut Tx<'_>, context: &StepContext, entry: &Entry) -> anyhow::Result<()> {
    store::audit::append(tx, &context.writer, context.now, entry)
}

/// Writes that somebody looked at a person's record, which was masked.
pub async fn looked(
    world: &World,
    staff: &StaffId,
    kind: SubjectKind,
    subject: &str,
    line: Option<&LineId>,
) -> Result<()> {
    let entry = Entry::of(Actor::Staff(staff.clone()), AuditAction::Looked, kind, subject);
    let entry = Entry { line: line.cloned(), ..entry };
    let context = world.step();
    Ok(world.db.write(move |tx| record(tx, &context, &entry)).await?)
}

/// Recomputes the audit's hash chain.
pub async fn verify(world: &World) -> Result<Verified> {
    Ok(world.db.read(store::audit::verify).await?)
}
