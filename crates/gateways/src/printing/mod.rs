//! Printing on paper: the role of a receipt printer ([`Printer`]), and the client for one in the network that speaks
//! ESC/POS. Start at [`Printed`]: paper that may have come out is never printed a second time without the word COPY,
//! so the difference between "nothing was sent" and "nobody knows" is kept to the end.

mod address;
mod commands;
mod network;
mod status;

pub use address::{BadAddress, PrinterAddress};
pub use commands::{NotEncodable, encode, needs_raster};
pub use network::{NetworkPrinter, TimeLimits};
pub use status::{Condition, Trouble};

use domain::slip::Slip;
use futures_util::future::BoxFuture;

/// What became of a slip that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Printed {
    /// The printer has worked through all of it.
    Accepted { paper_near_end: bool },
    /// It never will be: the slip itself cannot be printed as it is.
    Refused { why: NotEncodable },
    /// Nothing was sent: the printer says why, or cannot be reached. It may be sent later.
    NotSent { trouble: Trouble },
    /// Something was sent, and no word came back that it was printed: there may be paper, or half of one.
    Unknown { why: String, trouble: Option<Trouble> },
}

/// A receipt printer.
pub trait Printer: Send + Sync {
    /// Prints a slip.
    fn print<'a>(&'a self, at: PrinterAddress, slip: &'a Slip) -> BoxFuture<'a, Printed>;
    /// How the printer stands; prints nothing.
    fn condition(&self, at: PrinterAddress) -> BoxFuture<'_, Condition>;
}
