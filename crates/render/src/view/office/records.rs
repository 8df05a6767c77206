//! What supervisors look after: the audit and the staff list.

use super::{OfficeFrame, OfficeProblem};
use crate::view::{View, sample};
use domain::audit::{AuditAction, SubjectKind};
use domain::staff::{Role, StaffState};
use domain::time::UnixMs;
use serde::Serialize;

/// One entry of the audit.
#[derive(Debug, Clone, Serialize)]
pub struct AuditRow {
    pub at: UnixMs,
    /// A name, or `operator` and `system` as they are.
    pub who: String,
    pub action: AuditAction,
    pub kind: SubjectKind,
    pub subject: String,
    /// Where the subject is shown.
    pub href: Option<String>,
    pub reason: Option<String>,
    /// What it was before and after, where something changed.
    pub before: Option<String>,
    pub after: Option<String>,
    /// What else was written down: names and values.
    pub more: Vec<(String, String)>,
}

/// A member of staff to choose.
#[derive(Debug, Clone, Serialize)]
pub struct StaffChoice {
    pub id: String,
    pub name: String,
}

/// The audit page.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeAudit {
    pub office: OfficeFrame,
    pub zone: String,
    pub rows: Vec<AuditRow>,
    pub staff: Vec<StaffChoice>,
    pub chosen_staff: String,
    pub actions: Vec<AuditAction>,
    pub chosen_action: String,
    /// `2026-11-22`, or nothing.
    pub day: String,
    /// The order that is looked for, and whether there is one.
    pub order: String,
    pub order_unknown: bool,
    pub older: Option<String>,
}

impl View for OfficeAudit {
    const TEMPLATE: &'static str = "office/audit.html";

    fn samples() -> Vec<OfficeAudit> {
        let row = |(action, kind): (&AuditAction, &SubjectKind)| AuditRow {
            at: sample::AT,
            who: "Ana Reyes".into(),
            action: *action,
            kind: *kind,
            subject: "tu_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            href: Some("/office/search?q=tu_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into()),
            reason: Some("The customer called.".into()),
            before: (*kind != SubjectKind::Line).then(|| "active".into()),
            after: (*kind != SubjectKind::TopUp).then(|| "disabled".into()),
            more: vec![("sessions".into(), "2".into())],
        };
        let rows = AuditAction::ALL.iter().zip(SubjectKind::ALL.iter().cycle()).map(row).collect();
        let full = OfficeAudit {
            office: OfficeFrame { section: super::OfficeSection::Audit, ..OfficeFrame::sample() },
            zone: sample::ZONE.into(),
            rows,
            staff: vec![StaffChoice { id: "stf_1".into(), name: "Ana Reyes".into() }],
            chosen_staff: "stf_1".into(),
            actions: AuditAction::ALL.to_vec(),
            chosen_action: "revealed".into(),
            day: "2026-11-22".into(),
            order: "7K2M9-QX4TB".into(),
            order_unknown: false,
            older: Some("/office/audit?before=1.main.2".into()),
        };
        let empty = OfficeAudit {
            rows: Vec::new(),
            older: None,
            day: String::new(),
            order_unknown: true,
            ..full.clone()
        };
        vec![full, empty]
    }
}

/// A member of staff in the list.
#[derive(Debug, Clone, Serialize)]
pub struct StaffRow {
    pub id: String,
    pub name: String,
    pub login: String,
    pub role: Role,
    pub state: StaffState,
    /// When a page was last opened.
    pub seen_at: Option<UnixMs>,
    /// Sessions that are open now: the device and since when.
    pub sessions: Vec<(String, UnixMs)>,
    /// Is it the reader?
    pub oneself: bool,
}

/// The staff list.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeStaffList {
    pub office: OfficeFrame,
    pub zone: String,
    pub rows: Vec<StaffRow>,
    /// A one-time token that was just made: for whom, and the token.
    pub token: Option<(String, String)>,
    /// What was done just now: a key of words.
    pub done: Option<&'static str>,
    pub problem: Option<OfficeProblem>,
}

impl View for OfficeStaffList {
    const TEMPLATE: &'static str = "office/staff.html";

    fn samples() -> Vec<OfficeStaffList> {
        let row = |(state, role): (&StaffState, &Role)| StaffRow {
            id: "stf_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            name: "Ben Osei".into(),
            login: "ben".into(),
            role: *role,
            state: *state,
            seen_at: Some(sample::AT),
            sessions: vec![("Firefox, Linux".into(), sample::AT)],
            oneself: *role == Role::Supervisor,
        };
        let rows: Vec<StaffRow> = StaffState::ALL.iter().zip(Role::ALL.iter().cycle()).map(row).collect();
        let plain = OfficeStaffList {
            office: OfficeFrame { section: super::OfficeSection::Staff, ..OfficeFrame::sample() },
            zone: sample::ZONE.into(),
            rows,
            token: None,
            done: None,
            problem: None,
        };
        let mut all = vec![
            OfficeStaffList { token: Some(("Ben Osei".into(), "0f".repeat(32))), ..plain.clone() },
            OfficeStaffList { problem: Some(OfficeProblem::of("oneself")), ..plain.clone() },
            OfficeStaffList { problem: Some(OfficeProblem::of("staff_unknown")), ..plain.clone() },
            OfficeStaffList { problem: Some(OfficeProblem::of("last_supervisor")), ..plain.clone() },
        ];
        for done in ["disabled", "ended"] {
            all.push(OfficeStaffList { done: Some(done), ..plain.clone() });
        }
        all.push(plain);
        all
    }
}
