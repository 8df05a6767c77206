//! A sale at the counter: the number, the product, what is due, and what became of it.

use super::CounterFrame;
use super::PaperShown;
use crate::problem::Problem;
use crate::sentence::SentenceValues;
use crate::view::{OfferCard, QrShown, TaxesShown, View, sample};
use domain::money::Money;
use domain::offer::Benefit;
use domain::price::PriceLines;
use domain::print_job::PrinterTrouble;
use domain::tender::TenderKind;
use domain::time::UnixMs;
use domain::top_up::TopUpState;
use serde::Serialize;

/// A sale of this shift, to sell the same again or to look at.
#[derive(Debug, Clone, Serialize)]
pub struct RecentSale {
    pub code: String,
    pub offer_name: String,
    pub last4: String,
    pub total: Money,
    pub word: CounterWord,
    pub at: UnixMs,
    /// In which its time is written (IANA).
    pub zone: String,
}

/// What the counter says of a sale, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterWord {
    Accepted,
    Pending,
    Failed,
}

impl CounterWord {
    pub fn of(state: TopUpState) -> CounterWord {
        match state {
            TopUpState::Credited => CounterWord::Accepted,
            TopUpState::AwaitingPayment
            | TopUpState::CheckingPayment
            | TopUpState::Paid
            | TopUpState::PendingNetwork
            | TopUpState::Review => CounterWord::Pending,
            TopUpState::Cancelled | TopUpState::Refunding | TopUpState::Refunded | TopUpState::Reversed => {
                CounterWord::Failed
            }
        }
    }
}

/// The first screen of a sale: which number?
#[derive(Debug, Clone, Serialize)]
pub struct CounterSale {
    pub counter: CounterFrame,
    /// The key of this sale, from here to its receipt.
    pub key: String,
    /// The number as it was typed.
    pub typed: String,
    /// Is a shift open, and does it take money?
    pub shift: ShiftShown,
    /// How many customers have to get cash back.
    pub owed: usize,
    pub recent: Vec<RecentSale>,
    pub problem: Option<Problem>,
}

/// Whether the till takes money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShiftShown {
    Open,
    /// Counted, and not closed yet.
    Counted,
    Closed,
}

/// The second screen: which product?
#[derive(Debug, Clone, Serialize)]
pub struct CounterOffers {
    pub counter: CounterFrame,
    pub key: String,
    /// Digits with the country's code, for the form.
    pub msisdn: String,
    /// The number in groups.
    pub number: String,
    pub offers: Vec<OfferCard>,
    /// The amount as it was typed.
    pub amount: String,
    pub problem: Option<Problem>,
}

/// The third screen: the customer sees number and total, and pays.
#[derive(Debug, Clone, Serialize)]
pub struct CounterPay {
    pub counter: CounterFrame,
    pub key: String,
    pub msisdn: String,
    pub number: String,
    pub offer: String,
    /// In the form, where the customer names the amount.
    pub amount: Option<Money>,
    pub offer_name: String,
    pub benefit: Benefit,
    pub prices: PriceLines,
    pub taxes: TaxesShown,
    pub bonus: Option<crate::view::BonusShown>,
    /// What of it is money, for the form.
    pub expected_bonus: Option<Money>,
    /// Notes as people hand them over; the first is the exact sum.
    pub notes: Vec<Money>,
    /// What was typed as given.
    pub given: String,
    /// Is there a card reader?
    pub takes_cards: bool,
    /// What was typed as the part in cash beside a card.
    pub cash: String,
    /// A look at a document was needed, and has passed.
    pub id_passed: bool,
    pub problem: Option<Problem>,
}

/// What was asked for never came here: nothing was sold.
#[derive(Debug, Clone, Serialize)]
pub struct CounterNothing {
    pub counter: CounterFrame,
}

/// A part of what was handed over.
#[derive(Debug, Clone, Serialize)]
pub struct TenderShown {
    pub kind: TenderKind,
    pub amount: Money,
    pub given: Option<Money>,
    pub change: Option<Money>,
}

/// A card that is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct CardAsked {
    pub amount: Money,
    pub on_reader: OnReader,
}

