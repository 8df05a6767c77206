//! The receipt as a page that prints well. It shows the last four digits of the number and no more. What became of
//! the money since ([`Now`]) stands on it too: a refunded order must not read like a sale.

use domain::fiscal::{FiscalEvidence, FiscalKind, FiscalMark, FiscalState};
use domain::locale::Locale;
use domain::money::Money;
use domain::offer::Benefit;
use domain::payment::Card;
use domain::price::PriceLines;
use domain::receipt::{PaidBy, Receipt, SoldAt};
use domain::tender::TenderKind;
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use serde::Serialize;

use super::{BonusShown, Going, QrShown, Surplus, TaxesShown, View, sample};
use crate::AfterwardsValues;
use crate::sentence::SentenceValues;

/// A receipt on screen and paper.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptPage {
    pub code: String,
    pub seller: SellerShown,
    pub offer_name: String,
    pub benefit: Benefit,
    pub last4: String,
    pub prices: PriceLines,
    /// What a promotion gives on top.
    pub bonus: Option<BonusShown>,
    /// The card, where one was used and the provider told us which.
    pub card: Option<CardShown>,
    /// Paid from a partner's float instead of on a payment page.
    pub by_float: bool,
    /// Over a counter: in what it was paid.
    pub tenders: Vec<TenderKind>,
    pub sold_at: Option<SoldAt>,
    /// What the market's fiscal device says of it.
    pub fiscal: Vec<FiscalMark>,
    /// Paid with PayPal.
    pub by_paypal: bool,
    pub taxes: TaxesShown,
    /// Until when what arrived lasts; empty words for credit.
    pub given: Option<AfterwardsValues>,
    pub state: TopUpState,
    pub created_at: UnixMs,
    pub credited_at: Option<UnixMs>,
    /// Is there a file of it to keep?
    pub pdf: bool,
    /// What the number begins with, for paper alone.
    pub prefix: String,
    /// The address of the QR code, and the code itself.
    pub proof_url: String,
    pub qr: Option<QrShown>,
    /// Can an invoice be had for it?
    pub invoice: bool,
    /// Where the order stands now; a mail tells it in its own words.
    pub now: Option<Now>,
}

/// Who sells, in the reader's language.
#[derive(Debug, Clone, Serialize)]
pub struct SellerShown {
    pub name: String,
    pub address: String,
    pub tax_id: Option<String>,
    pub tax_name: String,
    pub time_zone: String,
}

/// Where an order stands when its receipt is looked at or printed.
#[derive(Debug, Clone, Serialize)]
pub struct Now {
    pub at: UnixMs,
    /// The money sentence, where there is more to say than that it was sold.
    pub values: Option<SentenceValues>,
    /// What went back of this order's money, or is on its way.
    pub refunds: Vec<RefundShown>,
    /// What the buyer has paid in the end, once something was returned.
    pub net: Option<Money>,
    /// A second payment that goes back; it is no part of this sale.
    pub surplus: Option<Surplus>,
}

/// One refund of the order.
#[derive(Debug, Clone, Serialize)]
pub struct RefundShown {
    /// As a receipt counts: less than nothing once it was returned.
    pub amount: Money,
    pub reference: String,
    pub going: Going,
    pub at: UnixMs,
}

/// A card as a receipt names it.
#[derive(Debug, Clone, Serialize)]
pub struct CardShown {
    pub brand: String,
    pub last4: String,
}

impl ReceiptPage {
    /// The sale, in the language of the receipt.
    pub fn of(receipt: &Receipt) -> ReceiptPage {
        let seller = &receipt.seller;
        let (card, by_float) = match &receipt.paid_by {
            PaidBy::Card(card) => (card.as_ref(), false),
            PaidBy::Float => (None, true),
            PaidBy::PayPal | PaidBy::Counter(_) => (None, false),
        };
        let tenders = match &receipt.paid_by {
            PaidBy::Counter(tenders) => tenders.iter().map(|tender| tender.kind).collect(),
            PaidBy::Card(_) | PaidBy::Float | PaidBy::PayPal => Vec::new(),
        };
        ReceiptPage {
            code: receipt.code.clone(),
            seller: SellerShown {
                name: seller.name.clone(),
                address: seller.address.clone(),
                tax_id: seller.tax_id.clone(),
                tax_name: seller.tax_name_in(receipt.locale).to_owned(),
                time_zone: seller.time_zone.clone(),
            },
            offer_name: receipt.offer_name.clone(),
            benefit: receipt.benefit.clone(),
            last4: receipt.last4.clone(),
            prices: receipt.prices,
            bonus: receipt.promotion.as_ref().map(|bonus| BonusShown::of(bonus, receipt.locale)),
            card: card.map(|card| CardShown { brand: brand_name(&card.brand), last4: card.last4.clone() }),
            by_float,
            tenders,
            sold_at: receipt.sold_at.clone(),
            fiscal: receipt.fiscal.clone(),
            by_paypal: receipt.paid_by == PaidBy::PayPal,
            taxes: TaxesShown::divided(&receipt.taxes, receipt.taxed_later, &receipt.prices, receipt.locale),
            given: given(receipt),
            state: receipt.state,
            created_at: receipt.created_at,
            credited_at: receipt.credited_at,
            pdf: false,
            prefix: receipt.on_paper.prefix.clone(),
            proof_url: receipt.on_paper.proof_url.clone(),
            qr: None,
            invoice: false,
            now: None,
        }
    }

