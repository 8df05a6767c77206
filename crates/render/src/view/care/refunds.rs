//! Refunds by two people as staff sees them: what waits for a decision, the form that asks, and one request.

use domain::money::Money;
use domain::refund::RefundState;
use domain::refund_request::{RefundRequestReason, RefundRequestState, RefundSource};
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use serde::Serialize;

use super::support::KnownOrder;
use crate::sentence::SentenceValues;
use crate::view::{OfficeFrame, OfficeProblem, OfficeSection, View, sample};

/// A request in a list.
#[derive(Debug, Clone, Serialize)]
pub struct RequestRow {
    pub id: String,
    pub order: String,
    pub amount: Money,
    pub source: RefundSource,
    pub reason: RefundRequestReason,
    pub state: RefundRequestState,
    pub asked_by: String,
    pub asked_at: UnixMs,
    /// Did the reader ask for it?
    pub mine: bool,
}

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeRefunds {
    pub office: OfficeFrame,
    pub waiting: Vec<RequestRow>,
    pub decided: Vec<RequestRow>,
    /// What was typed as order code.
    pub code: String,
    pub zone: String,
    pub problem: Option<OfficeProblem>,
}

/// Money that could go back.
#[derive(Debug, Clone, Serialize)]
pub struct SourceRow {
    pub attempt: String,
    pub source: RefundSource,
    pub amount: Money,
}

/// The form that asks.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeRefundAsk {
    pub office: OfficeFrame,
    pub order: KnownOrder,
    pub last4: String,
    pub sources: Vec<SourceRow>,
    /// Why nothing can be asked for, if so. The words are `office-problem-refund_<word>`.
    pub impossible: Option<&'static str>,
    pub earlier: Vec<RequestRow>,
    pub reasons: &'static [RefundRequestReason],
    pub attempt: Option<String>,
    pub reason: Option<RefundRequestReason>,
    pub note: String,
    pub zone: String,
    pub problem: Option<OfficeProblem>,
}

/// Something that people were told about the money.
#[derive(Debug, Clone, Serialize)]
pub struct ReportRow {
    /// Does the payer dispute it? Else `what` says what happened.
    pub disputed: bool,
    pub what: String,
    pub at: UnixMs,
    /// Who has seen to it, and what they wrote.
    pub seen: Option<(String, String)>,
}

/// One request.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeRefund {
    pub office: OfficeFrame,
    pub request: RequestRow,
    pub note: String,
    pub order: KnownOrder,
    pub last4: String,
    /// Who has the money; none where a float paid.
    pub provider: Option<String>,
    /// What was reported about this money, oldest first.
    pub reports: Vec<ReportRow>,
    /// Who decided, when, and what was said.
    pub decision: Option<(String, UnixMs, String)>,
    /// The reference of the refund and where the provider says it is.
    pub refund: Option<(String, RefundState)>,
    /// May the reader decide, or take it back?
    pub may_decide: bool,
    pub may_withdraw: bool,
    pub zone: String,
    pub problem: Option<OfficeProblem>,
}

fn frame() -> OfficeFrame {
    OfficeFrame { section: OfficeSection::Refunds, ..OfficeFrame::sample() }
}

fn request(state: RefundRequestState) -> RequestRow {
    RequestRow {
        id: "rr_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
        order: sample::CODE.into(),
        amount: sample::gbp(1030),
        source: RefundSource::Credited,
        reason: RefundRequestReason::WrongNumber,
        state,
        asked_by: "Ana Reyes".into(),
        asked_at: sample::AT,
        mine: state == RefundRequestState::Withdrawn,
    }
}

fn order() -> KnownOrder {
    let values = SentenceValues {
        state: TopUpState::Credited,
        amount: sample::gbp(1000),
        bundle: None,
        answer_by: None,
        reference: None,
        returned_at: None,
        provider: None,
        zone: sample::ZONE.into(),
    };
    KnownOrder { code: sample::CODE.into(), state: TopUpState::Credited, values }
}

/// Why something is refused: every word that has a text.
const REFUSALS: &[&str] = &[
    "refund_unknown",
    "refund_nothing_to_return",
    "refund_network_undecided",
    "refund_network_gave",
    "refund_network_decided",
    "refund_already_asked",
    "refund_already_decided",
    "refund_same_person",
    "refund_not_theirs",
    "refund_not_supervisor",
    "refund_note_missing",
    "refund_note_too_long",
    "refund_over_limit",
    "refund_over_day",
    "refund_switched_off",
    "refund_changed",
    "refund_spent",
    "refund_disputed",
];

impl View for OfficeRefunds {
    const TEMPLATE: &'static str = "office/refunds.html";

