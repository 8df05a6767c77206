//! The pages on which customers write to support: the order first, then what is known of it, then the question.

use domain::support_case::{CaseAuthor, CaseCause, CaseState};
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use serde::Serialize;

use crate::problem::{PageProblem, Problem};
use crate::sentence::SentenceValues;
use crate::view::{OwnOrder, View, sample};

/// The first page: which order, and with one the form.
#[derive(Debug, Clone, Serialize)]
pub struct AskSupport {
    /// The orders that this reader may see, newest first.
    pub orders: Vec<OwnOrder>,
    /// What this reader asked before, newest first.
    pub cases: Vec<OwnCase>,
    /// What was typed as order code, and as case code.
    pub code: String,
    pub case_code: String,
    /// Until when an answer comes, in hours.
    pub hours: i64,
    pub form: Option<SupportForm>,
    pub problem: Option<Problem>,
}

/// A case of this reader, in a list.
#[derive(Debug, Clone, Serialize)]
pub struct OwnCase {
    pub code: String,
    pub state: CaseState,
    pub cause: CaseCause,
    pub at: UnixMs,
    pub zone: String,
}

/// The question itself.
#[derive(Debug, Clone, Serialize)]
pub struct SupportForm {
    pub order: Option<KnownOrder>,
    /// The shop or kiosk that it is about.
    pub shop: Option<NamedShop>,
    /// The code of a question about this order that is open.
    pub already: Option<String>,
    /// Sent with the form, so that sending it twice asks once.
    pub key: String,
    pub causes: &'static [CaseCause],
    pub cause: Option<CaseCause>,
    pub text: String,
    pub contact: String,
    pub wish: ContactWish,
}

/// A shop or kiosk by its number.
#[derive(Debug, Clone, Serialize)]
pub struct NamedShop {
    pub number: String,
    pub name: String,
}

/// Whether an address to answer to is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactWish {
    /// There is no other way to tell.
    Needed,
    /// The order has a number, perhaps an address.
    Optional,
    /// The account has them.
    Account,
}

/// What is known about the order: most people need no more.
#[derive(Debug, Clone, Serialize)]
pub struct KnownOrder {
    pub code: String,
    pub state: TopUpState,
    pub values: SentenceValues,
}

/// One message as it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct CaseLine {
    pub author: CaseAuthor,
    /// Who of the staff wrote it; customers are not told.
    pub name: Option<String>,
    pub text: String,
    pub at: UnixMs,
    /// How far the news of it is, for staff.
    pub notice: Option<&'static str>,
    pub files: Vec<CaseFile>,
}

/// A file that came with a message.
#[derive(Debug, Clone, Serialize)]
pub struct CaseFile {
    pub n: i64,
    pub name: String,
    pub picture: bool,
    /// Its size in units of 1,024 bytes.
    pub kib: i64,
}

impl CaseFile {
    pub(super) fn samples() -> Vec<CaseFile> {
        let file = |n, name: &str, picture, kib| CaseFile { n, name: name.into(), picture, kib };
        vec![file(1, "截图 <b>(1).png", true, 412), file(2, "statement.pdf", false, 5_120)]
    }
}

/// A question with all that was written.
#[derive(Debug, Clone, Serialize)]
pub struct CaseThread {
    pub code: String,
    pub state: CaseState,
    pub cause: CaseCause,
    pub order: Option<String>,
    pub asked_at: UnixMs,
    pub answer_by: Option<UnixMs>,
    /// Is our answer late?
    pub late: bool,
    pub lines: Vec<CaseLine>,
    pub rating: Option<i64>,
    /// Was it asked a moment ago?
    pub sent: bool,
    pub key: String,
    pub text: String,
    pub problem: Option<Problem>,
    pub zone: String,
}

/// Asks for what shows that a question is the reader's. It never tells whether there is such a question.
#[derive(Debug, Clone, Serialize)]
pub struct CaseProof {
    pub code: String,
    pub problem: Option<Problem>,
}

const CASE: &str = "S-7K2M9-QX4TB";

/// The page before anything was chosen.
fn bare() -> AskSupport {
    AskSupport {
        orders: Vec::new(),
        cases: Vec::new(),
        code: String::new(),
        case_code: String::new(),
        hours: 24,
        form: None,
        problem: None,
    }
}

/// The form, about an order in this state.
fn form(state: Option<TopUpState>, wish: ContactWish) -> SupportForm {
    let values = |state| SentenceValues {
        state,
        amount: sample::gbp(1030),
        bundle: None,
        answer_by: Some(sample::AT),
        reference: Some("RF-4H8TQ".into()),
        returned_at: Some(sample::AT),
        provider: None,
        zone: sample::ZONE.into(),
    };
    SupportForm {
        order: state.map(|state| KnownOrder { code: sample::CODE.into(), state, values: values(state) }),
        already: None,
        key: "0f".repeat(16),
        shop: None,
        causes: CaseCause::ALL,
        cause: None,
        text: String::new(),
        contact: String::new(),
        wish,
    }
}