    /// The same with the QR code of its signed text, and whether it leads to an invoice.
    pub fn proving(self, qr: QrShown, invoice: bool) -> ReceiptPage {
        ReceiptPage { qr: Some(qr), invoice, ..self }
    }

    /// The same with what became of the money since.
    pub fn as_of(
        self,
        at: UnixMs,
        values: SentenceValues,
        refunds: Vec<RefundShown>,
        surplus: Option<Surplus>,
    ) -> ReceiptPage {
        let total = self.prices.total;
        let back = |refund: &&RefundShown| refund.going == Going::Returned;
        let returned: Vec<RefundShown> = refunds.iter().filter(back).cloned().collect();
        let sum = returned.iter().try_fold(total.minor, |left, refund| left.checked_sub(refund.amount.minor));
        let net = sum.filter(|_| !returned.is_empty()).map(|minor| Money::new(minor, total.currency));
        let negative = |refund: RefundShown| {
            let minor = if back(&&refund) { -refund.amount.minor } else { refund.amount.minor };
            RefundShown { amount: Money::new(minor, refund.amount.currency), ..refund }
        };
        let now = Now {
            at,
            values: Some(values).filter(|_| self.state != TopUpState::Credited),
            refunds: refunds.into_iter().map(negative).collect(),
            net,
            surplus,
        };
        ReceiptPage { now: Some(now), ..self }
    }
}

/// Until when what arrived lasts: said once it has arrived and where there is an end.
fn given(receipt: &Receipt) -> Option<AfterwardsValues> {
    let after = receipt.given.as_ref().filter(|after| !after.allowances.is_empty())?;
    Some(AfterwardsValues { after: after.clone(), time_zone: receipt.seller.time_zone.clone() })
}

/// A card scheme as it writes itself, by the provider's name (docs.stripe.com/api/charges, `card.brand`). One that
/// we do not know stands as the provider calls it, with a capital; `unknown` is for the texts to say.
fn brand_name(brand: &str) -> String {
    let name = match brand.to_ascii_lowercase().as_str() {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "amex" => "American Express",
        "unionpay" | "china union pay" => "UnionPay",
        "jcb" => "JCB",
        "discover" => "Discover",
        "diners" => "Diners Club",
        "cartes_bancaires" => "Cartes Bancaires",
        "eftpos_au" => "eftpos Australia",
        "" | "unknown" => "unknown",
        _ => return capitalised(brand),
    };
    name.to_owned()
}

/// `some_scheme` as `Some scheme`.
fn capitalised(brand: &str) -> String {
    let mut letters = brand.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + &letters.as_str().replace('_', " ")
}

fn sample_seller() -> domain::receipt::Seller {
    domain::receipt::Seller {
        name: "Luma Mobile UK Ltd".into(),
        address: "1 Harbour Row, London E1 0AA".into(),
        tax_id: Some("GB 123 4567 89".into()),
        tax_name: [(Locale::En, "VAT".into()), (Locale::ZhCn, "增值税".into())].into(),
        time_zone: sample::ZONE.into(),
    }
}

fn over_the_counter(page: ReceiptPage) -> ReceiptPage {
    let money = |minor| Some(sample::gbp(minor));
    let sold_at =
        SoldAt { shop: "Corner <Mobile>".into(), clerk: 11, given: money(2_000), change: money(970) };
    let tenders = TenderKind::ALL.to_vec();
    ReceiptPage { card: None, tenders, sold_at: Some(sold_at), fiscal: fiscal_marks(), ..page }
}

/// A sale that is signed, and its reversals that wait or were refused.
fn fiscal_marks() -> Vec<FiscalMark> {
    let evidence = FiscalEvidence {
        device: "FD-<0001>".into(),
        transaction: "2117".into(),
        counter: 4_230,
        signature: "MEUCIQDx2pVq0e4H1n7w==".into(),
        at: sample::AT,
        text: Some("https://fiscal.example/2117".into()),
    };
    let open = |state| FiscalMark { kind: FiscalKind::Reversal, state, evidence: None };
    let signed = FiscalMark { kind: FiscalKind::Sale, state: FiscalState::Signed, evidence: Some(evidence) };
    vec![signed, open(FiscalState::Waiting), open(FiscalState::Refused)]
}