/// What the customer sees at the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnReader {
    /// The amount stands there.
    UnderWay,
    /// It did not work out, and the attempt is being ended.
    Failed,
    /// It shows nothing of it yet, or not any more.
    Absent,
    Offline,
}

/// What became of a sale.
#[derive(Debug, Clone, Serialize)]
pub struct CounterSold {
    pub counter: CounterFrame,
    pub code: String,
    pub word: CounterWord,
    /// Was it asked for again? Then nothing was sold a second time.
    pub again: bool,
    /// Just now: the word is also heard.
    pub fresh: bool,
    pub values: SentenceValues,
    pub offer_name: String,
    pub last4: String,
    pub total: Money,
    pub tenders: Vec<TenderShown>,
    pub sold_at: UnixMs,
    pub zone: String,
    /// Asks by itself while the end is not known.
    pub moving: bool,
    /// What the customer is asked for at the card reader.
    pub asked: Option<CardAsked>,
    /// Cash that lies there for a sale that came to nothing, and that the till never took.
    pub untaken: Option<Money>,
    /// Cash that the customer must get back now.
    pub owed: Option<Money>,
    /// Where its slip stands.
    pub paper: PaperShown,
    /// The QR code of the signed receipt, where the sale stands.
    pub proof: Option<QrShown>,
    /// Does its receipt go to an address, and could it?
    pub mailed: bool,
    pub mails: bool,
    /// Can it still be taken back, and until when?
    pub undo_until: Option<UnixMs>,
    /// Only with a supervisor's PIN.
    pub supervisor: bool,
    pub undo_key: String,
    pub problem: Option<Problem>,
}

impl View for CounterSale {
    const TEMPLATE: &'static str = "agent/sale.html";

    fn samples() -> Vec<CounterSale> {
        let recent = |code: &str, word| RecentSale {
            code: code.into(),
            offer_name: "Credit <10>".into(),
            last4: "3456".into(),
            total: sample::gbp(1_000),
            word,
            at: sample::AT,
            zone: sample::ZONE.into(),
        };
        let plain = CounterSale {
            counter: CounterFrame::sample(),
            key: "01JD2M9Q0000000000000000AA".into(),
            typed: String::new(),
            shift: ShiftShown::Open,
            owed: 0,
            recent: vec![
                recent("7K2M9-QX4TB", CounterWord::Accepted),
                recent("7K2M9-QX4TC", CounterWord::Pending),
                recent("7K2M9-QX4TD", CounterWord::Failed),
            ],
            problem: None,
        };
        let unknown = Problem::refused(&domain::refusal::Refusal::LineUnknown);
        vec![
            CounterSale { typed: "0740012345".into(), problem: Some(unknown), ..plain.clone() },
            CounterSale { shift: ShiftShown::Closed, recent: Vec::new(), ..plain.clone() },
            CounterSale { shift: ShiftShown::Counted, owed: 2, ..plain.clone() },
            plain,
        ]
    }
}

impl View for CounterOffers {
    const TEMPLATE: &'static str = "agent/offers.html";

    fn samples() -> Vec<CounterOffers> {
        let choose = crate::view::Choose::samples().remove(0);
        let cards = choose.credit.into_iter().chain(choose.bundles).collect();
        let plain = CounterOffers {
            counter: CounterFrame::sample(),
            key: "01JD2M9Q0000000000000000AA".into(),
            msisdn: "447400123456".into(),
            number: "+44 7400 123456".into(),
            offers: cards,
            amount: String::new(),
            problem: None,
        };
        let amount = domain::offer::AmountRefused::OutOfRange;
        let problem = Some(Problem::refused(&domain::refusal::Refusal::AmountRefused(amount)));
        vec![
            CounterOffers { amount: "7".into(), problem, ..plain.clone() },
            CounterOffers { offers: Vec::new(), ..plain.clone() },
            plain,
        ]
    }
}

impl View for CounterPay {
    const TEMPLATE: &'static str = "agent/pay.html";

