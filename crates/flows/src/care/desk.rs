//! The desk: staff reads cases, answers them, asks back, leaves notes, takes them on and closes them. Each act is
//! audited; what was written stands in the case and not in the audit.

use super::cases::{Said, Unfit, moved};
use super::{Colleague, audit, cleaned};
use crate::error::Result;
use crate::world::{StepContext, World};
use domain::audit::{AuditAction, SubjectKind};
use domain::id::{CaseId, MessageId, StaffId};
use domain::support_case::{CaseAuthor, CaseEvent, CaseNotice, CaseState, TEXT_MAX};
use store::Tx;
use store::keyring::Purpose;
use store::outbox::{self, NewWork, Topic};
use store::support_case::{self as stored, CaseMessage, SupportCase};

/// What staff writes in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    Answer,
    /// An answer that asks something back.
    Question,
    /// For staff alone.
    Note,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    Yes,
    /// Nothing was to be done: it was done already.
    Before,
    No(Unfit),
}

/// Writes in a case, once per key of the form.
pub async fn write(
    world: &World,
    by: &Colleague,
    case: &CaseId,
    writing: Writing,
    key: &str,
    text: &str,
) -> Result<Done> {
    let text = cleaned(text);
    match text.chars().count() {
        0 => return Ok(Done::No(Unfit::TextMissing)),
        1..=TEXT_MAX => {}
        _ => return Ok(Done::No(Unfit::TextTooLong)),
    }
    let body_sealed = world.keyring.seal(Purpose::SupportText, &text)?;
    let (context, by, id, key) = (world.step(), by.clone(), case.clone(), key.to_owned());
    let written = world.db.write(move |tx| {
        let case = stored::lock(tx, &id)?;
        if stored::has_message(tx, &id, &key)? {
            return Ok(Done::Before);
        }
        let piece = Piece { context: &context, by: &by, case: &case };
        piece.write(tx, writing, &key, &body_sealed)
    });
    let done = written.await?;
    world.messages_waiting.notify_one();
    Ok(done)
}

/// One piece of writing in a locked case.
struct Piece<'a> {
    context: &'a StepContext,
    by: &'a Colleague,
    case: &'a SupportCase,
}

impl Piece<'_> {
    fn write(&self, tx: &mut Tx<'_>, writing: Writing, key: &str, body: &str) -> anyhow::Result<Done> {
        let (context, case) = (self.context, self.case);
        let (author, event, action) = match writing {
            Writing::Answer => (CaseAuthor::Staff, Some(CaseEvent::StaffAnswered), AuditAction::CaseAnswered),
            Writing::Question => (CaseAuthor::Staff, Some(CaseEvent::StaffAsked), AuditAction::CaseAnswered),
            Writing::Note => (CaseAuthor::Note, None, AuditAction::CaseNoted),
        };
        let next = match event {
            None => None,
            Some(event) => match case.state.on(event) {
                Some(state) => Some(state),
                None => return Ok(Done::No(Unfit::Closed)),
            },
        };
        let n = stored::count_messages(tx, &case.id)? + 1;
        let said = Said { author, staff: Some(self.by.id.clone()), body_sealed: body.to_owned() };
        let message = said.message(context, &case.id, n);
        let Some(state) = next else {
            stored::insert_message(tx, &message, key)?;
            audit(tx, context, &self.by.entry(action, SubjectKind::Case, case.id.as_str()))?;
            return Ok(Done::Yes);
        };
        let told = CaseMessage {
            notice: CaseNotice::Queued,
            notice_id: Some(MessageId::new(context.ids.as_ref(), context.now)),
            ..message
        };
        stored::insert_message(tx, &told, key)?;
        // Whoever answers takes care from then on, unless somebody does.
        let assigned_to = case.assigned_to.clone().or_else(|| Some(self.by.id.clone()));
        let answered = SupportCase { assigned_to, ..moved(case, state, None, context.now) };
        stored::update(tx, case.state, &answered)?;
        let work = NewWork {
            detail: Some(n.to_string()),
            ..NewWork::due(Topic::SupportAnswer, case.id.as_str(), context.now)
        };
        outbox::push(tx, work, context.ids.as_ref(), context.now)?;
        audit(tx, context, &self.by.entry(action, SubjectKind::Case, case.id.as_str()))?;
        Ok(Done::Yes)
    }
}

/// Gives a case to somebody, or back to nobody.
pub async fn assign(world: &World, by: &Colleague, case: &CaseId, to: Option<StaffId>) -> Result<Done> {
    let (context, by, id) = (world.step(), by.clone(), case.clone());
    let done = world.db.write(move |tx| {
        let case = stored::lock(tx, &id)?;
        if case.assigned_to == to {
            return Ok(Done::Before);
        }
        let next = SupportCase { assigned_to: to.clone(), ..case.clone() };
        stored::update(tx, case.state, &next)?;
        let word = |staff: &Option<StaffId>| staff.as_ref().map_or("nobody".to_owned(), ToString::to_string);
        let detail = serde_json::json!({ "before": word(&case.assigned_to), "after": word(&to) });
        let entry = by.entry(AuditAction::CaseAssigned, SubjectKind::Case, id.as_str());
        audit(tx, &context, &entry.with(detail.to_string()))?;
        Ok(Done::Yes)
    });
    Ok(done.await?)
}

/// Closes a case, or opens it again.
pub async fn set_closed(world: &World, by: &Colleague, case: &CaseId, closed: bool) -> Result<Done> {
    let (context, by, id) = (world.step(), by.clone(), case.clone());
    let answer_by = super::cases::owed(world, context.now);
    let done = world.db.write(move |tx| {
        let case = stored::lock(tx, &id)?;
        let event = if closed { CaseEvent::Closed } else { CaseEvent::Reopened };
        let Some(state) = case.state.on(event) else { return Ok(Done::Before) };
        let owed = (state == CaseState::Open).then_some(answer_by);
        stored::update(tx, case.state, &moved(&case, state, owed, context.now))?;
        let detail = serde_json::json!({ "before": case.state, "after": state });
        let entry = by.entry(AuditAction::CaseMoved, SubjectKind::Case, id.as_str());
        audit(tx, &context, &entry.with(detail.to_string()))?;
        Ok(Done::Yes)
    });
    Ok(done.await?)
}
