//! Mails about an order: the receipt when it is credited, where it stands in every other state, and a second
//! payment on its way back. Each begins with the money sentence.

use domain::money::Money;
use domain::refund::RefundReason;
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use serde::Serialize;

use super::super::{Going, OrderReview, OrderState, ReceiptPage, Surplus, View, sample};
use super::EmailView;
use crate::sentence::SentenceValues;

const ORDER_URL: &str = "https://luma.example/o/7K2M9-QX4TB";

/// The credit has arrived: the e-mail receipt.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptEmail {
    pub values: SentenceValues,
    pub receipt: ReceiptPage,
    /// The order's page on the official website.
    pub order_url: String,
    /// Where an invoice can be had, if the market writes them.
    pub invoice_url: Option<String>,
}

/// Where an order stands: refund started, returned, late, in review, waiting to be paid, and the rest.
#[derive(Debug, Clone, Serialize)]
pub struct OrderEmail {
    pub code: String,
    pub state: TopUpState,
    pub values: SentenceValues,
    pub offer_name: String,
    pub last4: String,
    /// What the buyer pays or paid.
    pub total: Money,
    pub ordered_at: UnixMs,
    /// Of a mail about a refund: why the money goes back.
    pub refund_reason: Option<RefundReason>,
    /// While people look at the order: why.
    pub review: Option<OrderReview>,
    /// While it waits to be paid: how.
    pub paying: Option<Paying>,
    /// The order's page on the official website.
    pub order_url: String,
}

/// How an order can still be paid.
#[derive(Debug, Clone, Serialize)]
pub struct Paying {
    /// Where the button leads: the order's page or the provider's.
    pub url: String,
    /// When the payment page closes.
    pub until: Option<UnixMs>,
}

/// A second payment of a paid order goes back.
#[derive(Debug, Clone, Serialize)]
pub struct SurplusEmail {
    pub code: String,
    pub surplus: Surplus,
    /// The order's page on the official website.
    pub order_url: String,
}

impl EmailView for ReceiptEmail {
    const TEXT: &'static str = "email/receipt/text.txt";
    const PAGE: &'static str = "email/receipt/page.html";

    fn samples() -> Vec<ReceiptEmail> {
        let credited = |receipt: &ReceiptPage| receipt.state == TopUpState::Credited;
        let mail = |receipt: ReceiptPage, bundle: Option<String>| {
            let amount = receipt.prices.credit().unwrap_or(receipt.prices.value);
            let values = SentenceValues {
                amount,
                bundle,
                answer_by: None,
                reference: None,
                returned_at: None,
                provider: None,
                zone: receipt.seller.time_zone.clone(),
                state: TopUpState::Credited,
            };
            let invoice_url = receipt.invoice.then(|| format!("{ORDER_URL}/invoice"));
            ReceiptEmail { values, receipt, order_url: ORDER_URL.into(), invoice_url }
        };
        let mut samples: Vec<ReceiptEmail> =
            ReceiptPage::samples().into_iter().filter(credited).map(|receipt| mail(receipt, None)).collect();
        let mut bundle = samples[0].receipt.clone();
        (bundle.offer_name, bundle.benefit) = ("Traveller".into(), sample::bundle());
        (bundle.prices, bundle.card, bundle.seller.tax_id) = (sample::prices(1500, 0, 0), None, None);
        samples.push(mail(bundle, Some("Traveller".into())));
        samples
    }
}

impl EmailView for OrderEmail {
    const TEXT: &'static str = "email/order/text.txt";
    const PAGE: &'static str = "email/order/page.html";

    fn samples() -> Vec<OrderEmail> {
        let mail = |now: OrderState| OrderEmail {
            code: now.code,
            state: now.state,
            paying: now.payment_url.map(|url| Paying { url, until: now.values.answer_by }),
            values: now.values,
            offer_name: "Credit 10".into(),
            last4: "3456".into(),
            total: sample::gbp(1030),
            ordered_at: sample::AT,
            order_url: ORDER_URL.into(),
            refund_reason: now.refund_reason,
            review: now.review,
        };
        let plain = |now: &OrderState| now.surplus.is_none() && now.receipt_mail.is_none();
        OrderState::samples().into_iter().filter(plain).map(mail).collect()
    }
}

impl EmailView for SurplusEmail {
    const TEXT: &'static str = "email/surplus/text.txt";
    const PAGE: &'static str = "email/surplus/page.html";

    fn samples() -> Vec<SurplusEmail> {
        let surplus = |going| Surplus { amount: sample::gbp(1030), reference: "RF-4H8TQ".into(), going };
        [Going::Moving, Going::Returned, Going::Failed, Going::Kept]
            .map(|going| SurplusEmail {
                code: sample::CODE.into(),
                surplus: surplus(going),
                order_url: ORDER_URL.into(),
            })
            .into()
    }
}
