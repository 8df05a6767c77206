//! Why a counter does not sell, or not take back, besides what holds in every channel.

use crate::agent::OverLimit;
use crate::outlet::CannotSell;
use crate::tender::TendersRefused;

/// What is wrong at the counter. Nothing was taken and nothing was sold.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum CounterRefusal {
    #[error("this outlet sells nothing now: {0}")]
    Outlet(CannotSell),
    #[error("this offer is not among those that the outlet sells")]
    OfferNotAllowed,
    #[error("the sale is over a limit: {0}")]
    OverLimit(OverLimit),
    #[error("no shift is open at this device")]
    ShiftNotOpen,
    #[error("the shift of this device was counted and takes nothing more")]
    ShiftCounted,
    #[error("what is handed over does not pay for the sale: {0}")]
    Tenders(TendersRefused),
    #[error("the sale was not made at this outlet")]
    ElsewhereSold,
    #[error("a supervisor has to agree")]
    SupervisorNeeded,
    #[error("the clerk is in training, and nothing of it is real")]
    Training,
    #[error("no card reader is set up at this device")]
    NoReader,
    #[error("the card reader is busy with another payment")]
    ReaderBusy,
    #[error("no printer is set up at this device")]
    NoPrinter,
    #[error("the printer does not know these letters")]
    NoLetters,
    #[error("too much waits for the printer")]
    PrinterFull,
    #[error("the receipt goes to an address already")]
    MailedBefore,
    #[error("there is no receipt to send, or no mail server")]
    NothingToMail,
    #[error("this sale needs a look at an identity document, and none has passed for it")]
    IdCheckNeeded,
}

impl CounterRefusal {
    /// The code that machines read.
    pub fn code(self) -> &'static str {
        match self {
            CounterRefusal::Outlet(_) => "outlet_cannot_sell",
            CounterRefusal::OfferNotAllowed => "offer_not_allowed",
            CounterRefusal::OverLimit(OverLimit::PerSale) => "over_sale_limit",
            CounterRefusal::OverLimit(OverLimit::ClerkDay) => "over_clerk_limit",
            CounterRefusal::OverLimit(OverLimit::OutletDay) => "over_outlet_limit",
            CounterRefusal::ShiftNotOpen => "shift_not_open",
            CounterRefusal::ShiftCounted => "shift_counted",
            CounterRefusal::Tenders(_) => "tenders_refused",
            CounterRefusal::ElsewhereSold => "sold_elsewhere",
            CounterRefusal::SupervisorNeeded => "supervisor_needed",
            CounterRefusal::Training => "in_training",
            CounterRefusal::NoReader => "no_reader",
            CounterRefusal::ReaderBusy => "reader_busy",
            CounterRefusal::NoPrinter => "no_printer",
            CounterRefusal::NoLetters => "no_letters",
            CounterRefusal::PrinterFull => "printer_full",
            CounterRefusal::MailedBefore => "mailed_before",
            CounterRefusal::NothingToMail => "nothing_to_mail",
            CounterRefusal::IdCheckNeeded => "id_check_needed",
        }
    }

    /// One of each code.
    pub fn examples() -> Vec<CounterRefusal> {
        let over = OverLimit::ALL.iter().copied().map(CounterRefusal::OverLimit);
        let plain = [
            CounterRefusal::Outlet(CannotSell::OutletSuspended),
            CounterRefusal::OfferNotAllowed,
            CounterRefusal::ShiftNotOpen,
            CounterRefusal::ShiftCounted,
            CounterRefusal::Tenders(TendersRefused::NotTheTotal),
            CounterRefusal::ElsewhereSold,
            CounterRefusal::SupervisorNeeded,
            CounterRefusal::Training,
            CounterRefusal::NoReader,
            CounterRefusal::ReaderBusy,
            CounterRefusal::NoPrinter,
            CounterRefusal::NoLetters,
            CounterRefusal::PrinterFull,
            CounterRefusal::MailedBefore,
            CounterRefusal::NothingToMail,
            CounterRefusal::IdCheckNeeded,
        ];
        over.chain(plain).collect()
    }
}
