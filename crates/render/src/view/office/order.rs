//! One order from its beginning to now: what it waits for in a sentence, and everything that happened in one list.

use super::{OfficeFrame, OfficeReveal};
use crate::view::{View, sample};
use domain::ledger::{AccountKind, Purpose, Reason};
use domain::money::Money;
use domain::notice::{MessageState, NoticeChannel, NoticeKind};
use domain::offer::Allowance;
use domain::payment::{AttemptState, OperationKind, OperationState};
use domain::price::PriceLines;
use domain::refund::{RefundReason, RefundState};
use domain::refund_request::RefundRequestReason;
use domain::risk::RiskKind;
use domain::stuck::Mend;
use domain::support_case::CaseCause;
use domain::time::UnixMs;
use domain::top_up::{Channel, TopUpState};
use domain::unit::Unit;
use serde::Serialize;

/// What an order waits for. `what` is the word of `flows::office::waiting::For`.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeWaits {
    pub what: &'static str,
    pub call: Option<OperationKind>,
    pub provider: Option<String>,
    pub since: UnixMs,
    pub tries: i64,
    pub next_at: Option<UnixMs>,
    pub error: Option<String>,
    pub until: Option<UnixMs>,
    pub given_up: bool,
}

/// One transfer of a posting.
#[derive(Debug, Clone, Serialize)]
pub struct StoryLeg {
    /// Kinds of account.
    pub debit: String,
    pub credit: String,
    pub money: Option<Money>,
    pub allowance: Option<Allowance>,
    pub reason: String,
}

/// What happened. The words are `story-<says>`, with what else is set as their values.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StoryEntry {
    pub at: i64,
    /// Since the entry before: so many of this unit (`ms`, `s`, `min`, `h`, `d`).
    pub gap: Option<(i64, &'static str)>,
    /// Is the gap one that people wonder about?
    pub long: bool,
    /// Of what it tells: `order`, `call`, `news`, `ledger`, `message`, `refund`, `webhook`, `staff`, `network`,
    /// `risk`, `case`.
    pub kind: &'static str,
    pub says: String,
    pub provider: Option<String>,
    pub call: Option<OperationKind>,
    /// The key of a word for a state.
    pub state: Option<String>,
    /// The key of a second word.
    pub more: Option<String>,
    pub amount: Option<Money>,
    pub count: Option<i64>,
    /// Who, where it was not the platform itself.
    pub who: Option<String>,
    /// Whose doing it was.
    pub by: Option<By>,
    /// Names by which it is found elsewhere.
    pub refs: Vec<String>,
    /// Where more of it stands.
    pub href: Option<String>,
    /// What was written down of a call or a message, without anything personal; folded away.
    pub raw: Option<String>,
    /// What went wrong, in the words of the program or of staff.
    pub note: Option<String>,
    pub trouble: bool,
    pub legs: Vec<StoryLeg>,
}

/// Who did something: `guest`, `subscriber`, `partner`, `provider`, `staff` or `operator`, and a name where there is one.
#[derive(Debug, Clone, Serialize)]
pub struct By {
    pub word: &'static str,
    pub name: String,
}

/// Work that is still to be done.
#[derive(Debug, Clone, Serialize)]
pub struct StoryWork {
    pub topic: String,
    pub subject: String,
    pub tries: i64,
    pub dead: bool,
    pub next_at: UnixMs,
    pub error: Option<String>,
}

/// The page of one order.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeOrder {
    pub office: OfficeFrame,
    pub code: String,
    pub id: String,
    pub state: TopUpState,
    pub zone: String,
    pub now: UnixMs,
    pub waits: OfficeWaits,
    pub offer_name: String,
    pub channel: Channel,
    pub prices: PriceLines,
    pub last4: String,
    pub line: String,
    pub email: Option<String>,
    pub subscriber: Option<String>,
    pub partner: Option<String>,
    pub story: Vec<StoryEntry>,
    pub work: Vec<StoryWork>,
    /// As forms of the stuck list name it, while its answer is owed.
    pub key: Option<String>,
    /// What may be done about it now, without risk.
    pub may: Vec<Mend>,
    /// May money be asked to go back?
    pub may_refund: bool,
    pub reveal: OfficeReveal,
}

