//! Print jobs: where a document for one printer stands, and what keeps a printer from printing.

use crate::states;

states! {
    /// Where a job stands.
    PrintJobState {
        /// Written down; nothing was sent.
        Queued = "queued",
        /// The printer said no, or could not be reached: it is tried again. Nothing was sent.
        Waiting = "waiting",
        /// About to be sent, or on its way.
        Sending = "sending",
        /// The printer has worked through it.
        Printed = "printed",
        /// Something was sent and nobody knows whether there is paper. Never sent again: a new job is a copy.
        Unknown = "unknown",
        /// It cannot be printed as it is.
        Refused = "refused",
        /// Somebody called it off before anything was sent.
        Cancelled = "cancelled",
        /// It waited too long; nothing was sent.
        Expired = "expired",
    }
}

impl PrintJobState {
    /// May it still be sent?
    pub fn is_open(self) -> bool {
        match self {
            PrintJobState::Queued | PrintJobState::Waiting | PrintJobState::Sending => true,
            PrintJobState::Printed
            | PrintJobState::Unknown
            | PrintJobState::Refused
            | PrintJobState::Cancelled
            | PrintJobState::Expired => false,
        }
    }

    /// Is there paper, or may there be? Then the next one is a copy.
    pub fn may_be_paper(self) -> bool {
        !matches!(self, PrintJobState::Refused | PrintJobState::Cancelled | PrintJobState::Expired)
    }
}

states! {
    /// What keeps a printer from printing.
    PrinterTrouble {
        PaperOut = "paper_out",
        CoverOpen = "cover_open",
        /// The cutter or another part needs a hand.
        Fault = "fault",
        /// It says that it is off line, and not why.
        Offline = "offline",
        /// Nobody answers at its address.
        Unreachable = "unreachable",
        /// It takes the connection and says nothing.
        Silent = "silent",
    }
}
