//! Text messages. One folder in `templates/sms/` per message.

use domain::money::Money;
use serde::Serialize;

use super::{View, sample};

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
}

/// The money is on its way back; goes to the line.
#[derive(Debug, Clone, Serialize)]
pub struct RefundStartedSms {
    pub brand: String,
    pub code: String,
    pub last4: String,
    pub amount: Money,
    pub reference: String,
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
        };
        let rupees = Money::new(10_000, "INR".parse().expect("INR is in ISO 4217"));
        vec![
            CreditedSms { bundle: Some("Traveller".into()), ..credit.clone() },
            CreditedSms { credit: forint(), ..credit.clone() },
            CreditedSms { credit: rupees, ..credit.clone() },
            credit,
        ]
    }
}

impl View for RefundStartedSms {
    const TEMPLATE: &'static str = "sms/refund_started/text.txt";

    fn samples() -> Vec<RefundStartedSms> {
        let refund = RefundStartedSms {
            brand: "Luma Mobile".into(),
            code: sample::CODE.into(),
            last4: "3456".into(),
            amount: sample::gbp(1030),
            reference: "RF-4H8TQ".into(),
        };
        vec![RefundStartedSms { amount: forint(), ..refund.clone() }, refund]
    }
}
