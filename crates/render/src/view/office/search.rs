//! Search and what it leads to: results, a line, a subscriber. Everything is masked.

use super::{OfficeFrame, OfficeProblem, OfficeRow};
use crate::view::{ConsentRow, View, sample};
use domain::line::LineStatus;
use domain::locale::Locale;
use domain::money::Money;
use domain::offer::Allowance;
use domain::time::UnixMs;
use domain::unit::Unit;
use serde::Serialize;

/// A line in a list.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeLineRow {
    pub id: String,
    pub market: String,
    pub last4: String,
    pub status: LineStatus,
}

impl OfficeLineRow {
    fn sample() -> OfficeLineRow {
        OfficeLineRow {
            id: "line_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            market: "GB".into(),
            last4: "3456".into(),
            status: LineStatus::Active,
        }
    }
}

/// The search and what it found.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeSearch {
    pub office: OfficeFrame,
    /// Was something looked for?
    pub asked: bool,
    /// Were the last digits of a number all that was typed?
    pub digits_alone: bool,
    pub lines: Vec<OfficeLineRow>,
    /// Their ids.
    pub subscribers: Vec<String>,
    pub orders: Vec<OfficeRow>,
}

impl View for OfficeSearch {
    const TEMPLATE: &'static str = "office/search.html";

    fn samples() -> Vec<OfficeSearch> {
        let empty = OfficeSearch {
            office: OfficeFrame::sample(),
            asked: false,
            digits_alone: false,
            lines: Vec::new(),
            subscribers: Vec::new(),
            orders: Vec::new(),
        };
        let full = OfficeSearch {
            asked: true,
            lines: vec![OfficeLineRow::sample()],
            subscribers: vec!["sub_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into()],
            orders: OfficeRow::samples(),
            ..empty.clone()
        };
        let digits = OfficeSearch { asked: true, digits_alone: true, ..empty.clone() };
        vec![full, OfficeSearch { asked: true, ..empty.clone() }, digits, empty]
    }
}

/// What can be shown in full, with a reason.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeReveal {
    /// Where the form goes.
    pub action: String,
    /// What it can show: `number`, `email`.
    pub fields: Vec<&'static str>,
    /// What was shown just now, and which field it is.
    pub shown: Option<(&'static str, String)>,
    pub reason_min: usize,
    pub reason_max: usize,
    pub problem: Option<OfficeProblem>,
}

impl OfficeReveal {
    pub(super) fn samples() -> Vec<OfficeReveal> {
        let plain = OfficeReveal {
            action: "/office/orders/7K2M9-QX4TB/reveal".into(),
            fields: vec!["number", "email"],
            shown: None,
            reason_min: 10,
            reason_max: 300,
            problem: None,
        };
        let problems = [
            OfficeProblem::at("reason_unfit", "reason"),
            OfficeProblem::of("nothing_to_reveal"),
            OfficeProblem::locked(sample::AT, sample::ZONE.into()),
        ];
        let mut all: Vec<OfficeReveal> = problems
            .into_iter()
            .map(|problem| OfficeReveal { problem: Some(problem), ..plain.clone() })
            .collect();
        for field in ["number", "email"] {
            all.push(OfficeReveal { shown: Some((field, sample::NUMBER.into())), ..plain.clone() });
        }
        all.push(plain);
        all
    }
}

/// A bucket of a line.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeBucket {
    pub left: Allowance,
    pub granted: Allowance,
    pub expires_at: UnixMs,
}

/// One line with its balance and orders.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeLine {
    pub office: OfficeFrame,
    pub line: OfficeLineRow,
    pub zone: String,
    pub balance: Money,
    pub buckets: Vec<OfficeBucket>,
    pub subscribers: Vec<String>,
    pub orders: Vec<OfficeRow>,
    pub reveal: OfficeReveal,
}

impl View for OfficeLine {
    const TEMPLATE: &'static str = "office/line.html";

    fn samples() -> Vec<OfficeLine> {
        let of = |reveal: OfficeReveal, status| OfficeLine {
            office: OfficeFrame::sample(),
            line: OfficeLineRow { status, ..OfficeLineRow::sample() },
            zone: sample::ZONE.into(),
            balance: sample::gbp(1_240),
            buckets: vec![OfficeBucket {
                left: Allowance { unit: Unit::Octets, amount: 1_200_000_000 },
                granted: Allowance { unit: Unit::Octets, amount: 5_000_000_000 },
                expires_at: sample::AT,
            }],
            subscribers: vec!["sub_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into()],
            orders: OfficeRow::samples(),
            reveal: OfficeReveal { fields: vec!["number"], ..reveal },
        };
        let statuses = LineStatus::ALL.iter().copied().cycle();
        OfficeReveal::samples().into_iter().zip(statuses).map(|(reveal, status)| of(reveal, status)).collect()
    }
}

/// How a subscriber is reached, masked.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeContact {
    /// `number` or `email`.
    pub kind: &'static str,
    pub shown: String,
    pub verified_at: UnixMs,
}

/// One subscriber with contacts, lines and orders.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeSubscriber {
    pub office: OfficeFrame,
    pub id: String,
    /// `active`, `erased` or another state of an account.
    pub state: String,
    pub locale: Locale,
    pub zone: String,
    pub since: UnixMs,
    pub contacts: Vec<OfficeContact>,
    /// What was said last about promotions, by channel.
    pub consents: Vec<ConsentRow>,
    pub lines: Vec<OfficeLineRow>,
    pub orders: Vec<OfficeRow>,
    pub reveal: OfficeReveal,
}

impl View for OfficeSubscriber {
    const TEMPLATE: &'static str = "office/subscriber.html";

    fn samples() -> Vec<OfficeSubscriber> {
        let contact =
            |kind, shown: &str| OfficeContact { kind, shown: shown.into(), verified_at: sample::AT };
        let said = |source: &domain::account::ConsentSource| ConsentRow {
            channel: domain::notice::NoticeChannel::Sms,
            state: domain::account::ConsentState::Given,
            changed_at: sample::AT,
            source: *source,
        };
        let of = |state: &domain::account::SubscriberState| OfficeSubscriber {
            office: OfficeFrame::sample(),
            id: "sub_01JD9Z3K7Q8W4M5N6P7R8S9T0V".into(),
            state: state.as_str().into(),
            locale: Locale::ZhCn,
            zone: sample::ZONE.into(),
            since: sample::AT,
            contacts: vec![contact("number", "••• 3456"), contact("email", "a•••@example.org")],
            consents: domain::account::ConsentSource::ALL.iter().map(said).collect(),
            lines: vec![OfficeLineRow::sample()],
            orders: OfficeRow::samples(),
            reveal: OfficeReveal::samples().remove(0),
        };
        domain::account::SubscriberState::ALL.iter().map(of).collect()
    }
}
