//! The journal of a counter: every event with who and when, append-only. Closed lists, so that every word has its text.
//!
//! The office has its own audit ([`crate::audit`]); this one is what the people of an outlet read.

use crate::id::{ClerkId, DeviceId, PlaceId};
use crate::money::{Currency, Money};
use crate::states;
use crate::time::UnixMs;

states! {
    /// What happened at a counter.
    JournalEvent {
        DevicePaired = "device_paired",
        DeviceRevoked = "device_revoked",
        /// The card reader of a device was set or taken away.
        ReaderSet = "reader_set",
        /// The receipt printer of a device was set or taken away.
        PrinterSet = "printer_set",
        /// A pairing code was made.
        PairingMade = "pairing_made",
        Unlocked = "unlocked",
        PinWrong = "pin_wrong",
        /// By the key, by time, or because somebody else took over.
        Locked = "locked",
        /// A supervisor let a clerk in whom wrong tries had locked out.
        Overridden = "overridden",
        PinSet = "pin_set",
        ClerkAdded = "clerk_added",
        ClerkChanged = "clerk_changed",
        /// A clerk's PIN was taken away for a one-time code.
        PinReset = "pin_reset",
        ClerkSuspended = "clerk_suspended",
        ClerkBack = "clerk_back",
        Sold = "sold",
        /// A sale in training, of which nothing is real.
        Rehearsed = "rehearsed",
        /// A code was sent to a number whose holder wants to see the balance.
        BalanceAsked = "balance_asked",
        /// The holder proved the number, and the balance was shown.
        BalanceShown = "balance_shown",
        /// A customer was asked for a card at the reader.
        CardAsked = "card_asked",
        ShiftOpened = "shift_opened",
        PaidIn = "paid_in",
        PaidOut = "paid_out",
        Counted = "counted",
        /// A count was thrown away, to count anew.
        CountDropped = "count_dropped",
        ShiftClosed = "shift_closed",
        /// The business day of the outlet was closed.
        DayClosed = "day_closed",
        /// A customer got back the cash of a sale that did not stand.
        GivenBack = "given_back",
        Reversed = "reversed",
        /// A receipt was printed once more.
        Reprinted = "reprinted",
        /// A number was shown in full.
        Revealed = "revealed",
    }
}

/// One event. Free text and `subject` hold no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    pub place: PlaceId,
    /// A ULID.
    pub id: String,
    pub at: UnixMs,
    pub device: Option<DeviceId>,
    pub clerk: Option<ClerkId>,
    pub what: JournalEvent,
    /// The code of a top-up, or the id of what it was done to.
    pub subject: Option<String>,
    /// Of the number that it was about.
    pub last_four: Option<String>,
    pub amount: Option<Money>,
    pub reason: Option<String>,
}

/// What somebody looks for in a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalSearch {
    /// The newest first.
    All,
    LastFour(String),
    /// The code of a top-up.
    Code(String),
    /// An amount in minor units.
    Amount(i64),
}

impl JournalSearch {
    /// Reads what was typed: four digits are the end of a number, a code is a code, and anything else is an amount.
    pub fn read(text: &str, currency: Currency) -> Option<JournalSearch> {
        let text = text.trim();
        if text.is_empty() {
            return Some(JournalSearch::All);
        }
        if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Some(JournalSearch::LastFour(text.to_owned()));
        }
        if let Some(code) = crate::code::parse(text) {
            return Some(JournalSearch::Code(code));
        }
        Money::parse_decimal(text, currency).map(|amount| JournalSearch::Amount(amount.minor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixMs;

    #[test]
    fn what_is_typed_is_the_end_of_a_number_a_code_or_an_amount() {
        let code = crate::code::code(UnixMs(1_700_000_000_000), [7; 16]);
        for (typed, found) in [
            ("", Some(JournalSearch::All)),
            (" 0456 ", Some(JournalSearch::LastFour("0456".into()))),
            (code.to_lowercase().as_str(), Some(JournalSearch::Code(code.clone()))),
            ("10.5", Some(JournalSearch::Amount(1050))),
            ("10,50", Some(JournalSearch::Amount(1050))),
            ("10", Some(JournalSearch::Amount(1000))),
            ("10.555", None),
            ("ten", None),
            ("-5", None),
        ] {
            assert_eq!(JournalSearch::read(typed, "GBP".parse().unwrap()), found, "{typed}");
        }
        assert_eq!(JournalSearch::read("500", "JPY".parse().unwrap()), Some(JournalSearch::Amount(500)));
    }
}
