//! What people did in the story of an order: refunds that they asked for and decided on, questions of customers, what
//! was noticed, and every act of the staff.

use super::at;
use domain::audit::AuditAction;
use domain::id::StaffId;
use domain::refund_request::RefundRequestState;
use domain::support_case::{CaseAuthor, CaseState};
use render::view::StoryEntry;
use std::collections::HashMap;
use store::history::History;
use store::support_case::SupportCase;

type Names = HashMap<String, String>;

fn name(names: &Names, staff: &StaffId) -> Option<String> {
    Some(names.get(staff.as_str()).cloned().unwrap_or_else(|| staff.to_string()))
}

/// What looks like abuse, by the names of the caps and patterns.
pub(super) fn noticed(history: &History) -> Vec<StoryEntry> {
    let entry = |event: &store::risk::RiskEvent| StoryEntry {
        state: Some(format!("office-noticed-{}", event.kind)),
        note: Some(event.detail.clone()).filter(|detail| !detail.is_empty()),
        ..at(event.at, "risk", "noticed")
    };
    history.noticed.iter().map(entry).collect()
}

/// Refunds by two: who asked, and who decided.
pub(super) fn requests(history: &History, names: &Names) -> Vec<StoryEntry> {
    let mut all = Vec::new();
    for request in &history.requests {
        let entry = |time, says| StoryEntry {
            amount: Some(request.amount),
            state: Some(format!("request-reason-{}", request.reason)),
            href: Some(format!("/office/refunds/{}", request.id)),
            refs: vec![request.id.to_string()],
            ..at(time, "refund", says)
        };
        all.push(StoryEntry {
            who: name(names, &request.asked_by),
            note: Some(request.note.clone()).filter(|note| !note.is_empty()),
            ..entry(request.asked_at, "request_asked")
        });
        let Some(decision) = &request.decision else { continue };
        let says = match request.state {
            RefundRequestState::Declined => "request_declined",
            RefundRequestState::Withdrawn => "request_withdrawn",
            RefundRequestState::Asked
            | RefundRequestState::Approved
            | RefundRequestState::Done
            | RefundRequestState::Failed => "request_approved",
        };
        all.push(StoryEntry {
            who: name(names, &decision.by),
            note: Some(decision.note.clone()).filter(|note| !note.is_empty()),
            ..entry(decision.at, says)
        });
    }
    all
}

/// Questions about the order: asked, asked more, closed. What staff did with them is told by the audit.
pub(super) fn cases(history: &History) -> Vec<StoryEntry> {
    let mut all = Vec::new();
    for (case, said) in &history.cases {
        let entry = |time, says| StoryEntry {
            state: Some(format!("support-cause-{}", case.cause)),
            href: Some(format!("/office/cases/{}", case.code)),
            refs: vec![case.code.clone()],
            ..at(time, "case", says)
        };
        all.push(entry(case.created_at, "case_opened"));
        let more = said.iter().filter(|m| m.author == CaseAuthor::Asker && m.at != case.created_at);
        all.extend(more.map(|message| entry(message.at, "case_asked")));
        if case.state == CaseState::Closed && !closed_by_staff(history, case) {
            all.push(entry(case.state_at, "case_closed"));
        }
    }
    all
}

fn closed_by_staff(history: &History, case: &SupportCase) -> bool {
    let closed = |row: &store::audit::Recorded| {
        row.subject == case.id.as_str() && row.action == AuditAction::CaseMoved && row.at == case.state_at
    };
    history.audit.iter().any(closed)
}

/// Every act of the staff. Several looks of one person on end are one line.
pub(super) fn staff(history: &History, names: &Names) -> Vec<StoryEntry> {
    let mut rows: Vec<&store::audit::Recorded> = history.audit.iter().collect();
    rows.sort_by_key(|row| row.at);
    rows.dedup_by(|later, earlier| {
        later.action == AuditAction::Looked && earlier.action == later.action && earlier.staff == later.staff
    });
    let entry = |row: &&store::audit::Recorded| StoryEntry {
        who: row.staff.as_ref().map_or_else(|| Some(row.actor.clone()), |staff| name(names, staff)),
        state: Some(format!("office-did-{}", row.action)),
        note: row.reason.clone(),
        ..at(row.at, "staff", "staff")
    };
    rows.iter().map(entry).collect()
}