/// What can be wrong with what was typed.
fn refused() -> Vec<AskSupport> {
    let until = || (sample::AT, sample::ZONE.to_owned());
    let (proof, locked) = (until(), until());
    let lookups = [
        PageProblem::CodeUnreadable,
        PageProblem::ProofWrong,
        PageProblem::CaseUnreadable,
        PageProblem::ProofLocked { until: proof.0, zone: proof.1 },
    ];
    let texts = [
        PageProblem::TextMissing,
        PageProblem::TextTooLong,
        PageProblem::ContactMissing,
        PageProblem::CauseMissing,
        PageProblem::FileKind,
        PageProblem::FileTooLarge,
        PageProblem::FilesTooMany,
        PageProblem::SupportLocked { until: locked.0, zone: locked.1 },
    ];
    let code: String = "7K2M9-\"><i>".into();
    let lookups = lookups.map(|problem| AskSupport {
        code: code.clone(),
        problem: Some(Problem::page(problem)),
        ..bare()
    });
    let texts = texts.map(|problem| AskSupport {
        form: Some(SupportForm {
            text: "<b>not</b> & here".into(),
            contact: "a\"b@c".into(),
            cause: Some(CaseCause::Other),
            ..form(Some(TopUpState::Review), ContactWish::Optional)
        }),
        problem: Some(Problem::page(problem)),
        ..bare()
    });
    lookups.into_iter().chain(texts).collect()
}

impl View for AskSupport {
    const TEMPLATE: &'static str = "portal/support.html";

    fn samples() -> Vec<AskSupport> {
        let order = |state| OwnOrder {
            code: sample::CODE.into(),
            state,
            amount: sample::gbp(1030),
            at: sample::AT,
            zone: sample::ZONE.into(),
        };
        let case = |state: &CaseState| OwnCase {
            code: CASE.into(),
            state: *state,
            cause: CaseCause::NotArrived,
            at: sample::AT,
            zone: sample::ZONE.into(),
        };
        let mut samples = vec![
            bare(),
            AskSupport {
                orders: vec![order(TopUpState::Credited), order(TopUpState::Review)],
                cases: CaseState::ALL.iter().map(case).collect(),
                hours: 1,
                ..bare()
            },
            AskSupport { form: Some(form(None, ContactWish::Needed)), ..bare() },
            AskSupport { form: Some(form(None, ContactWish::Account)), ..bare() },
            AskSupport {
                form: Some(SupportForm {
                    shop: Some(NamedShop { number: "S10234".into(), name: "Luma \"Soho\" <b>".into() }),
                    cause: Some(CaseCause::Shop),
                    ..form(None, ContactWish::Needed)
                }),
                ..bare()
            },
        ];
        samples.extend(TopUpState::ALL.iter().map(|state| AskSupport {
            form: Some(SupportForm {
                already: Some(CASE.into()),
                ..form(Some(*state), ContactWish::Optional)
            }),
            ..bare()
        }));
        samples.extend(refused());
        samples
    }
}

impl View for CaseThread {
    const TEMPLATE: &'static str = "portal/support_case.html";

    fn samples() -> Vec<CaseThread> {
        let line = |author, text: &str, minutes: i64| CaseLine {
            author,
            name: None,
            text: text.into(),
            at: sample::AT.plus_ms(minutes * 60_000),
            notice: None,
            files: if minutes == 0 { CaseFile::samples() } else { Vec::new() },
        };
        let case = |state: CaseState| CaseThread {
            code: CASE.into(),
            state,
            cause: CaseCause::NotArrived,
            order: Some(sample::CODE.into()),
            asked_at: sample::AT,
            answer_by: (state == CaseState::Open).then_some(sample::AT),
            late: false,
            lines: vec![
                line(CaseAuthor::Asker, "I paid at noon.\nNothing came. <b>Why?</b>", 0),
                line(CaseAuthor::Staff, "We asked the network.\n\nIt arrived now.", 40),
            ],
            rating: None,
            sent: false,
            key: "0f".repeat(16),
            text: String::new(),
            problem: None,
            zone: sample::ZONE.into(),
        };
        let mut samples: Vec<CaseThread> = CaseState::ALL.iter().map(|state| case(*state)).collect();
        samples.push(CaseThread { sent: true, order: None, ..case(CaseState::Open) });
        samples.push(CaseThread { late: true, ..case(CaseState::Open) });
        samples.push(CaseThread { rating: Some(4), ..case(CaseState::Closed) });
        for problem in [PageProblem::TextMissing, PageProblem::CaseClosed, PageProblem::CaseFull] {
            let problem = Some(Problem::page(problem));
            samples.push(CaseThread { text: "<i>".into(), problem, ..case(CaseState::Answered) });
        }
        samples
    }
}

impl View for CaseProof {
    const TEMPLATE: &'static str = "portal/support_proof.html";

    fn samples() -> Vec<CaseProof> {
        let locked = PageProblem::ProofLocked { until: sample::AT, zone: sample::ZONE.into() };
        [None, Some(PageProblem::ProofWrong), Some(locked), Some(PageProblem::CookiesRefused)]
            .map(|problem| CaseProof { code: CASE.into(), problem: problem.map(Problem::page) })
            .into()
    }
}