fn sample_on_paper() -> domain::receipt::OnPaper {
    domain::receipt::OnPaper {
        proof_url: format!("https://luma.example/r/{}#1.r1.R.1030GBP.1795364100.3456.x", sample::CODE),
        prefix: "+447400".into(),
    }
}

impl View for ReceiptPage {
    const TEMPLATE: &'static str = "receipt/page.html";

    fn samples() -> Vec<ReceiptPage> {
        let seller = sample_seller();
        let receipt = |paid_by, state, benefit| Receipt {
            code: sample::CODE.into(),
            seller: seller.clone(),
            locale: Locale::En,
            offer_name: "£10.00 credit".into(),
            benefit,
            last4: "3456".into(),
            prices: sample::prices(1000, 100, 30),
            promotion: None,
            taxes: vec![domain::price::Tax {
                name: [(Locale::En, "VAT".into()), (Locale::ZhCn, "增值税".into())].into(),
                rate: domain::money::BasisPoints(2000),
            }],
            taxed_later: false,
            given: None,
            paid_by,
            state,
            created_at: sample::AT,
            credited_at: (state == TopUpState::Credited).then_some(sample::AT.plus_ms(60_000)),
            on_paper: sample_on_paper(),
            sold_at: None,
            fiscal: Vec::new(),
        };
        let card = Card { brand: "visa".into(), last4: "4242".into() };
        let mut plain = receipt(PaidBy::Float, TopUpState::Paid, sample::bundle());
        plain.seller.tax_id = None;
        let end = domain::afterwards::Ends::At { at: sample::AT.plus_ms(30 * 86_400_000) };
        plain.given = Some(sample::bundle_after(false, end).after);
        plain.prices = sample::prices(1500, 0, 0);
        let by_paypal = ReceiptPage::of(&receipt(PaidBy::PayPal, TopUpState::Credited, Benefit::Credit));
        let paid =
            |state| ReceiptPage::of(&receipt(PaidBy::Card(Some(card.clone())), state, Benefit::Credit));
        let values = |state, amount| SentenceValues {
            state,
            amount,
            bundle: None,
            answer_by: Some(sample::AT.plus_ms(900_000)),
            reference: Some("RF-4H8TQ".into()),
            returned_at: Some(sample::AT.plus_ms(3_600_000)),
            provider: None,
            zone: sample::ZONE.into(),
        };
        let refund = |going| RefundShown {
            amount: sample::gbp(1030),
            reference: "RF-4H8TQ".into(),
            going,
            at: sample::AT.plus_ms(3_600_000),
        };
        let stood = |state, refunds, surplus| {
            let at = sample::AT.plus_ms(86_400_000);
            paid(state).as_of(at, values(state, sample::gbp(1030)), refunds, surplus)
        };
        let surplus =
            Surplus { amount: sample::gbp(1030), reference: "RF-4H8TQ".into(), going: Going::Returned };
        vec![
            paid(TopUpState::Credited),
            paid(TopUpState::Credited).proving(QrShown::sample(), true),
            ReceiptPage::of(&plain),
            ReceiptPage { bonus: Some(sample::bonus()), ..paid(TopUpState::Credited) },
            ReceiptPage { pdf: true, ..by_paypal },
            over_the_counter(paid(TopUpState::Credited)),
            stood(TopUpState::Credited, vec![], None),
            stood(TopUpState::Credited, vec![], Some(surplus)),
            stood(TopUpState::Refunding, vec![refund(Going::Moving)], None),
            stood(TopUpState::Refunded, vec![refund(Going::Returned)], None),
            stood(TopUpState::Review, vec![refund(Going::Failed)], None),
            stood(TopUpState::Paid, vec![], None),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_scheme_is_written_as_it_writes_itself() {
        for (provider, written) in [
            ("visa", "Visa"),
            ("mastercard", "Mastercard"),
            ("amex", "American Express"),
            ("unionpay", "UnionPay"),
            ("some_scheme", "Some scheme"),
            ("unknown", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(brand_name(provider), written, "{provider}");
        }
    }

    #[test]
    fn only_what_was_returned_is_taken_off_the_total() {
        let page = ReceiptPage::samples().remove(0);
        let values = || SentenceValues {
            state: TopUpState::Refunded,
            amount: sample::gbp(1030),
            bundle: None,
            answer_by: None,
            reference: None,
            returned_at: None,
            provider: None,
            zone: sample::ZONE.into(),
        };
        let refund = |going| RefundShown {
            amount: sample::gbp(1030),
            reference: "RF-1".into(),
            going,
            at: sample::AT,
        };
        for (going, net, shown) in [
            (Going::Returned, Some(sample::gbp(0)), -1030),
            (Going::Moving, None, 1030),
            (Going::Failed, None, 1030),
        ] {
            let now = page.clone().as_of(sample::AT, values(), vec![refund(going)], None).now.unwrap();
            assert_eq!((now.net, now.refunds[0].amount), (net, sample::gbp(shown)));
        }
    }
}