    fn samples() -> Vec<OfficeRefunds> {
        let rows: Vec<RequestRow> = RefundRequestState::ALL.iter().map(|state| request(*state)).collect();
        let reasons = RefundRequestReason::ALL.iter();
        let waiting = reasons.map(|reason| RequestRow { reason: *reason, ..rows[0].clone() });
        let list = OfficeRefunds {
            office: frame(),
            waiting: waiting.collect(),
            decided: rows.clone(),
            code: String::new(),
            zone: sample::ZONE.into(),
            problem: None,
        };
        vec![
            OfficeRefunds { waiting: Vec::new(), decided: Vec::new(), ..list.clone() },
            OfficeRefunds {
                code: "\"<i>".into(),
                problem: Some(OfficeProblem::at("order_unknown", "code")),
                ..list.clone()
            },
            list,
        ]
    }
}

impl View for OfficeRefundAsk {
    const TEMPLATE: &'static str = "office/refund_ask.html";

    fn samples() -> Vec<OfficeRefundAsk> {
        let source = |source: &RefundSource| SourceRow {
            attempt: format!("att_{source}"),
            source: *source,
            amount: sample::gbp(1030),
        };
        let ask = OfficeRefundAsk {
            office: frame(),
            order: order(),
            last4: "3456".into(),
            sources: RefundSource::ALL.iter().map(source).collect(),
            impossible: None,
            earlier: Vec::new(),
            reasons: RefundRequestReason::ALL,
            attempt: None,
            reason: None,
            note: String::new(),
            zone: sample::ZONE.into(),
            problem: None,
        };
        let mut samples = vec![
            OfficeRefundAsk { sources: vec![source(&RefundSource::Credited)], ..ask.clone() },
            OfficeRefundAsk {
                earlier: RefundRequestState::ALL.iter().map(|state| request(*state)).collect(),
                ..ask.clone()
            },
        ];
        samples.extend(
            [
                "refund_nothing_to_return",
                "refund_network_undecided",
                "refund_network_gave",
                "refund_already_asked",
                "refund_disputed",
            ]
            .map(|word| OfficeRefundAsk {
                impossible: Some(word),
                sources: Vec::new(),
                ..ask.clone()
            }),
        );
        samples.extend(REFUSALS.iter().map(|code| OfficeRefundAsk {
            problem: Some(OfficeProblem::of(code)),
            reason: Some(RefundRequestReason::Goodwill),
            note: "<b>".into(),
            ..ask.clone()
        }));
        samples.push(OfficeRefundAsk { problem: Some(OfficeProblem::at("reason_missing", "reason")), ..ask });
        samples
    }
}

impl View for OfficeRefund {
    const TEMPLATE: &'static str = "office/refund.html";

    fn samples() -> Vec<OfficeRefund> {
        let page = |state: RefundRequestState| OfficeRefund {
            office: frame(),
            request: request(state),
            note: "The customer <b>wrote</b>.".into(),
            order: order(),
            last4: "3456".into(),
            provider: Some("stripe".into()),
            reports: Vec::new(),
            decision: (state != RefundRequestState::Asked)
                .then(|| ("Ben Okafor".into(), sample::AT, "Agreed.".into())),
            refund: None,
            may_decide: false,
            may_withdraw: false,
            zone: sample::ZONE.into(),
            problem: None,
        };
        let mut samples: Vec<OfficeRefund> =
            RefundRequestState::ALL.iter().map(|state| page(*state)).collect();
        let report = |disputed, seen: Option<(&str, &str)>| ReportRow {
            disputed,
            what: "refunded at the provider: 400 GBP minor, of which ours: 0".into(),
            at: sample::AT,
            seen: seen.map(|(by, note)| (by.to_owned(), note.to_owned())),
        };
        samples.push(OfficeRefund {
            may_decide: true,
            reports: vec![report(true, Some(("Ana Lee", "We won <b>it</b>."))), report(false, None)],
            ..page(RefundRequestState::Asked)
        });
        samples.push(OfficeRefund { may_withdraw: true, ..page(RefundRequestState::Asked) });
        samples.push(OfficeRefund {
            may_decide: true,
            provider: None,
            request: RequestRow { source: RefundSource::Float, ..request(RefundRequestState::Asked) },
            ..page(RefundRequestState::Asked)
        });
        samples.extend(RefundState::ALL.iter().map(|state| OfficeRefund {
            refund: Some(("RF-4H8TQ".into(), *state)),
            ..page(RefundRequestState::Approved)
        }));
        samples.extend(REFUSALS.iter().map(|code| OfficeRefund {
            problem: Some(OfficeProblem::of(code)),
            ..page(RefundRequestState::Asked)
        }));
        samples
    }
}