    fn samples() -> Vec<CounterPay> {
        let prices = sample::prices(1_000, 100, 30);
        let plain = CounterPay {
            counter: CounterFrame::sample(),
            key: "01JD2M9Q0000000000000000AA".into(),
            msisdn: "447400123456".into(),
            number: "+44 7400 123456".into(),
            offer: "gb-credit-10".into(),
            amount: None,
            offer_name: "Credit <10>".into(),
            benefit: Benefit::Credit,
            prices,
            taxes: crate::view::Review::samples().remove(0).taxes,
            bonus: None,
            expected_bonus: None,
            notes: domain::till::note_keys(prices.total),
            given: String::new(),
            takes_cards: true,
            cash: String::new(),
            id_passed: false,
            problem: None,
        };
        let examples = domain::counter::CounterRefusal::examples();
        let refused = |refusal: &domain::counter::CounterRefusal| CounterPay {
            problem: Some(Problem::refused(&domain::refusal::Refusal::Counter(*refusal))),
            given: "5".into(),
            ..plain.clone()
        };
        let cash_alone = CounterPay { takes_cards: false, ..plain.clone() };
        let checked = CounterPay { id_passed: true, ..plain.clone() };
        examples.iter().map(refused).chain([plain.clone(), cash_alone, checked]).collect()
    }
}

impl View for CounterNothing {
    const TEMPLATE: &'static str = "agent/nothing.html";

    fn samples() -> Vec<CounterNothing> {
        vec![CounterNothing { counter: CounterFrame::sample() }]
    }
}

impl View for CounterSold {
    const TEMPLATE: &'static str = "agent/sold.html";

    fn samples() -> Vec<CounterSold> {
        let of = |state| {
            let values = SentenceValues {
                state,
                amount: sample::gbp(1_000),
                bundle: None,
                answer_by: Some(sample::AT),
                reference: Some("7K2M9Q".into()),
                returned_at: Some(sample::AT),
                provider: None,
                zone: sample::ZONE.into(),
            };
            CounterSold {
                counter: CounterFrame::sample(),
                code: "7K2M9-QX4TB".into(),
                word: CounterWord::of(state),
                again: state == TopUpState::Paid,
                fresh: true,
                values,
                offer_name: "Credit <10>".into(),
                last4: "3456".into(),
                total: sample::gbp(1_000),
                tenders: vec![TenderShown {
                    kind: TenderKind::Cash,
                    amount: sample::gbp(1_000),
                    given: Some(sample::gbp(2_000)),
                    change: Some(sample::gbp(1_000)),
                }],
                sold_at: sample::AT,
                zone: sample::ZONE.into(),
                moving: state.is_moving(),
                asked: match state {
                    TopUpState::AwaitingPayment => Some(OnReader::UnderWay),
                    TopUpState::CheckingPayment => Some(OnReader::Offline),
                    _ => None,
                }
                .map(|on_reader| CardAsked { amount: sample::gbp(700), on_reader }),
                untaken: (state == TopUpState::Cancelled).then(|| sample::gbp(300)),
                owed: (state == TopUpState::Refunded).then(|| sample::gbp(1_000)),
                paper: PaperShown::Printed { near_end: false },
                proof: (state == TopUpState::Credited).then(QrShown::sample),
                mailed: state == TopUpState::Reversed,
                mails: true,
                undo_until: (state == TopUpState::Credited).then_some(sample::AT),
                supervisor: false,
                undo_key: "01JD2M9Q0000000000000000AB".into(),
                problem: None,
            }
        };
        let spent = domain::refusal::Refusal::CreditSpent { left: 0, given: 1, unit: "GBP".into() };
        let refused = CounterSold {
            problem: Some(Problem::refused(&spent)),
            supervisor: true,
            fresh: false,
            ..of(TopUpState::Credited)
        };
        let troubles = PrinterTrouble::ALL.iter().map(|trouble| PaperShown::Waiting(Some(*trouble)));
        let papers = troubles.chain([
            PaperShown::NoPrinter,
            PaperShown::Not,
            PaperShown::Printing,
            PaperShown::Printed { near_end: true },
            PaperShown::Unknown,
        ]);
        let papers: Vec<CounterSold> =
            papers.map(|paper| CounterSold { paper, ..of(TopUpState::Credited) }).collect();
        TopUpState::ALL.iter().map(|state| of(*state)).chain([refused]).chain(papers).collect()
    }
}
