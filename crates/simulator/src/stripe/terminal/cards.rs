//! The cards that somebody can hold to a simulated reader, and what each makes happen there.
//! Start reading at [`READER_CARDS`]; the numbers are Stripe's where it has one
//! (docs.stripe.com/terminal/references/testing), ours (4000 0099 ...) for what it does not offer.

use crate::cards::{Card, Decline, Outcome};

/// What a card makes happen at a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtReader {
    /// Captured at once.
    Approved,
    /// Declined by its bank; the intent stays open.
    Declined(Decline),
    /// The reader waits for a PIN first.
    AsksPin,
    /// The last two digits of the amount decide, as on Stripe's physical test card.
    ByAmount,
    /// The bank takes its time: twenty seconds, or until it is told to answer.
    Slow,
    /// The reader loses its line while the bank answers, and says so; the money is taken or not.
    LineLost { taken: bool },
    /// The reader loses its power while the bank answers, and says nothing; the money is taken or not.
    PowerLost { taken: bool },
    /// Somebody pulls the card out before it was read.
    Removed,
}

/// A card and what it does at a reader.
#[derive(Debug)]
pub struct ReaderCard {
    /// The card, as charges show it.
    pub card: Card,
    /// What it does.
    pub does: AtReader,
}

const fn card(
    number: &'static str,
    does: AtReader,
    english: &'static str,
    chinese: &'static str,
) -> ReaderCard {
    let card = Card { number, brand: "visa", token: None, outcome: Outcome::Succeeds, english, chinese };
    ReaderCard { card, does }
}

const fn declined(decline_code: &'static str, message: &'static str) -> Decline {
    Decline { code: "card_declined", decline_code: Some(decline_code), message }
}

const GENERIC: Decline = declined("generic_decline", "Your card was declined.");
/// A wrong PIN.
pub const WRONG_PIN: Decline = declined("incorrect_pin", "Your PIN is incorrect.");
const INSUFFICIENT: Decline = declined("insufficient_funds", "Your card has insufficient funds.");

/// Every card that a reader takes.
pub const READER_CARDS: &[ReaderCard] = &[
    card("4242424242424242", AtReader::Approved, "Approved at once", "立即批准"),
    card("4001000360000005", AtReader::AsksPin, "Asks for a PIN", "需要输入密码"),
    card("4000000000000002", AtReader::Declined(GENERIC), "Declined by the bank", "被银行拒绝"),
    card("4000000000009995", AtReader::Declined(INSUFFICIENT), "Insufficient funds", "余额不足"),
    card(
        "4000009900000145",
        AtReader::ByAmount,
        "The amount decides: .00 approves, .01 .05 .55 .65 .75 decline",
        "由金额末两位决定：.00 批准，.01 .05 .55 .65 .75 拒绝",
    ),
    card("4000009900000152", AtReader::Slow, "Approved after a while", "稍后批准"),
    card("4000009900000160", AtReader::Removed, "Taken out too early", "过早拔卡"),
    card(
        "4000009900000178",
        AtReader::LineLost { taken: true },
        "Money taken; the reader loses its line",
        "已扣款，读卡器断网",
    ),
    card(
        "4000009900000186",
        AtReader::LineLost { taken: false },
        "Nothing taken; the reader loses its line",
        "未扣款，读卡器断网",
    ),
    card(
        "4000009900000194",
        AtReader::PowerLost { taken: true },
        "Money taken; the reader loses its power",
        "已扣款，读卡器断电",
    ),
    card(
        "4000009900000202",
        AtReader::PowerLost { taken: false },
        "Nothing taken; the reader loses its power",
        "未扣款，读卡器断电",
    ),
];

/// The card of this number; spaces and dashes do not matter.
pub fn by_number(typed: &str) -> Option<&'static ReaderCard> {
    let digits: String = typed.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    READER_CARDS.iter().find(|held| held.card.number == digits)
}

/// What the last two digits of an amount do (docs.stripe.com/terminal/references/testing, "Physical test cards").
pub fn by_amount(minor: i64) -> Option<Decline> {
    match minor.rem_euclid(100) {
        1 => Some(declined("call_issuer", "Your card was declined. Your request was in test mode.")),
        5 => Some(GENERIC),
        55 => Some(WRONG_PIN),
        65 => Some(declined("withdrawal_count_limit_exceeded", "Your card has exceeded its limit.")),
        75 => Some(declined("pin_try_exceeded", "The allowable number of PIN tries was exceeded.")),
        _ => None,
    }
}

/// Declined although the card is fine: somebody asked for it.
pub fn refusal() -> Decline {
    GENERIC
}

/// What pays when the reader is asked to approve and no card of ours was named.
pub fn plain() -> &'static ReaderCard {
    &READER_CARDS[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_card_has_a_valid_check_digit_and_is_listed_once() {
        for held in READER_CARDS {
            let digits = held.card.number.bytes().rev().enumerate();
            let sum: u32 = digits
                .map(|(at, byte)| {
                    let digit = u32::from(byte - b'0') * if at % 2 == 1 { 2 } else { 1 };
                    digit / 10 + digit % 10
                })
                .sum();
            assert_eq!(sum % 10, 0, "{}", held.card.number);
            let same = |other: &&ReaderCard| other.card.number == held.card.number;
            assert_eq!(READER_CARDS.iter().filter(same).count(), 1);
        }
    }

    #[test]
    fn the_endings_of_amounts_decline_as_stripe_publishes_them() {
        let code = |minor| by_amount(minor).and_then(|decline| decline.decline_code);
        assert_eq!(code(2500), None);
        assert_eq!(code(1001), Some("call_issuer"));
        assert_eq!(code(1005), Some("generic_decline"));
        assert_eq!(code(1055), Some("incorrect_pin"));
        assert_eq!(code(1065), Some("withdrawal_count_limit_exceeded"));
        assert_eq!(code(1075), Some("pin_try_exceeded"));
    }
}
