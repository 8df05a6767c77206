//! The receipt as a page that prints well. It shows the last four digits of the number and no more.

use domain::offer::Benefit;
use domain::payment::Card;
use domain::price::PriceLines;
use domain::receipt::{PaidBy, Receipt, Seller};
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use serde::Serialize;

use super::{View, sample};

/// A receipt on screen and paper.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptPage {
    pub code: String,
    pub seller: Seller,
    pub offer_name: String,
    pub benefit: Benefit,
    pub last4: String,
    pub prices: PriceLines,
    /// The card, where one was used and the provider told us which.
    pub card: Option<CardShown>,
    /// Paid from a partner's float instead of on a payment page.
    pub by_float: bool,
    pub state: TopUpState,
    pub created_at: UnixMs,
    pub credited_at: Option<UnixMs>,
}

/// A card as a receipt names it.
#[derive(Debug, Clone, Serialize)]
pub struct CardShown {
    pub brand: String,
    pub last4: String,
}

impl ReceiptPage {
    pub fn of(receipt: &Receipt) -> ReceiptPage {
        let (card, by_float) = match &receipt.paid_by {
            PaidBy::Card(card) => (card.as_ref(), false),
            PaidBy::Float => (None, true),
        };
        ReceiptPage {
            code: receipt.code.clone(),
            seller: receipt.seller.clone(),
            offer_name: receipt.offer_name.clone(),
            benefit: receipt.benefit.clone(),
            last4: receipt.last4.clone(),
            prices: receipt.prices,
            card: card.map(|card| CardShown { brand: brand_name(&card.brand), last4: card.last4.clone() }),
            by_float,
            state: receipt.state,
            created_at: receipt.created_at,
            credited_at: receipt.credited_at,
        }
    }
}

/// A card scheme as it writes itself; one that we do not know stands as the provider calls it.
fn brand_name(brand: &str) -> String {
    let name = match brand.to_ascii_lowercase().as_str() {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "amex" => "American Express",
        "unionpay" => "UnionPay",
        "jcb" => "JCB",
        "discover" => "Discover",
        "diners" => "Diners Club",
        _ => brand,
    };
    name.to_owned()
}

impl View for ReceiptPage {
    const TEMPLATE: &'static str = "receipt/page.html";

    fn samples() -> Vec<ReceiptPage> {
        let seller = Seller {
            name: "Luma Mobile UK Ltd".into(),
            address: "1 Harbour Row, London E1 0AA".into(),
            tax_id: Some("GB 123 4567 89".into()),
            tax_name: "VAT".into(),
            time_zone: sample::ZONE.into(),
        };
        let receipt = |paid_by, state, benefit| Receipt {
            code: sample::CODE.into(),
            seller: seller.clone(),
            locale: domain::locale::Locale::En,
            offer_name: "Credit 10".into(),
            benefit,
            last4: "3456".into(),
            prices: sample::prices(1000, 100, 30),
            paid_by,
            state,
            created_at: sample::AT,
            credited_at: (state == TopUpState::Credited).then_some(sample::AT.plus_ms(60_000)),
        };
        let card = Card { brand: "Visa".into(), last4: "4242".into() };
        let mut plain = receipt(PaidBy::Float, TopUpState::Paid, sample::bundle());
        plain.seller.tax_id = None;
        plain.prices = sample::prices(1500, 0, 0);
        [
            receipt(PaidBy::Card(Some(card)), TopUpState::Credited, Benefit::Credit),
            receipt(PaidBy::Card(None), TopUpState::Refunded, Benefit::Credit),
            plain,
        ]
        .iter()
        .map(ReceiptPage::of)
        .collect()
    }
}