impl OfficeOrder {
    fn sample(waits: OfficeWaits, story: Vec<StoryEntry>, reveal: OfficeReveal) -> OfficeOrder {
        OfficeOrder {
            office: OfficeFrame::sample(),
            code: sample::CODE.into(),
            id: "tu_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            state: TopUpState::CheckingPayment,
            zone: sample::ZONE.into(),
            now: sample::AT,
            waits,
            offer_name: "£10 credit".into(),
            channel: Channel::Online,
            prices: sample::prices(1_000, 100, 30),
            last4: "3456".into(),
            line: "line_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            email: Some("a•••@example.org".into()),
            subscriber: Some("sub_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into()),
            partner: Some("pt_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into()),
            story,
            work: vec![StoryWork {
                topic: "operation".into(),
                subject: "op_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
                tries: 7,
                dead: false,
                next_at: sample::AT,
                error: Some("no answer within 10 s".into()),
            }],
            key: Some("order:tu_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into()),
            may: vec![Mend::Ask, Mend::Release],
            may_refund: true,
            reveal,
        }
    }
}

/// The words of [`OfficeWaits::what`].
pub(super) const WAITS: &[&str] = &[
    "nothing",
    "payer",
    "call",
    "turn",
    "settlement",
    "refund_settled",
    "network",
    "people_late",
    "people_money",
    "people_refund",
    "people_held",
];

/// The words of findings.
pub const FINDINGS: &[&str] = &[
    "action_needed",
    "approved",
    "processing",
    "authorized",
    "captured",
    "declined",
    "cancelled",
    "expired",
    "unknown",
];

impl View for OfficeOrder {
    const TEMPLATE: &'static str = "office/order.html";

    fn samples() -> Vec<OfficeOrder> {
        let mut all = Vec::new();
        let story = every_entry();
        for reveal in OfficeReveal::samples() {
            all.push(OfficeOrder::sample(waits("call", OperationKind::CapturePage), story.clone(), reveal));
        }
        for what in WAITS {
            for call in OperationKind::ALL {
                let reveal =
                    OfficeReveal { fields: Vec::new(), problem: None, ..OfficeReveal::samples().remove(0) };
                let bare = OfficeOrder::sample(waits(what, *call), Vec::new(), reveal);
                all.push(OfficeOrder {
                    email: None,
                    subscriber: None,
                    partner: None,
                    work: Vec::new(),
                    key: None,
                    may: Vec::new(),
                    may_refund: false,
                    ..bare
                });
            }
        }
        all
    }
}

fn waits(what: &'static str, call: OperationKind) -> OfficeWaits {
    OfficeWaits {
        what,
        call: Some(call),
        provider: Some("paypal".into()),
        since: sample::AT,
        tries: 7,
        next_at: Some(sample::AT),
        error: Some("no answer within 10 s".into()),
        until: Some(sample::AT),
        given_up: what == "people_late",
    }
}

/// One of every word, so that none is without its text.
fn every_entry() -> Vec<StoryEntry> {
    let entry = |kind, says: String| StoryEntry {
        at: sample::AT.0,
        gap: Some((3, "s")),
        kind,
        says,
        provider: Some("paypal".into()),
        amount: Some(sample::gbp(1_030)),
        count: Some(2),
        ..StoryEntry::default()
    };
    let word = |key: &str, word: &str| Some(format!("{key}-{word}"));
    let mut all = Vec::new();
    for unit in ["ms", "s", "min", "h", "d"] {
        let channel = word("office-channel", "online");
        all.push(StoryEntry {
            gap: Some((3, unit)),
            long: unit == "d",
            state: channel,
            ..entry("order", "ordered".into())
        });
    }
    for state in TopUpState::ALL {
        let state = word("state", state.as_str());
        all.push(StoryEntry { state, who: Some("Ana Reyes".into()), ..entry("order", "changed".into()) });
    }
    all.push(entry("order", "attempt".into()));
    for call in OperationKind::ALL {
        for says in ["call_sent", "call_due"] {
            all.push(StoryEntry { call: Some(*call), ..entry("call", says.into()) });
        }
    }
    for state in OperationState::ALL {
        let state = word("office-answer", state.as_str());
        let call = Some(OperationKind::CapturePage);
        let note = Some("INTERNAL_SERVER_ERROR".into());
        all.push(StoryEntry { call, state, note, trouble: true, ..entry("call", "call_answered".into()) });
    }
    for (source, finding) in ["answer", "webhook", "poll", "look"].iter().cycle().zip(FINDINGS) {
        let (state, more) = (word("office-finding", finding), word("office-source", source));
        all.push(StoryEntry { state, more, ..entry("news", "news".into()) });
    }
    for state in AttemptState::ALL {
        let state = word("office-attempt", state.as_str());
        all.push(StoryEntry { state, ..entry("news", "attempt_is".into()) });
    }
    all.extend(ledger_entries(&entry));
    for kind in NoticeKind::ALL {
        let (state, more) = (word("office-notice", kind.as_str()), word("office-by", "email"));
        all.push(StoryEntry { state, more, ..entry("message", "message_made".into()) });
    }
    for state in MessageState::ALL {
        let (state, more) =
            (word("office-message", state.as_str()), word("office-by", NoticeChannel::Sms.as_str()));
        all.push(StoryEntry { state, more, ..entry("message", "message_is".into()) });
    }
    for (reason, state) in RefundReason::ALL.iter().zip(RefundState::ALL.iter().cycle()) {
        let state = word("office-refund", state.as_str());
        all.push(StoryEntry { state, ..entry("refund", "refund_is".into()) });
        let state = word("office-why", reason.as_str());
        all.push(StoryEntry { state, ..entry("refund", "refund_made".into()) });
    }
    all.extend(network_entries(&entry));
    all.extend(people_entries(&entry));
    all
}

fn people_entries(entry: &impl Fn(&'static str, String) -> StoryEntry) -> Vec<StoryEntry> {
    let mut all = Vec::new();
    for kind in RiskKind::ALL {
        let (state, note) = (Some(format!("office-noticed-{kind}")), Some("card".into()));
        all.push(StoryEntry { state, note, ..entry("risk", "noticed".into()) });
    }
    for cause in CaseCause::ALL {
        let (state, href) =
            (Some(format!("support-cause-{cause}")), Some("/office/cases/S-7K2M9-QX4TB".into()));
        all.push(StoryEntry { state, href, ..entry("case", "case_opened".into()) });
    }
    for says in ["case_asked", "case_closed"] {
        all.push(entry("case", says.into()));
    }
    for reason in RefundRequestReason::ALL {
        let (state, href) = (Some(format!("request-reason-{reason}")), Some("/office/refunds/rr_1".into()));
        let who = Some("Ben Osei".into());
        all.push(StoryEntry { state, href, who, ..entry("refund", "request_asked".into()) });
    }
    for says in ["request_approved", "request_declined", "request_withdrawn"] {
        all.push(StoryEntry { who: Some("Sol Duarte".into()), ..entry("refund", says.into()) });
    }
    for says in ["call_again", "call_unanswered"] {
        let (call, raw) = (Some(OperationKind::CapturePage), Some("{\"operation\":\"op_1\"}".into()));
        all.push(StoryEntry { call, raw, ..entry("call", says.into()) });
    }
    all.push(entry("webhook", "webhook_again".into()));
    for says in ["network_again", "network_heard"] {
        all.push(StoryEntry { note: Some("no answer: timeout".into()), ..entry("network", says.into()) });
    }
    for state in ["new", "applied", "ignored"] {
        let state = Some(format!("office-inbox-{state}"));
        all.push(StoryEntry { state, refs: vec!["WH-1".into()], ..entry("webhook", "webhook".into()) });
    }
    for action in domain::audit::AuditAction::ALL {
        let state = Some(format!("office-did-{action}"));
        all.push(StoryEntry { state, who: Some("Ana Reyes".into()), ..entry("staff", "staff".into()) });
    }
    all
}

fn network_entries(entry: &impl Fn(&'static str, String) -> StoryEntry) -> Vec<StoryEntry> {
    let mut all: Vec<StoryEntry> =
        ["network_made", "network_sent"].map(|says| entry("network", says.into())).into();
    for state in domain::network_credit::NetworkCreditState::ALL {
        let state = Some(format!("office-network-{state}"));
        all.push(StoryEntry { state, ..entry("network", "network_is".into()) });
    }
    all
}

fn ledger_entries(entry: &impl Fn(&'static str, String) -> StoryEntry) -> Vec<StoryEntry> {
    let leg = |kind: &AccountKind, reason: &Reason| StoryLeg {
        debit: kind.as_str().into(),
        credit: kind.as_str().into(),
        money: Some(sample::gbp(1_000)),
        allowance: None,
        reason: reason.as_str().into(),
    };
    let reasons = Reason::ALL.iter().cycle();
    let legs: Vec<StoryLeg> = AccountKind::ALL
        .iter()
        .chain(AccountKind::ALL)
        .zip(reasons)
        .map(|(kind, reason)| leg(kind, reason))
        .collect();
    let allowance = Some(Allowance { unit: Unit::Octets, amount: 5_000_000_000 });
    let granted = StoryLeg { money: None, allowance, ..leg(&AccountKind::Issued, &Reason::Allowance) };
    let mut all = Vec::new();
    for purpose in Purpose::ALL {
        let state = Some(format!("office-posting-{}", purpose.as_str()));
        let legs = legs.iter().cloned().chain([granted.clone()]).collect();
        all.push(StoryEntry { state, legs, ..entry("ledger", "posted".into()) });
    }
    all.push(StoryEntry {
        state: Some("office-posting-credit".into()),
        note: Some("insufficient".into()),
        trouble: true,
        ..entry("ledger", "not_posted".into())
    });
    all
}
