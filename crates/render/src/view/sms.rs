//! Text messages. One folder in `templates/sms/` per message.

use domain::account::SecurityNoticeKind;
use domain::money::Money;
use domain::security_code::CodePurpose;
use domain::time::UnixMs;
use serde::Serialize;

use super::{BonusShown, View, sample};
use crate::AfterwardsValues;

/// Credit or a bundle has arrived; goes to the line.
#[derive(Debug, Clone, Serialize)]
pub struct CreditedSms {
    pub brand: String,
    pub code: String,
    pub last4: String,
    /// The credit that arrived, bonus included.
    pub credit: Money,
    /// The bundle's name, where one arrived instead of credit.
    pub bundle: Option<String>,
    /// Until when it lasts.
    pub given: Option<AfterwardsValues>,
    /// What of it, or besides it, a promotion gave.
    pub bonus: Option<BonusShown>,
}

/// What a text message about a refund tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundNews {
    /// Nothing was delivered, and the money is on its way back.
    NotDelivered,
    /// What was delivered is taken back, and the money is on its way back.
    TakenBack,
    /// It could not go back yet: it is with us, and people see to it.
    Failed,
    /// That money could not go back: what was delivered stays.
    TakeBackFailed,
}

/// Where the money of a refund is; goes to the line.
#[derive(Debug, Clone, Serialize)]
pub struct RefundSms {
    pub about: RefundNews,
    pub brand: String,
    pub code: String,
    pub last4: String,
    pub amount: Money,
    pub reference: String,
}

/// What a text message about a sale at a counter tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterNews {
    /// It is paid, and people look at it.
    Review,
    /// It does not stand, and the shop owes the cash.
    CashOwed,
}

/// Where the money of a sale at a counter is; goes to the line.
#[derive(Debug, Clone, Serialize)]
pub struct CounterSms {
    pub about: CounterNews,
    pub brand: String,
    pub code: String,
    pub last4: String,
    pub amount: Money,
}

impl View for CounterSms {
    const TEMPLATE: &'static str = "sms/counter/text.txt";

    fn samples() -> Vec<CounterSms> {
        let sms = |about, amount| CounterSms {
            about,
            brand: "Luma Mobile".into(),
            code: sample::CODE.into(),
            last4: "3456".into(),
            amount,
        };
        [CounterNews::Review, CounterNews::CashOwed]
            .into_iter()
            .flat_map(|about| [sms(about, sample::gbp(1030)), sms(about, forint())])
            .collect()
    }
}

/// A second payment is on its way back; goes to the line. The credit itself has arrived.
#[derive(Debug, Clone, Serialize)]
pub struct SurplusReturningSms {
    pub brand: String,
    pub code: String,
    pub amount: Money,
    pub reference: String,
}

impl View for SurplusReturningSms {
    const TEMPLATE: &'static str = "sms/surplus_returning/text.txt";

    fn samples() -> Vec<SurplusReturningSms> {
        vec![SurplusReturningSms {
            brand: "Luma Mobile".into(),
            code: sample::CODE.into(),
            amount: sample::gbp(1030),
            reference: "RF-4H8TQ".into(),
        }]
    }
}

fn forint() -> Money {
    Money::new(1_000_000, "HUF".parse().expect("HUF is in ISO 4217"))
}

impl View for CreditedSms {
    const TEMPLATE: &'static str = "sms/credited/text.txt";

    fn samples() -> Vec<CreditedSms> {
        let credit = CreditedSms {
            brand: "Luma Mobile".into(),
            code: sample::CODE.into(),
            last4: "3456".into(),
            credit: sample::gbp(1000),
            bundle: None,
            given: None,
            bonus: None,
        };
        let rupees = Money::new(10_000, "INR".parse().expect("INR is in ISO 4217"));
        vec![
            CreditedSms { bundle: Some("Traveller".into()), ..credit.clone() },
            CreditedSms {
                bundle: Some("Traveller".into()),
                given: Some(sample::bundle_after(true, domain::afterwards::Ends::At { at: sample::AT })),
                ..credit.clone()
            },
            CreditedSms { credit: forint(), ..credit.clone() },
            CreditedSms { credit: rupees, ..credit.clone() },
            CreditedSms { bonus: Some(sample::bonus()), ..credit.clone() },
            CreditedSms { bundle: Some("Traveller".into()), bonus: Some(sample::bonus()), ..credit.clone() },
            credit,
        ]
    }
}

impl View for RefundSms {
    const TEMPLATE: &'static str = "sms/refund/text.txt";

    fn samples() -> Vec<RefundSms> {
        let refund = RefundSms {
            about: RefundNews::NotDelivered,
            brand: "Luma Mobile".into(),
            code: sample::CODE.into(),
            last4: "3456".into(),
            amount: sample::gbp(1030),
            reference: "RF-4H8TQ".into(),
        };
        [RefundNews::NotDelivered, RefundNews::TakenBack, RefundNews::Failed, RefundNews::TakeBackFailed]
            .into_iter()
            .flat_map(|about| {
                [sample::gbp(1030), forint()].map(|amount| RefundSms { about, amount, ..refund.clone() })
            })
            .collect()
    }
}

/// A one-time code; goes to a line or to the phone of an account. It names what it is for, and has no link.
#[derive(Clone, Serialize)]
pub struct SecurityCodeSms {
    pub brand: String,
    pub digits: String,
    pub purpose: CodePurpose,
    /// How long it is valid.
    pub minutes: u16,
}

/// The code is never shown.
impl std::fmt::Debug for SecurityCodeSms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecurityCodeSms").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

impl View for SecurityCodeSms {
    const TEMPLATE: &'static str = "sms/security_code/text.txt";

    fn samples() -> Vec<SecurityCodeSms> {
        let of = |purpose: &CodePurpose| SecurityCodeSms {
            brand: "Luma Mobile".into(),
            digits: "402718".into(),
            purpose: *purpose,
            minutes: 5,
        };
        CodePurpose::ALL.iter().map(of).collect()
    }
}

/// Something happened to an account; goes to its phone.
#[derive(Debug, Clone, Serialize)]
pub struct SecurityNoticeSms {
    pub brand: String,
    pub kind: SecurityNoticeKind,
    /// The device, or what may be shown of the new contact; may be empty.
    pub detail: String,
    pub at: UnixMs,
    pub zone: String,
}

impl View for SecurityNoticeSms {
    const TEMPLATE: &'static str = "sms/security_notice/text.txt";

    fn samples() -> Vec<SecurityNoticeSms> {
        let of = |kind, detail: &str| SecurityNoticeSms {
            brand: "Luma Mobile".into(),
            kind,
            detail: detail.into(),
            at: sample::AT,
            zone: sample::ZONE.into(),
        };
        vec![
            of(SecurityNoticeKind::SignedIn, "Samsung Internet, HarmonyOS"),
            of(SecurityNoticeKind::SignedIn, ""),
            of(SecurityNoticeKind::ContactChanged, "a•••@example.org"),
            of(SecurityNoticeKind::AddressInUse, ""),
            of(SecurityNoticeKind::Erased, ""),
        ]
    }
}
