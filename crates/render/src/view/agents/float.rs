//! Float requests as staff sees them: what waits for a decision, and one request.

use domain::float_request::{FloatRequestKind, FloatRequestState};
use domain::money::Money;
use domain::time::UnixMs;
use serde::Serialize;

use super::office::frame;
use crate::view::{OfficeFrame, OfficeProblem, View, sample};

/// A request in a list.
#[derive(Debug, Clone, Serialize)]
pub struct FloatRow {
    pub id: String,
    pub agent: String,
    pub agent_name: String,
    pub kind: FloatRequestKind,
    /// Who gives and who gets, by name.
    pub from: Option<String>,
    pub to: String,
    pub amount: Money,
    pub state: FloatRequestState,
    pub asked_by: String,
    pub asked_at: UnixMs,
}

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeFloat {
    pub office: OfficeFrame,
    pub waiting: Vec<FloatRow>,
    pub decided: Vec<FloatRow>,
    pub zone: String,
}

/// One request.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeFloatRequest {
    pub office: OfficeFrame,
    pub request: FloatRow,
    pub reference: Option<String>,
    pub note: String,
    pub has_proof: bool,
    /// Who agreed first, and when.
    pub first: Option<(String, UnixMs)>,
    /// Who decided, when, and what was said.
    pub decision: Option<(String, UnixMs, String)>,
    /// Does one more person have to agree after the reader?
    pub needs_another: bool,
    pub may_decide: bool,
    pub may_withdraw: bool,
    pub zone: String,
    pub problem: Option<OfficeProblem>,
}

pub(super) fn row(state: FloatRequestState) -> FloatRow {
    FloatRow {
        id: "flr_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
        agent: "ag_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
        agent_name: "Sol & Söhne <Trading>".into(),
        kind: FloatRequestKind::Bank,
        from: None,
        to: "Sol & Söhne <Trading>".into(),
        amount: sample::gbp(150_000),
        state,
        asked_by: "Ana Reyes".into(),
        asked_at: sample::AT,
    }
}

fn rows() -> Vec<FloatRow> {
    let kinds = FloatRequestKind::ALL.iter().map(|kind| FloatRow {
        kind: *kind,
        from: matches!(kind, FloatRequestKind::Down | FloatRequestKind::Up).then(|| "Sol 1".into()),
        ..row(FloatRequestState::Asked)
    });
    kinds.chain(FloatRequestState::ALL.iter().map(|state| row(*state))).collect()
}

impl View for OfficeFloat {
    const TEMPLATE: &'static str = "office/agent_float.html";

    fn samples() -> Vec<OfficeFloat> {
        let list =
            OfficeFloat { office: frame(), waiting: rows(), decided: rows(), zone: sample::ZONE.into() };
        vec![OfficeFloat { waiting: Vec::new(), decided: Vec::new(), ..list.clone() }, list]
    }
}

impl View for OfficeFloatRequest {
    const TEMPLATE: &'static str = "office/agent_float_request.html";

    fn samples() -> Vec<OfficeFloatRequest> {
        let page = |state: FloatRequestState| OfficeFloatRequest {
            office: frame(),
            request: row(state),
            reference: Some("RF1853900754".into()),
            note: "For <b>Monday</b>.".into(),
            has_proof: true,
            first: (state == FloatRequestState::AgreedOnce).then(|| ("Ben Okafor".into(), sample::AT)),
            decision: (!state.is_open()).then(|| ("Cyd Lee".into(), sample::AT, "Seen.".into())),
            needs_another: false,
            may_decide: false,
            may_withdraw: false,
            zone: sample::ZONE.into(),
            problem: None,
        };
        let mut samples: Vec<OfficeFloatRequest> =
            FloatRequestState::ALL.iter().map(|state| page(*state)).collect();
        samples.push(OfficeFloatRequest {
            may_decide: true,
            needs_another: true,
            ..page(FloatRequestState::Asked)
        });
        samples.push(OfficeFloatRequest { may_withdraw: true, ..page(FloatRequestState::Asked) });
        samples.push(OfficeFloatRequest {
            may_decide: true,
            has_proof: false,
            reference: None,
            problem: Some(OfficeProblem::at("agent_reference_used", "note")),
            ..page(FloatRequestState::AgreedOnce)
        });
        samples
    }
}
