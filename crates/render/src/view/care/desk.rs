//! Cases as staff sees them: the list by answer deadline, one case with its order, and saved replies.

use domain::locale::Locale;
use domain::support_case::{CaseAuthor, CaseCause, CaseState};
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use serde::Serialize;

use super::support::{CaseFile, CaseLine, KnownOrder};
use crate::sentence::SentenceValues;
use crate::view::{OfficeFrame, OfficeProblem, OfficeSection, View, sample};

/// Which cases a list has. The words are `cases-<filter>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseFilter {
    Open,
    Unassigned,
    Mine,
    Waiting,
    Answered,
    Closed,
}

impl CaseFilter {
    pub const ALL: &'static [CaseFilter] = &[
        CaseFilter::Open,
        CaseFilter::Unassigned,
        CaseFilter::Mine,
        CaseFilter::Waiting,
        CaseFilter::Answered,
        CaseFilter::Closed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            CaseFilter::Open => "open",
            CaseFilter::Unassigned => "unassigned",
            CaseFilter::Mine => "mine",
            CaseFilter::Waiting => "waiting",
            CaseFilter::Answered => "answered",
            CaseFilter::Closed => "closed",
        }
    }

    pub fn parse(word: &str) -> Option<CaseFilter> {
        CaseFilter::ALL.iter().copied().find(|filter| filter.as_str() == word)
    }
}

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeCases {
    pub office: OfficeFrame,
    pub filter: CaseFilter,
    pub filters: &'static [CaseFilter],
    pub cases: Vec<CaseRow>,
    /// How many answers are owed, and how many of them are late.
    pub open: i64,
    pub late: i64,
    pub zone: String,
}

/// A case in the list.
#[derive(Debug, Clone, Serialize)]
pub struct CaseRow {
    pub code: String,
    pub state: CaseState,
    pub cause: CaseCause,
    pub order: Option<String>,
    pub answer_by: Option<UnixMs>,
    pub late: bool,
    pub assigned: Option<String>,
    pub at: UnixMs,
}

/// One case.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeCase {
    pub office: OfficeFrame,
    pub code: String,
    pub state: CaseState,
    pub cause: CaseCause,
    /// The language of the customer: its tag and its own name.
    pub language: (&'static str, &'static str),
    pub order: Option<KnownOrder>,
    pub answer_by: Option<UnixMs>,
    pub late: bool,
    pub assigned: Option<String>,
    pub mine: bool,
    pub asked_at: UnixMs,
    pub lines: Vec<CaseLine>,
    pub saved: &'static [&'static str],
    pub key: String,
    pub text: String,
    pub rating: Option<i64>,
    pub problem: Option<OfficeProblem>,
    pub zone: String,
}

/// A reply that is often given, in the language of the customer.
#[derive(Debug, Clone, Serialize)]
pub struct SavedReply {
    pub name: &'static str,
}

impl SavedReply {
    /// The words are `saved-<name>`, and what staff reads of them `saved-title-<name>`.
    pub const NAMES: &'static [&'static str] =
        &["looking", "arrived", "returning", "twice", "wrong_number", "which_order"];

    pub fn find(name: &str) -> Option<SavedReply> {
        SavedReply::NAMES.iter().find(|known| **known == name).map(|name| SavedReply { name })
    }
}

impl View for SavedReply {
    const TEMPLATE: &'static str = "office/saved_reply.txt";

    fn samples() -> Vec<SavedReply> {
        SavedReply::NAMES.iter().map(|name| SavedReply { name }).collect()
    }
}

const CASE: &str = "S-7K2M9-QX4TB";

fn frame() -> OfficeFrame {
    OfficeFrame { section: OfficeSection::Cases, ..OfficeFrame::sample() }
}

impl View for OfficeCases {
    const TEMPLATE: &'static str = "office/cases.html";

    fn samples() -> Vec<OfficeCases> {
        let row = |state: &CaseState| CaseRow {
            code: CASE.into(),
            state: *state,
            cause: CaseCause::PaidTwice,
            order: (*state != CaseState::Closed).then(|| sample::CODE.into()),
            answer_by: (*state == CaseState::Open).then_some(sample::AT),
            late: *state == CaseState::Open,
            assigned: (*state == CaseState::Answered).then(|| "Ana Reyes".into()),
            at: sample::AT,
        };
        let list = |filter: &CaseFilter| OfficeCases {
            office: frame(),
            filter: *filter,
            filters: CaseFilter::ALL,
            cases: CaseState::ALL.iter().map(row).collect(),
            open: 12,
            late: 1,
            zone: sample::ZONE.into(),
        };
        let mut samples: Vec<OfficeCases> = CaseFilter::ALL.iter().map(list).collect();
        samples.extend(CaseFilter::ALL.iter().map(|filter| OfficeCases {
            cases: Vec::new(),
            open: 0,
            late: 0,
            ..list(filter)
        }));
        samples
    }
}

impl View for OfficeCase {
    const TEMPLATE: &'static str = "office/case.html";

    fn samples() -> Vec<OfficeCase> {
        let line = |author, text: &str, notice| CaseLine {
            author,
            name: (author != CaseAuthor::Asker).then(|| "Ana Reyes".into()),
            text: text.into(),
            at: sample::AT,
            notice,
            files: if author == CaseAuthor::Asker { CaseFile::samples() } else { Vec::new() },
        };
        let values = SentenceValues {
            state: TopUpState::Review,
            amount: sample::gbp(1030),
            bundle: None,
            answer_by: Some(sample::AT),
            reference: None,
            returned_at: None,
            provider: None,
            zone: sample::ZONE.into(),
        };
        let case = |state: CaseState| OfficeCase {
            office: frame(),
            code: CASE.into(),
            state,
            cause: CaseCause::NotArrived,
            language: (Locale::ZhCn.as_str(), Locale::ZhCn.own_name()),
            order: Some(KnownOrder {
                code: sample::CODE.into(),
                state: TopUpState::Review,
                values: values.clone(),
            }),
            answer_by: (state == CaseState::Open).then_some(sample::AT),
            late: false,
            assigned: None,
            mine: false,
            asked_at: sample::AT,
            lines: vec![
                line(CaseAuthor::Asker, "Where is it? <b>", None),
                line(CaseAuthor::Note, "The network is down.", None),
                line(CaseAuthor::Staff, "It is on its way.", Some("queued")),
                line(CaseAuthor::Staff, "It arrived.", Some("sent")),
                line(CaseAuthor::Staff, "Did it?", Some("failed")),
            ],
            saved: SavedReply::NAMES,
            key: "0f".repeat(16),
            text: String::new(),
            rating: None,
            problem: None,
            zone: sample::ZONE.into(),
        };
        let mut samples: Vec<OfficeCase> = CaseState::ALL.iter().map(|state| case(*state)).collect();
        samples.push(OfficeCase {
            late: true,
            assigned: Some("Ana Reyes".into()),
            mine: true,
            order: None,
            ..case(CaseState::Open)
        });
        samples.push(OfficeCase { rating: Some(2), text: "<i>".into(), ..case(CaseState::Closed) });
        for code in ["text_missing", "text_too_long", "case_closed"] {
            let problem = Some(OfficeProblem::at(code, "text"));
            samples.push(OfficeCase { problem, ..case(CaseState::Open) });
        }
        samples
    }
}
